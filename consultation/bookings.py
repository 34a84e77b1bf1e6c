"""Calls as bookings of their trainer, and what stands in the way of new ones.

``call_bookings`` is a source for ``settings.TRAINER_BOOKINGS``: with it there, training sessions know of
calls too.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from rollout.bookings import Booking, Span, agencies_known, clashes_of, entry, span
from rollout.models import Agency, User
from rollout.refusals import Refused

from .models import Call

MOST_SHOWN = 5


def call_bookings(trainer: User, starts_at: datetime, ends_at: datetime) -> Iterable[Booking]:
    """Calls of this trainer that overlap the span, in whatever agency; cancelled ones do not count. One
    query.
    """
    found = Call.objects.planned().filter(
        series__trainer=trainer, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    for call in found.select_related("series__agency"):
        yield Booking(call.uuid, str(call), call.agency, call.starts_at, call.ends_at)


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
            "taken": entry(clash.booking, agency.zone, known),
        }
        for clash in taken[:MOST_SHOWN]
    ]
    if len(taken) > MOST_SHOWN:
        lines.append(_("and %(n)d more") % {"n": len(taken) - MOST_SHOWN})
    text = _("%(trainer)s is already booked. %(lines)s. Choose another time or another trainer.")
    raise Refused(text % {"trainer": trainer, "lines": "; ".join(lines)})
