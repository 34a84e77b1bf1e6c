"""Hours of many people at once, for lists, overviews and reports; a constant number of queries each.

Several figures on one page share one reading: ``ledger = open_ledger(agency, now)``, then ``ledger=ledger``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from .credit import Completion, CompletionState
from .dates import same_day_of_month
from .ledger import Ledger, open_ledger
from .models import Agency, Cohort, Session


@dataclass(frozen=True, slots=True)
class PersonHours:
    """One person's minutes against everything required of them (supervisors: Foundations and Supervision)."""

    person_id: int
    required_minutes: int
    credited_minutes: int
    planned_minutes: int
    """Still to come, as planned, and not yet credited."""
    state: CompletionState

    @property
    def missing_minutes(self) -> int:
        """Lacking even when everything planned is attended."""
        return max(0, self.required_minutes - self.credited_minutes - self.planned_minutes)


@dataclass(frozen=True, slots=True)
class AgencyHours:
    """Current people by state. ``cannot``: nothing planned could close their gap."""

    people: int
    complete: int
    on_track: int
    cannot: int


@dataclass(frozen=True, slots=True)
class TeamHours:
    """A team's current people, and how many have all their hours or cannot reach them as planned."""

    team_id: int
    team_uuid: UUID
    name: str
    supervisor_id: int | None
    people: int
    complete: int
    cannot: int


@dataclass(frozen=True, slots=True)
class MonthDose:
    """People employed at a month's end (or now), and how many of them had all their hours by then."""

    month: date
    """Its first day."""
    complete: int
    people: int


def person_hours(person_id: int, total: Completion) -> PersonHours:
    """The line of one person from their completion."""
    return PersonHours(person_id, total.required, total.credited, total.planned, total.state)


def hours_of_people(agency: Agency, now: datetime, *, ledger: Ledger | None = None) -> dict[int, PersonHours]:
    """Hours of everybody on the roster today, by person id."""
    ledger = ledger or open_ledger(agency, now)
    return {
        member.id: person_hours(member.id, ledger.total(member))
        for member in ledger.people.values()
        if member.left_on is None
    }


def agency_hours(
    agency: Agency, now: datetime, *, hours: dict[int, PersonHours] | None = None
) -> AgencyHours:
    """How many people have all their hours, are on track, or cannot reach them as planned."""
    hours = hours_of_people(agency, now) if hours is None else hours
    states = [line.state for line in hours.values()]
    return AgencyHours(
        len(states), states.count("complete"), states.count("on track"), states.count("cannot as planned")
    )


def team_hours(
    agency: Agency,
    now: datetime,
    *,
    ledger: Ledger | None = None,
    hours: dict[int, PersonHours] | None = None,
) -> list[TeamHours]:
    """Reach by team, teams by name; people without a team are in none of them."""
    ledger = ledger or open_ledger(agency, now)
    hours = hours_of_people(agency, now, ledger=ledger) if hours is None else hours
    states = defaultdict(list)
    for person, line in hours.items():
        states[ledger.people[person].team_id].append(line.state)
    return [
        TeamHours(
            pk,
            uuid,
            name,
            supervisor,
            len(states[pk]),
            states[pk].count("complete"),
            states[pk].count("cannot as planned"),
        )
        for pk, uuid, name, supervisor in agency.teams.values_list("pk", "uuid", "name", "supervisor_id")
    ]


def completion_by_month(agency: Agency, now: datetime) -> list[MonthDose]:
    """Coverage of whoever was employed at each month's end, so that it falls when trained people leave.

    From the month of the first session held, or of the rollout’s start if earlier, to this month; empty
    before there is either. What a supervisor needs is judged by who supervises today.
    """
    today = now.astimezone(agency.zone).date()
    ledger = open_ledger(agency, now, former=True)
    begun = [slot.day for slot in ledger.slots.values() if slot.times.ends_at <= now]
    if agency.starts_on and agency.starts_on <= today:
        begun.append(agency.starts_on)
    if not begun:
        return []
    complete_on = {
        member.id: at.astimezone(agency.zone).date()
        for member in ledger.people.values()
        if (at := ledger.complete_at(member)) is not None
    }
    found, month = [], min(begun).replace(day=1)
    while month <= today:
        last = min(today, same_day_of_month(month, 1) - timedelta(days=1))
        here = [member.id for member in ledger.people.values() if member.is_here(last)]
        complete = sum(1 for person in here if person in complete_on and complete_on[person] <= last)
        found.append(MonthDose(month, complete, len(here)))
        month = same_day_of_month(month, 1)
    return found


@dataclass(frozen=True, slots=True)
class CohortCount:
    """Current members of a cohort, and those with all hours of its curriculum, earned wherever."""

    people: int
    complete: int


def cohort_counts(ledger: Ledger, cohorts: Iterable[Cohort]) -> dict[int, CohortCount]:
    """Counts by cohort id; the cohorts come with their curriculum."""
    members: dict[int, list[int]] = defaultdict(list)
    for person, places in ledger.cohorts.items():
        for cohort, _joined_on in places:
            if person in ledger.people:
                members[cohort].append(person)
    found = {}
    for each in cohorts:
        need = {each.curriculum_id: each.curriculum.required_minutes}
        states = [ledger.standing(person, need)[each.curriculum_id].state for person in members[each.pk]]
        found[each.pk] = CohortCount(len(states), states.count("complete"))
    return found


@dataclass(frozen=True)
class SessionCount:
    """Sessions of an agency that were not cancelled: all that are planned, and those that are over."""

    planned: int
    held: int
    first_on: date | None
    next_at: datetime | None


def session_count(agency: Agency, now: datetime) -> SessionCount:
    """How far the training has come, for the stage of the rollout."""
    times = list(
        Session.objects.planned()
        .filter(cohort__agency=agency)
        .order_by("starts_at")
        .values_list("starts_at", "ends_at")
    )
    first_on = times[0][0].astimezone(agency.zone).date() if times else None
    ahead = [starts_at for starts_at, ends_at in times if ends_at > now]
    return SessionCount(len(times), len(times) - len(ahead), first_on, ahead[0] if ahead else None)
