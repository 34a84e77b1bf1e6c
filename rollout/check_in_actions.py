"""Writes of the room's own sign-in: somebody reads the code on the screen and signs in or out by themselves."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from .attendance import expected_people, is_blank
from .attendance_actions import (
    leaving_time,
    lock,
    must_be_running,
    shown,
    to_the_minute,
    write_record,
)
from .attendance_trail import ASKED, DECLINED, SELF_IN, SELF_OUT, trails
from .audit import record
from .models import Attendance, Person, Session, User
from .refusals import Refused


@transaction.atomic
def come_in(session: Session, person: Person, *, by: User, at: datetime) -> Attendance:
    """Sign in by oneself. Whoever is not expected asks instead: the record stays blank until a trainer takes them.

    Refused before sign-in opens, after the end, and when there is a sign-in already.
    """
    must_be_running(session, at)
    lock(session)
    found = session.attendances.filter(person=person).first()
    if found and not is_blank(found):
        raise Refused(_("You are signed in already."))
    if expected_people(session).filter(pk=person.pk).exists():
        return write_record(session, person, found, SELF_IN, by=by, at=at, signed_in_at=to_the_minute(at))
    if found and asks_since(found):
        raise Refused(_("Your trainer knows that you are here and still has to accept you."))
    found = found or Attendance.objects.create(session=session, person=person)
    record(ASKED, found, by=by, at=at, agency=session.agency)
    return found


@transaction.atomic
def go_out(session: Session, person: Person, *, by: User, at: datetime) -> Attendance:
    """Sign out by oneself, while the session runs."""
    must_be_running(session, at)
    lock(session)
    found = session.attendances.filter(person=person).first()
    if found is None or found.signed_in_at is None:
        raise Refused(_("Sign in first."))
    if found.signed_out_at or found.override_minutes is not None:
        raise Refused(_("You are signed out already."))
    leaving = max(leaving_time(session, at), found.signed_in_at)
    return write_record(session, person, found, SELF_OUT, by=by, at=at, signed_out_at=leaving)


@transaction.atomic
def accept(
    session: Session,
    person: Person,
    *,
    version: int,
    makes_up_for: Session | None = None,
    by: User,
    at: datetime,
) -> Attendance:
    """Sign in somebody who asked at the door, as of the moment they asked."""
    found = shown(session, person, version)
    since = asks_since(found) if found and is_blank(found) else None
    if since is None:
        raise Refused(_("%(name)s no longer asks to come in.") % {"name": person})
    return write_record(
        session,
        person,
        found,
        "accepted at the door",
        by=by,
        at=at,
        signed_in_at=to_the_minute(since),
        makes_up_for=makes_up_for,
    )


@transaction.atomic
def decline(session: Session, person: Person, *, version: int, by: User, at: datetime) -> None:
    """They do not take part: nothing is recorded of them but that they asked."""
    found = shown(session, person, version)
    if found is None or not is_blank(found) or asks_since(found) is None:
        raise Refused(_("%(name)s no longer asks to come in.") % {"name": person})
    record(DECLINED, found, by=by, at=at, agency=session.agency)


def asks_since(found: Attendance) -> datetime | None:
    """Since when this blank record asks to be taken in."""
    trail = trails([found]).get(found.pk)
    return trail.asked_at if trail else None
