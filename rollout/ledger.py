"""Everybody's clock hours in one agency, read with few queries and added up by ``rollout.credit``.

The identity that is credited once is the module: whoever makes up for a missed day with another cohort earns
its modules there, and nobody earns a module twice. Minutes that fill a session only partly go to its modules
in order.

A session still counts as planned while nobody has been found absent: before its end, as long as nothing at
all is recorded for it, and for whoever signed in but has not signed out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from . import starter
from .credit import Completion, Credit, CreditRule, SessionTimes, completion, credited_total, session_credit
from .models import Agency, Attendance, CohortMember, Curriculum, Person, Session, Team

COMPANION_CODES = frozenset({"helping-relationship-skills"})
"""Starter curricula that are offered to everybody and required of nobody."""

type Record = tuple[int, int]
"""A module's id and the minutes earned in it."""


def credit_rule(agency: Agency) -> CreditRule:
    """The agency's own tolerances, in minutes."""
    return CreditRule(agency.late_minutes, agency.early_minutes, agency.partial_credit)


def session_times(starts_at: datetime, ends_at: datetime, module_minutes: Iterable[int]) -> SessionTimes:
    """What a session is worth: its modules without breaks, never more than the time from start to end."""
    length = (ends_at - starts_at) // timedelta(minutes=1)
    return SessionTimes(starts_at, ends_at, min(sum(module_minutes), length))


@dataclass(frozen=True, slots=True)
class Slot:
    """A session that was not cancelled, with its modules (id, minutes, curriculum id) in order."""

    id: int
    cohort_id: int
    day: date
    """In the agency's zone."""
    times: SessionTimes
    modules: tuple[tuple[int, int, int], ...]

    def records(self, minutes: int) -> list[tuple[int, Record]]:
        """Minutes given out to the modules in order, as (curriculum id, (module id, minutes))."""
        given = []
        for module, length, curriculum in self.modules:
            part = min(minutes, length)
            minutes -= part
            given.append((curriculum, (module, part)))
        return given


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is recorded of one person at one session."""

    session_id: int
    signed_in_at: datetime | None
    signed_out_at: datetime | None
    override_minutes: int | None

    @property
    def is_open(self) -> bool:
        """Signed in, and still to sign out."""
        return bool(self.signed_in_at) and self.signed_out_at is None and self.override_minutes is None

    @property
    def is_empty(self) -> bool:
        """A tap that was taken back."""
        return self.signed_in_at is None and self.signed_out_at is None and self.override_minutes is None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the roster, as far as hours need them."""

    id: int
    team_id: int | None
    supervises: bool
    hired_on: date | None
    left_on: date | None

    def is_here(self, day: date) -> bool:
        """Employed on that day; without dates: yes."""
        return (self.hired_on is None or self.hired_on <= day) and (
            self.left_on is None or self.left_on > day
        )


