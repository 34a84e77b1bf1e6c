"""Scores, precision, group statistics, and the reading of one's own result."""

import math
import random
import re
import statistics

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assessments.instruments import INSTRUMENTS
from assessments.reading import position, read
from assessments.reading_words import SKILLS, WORDS
from assessments.scoring import (
    Interval,
    Level,
    ScoringError,
    group_statistics,
    level,
    level_distribution,
    mean,
    norm_position,
    reliable_change,
    score,
    score_interval,
    sd,
    standard_error,
    t_interval,
    t_quantile,
)
from tests.independent_scorer import score_row

PROQOL = INSTRUMENTS["proqol-5"]
CS, BO, STS = PROQOL.scales
MIXED = [5, 5, 5, 5, 1, 5, 2, 5, 1, 2, 3, 5, 3, 1, 2, 4, 5, 5, 1, 2, 1, 5, 1, 4, 3, 4, 5, 2, 3, 2]
complete = st.lists(st.integers(1, 5), min_size=30, max_size=30)
with_blanks = st.lists(st.none() | st.integers(1, 5), min_size=30, max_size=30)
quiet = settings(deadline=None, database=None)


def random_answers(count: int) -> list[list[int | None]]:
    """Vectors from complete to mostly blank, the same in every run."""
    dice = random.Random(5)
    everyone: list[list[int | None]] = []
    for _ in range(count):
        blank = dice.choice([0, 0, 0.02, 0.1, 0.6])
        everyone.append([None if dice.random() < blank else dice.randint(1, 5) for _ in range(30)])
    return everyone


@pytest.mark.parametrize(
    ("answers", "sums", "levels"),
    [
        ([3] * 30, [30, 30, 30], ["average", "average", "average"]),
        ([1] * 30, [10, 30, 10], ["low", "average", "low"]),
        (MIXED, [42, 23, 22], ["high", "average", "low"]),
    ],
    ids=["all 3", "all 1", "mixed"],
)
def test_worked_examples_agree(answers: list[int], sums: list[int], levels: list[str]):
    scores = score(PROQOL, answers)
    assert list(scores.values().values()) == sums
    assert [scale.level for scale in scores.scales] == levels


def test_ten_thousand_random_vectors_agree_with_an_independent_scorer():
    answers = random_answers(10_000)
    unscored = 0
    for row in answers:
        ours = [(s.value, s.level or "not scored") for s in score(PROQOL, row).scales]
        assert ours == score_row(row)
        unscored += sum(value is None for value, _ in ours)
    assert 5_000 < unscored < 25_000  # both kinds are well represented


@given(with_blanks)
@quiet
def test_a_blank_unscores_its_scale_and_no_other(answers: list[int | None]):
    scores = score(PROQOL, answers)
    for scale in PROQOL.scales:
        blanks = tuple(number for number in scale.items if answers[number - 1] is None)
        assert scores[scale.code].missing == blanks
        assert (scores[scale.code].value is None) == (scores[scale.code].level is None) == bool(blanks)


@given(complete)
@quiet
def test_turning_every_answer_turns_every_score(answers: list[int]):
    turned = score(PROQOL, [6 - answer for answer in answers]).values()
    for code, value in score(PROQOL, answers).values().items():
        assert value is not None
        assert 10 <= value <= 50
        assert turned[code] == 60 - value


@given(complete, st.integers(1, 30))
@quiet
def test_one_answer_up_moves_its_own_scale_by_one_in_its_direction(answers: list[int], number: int):
    answers[number - 1] = min(answers[number - 1], 4)
    before = score(PROQOL, answers)
    answers[number - 1] += 1
    after = score(PROQOL, answers)
    item = PROQOL.items[number - 1]
    for scale in PROQOL.scales:
        step = (after[scale.code].value or 0) - (before[scale.code].value or 0)
        assert step == (0 if scale.code != item.scale else -1 if item.reversed else 1)


@pytest.mark.parametrize("bad", [0, 6, -1, 3.0, "3", True])
def test_an_impossible_answer_is_refused_by_item_and_never_repeated(bad: object):
    answers: list = [3] * 30
    answers[16] = bad
    with pytest.raises(ScoringError) as caught:
        score(PROQOL, answers)
    assert caught.value.item == 17
    assert str(caught.value) == "item 17: the answer is not a whole number from 1 to 5"


@pytest.mark.parametrize("count", [0, 29, 31])
def test_a_wrong_number_of_answers_is_refused(count: int):
    with pytest.raises(ScoringError, match=f"{count} answers given; proqol-5 has 30 items") as caught:
        score(PROQOL, [3] * count)
    assert caught.value.item is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(10, "low"), (22, "low"), (23, "average"), (41, "average"), (42, "high"), (50, "high")],
)
def test_levels_follow_the_raw_cuts(value: int, expected: str):
    assert level(PROQOL, value) == expected


