"""Writes of consultation: starter checklists, series of ten calls, their members, dates and plans, and calls
held.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from rollout.audit import record
from rollout.dates import monthly
from rollout.models import Agency, Person, User
from rollout.refusals import Changed, Refused

from . import starter
from .bookings import refuse_booking, refuse_trainer
from .models import (
    Call,
    CallAttendance,
    CallCommitment,
    Checklist,
    ChecklistPoint,
    Series,
    SeriesMember,
)

CALL_LENGTH = timedelta(hours=1)
MOST_MINUTES = 240
PLAN_FIELDS = ("title", "domain", "aim", "opening_question", "practice", "starts_at", "ends_at", "video_link")
type Minutes = int


# --- Checklists ---------------------------------------------------------------------------------------------


@transaction.atomic
def install_checklists(*, by: User | None = None, at: datetime | None = None) -> list[Checklist]:
    """Put the thirteen starter checklists with their points into the database, published; the new ones are
    returned.

    Safe to repeat: a checklist that is there stays as it is, edited or not.
    """
    at, made = at or timezone.now(), []
    for each in starter.checklists():
        is_call = each.call is not None
        checklist, is_new = Checklist.objects.get_or_create(
            code=each.key,
            version=1,
            defaults={
                "title": each.title,
                "occasion": Checklist.Occasion.CALL if is_call else Checklist.Occasion.SESSION,
                "curriculum_code": each.curriculum,
                "number": each.call or each.day or 0,
                "published_at": at,
            },
        )
        if not is_new:
            continue
        ChecklistPoint.objects.bulk_create(
            ChecklistPoint(
                checklist=checklist,
                position=position,
                code=point.code,
                text=point.text,
                guidance=point.guidance,
                domain=point.domain,
                must=point.must,
            )
            for position, point in enumerate(each.points, start=1)
        )
        record("installed", checklist, by=by, at=at, after={"code": each.key, "version": each.version})
        made.append(checklist)
    return made


# --- Series -------------------------------------------------------------------------------------------------


def supervisors_of(agency: Agency) -> Any:
    """People on the roster who supervise a team today, by name, as a queryset."""
    return agency.people.filter(left_on=None, supervises__isnull=False).distinct()


def call_starts(agency: Agency, first_on: date, local_time: time) -> list[datetime]:
    """Ten monthly starts at one local time; weekends and federal holidays are pushed to the next open day."""
    return monthly(first_on, local_time, agency.zone, starter.N_CALLS)


@transaction.atomic
def create_series(
    agency: Agency,
    *,
    name: str,
    trainer: User | None,
    members: Iterable[Person],
    starts: Sequence[datetime],
    video_link: str = "",
    by: User,
    at: datetime,
) -> Series:
    """Ten calls of an hour with the starter plan of the ten calls, and the people who take part.

    `starts`: ten aware datetimes, rising. Refused when the trainer does not train this agency or is booked at
    one of these times. Brings the starter checklists along on a fresh installation, so that every call can be
    logged.
    """
    if len(starts) != starter.N_CALLS or any(b <= a for a, b in pairwise(starts)):
        raise Refused(_("A series is ten calls, each after the one before. Check the dates."))
    spans = [(start, start + CALL_LENGTH) for start in starts]
    refuse_trainer(agency, trainer, spans, by=by)
    if not Checklist.objects.exists():
        install_checklists(by=by, at=at)
    series = Series.objects.create(agency=agency, name=name, trainer=trainer, video_link=video_link)
    _plan_calls(series, spans)
    joined_on = min(at, starts[0]).astimezone(agency.zone).date()
    people = _own(agency, members)
    SeriesMember.objects.bulk_create(
        SeriesMember(series=series, person=person, joined_on=joined_on) for person in people
    )
    after = {
        "name": name,
        "trainer": trainer.pk if trainer else None,
        "people": len(people),
        "starts_at": [start.isoformat() for start in starts],
    }
    record("planned series", series, by=by, at=at, agency=agency, after=after)
    return series


def _plan_calls(series: Series, spans: Iterable[tuple[datetime, datetime]]) -> None:
    """One call for each span, with the starter plan of its number."""
    Call.objects.bulk_create(
        Call(
            series=series,
            number=plan.number,
            title=plan.title,
            domain=plan.domain,
            aim=plan.aim,
            opening_question=plan.opening_question,
            practice=plan.practice,
            starts_at=start,
            ends_at=end,
        )
        for plan, (start, end) in zip(starter.calls(), spans, strict=True)
    )


@transaction.atomic
def change_series(
    series: Series, *, name: str, trainer: User | None, video_link: str, by: User, at: datetime
) -> None:
    """Another name, trainer or link. Refused when a new trainer is booked at one of the calls still to come."""
    old = Series.objects.select_for_update().get(pk=series.pk)
    if trainer is not None and trainer.pk != old.trainer_id:
        ahead = series.calls.planned().filter(held_at=None, ends_at__gt=at)
        spans = list(ahead.values_list("starts_at", "ends_at"))
        refuse_trainer(series.agency, trainer, spans, by=by)
    before = {"name": old.name, "trainer": old.trainer_id, "video_link": old.video_link}
    after = {"name": name, "trainer": trainer.pk if trainer else None, "video_link": video_link}
    series.name, series.trainer, series.video_link = name, trainer, video_link
    series.save(update_fields=["name", "trainer", "video_link"])
    _record_changes("changed series", series, before, after, by=by, at=at, agency=series.agency)


@transaction.atomic
def add_member(series: Series, person: Person, *, joined_on: date, by: User, at: datetime) -> None:
    """A place in the series from this day on; whoever was taken out comes back. Refused for another agency's
    people.
    """
    if person.agency_id != series.agency_id or person.left_on is not None:
        raise Refused(
            _("%(name)s is not on this agency’s roster. Add them to the roster first.") % {"name": person}
        )
    member, is_new = SeriesMember.objects.get_or_create(
        series=series, person=person, defaults={"joined_on": joined_on}
    )
    if not is_new:
        if member.left_on is None:
            return
        member.joined_on, member.left_on = joined_on, None
        member.save(update_fields=["joined_on", "left_on"])
    after = {"person": str(person.uuid), "joined_on": joined_on.isoformat()}
    record("added a member", series, by=by, at=at, agency=series.agency, after=after)


@transaction.atomic
def remove_member(series: Series, person: Person, *, left_on: date, by: User, at: datetime) -> None:
    """Out of the series from this day on; what they attended and prepared is kept."""
    if SeriesMember.objects.filter(series=series, person=person, left_on=None).update(left_on=left_on):
        before = {"person": str(person.uuid)}
        record("removed a member", series, by=by, at=at, agency=series.agency, before=before)


# --- One call -----------------------------------------------------------------------------------------------


@transaction.atomic
def change_call(call: Call, *, by: User, at: datetime) -> Call:
    """Save a call's plan, date and link as they stand on `call`; a cancelled call is planned again by it.

    Refused when the trainer is booked at the new time, or when a call that was held is to move. Changed when
    somebody else has saved it since `call.version` was shown.
    """
    old = Call.objects.get(pk=call.pk)
    moved = (old.starts_at, old.ends_at) != (call.starts_at, call.ends_at)
    if moved and old.held_at:
        raise Refused(_("This call was held, so its date stays."))
    if moved or old.cancelled_at:
        spans = [(call.starts_at, call.ends_at)]
        refuse_booking(call.agency, call.series.trainer, spans, by=by, besides=[call.uuid])
    before = {name: _plain(getattr(old, name)) for name in (*PLAN_FIELDS, "cancelled_at")}
    values = {name: getattr(call, name) for name in PLAN_FIELDS} | {"cancelled_at": None}
    if not Call.objects.filter(pk=call.pk, version=call.version).update(**values, version=F("version") + 1):
        raise Changed
    call.version, call.cancelled_at = call.version + 1, None
    after = {name: _plain(value) for name, value in values.items()}
    _record_changes("changed call", call, before, after, by=by, at=at, agency=call.agency)
    return call


@transaction.atomic
def cancel_call(call: Call, *, by: User, at: datetime) -> None:
    """It will not take place; nobody misses it. Refused once it was held; Changed on an old version."""
    if Call.objects.filter(pk=call.pk, held_at__isnull=False).exists():
        raise Refused(_("This call was held, so it cannot be cancelled."))
    same = Call.objects.planned().filter(pk=call.pk, version=call.version)
    if not same.update(cancelled_at=at, version=F("version") + 1):
        raise Changed
    before = {"starts_at": _plain(call.starts_at)}
    record("cancelled call", call, by=by, at=at, agency=call.agency, before=before)


@transaction.atomic
def hold_call(
    call: Call,
    *,
    attended: Mapping[Person, Minutes],
    commitments: Mapping[Person, str] | None = None,
    by: User,
    at: datetime,
    reason: str = "",
) -> None:
    """Record who took part and for how long (0: absent), and what each took on; credit counts from 50 minutes
    on.

    The same for a correction: people and texts given replace what stood there, the first record of who held
    the call stays. Commitments are private between supervisor and trainer, so the audit keeps minutes and
    never their text. Refused before the call begins, when it is cancelled, and for minutes beyond four hours;
    Changed on an old version.
    """
    _refuse_holding(call, attended, at)
    old = Call.objects.filter(pk=call.pk).values_list("held_at", "held_by").get()
    held_at, held_by = old if old[0] else (at, by.pk)
    same = Call.objects.planned().filter(pk=call.pk, version=call.version)
    if not same.update(held_at=held_at, held_by=held_by, version=F("version") + 1):
        raise Changed
    before = _minutes_of(call)
    _keep_attendance(call, attended)
    _keep_commitments(call, commitments or {})
    call.refresh_from_db(fields=["held_at", "held_by", "version"])
    verb = "corrected call" if old[0] else "held call"
    after = _minutes_of(call)
    record(verb, call, by=by, at=at, agency=call.agency, before=before, after=after, reason=reason)


def _refuse_holding(call: Call, attended: Mapping[Person, Minutes], at: datetime) -> None:
    if at < call.starts_at:
        raise Refused(_("This call has not begun yet. Attendance can be taken once it has."))
    if Call.objects.filter(pk=call.pk, cancelled_at__isnull=False).exists():
        raise Refused(_("This call is cancelled. Plan it again first if it took place after all."))
    if any(not 0 <= minutes <= MOST_MINUTES for minutes in attended.values()):
        raise Refused(_("Minutes must lie between 0 and %(most)d.") % {"most": MOST_MINUTES})
    if any(person.agency_id != call.series.agency_id for person in attended):
        raise Refused(_("Only people of this agency can take part in its calls."))


def _minutes_of(call: Call) -> dict[str, int]:
    rows = CallAttendance.objects.filter(call=call).values_list("person__uuid", "minutes")
    return {str(person): minutes for person, minutes in rows}


def _keep_attendance(call: Call, attended: Mapping[Person, Minutes]) -> None:
    """Whoever was absent has no row."""
    present = {person: minutes for person, minutes in attended.items() if minutes}
    CallAttendance.objects.bulk_create(
        [CallAttendance(call=call, person=person, minutes=minutes) for person, minutes in present.items()],
        update_conflicts=True,
        unique_fields=["call", "person"],
        update_fields=["minutes"],
    )
    absent = [person for person in attended if person not in present]
    CallAttendance.objects.filter(call=call, person__in=absent).delete()


def _keep_commitments(call: Call, commitments: Mapping[Person, str]) -> None:
    """An emptied text is taken back; an unchanged one keeps how it went."""
    texts = {person: text.strip() for person, text in commitments.items()}
    CallCommitment.objects.bulk_create(
        [CallCommitment(call=call, person=person, text=text) for person, text in texts.items() if text],
        update_conflicts=True,
        unique_fields=["call", "person"],
        update_fields=["text"],
    )
    empty = [person for person, text in texts.items() if not text]
    CallCommitment.objects.filter(call=call, person__in=empty).delete()


# --- Helpers ------------------------------------------------------------------------------------------------


def _own(agency: Agency, people: Iterable[Person]) -> list[Person]:
    found = list({person.pk: person for person in people}.values())
    if any(person.agency_id != agency.pk for person in found):
        raise Refused(_("Only people of this agency can take part in its calls."))
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _record_changes(
    verb: str,
    subject: Any,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: User,
    at: datetime,
    agency: Agency,
) -> None:
    changed = [name for name in after if before.get(name) != after[name]]
    record(
        verb,
        subject,
        by=by,
        at=at,
        agency=agency,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