@dataclass(frozen=True)
class Ledger:
    """The facts behind the hours of an agency's people."""

    rule: CreditRule
    now: datetime
    required: tuple[tuple[int, str, int], ...]
    """Curriculum id, audience, minutes."""
    slots: Mapping[int, Slot]
    people: Mapping[int, Member]
    stamps: Mapping[int, list[Stamp]]
    """By person."""
    cohorts: Mapping[int, list[tuple[int, date]]]
    """By person: cohort id and the day they joined."""
    recorded: frozenset[int]
    """Sessions with at least one record."""
    by_cohort: Mapping[int, list[Slot]] = field(default_factory=dict)
    _credits: dict[int, list[tuple[Slot, Stamp, Credit]]] = field(default_factory=dict, compare=False)
    """Worked out once for each person: a page asks several times."""

    def requirement(self, member: Member) -> dict[int, int]:
        """Minutes this person needs, by curriculum."""
        return {
            curriculum: minutes
            for curriculum, audience, minutes in self.required
            if audience == Curriculum.Audience.EVERYONE or member.supervises
        }

    def credits(self, person: int) -> list[tuple[Slot, Stamp, Credit]]:
        """What each recorded session earned, in order of time; not the one that somebody sits in now."""
        if person not in self._credits:
            self._credits[person] = sorted(
                self._work_out(person), key=lambda each: (each[0].times.ends_at, each[0].id)
            )
        return self._credits[person]

    def _work_out(self, person: int) -> Iterator[tuple[Slot, Stamp, Credit]]:
        for stamp in self.stamps.get(person, ()):
            slot = self.slots.get(stamp.session_id)
            if slot is None or (stamp.is_open and slot.times.ends_at > self.now) or stamp.is_empty:
                continue
            credit = session_credit(
                self.rule, slot.times, stamp.signed_in_at, stamp.signed_out_at, stamp.override_minutes
            )
            yield slot, stamp, credit

    def planned(self, person: int) -> list[Slot]:
        """Sessions this person is expected at that may still bring hours, in order of time."""
        stamps = {stamp.session_id: stamp for stamp in self.stamps.get(person, ()) if not stamp.is_empty}
        expected = {
            slot.id: slot
            for cohort, joined_on in self.cohorts.get(person, ())
            for slot in self.by_cohort.get(cohort, ())
            if slot.day >= joined_on and self._may_bring(slot, stamps.get(slot.id))
        }
        # Somebody who joined another cohort for a day is expected to finish it, member or not.
        expected |= {
            s.session_id: self.slots[s.session_id]
            for s in stamps.values()
            if s.is_open and s.session_id in self.slots
        }
        return sorted(expected.values(), key=lambda slot: (slot.times.starts_at, slot.id))

    def _may_bring(self, slot: Slot, stamp: Stamp | None) -> bool:
        if stamp is not None:
            return stamp.is_open
        return slot.times.ends_at > self.now or slot.id not in self.recorded

    def standing(self, person: int, required: Mapping[int, int]) -> dict[int, Completion]:
        """Where one person stands in each of these curricula (id: minutes required)."""
        earned, with_plan = defaultdict(list), defaultdict(list)
        for slot, _stamp, credit in self.credits(person):
            for curriculum, record in slot.records(credit.minutes):
                earned[curriculum].append(record)
        for slot in self.planned(person):
            for curriculum, record in slot.records(slot.times.creditable_minutes):
                with_plan[curriculum].append(record)
        found = {}
        for curriculum, minutes in required.items():
            credited = min(minutes, credited_total(earned[curriculum]))
            reachable = min(minutes, credited_total(earned[curriculum] + with_plan[curriculum]))
            found[curriculum] = completion(minutes, credited, reachable - credited)
        return found

    def makeups(self, person: int, limit: int = 2) -> list[Slot]:
        """Sessions of other cohorts, still ahead, that would bring minutes neither earned nor planned."""
        sure: dict[int, int] = defaultdict(int)
        for slot, _stamp, credit in self.credits(person):
            for _curriculum, (module, minutes) in slot.records(credit.minutes):
                sure[module] = max(sure[module], minutes)
        planned = self.planned(person)
        for slot in planned:
            sure |= {module: minutes for module, minutes, _curriculum in slot.modules}
        needed = self.requirement(self.people[person])
        options = [
            slot
            for slot in self.slots.values()
            if slot.times.starts_at > self.now
            and any(
                sure[module] < minutes and curriculum in needed
                for module, minutes, curriculum in slot.modules
            )
        ]
        return sorted(options, key=lambda slot: (slot.times.starts_at, slot.id))[:limit]

    def total(self, member: Member) -> Completion:
        """All that one person needs, together. Nothing beyond a requirement makes up for another one."""
        return self.sum_up(self.standing(member.id, self.requirement(member)))

    @staticmethod
    def sum_up(standings: Mapping[int, Completion]) -> Completion:
        """Several curricula as one: required, credited and planned minutes of all."""
        each = standings.values()
        return completion(
            sum(c.required for c in each), sum(c.credited for c in each), sum(c.planned for c in each)
        )

    def foundations(self) -> dict[int, int]:
        """Minutes that are required of everybody, by curriculum."""
        return {
            curriculum: minutes
            for curriculum, audience, minutes in self.required
            if audience == Curriculum.Audience.EVERYONE
        }

    def complete_at(self, member: Member, needed: Mapping[int, int] | None = None) -> datetime | None:
        """The end of the session with which the last requirement was met; None while one is open.

        ``needed``: minutes by curriculum; without it, all that is required of this person.
        """
        requirement = self.requirement(member) if needed is None else needed
        earned: dict[int, list[Record]] = defaultdict(list)
        for slot, _stamp, credit in self.credits(member.id):
            for curriculum, record in slot.records(credit.minutes):
                earned[curriculum].append(record)
            if all(
                credited_total(earned[curriculum]) >= minutes for curriculum, minutes in requirement.items()
            ):
                return slot.times.ends_at
        return None


