"""The page after sign-in, and one agency's overview."""

from typing import cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rollout import library
from rollout.access import RUNS_AGENCIES, Role, open_to, public, roles_of
from rollout.ledger import open_ledger
from rollout.models import Agency, User

from .. import agenda, trends
from ..glance import at_a_glance
from ..navigation import current_place
from ..own import own
from ..own_path import own_path
from ..picture import facts, picture, stage_steps, timeline
from ..plan_brief import plan_brief

PAGE = 50


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs me now, what is coming, where things stand: for all one's roles on one page.

    Open to visitors only to lead them on: to the set-up of an empty installation, else to the sign-in page.
    """
    if not request.user.is_authenticated:
        return redirect("account_login" if User.objects.exists() else "setup")
    user, now = cast(User, request.user), timezone.now()
    roles, led = roles_of(user), led_agency(request)
    if not roles:
        path = {"path": own_path(user, now), "domains": library.DOMAINS}
        return render(request, "site/own_path.html", path)
    glance = at_a_glance(led, user, now) if led else None
    is_trainer = Role.TRAINER in roles and not glance
    coming = glance.coming if glance else agenda.coming(user, now, most=None if is_trainer else 6)
    calendar, later = agenda.calendar(coming, now) if is_trainer else (None, coming)
    context = {
        "roles": roles,
        "is_admin": Role.SITE_ADMIN in roles,
        "agency": led,
        "glance": glance,
        "todos": agenda.todos(user, now),
        "calendar": calendar,
        "coming": later[:6],
        "several_zones": len({item.zone for item in coming}) > 1,
        "own": own(user, now),
    }
    return render(request, "site/home.html", context)


def led_agency(request: HttpRequest) -> Agency | None:
    """The agency somebody runs that their pages are about; another they run if it is one they only train."""
    user = cast(User, request.user)
    if not roles_of(user) & set(RUNS_AGENCIES):
        return None
    place = current_place(request)
    return place.agency if place.runs else Agency.objects.editable_by(user).first()


@open_to(*RUNS_AGENCIES)
@require_safe
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """One agency: what slips, where it stands, dose – fidelity – outcomes, and its teams."""
    agency = get_object_or_404(Agency.objects.editable_by(cast(User, request.user)), slug=slug)
    now = timezone.now()
    past = open_ledger(agency, now, former=True)
    seen = picture(agency, now, past=past)
    context = {
        "agency": agency,
        "glance": {
            "people": seen.standing.hours.people,
            "stages": stage_steps(seen.standing),
            "facts": facts(seen.standing),
            "slips": agenda.slips(agency, now, past=past),
        },
        "plan": plan_brief(agency, now),
        "timeline": timeline(seen),
        "coverage": trends.coverage(seen),
        "dose": trends.dose(seen),
        "page": Paginator(seen.teams, PAGE).get_page(request.GET.get("page")),
        "last_released": seen.last_released,
    }
    return render(request, "site/overview.html", context)
