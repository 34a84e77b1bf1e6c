"""The supervisor's brief: what they prepare, whom they share it with, how their last commitment went."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rollout.access import Role, open_to
from rollout.refusals import Changed, Refused
from rollout.training_actions import clock_of

from .. import names
from .. import preparation_actions as actions
from ..briefs import brief, own_place
from ..models import Call, CallCommitment, Preparation, SeriesMember
from . import head, seen_call, user_of, version_shown


def own_call(request: HttpRequest, uuid: str) -> tuple[Call, SeriesMember]:
    """A call of a series the user belongs to, with their place in it; else 404."""
    call = seen_call(request, uuid)
    place = own_place(call, user_of(request))
    if place is None or not place.is_expected(call.day):
        raise Http404
    return call, place


@open_to(*Role)
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, uuid: str) -> HttpResponse:
    """Save what a member prepared: as typed by htmx, or with a button; share it, or take it back."""
    call, place = own_call(request, uuid)
    page = reverse("consultation:call", args=[call.uuid]) + "#preparation"
    if request.method != "POST":
        return redirect(page)
    texts = {name: request.POST.get(name, "") for name in actions.TEXTS}
    step = request.POST.get("step", "")
    try:
        preparation = save(request, call, place, texts, step)
    except Refused as refusal:
        return answer(request, call, place, texts, problem=str(refusal), status=422)
    except Changed:
        return answer(request, call, place, texts, conflict=True, status=409)
    if request.htmx and not step:  # type: ignore[attr-defined]
        context = saved_state(call, preparation, texts)
        return render(request, "consultation/call_brief.html#state", context)
    said = {
        "share": _("Shared. You can change it until the call begins."),
        "unshare": _("Only you can see it again."),
    }
    messages.success(request, said.get(step, _("Saved. Only you can see it until you share it.")))
    return redirect(page)


def save(
    request: HttpRequest, call: Call, place: SeriesMember, texts: Mapping[str, str], step: str
) -> Preparation | None:
    """The texts, then what the button says."""
    user, now = user_of(request), timezone.now()
    preparation = actions.save_preparation(
        call, place.person, texts, version=version_shown(request), by=user, at=now
    )
    if step == "share":
        if preparation is None:
            raise Refused(_("There is nothing to share yet. One sentence is enough."))
        actions.share_preparation(preparation, by=user, at=now)
    elif step == "unshare" and preparation is not None:
        actions.take_back_preparation(preparation, by=user, at=now)
    return preparation


def answer(
    request: HttpRequest,
    call: Call,
    place: SeriesMember,
    texts: dict[str, str],
    *,
    status: int,
    problem: str = "",
    conflict: bool = False,
) -> HttpResponse:
    """What was not saved, with every word of it: the section for htmx, else the whole page."""
    context = head(request, call) | {"texts": texts, "problem": problem}
    if conflict:
        context["conflict"] = theirs_and_yours(call, place, texts)
    response = brief_page(request, call, place, context, status=status)
    if request.htmx:  # type: ignore[attr-defined]
        response["HX-Retarget"], response["HX-Reswap"] = "#preparation", "outerHTML"
    return response


def theirs_and_yours(call: Call, place: SeriesMember, texts: Mapping[str, str]) -> dict[str, str]:
    """What another window of the same person saved, and what this one was about to."""
    saved = Preparation.objects.get(call=call, person=place.person)
    theirs = {name: getattr(saved, name) for name in actions.TEXTS}
    differ = [name for name in actions.TEXTS if not actions.same_words(theirs[name], texts.get(name, ""))]
    return {
        "by": _("Another window of yours"),
        "at": clock_of(saved.updated_at, call.agency.zone),
        "theirs": as_text({name: theirs[name] or "–" for name in differ}),
        "yours": as_text({name: texts.get(name) or "–" for name in differ}),
    }


def as_text(texts: Mapping[str, str]) -> str:
    """Answers under their questions."""
    labels = {name: str(Preparation._meta.get_field(name).verbose_name) for name in actions.TEXTS}  # type: ignore[union-attr]
    parts = [
        f"{labels[name][:1].upper()}{labels[name][1:]}\n{texts[name]}"
        for name in actions.TEXTS
        if texts.get(name)
    ]
    return "\n\n".join(parts)


def saved_state(call: Call, preparation: Preparation | None, texts: Mapping[str, str]) -> dict[str, Any]:
    """What changes around the form when it has been saved: its version, when, and what looks like a name."""
    trainer = call.series.trainer
    return {
        "call": call,
        "preparation": preparation,
        "version": preparation.version if preparation else 0,
        "saved_at": clock_of(preparation.updated_at, call.agency.zone) if preparation else "",
        "findings": names.look(*(texts.get(name, "") for name in actions.TEXTS)),
        "trainer_name": str(trainer).split(" ")[0] if trainer else _("your trainer"),
    }


def fields_of(texts: Mapping[str, str]) -> list[dict[str, object]]:
    """The four questions with their hints."""
    found = [
        ("situation", _("A situation from your team"), _("No names or dates of birth; roles are enough."), 4),
        (
            "tried",
            _("What you tried, and what happened"),
            _("The skill, what helped, what got in the way."),
            4,
        ),
        ("question", _("One question for the call"), "", 2),
        ("for_the_team", _("One thing to bring to the team"), _("What your team gets from this call."), 2),
    ]
    return [
        {"name": name, "label": label, "hint": hint, "rows": rows, "text": texts.get(name, "")}
        for name, label, hint, rows in found
    ]


def brief_page(
    request: HttpRequest, call: Call, place: SeriesMember, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The call brief. ``texts`` in the context are what was posted and not saved; else what is saved shows."""
    own = brief(call, place)
    saved = own.preparation
    if not own.expected and (saved is None) and place.left_on:
        raise Http404
    texts = context.get("texts") or {name: getattr(saved, name) if saved else "" for name in actions.TEXTS}
    why = actions.why_closed(call, timezone.now())
    context |= saved_state(call, saved, texts)
    context |= {
        "brief": own,
        "fields": fields_of(texts),
        "closed": bool(why) or not place.is_expected(call.day),
        "why_closed": why,
        "outcomes": [
            choice for choice in CallCommitment.Outcome.choices if choice[0] != CallCommitment.Outcome.OPEN
        ],
    }
    part = "#preparation" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, "consultation/call_brief.html" + part, context, status=status)


@open_to(*Role)
@require_POST
def call_outcome(request: HttpRequest, uuid: str) -> HttpResponse:
    """How one's own commitment from this call went: done, partly, not yet."""
    call, user = seen_call(request, uuid), user_of(request)
    own = CallCommitment.objects.select_related("call__series__agency", "person").filter(
        call=call, person__user=user, person__left_on=None
    )
    commitment = get_object_or_404(own)
    try:
        actions.answer_commitment(commitment, request.POST.get("outcome", ""), by=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    number = request.POST.get("back", "")
    same_series = Call.objects.filter(series=call.series_id)
    back = same_series.filter(number=number).first() if number.isascii() and number.isdigit() else None
    return redirect(reverse("consultation:call", args=[(back or call).uuid]) + "#last")
