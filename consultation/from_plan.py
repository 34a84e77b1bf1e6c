"""The ten calls as the agency's plan has them: the dates a new series starts from, and the way back to the plan."""

from collections.abc import Sequence
from datetime import datetime, time

from django.http import HttpRequest

from rollout.dates import at_local
from rollout.models import Agency, Milestone, User
from rollout.plan_actions import link
from rollout.plan_steps import Key

from .models import Series
from .starter import N_CALLS

USUAL_TIME = time(10, 0)


def planned_calls(request: HttpRequest, agency: Agency) -> Sequence[Milestone]:
    """The plan's calls in order when the request comes from there (``?from_plan=``); empty where there are not ten."""
    if "from_plan" not in request.GET:
        return ()
    rows = Milestone.objects.filter(plan__agency=agency, kind=Milestone.Kind.CALL).select_related(
        "plan__trainer"
    )
    found = list(rows.order_by("number"))
    return found if len(found) == N_CALLS else ()


def starts_of(rows: Sequence[Milestone], agency: Agency) -> list[datetime]:
    """The calls' dates at the usual time."""
    return [at_local(row.on, USUAL_TIME, agency.zone) for row in rows]


def tell_plan(rows: Sequence[Milestone], series: Series, *, by: User, at: datetime) -> None:
    """Link the new calls to the plan's milestones, so that it shows when they are held."""
    if rows:
        made = {Key("call", 0, call.number): call.uuid for call in series.calls.all()}
        link(rows[0].plan, made, by=by, at=at)
