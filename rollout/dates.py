"""Dates of a series: the same day each month, never on a closed day, at one local time.

Pure: no database, no clock. A day is closed on weekends always, and on whatever the caller's set or
predicate says beyond that: public holidays by default, an agency's own days or a trainer's bookings.
"""

import calendar
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

Closed = Callable[[date], bool] | Collection[date]

_SATURDAY = 5
_LONGEST_CLOSURE = 366
_ONE_DAY = timedelta(days=1)


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """US federal holidays that fall in the year, with the weekday each is observed on."""
    # Imported here: the holidays package takes a quarter of a second, and most processes never ask.
    from holidays import country_holidays

    return frozenset(country_holidays("US", years=year))


def is_closed(day: date) -> bool:
    """Weekend or US federal holiday, for any year."""
    return _is_weekend(day) or day in federal_holidays(day.year)


def closed_days(years: Iterable[int]) -> frozenset[date]:
    """Every weekend day and US federal holiday of the years: for showing a calendar, or adding own days."""
    return frozenset(day for year in years for day in _days_of(year) if is_closed(day))


def next_open_day(day: date, closed: Closed = is_closed) -> date:
    """The day itself when it is open, else the first open day after it.

    Raises ValueError when a whole year is closed: then the closing days are wrong, not the date.
    """
    _plain_date(day)
    for offset in range(_LONGEST_CLOSURE + 1):
        candidate = day + offset * _ONE_DAY
        if not _is_weekend(candidate) and not _says_closed(closed, candidate):
            return candidate
    raise ValueError(f"No open day within a year from {day.isoformat()}; check the closing days.")


def same_day_of_month(first: date, months: int) -> date:
    """`first` moved by whole months; a day the month lacks becomes its last (31 January → 28 February)."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(first.day, last))


def at_local(day: date, local_time: time, zone: ZoneInfo) -> datetime:
    """That wall-clock time on that day in the zone, aware.

    A time the clock skips (2:30 when it goes from 2 to 3) moves on by the skipped span to 3:30; of a time
    that comes twice the first is taken. Raises ValueError for a time that brings its own zone.
    """
    _plain_date(day)
    if local_time.tzinfo is not None:
        raise ValueError("local_time must be without a zone; the zone is given beside it.")
    # The way through UTC turns a skipped time into one that exists.
    return datetime.combine(day, local_time.replace(fold=0), zone).astimezone(UTC).astimezone(zone)


def monthly(
    first: date,
    local_time: time,
    zone: ZoneInfo,
    count: int = 10,
    closed: Closed = is_closed,
) -> list[datetime]:
    """`count` aware datetimes in `zone`, one a month, all at `local_time` on open days, strictly rising.

    The same day of the month as `first` (each counted from `first`, so a pushed or shortened month does not
    shift the ones after it), pushed to the next open day; a long closure that would put two on one day
    pushes the later one further. Raises ValueError for a negative count or when no day is open for a year.
    """
    _plain_date(first)
    if count < 0:
        raise ValueError(f"count is {count}; it must be 0 or more.")
    moments: list[datetime] = []
    earliest = first
    for months in range(count):
        day = next_open_day(max(same_day_of_month(first, months), earliest), closed)
        while (moment := at_local(day, local_time, zone)).date() != day:
            # A clock change may skip past midnight, once even a whole day: that day lacks this time.
            day = next_open_day(day + _ONE_DAY, closed)
        moments.append(moment)
        earliest = day + _ONE_DAY
    return moments


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _says_closed(closed: Closed, day: date) -> bool:
    return closed(day) if callable(closed) else day in closed


def _days_of(year: int) -> Iterable[date]:
    return (date(year, 1, 1) + n * _ONE_DAY for n in range(366 if calendar.isleap(year) else 365))


def _plain_date(day: date) -> None:
    # A datetime is a date to Python, but equals none: every holiday would silently count as open.
    if isinstance(day, datetime):
        raise TypeError("Pass a date, not a datetime.")
