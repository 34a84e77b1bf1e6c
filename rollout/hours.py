"""The hours report: everybody's required, credited, planned and missing minutes, for page, paper, file and shell.

One reading feeds all four, so that they say the same figures. Totals are of the people listed: with a filter, of
those it leaves.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .credit import STATE_LABELS, CompletionState, credited_total
from .exports import Row
from .ledger import Ledger, Record, open_ledger
from .models import Agency
from .summaries import PersonHours, person_hours


@dataclass(frozen=True, slots=True)
class HoursLine:
    """One person. ``brought_minutes``: of those credited, what only another agency's sessions earned them."""

    uuid: UUID
    first_name: str
    last_name: str
    team: str
    supervises: bool
    hours: PersonHours
    brought_minutes: int = 0

    @property
    def name(self) -> str:
        """As a list sorts it."""
        return f"{self.last_name}, {self.first_name}"

    @property
    def can_reach_minutes(self) -> int:
        """If they come to everything planned for them."""
        return self.hours.credited_minutes + self.hours.planned_minutes

    @property
    def state(self) -> str:
        return str(STATE_LABELS[self.hours.state])


@dataclass(frozen=True, slots=True)
class HoursTotals:
    """People by state, and minutes of all of them together."""

    people: int
    complete: int
    on_track: int
    cannot: int
    required: int
    credited: int
    planned: int
    missing: int
    """Lacking even if everybody comes to what is planned."""

    @property
    def can_reach(self) -> int:
        return self.credited + self.planned


@dataclass(frozen=True, slots=True)
class TeamLine:
    """The same of one team; "" is whoever has none."""

    name: str
    totals: HoursTotals


@dataclass(frozen=True)
class HoursReport:
    """Everybody on the roster today who fits, by name."""

    agency: Agency
    at: datetime
    lines: tuple[HoursLine, ...]
    totals: HoursTotals

    @property
    def teams(self) -> tuple[TeamLine, ...]:
        """By name, those without a team last."""
        by_team: dict[str, list[HoursLine]] = defaultdict(list)
        for line in self.lines:
            by_team[line.team].append(line)
        ordered = sorted(by_team, key=lambda name: (not name, name.casefold()))
        return tuple(TeamLine(name, totals_of(by_team[name])) for name in ordered)


def hours_report(
    agency: Agency,
    now: datetime,
    *,
    team: int | None = None,
    state: CompletionState | str = "",
    words: str = "",
    ledger: Ledger | None = None,
) -> HoursReport:
    """Read it: seven queries for any number of people. ``words``: parts of names, all of which must occur."""
    ledger = ledger or open_ledger(agency, now)
    wanted = words.casefold().split()
    lines = []
    people = agency.people.filter(left_on=None)
    if team is not None:
        people = people.filter(team=team)
    rows = people.values_list("pk", "uuid", "first_name", "last_name", "team__name")
    for pk, uuid, first_name, last_name, team_name in rows:
        member = ledger.people.get(pk)
        whole = f"{first_name} {last_name}".casefold()
        if member is None or not all(word in whole for word in wanted):
            continue
        hours = person_hours(pk, ledger.total(member))
        if state and hours.state != state:
            continue
        brought = brought_minutes(ledger, pk) if ledger.brought.get(pk) else 0
        lines.append(
            HoursLine(uuid, first_name, last_name, team_name or "", member.supervises, hours, brought)
        )
    return HoursReport(agency, now, tuple(lines), totals_of(lines))


def totals_of(lines: Sequence[HoursLine]) -> HoursTotals:
    """Added up."""
    each = [line.hours for line in lines]
    states = [hours.state for hours in each]
    return HoursTotals(
        len(each),
        states.count("complete"),
        states.count("on track"),
        states.count("cannot as planned"),
        sum(hours.required_minutes for hours in each),
        sum(hours.credited_minutes for hours in each),
        sum(hours.planned_minutes for hours in each),
        sum(hours.missing_minutes for hours in each),
    )


def brought_minutes(ledger: Ledger, person: int) -> int:
    """Credited minutes toward what is required that rest on another agency's sessions alone."""
    required = ledger.requirement(ledger.people[person])
    here: dict[int, list[Record]] = defaultdict(list)
    for slot, _stamp, credit in ledger.credits(person):
        for curriculum, record in slot.records(credit.minutes):
            here[curriculum].append(record)
    own = sum(min(minutes, credited_total(here[curriculum])) for curriculum, minutes in required.items())
    return ledger.total(ledger.people[person]).credited - own


# --- Files --------------------------------------------------------------------------------------------------------


def headers() -> list[str]:
    """Of the table as a file. Amounts are whole minutes: hours would need fractions."""
    return [
        _("Name"),
        _("Team"),
        _("Supervises a team"),
        _("Required, minutes"),
        _("Credited, minutes"),
        _("of these with another agency"),
        _("Planned, minutes"),
        _("Can reach, minutes"),
        _("Missing, minutes"),
        _("State"),
    ]


def rows(report: HoursReport) -> Iterator[Row]:
    """Everybody, and everybody together in the last row."""
    for line in report.lines:
        hours = line.hours
        yield (
            line.name,
            line.team,
            line.supervises,
            hours.required_minutes,
            hours.credited_minutes,
            line.brought_minutes,
            hours.planned_minutes,
            line.can_reach_minutes,
            hours.missing_minutes,
            line.state,
        )
    all_of = report.totals
    yield (
        people_words(all_of.people),
        "",
        None,
        all_of.required,
        all_of.credited,
        sum(line.brought_minutes for line in report.lines),
        all_of.planned,
        all_of.can_reach,
        all_of.missing,
        "",
    )


def people_words(n: int) -> str:
    """ "All 25 people"."""
    return ngettext("All %(n)d person", "All %(n)d people", n) % {"n": n}


def filename(report: HoursReport) -> str:
    """ "clearwater-hours-2026-11-21", without an ending."""
    return f"{report.agency.slug}-hours-{report.at.astimezone(report.agency.zone):%Y-%m-%d}"


def text_table(report: HoursReport) -> Iterable[str]:
    """The same table as lines of plain text, for a terminal."""
    table = [headers(), *[[_plain(value) for value in row] for row in rows(report)]]
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    for row in table:
        yield "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip()


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
