"""Who supervises which team, from what the rows of a roster file say about each person's supervisor.

Pure: values in, values out. A supervisor belongs to a team here, so somebody who moves gets the new team's.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .roster_matching import KnownPerson, Matches
from .roster_rows import RosterRow, RowProblem, question
from .roster_values import name_key, number_key, split_name, team_key


@dataclass(frozen=True)
class PersonRef:
    """Somebody on the roster (``key``), in the file (``row``), or both; a new person has no key yet."""

    name: str
    key: Hashable | None = None
    row: int | None = None


@dataclass(frozen=True)
class SupervisorChange:
    """A team whose supervisor is not the one it has on the roster; ``before`` is "" for none."""

    team: str
    before: str
    after: PersonRef


@dataclass(frozen=True)
class _Entry:
    ref: PersonRef
    team: str
    tier: int
    """0 works here by the file, 1 left by the file, 2 on the roster but not in the file, 3 left before."""

    @property
    def works(self) -> bool:
        return self.tier == 0


Vote = tuple[RosterRow, _Entry]


def supervision(
    rows: Sequence[RosterRow], known: Sequence[KnownPerson], matches: Matches, teams: Mapping[str, str]
) -> tuple[dict[str, PersonRef], list[RowProblem]]:
    """Team → supervisor for every team whose people name one, and what is wrong or doubtful about it.

    ``teams`` gives each row's team its one spelling (team key → name). People of a team who disagree are
    named; the majority counts. Somebody whom teammates name as supervisor does not vote on their own team,
    because they report to somebody above it. A supervisor who leaves is not set.
    """
    directory = _directory(rows, known, matches)
    problems: list[RowProblem] = []
    votes: dict[str, list[Vote]] = defaultdict(list)
    for row in rows:
        if not row.supervisor_ref or not row.active:
            continue
        team = _team_of(row, matches)
        entry = _resolve(row, team, directory, problems)
        if entry and team:
            votes[team].append((row, entry))
    supervisors: dict[str, PersonRef] = {}
    for team, cast in votes.items():
        winner = _majority(teams.get(team, team), team, cast, problems)
        if winner.works:
            supervisors[teams.get(team, team)] = winner.ref
        else:
            reason = _(
                "%(team)s: its supervisor %(name)s is not on the roster any more, so the team has none."
            ) % {
                "team": teams.get(team, team),
                "name": winner.ref.name,
            }
            named = tuple(row.row for row, _entry in cast)
            problems.append(question(named[0], _header(cast[0][0]), reason, "supervisor-leaving", named))
    return supervisors, problems


def supervisor_changes(
    supervisors: Mapping[str, PersonRef], before: Mapping[str, Hashable | None], known: Sequence[KnownPerson]
) -> tuple[SupervisorChange, ...]:
    """The teams whose supervisor changes. ``before``: team name → key of its supervisor on the roster."""
    names = {person.key: person.name for person in known}
    had = {team_key(team): key for team, key in before.items() if key is not None}
    return tuple(
        SupervisorChange(team, names.get(had.get(team_key(team)), ""), ref)
        for team, ref in sorted(supervisors.items())
        if ref.key is None or had.get(team_key(team)) != ref.key
    )


def _team_of(row: RosterRow, matches: Matches) -> str:
    return team_key(row.team or (matches[row.row].team if row.row in matches else ""))


def _directory(
    rows: Sequence[RosterRow], known: Sequence[KnownPerson], matches: Matches
) -> dict[tuple[str, str], list[_Entry]]:
    """Everybody by ("email" | "number" | "name", value); who is renamed can be found by both names."""
    directory: dict[tuple[str, str], list[_Entry]] = defaultdict(list)

    def enter(entry: _Entry, *people: RosterRow | KnownPerson) -> None:
        keys = {("email", who.email.lower()) for who in people}
        keys |= {("number", number_key(who.employee_number)) for who in people if who.employee_number}
        keys |= {("name", name_key(who.name)) for who in people}
        for key in sorted(keys):
            if key[1]:
                directory[key].append(entry)

    for row in rows:
        person = matches.get(row.row)
        ref = PersonRef(row.name, person.key if person else None, row.row)
        entry = _Entry(ref, _team_of(row, matches), 0 if row.active else 1)
        enter(entry, row, *([person] if person else []))
    matched = {person.key for person in matches.values()}
    for person in known:
        if person.key not in matched:
            enter(
                _Entry(PersonRef(person.name, person.key), team_key(person.team), 3 if person.left_on else 2),
                person,
            )
    return directory


def _resolve(
    row: RosterRow, team: str, directory: Mapping[tuple[str, str], list[_Entry]], problems: list[RowProblem]
) -> _Entry | None:
    found = _candidates(row.supervisor_ref, directory)
    found = [entry for entry in found if entry.tier == min(other.tier for other in found)]
    if len(found) > 1:
        found = [entry for entry in found if entry.team == team] or found
    value, header = row.supervisor_ref, _header(row)
    if not found:
        reason = _(
            "Supervisor “%(value)s” is unknown: neither in this file nor on the roster. "
            "Correct it, or add that person as a row."
        )
        problems.append(
            RowProblem(row.row, header, reason % {"value": value}, value, kind="unknown-supervisor")
        )
    elif len(found) > 1:
        reason = _(
            "More than one person is “%(value)s”, so this row sets no supervisor. "
            "Give the e-mail or employee number."
        )
        problems.append(
            question(row.row, header, reason % {"value": value}, "ambiguous-supervisor", (row.row,))
        )
    elif found[0].ref.row == row.row:
        reason = _("Nobody can be their own supervisor. Name somebody else, or leave the cell empty.")
        problems.append(RowProblem(row.row, header, reason, value, kind="own-supervisor"))
    else:
        return found[0]
    return None


def _candidates(ref: str, directory: Mapping[tuple[str, str], list[_Entry]]) -> list[_Entry]:
    # "Dana Whitehorse (E1000)": the number inside is the surer of the two.
    inside = re.search(r"\(([^()]+)\)\s*$", ref)
    texts = [inside[1], ref[: inside.start()].strip()] if inside else [ref]
    for text in texts:
        for key in (
            ("email", text.lower()),
            ("number", number_key(text)),
            ("name", name_key(" ".join(split_name(text)))),
        ):
            if found := directory.get(key):
                return found
    return []


def _majority(name: str, team: str, votes: list[Vote], problems: list[RowProblem]) -> _Entry:
    named = {entry.ref.row for _row, entry in votes}
    counted = [vote for vote in votes if vote[0].row not in named] or votes
    tally: dict[PersonRef, list[int]] = defaultdict(list)
    entries = {entry.ref: entry for _row, entry in counted}
    for row, entry in counted:
        tally[entry.ref].append(row.row)
    winner = min(tally, key=lambda ref: (-len(tally[ref]), entries[ref].team != team, tally[ref][0]))
    others = sorted(number for ref, numbers in tally.items() if ref != winner for number in numbers)
    if others:
        reason = _("%(team)s: %(name)s is taken as its supervisor, but rows %(rows)s name somebody else.") % {
            "team": name,
            "name": winner.name,
            "rows": ", ".join(map(str, others)),
        }
        problems.append(
            question(others[0], _header(counted[0][0]), reason, "supervisors-differ", tuple(others))
        )
    return entries[winner]


def _header(row: RosterRow) -> str:
    return row.headers.get("supervisor", "supervisor")
