"""Change between two waves: linked only where that tells nothing about a few."""

import math
import os
import random
import statistics
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from assessments.change import Change, change, paired
from assessments.release import (
    Group,
    release,
    to_rows,
)
from tests import attacker
from tests.attacker import SCALES, Organization, exposed, figures, made, spread

ORGANIZATIONS = int(os.environ.get("ATTACK_ORGS", "300"))


def wave(teams: dict[str, int], people: dict[str, list[int]], dice: random.Random) -> Organization:
    """A wave in which these people of each team answered; ``teams``: how many were invited."""
    tree = Group(
        "agency", "Agency", sum(teams.values()), tuple(Group(key, key, size) for key, size in teams.items())
    )
    return Organization(
        tree,
        [attacker.respondent(dice, (key,), 0, f"{key}{one}") for key, own in people.items() for one in own],
    )


def compare(first: Organization, second: Organization, **options: Any) -> tuple[Change, ...]:
    released = (
        release(first.tree, first.respondents, scales=SCALES),
        release(second.tree, second.respondents, scales=SCALES),
    )
    return change(first.respondents, second.respondents, released=released, **options)


def test_the_same_people_twice_are_linked_with_d_av():
    dice = random.Random(1)
    first = wave({"a": 20, "b": 20}, {"a": [*range(20)], "b": [*range(20)]}, dice)
    second = wave({"a": 20, "b": 20}, {"a": [*range(20)], "b": [*range(20)]}, dice)
    found = compare(first, second)
    assert [one.scale for one in found] == ["CS", "BO", "SUM"]
    before, after = ([one.scores["BO"] or 0 for one in of.respondents] for of in (first, second))
    difference = statistics.fmean(after) - statistics.fmean(before)
    average = math.sqrt((statistics.stdev(before) ** 2 + statistics.stdev(after) ** 2) / 2)
    assert found[1] == Change(
        "BO", "linked", round(difference, 1), round(difference / average * (1 - 3 / 155), 2), 40, 40
    )


def test_people_who_are_not_linked_make_two_cross_sections_with_a_pooled_sd():
    dice = random.Random(2)
    first = wave({"a": 20}, {"a": [*range(20)]}, dice)
    second = wave({"a": 20}, {"a": [*range(16)]}, dice)
    nobody = replace(second, respondents=[replace(one, person=None) for one in second.respondents])
    found = compare(first, nobody)[0]
    before, after = ([one.scores["CS"] or 0 for one in of.respondents] for of in (first, second))
    pooled = math.sqrt((19 * statistics.variance(before) + 15 * statistics.variance(after)) / 34)
    d = (statistics.fmean(after) - statistics.fmean(before)) / pooled
    assert (found.kind, found.d, found.n_before, found.n_after) == (
        "repeated cross-section",
        round(d, 2),
        20,
        16,
    )


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (range(0, 20), "linked"),
        (range(0, 16), "repeated cross-section"),
        (range(0, 15), "linked"),
        (range(1, 21), "repeated cross-section"),
        (range(5, 25), "linked"),
        (range(16, 40), "repeated cross-section"),
        (range(15, 40), "linked"),
    ],
)
def test_people_are_linked_only_if_none_or_k_are_left_over_on_both_sides(second: range, kind: str):
    dice = random.Random(4)
    waves = [wave({"a": 60}, {"a": [*numbers]}, dice) for numbers in (range(20), second)]
    assert {one.kind for one in compare(*waves)} == {kind}


def test_the_linked_group_less_a_team_must_not_leave_a_few_either():
    """Twelve linked, eight not: fine by itself. But ten of the twelve are team a, whose mean is published."""
    dice = random.Random(5)
    everyone = {"a": [*range(10)], "b": [*range(10)]}
    first = wave({"a": 10, "b": 10}, everyone, dice)
    second = wave({"a": 20, "b": 20}, {"a": [*range(10)], "b": [0, 1, *range(20, 28)]}, dice)
    assert {one.kind for one in compare(first, second)} == {"repeated cross-section"}


