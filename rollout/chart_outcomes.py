"""The third lane of the agency timeline: outcomes, from released figures only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .chart_parts import (
    Axis,
    Chart,
    drawn,
    element,
    inside,
    label,
    line,
    pct,
    rect,
    spread,
    withheld,
)

SERIES = ("accent", "warn", "plum")
"""Colors of the scales, in the order of the means; their marks are a dot, a square and a triangle."""


@dataclass(frozen=True)
class ScaleMean:
    """Released mean of one scale on 10–50, with its interval where there is one."""

    label: str
    mean: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class OutcomeWave:
    """One wave. ``answered`` is text as released ("104 of 118", "60 % so far").

    ``means`` only once it is closed, in the same order for every wave; closed without means is withheld.
    """

    label: str
    opens_on: date
    closes_on: date
    closed: bool
    answered: str
    means: tuple[ScaleMean, ...] = ()

    @property
    def middle(self) -> date:
        return self.opens_on + (self.closes_on - self.opens_on) / 2


HEAD, MEAN_TOP, MEAN_FLOOR, OUTCOME_HEIGHT = 36.0, 42.0, 160.0, 184


def _mean_y(mean: float) -> float:
    return MEAN_FLOOR - (MEAN_FLOOR - MEAN_TOP) * (mean - 10) / 40


def outcomes_lane(
    axis: Axis, waves: Sequence[OutcomeWave], today: date, *, uid: str, width: int | None
) -> Chart:
    """Released means with intervals at each closed wave; a labelled region for an open or withheld one."""
    ordered = sorted(waves, key=lambda wave: wave.opens_on)
    parts = [*axis.grid(HEAD, MEAN_FLOOR + 6), *axis.today(today, HEAD, MEAN_FLOOR + 6)]
    for position, wave in enumerate(ordered):
        near = position > 0 and axis.x(wave.middle) - axis.x(ordered[position - 1].middle) < 26
        parts += _wave_head(axis, wave, near)
        if not (wave.closed and wave.means):
            parts += _region(axis, wave)
    shown = [wave for wave in ordered if wave.closed and wave.means]
    parts += _trends(axis, shown)
    for wave in shown:
        after = [axis.x(other.opens_on) for other in ordered if other.opens_on > wave.opens_on]
        room = min([100.0, *after]) - axis.x(wave.middle)
        parts += _means(axis, wave, room=room, named=wave is shown[-1], beside=len(shown) == 1)
    if not ordered:
        parts.append(label(50, 92, _("No wave yet"), css="halo"))
    parts += axis.names(OUTCOME_HEIGHT - 4)
    title = _outcome_title(ordered)
    description = _(
        "Means of the released figures on a scale of 10 to 50, with their intervals, wave by wave."
    )
    names = next((tuple(m.label for m in wave.means) for wave in ordered if wave.means), ())
    return drawn(
        uid=uid,
        title=title,
        description=description,
        height=OUTCOME_HEIGHT,
        parts=parts,
        width=width,
        columns=(_("Wave"), _("Answered"), *names),
        rows=_outcome_rows(ordered, len(names)),
    )


def _wave_head(axis: Axis, wave: OutcomeWave, near: bool) -> list[str]:
    """Name and response above a wave; on a phone only where the wave before leaves room."""
    x = axis.x(wave.middle)
    css = "halo wide-only" if near else "halo"
    second = _("withheld") if wave.closed and not wave.means else wave.answered
    return [
        label(x, 14, wave.label, color="ink", bold=True, text_anchor=inside(x), css=css),
        label(x, 29, second, text_anchor=inside(x), css=css),
    ]


def _region(axis: Axis, wave: OutcomeWave) -> list[str]:
    left, right = axis.x(wave.opens_on), axis.x(wave.closes_on)
    right = max(right, left + 3)
    tall = MEAN_FLOOR - MEAN_TOP
    look = {"fill": "sunken", "stroke": "line-strong", "stroke_dasharray": "3 3"}
    parts = [rect(left, right - left, MEAN_TOP, tall, rx=4, **look)]
    if not wave.closed:
        css = "halo wide-only" if right - left < 14 else "halo"
        parts.append(label((left + right) / 2, MEAN_TOP + tall / 2 + 4, _("open"), css=css))
    return parts


def _trends(axis: Axis, shown: Sequence[OutcomeWave]) -> list[str]:
    """Thin lines from wave to wave: the same scale, not the same people."""
    parts = []
    for first, second in pairwise(shown):
        x1, x2 = axis.x(first.middle), axis.x(second.middle)
        for i, (a, b) in enumerate(zip(first.means, second.means, strict=False)):
            color = SERIES[i % len(SERIES)]
            parts.append(line(x1, x2, _mean_y(a.mean), _mean_y(b.mean), stroke=color))
    return parts


def _means(axis: Axis, wave: OutcomeWave, *, room: float, named: bool, beside: bool) -> list[str]:
    """Mark, interval and figure of each scale.

    ``room``: per cent to the right until something else begins. ``beside``: figures stand level with their
    marks; otherwise above or below them, clear of the lines that run from wave to wave.
    """
    x = axis.x(wave.middle)
    left = named and room < 29 and x > 34
    heights = [_mean_y(mean.mean) for mean in wave.means]
    texts = spread([y + _offset(y, heights, beside) for y in heights], 14, MEAN_TOP + 8, MEAN_FLOOR + 4)
    parts = []
    for i, (mean, at) in enumerate(zip(wave.means, texts, strict=True)):
        color = SERIES[i % len(SERIES)]
        if mean.low is not None and mean.high is not None:
            parts.append(line(x, x, _mean_y(mean.low), _mean_y(mean.high), stroke=color, stroke_width=2))
        parts.append(_mark(i, x, _mean_y(mean.mean), color))
        words = f"{mean.label} {_figure(mean.mean)}" if named else _figure(mean.mean)
        place = x - 2.4 if left else x + 2.4
        anchor = "end" if left else "start"
        parts.append(label(place, at, words, color=color, bold=True, text_anchor=anchor, css="halo"))
    return parts


def _offset(y: float, heights: Sequence[float], beside: bool) -> float:
    """How far below its mark a figure stands: level, above, or below when another mark is close above."""
    if beside:
        return 4
    return 16 if any(0 < y - other < 26 for other in heights) else -7


def _mark(index: int, x: float, y: float, color: str) -> str:
    """A dot, a square or a triangle: the series can be told apart without color."""
    if index % 3 == 0:
        return element("circle", fill=color, cx=pct(x), cy=y, r=5)
    if index % 3 == 1:
        return element("rect", fill=color, x=pct(x), y=y, width=9, height=9, transform="translate(-4.5 -4.5)")
    inner = element("path", fill=color, d="M-5.5 4.5L0 -5.5L5.5 4.5Z")
    return f'<svg x="{pct(x)}" y="{y:.2f}" overflow="visible">{inner}</svg>'


def _figure(mean: float) -> str:
    """A released mean as it was released: whole points stay whole, the agency's has one decimal."""
    return str(number_format(f"{mean:.1f}".removesuffix(".0")))


