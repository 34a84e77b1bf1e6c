"""Writes at the door: signing in and out, taking a tap back, correcting with a reason."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from .attendance import OPENS_BEFORE, Phase, expected_people, is_blank, phase_of, times_of
from .attendance_trail import CORRECTED, TAKEN_BACK, has_place
from .audit import record
from .models import Attendance, Person, Session, User
from .refusals import Changed, Refused

FIELDS = ("signed_in_at", "signed_out_at", "override_minutes", "makes_up_for")


class Keep:
    """Stands for "as it is", where None means "nothing"."""


KEEP = Keep()


@transaction.atomic
def sign_in(
    session: Session,
    person: Person,
    *,
    version: int,
    makes_up_for: Session | None = None,
    by: User,
    at: datetime,
) -> Attendance:
    """They are at the door. Refused before sign-in opens and after the end; Changed on an old version.

    ``makes_up_for``: the session of their own cohort that they missed, for somebody of another one.
    """
    must_be_running(session, at)
    found = shown(session, person, version)
    if found and not is_blank(found):
        raise Refused(_("%(name)s is signed in already.") % {"name": person})
    fields: dict[str, Any] = {"signed_in_at": to_the_minute(at)}
    if makes_up_for:
        fields["makes_up_for"] = makes_up_for
    return write_record(session, person, found, "signed in", by=by, at=at, **fields)


@transaction.atomic
def sign_out(session: Session, person: Person, *, version: int, by: User, at: datetime) -> Attendance:
    """They leave; once the session is over: they stayed to its end."""
    must_be_open(session, at)
    found = shown(session, person, version)
    if found is None or found.signed_in_at is None:
        raise Refused(_("Sign %(name)s in first.") % {"name": person})
    if found.signed_out_at:
        raise Refused(_("%(name)s is signed out already.") % {"name": person})
    leaving = max(leaving_time(session, at), found.signed_in_at)
    return write_record(session, person, found, "signed out", by=by, at=at, signed_out_at=leaving)


@transaction.atomic
def present_throughout(
    session: Session,
    person: Person,
    *,
    version: int,
    makes_up_for: Session | None = None,
    by: User,
    at: datetime,
) -> Attendance:
    """After the session, from a paper list: there from its start to its end."""
    must_be_over(session, at)
    found = shown(session, person, version)
    if found and not is_blank(found):
        raise Refused(_("There is a record of %(name)s already. Correct it, and say why.") % {"name": person})
    whole: dict[str, Any] = {"signed_in_at": session.starts_at, "signed_out_at": session.ends_at}
    if makes_up_for:
        whole["makes_up_for"] = makes_up_for
    return write_record(session, person, found, "recorded as present throughout", by=by, at=at, **whole)


@transaction.atomic
def undo(session: Session, person: Person, *, version: int, by: User, at: datetime) -> Attendance:
    """Take the last tap back: the sign-out if there is one, else the sign-in."""
    must_be_open(session, at)
    found = shown(session, person, version)
    if found is None or is_blank(found):
        raise Refused(_("There is nothing to take back for %(name)s.") % {"name": person})
    if found.override_minutes is not None:
        raise Refused(_("These minutes were set by hand. Correct them, and say why."))
    gone: dict[str, Any] = {"signed_out_at": None}
    if found.signed_out_at is None:
        gone = {"signed_in_at": None}
        if found.makes_up_for_id and not has_place(found):
            gone["makes_up_for"] = None
    return write_record(session, person, found, TAKEN_BACK, by=by, at=at, **gone)


@transaction.atomic
def correct(
    session: Session,
    person: Person,
    *,
    signed_in_at: datetime | None,
    signed_out_at: datetime | None,
    override_minutes: int | None,
    makes_up_for: Session | Keep | None = KEEP,
    reason: str,
    version: int,
    by: User | None,
    at: datetime,
) -> Attendance:
    """Put times right, or set the minutes by hand (None: by the rule). Reason and author are kept."""
    must_be_open(session, at)
    if not reason.strip():
        raise Refused(_("Say why, in a few words: the reason is kept with the correction."))
    if signed_out_at and (signed_in_at is None or signed_out_at < signed_in_at):
        raise Refused(_("The sign-out must come after the sign-in."))
    worth = times_of(session).creditable_minutes
    if override_minutes is not None and not 0 <= override_minutes <= worth:
        raise Refused(
            _("Between 0 and %(worth)d minutes: this training session is worth no more.") % {"worth": worth}
        )
    by_hand = override_minutes is not None
    linked = {} if isinstance(makes_up_for, Keep) else {"makes_up_for": makes_up_for}
    return write_record(
        session,
        person,
        shown(session, person, version),
        CORRECTED,
        by=by,
        at=at,
        reason=reason.strip(),
        signed_in_at=signed_in_at,
        signed_out_at=signed_out_at,
        override_minutes=override_minutes,
        override_reason=reason.strip() if by_hand else "",
        override_by=by if by_hand else None,
        override_at=at if by_hand else None,
        **linked,
    )


@transaction.atomic
def sign_in_all(session: Session, *, by: User, at: datetime) -> int:
    """Everybody expected who has no record yet is here. The number of people it signed in."""
    must_be_running(session, at)
    return _everybody(session, "signed in everybody", by, at, signed_in_at=to_the_minute(at))


@transaction.atomic
def all_present_throughout(session: Session, *, by: User, at: datetime) -> int:
    """After the session: everybody expected who has no record was there from start to end."""
    must_be_over(session, at)
    return _everybody(
        session,
        "recorded as present throughout: everybody",
        by,
        at,
        signed_in_at=session.starts_at,
        signed_out_at=session.ends_at,
    )


@transaction.atomic
def sign_out_all(session: Session, *, by: User, at: datetime) -> int:
    """Everybody who is signed in leaves now; once the session is over: stayed to its end."""
    must_be_open(session, at)
    leaving = leaving_time(session, at)
    lock(session)
    inside = session.attendances.filter(signed_in_at__isnull=False, signed_out_at=None, override_minutes=None)
    # A sign-in corrected to after the session's end cannot be closed with it; it stays for a correction.
    count = inside.filter(signed_in_at__lte=leaving).update(signed_out_at=leaving, version=F("version") + 1)
    if count:
        after = {"people": count, "signed_out_at": leaving.isoformat()}
        record("signed out everybody", session, by=by, at=at, agency=session.agency, after=after)
    return count


def to_the_minute(at: datetime) -> datetime:
    """Stamps are kept as the page shows them."""
    return at.replace(second=0, microsecond=0)


def leaving_time(session: Session, at: datetime) -> datetime:
    """Now, or the session's end once it is over: whoever is signed out later has not been there longer."""
    return session.ends_at if phase_of(session, at) == Phase.OVER else to_the_minute(at)


