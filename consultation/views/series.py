"""Series of ten calls: the list of an agency, planning one, its page with dates and doses."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, F, Min, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rollout.access import DELIVERS, Role, open_to
from rollout.models import Agency, Person
from rollout.refusals import Refused

from .. import actions
from ..forms import SeriesForm, SeriesNewForm
from ..from_plan import planned_calls, starts_of, tell_plan
from ..logs import with_readers
from ..models import Call, MapsLog, Series, SeriesMember
from ..planning import planned_dates
from ..tables import call_lines, member_lines, readable_airing
from . import runs, user_of

PAGE = 50


def delivered_agency(request: HttpRequest, slug: str) -> Agency:
    """The agency of this address, if the user leads or trains it; else 404."""
    return get_object_or_404(Agency.objects.where(user_of(request), *DELIVERS), slug=slug)


def editable_series(request: HttpRequest, uuid: str) -> Series:
    """The series of this address, if the user leads or trains its agency; else 404."""
    found = Series.objects.editable_by(user_of(request)).select_related("agency", "trainer")
    return get_object_or_404(found, uuid=uuid)


def trains(request: HttpRequest, agency: Agency) -> bool:
    return Agency.objects.where(user_of(request), Role.TRAINER).filter(pk=agency.pk).exists()


@open_to(*DELIVERS)
@require_safe
def series_list(request: HttpRequest, slug: str) -> HttpResponse:
    """All series of an agency: how far, when next, with whom."""
    agency, now = delivered_agency(request, slug), timezone.now()
    planned = Q(calls__cancelled_at=None)
    ahead = planned & Q(calls__held_at=None, calls__starts_at__gt=now)
    found = (
        Series.objects.filter(agency=agency)
        .select_related("trainer")
        .annotate(
            planned=Count("calls", planned),
            held=Count("calls", planned & Q(calls__held_at__isnull=False)),
            next_at=Min("calls__starts_at", filter=ahead),
        )
        .order_by(F("next_at").asc(nulls_last=True), "pk")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    members = SeriesMember.objects.current().filter(series__in=[series.pk for series in page.object_list])
    counts = dict(members.values_list("series").annotate(n=Count("pk")))
    context = {
        "agency": agency,
        "page": page,
        "lines": [(series, counts.get(series.pk, 0)) for series in page.object_list],
        "supervisors": actions.supervisors_of(agency).count(),
        "runs": runs(request, agency),
    }
    return render(request, "consultation/series_list.html", context)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def series_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Plan a series: who, with whom, from when on; then its ten dates to look at and to change; then it is
    there.
    """
    agency, now, problem = delivered_agency(request, slug), timezone.now(), ""
    planned = planned_calls(request, agency)
    initial = {"first_on": planned[0].on, "trainer": planned[0].plan.trainer_id} if planned else {}
    form = SeriesNewForm(request.POST if request.method == "POST" else None, agency=agency, initial=initial)
    step = request.POST.get("step", "")
    if step == "create" and form.is_valid():
        data = form.cleaned_data
        try:
            series = actions.create_series(
                agency,
                name=data["name"],
                trainer=data["trainer"],
                members=data["members"],
                starts=form.starts(),
                video_link=data["video_link"],
                by=user_of(request),
                at=now,
            )
        except Refused as refusal:
            problem = str(refusal)
        else:
            tell_plan(planned, series, by=user_of(request), at=now)
            messages.success(request, _("Ten calls are planned. Everybody is reminded the day before each."))
            return redirect("consultation:series", series.uuid)
    context = {
        "agency": agency,
        "form": form,
        "problem": problem,
        "runs": runs(request, agency),
    }
    if planned and request.method != "POST":
        trainer = {"trainer": planned[0].plan.trainer}
        context["dates"] = planned_dates(agency, trainer, starts_of(planned, agency), by=user_of(request))
    if request.method == "POST":
        form.full_clean()
        starts = form.starts() if step == "create" and form.is_valid() else form.computed()
        context["dates"] = planned_dates(agency, form.cleaned_data, starts, by=user_of(request))
    if request.htmx and step != "create":  # type: ignore[attr-defined]
        return render(request, "consultation/series_new.html#dates", context)
    wrong = bool(problem or (form.errors and (step == "create" or not context["dates"])))
    return render(request, "consultation/series_new.html", context, status=422 if wrong else 200)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def series(request: HttpRequest, uuid: str) -> HttpResponse:
    """A series: its ten calls, and where each supervisor stands."""
    series = editable_series(request, uuid)
    if request.method == "POST":
        return change_member(request, series)
    words = request.GET.get("find", "").strip()
    if request.htmx and "find" in request.GET:  # type: ignore[attr-defined]
        found = found_people(series, words) if words else []
        return render(
            request, "consultation/series.html#found", {"series": series, "words": words, "found": found}
        )
    context = series_page(request, series) | {
        "words": words,
        "found": found_people(series, words) if words else [],
    }
    return render(request, "consultation/series.html", context)


