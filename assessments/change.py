"""Change between two waves, for the agency as a whole. Pure.

The same respondents are linked only where that adds nothing about fewer than k people to what both releases
tell already; otherwise the waves are two cross-sections, and are called so. No tests of significance.
"""

import math
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from assessments.headcounts import Path
from assessments.release import Release, Respondent, fully_scored


@dataclass(frozen=True)
class Change:
    """One scale from an earlier to a later wave. ``kind`` decides what ``d`` is; None where nobody differs.

    linked: d_av = mean change / √((s₁² + s₂²) / 2), times Hedges' correction 1 − 3 / (4 (n − 1) − 1) (Cumming
    2012); both n are the paired n. repeated cross-section: difference of means / pooled SD of two groups.
    ``difference`` is later minus earlier, in points, one decimal.
    """

    scale: str
    kind: Literal["linked", "repeated cross-section"]
    difference: float
    d: float | None
    n_before: int
    n_after: int


def change(
    before: Iterable[Respondent],
    after: Iterable[Respondent],
    *,
    released: tuple[Release, Release],
    earlier: Collection[Set[str]] = (),
) -> tuple[Change, ...]:
    """Change for each scale both releases have; empty where one of them withholds the agency.

    ``before`` and ``after``: all respondents of either wave, ``person`` filled in where linking is wanted.
    ``earlier``: the paired groups (``paired``) of linked changes already published that touch either wave.
    ValueError if a person stands twice in a wave.
    """
    if not all(one.agency.shown for one in released):
        return ()
    sides = [fully_scored(people, one.scales) for people, one in zip((before, after), released, strict=True)]
    both = paired(*sides)
    k = max(one.k for one in released)
    linked = len(both) >= k and all(
        _adds_no_small_group(both, side, one, earlier, k) for side, one in zip(sides, released, strict=True)
    )
    scales = [code for code in released[0].scales if code in released[1].scales]
    if not linked:
        return tuple(_independent(code, *(_scores(side, code) for side in sides)) for code in scales)
    matched = [[one for one in side if one.person in both] for side in sides]
    return tuple(_linked(code, *(_scores(side, code) for side in matched)) for code in scales)


def paired(before: Iterable[Respondent], after: Iterable[Respondent]) -> frozenset[str]:
    """The people who stand in both; ValueError if one stands twice on a side."""
    found = []
    for side in (before, after):
        people = [one.person for one in side if one.person is not None]
        if len(people) != len(set(people)):
            raise ValueError("A person stands twice among the respondents of a wave.")
        found.append(frozenset(people))
    return found[0] & found[1]


def _adds_no_small_group(
    both: Set[str], side: Sequence[Respondent], release: Release, earlier: Collection[Set[str]], k: int
) -> bool:
    """Whether a sum over the paired group of one wave can be published beside that wave's release.

    After taking away any of the published sums, nobody or k people may be left. Those sums have one weight
    for all people of a part (same deepest shown group), so each part can be cleared either of its paired or
    of its other people: the fewer of both, over all parts, must come to nobody or to k. (That nobody or k
    people answered in one wave alone follows.) Earlier paired groups cut the parts further.
    """
    shown = {group.path for group in release.groups if group.shown}
    parts = [_deepest(one.path, shown) for one in side]
    left = _left(both, parts, side)
    if left == 0 or (left >= k and both in earlier):
        return True
    finer = [(_deepest(one.path, shown), *(one.person in group for group in earlier)) for one in side]
    return _left(both, finer, side) >= k


def _left(both: Set[str], parts: Sequence[object], side: Sequence[Respondent]) -> int:
    inside = Counter(part for part, one in zip(parts, side, strict=True) if one.person in both)
    everyone = Counter(parts)
    return sum(min(inside[part], everyone[part] - inside[part]) for part in everyone)


def _deepest(path: Path, shown: Set[Path]) -> Path:
    while path not in shown:
        path = path[:-1]
    return path


def _scores(people: Iterable[Respondent], scale: str) -> list[float]:
    return [score for one in people if (score := one.scores[scale]) is not None]


def _linked(scale: str, before: Sequence[float], after: Sequence[float]) -> Change:
    n = len(before)
    spread = math.sqrt((statistics.variance(before) + statistics.variance(after)) / 2)
    correction = 1 - 3 / (4 * (n - 1) - 1)
    return _change(scale, "linked", before, after, spread, correction)


def _independent(scale: str, before: Sequence[float], after: Sequence[float]) -> Change:
    df = len(before) + len(after) - 2
    squares = (len(before) - 1) * statistics.variance(before) + (len(after) - 1) * statistics.variance(after)
    return _change(scale, "repeated cross-section", before, after, math.sqrt(squares / df), 1.0)


def _change(
    scale: str,
    kind: Literal["linked", "repeated cross-section"],
    before: Sequence[float],
    after: Sequence[float],
    spread: float,
    correction: float,
) -> Change:
    difference = statistics.fmean(after) - statistics.fmean(before)
    d = round(difference / spread * correction, 2) + 0.0 if spread else None
    return Change(scale, kind, round(difference, 1) + 0.0, d, len(before), len(after))
