"""A trainer serves many agencies: what else they are booked for at a time, and the days on which they take nothing.

``settings.TRAINER_BOOKINGS`` names the functions that know bookings (dotted paths, each like
``session_bookings`` below), so that what stands on this app can add its own without this app knowing it.
Spans are aware moments, so two agencies in different zones, or a night in which the clock changes, need no care.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from . import day_words
from .dates import at_local
from .models import Agency, Session, TrainerAway, TrainerProfile, User

SOURCES = ("rollout.bookings.session_bookings", "rollout.bookings.away_bookings")
type Span = tuple[datetime, datetime]
"""Start and end, aware."""


@dataclass(frozen=True)
class Booking:
    """Something a trainer is booked for; ``uuid`` is that of the session or call.

    Days away are of no agency and have no uuid: then ``away`` is the zone in which they are whole days.
    """

    uuid: UUID | None
    title: str
    agency: Agency | None
    starts_at: datetime
    ends_at: datetime
    away: ZoneInfo | None = None

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone in which it was entered."""
        return self.agency.zone if self.agency else self.away


def session_bookings(trainer: User, starts_at: datetime, ends_at: datetime) -> Iterable[Booking]:
    """Training sessions of this trainer that overlap the span, in whatever agency; not cancelled ones."""
    found = Session.objects.planned().filter(trainer=trainer, starts_at__lt=ends_at, ends_at__gt=starts_at)
    for session in found.select_related("cohort__agency"):
        yield Booking(session.uuid, session.title, session.agency, session.starts_at, session.ends_at)


def away_bookings(trainer: User, starts_at: datetime, ends_at: datetime) -> Iterable[Booking]:
    """Days away that overlap the span: whole days in the trainer's own zone. Two queries, three without a zone."""
    around = timedelta(days=2)  # whatever the zones, no day begins further away
    found = TrainerAway.objects.filter(
        user=trainer, from_on__lte=(ends_at + around).date(), until_on__gte=(starts_at - around).date()
    )
    rows = list(found)
    zone = zone_of(trainer) if rows else None
    for row in rows:
        assert zone is not None
        first, last = whole_days(row.from_on, row.until_on, zone)
        if first < ends_at and last > starts_at:
            yield Booking(None, row.note, None, first, last, away=zone)


def whole_days(from_on: date, until_on: date, zone: ZoneInfo) -> Span:
    """From the first midnight to the one after the last day; a midnight that the clock skips is when that day begins."""
    return at_local(from_on, time(0), zone), at_local(until_on + timedelta(days=1), time(0), zone)


def zone_of(trainer: User) -> ZoneInfo:
    """The trainer's own zone; before they have said one, that of the first agency they train, else UTC."""
    said = TrainerProfile.objects.filter(user=trainer).values_list("time_zone", flat=True).first()
    if said and said in available_timezones():
        return ZoneInfo(said)
    agency = trainer.trains.first()
    return agency.zone if agency else ZoneInfo("UTC")


def bookings_of(trainer: User, starts_at: datetime, ends_at: datetime) -> list[Booking]:
    """All that this trainer is booked for in the span, days away included, by time."""
    found = [
        booking
        for source in getattr(settings, "TRAINER_BOOKINGS", SOURCES)
        for booking in import_string(source)(trainer, starts_at, ends_at)
    ]
    return sorted(found, key=lambda booking: (booking.starts_at, booking.ends_at))


def clashes(
    trainer: User, starts_at: datetime, ends_at: datetime, *, besides: UUID | None = None
) -> list[Booking]:
    """Everything this trainer is booked for in the span, but for the row with ``besides`` itself, by time."""
    return [
        booking
        for booking in bookings_of(trainer, starts_at, ends_at)
        if besides is None or booking.uuid != besides
    ]


@dataclass(frozen=True)
class Clash:
    """A planned span, by its place in the list that was asked about, and what its trainer is booked for then."""

    place: int
    booking: Booking


def clashes_of(trainer: User, spans: Sequence[Span], *, besides: Collection[UUID] = ()) -> list[Clash]:
    """Bookings that overlap one of the spans, of every kind, in the order of the spans; no more queries for more spans.

    ``besides``: rows that are being moved themselves.
    """
    if not spans:
        return []
    first, last = min(start for start, _end in spans), max(end for _start, end in spans)
    taken = [booking for booking in bookings_of(trainer, first, last) if booking.uuid not in besides]
    return [
        Clash(place, booking)
        for place, (start, end) in enumerate(spans)
        for booking in taken
        if booking.starts_at < end and booking.ends_at > start
    ]


def agencies_known(user: User | None, bookings: Iterable[Booking]) -> set[int]:
    """Ids of those agencies among the bookings' that this user has to do with; all for None, the system itself."""
    theirs = {booking.agency.pk for booking in bookings if booking.agency}
    if user is None:
        return theirs
    return set(Agency.objects.visible_to(user).filter(pk__in=theirs).values_list("pk", flat=True))


def entry(booking: Booking, zone: ZoneInfo, known: Collection[int]) -> str:
    """One booking for a reader in ``zone``: what and where only for those who have to do with its agency.

    With its own zone beside the reader's where the two clocks differ. Whoever must not know the other agency is
    told when, in the reader's zone alone: another zone would say where.
    """
    when = span(booking.starts_at, booking.ends_at, zone)
    if booking.away:
        return _("away, %(when)s") % {"when": when}
    if booking.agency is None or booking.agency.pk not in known:
        return _("booked %(when)s") % {"when": when}
    own = booking.agency.zone
    if not _same_clock(booking, zone, own):
        when = _("%(own)s %(own_zone)s time (%(when)s %(zone)s time)") % {
            "own": span(booking.starts_at, booking.ends_at, own),
            "own_zone": own.key,
            "when": when,
            "zone": zone.key,
        }
    return _("“%(title)s” at %(agency)s, %(when)s") % {
        "title": booking.title,
        "agency": booking.agency,
        "when": when,
    }


def _same_clock(booking: Booking, one: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether both zones' clocks show the same at start and end."""
    return all(
        at.astimezone(one).utcoffset() == at.astimezone(other).utcoffset()
        for at in (booking.starts_at, booking.ends_at)
    )


def span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """ "Thursday, December 3, 2026, 9 a.m. to 4:30 p.m." in that zone; both days where it ends on another one."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if start.date() == end.date():
        return _("%(day)s, %(start)s to %(end)s") % {
            "day": day_words.full_day(start),
            "start": day_words.clock(start),
            "end": day_words.clock(end),
        }
    return _("%(day)s, %(start)s to %(until)s, %(end)s") % {
        "day": day_words.full_day(start),
        "start": day_words.clock(start),
        "until": day_words.full_day(end),
        "end": day_words.clock(end),
    }
