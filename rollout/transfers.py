"""Hours that somebody brings along from another agency.

The rule: CE-CERT hours belong to the human being who sat through them. Whoever is on the rosters of two agencies
with one and the same account, one after the other or at once, keeps in each what was credited in the other: by
module, under the rule of the agency that held the session (its tolerances, its partial credit, its corrections),
and once. What is planned elsewhere is not counted before it is credited. A move to another team of the same agency
needs no rule: hours hang on the person, not on the team.

Each amount keeps its source, so that whoever reads it sees where and when it was earned; nothing else of the other
agency is told.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import F

from .credit import Credit, CreditRule, session_credit
from .models import Agency, Attendance
from .slots import Part, Record, given_out, session_times

FIELDS = (
    "here",
    "session_id",
    "signed_in_at",
    "signed_out_at",
    "override_minutes",
    "session__starts_at",
    "session__ends_at",
    "person__agency__name",
    "person__agency__time_zone",
    "person__agency__late_minutes",
    "person__agency__early_minutes",
    "person__agency__partial_credit",
    "session__modules__id",
    "session__modules__minutes",
    "session__modules__curriculum_id",
)


@dataclass(frozen=True, slots=True)
class Brought:
    """What one session of another agency earned somebody."""

    agency: str
    """Its name: the source."""
    on: date
    """In that agency's zone."""
    ends_at: datetime
    minutes: int
    modules: tuple[Part, ...]

    def records(self) -> list[tuple[int, Record]]:
        """As of a session here: minutes given out to the modules in order."""
        return given_out(self.modules, self.minutes)


def brought_along(agency: Agency, people: Collection[int] | None = None) -> dict[int, list[Brought]]:
    """By person of this agency (or of the named ones), in order of time. One query."""
    rows = (
        Attendance.objects.filter(person__user__people__agency=agency, session__cancelled_at=None)
        .exclude(person__agency=agency)
        .exclude(session__modules=None)
        .annotate(here=F("person__user__people__pk"))
        .order_by(
            "session__ends_at", "session_id", "session__modules__curriculum", "session__modules__position"
        )
    )
    if people is not None:
        rows = rows.filter(person__user__people__in=people)
    found: dict[int, list[Brought]] = defaultdict(list)
    for person, lines in _by_person_and_session(rows.values_list(*FIELDS)):
        brought = _brought(lines)
        if brought.minutes:
            found[person].append(brought)
    return found


type _Line = tuple[object, ...]


def _by_person_and_session(rows: Iterable[tuple[object, ...]]) -> list[tuple[int, list[_Line]]]:
    groups: dict[tuple[int, int], list[_Line]] = defaultdict(list)
    for row in rows:
        groups[row[0], row[1]].append(row[2:])  # type: ignore[index]
    return [(person, lines) for (person, _session), lines in groups.items()]


def _brought(lines: list[_Line]) -> Brought:
    """From the rows of one session: the same facts in each, and one module in each."""
    signed_in, signed_out, override, starts_at, ends_at, name, zone, late, early, partial = lines[0][:10]
    modules: tuple[Part, ...] = tuple(line[10:] for line in lines)  # type: ignore[misc]
    times = session_times(starts_at, ends_at, (minutes for _id, minutes, _curriculum in modules))  # type: ignore[arg-type]
    rule = CreditRule(late, early, bool(partial))  # type: ignore[arg-type]
    credit: Credit = session_credit(rule, times, signed_in, signed_out, override)  # type: ignore[arg-type]
    day = times.ends_at.astimezone(ZoneInfo(str(zone))).date()
    return Brought(str(name), day, times.ends_at, credit.minutes, modules)
