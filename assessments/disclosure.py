"""The check before figures are published: does anything about fewer than k people follow from them? Pure.

A published mean with its n is a sum over known people. Whatever follows from published sums is a combination
of them, so the question is one of linear algebra: is there a combination that touches fewer than k people?
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from fractions import Fraction

from assessments.headcounts import Path
from assessments.release import MIN_K, Release, Respondent, fully_scored

MOST_SMALL_PARTS = 8
"""With more parts below k than that the search stops and the answer is: not safe."""


class UnsafeRelease(Exception):
    """Figures that must not be published. The text names a group and a scale at most, never a figure."""


def audit(release: Release, respondents: Iterable[Respondent], *, k: int = MIN_K) -> None:
    """Raise UnsafeRelease unless the figures, and all combinations of them, are about k people or more.

    ``respondents``: all of the wave, as given to ``release``. ``k``: the agency's, 5 or more.
    """
    if k < MIN_K or release.k < k or release.k_levels < release.k:
        raise UnsafeRelease(f"Groups of {MIN_K} or more only: k = {min(k, release.k)} is refused.")
    people = fully_scored(respondents, release.scales)
    for place, scale in enumerate(release.scales):
        cells = [(group, group.cells[place]) for group in release.groups]
        with_mean = [_inside(people, group.path) for group, cell in cells if cell.shown]
        with_levels = [_inside(people, group.path) for group, cell in cells if cell.levels]
        for figures, smallest, what in (
            (with_mean, release.k, "means"),
            (with_levels, release.k_levels, "level distributions"),
        ):
            if found := derivable_below(figures, smallest):
                raise UnsafeRelease(
                    f"The {what} of {scale} tell about {found} people, fewer than {smallest}. "
                    "Nothing was published."
                )
        for group, cell in cells:
            inside = _inside(people, group.path)
            if group.n and not group.n.low <= len(inside) <= (group.n.high or len(inside)):
                raise UnsafeRelease(f"n of {group.name} does not fit the answers. Nothing was published.")
            if cell.levels and len({people[one].levels[scale] for one in inside}) < 2:
                raise UnsafeRelease(
                    f"Everyone in {group.name} is at one level of {scale}. Nothing was published."
                )


def _inside(people: Sequence[Respondent], path: Path) -> frozenset[int]:
    return frozenset(place for place, one in enumerate(people) if one.path[: len(path)] == path)


def derivable_below(groups: Collection[Set[int]], k: int) -> int | None:
    """Size of a set of fewer than k people about whom the sums over ``groups`` tell something; None if none.

    People who are in the same groups are interchangeable: every combination gives all of them one weight. So
    it is enough to look at parts of fewer than k people, alone or together: a combination touches nobody
    else exactly if taking their columns away lowers the rank.
    """
    ordered = list(groups)
    inside: Counter[tuple[bool, ...]] = Counter()
    for person in frozenset().union(*ordered):
        inside[tuple(person in group for group in ordered)] += 1
    small = [part for part in inside if inside[part] < k]
    if len(small) > MOST_SMALL_PARTS:
        return min(inside[part] for part in small)
    whole = rank(list(inside))
    for chosen in _together(small, inside, k):
        if rank([part for part in inside if part not in chosen]) < whole:
            return sum(inside[part] for part in chosen)
    return None


def _together(
    small: Sequence[tuple[bool, ...]], sizes: Counter[tuple[bool, ...]], k: int
) -> Iterator[frozenset[tuple[bool, ...]]]:
    """All sets of parts with fewer than k people in all, smaller sets first."""
    found = [frozenset[tuple[bool, ...]]()]
    for chosen in found:
        start = max((small.index(part) for part in chosen), default=-1) + 1
        for part in small[start:]:
            if sum(sizes[one] for one in chosen) + sizes[part] < k:
                found.append(chosen | {part})
                yield chosen | {part}


def rank(rows: Iterable[Sequence[int | bool]]) -> int:
    """Rank of a matrix of whole numbers, exactly (Gauss with fractions)."""
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    while left:
        pivot = left.pop()
        lead = next((place for place, value in enumerate(pivot) if value), None)
        if lead is None:
            continue
        found += 1
        for row in left:
            if row[lead]:
                factor = row[lead] / pivot[lead]
                for place in range(lead, len(row)):
                    row[place] -= factor * pivot[place]
    return found
