"""Agencies, who runs them, their teams and people."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import enrollment
from ..access import DELIVERS, RUNS_AGENCIES, Role, open_to
from ..enroll import STEP_NAMES
from ..forms.enrollment import AgencyForm, GrantForm
from ..models import Agency, User

PAGE = 50
PEOPLE = 25
"""People on one page of the roster: a list for a phone."""


def led_agency(request: HttpRequest, slug: str) -> Agency:
    """The agency of this address, if the user runs it; else 404."""
    return get_object_or_404(Agency.objects.editable_by(cast(User, request.user)), slug=slug)


@open_to(*DELIVERS)
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """Every agency one leads or trains."""
    user = cast(User, request.user)
    found = (
        Agency.objects.where(user, *DELIVERS)
        .annotate(staff=Count("people", filter=Q(people__left_on=None)))
        .order_by("name")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "rollout/agencies.html", {"page": page})


@open_to(Role.SITE_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def agency_new(request: HttpRequest) -> HttpResponse:
    """A new agency: the first of the steps that enroll it."""
    form = AgencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        agency = enrollment.create_agency(
            form.save(commit=False), by=cast(User, request.user), at=timezone.now()
        )
        messages.success(request, _("%(name)s is saved.") % {"name": agency.name})
        return redirect("rollout:enroll", agency.slug, "commitment")
    steps = [{"label": name} for name in STEP_NAMES.values()]
    context = {"form": form, "steps": steps}
    return render(request, "rollout/agency_form.html", context, status=422 if form.errors else 200)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def agency_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Facts and rules of an agency."""
    agency = led_agency(request, slug)
    post = request.POST if request.method == "POST" else None
    form = AgencyForm(post, instance=Agency.objects.get(pk=agency.pk))
    if post is not None and form.is_valid():
        enrollment.change_agency(form.save(commit=False), by=cast(User, request.user), at=timezone.now())
        messages.success(request, _("The agency is saved."))
        return redirect("rollout:agency_edit", agency.slug)
    context = {"agency": agency, "form": form}
    return render(request, "rollout/agency_form.html", context, status=422 if form.errors else 200)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def access(request: HttpRequest, slug: str) -> HttpResponse:
    """Who leads and who trains an agency."""
    agency = led_agency(request, slug)
    form = GrantForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = enrollment.grant(
            agency,
            data["role"],
            email=data["email"],
            name=data["name"],
            by=cast(User, request.user),
            at=timezone.now(),
        )
        messages.success(
            request,
            _("%(who)s can sign in now with a code mailed to %(email)s.")
            % {"who": user, "email": user.email},
        )
        return redirect("rollout:access", agency.slug)
    context = {
        "agency": agency,
        "form": form,
        "groups": [
            (_("Program leaders"), "leader", agency.leaders.order_by("name")),
            (_("Trainers"), "trainer", agency.trainers.order_by("name")),
        ],
    }
    return render(request, "rollout/access.html", context, status=422 if form.errors else 200)


@open_to(*RUNS_AGENCIES)
@require_POST
def access_withdraw(request: HttpRequest, slug: str, role: str, pk: int) -> HttpResponse:
    """Take a role back; the last leader cannot."""
    agency = led_agency(request, slug)
    members = agency.leaders if role == "leader" else agency.trainers
    member = get_object_or_404(members, pk=pk)
    try:
        enrollment.withdraw(agency, role, user=member, by=cast(User, request.user), at=timezone.now())
    except ValueError:
        messages.error(request, _("An agency needs at least one program leader. Name another one first."))
    else:
        messages.success(request, _("%(who)s no longer has this role here.") % {"who": member})
    if not Agency.objects.editable_by(cast(User, request.user)).filter(pk=agency.pk).exists():
        return redirect("home")
    return redirect("rollout:access", agency.slug)
