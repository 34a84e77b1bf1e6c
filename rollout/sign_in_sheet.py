"""The sheet for the door, on paper: who is expected, with boxes to sign in and out on each day, and lines for others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .models import Agency, CohortMember, Person, Session

WALK_INS = 6
DAYS_ON_A_PAGE = 3
"""Six boxes to sign in beside a name and a team: more would be too narrow for a hand."""


@dataclass(frozen=True)
class Day:
    """One day on the sheet, in the agency's zone."""

    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    trainer: str


@dataclass(frozen=True)
class Line:
    """One name. ``expected``: whether they belong to the cohort on each of the days."""

    name: str
    team: str
    expected: tuple[bool, ...]


@dataclass(frozen=True)
class Sheet:
    """Up to three days side by side, everybody who is expected on one of them, and blank lines."""

    days: tuple[Day, ...]
    lines: tuple[Line, ...]
    blank: tuple[int, ...] = tuple(range(WALK_INS))


def sheets(agency: Agency, sessions: Sequence[Session]) -> list[Sheet]:
    """One sheet for each three sessions of one cohort, in order. Two queries."""
    if not sessions:
        return []
    places = CohortMember.objects.filter(cohort=sessions[0].cohort_id).select_related("person__team")
    members = sorted(
        ((each.person, each.joined_on) for each in places),
        key=lambda each: (each[0].last_name.casefold(), each[0].first_name.casefold(), each[0].pk),
    )
    return [
        _sheet(agency, sessions[start : start + DAYS_ON_A_PAGE], members)
        for start in range(0, len(sessions), DAYS_ON_A_PAGE)
    ]


def _sheet(agency: Agency, sessions: Sequence[Session], members: Sequence[tuple[Person, date]]) -> Sheet:
    zone = agency.zone
    times = [(each.starts_at.astimezone(zone), each.ends_at.astimezone(zone)) for each in sessions]
    days = tuple(
        Day(each.title, start, end, each.place, str(each.trainer or ""))
        for each, (start, end) in zip(sessions, times, strict=True)
    )
    lines = []
    for person, joined_on in members:
        expected = tuple(_is_expected(person, joined_on, start.date()) for start, _end in times)
        if any(expected):
            lines.append(Line(str(person), str(person.team or ""), expected))
    return Sheet(days, tuple(lines))


def _is_expected(person: Person, joined_on: date, day: date) -> bool:
    """The same rule as ``attendance.expected_people``, for a row that is there already."""
    return joined_on <= day and (person.left_on is None or person.left_on > day)
