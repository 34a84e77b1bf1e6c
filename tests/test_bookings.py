"""A trainer is in one place at a time: sessions, calls and days away, in any zones, on nights of a clock change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultation.actions import create_series
from rollout import trainers
from rollout import training_actions as actions
from rollout.bookings import (
    Booking,
    agencies_known,
    away_bookings,
    bookings_of,
    clashes,
    clashes_of,
    entry,
    whole_days,
    zone_of,
)
from rollout.dates import at_local
from rollout.models import Agency, Session, TrainerAway, TrainerProfile
from rollout.refusals import Refused

from .conftest import NOW
from .training_cast import a_cohort

DENVER, NEW_YORK, KOLKATA = "America/Denver", "America/New_York", "Asia/Kolkata"
LORD_HOWE, CHATHAM, KATHMANDU = "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kathmandu"


@pytest.fixture
def both(cast: Any) -> Any:
    """One trainer for both agencies, a cohort in each."""
    cast.other.trainers.add(cast.trainer)
    cast.ours = a_cohort(cast.agency, cast.leader)
    cast.theirs = a_cohort(cast.other, cast.other_leader, "Harbor")
    return cast


def plan(cohort: Any, on: date, clock: str, hours: float, *, zone: str, cast: Any, by: Any = None) -> Session:
    """A session of the trainer at that wall-clock time in that zone, which becomes its agency's."""
    Agency.objects.filter(pk=cohort.agency_id).update(time_zone=zone)
    cohort.agency.refresh_from_db()
    start = at_local(on, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)
    session = Session(
        cohort=cohort,
        title="Day",
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        trainer=cast.trainer,
    )
    return actions.save_session(
        session, cohort.curriculum.modules.filter(day=1), by=by or cast.leader, at=NOW
    )


WINTER, SPRING, FALL = date(2026, 12, 3), date(2027, 3, 14), date(2026, 11, 1)
OCTOBER = date(2026, 10, 4)
"""Lord Howe goes from 2:00 to 2:30."""
MEETINGS = [
    # zone, day, start, hours; zone, day, start, hours; do they meet
    ("the same hour two zones apart", DENVER, WINTER, "09:00", 1, NEW_YORK, WINTER, "11:30", 1, True),
    ("one after the other", DENVER, WINTER, "09:00", 1, NEW_YORK, WINTER, "12:00", 1, False),
    ("the same wall clock, two hours apart", DENVER, WINTER, "09:00", 2, NEW_YORK, WINTER, "09:00", 2, False),
    ("half an hour of India", DENVER, WINTER, "09:00", 1, KOLKATA, WINTER, "22:00", 0.5, True),
    ("just after half an hour of India", DENVER, WINTER, "09:00", 1, KOLKATA, WINTER, "22:30", 0.5, False),
    ("45 minutes of Nepal", DENVER, WINTER, "09:00", 1, KATHMANDU, WINTER, "22:44", 1, True),
    ("after 45 minutes of Nepal", DENVER, WINTER, "09:00", 1, KATHMANDU, WINTER, "22:45", 1, False),
    ("the next day's date in Chatham", DENVER, WINTER, "09:00", 1, CHATHAM, date(2026, 12, 4), "05:50", 1, True),
    ("summer time begins in New York first", DENVER, SPRING, "00:30", 1, NEW_YORK, SPRING, "03:30", 1, True),
    ("an hour that the clock skips", DENVER, SPRING, "01:30", 1, DENVER, SPRING, "03:15", 1, True),
    ("after the skipped hour", DENVER, SPRING, "01:30", 0.5, DENVER, SPRING, "03:00", 1, False),
    ("an hour that comes twice", DENVER, FALL, "01:30", 1.5, DENVER, FALL, "02:00", 1, False),
    ("an hour that comes twice, longer", DENVER, FALL, "01:30", 1.75, DENVER, FALL, "02:00", 1, True),
    ("Arizona keeps its clock", DENVER, SPRING, "10:00", 1, "America/Phoenix", SPRING, "09:30", 1, True),
    ("Arizona in winter", DENVER, WINTER, "10:00", 1, "America/Phoenix", WINTER, "09:30", 0.5, False),
    ("half an hour of summer time on Lord Howe", LORD_HOWE, OCTOBER, "01:45", 1, LORD_HOWE, OCTOBER, "03:00", 1, True),
]  # fmt: skip


