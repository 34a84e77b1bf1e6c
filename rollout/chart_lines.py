"""A line with its interval: one figure over time, with gaps that are drawn as gaps and said in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .chart_parts import (
    Chart,
    coordinate,
    drawn,
    element,
    inside,
    label,
    line,
    notes,
    pct,
    percent_text,
    rect,
)


@dataclass(frozen=True)
class LinePoint:
    """One figure. Without a value ``why`` says in words what stands in its place ("withheld …", "no log").

    ``label`` is its name in words and table, ``short`` the one in the picture where that has no room for it.
    ``low`` and ``high`` bound its interval, where there is one; ``n`` is what it rests on, in words.
    """

    on: date
    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: str = ""
    why: str = ""
    short: str = ""


@dataclass(frozen=True)
class Scale:
    """The figures' range: its ends, whether they are shares (0 to 1), and a line to compare with."""

    low: float = 10
    high: float = 50
    is_share: bool = False
    places: int = 1
    threshold: float | None = None

    def text(self, value: float) -> str:
        """The figure in words: 37.2, or 88 %."""
        if self.is_share:
            return percent_text(value)
        return str(number_format(f"{value:.{self.places}f}"))

    def y(self, value: float) -> float:
        """Height in pixels, held inside the picture."""
        inside = min(max(value, self.low), self.high)
        return FLOOR - (FLOOR - TOP) * (inside - self.low) / (self.high - self.low)


TOP, FLOOR, HEIGHT = 68.0, 164.0, 206
LEFT, RIGHT = 18.0, 86.0
NEAR, NEAR_SHORT = 27.0, 13.0
"""Per cent between two points under which names and figures are left to wide screens; less for short names."""


def interval_line(
    *,
    name: str,
    points: Sequence[LinePoint],
    scale: Scale | None = None,
    band: bool = False,
    interval: str = "",
    uid: str,
    width: int | None = None,
) -> Chart:
    """One figure over time. The line runs between neighbors that both have a figure, and nowhere else.

    Intervals are whiskers at each point, or with ``band`` a band along the line. ``interval`` names them:
    "95 % interval".
    """
    scale = scale or Scale()
    ordered = sorted(points, key=lambda point: point.on)
    at = _places(ordered)
    parts = _frame(scale, _keys(scale, band, interval))
    for (x1, first), (x2, second) in pairwise(zip(at, ordered, strict=True)):
        parts += _stretch(scale, x1, first, x2, second, band=band)
    for place, (x, point) in enumerate(zip(at, ordered, strict=True)):
        crowded = _crowded(at, place, NEAR_SHORT if point.short else NEAR)
        parts += _names(x, point, wide=crowded)
        if point.value is None:
            parts += _gap(x)
            continue
        parts += _mark(scale, x, point, band=band)
        css = "halo wide-only" if _crowded(at, place, NEAR_SHORT) else "halo"
        y = _figure_height(scale, ordered, place, band=band)
        parts.append(label(x, y, scale.text(point.value), color="accent", bold=True, css=css))
    if not ordered:
        parts.append(label(50, (TOP + FLOOR) / 2, _("No figure yet"), css="halo"))
    return drawn(
        uid=uid,
        title=_title(name, ordered, scale, interval),
        description=_description(band, interval),
        height=HEIGHT,
        parts=parts,
        width=width,
        columns=(_("When"), name, interval or _("Interval"), _("Rests on")),
        rows=[_row(point, scale) for point in ordered],
    )


def _places(points: Sequence[LinePoint]) -> list[float]:
    """Positions in per cent, as far apart as the days are."""
    if len(points) < 2 or points[0].on == points[-1].on:
        return [50.0] * len(points)
    days = (points[-1].on - points[0].on).days
    return [LEFT + (RIGHT - LEFT) * (point.on - points[0].on).days / days for point in points]


def _crowded(at: Sequence[float], place: int, near: float) -> bool:
    """Too near to a point that is named on a phone; counted back from the last, which always is."""
    if place + 1 == len(at):
        return False
    kept = at[-1]
    for x in reversed(at[place + 1 : -1]):
        kept = x if kept - x >= near else kept
    return kept - at[place] < near


def _frame(scale: Scale, keys: Sequence[str]) -> list[str]:
    """Lines across at the ends and the middle, the threshold, and above all what the marks are."""
    parts = []
    for value in (scale.low, (scale.low + scale.high) / 2, scale.high):
        y = scale.y(value)
        text = percent_text(value) if scale.is_share else str(number_format(coordinate(value)))
        parts += [line(LEFT - 2, 100, y, y, stroke="line"), label(0, y + 4, text, text_anchor="start")]
    if scale.threshold is not None:
        y = scale.y(scale.threshold)
        parts.append(line(LEFT - 2, 100, y, y, stroke="muted", stroke_dasharray="3 4"))
    return [*parts, *notes(keys, 3)]


def _keys(scale: Scale, band: bool, interval: str) -> list[str]:
    """What is drawn, in words of its own line."""
    said = []
    if interval:
        words = _("Band: %(interval)s") if band else _("Bar through a dot: %(interval)s")
        said.append(words % {"interval": interval})
    if scale.threshold is not None:
        said.append(_("Dashed: threshold of %(share)s") % {"share": scale.text(scale.threshold)})
    return said


def _stretch(
    scale: Scale, x1: float, first: LinePoint, x2: float, second: LinePoint, *, band: bool
) -> list[str]:
    if first.value is None or second.value is None:
        return []
    parts = []
    if band and None not in (first.low, first.high, second.low, second.high):
        parts.append(_band(scale, x1, first, x2, second))
    y1, y2 = scale.y(first.value), scale.y(second.value)
    return [*parts, line(x1, x2, y1, y2, stroke="accent", stroke_width=2)]


