"""Who can no longer complete as planned, what they lack, and which sessions still ahead would close the gap.

Everything is worked out for everybody at once: the number of queries depends neither on people nor on sessions.
People who lack the same and are busy at the same times share one search.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.module_loading import import_string

from .ledger import Ledger, Slot
from .makeup_search import Gap, Option, smallest_set
from .models import Agency, Attendance, Cohort, CohortMember, Module, Person, Session
from .summaries import PersonHours, person_hours
from .todos import Todo


@dataclass(frozen=True, slots=True)
class Missing:
    """A module that somebody lacks, and how many of its minutes."""

    module: Module
    minutes: int


@dataclass(frozen=True)
class OpenLine:
    """One person who cannot reach what is required as planned."""

    person: Person
    hours: PersonHours
    missing: tuple[Missing, ...]
    makeup: tuple[Session, ...]
    """The smallest set of sessions that would close the gap; empty when none would."""


@dataclass(frozen=True, slots=True)
class Further:
    """What one more session would do: these modules, for so many people who have no option left."""

    modules: tuple[Module, ...]
    minutes: int
    people: int


@dataclass(frozen=True)
class StillOpen:
    """Everybody whose gap nothing planned closes, by name."""

    lines: tuple[OpenLine, ...]
    free: Mapping[int, int | None]
    """Places left by session id; None: as many as come."""

    @property
    def with_option(self) -> int:
        return sum(1 for line in self.lines if line.makeup)

    @property
    def without(self) -> int:
        return len(self.lines) - self.with_option

    @property
    def further(self) -> tuple[Further, ...]:
        """What those without an option lack, alike with alike, the most people first."""
        alike: Counter[tuple[int, ...]] = Counter()
        modules: dict[int, Module] = {}
        for line in self.lines:
            if not line.makeup:
                modules |= {each.module.pk: each.module for each in line.missing}
                alike[tuple(each.module.pk for each in line.missing)] += 1
        return tuple(
            Further(tuple(modules[pk] for pk in key), sum(modules[pk].minutes for pk in key), people)
            for key, people in sorted(alike.items(), key=lambda each: (-each[1], each[0]))
        )


@dataclass
class Finder:
    """The search for one agency: what stands ahead, with places and modules, and what was found before."""

    ledger: Ledger
    modules: Mapping[int, Module]
    free: Mapping[int, int | None]
    found: dict[object, tuple[Option, ...]] = field(default_factory=dict)

    @cached_property
    def curriculum_of(self) -> dict[int, int]:
        return {pk: module.curriculum_id for pk, module in self.modules.items()}

    @cached_property
    def options(self) -> dict[int, Option]:
        """Sessions that have not begun."""
        return {
            slot.id: Option(
                slot.id,
                slot.times.starts_at,
                slot.times.ends_at,
                tuple(record for _c, record in slot.records(slot.times.creditable_minutes)),
                self.free.get(slot.id),
            )
            for slot in self.ledger.slots.values()
            if slot.times.starts_at > self.ledger.now
        }

    def gap(self, person: int) -> Gap:
        """What one person needs and has."""
        planned = self.ledger.planned(person)
        required = self.ledger.requirement(self.ledger.people[person])
        busy = tuple((slot.times.starts_at, slot.times.ends_at) for slot in planned)
        return Gap(required, self.curriculum_of, self.ledger.sure(person), busy)

    def makeup(self, person: int, curriculum: int | None = None) -> tuple[Option, ...]:
        """The smallest set of sessions for this person, or toward one curriculum; empty when none does it."""
        gap = self.gap(person)
        if curriculum is not None:
            gap = replace(gap, required={curriculum: gap.required[curriculum]})
        own = {slot.id for slot in self.ledger.planned(person)}
        key = (tuple(sorted(gap.required.items())), tuple(sorted(gap.sure.items())), gap.busy)
        if key not in self.found:
            options = [option for pk, option in self.options.items() if pk not in own]
            self.found[key] = smallest_set(gap, options) or ()
        return self.found[key]

    def missing(self, person: int) -> tuple[Missing, ...]:
        """Modules lacking toward curricula that are short, in their order."""
        gap = self.gap(person)
        short = gap.short
        return tuple(
            Missing(module, module.minutes - gap.sure.get(pk, 0))
            for pk, module in self.modules.items()
            if module.curriculum_id in short and gap.sure.get(pk, 0) < module.minutes
        )


def finder(ledger: Ledger) -> Finder:
    """Read what the search needs beside the ledger. Three queries."""
    curricula = [curriculum for curriculum, _audience, _minutes in ledger.required]
    modules = {
        module.pk: module
        for module in Module.objects.filter(curriculum__in=curricula).order_by("curriculum", "position")
    }
    ahead = [slot for slot in ledger.slots.values() if slot.times.starts_at > ledger.now]
    return Finder(ledger, modules, free_places(ahead))


def free_places(slots: Iterable[Slot]) -> dict[int, int | None]:
    """Places left in each of these sessions: of its cohort's, without members and whoever makes up there. Two queries."""
    slots = list(slots)
    here = Q(cohortmember__person__left_on=None)
    cohorts = Cohort.objects.filter(pk__in={slot.cohort_id for slot in slots}, capacity__isnull=False)
    room = {
        pk: (capacity or 0) - taken
        for pk, capacity, taken in cohorts.annotate(taken=Count("cohortmember", filter=here)).values_list(
            "pk", "capacity", "taken"
        )
    }
    guests = guests_of({slot.id for slot in slots})
    return {
        slot.id: max(0, room[slot.cohort_id] - guests[slot.id]) if slot.cohort_id in room else None
        for slot in slots
    }