@pytest.mark.parametrize("case", MEETINGS, ids=[case[0] for case in MEETINGS])
def test_two_agencies_meet_in_real_time_whatever_their_clocks_say(both, case):
    _name, zone, on, clock, hours, zone_2, on_2, clock_2, hours_2, meets = case
    plan(both.ours, on, clock, hours, zone=zone, cast=both)
    if meets:
        with pytest.raises(Refused, match="already booked"):
            plan(both.theirs, on_2, clock_2, hours_2, zone=zone_2, cast=both, by=both.other_leader)
    else:
        plan(both.theirs, on_2, clock_2, hours_2, zone=zone_2, cast=both, by=both.other_leader)
    assert Session.objects.count() == 2 - meets


def test_both_entries_are_shown_each_with_its_own_zone_to_whoever_knows_both(both):
    plan(both.ours, WINTER, "09:00", 2, zone=DENVER, cast=both)
    with pytest.raises(Refused) as refusal:
        plan(both.theirs, WINTER, "12:00", 2, zone=NEW_YORK, cast=both, by=both.trainer)
    text = str(refusal.value)
    assert (
        "“Day” at Clearwater Family Services, Thursday, December 3, 2026, 9 a.m. to 11 a.m. America/Denver"
        in text
    )
    assert "(Thursday, December 3, 2026, 11 a.m. to 1 p.m. America/New_York time)" in text
    assert "This training session: Thursday, December 3, 2026, noon to 2 p.m." in text


def test_whoever_may_not_know_the_other_agency_learns_only_when_and_in_their_own_zone(both):
    plan(both.ours, WINTER, "09:00", 2, zone=DENVER, cast=both)
    with pytest.raises(Refused) as refusal:
        plan(both.theirs, WINTER, "12:00", 2, zone=NEW_YORK, cast=both, by=both.other_leader)
    text = str(refusal.value)
    assert "already booked: booked Thursday, December 3, 2026, 11 a.m. to 1 p.m. This" in text
    assert not [word for word in ("Clearwater", "Denver", "“Day”", "9 a.m.") if word in text]


def test_a_call_and_a_session_exclude_each_other_both_ways(both):
    start = at_local(WINTER, time(9), ZoneInfo(DENVER)).astimezone(UTC)
    series = {
        "name": "Supervisors",
        "members": [both.team.supervisor],
        "trainer": both.trainer,
        "by": both.leader,
        "at": NOW,
    }
    starts = [start + timedelta(days=30 * number) for number in range(10)]
    create_series(both.agency, starts=starts, **series)
    with pytest.raises(Refused, match="already booked: booked Thursday, December 3"):
        plan(both.theirs, WINTER, "11:30", 1, zone=NEW_YORK, cast=both, by=both.other_leader)
    plan(both.theirs, WINTER, "12:00", 1, zone=NEW_YORK, cast=both, by=both.other_leader)
    later = [each + timedelta(hours=1, minutes=30) for each in starts]
    with pytest.raises(Refused, match="already booked"):
        create_series(both.agency, starts=later, **series | {"name": "Others"})


# --- Days away ----------------------------------------------------------------------------------------------------


def away(cast: Any, first: date, last: date, zone: str = DENVER) -> TrainerAway:
    TrainerProfile.objects.update_or_create(user=cast.trainer, defaults={"time_zone": zone})
    return trainers.add_away(
        cast.trainer, from_on=first, until_on=last, note="Family", by=cast.trainer, at=NOW
    )


@pytest.mark.parametrize(
    ("clock", "hours", "free"),
    [("22:00", 2, True), ("22:00", 2.25, False), ("23:45", 1, False)],
)
def test_no_session_reaches_into_a_day_away(both, clock, hours, free):
    away(both, WINTER, WINTER)
    before = WINTER - timedelta(days=1)
    if free:
        assert plan(both.ours, before, clock, hours, zone=DENVER, cast=both)
    else:
        with pytest.raises(Refused, match="already booked: away, Thursday, December 3, 2026, midnight to"):
            plan(both.ours, before, clock, hours, zone=DENVER, cast=both)


def test_days_away_are_whole_days_in_the_trainers_zone_not_the_agencys(both):
    away(both, WINTER, WINTER, zone=KOLKATA)
    # 3 December in India is 2 December 11:30 to 3 December 11:30 in Denver.
    assert plan(both.ours, WINTER, "11:30", 1, zone=DENVER, cast=both)
    with pytest.raises(Refused):
        plan(both.ours, date(2026, 12, 2), "18:00", 1, zone=DENVER, cast=both)


