"""Coverage: how many of the people employed at each month's end had completed something by then.

Pure arithmetic: no database, no clock. The denominator is whoever is employed on that day, so coverage rises
with training, falls when trained people leave, and falls again when newcomers arrive.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .dates import same_day_of_month


@dataclass(frozen=True, slots=True)
class Stay:
    """One person. Without a date of hire: employed all along; without one of leaving: still employed.

    ``covered_on``: the day on which the last hour that was needed was earned; None while one is open.
    """

    hired_on: date | None
    left_on: date | None
    covered_on: date | None

    def is_here(self, day: date) -> bool:
        """Employed on that day; no longer on the day of leaving."""
        return (self.hired_on is None or self.hired_on <= day) and (
            self.left_on is None or self.left_on > day
        )

    def is_covered(self, day: date) -> bool:
        """Employed and complete on that day."""
        return self.covered_on is not None and self.covered_on <= day and self.is_here(day)


@dataclass(frozen=True, slots=True)
class MonthCoverage:
    """One month's end, or today within the last month.

    ``came`` and ``went`` are the people in which it differs from the month before, ``went_covered`` those of
    the second who had been covered: people = people before + came - went, and covered = covered before +
    gained - went_covered.
    """

    month: date
    """Its first day."""
    on: date
    """The day that is counted."""
    people: int
    covered: int
    came: int
    went: int
    went_covered: int
    gained: int

    @property
    def share(self) -> float | None:
        """Covered of the people employed, 0 to 1; None while nobody is."""
        return self.covered / self.people if self.people else None


def coverage_by_month(stays: Iterable[Stay], first: date, today: date) -> tuple[MonthCoverage, ...]:
    """Every month from that of ``first`` to that of ``today``; empty when ``first`` lies after today."""
    everybody = list(stays)
    month = first.replace(day=1)
    before = _counted(everybody, month - timedelta(days=1))
    found = []
    while month <= today:
        following = same_day_of_month(month, 1)
        day = min(today, following - timedelta(days=1))
        now = _counted(everybody, day)
        found.append(_month(month, day, before, now))
        month, before = following, now
    return tuple(found)


type _Counted = tuple[set[int], set[int]]
"""Places of those employed, and of those covered among them."""


def _counted(stays: Sequence[Stay], day: date) -> _Counted:
    here = {place for place, stay in enumerate(stays) if stay.is_here(day)}
    return here, {place for place in here if stays[place].is_covered(day)}


def _month(month: date, day: date, before: _Counted, now: _Counted) -> MonthCoverage:
    (were, had), (here, covered) = before, now
    return MonthCoverage(
        month=month,
        on=day,
        people=len(here),
        covered=len(covered),
        came=len(here - were),
        went=len(were - here),
        went_covered=len(had - here),
        gained=len(covered - had),
    )
