"""A plan in a few words, for the agency's overview: what comes next, and how far dates have moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rollout.models import Agency, Plan
from rollout.plan_words import drift_words

from .plan_actuals import desk_of
from .plan_table import Line, lines_of


@dataclass(frozen=True)
class Brief:
    """``later``: milestones behind their baseline, of ``compared``; ``most``: the largest difference in words."""

    coming: tuple[Line, ...]
    later: int
    compared: int
    most: str


def plan_brief(agency: Agency, now: datetime) -> Brief | None:
    """None where there is no plan. One query then, else a constant number."""
    plan = Plan.objects.select_related("agency", "trainer").filter(agency=agency).first()
    if plan is None:
        return None
    return brief_of(lines_of(desk_of(plan, now), now.astimezone(agency.zone).date()))


def brief_of(lines: Sequence[Line], most: int = 3) -> Brief:
    """The next milestones that are not done, overdue ones first, and what the comparison says."""
    open_lines = [line for line in lines if line.state != "done"]
    coming = sorted(open_lines, key=lambda line: line.item.on)[:most]
    drifts = [line.drift for line in lines if line.drift is not None]
    late = [drift for drift in drifts if drift > 0]
    return Brief(tuple(coming), len(late), len(drifts), drift_words(max(late)) if late else "")
