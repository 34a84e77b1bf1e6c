"""The plan of an agency: its dates, one date moved after a look at what moves with it, worked out anew, taken away."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rollout import plan_actions as actions
from rollout.access import DELIVERS, RUNS_AGENCIES, open_to
from rollout.exports import KINDS, table_response
from rollout.forms.plan import DoneForm, MoveForm, PlanForm
from rollout.models import Agency, Milestone, Plan, User
from rollout.pdf import PdfUnavailable, render_pdf
from rollout.plan_desk import Desk, key_of
from rollout.plan_moves import Moved, compare
from rollout.plan_words import change_reason, day_and_year, refusal, title_of
from rollout.refusals import Changed, Refused

from .. import plan_table as table
from ..plan_actuals import desk_of, facts_of, pins_before


def user_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def runs(request: HttpRequest, agency: Agency) -> bool:
    """Whether the reader leads this agency, and so may change its plan."""
    return Agency.objects.editable_by(user_of(request)).filter(pk=agency.pk).exists()


def led_agency(request: HttpRequest, slug: str) -> Agency:
    return get_object_or_404(Agency.objects.editable_by(user_of(request)), slug=slug)


def led_plan(request: HttpRequest, slug: str) -> Plan:
    """The plan of this address, if the user leads its agency; else 404."""
    plans = Plan.objects.editable_by(user_of(request)).select_related("agency", "trainer")
    return get_object_or_404(plans, agency__slug=slug)


@open_to(*DELIVERS)
@require_safe
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """All dates of the rollout beside their baseline and what has become of them; without a plan, the way to one."""
    agency = get_object_or_404(Agency.objects.where(user_of(request), *DELIVERS), slug=slug)
    may_edit, now = runs(request, agency), timezone.now()
    found = Plan.objects.select_related("agency", "trainer", "baseline_by").filter(agency=agency).first()
    if found is None:
        return render(request, "site/plan_none.html", {"agency": agency, "runs": may_edit})
    desk, today = desk_of(found, now), now.astimezone(agency.zone).date()
    lines = table.lines_of(desk, today)
    context = {
        "agency": agency,
        "plan": found,
        "runs": may_edit,
        "stages": table.stages_of(lines),
        "chart": table.chart_of(desk, lines, today, movable=may_edit),
        "facts": table.facts_of(lines),
        "cohorts": table.cohorts_of(desk, lines),
        "makes": table.makes_of(desk, lines, today),
        "axis": table.axis_of(desk, lines),
    }
    return render(request, "site/plan.html", context)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A first plan: start and template, the dates they give, then it is there."""
    agency, now, dates = led_agency(request, slug), timezone.now(), None
    if Plan.objects.filter(agency=agency).exists():
        return redirect("plan", agency.slug)
    today = now.astimezone(agency.zone).date()
    posted = request.method == "POST"
    form = PlanForm(request.POST if posted else None, agency=agency, today=today)
    if posted and form.is_valid():
        values = values_of(form) | {"pins": pins_before(agency)}
        try:
            if request.POST.get("step") == "create":
                actions.create_plan(agency, **values, by=user_of(request), at=now)
                messages.success(request, _("The plan is there. Any of its dates can be moved."))
                return redirect("plan", agency.slug)
            dates = actions.draft(agency, **values)
        except Refused as problem:
            form.add_error(None, str(problem))
    lines = (
        [(title_of(item.key, cohorts=dates.template.cohorts), item) for item in dates.items] if dates else []
    )
    context = {"agency": agency, "form": form, "lines": lines, "dates": dates}
    return render(request, "site/plan_new.html", context, status=422 if form.errors else 200)