def must_be_open(session: Session, at: datetime) -> None:
    """Refuse on a cancelled session and before sign-in opens."""
    phase = phase_of(session, at)
    if phase == Phase.CANCELLED:
        raise Refused(_("This training session was cancelled; there is no attendance to take."))
    if phase == Phase.EARLY:
        hours = OPENS_BEFORE.seconds // 3600
        raise Refused(_("Sign-in opens %(hours)d hours before the session starts.") % {"hours": hours})


def must_be_running(session: Session, at: datetime) -> None:
    """Refuse unless people can arrive right now."""
    must_be_open(session, at)
    if phase_of(session, at) == Phase.OVER:
        raise Refused(
            _("This training session is over. Record who was present throughout, or correct the times.")
        )


def must_be_over(session: Session, at: datetime) -> None:
    """Refuse while the session still runs."""
    must_be_open(session, at)
    if phase_of(session, at) == Phase.RUNNING:
        raise Refused(_("The session still runs: sign people in and out as they come and go."))


def lock(session: Session) -> None:
    """Writes to one attendance list wait for each other, so that a button for everybody and a single tap at the same
    moment never cover the same person twice, and the count that is told is the count that was written.
    """
    held = Session.objects.select_for_update().only("cancelled_at").get(pk=session.pk)
    if held.cancelled_at:
        raise Refused(_("This training session was cancelled; there is no attendance to take."))


def shown(session: Session, person: Person, version: int) -> Attendance | None:
    """The record as it was shown; Changed when somebody has written it since."""
    found = session.attendances.filter(person=person).first()
    if version != (found.version if found else 0):
        raise Changed
    return found


def write_record(
    session: Session,
    person: Person,
    found: Attendance | None,
    verb: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    **fields: Any,
) -> Attendance:
    """Write one record if it still is the one that was found; else Changed, and nothing is written."""
    lock(session)
    before = {name: _plain(getattr(found, name)) for name in FIELDS if found and name in fields}
    if found is None:
        try:
            with transaction.atomic():
                found = Attendance.objects.create(session=session, person=person, **fields)
        except IntegrityError as error:
            raise Changed from error
    else:
        same = session.attendances.filter(pk=found.pk, version=found.version)
        if not same.update(**fields, version=F("version") + 1):
            raise Changed
        found.refresh_from_db()
    after = {name: _plain(fields[name]) for name in FIELDS if name in fields}
    record(verb, found, by=by, at=at, agency=session.agency, before=before, after=after, reason=reason)
    return found


def _everybody(session: Session, verb: str, by: User, at: datetime, **fields: Any) -> int:
    lock(session)
    blank = session.attendances.filter(signed_in_at=None, signed_out_at=None, override_minutes=None)
    expected = expected_people(session)
    count = blank.filter(person__in=expected.values("pk")).update(**fields, version=F("version") + 1)
    missing = expected.exclude(pk__in=session.attendances.values("person"))
    rows = [Attendance(session=session, person=person, **fields) for person in missing]
    Attendance.objects.bulk_create(rows)
    count += len(rows)
    if count:
        after = {"people": count} | {name: _plain(value) for name, value in fields.items()}
        record(verb, session, by=by, at=at, agency=session.agency, after=after)
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, Session):
        return str(value.uuid)
    return value.isoformat() if isinstance(value, datetime) else value
