"""A file of workforce figures as months, with everything that is wrong in it named by row and column.

All or nothing: one problem, and no month of the file may be written. An empty cell says nothing and changes nothing.
Pure: no database, no clock; ``today`` is passed in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .roster_files import MAX_BYTES, Cell, RosterFileError, Row, Sheet, read_sheets
from .roster_rows import RowProblem
from .roster_values import clean, is_blank_word
from .workforce import FIELD_NAMES, FIELDS, Month

MAX_MONTHS = 600
"""Rows of a file: fifty years."""
HEADER_WITHIN = 20
FIRST_YEAR = 1990
MOST = {"headcount": 1_000_000, "separations": 1_000_000, "days_lost": 9_999_999, "days_scheduled": 9_999_999}
WHOLE = {"headcount", "separations"}
HEADERS: Mapping[str, tuple[str, ...]] = {
    "month": ("month", "period", "month of", "reporting month", "date", "mes"),
    "headcount": (
        "headcount", "people", "people employed", "employees", "staff", "head count", "employed", "fte headcount",
        "people employed at the months end", "headcount at month end", "plantilla",
    ),
    "separations": ("separations", "people who left", "left", "leavers", "departures", "terminations", "exits", "bajas"),
    "days_lost": ("days lost", "days absent", "absence days", "sick days", "absences", "lost days", "dias perdidos"),
    "days_scheduled": ("days scheduled", "scheduled days", "work days", "working days", "workdays", "dias programados"),
}  # fmt: skip
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[ T].*)?$", re.ASCII)
_MONTH_FIRST = re.compile(r"^(\d{1,2})[-/.](?:(\d{1,2})[-/.])?(\d{4})$", re.ASCII)
_WORDED = re.compile(r"^([A-Za-z]{3,9})\.?,?[ -](?:\d{1,2}(?:st|nd|rd|th)?,? )?(\d{4}|\d{2})$", re.ASCII)
_NUMBER = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^\d+(?:\.\d+)?$", re.ASCII)


@dataclass(frozen=True)
class WorkforceFile:
    """What a file says. ``months``: in the order of time; none when there is a problem."""

    months: tuple[Month, ...]
    problems: tuple[RowProblem, ...]
    not_read: tuple[str, ...] = ()
    """Headers of columns that mean nothing here."""


class CellError(ValueError):
    """What is wrong with one cell, for a person."""


def read_file(data: bytes, today: date) -> WorkforceFile:
    """The months of a CSV or Excel file. A file that is no table of months has one problem, without a row."""
    if not data.strip() or len(data) > MAX_BYTES:
        text = _("The file is empty, or larger than 5 MB. Choose the file that holds the figures.")
        return WorkforceFile((), (RowProblem(None, None, text),))
    try:
        sheets = read_sheets(data)
    except RosterFileError as error:
        return WorkforceFile((), (RowProblem(None, None, str(error)),))
    found = next((each for sheet in sheets if (each := _headed(sheet))), None)
    if found is None:
        text = _(
            "No header was found. The first row must name the columns: month, and at least one of %(fields)s."
        )
        fields = ", ".join(each.replace("_", " ") for each in FIELDS)
        return WorkforceFile((), (RowProblem(None, None, text % {"fields": fields}),))
    header, rows = found
    return _read(header, rows, today)


def _headed(sheet: Sheet) -> tuple[list[str], list[Row]] | None:
    """The header and the rows below it, once a row names the month and a figure."""
    for place, (number, cells) in enumerate(sheet.rows[:HEADER_WITHIN]):
        texts = [clean(cell) for cell in cells]
        columns = columns_of(texts)
        if "month" in columns.values() and len(set(columns.values())) > 1 and number <= HEADER_WITHIN:
            return texts, sheet.rows[place + 1 :]
    return None


def columns_of(headers: Sequence[str]) -> dict[int, str]:
    """Column → what it holds, by its header, in English or as our own files name it; the rest is not read."""
    own = {header_key(str(words)): name for name, words in (FIELD_NAMES | {"month": _("Month")}).items()}
    known = {word: name for name, words in HEADERS.items() for word in words} | own
    keys = enumerate(header_key(header) for header in headers)
    return {index: known[key] for index, key in keys if key in known}


def header_key(header: str) -> str:
    """Lower case, letters only: "Days  lost:" and "days_lost" are the same."""
    letters = re.sub(r"[’']", "", header.lower()).translate(str.maketrans("áéíóúñ", "aeioun"))
    return re.sub(r"[^a-z]+", " ", letters).strip()


def _read(headers: list[str], rows: list[Row], today: date) -> WorkforceFile:
    columns = columns_of(headers)
    not_read = tuple(text for index, text in enumerate(headers) if text and index not in columns)
    problems = [
        RowProblem(None, headers[index], _("Two columns hold this. Keep one of them."))
        for index, name in columns.items()
        if list(columns.values()).count(name) > 1
    ]
    if len(rows) > MAX_MONTHS:
        text = _("The file has %(n)d rows; at most %(most)d months can be imported at once.")
        problems.append(RowProblem(None, None, text % {"n": len(rows), "most": MAX_MONTHS}))
    if not rows:
        problems.append(RowProblem(None, None, _("There is no month below the header.")))
    if problems:
        return WorkforceFile((), tuple(problems), not_read)
    read = [(number, _row(number, cells, headers, columns, today, problems)) for number, cells in rows]
    problems += _twice([(number, month) for number, month in read if month], headers, columns)
    if problems:
        return WorkforceFile((), tuple(sorted(problems, key=lambda each: each.row or 0)), not_read)
    months = sorted((month for _number, month in read if month), key=lambda each: each.month)
    return WorkforceFile(tuple(months), (), not_read)


def _row(
    number: int,
    cells: Sequence[Cell],
    headers: list[str],
    columns: Mapping[int, str],
    today: date,
    problems: list[RowProblem],
) -> Month | None:
    """One month; None, and why among ``problems``, when a cell of it cannot be read."""
    values: dict[str, date | int | Decimal | None] = {}
    before = len(problems)
    for index, name in columns.items():
        cell = cells[index] if index < len(cells) else None
        try:
            values[name] = read_month(cell, today) if name == "month" else read_figure(cell, name)
        except CellError as error:
            problems.append(RowProblem(number, headers[index], str(error), clean(cell)[:60]))
    lost, scheduled = values.get("days_lost"), values.get("days_scheduled")
    if isinstance(lost, Decimal) and isinstance(scheduled, Decimal) and lost > scheduled:
        column = headers[next(index for index, name in columns.items() if name == "days_lost")]
        text = _("More days lost than the %(scheduled)s scheduled.") % {"scheduled": scheduled}
        problems.append(RowProblem(number, column, text, str(lost)))
    if len(problems) > before:
        return None
    return Month(**values)  # type: ignore[arg-type]


def read_month(cell: Cell, today: date) -> date:
    """The first day of the month a cell means; any day of it will do. CellError says what to write instead."""
    if isinstance(cell, date):
        month = cell.replace(day=1)
    else:
        text = clean(cell)
        if not text:
            raise CellError(_("The month is missing."))
        month = _month_of(text)
    if month.year < FIRST_YEAR:
        raise CellError(_("Before %(year)d.") % {"year": FIRST_YEAR})
    if month > today:
        raise CellError(_("This month has not begun yet."))
    return month


def _month_of(text: str) -> date:
    year, month, day = 0, 0, 1
    if found := _YEAR_FIRST.match(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    elif found := _MONTH_FIRST.match(text):
        year, month, day = int(found[3]), int(found[1]), int(found[2] or 1)
    elif found := _WORDED.match(text):
        name = found[1].lower()[:3]
        month = MONTH_NAMES.index(name) + 1 if name in MONTH_NAMES else 0
        year = int(found[2]) + (2000 if len(found[2]) == 2 else 0)
    try:
        return date(year, month, day).replace(day=1)
    except ValueError as error:
        raise CellError(_("This is no month. Write it like 2026-03 or March 2026.")) from error


def read_figure(cell: Cell, name: str) -> int | Decimal | None:
    """A figure of a field; None for an empty cell or a word that says so. Days are kept to a tenth."""
    text = clean(cell)
    if not text or is_blank_word(text):
        return None
    if text.startswith("="):
        raise CellError(_("A formula is not worked out here. Save the file with its values."))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        value = Decimal(str(cell))
    elif _NUMBER.match(text):
        value = Decimal(text.replace(",", ""))
    elif re.match(r"^[-\N{MINUS SIGN}(]", text):
        raise CellError(_("Less than nothing cannot be."))
    else:
        raise CellError(_("This is no number. Leave the cell empty if it is not known."))
    return _checked(value, name)


def _checked(value: Decimal, name: str) -> int | Decimal:
    if not value.is_finite():
        raise CellError(_("This is no number. Leave the cell empty if it is not known."))
    if value < 0:
        raise CellError(_("Less than nothing cannot be."))
    if value > MOST[name]:
        raise CellError(_("More than %(most)s cannot be.") % {"most": f"{MOST[name]:,}"})
    if name not in WHOLE:
        return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if value != value.to_integral_value():
        raise CellError(_("People are counted whole."))
    return int(value)


def _twice(read: list[tuple[int, Month]], headers: list[str], columns: Mapping[int, str]) -> list[RowProblem]:
    """An error in each row of a month that comes more than once."""
    column = headers[next(index for index, name in columns.items() if name == "month")]
    rows: dict[date, list[int]] = {}
    for number, each in read:
        rows.setdefault(each.month, []).append(number)
    found = []
    for month, numbers in rows.items():
        for number in numbers if len(numbers) > 1 else ():
            others = [str(other) for other in numbers if other != number]
            text = ngettext(
                "The same month stands in row %(rows)s too. Keep one of them.",
                "The same month stands in rows %(rows)s too. Keep one of them.",
                len(others),
            )
            found.append(RowProblem(number, column, text % {"rows": ", ".join(others)}, f"{month:%Y-%m}"))
    return found
