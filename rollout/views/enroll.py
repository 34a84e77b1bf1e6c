"""Enrolling an agency step by step, and the days on which it is closed. One page for each step, saved when finished."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from .. import closing_actions, enrollment
from ..access import RUNS_AGENCIES, open_to
from ..closing import REGIONS, closed_days
from ..enroll import MAY_WAIT, STEP_NAMES, STEPS, Progress, StepCode, following, preceding, progress
from ..forms.enroll import ClosedDayForm, StartForm
from ..forms.enrollment import AgencyForm, RosterFileForm, TeamForm
from ..models import Agency, ClosedDay, Team, User
from ..roster_actions import receive_roster
from .commitment import commitment_context, commitment_form, save_commitment
from .enrollment import led_agency

PAGE = 50
SHOWN_TEAMS = 50


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def enroll(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """One step of enrolling an agency; what is finished is saved, and one may stop and come back."""
    agency = led_agency(request, slug)
    if step not in STEPS:
        raise Http404
    return STEP_VIEWS[step](request, agency)


def stepper(agency: Agency, code: StepCode, come: Progress) -> list[dict[str, object]]:
    """Items of ``components/stepper.html``: what is done leads there, before or after the step one is on."""
    return [
        {
            "label": STEP_NAMES[step],
            "url": step_url(agency, step),
            "done": step in come.done,
            "open": step not in come.done,
        }
        for step in STEPS
    ]


def step_url(agency: Agency, step: StepCode) -> str:
    return reverse("rollout:enroll", args=[agency.slug, step])


def page(request: HttpRequest, agency: Agency, code: StepCode, **context: Any) -> HttpResponse:
    """A step's page; 422 when its form has errors."""
    come, before = progress(agency), preceding(code)
    form = context.get("form")
    shared = {
        "agency": agency,
        "step": code,
        "title": STEP_NAMES[code],
        "number": STEPS.index(code) + 1,
        "steps": stepper(agency, code, come),
        "come": come,
        "back_url": step_url(agency, before) if before else "",
        "next_url": step_url(agency, following(code)),
        "may_wait": code in MAY_WAIT,
        "is_done": code in come.done,
        "has_leader": agency.leaders.exists(),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, f"rollout/enroll_{code}.html", shared | context, status=status)


def go_on(agency: Agency, code: StepCode) -> HttpResponse:
    return redirect(step_url(agency, following(code)))


def agency_step(request: HttpRequest, agency: Agency) -> HttpResponse:
    """Facts and rules."""
    post = request.POST if request.method == "POST" else None
    form = AgencyForm(post, instance=Agency.objects.get(pk=agency.pk))
    if post is not None and form.is_valid():
        enrollment.change_agency(form.save(commit=False), by=cast(User, request.user), at=timezone.now())
        return go_on(agency, "agency")
    return page(request, agency, "agency", form=form)


def commitment_step(request: HttpRequest, agency: Agency) -> HttpResponse:
    """Who promises what."""
    form = commitment_form(request, agency)
    if request.method == "POST" and save_commitment(request, form):
        return go_on(agency, "commitment")
    return page(request, agency, "commitment", form=form, **commitment_context(agency))


def teams_step(request: HttpRequest, agency: Agency) -> HttpResponse:
    """Teams by name, one after the other."""
    post = request.POST if request.method == "POST" else None
    form = TeamForm(post, instance=Team(agency=agency), agency=agency)
    if post is not None and form.is_valid():
        team = enrollment.save_team(form.save(commit=False), by=cast(User, request.user), at=timezone.now())
        messages.success(request, _("%(name)s is added.") % {"name": team})
        return redirect(step_url(agency, "teams"))
    staff = Count("people", filter=Q(people__left_on=None))
    found = list(
        agency.teams.select_related("supervisor").annotate(staff=staff).order_by("name")[: SHOWN_TEAMS + 1]
    )
    return page(request, agency, "teams", form=form, teams=found[:SHOWN_TEAMS], more=len(found) > SHOWN_TEAMS)


