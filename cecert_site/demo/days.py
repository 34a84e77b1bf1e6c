"""The demo's calendar: days counted from today, in the agency's zone, sessions and calls on open days only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rollout.dates import at_local, is_closed, next_open_day, same_day_of_month


@dataclass
class Days:
    """Dates around ``today``. ``taken``: days on which the trainer is booked already."""

    today: date
    zone: ZoneInfo
    taken: set[date] = field(default_factory=set)

    def day(self, offset: int) -> date:
        """That many days from today, whatever day it is."""
        return self.today + timedelta(days=offset)

    def at(self, offset: int, hour: int = 9, minute: int = 0) -> datetime:
        """A moment on that day, aware, for things people do at a desk."""
        return at_local(self.day(offset), time(hour, minute), self.zone)

    def book(self, offset: int) -> date:
        """The next open day from there on which the trainer is free; booked from now on."""
        day = next_open_day(self.day(offset), lambda day: is_closed(day) or day in self.taken)
        self.taken.add(day)
        return day

    def reserve(self, moments: Iterable[datetime]) -> None:
        """Keep these moments' days free of sessions."""
        self.taken |= {moment.astimezone(self.zone).date() for moment in moments}

    def first_of_series(self, offset: int, months_before: int) -> date:
        """First day of a monthly series that comes to an open day about ``offset`` days from today.

        Not after the 28th, which every month has.
        """
        near = sorted(range(offset - 4, offset + 5), key=lambda candidate: abs(candidate - offset))
        open_days = [self.day(n) for n in near if self.day(n).day <= 28 and not is_closed(self.day(n))]
        return same_day_of_month(open_days[0], -months_before)
