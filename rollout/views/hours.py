"""Hours of an agency, who can still complete, and what the curricula require."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import completion, documents
from .. import completion_actions as actions
from .. import hours as report
from ..access import DELIVERS, Role, open_to
from ..completion import StillOpen
from ..exports import table_response
from ..forms.hours import HoursFilter, OpenFilter, RequirementForm
from ..ledger import open_ledger
from ..models import Agency, Attendance, Curriculum, Person, Session, User
from ..refusals import Changed, Refused
from .training import delivered_agency, user_of

PAGE, PLACES = 25, 10


def asked_report(request: HttpRequest, agency: Agency) -> tuple[HoursFilter, report.HoursReport]:
    """The list that the address asks for; a filter that makes no sense is none."""
    form = HoursFilter(request.GET, agency=agency)
    chosen = form.cleaned_data if form.is_valid() else {}
    team = chosen.get("team")
    return form, report.hours_report(
        agency,
        timezone.now(),
        team=team.pk if team else None,
        state=chosen.get("state", ""),
        words=chosen.get("q", ""),
    )


@open_to(*DELIVERS)
@require_safe
def hours(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody's hours against what is required of them."""
    agency = delivered_agency(request, slug)
    form, found = asked_report(request, agency)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "agency": agency,
        "form": form,
        "totals": found.totals,
        "page": Paginator(found.lines, PAGE).get_page(request.GET.get("page")),
        "filtered": any(request.GET.get(name) for name in ("q", "team", "state")),
        "query": f"?{query.urlencode()}" if query else "",
    }
    template = "rollout/hours.html#list" if request.htmx else "rollout/hours.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@open_to(*DELIVERS)
@require_safe
def hours_table(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The list as a file, with the same filter."""
    agency = delivered_agency(request, slug)
    _form, found = asked_report(request, agency)
    return table_response(report.filename(found), report.headers(), report.rows(found), kind)


@open_to(*DELIVERS)
@require_POST
def hours_paper(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the whole list as PDF."""
    agency = delivered_agency(request, slug)
    document = documents.request(documents.HOURS, agency, by=user_of(request), at=timezone.now())
    return redirect("document", document.uuid)


@open_to(*DELIVERS)
@require_safe
def still_open(request: HttpRequest, slug: str) -> HttpResponse:
    """Who cannot complete as planned, which sessions would close their gap, and what a further one would do."""
    agency, now = delivered_agency(request, slug), timezone.now()
    form = OpenFilter(request.GET, agency=agency)
    chosen = form.cleaned_data if form.is_valid() else {}
    team, ledger = chosen.get("team"), open_ledger(agency, now)
    found = completion.still_open(
        agency,
        ledger,
        team=team.pk if team else None,
        words=chosen.get("q", ""),
        show=chosen.get("show", ""),
    )
    places = completion.places_given(agency, now)
    filtered = any(request.GET.get(name) for name in ("q", "team", "show"))
    context = {
        "agency": agency,
        "form": form,
        "found": found,
        "calls": [] if filtered else completion.besides_hours(agency, now),
        "anybody": bool(ledger.people),
        "page": page_of(request, found),
        "places": Paginator(places, PLACES).get_page(request.GET.get("places")),
        "filtered": filtered,
    }
    return render(request, "rollout/completion.html", context)


def page_of(request: HttpRequest, found: StillOpen) -> object:
    """One page of people; each session with the places it has left."""
    page = Paginator(found.lines, PAGE).get_page(request.GET.get("page"))
    for line in page.object_list:
        for session in line.makeup:
            session.free = found.free.get(session.pk)  # type: ignore[attr-defined]
    return page


@open_to(*DELIVERS)
@require_POST
def makeup_give(request: HttpRequest, uuid: str) -> HttpResponse:
    """Give somebody a place in the sessions that were shown."""
    user = user_of(request)
    agencies = Agency.objects.where(user, *DELIVERS)
    person = get_object_or_404(Person.objects.filter(agency__in=agencies).select_related("agency"), uuid=uuid)
    keys = [
        key for key in request.POST.getlist("session") if key.isascii() and key.isdigit() and len(key) < 16
    ]
    sessions = list(
        Session.objects.editable_by(user)
        .filter(pk__in=keys, cohort__agency=person.agency)
        .select_related("cohort__agency")
        .order_by("starts_at", "pk")
    )
    if not sessions or len(sessions) != len(request.POST.getlist("session")):
        messages.error(request, _("These sessions are no longer there. Look again."))
        return redirect("rollout:completion", person.agency.slug)
    try:
        joined = actions.give_makeup(person, sessions, by=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    except Changed:
        messages.error(request, _("Somebody changed this attendance list meanwhile. Look again."))
    else:
        messages.success(request, given_words(person, sessions, joined))
    return redirect("rollout:completion", person.agency.slug)


def given_words(person: Person, sessions: list[Session], joined: list[Session]) -> str:
    """What became of it, and how it can be undone."""
    n = len(sessions)
    said = ngettext(
        "%(name)s is expected at %(n)d session.", "%(name)s is expected at %(n)d sessions.", n
    ) % {"name": person, "n": n}
    if joined:
        names = ", ".join(sorted({str(session.cohort) for session in joined}))
        said += " " + _("They joined the cohort %(names)s; its page takes them out again.") % {"names": names}
    return said


@open_to(*DELIVERS)
@require_POST
def makeup_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a make-up place back."""
    user = user_of(request)
    agencies = Agency.objects.where(user, *DELIVERS)
    places = Attendance.objects.filter(session__cohort__agency__in=agencies, makes_up_for__isnull=False)
    place = get_object_or_404(places.select_related("session__cohort__agency", "person"), pk=pk)
    try:
        actions.take_makeup_back(place, by=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    except Changed:
        messages.error(request, _("Somebody changed this attendance list meanwhile. Look again."))
    else:
        messages.success(request, _("%(name)s is no longer expected there.") % {"name": place.person})
    return redirect("rollout:completion", place.session.agency.slug)


@open_to(Role.SITE_ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def curricula(request: HttpRequest) -> HttpResponse:
    """All curricula with their modules, and how much of each is required."""
    found = list(Curriculum.objects.prefetch_related("modules"))
    chosen = request.POST.get("curriculum", "")
    conflict, status, forms = None, 200, {}
    for each in found:
        is_chosen = request.method == "POST" and chosen == str(each.pk)
        forms[each.pk] = form = RequirementForm(request.POST if is_chosen else None, curriculum=each)
        if is_chosen and form.is_valid():
            data = form.cleaned_data
            try:
                actions.require(
                    each,
                    data["required_minutes"],
                    seen=data["seen"],
                    by=cast(User, request.user),
                    at=timezone.now(),
                )
            except Refused as refusal:
                form.add_error("required_minutes", str(refusal))
            except Changed:
                conflict, status = each, 409
                forms[each.pk] = RequirementForm(curriculum=each)
            else:
                messages.success(request, _("%(name)s is saved.") % {"name": each})
                return redirect("rollout:curricula")
    if request.method == "POST" and status == 200:
        status = 422
    context = {"curricula": [(each, forms[each.pk]) for each in found], "conflict": conflict}
    return render(request, "rollout/curricula.html", context, status=status)
