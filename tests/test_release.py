"""Released figures: what is shown, what is withheld, and how it is rounded and kept."""

import json
import math
import random
import statistics
from dataclasses import replace
from typing import Any

import pytest

from assessments.disclosure import UnsafeRelease, audit
from assessments.headcounts import Count
from assessments.release import (
    Group,
    Respondent,
    Share,
    from_rows,
    release,
    to_rows,
    walk,
)
from tests import attacker
from tests.attacker import ONE_SCALE, SCALES, figures, made, organization, shown, spread

# --- which groups ---------------------------------------------------------------------------------------


def test_a_group_is_shown_from_k_on():
    assert shown(figures(made({"a": spread(5), "b": spread(5)}))) == {"", "a", "b"}
    assert shown(figures(made({"a": spread(4), "b": spread(5), "c": spread(6)}))) == {"", "c"}
    assert shown(figures(made({"a": spread(9), "b": spread(10)}), k=10)) == {""}


def test_an_agency_below_k_has_no_figures_at_all():
    published = figures(made({"a": spread(4)}))
    assert shown(published) == set()
    for row in to_rows(published):
        assert [row[name] for name in ("invited", "n", "rate", "mean", "interval", "levels")] == [None] * 6
        assert row["shown"] is False


def test_one_hidden_team_takes_the_next_smallest_with_it():
    assert shown(figures(made({"a": spread(3), "b": spread(9), "c": spread(7), "d": spread(8)}))) == {
        "",
        "b",
        "d",
    }


def test_two_hidden_teams_that_make_up_k_together_need_no_third():
    assert shown(figures(made({"a": spread(3), "b": spread(2), "c": spread(7)}))) == {"", "c"}


def test_a_team_that_nobody_answered_in_takes_nobody_with_it():
    assert shown(figures(made({"a": [], "b": spread(6), "c": spread(7)}))) == {"", "b", "c"}


def test_people_in_no_team_are_protected_like_a_hidden_team():
    assert shown(figures(made({"a": spread(6), "b": spread(9)}, loose=spread(2)))) == {"", "b"}
    assert shown(figures(made({"a": spread(6), "b": spread(9)}, loose=spread(5)))) == {"", "a", "b"}


def test_a_team_below_a_hidden_department_is_hidden():
    teams = (Group("t1", "T1", 6), Group("t2", "T2", 7))
    tree = Group(
        "agency", "Agency", 26, (Group("d1", "D1", 13, teams), Group("d2", "D2", 3), Group("d3", "D3", 10))
    )
    people = [(("d1", "t1"), 6), (("d1", "t2"), 7), (("d2",), 3), (("d3",), 10)]
    respondents = [
        Respondent(path, {"BO": 20 + one}, {"BO": "average"})
        for path, number in people
        for one in range(number)
    ]
    published = release(tree, respondents, scales=ONE_SCALE)
    assert shown(published) == {"", "d1", "d1/t1", "d1/t2"}
    larger = [*respondents, *(Respondent(("d3",), {"BO": 20}, {"BO": "low"}) for _ in range(5))]
    published = release(
        replace(tree, invited=31, children=(*tree.children[:2], Group("d3", "D3", 15))),
        larger,
        scales=ONE_SCALE,
    )
    assert shown(published) == {"", "d3"}, "d1 stands in for d2, and its teams go with it"


def test_the_groups_come_parent_first_in_the_order_of_the_tree():
    tree = Group(
        "a", "A", 0, (Group("d", "D", 0, (Group("x", "X", 0), Group("y", "Y", 0))), Group("e", "E", 0))
    )
    assert [path for path, _ in walk(tree)] == [(), ("d",), ("d", "x"), ("d", "y"), ("e",)]
    published = release(tree, [], scales=ONE_SCALE)
    assert [group.path for group in published.groups] == [path for path, _ in walk(tree)]


