"""The points of the checklists against the calls in which they were logged: which are aired, which slip.

Points that several calls share have a row of their own; what belongs to one call alone stands in a line of sums.
A point is the same where code and wording are the same: a program's own checklists may number each call anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from rollout.charts import Chart, GridPoint, GridSum, heat_map
from rollout.starter import shown as shown_text

from .models import MapsEntry
from .summaries import LoggedOccasion, entry_of

MOST_CALLS = 10
"""Columns that a phone has room for; with more, the latest are shown."""


@dataclass(frozen=True, slots=True)
class AnsweredPoint:
    """One answer of a log, with the words of its point."""

    code: str
    text: str
    must: bool
    answer: str
    """One of `fidelity.ANSWERS`, or "" before it is answered."""


def answers_of(logs: Iterable[int]) -> dict[int, list[AnsweredPoint]]:
    """Answers of these logs (ids) in the checklist's order, by log id. One query."""
    rows = MapsEntry.objects.filter(log__in=list(logs)).order_by("log", "point__position")
    found: dict[int, list[AnsweredPoint]] = defaultdict(list)
    values = rows.values_list("log_id", "point__code", "point__text", "point__must", "aired")
    for log, code, text, must, answer in values:
        found[log].append(AnsweredPoint(code, text, must, answer))
    return found


def airing_chart(
    calls: Sequence[tuple[str, int]], answers: Mapping[int, Sequence[AnsweredPoint]], *, uid: str
) -> Chart:
    """The heat map of these calls: (number, log id) in order, at most the latest ten. No query."""
    shown = calls[-MOST_CALLS:]
    logs = [list(answers.get(log, ())) for _number, log in shown]
    asked = defaultdict(list)
    for place, log in enumerate(logs):
        for each in log:
            asked[each.code, each.text].append((place, each))
    shared = [key for key, found in asked.items() if found[0][1].must and (len(found) > 1 or len(shown) == 1)]
    points = []
    for code, text in shared:
        by_call = {place: each.answer for place, each in asked[code, text]}
        cells = tuple(entry_of(code, True, by_call.get(place, "")).answer for place in range(len(shown)))
        points.append(GridPoint(code, shown_text(text), cells))
    kept = set(shared)
    own = [[each for each in log if each.must and (each.code, each.text) not in kept] for log in logs]
    sums = [
        GridSum(_("Points of this call only"), tuple(map(_sum, own))),
        GridSum(
            _("All points that must be aired"),
            tuple(_sum(each for each in log if each.must) for log in logs),
        ),
        GridSum(
            _("May be aired, not scored"),
            tuple(_sum(each for each in log if not each.must) for log in logs),
        ),
    ]
    return heat_map(
        columns=[number for number, _log in shown],
        points=points,
        sums=[each for each in sums if any(n for _aired, n in each.sums)] if points else sums[1:2],
        uid=uid,
    )


def _sum(points: Iterable[AnsweredPoint]) -> tuple[Fraction, int]:
    """Aired, partly counting half, and how many applied."""
    answers = [each.answer for each in points]
    aired = Fraction(2 * answers.count("aired") + answers.count("partly"), 2)
    return aired, sum(answer in ("aired", "partly", "missed") for answer in answers)


def series_charts(occasions: Sequence[LoggedOccasion]) -> list[tuple[str, Chart]]:
    """Name and heat map of every series with a logged call, by the series' first log. One query."""
    answers = answers_of(occasion.log.pk for occasion in occasions if occasion.log.call)
    by_series: dict[int, list[LoggedOccasion]] = defaultdict(list)
    for occasion in occasions:
        if occasion.log.call is not None:
            by_series[occasion.log.call.series_id].append(occasion)
    found = []
    for series, logged in by_series.items():
        calls = [(str(one.log.call.number), one.log.pk) for one in logged if one.log.call]
        name = logged[0].log.call.series.name if logged[0].log.call else ""
        found.append((name, airing_chart(calls, answers, uid=f"airing-{series}")))
    return found
