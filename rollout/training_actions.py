"""Writes of the training: curricula, cohorts with their members, sessions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from . import day_words, starter
from .attendance import recorded
from .audit import record
from .bookings import agencies_known, clashes, entry, span
from .commitment_actions import refuse_unless_open
from .ledger import COMPANION_CODES
from .models import Agency, Cohort, CohortMember, Curriculum, Module, Person, Session, User
from .places import add_people as add_people
from .places import remove_person as remove_person
from .refusals import Changed, Refused

SESSION_FIELDS = (
    "title",
    "day",
    "starts_at",
    "ends_at",
    "place",
    "place_details",
    "video_link",
    "video_details",
    "trainer_id",
)
MOST_SHOWN = 5


@transaction.atomic
def install_curricula(*, by: User | None = None, at: datetime | None = None) -> list[Curriculum]:
    """Put the starter curricula with their modules into the database; the new ones are returned.

    Safe to repeat: a curriculum that is there stays as it is, edited or not.
    """
    made = []
    for each in starter.curricula():
        optional = each.slug in COMPANION_CODES
        curriculum, is_new = Curriculum.objects.get_or_create(
            code=each.slug,
            defaults={
                "name": each.title,
                "audience": Curriculum.Audience.OPTIONAL if optional else each.audience,
                "required_minutes": each.required_minutes,
            },
        )
        if not is_new:
            continue
        Module.objects.bulk_create(
            Module(
                curriculum=curriculum,
                position=position,
                day=module.day or 0,
                title=module.title,
                minutes=module.minutes,
                domain=module.domain,
            )
            for position, module in enumerate(each.modules, start=1)
        )
        record("installed", curriculum, by=by, at=at or timezone.now(), after={"version": each.version})
        made.append(curriculum)
    return made


@transaction.atomic
def create_cohort(
    agency: Agency,
    curriculum: Curriculum,
    name: str,
    *,
    capacity: int | None = None,
    by: User,
    at: datetime,
) -> Cohort:
    """A group that will go through one curriculum together, still without people and sessions."""
    cohort = Cohort.objects.create(agency=agency, curriculum=curriculum, name=name, capacity=capacity)
    after: dict[str, Any] = {"name": name, "curriculum": curriculum.code}
    if capacity is not None:
        after |= {"capacity": capacity}
    record("created", cohort, by=by, at=at, agency=agency, after=after)
    return cohort


def candidates(cohort: Cohort) -> Any:
    """Current people whom this curriculum is for, in no cohort of it yet and not waiting here, as a queryset."""
    taken = CohortMember.objects.filter(
        cohort__agency=cohort.agency_id, cohort__curriculum=cohort.curriculum_id
    )
    found = (
        Person.objects.current()
        .filter(agency=cohort.agency_id)
        .exclude(pk__in=taken.values("person"))
        .exclude(waiting__cohort=cohort)
    )
    if cohort.curriculum.audience == Curriculum.Audience.SUPERVISORS:
        found = found.filter(supervises__isnull=False).distinct()
    return found


@transaction.atomic
def save_session(session: Session, modules: Iterable[Module], *, by: User | None, at: datetime) -> Session:
    """Create or change a session with its modules.

    Refused when the trainer is booked elsewhere at that time, or when people have signed in and it moves to
    another day; a new one as well while leadership has not committed (``NotCommitted``). Changed when somebody else
    has saved it since ``session.version`` was shown.
    """
    agency = session.cohort.agency
    if session.pk is None:
        refuse_unless_open(agency)
    refuse_double_booking(session, by)
    old = Session.objects.filter(pk=session.pk).first() if session.pk else None
    before = {name: _plain(getattr(old, name)) for name in SESSION_FIELDS} if old else {}
    after = {name: _plain(getattr(session, name)) for name in SESSION_FIELDS}
    if old is None:
        session.save()
    else:
        _refuse_another_day(old, session, agency.zone)
        values = {name: getattr(session, name) for name in SESSION_FIELDS}
        same = Session.objects.planned().filter(pk=session.pk, version=session.version)
        if not same.update(**values, version=F("version") + 1):
            raise Changed
        session.version += 1
    session.modules.set(modules)
    changed = [name for name in SESSION_FIELDS if before.get(name) != after[name]]
    record(
        "changed session" if old else "planned session",
        session,
        by=by,
        at=at,
        agency=agency,
        before={name: before[name] for name in changed if old},
        after={name: after[name] for name in changed},
    )
    return session


@transaction.atomic
def cancel_session(session: Session, *, by: User | None, at: datetime) -> None:
    """It will not take place. Refused once somebody has signed in; Changed on an old version."""
    if recorded(session).exists():
        raise Refused(
            _("People have signed in, so it took place. If it did not, take their sign-ins back first.")
        )
    same = Session.objects.planned().filter(pk=session.pk, version=session.version)
    if not same.update(cancelled_at=at, version=F("version") + 1):
        raise Changed
    record(
        "cancelled session",
        session,
        by=by,
        at=at,
        agency=session.agency,
        before={"starts_at": _plain(session.starts_at)},
    )


def refuse_double_booking(session: Session, by: User | None) -> None:
    """Refuse a trainer who is elsewhere or away at that time, and show both entries."""
    if session.trainer_id is None:
        return
    # Two plans for one trainer wait for each other here, so that neither slips past the other's check.
    trainer = User.objects.select_for_update().get(pk=session.trainer_id)
    taken = clashes(trainer, session.starts_at, session.ends_at, besides=session.uuid)
    if not taken:
        return
    zone, known = session.agency.zone, agencies_known(by, taken)
    raise Refused(
        _(
            "%(trainer)s is already booked: %(taken)s. This training session: %(own)s. Choose another time or trainer."
        )
        % {
            "trainer": trainer,
            # A time ends in a full stop of its own.
            "taken": "; ".join(entry(booking, zone, known) for booking in taken[:MOST_SHOWN]).removesuffix(
                "."
            ),
            "own": span(session.starts_at, session.ends_at, zone).removesuffix("."),
        }
    )


def _refuse_another_day(old: Session, new: Session, zone: ZoneInfo) -> None:
    same_day = old.starts_at.astimezone(zone).date() == new.starts_at.astimezone(zone).date()
    if not same_day and recorded(old).exists():
        raise Refused(
            _("People have signed in on that day, so the date stays. Plan another session for another day.")
        )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def clock_of(at: datetime, zone: ZoneInfo) -> str:
    """Time of day in that zone, for a sentence."""
    return day_words.clock(at.astimezone(zone))


def in_words(session: Session, modules: Iterable[Module]) -> str:
    """A session as lines of text, to lay two versions side by side."""
    lines = [
        session.title,
        span(session.starts_at, session.ends_at, session.agency.zone),
        session.place,
        session.place_details,
        session.video_link,
        session.video_details,
        str(session.trainer or _("No trainer yet")),
        ", ".join(str(module) for module in modules),
    ]
    return "\n".join(line for line in lines if line)
