"""Hours of many people at once, for lists, overviews and reports; a constant number of queries each.

Several figures on one page share one reading: ``ledger = open_ledger(agency, now)``, then ``ledger=ledger``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from . import spans
from .coverage import Booster, MonthCoverage, Stay, coverage_by_month, suggest_booster
from .credit import Completion, CompletionState
from .ledger import Ledger, Member, open_ledger
from .models import Agency, Cohort, Session
from .placements import stays_of


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


type Spells = Mapping[int, Sequence[spans.Stay]]
"""Days in a row on the roster, by person: ``rollout.placements.stays_of``."""


def completion_by_month(
    agency: Agency, now: datetime, *, past: Ledger | None = None, spells: Spells | None = None
) -> list[MonthDose]:
    """Coverage of whoever was employed at each month's end, so that it falls when trained people leave.

    From the month of the first session held, or of the rollout’s start if earlier, to this month; empty
    before there is either. What a supervisor needs is judged by who supervises today. ``past``: a ledger of
    everybody who was ever there.
    """
    past = past or open_ledger(agency, now, former=True)
    return [
        MonthDose(each.month, each.covered, each.people)
        for each in _coverage(agency, now, past, past.complete_at, spells)
    ]


def foundations_by_month(
    agency: Agency, now: datetime, *, past: Ledger | None = None, spells: Spells | None = None
) -> tuple[MonthCoverage, ...]:
    """The same for the hours that everybody needs, supervisor or not, with how many came and left.

    Empty as well where nothing is required of everybody.
    """
    past = past or open_ledger(agency, now, former=True)
    needed = past.foundations()
    if not needed:
        return ()
    return _coverage(agency, now, past, lambda member: past.complete_at(member, needed), spells)


def booster_for(ledger: Ledger, months: Sequence[MonthCoverage]) -> Booster | None:
    """What coverage of today's people calls for; who is on track with what is planned counts as covered."""
    needed, on_track = ledger.foundations(), 0
    for member in ledger.people.values():
        each = Ledger.sum_up({pk: one for pk, one in ledger.standings(member).items() if pk in needed})
        on_track += each.state == "on track"
    return suggest_booster(months, on_track)


def _coverage(
    agency: Agency,
    now: datetime,
    past: Ledger,
    complete_at: Callable[[Member], datetime | None],
    spells: Spells | None,
) -> tuple[MonthCoverage, ...]:
    today = now.astimezone(agency.zone).date()
    begun = [slot.day for slot in past.slots.values() if slot.times.ends_at <= now]
    if agency.starts_on and agency.starts_on <= today:
        begun.append(agency.starts_on)
    if not begun:
        return ()
    stays = []
    for person, each in (stays_of(agency) if spells is None else spells).items():
        if member := past.people.get(person):
            at = complete_at(member)
            covered_on = at.astimezone(agency.zone).date() if at else None
            # Somebody who left and came back was not there in between.
            stays += [Stay(spell.from_on, spell.until_on, covered_on) for spell in each]
    return coverage_by_month(stays, min(begun), today)


@dataclass(frozen=True, slots=True)
class MonthHours:
    """Minutes of training in one month: planned for those expected, and credited to those who came."""

    month: date
    """Its first day."""
    credited: int
    planned: int


def hours_by_month(agency: Agency, now: datetime, *, past: Ledger | None = None) -> list[MonthHours]:
    """Minutes planned and credited in each month that has training, past and ahead, by month.

    Planned: each session for every member of its cohort who had joined and was employed on its day. Credited:
    what each module added for somebody; who repeats it earns nothing new. Somebody from another cohort adds to
    what is credited, not to what was planned.
    """
    past = past or open_ledger(agency, now, former=True)
    planned: dict[date, int] = defaultdict(int)
    credited: dict[date, int] = defaultdict(int)
    for person, places in past.cohorts.items():
        for cohort, joined_on in places if person in past.people else ():
            for slot in past.by_cohort.get(cohort, ()):
                if slot.day >= joined_on and past.people[person].is_here(slot.day):
                    planned[slot.day.replace(day=1)] += slot.times.creditable_minutes
    for person in past.people:
        best: dict[int, int] = defaultdict(int)
        for slot, _stamp, credit in past.credits(person):
            for _curriculum, (module, minutes) in slot.records(credit.minutes):
                credited[slot.day.replace(day=1)] += max(0, minutes - best[module])
                best[module] = max(best[module], minutes)
    months = sorted({*planned, *credited})
    return [MonthHours(month, credited[month], planned[month]) for month in months]


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