def test_neither_scores_nor_a_reading_show_themselves_in_a_log():
    scores = score(PROQOL, MIXED)
    reading = read(PROQOL, scores)
    for shown in (scores, scores["CS"], reading, reading.scales[0], reading.scales[0].result):
        assert not re.search(r"42|high|CS", re.sub(r" at 0x[0-9a-f]+", "", repr(shown)))


def test_an_unknown_scale_code_is_a_key_error():
    with pytest.raises(KeyError):
        score(PROQOL, [3] * 30)["CF"]


# --- precision and position


def test_standard_errors_and_reliable_change_agree_with_the_published_figures():
    assert [round(standard_error(scale, PROQOL.norm), 2) for scale in PROQOL.scales] == [2.25, 2.70, 2.48]
    assert [reliable_change(scale, PROQOL.norm) for scale in PROQOL.scales] == [7, 8, 7]


def test_the_interval_is_centered_and_ends_at_the_range():
    assert score_interval(BO, PROQOL.norm, 27) == Interval(pytest.approx(21.708), pytest.approx(32.292))
    assert score_interval(CS, PROQOL.norm, 49).high == 50
    assert score_interval(STS, PROQOL.norm, 11).low == 10


def test_an_average_sum_of_thirty_lies_far_above_the_norm_for_secondary_stress():
    place = norm_position(STS, PROQOL.norm, 30)
    assert round(place.z, 1) == 2.3
    assert place.t == pytest.approx(50 + 10 * 13.3 / 5.7)
    assert place.norm.name == "De La Rosa et al. 2018"
    assert norm_position(CS, PROQOL.norm, 30).z == pytest.approx(-7.7 / 6.5)


# --- groups


@pytest.mark.parametrize("df", [*range(1, 40), 99, 100, 1_234, 5_611])
@pytest.mark.parametrize("probability", [0.5, 0.6, 0.9, 0.975, 0.995, 0.9999])
def test_t_quantiles_agree_with_scipy(df: int, probability: float):
    expected = stats.t.ppf(probability, df)
    assert t_quantile(probability, df) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("probability", "df"), [(0.4, 5), (1.0, 5), (0.975, 0), (math.nan, 5)])
def test_a_t_quantile_outside_its_range_is_refused(probability: float, df: int):
    with pytest.raises(ValueError, match="t_quantile"):
        t_quantile(probability, df)


@given(st.lists(st.integers(10, 50), min_size=2, max_size=60))
@quiet
def test_mean_sd_and_interval_agree_with_scipy(values: list[int]):
    center, spread = np.mean(values), np.std(values, ddof=1)
    assert mean(values) == pytest.approx(center)
    assert sd(values) == pytest.approx(spread)
    margin = stats.t.ppf(0.975, len(values) - 1) * spread / math.sqrt(len(values))
    ours = t_interval(values)
    assert ours.low == pytest.approx(center - margin, abs=1e-9)
    assert ours.high == pytest.approx(center + margin, abs=1e-9)


def test_statistics_of_too_few_values_are_refused():
    with pytest.raises(statistics.StatisticsError):
        mean([])
    with pytest.raises(statistics.StatisticsError):
        sd([30])
    with pytest.raises(ValueError):  # noqa: PT011
        t_interval([30])


def test_the_level_distribution_counts_everyone_and_shows_empty_levels():
    assert level_distribution(PROQOL, [22, 23, 41, 30]) == {Level.LOW: 1, Level.AVERAGE: 3, Level.HIGH: 0}


def test_a_group_counts_those_not_scored_apart():
    group = group_statistics(PROQOL, [20, None, 30, 43, None])
    assert (group.n, group.unscored, group.mean) == (3, 2, 31)
    assert group.sd == pytest.approx(math.sqrt(133))
    assert group.interval is not None
    assert group.interval.high == pytest.approx(31 + 4.302652729911275 * math.sqrt(133 / 3))
    assert group.levels == {Level.LOW: 1, Level.AVERAGE: 1, Level.HIGH: 1}


def test_a_group_of_one_has_a_mean_and_no_spread_and_an_empty_one_has_neither():
    one = group_statistics(PROQOL, [30])
    assert (one.n, one.mean, one.sd, one.interval) == (1, 30, None, None)
    nobody = group_statistics(PROQOL, [None])
    assert (nobody.n, nobody.unscored, nobody.mean, nobody.sd, nobody.interval) == (0, 1, None, None, None)
    assert set(nobody.levels.values()) == {0}


# --- the reading


def answers_for(code: str, value: int) -> list[int | None]:
    """Answers that give this sum on one scale, 3 everywhere else."""
    answers: list[int | None] = [3] * 30
    scale = PROQOL.scale(code)
    for place, number in enumerate(scale.items):
        points = value // 10 + (place < value % 10)
        answers[number - 1] = 6 - points if number in scale.reversed else points
    return answers