def _band(scale: Scale, x1: float, first: LinePoint, x2: float, second: LinePoint) -> str:
    """The area between two intervals: a picture of its own, stretched to its place, since areas know no per
    cent.
    """
    ends = [scale.y(value or 0) - TOP for value in (first.high, second.high, second.low, first.low)]
    a, b, c, d = (coordinate(end) for end in ends)
    tall = coordinate(FLOOR - TOP)
    area = element("path", d=f"M0 {a}L100 {b}L100 {c}L0 {d}Z", fill="accent", fill_opacity=0.18)
    edges = [(first.high, second.high), (first.low, second.low)]
    lines = "".join(
        line(x1, x2, scale.y(one or 0), scale.y(two or 0), stroke="accent", stroke_dasharray="2 3")
        for one, two in edges
    )
    place = f'x="{pct(x1)}" y="{coordinate(TOP)}" width="{pct(x2 - x1)}" height="{tall}"'
    return f'<svg {place} viewBox="0 0 100 {tall}" preserveAspectRatio="none">{area}</svg>{lines}'


def _names(x: float, point: LinePoint, *, wide: bool) -> list[str]:
    """Its name below it, and what it rests on; ``wide`` keeps them to wide screens."""
    look: dict[str, Any] = {"css": "halo wide-only" if wide else "halo", "text_anchor": inside(x)}
    parts = [label(x, HEIGHT - 24, point.short or point.label, color="ink", **look)]
    if point.n and not point.short:
        parts.append(label(x, HEIGHT - 8, point.n, **look))
    return parts


def _mark(scale: Scale, x: float, point: LinePoint, *, band: bool) -> list[str]:
    """The dot, and its whisker where there is no band."""
    y, parts = scale.y(point.value or 0), []
    if not band and point.low is not None and point.high is not None:
        ends = scale.y(point.high), scale.y(point.low)
        parts.append(line(x, x, *ends, stroke="accent", stroke_width=2))
        parts += [_cap(x, end) for end in ends]
    dot = element("circle", fill="accent", stroke="surface", stroke_width=1.5, cx=pct(x), cy=y, r=5)
    return [*parts, dot]


def _figure_height(scale: Scale, points: Sequence[LinePoint], place: int, *, band: bool) -> float:
    """Where a figure stands: above its whisker, or clear of the line: below the dot where the line comes from above."""
    point = points[place]
    if not band:
        return scale.y(point.value or 0 if point.high is None else point.high) - 7
    near = [each.value for each in points[max(0, place - 1) : place + 2] if each.value is not None]
    y = scale.y(point.value or 0)
    lowest = len(near) > 1 and point.value == min(near) != max(near)
    return y + 18 if lowest and y + 18 <= FLOOR else y - 9


def _cap(x: float, y: float) -> str:
    inner = element("path", d="M-4 0H4", stroke="accent", stroke_width=2)
    return f'<svg x="{pct(x)}" y="{coordinate(y)}" overflow="visible">{inner}</svg>'


def _gap(x: float) -> list[str]:
    """Nothing where nothing is shown: an empty dashed column; its words stand below and in the table."""
    look = {"stroke": "line-strong", "stroke_dasharray": "3 3", "rx": 4}
    return [
        rect(x - 3, 6, TOP, FLOOR - TOP, fill="sunken", **look),
        label(x, (TOP + FLOOR) / 2 + 4, "–", color="muted", bold=True),
    ]


# --- Words ---------------------------------------------------------------------------


def _title(name: str, points: Sequence[LinePoint], scale: Scale, interval: str) -> str:
    shown = [point for point in points if point.value is not None]
    if not shown:
        why = next((point.why for point in reversed(points) if point.why), "")
        return _("%(name)s: %(why)s") % {"name": name, "why": why or _("no figure yet")}
    said = [
        _("%(label)s %(value)s") % {"label": one.label, "value": scale.text(one.value or 0)} for one in shown
    ]
    last, words = shown[-1], said[-1]
    if last.low is not None and last.high is not None and interval:
        ends = {"interval": interval, "low": scale.text(last.low), "high": scale.text(last.high)}
        words += _(" (%(interval)s: %(low)s to %(high)s)") % ends
    figures = "; ".join([*said[: len(said) > 1], words])
    title = _("%(name)s: %(figures)s") % {"name": name, "figures": figures}
    missing = [point for point in points if point.value is None]
    for why in dict.fromkeys(point.why for point in missing if point.why):
        labels = ", ".join(point.label for point in missing if point.why == why)
        title += _("; %(label)s: %(why)s") % {"label": labels, "why": why}
    return title


def _description(band: bool, interval: str) -> str:
    if band:
        return _(
            "A dot for each figure, joined where neighbors have one; the band around the line: %(what)s."
        ) % {"what": interval or _("interval")}
    return _("A dot for each figure, joined where neighbors have one; the bar through it: %(what)s.") % {
        "what": interval or _("interval")
    }


def _row(point: LinePoint, scale: Scale) -> tuple[str, ...]:
    if point.value is None:
        return point.label, point.why or "–", "–", point.n or "–"
    ends = "–"
    if point.low is not None and point.high is not None:
        ends = _("%(low)s to %(high)s") % {"low": scale.text(point.low), "high": scale.text(point.high)}
    return point.label, scale.text(point.value), ends, point.n or "–"
