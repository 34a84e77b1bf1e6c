"""One call: the brief for members, the room for trainers, the facts for leaders; its plan, and who was there."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rollout.access import DELIVERS, Role, open_to
from rollout.models import AuditEntry
from rollout.refusals import Changed, Refused
from rollout.training_actions import clock_of, span

from .. import actions
from ..briefs import call_facts, own_place, people_of, room
from ..forms import CallForm, PersonHeldForm, held_forms
from ..models import Call, CallAttendance, CallCommitment
from ..tables import own_series
from . import head, seen_call, user_of, version_shown
from .preparation import brief_page

PAGE = 50


@open_to(*Role)
@require_safe
def call(request: HttpRequest, uuid: str) -> HttpResponse:
    """The room for trainers of the agency, the brief for members, the facts for whoever else runs the agency."""
    call, user = seen_call(request, uuid), user_of(request)
    if Call.objects.trained_by(user).filter(pk=call.pk).exists():
        return render(
            request, "consultation/call_room.html", head(request, call) | {"room": room(call, user)}
        )
    if place := own_place(call, user):
        return brief_page(request, call, place, head(request, call))
    if not Call.objects.editable_by(user).filter(pk=call.pk).exists():
        raise Http404
    return render(request, "consultation/call_facts.html", head(request, call) | {"facts": call_facts(call)})


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def call_edit(request: HttpRequest, uuid: str) -> HttpResponse:
    """Change a call's plan, date or link; cancel it, or plan a cancelled one again."""
    calls = Call.objects.editable_by(user_of(request)).select_related("series__agency", "series__trainer")
    call = get_object_or_404(calls, uuid=uuid)
    if request.method == "POST" and "cancel" in request.POST:
        return cancel(request, call)
    form = CallForm(request.POST if request.method == "POST" else None, instance=call)
    conflict, status = None, 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        call.version = form.cleaned_data["version"]
        try:
            actions.change_call(call, by=user_of(request), at=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        except Changed:
            conflict, status = theirs_and_yours(form), 409
        else:
            messages.success(request, _("%(call)s is saved.") % {"call": call})
            return redirect("consultation:call", call.uuid)
    context = {"form": form, "call": call, "series": call.series, "agency": call.agency, "conflict": conflict}
    return render(request, "consultation/call_form.html", context, status=status)


def theirs_and_yours(form: CallForm) -> dict[str, str]:
    """Both states of a call that two people changed; saving again then overwrites knowingly."""
    saved = Call.objects.select_related("series__agency").get(pk=form.instance.pk)
    data = cast(QueryDict, form.data).copy()
    data["version"] = str(saved.version)
    form.data = data
    return written_by(saved) | {"theirs": in_words(saved), "yours": in_words(form.instance)}


def written_by(call: Call) -> dict[str, str]:
    """Who wrote a call last, and when, for a conflict."""
    last = (
        AuditEntry.objects.filter(subject=Call._meta.label, subject_id=str(call.uuid))
        .select_related("by")
        .first()
    )
    return {
        "by": str(last.by) if last and last.by else _("Somebody else"),
        "at": clock_of(last.at if last else timezone.now(), call.agency.zone),
    }


def in_words(call: Call) -> str:
    """A call's plan as lines of text, to lay two versions side by side."""
    when = span(call.starts_at, call.ends_at, call.agency.zone)
    lines = [
        call.title,
        when,
        call.domain_name,
        call.aim,
        call.opening_question,
        call.practice,
        call.video_link,
    ]
    if call.cancelled_at:
        lines.insert(1, _("Cancelled"))
    return "\n".join(line for line in lines if line)


def cancel(request: HttpRequest, call: Call) -> HttpResponse:
    """Cancel after the question has been answered."""
    call.version = version_shown(request)
    try:
        actions.cancel_call(call, by=user_of(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    except Changed:
        messages.error(
            request, _("Somebody changed this call meanwhile. Look at it again before you cancel it.")
        )
        return redirect("consultation:call_edit", call.uuid)
    else:
        text = _("%(call)s is cancelled. Nobody misses it; give it a new date to plan it again.")
        messages.success(request, text % {"call": call})
    return redirect("consultation:call", call.uuid)


@open_to(Role.TRAINER)
@require_http_methods(["GET", "HEAD", "POST"])
def call_hold(request: HttpRequest, uuid: str) -> HttpResponse:
    """Who was there for how long and what each took on; the same page corrects it later."""
    calls = Call.objects.trained_by(user_of(request)).select_related("series__agency", "series__trainer")
    call, now = get_object_or_404(calls, uuid=uuid), timezone.now()
    if call.cancelled_at or now < call.starts_at:
        text = (
            _("This call is cancelled.")
            if call.cancelled_at
            else _("Attendance can be taken once the call begins.")
        )
        messages.info(request, text)
        return redirect("consultation:call", call.uuid)
    people = people_of(call)
    minutes = dict(CallAttendance.objects.filter(call=call).values_list("person_id", "minutes"))
    texts = dict(CallCommitment.objects.filter(call=call).values_list("person_id", "text"))
    forms = held_forms(call, people, minutes, texts, request.POST if request.method == "POST" else None)
    conflict, problem, status = None, "", 200
    if request.method == "POST":
        status = 422
        if sum(form.is_valid() for form in forms) == len(forms):
            try:
                save_held(request, call, forms)
            except Refused as refusal:
                problem = str(refusal)
            except Changed:
                conflict, status = held_conflict(call, forms), 409
            else:
                messages.success(request, _("Attendance of call %(n)s is saved.") % {"n": call.number})
                return redirect("consultation:call", call.uuid)
    context = head(request, call) | {"forms": forms, "conflict": conflict, "problem": problem}
    context["reason"] = request.POST.get("reason", "")
    return render(request, "consultation/call_hold.html", context, status=status)


def save_held(request: HttpRequest, call: Call, forms: list[PersonHeldForm]) -> None:
    call.version = version_shown(request)
    actions.hold_call(
        call,
        attended={form.person: form.minutes for form in forms},
        commitments={form.person: form.cleaned_data["commitment"] for form in forms},
        by=user_of(request),
        at=timezone.now(),
        reason=request.POST.get("reason", "").strip()[:300],
    )


def held_conflict(call: Call, forms: list[PersonHeldForm]) -> dict[str, str]:
    """What another trainer saved, and what was about to be; the page then carries the new version."""
    call.refresh_from_db(fields=["version", "held_at", "held_by"])
    minutes = dict(CallAttendance.objects.filter(call=call).values_list("person_id", "minutes"))
    texts = dict(CallCommitment.objects.filter(call=call).values_list("person_id", "text"))
    theirs = [line_of(form, minutes.get(form.person.pk, 0), texts.get(form.person.pk, "")) for form in forms]
    yours = [line_of(form, form.minutes, form.cleaned_data["commitment"]) for form in forms]
    return written_by(call) | {"theirs": "\n".join(theirs), "yours": "\n".join(yours)}


def line_of(form: PersonHeldForm, minutes: int, text: str) -> str:
    line = _("%(name)s: %(n)d min") % {"name": form.person, "n": minutes}
    return f"{line} · {text}" if text else line


@open_to(Role.SUPERVISOR, Role.STAFF, Role.TRAINER)
@require_safe
def my_calls(request: HttpRequest) -> HttpResponse:
    """One's own series with what counts, and as a trainer the calls ahead in all one's agencies."""
    user, now = user_of(request), timezone.now()
    ahead = Call.objects.trained_by(user).planned().filter(held_at=None, ends_at__gt=now)
    ahead = ahead.select_related("series__agency", "series__trainer").order_by("starts_at", "pk")
    context = {
        "own": own_series(user, now),
        "is_trainer": user.trains.exists(),
        "page": Paginator(ahead, PAGE).get_page(request.GET.get("page")),
        "now": now,
    }
    return render(request, "consultation/my_calls.html", context)
