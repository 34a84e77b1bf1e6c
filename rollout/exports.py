"""Tables as files: CSV and Excel out of every list, the same values for a browser and for a command.

A text that a spreadsheet would take for a formula gets an apostrophe in front; real numbers stay numbers. Days
are ISO (real dates in Excel), times are ISO text with their offset, which names one moment in any time zone.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

KINDS = ("csv", "xlsx")
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""In front of a CSV file, so that spreadsheets read it as UTF-8."""
_LINES = 200
"""Rows to a piece of a streamed file."""
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that no workbook can hold."""

type Row = Sequence[Any]
"""One line: texts (translated later or now), numbers, days, moments, yes or no, None for nothing."""


def table_response(filename: str, headers: Sequence[Any], rows: Iterable[Row], kind: str) -> HttpResponseBase:
    """A table to keep: ``filename`` without its ending, ``kind`` "csv" or "xlsx"; Http404 for any other.

    CSV is sent as it is made; a workbook is written to disk row by row and held in memory only once it is compressed.
    """
    if kind not in KINDS:
        raise Http404(f"{kind} is not offered")
    name = f"{filename}.{kind}"
    if kind == "xlsx":
        file = io.BytesIO()
        write_table(file, headers, rows, kind)
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])
    pieces = (piece.encode() for piece in csv_pieces(headers, rows))
    disposition = content_disposition_header(True, name) or "attachment"
    return StreamingHttpResponse(
        pieces, content_type=CONTENT_TYPES[kind], headers={"Content-Disposition": disposition}
    )


def write_table(file: IO[bytes], headers: Sequence[Any], rows: Iterable[Row], kind: str) -> None:
    """The table into an open binary file. ValueError for a kind that is none of ``KINDS``."""
    if kind == "csv":
        for piece in csv_pieces(headers, rows):
            file.write(piece.encode())
    elif kind == "xlsx":
        _write_workbook(file, headers, rows)
    else:
        raise ValueError(kind)


def save_table(path: Path, headers: Sequence[Any], rows: Iterable[Row]) -> None:
    """The table as a file whose ending says its kind; ValueError, for a person to read, when it does not.

    A file that stood there is replaced only by a whole one.
    """
    kind = kind_of(path)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        part = Path(file.name)
        try:
            write_table(file, headers, rows, kind)
        except BaseException:
            part.unlink()
            raise
    part.replace(path)


def kind_of(path: Path) -> str:
    """ "csv" or "xlsx", by the ending of a file's name; ValueError for any other."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise ValueError(_("%(name)s: the name of the file must end in .csv or .xlsx.") % {"name": path.name})
    return kind


def text_cell(text: str) -> str:
    """A text that a spreadsheet shows as it is: what would begin a formula gets an apostrophe in front."""
    text = _UNFIT.sub("", text)
    return f"'{text}" if text.startswith(FORMULA) else text


def cell(value: Any) -> str | int | float | Decimal | date | None:
    """A value as it goes into a cell: numbers and days as they are, everything else as text."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    return text_cell(str(value))


def csv_pieces(headers: Sequence[Any], rows: Iterable[Row]) -> Iterator[str]:
    """A CSV file in pieces of some rows each. Headers are put into words at once, while the language is known."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\r\n")
    lines.write(BOM)
    writer.writerow([cell(header) for header in headers])
    return _in_pieces(lines, writer, rows)


def _in_pieces(lines: io.StringIO, writer: Any, rows: Iterable[Row]) -> Iterator[str]:
    for number, row in enumerate(rows, start=1):
        # Days print as ISO, nothing as an empty cell.
        writer.writerow([cell(value) for value in row])
        if number % _LINES == 0:
            yield lines.getvalue()
            lines.seek(0)
            lines.truncate()
    yield lines.getvalue()


def _write_workbook(file: IO[bytes], headers: Sequence[Any], rows: Iterable[Row]) -> None:
    # Imported here: most processes never write a workbook.
    from openpyxl import Workbook  # type: ignore[import-untyped]

    with closing(Workbook(write_only=True)) as book:
        sheet = book.create_sheet()
        sheet.freeze_panes = "A2"
        sheet.append([cell(header) for header in headers])
        for row in rows:
            sheet.append([cell(value) for value in row])
        book.save(file)