def test_days_away_refuse_calls_too(both):
    away(both, WINTER, WINTER)
    start = at_local(WINTER, time(9), ZoneInfo(DENVER)).astimezone(UTC)
    with pytest.raises(Refused, match="away"):
        create_series(
            both.agency, name="S", members=[both.team.supervisor], trainer=both.trainer, by=both.leader, at=NOW,
            starts=[start + timedelta(days=30 * number) for number in range(10)],
        )  # fmt: skip


def test_days_that_hold_a_booking_are_not_given_away_and_both_are_shown(both):
    plan(both.ours, WINTER, "09:00", 1, zone=DENVER, cast=both)
    with pytest.raises(Refused) as refusal:
        away(both, date(2026, 12, 1), WINTER)
    text = str(refusal.value)
    assert "“Day” at Clearwater Family Services, Thursday, December 3, 2026, 9 a.m. to 10 a.m." in text
    assert "away, Tuesday, December 1, 2026, midnight to Friday, December 4, 2026, midnight" in text
    assert not TrainerAway.objects.exists()
    trainers.remove_away(away(both, date(2026, 12, 1), date(2026, 12, 2)), by=both.trainer, at=NOW)
    assert plan(both.ours, date(2026, 12, 1), "09:00", 1, zone=DENVER, cast=both)


@pytest.mark.parametrize(
    ("on", "zone", "hours"),
    [
        (SPRING, DENVER, 23),
        (FALL, DENVER, 25),
        (WINTER, KOLKATA, 24),
        (date(2026, 10, 4), LORD_HOWE, 23.5),
        (date(2026, 9, 6), "America/Santiago", 23),  # midnight itself is skipped
    ],
)
def test_a_day_away_is_as_long_as_that_day(on, zone, hours):
    first, last = whole_days(on, on, ZoneInfo(zone))
    assert (last.astimezone(UTC) - first.astimezone(UTC)) == timedelta(hours=hours)


@given(
    zone=st.sampled_from([DENVER, NEW_YORK, KOLKATA, LORD_HOWE, CHATHAM, "America/Santiago", "Africa/Cairo"]),
    day=st.dates(date(2025, 1, 1), date(2029, 12, 31)),
    length=st.integers(0, 20),
)
@settings(max_examples=200, deadline=None)
def test_days_away_that_follow_one_another_touch_and_never_overlap(zone, day, length):
    known = ZoneInfo(zone)
    last = day + timedelta(days=length)
    _first, ends = whole_days(day, last, known)
    begins, _last = whole_days(last + timedelta(days=1), last + timedelta(days=3), known)
    assert ends == begins
    assert ends.astimezone(known).date() == last + timedelta(days=1)


def test_a_trainer_without_a_zone_has_that_of_their_agency(both):
    assert zone_of(both.trainer).key == DENVER
    TrainerProfile.objects.create(user=both.trainer, time_zone="Mars/Olympus")
    assert zone_of(both.trainer).key == DENVER
    TrainerProfile.objects.update(time_zone=KOLKATA)
    assert zone_of(both.trainer).key == KOLKATA
    assert zone_of(both.nobody).key == "UTC"


def test_many_spans_take_no_more_queries_than_one(both, django_assert_num_queries):
    away(both, WINTER, WINTER)
    starts = [at_local(WINTER, time(9), ZoneInfo(DENVER)) + timedelta(days=n) for n in range(30)]
    spans = [(start, start + timedelta(hours=1)) for start in starts]
    for some in (spans[:1], spans):
        with django_assert_num_queries(4):
            found = clashes_of(both.trainer, some)
        assert [clash.place for clash in found] == [0]


def test_a_row_does_not_stand_in_its_own_way_but_days_away_always_do(both):
    session = plan(both.ours, WINTER, "09:00", 1, zone=DENVER, cast=both)
    assert clashes(both.trainer, session.starts_at, session.ends_at, besides=session.uuid) == []
    TrainerAway.objects.create(user=both.trainer, from_on=WINTER, until_on=WINTER)
    found = clashes(both.trainer, session.starts_at, session.ends_at, besides=session.uuid)
    assert [booking.uuid for booking in found] == [None]
    assert len(list(away_bookings(both.trainer, session.starts_at, session.ends_at))) == 1
    assert len(bookings_of(both.trainer, session.starts_at, session.ends_at)) == 2


def test_an_entry_without_known_agencies_names_nothing_but_the_time(both):
    start = datetime(2026, 12, 3, 16, tzinfo=UTC)
    booking = Booking(both.agency.uuid, "Secret", both.agency, start, start + timedelta(hours=1))
    told = entry(booking, ZoneInfo(KOLKATA), agencies_known(both.other_leader, [booking]))
    assert told == "booked Thursday, December 3, 2026, 9:30 p.m. to 10:30 p.m."
