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
from ..forms.enrollment import (
    AgencyForm,
    CommitmentForm,
    GrantForm,
    PeopleFilter,
    PersonForm,
    PersonLine,
    TeamForm,
)
from ..models import Agency, Commitment, Person, Team, User

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
    """A new agency; its program leader is named on the next page."""
    form = AgencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        agency = enrollment.create_agency(
            form.save(commit=False), by=cast(User, request.user), at=timezone.now()
        )
        messages.success(
            request, _("%(name)s is enrolled. Next: who leads and who trains it.") % {"name": agency.name}
        )
        return redirect("rollout:access", agency.slug)
    return render(request, "rollout/agency_form.html", {"form": form}, status=422 if form.errors else 200)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def agency_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Facts and rules of an agency, and what its leadership promised: two forms on one page."""
    agency = led_agency(request, slug)
    post = request.POST if request.method == "POST" else None
    promised = agency.commitments.first()
    is_commitment = post is not None and "commitment" in post
    form = AgencyForm(post if not is_commitment else None, instance=Agency.objects.get(pk=agency.pk))
    commitment = CommitmentForm(
        post if is_commitment else None, instance=promised or Commitment(agency=agency), prefix="commitment"
    )
    user, now = cast(User, request.user), timezone.now()
    if post is not None and is_commitment and commitment.is_valid():
        enrollment.make_commitment(commitment.save(commit=False), by=user, at=now)
        messages.success(request, _("The commitment is saved."))
        return redirect("rollout:agency_edit", agency.slug)
    if post is not None and not is_commitment and form.is_valid():
        enrollment.change_agency(form.save(commit=False), by=user, at=now)
        messages.success(request, _("The agency is saved."))
        return redirect("rollout:agency_edit", agency.slug)
    context = {"agency": agency, "form": form, "commitment": commitment, "promised": promised}
    return render(request, "rollout/agency_form.html", context, status=422 if post is not None else 200)


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


@open_to(*DELIVERS)
@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """The roster: who is here, in which team."""
    user = cast(User, request.user)
    agency = get_object_or_404(Agency.objects.where(user, *DELIVERS), slug=slug)
    form = PeopleFilter(request.GET, agency=agency)
    found = agency.people.select_related("team")
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("status") != "all":
        found = found.filter(left_on__isnull=chosen.get("status") != "left")
    if chosen.get("team"):
        found = found.filter(team=chosen["team"])
    if q := chosen.get("q"):
        for word in q.split():
            found = found.filter(
                Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
            )
    context = {
        "agency": agency,
        "form": form,
        "page": Paginator(found, PEOPLE).get_page(request.GET.get("page")),
        "filtered": any(request.GET.get(name) for name in ("q", "team", "status")),
        "may_edit": Agency.objects.editable_by(user).filter(pk=agency.pk).exists(),
    }
    template = "rollout/people.html#list" if request.htmx else "rollout/people.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody who joins between two roster files."""
    agency = led_agency(request, slug)
    return edit_person(request, Person(agency=agency))


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request: HttpRequest, uuid: str) -> HttpResponse:
    """One line of the roster."""
    person = get_object_or_404(
        Person.objects.editable_by(cast(User, request.user)).select_related("agency", "team", "user"),
        uuid=uuid,
    )
    return edit_line(request, person) if request.htmx else edit_person(request, person)  # type: ignore[attr-defined]


def edit_line(request: HttpRequest, person: Person) -> HttpResponse:
    """Team and job title changed in the list itself; ``?as=row`` gives the row back unchanged."""
    context = {"person": person, "agency": person.agency, "may_edit": True}
    if request.method != "POST" and request.GET.get("as") == "row":
        return render(request, "rollout/people.html#row", context)
    form = PersonLine(
        request.POST if request.method == "POST" else None, instance=person, agency=person.agency
    )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        enrollment.save_person(form.save(commit=False), by=cast(User, request.user), at=now)
        saved = context | {"saved_at": now.astimezone(person.agency.zone)}
        return render(request, "rollout/people.html#row", saved)
    status = 422 if form.errors else 200
    return render(request, "rollout/person_form.html#line", context | {"form": form}, status=status)


def edit_person(request: HttpRequest, person: Person) -> HttpResponse:
    is_new = person.pk is None
    agency = person.agency
    form = PersonForm(request.POST if request.method == "POST" else None, instance=person, agency=agency)
    if request.method == "POST" and form.is_valid():
        enrollment.save_person(form.save(commit=False), by=cast(User, request.user), at=timezone.now())
        messages.success(request, _("%(name)s is saved.") % {"name": person})
        return redirect("rollout:people", agency.slug)
    context = {
        "agency": agency,
        "form": form,
        "is_new": is_new,
        "name": "" if is_new else str(Person.objects.get(pk=person.pk)),
    }
    return render(request, "rollout/person_form.html", context, status=422 if form.errors else 200)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def teams(request: HttpRequest, slug: str) -> HttpResponse:
    """Teams with their supervisors, and a new one."""
    agency = led_agency(request, slug)
    form = TeamForm(
        request.POST if request.method == "POST" else None, instance=Team(agency=agency), agency=agency
    )
    if request.method == "POST" and form.is_valid():
        team = enrollment.save_team(form.save(commit=False), by=cast(User, request.user), at=timezone.now())
        messages.success(request, _("%(name)s is added.") % {"name": team})
        return redirect("rollout:teams", agency.slug)
    found = (
        agency.teams.select_related("supervisor")
        .annotate(staff=Count("people", filter=Q(people__left_on=None)))
        .order_by("name")
    )
    context = {
        "agency": agency,
        "form": form,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "rollout/teams.html", context, status=422 if form.errors else 200)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def team_edit(request: HttpRequest, uuid: str) -> HttpResponse:
    """Rename a team or give it a supervisor."""
    team = get_object_or_404(
        Team.objects.editable_by(cast(User, request.user)).select_related("agency"), uuid=uuid
    )
    form = TeamForm(request.POST if request.method == "POST" else None, instance=team, agency=team.agency)
    if request.method == "POST" and form.is_valid():
        enrollment.save_team(form.save(commit=False), by=cast(User, request.user), at=timezone.now())
        messages.success(request, _("%(name)s is saved.") % {"name": team})
        return redirect("rollout:teams", team.agency.slug)
    return render(
        request,
        "rollout/team_form.html",
        {"agency": team.agency, "form": form, "team": team},
        status=422 if form.errors else 200,
    )
