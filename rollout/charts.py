"""Charts as SVG, the same picture on the page and in the PDF: frozen values in, ``Chart`` out.

Every chart carries its takeaway as title, a description, and the same figures as rows of a table. Meaning is
never in color alone: marks differ in shape, are open or filled, and are labelled in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from textwrap import wrap

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .chart_grid import GridPoint, GridSum, halves, heat_map
from .chart_lanes import CallMark, DoseMonth, FidelityMark, dose_lane, fidelity_lane
from .chart_lines import LinePoint, Scale, interval_line
from .chart_months import DoseBar, coverage_chart, dose_bars
from .chart_outcomes import OutcomeWave, ScaleMean, outcomes_lane
from .chart_parts import (
    LETTERS,
    Axis,
    Chart,
    drawn,
    element,
    label,
    next_month,
    number,
    pct,
    percent_text,
    picture,
    rect,
    slug,
    withheld,
)

__all__ = [
    "CallMark",
    "Chart",
    "DoseBar",
    "DoseMonth",
    "FidelityMark",
    "GridPoint",
    "GridSum",
    "LevelRow",
    "LinePoint",
    "OutcomeWave",
    "Scale",
    "ScaleMean",
    "Timeline",
    "coverage_chart",
    "dose_bars",
    "halves",
    "heat_map",
    "interval_line",
    "meter",
    "percent_text",
    "scale_bar",
    "stacked_levels",
    "timeline",
    "withheld",
]


@dataclass(frozen=True)
class Timeline:
    """Three lanes on one time axis."""

    dose: Chart
    fidelity: Chart
    outcomes: Chart

    @property
    def charts(self) -> tuple[Chart, Chart, Chart]:
        return self.dose, self.fidelity, self.outcomes


@dataclass(frozen=True)
class LevelRow:
    """Share of people low, average and high in per cent, None if withheld; ``n`` as released text.

    ``tenths``: the shares are released in tens of per cent only, which is said beside them.
    """

    label: str
    n: str
    shares: tuple[int, int, int] | None
    tenths: bool = False


def timeline(
    *,
    dose: Sequence[DoseMonth],
    calls: Sequence[CallMark],
    fidelity: Sequence[FidelityMark],
    outcomes: Sequence[OutcomeWave],
    today: date,
    months: Sequence[date],
    threshold: float = 0.8,
    uid: str = "timeline",
    width: int | None = None,
) -> Timeline:
    """Dose, delivery fidelity and outcomes under one another.

    ``months``: first days of all months shown, in order, without gaps. ``uid`` is unique on the page.
    ``width`` fixes the pictures' width in pixels; without it they take what they find, on pages and in PDFs.
    Raises ValueError when ``months`` is empty or has gaps.
    """
    gaps = any(after != next_month(before) for before, after in pairwise(months))
    if not months or months[0].day != 1 or gaps:
        raise ValueError("months must be the first days of consecutive months")
    axis = Axis(tuple(months))
    return Timeline(
        dose=dose_lane(axis, dose, calls, today, uid=f"{uid}-dose", width=width),
        fidelity=fidelity_lane(axis, fidelity, today, threshold, uid=f"{uid}-fidelity", width=width),
        outcomes=outcomes_lane(axis, outcomes, today, uid=f"{uid}-outcomes", width=width),
    )


def scale_bar(
    *,
    name: str,
    score: int | None,
    level: str = "",
    low: float | None = None,
    high: float | None = None,
    cuts: tuple[int, int] = (23, 42),
    bounds: tuple[int, int] = (10, 50),
    color: str = "accent",
    uid: str,
    width: int | None = None,
) -> Chart:
    """One own score on its scale: the three zones, the likely interval, a dot.

    ``cuts``: lowest score that is average, lowest that is high. ``low`` and ``high`` bound the interval.
    ``level``: the word for the score's level. ``color``: accent, warn or plum. None as score is "not scored".
    """
    first, last = bounds

    def x(value: float) -> float:
        return 3 + 94 * (min(max(value, first), last) - first) / (last - first)

    edges = (x(first), x(cuts[0] - 0.5), x(cuts[1] - 0.5), x(last))
    parts = [rect(edges[0], edges[3] - edges[0], 12, 10, fill="sunken", stroke="line-strong", rx=5)]
    parts.append(rect(edges[1], edges[2] - edges[1], 12, 10, fill="line", stroke="line-strong"))
    if score is not None and low is not None and high is not None:
        parts.append(rect(x(low), x(high) - x(low), 12, 10, fill=color, fill_opacity=0.35, stroke=color))
    if score is not None:
        parts.append(
            element("circle", fill=color, stroke="surface", stroke_width=2, cx=pct(x(score)), cy=17, r=9)
        )
    for value, at in zip((first, *cuts, last), edges, strict=True):
        parts.append(label(at, 40, str(value)))
    zone = None if score is None else sum(score >= cut for cut in cuts)
    for i, word in enumerate((_("low"), _("average"), _("high"))):
        here = i == zone
        parts.append(
            label((edges[i] + edges[i + 1]) / 2, 57, word, color="ink" if here else "muted", bold=here)
        )
    title = _scale_title(name, score, last, level, low, high)
    description = _(
        "The zones low, average and high of the scale, the score as a dot and its likely interval."
    )
    interval = "–" if low is None or high is None else f"{number(low)}–{number(high)}"
    row = (name, _("not scored") if score is None else str(score), level or "–", interval)
    return drawn(
        uid=uid,
        title=title,
        description=description,
        height=62,
        parts=parts,
        width=width,
        columns=(_("Scale"), _("Score"), _("Level"), _("Likely between")),
        rows=(row,),
    )


def _scale_title(
    name: str, score: int | None, top: int, level: str, low: float | None, high: float | None
) -> str:
    if score is None:
        return _("%(scale)s: not scored") % {"scale": name}
    title = _("%(scale)s: %(score)d of %(top)d") % {"scale": name, "score": score, "top": top}
    if level:
        title += f", {level}"
    if low is not None and high is not None:
        title += _("; likely between %(low)s and %(high)s") % {"low": number(low), "high": number(high)}
    return title


ROW_HEIGHT, LINE = 50, 16
BOLD_LETTERS = LETTERS - 4
"""Of 12 pixels in bold, in a line that fits the narrowest phone."""
LEVEL_INKS = ("ink", "ink", "surface")
ROOM_FOR_WORD = (18, 28, 18)
"""Per cent from which on a phone has room for the level's word beside the figure."""


