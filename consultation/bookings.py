"""Calls as bookings of their trainer, and what stands in the way of new ones.

``call_bookings`` is a source for ``settings.TRAINER_BOOKINGS``: with it there, training sessions know of
calls too.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from rollout.bookings import Booking, session_bookings
from rollout.models import Agency, User
from rollout.refusals import Refused
from rollout.training_actions import span

from .models import Call

MOST_SHOWN = 5
type Span = tuple[datetime, datetime]
"""Start and end, aware."""


@dataclass(frozen=True)
class Clash:
    """A planned span, by its place in the list that was asked about, and what its trainer is booked for then."""

    place: int
    booking: Booking


def call_bookings(trainer: User, starts_at: datetime, ends_at: datetime) -> Iterable[Booking]:
    """Calls of this trainer that overlap the span, in whatever agency; cancelled ones do not count. One
    query.
    """
    found = Call.objects.planned().filter(
        series__trainer=trainer, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    for call in found.select_related("series__agency"):
        yield Booking(call.uuid, str(call), call.agency, call.starts_at, call.ends_at)


def clashes_of(trainer: User, spans: Sequence[Span], *, besides: Collection[UUID] = ()) -> list[Clash]:
    """Bookings that overlap one of the spans, calls and sessions, in the order of the spans; two queries.

    `besides`: calls that are being moved themselves.
    """
    if not spans:
        return []
    first, last = min(start for start, _end in spans), max(end for _start, end in spans)
    taken = [
        booking
        for source in (session_bookings, call_bookings)
        for booking in source(trainer, first, last)
        if booking.uuid not in besides
    ]
    taken.sort(key=lambda booking: booking.starts_at)
    return [
        Clash(place, booking)
        for place, (start, end) in enumerate(spans)
        for booking in taken
        if booking.starts_at < end and booking.ends_at > start
    ]


def refuse_trainer(agency: Agency, trainer: User | None, spans: Sequence[Span], *, by: User) -> None:
    """Refuse somebody who does not train this agency, or is booked elsewhere at one of these times."""
    if trainer is not None and not agency.trainers.filter(pk=trainer.pk).exists():
        raise Refused(_("%(trainer)s is not a trainer of this agency.") % {"trainer": trainer})
    refuse_booking(agency, trainer, spans, by=by)


def refuse_booking(
    agency: Agency,
    trainer: User | None,
    spans: Sequence[Span],
    *,
    by: User,
    besides: Collection[UUID] = (),
) -> None:
    """Refuse a trainer who is elsewhere at one of these times, and show both entries."""
    if trainer is None:
        return
    # Two plans for one trainer wait for each other here, so that neither slips past the other's check.
    trainer = User.objects.select_for_update().get(pk=trainer.pk)
    taken = clashes_of(trainer, spans, besides=besides)
    if not taken:
        return
    known = agencies_known(by, [clash.booking for clash in taken])
    lines = [
        _("%(own)s: %(taken)s")
        % {
            "own": span(*spans[clash.place], agency.zone),
            "taken": entry(clash.booking, agency.zone, clash.booking.agency.pk in known),
        }
        for clash in taken[:MOST_SHOWN]
    ]
    if len(taken) > MOST_SHOWN:
        lines.append(_("and %(n)d more") % {"n": len(taken) - MOST_SHOWN})
    text = _("%(trainer)s is already booked. %(lines)s. Choose another time or another trainer.")
    raise Refused(text % {"trainer": trainer, "lines": "; ".join(lines)})


def agencies_known(user: User, bookings: Iterable[Booking]) -> set[int]:
    """Ids of those agencies among the bookings' that this user has to do with."""
    return set(
        Agency.objects.visible_to(user)
        .filter(pk__in={b.agency.pk for b in bookings})
        .values_list("pk", flat=True)
    )


def entry(booking: Booking, zone: ZoneInfo, is_known: bool) -> str:
    """One booking in this agency's zone; which other agency it is in only for those who have to do with it."""
    when = span(booking.starts_at, booking.ends_at, zone)
    if not is_known:
        return _("in another agency, %(when)s") % {"when": when}
    return _("“%(title)s” at %(agency)s, %(when)s") % {
        "title": booking.title,
        "agency": booking.agency,
        "when": when,
    }
