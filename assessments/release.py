"""What may be published of a closed wave: one tree of groups, suppressed, rounded, frozen. Pure.

Source of the rules: the privacy design, "Release". Three decisions make them hold:

* **Only fully scored respondents count**, in every figure. All scales then stand on the same people, so
  neither two scales of a group nor a total and its parts can be subtracted to leave the few who skipped
  something.
* **Everybody in a shown group who is in no shown group below it** (hidden groups, and members without one) is
  its remainder: 0 or ≥ k people. Any combination of published sums gives all people of a remainder the same
  weight, so nothing follows about fewer than k of them. Level distributions keep the rule with a threshold of
  their own.
* **A group's n is a band** below 4 k, and its shares come in tenths. Where the exact numbers around a band
  would undo it, larger groups get bands as well, and at last only "k or more".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Protocol

from assessments.headcounts import Count, Path, published_counts
from assessments.scoring import t_interval

MIN_K = 5
MIN_K_LEVELS = 10


class Range(Protocol):
    """Both ends of an interval, in points."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True)
class Group:
    """A node of the tree as frozen when the wave opened. ``invited`` counts everyone in it and below it."""

    key: str
    name: str
    invited: int
    children: tuple["Group", ...] = ()


@dataclass(frozen=True, repr=False)
class Respondent:
    """One opened answer: where the person stood, and score (None = not scored) and level by scale.

    ``person`` tells waves' respondents apart and together, and is needed for linked change only.
    """

    path: Path
    scores: Mapping[str, float | None]
    levels: Mapping[str, str | None]
    person: str | None = None

    def __repr__(self) -> str:
        return "Respondent(hidden)"


@dataclass(frozen=True)
class Share:
    """People at one level: whole percent and count for the agency; percent in tens, no count, for groups."""

    level: str
    percent: int
    count: int | None


@dataclass(frozen=True)
class Cell:
    """One scale in one group. All None if withheld; ``interval`` (95 %, of the mean) for the agency only."""

    scale: str
    mean: float | None
    interval: tuple[float, float] | None
    levels: tuple[Share, ...] | None

    @property
    def shown(self) -> bool:
        return self.mean is not None


@dataclass(frozen=True)
class GroupFigures:
    """A group's published figures; ``rate`` is lowest and highest percent. All of it None if withheld."""

    path: Path
    name: str
    invited: int | None
    n: Count | None
    rate: tuple[int, int] | None
    cells: tuple[Cell, ...]

    @property
    def shown(self) -> bool:
        return self.n is not None


@dataclass(frozen=True)
class Release:
    """All published figures of a wave, the agency first, then the tree from top to bottom."""

    k: int
    k_levels: int
    scales: tuple[str, ...]
    groups: tuple[GroupFigures, ...]

    @property
    def agency(self) -> GroupFigures:
        return self.groups[0]


def release(
    tree: Group,
    respondents: Iterable[Respondent],
    *,
    scales: Mapping[str, Sequence[str]],
    k: int = MIN_K,
    k_levels: int = MIN_K_LEVELS,
    interval: Callable[[Sequence[float]], Range] = t_interval,
) -> Release:
    """The figures of a closed wave. ``scales``: scale code → its levels in order (none: no distribution).

    ValueError for k < 5, k_levels < 10, no scales, a tree with doubled keys, a respondent whose group is not
    in the tree, or more answers than invitations in a group.
    """
    _check(k, k_levels, scales)
    members = _members(tree, respondents, scales)
    shown = _suppress(members, lambda people: len(people) >= k)
    invited = {path: group.invited for path, group in walk(tree)}
    counts = published_counts({path: len(members[path]) for path in shown}, invited, k)
    with_levels = {
        code: _suppress(members, _mixed(code, max(k, k_levels)), among=shown) if levels else frozenset()
        for code, levels in scales.items()
    }
    figures = []
    for path, group in walk(tree):
        count = counts.get(path)
        cells = tuple(
            _cell(code, levels, members[path], path in with_levels[code], interval if path == () else None)
            if count
            else Cell(code, None, None, None)
            for code, levels in scales.items()
        )
        rate = _rate(count, group.invited) if count else None
        figures.append(GroupFigures(path, group.name, group.invited if count else None, count, rate, cells))
    return Release(k, max(k, k_levels), tuple(scales), tuple(figures))


