"""A roster file's bytes as rows of cells: text with any usual separator and encoding, or a workbook's sheets.

The format is told from the content, never from the file's name. Formulas are never evaluated: a formula's
text comes as the cell's value. Pure: no database, no clock.
"""

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from .roster_columns import looks_like_header
from .roster_values import clean

Cell = str | int | float | date | None
Row = tuple[int, list[Cell]]
"""A row's number as a spreadsheet shows it, from 1, and its cells; never without a value."""

MAX_BYTES = 5 * 1024 * 1024
MAX_PEOPLE = 5_000
"""In one roster."""
MAX_ROWS = 20_000
"""In any file: beyond it nothing is read at all."""
MAX_COLUMNS = 200
HEADER_WITHIN = 50
"""Title rows above a header end here."""
_MAX_UNPACKED = 50 * 1024 * 1024
_MAX_PARTS = 2_000
_MAX_CELL = 5_000
_MAX_BREAKS = 20
_EMPTY_ROWS_END = 1_000
_SEPARATORS = ",;\t|"


class RosterFileError(Exception):
    """The file as a whole cannot be read as a roster. The message is for the person who uploaded it."""


@dataclass(frozen=True)
class Sheet:
    """One table of cells. ``title`` is "" in a text file."""

    title: str
    rows: list[Row]


def read_sheets(data: bytes) -> list[Sheet]:
    """The visible sheets of a workbook, or a text file's one table; RosterFileError for anything else.

    Rows without a value are left out; a sheet ends one row past what a roster may have, so whoever takes it
    has to count.
    """
    if len(data) > MAX_BYTES:
        raise too_large()
    if not data.strip():
        raise _empty()
    if data.startswith(b"PK"):
        return _workbook_sheets(data)
    _refuse_other_formats(data)
    text = _decode(data)
    if not text.strip():
        raise _empty()
    return [Sheet("", _text_rows(text))]


def too_large() -> RosterFileError:
    text = _("The file is too large: a roster may have up to %(rows)s rows and %(size)s MB.")
    return RosterFileError(text % {"rows": f"{MAX_PEOPLE:,}", "size": MAX_BYTES // 1024 // 1024})


def _empty() -> RosterFileError:
    return RosterFileError(_("The file is empty."))


def _wrong_format(what: str) -> RosterFileError:
    return RosterFileError(f"{what} {_('Save it as .xlsx or CSV and upload it again.')}")


def _refuse_other_formats(data: bytes) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _wrong_format(_("The workbook is protected by a password. Take the password off."))
        raise _wrong_format(_("This is an old Excel file (.xls)."))
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf"):
        raise _wrong_format(_("This is a PDF, not a table."))
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"{\\rtf")):
        raise _wrong_format(_("This is a document, not a table."))


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        encodings = ["utf-32"]
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        # Every byte means something in latin-1, so it stands last.
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise _wrong_format(_("This is neither text nor an Excel workbook."))


def _text_rows(text: str) -> list[Row]:
    separators = _SEPARATORS
    # Spreadsheets take a first line "sep=;" as an instruction and do not show it as a row.
    if hint := re.match(r"sep=([,;\t|:^~])(?:\r\n|\r|\n)", text, re.IGNORECASE):
        separators, text = hint[1], text[hint.end() :]
    best = max(separators, key=lambda separator: _fit(text, separator))
    _check_quotes(text, best)
    try:
        rows = list(_filled(_records(text, best)))
    except csv.Error as error:  # a cell beyond the reader's own limit
        raise _wrong_format(
            _("This is not a table: it has a cell of more than 100,000 characters.")
        ) from error
    if all(len(cells) < 2 for _number, cells in rows):
        raise _wrong_format(_("This is not a table: no row has more than one cell."))
    return rows


def _records(text: str, separator: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    # A row is a record: line breaks within quotation marks do not count.
    return enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict), start=1)


def _fit(text: str, separator: str) -> tuple[int, float, int]:
    """How well a separator cuts the text: fields that its header names, then how alike its rows are."""
    try:
        rows = [cells for _number, cells in islice(_records(text, separator), 100) if cells]
    except csv.Error:
        return (0, 0.0, 0)
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    if not widths:
        return (0, 0.0, 0)
    width, times = widths.most_common(1)[0]
    header = max(looks_like_header([clean(cell) for cell in cells]) for cells in rows[:HEADER_WITHIN])
    return (header, times / len(rows), width)


def _check_quotes(text: str, separator: str) -> None:
    # An open quotation mark swallows the rest of the file, people and all; only the strict reader tells.
    number = 0
    records = _records(text, separator, strict=True)
    try:
        while True:
            number, _cells = next(records)
    except StopIteration:
        return
    except csv.Error as error:
        if "end of data" in str(error):
            raise _unclosed(number + 1) from error


def _filled(records: Iterable[tuple[int, Iterable[object]]]) -> Iterator[Row]:
    """Rows with a value, up to one more than a roster may have."""
    filled = last = 0
    for number, values in records:
        cells = [_cell(value) for value in values]
        width = max((index for index, cell in enumerate(cells, start=1) if clean(cell)), default=0)
        if not width:
            if number - last > _EMPTY_ROWS_END:
                return
            continue
        last = number
        if width > MAX_COLUMNS:
            text = _("Row %(row)s has more than %(most)s columns. Keep only those of the roster.")
            raise RosterFileError(text % {"row": number, "most": MAX_COLUMNS})
        if any(isinstance(cell, str) and _endless(cell) for cell in cells):
            raise _unclosed(number)
        yield number, cells
        filled += 1
        if filled > MAX_ROWS + HEADER_WITHIN:
            return


def _endless(cell: str) -> bool:
    return len(cell) > _MAX_CELL or cell.count("\n") + cell.count("\r") > _MAX_BREAKS


def _unclosed(number: int) -> RosterFileError:
    text = _("Row %(row)s has a cell that does not end. Is a quotation mark not closed? Correct it there.")
    return RosterFileError(text % {"row": number})


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, bool | time | timedelta):
        return str(value)
    if value is None or isinstance(value, str | int | float | date):
        return value
    return str(getattr(value, "text", "") or "=")  # a formula over several cells


def _workbook_sheets(data: bytes) -> list[Sheet]:
    # Imported here: most processes never open a workbook.
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    _check_archive(data)
    try:
        # The reader warns about parts of a workbook that it leaves out; none of them holds a roster.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            sheets = [_sheet(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except RosterFileError:
        raise
    except Exception as error:  # a damaged workbook can fail anywhere in the reader, in any way
        raise _damaged() from error
    if not any(sheet.rows for sheet in sheets):
        raise _empty()
    return sheets


def _sheet(sheet: Any) -> Sheet:
    # The size a workbook states may be wrong in both directions; what counts is what is there.
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1), start=1)
    return Sheet(sheet.title, list(_filled(rows)))


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _damaged() from error
    if any(part.flag_bits & 1 for part in parts):
        raise _wrong_format(_("The file is protected by a password. Take the password off."))
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
        raise too_large()
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise _wrong_format(_("This is not an Excel workbook (.xlsx)."))


def _damaged() -> RosterFileError:
    return _wrong_format(_("The workbook is damaged and cannot be opened. Open it in a spreadsheet first."))
