"""The dates of a rollout from one start date and a template. Pure: values in, frozen values out; no clock.

What needs no trainer (commitment, roster, waves, reviews) falls on open days; training days and calls also avoid what
the trainer is booked for and the days of other training. Everything keeps its order (``steps``), each a day or more
after what comes before it, calls a week.

Calls keep their weekday of the month: the first on a second Tuesday, all on second Tuesdays (a fifth one becomes the
month's last). Supervisors keep calls free in calendars that repeat by the week, and unlike a day of the month it
falls on no weekend. Where that day is not free, the next free one is taken; the calls after it keep theirs.

Dates set by hand, and what has taken place, are pins: everything else is worked out around them, so that the same
template, start and pins give the same plan, whenever they are asked.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from .plan_steps import Key, Step, Template, a_year_after, steps, weekday_of_month

LOOKS_AHEAD = 400
"""Days within which a free one must be found."""

Kind = Literal[
    "start",
    "asked",
    "set",
    "follows",
    "order",
    "room",
    "weekend",
    "closed",
    "booked",
    "taken",
    "free",
    "new",
    "gone",
]


@dataclass(frozen=True)
class Why:
    """A reason: its kind, the milestone it speaks of, a name (of a holiday)."""

    kind: Kind
    key: Key | None = None
    name: str = ""


@dataclass(frozen=True)
class Pin:
    """A date that stays: set by hand, or (``done``) because it has taken place."""

    on: date
    until: date
    done: bool = False


@dataclass(frozen=True)
class Planned:
    """One milestone with its dates, both included. ``note``: why it is not on the day the template says."""

    key: Key
    on: date
    until: date
    note: Why | None = None


@dataclass(frozen=True)
class PlanDates:
    """A plan in order. ``pins`` are the dates it was worked out around."""

    template: Template
    starts_on: date
    items: tuple[Planned, ...]
    pins: Mapping[Key, Pin] = field(default_factory=dict)

    def item(self, key: Key) -> Planned | None:
        return next((each for each in self.items if each.key == key), None)

    @property
    def last_on(self) -> date:
        return max(item.until for item in self.items)


class Unplannable(ValueError):
    """A milestone has no place: ``key``, and ``why`` (kind "room": what is pinned in its way)."""

    def __init__(self, key: Key, why: Why) -> None:
        super().__init__(f"{key} has no place: {why}")
        self.key, self.why = key, why


# --- Days, as ordinals: whole numbers, because a plan asks for thousands ------------------------------------


@dataclass(frozen=True)
class Days:
    """Which days are free."""

    closed: Mapping[date, str]
    shut: frozenset[int]
    busy: frozenset[int]

    @classmethod
    def of(cls, closed: Mapping[date, str], busy: Iterable[tuple[date, date]]) -> "Days":
        booked = (range(first.toordinal(), last.toordinal() + 1) for first, last in busy)
        days = frozenset(day for each in booked for day in each)
        return cls(closed, frozenset(map(date.toordinal, closed)), days)

    def free(self, day: int, trained: bool = False) -> bool:
        return (day - 1) % 7 < 5 and day not in self.shut and not (trained and day in self.busy)

    def next(self, day: int, step: Step) -> int:
        """The first free day from this one on."""
        for candidate in range(day, day + LOOKS_AHEAD):
            if self.free(candidate, step.trained):
                return candidate
        raise Unplannable(step.key, self.hindrance(day, step.trained) or Why("closed"))

    def run(self, day: int, step: Step, length: int) -> int:
        """The first day from this one on that begins ``length`` open days in a row which are all free."""
        day = self.next(day, step)
        for start in range(day, day + LOOKS_AHEAD):
            if self.is_run(start, length):
                return start
        raise Unplannable(step.key, Why("booked"))

    def is_run(self, day: int, length: int) -> bool:
        for _ in range(length):
            if not self.free(day, True):
                return False
            day += 1
            while not self.free(day):
                day += 1
        return True

    def until(self, on: int, days: int) -> int:
        """Last day of something that lasts so many days beyond its first: an open one."""
        last = on + days
        while days and not self.free(last):
            last += 1
        return last

    def latest(self, limit: int, step: Step) -> int:
        """The last free day on which it can begin to be over by ``limit``."""
        for on in range(limit - step.days, limit - step.days - LOOKS_AHEAD, -1):
            if self.free(on, step.trained) and self.until(on, step.days) <= limit:
                return on
        return 0

    def hindrance(self, day: int, trained: bool) -> Why | None:
        if (day - 1) % 7 >= 5:
            return Why("weekend")
        if day in self.shut:
            return Why("closed", name=self.closed[date.fromordinal(day)])
        return Why("booked") if trained and day in self.busy else None


# --- Making a plan ---------------------------------------------------------------------------------------------


def make_plan(
    template: Template,
    starts_on: date,
    closed: Mapping[date, str],
    busy: Collection[tuple[date, date]] = (),
    pins: Mapping[Key, Pin] | None = None,
) -> PlanDates:
    """All milestones with their dates. The same arguments always give the same plan.

    ``closed``: closed day → its name, beside weekends. ``busy``: spans, both days included, on which the trainer is
    booked or other training takes place. Raises Unplannable where pins leave no day for what lies between them.
    """
    return Making(template, starts_on, Days.of(closed, busy), pins or {}).plan()


class Making:
    """One plan while it is being made: spans by key, as ordinals."""

    def __init__(self, template: Template, starts_on: date, days: Days, pins: Mapping[Key, Pin]) -> None:
        self.template, self.starts_on, self.days = template, starts_on, days
        self.start = starts_on.toordinal()
        self.steps = steps(template)
        self.pins = {step.key: pins[step.key] for step in self.steps if step.key in pins}
        self.at: dict[Key, tuple[int, int]] = {}
        self.floor: dict[Key, int] = {}
        self.limits = self._limits() if self.pins else {}

    def plan(self) -> PlanDates:
        items = tuple(self._place(step) for step in self.steps)
        return PlanDates(self.template, self.starts_on, items, self.pins)

    def _limits(self) -> dict[Key, tuple[int, Key]]:
        """By key: the latest day on which it may begin, and the pin that says so.

        What has taken place holds nobody up, but for calls: a call is never put behind a later one.
        """
        found: dict[Key, tuple[int, Key]] = {}
        ends: dict[Key, tuple[int, Key]] = {}
        for step in reversed(self.steps):
            pin = self.pins.get(step.key)
            if pin is None and step.key in ends:
                limit, blocker = ends[step.key]
                found[step.key] = (self.days.latest(limit, step), blocker)
            own = (pin.on.toordinal(), step.key) if pin else found.get(step.key)
            if own is None:
                continue
            for before in step.after:
                both_calls = step.key.kind == before.kind == "call"
                if not (pin and pin.done) or both_calls:
                    ends[before] = min(
                        ends.get(before, (own[0] - step.space, own[1])), (own[0] - step.space, own[1])
                    )
        return found

    def _place(self, step: Step) -> Planned:
        floor = self.start if step.anchor is None else 0
        for key in step.after:
            floor = max(floor, self.floor[key], self.at[key][1] + step.space)
        pin, note = self.pins.get(step.key), None
        if pin:
            on, until = pin.on.toordinal(), pin.until.toordinal()
        else:
            on, note = self._find(step, floor)
            until = self.days.until(on, step.days)
        self.at[step.key], self.floor[step.key] = (on, until), floor
        first = date.fromordinal(on)
        return Planned(step.key, first, first if until == on else date.fromordinal(until), note)

    def _find(self, step: Step, floor: int) -> tuple[int, Why | None]:
        target = self._target(step)
        day, note = max(target, floor), None
        found = self._next(step, day)
        if found != target:
            pushed = Why("order", step.after[0]) if day != target else None
            note = self.days.hindrance(day, step.trained) or pushed or Why("booked")
        if step.key in self.limits and found > self.limits[step.key][0]:
            found, blocker = self.limits[step.key]
            note = Why("room", blocker)
            if found < floor:
                raise Unplannable(step.key, note)
        return found, note

    def _next(self, step: Step, day: int) -> int:
        """The first free day; for a cohort's first day one with the others free right after it."""
        if step.key.kind != "foundations" or step.key.number > 1:
            return self.days.next(day, step)
        length = self.template.foundations_days
        if self.pins and any(key[:2] == step.key[:2] for key in self.pins):
            length = 1
        return self.days.run(day, step, length)

    def _target(self, step: Step) -> int:
        """The day the template says, free or not."""
        if step.anchor is None:
            return self.start
        # What took place before the start, as an older commitment, pulls nothing in front of it.
        on, until = self.at[step.anchor]
        if on < self.start:
            on, until = self.start, max(until, self.start)
        if step.rule == "monthly":
            return weekday_of_month(date.fromordinal(on), step.gap).toordinal()
        if step.rule == "year":
            return a_year_after(date.fromordinal(on)).toordinal()
        if step.rule == "next":
            return self.days.until(until, 1)
        return (on if step.rule == "since" else until) + step.gap
