"""Sessions and attendance from a file, in the columns of ``rollout.training_lists``: all of it, or nothing with reasons.

A row that says what is there already is left alone, so an export imported again changes nothing. Everything goes
through the same actions as on the pages: a double booking is refused, a correction needs its reason, and each write
leaves its audit entry.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from .attendance_actions import correct
from .dates import at_local
from .exports import cell
from .models import Agency, Attendance, Cohort, Module, Person, Session, User
from .refusals import Changed, Refused
from .roster_rows import RowProblem
from .training_actions import cancel_session, save_session
from .training_lists import (
    ATTENDANCE_HEADERS,
    CANCELLED,
    PLANNED,
    SESSION_HEADERS,
    attendance_rows,
    session_row,
    sessions_of,
)
from .training_rows import Line, WrongCell, plain, read_lines

NEW, CHANGED, SAME = "new", "changed", "unchanged"
SESSION_NEEDS = ("cohort", "title", "date", "starts", "ends", "modules")
ATTENDANCE_NEEDS = ("session", "person", "signed in", "signed out")
TOLD = {"credited minutes", "state", "name", "cohort", "title", "date"}
"""Columns of attendance that are worked out or only help a reader: what they say is not read."""


@dataclass(frozen=True)
class Outcome:
    """How many rows were new, changed and unchanged; with problems nothing was written."""

    counts: dict[str, int]
    problems: list[RowProblem] = field(default_factory=list)
    applied: bool = False


def import_sessions(
    agency: Agency, data: bytes, *, by: User | None, at: datetime, dry_run: bool = False
) -> Outcome:
    """Plan, change and cancel sessions as a file says. RosterFileError when it cannot be read at all."""
    lines = read_lines(data, SESSION_HEADERS, SESSION_NEEDS)
    with transaction.atomic():
        reader = SessionReader(agency, by, at)
        return _all_or_nothing(lines, reader.take, dry_run=dry_run)


def import_attendance(
    agency: Agency, data: bytes, *, by: User | None, at: datetime, reason: str = "", dry_run: bool = False
) -> Outcome:
    """Set sign-ins and sign-outs as a file says; ``reason`` stands for rows that give none themselves."""
    lines = read_lines(data, ATTENDANCE_HEADERS, ATTENDANCE_NEEDS)
    with transaction.atomic():
        reader = AttendanceReader(agency, by, at, reason)
        return _all_or_nothing(lines, reader.take, dry_run=dry_run)


def _all_or_nothing(lines: Iterable[Line], take: Callable[[Line], str], *, dry_run: bool) -> Outcome:
    """Take every row; one problem, or a dry run, undoes them all. Inside a transaction of the caller's."""
    counts: Counter[str] = Counter({NEW: 0, CHANGED: 0, SAME: 0})
    problems = []
    for line in lines:
        try:
            with transaction.atomic():
                counts[take(line)] += 1
        except WrongCell as wrong:
            problems.append(RowProblem(line.number, wrong.column, str(wrong), wrong.value))
        except Refused as refusal:
            problems.append(RowProblem(line.number, None, str(refusal)))
        except Changed:
            text = _("Somebody changed this meanwhile. Export again, and import what is left to change.")
            problems.append(RowProblem(line.number, None, text))
    if problems or dry_run:
        transaction.set_rollback(True)
    return Outcome(dict(counts), problems, applied=not (problems or dry_run))


def text_of(value: Any) -> str:
    """What a cell holds after it was written to a table and read again."""
    written = cell(value)
    return plain(float(written) if isinstance(written, Decimal) else written)