def _outcome_title(waves: Sequence[OutcomeWave]) -> str:
    said = []
    for wave in waves:
        figures = {"wave": wave.label, "answered": wave.answered}
        if not wave.closed:
            said.append(_("%(wave)s is open (%(answered)s)") % figures)
        elif wave.means:
            figures["means"] = ", ".join(f"{m.label} {_figure(m.mean)}" for m in wave.means)
            said.append(_("%(wave)s: %(means)s (%(answered)s)") % figures)
        else:
            said.append(_("%(wave)s is withheld to protect privacy") % figures)
    return (
        _("Outcomes, means: %(waves)s") % {"waves": "; ".join(said)} if said else _("Outcomes: no wave yet")
    )


def _outcome_rows(waves: Sequence[OutcomeWave], scales: int) -> tuple[tuple[str, ...], ...]:
    def cell(mean: ScaleMean) -> str:
        if mean.low is None or mean.high is None:
            return _figure(mean.mean)
        return _("%(mean)s (%(low)s to %(high)s)") % {
            "mean": _figure(mean.mean),
            "low": _figure(mean.low),
            "high": _figure(mean.high),
        }

    rows = []
    for wave in waves:
        missing = withheld() if wave.closed else _("open")
        cells = tuple(cell(mean) for mean in wave.means) if wave.closed else ()
        rows.append((wave.label, wave.answered, *cells, *[missing] * (scales - len(cells))))
    return tuple(rows)
