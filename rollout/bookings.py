"""A trainer serves many agencies: what else they are booked for at a time.

``settings.TRAINER_BOOKINGS`` names the functions that know bookings (dotted paths, each like
``session_bookings`` below), so that what stands on this app can add its own without this app knowing it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from .models import Agency, Session, User

SOURCES = ("rollout.bookings.session_bookings",)


@dataclass(frozen=True)
class Booking:
    """Something a trainer is booked for; ``uuid`` is that of the session or call."""

    uuid: UUID
    title: str
    agency: Agency
    starts_at: datetime
    ends_at: datetime


def session_bookings(trainer: User, starts_at: datetime, ends_at: datetime) -> Iterable[Booking]:
    """Training sessions of this trainer that overlap the span, in whatever agency; not cancelled ones."""
    found = Session.objects.planned().filter(trainer=trainer, starts_at__lt=ends_at, ends_at__gt=starts_at)
    for session in found.select_related("cohort__agency"):
        yield Booking(session.uuid, session.title, session.agency, session.starts_at, session.ends_at)


def clashes(
    trainer: User, starts_at: datetime, ends_at: datetime, *, besides: UUID | None = None
) -> list[Booking]:
    """Everything this trainer is booked for in the span, but for the row with ``besides`` itself, by time."""
    found = [
        booking
        for source in getattr(settings, "TRAINER_BOOKINGS", SOURCES)
        for booking in import_string(source)(trainer, starts_at, ends_at)
        if booking.uuid != besides
    ]
    return sorted(found, key=lambda booking: booking.starts_at)