class SessionReader:
    """Takes one row of sessions after the other."""

    def __init__(self, agency: Agency, by: User | None, at: datetime) -> None:
        self.agency, self.by, self.at = agency, by, at
        self.known = {str(session.uuid): session for session in sessions_of(agency)}
        self.cohorts = list(
            agency.cohorts.select_related("curriculum").prefetch_related("curriculum__modules")
        )
        self.trainers = {user.email.lower(): user for user in agency.trainers.filter(is_active=True)}
        self.seen: set[str] = set()

    def take(self, line: Line) -> str:
        """What became of this row: NEW, CHANGED or SAME."""
        cohort = self.cohort(line)
        session = self.existing(line, cohort)
        if session is not None:
            if str(session.uuid) in self.seen:
                raise WrongCell("session", _("This training session stands in the file twice."))
            self.seen.add(str(session.uuid))
            if self.is_same(line, session):
                return SAME
        return self.write(line, cohort, session)

    def cohort(self, line: Line) -> Cohort:
        name, code = line.needed("cohort"), line.text("curriculum")
        found = [
            each
            for each in self.cohorts
            if each.name.casefold() == name.casefold() and (not code or each.curriculum.code == code)
        ]
        if len(found) != 1:
            text = _("Several cohorts have this name; name the curriculum too.")
            raise WrongCell("cohort", text if found else _("There is no cohort of this name."), name)
        return found[0]

    def existing(self, line: Line, cohort: Cohort) -> Session | None:
        """By its id; a row without one is a session of that cohort with the same title and start, if there is one."""
        key = line.text("session").lower()
        if key:
            if key not in self.known:
                raise WrongCell(
                    "session", _("There is no session with this id. Leave it empty for a new one."), key
                )
            return self.known[key]
        title, start = line.needed("title"), self.at_clock(line, "starts")
        return next(
            (
                each
                for each in self.known.values()
                if (each.cohort_id, each.title, each.starts_at) == (cohort.pk, title, start)
            ),
            None,
        )

    def is_same(self, line: Line, session: Session) -> bool:
        now = dict(zip(SESSION_HEADERS, session_row(session, self.agency), strict=True))
        # However a person writes times and numbers: "9:00", "5, 6".
        said = dict(line.cells) | {column: f"{line.clock(column):%H:%M}" for column in ("starts", "ends")}
        said |= {"date": line.day("date").isoformat()}
        said |= {"modules": " ".join(line.text("modules").replace(",", " ").split())}
        if "trainer" in said:
            said["trainer"] = said["trainer"].lower()
            now["trainer"] = now["trainer"].lower()
        return all(
            value == text_of(now[column])
            for column, value in said.items()
            if column != "session" and (value or column not in ("state", "curriculum", "training day"))
        )

    def write(self, line: Line, cohort: Cohort, session: Session | None) -> str:
        state = line.text("state").casefold() or PLANNED
        if state not in (PLANNED, CANCELLED):
            raise WrongCell("state", _("Write “planned” or “cancelled”."), state)
        if session and session.cancelled_at:
            raise WrongCell(
                "state", _("This training session was cancelled and stays as it is. Plan a new one.")
            )
        if state == CANCELLED:
            if session is None:
                raise WrongCell("state", _("A new session cannot be cancelled."))
            cancel_session(session, by=self.by, at=self.at)
            return CHANGED
        row = session or Session(cohort=cohort)
        if row.cohort_id != cohort.pk:
            raise WrongCell("cohort", _("A session stays with its cohort."))
        modules = self.fill(line, row)
        save_session(row, modules, by=self.by, at=self.at)
        self.known[str(row.uuid)] = row
        self.seen.add(str(row.uuid))
        return CHANGED if session else NEW

    def fill(self, line: Line, row: Session) -> list[Module]:
        """Put the row's values into the session; its modules, which must fit into its time."""
        row.title = line.needed("title", most=160)
        row.day = line.number_in("training day") or row.day or 1
        row.starts_at, row.ends_at = self.at_clock(line, "starts"), self.at_clock(line, "ends")
        if row.ends_at <= row.starts_at:
            raise WrongCell("ends", _("The end must be after the start, on the same day."))
        for column, name, most in TEXTS:
            if column in line.cells:
                setattr(row, name, line.text(column, most=most))
        self.check_link(row.video_link)
        if "trainer" in line.cells:
            row.trainer = self.trainer(line)
        modules = self.modules(line, row.cohort)
        if sum(module.minutes for module in modules) > (row.ends_at - row.starts_at) // timedelta(minutes=1):
            raise WrongCell("modules", _("These modules take longer than from start to end."))
        return modules

    def at_clock(self, line: Line, column: str) -> datetime:
        return at_local(line.day("date"), line.clock(column), self.agency.zone).astimezone(UTC)

    def trainer(self, line: Line) -> User | None:
        address = line.text("trainer").lower()
        if address and address not in self.trainers:
            raise WrongCell("trainer", _("Nobody with this e-mail trains this agency."), address)
        return self.trainers.get(address)

    def modules(self, line: Line, cohort: Cohort) -> list[Module]:
        places = line.needed("modules").replace(",", " ").split()
        by_place = {str(module.position): module for module in cohort.curriculum.modules.all()}
        unknown = [place for place in places if place not in by_place]
        if unknown:
            text = _("Name modules by their numbers in the curriculum, such as 1 2 3.")
            raise WrongCell("modules", text, " ".join(unknown))
        return [by_place[place] for place in dict.fromkeys(places)]

    def check_link(self, link: str) -> None:
        if link:
            try:
                URLValidator(schemes=["http", "https"])(link)
            except ValidationError as error:
                raise WrongCell("video link", _("A video link starts with https://"), link[:80]) from error