def series_page(request: HttpRequest, series: Series) -> dict[str, Any]:
    """Calls with who came and their delivery fidelity, members with their dose; a constant number of queries."""
    agency, user = series.agency, user_of(request)
    logs = Prefetch("logs", with_readers(MapsLog.objects.all()), to_attr="maps")
    calls: list[Call] = list(series.calls.prefetch_related(logs, "attendances").order_by("number"))
    for call in calls:
        call.series = series
    members = SeriesMember.objects.current().filter(series=series).select_related("person__team")
    ordered = members.order_by("person__last_name", "person__first_name", "pk")
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    is_trainer = trains(request, agency)
    lines = call_lines(calls, user, is_trainer=is_trainer, now=timezone.now())
    return {
        "series": series,
        "agency": agency,
        "runs": runs(request, agency),
        "calls": lines,
        "airing": readable_airing(lines),
        "page": page,
        "members": member_lines(page.object_list, calls, agency),
    }


def found_people(series: Series, words: str) -> list[Person]:
    """Up to ten current people of the agency by parts of their names who are not in this series."""
    inside = SeriesMember.objects.filter(series=series, left_on=None).values("person")
    people = (
        Person.objects.current().filter(agency=series.agency_id).exclude(pk__in=inside).select_related("team")
    )
    for word in words.split():
        people = people.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return list(people[:10])


def change_member(request: HttpRequest, series: Series) -> HttpResponse:
    """Add one person that was searched for, or take one out."""
    user, now = user_of(request), timezone.now()
    today = now.astimezone(series.agency.zone).date()
    try:
        person = get_object_or_404(series.agency.people, uuid=request.POST.get("person", ""))
    except ValidationError:
        return redirect("consultation:series", series.uuid)
    step = request.POST.get("step", "")
    try:
        if step == "remove":
            actions.remove_member(series, person, left_on=today, by=user, at=now)
            messages.success(
                request,
                _("%(name)s takes no further part; calls attended stay on record.") % {"name": person},
            )
        elif step == "add":
            actions.add_member(series, person, joined_on=today, by=user, at=now)
            messages.success(request, _("%(name)s takes part from today on.") % {"name": person})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("consultation:series", series.uuid)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def series_edit(request: HttpRequest, uuid: str) -> HttpResponse:
    """Another name, trainer or link for a series."""
    series = editable_series(request, uuid)
    form = SeriesForm(request.POST if request.method == "POST" else None, instance=series)
    if request.method == "POST" and form.is_valid():
        fresh = editable_series(request, uuid)
        data = form.cleaned_data
        try:
            actions.change_series(
                fresh,
                name=data["name"],
                trainer=data["trainer"],
                video_link=data["video_link"],
                by=user_of(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("trainer", str(refusal))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": data["name"]})
            return redirect("consultation:series", series.uuid)
    context = {"form": form, "series": series, "agency": series.agency}
    return render(request, "consultation/series_form.html", context, status=422 if form.errors else 200)