def stacked_levels(*, name: str, rows: Sequence[LevelRow], uid: str, width: int | None = None) -> Chart:
    """How many are low, average and high on one scale: a bar for each group, hatched where it is withheld.

    Raises ValueError when the shares of a row do not add up to 99–101 per cent.
    """
    words = (_("low"), _("average"), _("high"))
    key = slug(uid)
    parts = [
        f'<defs><pattern id="{key}-hatch" width="7" height="7" patternUnits="userSpaceOnUse">'
        + element("path", stroke="line-strong", stroke_width=1, d="M-1 8L8 -1", fill="none")
        + "</pattern></defs>"
    ]
    height = 0
    for row in rows:
        lines, beside = _level_head(row)
        parts += _level_words(lines, beside, height)
        height += (len(lines) - 1) * LINE
        parts += _hatched(key, height + 21) if row.shares is None else _shares(row.shares, words, height + 21)
        height += ROW_HEIGHT
    title = _levels_title(name, rows)
    height = height or ROW_HEIGHT
    description = _("One bar for each group, from left to right: low, average, high.")
    if any(row.tenths and row.shares for row in rows):
        description += " " + _("Shares of groups are released in tenths, marked ~ in the table.")
    return drawn(
        uid=uid,
        title=title,
        description=description,
        height=height,
        parts=parts,
        width=width,
        columns=(_("Group"), _("People"), *words),
        rows=[
            (row.label, row.n, *([withheld()] * 3 if row.shares is None else _texts(row, row.shares)))
            for row in rows
        ],
    )