def walk(tree: Group) -> Iterator[tuple[Path, Group]]:
    """Every group with its path, a parent before its children."""
    waiting: list[tuple[Path, Group]] = [((), tree)]
    while waiting:
        path, group = waiting.pop()
        yield path, group
        waiting += [((*path, child.key), child) for child in reversed(group.children)]


def fully_scored(respondents: Iterable[Respondent], scales: Iterable[str]) -> list[Respondent]:
    """The respondents who count: those with a score on every scale of the release."""
    wanted = list(scales)
    return [one for one in respondents if all(one.scores.get(code) is not None for code in wanted)]


def _check(k: int, k_levels: int, scales: Mapping[str, Sequence[str]]) -> None:
    if k < MIN_K:
        raise ValueError(f"The smallest group shown is {MIN_K} people or more; k = {k} is refused.")
    if k_levels < MIN_K_LEVELS:
        raise ValueError(f"Level distributions need groups of {MIN_K_LEVELS} or more; {k_levels} is refused.")
    if not scales:
        raise ValueError("A release needs at least one scale.")


def _members(
    tree: Group, respondents: Iterable[Respondent], scales: Iterable[str]
) -> dict[Path, list[Respondent]]:
    """Counted respondents in each group or below it."""
    members: dict[Path, list[Respondent]] = {}
    for path, _ in walk(tree):
        if path in members:
            raise ValueError(f"Group {path[-1]} stands twice under one parent.")
        members[path] = []
    for one in fully_scored(respondents, scales):
        for depth in range(len(one.path) + 1):
            if one.path[:depth] not in members:
                raise ValueError(f"Group {one.path[depth - 1]} of an answer is not in the tree of this wave.")
            members[one.path[:depth]].append(one)
    for path, group in walk(tree):
        if len(members[path]) > group.invited:
            raise ValueError(f"Group {group.key} has more answers than invitations.")
    return members


# --- which groups ---------------------------------------------------------------------------------------


def _suppress(
    members: Mapping[Path, Sequence[Respondent]],
    fit: Callable[[Sequence[Respondent]], bool],
    *,
    among: Iterable[Path] | None = None,
) -> frozenset[Path]:
    """Groups to show: fit themselves, parent shown, and what is left of each parent nobody or fit as well.

    Where it is not, the next smallest child is hidden too (ties by key), until it is.
    """
    allowed = set(members if among is None else among)
    waiting: list[Path] = [()] if () in allowed and fit(members[()]) else []
    shown: set[Path] = set()
    while waiting:
        parent = waiting.pop()
        shown.add(parent)
        depth = len(parent) + 1
        children = [path for path in allowed if len(path) == depth and path[:-1] == parent]
        kept = [path for path in children if fit(members[path])]
        kept.sort(key=lambda path: (-len(members[path]), path))
        while kept:
            rest = [one for one in members[parent] if one.path[:depth] not in kept]
            if not rest or fit(rest):
                break
            kept.pop()
        waiting += kept
    return frozenset(shown)


def _mixed(scale: str, smallest: int) -> Callable[[Sequence[Respondent]], bool]:
    """Fit for a level distribution: enough people, and not all of them at one level."""
    return lambda people: len(people) >= smallest and len({one.levels.get(scale) for one in people}) > 1


# --- the figures ----------------------------------------------------------------------------------------


