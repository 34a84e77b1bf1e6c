"""Pieces the charts are drawn with: escaped SVG elements, the palette, the time axis.

Positions along x are per cent and text is in pixels, so one picture fits a phone and a desk without shrinking
its letters. Colors are written as attributes (a PDF ignores page styles inside a picture) and repeated as
classes (the page overrides them for dark mode).
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from textwrap import wrap
from typing import Any

from django.utils.dates import MONTHS_3
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

PALETTE = {
    "accent": "#0c6657",
    "warn": "#7d4b00",
    "plum": "#7a4a86",
    "dose": "#3a6791",
    "ink": "#1d2b29",
    "muted": "#56645f",
    "line": "#e2ded5",
    "line-strong": "#7d8681",
    "sunken": "#f0eee8",
    "surface": "#ffffff",
    "level-1": "#dfe8ef",
    "level-2": "#a9c3d9",
    "level-3": "#3a6791",
}
"""Light values of the page's color tokens, by name; static/css/tokens.css holds the same and the dark ones."""

EDGE = 2.0
"""Per cent kept free at both ends of an axis, so that marks and wider fonts are not cut off."""


@dataclass(frozen=True)
class Chart:
    """A picture with its takeaway (``title``) and the same figures as a table."""

    svg: SafeString
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    description: str = ""
    """How it is drawn, for those who cannot see it."""


def percent_text(share: float | None) -> str:
    """0.876 → "88 %" with a no-break space; None → "–". Only a full share is 100 %, only nothing is 0 %."""
    if share is None:
        return "–"
    whole = round(share * 100)
    if share < 1:
        whole = min(whole, 99)
    if share > 0:
        whole = max(whole, 1)
    return f"{whole}\N{NO-BREAK SPACE}%"


def withheld() -> str:
    """The words for a figure that is not shown."""
    return _("withheld to protect privacy")


def number(value: float) -> str:
    """A figure as it is read, without needless digits: 12.0 → "12", 33.333 → "33.33", by the reader's locale."""
    return str(number_format(coordinate(value)))


def coordinate(value: float) -> str:
    """A number as a picture takes it, whatever the reader's locale: 12.0 → "12", 33.333 → "33.33"."""
    return str(value) if isinstance(value, int) else f"{value:.2f}".rstrip("0").rstrip(".")


def pct(value: float) -> str:
    """A position along the width: 33.333 → "33.33%"."""
    return f"{coordinate(value)}%"


_NEEDS_NO_ESCAPING = re.compile(r"[\w .,:;#%()/+-]*").fullmatch


def _value(value: Any) -> str:
    """An attribute's value. Numbers and plain words hold nothing to escape, and are nearly all there is."""
    if isinstance(value, (int, float)):
        return coordinate(value)
    text = str(value)
    return text if _NEEDS_NO_ESCAPING(text) else html.escape(text)


@lru_cache(maxsize=256)
def _paint(fill: str, stroke: str, css: str) -> str:
    """The attributes of a color and its class; the same few come again and again."""
    found, classes = "", [css] if css else []
    if fill:
        found += f' fill="{html.escape(PALETTE.get(fill, fill))}"'
        classes += [f"f-{fill}"] if fill in PALETTE else []
    if stroke:
        found += f' stroke="{PALETTE[stroke]}"'
        classes.append(f"s-{stroke}")
    return f'{found} class="{html.escape(" ".join(classes))}"' if classes else found


def element(
    name: str, text: str | None = None, *, fill: str = "", stroke: str = "", css: str = "", **attrs: Any
) -> str:
    """One SVG element, every value escaped; ``fill`` and ``stroke`` name colors of the palette.

    Underscores in attribute names become hyphens, floats are shortened, None leaves an attribute out.
    """
    written = _paint(fill, stroke, css)
    for key, value in attrs.items():
        if value is not None:
            written += f' {key.replace("_", "-")}="{_value(value)}"'
    return f"<{name}{written}/>" if text is None else f"<{name}{written}>{html.escape(str(text))}</{name}>"


def rect(x: float, width: float, y: float, height: float, **attrs: Any) -> str:
    """A box; ``x`` and ``width`` in per cent, ``y`` and ``height`` in pixels."""
    return element("rect", x=pct(x), width=pct(width), y=y, height=height, **attrs)


def line(x1: float, x2: float, y1: float, y2: float, **attrs: Any) -> str:
    """A line; ``x1`` and ``x2`` in per cent, ``y1`` and ``y2`` in pixels."""
    return element("line", x1=pct(x1), x2=pct(x2), y1=y1, y2=y2, **attrs)


def label(x: float, y: float, text: str, *, color: str = "muted", bold: bool = False, **attrs: Any) -> str:
    """Text at ``x`` per cent and ``y`` pixels, centered if ``text_anchor`` does not say otherwise."""
    place: dict[str, Any] = {
        "x": pct(x),
        "y": y,
        "text_anchor": "middle",
        "font_size": 12,
        "font_weight": 600 if bold else None,
    }
    return element("text", text, fill=color, **(place | attrs))


