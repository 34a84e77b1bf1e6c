"""What one person needs before, in and after one call: the supervisor's brief and the trainer's room.

Preparations and commitments appear here only for their writer and, once shared, for the agency's trainers.
"""

from dataclasses import dataclass
from datetime import date, datetime

from rollout.models import Person, User

from .dose import CallDose, call_counts
from .fidelity import Fidelity, fidelity
from .logs import Back, coming_back, readable_logs, with_readers
from .models import Call, CallAttendance, CallCommitment, MapsLog, Preparation, SeriesMember
from .summaries import dose_of, entries_of, minutes_of, rule_of


@dataclass(frozen=True)
class Brief:
    """A call as one member sees it."""

    member: SeriesMember
    expected: bool
    last_call: Call | None
    last_commitment: CallCommitment | None
    commitment: CallCommitment | None
    """Taken on in this call."""
    preparation: Preparation | None
    back: list[Back]
    minutes: int | None
    counts: bool
    dose: CallDose


@dataclass(frozen=True)
class RoomLine:
    """One member as the trainer sees them before and after a call. `preparation` is there only if shared."""

    person: Person
    preparation: Preparation | None
    last_commitment: CallCommitment | None
    commitment: CallCommitment | None
    minutes: int | None
    counts: bool


@dataclass(frozen=True)
class Room:
    """A call as its trainer sees it. `unread_log`: the last call's log is somebody else's and not read yet."""

    lines: list[RoomLine]
    last_call: Call | None
    back: list[Back]
    back_from: MapsLog | None
    unread_log: MapsLog | None

    @property
    def shared(self) -> int:
        return sum(line.preparation is not None for line in self.lines)

    @property
    def came(self) -> int:
        return sum(bool(line.minutes) for line in self.lines)


def own_place(call: Call, user: User) -> SeriesMember | None:
    """The user's place in the call's series, also a former one, while they are on the roster. One query."""
    places = SeriesMember.objects.filter(series=call.series_id, person__user=user, person__left_on=None)
    return places.select_related("person").first()


def previous_held(call: Call) -> Call | None:
    """The latest call of the series that was held before this one. One query."""
    held = Call.objects.filter(series=call.series_id, held_at__isnull=False, starts_at__lt=call.starts_at)
    return held.order_by("-starts_at").first()


def brief(call: Call, member: SeriesMember) -> Brief:
    """A call for one member; nothing of anybody else. At most nine queries."""
    person, last = member.person, previous_held(call)
    wanted = CallCommitment.objects.filter(person=person, call__in=[call, last] if last else [call])
    commitments = {commitment.call_id: commitment for commitment in wanted}
    calls = Call.objects.filter(series=call.series_id)
    attended = minutes_of(calls, [person.pk])
    minutes = attended.get((call.pk, person.pk))
    log = standing_log(last) if last else None
    return Brief(
        member=member,
        expected=member.is_expected(call.day) or minutes is not None,
        last_call=last,
        last_commitment=commitments.get(last.pk) if last else None,
        commitment=commitments.get(call.pk),
        preparation=Preparation.objects.filter(call=call, person=person).first(),
        back=coming_back(log) if log else [],
        minutes=minutes,
        counts=call_counts(minutes, rule_of(call.agency)),
        dose=dose_of(member, calls, attended, call.agency),
    )


def standing_log(call: Call) -> MapsLog | None:
    """The latest finished log of a call. One query."""
    return call.logs.filter(finished_at__isnull=False).order_by("-finished_at").first()


def people_of(call: Call) -> list[Person]:
    """Whoever is expected at this call or came to it, by name. Three queries."""
    members = SeriesMember.objects.filter(series=call.series_id).select_related("person")
    day = call.day
    wanted = {
        member.person_id for member in members if member.is_expected(day) and _is_here(member.person, day)
    }
    wanted |= set(CallAttendance.objects.filter(call=call).values_list("person_id", flat=True))
    return list(Person.objects.filter(pk__in=wanted).select_related("team"))


def _is_here(person: Person, day: date) -> bool:
    return person.left_on is None or person.left_on > day


def room(call: Call, user: User) -> Room:
    """A call for a trainer of its agency. Ten queries, however many people."""
    people, last = people_of(call), previous_held(call)
    rule = rule_of(call.agency)
    minutes = dict(CallAttendance.objects.filter(call=call).values_list("person_id", "minutes"))
    shared = Preparation.objects.visible_to(user).filter(call=call, shared_at__isnull=False)
    preparations = {preparation.person_id: preparation for preparation in shared}
    found = CallCommitment.objects.filter(call__in=[call, last] if last else [call])
    commitments = {(commitment.call_id, commitment.person_id): commitment for commitment in found}
    lines = [
        RoomLine(
            person=person,
            preparation=preparations.get(person.pk),
            last_commitment=commitments.get((last.pk, person.pk)) if last else None,
            commitment=commitments.get((call.pk, person.pk)),
            minutes=minutes.get(person.pk),
            counts=call_counts(minutes.get(person.pk), rule),
        )
        for person in people
    ]
    log, unread = _last_log(last, user) if last else (None, None)
    return Room(lines, last, coming_back(log) if log else [], log, unread)


def _last_log(last: Call, user: User) -> tuple[MapsLog | None, MapsLog | None]:
    """The last call's log that this trainer may read, and otherwise the one they may not read yet."""
    logs: list[MapsLog] = list(with_readers(last.logs.all()))
    readable = readable_logs(logs, user, is_trainer=True)
    if readable:
        return max(readable, key=lambda log: (log.finished_at, log.pk)), None
    return None, next((log for log in logs if log.finished_at and log.logged_by_id != user.pk), None)


@dataclass(frozen=True)
class Facts:
    """A call as leaders see it: who came and what counted, nothing anybody wrote."""

    lines: list[tuple[Person, int | None, bool]]
    fidelity: Fidelity | None
    """Of the log that stands for the call; None while none is finished."""

    @property
    def came(self) -> int:
        return sum(bool(minutes) for _person, minutes, _counts in self.lines)


def call_facts(call: Call) -> Facts:
    """A call for leaders and site administrators. Six queries."""
    rule = rule_of(call.agency)
    minutes = dict(CallAttendance.objects.filter(call=call).values_list("person_id", "minutes"))
    lines = [(p, minutes.get(p.pk), call_counts(minutes.get(p.pk), rule)) for p in people_of(call)]
    logs = sorted(
        call.logs.filter(finished_at__isnull=False),
        key=lambda log: (log.logged_by_id != call.series.trainer_id, log.finished_at, log.pk),
    )
    entries = entries_of([logs[0].pk]) if logs else {}
    return Facts(lines, fidelity(entries[logs[0].pk]) if logs else None)


def days_until(call: Call, now: datetime) -> int:
    """Days between today and the call in the agency's zone; negative once it is past."""
    return (call.day - now.astimezone(call.agency.zone).date()).days
