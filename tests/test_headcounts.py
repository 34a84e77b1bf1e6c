"""How many people stand behind a figure: bands that no sum of other published counts undoes."""

import math
from dataclasses import replace
from typing import Any

from scipy.optimize import linprog

from assessments.headcounts import Count, count_ranges, published_counts
from assessments.release import (
    Group,
    Release,
    fully_scored,
    release,
)
from tests.attacker import ONE_SCALE, SCALES, Organization, figures, made, organization, spread


def counts(of: Organization, **options: Any) -> list[tuple[int, int | None] | None]:
    return [(group.n.low, group.n.high) if group.n else None for group in figures(of, **options).groups]


def test_n_is_exact_for_the_agency_and_a_band_below_twenty():
    of = made({"a": spread(20), "b": spread(8), "c": spread(13), "d": spread(15)})
    tree = Group("agency", "Agency", 90, tuple(replace(child, invited=22) for child in of.tree.children))
    published = release(tree, of.respondents, scales=ONE_SCALE)
    assert [group.n for group in published.groups] == [
        Count(56, 56),
        Count(20, 20),
        Count(5, 9),
        Count(10, 19),
        Count(10, 19),
    ]
    assert [group.rate for group in published.groups] == [(62, 62), (91, 91), (23, 41), (45, 86), (45, 86)]


def test_a_band_that_exact_numbers_would_undo_makes_them_bands_too():
    """48 in the agency less 20 and 20 leaves 8."""
    of = made({"a": spread(20), "b": spread(20), "c": spread(8)})
    tree = replace(
        of.tree, invited=75, children=tuple(replace(child, invited=25) for child in of.tree.children)
    )
    published = release(tree, of.respondents, scales=ONE_SCALE)
    assert [group.n for group in published.groups] == [
        Count(48, 48),
        Count(20, 39),
        Count(20, 39),
        Count(5, 9),
    ]


def test_bands_that_their_sum_would_undo_become_k_or_more():
    """10 + 10 is the only way to 20 in two bands of 10 to 19."""
    of = made({"a": spread(10), "b": spread(10)})
    tree = replace(
        of.tree, invited=60, children=tuple(replace(child, invited=30) for child in of.tree.children)
    )
    published = release(tree, of.respondents, scales=ONE_SCALE)
    assert [group.n for group in published.groups] == [Count(20, 20), Count(5, None), Count(5, None)]
    assert published.groups[1].rate == (17, 100)


def test_a_rate_tells_no_more_than_the_band():
    for seed in range(100):
        of = organization(seed)
        for group in release(of.tree, of.respondents, scales=SCALES).groups:
            if group.n and group.rate and group.invited:
                ends = (group.n.low, min(group.n.high or group.invited, group.invited))
                assert group.rate == tuple(math.floor(100 * end / group.invited + 0.5) for end in ends)


def test_hidden_groups_publish_neither_invited_nor_answered():
    published = figures(made({"a": spread(3), "b": spread(9), "c": spread(7)}))
    for group in published.groups:
        if not group.shown:
            assert (group.invited, group.n, group.rate) == (None, None, None)
            assert not any(cell.shown or cell.levels or cell.interval for cell in group.cells)


def bounds_by_programming(of: Organization, published: Release) -> dict[tuple[str, ...], tuple[int, int]]:
    """Lowest and highest n by linear programming over the remainders (a tree's matrix has whole corners)."""
    groups = {group.path: group for group in published.groups if group.shown}
    paths = list(groups)
    counted = fully_scored(of.respondents, published.scales)
    limits = []
    for path in paths:
        children = [other for other in paths if other[:-1] == path and other]
        here = [one for one in counted if one.path[: len(path)] == path]
        left = [one for one in here if not any(one.path[: len(child)] == child for child in children)]
        free = (groups[path].invited or 0) - sum(groups[child].invited or 0 for child in children)
        limits.append((published.k, free) if left else (0, 0))
    above, below, found = [], [], {}
    inside = {path: [int(other[: len(path)] == path) for other in paths] for path in paths}
    for path in paths:
        count, invited = groups[path].n or Count(0, None), groups[path].invited or 0
        above.append(min(count.high or invited, invited))
        below.append(-count.low)
    matrix = [inside[path] for path in paths] + [[-value for value in inside[path]] for path in paths]
    for path in paths:
        ends = [
            linprog([sign * value for value in inside[path]], A_ub=matrix, b_ub=above + below, bounds=limits)
            for sign in (1, -1)
        ]
        found[path] = (round(ends[0].fun), round(-ends[1].fun))
    return found


def test_no_sum_of_published_counts_pins_down_a_band():
    """Checked by another method than the product's own: linear programs over all that is published."""
    banded = 0
    for seed in range(40):
        of = organization(seed)
        published = release(of.tree, of.respondents, scales=SCALES)
        for path, (low, high) in bounds_by_programming(of, published).items():
            group = next(group for group in published.groups if group.path == path)
            true = len(fully_scored(of.inside(path), SCALES))
            assert low <= true <= high
            assert group.n
            if not group.n.exact and group.n.high is not None:
                banded += 1
                assert high - low + 1 >= min(3, (group.invited or 0) - published.k + 1)
    assert banded > 50


def test_possible_counts_agree_with_linear_programs():
    for seed in range(40):
        of = organization(seed)
        published = release(of.tree, of.respondents, scales=SCALES)
        groups = {group.path: group for group in published.groups if group.shown}
        counted = fully_scored(of.respondents, SCALES)
        left = {
            path: sum(one.path[: len(path)] == path for one in counted)
            - sum(
                one.path[: len(child)] == child
                for child in groups
                if child[:-1] == path and child
                for one in counted
            )
            for path in groups
        }
        found = count_ranges(
            {path: group.n or Count(0, 0) for path, group in groups.items()},
            {path: group.invited or 0 for path, group in groups.items()},
            left,
            published.k,
        )
        assert found == bounds_by_programming(of, published)


def test_bands_double_from_k_on():
    sizes = {("a",): 7, ("b",): 14, ("c",): 28, ("d",): 27, (): 76}
    found = published_counts(sizes, {**dict.fromkeys(sizes, 60), (): 240}, 7)
    assert found == {
        (): Count(76, 76),
        ("a",): Count(7, 13),
        ("b",): Count(14, 27),
        ("c",): Count(28, 28),
        ("d",): Count(14, 27),
    }
