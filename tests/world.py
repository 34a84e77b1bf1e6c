"""Rows of every kind in both agencies, so that each address of the product has something to show and to leak."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from assessments.actions import open_wave
from assessments.instruments import INSTRUMENTS
from assessments.models import Wave
from consultation.actions import call_starts, create_series, install_checklists
from consultation.models import Call, Checklist, Series
from rollout.models import Agency, Cohort, Curriculum, Document, Person, RosterUpload, Session, Team, User
from rollout.training_actions import add_people, create_cohort, install_curricula


@dataclass
class Place:
    """One agency with one row of every kind."""

    agency: Agency
    team: Team
    staff: Person
    colleague: Person
    leader: User
    cohort: Cohort
    session: Session
    series: Series
    call: Call
    wave: Wave
    document: Document
    upload: RosterUpload


def furnish(agency: Agency, team: Team, leader: User, trainer: User, staff: User, colleague: User) -> Place:
    """A past session and call, a cohort with everybody, a series with the supervisor, an open wave, files."""
    now = timezone.now()
    curriculum = Curriculum.objects.order_by("pk")[0]
    cohort = create_cohort(agency, curriculum, "Spring", by=leader, at=now)
    add_people(cohort, agency.people.all(), joined_on=date(2026, 1, 1), by=leader, at=now)
    start = now - timedelta(days=2)
    session = Session.objects.create(
        cohort=cohort, title="Day 1", starts_at=start, ends_at=start + timedelta(hours=7), trainer=trainer
    )
    session.modules.set(curriculum.modules.filter(day=1))
    series = create_series(
        agency,
        name="Supervisors",
        members=[team.supervisor],
        trainer=trainer,
        starts=call_starts(agency, date(2030, 1, 7), time(10, 0)),
        by=leader,
        at=now,
    )
    call = series.calls.get(number=1)
    Call.objects.filter(pk=call.pk).update(starts_at=start, ends_at=start + timedelta(hours=1))
    series.seriesmember_set.update(joined_on=start.date() - timedelta(days=30))
    wave = open_wave(
        agency,
        instrument=INSTRUMENTS["proqol-5"],
        label="baseline",
        closes_on=(now + timedelta(days=14)).date(),
        wording=None,
        by=leader,
        at=now,
    )
    document = Document.objects.create(
        kind="rollout_report",
        agency=agency,
        requested_by=leader,
        requested_at=now,
        finished_at=now,
        state=Document.State.READY,
        filename="report.pdf",
        content=b"%PDF-",
    )
    upload = RosterUpload.objects.create(
        agency=agency,
        uploaded_by=leader,
        uploaded_at=now,
        filename="roster.csv",
        content=b"first name,last name,email,team\nAmy,Lee,amy.lee@people.example,Intake\n",
    )
    people = {"staff": Person.objects.get(user=staff), "colleague": Person.objects.get(user=colleague)}
    call.refresh_from_db()
    return Place(agency, team, leader=leader, cohort=cohort, session=session, series=series, call=call, wave=wave,
                 document=document, upload=upload, **people)  # fmt: skip


def furnish_both(cast: Any) -> tuple[Place, Place]:
    install_curricula()
    install_checklists()
    ours = furnish(cast.agency, cast.team, cast.leader, cast.trainer, cast.staff, cast.colleague)
    theirs = furnish(
        cast.other, cast.other_team, cast.other_leader, cast.other_trainer, cast.other_staff, cast.other_staff
    )
    return ours, theirs


def a_checklist() -> Checklist:
    return Checklist.objects.order_by("pk")[0]
