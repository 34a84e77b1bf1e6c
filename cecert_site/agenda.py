"""What needs somebody now and what is coming, across all parts of the product."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import assessments.agenda
import consultation.agenda
import rollout.agenda
from rollout import day_words
from rollout.agenda import Coming, Todo
from rollout.calendar_strip import Calendar, Entry, calendar_strip
from rollout.ledger import Ledger
from rollout.models import Agency, User

PARTS = (rollout.agenda, consultation.agenda, assessments.agenda)
WEEKS_SHOWN = 5
SATURDAY = 5


def todos(user: User, now: datetime) -> list[Todo]:
    """The user's own tasks of all roles, the heaviest first."""
    return sorted((todo for part in PARTS for todo in part.todos(user, now)), key=lambda todo: -todo.weight)


def coming(user: User, now: datetime, *, most: int | None = 6) -> list[Coming]:
    """The next dates the user takes part in, the nearest first."""
    return sorted((item for part in PARTS for item in part.coming(user, now)), key=lambda item: item.at)[
        :most
    ]


def calendar(items: Sequence[Coming], now: datetime) -> tuple[Calendar | None, list[Coming]]:
    """Five weeks from this one on with what is coming in them, of all agencies, and what comes after them.

    Each on the day it has in its own zone. No calendar when the weeks would be empty.
    """
    if not items:
        return None, []
    today = now.astimezone(ZoneInfo(items[0].zone)).date()
    last_on = today + timedelta(weeks=WEEKS_SHOWN - 1, days=(SATURDAY - today.weekday()) % 7)
    several_zones = len({item.zone for item in items}) > 1
    near = [_entry(item, several_zones) for item in items if _day(item) <= last_on]
    later = [item for item in items if _day(item) > last_on]
    return (calendar_strip(today, last_on, near, today=today) if near else None), later


def _day(item: Coming) -> date:
    return item.at.astimezone(ZoneInfo(item.zone)).date()


def _entry(item: Coming, names_zone: bool) -> Entry:
    there = item.at.astimezone(ZoneInfo(item.zone))
    clock = f"{day_words.clock(there)} {there:%Z}" if names_zone else day_words.clock(there)
    return Entry(_day(item), item.title, item.url, f"{clock}, {item.agency or item.why}", item.kind)


def slips(agency: Agency, now: datetime, *, past: Ledger | None = None) -> list[Todo]:
    """What slips in an agency, each with the one thing to do about it, the heaviest first.

    ``past``: a ledger of everybody who was ever there, where one has been read.
    """
    found = list(rollout.agenda.slips(agency, now, past=past))
    for part in PARTS:
        if part is not rollout.agenda:
            found += part.slips(agency, now)
    return sorted(found, key=lambda todo: -todo.weight)
