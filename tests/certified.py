"""Somebody who has been through Foundations, for tests of certificates."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from rollout.certificate_actions import issue
from rollout.models import Agency, Attendance, Certificate, Cohort, Curriculum, Person, Session, User
from rollout.training_actions import add_people, create_cohort, install_curricula
from tests.conftest import NOW

DAYS = (NOW - timedelta(days=11), NOW - timedelta(days=4))
"""Two Tuesdays at nine in Denver; the clock change lies before both."""


def foundations(agency: Agency, leader: User, trainer: User, name: str = "Spring") -> Cohort:
    """A cohort with its two days held, and nobody in it yet."""
    install_curricula()
    curriculum = Curriculum.objects.get(code="ce-cert-foundations")
    cohort = create_cohort(agency, curriculum, name, by=leader, at=NOW)
    for number, start in enumerate(DAYS, start=1):
        session = Session.objects.create(
            cohort=cohort,
            title=f"Day {number}",
            day=number,
            starts_at=start,
            ends_at=start + timedelta(hours=7, minutes=30),
            trainer=trainer,
        )
        session.modules.set(curriculum.modules.filter(day=number))
    return cohort


def there(cohort: Cohort, people: Iterable[Person], days: Iterable[int] = (1, 2)) -> None:
    """They belong to the cohort and were at these days from start to end."""
    people = list(people)
    leader = cohort.agency.leaders.get()
    add_people(cohort, people, joined_on=date(2026, 1, 1), by=leader, at=NOW)
    Attendance.objects.bulk_create(
        Attendance(
            session=session, person=person, signed_in_at=session.starts_at, signed_out_at=session.ends_at
        )
        for session in cohort.sessions.filter(day__in=list(days))
        for person in people
    )


def certified(cast: Any, at: datetime = NOW) -> Certificate:
    """The certificate of Clear Staff."""
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    person = cast.person(cast.staff)
    there(cohort, [person])
    return issue(person, cohort.curriculum, cohort=cohort, by=cast.leader, at=at)
