"""Cohorts of an agency, their members and sessions."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from .. import places
from .. import training_actions as actions
from ..access import DELIVERS, open_to
from ..attendance import recorded, with_records
from ..catching_up import short_lines
from ..forms.training import (
    CohortForm,
    MembersForm,
    SessionForm,
    blank_session,
    copied_session,
    day_modules,
    session_initial,
)
from ..ledger import open_ledger
from ..models import Agency, AuditEntry, Cohort, Curriculum, Person, Session, User
from ..refusals import Changed, Refused
from ..schedule import cohort_line, weeks_ahead
from ..summaries import agency_hours, cohort_counts, hours_of_people

PAGE = 50
PEOPLE = 25
"""People on one page of a list: as many as a phone can bear."""


def user_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def delivered_agency(request: HttpRequest, slug: str) -> Agency:
    """The agency of this address, if the user leads or trains it; else 404."""
    return get_object_or_404(Agency.objects.where(user_of(request), *DELIVERS), slug=slug)


def editable_cohort(request: HttpRequest, uuid: str) -> Cohort:
    """The cohort of this address, if the user leads or trains its agency; else 404."""
    cohorts = Cohort.objects.editable_by(user_of(request)).select_related("agency", "curriculum")
    return get_object_or_404(cohorts, uuid=uuid)


def cohorts_with_sessions(agency: Agency) -> QuerySet[Cohort]:
    """An agency's cohorts with what a line on the schedule needs."""
    sessions = (
        Session.objects.select_related("trainer").annotate(has_records=with_records()).order_by("starts_at")
    )
    cohorts = places.with_waiting(agency.cohorts.select_related("curriculum", "agency"))
    return cohorts.prefetch_related(Prefetch("sessions", sessions)).order_by("curriculum", "pk")