def guests_of(sessions: Iterable[int]) -> Counter[int]:
    """How many make up in each of these sessions without being members of its cohort. One query."""
    member = CohortMember.objects.filter(cohort=OuterRef("session__cohort"), person=OuterRef("person"))
    places = Attendance.objects.filter(
        ~Exists(member), session__in=list(sessions), makes_up_for__isnull=False, person__left_on=None
    )
    return Counter(places.values_list("session_id", flat=True))


def still_open(
    agency: Agency, ledger: Ledger, *, team: int | None = None, words: str = "", show: str = ""
) -> StillOpen:
    """Everybody short who fits: their gap, and what would close it. ``show``: "options", "none" or all."""
    short = {
        pk: total
        for pk, member in ledger.people.items()
        if member.left_on is None and (total := ledger.total(member)).state == "cannot as planned"
    }
    search = finder(ledger)
    wanted = words.casefold().split()
    people = [
        person
        for person in agency.people.filter(left_on=None).select_related("team")
        if person.pk in short
        and (team is None or person.team_id == team)
        and all(word in str(person).casefold() for word in wanted)
    ]
    made = {person.pk: search.makeup(person.pk) for person in people}
    if show:
        people = [person for person in people if bool(made[person.pk]) == (show == "options")]
    sessions = sessions_of({option.id for options in made.values() for option in options}, agency)
    lines = tuple(
        OpenLine(
            person,
            person_hours(person.pk, short[person.pk]),
            search.missing(person.pk),
            tuple(sessions[option.id] for option in made[person.pk]),
        )
        for person in people
    )
    return StillOpen(lines, search.free)


def sessions_of(keys: Iterable[int], agency: Agency) -> dict[int, Session]:
    """Sessions with their cohorts, by id. One query."""
    found = {each.pk: each for each in Session.objects.filter(pk__in=list(keys)).select_related("cohort")}
    for session in found.values():
        session.cohort.agency = agency
    return found


def missed_for(ledger: Ledger, person: int, option: Slot) -> Slot | None:
    """The session this one would make up for: of their own cohorts, over, sharing the most minutes they lack.

    Also one before they joined. None where they are in no cohort whose sessions hold these modules.
    """
    sure = ledger.sure(person)
    wanted = {module: minutes - sure.get(module, 0) for module, minutes, _c in option.modules}
    best, most = None, 0
    for cohort, _joined_on in ledger.cohorts.get(person, ()):
        for slot in ledger.by_cohort.get(cohort, ()):
            if slot.id == option.id or slot.times.ends_at > ledger.now:
                continue
            shared = sum(max(0, wanted.get(module, 0)) for module, _minutes, _c in slot.modules)
            if shared > most:
                best, most = slot, shared
    return best


def places_given(agency: Agency, now: datetime) -> list[Attendance]:
    """Make-up places at sessions still ahead that nobody has come to yet, by date and name. One query."""
    found = Attendance.objects.filter(
        session__cohort__agency=agency,
        session__cancelled_at=None,
        session__starts_at__gt=now,
        makes_up_for__isnull=False,
        signed_in_at=None,
        override_minutes=None,
        person__left_on=None,
    )
    return list(
        found.select_related("person__team", "session__cohort", "makes_up_for__cohort").order_by(
            "session__starts_at", "person__last_name", "person__first_name", "pk"
        )
    )


def besides_hours(agency: Agency, now: datetime) -> list[Todo]:
    """Who cannot complete, or may miss no more of, what is required besides hours, each with the one thing to do.

    From ``settings.COMPLETION_SOURCES``: functions (dotted paths) of an agency and now, each with a constant number of
    queries, so that what stands on this app can tell of its own without this app knowing it.
    """
    return [todo for source in settings.COMPLETION_SOURCES for todo in import_string(source)(agency, now)]
