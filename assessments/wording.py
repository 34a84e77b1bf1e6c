"""Statements of an instrument read from pasted text, TXT or CSV: numbered lines, checked against the definition.

Pure. Nothing is guessed silently: a line that fits nowhere is named with its number, a line without a number is
added to the statement before it (as text from a PDF wraps) and said so. Anything missing, doubled, empty or of
another version refuses the whole; there is no partial install.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.instruments import Instrument

MOST_BYTES = 100_000
LONGEST = 300
MARKS = ".):,;"
NUMBERED = re.compile(rf"^\W{{0,3}}?(\d{{1,3}})\s*(?:[{re.escape(MARKS)}\t\-–—]|\s|$)\s*(.*)$")
ANCHOR = re.compile(r"\b(\d)\s*[=:.\-–—)]?\s*([A-Za-z]+)")
ONE_OPTION = re.compile(r"^\d\s*=")
HEADER = re.compile(r"^\W*(?:number|no|nr|item|#)\W+(?:statement|text|item|wording)s?\W*$", re.IGNORECASE)


@dataclass(frozen=True)
class Remark:
    """Something about one line of the input, counted from 1; 0: about the whole."""

    line: int
    text: str


@dataclass(frozen=True)
class Statement:
    """One numbered statement, and the line on which it began."""

    number: int
    text: str
    line: int


@dataclass(frozen=True)
class Parsed:
    """What was read. With any problem nothing may be installed; warnings are for the reader to look at."""

    statements: tuple[Statement, ...]
    problems: tuple[Remark, ...]
    warnings: tuple[Remark, ...]

    @property
    def fits(self) -> bool:
        return not self.problems

    def texts(self) -> dict[int, str]:
        """Text by number; meant for input without problems."""
        return {one.number: one.text for one in self.statements}


def decode(data: bytes) -> str:
    """Text of an uploaded file: UTF-8 or UTF-16 with a byte-order mark, UTF-8, else Windows-1252.

    ValueError, with a text for the person, for what is no text at all or too long.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(_("This file is larger than 100 kB. Thirty statements take about 3 kB."))
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValueError(_("This is not a text file. Save the statements as TXT or CSV, or paste them."))


def parse(text: str, instrument: Instrument) -> Parsed:
    """Read the statements and check that they are exactly those the instrument asks for."""
    statements: list[Statement] = []
    problems: list[Remark] = []
    warnings: list[Remark] = []
    for line, number, rest in _lines(text):
        if not rest and number is None:
            continue
        found = _anchors(number, rest, instrument)
        if found == "older":
            problems.append(Remark(line, _older(instrument)))
        elif found == "options":
            warnings.append(Remark(line, _("Read as the answer options, not as a statement.")))
        elif number is not None:
            statements.append(Statement(number, rest, line))
        elif statements:
            last = statements[-1]
            statements[-1] = Statement(last.number, f"{last.text} {rest}".strip(), last.line)
            warnings.append(Remark(line, _("Has no number: added to statement %(n)d.") % {"n": last.number}))
        else:
            warnings.append(Remark(line, _("Stands before statement 1 and has no number: left out.")))
    problems += _checks(statements, instrument)
    return Parsed(tuple(statements), tuple(sorted(problems, key=lambda one: one.line)), tuple(warnings))


def _lines(text: str) -> Iterator[tuple[int, int | None, str]]:
    """Line, number (None without one) and the rest, blanks made single. A header line is left out."""
    for line, number, rest in _rows(text) if _is_table(text) else _plain(text):
        yield line, number, " ".join(rest.split())


def _plain(text: str) -> Iterator[tuple[int, int | None, str]]:
    for line, raw in enumerate(text.splitlines(), 1):
        if HEADER.match(raw):
            continue
        found = NUMBERED.match(raw.strip())
        yield (line, int(found[1]), found[2]) if found else (line, None, raw)


def _is_table(text: str) -> bool:
    """CSV with quoted statements, or with a header: the separators must be read as such."""
    rows = [row for row in text.splitlines() if row.strip()]
    return bool(rows) and (bool(HEADER.match(rows[0])) or bool(re.match(r'^"?\d+"?\s*[,;\t]\s*"', rows[0])))


def _rows(text: str) -> Iterator[tuple[int, int | None, str]]:
    first = next(row for row in text.splitlines() if row.strip())
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=separator)
    start = 1
    for row in reader:
        line, start = start, reader.line_num + 1
        cells = [cell.strip() for cell in row]
        if not any(cells) or HEADER.match(separator.join(cells)):
            continue
        number = int(cells[0]) if cells[0].isascii() and cells[0].isdigit() and len(cells[0]) < 4 else None
        rest = cells[1:] if number is not None else cells
        yield line, number, f"{separator} ".join(cell for cell in rest if cell)


def _anchors(number: int | None, rest: str, instrument: Instrument) -> str:
    """Whether a line holds answer options: "options" for ours, "older" when they begin at another number."""
    whole = f"{number} {rest}" if number is not None else rest
    labels = {option.label.lower(): option.value for option in instrument.options}
    first_words = {label.split()[0]: value for label, value in labels.items()}
    if number is not None and rest.lower() in labels:
        return "options" if labels[rest.lower()] == number else "older"
    found = [
        (int(digit), first_words[word.lower()])
        for digit, word in ANCHOR.findall(whole)
        if word.lower() in first_words
    ]
    if number == 0 or (found and min(found)[0] < instrument.minimum):
        return "older"
    return "options" if len(found) >= 3 or (found and ONE_OPTION.match(whole)) else ""


def _older(instrument: Instrument) -> str:
    low, high = instrument.minimum, instrument.maximum
    return _(
        "Answers that begin at 0 belong to another version. %(name)s answers from %(low)d to %(high)d; versions "
        "must not be mixed. Take the text of version %(version)s."
    ) % {"name": instrument.short_name, "low": low, "high": high, "version": instrument.version}


def _checks(statements: list[Statement], instrument: Instrument) -> Iterator[Remark]:
    """Count, numbering, repeats, empty or overlong statements."""
    wanted = len(instrument.items)
    if not statements:
        yield Remark(0, _("No numbered statement was found. Each begins with its number, as in “1. …”."))
        return
    seen: dict[int, int] = {}
    texts: dict[str, int] = {}
    for one in statements:
        if not 1 <= one.number <= wanted:
            text = _("There is no statement %(n)d: %(name)s has %(wanted)d.")
            yield Remark(one.line, text % {"n": one.number, "name": instrument.short_name, "wanted": wanted})
        elif one.number in seen:
            text = _("Statement %(n)d comes twice; the first stands on line %(line)d.")
            yield Remark(one.line, text % {"n": one.number, "line": seen[one.number]})
        if not one.text:
            yield Remark(one.line, _("Statement %(n)d is empty.") % {"n": one.number})
        elif len(one.text) > LONGEST:
            text = _("Statement %(n)d has more than %(most)d characters: something else was added to it.")
            yield Remark(one.line, text % {"n": one.number, "most": LONGEST})
        elif one.text.lower() in texts:
            text = _("Statement %(n)d repeats the text of statement %(other)d.")
            yield Remark(one.line, text % {"n": one.number, "other": texts[one.text.lower()]})
        seen.setdefault(one.number, one.line)
        texts.setdefault(one.text.lower(), one.number)
    gone = [number for number in range(1, wanted + 1) if number not in seen]
    if gone:
        text = ngettext("Statement %(list)s is missing.", "Statements %(list)s are missing.", len(gone))
        yield Remark(0, text % {"list": ", ".join(map(str, gone))})