def result_of(code: str, value: int):
    reading = read(PROQOL, score(PROQOL, answers_for(code, value)))
    (scale,) = [scale for scale in reading.scales if scale.code == code]
    assert scale.result is not None
    assert scale.result.value == value
    return scale.result


def test_every_installed_instrument_has_words_for_every_scale_and_level():
    for code, instrument in INSTRUMENTS.items():
        wanted = {(code, scale.code, level) for scale in instrument.scales for level in Level}
        assert wanted <= set(WORDS)
    assert {words.skill for words in WORDS.values()} == set(SKILLS)


@pytest.mark.parametrize("code", ["CS", "BO", "STS"])
@pytest.mark.parametrize("value", [10, 22, 23, 41, 42, 50])
def test_a_reading_says_what_it_says_what_not_one_skill_and_where_to_turn(code: str, value: int):
    result = result_of(code, value)
    words = WORDS["proqol-5", code, level(PROQOL, value)]
    assert (result.says, result.says_not) == (str(words.says), str(words.says_not))
    assert all([result.skill.domain, result.skill.name, result.skill.how, result.turn_to])
    assert result.level_text == level(PROQOL, value).value
    assert result.level_source == "manual's raw cuts"
    assert 10 <= result.low <= value <= result.high <= 50


def test_a_reading_gives_range_norm_and_reliable_change_in_whole_points():
    result = result_of("CS", 38)
    assert (result.low, result.high, result.interval_text) == (34, 42, "likely between 34 and 42")
    assert result.norm.position == "near"
    assert (
        result.norm.text
        == "Near the mean of 37.7 in De La Rosa et al. 2018 (provisional norm, 5,612 people)."
    )
    assert "from 7 points on" in result.change_text
    assert [result_of(code, 30).change_from for code in ("CS", "BO", "STS")] == [7, 8, 7]


def test_an_average_that_lies_far_from_the_norm_says_so_and_turns_to_someone():
    result = result_of("STS", 31)
    assert result.level is Level.AVERAGE
    assert result.norm.position == "well above"
    assert "call this average all the same" in result.norm.text
    assert result.turn_to == str(WORDS["proqol-5", "STS", Level.HIGH].turn_to)
    assert result_of("CS", 24).turn_to == str(WORDS["proqol-5", "CS", Level.LOW].turn_to)
    assert result_of("STS", 26).turn_to == str(WORDS["proqol-5", "STS", Level.AVERAGE].turn_to)


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        (0, "near"),
        (0.99, "near"),
        (-0.99, "near"),
        (1, "above"),
        (-1, "below"),
        (2, "well above"),
        (-2, "well below"),
    ],
)
def test_norm_positions_in_words(z: float, expected: str):
    assert position(z) == expected


@pytest.mark.parametrize(
    ("blanks", "told"), [([4], "statement 4 was left blank"), ([8, 4], "statements 4, 8 were left blank")]
)
def test_a_scale_not_scored_names_the_blanks_and_has_no_figure(blanks: list[int], told: str):
    answers: list[int | None] = [3] * 30
    for number in blanks:
        answers[number - 1] = None
    satisfaction, burnout, stress = read(PROQOL, score(PROQOL, answers)).scales
    assert burnout.result is None
    assert told in burnout.not_scored
    assert satisfaction.result is not None
    assert stress.not_scored == ""


def test_directions_are_said_in_words():
    reading = read(PROQOL, score(PROQOL, [3] * 30))
    assert [scale.direction for scale in reading.scales] == [
        "Higher is better.",
        "Lower is better.",
        "Lower is better.",
    ]


def test_the_agencys_own_contact_comes_first_and_the_lifeline_always_stands():
    scores = score(PROQOL, MIXED)
    assert (
        read(PROQOL, scores, agency_contact="Peer line, 555-0137").where_to_turn[0] == "Peer line, 555-0137"
    )
    without = read(PROQOL, scores).where_to_turn
    assert "employee assistance" in without[0]
    assert "988" in without[-1]


def test_a_reading_carries_credit_link_and_caveats():
    reading = read(PROQOL, score(PROQOL, MIXED))
    assert "Stamm" in reading.credit
    assert reading.link == "https://proqol.org"
    assert any("no total" in text for text in reading.how_to_read)
    assert any("two ends of one thing" in text for text in reading.how_to_read)
    assert "last 30 days" in reading.intro


def test_every_text_of_a_reading_goes_through_the_language_in_force(monkeypatch: pytest.MonkeyPatch):
    marked = {"low": "bajo", "Burnout": "Desgaste", "Higher is better.": "Más es mejor."}
    catalog = translation.trans_real.translation("es")
    monkeypatch.setattr(catalog, "gettext", lambda text: marked.get(text, text))
    with translation.override("es"):
        reading = read(PROQOL, score(PROQOL, answers_for("BO", 20)))
    assert reading.scales[0].direction == "Más es mejor."
    assert reading.scales[1].name == "Desgaste"
    assert reading.scales[1].result is not None
    assert reading.scales[1].result.level_text == "bajo"