LETTERS = 44
"""Of 12 pixels, in a line that fits the narrowest phone."""


def notes(texts: Iterable[str], most: int) -> list[str]:
    """What the marks are, in at most so many lines above them; wrapped, since other languages take more room."""
    lines = [each for text in texts for each in wrap(text, LETTERS)]
    return [label(0, 12 + 16 * place, each, text_anchor="start") for place, each in enumerate(lines[:most])]


def inside(x: float) -> str:
    """The anchor that keeps text at ``x`` per cent from running out at the edges."""
    return "start" if x < 12 else "end" if x > 88 else "middle"


def slug(uid: str) -> str:
    """A name that may stand in an id attribute."""
    return re.sub(r"[^a-z0-9-]+", "-", uid.lower()).strip("-") or "chart"


def picture(
    *, uid: str, title: str, description: str, height: int, parts: Iterable[str], width: int | None = None
) -> SafeString:
    """The SVG element around ``parts``.

    ``uid`` makes the ids of title and description unique on a page; without one the picture is decoration,
    hidden from screen readers. ``width`` (pixels) fixes the width; else it is all there is.
    """
    key = slug(uid)
    named = f'role="img" aria-labelledby="{key}-title {key}-desc"' if uid else 'aria-hidden="true"'
    ids = (f' id="{key}-title"', f' id="{key}-desc"') if uid else ("", "")
    desc = f"<desc{ids[1]}>{html.escape(str(description))}</desc>" if description else ""
    style = "chart" if uid else "meter"
    frame = f'class="{style}" width="{width or "100%"}" height="{height}" {named}'
    font = 'font-family="Inter, system-ui, sans-serif"'
    words = f"<title{ids[0]}>{html.escape(str(title))}</title>{desc}"
    inner = "".join(parts)
    # Made of escaped elements only.
    return mark_safe(f'<svg xmlns="http://www.w3.org/2000/svg" {frame} {font}>{words}{inner}</svg>')  # noqa: S308


def drawn(
    *,
    uid: str,
    title: str,
    description: str,
    height: int,
    parts: Iterable[str],
    columns: Iterable[str],
    rows: Iterable[Sequence[str]],
    width: int | None = None,
) -> Chart:
    """The chart of these parts and these rows."""
    svg = picture(uid=uid, title=title, description=description, height=height, parts=parts, width=width)
    return Chart(svg, title, tuple(columns), tuple(tuple(row) for row in rows), description)


@dataclass(frozen=True)
class Axis:
    """A time axis over whole months; ``months`` are their first days, in order, without gaps."""

    months: tuple[date, ...]

    @property
    def start(self) -> date:
        return self.months[0]

    @property
    def end(self) -> date:
        """First day after the last month."""
        return next_month(self.months[-1])

    def x(self, on: date) -> float:
        """Position of a day in per cent of the width, held inside the edges."""
        share = (on - self.start).days / (self.end - self.start).days
        return EDGE + min(max(share, 0.0), 1.0) * (100 - 2 * EDGE)

    def grid(self, top: float, bottom: float) -> list[str]:
        """A thin line at the beginning of each month and at the end."""
        places = [self.x(day) for day in (*self.months, self.end)]
        return [line(x, x, top, bottom, stroke="line") for x in places]

    def names(self, y: float) -> list[str]:
        """Month names under their months; as many as fit on a desk, and about seven on a phone."""
        desk = -(-len(self.months) // 18)
        phone = desk * -(-len(self.months) // (desk * 7))
        return [
            label(
                (self.x(month) + self.x(next_month(month))) / 2,
                y,
                str(MONTHS_3[month.month]).capitalize(),
                css="wide-only" if place % phone else "",
            )
            for place, month in enumerate(self.months)
            if place % desk == 0
        ]

    def today(self, on: date, top: float, bottom: float) -> list[str]:
        """The line of today; nothing when today lies outside."""
        if not self.start <= on <= self.end:
            return []
        x = self.x(on)
        return [line(x, x, top, bottom, stroke="ink", stroke_width=1.5)]


def next_month(day: date) -> date:
    """First day of the month after ``day``."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def spread(wanted: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Heights for labels at least ``gap`` apart, near where they belong, inside top and bottom.

    Order is kept. With more labels than fit, they are set evenly.
    """
    if not wanted:
        return []
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    if gap * (len(wanted) - 1) > bottom - top:
        gap = (bottom - top) / max(len(wanted) - 1, 1)
    placed: list[float] = []
    for index, i in enumerate(order):
        lowest = placed[-1] + gap if placed else top
        room_below = gap * (len(order) - 1 - index)
        placed.append(min(max(wanted[i], lowest), bottom - room_below))
    result = [0.0] * len(wanted)
    for i, y in zip(order, placed, strict=True):
        result[i] = y
    return result
