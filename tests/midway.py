"""An agency in mid-rollout, made by the product's own actions: hours, calls, logs, one closed wave and one open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from assessments import actions as waves
from assessments.instruments import INSTRUMENTS
from assessments.models import Wave
from assessments.survey import submit_many
from consultation import actions as calls
from consultation.logs import Occasion, checklist_for
from consultation.maps_actions import PointAnswer, answer_points, finish_log, start_log
from consultation.models import Series
from rollout.models import Agency, Attendance, Cohort, Commitment, Curriculum, Person, Session, Team, User
from rollout.training_actions import add_people, create_cohort, install_curricula

from .conftest import NOW

PROQOL = INSTRUMENTS["proqol-5"]
ANSWERS = [3, 3, 4, 4, 2, 3, 2, 2, 2, 2, 2, 4, 2, 1, 4, 4, 4, 4, 3, 4, 3, 4, 3, 4, 2, 2, 3, 1, 4, 5]


def staff(agency: Agency, team: Team, n: int, *, prefix: str = "Worker") -> list[Person]:
    """``n`` people in a team, each with an account."""
    found = []
    for number in range(n):
        address = f"{prefix.lower()}.{team.pk}.{number}@people.example"
        user = User.objects.create(email=address, name=f"{prefix} {number}", password="!")
        found.append(
            Person.objects.create(
                agency=agency,
                team=team,
                user=user,
                first_name=prefix,
                last_name=f"{number:03}",
                email=address,
            )
        )
    return found


def attend(session: Session, people: Sequence[Person]) -> None:
    Attendance.objects.bulk_create(
        Attendance(session=session, person=one, signed_in_at=session.starts_at, signed_out_at=session.ends_at)
        for one in people
    )


def training(agency: Agency, trainer: User, by: User, *, missed_day_two: int = 1) -> Cohort:
    """Foundations of two days; the last ``missed_day_two`` people of the roster were absent on the second."""
    install_curricula()
    curriculum = Curriculum.objects.get(code="ce-cert-foundations")
    cohort = create_cohort(agency, curriculum, "Summer", by=by, at=NOW)
    people = list(agency.people.filter(left_on=None).order_by("pk"))
    add_people(cohort, people, joined_on=date(2026, 6, 1), by=by, at=NOW)
    for day, there in ((1, people), (2, people[: len(people) - missed_day_two])):
        start = datetime(2026, 7, 6 + day, 15, 0, tzinfo=NOW.tzinfo)
        session = Session.objects.create(
            cohort=cohort, day=day, title=f"Foundations, day {day}", trainer=trainer,
            starts_at=start, ends_at=start + timedelta(hours=7),
        )  # fmt: skip
        session.modules.set(curriculum.modules.filter(day=day))
        attend(session, there)
    return cohort


def series(agency: Agency, trainer: User, members: Sequence[Person], by: User, *, held: int = 4) -> Series:
    """Ten calls, the first in August; ``held`` of them held and logged, one point of call 2 not aired."""
    starts = calls.call_starts(
        agency, date(2026, 8, 13), time(10, 0) if agency.slug == "clearwater" else time(15, 0)
    )
    at = starts[0] - timedelta(days=60)
    made = calls.create_series(
        agency, name="Supervisors", trainer=trainer, members=members, starts=starts, by=by, at=at
    )
    for call in made.calls.order_by("number")[:held]:
        minutes = {person: 60 if place or call.number != 3 else 20 for place, person in enumerate(members)}
        calls.hold_call(call, attended=minutes, by=trainer, at=call.ends_at)
        log(Occasion(call=call), by=trainer, at=call.ends_at, missed=1 if call.number == 2 else 0)
    return made


def log(occasion: Occasion, *, by: User, at: datetime, missed: int = 0) -> None:
    checklist = checklist_for(occasion)
    assert checklist is not None
    entries = start_log(occasion, checklist, by=by, at=at)
    must = [entry for entry in entries if entry.point.must]
    lost = {entry.pk for entry in must[:missed]}
    answers = {
        entry.point.position: PointAnswer("missed" if entry.pk in lost else "aired", None, entry.version)
        for entry in entries
    }
    answer_points(entries, answers, at=at)
    finish_log(occasion, entries[0].log, by=by, at=at)


def wave(agency: Agency, label: str, opened_at: datetime, by: User, *, answers: int, close: bool) -> Wave:
    """A wave answered by the first ``answers`` people of the roster, each a little different."""
    found = waves.open_wave(
        agency, instrument=PROQOL, label=label, closes_on=(opened_at + timedelta(days=14)).date(),
        wording=wording(), by=by, at=opened_at,
    )  # fmt: skip
    people = list(agency.people.filter(left_on=None, user__isnull=False).order_by("pk")[:answers])
    rows = {one.pk: [*ANSWERS[:29], 1 + place % 5] for place, one in enumerate(people)}
    submit_many(found, rows, opened_at + timedelta(days=1))
    if close:
        waves.close_wave(found, by=by, at=opened_at + timedelta(days=14))
    found.refresh_from_db()
    return found


def wording() -> Any:
    """Invented statements, so that a wave is no try-out."""
    from assessments.models import WordingPack

    statements = {str(item.number): f"Statement {item.number}" for item in PROQOL.items}
    return WordingPack.objects.get_or_create(
        instrument=PROQOL.code, agency=None, defaults={"statements": statements, "installed_at": NOW}
    )[0]


@dataclass
class Midway:
    """The furnished agency."""

    cohort: Cohort
    series: Series
    baseline: Wave
    midpoint: Wave


def midway(cast: Any, *, workers: int = 12) -> Midway:
    """Clearwater in November 2026: ``workers`` more people in Intake, trained, consulted and surveyed."""
    agency, by = cast.agency, cast.leader
    staff(agency, cast.team, workers)
    agency.commitments.all().delete()
    Commitment.objects.create(
        agency=agency, name="Rosa Field", title="Director", made_on=date(2026, 5, 12),
        training_time=True, protected_calls=True,
    )  # fmt: skip
    cohort = training(agency, cast.trainer, by)
    made = series(agency, cast.trainer, [cast.person(cast.supervisor)], by)
    baseline = wave(
        agency, "baseline", datetime(2026, 6, 22, 15, tzinfo=NOW.tzinfo), by, answers=workers, close=True
    )
    midpoint = wave(agency, "midpoint", NOW - timedelta(days=10), by, answers=workers // 2, close=False)
    waves.refresh_answered_counts(NOW)
    midpoint.refresh_from_db()
    return Midway(cohort, made, baseline, midpoint)