def values_of(form: PlanForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {"starts_on": data["starts_on"], "template": form.template(), "trainer": data["trainer"]}


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_rework(request: HttpRequest, slug: str) -> HttpResponse:
    """Another start, template or trainer, or only today's closed days and bookings: what moves, then it is saved."""
    plan, now, status = led_plan(request, slug), timezone.now(), 200
    posted = request.method == "POST"
    today = now.astimezone(plan.agency.zone).date()
    form = PlanForm(request.POST if posted else None, agency=plan.agency, plan=plan, today=today)
    context: dict[str, Any] = {"agency": plan.agency, "plan": plan, "form": form}
    if posted and form.is_valid():
        values, facts = values_of(form), facts_of(plan, now)
        try:
            if request.POST.get("step") == "save":
                seen = request.POST.get("seen", "")
                actions.save_rework(plan, **values, seen=seen, facts=facts, by=user_of(request), at=now)
                messages.success(request, _("The plan is recalculated."))
                return redirect("plan", plan.agency.slug)
        except Changed:
            status = changed_meanwhile(request)
            plan = led_plan(request, slug)
        except Refused as problem:
            form.add_error(None, str(problem))
        if not form.errors:
            context |= reworked(form, desk_of(plan, now), values)
    if form.errors:
        status = 422
    return render(request, "site/plan_rework.html", context, status=status)


def reworked(form: PlanForm, desk: Desk, values: dict[str, Any]) -> dict[str, Any]:
    """What working it out anew would change; an error in the form where it cannot be."""
    try:
        dates = actions.preview_rework(desk, **values)
    except Refused as problem:
        form.add_error(None, str(problem))
        return {}
    changes = compare(desk.dates, dates)
    rows = change_rows(changes, max(dates.template.cohorts, desk.template.cohorts))
    return {"changes": rows, "seen": actions.digest(desk, dates), "dates": dates, "looked": True}


def changed_meanwhile(request: HttpRequest) -> int:
    messages.error(
        request, _("The plan changed meanwhile. Nothing was saved: look again at what would move.")
    )
    return 409


def change_rows(changes: Any, cohorts: int) -> list[dict[str, str]]:
    """Changes in words, for the table of a preview."""
    return [
        {
            "title": title_of(change.key, cohorts=cohorts),
            "before": day_and_year(change.before) if change.before else "–",
            "after": day_and_year(change.after) if change.after else "–",
            "why": change_reason(change, cohorts),
        }
        for change in changes
    ]


# --- One milestone ----------------------------------------------------------------------------------------------


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_milestone(request: HttpRequest, uuid: str) -> HttpResponse:
    """One date: move it (``?on=`` shows what moves with it), keep it where it is, say that it took place."""
    rows = Milestone.objects.editable_by(user_of(request)).select_related("plan__agency", "plan__trainer")
    row = get_object_or_404(rows, uuid=uuid)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if request.method == "POST":
        if step == "move":
            return save_move(request, row)
        return mark(request, row, step)
    form = MoveForm({"on": request.GET["on"]} if "on" in request.GET else None)
    context = milestone_page(row, form)
    part = "#preview" if request.htmx and "on" in request.GET else ""  # type: ignore[attr-defined]
    status = 422 if form.errors or context.get("refused") else 200
    return render(request, "site/plan_milestone.html" + part, context, status=status)


def milestone_page(row: Milestone, form: MoveForm) -> dict[str, Any]:
    """The milestone as it stands, and with a date in the form, what moving it there would do."""
    now = timezone.now()
    desk = desk_of(row.plan, now)
    today = now.astimezone(row.plan.agency.zone).date()
    line = next(line for line in table.lines_of(desk, today) if line.uuid == row.uuid)
    context: dict[str, Any] = {
        "agency": row.plan.agency,
        "line": line,
        "form": form,
        "done_form": DoneForm(initial={"done_on": min(today, line.item.on)}),
        "marked": row.done_on,
    }
    if not form.is_bound:
        form.initial["on"] = line.item.on
    elif form.is_valid() and line.is_open:
        moved = actions.preview_move(desk, key_of(row), form.cleaned_data["on"])
        context |= previewed(desk, moved)
    return context


def previewed(desk: Desk, moved: Moved) -> dict[str, Any]:
    cohorts = desk.template.cohorts
    return {
        "looked": True,
        "changes": change_rows(moved.changes, cohorts),
        "refused": refusal(moved.refused, cohorts) if moved.refused else "",
        "nearest": moved.nearest,
        "seen": actions.digest(desk, moved.plan),
    }


def save_move(request: HttpRequest, row: Milestone) -> HttpResponse:
    """Write what the preview showed; 409 with a new preview when it would be something else by now."""
    form, now, status = MoveForm(request.POST), timezone.now(), 422
    if form.is_valid():
        facts, seen = facts_of(row.plan, now), request.POST.get("seen", "")
        on = form.cleaned_data["on"]
        try:
            changes = actions.save_move(
                row.plan, key_of(row), on, seen=seen, facts=facts, by=user_of(request), at=now
            )
        except Changed:
            status = changed_meanwhile(request)
        except Refused as problem:
            messages.error(request, str(problem))
        else:
            if changes:
                messages.success(request, _("Saved. This date now stays when others move."))
            return redirect("plan", row.plan.agency.slug)
    context = milestone_page(
        Milestone.objects.select_related("plan__agency", "plan__trainer").get(pk=row.pk), form
    )
    return render(request, "site/plan_milestone.html", context, status=status)


def mark(request: HttpRequest, row: Milestone, step: str) -> HttpResponse:
    """Keep it where it is or let it go, say that it took place or take that back."""
    now, by = timezone.now(), user_of(request)
    if step in ("fix", "free"):
        actions.fix(row, stays=step == "fix", by=by, at=now)
        words = _("It stays on its date.") if step == "fix" else _("It moves along again.")
        messages.success(request, words)
    elif step == "undo":
        actions.mark_done(row, None, by=by, at=now)
    elif step == "done":
        form = DoneForm(request.POST)
        try:
            if not form.is_valid():
                raise Refused(_("Enter the day on which it took place."))
            actions.mark_done(row, form.cleaned_data["done_on"], by=by, at=now)
            messages.success(request, _("Marked as done."))
        except Refused as problem:
            messages.error(request, str(problem))
    return redirect("plan_milestone", row.uuid)


@open_to(*RUNS_AGENCIES)
@require_POST
def plan_baseline(request: HttpRequest, slug: str) -> HttpResponse:
    """Compare with today's dates from now on."""
    plan, now = led_plan(request, slug), timezone.now()
    actions.set_baseline(plan, facts=facts_of(plan, now), by=user_of(request), at=now)
    messages.success(request, _("From now on the plan is compared with its dates of today."))
    return redirect("plan", plan.agency.slug)


# --- On paper and as a file ---------------------------------------------------------------------------------


@open_to(*DELIVERS)
@require_safe
def plan_file(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The plan as PDF, CSV or workbook."""
    plans = Plan.objects.visible_to(user_of(request)).select_related("agency", "trainer")
    plan, now = get_object_or_404(plans, agency__slug=slug), timezone.now()
    desk, today = desk_of(plan, now), now.astimezone(plan.agency.zone).date()
    lines = table.lines_of(desk, today)
    if kind in KINDS:
        return table_response(f"{plan.agency.slug}-plan", table.headers(), table.rows_of(lines), kind)
    if kind != "pdf":
        raise Http404
    context = table.paper(desk, lines, today)
    try:
        content = render_pdf("pdf/plan.html", context, lang=get_language() or "en")
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("plan", plan.agency.slug)
    disposition = content_disposition_header(False, f"{plan.agency.slug}-plan.pdf") or "inline"
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})
