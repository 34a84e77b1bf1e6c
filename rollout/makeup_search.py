"""Which sessions would still close a gap in somebody's hours: the smallest set of them.

Pure arithmetic: no database, no clock. A set does it when every requirement is reached with it, nobody has to be in
two places at once, and each session has a place left. Of several smallest sets the one whose last session comes
first is taken, then the one whose last but one comes first, and so on. Amounts are whole minutes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

MOST_SESSIONS = 6
"""More sessions than this are no make-up any more, but a training of their own."""
MOST_STEPS = 20_000
"""Sessions tried before the search for the smallest set is given up, and any set that does it is taken."""


@dataclass(frozen=True, slots=True)
class Option:
    """A session still ahead: what it brings by module, and how many places are left (None: as many as come)."""

    id: int
    starts_at: datetime
    ends_at: datetime
    brings: tuple[tuple[int, int], ...]
    """(module, minutes)."""
    free: int | None = None

    def clashes(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the two overlap; one that begins when the other ends does not."""
        return self.starts_at < ends_at and starts_at < self.ends_at


@dataclass(frozen=True)
class Gap:
    """What somebody needs, and has or will have as planned."""

    required: Mapping[int, int]
    """Minutes by curriculum."""
    curriculum_of: Mapping[int, int]
    """Of each module that counts toward one of these curricula."""
    sure: Mapping[int, int] = field(default_factory=dict)
    """Minutes by module, credited or planned."""
    busy: tuple[tuple[datetime, datetime], ...] = ()
    """When they are expected elsewhere already."""

    @property
    def short(self) -> dict[int, int]:
        """Minutes lacking by curriculum, those with none left out."""
        had: dict[int, int] = dict.fromkeys(self.required, 0)
        for module, minutes in self.sure.items():
            if (curriculum := self.curriculum_of.get(module)) in had:
                had[curriculum] += minutes
        return {c: need - had[c] for c, need in self.required.items() if need > had[c]}


def useful(gap: Gap, options: Iterable[Option]) -> list[Option]:
    """Options with a place left, at a time that is free, that bring something lacking; by end, then start, then id."""
    short = gap.short
    found = [
        option
        for option in options
        if option.free != 0
        and not any(option.clashes(*span) for span in gap.busy)
        and _gain(gap, short, dict(gap.sure), option)
    ]
    return sorted(found, key=lambda option: (option.ends_at, option.starts_at, option.id))


def smallest_set(gap: Gap, options: Iterable[Option]) -> tuple[Option, ...] | None:
    """The options that would do it, in order of time; empty when nothing is lacking, None when no set does it.

    Sets of up to MOST_SESSIONS sessions are looked at.
    """
    short = gap.short
    if not short:
        return ()
    candidates = useful(gap, options)
    if not _reached(gap, short, dict(gap.sure), candidates):
        return None
    search = _Search(gap, candidates)
    for size in range(1, min(MOST_SESSIONS, len(candidates)) + 1):
        found = search.of_size(size, len(candidates), short, dict(gap.sure), ())
        if found is not None:
            return tuple(sorted(found, key=lambda option: (option.starts_at, option.id)))
    return _greedy(gap, candidates) if search.steps > MOST_STEPS else None


def _greedy(gap: Gap, candidates: Sequence[Option]) -> tuple[Option, ...] | None:
    """Where the search was given up: the session that brings most, then the next; a set that does it, or None."""
    short, sure, chosen = gap.short, dict(gap.sure), list[Option]()
    while short and len(chosen) < MOST_SESSIONS:
        free = [o for o in candidates if not any(o.clashes(c.starts_at, c.ends_at) for c in chosen)]
        best = max(free, key=lambda option: _gain(gap, short, sure, option), default=None)
        if best is None or not _gain(gap, short, sure, best):
            return None
        chosen.append(best)
        short, sure = _with(gap, short, sure, best)
    return None if short else tuple(sorted(chosen, key=lambda option: (option.starts_at, option.id)))


class _Search:
    """Sets of one size after the other, the one that ends first before the others."""

    def __init__(self, gap: Gap, candidates: Sequence[Option]) -> None:
        self.gap, self.candidates, self.steps = gap, candidates, 0

    def of_size(
        self, size: int, below: int, short: dict[int, int], sure: dict[int, int], chosen: tuple[Option, ...]
    ) -> tuple[Option, ...] | None:
        """``size`` more of the first ``below`` candidates beside the chosen ones; None when none does it."""
        if not short:
            return chosen
        if size == 0 or self._cannot(size, below, short, sure):
            return None
        for place in range(size - 1, below):
            option = self.candidates[place]
            self.steps += 1
            if self.steps > MOST_STEPS:
                return None
            if any(option.clashes(other.starts_at, other.ends_at) for other in chosen):
                continue
            left, with_it = _with(self.gap, short, sure, option)
            found = self.of_size(size - 1, place, left, with_it, (*chosen, option))
            if found is not None:
                return found
        return None

    def _cannot(self, size: int, below: int, short: dict[int, int], sure: dict[int, int]) -> bool:
        """Whether even the best ``size`` of them together lack something; each brings most when it comes first."""
        gains = sorted(
            (_gain(self.gap, short, sure, option) for option in self.candidates[:below]), reverse=True
        )
        return sum(gains[:size]) < sum(short.values())


def _with(
    gap: Gap, short: dict[int, int], sure: dict[int, int], option: Option
) -> tuple[dict[int, int], dict[int, int]]:
    """What is lacking and what is sure once this training session is attended as well."""
    left, with_it = dict(short), dict(sure)
    for module, minutes in option.brings:
        more = minutes - with_it.get(module, 0)
        curriculum = gap.curriculum_of.get(module)
        if more > 0 and curriculum in left:
            left[curriculum] -= more
        with_it[module] = max(minutes, with_it.get(module, 0))
    return {c: minutes for c, minutes in left.items() if minutes > 0}, with_it


def _gain(gap: Gap, short: Mapping[int, int], sure: Mapping[int, int], option: Option) -> int:
    """Minutes by which this training session lessens what is lacking."""
    more: dict[int, int] = {}
    for module, minutes in option.brings:
        curriculum = gap.curriculum_of.get(module)
        if curriculum in short:
            more[curriculum] = more.get(curriculum, 0) + max(0, minutes - sure.get(module, 0))  # type: ignore[index,arg-type]
    return sum(min(short[curriculum], minutes) for curriculum, minutes in more.items())


def _reached(gap: Gap, short: dict[int, int], sure: dict[int, int], options: Iterable[Option]) -> bool:
    for option in options:
        short, sure = _with(gap, short, sure, option)
    return not short
