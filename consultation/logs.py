"""MAPS logs as they are read: the occasion, its checklist, the sheet being filled in, and who may read whose
log when.

A second rater logs blind: a trainer reads somebody else's finished log of an occasion only once their own is
finished, or after choosing to read instead of logging. Leaders and site administrators read finished logs,
without the remarks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from rollout.models import Agency, Session, User
from rollout.starter import shown

from .fidelity import Fidelity, fidelity
from .models import Call, Checklist, ChecklistPoint, MapsEntry, MapsLog
from .summaries import entry_of


@dataclass(frozen=True)
class Occasion:
    """A call or a training session, as far as logging is concerned. Exactly one of the two is there."""

    call: Call | None = None
    session: Session | None = None

    @property
    def row(self) -> Call | Session:
        row = self.call or self.session
        if row is None:
            raise ValueError("An occasion is a call or a session.")
        return row

    @property
    def kind(self) -> Literal["call", "session"]:
        return "call" if self.call else "session"

    @property
    def agency(self) -> Agency:
        return self.row.agency

    @property
    def where(self) -> str:
        """Series or cohort."""
        return str(self.call.series if self.call else self.session.cohort if self.session else "")

    @property
    def short_name(self) -> str:
        """ "Call 4", or the session's title."""
        return _("Call %(number)s") % {"number": self.call.number} if self.call else str(self.row)

    @property
    def url(self) -> str:
        """Its MAPS page."""
        return reverse(f"consultation:maps_{self.kind}", args=[self.row.uuid])

    @property
    def page(self) -> str:
        """Its own page."""
        return reverse("consultation:call" if self.call else "rollout:session", args=[self.row.uuid])

    def logs(self) -> QuerySet[MapsLog]:
        return MapsLog.objects.filter(call=self.call, session=self.session)

    def why_closed(self, now: datetime) -> str:
        """Why it cannot be logged now; empty when it can."""
        if self.row.cancelled_at:
            return _("It was cancelled, so there is nothing to log.")
        if now < self.row.starts_at:
            return _("It has not begun yet. You can log as soon as it has.")
        return ""


def checklist_for(occasion: Occasion) -> Checklist | None:
    """The latest published checklist for a call's number, or a session's curriculum and training day. One
    query.
    """
    published = Checklist.objects.filter(published_at__isnull=False).order_by(
        "-published_at", "-version", "-pk"
    )
    if occasion.call:
        return published.filter(occasion=Checklist.Occasion.CALL, number=occasion.call.number).first()
    session = occasion.session
    code = session.cohort.curriculum.code if session else ""
    number = session.day if session else 0
    return published.filter(occasion=Checklist.Occasion.SESSION, curriculum_code=code, number=number).first()


@dataclass
class Row:
    """One point on the sheet. ``yours`` and ``problem`` tell of a write that was not taken."""

    point: ChecklistPoint
    aired: str = ""
    remark: str = ""
    version: int = 0
    conflict: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass
class Sheet:
    """A log being filled in; ``log`` is None before its first answer."""

    checklist: Checklist
    log: MapsLog | None
    rows: list[Row]

    @property
    def fidelity(self) -> Fidelity:
        return fidelity(entry_of(row.point.code, row.point.must, row.aired) for row in self.rows)

    @property
    def left(self) -> list[Row]:
        """Points not answered yet, may points too."""
        return [row for row in self.rows if not row.aired]

    def row(self, position: int) -> Row | None:
        return next((row for row in self.rows if row.point.position == position), None)


def sheet_of(entries: Sequence[MapsEntry]) -> Sheet:
    """The sheet of a log from its entries with their points and the log."""
    log = entries[0].log
    rows = [Row(entry.point, entry.aired, entry.remark, entry.version) for entry in entries]
    return Sheet(log.checklist, log, rows)


def blank_sheet(checklist: Checklist) -> Sheet:
    """A sheet before its first answer. One query."""
    return Sheet(checklist, None, [Row(point) for point in checklist.points.all()])


def own_entries(occasion: Occasion, user: User) -> list[MapsEntry]:
    """The user's own answers, in order, with point, log and checklist; empty before the first. One query."""
    entries = MapsEntry.objects.filter(
        log__call=occasion.call, log__session=occasion.session, log__logged_by=user
    )
    return list(entries.select_related("point", "log__checklist").order_by("point__position"))


# --- Who may read which -------------------------------------------------------------------------------------


def readable_logs(occasion_logs: Iterable[MapsLog], user: User, *, is_trainer: bool) -> list[MapsLog]:
    """Of one occasion's logs the finished ones this user may read; logs come with their readers prefetched."""
    logs = list(occasion_logs)
    finished = [log for log in logs if log.finished_at]
    if not is_trainer:
        return finished
    own_finished = any(log.logged_by_id == user.pk for log in finished)
    own_open = any(log.logged_by_id == user.pk and not log.finished_at for log in logs)
    if own_finished:
        return finished
    return [] if own_open else [log for log in finished if user in log.readers.all()]


def with_readers(logs: QuerySet[MapsLog]) -> QuerySet[MapsLog]:
    """What `readable_logs` and a page need of logs: two queries."""
    readers = Prefetch("readers", User.objects.only("pk"))
    return logs.select_related("logged_by", "checklist").prefetch_related(readers)


@dataclass(frozen=True)
class LogState:
    """What a list says about an occasion's log to one reader."""

    kind: Literal["score", "open", "by_other", "none"]
    log: MapsLog | None = None


def log_state(
    occasion_logs: Iterable[MapsLog], user: User, *, is_trainer: bool, trainer_id: int | None
) -> LogState:
    """The log that stands for the occasion if it may be read; else that it is open, somebody else's, or
    missing.
    """
    logs = list(occasion_logs)
    if readable := readable_logs(logs, user, is_trainer=is_trainer):
        return LogState(
            "score", min(readable, key=lambda log: (log.logged_by_id != trainer_id, log.finished_at, log.pk))
        )
    if own := next((log for log in logs if log.logged_by_id == user.pk), None):
        return LogState("open", own)
    other = next((log for log in logs if log.finished_at), None)
    return LogState("by_other", other) if other else LogState("none")


# --- Points that come back ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Back:
    """A point that was missed or only partly aired."""

    text: str
    aired: str
    must: bool


def coming_back(log: MapsLog) -> list[Back]:
    """Points of a finished log to come back to, missed before partly. One query."""
    rows = log.entries.filter(aired__in=[MapsEntry.Aired.MISSED, MapsEntry.Aired.PARTLY]).select_related(
        "point"
    )
    found = [
        Back(shown(entry.point.text), entry.aired, entry.point.must)
        for entry in rows.order_by("point__position")
    ]
    return sorted(found, key=lambda back: (not back.must, back.aired != MapsEntry.Aired.MISSED))
