"""Ten dates before they are saved: which moved and why, which are closed days, and where the trainer is
booked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from rollout import day_words
from rollout.bookings import agencies_known, clashes_of, entry
from rollout.dates import is_closed, same_day_of_month
from rollout.models import Agency, User

from .actions import CALL_LENGTH
from .starter import CallPlan, calls


@dataclass(frozen=True)
class PlannedDate:
    """One call of a series that is being planned. `note`: why not the same day of the month; `clash`: what it
    meets.
    """

    plan: CallPlan
    starts_at: datetime
    note: str
    clash: str


def planned_dates(
    agency: Agency, data: Mapping[str, Any], starts: Sequence[datetime], *, by: User
) -> list[PlannedDate]:
    """What the preview shows for these starts; empty while there are none. At most three queries."""
    if not starts:
        return []
    trainer: User | None = data.get("trainer")
    spans = [(start, start + CALL_LENGTH) for start in starts]
    taken = clashes_of(trainer, spans) if trainer else []
    known = agencies_known(by, [clash.booking for clash in taken]) if taken else set()
    clashes: dict[int, str] = {}
    for clash in taken:
        text = entry(clash.booking, agency.zone, known)
        clashes.setdefault(
            clash.place, _("%(trainer)s is booked: %(entry)s") % {"trainer": trainer, "entry": text}
        )
    return [
        PlannedDate(plan, start, _note(agency, data, place, start), clashes.get(place, ""))
        for place, (plan, start) in enumerate(zip(calls(), starts, strict=True))
    ]


def _note(agency: Agency, data: Mapping[str, Any], place: int, start: datetime) -> str:
    day = start.astimezone(agency.zone).date()
    if is_closed(day):
        return _("a weekend or federal holiday")
    first = data.get("first_on")
    usual = same_day_of_month(first, place) if first else day
    if usual != day and is_closed(usual):
        return _("%(day)s is a weekend or holiday") % {"day": day_words.brief_weekday(usual)}
    return ""
