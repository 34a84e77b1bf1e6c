"""What a rollout is made of, in order, and what each part of it waits for. Pure: nothing here knows a date of its own.

commitment · roster · baseline wave · Foundations, cohort by cohort · supervision day · ten calls, with the mid-point
wave after the fifth · end wave, and the one a year after the last call, each with a review with leadership.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple

CALLS, MID_CALL = 10, 5
MOST_COHORTS = 6
CALL_SPACE = 7
"""Days at least from one call to the next: what was taken on wants trying out."""

Rule = Literal["start", "after", "since", "next", "monthly", "year"]


class Key(NamedTuple):
    """A milestone's place in the plan: its kind, its cohort (0: the whole agency), which of its kind."""

    kind: str
    cohort: int = 0
    number: int = 1


@dataclass(frozen=True)
class Template:
    """Durations and gaps in calendar days. Raises ValueError for values outside ``LIMITS``."""

    cohorts: int = 2
    roster_gap: int = 7
    """From the commitment to the roster."""
    baseline_gap: int = 7
    """From the roster to the opening of the baseline wave."""
    wave_days: int = 14
    """How long a wave is open."""
    foundations_gap: int = 7
    """From the close of the baseline to the first training day."""
    foundations_days: int = 2
    """Open days one after the other, for each cohort."""
    cohort_gap: int = 14
    """From a cohort's first day to the next cohort's."""
    supervision_gap: int = 7
    """From the last Foundations day to the supervision day."""
    calls_gap: int = 14
    """From the supervision day to the first call."""
    follow_up_gap: int = 7
    """From the fifth and the last call to the wave after it."""
    review_gap: int = 14
    """From the close of a follow-up wave to the review with leadership."""

    def __post_init__(self) -> None:
        for name, (least, most) in LIMITS.items():
            value = getattr(self, name)
            if not isinstance(value, int) or not least <= value <= most:
                raise ValueError(f"{name} is {value!r}; it must be a whole number from {least} to {most}.")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Template":
        """As it was stored; what is unknown is left out, what is missing takes its usual value."""
        return cls(**{each.name: data[each.name] for each in fields(cls) if each.name in data})


LIMITS = {
    "cohorts": (1, MOST_COHORTS),
    "roster_gap": (1, 180),
    "baseline_gap": (1, 180),
    "wave_days": (5, 90),
    "foundations_gap": (1, 180),
    "foundations_days": (1, 4),
    "cohort_gap": (7, 180),
    "supervision_gap": (1, 180),
    "calls_gap": (1, 180),
    "follow_up_gap": (1, 90),
    "review_gap": (1, 90),
}


@dataclass(frozen=True)
class Step:
    """How a milestone gets its date: ``gap`` days from ``anchor``, after everything in ``after``."""

    key: Key
    rule: Rule
    anchor: Key | None = None
    gap: int = 0
    days: int = 0
    """Open so many days beyond the first: a wave."""
    after: tuple[Key, ...] = ()
    space: int = 1
    """Days at least since what comes before."""
    trained: bool = False
    """Needs the trainer."""


@cache
def steps(template: Template) -> tuple[Step, ...]:
    """All milestones in order, with what each waits for."""
    found = [
        Step(Key("commitment"), "start"),
        Step(Key("roster"), "after", Key("commitment"), template.roster_gap, after=(Key("commitment"),)),
        Step(
            Key("baseline"),
            "after",
            Key("roster"),
            template.baseline_gap,
            days=template.wave_days,
            after=(Key("roster"),),
        ),
    ]
    found += _training(template)
    found += _calls(found[-1].key, template, 1, MID_CALL)
    found += _follow_up(template, 1, found[-1].key)
    found += _calls(Key("call", 0, MID_CALL), template, MID_CALL + 1, CALLS)
    found += _follow_up(template, 2, Key("call", 0, CALLS))
    found += _follow_up(template, 3, Key("call", 0, CALLS))
    return tuple(found)


def _training(template: Template) -> list[Step]:
    found: list[Step] = []
    last = first = Key("baseline")
    for cohort in range(1, template.cohorts + 1):
        for day in range(1, template.foundations_days + 1):
            key = Key("foundations", cohort, day)
            if day > 1:
                step = Step(key, "next", last, after=(last,), trained=True)
            elif cohort == 1:
                step = Step(key, "after", last, template.foundations_gap, after=(last,), trained=True)
            else:
                step = Step(key, "since", first, template.cohort_gap, after=(last,), trained=True)
            found.append(step)
            first, last = (key if day == 1 else first), key
    gap = template.supervision_gap
    return [*found, Step(Key("supervision"), "after", last, gap, after=(last,), trained=True)]


def _calls(last: Key, template: Template, first: int, until: int) -> list[Step]:
    found = []
    for number in range(first, until + 1):
        key = Key("call", 0, number)
        if number == 1:
            found.append(Step(key, "after", last, template.calls_gap, after=(last,), trained=True))
        else:
            anchor = Key("call", 0, 1)
            found.append(
                Step(key, "monthly", anchor, number - 1, after=(last,), space=CALL_SPACE, trained=True)
            )
        last = key
    return found


def _follow_up(template: Template, number: int, call: Key) -> list[Step]:
    """A wave after a call (the third a year after it), and the review of what it shows."""
    wave, review = Key("follow_up", 0, number), Key("review", 0, number)
    earlier = (Key("follow_up", 0, number - 1),) if number > 1 else ()
    reviewed = (Key("review", 0, number - 1),) if number > 1 else ()
    rule: Rule = "year" if number == 3 else "after"
    gap = template.follow_up_gap
    return [
        Step(wave, rule, call, gap, days=template.wave_days, after=(call, *earlier)),
        Step(review, "after", wave, template.review_gap, after=(wave, *reviewed)),
    ]


def weekday_of_month(first: date, months: int) -> date:
    """The same weekday of a later month: a second Tuesday for a second Tuesday, the last one for a fifth."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    begins, length = calendar.monthrange(year, month + 1)
    day = 1 + (first.weekday() - begins) % 7 + (first.day - 1) // 7 * 7
    return date(year, month + 1, day if day <= length else day - 7)


def a_year_after(day: date) -> date:
    """The same date of the next year; February 29 becomes the 28th."""
    return day.replace(year=day.year + 1, day=min(day.day, calendar.monthrange(day.year + 1, day.month)[1]))