def _level_head(row: LevelRow) -> tuple[list[str], str]:
    """The lines above a bar and what stands at the right of the last one: the people, or nothing.

    Name and people share a line if they fit the narrowest phone; else the people have a line of their own.
    """
    n = _("%(n)s, in tenths") % {"n": row.n} if row.tenths and row.shares else row.n
    lines = wrap(row.label, BOLD_LETTERS) or [""]
    return (lines, n) if len(lines[-1]) + len(n) < BOLD_LETTERS else ([*lines, n], "")


def _level_words(lines: Sequence[str], beside: str, top: float) -> list[str]:
    """A name in bold, line by line from ``top``; without ``beside`` the last line is the people's, in plain."""
    parts = []
    for position, text in enumerate(lines):
        is_name = bool(beside) or position < len(lines) - 1
        color, y = "ink" if is_name else "muted", top + 14 + position * LINE
        parts.append(label(0, y, text, color=color, bold=is_name, text_anchor="start"))
    if beside:
        parts.append(label(100, top + 14 + (len(lines) - 1) * LINE, beside, text_anchor="end"))
    return parts


def _hatched(key: str, top: float) -> list[str]:
    return [
        rect(0, 100, top, 20, rx=3, fill="sunken"),
        *(rect(x, 20, top, 20, fill=f"url(#{key}-hatch)") for x in (0, 80)),
        label(50, top + 14.5, withheld(), color="ink", css="halo"),
    ]


def _texts(row: LevelRow, shares: tuple[int, int, int]) -> list[str]:
    return [("~" if row.tenths and 0 < share < 100 else "") + _whole(share) for share in shares]


def _shares(shares: tuple[int, int, int], words: tuple[str, str, str], top: float) -> list[str]:
    if not 99 <= sum(shares) <= 101 or min(shares) < 0:
        raise ValueError(f"shares must add up to 100 per cent, not {sum(shares)}")
    parts, left = [], 0.0
    for i, share in enumerate(shares):
        wide = share * 100 / sum(shares)
        if share:
            parts.append(rect(left, wide, top, 20, fill=f"level-{i + 1}", stroke="ink", stroke_width=1))
        if share >= 10:
            text = f"{words[i]} {_whole(share)}" if share >= ROOM_FOR_WORD[i] else _whole(share)
            parts.append(label(left + wide / 2, top + 14.5, text, color=LEVEL_INKS[i], bold=True))
        left += wide
    return parts


def _whole(share: int) -> str:
    return f"{share}\N{NO-BREAK SPACE}%"


def _levels_title(name: str, rows: Sequence[LevelRow]) -> str:
    shown = [row for row in rows if row.shares is not None]
    if not shown or shown[0].shares is None:
        return _("%(scale)s: withheld to protect privacy") % {"scale": name}
    low, average, high = shown[0].shares
    return _("%(scale)s: %(group)s %(low)s low, %(average)s average, %(high)s high") % {
        "scale": name,
        "group": shown[0].label,
        "low": _whole(low),
        "average": _whole(average),
        "high": _whole(high),
    }


def meter(value: float, total: float, *, width: int = 96) -> SafeString:
    """A small bar for ``value`` of ``total``, hidden from screen readers: the words stand beside it.

    More than the total fills the bar; a total of nothing leaves it empty. Its title speaks in the tagged PDF.
    """
    share = min(max(value / total, 0.0), 1.0) if total else 0.0
    title = _("%(value)s of %(total)s") % {"value": number(value), "total": number(total)}
    return picture(
        uid="",
        title=title,
        description="",
        height=8,
        width=width,
        parts=[rect(0, 100, 0, 8, fill="line", rx=4), rect(0, share * 100, 0, 8, fill="accent", rx=4)],
    )
