"""How many people stand behind a group's figures: exact for the agency, a band for small groups. Pure.

A band is worth nothing if the numbers around it give it away: 50 in the agency less 22 and 20 in two teams
leaves 8 in the third. So all counts of a release are chosen together, and checked by doing the sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FREE_VALUES = 3
"""A band leaves a reader at least so many values of n, wherever k and the invited count allow it."""

Path = tuple[str, ...]
"""Keys of groups from the agency (left out) down: ``()`` is the agency, ``("d1", "t4")`` a team."""


@dataclass(frozen=True)
class Count:
    """A number of people: exact if both ends are equal, else a band, open upward if ``high`` is None."""

    low: int
    high: int | None

    @property
    def exact(self) -> bool:
        return self.low == self.high


def published_counts(sizes: Mapping[Path, int], invited: Mapping[Path, int], k: int) -> dict[Path, Count]:
    """n for each shown group, from the true ``sizes`` of all shown groups and the invited of every group.

    The agency exact; groups exact from 4 k on (20 for the smallest k), below in bands k … 2 k − 1 and
    2 k … 4 k − 1. Where sums would leave fewer than FREE_VALUES values in a band, every group gets a band;
    where that is not enough, "k or more".
    """
    counts: dict[Path, Count] = {}
    for style in (_exact_if_large, _band, _open_band):
        counts = {path: style(size, k) if path else Count(size, size) for path, size in sizes.items()}
        possible = count_ranges(counts, invited, remainders(sizes), k)
        if all(
            counts[path].exact or high - low + 1 >= min(FREE_VALUES, invited[path] - k + 1)
            for path, (low, high) in possible.items()
        ):
            break
    return counts


def remainders(sizes: Mapping[Path, int]) -> dict[Path, int]:
    """People of each shown group who are in no shown group right below it."""
    left = dict(sizes)
    for path, size in sizes.items():
        if path:
            left[path[:-1]] -= size
    return left


def count_ranges(
    counts: Mapping[Path, Count], invited: Mapping[Path, int], left: Mapping[Path, int], k: int
) -> dict[Path, tuple[int, int]]:
    """The values of n that the counts leave possible, lowest and highest, for each shown group.

    For a reader who knows the tree, the invited counts, and which groups have a remainder (``left`` > 0; it
    is k or more then). Once up and once down the tree, which is exact for sums of intervals.
    """
    below: dict[Path, list[Path]] = {path: [] for path in counts}
    for path in counts:
        if path:
            below[path[:-1]].append(path)
    possible: dict[Path, tuple[int, int]] = {}
    sums: dict[Path, tuple[int, int]] = {}
    for path in sorted(counts, key=len, reverse=True):
        spare = invited[path] - sum(invited[child] for child in below[path])
        low, high = (k, spare) if left[path] else (0, 0)
        low += sum(possible[child][0] for child in below[path])
        high += sum(possible[child][1] for child in below[path])
        sums[path] = (low, high)
        own = counts[path]
        top = invited[path] if own.high is None else min(own.high, invited[path])
        possible[path] = (max(own.low, low), min(top, high))
    for path in sorted(counts, key=len):
        for child in below[path]:
            low, high = possible[child]
            others_low, others_high = sums[path][0] - low, sums[path][1] - high
            possible[child] = (
                max(low, possible[path][0] - others_high),
                min(high, possible[path][1] - others_low),
            )
    return possible


def _exact_if_large(n: int, k: int) -> Count:
    return Count(n, n) if n >= 4 * k else _band(n, k)


def _band(n: int, k: int) -> Count:
    """The doubling band that holds n: k to 2 k − 1, 2 k to 4 k − 1 and so on."""
    low = k
    while n >= 2 * low:
        low *= 2
    return Count(low, 2 * low - 1)


def _open_band(n: int, k: int) -> Count:
    return Count(k, None)
