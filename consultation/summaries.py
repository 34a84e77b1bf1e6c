"""Calls, doses and delivery fidelity of many people at once; a constant number of queries each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from rollout.models import Agency
from rollout.starter import shown

from .dose import CallDose, DoseRule, call_dose
from .fidelity import Answer, Entry, Fidelity, fidelity
from .models import Call, CallAttendance, MapsEntry, MapsLog, Series, SeriesMember

type Dose = CallDose
type Attended = Mapping[tuple[int, int], int]
"""Minutes by (call id, person id); nobody who was absent."""


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call that was not cancelled."""

    uuid: UUID
    number: int
    title: str
    starts_at: datetime
    held: bool
    series: str


@dataclass(frozen=True, slots=True)
class AgencyCalls:
    """All calls of an agency that were not cancelled, by time; `next_call` is the first that has not begun."""

    held: int
    planned: int
    calls: list[CallLine]
    next_call: CallLine | None


@dataclass(frozen=True, slots=True)
class FidelityPoint:
    """Delivery fidelity of one call or session; `uuid` is the occasion's."""

    at: datetime
    label: str
    occasion: Literal["call", "session"]
    uuid: UUID
    fidelity: Fidelity


@dataclass(frozen=True)
class LoggedOccasion:
    """The log that stands for one call or session, with its answers."""

    log: MapsLog
    point: FidelityPoint
    entries: tuple[Entry, ...]


def agency_calls(agency: Agency, now: datetime) -> AgencyCalls:
    """Calls of all series of an agency. One query."""
    rows = Call.objects.planned().filter(series__agency=agency).select_related("series")
    lines = [
        CallLine(
            call.uuid,
            call.number,
            shown(call.title),
            call.starts_at,
            call.held_at is not None,
            call.series.name,
        )
        for call in rows
    ]
    ahead = (line for line in lines if line.starts_at > now and not line.held)
    return AgencyCalls(sum(line.held for line in lines), len(lines), lines, next(ahead, None))


def rule_of(agency: Agency) -> DoseRule:
    """What makes a call count in this agency, and how many are needed."""
    return DoseRule(max(1, agency.call_minutes), agency.calls_needed)


def minutes_of(calls: QuerySet[Call], people: Collection[int] | None = None) -> dict[tuple[int, int], int]:
    """Who took part in these calls for how long, or only these people (ids). One query."""
    found = CallAttendance.objects.filter(call__in=calls)
    if people is not None:
        found = found.filter(person__in=people)
    rows = found.values_list("call_id", "person_id", "minutes")
    return {(call, person): minutes for call, person, minutes in rows}


def own_calls(member: SeriesMember, calls: Iterable[Call], attended: Attended, zone: ZoneInfo) -> list[Call]:
    """Of a series' calls those that are this person's: planned while they belong to it, or attended anyway."""
    return [
        call
        for call in calls
        if call.cancelled_at is None
        and (
            (call.pk, member.person_id) in attended
            or member.is_expected(call.starts_at.astimezone(zone).date())
        )
    ]


def dose_of(member: SeriesMember, calls: Iterable[Call], attended: Attended, agency: Agency) -> CallDose:
    """Where one person stands in a series, of which these are the calls."""
    own = own_calls(member, calls, attended, agency.zone)
    held = [attended.get((call.pk, member.person_id)) for call in own if call.held_at]
    return call_dose(held, len(held), len(own), rule_of(agency))


def supervisor_dose(agency: Agency, now: datetime) -> dict[int, Dose]:
    """Where everybody stands who takes part in calls today, by person id; in several series: the latest
    counts.

    `now` is there for the shape that summaries share; what was held is on record. Three queries.
    """
    calls = Call.objects.filter(series__agency=agency)
    attended, by_series = minutes_of(calls), defaultdict(list)
    for call in calls:
        by_series[call.series_id].append(call)
    members = SeriesMember.objects.current().filter(series__agency=agency).order_by("series")
    return {
        member.person_id: dose_of(member, by_series[member.series_id], attended, agency) for member in members
    }


def fidelity_points(agency: Agency) -> list[FidelityPoint]:
    """Delivery fidelity by time, one point for each call or session with a finished log. Two queries."""
    return [occasion.point for occasion in logged_occasions(agency)]


def logged_occasions(agency: Agency, series: Series | None = None) -> list[LoggedOccasion]:
    """Calls and sessions with a finished log, by time. Two queries.

    Where several people logged one occasion, its own trainer's log stands for it, else the first that was
    finished. With `series`: its calls only.
    """
    match = Q(call__series__agency=agency) | Q(session__cohort__agency=agency)
    if series is not None:
        match = Q(call__series=series)
    logs = MapsLog.objects.filter(match, finished_at__isnull=False).select_related("call__series", "session")
    chosen: dict[tuple[int | None, int | None], MapsLog] = {}
    for log in sorted(logs, key=_standing, reverse=True):
        chosen[log.call_id, log.session_id] = log
    entries = entries_of([log.pk for log in chosen.values()])
    found = [_occasion(log, entries.get(log.pk, ())) for log in chosen.values()]
    return sorted(found, key=lambda occasion: (occasion.point.at, occasion.log.pk))


def entries_of(logs: Sequence[int]) -> dict[int, tuple[Entry, ...]]:
    """Answers of these logs in the checklist's order, by log id. One query."""
    rows = MapsEntry.objects.filter(log__in=logs).order_by("log", "point__position")
    found: dict[int, list[Entry]] = defaultdict(list)
    for log, code, must, aired in rows.values_list("log_id", "point__code", "point__must", "aired"):
        found[log].append(entry_of(code, must, aired))
    return {log: tuple(entries) for log, entries in found.items()}


def entry_of(code: str, must: bool, aired: str) -> Entry:
    """A stored answer for the arithmetic; "" is not answered yet."""
    answer: Answer | None = aired or None  # type: ignore[assignment]  # choices of the field are the answers
    return Entry(code, must, answer)


def _standing(log: MapsLog) -> tuple[bool, datetime | None, int]:
    """Sorts the log that stands for its occasion before the others."""
    trainer = log.call.series.trainer_id if log.call else log.session.trainer_id if log.session else None
    return (log.logged_by_id != trainer, log.finished_at, log.pk)


def _occasion(log: MapsLog, entries: tuple[Entry, ...]) -> LoggedOccasion:
    if log.call is not None:
        call, label = log.call, _("Call %(number)s") % {"number": log.call.number}
        point = FidelityPoint(call.starts_at, label, "call", call.uuid, fidelity(entries))
    else:
        session = log.session
        if session is None:  # a constraint keeps this from existing
            raise ValueError(f"Log {log.pk} belongs to no occasion.")
        point = FidelityPoint(session.starts_at, session.title, "session", session.uuid, fidelity(entries))
    return LoggedOccasion(log, point, entries)
