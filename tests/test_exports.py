"""Tables as files: what a spreadsheet is given, by a browser's download and by a command."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import Http404
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from rollout.exports import cell, kind_of, save_table, table_response, write_table

HEADERS = ["Name", gettext_lazy("Hours"), "Day"]
ROWS = [
    ["Zoë Müller", 7.5, date(2026, 3, 2)],
    ["=HYPERLINK(1)", -2, None],
    ["+1", Decimal("-0.5"), datetime(2026, 3, 2, 17, 30, tzinfo=UTC)],
]


def body(response):
    return b"".join(response.streaming_content)


def read(content, kind):
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    sheet = load_workbook(io.BytesIO(content)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_text_never_begins_a_formula_and_a_number_stays_a_number(text):
    assert cell(text) == f"'{text}"
    assert cell(-1) == -1
    assert cell(Decimal("-1.5")) == Decimal("-1.5")
    assert cell("a=1") == "a=1"


def test_csv_is_read_by_spreadsheets():
    content = body(table_response("people", HEADERS, ROWS, "csv"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert read(content, "csv") == [
        ["Name", "Hours", "Day"],
        ["Zoë Müller", "7.5", "2026-03-02"],
        ["'=HYPERLINK(1)", "-2", ""],
        ["'+1", "-0.5", "2026-03-02 17:30+00:00"],
    ]


def test_excel_holds_texts_numbers_and_days_but_no_formula():
    response = table_response("people", HEADERS, ROWS, "xlsx")
    assert response["Content-Disposition"] == 'attachment; filename="people.xlsx"'
    book = load_workbook(io.BytesIO(body(response)))
    kinds = [[field.data_type for field in row] for row in book.active.iter_rows()]
    assert kinds == [["s", "s", "s"], ["s", "n", "d"], ["s", "n", "n"], ["s", "n", "s"]]
    assert book.active["A3"].value == "'=HYPERLINK(1)"
    assert book.active["B4"].value == -0.5


def test_a_character_no_workbook_can_hold_does_not_break_the_file():
    out = io.BytesIO()
    write_table(out, ["a"], [["one\x00two\x0b"]], "xlsx")
    assert read(out.getvalue(), "xlsx") == [["a"], ["onetwo"]]


def test_csv_is_made_while_it_is_sent():
    made = []
    response = table_response("n", ["n"], (made.append(n) or [n] for n in range(1000)), "csv")
    pieces = iter(response.streaming_content)
    next(pieces)
    assert len(made) == 200
    assert sum(piece.count(b"\r\n") for piece in pieces) == 800


def test_another_kind_is_not_found():
    with pytest.raises(Http404):
        table_response("people", HEADERS, ROWS, "pdf")


def test_a_file_is_replaced_by_a_whole_one_or_not_at_all(tmp_path):
    def broken():
        yield ["one"]
        raise RuntimeError

    path = tmp_path / "people.csv"
    save_table(path, ["Name"], [["first"]])
    with pytest.raises(RuntimeError):
        save_table(path, ["Name"], broken())
    assert read(path.read_bytes(), "csv") == [["Name"], ["first"]]
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match=r"\.csv or \.xlsx"):
        kind_of(tmp_path / "people.ods")
