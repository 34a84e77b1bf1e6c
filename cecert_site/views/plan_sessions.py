"""Training sessions made from a plan's dates."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from rollout import plan_actions as actions
from rollout.access import RUNS_AGENCIES, open_to
from rollout.forms.plan import PlanSessionsForm
from rollout.models import Cohort, Curriculum, Milestone, Plan
from rollout.plan_words import title_of
from rollout.refusals import Refused
from rollout.training_actions import create_cohort, install_curricula

from ..plan_actuals import desk_of, unlinked
from .plan import led_plan, user_of

CURRICULA = {"foundations": "ce-cert-foundations", "supervision": "ce-cert-supervision"}


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_sessions(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Make the sessions of one cohort of the plan from its dates; ``number`` 0 is the supervision day."""
    plan, now = led_plan(request, slug), timezone.now()
    rows = open_rows(plan, number)
    if not rows:
        messages.info(request, _("All sessions of this part of the plan are planned already."))
        return redirect("plan", plan.agency.slug)
    curriculum = curriculum_of(rows[0])
    name = _("Cohort %(n)d") % {"n": number} if number else _("Supervisors")
    form = PlanSessionsForm(
        request.POST if request.method == "POST" else None, plan=plan, curriculum=curriculum, name=name
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = make(plan, rows, form, request)
        except Refused as problem:
            for line in str(problem).splitlines():
                form.add_error(None, line)
        else:
            text = ngettext("%(n)d session is planned.", "%(n)d sessions are planned.", len(made))
            messages.success(request, text % {"n": len(made)} + " " + _("Next: its people."))
            return redirect("rollout:cohort", made[0].cohort.uuid)
    desk = desk_of(plan, now)
    context = {
        "agency": plan.agency,
        "plan": plan,
        "form": form,
        "curriculum": curriculum,
        "rows": [
            (title_of(key, row.title, desk.template.cohorts), row)
            for key, row in desk.rows.items()
            if row in rows
        ],
    }
    return render(request, "site/plan_sessions.html", context, status=422 if form.errors else 200)


def open_rows(plan: Plan, number: int) -> list[Milestone]:
    """Training days of this cohort that nothing was made of; 404 for a cohort the plan does not have."""
    kind = "foundations" if number else "supervision"
    rows = list(plan.milestones.filter(kind=kind, cohort=number).order_by("number"))
    if not rows:
        raise Http404
    return unlinked(rows, desk_of(plan, timezone.now()))


def curriculum_of(row: Milestone) -> Curriculum:
    """What is taught on this day; the starter curricula come along on a fresh installation."""
    code = CURRICULA[row.kind]
    if not Curriculum.objects.filter(code=code).exists():
        install_curricula()
    return Curriculum.objects.get(code=code)


@transaction.atomic
def make(plan: Plan, rows: list[Milestone], form: PlanSessionsForm, request: HttpRequest) -> list[Any]:
    """The cohort, if it is a new one, and its sessions; both or neither."""
    data, by, now = form.cleaned_data, user_of(request), timezone.now()
    cohort: Cohort | None = data["cohort"]
    if cohort is None:
        cohort = create_cohort(plan.agency, form.curriculum, data["name"].strip(), by=by, at=now)
    return actions.make_sessions(
        plan,
        rows,
        cohort,
        starts=data["starts"],
        ends=data["ends"],
        trainer=data["trainer"],
        place=data["place"],
        by=by,
        at=now,
    )
