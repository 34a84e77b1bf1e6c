"""The rows of a roster file: one typed row for each person, and what is wrong in it.

Pure: no database, no clock; ``today`` is passed in.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .exports import FORMULA
from .roster_columns import FIELD_LABELS
from .roster_table import Table, TableRow
from .roster_values import (
    DateOrder,
    ImpossibleDate,
    clean,
    has_hidden_characters,
    is_blank_word,
    read_date,
    read_status,
    split_name,
    weigh_dates,
)

_LONGEST = {"first_name": 100, "last_name": 100, "job_title": 120, "team": 120, "employee_number": 40}
_NAMES = ("first_name", "last_name", "full_name")
_DATES = ("hired_on", "left_on")
_ERROR_VALUE = re.compile(r"^#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)$")
_FORMULA = re.compile(r"^(?:=|[+@-].*\()")
_EARLIEST = date(1940, 1, 1)
_FURTHEST_HIRE = timedelta(days=366)
_NEVER = 2100
"""Payroll systems write a leaving date of 2999 or 9999 for "none"."""


@dataclass(frozen=True)
class RowProblem:
    """Something wrong, or to be asked about, in a roster file.

    ``row`` is the file's own row number, ``column`` the header as in the file; None where the file as a whole
    is meant. An "error" refuses the whole file, a "question" does not. ``confirm`` marks a question
    that should be answered before anything is applied. ``rows`` names all rows that are meant, ``kind`` is a
    word for the program.
    """

    row: int | None
    column: str | None
    reason: str
    value: str = ""
    severity: Literal["error", "question"] = "error"
    kind: str = ""
    rows: tuple[int, ...] = ()
    confirm: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Row, column and reason, fit for JSON."""
        return {"row": self.row, "column": self.column, "reason": self.reason}


