"""The attendance list of one session, as its trainer needs it at the door."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from .attendance_trail import CORRECTED, Trail, trails
from .credit import Credit, SessionTimes, session_credit
from .ledger import credit_rule, session_times
from .make_ups import Missed, made_up
from .models import Attendance, AuditEntry, CohortMember, Person, Session

OPENS_BEFORE = timedelta(hours=2)
"""Sign-in opens this long before the start: enough to set up, too short for a tap on the wrong day's list."""


class Phase(StrEnum):
    """What a tap means: nothing yet, this moment, or the session's own times."""

    EARLY = "early"
    RUNNING = "running"
    OVER = "over"
    CANCELLED = "cancelled"


def phase_of(session: Session, now: datetime) -> Phase:
    """Sign-in opens two hours before the start; from the end on nobody can arrive any more."""
    if session.cancelled_at:
        return Phase.CANCELLED
    if now < session.starts_at - OPENS_BEFORE:
        return Phase.EARLY
    return Phase.RUNNING if now < session.ends_at else Phase.OVER


def times_of(session: Session) -> SessionTimes:
    """Start, end and worth of one session (one query for its modules)."""
    minutes = session.modules.values_list("minutes", flat=True)
    return session_times(session.starts_at, session.ends_at, minutes)


@dataclass(frozen=True)
class Row:
    """One person on the list. ``version`` is what their next tap must find; 0 while nothing is recorded."""

    person: Person
    attendance: Attendance | None
    credit: Credit | None
    """By the rule; None while the session may still bring it."""
    outlook: Credit | None
    """Signed in and the session still runs: what staying to the end would earn."""
    expected: bool
    """A member of the cohort since this day or before; others came along."""
    is_cut: bool = False
    """Came after the start or left before the end."""
    trail: Trail = field(default_factory=Trail)
    made_up: Attendance | None = None
    """Where they made up for this training session."""
    missed: Missed | None = None
    """What they could make up for here; looked up for those who ask at the door."""

    @property
    def correction(self) -> AuditEntry | None:
        return self.trail.correction

    @property
    def asks(self) -> bool:
        """Not expected, read the code on the screen, and waits for the trainer's yes."""
        return self.trail.asked_at is not None

    @property
    def by_self(self) -> bool:
        """Signed in or out with their own phone."""
        return self.trail.in_by_self or self.trail.out_by_self

    @property
    def why(self) -> str:
        """What the times mean, where they mean more than "there from start to end"."""
        said = self.credit or self.outlook
        if said is None or said.status == "absent" or (said.status == "credited" and not self.is_cut):
            return ""
        return said.why

    @property
    def version(self) -> int:
        return self.attendance.version if self.attendance else 0

    @property
    def is_in(self) -> bool:
        return self.attendance is not None and self.attendance.signed_in_at is not None

    @property
    def is_out(self) -> bool:
        return self.attendance is not None and self.attendance.signed_out_at is not None

    @property
    def is_overridden(self) -> bool:
        return self.attendance is not None and self.attendance.override_minutes is not None


@dataclass(frozen=True)
class Tally:
    """How many of the list are in and out; the bulk buttons act on the rest."""

    people: int
    signed_in: int
    signed_out: int

    @property
    def waiting(self) -> int:
        """Nothing recorded yet."""
        return self.people - self.signed_in

    @property
    def inside(self) -> int:
        """Signed in, not yet out."""
        return self.signed_in - self.signed_out


def expected_people(session: Session) -> QuerySet[Person]:
    """Current members of the cohort who had joined by the session's day, and who has a make-up place there."""
    day = session.starts_at.astimezone(session.agency.zone).date()
    joined = CohortMember.objects.filter(cohort=session.cohort_id, joined_on__lte=day).values("person")
    places = session.attendances.filter(makes_up_for__isnull=False, signed_in_at=None, override_minutes=None)
    guests = places.values("person")
    return Person.objects.filter(Q(left_on=None) | Q(left_on__gt=day), Q(pk__in=joined) | Q(pk__in=guests))


def recorded(session: Session) -> QuerySet[Attendance]:
    """Records of a session that say something; a tap that was taken back does not."""
    return session.attendances.exclude(signed_in_at=None, override_minutes=None)


def with_records() -> Exists:
    """For a queryset of sessions: whether any attendance is recorded."""
    found = Attendance.objects.exclude(signed_in_at=None, override_minutes=None)
    return Exists(found.filter(session=OuterRef("pk")))


def still_inside() -> Exists:
    """For a queryset of sessions: whether somebody who signed in has not signed out."""
    return Exists(
        Attendance.objects.filter(
            session=OuterRef("pk"), signed_in_at__isnull=False, signed_out_at=None, override_minutes=None
        )
    )


