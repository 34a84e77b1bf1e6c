"""The four stages of a rollout, from plain facts."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.stages import STAGE_LABELS, STAGES, STEP_LABELS, RolloutFacts, stage

patient = settings(deadline=None)  # a busy machine is no fault of the arithmetic

TODAY = date(2026, 11, 21)
NEW = RolloutFacts(today=TODAY)
COMMITTED = replace(NEW, people=90, commitment_on=date(2026, 5, 12))
PLANNED = replace(
    COMMITTED,
    baseline_opened_on=date(2026, 7, 1),
    baseline_closed_on=date(2026, 7, 20),
    first_session_on=date(2026, 12, 1),
    sessions_planned=6,
    calls_planned=10,
)
MIDWAY = replace(PLANNED, first_session_on=date(2026, 8, 3), sessions_held=6, calls_held=4)
DONE = replace(MIDWAY, calls_held=10, follow_ups_planned=3, follow_ups_closed=1)


@pytest.mark.parametrize(
    ("facts", "code", "share"),
    [
        (NEW, "exploration", Fraction(0)),
        (replace(NEW, people=90), "exploration", Fraction(1, 2)),
        (COMMITTED, "preparation", Fraction(0)),
        (replace(COMMITTED, baseline_opened_on=TODAY), "preparation", Fraction(1, 4)),
        (PLANNED, "preparation", Fraction(1)),
        (MIDWAY, "implementation", Fraction(10, 16)),
        (DONE, "sustainment", Fraction(1, 3)),
    ],
)
def test_a_rollout_goes_through_four_stages_with_its_share_of_progress(facts, code, share):
    found = stage(facts)
    assert (found.code, found.share) == (code, share)


def test_implementation_begins_on_the_day_of_the_first_session_and_not_before():
    assert stage(replace(PLANNED, first_session_on=date(2026, 11, 22))).code == "preparation"
    assert stage(replace(PLANNED, first_session_on=TODAY)).code == "implementation"


@pytest.mark.parametrize(
    "held", [{"sessions_planned": 2, "sessions_held": 1}, {"calls_planned": 2, "calls_held": 1}]
)
def test_a_session_or_call_held_is_implementation_whatever_else_is_known(held):
    assert stage(replace(COMMITTED, **held)).code == "implementation"


@pytest.mark.parametrize("facts", [PLANNED, MIDWAY, DONE])
def test_without_a_commitment_it_is_exploration_whatever_else_has_happened(facts):
    found = stage(replace(facts, commitment_on=None))
    assert (found.code, found.open_steps) == ("exploration", ("commitment",))
    assert found.share == Fraction(1, 2)


def test_a_commitment_that_has_run_out_still_counts():
    assert stage(replace(MIDWAY, commitment_on=date(2020, 1, 1))).code == "implementation"


def test_training_that_began_by_exception_is_implementation_and_names_what_was_skipped():
    found = stage(replace(MIDWAY, commitment_on=None, exception=True, baseline_closed_on=None))
    assert found.code == "implementation"
    assert found.open_steps == ("commitment", "baseline_closed")


def test_an_exception_lets_preparation_begin_with_the_commitment_still_open():
    found = stage(replace(PLANNED, commitment_on=None, exception=True))
    assert (found.code, found.open_steps) == ("preparation", ("commitment",))


def test_one_open_call_or_session_keeps_an_agency_in_implementation():
    assert stage(replace(DONE, calls_held=9)).code == "implementation"
    assert stage(replace(DONE, sessions_held=5)).code == "implementation"


def test_all_training_held_and_no_call_planned_is_not_sustainment():
    found = stage(replace(MIDWAY, calls_planned=0, calls_held=0))
    assert found.code == "implementation"
    assert found.open_steps == ("calls_planned",)


def test_sustainment_without_a_follow_up_wave_has_no_share_and_says_what_is_missing():
    found = stage(replace(DONE, follow_ups_planned=0, follow_ups_closed=0))
    assert found.share is None
    assert found.open_steps == ("follow_up",)


def test_steps_of_a_stage_still_ahead_are_not_called_open():
    assert stage(NEW).open_steps == ("roster", "commitment")
    assert stage(PLANNED).open_steps == ()


@pytest.mark.parametrize(
    "numbers",
    [
        {"calls_held": 1},
        {"sessions_planned": 2, "sessions_held": 3},
        {"follow_ups_closed": 1},
        {"calls_planned": 3, "calls_held": -1},
    ],
)
def test_more_held_than_planned_is_refused(numbers):
    with pytest.raises(ValueError, match="planned"):
        RolloutFacts(today=TODAY, **numbers)


# --- properties ---------------------------------------------------------------------------------

some_date = st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31))


@st.composite
def rollouts(draw) -> RolloutFacts:
    numbers = {}
    for planned, done in (
        ("sessions_planned", "sessions_held"),
        ("calls_planned", "calls_held"),
        ("follow_ups_planned", "follow_ups_closed"),
    ):
        numbers[planned] = draw(st.integers(0, 12))
        numbers[done] = draw(st.integers(0, numbers[planned]))
    return RolloutFacts(
        today=TODAY,
        people=draw(st.integers(0, 200)),
        commitment_on=draw(some_date),
        exception=draw(st.booleans()),
        baseline_opened_on=draw(some_date),
        baseline_closed_on=draw(some_date),
        first_session_on=draw(some_date),
        **numbers,
    )


@patient
@given(rollouts())
def test_any_facts_have_one_stage_with_a_share_between_nothing_and_everything(facts):
    found = stage(facts)
    assert found.code in STAGE_LABELS
    assert STAGES[found.number - 1] == found.code
    assert found.share is None or 0 <= found.share <= 1
    assert set(found.open_steps) <= set(STEP_LABELS)


@patient
@given(rollouts(), st.sampled_from(["sessions", "calls"]))
def test_holding_one_more_of_what_is_planned_never_moves_an_agency_back(facts, kind):
    held, planned = f"{kind}_held", f"{kind}_planned"
    more = replace(facts, **{held: min(getattr(facts, held) + 1, getattr(facts, planned))})
    before, after = stage(facts), stage(more)
    assert after.number >= before.number
    if after.code == before.code and before.share is not None:
        assert after.share >= before.share


@patient
@given(rollouts())
def test_time_passing_never_moves_an_agency_back(facts):
    assert stage(replace(facts, today=date(2028, 1, 1))).number >= stage(facts).number
