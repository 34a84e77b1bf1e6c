"""Heat map of a checklist: the points to air as rows, the logged calls as columns.

Every sign differs in shape: a filled box with a tick, a half-filled one, an empty one with a cross, a dash
without a box. The text of a point stands above its row and wraps, so that ten calls fit a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .chart_parts import LETTERS, Chart, coordinate, drawn, element, label, line, pct, rect

type Aired = Literal["aired", "partly", "missed", "na"]

CELLS = 84.0
"""Per cent of the width for the calls; the sums stand right of them."""
TEXT_LINE, CELL, GAP = 16, 24, 12
HEAD = 92
"""Pixels for the key, the numbers of the calls and their line."""


@dataclass(frozen=True)
class GridPoint:
    """A point to air, with its answer in each column; None where it was not asked."""

    code: str
    text: str
    answers: tuple[Aired | None, ...]

    @property
    def aired(self) -> Fraction:
        """Times aired, partly counting half."""
        return Fraction(2 * self.answers.count("aired") + self.answers.count("partly"), 2)

    @property
    def applicable(self) -> int:
        """Calls in which it was asked and applied."""
        return sum(answer in ("aired", "partly", "missed") for answer in self.answers)


@dataclass(frozen=True)
class GridSum:
    """A line of sums below the points: (aired with half points, applicable) in each column."""

    label: str
    sums: tuple[tuple[Fraction, int], ...]


def heat_map(
    *,
    columns: Sequence[str],
    points: Sequence[GridPoint],
    sums: Sequence[GridSum] = (),
    uid: str,
    width: int | None = None,
) -> Chart:
    """How each point fared call by call, with sums at the right and below.

    ``columns``: short names, such as the calls' numbers. Raises ValueError when a row has another length.
    """
    if any(len(row) != len(columns) for row in [*(p.answers for p in points), *(s.sums for s in sums)]):
        raise ValueError("every row needs a cell for every column")
    parts, top = ([*_key(), *_heads(columns)], HEAD) if columns else ([label(50, 40, _("No log yet"))], 64)
    for point in points if columns else ():
        drawn_row, top = _point_row(point, top)
        parts += drawn_row
    for each in sums if columns else ():
        drawn_row, top = _sum_row(each, top)
        parts += drawn_row
    return drawn(
        uid=uid,
        title=_title(columns, points),
        description=_(
            "A row for each point, a column for each logged call: a tick in a filled box is aired, ½ partly, a "
            "cross in an empty box not aired, a dash does not apply. Sums: aired, partly counting half, of "
            "those that applied."
        ),
        height=top,
        parts=parts,
        width=width,
        columns=(_("Point"), *(_("Call %(number)s") % {"number": name} for name in columns), _("Aired")),
        rows=[*(_point_cells(point) for point in points), *(_sum_cells(each) for each in sums)],
    )


def halves(value: Fraction) -> str:
    """ "3½", "½", "4"."""
    whole, half = divmod(2 * value, 2)
    return f"{int(whole) or ''}½" if half else str(int(whole))


# --- Drawing -------------------------------------------------------------------------


def _place(index: int, count: int) -> tuple[float, float]:
    """Left end and width of a cell; few columns stay as narrow as ten would be."""
    step = CELLS / max(count, 10)
    return index * step, step


def _key() -> list[str]:
    """What the signs mean, two and two, so that it fits a phone in any language."""
    words = (
        ("aired", _("aired")),
        ("partly", _("partly, counts half")),
        ("missed", _("not aired")),
        ("na", _("did not apply")),
    )
    parts = []
    for place, (answer, word) in enumerate(words):
        left, top = (place % 2) * 50.0, 2 + (place // 2) * 22
        # A picture of its own: in it the whole width is the sign's, on a phone and on a desk.
        place_of = f'x="{pct(left)}" y="{top}" width="20" height="16" overflow="visible"'
        parts.append(f"<svg {place_of}>{_sign(answer, 0, 100, 0, 16)}</svg>")
        parts.append(label(left, top + 12.5, word, text_anchor="start", dx=26))
    return parts


def _heads(columns: Sequence[str]) -> list[str]:
    parts = []
    for index, name in enumerate(columns):
        left, wide = _place(index, len(columns))
        parts.append(label(left + wide / 2, HEAD - 8, name, color="ink", bold=True))
    parts.append(label(0, HEAD - 24, _("Call"), text_anchor="start"))
    parts.append(label(100, HEAD - 8, _("aired"), text_anchor="end"))
    return [*parts, line(0, 100, HEAD - 2, HEAD - 2, stroke="line-strong")]


def _texts(text: str, top: float, *, code: str = "") -> tuple[list[str], float]:
    """The lines of a text, at most three, and where they end; the whole of it stands in the table."""
    lines = wrap(f"{code} {text}".strip(), LETTERS, max_lines=3, placeholder=" …") or [""]
    parts = [
        label(0, top + 13 + place * TEXT_LINE, each, color="ink", text_anchor="start")
        for place, each in enumerate(lines)
    ]
    return parts, top + len(lines) * TEXT_LINE + 3


def _point_row(point: GridPoint, top: float) -> tuple[list[str], int]:
    parts, cells = _texts(point.text, top, code=point.code)
    for index, answer in enumerate(point.answers):
        if answer is not None:
            left, wide = _place(index, len(point.answers))
            parts.append(_sign(answer, left + wide * 0.08, wide * 0.84, cells, CELL))
    total = f"{halves(point.aired)}/{point.applicable}"
    parts.append(label(100, cells + 16.5, total, color="ink", bold=True, text_anchor="end"))
    return parts, int(cells + CELL + GAP)


def _sum_row(each: GridSum, top: float) -> tuple[list[str], int]:
    parts, cells = _texts(each.label, top + 4)
    parts.insert(0, line(0, 100, top, top, stroke="line-strong"))
    for index, (aired, applicable) in enumerate(each.sums):
        if applicable:
            left, wide = _place(index, len(each.sums))
            parts.append(label(left + wide / 2, cells + 11, halves(aired), color="ink", bold=True))
            parts.append(label(left + wide / 2, cells + 25, f"/{applicable}"))
    parts.append(label(100, cells + 16.5, _of(each), color="ink", bold=True, text_anchor="end"))
    return parts, int(cells + 28 + GAP)


def _of(each: GridSum) -> str:
    return (
        f"{halves(sum((aired for aired, _n in each.sums), Fraction()))}/{sum(n for _aired, n in each.sums)}"
    )


def _sign(answer: str, x: float, wide: float, top: float, tall: float) -> str:
    """One sign in its box; ``x`` and ``wide`` in per cent, ``top`` and ``tall`` in pixels."""
    middle, center = top + tall / 2, x + wide / 2
    if answer == "na":
        return _path(center, middle, "M-4 0H4", "muted")
    if answer == "aired":
        box = rect(x, wide, top, tall, fill="level-3", rx=3)
        return box + _path(center, middle, "M-4.5 .5L-1.5 3.5L4.5 -3.5", "surface")
    edge = {"x": x, "width": wide, "y": top, "height": tall, "stroke_width": 1.5, "rx": 3}
    if answer == "partly":
        half = rect(x, wide, middle, tall / 2, fill="level-2")
        box = rect(**edge, fill="none", stroke="dose")
        return half + box + label(center, middle + 4.5, "½", color="ink", bold=True)
    return rect(**edge, fill="none", stroke="line-strong") + _path(center, middle, CROSS, "ink")


CROSS = "M-4 -4L4 4M-4 4L4 -4"


def _path(x: float, y: float, d: str, color: str) -> str:
    """A stroke around a point given in per cent and pixels: paths know pixels only."""
    inner = element("path", d=d, fill="none", stroke=color, stroke_width=2, stroke_linecap="round")
    return f'<svg x="{pct(x)}" y="{coordinate(y)}" overflow="visible">{inner}</svg>'


# --- Words ---------------------------------------------------------------------------


def _title(columns: Sequence[str], points: Sequence[GridPoint]) -> str:
    asked = [point for point in points if point.applicable]
    if not columns or not asked:
        return _("Points aired, call by call: no log yet")
    calls = ngettext("%(n)d logged call", "%(n)d logged calls", len(columns)) % {"n": len(columns)}
    least = min(asked, key=_frequency)
    if _frequency(least) == 1:
        return _("Points aired: every point that applied was aired in %(calls)s") % {"calls": calls}
    alike = (least.aired, least.applicable)
    rarest = [point.code for point in asked if (point.aired, point.applicable) == alike]
    return _("Points aired in %(calls)s: least often %(codes)s, %(aired)s of %(n)d times") % {
        "calls": calls,
        "codes": ", ".join(rarest),
        "aired": halves(least.aired),
        "n": least.applicable,
    }


def _frequency(point: GridPoint) -> Fraction:
    return point.aired / point.applicable


def _point_cells(point: GridPoint) -> tuple[str, ...]:
    words = {
        "aired": _("aired"),
        "partly": _("partly"),
        "missed": _("not aired"),
        "na": _("did not apply"),
        None: "–",
    }
    answers = (words[answer] for answer in point.answers)
    return f"{point.code} {point.text}".strip(), *answers, _share(point.aired, point.applicable)


def _sum_cells(each: GridSum) -> tuple[str, ...]:
    total = sum((aired for aired, _n in each.sums), Fraction()), sum(n for _aired, n in each.sums)
    return each.label, *(_share(*one) for one in each.sums), _share(*total)


def _share(aired: Fraction, applicable: int) -> str:
    return _("%(points)s of %(n)d") % {"points": halves(aired), "n": applicable} if applicable else "–"