def roster_step(request: HttpRequest, agency: Agency) -> HttpResponse:
    """A roster file: its preview and import are the roster's own pages, which lead back here."""
    posted = request.method == "POST"
    form = RosterFileForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        name = cast(UploadedFile, request.FILES["file"]).name or ""
        upload = receive_roster(
            agency,
            filename=name,
            content=form.cleaned_data["file"],
            by=cast(User, request.user),
            at=timezone.now(),
        )
        return redirect("rollout:roster_preview", agency.slug, upload.uuid)
    people = agency.people.current().count()
    waiting = agency.roster_uploads.filter(applied_at=None).exclude(content=b"").defer("content").first()
    return page(request, agency, "roster", form=form, people=people, waiting=waiting)


def start_step(request: HttpRequest, agency: Agency) -> HttpResponse:
    """The day from which the plan is worked out."""
    post = request.POST if request.method == "POST" else None
    form = StartForm(post, instance=Agency.objects.get(pk=agency.pk))
    if post is not None and form.is_valid():
        enrollment.change_agency(form.save(commit=False), by=cast(User, request.user), at=timezone.now())
        return go_on(agency, "start")
    region = REGIONS.get(agency.region, "")
    return page(request, agency, "start", form=form, region=region, closings=agency.closed_days.count())


def plan_step(request: HttpRequest, agency: Agency) -> HttpResponse:
    """What is done, what waits, and the way to the dated plan."""
    if agency.starts_on is None:
        messages.info(request, _("The plan counts from a start date. Choose it first."))
        return redirect(step_url(agency, "start"))
    if request.method == "POST":
        return redirect("plan_new", agency.slug)  # leads on to the plan once there is one
    come = progress(agency)
    lines = [(STEP_NAMES[step], step in come.done, step_url(agency, step)) for step in STEPS[:-1]]
    return page(request, agency, "plan", lines=lines)


STEP_VIEWS: dict[str, Callable[[HttpRequest, Agency], HttpResponse]] = {
    "agency": agency_step,
    "commitment": commitment_step,
    "teams": teams_step,
    "roster": roster_step,
    "start": start_step,
    "plan": plan_step,
}


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def closings(request: HttpRequest, slug: str) -> HttpResponse:
    """The days on which nothing is planned: the agency's own, which can be added, and the public holidays."""
    agency = led_agency(request, slug)
    post = request.POST if request.method == "POST" else None
    form = ClosedDayForm(post, instance=ClosedDay(agency=agency))
    if post is not None and form.is_valid():
        added = closing_actions.add(form.save(commit=False), by=cast(User, request.user), at=timezone.now())
        messages.success(request, _("%(name)s is added.") % {"name": added})
        return redirect("rollout:closings", agency.slug)
    today = timezone.localdate(timezone=agency.zone)
    holidays = closed_days(agency.region, (), (today.year, today.year + 1))
    context = {
        "agency": agency,
        "form": form,
        "page": Paginator(agency.closed_days.all(), PAGE).get_page(request.GET.get("page")),
        "region": REGIONS.get(agency.region, ""),
        "holidays": [
            (day, name)
            for day, name in holidays.items()
            if today <= day and (day.year, day.month, day.day) < (today.year + 1, today.month, today.day)
        ],
    }
    return render(request, "rollout/closings.html", context, status=422 if form.errors else 200)


@open_to(*RUNS_AGENCIES)
@require_POST
def closing_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Open again on these days."""
    agency = led_agency(request, slug)
    closed = get_object_or_404(agency.closed_days, pk=pk)
    closing_actions.remove(closed, by=cast(User, request.user), at=timezone.now())
    messages.success(
        request, _("%(name)s is removed. Dates already planned stay as they are.") % {"name": closed}
    )
    return redirect("rollout:closings", agency.slug)
