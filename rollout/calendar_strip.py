"""Weeks with what happens in them, for ``components/calendar.html``: dates and entries in, rows of days out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = 7


@dataclass(frozen=True)
class Entry:
    """Something on a day, in few words. ``kind``: "" (a call), "dose" (training), "warn" (something ends)."""

    on: date
    title: str
    url: str = ""
    note: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Day:
    """One cell. ``is_inside``: within the period asked for; ``names_month``: the first day shown of its month."""

    on: date
    entries: tuple[Entry, ...]
    is_today: bool
    is_inside: bool
    names_month: bool


@dataclass(frozen=True)
class Calendar:
    """Whole weeks, one after the other."""

    weeks: tuple[tuple[Day, ...], ...]


def calendar_strip(
    first_on: date, last_on: date, entries: Iterable[Entry], *, today: date, week_begins: int = 6
) -> Calendar:
    """The whole weeks that hold ``first_on`` to ``last_on``; entries outside of them are left out.

    ``week_begins``: 0 is Monday, 6 is Sunday, as in ``date.weekday()``. Entries of one day keep their order.
    Raises ValueError when the last day comes before the first.
    """
    if last_on < first_on:
        raise ValueError("the last day comes before the first")
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_day[entry.on].append(entry)
    begin = first_on - timedelta(days=(first_on.weekday() - week_begins) % WEEK)
    count = ((last_on - begin).days // WEEK + 1) * WEEK
    days = [
        Day(
            on=on,
            entries=tuple(by_day.get(on, ())),
            is_today=on == today,
            is_inside=first_on <= on <= last_on,
            names_month=on == begin or on.day == 1,
        )
        for on in (begin + timedelta(days=number) for number in range(count))
    ]
    return Calendar(tuple(tuple(days[at : at + WEEK]) for at in range(0, count, WEEK)))
