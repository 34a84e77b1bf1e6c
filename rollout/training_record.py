"""One person's training: each session with its credit and why, what is to come, what it adds up to."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from .attendance import corrections_of
from .credit import Completion, Credit, credited_total, session_credit
from .domains import PersonCover, frame, person_cover
from .ledger import Ledger, Record, Slot, open_ledger
from .models import Attendance, AuditEntry, Cohort, Curriculum, Person, Session
from .summaries import PersonHours, person_hours
from .transfers import Brought


@dataclass(frozen=True)
class CurriculumHours:
    """Minutes of one curriculum; ``is_required`` is False where somebody only was chosen for it."""

    name: str
    standing: Completion
    is_required: bool


@dataclass(frozen=True)
class SessionLine:
    """One session that is over, or that this person has signed in to."""

    session: Session
    worth_minutes: int
    credit: Credit | None
    """None: nobody's attendance has been recorded yet."""
    counted_minutes: int
    """What it added to the hours: less than the credit where a module had been earned before."""
    correction: AuditEntry | None
    note: str


@dataclass(frozen=True)
class BroughtLine:
    """Hours earned with another agency, and what they added here."""

    brought: Brought
    counted_minutes: int


@dataclass(frozen=True)
class TrainingRecord:
    """All of one person's training in one agency, and what they brought along from another."""

    person: Person
    hours: PersonHours
    curricula: list[CurriculumHours]
    past: list[SessionLine]
    coming: list[Session]
    elsewhere: list[BroughtLine]
    """The latest first."""
    cover: PersonCover


def training_record(person: Person, now: datetime) -> TrainingRecord:
    """The record of one person, the latest session first; a constant number of queries."""
    agency = person.agency
    ledger = open_ledger(agency, now, [person.pk])
    standings = _standings(ledger, person)
    total = ledger.total(ledger.people[person.pk])
    planned = ledger.planned(person.pk)
    over = _over(ledger, person)
    wanted = [slot.id for slot in [*planned, *over]]
    sessions = {
        session.pk: session
        for session in Session.objects.filter(pk__in=wanted).select_related("cohort__curriculum", "trainer")
    }
    for session in sessions.values():
        session.cohort.agency = agency  # spares a query for each line: a person has one agency
    coming = [sessions[slot.id] for slot in planned if slot.times.ends_at > now]
    past, elsewhere = _lines(ledger, person, over, sessions)
    cover = person_cover(ledger, person.pk, frame())
    return TrainingRecord(person, person_hours(person.pk, total), standings, past, coming, elsewhere, cover)


def _standings(ledger: Ledger, person: Person) -> list[CurriculumHours]:
    required = ledger.requirement(ledger.people[person.pk])
    places = Cohort.objects.filter(
        pk__in=[cohort for cohort, _joined_on in ledger.cohorts.get(person.pk, ())]
    )
    chosen = set(places.values_list("curriculum_id", flat=True)) - set(required)
    curricula = {each.pk: each for each in Curriculum.objects.filter(pk__in=[*required, *chosen])}
    need = {pk: required.get(pk, each.required_minutes) for pk, each in curricula.items()}
    found = ledger.standing(person.pk, need)
    return [CurriculumHours(str(curricula[pk]), found[pk], pk in required) for pk in sorted(found)]


def _over(ledger: Ledger, person: Person) -> list[Slot]:
    """Sessions this person was expected at that are over, and all they have a record of, in order of time."""
    found = {pk: slot for pk, slot in ledger.expected(person.pk).items() if slot.times.ends_at <= ledger.now}
    found |= {slot.id: slot for slot, _stamp, _credit in ledger.credits(person.pk)}
    return sorted(found.values(), key=lambda slot: (slot.times.ends_at, slot.id))


def _lines(
    ledger: Ledger, person: Person, over: Collection[Slot], sessions: dict[int, Session]
) -> tuple[list[SessionLine], list[BroughtLine]]:
    """What each session counted, here and with other agencies: in order of time, because a module counts once."""
    credits = {slot.id: credit for slot, _stamp, credit in ledger.credits(person.pk)}
    records = list(Attendance.objects.filter(person=person, session__in=[slot.id for slot in over]))
    corrections = corrections_of(records)
    corrected = {record.session_id: corrections.get(record.pk) for record in records}
    earned: dict[int, list[Record]] = defaultdict(list)
    lines: list[SessionLine] = []
    elsewhere: list[BroughtLine] = []
    brought = ledger.brought.get(person.pk, [])
    events: list[Slot | Brought] = [*over, *brought]
    for slot in sorted(events, key=_end):
        if isinstance(slot, Brought):
            elsewhere.append(BroughtLine(slot, _add(earned, slot.records())))
            continue
        credit = credits.get(slot.id)
        if credit is None and slot.id in ledger.recorded:
            credit = session_credit(ledger.rule, slot.times, None, None)
        counted = _add(earned, slot.records(credit.minutes if credit else 0))
        note = _note(credit, counted)
        line = SessionLine(
            sessions[slot.id], slot.times.creditable_minutes, credit, counted, corrected.get(slot.id), note
        )
        lines.append(line)
    return lines[::-1], elsewhere[::-1]


def _end(one: Slot | Brought) -> datetime:
    return one.ends_at if isinstance(one, Brought) else one.times.ends_at


def _add(earned: dict[int, list[Record]], records: Iterable[tuple[int, Record]]) -> int:
    """Take records in; the minutes they add."""
    before = _sum(earned)
    for curriculum, record in records:
        earned[curriculum].append(record)
    return _sum(earned) - before


def _sum(earned: dict[int, list[Record]]) -> int:
    return sum(credited_total(records) for records in earned.values())


def _note(credit: Credit | None, counted: int) -> str:
    if credit is None:
        return _("The trainer has not recorded attendance yet.")
    if counted < credit.minutes:
        return _("You had earned these hours before; hours of one module count once.")
    return ""
