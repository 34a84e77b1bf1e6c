"""Workforce by month: headcount, separations, days lost and scheduled, and the shares worked out from them.

Values in, values out; no database, no clock. None is "not known", which is never 0: a share is worked out only from
two known figures, a year's turnover only from twelve known months.

turnover       people who left in a month, of people employed at its end
a year's       the sum of the turnover of twelve months on end
absenteeism    days lost to absence in a month, of days scheduled

So many things drive these figures that they may not respond to anything one does; every page that shows them says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from .dates import same_day_of_month

YEAR = 12
FIELDS = ("headcount", "separations", "days_lost", "days_scheduled")
FIELD_NAMES = {
    "headcount": _("People employed at the month’s end"),
    "separations": _("People who left"),
    "days_lost": _("Days lost"),
    "days_scheduled": _("Days scheduled"),
}
CAUTION = _(
    "Read with care: pay, workload, the season and the labor market move turnover and absence as well, and often more. "
    "They may not respond to training at all, in either direction. They stand here beside what was delivered, not as "
    "its result."
)

type Figure = int | Decimal | None


@dataclass(frozen=True, slots=True)
class Month:
    """What is known of one month, by its first day. ValueError for another day, or a figure that cannot be."""

    month: date
    headcount: int | None = None
    separations: int | None = None
    days_lost: Decimal | None = None
    days_scheduled: Decimal | None = None

    def __post_init__(self) -> None:
        if self.month.day != 1:
            raise ValueError(f"{self.month} is not the first day of a month.")
        for name in FIELDS:
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name} of {self.month:%Y-%m} is {value}, which cannot be.")
        lost, scheduled = self.days_lost, self.days_scheduled
        if lost is not None and scheduled is not None and lost > scheduled:
            raise ValueError(f"{self.month:%Y-%m}: more days lost than scheduled.")

    @property
    def figures(self) -> tuple[Figure, ...]:
        """By ``FIELDS``."""
        return self.headcount, self.separations, self.days_lost, self.days_scheduled

    @property
    def is_empty(self) -> bool:
        return all(value is None for value in self.figures)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, both said with it. Of a year the whole is the mean of its twelve, and ``value`` their sum."""

    part: Fraction
    whole: Fraction
    value: Fraction

    @property
    def percent(self) -> float:
        return float(self.value * 100)


@dataclass(frozen=True, slots=True)
class Line:
    """A month with what is worked out from it, and from the eleven before it."""

    month: Month
    turnover: Share | None
    year: Share | None
    """Turnover of the twelve months that end with this one."""
    absenteeism: Share | None


def share(part: Figure, whole: Figure) -> Share | None:
    """A part of a whole; None when either is not known, or the whole is nothing."""
    if part is None or not whole:
        return None
    above, below = Fraction(part), Fraction(whole)
    return Share(above, below, above / below)


def turnover(month: Month) -> Share | None:
    """Of one month; above 1 is possible where many left and few are employed at its end."""
    return share(month.separations, month.headcount)


def absenteeism(month: Month) -> Share | None:
    return share(month.days_lost, month.days_scheduled)


def year_turnover(months: Sequence[Month]) -> Share | None:
    """The sum of twelve months' turnover; None unless these are twelve months on end, each with its own.

    ``part`` is everybody who left in them, ``whole`` the mean of their headcounts.
    """
    if len(months) != YEAR:
        return None
    if any(same_day_of_month(months[0].month, place) != each.month for place, each in enumerate(months)):
        return None
    found = [turnover(month) for month in months]
    known = [each for each in found if each is not None]
    if len(known) < YEAR:
        return None
    return Share(
        part=sum((each.part for each in known), Fraction(0)),
        whole=sum((each.whole for each in known), Fraction(0)) / YEAR,
        value=sum((each.value for each in known), Fraction(0)),
    )


def without_gaps(months: Iterable[Month], first: date | None = None, last: date | None = None) -> list[Month]:
    """Every month from the first to the last, in order; those that nobody knows of are empty.

    ``first`` and ``last`` widen the span, any day of a month. ValueError when a month comes twice.
    """
    known: dict[date, Month] = {}
    for each in months:
        if known.setdefault(each.month, each) is not each:
            raise ValueError(f"{each.month:%Y-%m} comes twice.")
    ends = [*known, *(day.replace(day=1) for day in (first, last) if day)]
    if not ends:
        return []
    found, month, end = [], min(ends), max(ends)
    while month <= end:
        found.append(known.get(month, Month(month)))
        month = same_day_of_month(month, 1)
    return found


def lines(months: Sequence[Month]) -> list[Line]:
    """What is worked out of each month of ``without_gaps``, in the same order."""
    return [
        Line(
            month,
            turnover(month),
            year_turnover(months[max(0, place - YEAR + 1) : place + 1]),
            absenteeism(month),
        )
        for place, month in enumerate(months)
    ]