def test_only_fully_scored_respondents_count():
    """Else a total less its parts would be the one score of the person who skipped the other scale."""
    of = made({"a": spread(8), "b": spread(8)})
    respondents = [
        Respondent(one.path, {**one.scores, "CS": 30}, {**one.levels, "CS": None}) for one in of.respondents
    ]
    respondents[0] = replace(respondents[0], scores={"BO": 50, "CS": None})
    published = release(of.tree, respondents, scales={"BO": (), "CS": ()})
    assert published.agency.n == Count(15, 15)
    for cell in published.agency.cells:
        values = [one.scores[cell.scale] for one in respondents[1:]]
        assert cell.mean == pytest.approx(statistics.fmean(values), abs=0.05)


@pytest.mark.parametrize("k", [4, 1, 0, -5])
def test_k_below_five_is_refused(k: int):
    with pytest.raises(ValueError, match="refused"):
        figures(made({"a": spread(9)}), k=k)
    with pytest.raises(UnsafeRelease, match="refused"):
        audit(figures(made({"a": spread(9)})), [], k=k)
    with pytest.raises(UnsafeRelease, match="refused"):
        audit(replace(figures(made({"a": spread(9)})), k=k), [])


def test_what_does_not_fit_together_is_refused_and_named():
    of = made({"a": spread(9)})
    with pytest.raises(ValueError, match="9 is refused"):
        figures(of, k_levels=9)
    with pytest.raises(ValueError, match="at least one scale"):
        figures(of, scales={})
    with pytest.raises(ValueError, match="Group z of an answer is not in the tree"):
        release(of.tree, [Respondent(("a", "z"), {"BO": 20}, {"BO": "low"})], scales=ONE_SCALE)
    with pytest.raises(ValueError, match="Group a stands twice"):
        release(Group("agency", "Agency", 2, (Group("a", "A", 1), Group("a", "A", 1))), [], scales=ONE_SCALE)
    with pytest.raises(ValueError, match="Group a has more answers than invitations"):
        release(Group("agency", "Agency", 99, (Group("a", "A", 8),)), of.respondents, scales=ONE_SCALE)
    odd = [replace(one, levels={"BO": "4711"}) for one in of.respondents] + [
        replace(of.respondents[0], levels={})
    ]
    with pytest.raises(ValueError, match="none of the scale's levels") as caught:
        release(
            replace(of.tree, invited=10, children=()),
            [replace(one, path=()) for one in odd],
            scales=ONE_SCALE,
        )
    assert "4711" not in str(caught.value)


def test_the_repr_of_a_respondent_shows_no_score():
    assert repr(made({"a": [4711]}).respondents[0]) == "Respondent(hidden)"


# --- the figures ----------------------------------------------------------------------------------------


def test_means_have_one_decimal_for_the_agency_and_none_for_groups():
    published = figures(made({"a": [20, 21, 21, 21, 22, 22], "b": [30, 30, 31, 31, 31]}))
    assert [group.cells[0].mean for group in published.groups] == [25.5, 21.0, 31.0]
    halves = figures(made({"a": [20, 20, 20, 21, 21, 21], "b": spread(6)}))
    assert halves.groups[1].cells[0].mean == 21.0, "half a point is rounded up, not to the even number"


def test_only_the_agency_has_an_interval_and_it_is_the_t_interval():
    of = made({"a": spread(12), "b": spread(8)})
    published = figures(of)
    scores = [one.scores["BO"] for one in of.respondents]
    margin = 2.093 * statistics.stdev(scores) / math.sqrt(20)
    assert published.agency.cells[0].interval == pytest.approx(
        (statistics.fmean(scores) - margin, statistics.fmean(scores) + margin), abs=0.051
    )
    assert [group.cells[0].interval for group in published.groups[1:]] == [None, None]


def test_no_interval_where_its_lack_of_width_would_tell_everybodys_score():
    published = figures(made({"a": [30] * 6, "b": [30] * 6}))
    assert published.agency.cells[0].mean == 30.0
    assert published.agency.cells[0].interval is None


def test_level_distributions_start_at_ten_people():
    published = figures(made({"a": spread(10), "b": spread(9), "c": spread(11)}, loose=spread(10)))
    assert [bool(group.cells[0].levels) for group in published.groups] == [True, True, False, True]
    published = figures(made({"a": spread(10), "b": spread(11)}), k=11, k_levels=10)
    assert published.k_levels == 11
    assert [bool(group.cells[0].levels) for group in published.groups] == [True, False, False]


