"""Rosters for tests: the sample files, short ways to read and compare them, and people to compare with."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from rollout.imports import RosterRow, RowProblem, assign, guess_columns, read_rows, read_table
from rollout.roster import KnownPerson, Preview, preview_table

TODAY = date(2026, 11, 21)
ROSTERS = Path(__file__).parent / "samples" / "rosters"
HEADER = "first name,last name,email,job title,team,supervisor,hire date"
ANA_LINE = "Ana,Lopez,ana@x.example,Caseworker,Intake,,2024-01-31"


def rows_of(data: bytes | str, **choices: Any) -> tuple[list[RosterRow], list[RowProblem]]:
    table = read_table(data.encode() if isinstance(data, str) else data, "roster")
    columns = assign(guess_columns(table), {table.headers.index(header): f for header, f in choices.items()})
    return read_rows(table, columns, TODAY)


def errors_of(data: bytes | str) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.kind) for p in rows_of(data)[1] if p.severity == "error"]


def sample(name: str) -> bytes:
    return (ROSTERS / name).read_bytes()


NOTHING = {"new": 0, "changed": 0, "moved": 0, "leaving": 0, "returning": 0, "unchanged": 0}
Teams = Mapping[str, Hashable | None]


def preview(name: str, known: Sequence[KnownPerson] = (), teams: Teams | None = None) -> Preview:
    table = read_table(sample(name), name)
    return preview_table(table, guess_columns(table), known, today=TODAY, teams=teams)


def applied(found: Preview, known: Sequence[KnownPerson], teams: Teams) -> tuple[list[KnownPerson], Teams]:
    """What the roster is after a preview has been written."""
    people = {person.key: person for person in known}
    for key, values in found.updates.items():
        people[key] = replace(people[key], **values)
    made = {row.row: len(people) + at for at, row in enumerate(found.new, start=1)}
    for row in found.new:
        facts = {
            name: getattr(row, name) for name in ("first_name", "last_name", "email", "job_title", "team")
        }
        people[made[row.row]] = KnownPerson(
            made[row.row], **facts, employee_number=row.employee_number, hired_on=row.hired_on
        )
    after = {person.team: None for person in people.values() if person.team} | dict(teams)
    for team, ref in found.team_supervisors.items():
        after[team] = ref.key or made[ref.row]
    return list(people.values()), after


def clearwater() -> tuple[list[KnownPerson], Teams]:
    return applied(preview("clearwater.csv"), [], {})


def counts(**numbers: int) -> dict[str, int]:
    return NOTHING | numbers


def kinds(found: Preview) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.kind) for problem in found.questions]


def row(number: int, first: str, last: str, email: str = "", **fields: Any) -> RosterRow:
    return RosterRow(number, first, last, email or f"{first}.{last}@x.example".lower(), **fields)


def person(key: int, first: str, last: str, email: str = "", **fields: Any) -> KnownPerson:
    return KnownPerson(key, first, last, email or f"{first}.{last}@x.example".lower(), **fields)


ANA = person(1, "Ana", "Lopez", team="Intake", job_title="Caseworker", hired_on=date(2020, 1, 2))
ANA_ROW = row(2, "Ana", "Lopez", team="Intake", job_title="Caseworker", hired_on=date(2020, 1, 2))