@open_to(*DELIVERS)
@require_safe
def training(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the training of an agency stands: its hours, its cohorts, and who needs another date."""
    agency, now = delivered_agency(request, slug), timezone.now()
    ledger = open_ledger(agency, now)
    hours = hours_of_people(agency, now, ledger=ledger)
    page = Paginator(cohorts_with_sessions(agency), PAGE).get_page(request.GET.get("page"))
    counts = cohort_counts(ledger, page.object_list)
    short = [person for person, line in hours.items() if line.state == "cannot as planned"]
    people = agency.people.filter(pk__in=short).select_related("team")
    short_page = Paginator(people, PEOPLE).get_page(request.GET.get("people"))
    context = {
        "agency": agency,
        "totals": agency_hours(agency, now, hours=hours),
        "page": page,
        "ahead": weeks_ahead(page.object_list, now, agency.zone),
        "cohorts": [cohort_line(each, counts[each.pk], now) for each in page.object_list],
        "short_page": short_page,
        "short": short_lines(ledger, hours, list(short_page.object_list)),
    }
    return render(request, "rollout/training.html", context)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A new cohort; on a fresh installation the starter curricula first."""
    agency, user, now = delivered_agency(request, slug), user_of(request), timezone.now()
    if request.method == "POST" and "install" in request.POST:
        actions.install_curricula(by=user, at=now)
        return redirect("rollout:cohort_new", agency.slug)
    form = CohortForm(request.POST if request.method == "POST" else None, agency=agency)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        cohort = actions.create_cohort(
            agency, data["curriculum"], data["name"], capacity=data["capacity"], by=user, at=now
        )
        messages.success(
            request, _("%(name)s is there. Next: its people and its first day.") % {"name": cohort}
        )
        return redirect("rollout:cohort", cohort.uuid)
    context = {"agency": agency, "form": form, "has_curricula": Curriculum.objects.exists()}
    return render(request, "rollout/cohort_form.html", context, status=422 if form.errors else 200)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cohort(request: HttpRequest, uuid: str) -> HttpResponse:
    """A cohort's people with their hours, and its sessions."""
    cohort = editable_cohort(request, uuid)
    if request.method == "POST" and "person" in request.POST:
        return change_member(request, cohort)
    now = timezone.now()
    today = now.astimezone(cohort.agency.zone).date()
    form = MembersForm(
        request.POST if request.method == "POST" else None, cohort=cohort, initial={"joined_on": today}
    )
    if request.method == "POST" and form.is_valid():
        joined_on = form.cleaned_data["joined_on"]
        given = places.give_places(cohort, form.people(), joined_on=joined_on, by=user_of(request), at=now)
        tell_given(request, given)
        return redirect("rollout:cohort", cohort.uuid)
    words = request.GET.get("find", "").strip()
    context = cohort_page(cohort, request) | {
        "form": form,
        "now": now,
        "words": words,
        "found": found_people(cohort, words) if words else None,
    }
    part = "#found" if request.htmx and words else ""  # type: ignore[attr-defined]
    return render(request, "rollout/cohort.html" + part, context, status=422 if form.errors else 200)


def cohort_page(cohort: Cohort, request: HttpRequest) -> dict[str, Any]:
    """One page of members with their hours in this curriculum, and the cohort's sessions."""
    members = cohort.cohortmember_set.filter(person__left_on=None).select_related("person__team")
    ordered = members.order_by("person__last_name", "person__first_name", "pk")
    page = Paginator(ordered, PEOPLE).get_page(request.GET.get("page"))
    ledger = open_ledger(cohort.agency, timezone.now(), [member.person_id for member in page.object_list])
    need = {cohort.curriculum_id: cohort.curriculum.required_minutes}
    lines = [
        (member, ledger.standing(member.person_id, need)[cohort.curriculum_id]) for member in page.object_list
    ]
    sessions = (
        cohort.sessions.select_related("trainer").annotate(has_records=with_records()).order_by("starts_at")
    )
    free = places.free_places(cohort)
    return {
        "cohort": cohort,
        "agency": cohort.agency,
        "page": page,
        "lines": lines,
        "sessions": sessions,
        "free": free,
        "waiting": Paginator(places.waiting_for(cohort).select_related("person__team"), PEOPLE).get_page(
            request.GET.get("waiting")
        ),
    }


def tell_given(request: HttpRequest, given: places.Given) -> None:
    """How many have a place now, and how many wait for one."""
    added, waits = len(given.members), len(given.waiting)
    if added or not waits:
        text = ngettext("%(n)d person added.", "%(n)d people added.", added)
        messages.success(request, text % {"n": added})
    if waits:
        text = ngettext(
            "The cohort is full: %(n)d person waits for a place.",
            "The cohort is full: %(n)d people wait for a place.",
            waits,
        )
        messages.warning(request, text % {"n": waits})


def found_people(cohort: Cohort, words: str) -> list[Person]:
    """Up to ten current people of the agency by parts of their names who are not in this cohort."""
    people = (
        Person.objects.current()
        .filter(agency=cohort.agency_id)
        .exclude(cohorts=cohort)
        .exclude(waiting__cohort=cohort)
        .select_related("team")
    )
    for word in words.split():
        people = people.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return list(people[:10])


def change_member(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """Add one person that was searched for, take one out, or see to somebody who waits."""
    step = STEPS.get(request.POST.get("step", ""))
    try:
        person = get_object_or_404(cohort.agency.people, uuid=request.POST["person"])
    except ValidationError:
        return redirect("rollout:cohort", cohort.uuid)
    if step:
        try:
            step(request, cohort, person)
        except Refused as refusal:
            messages.error(request, str(refusal))
    return redirect("rollout:cohort", cohort.uuid)


def add_one(request: HttpRequest, cohort: Cohort, person: Person) -> None:
    now = timezone.now()
    today = now.astimezone(cohort.agency.zone).date()
    given = places.give_places(cohort, [person], joined_on=today, by=user_of(request), at=now)
    if given.waiting:
        messages.warning(request, _("The cohort is full: %(name)s waits for a place now.") % {"name": person})
    else:
        messages.success(request, _("%(name)s is in this cohort from today on.") % {"name": person})


def remove_one(request: HttpRequest, cohort: Cohort, person: Person) -> None:
    moved_up = places.remove_person(cohort, person, by=user_of(request), at=timezone.now())
    text = _("%(name)s is no longer in this cohort; hours already credited stay.") % {"name": person}
    messages.success(request, text)
    tell_moved_up(request, moved_up)


def give_one(request: HttpRequest, cohort: Cohort, person: Person) -> None:
    places.give_by_hand(cohort, person, by=user_of(request), at=timezone.now())
    messages.success(request, _("%(name)s is in this cohort from today on.") % {"name": person})


def stop_one(request: HttpRequest, cohort: Cohort, person: Person) -> None:
    places.stop_waiting(cohort, person, by=user_of(request), at=timezone.now())
    messages.success(request, _("%(name)s no longer waits for a place.") % {"name": person})


def tell_moved_up(request: HttpRequest, people: list[Person]) -> None:
    """Who got a place that became free."""
    if people:
        names = ", ".join(str(person) for person in people)
        messages.success(request, _("From the waiting list, with a place from today on: %s") % names)


STEPS = {"add": add_one, "remove": remove_one, "give": give_one, "stop": stop_one}


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_edit(request: HttpRequest, uuid: str) -> HttpResponse:
    """Another name, another number of places."""
    cohort = editable_cohort(request, uuid)
    shown = Cohort.objects.get(pk=cohort.pk)
    form = CohortForm(
        request.POST if request.method == "POST" else None, agency=cohort.agency, instance=shown
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            moved_up = places.set_places(
                cohort, name=data["name"], capacity=data["capacity"], by=user_of(request), at=timezone.now()
            )
        except Refused as refusal:
            form.add_error("capacity", str(refusal))
        else:
            messages.success(request, _("%(title)s is saved.") % {"title": data["name"]})
            tell_moved_up(request, moved_up)
            return redirect("rollout:cohort", cohort.uuid)
    context = {"agency": cohort.agency, "cohort": cohort, "form": form, "has_curricula": True}
    return render(request, "rollout/cohort_form.html", context, status=422 if form.errors else 200)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def session_new(request: HttpRequest, uuid: str) -> HttpResponse:
    """Plan a session of a cohort; the next training day's modules are ticked."""
    cohort = editable_cohort(request, uuid)
    like = asked_copy(request, cohort)
    session, initial = copied_session(cohort, like) if like else blank_session(cohort, asked_day(request))
    return edit_session(request, session, initial)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def session_edit(request: HttpRequest, uuid: str) -> HttpResponse:
    """Change a session, or cancel it."""
    sessions = Session.objects.editable_by(user_of(request)).select_related(
        "cohort__agency", "cohort__curriculum"
    )
    session = get_object_or_404(sessions, uuid=uuid)
    if session.cancelled_at:
        messages.info(
            request, _("This training session was cancelled and stays as it is. Plan a new one instead.")
        )
        return redirect("rollout:session", session.uuid)
    if request.method == "POST" and "cancel" in request.POST:
        return cancel(request, session)
    return edit_session(request, session, session_initial(session))


def asked_copy(request: HttpRequest, cohort: Cohort) -> Session | None:
    """The session of this cohort in the address that is to be planned once more."""
    try:
        return cohort.sessions.filter(uuid=request.GET.get("like", "")).first()
    except ValidationError:
        return None


def asked_day(request: HttpRequest) -> int | None:
    """The training day in the address, if it is one."""
    day = request.GET.get("day", "")
    return int(day) if day.isascii() and day.isdigit() and 0 < int(day) < 100 else None


def edit_session(request: HttpRequest, session: Session, initial: dict[str, Any]) -> HttpResponse:
    """The form of a new or saved session: fetch, check, save, or show what stands in the way."""
    form = SessionForm(request.POST if request.method == "POST" else None, instance=session, initial=initial)
    conflict, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            session.version = form.cleaned_data["version"]
            try:
                actions.save_session(
                    session, form.cleaned_data["modules"], by=user_of(request), at=timezone.now()
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            except Changed:
                conflict, status = theirs_and_yours(request, form), 409
            else:
                messages.success(request, _("%(title)s is saved.") % {"title": session})
                return redirect("rollout:cohort", session.cohort.uuid)
    elif request.htmx and (day := asked_day(request)):  # type: ignore[attr-defined]
        form.initial["modules"] = day_modules(session.cohort.curriculum, day)
        return render(request, "rollout/session_form.html#modules", {"form": form})
    context = {
        "form": form,
        "session": session,
        "cohort": session.cohort,
        "agency": session.cohort.agency,
        "conflict": conflict,
        "may_cancel": session.pk and not recorded(session).exists(),
    }
    return render(request, "rollout/session_form.html", context, status=status)


def theirs_and_yours(request: HttpRequest, form: SessionForm) -> dict[str, str]:
    """Both states of a session that two people changed; saving again then overwrites knowingly."""
    saved = Session.objects.select_related("trainer", "cohort__agency").get(pk=form.instance.pk)
    entry = AuditEntry.objects.filter(subject=Session._meta.label, subject_id=str(saved.uuid)).first()
    again = request.POST.copy()
    again["version"] = str(saved.version)
    form.data = again
    at = entry.at if entry else timezone.now()
    return {
        "by": str(entry.by) if entry and entry.by else _("Somebody else"),
        "at": actions.clock_of(at, saved.agency.zone),
        "theirs": actions.in_words(saved, saved.modules.all()),
        "yours": actions.in_words(form.instance, form.cleaned_data["modules"]),
    }


def cancel(request: HttpRequest, session: Session) -> HttpResponse:
    """Cancel after the question has been answered."""
    version = request.POST.get("version", "")
    session.version = int(version) if version.isdigit() else 0
    try:
        actions.cancel_session(session, by=user_of(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("rollout:session", session.uuid)
    except Changed:
        messages.error(
            request,
            _("Somebody changed this training session meanwhile. Look at it again before you cancel it."),
        )
        return redirect("rollout:session_edit", session.uuid)
    messages.success(request, _("%(title)s is cancelled. Nobody is marked absent.") % {"title": session})
    return redirect("rollout:cohort", session.cohort.uuid)