def attendance_list(session: Session, now: datetime, only: Collection[int] | None = None) -> list[Row]:
    """Whoever asks to come in, then everybody expected and everybody who came, by name; or only these ids.

    Seven queries.
    """
    expected = set(expected_people(session).values_list("pk", flat=True))
    records = session.attendances.select_related("override_by", "makes_up_for__cohort")
    by_person = {record.person_id: record for record in records}
    left = trails(by_person.values())
    came = {
        record.person_id
        for record in by_person.values()
        if not is_blank(record) or left.get(record.pk, Trail()).asked_at
    }
    whom = expected | came
    if only is not None:
        whom = set(only)
    elsewhere = made_up(session, whom)
    times, rule, over = times_of(session), credit_rule(session.agency), session.ends_at <= now
    rows = []
    for person in Person.objects.filter(pk__in=whom):
        record = by_person.get(person.pk)
        credit = outlook = None
        if record is None or is_blank(record):
            credit = session_credit(rule, times, None, None) if over else None
        elif record.signed_out_at or record.override_minutes is not None or over:
            credit = session_credit(
                rule, times, record.signed_in_at, record.signed_out_at, record.override_minutes
            )
        else:
            outlook = session_credit(
                rule, times, record.signed_in_at, max(times.ends_at, record.signed_in_at or now)
            )
        trail = left.get(record.pk, Trail()) if record else Trail()
        is_cut = record is not None and is_late_or_early(record, times)
        is_expected, made = person.pk in expected, elsewhere.get(person.pk)
        rows.append(Row(person, record, credit, outlook, is_expected, is_cut, trail, made))
    # Whoever stands at the door and asks comes first.
    return sorted(rows, key=lambda row: not row.asks)


def is_late_or_early(record: Attendance, times: SessionTimes) -> bool:
    """Whether the stamps leave out part of the session."""
    late = record.signed_in_at is not None and record.signed_in_at > times.starts_at
    return late or (record.signed_out_at is not None and record.signed_out_at < times.ends_at)


def is_blank(record: Attendance) -> bool:
    """Whether nothing is left on it: a mistaken tap that was undone."""
    return record.signed_in_at is None and record.signed_out_at is None and record.override_minutes is None


def corrections_of(records: Collection[Attendance]) -> dict[int, AuditEntry]:
    """The latest correction of each record, with its reason and author, by the record's id. One query."""
    keys = [str(record.pk) for record in records]
    found = AuditEntry.objects.filter(
        subject=Attendance._meta.label, subject_id__in=keys, verb=CORRECTED
    ).select_related("by")
    return {int(entry.subject_id): entry for entry in found.order_by("at", "pk")}


def last_change(session: Session, record: Attendance) -> AuditEntry | None:
    """Who wrote this record last, one by one or with everybody else."""
    return (
        AuditEntry.objects.filter(
            Q(subject=Attendance._meta.label, subject_id=str(record.pk))
            | Q(subject=Session._meta.label, subject_id=str(session.uuid), verb__endswith="everybody")
        )
        .select_related("by")
        .first()
    )


def tally(session: Session) -> Tally:
    """Counts for the bar at the bottom. Two queries, whatever the length of the list."""
    people = set(expected_people(session).values_list("pk", flat=True))
    signed_in = signed_out = 0
    for person, out, override in recorded(session).values_list(
        "person_id", "signed_out_at", "override_minutes"
    ):
        people.add(person)
        signed_in += 1
        signed_out += out is not None or override is not None
    return Tally(len(people), signed_in, signed_out)


def others(session: Session, words: str, limit: int = 10) -> QuerySet[Any]:
    """Current people of the agency who are not on the list, by parts of their names: who came along.

    Each with the ``version`` that a tap must name.
    """
    listed = Q(pk__in=expected_people(session).values("pk")) | Q(pk__in=recorded(session).values("person"))
    blank = session.attendances.filter(person=OuterRef("pk")).values("version")
    found = (
        Person.objects.current()
        .filter(agency=session.cohort.agency_id)
        .exclude(listed)
        .select_related("team")
    )
    found = found.annotate(version=Coalesce(Subquery(blank), 0))
    for word in words.split():
        found = found.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return found[:limit]


def joined_later(session: Session) -> QuerySet[CohortMember]:
    """Current members who joined after the session's day: not absent, and not on the list."""
    day = session.starts_at.astimezone(session.agency.zone).date()
    return (
        CohortMember.objects.filter(cohort=session.cohort_id, joined_on__gt=day, person__left_on=None)
        .exclude(person__in=recorded(session).values("person"))
        .select_related("person")
        .order_by("person__last_name", "person__first_name", F("person").asc())
    )
