"""Training as tables to keep: cohorts, their people, sessions, attendance. What the pages show, row by row.

Sessions and attendance are written in columns that ``rollout.training_imports`` reads back unchanged.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .credit import STATE_LABELS, STATUS_LABELS, session_credit
from .ledger import credit_rule, open_ledger, session_times
from .models import Agency, Attendance, Cohort, Session
from .places import members_of
from .schedule import CohortLine

COHORT_HEADERS = (
    gettext_lazy("Cohort"),
    gettext_lazy("Curriculum"),
    gettext_lazy("Places"),
    gettext_lazy("People"),
    gettext_lazy("Waiting"),
    gettext_lazy("Sessions planned"),
    gettext_lazy("Sessions held"),
    gettext_lazy("Next session"),
    gettext_lazy("People with all hours"),
)
MEMBER_HEADERS = (
    gettext_lazy("Person"),
    gettext_lazy("Team"),
    gettext_lazy("From"),
    gettext_lazy("Minutes credited"),
    gettext_lazy("Minutes required"),
    gettext_lazy("Where it stands"),
)
SESSION_HEADERS = (
    "session", "curriculum", "cohort", "title", "training day", "date", "starts", "ends", "place", "how to find it",
    "video link", "how to join", "trainer", "modules", "state",
)  # fmt: skip
"""In English for everybody: a file that one person exports is read back by another."""
ATTENDANCE_HEADERS = (
    "session", "cohort", "title", "date", "person", "name", "e-mail", "employee number", "signed in", "signed out",
    "minutes by hand", "reason", "makes up for", "credited minutes", "state",
)  # fmt: skip
PLANNED, CANCELLED = "planned", "cancelled"


def cohort_rows(lines: Iterable[CohortLine]) -> Iterator[list[Any]]:
    """A line for each cohort, as the schedule shows them. No query."""
    for line in lines:
        upcoming = line.upcoming.starts_at.astimezone(line.cohort.agency.zone) if line.upcoming else None
        yield [
            line.cohort.name,
            line.cohort.curriculum,
            line.cohort.capacity,
            line.count.people,
            getattr(line.cohort, "waits", 0),
            line.planned,
            line.held,
            upcoming.date() if upcoming else None,
            line.count.complete,
        ]


def member_rows(cohort: Cohort, now: datetime) -> Iterator[list[Any]]:
    """Current members with their hours in the cohort's curriculum, by name."""
    members = members_of(cohort).select_related("person__team")
    ledger = open_ledger(cohort.agency, now)
    need = {cohort.curriculum_id: cohort.curriculum.required_minutes}
    for member in members.order_by("person__last_name", "person__first_name", "pk"):
        standing = ledger.standing(member.person_id, need)[cohort.curriculum_id]
        yield [
            member.person,
            member.person.team,
            member.joined_on,
            standing.credited,
            standing.required,
            STATE_LABELS[standing.state],
        ]


def sessions_of(agency: Agency) -> QuerySet[Session]:
    """All sessions of an agency with what their rows need, by time."""
    return (
        Session.objects.filter(cohort__agency=agency)
        .select_related("cohort__curriculum", "trainer")
        .prefetch_related("modules")
        .order_by("starts_at", "pk")
    )


def session_rows(agency: Agency) -> Iterator[list[Any]]:
    """Sessions in the agency's local time, cancelled ones too. Two queries."""
    for session in sessions_of(agency):
        yield session_row(session, agency)


def session_row(session: Session, agency: Agency) -> list[Any]:
    """One session, in the order of SESSION_HEADERS."""
    start, end = (at.astimezone(agency.zone) for at in (session.starts_at, session.ends_at))
    return [
        str(session.uuid),
        session.cohort.curriculum.code,
        session.cohort.name,
        session.title,
        session.day,
        start.date(),
        f"{start:%H:%M}",
        f"{end:%H:%M}",
        session.place,
        session.place_details,
        session.video_link,
        session.video_details,
        session.trainer.email if session.trainer else "",
        " ".join(str(module.position) for module in session.modules.all()),
        CANCELLED if session.cancelled_at else PLANNED,
    ]


def attendance_of(agency: Agency, session: Session | None = None) -> QuerySet[Attendance]:
    """Records that say something, of one session or of all, by time and name."""
    found = Attendance.objects.filter(session__cohort__agency=agency)
    if session is not None:
        found = found.filter(session=session)
    return (
        found.exclude(signed_in_at=None, override_minutes=None)
        .select_related("session__cohort", "person", "makes_up_for")
        .prefetch_related("session__modules")
        .order_by("session__starts_at", "session", "person__last_name", "person__first_name", "pk")
    )


def attendance_rows(agency: Agency, session: Session | None = None) -> Iterator[list[Any]]:
    """Sign-ins and sign-outs with what they earned. Two queries."""
    rule, zone = credit_rule(agency), agency.zone
    for record in attendance_of(agency, session):
        held, person = record.session, record.person
        times = session_times(held.starts_at, held.ends_at, [module.minutes for module in held.modules.all()])
        credit = session_credit(
            rule, times, record.signed_in_at, record.signed_out_at, record.override_minutes
        )
        yield [
            str(held.uuid),
            held.cohort.name,
            held.title,
            held.starts_at.astimezone(zone).date(),
            str(person.uuid),
            person,
            person.email,
            person.employee_number,
            record.signed_in_at.astimezone(zone) if record.signed_in_at else None,
            record.signed_out_at.astimezone(zone) if record.signed_out_at else None,
            record.override_minutes,
            record.override_reason,
            str(record.makes_up_for.uuid) if record.makes_up_for else "",
            credit.minutes,
            _(str(STATUS_LABELS[credit.status])),
        ]
