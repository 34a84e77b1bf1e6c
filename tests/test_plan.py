"""The dates of a plan: rules that hold for every start, holiday and booking, and what a move takes with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.plan import Pin, PlanDates, Unplannable, make_plan
from rollout.plan_moves import compare, move, working_days
from rollout.plan_steps import CALL_SPACE, LIMITS, Key, Template, steps, weekday_of_month

SEEDS, OF_A_SEED = 200, 50
"""Together 10,000 random worlds; 9,000 moves in them, in every tenth five one after the other."""
LONGEST_CLOSURE = 14
CALLS_WITHIN = 330
"""Days from the first call to the tenth: nine months and a week, and what closures and bookings as below may add."""
CALL = [Key("call", 0, number) for number in range(1, 11)]


@dataclass(frozen=True)
class World:
    """A start, a template, closed days and bookings."""

    starts_on: date
    template: Template
    closed: Mapping[date, str]
    busy: tuple[tuple[date, date], ...]

    def plan(self, pins: Mapping[Key, Pin] | None = None) -> PlanDates:
        return make_plan(self.template, self.starts_on, self.closed, self.busy, pins)


def world(seed: int) -> World:
    """Up to 45 closed days over four years, one or two long closures a year, up to 45 bookings of a day to a week."""
    chance = Random(seed)
    start = date(2024, 1, 1) + timedelta(days=chance.randrange(2200))
    values = {name: chance.randint(least, min(most, 60)) for name, (least, most) in LIMITS.items()}

    def day() -> date:
        return start + timedelta(days=chance.randrange(1500))

    closed = {day(): "Holiday" for _ in range(chance.randrange(45))}
    for _ in range(chance.randrange(6)):
        first = day()
        length = chance.randint(1, LONGEST_CLOSURE)
        closed |= {first + timedelta(days=n): "Closed" for n in range(length)}
    busy = tuple(
        (first, first + timedelta(days=chance.randrange(5)))
        for first in (day() for _ in range(chance.randrange(45)))
    )
    return World(start, Template(**values), closed, busy)


def broken(plan: PlanDates, here: World, pinned: Mapping[Key, Pin]) -> list[str]:
    """Every rule this plan breaks, in words."""
    found: list[str] = []
    at = {item.key: item for item in plan.items}
    booked = {first + timedelta(days=n) for first, last in here.busy for n in range((last - first).days + 1)}
    trained: set[date] = set()
    for step in steps(here.template):
        item = at[step.key]
        for before in step.after:
            if (item.on - at[before].until).days < step.space:
                found.append(f"{step.key} is not after {before}")
        if step.key in pinned:
            if item.on != pinned[step.key].on:
                found.append(f"{step.key} did not stay")
        elif item.on.weekday() > 4 or item.on in here.closed:
            found.append(f"{step.key} on a closed day")
        elif step.trained and item.on in booked:
            found.append(f"{step.key} on a booked day")
        if step.trained and item.on in trained:
            found.append(f"{step.key} doubled")
        if step.days and (item.until.weekday() > 4 or item.until in here.closed):
            found.append(f"{step.key} closes on a closed day")
        trained |= {item.on} if step.trained else set()
    calls = [at[key].on for key in CALL]
    if calls != sorted(calls) or len(set(calls)) != 10:
        found.append("calls out of order")
    if not set(pinned) & set(CALL) and (calls[-1] - calls[0]).days > CALLS_WITHIN:
        found.append(f"calls take {(calls[-1] - calls[0]).days} days")
    return found + apart(plan, here, pinned)


def apart(plan: PlanDates, here: World, pinned: Mapping[Key, Pin]) -> list[str]:
    """Cohorts whose days are not one after the other, though nobody set one of them or what comes after them."""
    if pinned:
        return []
    found = []
    days = [item for item in plan.items if item.key.kind == "foundations"]
    for one, two in pairwise(days):
        if one.key.cohort == two.key.cohort and working_days(one.on, two.on, set(here.closed)) != 1:
            found.append(f"{two.key} is apart from the day before it")
    return found


@settings(max_examples=SEEDS, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 10**9))
def test_every_rule_holds_for_ten_thousand_starts_holidays_and_bookings(seed: int) -> None:
    for n in range(OF_A_SEED):
        here = world(seed * OF_A_SEED + n)
        plan = here.plan()
        assert broken(plan, here, {}) == [], here
        if n % 2:
            plan = moved_about(plan, here, Random(seed + n), moves=1 if n % 5 else 5)
            assert here.plan(plan.pins) == plan, "made again around what was set by hand it is the same"


def moved_about(plan: PlanDates, here: World, chance: Random, moves: int) -> PlanDates:
    """Some moves one after the other; where a date is refused, to one that is offered instead."""
    for _ in range(moves):
        item = chance.choice(plan.items)
        asked = item.on + timedelta(days=chance.randint(-25, 60))
        found = move(plan, item.key, asked, here.closed, here.busy)
        if found.refused:
            assert found.plan == plan
            assert not found.changes
            if not found.nearest:
                continue
            asked = found.nearest[0]
            found = move(plan, item.key, asked, here.closed, here.busy)
            assert found.refused is None, "what is offered is taken"
        assert broken(found.plan, here, found.plan.pins) == [], (here, item.key, asked)
        again = move(found.plan, item.key, asked, here.closed, here.busy)
        assert (again.changes, again.plan) == ((), found.plan), "moved to its own date nothing moves"
        assert {change.key for change in found.changes} & set(plan.pins) <= {item.key}, "a set date stays"
        plan = found.plan
    return plan


def test_the_worlds_are_different_and_hard_enough_to_matter() -> None:
    here = [world(n) for n in range(300)]
    assert len({(one.starts_on, one.template) for one in here}) == 300
    notes = [item.note.kind for one in here for item in one.plan().items if item.note]
    assert {kind: notes.count(kind) > 50 for kind in ("weekend", "closed", "booked")} == {
        "weekend": True,
        "closed": True,
        "booked": True,
    }


# --- One plan, worked out by hand ------------------------------------------------------------------------------

START = date(2027, 1, 4)
USUAL = Template()


def usual(**options: object) -> PlanDates:
    return make_plan(USUAL, START, {date(2027, 3, 17): "Founders’ Day"}, **options)  # type: ignore[arg-type]


def on(plan: PlanDates, kind: str, cohort: int = 0, number: int = 1) -> str:
    item = plan.item(Key(kind, cohort, number))
    assert item
    return f"{item.on:%a %m-%d}"


def test_a_plan_is_the_template_counted_from_its_start() -> None:
    plan = usual()
    assert on(plan, "commitment") == "Mon 01-04"
    assert on(plan, "roster") == "Mon 01-11"
    baseline = plan.item(Key("baseline"))
    assert baseline
    assert (baseline.on, baseline.until) == (date(2027, 1, 18), date(2027, 2, 1))
    assert [on(plan, "foundations", 1, n) for n in (1, 2)] == ["Mon 02-08", "Tue 02-09"]
    assert [on(plan, "foundations", 2, n) for n in (1, 2)] == ["Mon 02-22", "Tue 02-23"]
    assert on(plan, "supervision") == "Tue 03-02"
    assert [on(plan, "call", 0, n) for n in (1, 2, 3, 10)] == [
        "Tue 03-16",
        "Tue 04-20",
        "Tue 05-18",
        "Tue 12-21",
    ]
    assert on(plan, "follow_up", 0, 1) == "Tue 07-27"
    assert on(plan, "review", 0, 1) == "Tue 08-24"
    assert plan.last_on == date(2029, 1, 18)


def test_calls_keep_their_weekday_of_the_month_and_a_fifth_one_becomes_the_last() -> None:
    second_tuesday = date(2027, 1, 12)
    assert [weekday_of_month(second_tuesday, n).day for n in range(1, 5)] == [9, 9, 13, 11]
    assert weekday_of_month(date(2027, 3, 31), 1) == date(2027, 4, 28)
    assert weekday_of_month(date(2027, 12, 7), 1) == date(2028, 1, 4)


def test_a_closed_or_booked_day_is_passed_over_and_says_so() -> None:
    booked = (date(2027, 3, 16), date(2027, 3, 16))
    plan = usual(busy=[booked])
    first, second = plan.item(CALL[0]), plan.item(CALL[1])
    assert first
    assert second
    assert (first.on, first.note and first.note.kind) == (date(2027, 3, 18), "booked")
    assert second.on == date(2027, 4, 15), "the others follow the first: third Thursdays"
    assert second.note is None


def test_a_cohort_begins_where_both_its_days_are_free() -> None:
    plan = usual(busy=[(date(2027, 2, 9), date(2027, 2, 9))])
    assert [on(plan, "foundations", 1, n) for n in (1, 2)] == ["Wed 02-10", "Thu 02-11"]
    over_a_weekend = usual(busy=[(date(2027, 2, 8), date(2027, 2, 11))])
    assert [on(over_a_weekend, "foundations", 1, n) for n in (1, 2)] == ["Fri 02-12", "Mon 02-15"]


def test_moving_a_training_day_takes_along_what_comes_after_and_nothing_before() -> None:
    found = move(usual(), Key("foundations", 2, 1), date(2027, 3, 1), {})
    kinds = [change.key for change in found.changes]
    assert kinds[:4] == [
        Key("foundations", 2, 1),
        Key("foundations", 2, 2),
        Key("supervision"),
        Key("call", 0, 1),
    ]
    assert len([key for key in kinds if key.kind == "call"]) == 10
    assert Key("foundations", 1, 1) not in kinds
    assert [change.why.kind for change in found.changes[:2]] == ["asked", "follows"]
    assert found.changes[1].why.key == Key("foundations", 2, 1)


def test_moving_one_call_moves_that_call_alone_until_it_comes_too_near_to_the_next() -> None:
    plan = usual()
    alone = move(plan, CALL[2], date(2027, 5, 25), {})
    assert [change.key for change in alone.changes] == [CALL[2]]
    near = move(plan, CALL[2], date(2027, 6, 10), {})
    assert [change.key for change in near.changes] == [CALL[2], CALL[3]]
    assert near.changes[1].why.kind == "order"
    assert near.changes[1].after
    assert near.changes[1].after.on == date(2027, 6, 10) + timedelta(days=CALL_SPACE)


@pytest.mark.parametrize(
    ("key", "asked", "kind", "name"),
    [
        (CALL[0], date(2027, 3, 13), "weekend", ""),
        (CALL[0], date(2027, 3, 17), "closed", "Founders’ Day"),
        (CALL[0], date(2027, 3, 18), "booked", ""),
        (CALL[0], date(2027, 3, 2), "order", ""),
        (CALL[3], date(2027, 8, 17), "room", ""),
    ],
)
def test_a_date_that_cannot_be_is_refused_with_the_nearest_that_can(
    key: Key, asked: date, kind: str, name: str
) -> None:
    closed, busy = {date(2027, 3, 17): "Founders’ Day"}, [(date(2027, 3, 18), date(2027, 3, 18))]
    pins = {CALL[5]: Pin(date(2027, 8, 18), date(2027, 8, 18))}
    plan = make_plan(USUAL, START, closed, busy, pins)
    found = move(plan, key, asked, closed, busy)
    assert found.refused
    assert (found.refused.kind, found.refused.name) == (kind, name)
    assert found.changes == ()
    assert found.nearest
    assert all(move(plan, key, day, closed, busy).refused is None for day in found.nearest)


def test_a_fixed_date_stays_and_what_comes_before_it_makes_room() -> None:
    early = Pin(date(2027, 4, 8), date(2027, 4, 8))
    plan = usual(pins={CALL[1]: early})
    later = move(plan, CALL[0], date(2027, 3, 30), {})
    assert on(later.plan, "call", 0, 2) == "Thu 04-08"
    refused = move(plan, CALL[0], date(2027, 4, 6), {})
    assert refused.refused
    assert (refused.refused.kind, refused.refused.key) == ("room", CALL[1])
    squeezed = make_plan(USUAL, START + timedelta(days=14), {}, pins={CALL[1]: early})
    assert on(squeezed, "call", 0, 1) == "Tue 03-30"
    pushed = make_plan(USUAL, START + timedelta(days=18), {}, pins={CALL[1]: early})
    first = pushed.item(CALL[0])
    assert first
    assert first.note
    assert (first.on, first.note.kind, first.note.key) == (date(2027, 4, 1), "room", CALL[1])
    with pytest.raises(Unplannable) as caught:
        make_plan(USUAL, START + timedelta(days=75), {}, pins={CALL[1]: early})
    assert caught.value.why.key == CALL[1]


def test_what_has_taken_place_holds_up_nothing_but_an_earlier_call() -> None:
    held = Pin(date(2027, 2, 1), date(2027, 2, 1), done=True)
    plan = usual(pins={Key("foundations", 1, 1): held})
    assert on(plan, "baseline") == "Mon 01-18", "a step that is late stays where it was planned"
    assert on(plan, "foundations", 1, 2) == "Tue 02-02"
    held = Pin(date(2027, 3, 8), date(2027, 3, 8), done=True)
    assert on(usual(pins={CALL[1]: held}), "call", 0, 1) == "Mon 03-01", (
        "a call is never put behind a later one"
    )


def test_another_template_is_compared_step_by_step() -> None:
    before = usual()
    after = make_plan(Template(cohorts=3), START, {})
    found = compare(before, after)
    assert {change.key for change in found if change.why.kind == "new"} == {
        Key("foundations", 3, 1),
        Key("foundations", 3, 2),
    }
    assert {change.key for change in compare(after, before) if change.why.kind == "gone"} == {
        Key("foundations", 3, 1),
        Key("foundations", 3, 2),
    }
    assert compare(before, before) == ()


def test_working_days_leave_out_weekends_and_closed_days_and_have_a_sign() -> None:
    friday, tuesday = date(2027, 1, 15), date(2027, 1, 19)
    assert working_days(friday, tuesday, {date(2027, 1, 18)}) == 1
    assert working_days(tuesday, friday, {date(2027, 1, 18)}) == -1
    assert working_days(friday, friday, ()) == 0


@pytest.mark.parametrize(
    ("name", "value"), [("cohorts", 0), ("cohorts", 7), ("wave_days", 4), ("cohort_gap", 1)]
)
def test_a_template_refuses_what_no_plan_can_be_made_of(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=name):
        Template(**{name: value})


def test_a_stored_template_of_another_version_still_reads() -> None:
    assert Template.from_json({"cohorts": 4, "something_old": 1}) == Template(cohorts=4)


def test_a_year_without_a_free_day_is_said_not_searched_for_ever() -> None:
    closed = {START + timedelta(days=n): "Closed" for n in range(2000)}
    with pytest.raises(Unplannable) as caught:
        make_plan(USUAL, START, closed)
    assert caught.value.key == Key("commitment")
