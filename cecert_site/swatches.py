"""The design's values as the living page shows them: read from static/css/tokens.css, contrast worked out by WCAG 2.2."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

TOKENS = Path(settings.BASE_DIR) / "static" / "css" / "tokens.css"
COLOR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), ?(#[0-9a-f]{6})\)")
LENGTH = re.compile(r"--((?:step--?|s)\d|touch|corner|radius): ([\d.]+(?:rem|px));")
TEXT, EDGE = 4.5, 3.0
"""Least contrast of text and of a control's edge."""
ON = {
    "ink": ("page surface sunken accent-soft warn-soft alert-soft level-1 level-2", TEXT),
    "muted": ("page surface sunken accent-soft", TEXT),
    "accent": ("page surface sunken accent-soft", TEXT),
    "accent-deep": ("page surface sunken", TEXT),
    "accent-ink": ("accent accent-deep", TEXT),
    "warn": ("page surface warn-soft", TEXT),
    "alert": ("page surface alert-soft", TEXT),
    "dose": ("page surface", TEXT),
    "plum": ("page surface", TEXT),
    "surface": ("dose level-3", TEXT),
    "line-strong": ("page surface sunken", EDGE),
}
"""What stands on what, and how much contrast it needs there."""


@dataclass(frozen=True)
class Pair:
    """A color on a ground: contrast in light and dark, and the least it may be."""

    color: str
    ground: str
    light: float
    dark: float
    least: float


def colors() -> dict[str, tuple[str, str]]:
    """Color tokens with their light and dark value."""
    return {name: (light, dark) for name, light, dark in COLOR.findall(TOKENS.read_text(encoding="utf-8"))}


def lengths() -> list[tuple[str, str]]:
    """Sizes of type and spacing, of a wide screen, as (name, value)."""
    found: dict[str, str] = {}
    for name, value in LENGTH.findall(TOKENS.read_text(encoding="utf-8")):
        found.setdefault(name, value)  # the first is the wide screen's
    return list(found.items())


def pairs() -> list[Pair]:
    """Every pair of ``ON`` with its contrasts."""
    known, found = colors(), []
    for color, (grounds, least) in ON.items():
        for ground in grounds.split():
            light, dark = (contrast(known[color][half], known[ground][half]) for half in (0, 1))
            found.append(Pair(color, ground, light, dark, least))
    return found


def contrast(first: str, second: str) -> float:
    """Contrast of two colors such as "#1d2b29", from 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb" by WCAG 2.2, from 0 to 1."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
