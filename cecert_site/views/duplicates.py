"""Entries of a roster that may be one human being: looked at side by side, joined, parted, or told apart."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cecert_site import merging
from consultation.models import CallAttendance, CallCommitment, Preparation, SeriesMember
from rollout.access import RUNS_AGENCIES, open_to
from rollout.duplicates import Entry, Pair, likely_duplicates
from rollout.models import (
    Agency,
    Attendance,
    Certificate,
    CohortMember,
    Merge,
    NotTheSame,
    Person,
    Team,
    User,
    WaitingPlace,
)
from rollout.refusals import Changed, Refused
from rollout.templatetags.ui import short_day

PAGE = 20
MOVING = {
    CohortMember: ngettext_lazy("%(n)d place in a cohort", "%(n)d places in cohorts", "n"),
    WaitingPlace: ngettext_lazy("%(n)d place on a waiting list", "%(n)d places on waiting lists", "n"),
    Attendance: ngettext_lazy("%(n)d record of attendance", "%(n)d records of attendance", "n"),
    Certificate: ngettext_lazy("%(n)d certificate", "%(n)d certificates", "n"),
    SeriesMember: ngettext_lazy("%(n)d place in a series of calls", "%(n)d places in series of calls", "n"),
    CallAttendance: ngettext_lazy("%(n)d record of a call", "%(n)d records of calls", "n"),
    Preparation: ngettext_lazy("%(n)d call preparation", "%(n)d call preparations", "n"),
    CallCommitment: ngettext_lazy("%(n)d commitment from a call", "%(n)d commitments from calls", "n"),
}
"""What changes hands, in words. Of surveys nothing is said."""

LABELS = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "email": gettext_lazy("E-mail"),
    "job_title": gettext_lazy("Job title"),
    "team_id": gettext_lazy("Team"),
    "employee_number": gettext_lazy("Employee number"),
    "hired_on": gettext_lazy("Hire date"),
    "left_on": gettext_lazy("Leaving date"),
}


@dataclass(frozen=True)
class Fact:
    """One line of the comparison."""

    label: str
    one: str
    other: str
    after: str

    @property
    def differs(self) -> bool:
        return self.one != self.other


def led(request: HttpRequest, slug: str) -> Agency:
    return get_object_or_404(Agency.objects.editable_by(cast(User, request.user)), slug=slug)


@open_to(*RUNS_AGENCIES)
@require_safe
def duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """Pairs that somebody should look at, each with its reason; below, what was joined before."""
    agency = led(request, slug)
    people = {person.pk: person for person in agency.people.filter(merged_into=None).select_related("team")}
    page = Paginator(pairs_among(agency, people), PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "page": page,
        "pairs": [
            (pair, people[cast(int, pair.one.key)], people[cast(int, pair.other.key)]) for pair in page
        ],
        "merges": agency.merges.filter(undone_at=None).select_related("kept", "absorbed", "by")[:PAGE],
    }
    return render(request, "site/duplicates.html", context)


def pairs_among(agency: Agency, people: dict[int, Person]) -> list[Pair]:
    """Pairs with at least one of two on the roster, of whom nobody has said that they are two people. One query."""
    said = NotTheSame.objects.filter(one__agency=agency).values_list("one_id", "other_id")
    found = likely_duplicates(
        [entry_of(person) for person in people.values()], {frozenset(pair) for pair in said}
    )
    return [pair for pair in found if pair.one.left_on is None or pair.other.left_on is None]


def entry_of(person: Person) -> Entry:
    names = ("first_name", "last_name", "email", "employee_number", "job_title", "hired_on", "left_on")
    team = person.team.name if person.team else ""
    return Entry(person.pk, team=team, **{name: getattr(person, name) for name in names})


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def same_person(request: HttpRequest, uuid: UUID, other: UUID) -> HttpResponse:
    """Two entries side by side, and what joining them does; POST joins them or tells them apart (``step``)."""
    user = cast(User, request.user)
    editable = Person.objects.editable_by(user).select_related("agency", "team", "user")
    one, second = get_object_or_404(editable, uuid=uuid), get_object_or_404(editable, uuid=other)
    if one.agency_id != second.agency_id or one == second:
        raise Http404
    asked = request.POST.get("facts") or request.GET.get("facts")
    facts = next((person for person in (one, second) if str(person.uuid) == asked), None)
    status = 200
    if request.method == "POST" and request.POST.get("step") == "apart":
        merging.two_people(one, second, by=user, at=timezone.now())
        messages.success(request, _("%(one)s and %(other)s are two people.") % {"one": one, "other": second})
        return redirect("duplicates", one.agency.slug)
    if request.method == "POST":
        status = join(request, one, second, facts)
        if status == 302:
            return redirect("duplicates", one.agency.slug)
        one, second = editable.get(pk=one.pk), editable.get(pk=second.pk)
    plan = merging.plan(one, second, facts)
    context = {
        "agency": one.agency,
        "one": one,
        "other": second,
        "plan": plan,
        "facts": facts_side_by_side(plan, one, second),
        "moving": [MOVING[model] % {"n": n} for model, n in merging.moving(plan).items() if model in MOVING],
    }
    return render(request, "site/same_person.html", context, status=status)


def join(request: HttpRequest, one: Person, other: Person, facts: Person | None) -> int:
    """302 joined, 409 somebody changed one of them meanwhile, 422 refused."""
    try:
        made = merging.merge(
            one,
            other,
            facts=facts,
            seen=request.POST.get("seen", ""),
            by=cast(User, request.user),
            at=timezone.now(),
        )
    except Changed:
        messages.error(
            request, _("One of the entries was changed meanwhile. Nothing was joined: look again.")
        )
        return 409
    except Refused as refusal:
        messages.error(request, str(refusal))
        return 422
    messages.success(request, _("%(name)s is one entry now. It can be undone below.") % {"name": made.kept})
    return 302


def facts_side_by_side(plan: merging.Plan, one: Person, other: Person) -> list[Fact]:
    """The facts of both entries, and which of them count afterwards."""
    teams: dict[Any, str] = {team.pk: team.name for team in (one.team, other.team) if isinstance(team, Team)}
    found = []
    for name in (*merging.TAKEN, "left_on"):
        values = (getattr(one, name), getattr(other, name), plan.after[name])
        texts = [
            teams.get(value, "")
            if name == "team_id"
            else short_day(value)
            if name.endswith("_on")
            else str(value)
            for value in values
        ]
        if any(values):
            found.append(Fact(str(LABELS[name]), *texts))
    return found


@open_to(*RUNS_AGENCIES)
@require_POST
def merge_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Part two entries that were joined."""
    user = cast(User, request.user)
    made = get_object_or_404(
        Merge.objects.filter(agency__in=Agency.objects.editable_by(user)).select_related(
            "agency", "kept", "absorbed"
        ),
        uuid=uuid,
    )
    try:
        merging.undo(made, by=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The two entries are apart again, as they were."))
    return redirect("duplicates", made.agency.slug)