def test_a_paired_group_published_before_is_still_checked_against_the_teams_of_the_new_wave():
    """The same twelve as in an earlier change; but in the new wave their teams set two of them apart."""
    dice = random.Random(8)
    invited = {"a": 20, "b": 20, "c": 20}
    first = wave(invited, {"a": [*range(12)], "b": [*range(12)]}, dice)
    second = wave(invited, {"a": [*range(12)], "c": [*range(12)]}, dice)
    moved = [replace(one, path=("c",)) if one.person in {"a0", "a1"} else one for one in second.respondents]
    both = paired(first.respondents, second.respondents)
    assert len(both) == 12
    for earlier in ([], [both]):
        assert {one.kind for one in compare(first, second, earlier=earlier)} == {"linked"}
        apart = replace(second, respondents=moved)
        assert {one.kind for one in compare(first, apart, earlier=earlier)} == {"repeated cross-section"}


def test_no_change_where_one_wave_withholds_the_agency():
    dice = random.Random(6)
    waves = [wave({"a": 9}, {"a": [*range(number)]}, dice) for number in (9, 4)]
    assert compare(*waves) == ()


def test_change_of_equal_scores_has_no_effect_size_instead_of_dividing_by_zero():
    of = made({"a": [30] * 6})
    found = change(of.respondents, of.respondents, released=(figures(of), figures(of)))
    assert found == (Change("BO", "linked", 0.0, None, 6, 6),)


def test_a_person_who_stands_twice_in_a_wave_is_refused():
    of = made({"a": spread(6)})
    with pytest.raises(ValueError, match="twice"):
        paired([*of.respondents, of.respondents[0]], of.respondents)


def linked_waves(seed: int) -> list[Organization]:
    """Three waves of one agency: people stay, leave, come, skip a wave, change team."""
    dice = random.Random(seed)
    teams = {f"t{number}": dice.randint(4, 14) for number in range(dice.randint(1, 4))}
    place = {f"{team}{one}": team for team, size in teams.items() for one in range(size)}
    turnover, absence = dice.choice([0, 0.05, 0.3]), dice.choice([0, 0.1, 0.4])
    found = []
    for number in range(3):
        for person in list(place):
            if dice.random() < turnover:
                del place[person]
                place[f"new{number}{person}"] = dice.choice(list(teams))
        answered = [person for person in place if dice.random() >= absence]
        sizes = {team: sum(own == team for own in place.values()) for team in teams}
        tree = Group(
            "agency", "Agency", len(place), tuple(Group(key, key, size) for key, size in sizes.items())
        )
        found.append(
            Organization(tree, [attacker.respondent(dice, (place[one],), 0, one) for one in answered])
        )
    return found


def attack_waves(waves: list[Organization], links: list[tuple[int, frozenset[str]]]) -> bool:
    """Whether anything about fewer than 5 follows; a linked change counts as a sum for each of its waves."""
    for number, of in enumerate(waves):
        rows = to_rows(release(of.tree, of.respondents, scales=SCALES))
        sums = attacker.published_means(
            [row for row in rows if row["scale"] == "BO"], of, attacker.on_all_scales
        )
        sums += [
            {(person, "BO"): 1 for person in both} for first, both in links if number in (first, first + 1)
        ]
        if exposed(sums, 5) is not None:
            return True
    return False


def test_linked_changes_of_three_waves_beside_their_releases_expose_nobody():
    linked = bare = 0
    for seed in range(ORGANIZATIONS):
        waves = linked_waves(seed)
        links: list[tuple[int, frozenset[str]]] = []
        careless: list[tuple[int, frozenset[str]]] = []
        for number, (first, second) in enumerate(pairwise(waves)):
            both = paired(first.respondents, second.respondents)
            found = compare(first, second, earlier=[earlier for _, earlier in links])
            if found and found[0].kind == "linked":
                links.append((number, both))
            left = [len(of.respondents) - len(both) for of in (first, second)]
            if len(both) >= 5 and all(rest == 0 or rest >= 5 for rest in left):
                careless.append((number, both))
        assert not attack_waves(waves, links), seed
        linked += len(links)
        bare += bool(careless) and attack_waves(waves, careless)
    assert linked > ORGANIZATIONS // 10, "the rule must leave something to publish"
    assert bare > 0, "the plain remainder rule is not enough, and the attacker sees it"