@dataclass(frozen=True)
class RosterRow:
    """One person as a roster file gives them. An empty text or None says nothing: what is known stays."""

    row: int
    first_name: str
    last_name: str
    email: str = ""
    job_title: str = ""
    team: str = ""
    supervisor_ref: str = ""
    """Name, e-mail or employee number of the supervisor, as written."""
    employee_number: str = ""
    hired_on: date | None = None
    left_on: date | None = None
    """May lie ahead; then ``active`` is still true."""
    active: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """The file's fields, each with its header, for naming columns in messages."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def question(
    row: int | None, column: str | None, reason: str, kind: str, rows: tuple[int, ...] = ()
) -> RowProblem:
    return RowProblem(row, column, reason, severity="question", kind=kind, rows=rows)


def not_a_name(text: str) -> bool:
    """What a spreadsheet would take for a formula, or what has no letter in it."""
    return text[:1] in "=+@-＝＋＠－" or not any(sign.isalpha() for sign in text)


class RowReader:
    """Reads the rows of one table and gathers what is wrong in them."""

    def __init__(self, table: Table, index: dict[str, int], today: date) -> None:
        self.table = table
        self.index = index
        self.today = today
        self.headers = {name: table.label(position) for name, position in index.items()}
        self.problems: list[RowProblem] = []
        self.found: list[RowProblem] = []
        self.row: TableRow = table.rows[0]
        self.noted: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.orders = self._date_orders()

    def read(self, row: TableRow) -> RosterRow:
        self.row, self.found = row, []
        broken = self._broken()
        first, last = self._name()
        team = self._text("team") or ""
        hired_on, left_on = self._date("hired_on"), self._date("left_on")
        active, left_on = self._employment(hired_on, left_on)
        number = self._text("employee_number") or ""
        person = RosterRow(
            row=row.number,
            first_name=first,
            last_name=last,
            email=self._email(active, number),
            job_title=self._text("job_title") or "",
            team=team,
            supervisor_ref=self._text("supervisor") or "",
            employee_number=number,
            hired_on=hired_on,
            left_on=left_on,
            active=active,
            headers=self.headers,
        )
        if active and not team and "team" in self.index and not broken:
            self._note("no-team")
        # What is missing from a row that ends too early is one problem, not one for each cell.
        self.problems += [broken] if broken else self.found
        return person

    def remarks(self) -> list[RowProblem]:
        """Questions that stand for many rows."""
        texts: dict[str, Callable[[int], str]] = {
            "no-team": lambda many: ngettext(
                "%(rows)s person has no team in the file.", "%(rows)s people have no team in the file.", many
            ),
            "leaves-later": lambda many: ngettext(
                "%(rows)s person leaves after today and stays on the roster until a file after that day.",
                "%(rows)s people leave after today and stay on the roster until a file after that day.",
                many,
            ),
            "status": lambda many: _("The status “%(value)s” is not known; it is taken as working here."),
        }
        fields = {"no-team": "team", "leaves-later": "left_on", "status": "status"}
        return [
            question(
                rows[0],
                self.headers[fields[kind]],
                texts[kind](len(rows)) % {"rows": len(rows), "value": value},
                kind,
                tuple(rows),
            )
            for (kind, value), rows in self.noted.items()
        ]

    def _say(self, name: str, reason: str, kind: str, value: str = "") -> None:
        self.found.append(RowProblem(self.row.number, self.headers[name], reason, value[:80], kind=kind))

    def _note(self, kind: str, value: str = "") -> None:
        self.noted[kind, value].append(self.row.number)

    def _broken(self) -> RowProblem | None:
        cells, width = self.row.cells, len(self.table.headers)
        if self.table.sheet:
            return None
        counts = {"cells": len(cells), "width": width}
        missing = [at for name, at in self.index.items() if at >= len(cells) and name != "left_on"]
        if missing:
            text = _(
                "The row has %(cells)s cells, the header %(width)s. Fill in the rest from this column on."
            )
            column = self.table.label(min(missing))
            return RowProblem(self.row.number, column, text % counts, kind="short-row")
        if any(clean(cell) for cell in cells[width:]):
            text = _(
                "The row has %(cells)s cells, the header %(width)s. A cell that holds the separator needs "
                "quotation marks around it."
            )
            return RowProblem(self.row.number, None, text % counts, kind="long-row")
        return None

    def _raw(self, name: str) -> Any:
        at = self.index.get(name)
        return self.row.cells[at] if at is not None and at < len(self.row.cells) else None

    def _text(self, name: str) -> str | None:
        """The cell's text, "" when it says nothing, None when it is refused and that has been said."""
        text = clean(self._raw(name))
        if not text or (name not in _NAMES and is_blank_word(text)):
            return ""
        # An apostrophe says that this is text, as our own exports write it in front of what looks like a formula.
        is_text = text[0] == "'" and text[1:2] in FORMULA
        text = text[1:] if is_text else text
        if _ERROR_VALUE.match(text):
            reason = _("The spreadsheet shows an error here. Put the value itself into the cell.")
            self._say(name, reason, "error-value", text)
        elif _FORMULA.match(text) and not is_text:
            reason = _(
                "This looks like a spreadsheet formula. Formulas are not read: put in the value itself."
            )
            self._say(name, reason, "formula", text)
        elif has_hidden_characters(text) or "\ufffd" in text:
            self._say(
                name, _("The cell holds characters that cannot be shown. Type it anew."), "hidden", text
            )
        elif len(text) > _LONGEST.get(name, 254):
            reason = _("The text is too long: up to %(most)s characters.") % {"most": _LONGEST.get(name, 254)}
            self._say(name, reason, "too-long", text)
        else:
            return text
        return None

    def _name(self) -> tuple[str, str]:
        parts = {name: self._name_part(name) for name in ("first_name", "last_name") if name in self.index}
        if len(parts) < 2 and "full_name" in self.index:
            full = self._name_part("full_name")
            first, last = split_name(full or "")
            if full and not (first and last):
                self._say("full_name", _("Give both a first and a last name."), "half-name", full)
            return first, last
        return parts["first_name"] or "", parts["last_name"] or ""

    def _name_part(self, name: str) -> str | None:
        text = self._text(name)
        if text is None:
            return None
        if not text:
            self._say(
                name, _("The %(field)s is missing.") % {"field": str(FIELD_LABELS[name]).lower()}, "no-name"
            )
        elif "<" in text or ">" in text:
            self._say(name, _("A name cannot hold < or >. Put in the name alone."), "markup", text)
        elif not_a_name(text):
            self._say(name, _("This is not a name. Put in the person's name."), "not-a-name", text)
        else:
            return text
        return None

    def _email(self, active: bool, number: str) -> str:
        if "email" not in self.index:
            if not number and self.headers["employee_number"] not in {
                problem.column for problem in self.found
            }:
                self._say("employee_number", _("The employee number is missing."), "no-number")
            return ""
        text = self._text("email")
        if text is None:
            return ""
        if not text:
            if active or not number:
                self._say("email", _("The e-mail is missing: people sign in with it."), "no-email")
            return ""
        address = text.removeprefix("mailto:").lower()
        try:
            validate_email(address)
        except ValidationError:
            self._say("email", _("This is not a valid e-mail address."), "bad-email", text)
            return ""
        return address

    def _employment(self, hired_on: date | None, left_on: date | None) -> tuple[bool, date | None]:
        """Whether somebody works here today, and the leaving date that goes with it."""
        word = self._text("status") or ""
        works = read_status(word) if word else None
        if word and works is None:
            self._note("status", word)
        if left_on is None:
            return works is not False, None
        if left_on > self.today:
            self._note("leaves-later")
            return True, left_on
        rehired = hired_on is not None and hired_on > left_on
        if works:
            if not rehired:
                reason = _(
                    "The status says working here, the leaving date is past. It is taken as working here."
                )
                self.problems.append(
                    question(self.row.number, self.headers["left_on"], reason, "left-but-active")
                )
            return True, None
        if rehired:
            self._say(
                "left_on", _("The leaving date is before the hire date."), "left-before-hired", str(left_on)
            )
        return False, left_on

    def _date(self, name: str) -> date | None:
        text = self._text(name)
        if not text:
            return None
        try:
            day = read_date(text, order=self.orders[name], today=self.today)
        except ImpossibleDate:
            reason = _("This date does not exist (read as %(order)s). Correct it.")
            self._say(name, reason % {"order": _order_text(text, self.orders[name])}, "impossible-date", text)
            return None
        except ValueError:
            self._say(
                name, _("This is not a date. Write it like 2024-03-31 or 3/31/2024."), "not-a-date", text
            )
            return None
        if name == "left_on" and day.year >= _NEVER:
            return None
        if day < _EARLIEST:
            self._say(name, _("The date is too long ago to be right."), "date-too-early", text)
        elif name == "hired_on" and day > self.today + _FURTHEST_HIRE:
            self._say(
                name,
                _("The hire date is too far in the future: more than a year ahead."),
                "date-too-late",
                text,
            )
        else:
            return day
        return None

    def _date_orders(self) -> dict[str, DateOrder]:
        """Each date column as a whole; one that does not settle it follows the other, else the US."""
        evidence = {
            name: weigh_dates(self.table.texts(self.index[name])) for name in _DATES if name in self.index
        }
        orders: dict[str, DateOrder] = {}
        for name, found in evidence.items():
            elsewhere = next((other.order for other in evidence.values() if other.order), None)
            order = orders[name] = found.order or elsewhere or ("dmy" if found.dotted else "mdy")
            if order == "dmy" and (found.day_first or found.unclear):
                reason = _("Dates in this column are read as day/month/year.")
            elif found.unclear and not found.order and not elsewhere:
                reason = _("Dates in this column are read as month/day/year: none of them says otherwise.")
            else:
                continue
            self.problems.append(question(None, self.headers[name], reason, "date-order"))
        return orders


def _order_text(text: str, order: DateOrder) -> str:
    if re.match(r"\d{4}", text):
        return _("year-month-day")
    return _("day/month/year") if order == "dmy" else _("month/day/year")