def test_a_level_distribution_leaves_none_or_ten_others():
    """Nine people's levels would follow from the agency's counts less the teams'."""
    published = figures(made({"a": spread(14), "b": spread(9), "c": spread(12)}))
    assert shown(published) == {"", "a", "b", "c"}
    assert [bool(group.cells[0].levels) for group in published.groups] == [True, True, False, False]


def test_no_distribution_where_one_level_holds_everyone_or_everyone_else():
    published = figures(made({"a": [15] * 12, "b": spread(12), "c": spread(14)}))
    assert shown(published) == {"", "a", "b", "c"}
    assert [bool(group.cells[0].levels) for group in published.groups] == [True, False, False, True]
    assert figures(made({"a": [15] * 12})).agency.cells[0].levels is None


def test_levels_are_counts_for_the_agency_and_tenths_for_groups():
    published = figures(made({"a": [15] * 13 + [30] * 6, "b": [15] * 10 + [50]}))
    assert published.agency.cells[0].levels == (
        Share("low", 77, 23),
        Share("average", 20, 6),
        Share("high", 3, 1),
    )
    assert published.groups[1].cells[0].levels == (
        Share("low", 70, None),
        Share("average", 30, None),
        Share("high", 0, None),
    )
    assert published.groups[2].cells[0].levels == (
        Share("low", 90, None),
        Share("average", 0, None),
        Share("high", 10, None),
    )


def test_a_single_person_among_many_never_rounds_away_to_everyone_at_one_level():
    published = figures(made({"a": [15] * 49 + [30], "b": spread(20)}))
    assert [share.percent for share in published.groups[1].cells[0].levels or ()] == [90, 10, 0]


def test_tenths_add_up_to_a_hundred_whatever_the_counts():
    dice = random.Random(3)
    for _ in range(300):
        levels = [15] * dice.randint(0, 40) + [30] * dice.randint(0, 40) + [45] * dice.randint(0, 3)
        published = figures(made({"a": levels, "b": spread(12)}))
        if shares := published.groups[1].cells[0].levels:
            assert sum(share.percent for share in shares) == 100
            held = [sum(attacker.level(score) == share.level for score in levels) > 0 for share in shares]
            assert [share.percent > 0 for share in shares] == held


def test_a_scale_without_levels_has_no_distribution():
    assert figures(made({"a": spread(12)}), scales={"BO": ()}).agency.cells[0].levels is None


def test_the_interval_may_be_computed_elsewhere():
    seen: list[Any] = []

    def other(values: Any) -> Any:
        seen.append(values)
        return Count(7, 9)

    assert figures(made({"a": spread(12)}), interval=other).agency.cells[0].interval == (7.0, 9.0)
    assert [len(values) for values in seen] == [12], "asked for the agency, never for a team"


def test_figures_hang_neither_on_the_order_of_answers_nor_on_who_else_skipped():
    of = organization(11)
    first = json.dumps(to_rows(release(of.tree, of.respondents, scales=SCALES)))
    for seed in range(5):
        mixed = list(of.respondents)
        random.Random(seed).shuffle(mixed)
        assert json.dumps(to_rows(release(of.tree, mixed, scales=SCALES))) == first


def test_kept_rows_give_back_the_same_release_to_the_byte():
    for seed in range(30):
        of = organization(seed)
        published = release(of.tree, of.respondents, scales=SCALES)
        kept = json.dumps(to_rows(published))
        assert from_rows(json.loads(kept)) == published
        assert json.dumps(to_rows(from_rows(json.loads(kept)))) == kept
    with pytest.raises(ValueError, match="at least one row"):
        from_rows([])


def test_a_row_holds_nothing_but_what_may_be_published():
    row = to_rows(figures(made({"a": spread(12)})))[1]
    assert sorted(row) == sorted(
        [
            "path",
            "name",
            "k",
            "k_levels",
            "invited",
            "n",
            "rate",
            "scale",
            "shown",
            "mean",
            "interval",
            "levels",
        ]
    )
