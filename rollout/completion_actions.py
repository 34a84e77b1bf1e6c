"""Writes that let somebody still complete: a make-up place given or taken back, a requirement changed."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from .attendance import is_blank
from .attendance_actions import write_record
from .attendance_trail import PLACE_GIVEN, PLACE_TAKEN_BACK
from .audit import record
from .completion import free_places, missed_for
from .ledger import Ledger, open_ledger
from .models import Attendance, Cohort, Curriculum, Person, Session, User
from .places import give_places
from .refusals import Changed, Refused


@transaction.atomic
def give_makeup(person: Person, sessions: Sequence[Session], *, by: User, at: datetime) -> list[Session]:
    """Expect somebody at these sessions, all or none; those of which they became a member of the cohort instead.

    Who missed a session of an own cohort, or joined it later, gets a place for the day, linked to that session.
    Who is in no cohort that held these modules joins the session's cohort from that day on. Refused when a session
    has begun, is full, clashes with what they are expected at, or expects them already.
    """
    agency = person.agency
    # Two people who give the last place wait for each other here.
    list(
        Cohort.objects.select_for_update(of=("self",))
        .filter(sessions__in=[s.pk for s in sessions])
        .order_by("pk")
    )
    ledger = open_ledger(agency, at, [person.pk])
    if person.pk not in ledger.people or ledger.people[person.pk].left_on:
        raise Refused(_("%(name)s is no longer on the roster.") % {"name": person})
    joined: list[Session] = []
    for session in sorted(sessions, key=lambda each: (each.starts_at, each.pk)):
        if any(session.cohort_id == other.cohort_id for other in joined):
            continue  # a member from an earlier day on is expected there as well
        _refuse_unfit(ledger, person, session, at)
        missed = missed_for(ledger, person.pk, ledger.slots[session.pk])
        if missed is None:
            _join(person, session, by=by, at=at)
            joined.append(session)
        else:
            _link(person, session, missed.id, by=by, at=at)
        ledger = open_ledger(agency, at, [person.pk])
    return joined


def _refuse_unfit(ledger: Ledger, person: Person, session: Session, at: datetime) -> None:
    """Look again: between page and button anything may have changed."""
    slot = ledger.slots.get(session.pk)
    if slot is None or slot.times.starts_at <= at:
        raise Refused(_("%(title)s has begun or does not take place. Look again.") % {"title": session})
    if free_places([slot])[slot.id] == 0:
        raise Refused(_("%(title)s has no place left. Look again.") % {"title": session})
    for other in ledger.planned(person.pk):
        if other.id == slot.id:
            raise Refused(_("%(name)s is expected there already.") % {"name": person})
        if other.times.starts_at < slot.times.ends_at and slot.times.starts_at < other.times.ends_at:
            raise Refused(
                _("%(name)s is expected at another session at that time. Look again.") % {"name": person}
            )


def _link(person: Person, session: Session, missed: int, *, by: User, at: datetime) -> None:
    found = session.attendances.filter(person=person).first()
    if found and not is_blank(found):
        raise Refused(_("There is a record of %(name)s there already.") % {"name": person})
    makes_up_for = Session.objects.get(pk=missed)
    write_record(session, person, found, PLACE_GIVEN, by=by, at=at, makes_up_for=makes_up_for)


def _join(person: Person, session: Session, *, by: User, at: datetime) -> None:
    day = session.starts_at.astimezone(person.agency.zone).date()
    given = give_places(session.cohort, [person], joined_on=day, by=by, at=at)
    if given.waiting:
        raise Refused(_("%(title)s has no place left. Look again.") % {"title": session})


@transaction.atomic
def take_makeup_back(place: Attendance, *, by: User, at: datetime) -> None:
    """They are no longer expected there. Refused once they have signed in."""
    if not is_blank(place):
        raise Refused(_("%(name)s has signed in there: correct the record instead.") % {"name": place.person})
    if place.makes_up_for_id is None:
        return
    write_record(place.session, place.person, place, PLACE_TAKEN_BACK, by=by, at=at, makes_up_for=None)


@transaction.atomic
def require(curriculum: Curriculum, minutes: int, *, seen: int, by: User, at: datetime) -> None:
    """Set how many minutes of a curriculum are required, in every agency, from now on.

    Changed when it is no longer what was ``seen``; Refused below one minute and beyond what its modules hold.
    """
    held = Curriculum.objects.select_for_update().get(pk=curriculum.pk)
    if held.required_minutes != seen:
        raise Changed
    most = sum(held.modules.values_list("minutes", flat=True))
    if not 1 <= minutes <= most:
        raise Refused(_("Between 1 and %(most)d minutes: that is what its modules hold.") % {"most": most})
    if minutes == seen:
        return
    Curriculum.objects.filter(pk=held.pk).update(required_minutes=minutes)
    before, after = {"required_minutes": seen}, {"required_minutes": minutes}
    record("changed requirement", held, by=by, at=at, before=before, after=after)
