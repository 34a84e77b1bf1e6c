"""A stored plan with everything it is worked out from: its rows, what was made from them, closed days, bookings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from .bookings import bookings_of
from .closing import closed_days
from .models import Agency, Milestone, Plan, Session, User
from .plan import Pin, PlanDates, Planned
from .plan_steps import Key, Template

YEARS = 5
"""How far closed days and bookings are looked at: a plan takes two to three years."""


@dataclass(frozen=True)
class Fact:
    """What a milestone became: a session, a call, a wave, a commitment. Days in the agency's zone, both included.

    ``done``: it has taken place or begun. ``uuid``: of the row, "" where rows have none.
    """

    on: date
    until: date
    done: bool
    uuid: UUID | None = None
    url: str = ""


type Facts = Mapping[Key, Fact]


@dataclass(frozen=True)
class FreeDays:
    """Closed days by name, and spans on which no training can be."""

    closed: Mapping[date, str]
    busy: tuple[tuple[date, date], ...]


@dataclass(frozen=True)
class Desk:
    """A plan laid out: ``dates`` are those in force, with the pins they rest on."""

    plan: Plan
    rows: Mapping[Key, Milestone]
    facts: Facts
    dates: PlanDates
    free: FreeDays
    linked: frozenset[UUID] = field(default_factory=frozenset)
    """Rows made from the plan: no bookings that stand in its way."""

    @property
    def template(self) -> Template:
        return self.dates.template

    @property
    def closed(self) -> Mapping[date, str]:
        return self.free.closed

    @property
    def busy(self) -> tuple[tuple[date, date], ...]:
        return self.free.busy


def key_of(row: Milestone) -> Key:
    """A row's place in its plan."""
    return Key(row.kind, row.cohort, row.number)


def open_desk(plan: Plan, facts: Facts) -> Desk:
    """The plan as it stands. A constant number of queries."""
    rows = {key_of(row): row for row in plan.milestones.order_by("position", "pk")}
    pins = {key: pin for key, row in rows.items() if (pin := pin_of(row, facts.get(key)))}
    items = tuple(_item(key, row, pins.get(key)) for key, row in rows.items())
    linked = frozenset(fact.uuid for fact in facts.values() if fact.uuid)
    linked |= {row.row_uuid for row in rows.values() if row.row_uuid}
    dates = PlanDates(Template.from_json(plan.template), plan.starts_on, items, pins)
    free = days_for(plan.agency, plan.trainer, plan.starts_on, linked)
    return Desk(plan, rows, facts, dates, free, linked)


def pin_of(row: Milestone, fact: Fact | None) -> Pin | None:
    """Why a milestone stays where it is: what it became, that it is done, or that somebody fixed it."""
    if fact:
        return Pin(fact.on, max(fact.on, fact.until), fact.done)
    if row.done_on:
        return Pin(min(row.on, row.done_on) if row.until_on > row.on else row.done_on, row.done_on, done=True)
    return Pin(row.on, row.until_on) if row.is_fixed else None


def _item(key: Key, row: Milestone, pin: Pin | None) -> Planned:
    return Planned(key, pin.on, pin.until) if pin else Planned(key, row.on, row.until_on)


def days_for(agency: Agency, trainer: User | None, starts_on: date, linked: Iterable[UUID]) -> FreeDays:
    """Days on which nothing, or no training, can be planned, from the year of the start on.

    Taken: the trainer's bookings and days away, and every training session of the agency, but for ``linked`` rows.
    """
    own, zone = set(linked), agency.zone
    years = range(starts_on.year, starts_on.year + YEARS)
    spans = agency.closed_days.values_list("from_on", "until_on", "name")
    closed = closed_days(agency.region, spans, years)
    first = datetime.combine(starts_on - timedelta(days=7), time(), UTC)
    last = datetime(years[-1] + 1, 1, 1, tzinfo=UTC)
    sessions = Session.objects.planned().filter(cohort__agency=agency, ends_at__gt=first, starts_at__lt=last)
    taken = [row[1:] for row in sessions.values_list("uuid", "starts_at", "ends_at") if row[0] not in own]
    if trainer is not None:
        found = bookings_of(trainer, first, last)
        taken += [(each.starts_at, each.ends_at) for each in found if each.uuid not in own]
    moment = timedelta(microseconds=1)
    busy = {
        (starts_at.astimezone(zone).date(), (ends_at - moment).astimezone(zone).date())
        for starts_at, ends_at in taken
    }
    return FreeDays(closed, tuple(sorted(busy)))
