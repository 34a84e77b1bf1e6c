"""Rows of a file of sessions or attendance, by column name, with what is wrong in a cell said of that cell.

Pure: no database, no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from .dates import at_local
from .exports import FORMULA
from .refusals import Refused
from .roster_files import MAX_ROWS, Cell, RosterFileError, read_sheets


class WrongCell(Refused):
    """Something in one column of a row; the text says what to write there."""

    def __init__(self, column: str, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.column, self.value = column, value


@dataclass(frozen=True)
class Line:
    """One row: its number in the file, and the text of each known column the file has."""

    number: int
    cells: dict[str, str]

    def text(self, column: str, *, most: int = 500) -> str:
        """What stands there; "" for nothing."""
        value = self.cells.get(column, "")
        if len(value) > most:
            raise WrongCell(column, _("At most %(most)d characters.") % {"most": most}, value[:40])
        return value

    def needed(self, column: str, *, most: int = 500) -> str:
        value = self.text(column, most=most)
        if not value:
            raise WrongCell(column, _("This is missing."))
        return value

    def day(self, column: str) -> date:
        value = self.needed(column)
        try:
            found = date.fromisoformat(value[:10])
        except ValueError as error:
            raise WrongCell(column, _("Write the date as 2026-12-03."), value) from error
        if not 2000 <= found.year <= 2100:
            raise WrongCell(column, _("Check the year: %(year)d.") % {"year": found.year}, value)
        return found

    def clock(self, column: str) -> time:
        value = self.needed(column)
        try:
            return time.fromisoformat(value.zfill(5)).replace(second=0, tzinfo=None)
        except ValueError as error:
            raise WrongCell(column, _("Write the time as 09:00 or 16:30."), value) from error

    def number_in(self, column: str) -> int | None:
        value = self.text(column)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 5):
            raise WrongCell(column, _("Write a whole number."), value)
        return int(value)

    def moment(self, column: str, on: date, zone: ZoneInfo) -> datetime | None:
        """A full moment with its offset, or a time of day on ``on`` in ``zone``; None for an empty cell."""
        value = self.text(column)
        if not value:
            return None
        try:
            if len(value) <= 8:
                return at_local(on, time.fromisoformat(value.zfill(5)), zone)
            found = datetime.fromisoformat(value)
        except ValueError as error:
            text = _("Write the time as 09:04, or with its day and offset as 2026-12-03 09:04-07:00.")
            raise WrongCell(column, text, value) from error
        if found.tzinfo is None:
            return at_local(found.date(), found.time(), zone)
        return found


def read_lines(data: bytes, columns: Sequence[str], needed: Sequence[str]) -> list[Line]:
    """The rows below the header. RosterFileError says why a file cannot be read at all."""
    sheet = read_sheets(data)[0]
    if not sheet.rows:
        raise RosterFileError(_("The file is empty."))
    if len(sheet.rows) > MAX_ROWS + 1:
        text = _("The file is too large: up to %(rows)s rows can be read at once.")
        raise RosterFileError(text % {"rows": f"{MAX_ROWS:,}"})
    header = [plain(cell).casefold() for cell in sheet.rows[0][1]]
    missing = [column for column in needed if column not in header]
    if missing:
        text = _("The first row must name the columns. Missing: %(columns)s.")
        raise RosterFileError(text % {"columns": ", ".join(missing)})
    twice = {name for name in header if name in columns and header.count(name) > 1}
    if twice:
        text = _("These columns stand there twice: %(columns)s.")
        raise RosterFileError(text % {"columns": ", ".join(sorted(twice))})
    return [
        Line(
            number,
            {
                name: plain(cells[index]) if index < len(cells) else ""
                for index, name in enumerate(header)
                if name in columns
            },
        )
        for number, cells in sheet.rows[1:]
    ]


def plain(cell: Cell) -> str:
    """A cell's text as it was before it was written to a table: days ISO, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ", timespec="minutes")
        )
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