def _cell(
    scale: str,
    levels: Sequence[str],
    people: Sequence[Respondent],
    with_levels: bool,
    interval: Callable[[Sequence[float]], Range] | None,
) -> Cell:
    """A shown cell; ``interval`` is given for the agency only, which then also has the finer figures."""
    values = sorted(score for one in people if (score := one.scores[scale]) is not None)
    mean = _rounded(sum(map(Fraction, values), Fraction()) / len(values), 1 if interval else 0)
    ends = None
    if interval and values[0] != values[-1]:
        found = interval(values)
        ends = (_rounded(Fraction(found.low), 1), _rounded(Fraction(found.high), 1))
    if not with_levels:
        return Cell(scale, mean, ends, None)
    found_levels = Counter(one.levels.get(scale) for one in people)
    counts = [found_levels[level] for level in levels]
    if sum(counts) != len(people):
        raise ValueError(f"A respondent's level on {scale} is none of the scale's levels.")
    percents = [_percent(count, len(people)) for count in counts] if interval else _tenths(counts)
    return Cell(
        scale,
        mean,
        ends,
        tuple(
            Share(level, percent, count if interval else None)
            for level, percent, count in zip(levels, percents, counts, strict=True)
        ),
    )


def _rounded(value: Fraction, digits: int) -> float:
    """Half away from zero at the exact value, so that figures do not hang on the order of the answers."""
    step = Decimal(1).scaleb(-digits)
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return float(exact.quantize(step, ROUND_HALF_UP)) + 0.0


def _tenths(counts: Sequence[int]) -> list[int]:
    """Percent in tens adding up to 100 (largest remainders); a level that anybody holds gets at least 10."""
    total = sum(counts)
    units = [max(1, 10 * count // total) if count else 0 for count in counts]
    while (gap := 10 - sum(units)) != 0:
        errors = [Fraction(10 * count, total) - unit for count, unit in zip(counts, units, strict=True)]
        if gap > 0:
            units[errors.index(max(errors))] += 1
        else:
            able = [error for error, unit in zip(errors, units, strict=True) if unit > 1]
            units[errors.index(min(able))] -= 1
    return [10 * unit for unit in units]


def _percent(part: int, whole: int) -> int:
    return int(_rounded(Fraction(100 * part, whole), 0))


def _rate(count: Count, invited: int) -> tuple[int, int]:
    """Lowest and highest response rate in percent that the published n allows: no more than n tells."""
    high = invited if count.high is None else min(count.high, invited)
    return _percent(count.low, invited), _percent(high, invited)


# --- kept and read back ---------------------------------------------------------------------------------


def to_rows(published: Release) -> list[dict[str, Any]]:
    """One JSON-ready row for each group and scale, in order; the only form in which figures are kept."""
    return [
        {
            "path": list(group.path),
            "name": group.name,
            "k": published.k,
            "k_levels": published.k_levels,
            "invited": group.invited,
            "n": [group.n.low, group.n.high] if group.n else None,
            "rate": list(group.rate) if group.rate else None,
            "scale": cell.scale,
            "shown": cell.shown,
            "mean": cell.mean,
            "interval": list(cell.interval) if cell.interval else None,
            "levels": [[one.level, one.percent, one.count] for one in cell.levels] if cell.levels else None,
        }
        for group in published.groups
        for cell in group.cells
    ]


def from_rows(rows: Sequence[Mapping[str, Any]]) -> Release:
    """The release that ``to_rows`` wrote; ValueError for no rows."""
    if not rows:
        raise ValueError("A release has at least one row.")
    groups: dict[Path, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row["path"]), []).append(row)
    figures = tuple(
        GroupFigures(
            path,
            own[0]["name"],
            own[0]["invited"],
            Count(*own[0]["n"]) if own[0]["n"] else None,
            (own[0]["rate"][0], own[0]["rate"][1]) if own[0]["rate"] else None,
            tuple(_read_cell(row) for row in own),
        )
        for path, own in groups.items()
    )
    scales = tuple(cell.scale for cell in figures[0].cells)
    return Release(rows[0]["k"], rows[0]["k_levels"], scales, figures)


def _read_cell(row: Mapping[str, Any]) -> Cell:
    ends, levels = row["interval"], row["levels"]
    return Cell(
        row["scale"],
        row["mean"],
        (ends[0], ends[1]) if ends else None,
        tuple(Share(*one) for one in levels) if levels else None,
    )