TEXTS = (
    ("place", "place", 200),
    ("how to find it", "place_details", 500),
    ("video link", "video_link", 500),
    ("how to join", "video_details", 500),
)


class AttendanceReader:
    """Takes one row of attendance after the other."""

    def __init__(self, agency: Agency, by: User | None, at: datetime, reason: str) -> None:
        self.agency, self.by, self.at, self.reason = agency, by, at, reason
        self.sessions = {str(session.uuid): session for session in sessions_of(agency)}
        for session in self.sessions.values():
            session.cohort.agency = agency  # spares a query for each row
        self.people = list(agency.people.all())
        self.by_uuid = {str(person.uuid): person for person in self.people}
        self.records = {
            (str(record.session.uuid), record.person_id): record
            for record in Attendance.objects.filter(session__cohort__agency=agency).select_related("session")
        }
        rows = (
            dict(zip(ATTENDANCE_HEADERS, (text_of(value) for value in row), strict=True))
            for row in attendance_rows(agency)
        )
        self.now = {(row["session"], row["person"]): row for row in rows}
        self.seen: set[tuple[str, int]] = set()

    def take(self, line: Line) -> str:
        session, person = self.session(line), self.person(line)
        key = str(session.uuid), person.pk
        if key in self.seen:
            raise WrongCell("person", _("This person stands in the file twice for one session."))
        self.seen.add(key)
        known = self.now.get((str(session.uuid), str(person.uuid)), {})
        if self.is_same(line, known):
            return SAME
        return self.write(line, session, person, self.records.get(key))

    def is_same(self, line: Line, known: dict[str, str]) -> bool:
        identity = {"session", "person", "e-mail", "employee number"}
        return all(
            value == known.get(column, "")
            for column, value in line.cells.items()
            if column not in identity and column not in TOLD
        )

    def session(self, line: Line) -> Session:
        key = line.needed("session").lower()
        if key not in self.sessions:
            raise WrongCell("session", _("There is no session with this id."), key)
        return self.sessions[key]

    def person(self, line: Line) -> Person:
        """By id, else by employee number, else by e-mail."""
        if key := line.text("person").lower():
            try:
                found = [self.by_uuid[str(UUID(key))]]
            except (KeyError, ValueError) as error:
                raise WrongCell("person", _("There is nobody with this id on the roster."), key) from error
        elif number := line.text("employee number"):
            found = [person for person in self.people if person.employee_number == number]
        else:
            address = line.needed("e-mail").lower()
            found = [person for person in self.people if person.email.lower() == address]
        if len(found) != 1:
            raise WrongCell("person", _("There is nobody like this on the roster."))
        return found[0]

    def write(self, line: Line, session: Session, person: Person, record: Attendance | None) -> str:
        on = session.starts_at.astimezone(self.agency.zone).date()
        signed_in = line.moment("signed in", on, self.agency.zone)
        signed_out = line.moment("signed out", on, self.agency.zone)
        for column, moment in (("signed in", signed_in), ("signed out", signed_out)):
            if moment and moment > self.at:
                raise WrongCell(column, _("This time is still ahead."), line.text(column))
            if moment and moment.astimezone(self.agency.zone).date() != on:
                raise WrongCell(column, _("This is not the day of the session."), line.text(column))
        kept = record.override_minutes if record else None
        given = line.number_in("minutes by hand") if "minutes by hand" in line.cells else kept
        reason = line.text("reason", most=300) or self.reason
        if not reason:
            raise WrongCell("reason", _("Say why, in a few words: the reason is kept with the correction."))
        linked = {"makes_up_for": self.missed(line)} if "makes up for" in line.cells else {}
        correct(
            session,
            person,
            signed_in_at=signed_in,
            signed_out_at=signed_out,
            override_minutes=given,
            reason=reason,
            version=record.version if record else 0,
            by=self.by,
            at=self.at,
            **linked,
        )
        return CHANGED if (str(session.uuid), str(person.uuid)) in self.now else NEW

    def missed(self, line: Line) -> Session | None:
        key = line.text("makes up for").lower()
        if key and key not in self.sessions:
            raise WrongCell("makes up for", _("There is no session with this id."), key)
        return self.sessions.get(key)
