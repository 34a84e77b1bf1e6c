"""Trainers: who they are, when they are free, and for themselves their whole calendar and days away."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from .. import trainers as actions
from ..access import DELIVERS, Role, open_to
from ..bookings import zone_of
from ..forms.trainers import AwayForm, TrainerForm
from ..models import AuditEntry, TrainerProfile, User
from ..refusals import Changed, Refused
from ..training_actions import clock_of
from .training import user_of

PAGE = 50


@open_to(*DELIVERS)
@require_safe
def trainers(request: HttpRequest) -> HttpResponse:
    """Trainers with their region and agencies, as far as the reader has to do with them."""
    user = user_of(request)
    found = actions.trainers_visible_to(user).select_related("trainer_profile")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    agencies = actions.agencies_for(page.object_list, user)
    lines = [
        (each, getattr(each, "trainer_profile", None), agencies.get(each.pk, [])) for each in page.object_list
    ]
    return render(request, "rollout/trainers.html", {"page": page, "lines": lines})


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def trainer(request: HttpRequest, pk: int) -> HttpResponse:
    """When a trainer is free; for themselves with every agency, and their days away."""
    user = user_of(request)
    trainer = get_object_or_404(actions.trainers_visible_to(user), pk=pk)
    form = AwayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not actions.may_edit(user, trainer):
            raise PermissionDenied
        if "remove" in request.POST:
            return remove(request, trainer)
        if form.is_valid() and add(request, trainer, form):
            return redirect("rollout:trainer", trainer.pk)
    return render(
        request,
        "rollout/trainer.html",
        trainer_page(user, trainer, form),
        status=422 if form.errors else 200,
    )


def trainer_page(user: User, trainer: User, form: AwayForm) -> dict[str, Any]:
    """One trainer as this reader may see them."""
    now, own = timezone.now(), actions.may_edit(user, trainer)
    agencies = actions.agencies_for([trainer], user).get(trainer.pk, [])
    zone = zone_of(trainer) if own or not agencies else ZoneInfo(agencies[0].time_zone)
    today = now.astimezone(zone).date()
    return {
        "trainer": trainer,
        "profile": TrainerProfile.objects.filter(user=trainer).first(),
        "own": own,
        "agencies": agencies,
        "zone": zone.key,
        "calendar": actions.calendar_of(trainer, user, now, zone),
        "weeks": actions.WEEKS_AHEAD,
        "away": trainer.away.filter(until_on__gte=today) if own else [],
        "form": form,
    }


def add(request: HttpRequest, trainer: User, form: AwayForm) -> bool:
    """Whether the days could be added; else the form says why."""
    data = form.cleaned_data
    try:
        actions.add_away(
            trainer,
            from_on=data["from_on"],
            until_on=data["until_on"],
            note=data["note"],
            by=user_of(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("These days are kept free of bookings."))
    return True


def remove(request: HttpRequest, trainer: User) -> HttpResponse:
    key = request.POST["remove"]
    away = get_object_or_404(trainer.away, pk=int(key) if key.isascii() and key.isdigit() else 0)
    actions.remove_away(away, by=user_of(request), at=timezone.now())
    messages.success(request, _("These days may be booked again."))
    return redirect("rollout:trainer", trainer.pk)


@open_to(Role.SITE_ADMIN, Role.TRAINER)
@require_http_methods(["GET", "HEAD", "POST"])
def trainer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Region, time zone and a note."""
    user = user_of(request)
    trainer = get_object_or_404(actions.trainers_visible_to(user), pk=pk)
    if not actions.may_edit(user, trainer):
        raise PermissionDenied
    saved = TrainerProfile.objects.filter(user=trainer).first()
    initial = {"version": saved.version if saved else 0}
    form = TrainerForm(request.POST if request.method == "POST" else None, instance=saved, initial=initial)
    conflict, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.save_profile(trainer, **form.cleaned_data, by=user, at=timezone.now())
            except Changed:
                conflict, status = theirs_and_yours(request, form, trainer), 409
            else:
                messages.success(request, _("%(title)s is saved.") % {"title": trainer})
                return redirect("rollout:trainer", trainer.pk)
    context = {"trainer": trainer, "form": form, "conflict": conflict}
    return render(request, "rollout/trainer_form.html", context, status=status)


def theirs_and_yours(request: HttpRequest, form: TrainerForm, trainer: User) -> dict[str, str]:
    """Both states of a profile that two people changed; saving again then overwrites knowingly."""
    saved = TrainerProfile.objects.get(user=trainer)
    entry = AuditEntry.objects.filter(subject=TrainerProfile._meta.label, subject_id=str(saved.pk)).first()
    again = request.POST.copy()
    again["version"] = str(saved.version)
    form.data = again
    yours = form.cleaned_data
    return {
        "by": str(entry.by) if entry and entry.by else _("Somebody else"),
        "at": clock_of(entry.at if entry else timezone.now(), zone_of(trainer)),
        "theirs": "\n".join([saved.region, saved.time_zone, saved.note]),
        "yours": "\n".join([yours["region"], yours["time_zone"], yours["note"]]),
    }
