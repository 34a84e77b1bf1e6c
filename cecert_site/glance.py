"""An agency at a glance for its leader's home: stage, figures, what slips, what is coming."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache.backends.locmem import LocMemCache
from django.utils.translation import get_language

from rollout.agenda import Coming, Todo
from rollout.ledger import open_ledger
from rollout.models import Agency, AuditEntry, User

from . import agenda
from .picture import facts, stage_steps, standing

SECONDS = 60
KEPT = LocMemCache("agency at a glance", {"TIMEOUT": SECONDS, "OPTIONS": {"MAX_ENTRIES": 500}})
"""In the memory of the process: reading must not write, and what lies here is worked out again in a moment."""


@dataclass(frozen=True)
class Glance:
    """What the home of somebody who runs an agency shows of it, ready for the components."""

    people: int
    stages: list[dict[str, object]]
    facts: list[dict[str, object]]
    slips: list[Todo]
    coming: list[Coming]


def at_a_glance(agency: Agency, user: User, now: datetime) -> Glance:
    """Worked out once for each state of the records, and again every minute; one query when it is known.

    The agency's audit says when something has changed: every action leaves an entry. What leaves none there (the
    clock, a mark in a log that is not finished, another agency's dates) shows within a minute. For whoever runs
    the agency: the caller has made sure.
    """
    last = AuditEntry.objects.filter(agency=agency).order_by("-pk").values_list("pk", flat=True).first()
    key = f"{agency.uuid}:{user.pk}:{last}:{int(now.timestamp()) // SECONDS}:{get_language()}"
    found = KEPT.get(key)
    if not isinstance(found, Glance):
        past = open_ledger(agency, now, former=True)
        seen = standing(agency, now, ledger=past.current())
        found = Glance(
            people=seen.hours.people,
            stages=stage_steps(seen),
            facts=facts(seen),
            slips=agenda.slips(agency, now, past=past),
            coming=agenda.coming(user, now),
        )
        KEPT.set(key, found)
    return found
