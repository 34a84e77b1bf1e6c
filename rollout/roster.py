"""What a roster file would change: everybody in it against everybody known, before anything is written.

Pure: rows and known people in, a frozen preview out; no database, no clock.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from .imports import read_rows
from .roster_matching import KnownPerson, Matches, collisions, doubts, match
from .roster_rows import RosterRow, RowProblem
from .roster_supervisors import PersonRef, SupervisorChange, supervision, supervisor_changes
from .roster_table import Table
from .roster_values import clean, name_key, number_key, team_key

__all__ = [
    "KnownPerson",
    "PersonRef",
    "PersonUpdate",
    "Preview",
    "SupervisorChange",
    "compare",
    "preview_table",
]

_COMPARED = ("first_name", "last_name", "email", "job_title", "employee_number", "hired_on", "team")
_MANY = 5
_LARGE_SHARE = 0.30


@dataclass(frozen=True)
class PersonUpdate:
    """A known person and what the file says that is new. ``row`` is None for whoever is not in the file."""

    person: KnownPerson
    row: RosterRow | None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Field of KnownPerson → (before, after)."""

    @property
    def name(self) -> str:
        return self.row.name if self.row else self.person.name

    @property
    def values(self) -> dict[str, Any]:
        """Field → value after."""
        return {name: after for name, (_before, after) in self.changes.items()}


@dataclass(frozen=True)
class Preview:
    """What applying a roster file would do. Each known person and each row stands in one list only.

    Somebody who moves and changes otherwise stands under ``moved``, with all changes. ``team_supervisors``
    holds every team whose people name a supervisor; ``supervisor_changes`` those where that is new.
    """

    new: tuple[RosterRow, ...] = ()
    changed: tuple[PersonUpdate, ...] = ()
    moved: tuple[PersonUpdate, ...] = ()
    leaving: tuple[PersonUpdate, ...] = ()
    returning: tuple[PersonUpdate, ...] = ()
    unchanged: tuple[PersonUpdate, ...] = ()
    already_left: tuple[RosterRow, ...] = ()
    """Marked as left and never known here: nothing is written about them."""
    team_supervisors: Mapping[str, PersonRef] = field(default_factory=dict)
    supervisor_changes: tuple[SupervisorChange, ...] = ()
    new_teams: tuple[str, ...] = ()
    errors: tuple[RowProblem, ...] = ()
    questions: tuple[RowProblem, ...] = ()

    def counts(self) -> dict[str, int]:
        names = ("new", "changed", "moved", "leaving", "returning", "unchanged")
        return {name: len(getattr(self, name)) for name in names}

    @property
    def applicable(self) -> bool:
        """Without an error. With one, nothing of the file may be written."""
        return not self.errors

    @property
    def needs_confirmation(self) -> bool:
        """A question that somebody should have answered before this is applied."""
        return any(problem.confirm for problem in self.questions)

    @property
    def has_changes(self) -> bool:
        return bool(self.new or self.updates or self.supervisor_changes)

    @property
    def updates(self) -> dict[Hashable, dict[str, Any]]:
        """What to write about known people: key → field → value. New people are the rows of ``new``."""
        touched = (*self.changed, *self.moved, *self.leaving, *self.returning)
        return {update.person.key: update.values for update in touched}


def preview_table(
    table: Table,
    columns: Mapping[int, str | None],
    known: Sequence[KnownPerson],
    *,
    today: date,
    teams: Mapping[str, Hashable | None] | None = None,
) -> Preview:
    """Read a table's rows and compare them: the whole way from columns to preview."""
    rows, problems = read_rows(table, columns, today)
    return compare(rows, known, today=today, problems=problems, teams=teams)


def compare(
    rows: Sequence[RosterRow],
    known: Sequence[KnownPerson],
    *,
    today: date,
    problems: Sequence[RowProblem] = (),
    teams: Mapping[str, Hashable | None] | None = None,
) -> Preview:
    """What the rows would change about the known people of an agency (those who left included).

    ``problems`` are those found while reading, and come back among the preview's errors and questions.
    ``teams`` are the agency's teams, each with its supervisor's key. Who is missing from the rows leaves
    today; no rows at all change nothing. After a preview has been applied, comparing the same rows gives
    everybody unchanged.
    """
    spelling = _team_spelling(rows, known, teams or {})
    rows = [replace(row, team=spelling[team_key(row.team)]) if row.team else row for row in rows]
    matches = match(rows, known)
    supervisors, doubtful = supervision(rows, known, matches, spelling)
    lists = _sort_people(rows, known, matches, today)
    found = [*problems, *collisions(rows, known, matches), *doubts(rows, known, matches), *doubtful]
    found += _guard(lists["leaving"], known)
    found.sort(key=lambda problem: problem.row or 0)
    existing = {team_key(team) for team in (*(teams or {}), *(person.team for person in known))}
    named = {row.team: None for row in rows if row.active and row.team}
    return Preview(
        new=tuple(row for row in rows if row.row not in matches and row.active),
        already_left=tuple(row for row in rows if row.row not in matches and not row.active),
        team_supervisors=supervisors,
        supervisor_changes=supervisor_changes(supervisors, teams or {}, known),
        new_teams=tuple(team for team in named if team_key(team) not in existing),
        errors=tuple(problem for problem in found if problem.severity == "error"),
        questions=tuple(problem for problem in found if problem.severity == "question"),
        **{name: tuple(people) for name, people in lists.items()},
    )