def open_ledger(
    agency: Agency, now: datetime, people: Collection[int] | None = None, *, former: bool = False
) -> Ledger:
    """Read the ledger of an agency's current people, of the named ones, or with ``former`` of all ever there.

    Five queries, for any number of people.
    """
    whose = Q(agency=agency)
    if people is not None:
        whose &= Q(pk__in=people)
    elif not former:
        whose &= Q(left_on=None)
    members = {
        row[0]: Member(*row)
        for row in Person.objects.filter(whose)
        .annotate(supervises_a_team=Exists(Team.objects.filter(supervisor=OuterRef("pk"))))
        .values_list("pk", "team_id", "supervises_a_team", "hired_on", "left_on")
    }
    slots = _slots(agency)
    stamps, recorded = _stamps(agency, members)
    cohorts: dict[int, list[tuple[int, date]]] = defaultdict(list)
    places = CohortMember.objects.filter(cohort__agency=agency)
    if people is not None:
        places = places.filter(person__in=people)
    for person, cohort, joined_on in places.values_list("person_id", "cohort_id", "joined_on"):
        cohorts[person].append((cohort, joined_on))
    by_cohort: dict[int, list[Slot]] = defaultdict(list)
    for slot in slots.values():
        by_cohort[slot.cohort_id].append(slot)
    return Ledger(
        credit_rule(agency), now, requirements(), slots, members, stamps, cohorts, recorded, by_cohort
    )


def requirements() -> tuple[tuple[int, str, int], ...]:
    """Curriculum id, audience, minutes of what is required; before any is installed, the starter's."""
    asked = Curriculum.objects.exclude(audience=Curriculum.Audience.OPTIONAL)
    found = tuple(asked.values_list("pk", "audience", "required_minutes"))
    return found or tuple(
        (-number, each.audience, each.required_minutes)
        for number, each in enumerate(starter.curricula(), start=1)
        if each.slug not in COMPANION_CODES
    )


def _slots(agency: Agency) -> dict[int, Slot]:
    zone: ZoneInfo = agency.zone
    times: dict[int, tuple[int, datetime, datetime]] = {}
    modules: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    rows = (
        Session.modules.through.objects.filter(session__cohort__agency=agency, session__cancelled_at=None)
        .order_by("module__curriculum", "module__position")
        .values_list(
            "session_id",
            "session__cohort_id",
            "session__starts_at",
            "session__ends_at",
            "module_id",
            "module__minutes",
            "module__curriculum_id",
        )
    )
    for session, cohort, starts_at, ends_at, *module in rows:
        times[session] = cohort, starts_at, ends_at
        modules[session].append((module[0], module[1], module[2]))
    return {
        session: Slot(
            session,
            cohort,
            starts_at.astimezone(zone).date(),
            session_times(starts_at, ends_at, (minutes for _id, minutes, _curriculum in modules[session])),
            tuple(modules[session]),
        )
        for session, (cohort, starts_at, ends_at) in times.items()
    }


def _stamps(agency: Agency, members: Mapping[int, Member]) -> tuple[dict[int, list[Stamp]], frozenset[int]]:
    """Records of these people, and the sessions for which there is any record at all."""
    stamps: dict[int, list[Stamp]] = defaultdict(list)
    recorded = set()
    rows = Attendance.objects.filter(session__cohort__agency=agency).values_list(
        "person_id", "session_id", "signed_in_at", "signed_out_at", "override_minutes"
    )
    for person, session, signed_in_at, signed_out_at, minutes in rows:
        stamp = Stamp(session, signed_in_at, signed_out_at, minutes)
        if not stamp.is_empty:
            recorded.add(stamp.session_id)
            if person in members:
                stamps[person].append(stamp)
    return stamps, frozenset(recorded)
