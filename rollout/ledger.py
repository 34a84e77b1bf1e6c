"""Everybody's clock hours in one agency, read with few queries and added up by ``rollout.credit``.

The identity that is credited once is the module: whoever makes up for a missed day with another cohort earns
its modules there, and nobody earns a module twice. Minutes that fill a session only partly go to its modules
in order.

A session still counts as planned while nobody has been found absent: before its end, as long as nothing at
all is recorded for it, and for whoever signed in but has not signed out. Somebody is expected at the sessions of
their cohorts from the day they joined on, and where they were given a make-up place. Required is the whole
requirement, whenever somebody joined: a late joiner has missed nothing, but still has everything to earn.

Hours follow the human being: see ``rollout.transfers``. What is required is data (``Curriculum``), no figure
stands in the code.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from . import starter
from .credit import Completion, Credit, CreditRule, completion, credited_total, session_credit
from .models import Agency, Attendance, CohortMember, Curriculum, Person, Session, Team
from .slots import Member, Part, Record, Slot, Stamp, credit_rule, session_times
from .transfers import Brought, brought_along

__all__ = [
    "COMPANION_CODES",
    "Ledger",
    "Member",
    "Record",
    "Slot",
    "Stamp",
    "credit_rule",
    "open_ledger",
    "requirements",
    "session_times",
]

COMPANION_CODES = frozenset({"helping-relationship-skills"})
"""Starter curricula that are offered to everybody and required of nobody."""


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
    brought: Mapping[int, list[Brought]] = field(default_factory=dict)
    """By person: what they earned with another agency."""
    _credits: dict[int, list[tuple[Slot, Stamp, Credit]]] = field(default_factory=dict, compare=False)
    """Worked out once for each person: a page asks several times."""
    _standings: dict[int, dict[int, Completion]] = field(default_factory=dict, compare=False)

    def current(self) -> "Ledger":
        """Of a ledger of everybody who was ever there: the one of today's people, without another query."""
        here = {pk: member for pk, member in self.people.items() if member.left_on is None}
        return replace(self, people=here)

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

    def earned(self, person: int) -> Iterator[tuple[int, Record]]:
        """All minutes earned, here and with another agency, as (curriculum id, (module id, minutes))."""
        for slot, _stamp, credit in self.credits(person):
            yield from slot.records(credit.minutes)
        for brought in self.brought.get(person, ()):
            yield from brought.records()

    def expected(self, person: int) -> dict[int, Slot]:
        """Sessions somebody is expected at, over or ahead: of their cohorts, and where they make up for one."""
        found = {
            slot.id: slot
            for cohort, joined_on in self.cohorts.get(person, ())
            for slot in self.by_cohort.get(cohort, ())
            if slot.day >= joined_on
        }
        for stamp in self.stamps.get(person, ()):
            if stamp.is_place and (slot := self.slots.get(stamp.session_id)):
                found[slot.id] = slot
        return found

    def planned(self, person: int) -> list[Slot]:
        """Sessions this person is expected at that may still bring hours, in order of time."""
        stamps = {stamp.session_id: stamp for stamp in self.stamps.get(person, ()) if not stamp.is_empty}
        planned = {
            slot.id: slot
            for slot in self.expected(person).values()
            if self._may_bring(slot, stamps.get(slot.id))
        }
        # Somebody who joined another cohort for a day is expected to finish it, member or not.
        planned |= {
            s.session_id: self.slots[s.session_id]
            for s in stamps.values()
            if s.is_open and s.session_id in self.slots
        }
        return sorted(planned.values(), key=lambda slot: (slot.times.starts_at, slot.id))

    def _may_bring(self, slot: Slot, stamp: Stamp | None) -> bool:
        if stamp is not None:
            return stamp.is_open
        return slot.times.ends_at > self.now or slot.id not in self.recorded

    def standing(self, person: int, required: Mapping[int, int]) -> dict[int, Completion]:
        """Where one person stands in each of these curricula (id: minutes required)."""
        earned, with_plan = defaultdict(list), defaultdict(list)
        for curriculum, record in self.earned(person):
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

    def standings(self, member: Member) -> dict[int, Completion]:
        """Where one person stands in everything required of them, by curriculum."""
        if member.id not in self._standings:
            self._standings[member.id] = self.standing(member.id, self.requirement(member))
        return self._standings[member.id]

    def sure(self, person: int) -> dict[int, int]:
        """Minutes by module that somebody has, or gets if they come to what is planned for them."""
        sure: dict[int, int] = defaultdict(int)
        for _curriculum, (module, minutes) in self.earned(person):
            sure[module] = max(sure[module], minutes)
        for slot in self.planned(person):
            for _curriculum, (module, minutes) in slot.records(slot.times.creditable_minutes):
                sure[module] = max(sure[module], minutes)
        return sure

    def makeups(self, person: int, limit: int = 2) -> list[Slot]:
        """Sessions of other cohorts, still ahead, that would bring minutes neither earned nor planned."""
        sure = self.sure(person)
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
        return self.sum_up(self.standings(member))

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
        events = [
            (slot.times.ends_at, slot.records(credit.minutes))
            for slot, _stamp, credit in self.credits(member.id)
        ]
        if brought := self.brought.get(member.id):
            events += [(each.ends_at, each.records()) for each in brought]
            events.sort(key=lambda event: event[0])
        earned: dict[int, list[Record]] = defaultdict(list)
        for ends_at, records in events:
            for curriculum, record in records:
                earned[curriculum].append(record)
            if all(
                credited_total(earned[curriculum]) >= minutes for curriculum, minutes in requirement.items()
            ):
                return ends_at
        return None


def open_ledger(
    agency: Agency, now: datetime, people: Collection[int] | None = None, *, former: bool = False
) -> Ledger:
    """Read the ledger of an agency's current people, of the named ones, or with ``former`` of all ever there.

    Six queries, for any number of people.
    """
    whose = Q(agency=agency, merged_into=None)
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
        credit_rule(agency),
        now,
        requirements(),
        slots,
        members,
        stamps,
        cohorts,
        recorded,
        by_cohort,
        brought_along(agency, people),
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
    modules: dict[int, list[Part]] = defaultdict(list)
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
        "person_id",
        "session_id",
        "signed_in_at",
        "signed_out_at",
        "override_minutes",
        "makes_up_for_id",
    )
    for person, session, signed_in_at, signed_out_at, minutes, missed in rows:
        stamp = Stamp(session, signed_in_at, signed_out_at, minutes, missed)
        if stamp.is_empty and not stamp.is_place:
            continue
        if not stamp.is_empty:
            recorded.add(stamp.session_id)
        if person in members:
            stamps[person].append(stamp)
    return stamps, frozenset(recorded)
