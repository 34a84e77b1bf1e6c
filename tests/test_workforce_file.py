"""Files of workforce figures: every problem named by row and column, nothing read from a file that has one."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from rollout.workforce import Month
from rollout.workforce_file import CellError, read_figure, read_file, read_month

TODAY = date(2026, 11, 21)
HEADER = "Month,Headcount,Separations,Days lost,Days scheduled\n"
patient = settings(deadline=None, max_examples=60)


def csv(*rows: str, header: str = HEADER) -> bytes:
    return (header + "\n".join(rows) + "\n").encode()


def xlsx(*rows: list[object]) -> bytes:
    book, data = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(data)
    return data.getvalue()


def said(data: bytes) -> list[tuple[int | None, str | None, str]]:
    read = read_file(data, TODAY)
    assert not read.months
    return [(each.row, each.column, each.reason) for each in read.problems]


def test_months_are_read_in_the_order_of_time_and_empty_cells_are_not_known():
    read = read_file(csv('2026-03,"1,204",12,310.25,', "2026-02,118,0,,2480"), TODAY)
    assert read.problems == ()
    assert read.months == (
        Month(date(2026, 2, 1), 118, 0, None, Decimal("2480.0")),
        Month(date(2026, 3, 1), 1204, 12, Decimal("310.3"), None),
    )


def test_a_workbook_with_a_title_other_words_and_real_dates_is_read():
    data = xlsx(
        ["Workforce 2026"],
        ["Reporting month", "Employees", "Terminations", "Sick days", "Region"],
        [datetime(2026, 1, 31), 118, 2.0, 96.5, "West"],
    )
    read = read_file(data, TODAY)
    assert read.months == (Month(date(2026, 1, 1), 118, 2, Decimal("96.5")),)
    assert read.not_read == ("Region",)


@pytest.mark.parametrize(
    "text",
    ["2026-03", "2026-3", "2026/03", "2026-03-01", "2026-03-31", "03/2026", "3/15/2026", "March 2026", "Mar 2026",
     "mar-26", "Mar. 2026", "March 1, 2026"],
)  # fmt: skip
def test_a_month_is_understood_however_it_is_written(text):
    assert read_month(text, TODAY) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The month is missing."),
        ("soon", "no month"),
        ("2026-13", "no month"),
        ("2026-00", "no month"),
        ("2026-02-30", "no month"),
        ("Smarch 2026", "no month"),
        ("2026", "no month"),
        ("2026-12", "not begun"),
        ("1989-12", "Before 1990"),
    ],
)
def test_what_is_no_month_says_what_to_write(text, reason):
    with pytest.raises(CellError, match=reason):
        read_month(text, TODAY)


@pytest.mark.parametrize(
    ("cell", "name", "value"),
    [
        ("", "headcount", None),
        (None, "headcount", None),
        ("n/a", "separations", None),
        ("0", "separations", 0),
        (0, "separations", 0),
        (118.0, "headcount", 118),
        ("12.25", "days_lost", Decimal("12.3")),
        (12.34, "days_lost", Decimal("12.3")),
    ],
)
def test_a_figure_is_read_and_nothing_is_not_zero(cell, name, value):
    assert read_figure(cell, name) == value


@pytest.mark.parametrize(
    ("cell", "name", "reason"),
    [
        ("=1+1", "headcount", "formula"),
        ('=HYPERLINK("x")', "days_lost", "formula"),
        ("-3", "separations", "Less than nothing"),
        ("(3)", "separations", "Less than nothing"),
        (-3, "separations", "Less than nothing"),
        ("3.5", "headcount", "counted whole"),
        (3.5, "separations", "counted whole"),
        ("many", "headcount", "no number"),
        ("1 204", "headcount", "no number"),
        ("1e3", "headcount", "no number"),
        ("12,34", "days_lost", "no number"),
        (float("nan"), "days_lost", "no number"),
        (float("inf"), "days_lost", "no number"),
        ("2000000", "headcount", "More than"),
        ("99999999", "days_lost", "More than"),
        ("١٢", "headcount", "no number"),
        (True, "headcount", "no number"),
        (date(2026, 1, 1), "headcount", "no number"),
    ],
)
def test_what_is_no_figure_is_refused_with_what_to_do(cell, name, reason):
    with pytest.raises(CellError, match=reason):
        read_figure(cell, name)


def test_every_problem_of_a_file_is_named_by_row_and_column():
    found = said(csv("2026-01,118,2,10,9", "soon,118,x,1,2", "2026-02,-1,2,3,4", "2027-01,1,1,1,1"))
    assert [(row, column) for row, column, _reason in found] == [
        (2, "Days lost"),
        (3, "Month"),
        (3, "Separations"),
        (4, "Headcount"),
        (5, "Month"),
    ]


def test_one_bad_last_row_keeps_all_others_from_being_read():
    rows = [f"2025-{number:02},100,1,1,100" for number in range(1, 13)]
    assert len(read_file(csv(*rows), TODAY).months) == 12
    assert [row for row, *_rest in said(csv(*rows, "2026-01,100,x,1,100"))] == [14]


def test_the_same_month_twice_is_an_error_in_each_of_its_rows():
    found = said(csv("2026-01,1,0,,", "2026-02,1,0,,", "01/2026,2,0,,", "Jan 2026,3,0,,"))
    assert [(row, reason) for row, _column, reason in found] == [
        (2, "The same month stands in rows 4, 5 too. Keep one of them."),
        (4, "The same month stands in rows 2, 5 too. Keep one of them."),
        (5, "The same month stands in rows 2, 4 too. Keep one of them."),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 x", "PDF"),
        (b"\xd0\xcf\x11\xe0 old", "old Excel"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\x00\x01\x02\x03", "neither text"),
        (b"name,team\nAmy,Intake\n", "No header was found"),
        (b"month,team\n2026-01,Intake\n", "No header was found"),
        (HEADER.encode(), "no month below"),
        (csv("2026-01,1,2,3,4", header="Month,Headcount,Staff,Days lost,Days scheduled\n"), "Two columns"),
    ],
)
def test_a_file_that_is_no_table_of_months_says_why(data, reason):
    assert reason in said(data)[0][2]


def test_six_hundred_months_are_the_most():
    rows = [f"{1990 + n // 12}-{n % 12 + 1:02},1,0,1,2" for n in range(440)]
    assert len(read_file(csv(*rows), TODAY).months) == 440
    assert "at most 600" in said(csv(*rows, *rows[:161]))[0][2]


@patient
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_at_all_bring_the_reading_down(data):
    read = read_file(data, TODAY)
    assert bool(read.months) != bool(read.problems)


@patient
@given(st.lists(st.lists(st.text(max_size=12), min_size=5, max_size=5), min_size=1, max_size=6))
def test_any_cells_under_a_good_header_are_read_or_named(rows):
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    read = read_file(csv(*lines), TODAY)
    assert bool(read.months) != bool(read.problems)
    assert all(each.reason for each in read.problems)
