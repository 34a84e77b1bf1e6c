"""Roster files as they come: every sample, every way a file can be written, and every way it can be none."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from rollout.imports import (
    RosterFileError,
    RosterRow,
    column_problems,
    guess_columns,
    read_rows,
    read_table,
    unknown_columns,
)

from .rosters import ANA_LINE, HEADER, TODAY, errors_of, rows_of, sample


def workbook(*sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


PEOPLE = [["Name", "Email", "Team", "Start"], ["Ana Lopez", "ana@x.example", "Intake", date(2024, 1, 31)]]


# The samples


def test_clearwater_is_read_whole_and_without_a_problem():
    rows, problems = rows_of(sample("clearwater.csv"))
    assert len(rows) == 120
    assert problems == []
    assert rows[-1] == RosterRow(
        row=121,
        first_name="Luis",
        last_name="Washington",
        email="luis.washington@clearwater.example",
        job_title="Clinician",
        team="Outpatient Therapy",
        supervisor_ref="Grace Adeyemi",
        hired_on=date(2025, 7, 1),
    )


def test_a_byte_order_mark_is_no_part_of_the_first_header():
    table = read_table(sample("clearwater_next_month.csv"), "next.csv")
    assert table.headers[0] == "first name"
    assert len(read_rows(table, guess_columns(table), TODAY)[0]) == 121


def test_the_payroll_export_gives_names_dates_numbers_and_leavers():
    rows, problems = rows_of(sample("hr_export_semicolon_latin1.csv"))
    assert len(rows) == 80
    assert problems == []
    assert rows[5] == RosterRow(
        row=7,
        first_name="Siobhán",
        last_name="Walsh",
        email="siobhan.walsh@clearwater.example",
        job_title="Supervisor",
        team="Crisis Response",
        employee_number="E1005",
        hired_on=date(2018, 3, 3),
    )
    assert {row.supervisor_ref for row in rows} == {"", *(f"E100{number}" for number in range(7))}
    left = [(row.name, row.left_on) for row in rows if not row.active]
    assert left == [("María Wilson", date(2026, 10, 31)), ("Quinn García", date(2026, 10, 31))]


def test_the_workbook_is_read_below_its_titles_and_above_its_total():
    table = read_table(sample("staff_list_with_title_rows.xlsx"), "staff.xlsx")
    assert (table.sheet, table.header_row, len(table.rows)) == ("Staff Nov 2026", 4, 59)
    assert [row.number for row in table.skipped] == [65]
    columns = guess_columns(table)
    assert unknown_columns(table, columns) == ["Ext."]
    rows, problems = read_rows(table, columns, TODAY)
    assert problems == []
    assert (rows[0].row, rows[0].name, rows[0].hired_on) == (5, "Dana Whitehorse", date(2021, 9, 25))
    assert rows[22].last_name == "Van Dyke"
    assert rows[17].email == "ana.ramirez@clearwater.example"


def test_every_bad_row_column_and_reason_is_named():
    rows, problems = rows_of(sample("bad.csv"))
    assert [(p.row, p.column, p.kind) for p in problems] == [
        (2, "hire date", "impossible-date"),
        (3, "last name", "no-name"),
        (4, "email", "bad-email"),
        (5, "email", "email-twice"),
        (6, "email", "email-twice"),
        (7, "first name", "formula"),
        (8, "email", "no-email"),
        (9, "team", "short-row"),
        (10, "hire date", "date-too-late"),
        (11, "first name", "markup"),
    ]
    assert all(p.severity == "error" and p.reason for p in problems)
    assert [row.row for row in rows] == list(range(2, 12))
    assert problems[3].rows == (5, 6)
    assert "row 6" in problems[3].reason
    assert problems[0].as_dict() == {"row": 2, "column": "hire date", "reason": problems[0].reason}


# How a text file may be written


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_separators_and_encodings_are_found_out(separator, encoding):
    text = f"{HEADER}\r\nZoë,Núñez,zoe@x.example,Caseworker,Intake,,2024-01-31\r\n".replace(",", separator)
    rows, problems = rows_of(text.encode(encoding))
    assert problems == []
    assert (rows[0].name, rows[0].hired_on) == ("Zoë Núñez", date(2024, 1, 31))


def test_last_first_in_a_file_separated_by_semicolons_is_one_cell():
    rows, _problems = rows_of("Name;E-mail;Team\nWhitehorse, Dana;dana@x.example;Intake, East\n")
    assert (rows[0].first_name, rows[0].last_name, rows[0].team) == ("Dana", "Whitehorse", "Intake, East")


def test_a_separator_hint_is_followed_and_is_no_row():
    rows, _problems = rows_of("sep=|\nName|Email|Team\nAna, Lopez|ana@x.example|a,b;c\n")
    assert (rows[0].row, rows[0].team) == (2, "a,b;c")


def test_rows_are_numbered_as_a_spreadsheet_shows_them_despite_line_breaks_in_cells():
    text = f"{HEADER}\n{ANA_LINE}\n\nWei,,wei@x.example,,,,\n".replace("Caseworker", '"Case\nworker"')
    rows, problems = rows_of(text)
    assert rows[0].job_title == "Case worker"
    assert [(p.row, p.column) for p in problems if p.severity == "error"] == [(4, "last name")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_ending_will_do(newline):
    assert len(rows_of(newline.join([HEADER, ANA_LINE, ""]))[0]) == 1


def test_titles_above_totals_below_and_repeated_headers_are_no_people():
    text = (
        f"Clearwater,,,,,,\nStaff list as of,11/02/2026\n\n{HEADER}\n{ANA_LINE}\n{HEADER}\n,,,,,,\n"
        "Wei,Chen,wei@x.example,Clinician,Intake,,2023-01-09\n\nTotal,2\n\nCounted by hand\n"
    )
    table = read_table(text.encode(), "roster.csv")
    assert [row.number for row in table.rows] == [5, 8]
    assert [row.number for row in table.skipped] == [6, 10, 12]


def test_a_person_called_like_a_footer_is_a_person():
    rows, problems = rows_of(f"{HEADER}\nTotal,Note,total@x.example,,Intake,,\nCount,Report,,,,,\n")
    assert [row.name for row in rows] == ["Total Note"]
    assert [p.severity for p in problems] == []


def test_a_row_with_an_unquoted_separator_is_refused_and_empty_extra_cells_are_not():
    assert errors_of(f"{HEADER}\n{ANA_LINE},,,\n") == []
    assert errors_of(f"{HEADER}\n{ANA_LINE.replace('Intake', 'Intake, East')}\n") == [(2, None, "long-row")]


def test_a_row_may_end_before_the_leaving_date_only():
    header = f"{HEADER},left on"
    assert errors_of(f"{header}\n{ANA_LINE}\n") == []
    assert errors_of(f"{header}\n{ANA_LINE.rsplit(',', 1)[0]}\n") == [(2, "hire date", "short-row")]


def test_columns_of_one_name_are_told_apart_by_their_letter():
    rows, problems = rows_of("name,email,team,email\nAna Lopez,ana@x.example,Intake,other@x.example\n")
    assert rows[0].email == "ana@x.example"
    assert [(p.severity, p.column, p.kind) for p in problems] == [
        ("question", "email (column D)", "column-rival")
    ]


# Files that are no roster


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \r\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b"dear all\nplease find attached\n", "not a table"),
        (b"a,b,c\n1,2,3\n", "No header"),
        (HEADER.encode(), "nobody below"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!DOCTYPE html><table><tr><td>Name</td></tr></table>", "document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither text"),
        (f"{HEADER}\nAna\0,Lopez,ana@x.example,,,,\n".encode(), "neither text"),
        (f"{HEADER}\n{ANA_LINE}".encode("utf-16-le"), "neither text"),
        (f'{HEADER}\n{ANA_LINE}\n"Wei,Chen,wei@x.example,,,,\n{ANA_LINE}\n'.encode(), "Row 3"),
        (f"{HEADER}\n{ANA_LINE}{'x' * 6000}\n".encode(), "Row 2"),
        (f"{HEADER}\n{ANA_LINE}{'x' * 200_000}\n".encode(), "not a table"),
        (f"{HEADER}\n{ANA_LINE}{',x' * 250}\n".encode(), "200 columns"),
        (b"x" * (5 * 1024 * 1024 + 1), "too large"),
        (f"{HEADER}\n{(ANA_LINE + chr(10)) * 5_001}".encode(), "Row 5002 is one too many"),
    ],
)
def test_a_file_that_is_no_roster_says_why(data, words):
    with pytest.raises(RosterFileError, match=words):
        read_table(data, "roster.csv")


def test_the_largest_roster_is_still_read():
    assert len(read_table(f"{HEADER}\n{(ANA_LINE + chr(10)) * 5_000}".encode(), "roster.csv").rows) == 5_000


def archive(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in parts.items():
            files.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def test_a_workbook_that_unpacks_to_a_flood_is_never_unpacked():
    data = archive(**{"xl__workbook.xml": b"<x/>", "xl__sharedStrings.xml": b" " * 60 * 1024 * 1024})
    assert len(data) < 100_000
    with pytest.raises(RosterFileError, match="too large"):
        read_table(data, "roster.xlsx")


def test_another_kind_of_archive_and_a_broken_workbook_say_so():
    with pytest.raises(RosterFileError, match="not an Excel workbook"):
        read_table(archive(**{"word__document.xml": b"<x/>"}), "roster.docx")
    with pytest.raises(RosterFileError, match="damaged"):
        read_table(archive(**{"xl__workbook.xml": b"<x/>"}), "roster.xlsx")


def test_a_row_number_in_the_billions_does_not_keep_the_reader_busy():
    source = zipfile.ZipFile(io.BytesIO(workbook(PEOPLE)))
    parts = {name: source.read(name) for name in source.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        b'<row r="2"', b'<row r="999999999"'
    )
    assert b"999999999" in parts["xl/worksheets/sheet1.xml"]
    with pytest.raises(RosterFileError, match="nobody below"):
        read_table(archive(**parts), "roster.xlsx")


# Workbooks


def test_the_first_sheet_with_a_roster_is_read_and_the_others_are_named():
    data = workbook(
        [["Read me"]], PEOPLE, [["Name", "Email", "Team"], ["Wei Chen", "wei@x.example", "Intake"]]
    )
    table = read_table(data, "roster.xlsx")
    assert (table.sheet, table.other_sheets) == ("Sheet 2", ("Sheet 3",))
    assert [p.kind for p in column_problems(table, guess_columns(table))] == ["other-sheets"]


def test_hidden_sheets_are_left_alone():
    book = openpyxl.load_workbook(
        io.BytesIO(workbook(PEOPLE, [["Name", "Email"], ["Wei Chen", "wei@x.example"]]))
    )
    book["Sheet 1"].sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    table = read_table(stream.getvalue(), "roster.xlsx")
    assert (table.sheet, len(table.rows)) == ("Sheet 2", 1)


def test_rows_below_titles_and_gaps_keep_their_numbers_in_a_workbook():
    title = [["Clearwater"], [], ["as of", datetime(2026, 11, 2, 9, 30)], []]
    data = workbook(
        [*title, *PEOPLE, [], [], ["Wei", "wei@x.example", "Intake", 44464], [], ["Total", "=COUNTA(A6:A9)"]]
    )
    rows, problems = rows_of(data)
    assert [(row.row, row.hired_on) for row in rows] == [(6, date(2024, 1, 31)), (9, date(2021, 9, 25))]
    assert [(p.row, p.column, p.kind) for p in problems] == [(9, "Name", "half-name")]


def test_formulas_in_a_workbook_are_refused_and_never_evaluated():
    row = ['=HYPERLINK("http://x.example","Pay")', '=B1&"@x.example"', "Intake", "=TODAY()"]
    data = workbook([PEOPLE[0], row])
    assert errors_of(data) == [(2, "Name", "formula"), (2, "Email", "formula"), (2, "Start", "formula")]


def test_employee_numbers_in_number_cells_are_text_without_decimals():
    data = workbook(
        [["Employee ID", "Name", "Email", "Supervisor"], [1001, "Ana Lopez", "ana@x.example", 1002.0]]
    )
    rows, _problems = rows_of(data)
    assert (rows[0].employee_number, rows[0].supervisor_ref) == ("1001", "1002")


def test_an_error_that_a_spreadsheet_shows_is_named():
    data = workbook([PEOPLE[0], ["Ana Lopez", "ana@x.example", "#N/A", "#REF!"]])
    assert {(2, "Team", "error-value"), (2, "Start", "error-value")} == set(errors_of(data))


# Columns


def test_unknown_columns_are_listed_and_can_be_assigned():
    text = "Mitarbeiter,E-mail,Ext.,Crew,\nAna Lopez,ana@x.example,4004,Intake,\n"
    table = read_table(text.encode(), "roster.csv")
    columns = guess_columns(table)
    assert unknown_columns(table, columns) == ["Mitarbeiter", "Ext.", "Crew"]
    rows, problems = read_rows(table, columns, TODAY)
    assert rows == []
    assert [p.kind for p in problems if p.severity == "error"] == ["column-missing"]
    rows, problems = rows_of(text, Mitarbeiter="full_name", Crew="team")
    assert problems == []
    assert (rows[0].name, rows[0].team) == ("Ana Lopez", "Intake")


def test_two_columns_for_one_field_are_refused():
    table = read_table(f"{HEADER}\n{ANA_LINE}\n".encode(), "roster.csv")
    rows, problems = read_rows(table, guess_columns(table) | {3: "email"}, TODAY)
    assert rows == []
    assert [(p.row, p.column, p.kind) for p in problems if p.severity == "error"] == [
        (1, "job title", "column-twice")
    ]
    assert "“email” and “job title”" in problems[0].reason


def test_people_need_something_to_be_recognized_by():
    assert errors_of("name,team,hire date\nAna Lopez,Intake,2024-01-31\n") == [(1, None, "column-missing")]
    assert errors_of("employee id,name,team\n7,Ana Lopez,Intake\n,Wei Chen,Intake\n") == [
        (3, "employee id", "no-number")
    ]


def test_a_file_without_teams_asks_and_goes_on():
    rows, problems = rows_of("name,email\nAna Lopez,ana@x.example\n")
    assert len(rows) == 1
    assert [(p.severity, p.kind) for p in problems] == [("question", "no-team-column")]


def test_columns_that_are_not_there_are_a_mistake_of_the_caller():
    table = read_table(f"{HEADER}\n{ANA_LINE}\n".encode(), "roster.csv")
    for columns in ({99: "email"}, {0: "shoe_size"}):
        with pytest.raises(ValueError, match="columns must map"):
            column_problems(table, columns)
