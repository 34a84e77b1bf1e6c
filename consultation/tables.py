"""Lines of a series' page: each call with who came and its delivery fidelity, each member with their ten
calls.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from rollout.charts import Chart
from rollout.models import Agency, User

from .airing import airing_chart, answers_of
from .dose import CallDose, call_counts
from .fidelity import Fidelity, fidelity
from .logs import LogState, log_state
from .models import Call, Series, SeriesMember
from .summaries import dose_of, entries_of, minutes_of, rule_of

State = Literal["held", "over", "next", "ahead", "cancelled"]


@dataclass(frozen=True)
class Line:
    """One call: how many came, how many of them count, and its log as far as this reader may know of it."""

    call: Call
    state: State
    came: int
    counted: int
    log: LogState
    fidelity: Fidelity | None


@dataclass(frozen=True)
class Mark:
    """One person and one call: minutes if it was held, and whether that counts; `theirs` False: before they
    joined.
    """

    call: Call
    minutes: int | None
    counts: bool
    theirs: bool


@dataclass(frozen=True)
class MemberLine:
    """One person, their dose in this series, and their calls."""

    member: SeriesMember
    dose: CallDose
    marks: list[Mark]


def state_of(call: Call, now: datetime) -> State:
    """Where a call stands; "over" is past and nobody took attendance."""
    if call.cancelled_at:
        return "cancelled"
    if call.held_at:
        return "held"
    return "over" if call.ends_at <= now else "ahead"


def call_lines(calls: Sequence[Any], user: User, *, is_trainer: bool, now: datetime) -> list[Line]:
    """Lines of calls that come with ``maps`` (logs with readers), ``attendances`` and their series. One
    query.
    """
    states = {call.pk: state_of(call, now) for call in calls}
    first = next(
        (call.pk for call in sorted(calls, key=lambda c: c.starts_at) if states[call.pk] == "ahead"), None
    )
    if first is not None:
        states[first] = "next"
    logs = {
        call.pk: log_state(call.maps, user, is_trainer=is_trainer, trainer_id=call.series.trainer_id)
        for call in calls
    }
    entries = entries_of([state.log.pk for state in logs.values() if state.log and state.kind == "score"])
    found = []
    for call in calls:
        rule, state = rule_of(call.agency), logs[call.pk]
        minutes = [attendance.minutes for attendance in call.attendances.all()]
        came = sum(bool(each) for each in minutes)
        counted = sum(call_counts(each, rule) for each in minutes)
        score = fidelity(entries.get(state.log.pk, ())) if state.log and state.kind == "score" else None
        found.append(Line(call, states[call.pk], came, counted, state, score))
    return found


def readable_airing(lines: Sequence[Line]) -> Chart | None:
    """The points call by call, over the logs this reader may read: a second rater logs blind. One query."""
    logs = [
        (str(line.call.number), line.log.log.pk)
        for line in lines
        if line.log.log is not None and line.log.kind == "score"
    ]
    return airing_chart(logs, answers_of(log for _number, log in logs), uid="airing") if logs else None


def member_lines(members: Iterable[SeriesMember], calls: Sequence[Call], agency: Agency) -> list[MemberLine]:
    """Lines of members from calls that come with ``attendances``; no query of its own."""
    attended = {
        (call.pk, attendance.person_id): attendance.minutes
        for call in calls
        for attendance in call.attendances.all()
    }
    return [
        MemberLine(
            member, dose_of(member, calls, attended, agency), marks_of(member, calls, attended, agency)
        )
        for member in members
    ]


@dataclass(frozen=True)
class OwnSeries:
    """A series as one member sees it: their calls, what counts, and the next one."""

    series: Series
    dose: CallDose
    marks: list[Mark]
    next_call: Call | None


def own_series(user: User, now: datetime) -> list[OwnSeries]:
    """Series the user belongs to, by their start. Three queries."""
    current = SeriesMember.objects.current().filter(person__user=user)
    places = list(current.select_related("series__agency", "series__trainer", "person").order_by("series"))
    every_call = Call.objects.filter(series__in=[place.series_id for place in places])
    attended = minutes_of(every_call, [place.person_id for place in places])
    by_series: dict[int, list[Call]] = defaultdict(list)
    for call in every_call.order_by("number"):
        by_series[call.series_id].append(call)
    found = []
    for place in places:
        series, calls = place.series, by_series[place.series_id]
        for call in calls:
            call.series = series
        marks = marks_of(place, calls, attended, series.agency)
        ahead = [m.call for m in marks if m.theirs and not m.call.held_at and m.call.ends_at > now]
        next_call = min(ahead, key=lambda call: call.starts_at, default=None)
        found.append(OwnSeries(series, dose_of(place, calls, attended, series.agency), marks, next_call))
    return found


def marks_of(
    member: SeriesMember, calls: Sequence[Call], attended: dict[tuple[int, int], int], agency: Agency
) -> list[Mark]:
    """One person's calls that were not cancelled, in order."""
    rule = rule_of(agency)
    found = []
    for call in calls:
        if call.cancelled_at:
            continue
        minutes = attended.get((call.pk, member.person_id))
        theirs = minutes is not None or member.is_expected(call.starts_at.astimezone(agency.zone).date())
        found.append(Mark(call, minutes, call_counts(minutes, rule), theirs))
    return found