def _team_spelling(
    rows: Sequence[RosterRow], known: Sequence[KnownPerson], teams: Mapping[str, Hashable | None]
) -> dict[str, str]:
    """One spelling for each team: the roster's own, else the first in the file."""
    spelling: dict[str, str] = {}
    for team in (*teams, *(person.team for person in known), *(row.team for row in rows)):
        if team:
            spelling.setdefault(team_key(team), team)
    return spelling


def _sort_people(
    rows: Sequence[RosterRow], known: Sequence[KnownPerson], matches: Matches, today: date
) -> dict[str, list[PersonUpdate]]:
    lists: dict[str, list[PersonUpdate]] = {
        name: [] for name in ("changed", "moved", "leaving", "returning", "unchanged")
    }
    for row in rows:
        if person := matches.get(row.row):
            kind, changes = _difference(row, person, today)
            lists[kind].append(PersonUpdate(person, row, changes))
    present = {person.key for person in matches.values()}
    if rows:
        absent = [person for person in known if person.left_on is None and person.key not in present]
        absent.sort(
            key=lambda person: (name_key(person.last_name), name_key(person.first_name), person.email)
        )
        lists["leaving"] += [PersonUpdate(person, None, {"left_on": (None, today)}) for person in absent]
    return lists


def _difference(row: RosterRow, person: KnownPerson, today: date) -> tuple[str, dict[str, tuple[Any, Any]]]:
    """The list somebody belongs in, and what changes. Of somebody who left, only the leaving date counts."""
    if not row.active:
        left_on = row.left_on or person.left_on or today
        if person.left_on is None:
            return "leaving", {"left_on": (None, left_on)}
        if left_on != person.left_on:
            return "changed", {"left_on": (person.left_on, left_on)}
        return "unchanged", {}
    changes = {
        name: (getattr(person, name), getattr(row, name))
        for name in _COMPARED
        if getattr(row, name) and not _same(name, row, person)
    }
    if person.left_on is not None:
        return "returning", changes | {"left_on": (person.left_on, None)}
    if "team" in changes:
        return "moved", changes
    return ("changed" if changes else "unchanged"), changes


def _same(name: str, row: RosterRow, person: KnownPerson) -> bool:
    before, after = getattr(person, name), getattr(row, name)
    if name == "email":
        return bool(before.lower() == after)
    if name == "employee_number":
        return number_key(before) == number_key(after)
    if name == "team":
        return team_key(before) == team_key(after)
    if name in ("first_name", "last_name"):
        return clean(before) == after or _same_name(row, person)
    return before == after if isinstance(after, date) else clean(before) == after


def _same_name(row: RosterRow, person: KnownPerson) -> bool:
    """Whether the file's way of writing names hides the difference rather than tells one."""
    # A full name is cut into first and last by guess: where the cut fell says nothing new.
    if not {"first_name", "last_name"} <= row.headers.keys() and row.name == clean(person.name):
        return bool(row.headers)
    # Nor do capitals tell how a name is written.
    return row.name.isupper() and name_key(row.name) == name_key(person.name)


def _guard(leaving: Sequence[PersonUpdate], known: Sequence[KnownPerson]) -> list[RowProblem]:
    current = sum(person.left_on is None for person in known)
    if len(leaving) < _MANY or len(leaving) <= _LARGE_SHARE * current:
        return []
    reason = _(
        "This looks like part of a roster: %(leaving)s of %(current)s people would leave, %(absent)s of them "
        "because they are not in the file. Import it only if it lists everybody who works here."
    ) % {"leaving": len(leaving), "current": current, "absent": sum(update.row is None for update in leaving)}
    return [
        RowProblem(None, None, reason, severity="question", kind="part-of-roster", confirm=True),
    ]
