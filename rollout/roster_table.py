"""The table in a roster file: its header, the rows of people, and what was left out around them.

Pure: no database, no clock.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .roster_columns import looks_like_header
from .roster_files import HEADER_WITHIN, MAX_PEOPLE, Cell, RosterFileError, Row, Sheet, read_sheets
from .roster_values import clean

_FOOTER = re.compile(
    r"^(?:(?:grand |sub ?)?totals?\b|(?:head ?)?count\b|end of\b|page \d|printed\b|generated\b|exported\b"
    r"|run date\b|report\b|source\b|prepared by\b|confidential\b|notes?\b|\*|©)",
    re.IGNORECASE,
)
_FOOTER_CELLS = 3


@dataclass(frozen=True)
class TableRow:
    number: int
    """As a spreadsheet shows it, from 1."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A roster file's table. ``headers`` are as in the file; a column without one has ""."""

    filename: str
    headers: tuple[str, ...]
    header_row: int
    rows: tuple[TableRow, ...]
    skipped: tuple[TableRow, ...] = ()
    """Rows below the header that hold no person: totals, repeated headers, remarks."""
    sheet: str = ""
    """Title of the workbook's sheet; "" for a text file, where a row shorter than the header is broken."""
    other_sheets: tuple[str, ...] = ()
    """Further sheets with a roster's header, which were not read."""
    _repeated: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        repeated = frozenset(text for text, times in Counter(self.headers).items() if times > 1)
        object.__setattr__(self, "_repeated", repeated)

    def label(self, index: int) -> str:
        """A column's header as in the file, with its letter where the header alone is not clear."""
        header, letter = self.headers[index], _letter(index)
        if not header:
            return _("column %(letter)s") % {"letter": letter}
        if header in self._repeated:
            return _("%(header)s (column %(letter)s)") % {"header": header, "letter": letter}
        return header

    def texts(self, index: int) -> Iterator[str]:
        """The values of a column as clean text, empty ones included."""
        return (clean(row.cells[index]) if index < len(row.cells) else "" for row in self.rows)


def read_table(data: bytes, filename: str) -> Table:
    """The table in a CSV file (any usual separator and encoding) or in a workbook's first sheet with one.

    Title rows above the header, empty rows and totals below are left out. RosterFileError says why a file
    cannot be read and what to do about it.
    """
    found = [(sheet, row) for sheet in read_sheets(data) if (row := _header_row(sheet.rows)) is not None]
    if not found:
        text = _(
            "No header was found in the first %(rows)s rows. The row above the people must name the columns: "
            "for example first name, last name, e-mail, job title, team, supervisor, hire date."
        )
        raise RosterFileError(text % {"rows": HEADER_WITHIN})
    (sheet, header_row), *others = found
    return _table(sheet, header_row, filename, tuple(other.title for other, _row in others))


def _header_row(rows: list[Row]) -> int | None:
    """The number of the best header among the first rows, the first of equals."""
    scores = {
        number: looks_like_header([clean(cell) for cell in cells])
        for number, cells in rows[:HEADER_WITHIN]
        if number <= HEADER_WITHIN
    }
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] else None


def _table(sheet: Sheet, header_row: int, filename: str, other_sheets: tuple[str, ...]) -> Table:
    header = next(cells for number, cells in sheet.rows if number == header_row)
    headers = _texts(header)
    below = [TableRow(number, tuple(cells)) for number, cells in sheet.rows if number > header_row]
    people: list[TableRow] = []
    skipped: list[TableRow] = []
    before = header_row
    for row in below:
        filled = [text for cell in row.cells if (text := clean(cell))]
        # A single cell at the very end, apart from the people, is a remark.
        remark = len(filled) == 1 and row is below[-1] and row.number > before + 1
        repeated = _texts(row.cells) == headers
        (skipped if remark or repeated or _is_footer(filled) else people).append(row)
        before = row.number
    if len(people) > MAX_PEOPLE:
        text = _("Row %(row)s is one too many: a roster may have up to %(most)s people. Split it by agency.")
        raise RosterFileError(text % {"row": people[MAX_PEOPLE].number, "most": f"{MAX_PEOPLE:,}"})
    if not people:
        text = _("The table has a header in row %(row)s but nobody below it. Add the people, one to a row.")
        raise RosterFileError(text % {"row": header_row})
    return Table(filename, headers, header_row, tuple(people), tuple(skipped), sheet.title, other_sheets)


def _texts(cells: Sequence[Cell]) -> tuple[str, ...]:
    texts = [clean(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _letter(index: int) -> str:
    letters = ""
    while index >= 0:
        letters = chr(ord("A") + index % 26) + letters
        index = index // 26 - 1
    return letters


def _is_footer(filled: list[str]) -> bool:
    if len(filled) > _FOOTER_CELLS or any("@" in text for text in filled):
        return False
    return bool(_FOOTER.match(filled[0]))
