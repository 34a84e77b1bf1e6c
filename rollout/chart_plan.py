"""The picture of a plan: a lane for each part and cohort on one time axis, what was planned first beside what is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from . import day_words
from .chart_parts import Axis, Chart, drawn, element, inside, label, line, next_month, notes, pct, rect

TOP, LANE, BELOW = 58.0, 56.0, 24
"""Pixels above the lanes, of one lane, and below them for the months."""
MARK = 6.0
"""Half the size of a mark."""


@dataclass(frozen=True)
class PlanMark:
    """One milestone in the picture. ``text``: its number, where marks of a lane are numbered.

    ``move_url``: where it can be moved, for the script that lets it be dragged; "" where it stays.
    """

    lane: str
    title: str
    on: date
    until: date
    text: str = ""
    baseline_on: date | None = None
    done: bool = False
    move_url: str = ""


def plan_chart(
    marks: Sequence[PlanMark],
    rows: Sequence[Sequence[str]],
    columns: Sequence[str],
    *,
    title: str,
    today: date,
    uid: str,
    width: int | None = None,
) -> Chart:
    """Lanes in the order in which their first mark comes. ``rows`` and ``columns``: the same dates as a table."""
    axis = plan_axis(marks)
    lanes = list(dict.fromkeys(mark.lane for mark in marks))
    floor = TOP + LANE * len(lanes)
    has_baseline = any(mark.baseline_on for mark in marks)
    parts = [
        *notes([_legend(has_baseline)], 2),
        *axis.grid(TOP - 8, floor),
        *_today(axis, today, floor),
    ]
    for place, lane in enumerate(lanes):
        y = TOP + LANE * place
        own = [mark for mark in marks if mark.lane == lane]
        parts.append(label(0, y + 8, lane, text_anchor="start", bold=True, css="halo"))
        parts += [piece for mark in own for piece in _baseline(axis, mark, y + 28)]
        parts += [piece for mark in own for piece in _mark(axis, mark, y + 28)]
    return drawn(
        uid=uid,
        title=title,
        description=_(
            "A line of time for each part of the plan and each cohort. Filled marks took place, open ones are still to "
            "come; bars are waves. A dotted line leads from the first planned date to where it is now."
        ),
        height=int(floor + BELOW),
        parts=[*parts, *axis.names(floor + 16)],
        width=width,
        columns=columns,
        rows=rows,
    )


def plan_axis(marks: Sequence[PlanMark]) -> Axis:
    """All months from the first date to the last, first plans included."""
    days = [day for mark in marks for day in (mark.on, mark.until, mark.baseline_on) if day]
    months = [min(days).replace(day=1)]
    while next_month(months[-1]) <= max(days):
        months.append(next_month(months[-1]))
    return Axis(tuple(months))


def _legend(has_baseline: bool) -> str:
    if has_baseline:
        return _("Filled: took place; open: to come; dotted: from the baseline")
    return _("Filled: took place; open: to come")


def _today(axis: Axis, today: date, floor: float) -> list[str]:
    if not axis.start <= today <= axis.end:
        return []
    x = axis.x(today)
    word = label(x, TOP - 12, _("today"), text_anchor=inside(x), css="halo")
    return [*axis.today(today, TOP - 8, floor), word]


def _baseline(axis: Axis, mark: PlanMark, y: float) -> list[str]:
    """A short stroke on the first planned day and a dotted line to the mark."""
    if mark.baseline_on is None or mark.baseline_on == mark.on:
        return []
    first, now = axis.x(mark.baseline_on), axis.x(mark.on)
    return [
        line(first, first, y - MARK, y + MARK, stroke="warn", stroke_width=2),
        line(min(first, now), max(first, now), y, y, stroke="warn", stroke_width=1.5, stroke_dasharray="2 3"),
    ]


def _mark(axis: Axis, mark: PlanMark, y: float) -> list[str]:
    """A bar for what lasts, a circle for a numbered call, else a square."""
    x = axis.x(mark.on)
    # Filled ones are edged with the ground, so that two near each other stay two.
    fill, edge = ("dose", "surface") if mark.done else ("surface", "dose")
    drawn_as: dict[str, Any] = {"fill": fill, "stroke": edge, "stroke_width": 2}
    if mark.move_url:
        words = _("%(title)s: %(on)s") % {"title": mark.title, "on": day_words.full_day(mark.on)}
        drawn_as |= {"data_move": mark.move_url, "data_on": mark.on.isoformat(), "data_title": mark.title}
        drawn_as |= {"data_words": words}
    if mark.until > mark.on:
        wide = max(axis.x(mark.until) - x, 0.8)
        return [rect(x, wide, y - MARK, 2 * MARK, rx=3, **drawn_as)]
    if not mark.text:
        box: dict[str, Any] = {"x": pct(x), "y": y - MARK, "width": 2 * MARK, "height": 2 * MARK, "rx": 2}
        return [element("rect", transform=f"translate(-{MARK:g} 0)", **box, **drawn_as)]
    circle = element("circle", cx=pct(x), cy=y, r=MARK, **drawn_as)
    return [circle, label(x, y + 19, mark.text, css="wide-only")]
