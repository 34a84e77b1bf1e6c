"""What moves when one date of a plan moves, and why. Pure: plans in, plans and changes out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from .plan import Days, Making, Pin, PlanDates, Planned, Unplannable, Why
from .plan_steps import Key, Step, steps

LOOKS_AROUND = 90
"""Days around a refused date in which others are offered."""
OFFERS = 2
"""Free dates offered on each side."""


@dataclass(frozen=True)
class Change:
    """A milestone before and after (None: there is none), and why. ``note``: why not exactly where the template says."""

    key: Key
    before: Planned | None
    after: Planned | None
    why: Why

    @property
    def note(self) -> Why | None:
        return self.after.note if self.after and self.why.kind in ("follows", "new") else None


@dataclass(frozen=True)
class Moved:
    """What a move would do; or why not, and the nearest dates that would do instead."""

    plan: PlanDates
    changes: tuple[Change, ...] = ()
    refused: Why | None = None
    nearest: tuple[date, ...] = ()


def move(
    plan: PlanDates,
    key: Key,
    on: date,
    closed: Mapping[date, str],
    busy: Collection[tuple[date, date]] = (),
) -> Moved:
    """What follows when one milestone goes to another date, which from then on stays its date.

    Refused, with the nearest dates that would do, on a day that is not free, before what must come first, or behind
    what stays where it is. Its own date moves nothing. Raises KeyError for a milestone the plan does not have.
    """
    item = plan.item(key)
    if item is None:
        raise KeyError(key)
    if item.on == on:
        return Moved(plan)
    days = Days.of(closed, busy)
    found = _attempt(plan, key, on, days)
    if isinstance(found, PlanDates):
        return Moved(found, compare(plan, found, asked=key))
    return Moved(plan, refused=found, nearest=_nearest(plan, key, on, days))


def _attempt(plan: PlanDates, key: Key, on: date, days: Days) -> PlanDates | Why:
    """The plan with this date, or why not."""
    if refusal := _refusal(plan, key, on, days):
        return refusal
    until = date.fromordinal(days.until(on.toordinal(), _step(plan, key).days))
    try:
        return Making(plan.template, plan.starts_on, days, {**plan.pins, key: Pin(on, until)}).plan()
    except Unplannable as none:
        return none.why


def _step(plan: PlanDates, key: Key) -> Step:
    return next(each for each in steps(plan.template) if each.key == key)


def _refusal(plan: PlanDates, key: Key, on: date, days: Days) -> Why | None:
    """What the date itself stands against: its day, what comes before, other dates that stay."""
    step, day = _step(plan, key), on.toordinal()
    if hindrance := days.hindrance(day, step.trained):
        return hindrance
    for before in step.after:
        there = plan.item(before)
        if there and there.until.toordinal() + step.space > day:
            return Why("order", before)
    until = days.until(day, step.days)
    for each in steps(plan.template) if plan.pins else ():
        pin = plan.pins.get(each.key)
        if pin is None or each.key == key:
            continue
        counts = not pin.done or each.key.kind == key.kind == "call"
        if counts and key in each.after and until + each.space > pin.on.toordinal():
            return Why("room", each.key)
        if step.trained and each.trained and pin.on == on:
            return Why("taken", each.key)
    return None


def _nearest(plan: PlanDates, key: Key, on: date, days: Days) -> tuple[date, ...]:
    """Dates around the one asked for that would be taken, in order."""
    found: list[date] = []
    for direction in (-1, 1):
        offered = 0
        for away in range(1, LOOKS_AROUND + 1):
            day = date.fromordinal(on.toordinal() + direction * away)
            # Only other pins can stand against a date that is free itself.
            asked = _attempt if plan.pins else _refusal
            refusal = asked(plan, key, day, days)
            if not isinstance(refusal, Why):
                found.append(day)
                offered += 1
            elif (refusal.kind, direction) in (("order", -1), ("room", 1)):
                break
            if offered == OFFERS:
                break
    return tuple(sorted(found))


def compare(before: PlanDates, after: PlanDates, asked: Key | None = None) -> tuple[Change, ...]:
    """What differs between two plans, in order, each with its reason."""
    was, now = ({item.key: item for item in plan.items} for plan in (before, after))
    differing = {
        key
        for key in (*was, *now)
        if key not in was or key not in now or (was[key].on, was[key].until) != (now[key].on, now[key].until)
    }
    found = [
        Change(step.key, was.get(step.key), now[step.key], _why(step, was, now, differing, asked, after.pins))
        for step in steps(after.template)
        if step.key in differing
    ]
    gone = [Change(key, item, None, Why("gone")) for key, item in was.items() if key not in now]
    return (*found, *gone)


def _why(
    step: Step,
    was: Mapping[Key, Planned],
    now: Mapping[Key, Planned],
    differing: Collection[Key],
    asked: Key | None,
    pins: Collection[Key],
) -> Why:
    if step.key == asked:
        return Why("asked")
    if step.key not in was:
        return Why("new")
    if step.key in pins:
        return Why("set")
    if step.anchor is None:
        return Why("start")
    if step.anchor in differing and now[step.key].note != Why("order", step.after[0]):
        return Why("follows", step.anchor)
    return now[step.key].note or Why("free")


def working_days(first: date, last: date, closed: Collection[date]) -> int:
    """Open days from one date to the other: positive when ``last`` is later, 0 for the same."""
    low, high = sorted((first, last))
    count = sum(
        day.weekday() < 5 and day not in closed
        for day in map(date.fromordinal, range(low.toordinal() + 1, high.toordinal() + 1))
    )
    return count if last >= first else -count
