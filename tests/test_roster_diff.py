"""What a roster file would change about the people who are known."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.imports import RosterRow
from rollout.roster import PersonRef, compare

from .rosters import ANA, ANA_ROW, NOTHING, TODAY, applied, clearwater, counts, kinds, person, preview, row

# The samples


def test_the_first_roster_enrolls_everybody_and_asks_about_six_pairs_of_names():
    found = preview("clearwater.csv")
    assert found.counts() == counts(new=120)
    assert found.errors == ()
    assert found.applicable
    assert not found.needs_confirmation
    assert [problem.rows for problem in found.questions] == [
        (20, 25),
        (40, 68),
        (48, 53),
        (51, 118),
        (59, 65),
        (73, 120),
    ]
    assert "Tomás Brown" in found.questions[0].reason
    assert len(found.new_teams) == 8


def test_the_teams_of_the_first_roster_get_the_supervisor_their_people_name():
    found = preview("clearwater.csv")
    assert {team: (ref.name, ref.row) for team, ref in found.team_supervisors.items()} == {
        "Intake": ("Dana Whitehorse", 2),
        "Family Preservation": ("Luis Ortega", 3),
        "Foster Care North": ("Priya Raman", 4),
        "Foster Care South": ("Tom Becker", 5),
        "Outpatient Therapy": ("Grace Adeyemi", 6),
        "Crisis Response": ("Siobhán Walsh", 7),
        "Records and Front Desk": ("Carla Mendes", 8),
    }


def test_the_same_file_again_changes_nothing_and_asks_nothing():
    known, teams = clearwater()
    found = preview("clearwater.csv", known, teams)
    assert found.counts() == counts(unchanged=120)
    assert found.questions == found.errors == found.supervisor_changes == found.new_teams == ()
    assert not found.has_changes


def test_next_month_shows_five_new_four_leaving_three_moved_two_changed_and_applies_once():
    known, teams = clearwater()
    found = preview("clearwater_next_month.csv", known, teams)
    assert found.counts() == counts(new=5, leaving=4, moved=3, changed=2, unchanged=111)
    assert {update.name: dict(update.changes) for update in found.changed} == {
        "Renée Whitfield-Nguyen": {"last_name": ("Nguyen", "Whitfield-Nguyen")},
        "Paula Brown": {"email": ("paula.brown@clearwater.example", "new.paula.brown@clearwater.example")},
    }
    assert {update.name: dict(update.changes) for update in found.moved} == {
        "Samir Yazzie": {"team": ("Records and Front Desk", "Outpatient Therapy")},
        "Héctor de la Cruz": {"team": ("Foster Care South", "Crisis Response")},
        "Thuy Davis": {"team": ("Crisis Response", "Records and Front Desk")},
    }
    assert [update.name for update in found.leaving] == [
        "Kofi Begaye",
        "Carla Lopez",
        "Priya Lopez",
        "Fatima Núñez",
    ]
    assert {values["left_on"] for key, values in found.updates.items() if "left_on" in values} == {TODAY}
    assert found.supervisor_changes == found.questions == found.errors == ()
    known, teams = applied(found, known, teams)
    assert preview("clearwater_next_month.csv", known, teams).counts() == counts(unchanged=121)


def test_the_payroll_export_leaves_out_who_has_left_already():
    found = preview("hr_export_semicolon_latin1.csv")
    assert found.counts() == counts(new=78)
    assert [left.name for left in found.already_left] == ["María Wilson", "Quinn García"]
    assert found.errors == ()
    assert found.team_supervisors["Intake"] == PersonRef("Dana Whitehorse", None, 2)


def test_the_payroll_export_after_the_roster_brings_numbers_and_asks_whether_it_is_the_whole_roster():
    known, teams = clearwater()
    found = preview("hr_export_semicolon_latin1.csv", known, teams)
    assert found.counts() == counts(changed=78, leaving=42)
    assert all(update.changes.keys() == {"employee_number"} for update in found.changed)
    assert [(u.name, u.values["left_on"]) for u in found.leaving if u.row] == [
        ("María Wilson", date(2026, 10, 31)),
        ("Quinn García", date(2026, 10, 31)),
    ]
    assert kinds(found) == [(None, "part-of-roster")]
    assert found.needs_confirmation
    known, teams = applied(found, known, teams)
    assert preview("hr_export_semicolon_latin1.csv", known, teams).counts() == counts(unchanged=80)
    assert preview("clearwater.csv", known, teams).counts() == counts(returning=42, unchanged=78)


def test_full_names_in_the_workbook_are_the_same_people_as_in_the_csv():
    known, teams = clearwater()
    found = preview("staff_list_with_title_rows.xlsx", known, teams)
    assert found.counts() == counts(unchanged=59, leaving=61)
    assert preview("staff_list_with_title_rows.xlsx").counts() == counts(new=59)


@pytest.mark.parametrize("enrolled", [True, False])
def test_the_bad_file_is_refused_with_every_row_named(enrolled):
    known, teams = clearwater() if enrolled else ([], {})
    found = preview("bad.csv", known, teams)
    assert not found.applicable
    assert {problem.row for problem in found.errors} == set(range(2, 12))
    named = {(problem.row, problem.column, problem.kind) for problem in found.errors}
    assert (5, "supervisor", "unknown-supervisor") in named
    assert (10, "supervisor", "own-supervisor") in named
    if enrolled:
        assert len(named) == 12
        assert (2, "supervisor", "unknown-supervisor") not in named


# Who is who


def test_people_are_recognized_by_number_then_email_then_name_and_hire_date():
    day = date(2020, 1, 2)
    known = [
        person(1, "Ana", "Lopez", employee_number="0007"),
        person(2, "Wei", "Chen"),
        person(3, "Emma", "Davis", hired_on=day),
    ]
    rows = [
        row(2, "Ana", "Lopez", "ana.new@x.example", employee_number="7"),
        row(3, "Wei", "Chen-Wu", "wei.chen@x.example"),
        row(4, "EMMA", "DAVIS", "emma.new@x.example", hired_on=day),
    ]
    found = compare(rows, known, today=TODAY)
    assert found.updates == {
        1: {"email": "ana.new@x.example"},
        2: {"last_name": "Chen-Wu"},
        3: {"email": "emma.new@x.example"},
    }


def test_a_name_and_hire_date_that_two_people_share_recognize_nobody():
    day = date(2020, 1, 2)
    known = [
        person(1, "Ana", "Lopez", "a1@x.example", hired_on=day),
        person(2, "Ana", "Lopez", "a2@x.example", hired_on=day),
    ]
    found = compare([row(2, "Ana", "Lopez", "new@x.example", hired_on=day)], known, today=TODAY)
    assert found.counts() == counts(new=1, leaving=2)
    assert kinds(found) == [(2, "same-name-on-roster")]


def test_different_employee_numbers_are_different_people_even_with_one_name_and_hire_date():
    known = [replace(ANA, employee_number="7")]
    found = compare([replace(ANA_ROW, email="new@x.example", employee_number="8")], known, today=TODAY)
    assert found.counts() == counts(new=1, leaving=1)
    assert "ana.lopez@x.example" in found.questions[0].reason


def test_one_name_in_two_rows_is_a_question_as_long_as_one_of_them_is_new():
    twin = replace(ANA_ROW, row=3, email="ana2@x.example", hired_on=date(2024, 5, 6))
    found = compare([ANA_ROW, twin], [ANA], today=TODAY)
    assert found.counts() == counts(new=1, unchanged=1)
    assert kinds(found) == [(2, "same-name")]
    known, _teams = applied(found, [ANA], {})
    assert compare([ANA_ROW, twin], known, today=TODAY).questions == ()


def test_one_name_with_one_hire_date_is_said_to_be_likely_one_person():
    twin = replace(ANA_ROW, row=3, email="ana2@x.example")
    assert "as is likely" in compare([ANA_ROW, twin], [], today=TODAY).questions[0].reason


def test_a_number_or_address_that_passes_to_another_name_has_to_be_confirmed():
    for known in (replace(ANA, email="wei@x.example"), replace(ANA, employee_number="7")):
        found = compare([row(2, "Wei", "Chen", "wei@x.example", employee_number="7")], [known], today=TODAY)
        assert found.counts() == counts(changed=1)
        assert kinds(found) == [(2, "another-person")]
        assert found.needs_confirmation


def test_a_new_surname_or_a_new_first_name_alone_needs_no_confirmation():
    for name in ({"last_name": "Ortiz"}, {"first_name": "Alex"}):
        assert compare([replace(ANA_ROW, **name)], [ANA], today=TODAY).questions == ()


def test_an_address_that_somebody_else_would_keep_is_refused():
    known = [replace(ANA, employee_number="7"), person(2, "Wei", "Chen", left_on=date(2025, 1, 1))]
    found = compare([replace(ANA_ROW, employee_number="7", email="wei.chen@x.example")], known, today=TODAY)
    assert [(problem.row, problem.kind) for problem in found.errors] == [(2, "email-taken")]
    assert "Wei Chen" in found.errors[0].reason


def test_two_people_may_swap_their_addresses():
    known = [person(1, "Ana", "Lopez", "a@x.example", employee_number="1")]
    known.append(person(2, "Wei", "Chen", "w@x.example", employee_number="2"))
    rows = [row(2, "Ana", "Lopez", "w@x.example", employee_number="1")]
    rows.append(row(3, "Wei", "Chen", "a@x.example", employee_number="2"))
    found = compare(rows, known, today=TODAY)
    assert found.errors == ()
    assert found.updates == {1: {"email": "w@x.example"}, 2: {"email": "a@x.example"}}


# What counts as a change


def test_an_empty_cell_leaves_what_is_known():
    assert compare([row(2, "Ana", "Lopez")], [ANA], today=TODAY).counts() == counts(unchanged=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"team": "INTAKE"},
        {"first_name": "ANA", "last_name": "LOPEZ"},
        {"employee_number": "7"},
    ],
)
def test_another_way_of_writing_is_no_change(fields):
    known = [replace(ANA, employee_number="007", email="Ana.Lopez@X.example")]
    assert compare([replace(ANA_ROW, **fields)], known, today=TODAY).counts() == counts(unchanged=1)


def test_where_a_full_name_is_cut_is_no_change_but_a_column_for_each_part_is():
    known = [replace(ANA, first_name="Ana María", last_name="Lopez")]
    cut = {"first_name": "Ana", "last_name": "María Lopez"}
    full = replace(ANA_ROW, **cut, headers={"full_name": "Name"})
    assert compare([full], known, today=TODAY).counts() == counts(unchanged=1)
    parts = replace(ANA_ROW, **cut, headers={"first_name": "First", "last_name": "Last"})
    assert compare([parts], known, today=TODAY).counts() == counts(changed=1)


def test_who_moves_and_changes_stands_under_moved_with_everything():
    found = compare([replace(ANA_ROW, team="Crisis", job_title="Lead")], [ANA], today=TODAY)
    assert found.counts() == counts(moved=1)
    assert found.updates == {1: {"job_title": "Lead", "team": "Crisis"}}
    assert found.new_teams == ("Crisis",)


def test_a_team_keeps_the_spelling_of_the_roster():
    found = compare(
        [replace(ANA_ROW, team="crisis  RESPONSE")], [ANA], today=TODAY, teams={"Crisis Response": None}
    )
    assert found.updates == {1: {"team": "Crisis Response"}}
    assert found.new_teams == ()
    two = [row(2, "Ana", "Lopez", team="Night shift"), row(3, "Wei", "Chen", team="NIGHT SHIFT")]
    assert {new.team for new in compare(two, [], today=TODAY).new} == {"Night shift"}


# Leaving and coming back


def test_who_is_missing_leaves_today_and_who_left_before_is_not_touched():
    known = [ANA, person(2, "Wei", "Chen"), person(3, "Emma", "Davis", left_on=date(2025, 1, 1))]
    found = compare([ANA_ROW], known, today=TODAY)
    assert found.updates == {2: {"left_on": TODAY}}
    assert found.leaving[0].row is None


def test_who_is_marked_as_left_leaves_on_that_day_or_else_today():
    for left_on in (date(2026, 10, 31), None):
        found = compare([replace(ANA_ROW, active=False, left_on=left_on, job_title="x")], [ANA], today=TODAY)
        assert found.updates == {1: {"left_on": left_on or TODAY}}


def test_a_later_file_may_correct_the_leaving_date():
    gone = replace(ANA, left_on=TODAY)
    marked = replace(ANA_ROW, active=False, left_on=date(2026, 10, 31))
    assert compare([marked], [gone], today=TODAY).updates == {1: {"left_on": date(2026, 10, 31)}}
    assert compare([replace(marked, left_on=None)], [gone], today=TODAY).counts() == counts(unchanged=1)


def test_who_left_and_is_back_returns():
    gone = replace(ANA, left_on=date(2025, 1, 1))
    found = compare([replace(ANA_ROW, team="Crisis")], [gone], today=TODAY)
    assert found.counts() == counts(returning=1)
    assert found.updates == {1: {"team": "Crisis", "left_on": None}}


def test_who_works_here_is_recognized_before_somebody_who_left_with_the_same_number():
    known = [
        replace(ANA, key=9, left_on=date(2020, 1, 1), employee_number="7"),
        replace(ANA, employee_number="7"),
    ]
    assert compare([replace(ANA_ROW, employee_number="7")], known, today=TODAY).unchanged[0].person.key == 1


def test_no_rows_at_all_send_nobody_away():
    assert compare([], [ANA], today=TODAY).counts() == NOTHING


@pytest.mark.parametrize(
    ("total", "gone", "asked"), [(10, 4, False), (16, 5, True), (20, 6, False), (20, 7, True)]
)
def test_a_file_that_sends_many_away_asks_whether_it_is_the_whole_roster(total, gone, asked):
    known = [person(at, "Ana", f"L{at}") for at in range(total)]
    rows = [row(at, "Ana", f"L{at}") for at in range(gone, total)]
    found = compare(rows, known, today=TODAY)
    assert len(found.leaving) == gone
    assert found.needs_confirmation is asked
    assert found.applicable


# In any order, and again


PEOPLE = st.lists(
    st.builds(
        RosterRow,
        row=st.just(0),
        first_name=st.sampled_from(["Ana", "José", "Wei"]),
        last_name=st.sampled_from(["Lopez", "St. John", "Chen"]),
        email=st.integers(0, 14).map(lambda at: f"p{at}@x.example"),
        job_title=st.sampled_from(["", "Lead"]),
        team=st.sampled_from(["Intake", "INTAKE", "Crisis", ""]),
        employee_number=st.sampled_from(["", "1", "2", "3"]),
        hired_on=st.sampled_from([None, date(2020, 1, 2), date(2021, 3, 4)]),
        active=st.booleans(),
    ),
    max_size=8,
    unique_by=(lambda person: person.email, lambda person: person.employee_number or object()),
).map(lambda rows: [replace(person, row=at) for at, person in enumerate(rows, start=2)])


@settings(max_examples=200, deadline=None)
@given(first=PEOPLE, second=PEOPLE)
def test_everybody_stands_in_one_list_and_a_file_applied_once_changes_nothing_again(first, second):
    known, teams = applied(compare(first, [], today=TODAY), [], {})
    found = compare(second, known, today=TODAY, teams=teams)
    lists = (found.new, found.changed, found.moved, found.leaving, found.returning, found.unchanged)
    rows = [row.row for row in (*found.new, *found.already_left)]
    rows += [entry.row.row for part in lists[1:] for entry in part if entry.row]
    assert sorted(rows) == [row.row for row in second]
    keys = [entry.person.key for part in lists[1:] for entry in part]
    assert len(keys) == len(set(keys))
    assert found == compare(second, known, today=TODAY, teams=teams)
    if found.applicable:
        known, teams = applied(found, known, teams)
        for values in ([p.email for p in known], [p.employee_number for p in known if p.employee_number]):
            assert len(values) == len(set(values))
        again = compare(second, known, today=TODAY, teams=teams)
        assert not again.has_changes
        assert again.counts() == counts(unchanged=len(second) - len(again.already_left))
