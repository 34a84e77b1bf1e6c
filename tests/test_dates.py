"""Dates of a monthly series: open days, one local time, clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.dates import (
    at_local,
    closed_days,
    federal_holidays,
    is_closed,
    monthly,
    next_open_day,
    same_day_of_month,
)

patient = settings(deadline=None)  # a busy machine is no fault of the arithmetic

CHICAGO = ZoneInfo("America/Chicago")
TEN = time(10)


def never_closed(_day: date) -> bool:
    return False


def test_ten_monthly_calls_stay_on_their_day_and_step_over_weekends():
    days = [moment.date() for moment in monthly(date(2026, 8, 5), TEN, CHICAGO)]
    assert days == [
        date(2026, 8, 5),
        date(2026, 9, 7) + timedelta(days=1),  # the 5th is a Saturday, Monday the 7th is Labor Day
        date(2026, 10, 5),
        date(2026, 11, 5),
        date(2026, 12, 7),  # Saturday
        date(2027, 1, 5),
        date(2027, 2, 5),
        date(2027, 3, 5),
        date(2027, 4, 5),
        date(2027, 5, 5),
    ]


def test_ten_in_the_morning_stays_ten_across_the_clock_change():
    october, november = monthly(date(2026, 10, 14), TEN, CHICAGO, count=2)
    assert (october.hour, november.hour) == (10, 10)
    assert (october.astimezone(UTC).hour, november.astimezone(UTC).hour) == (15, 16)


def test_the_last_of_the_month_is_counted_from_the_first_date_and_does_not_creep_forward():
    days = [moment.date() for moment in monthly(date(2025, 1, 31), TEN, CHICAGO, count=3)]
    assert days == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]


def test_a_first_date_on_a_closed_day_is_pushed_too_and_the_next_month_keeps_the_day_asked_for():
    days = [moment.date() for moment in monthly(date(2026, 8, 15), TEN, CHICAGO, count=2)]
    assert days == [date(2026, 8, 17), date(2026, 9, 15)]


def test_a_closure_of_months_does_not_put_two_calls_on_one_day():
    summer = {date(2026, 6, 1) + timedelta(days=n) for n in range(75)}
    days = [moment.date() for moment in monthly(date(2026, 6, 10), TEN, CHICAGO, count=3, closed=summer)]
    assert days == [date(2026, 8, 17), date(2026, 8, 18), date(2026, 8, 19)]


def test_weekends_are_closed_even_if_the_callers_own_days_do_not_say_so():
    assert next_open_day(date(2026, 11, 21), closed=set()) == date(2026, 11, 23)


def test_a_year_without_an_open_day_is_refused_and_named():
    with pytest.raises(ValueError, match="No open day within a year from 2026-11-21"):
        monthly(date(2026, 11, 21), TEN, CHICAGO, closed=lambda day: True)


def test_a_time_the_clock_skips_moves_on_to_one_that_exists():
    moment = at_local(date(2026, 3, 8), time(2, 30), CHICAGO)
    assert (moment.hour, moment.minute) == (3, 30)
    assert moment.utcoffset() == timedelta(hours=-5)


def test_of_a_time_that_comes_twice_the_first_is_taken():
    moment = at_local(date(2026, 11, 1), time(1, 30, fold=1), CHICAGO)
    assert moment.utcoffset() == timedelta(hours=-5)
    assert moment.fold == 0


def test_a_day_that_a_place_skipped_altogether_is_not_used():
    apia = ZoneInfo("Pacific/Apia")  # Friday 30 December 2011 did not exist there
    assert monthly(date(2011, 12, 30), TEN, apia, count=1, closed=never_closed)[0].date() == date(2012, 1, 2)


@pytest.mark.parametrize(
    ("first", "count"), [(datetime(2026, 8, 5, tzinfo=UTC), 1), (datetime(2026, 8, 5, tzinfo=UTC), 0)]
)
def test_a_datetime_in_place_of_a_date_is_refused(first, count):
    with pytest.raises(TypeError):
        monthly(first, TEN, CHICAGO, count=count)


def test_a_time_with_its_own_zone_and_a_negative_count_are_refused():
    with pytest.raises(ValueError, match="without a zone"):
        at_local(date(2026, 8, 5), time(10, tzinfo=UTC), CHICAGO)
    with pytest.raises(ValueError, match="count"):
        monthly(date(2026, 8, 5), TEN, CHICAGO, count=-1)


def test_federal_holidays_are_closed_on_their_day_and_on_the_weekday_they_are_observed():
    assert date(2026, 7, 3) in federal_holidays(2026)
    assert date(2026, 7, 4) in federal_holidays(2026)
    assert date(2026, 11, 26) in federal_holidays(2026)
    # New Year's Day of 2028 is a Saturday, observed in the year before.
    assert date(2027, 12, 31) in federal_holidays(2027)
    assert date(2026, 11, 27) not in federal_holidays(2026)


def test_closed_days_are_the_weekends_and_holidays_of_those_years_and_no_others():
    days = closed_days([2026, 2027])
    assert date(2026, 1, 1) in days
    assert date(2027, 12, 25) in days
    assert date(2026, 11, 21) in days
    assert date(2026, 11, 20) not in days
    assert {day.year for day in days} == {2026, 2027}
    assert len([day for day in closed_days([2028]) if day.weekday() >= 5]) == 106


# --- properties ---------------------------------------------------------------------------------

firsts = st.dates(date(2020, 1, 1), date(2040, 12, 31))
zones = st.sampled_from(
    [ZoneInfo(name) for name in ("America/Chicago", "America/St_Johns", "Asia/Kathmandu", "Africa/Cairo")]
)
# Up to a quarter of all days, in runs: harder than any real calendar.
closures = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), max_size=4)


def days_from(first: date, runs: list[tuple[int, int]]) -> set[date]:
    return {first + timedelta(days=start + n) for start, length in runs for n in range(length)}


@patient
@given(firsts, zones, st.times(), closures)
def test_no_date_is_closed_all_rise_and_all_keep_the_local_time(first, zone, local_time, runs):
    closed = days_from(first, runs)
    local_time = local_time.replace(fold=0)
    moments = monthly(first, local_time, zone, closed=closed)
    assert len(moments) == 10
    for moment in moments:
        assert moment.tzinfo is zone
        assert moment.date() not in closed
        assert moment.weekday() < 5
        exists = moment.replace(tzinfo=None) == moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        assert exists
        gap = at_local(moment.date(), local_time, zone).time() != local_time
        assert moment.time() == local_time or gap
    days = [moment.date() for moment in moments]
    assert all(early < late for early, late in pairwise(days))
    assert days[0] >= first


@patient
@given(firsts)
def test_each_date_is_the_first_open_day_on_or_after_the_day_asked_for(first):
    for months, moment in enumerate(monthly(first, TEN, CHICAGO)):
        wanted = same_day_of_month(first, months)
        skipped = [wanted + timedelta(days=n) for n in range((moment.date() - wanted).days)]
        assert all(is_closed(day) for day in skipped)
        assert not is_closed(moment.date())


@patient
@given(firsts, closures)
def test_pushing_an_open_day_changes_nothing(first, runs):
    closed = days_from(first, runs)
    day = next_open_day(first, closed)
    assert next_open_day(day, closed) == day
    assert monthly(day, TEN, CHICAGO, count=1, closed=closed)[0].date() == day


@patient
@given(firsts, closures)
def test_a_set_and_a_predicate_of_the_same_days_give_the_same_dates(first, runs):
    closed = days_from(first, runs)
    by_predicate = monthly(first, TEN, CHICAGO, closed=lambda day: day in closed)
    assert monthly(first, TEN, CHICAGO, closed=closed) == by_predicate


@patient
@given(firsts, st.integers(0, 30), st.integers(0, 30))
def test_a_longer_series_begins_with_the_shorter_one(first, one, other):
    short, long = sorted((one, other))
    assert monthly(first, TEN, CHICAGO, count=long)[:short] == monthly(first, TEN, CHICAGO, count=short)


@patient
@given(firsts, st.integers(0, 240))
def test_the_same_day_of_the_month_is_in_that_month(first, months):
    day = same_day_of_month(first, months)
    assert (day.year * 12 + day.month) - (first.year * 12 + first.month) == months
    assert day.day == first.day or (day.day < first.day and (day + timedelta(days=1)).day == 1)
