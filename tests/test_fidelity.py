"""Delivery fidelity of one log, and drift over several."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultation.fidelity import (
    ANSWERS,
    Entry,
    below_threshold,
    drift,
    fidelity,
    percent,
    points_text,
)

patient = settings(deadline=None)  # a busy machine is no fault of the arithmetic


def log(answers: str, *, may: str = "", prefix: str = "C") -> list[Entry]:
    """A log from letters: a aired, p partly, m missed, n not applicable, - unanswered."""
    words = {"a": "aired", "p": "partly", "m": "missed", "n": "na", "-": None}
    musts = [Entry(f"{prefix}{n}", True, words[letter]) for n, letter in enumerate(answers, 1)]
    return musts + [Entry(f"{prefix}may{n}", False, words[letter]) for n, letter in enumerate(may, 1)]


@pytest.mark.parametrize(
    ("answers", "score", "text"),
    [
        ("aaaaap", Fraction(11, 12), "5½ of 6"),
        ("aaaaaa", Fraction(1), "6 of 6"),
        ("mmmmmm", Fraction(0), "0 of 6"),
        ("pmmmmm", Fraction(1, 12), "½ of 6"),
        ("ppmmmm", Fraction(1, 6), "1 of 6"),
        ("aaannn", Fraction(1), "3 of 3"),
        ("apmn", Fraction(1, 2), "1½ of 3"),
        ("p", Fraction(1, 2), "½ of 1"),
    ],
)
def test_the_score_is_aired_and_half_of_partly_over_what_applies(answers, score, text):
    result = fidelity(log(answers))
    assert result.score == score
    assert points_text(result) == text


def test_a_log_in_which_nothing_applies_has_no_score():
    result = fidelity(log("nnn"))
    assert result.score is None
    assert result.complete
    assert (result.applicable, result.n_points) == (0, 3)
    assert fidelity([]).score is None


def test_a_log_with_an_open_must_point_is_incomplete_and_has_a_figure_so_far_but_no_score():
    result = fidelity(log("aaaaap------"))
    assert not result.complete
    assert result.unanswered == 6
    assert result.score is None
    assert result.so_far == Fraction(11, 12)
    assert points_text(result) == "5½ of 6"


def test_may_points_are_counted_and_shown_and_may_stay_open():
    result = fidelity(log("aa", may="apmn-"))
    assert result.complete
    assert result.score == 1
    counts = (result.may_aired, result.may_partly, result.may_missed)
    assert counts == (1, 1, 1)
    assert (result.may_not_applicable, result.may_unanswered, result.may_points) == (1, 1, 5)


def test_an_unknown_answer_is_refused_with_its_point():
    with pytest.raises(ValueError, match=r"C1: 'yes'"):
        Entry("C1", True, "yes")


@pytest.mark.parametrize("threshold", [0.80, Decimal("0.80"), Fraction(4, 5)])
def test_exactly_the_threshold_is_not_under_it(threshold):
    assert not below_threshold(Fraction(4, 5), threshold)
    assert below_threshold(Fraction(4, 5) - Fraction(1, 1000), threshold)
    assert not below_threshold(Fraction(1), threshold)


def test_no_score_is_not_under_the_threshold():
    assert not below_threshold(None)


def test_a_percentage_never_rounds_up_to_the_threshold():
    assert percent(Fraction(4, 5)) == 80
    assert percent(Fraction(799, 1000)) == 79
    assert percent(Fraction(0)) == 0
    assert percent(Fraction(1)) == 100


# --- drift --------------------------------------------------------------------------------------

GOOD, LOW, NONE, OPEN = "aaaaa", "aaamm", "nnnnn", "aaam-"


@pytest.mark.parametrize(
    ("logs", "low_in_a_row", "low"),
    [
        ([], 0, False),
        ([LOW], 1, False),
        ([LOW, LOW], 2, True),
        ([GOOD, LOW, LOW], 2, True),
        ([LOW, LOW, GOOD], 0, False),
        ([LOW, GOOD, LOW], 1, False),
        ([LOW, NONE, LOW], 2, True),
        ([LOW, LOW, OPEN], 2, True),
        ([LOW, LOW, LOW], 3, True),
    ],
)
def test_two_logs_in_a_row_under_the_threshold_are_drift_until_one_is_not(logs, low_in_a_row, low):
    found = drift([log(answers) for answers in logs])
    assert (found.low_in_a_row, found.low) == (low_in_a_row, low)
    assert found.drifting or not low


@pytest.mark.parametrize(
    ("answers_of_first_point", "drifting"),
    [
        ("mm", False),
        ("mmm", True),
        ("ammm", True),
        ("mmma", False),
        ("mmmp", False),
        ("mpmm", False),
        ("mmnm", True),
        ("mm-m", True),
        ("mmmn", True),
    ],
)
def test_a_point_missed_three_times_in_a_row_is_drift_however_high_the_score(
    answers_of_first_point, drifting
):
    found = drift([log(first + "aaaaaaaaa") for first in answers_of_first_point])
    assert found.points == (("C1",) if drifting else ())
    assert found.drifting == drifting


def test_a_point_that_a_call_does_not_have_does_not_end_its_run():
    with_it, without_it = log("maaaaaaaaa"), log("aaaaaa", prefix="X")
    assert drift([with_it, without_it, with_it, without_it, with_it]).points == ("C1",)


def test_a_may_point_left_out_again_and_again_is_not_drift():
    assert not drift([log("aaaaa", may="m")] * 5).drifting


def test_drift_uses_the_threshold_it_is_given():
    logs = [log("aaaam"), log("aaaam")]
    assert not drift(logs, 0.8).low
    assert drift(logs, 0.81).low


# --- properties ---------------------------------------------------------------------------------

answers = st.sampled_from([*ANSWERS, None])
answered = st.sampled_from(ANSWERS)


def entries_of(given_answers, must=True):
    return st.lists(given_answers, max_size=14).map(
        lambda row: [Entry(f"{must}{n}", must, answer) for n, answer in enumerate(row)]
    )


@patient
@given(entries_of(answered))
def test_the_score_of_a_full_log_lies_between_nothing_and_everything(entries):
    result = fidelity(entries)
    assert (result.score is None) == (result.applicable == 0)
    assert result.score is None or 0 <= result.score <= 1


@patient
@given(entries_of(answers), entries_of(answers, must=False), st.randoms(use_true_random=False))
def test_the_order_of_the_points_does_not_matter(musts, mays, random):
    shuffled = musts + mays
    random.shuffle(shuffled)
    assert fidelity(shuffled) == fidelity(musts + mays)


@patient
@given(entries_of(answers), entries_of(answers, must=False))
def test_may_points_change_neither_score_nor_completeness(musts, mays):
    without, with_them = fidelity(musts), fidelity(musts + mays)
    assert (without.score, without.so_far, without.complete) == (
        with_them.score,
        with_them.so_far,
        with_them.complete,
    )
    assert points_text(without) == points_text(with_them)
    assert with_them.may_points == len(mays)


@patient
@given(entries_of(answers))
def test_every_point_is_counted_once(entries):
    result = fidelity(entries)
    assert result.n_points == len(entries)
    assert result.complete == all(entry.answer is not None for entry in entries)


@patient
@given(entries_of(answered), st.data())
def test_airing_a_point_more_never_lowers_the_score(entries, data):
    open_to_rise = [n for n, entry in enumerate(entries) if entry.answer in ("missed", "partly")]
    if not open_to_rise:
        return
    n = data.draw(st.sampled_from(open_to_rise))
    better = "partly" if entries[n].answer == "missed" else "aired"
    raised = [*entries[:n], Entry(entries[n].code, True, better), *entries[n + 1 :]]
    assert fidelity(raised).score > fidelity(entries).score


@patient
@given(entries_of(answered), st.integers(0, 5))
def test_points_that_do_not_apply_do_not_count(entries, extra):
    more = entries + [Entry(f"n{n}", True, "na") for n in range(extra)]
    assert fidelity(more).score == fidelity(entries).score


@patient
@given(st.lists(entries_of(answers), max_size=8))
def test_a_flawless_log_ends_every_run_of_its_points(logs):
    flawless = [Entry(f"True{n}", True, "aired") for n in range(14)]
    assert not drift([*logs, flawless]).drifting


@patient
@given(st.lists(entries_of(answers), max_size=8))
def test_drift_looks_back_from_the_newest_and_never_longer_than_there_are_logs(logs):
    found = drift(logs)
    scored = [score for entries in logs if (score := fidelity(entries).score) is not None]
    assert 0 <= found.low_in_a_row <= len(scored)
    assert all(below_threshold(score) for score in scored[len(scored) - found.low_in_a_row :])
    assert all(1 <= times <= len(logs) for _code, times in found.missed_in_a_row)
