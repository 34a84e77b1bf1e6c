"""The people of an agency and their teams: lists, files out of them, and single edits."""

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from .. import enrollment, roster_export
from ..access import DELIVERS, RUNS_AGENCIES, open_to
from ..exports import KINDS, table_response
from ..forms.enrollment import PeopleFilter, TeamForm
from ..forms.people import PersonForm, PersonLine
from ..models import Agency, AuditEntry, Person, Team, User
from ..refusals import Changed
from ..templatetags.ui import clock, short_day
from .enrollment import PAGE, PEOPLE, led_agency


def delivered_agency(request: HttpRequest, slug: str) -> Agency:
    """The agency of this address, if the user leads or trains it; else 404."""
    return get_object_or_404(Agency.objects.where(cast(User, request.user), *DELIVERS), slug=slug)


def chosen_people(form: PeopleFilter, agency: Agency) -> QuerySet[Person]:
    """The part of the roster that the filter asks for."""
    found = agency.people.filter(merged_into=None).select_related("team")
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("status") != "all":
        found = found.filter(left_on__isnull=chosen.get("status") != "left")
    if chosen.get("team"):
        found = found.filter(team=chosen["team"])
    for word in (chosen.get("q") or "").split():
        found = found.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
        )
    return found


@open_to(*DELIVERS)
@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """The roster: who is here, in which team."""
    agency = delivered_agency(request, slug)
    form = PeopleFilter(request.GET, agency=agency)
    found = chosen_people(form, agency)
    asked = {name: value for name in ("q", "team", "status") if (value := request.GET.get(name))}
    context = {
        "agency": agency,
        "form": form,
        "page": Paginator(found, PEOPLE).get_page(request.GET.get("page")),
        "filtered": bool(asked),
        "exports": {
            kind: reverse("rollout:people_export", args=[agency.slug, kind], query=asked) for kind in KINDS
        },
        "may_edit": Agency.objects.editable_by(cast(User, request.user)).filter(pk=agency.pk).exists(),
    }
    template = "rollout/people.html#list" if request.htmx else "rollout/people.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@open_to(*DELIVERS)
@require_safe
def people_export(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The roster as a file, narrowed as the list is."""
    agency = delivered_agency(request, slug)
    found = chosen_people(PeopleFilter(request.GET, agency=agency), agency)
    rows = roster_export.roster_rows(found.select_related("team__supervisor").iterator())
    return table_response(f"{agency.slug}-people", roster_export.HEADERS, rows, kind)


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
    context: dict[str, Any] = {"person": person, "agency": person.agency, "may_edit": True}
    if request.method != "POST" and request.GET.get("as") == "row":
        return render(request, "rollout/people.html#row", context)
    form = PersonLine(
        request.POST if request.method == "POST" else None, instance=person, agency=person.agency
    )
    status = 200
    if request.method == "POST":
        status = save(request, form)
        if status == 200:
            saved = {"saved_at": timezone.now().astimezone(person.agency.zone)}
            return render(request, "rollout/people.html#row", context | saved)
    context |= {"form": form, "conflict": theirs_and_yours(request, form) if status == 409 else None}
    return render(request, "rollout/person_form.html#line", context, status=status)


def edit_person(request: HttpRequest, person: Person) -> HttpResponse:
    is_new = person.pk is None
    agency = person.agency
    name = "" if is_new else str(person)
    form = PersonForm(request.POST if request.method == "POST" else None, instance=person, agency=agency)
    status = 200
    if request.method == "POST":
        status = save(request, form)
        if status == 200:
            messages.success(request, _("%(name)s is saved.") % {"name": person})
            return redirect("rollout:people", agency.slug)
    context = {
        "agency": agency,
        "form": form,
        "is_new": is_new,
        "name": name,
        "conflict": theirs_and_yours(request, form) if status == 409 else None,
    }
    return render(request, "rollout/person_form.html", context, status=status)


def save(request: HttpRequest, form: PersonForm | PersonLine) -> int:
    """Write a line: 200 done, 422 something is wrong in it, 409 somebody else has changed it meanwhile."""
    if not form.is_valid():
        return 422
    try:
        enrollment.save_person(
            form.save(commit=False),
            by=cast(User, request.user),
            at=timezone.now(),
            since=form.cleaned_data.get("since"),
            seen=form.cleaned_data["seen"],
        )
    except Changed:
        return 409
    return 200


def theirs_and_yours(request: HttpRequest, form: PersonForm | PersonLine) -> dict[str, str]:
    """Both states of a line that two people changed; saving again then overwrites knowingly."""
    saved = Person.objects.select_related("team", "agency").get(pk=form.instance.pk)
    entry = (
        AuditEntry.objects.filter(subject=Person._meta.label, subject_id=str(saved.uuid))
        .select_related("by")
        .first()
    )
    again = cast(QueryDict, form.data).copy()
    again["seen"] = enrollment.seen_of(saved)
    form.data = again
    at = (entry.at if entry else timezone.now()).astimezone(saved.agency.zone)
    return {
        "by": str(entry.by) if entry and entry.by else _("Somebody else"),
        "at": f"{short_day(at)}, {clock(at)}",
        "theirs": in_words(form, saved),
        "yours": in_words(form, form.instance),
    }


def in_words(form: PersonForm | PersonLine, person: Person) -> str:
    """The form's fields of a line of the roster, one under another."""
    names = [name for name in form.fields if name not in ("seen", "since")]
    values = {form.fields[name].label: getattr(person, name) for name in names}
    return "\n".join(f"{label}: {value}" for label, value in values.items() if value)


def staffed_teams(agency: Agency) -> QuerySet[Team]:
    """The agency's teams with their supervisors and the number of people on the roster (``staff``)."""
    return (
        agency.teams.select_related("supervisor")
        .annotate(staff=Count("people", filter=Q(people__left_on=None)))
        .order_by("name")
    )


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
    context = {
        "agency": agency,
        "form": form,
        "page": Paginator(staffed_teams(agency), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "rollout/teams.html", context, status=422 if form.errors else 200)


@open_to(*RUNS_AGENCIES)
@require_safe
def teams_export(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The teams as a file."""
    agency = led_agency(request, slug)
    rows = roster_export.team_rows(staffed_teams(agency).iterator())
    return table_response(f"{agency.slug}-teams", roster_export.TEAM_HEADERS, rows, kind)


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
