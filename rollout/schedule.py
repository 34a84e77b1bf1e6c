"""The schedule of an agency's training: the weeks ahead, and each cohort in one line. Sessions in, values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from .calendar_strip import Calendar, Entry, calendar_strip
from .models import Cohort, Session
from .summaries import CohortCount

WEEKS_AHEAD = 5
"""Later sessions stand with their cohort."""


@dataclass(frozen=True)
class CohortLine:
    """A cohort on the schedule. ``planned`` and ``held`` count sessions that are not cancelled.

    ``upcoming`` is the next session; ``unrecorded`` the first that is over without anybody's attendance, ``untrained``
    the first ahead without a trainer.
    """

    cohort: Cohort
    count: CohortCount
    planned: int
    held: int
    upcoming: Session | None
    unrecorded: Session | None
    untrained: Session | None


def cohort_line(cohort: Cohort, count: CohortCount, now: datetime) -> CohortLine:
    """From the cohort's sessions in order, fetched with ``has_records``. No query."""
    sessions = [each for each in cohort.sessions.all() if not each.cancelled_at]
    over = [each for each in sessions if each.ends_at <= now]
    ahead = [each for each in sessions if each.ends_at > now]
    return CohortLine(
        cohort,
        count,
        planned=len(sessions),
        held=len(over),
        upcoming=ahead[0] if ahead else None,
        unrecorded=next((each for each in over if not each.has_records), None),  # type: ignore[attr-defined]
        untrained=next((each for each in ahead if not each.trainer_id), None),
    )


def weeks_ahead(cohorts: Iterable[Cohort], now: datetime, zone: ZoneInfo) -> Calendar | None:
    """The weeks from today to the last session within ``WEEKS_AHEAD``; None when there is none. No query."""
    today = now.astimezone(zone).date()
    last = today + timedelta(weeks=WEEKS_AHEAD)
    near = [
        (session.starts_at.astimezone(zone).date(), session, cohort)
        for cohort in cohorts
        for session in cohort.sessions.all()
        if session.ends_at > now and not session.cancelled_at
    ]
    entries = [
        Entry(
            max(on, today),
            session.title,
            url=reverse("rollout:session", args=[session.uuid]),
            note=cohort.name if session.trainer_id else f"{cohort.name} · {_('No trainer yet')}",
            kind="dose" if session.trainer_id else "warn",
        )
        for on, session, cohort in sorted(near, key=lambda each: each[1].starts_at)
        if on <= last
    ]
    return calendar_strip(today, entries[-1].on, entries, today=today) if entries else None
