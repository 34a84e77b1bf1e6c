"""Days on which an agency is closed: public holidays of its state, and its own."""

from datetime import date, timedelta

import holidays
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.closing import REGIONS, check_region, closed_days

patient = settings(deadline=None, max_examples=60)


def test_federal_holidays_count_without_a_state_and_weekends_stand_by_their_observed_day():
    days = closed_days("", (), [2026])
    assert len(days) == 11
    assert days[date(2026, 7, 3)] == "Independence Day (observed)"
    assert date(2026, 7, 4) not in days  # a Saturday
    assert days[date(2026, 10, 12)] == "Columbus Day"


def test_a_state_adds_its_own_and_federal_holidays_stay():
    days = closed_days("CA", (), [2026])
    assert days[date(2026, 3, 31)] == "Cesar Chavez Day"
    assert days[date(2026, 10, 12)] == "Columbus Day"  # not a holiday of California
    assert date(2026, 3, 31) not in closed_days("WY", (), [2026])


def test_a_holiday_of_the_next_year_observed_in_this_one_counts_in_this_one():
    assert closed_days("", (), [2027])[date(2027, 12, 31)] == "New Year's Day (observed)"


def test_the_states_are_those_whose_holidays_are_known():
    assert set(REGIONS) == set(holidays.US.subdivisions)


def test_own_days_run_from_the_first_to_the_last_without_the_weekend_between():
    days = closed_days("", [(date(2026, 12, 24), date(2027, 1, 4), "Winter close")], [2026])
    own = [day for day, name in days.items() if "Winter close" in name]
    assert own == [date(2026, 12, day) for day in (24, 25, 28, 29, 30, 31)]
    assert days[date(2026, 12, 25)] == "Winter close; Christmas Day"


def test_overlapping_spans_are_named_once_each():
    spans = [(date(2026, 8, 3), date(2026, 8, 4), "Retreat"), (date(2026, 8, 4), date(2026, 8, 4), "Retreat"),
             (date(2026, 8, 4), date(2026, 8, 5), "Move")]  # fmt: skip
    days = closed_days("", spans, [2026])
    assert days[date(2026, 8, 4)] == "Retreat; Move"


def test_an_unknown_state_is_refused_wherever_it_comes_from():
    with pytest.raises(ValueError, match="XX"):
        closed_days("XX", (), [2026])
    with pytest.raises(ValidationError, match="XX"):
        check_region("XX")
    check_region("")
    check_region("PR")


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_every_state_and_territory_has_at_least_the_federal_days(region):
    assert set(closed_days("", (), [2026, 2027])) <= set(closed_days(region, (), [2026, 2027]))


@patient
@given(
    st.sampled_from(["", "CO", "PR"]),
    st.lists(st.tuples(st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(0, 40)), max_size=4),
    st.sets(st.integers(2025, 2028), max_size=3),
)
def test_no_weekend_and_no_other_year_is_ever_among_them(region, own, years):
    spans = [(first, first + timedelta(days=length), "Own") for first, length in own]
    days = closed_days(region, spans, years)
    assert all(day.weekday() < 5 and day.year in years for day in days)
    assert list(days) == sorted(days)
    for first, last, _name in spans:
        inside = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        assert all(day in days for day in inside if day.weekday() < 5 and day.year in years)
