"""The rows of a roster file: what is wrong with a cell, what dates mean, and the way there and back."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.imports import RosterFileError, RosterRow, RowProblem, guess_columns, read_rows, read_table

from .rosters import ANA_LINE, HEADER, TODAY, errors_of, rows_of


@pytest.mark.parametrize(
    ("field", "value", "column", "kind"),
    [
        ("Ana", "=1+1", "first name", "formula"),
        ("Ana", "+1(2)", "first name", "formula"),
        ("Ana", "@Ana", "first name", "not-a-name"),
        ("Ana", "-Ana", "first name", "not-a-name"),
        ("Ana", "12", "first name", "not-a-name"),
        ("Ana", "An\u202ea", "first name", "hidden"),
        ("Ana", "An\ufffda", "first name", "hidden"),
        ("Ana", "<b>Ana</b>", "first name", "markup"),
        ("Ana", "A" * 101, "first name", "too-long"),
        ("Ana", " \u00a0 ", "first name", "no-name"),
        ("Caseworker", "=cmd|'/c calc'!A1", "job title", "formula"),
        ("Intake", "T" * 121, "team", "too-long"),
        ("ana@x.example", "ana at x.example", "email", "bad-email"),
        ("ana@x.example", "ana@x.example; b@x.example", "email", "bad-email"),
        ("2024-01-31", "soon", "hire date", "not-a-date"),
        ("2024-01-31", "31.02.2024", "hire date", "impossible-date"),
        ("2024-01-31", "1824-01-31", "hire date", "date-too-early"),
        ("2024-01-31", "2027-11-23", "hire date", "date-too-late"),
    ],
)
def test_a_cell_that_cannot_be_right_is_named(field, value, column, kind):
    cells = [value if cell == field else cell for cell in ANA_LINE.split(",")]
    stream = io.StringIO()
    csv.writer(stream).writerows([HEADER.split(","), cells])
    assert errors_of(stream.getvalue()) == [(2, column, kind)]


def test_names_that_look_odd_but_are_names_pass():
    names = ["Null", "Na", "D'Angelo", "X Æ", "Nuñez-O'Brien", "李", "None"]
    people = "".join(f"Ana,{name},a{at}@x.example,,Intake,,\n" for at, name in enumerate(names))
    rows, problems = rows_of(f"{HEADER}\n{people}")
    assert problems == []
    assert [row.last_name for row in rows] == names


def test_words_for_nothing_say_nothing():
    rows, problems = rows_of(f"{HEADER}\nAna,Lopez,ana@x.example,n/a,Intake,None,-\n")
    assert problems == []
    assert (rows[0].job_title, rows[0].supervisor_ref, rows[0].hired_on) == ("", "", None)


def test_a_new_hire_within_a_year_is_fine():
    rows, problems = rows_of(f"{HEADER}\n{ANA_LINE.replace('2024-01-31', '2027-11-01')}\n")
    assert problems == []
    assert rows[0].hired_on == date(2027, 11, 1)


def dated(*days: str, column: str = "hire date") -> tuple[list[RosterRow], list[RowProblem]]:
    people = "".join(f"Ana L{at},a{at}@x.example,Intake,{day}\n" for at, day in enumerate(days))
    return rows_of(f"name,email,team,{column}\n{people}")


def test_one_day_over_twelve_settles_how_a_whole_column_is_read_and_that_is_said():
    rows, problems = dated("03/04/2024", "25/04/2024")
    assert [row.hired_on for row in rows] == [date(2024, 4, 3), date(2024, 4, 25)]
    assert [(p.column, p.severity, p.kind) for p in problems] == [("hire date", "question", "date-order")]
    assert "day/month/year" in problems[0].reason


def test_dates_that_could_be_read_both_ways_are_american_and_that_is_said():
    rows, problems = dated("03/04/2024", "05/06/2024")
    assert rows[0].hired_on == date(2024, 3, 4)
    assert "month/day/year" in problems[0].reason
    assert dated("03/04/2024", "05/16/2024")[1] == []


def test_one_slip_does_not_turn_a_column_around():
    _rows, problems = dated("04/25/2024", "04/26/2024", "13/05/2024")
    assert [(p.row, p.kind) for p in problems] == [(4, "impossible-date")]
    assert "month/day/year" in problems[0].reason


def test_a_column_that_leaves_it_open_follows_the_other_date_column():
    text = "name,email,team,hire date,left on\nAna L,a@x.example,Intake,25/04/2024,03/04/2025\n"
    assert rows_of(text)[0][0].left_on == date(2025, 4, 3)


def employed(status: str, left_on: str, hired_on: str = "2020-01-01") -> tuple[RosterRow, list[str]]:
    text = (
        f"name,email,team,hire date,left on,status\nAna L,a@x.example,Intake,{hired_on},{left_on},{status}\n"
    )
    rows, problems = rows_of(text)
    return rows[0], [p.kind for p in problems]


@pytest.mark.parametrize(
    ("status", "left_on", "active", "kept", "kinds"),
    [
        ("Active", "", True, None, []),
        ("", "", True, None, []),
        ("Terminated", "2026-10-31", False, date(2026, 10, 31), []),
        ("", "2026-11-21", False, date(2026, 11, 21), []),
        ("Terminated", "", False, None, []),
        ("", "2026-11-22", True, date(2026, 11, 22), ["leaves-later"]),
        ("Terminated", "2026-12-31", True, date(2026, 12, 31), ["leaves-later"]),
        ("Active", "2026-10-31", True, None, ["left-but-active"]),
        ("Active", "9999-12-31", True, None, []),
        ("On sabbatical?", "", True, None, ["status"]),
    ],
)
def test_status_and_leaving_date_together_say_who_works_here(status, left_on, active, kept, kinds):
    row, found = employed(status, left_on)
    assert (row.active, row.left_on, found) == (active, kept, kinds)


def test_leaving_before_being_hired_is_refused_unless_somebody_was_hired_again():
    assert employed("", "2019-01-01")[1] == ["left-before-hired"]
    assert employed("Active", "2019-01-01")[1] == []


def test_an_employee_number_used_twice_is_refused_in_both_rows():
    text = "employee id,name,email\n0007,Ana Lopez,ana@x.example\n7,Wei Chen,wei@x.example\n"
    assert errors_of(text) == [
        (2, "employee id", "employee_number-twice"),
        (3, "employee id", "employee_number-twice"),
    ]


def test_an_earlier_employment_beside_the_current_one_is_left_out():
    text = (
        "employee id,name,email,team,status\n7,Ana Lopez,ana@x.example,Intake,Terminated\n"
        "7,Ana Lopez,ANA_LINE@x.example,Crisis,Active\n"
    )
    rows, problems = rows_of(text)
    assert [row.team for row in rows] == ["Crisis"]
    assert [(p.row, p.severity, p.kind) for p in problems] == [(2, "question", "earlier-employment")]


def test_somebody_who_left_needs_no_email_when_there_is_a_number():
    text = (
        "employee id,name,email,team,status\n7,Ana Lopez,,Intake,Terminated\n,Wei Chen,,Intake,Terminated\n"
    )
    assert errors_of(text) == [(3, "email", "no-email")]


# Whatever is written out comes back

LETTERS = st.text("abcdefghijklmnopqrstuvwxyzáéíóúñüöçå'-", min_size=1, max_size=12).map(
    lambda text: "K" + text
)
DAYS = st.dates(date(1950, 1, 1), date(2026, 12, 31))
PERSON = st.tuples(
    LETTERS, LETTERS, st.sampled_from(["Intake", "Crisis, East", 'The "A" team', "a|b;c"]), DAYS
)
WRITTEN = {
    "iso": "%Y-%m-%d",
    "us": "%m/%d/%Y",
    "european": "%d/%m/%Y",
    "dotted": "%d.%m.%Y",
    "worded": "%d %b %Y",
    "american words": "%B %d, %Y",
}


@settings(max_examples=120, deadline=None)
@given(
    people=st.lists(PERSON, min_size=1, max_size=8),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    written=st.sampled_from(sorted(WRITTEN)),
    title=st.integers(0, 4),
    one_name=st.booleans(),
)
def test_a_roster_comes_back_as_it_was_written(people, separator, encoding, written, title, one_name):
    # One date that can be read in one way only, as any real column has.
    people = [*people, ("Kim", "Lee", "Intake", date(2020, 1, 25))]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator)
    writer.writerows([[]] * title)
    writer.writerow(
        ["Name" if one_name else "First name", *([] if one_name else ["Last name"]), "Email", "Team", "Hired"]
    )
    for at, (first, last, team, day) in enumerate(people):
        name = [f"{last}, {first}"] if one_name else [first, last]
        writer.writerow([*name, f"p{at}@x.example", team, day.strftime(WRITTEN[written])])
    rows, problems = rows_of(stream.getvalue().encode(encoding))
    assert [p for p in problems if p.kind != "date-order"] == []
    assert [(row.first_name, row.last_name, row.team, row.hired_on) for row in rows] == people
    assert [row.row for row in rows] == [title + 2 + at for at in range(len(people))]


@settings(max_examples=150, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=400), st.text(max_size=400).map(lambda text: f"{HEADER}\n{text}".encode())
    )
)
def test_no_bytes_whatsoever_break_the_reader(data):
    try:
        table = read_table(data, "x")
    except RosterFileError:
        return
    rows, problems = read_rows(table, guess_columns(table), TODAY)
    assert rows or problems
