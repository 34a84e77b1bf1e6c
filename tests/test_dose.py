"""Which consultation calls count, and whether enough can still be reached."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultation.dose import DoseRule, call_counts, call_dose

patient = settings(deadline=None)  # a busy machine is no fault of the arithmetic


@pytest.mark.parametrize(
    ("minutes", "counts"), [(60, True), (50, True), (49, False), (0, False), (None, False)]
)
def test_a_call_counts_from_fifty_minutes_on(minutes, counts):
    assert call_counts(minutes, DoseRule()) is counts


@pytest.mark.parametrize(
    ("attended", "state", "counted", "short_by", "can_miss"),
    [
        ([], "on track", 0, 0, 2),
        ([60, 60, 60, 60], "on track", 4, 0, 2),
        ([60, None, 49, 60], "on track", 2, 0, 0),
        ([60, None, None, None], "cannot as planned", 1, 1, 0),
        ([60] * 8, "complete", 8, 0, 2),
        ([60] * 7 + [None, None], "on track", 7, 0, 0),
        ([60] * 7 + [None, None, 40], "cannot as planned", 7, 1, 0),
        ([50] * 10, "complete", 10, 0, 2),
    ],
)
def test_eight_of_ten_calls_are_needed(attended, state, counted, short_by, can_miss):
    dose = call_dose(attended, len(attended), 10)
    assert (dose.state, dose.counted, dose.short_by, dose.can_miss) == (state, counted, short_by, can_miss)


def test_one_of_four_calls_leaves_seven_reachable_and_one_make_up_to_close_the_gap():
    dose = call_dose([None, 60, None, 30], 4, 10)
    assert (dose.counted, dose.short, dose.missed) == (1, 1, 2)
    assert (dose.to_come, dose.reachable, dose.missing, dose.short_by) == (6, 7, 7, 1)


def test_the_share_is_of_all_planned_calls():
    assert call_dose([60, 60, 60, 60], 4, 10).share == Fraction(2, 5)
    assert call_dose([], 0, 0).share is None


def test_someone_who_joined_late_has_missed_the_calls_before():
    dose = call_dose([60], 3, 10)
    assert (dose.counted, dose.missed, dose.state) == (1, 2, "on track")


def test_a_series_shorter_than_what_is_needed_cannot_be_completed():
    assert call_dose([], 0, 6).state == "cannot as planned"
    assert call_dose([], 0, 6, DoseRule(needed=6)).state == "on track"


def test_an_agency_may_set_its_own_rule():
    assert call_dose([30, 30], 2, 4, DoseRule(min_minutes=30, needed=2)).state == "complete"


@pytest.mark.parametrize(
    ("attended", "held", "planned"), [([60, 60], 1, 10), ([], 11, 10), ([], -1, 10), ([-1], 1, 10)]
)
def test_numbers_that_do_not_fit_together_are_refused(attended, held, planned):
    with pytest.raises(ValueError, match=r"at most the next|0 or more"):
        call_dose(attended, held, planned)


@pytest.mark.parametrize("values", [{"min_minutes": 0}, {"needed": -1}])
def test_an_impossible_rule_is_refused(values):
    with pytest.raises(ValueError, match="must be"):
        DoseRule(**values)


# --- properties ---------------------------------------------------------------------------------


@st.composite
def histories(draw):
    attended = draw(st.lists(st.none() | st.integers(0, 90), max_size=12))
    held = len(attended) + draw(st.integers(0, 3))
    return attended, held, held + draw(st.integers(0, 12))


rules = st.builds(DoseRule, min_minutes=st.integers(1, 60), needed=st.integers(0, 12))


@patient
@given(histories(), rules)
def test_every_call_held_is_counted_short_or_missed(history, rule):
    attended, held, planned = history
    dose = call_dose(attended, held, planned, rule)
    assert dose.counted + dose.short + dose.missed == held
    assert dose.held + dose.to_come == dose.planned
    assert min(dose.counted, dose.short, dose.missed) >= 0
    assert (dose.state == "cannot as planned") == (dose.short_by > 0)
    assert dose.share is None or 0 <= dose.share <= 1


@patient
@given(histories(), rules)
def test_attending_every_call_ahead_completes_exactly_those_who_still_can(history, rule):
    attended, held, planned = history
    before = call_dose(attended, held, planned, rule)
    full = [*attended, *[None] * (held - len(attended)), *[rule.min_minutes] * before.to_come]
    after = call_dose(full, planned, planned, rule)
    assert (after.state == "complete") == (before.state != "cannot as planned")


@patient
@given(histories(), rules)
def test_as_many_calls_as_can_be_missed_may_be_missed_and_not_one_more(history, rule):
    attended, held, planned = history
    dose = call_dose(attended, held, planned, rule)
    missable = min(dose.can_miss, dose.to_come)
    assert call_dose(attended, held + missable, planned, rule).short_by == dose.short_by
    if missable < dose.to_come:
        assert call_dose(attended, held + missable + 1, planned, rule).state == "cannot as planned"


@patient
@given(histories(), rules, st.randoms(use_true_random=False))
def test_the_order_of_the_calls_does_not_matter(history, rule, random):
    attended, held, planned = history
    shuffled = list(attended)
    random.shuffle(shuffled)
    assert call_dose(shuffled, held, planned, rule) == call_dose(attended, held, planned, rule)


@patient
@given(histories(), rules, st.data())
def test_staying_longer_never_counts_less(history, rule, data):
    attended, held, planned = history
    if not attended:
        return
    n = data.draw(st.integers(0, len(attended) - 1))
    longer = [*attended[:n], (attended[n] or 0) + data.draw(st.integers(0, 60)), *attended[n + 1 :]]
    assert call_dose(longer, held, planned, rule).counted >= call_dose(attended, held, planned, rule).counted
