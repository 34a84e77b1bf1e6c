"""Trainers: their region, zone and days away, what they are booked for, and how much of it a reader may know."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from .access import Role, roles_of
from .audit import record
from .bookings import Booking, agencies_known, bookings_of, entry, whole_days, zone_of
from .models import Agency, TrainerAway, TrainerProfile, User
from .refusals import Changed, Refused

WEEKS_AHEAD = 12
MOST_SHOWN = 5
MOST_AWAY = timedelta(days=366)


def trainers_visible_to(user: User) -> QuerySet[User]:
    """All trainers for a site administrator, those of one's own agencies for a leader, oneself for a trainer."""
    trainers = User.objects.filter(is_active=True, trains__isnull=False)
    if not user.is_site_admin:
        trainers = trainers.filter(Q(pk=user.pk) | Q(trains__in=user.leads.all()))
    return trainers.distinct().order_by("name", "pk")


def may_edit(user: User, trainer: User) -> bool:
    """A trainer says themselves where they are and when not; a site administrator may as well."""
    return user.is_site_admin or (user.pk == trainer.pk and Role.TRAINER in roles_of(user))


def sees_all(user: User, trainer: User) -> bool:
    """Whether the reader sees what the trainer is booked for, with the agency; others see free or busy."""
    return may_edit(user, trainer)


@dataclass(frozen=True)
class Busy:
    """One booking as its reader may see it; ``title`` and ``agency`` "" where they may only know that there is one."""

    starts_at: datetime
    ends_at: datetime
    title: str
    agency: str
    zone: str
    """In which its own times are told; the reader's where they may not know it."""
    is_away: bool
    whole_until: date | None = None
    """The last day where it takes whole days of the reader's zone."""


def calendar_of(trainer: User, reader: User, now: datetime, zone: ZoneInfo) -> list[Busy]:
    """What comes in the next weeks, by time. To a reader who may not know it: that something is there, no more."""
    found = bookings_of(trainer, now, now + timedelta(weeks=WEEKS_AHEAD))
    own = sees_all(reader, trainer)
    known = agencies_known(reader, found)
    return [_busy(booking, zone, known, own=own) for booking in found]


def _busy(booking: Booking, zone: ZoneInfo, known: Collection[int], *, own: bool) -> Busy:
    times, whole = (booking.starts_at, booking.ends_at), _last_whole_day(booking, zone)
    if booking.agency and booking.agency.pk in known:
        return Busy(*times, booking.title, booking.agency.name, booking.agency.time_zone, False)
    if booking.away and own:
        return Busy(*times, booking.title, "", booking.away.key, True, whole)
    return Busy(*times, "", "", zone.key, False, whole)


def _last_whole_day(booking: Booking, zone: ZoneInfo) -> date | None:
    """The last day of a booking from midnight to midnight in this zone; None for any other."""
    start, end = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    if start.date() == end.date() or {start.time(), end.time()} != {time.min}:
        return None
    return end.date() - timedelta(days=1)


def agencies_for(trainers: Iterable[User], reader: User) -> dict[int, list[Agency]]:
    """Which agencies each of them trains, as far as the reader has to do with these. One query."""
    known = Agency.objects.visible_to(reader).filter(trainers__in=[each.pk for each in trainers])
    found: dict[int, list[Agency]] = {}
    for agency in known.annotate(trainer=F("trainers")).order_by("name"):
        found.setdefault(agency.trainer, []).append(agency)
    return found


@transaction.atomic
def save_profile(
    trainer: User, *, region: str, time_zone: str, note: str, version: int, by: User, at: datetime
) -> TrainerProfile:
    """Region, zone and a note. ``version`` is the one that was shown, 0 for none yet; Changed when it is another now."""
    values = {"region": region, "time_zone": time_zone, "note": note}
    found = TrainerProfile.objects.filter(user=trainer).first()
    before = {name: getattr(found, name) for name in values} if found else dict.fromkeys(values, "")
    if found is None:
        if version:
            raise Changed
        try:
            with transaction.atomic():
                found = TrainerProfile.objects.create(user=trainer, **values)
        except IntegrityError as error:
            raise Changed from error
    else:
        same = TrainerProfile.objects.filter(pk=found.pk, version=version)
        if not same.update(**values, version=F("version") + 1):
            raise Changed
        found.refresh_from_db()
    changed = [name for name in values if before[name] != values[name]]
    record(
        "changed trainer",
        found,
        by=by,
        at=at,
        before={name: before[name] for name in changed},
        after={name: values[name] for name in changed},
    )
    return found


@transaction.atomic
def add_away(
    trainer: User, *, from_on: date, until_on: date, note: str, by: User, at: datetime
) -> TrainerAway:
    """No bookings on these days, both included, in the trainer's own zone.

    Refused, with both entries, when something is booked then: it has to move first.
    """
    if until_on < from_on:
        raise Refused(_("The last day must not be before the first."))
    if until_on - from_on > MOST_AWAY:
        raise Refused(_("At most a year at once."))
    # Whoever plans a session for this trainer waits here, and the other way round.
    User.objects.select_for_update().get(pk=trainer.pk)
    zone = zone_of(trainer)
    starts_at, ends_at = whole_days(from_on, until_on, zone)
    taken = [booking for booking in bookings_of(trainer, starts_at, ends_at) if booking.starts_at < ends_at]
    if taken:
        known = agencies_known(by, taken)
        lines = "; ".join(entry(booking, zone, known) for booking in taken[:MOST_SHOWN])
        own = entry(Booking(None, note, None, starts_at, ends_at, away=zone), zone, known)
        text = _("%(trainer)s is already booked: %(taken)s. These days: %(own)s. Move what is booked first.")
        raise Refused(
            text % {"trainer": trainer, "taken": lines.removesuffix("."), "own": own.removesuffix(".")}
        )
    away = TrainerAway.objects.create(user=trainer, from_on=from_on, until_on=until_on, note=note)
    after = {"from_on": from_on.isoformat(), "until_on": until_on.isoformat()}
    record("added days away", away, by=by, at=at, after=after)
    return away


@transaction.atomic
def remove_away(away: TrainerAway, *, by: User, at: datetime) -> None:
    """These days may be booked again."""
    before = {"from_on": away.from_on.isoformat(), "until_on": away.until_on.isoformat()}
    record("removed days away", away, by=by, at=at, before=before)
    away.delete()
