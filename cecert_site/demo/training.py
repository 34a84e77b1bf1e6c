"""Training of the demo: cohorts, days that were held with who was there, and days to come."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from rollout import attendance_actions, bookings, places, trainers, training_actions
from rollout.audit import record
from rollout.dates import at_local
from rollout.models import Attendance, Cohort, Curriculum, Module, Person, Session, User

from .days import Days
from .house import House

FOUNDATIONS = "ce-cert-foundations"
SUPERVISION = "ce-cert-supervision"
HELPING = "helping-relationship-skills"
OPENS, ENDS = time(9), time(16, 30)


@dataclass(frozen=True)
class Exceptions:
    """Who was not simply there from start to end, by name."""

    absent: Collection[str] = ()
    late: dict[str, int] = field(default_factory=dict)
    """Minutes after the start."""
    early: dict[str, int] = field(default_factory=dict)
    """Minutes before the end."""
    by_hand: dict[str, str] = field(default_factory=dict)
    """Full credit set by the trainer: the reason."""


def cohort_of(
    house: House,
    code: str,
    name: str,
    people: Iterable[Person],
    *,
    joined_on: date,
    at: datetime,
    capacity: int | None = None,
) -> Cohort:
    """A cohort with its people; beyond its capacity they wait."""
    curriculum = Curriculum.objects.get(code=code)
    cohort = training_actions.create_cohort(
        house.agency, curriculum, name, capacity=capacity, by=house.by, at=at
    )
    training_actions.add_people(cohort, people, joined_on=joined_on, by=house.by, at=at)
    return cohort


def ask_for_places(house: House, cohort: Cohort, people: Iterable[Person], *, at: datetime) -> None:
    """Others who would like to take part; where the cohort is full they wait in this order."""
    places.give_places(cohort, people, joined_on=house.days.today, by=house.by, at=at)


def introduce(trainer: User, days: Days, *, by: User) -> None:
    """Where the trainer works from, and two days off that nothing is booked on."""
    region, zone = "Mountain West", str(days.zone)
    trainers.save_profile(trainer, region=region, time_zone=zone, note="", version=0, by=by, at=days.at(-180))
    for offset in range(40, 120):
        first, last = days.day(offset), days.day(offset + 1)
        if not bookings.bookings_of(trainer, *bookings.whole_days(first, last, days.zone)):
            note, at = "Training of trainers", days.at(-20)
            trainers.add_away(trainer, from_on=first, until_on=last, note=note, by=by, at=at)
            return


def plan_day(
    house: House,
    cohort: Cohort,
    on: date,
    *,
    title: str,
    modules: Sequence[Module],
    at: datetime,
    day: int = 1,
    hours: tuple[time, time] = (OPENS, ENDS),
    trainer: User | None,
    place: str = "Community room, Aspen Street",
) -> Session:
    """One session with its modules, planned at ``at``."""
    zone = house.agency.zone
    session = Session(
        cohort=cohort,
        title=title,
        day=day,
        starts_at=at_local(on, hours[0], zone),
        ends_at=at_local(on, hours[1], zone),
        place=place,
        trainer=trainer,
    )
    return training_actions.save_session(session, modules, by=house.by, at=at)


def modules_of(cohort: Cohort, *, day: int | None = None, positions: Collection[int] = ()) -> list[Module]:
    """The modules of one training day, or those at these places."""
    found = cohort.curriculum.modules.all()
    return list(found.filter(position__in=positions) if day is None else found.filter(day=day))


def take_attendance(
    house: House, session: Session, people: Iterable[Person], odd: Exceptions, chance: Random
) -> None:
    """Sign everybody in and out as it happens at a door: a few minutes around start and end."""
    rows = []
    for person in people:
        if str(person) in odd.absent:
            continue
        arrives = odd.late.get(str(person), chance.choice((-14, -11, -8, -6, -5, -3, -2, 0, 3, 6)))
        leaves = -odd.early.get(str(person), -chance.choice((-2, -1, 0, 0, 0, 1, 4)))
        rows.append(
            Attendance(
                session=session,
                person=person,
                signed_in_at=session.starts_at + timedelta(minutes=arrives),
                signed_out_at=session.ends_at + timedelta(minutes=leaves),
            )
        )
    Attendance.objects.bulk_create(rows)
    record(
        "signed out everybody",
        session,
        by=session.trainer,
        at=session.ends_at,
        agency=house.agency,
        after={"people": len(rows), "signed_out_at": session.ends_at.isoformat()},
    )
    for name, reason in odd.by_hand.items():
        _set_by_hand(session, next(row for row in rows if str(row.person) == name), reason, by=house.trainer)


def _set_by_hand(session: Session, row: Attendance, reason: str, *, by: User) -> None:
    attendance_actions.correct(
        session,
        row.person,
        signed_in_at=row.signed_in_at,
        signed_out_at=row.signed_out_at,
        override_minutes=sum(module.minutes for module in session.modules.all()),
        reason=reason,
        version=row.version,
        by=by,
        at=session.ends_at + timedelta(minutes=20),
    )
