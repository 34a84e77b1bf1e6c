"""What a reader with linear algebra can make of released figures, and the audit before they go out."""

import os
import random
import statistics
from dataclasses import replace

import pytest

from assessments.disclosure import UnsafeRelease, audit, derivable_below, rank
from assessments.release import (
    fully_scored,
    release,
    to_rows,
)
from tests import attacker
from tests.attacker import SCALES, exposed, figures, made, organization, spread

ORGANIZATIONS = int(os.environ.get("ATTACK_ORGS", "300"))


def test_the_attacker_breaks_a_bare_threshold():
    """A check that has never failed proves nothing: these figures leak, and it must say so."""
    joint, separate = 0, 0
    for seed in range(100):
        of = organization(seed)
        for counted in (attacker.on_all_scales, attacker.on_this_scale):
            rows = attacker.bare_threshold(of, 5, counted)
            found = exposed(attacker.published_means(rows, of, counted), 5)
            joint += counted is attacker.on_all_scales and found is not None
            separate += counted is attacker.on_this_scale and found is not None
    assert joint > 40
    assert separate > joint, "counting each scale for itself leaks those who skipped one, besides"


def test_an_attacker_with_linear_algebra_derives_no_group_below_k():
    cells = could = 0
    for seed in range(ORGANIZATIONS):
        of, k = organization(seed), 5 + 2 * (seed % 10 == 0)
        published = release(of.tree, of.respondents, scales=SCALES, k=k)
        audit(published, of.respondents, k=k)
        rows = to_rows(published)
        assert exposed(attacker.published_means(rows, of, attacker.on_all_scales), k) is None, seed
        for scale in SCALES:
            sums = attacker.published_levels(rows, of, scale)
            assert exposed(sums, 10) is None, seed
            levels = {one.person: one.levels[scale] for one in of.respondents}
            for people in attacker.parts(sums).values():
                assert len({levels[person] for person in people}) > 1, seed
        for row in rows:
            inside = fully_scored(of.inside(row["path"]), SCALES)
            could += len(inside) >= k
            cells += row["shown"]
            if row["shown"]:
                mean = statistics.fmean(one.scores[row["scale"]] or 0 for one in inside)
                assert abs(row["mean"] - mean) <= (0.5 if row["path"] else 0.05) + 1e-9, seed
    assert cells / could >= 0.75, "of the cells a bare threshold would show"


def test_the_audit_finds_a_group_left_over_by_its_siblings():
    of = made({"a": spread(3), "b": spread(9), "c": spread(7), "d": spread(12)})
    published = figures(of)
    audit(published, of.respondents)
    everything = figures(made({"a": spread(9), "b": spread(9), "c": spread(9), "d": spread(12)}))
    leaky = replace(
        published,
        groups=tuple(
            group if group.path in {("a",), ()} else other
            for group, other in zip(published.groups, everything.groups, strict=True)
        ),
    )
    with pytest.raises(UnsafeRelease, match=r"means of BO tell about 3 people, fewer than 5"):
        audit(leaky, of.respondents)


def test_the_audit_finds_level_distributions_that_say_too_much():
    of = made({"a": spread(12), "b": spread(14)})
    published = figures(of)
    audit(published, of.respondents)
    alike = [replace(one, levels={"BO": "low"}) if one.path == ("a",) else one for one in of.respondents]
    with pytest.raises(UnsafeRelease, match="Everyone in Team a is at one level of BO"):
        audit(published, alike)
    small = made({"a": spread(12), "b": spread(9)})
    with pytest.raises(UnsafeRelease, match="level distributions of BO tell about 9 people, fewer than 10"):
        audit(published, small.respondents)


def test_the_audit_refuses_figures_of_other_answers():
    of = made({"a": spread(12), "b": spread(14)})
    with pytest.raises(UnsafeRelease, match="n of Agency does not fit"):
        audit(figures(of), [*of.respondents, replace(of.respondents[0], person="new")])


def test_the_audit_agrees_with_the_attacker_on_leaky_figures():
    """Two programs that share no code, on figures with and without leaks, also on overlapping breakdowns."""
    dice = random.Random(5)
    leaks = 0
    for _ in range(300):
        people = range(dice.randint(5, 30))
        groups = [frozenset(one for one in people if dice.random() < 0.6) for _ in range(dice.randint(1, 4))]
        sums = [{(one, "BO"): 1 for one in group} for group in groups]
        found = exposed(sums, 5)
        small = [part for part in attacker.parts(sums).values() if len(part) < 5]
        if len(small) <= 8:
            assert (derivable_below(groups, 5) is None) == (found is None)
            leaks += found is not None
        else:
            assert derivable_below(groups, 5)
    assert 30 < leaks < 290


def test_two_breakdowns_safe_alone_leak_together():
    teams = [frozenset(range(0, 8)), frozenset(range(8, 20))]
    roles = [frozenset(range(0, 11)), frozenset(range(11, 20))]
    assert derivable_below([*teams], 5) is None
    assert derivable_below([*roles], 5) is None
    assert derivable_below([*teams, *roles], 5) == 3


def test_small_parts_that_no_combination_separates_are_no_leak():
    """Three groups that overlap in ones and twos, but only their sum is published."""
    halves = [frozenset(range(0, 6)), frozenset(range(3, 9))]
    assert derivable_below(halves, 5) is None, "any combination touches six people or more"
    assert derivable_below([*halves, frozenset(range(3))], 5) == 3


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [([], 0), ([[0, 0]], 0), ([[1, 2], [2, 4]], 1), ([[1, 2, 3], [4, 5, 6], [7, 8, 10]], 3)],
)
def test_rank_is_exact(matrix: list[list[int]], expected: int):
    assert rank(matrix) == expected
