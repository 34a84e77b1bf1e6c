"""What a session earns, and whether a requirement can still be reached."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rollout.credit import (
    STATE_LABELS,
    STATUS_LABELS,
    CreditRule,
    SessionTimes,
    completion,
    credited_total,
    session_credit,
)

patient = settings(deadline=None)  # a busy machine is no fault of the arithmetic

CHICAGO = ZoneInfo("America/Chicago")
RULE = CreditRule()
PARTIAL = CreditRule(partial=True)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 9, 14, hour, minute, second, tzinfo=CHICAGO)


# Nine to four with an hour of breaks: six clock hours.
DAY = SessionTimes(at(9), at(16), 360)


@pytest.mark.parametrize(
    ("signed_in", "signed_out", "minutes", "status"),
    [
        (at(9), at(16), 360, "credited"),
        (at(8, 30), at(17), 360, "credited"),
        (at(9, 15), at(16), 360, "credited"),
        (at(9, 15, 59), at(16), 360, "credited"),
        (at(9, 16), at(16), 0, "late"),
        (at(9), at(15, 45), 360, "credited"),
        (at(9), at(15, 44, 59), 0, "left_early"),
        (at(9), at(15, 44), 0, "left_early"),
        (at(9, 15), at(15, 45), 360, "credited"),
        (at(9, 16), at(15, 44), 0, "late"),
        (at(9), None, 0, "not_signed_out"),
        (None, at(16), 0, "absent"),
        (None, None, 0, "absent"),
        (at(16), at(9), 0, "left_early"),
        (at(17), at(18), 0, "late"),
        (at(7), at(8), 0, "left_early"),
    ],
)
def test_a_session_is_credited_up_to_fifteen_minutes_late_or_early(signed_in, signed_out, minutes, status):
    credit = session_credit(RULE, DAY, signed_in, signed_out)
    assert (credit.minutes, credit.status) == (minutes, status)
    assert credit.why


def test_the_reason_says_how_late_and_what_is_allowed_and_names_both_when_both_are_broken():
    assert (
        session_credit(RULE, DAY, at(9, 16), at(16)).why == "Signed in 16 min late; at most 15 is credited."
    )
    both = session_credit(RULE, DAY, at(9, 20), at(15, 30)).why
    assert "20 min late" in both
    assert "30 min early" in both


def test_an_agency_may_set_its_own_tolerance():
    strict = CreditRule(late_minutes=0, early_minutes=5)
    assert session_credit(strict, DAY, at(9), at(15, 55)).minutes == 360
    assert session_credit(strict, DAY, at(9, 1), at(16)).status == "late"
    assert session_credit(strict, DAY, at(9), at(15, 54)).status == "left_early"


@pytest.mark.parametrize(
    ("signed_in", "signed_out", "minutes", "status"),
    [
        (at(13), at(16), 150, "partial"),  # 180 of 420 present × 360/420 = 154, in steps of 15
        (at(9), at(12, 30), 180, "partial"),
        (at(9, 15), at(16), 360, "credited"),
        (at(9, 16), at(16), 345, "partial"),
        (at(15, 43), at(16), 0, "late"),  # 17 minutes present, 14 without breaks: not one full step
        (at(8), at(9, 10), 0, "left_early"),
    ],
)
def test_partial_credit_counts_time_present_without_breaks_in_quarter_hours(
    signed_in, signed_out, minutes, status
):
    credit = session_credit(PARTIAL, DAY, signed_in, signed_out)
    assert (credit.minutes, credit.status) == (minutes, status)


def test_a_session_shorter_than_the_tolerance_still_needs_someone_present_in_it():
    short = SessionTimes(at(9), at(9, 10), 10)
    assert session_credit(RULE, short, at(9, 9), at(9, 10)).minutes == 10
    missed_it = session_credit(RULE, short, at(9, 10), at(9, 30))
    assert (missed_it.minutes, missed_it.why) == (0, "Not present during the session.")


def test_an_override_replaces_the_rule_whatever_was_signed():
    assert session_credit(RULE, DAY, None, None, 120).minutes == 120
    assert session_credit(RULE, DAY, at(9), at(16), 0).minutes == 0
    assert session_credit(RULE, DAY, None, None, 0).status == "override"


def test_an_override_is_capped_at_what_the_session_is_worth_and_says_so():
    credit = session_credit(RULE, DAY, None, None, 400)
    assert credit.minutes == 360
    assert "400" in credit.why
    assert "360" in credit.why


def test_a_negative_override_and_a_time_without_zone_are_refused():
    with pytest.raises(ValueError, match="override_minutes"):
        session_credit(RULE, DAY, None, None, -1)
    with pytest.raises(ValueError, match="no time zone"):
        session_credit(RULE, DAY, datetime(2026, 9, 14, 9), at(16))


@pytest.mark.parametrize(
    ("ends_at", "creditable"), [(at(9), 0), (at(8), 0), (at(10), 61), (at(10), -1), (at(9, 0, 30), 0)]
)
def test_an_impossible_session_is_refused(ends_at, creditable):
    with pytest.raises(ValueError, match=r"session must end|creditable_minutes"):
        SessionTimes(at(9), ends_at, creditable)


@pytest.mark.parametrize("values", [{"late_minutes": -1}, {"early_minutes": -1}, {"partial_step": 0}])
def test_an_impossible_rule_is_refused(values):
    with pytest.raises(ValueError, match="must be"):
        CreditRule(**values)


@pytest.mark.parametrize(
    ("month", "day", "hours"),
    [(3, 8, 5), (11, 1, 7)],  # clocks go forward, clocks go back: midnight to six is not six hours
)
def test_a_night_across_a_clock_change_has_the_hours_that_really_pass(month, day, hours):
    start = datetime(2026, month, day, 0, tzinfo=CHICAGO)
    end = datetime(2026, month, day, 6, tzinfo=CHICAGO)
    session = SessionTimes(start, end, hours * 60)
    assert session.minutes == hours * 60
    # Signed in half an hour after two hours have passed, wherever the clock stands then.
    signed_in = (start.astimezone(UTC) + timedelta(hours=2, minutes=30)).astimezone(CHICAGO)
    assert session_credit(PARTIAL, session, signed_in, end).minutes == hours * 60 - 150


@pytest.mark.parametrize(("fold", "status"), [(0, "credited"), (1, "late")])
def test_of_the_hour_that_comes_twice_the_second_is_an_hour_late(fold, status):
    session = SessionTimes(
        datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO), datetime(2026, 11, 1, 3, tzinfo=CHICAGO), 150
    )
    signed_in = datetime(2026, 11, 1, 1, 40, tzinfo=CHICAGO, fold=fold)
    assert session_credit(RULE, session, signed_in, session.ends_at).status == status


def test_stamps_in_another_zone_are_the_same_moments():
    tokyo = ZoneInfo("Asia/Tokyo")
    here = session_credit(RULE, DAY, at(9, 15), at(15, 45))
    assert here == session_credit(RULE, DAY, at(9, 15).astimezone(tokyo), at(15, 45).astimezone(UTC))


# --- properties ---------------------------------------------------------------------------------

rules = st.builds(
    CreditRule,
    late_minutes=st.integers(0, 60),
    early_minutes=st.integers(0, 60),
    partial=st.booleans(),
    partial_step=st.sampled_from([1, 5, 15, 30, 60]),
)
offsets = st.integers(-120, 600)
# Around both clock changes of 2026, and on an ordinary day.
starts = st.sampled_from(
    [
        datetime(2026, 3, 8, 0, tzinfo=CHICAGO),
        datetime(2026, 11, 1, 0, 30, tzinfo=CHICAGO),
        datetime(2026, 9, 14, 9, tzinfo=CHICAGO),
    ]
)


def later(moment: datetime, minutes: int) -> datetime:
    """Minutes that really pass, in the same zone."""
    return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(moment.tzinfo)


@st.composite
def sessions(draw) -> SessionTimes:
    starts_at = draw(starts)
    length = draw(st.integers(1, 480))
    return SessionTimes(starts_at, later(starts_at, length), draw(st.integers(0, length)))


@patient
@given(rules, sessions(), offsets, offsets, st.integers(0, 240))
def test_signing_in_later_never_earns_more(rule, session, signed_in, signed_out, delay):
    out = later(session.starts_at, signed_out)
    earlier_credit = session_credit(rule, session, later(session.starts_at, signed_in), out)
    later_credit = session_credit(rule, session, later(session.starts_at, signed_in + delay), out)
    assert later_credit.minutes <= earlier_credit.minutes


@patient
@given(rules, sessions(), offsets, offsets, st.integers(0, 240))
def test_signing_out_earlier_never_earns_more(rule, session, signed_in, signed_out, hurry):
    into = later(session.starts_at, signed_in)
    stayed = session_credit(rule, session, into, later(session.starts_at, signed_out))
    left = session_credit(rule, session, into, later(session.starts_at, signed_out - hurry))
    assert left.minutes <= stayed.minutes


@patient
@given(rules, sessions(), st.none() | offsets, st.none() | offsets, st.none() | st.integers(0, 1000))
def test_credit_is_never_more_than_the_session_is_worth_and_its_status_agrees(
    rule, session, signed_in, signed_out, override
):
    credit = session_credit(
        rule,
        session,
        None if signed_in is None else later(session.starts_at, signed_in),
        None if signed_out is None else later(session.starts_at, signed_out),
        override,
    )
    assert 0 <= credit.minutes <= session.creditable_minutes
    assert credit.status in STATUS_LABELS
    if credit.minutes:
        assert credit.status in {"credited", "partial", "override"}
    if credit.status == "partial":
        assert rule.partial
        assert credit.minutes > 0
        assert credit.minutes % rule.partial_step == 0


@patient
@given(sessions(), offsets, offsets)
def test_partial_credit_never_takes_anything_away(session, signed_in, signed_out):
    times = later(session.starts_at, signed_in), later(session.starts_at, signed_out)
    assert session_credit(RULE, session, *times).minutes <= session_credit(PARTIAL, session, *times).minutes


@patient
@given(sessions(), st.integers(-120, 15), st.integers(-120, 15))
def test_within_the_tolerance_everything_is_credited(session, late, early):
    assume(session.minutes > 30)
    credit = session_credit(RULE, session, later(session.starts_at, late), later(session.ends_at, -early))
    assert (credit.minutes, credit.status) == (session.creditable_minutes, "credited")


# --- completion ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("credited", "planned", "state", "short_by"),
    [
        (720, 0, "complete", 0),
        (900, 0, "complete", 0),
        (360, 360, "on track", 0),
        (0, 720, "on track", 0),
        (719, 0, "cannot as planned", 1),
        (360, 345, "cannot as planned", 15),
        (0, 0, "cannot as planned", 720),
    ],
)
def test_completion_of_twelve_hours(credited, planned, state, short_by):
    result = completion(720, credited, planned)
    assert (result.state, result.short_by) == (state, short_by)
    assert result.state in STATE_LABELS


def test_the_share_is_of_everything_required_and_not_of_what_has_happened():
    half = completion(720, 360, 360)
    assert half.share == Fraction(1, 2)
    assert half.missing == 360
    assert completion(720, 800, 0).share == 1
    assert completion(0, 0, 0).share == 1


@pytest.mark.parametrize("amounts", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_negative_amounts_are_refused(amounts):
    with pytest.raises(ValueError, match="0 or more"):
        completion(*amounts)


minutes = st.integers(0, 2000)


@patient
@given(minutes, minutes, minutes, minutes)
def test_attending_what_is_planned_keeps_one_on_track(required, credited, planned, attended):
    attended = min(attended, planned)
    before, after = (
        completion(required, credited, planned),
        completion(required, credited + attended, planned - attended),
    )
    assert after.short_by == before.short_by
    assert after.share >= before.share
    assert (after.state == "cannot as planned") == (before.state == "cannot as planned")


@patient
@given(minutes, minutes, minutes)
def test_exactly_those_who_fall_short_cannot_complete_as_planned(required, credited, planned):
    result = completion(required, credited, planned)
    assert (result.state == "cannot as planned") == (result.short_by > 0)
    assert (result.state == "complete") == (result.missing == 0)
    assert 0 <= result.share <= 1
    assert completion(required, credited, planned + result.short_by).state != "cannot as planned"


def test_a_make_up_is_credited_once_with_what_it_makes_up_for():
    assert credited_total([("day 1", 360), ("day 2", 0), ("day 2", 360)]) == 720
    assert credited_total([("day 1", 360), ("day 1", 360)]) == 360
    assert credited_total([("day 1", 90), ("day 1", 360)]) == 360
    assert credited_total([]) == 0


def test_negative_minutes_in_a_record_are_refused():
    with pytest.raises(ValueError, match="day 1"):
        credited_total([("day 1", -5)])


records = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 400)), max_size=12)


@patient
@given(records, st.randoms(use_true_random=False))
def test_the_total_does_not_depend_on_the_order_or_on_repeats(rows, random):
    shuffled = rows + rows[:3]
    random.shuffle(shuffled)
    assert credited_total(shuffled) == credited_total(rows)


@patient
@given(records)
def test_the_total_lies_between_the_best_record_and_the_plain_sum(rows):
    amounts = [amount for _identity, amount in rows]
    assert max(amounts, default=0) <= credited_total(rows) <= sum(amounts)
