"""Rows of every kind in both agencies, so that each address of the product has something to show and to leak."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from assessments.actions import open_wave
from assessments.instruments import INSTRUMENTS
from assessments.models import Wave
from cecert_site import merging
from consultation.actions import call_starts, create_series, install_checklists
from consultation.models import Call, Checklist, Series
from rollout.models import (
    Agency,
    Attendance,
    Certificate,
    ClosedDay,
    Cohort,
    CommitmentPaper,
    Curriculum,
    Document,
    Merge,
    Person,
    Plan,
    PlanShare,
    PracticePlan,
    RosterUpload,
    Session,
    Team,
    User,
    WorkforceMonth,
)
from rollout.plan_actions import create_plan
from rollout.plan_steps import Template
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
    certificate: Certificate
    merge: Merge


def papers(agency: Agency, leader: User) -> None:
    """A signed commitment, a day on which the agency is closed, a month of workforce figures."""
    now, day = timezone.now(), date(2030, 12, 24)
    commitment = agency.commitments.get()
    CommitmentPaper.objects.create(
        commitment=commitment,
        filename="signed.pdf",
        content=b"%PDF-%%EOF",
        uploaded_by=leader,
        uploaded_at=now,
    )
    ClosedDay.objects.create(agency=agency, name="Winter close", from_on=day, until_on=day)
    WorkforceMonth.objects.create(
        agency=agency,
        month_on=date(2026, 1, 1),
        headcount=40,
        separations=1,
        entered_by=leader,
        entered_at=now,
    )


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
    papers(agency, leader)
    upload = RosterUpload.objects.create(
        agency=agency,
        uploaded_by=leader,
        uploaded_at=now,
        filename="roster.csv",
        content=b"first name,last name,email,team\nAmy,Lee,amy.lee@people.example,Intake\n",
    )
    certificate = Certificate.objects.create(
        code=f"CODE-{agency.slug}"[:20],
        agency=agency,
        person=Person.objects.get(user=staff),
        curriculum=curriculum,
        cohort=cohort,
        participant=str(staff),
        title="Foundations",
        minutes=720,
        dates=["2026-06-01"],
        sponsor=agency.name,
        issued_at=now,
        issued_by=leader,
    )
    twin = Person.objects.create(
        agency=agency, first_name="Twin", last_name=str(staff), left_on=date(2025, 3, 1)
    )
    merge = merging.merge(Person.objects.get(user=staff), twin, by=leader, at=now)
    people = {"staff": Person.objects.get(user=staff), "colleague": Person.objects.get(user=colleague)}
    call.refresh_from_db()
    return Place(agency, team, leader=leader, cohort=cohort, session=session, series=series, call=call, wave=wave,
                 document=document, upload=upload, certificate=certificate, merge=merge, **people)  # fmt: skip


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


def a_plan(place: Place) -> Plan:
    """The agency's rollout by date, from today on."""
    found = Plan.objects.filter(agency=place.agency).first()
    now = timezone.now()
    return found or create_plan(
        place.agency, starts_on=now.date(), template=Template(), trainer=None, by=place.leader, at=now
    )


def a_shared_plan(place: Place) -> PlanShare:
    """The worker's practice plan, shared with their supervisor."""
    owner, reader = place.staff.user, place.team.supervisor.user
    now = timezone.now()
    if found := PlanShare.objects.filter(plan__user=owner, reader=reader).first():
        return found
    plan = PracticePlan.objects.create(user=owner, started_at=now)
    plan.entries.create(prompt="awareness", text="At every door", saved_at=now)
    return plan.shares.create(reader=reader, kind=PlanShare.Kind.SUPERVISOR, shared_at=now)


def a_makeup(place: Place) -> Attendance:
    """A make-up place that nobody has come to."""
    return Attendance.objects.get_or_create(
        session=place.session, person=place.colleague, defaults={"makes_up_for": place.session}
    )[0]
