"""Coverage: how many of the people employed at each month's end had completed something by then.

Pure arithmetic: no database, no clock. The denominator is whoever is employed on that day, so coverage rises
with training, falls when trained people leave, and falls again when newcomers arrive.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

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


# --- The booster --------------------------------------------------------------------------------------------------

LEAST_SHARE = Fraction(4, 5)
"""Below this part of current staff a booster is suggested."""
LOOKED_BACK, LOOKED_AHEAD = 6, 3
"""Whole months whose turnover is carried on, and months for which it is."""


@dataclass(frozen=True, slots=True)
class Booster:
    """A foundations training that coverage calls for, and the figures it rests on. People are whole people."""

    month: date
    """First day of the month in which coverage is below ``LEAST_SHARE``: this one, or one to come."""
    ahead: int
    """How many months from now that is; 0: already so."""
    covered: int
    """Of whoever is employed then, by the same counting; those on track counted in."""
    people: int
    uncovered: int
    """Whom the booster is for."""

    @property
    def share(self) -> float:
        return self.covered / self.people


def suggest_booster(months: Sequence[MonthCoverage], on_track: int = 0) -> Booster | None:
    """A booster as soon as fewer than four of five people on the roster are covered, now or within three months.

    Looks ahead by carrying on what the last six whole months saw, each month alike: how many came, how many left,
    and how many of those were covered; newcomers come uncovered. ``on_track`` people are not covered yet but will
    be with what is planned: they count as covered, so that nothing is suggested that is planned already. None
    before anybody is covered (then the foundations themselves are ahead), and while four of five are.
    It carries turnover on; it foretells nothing.
    """
    if not months or not months[-1].people or not months[-1].covered:
        return None
    now, seen = months[-1], months[:-1][-LOOKED_BACK:]
    rate = Fraction(1, len(seen)) if seen else Fraction(0)
    came, went = rate * sum(m.came for m in seen), rate * sum(m.went for m in seen)
    went_covered = rate * sum(m.went_covered for m in seen)
    for ahead in range(LOOKED_AHEAD + 1):
        people = round(now.people + ahead * (came - went))
        covered = min(people, round(min(now.people, now.covered + on_track) - ahead * went_covered))
        if people > 0 and Fraction(max(0, covered), people) < LEAST_SHARE:
            month = same_day_of_month(now.month, ahead)
            return Booster(month, ahead, max(0, covered), people, people - max(0, covered))
    return None
