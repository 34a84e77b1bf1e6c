"""Who may read a practice plan: sharing it, taking it back, and reading what others have shared."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import practice as worksheet
from .. import practice_actions as actions
from ..access import signed_in
from ..forms.practice import LeaveForm, PartnerForm
from ..models import PlanShare, User
from ..refusals import Refused
from .practice import plan_page, user_of

PAGE = 25


@signed_in
@require_POST
def practice_share(request: HttpRequest) -> HttpResponse:
    """Open one's plan to one's supervisor, or to an accountability partner."""
    user, now = user_of(request), timezone.now()
    try:
        if "supervisor" in request.POST:
            number = request.POST["supervisor"]
            readers = User.objects.filter(pk=number) if number.isascii() and number.isdigit() else []
            share = actions.share_with_supervisor(user, next(iter(readers), None), at=now)
        else:
            share = actions.share_with_partner(user, request.POST.get("who", ""), at=now)
    except Refused as refusal:
        return not_shared(request, str(refusal))
    if share.reader:
        said = _("%(name)s can read your plan from now on.") % {"name": share.reader}
    else:
        said = _(
            "Your request waits for whoever signs in with %(address)s. Tell them to look under My practice."
        )
        said %= {"address": share.address}
    messages.success(request, said)
    return redirect("rollout:practice")


def not_shared(request: HttpRequest, problem: str) -> HttpResponse:
    """The page once more, what was typed in its field, with the reason beside it."""
    user = user_of(request)
    form = PartnerForm(request.POST, in_agency=bool(actions.own_agencies(user)))
    form.is_valid()
    form.errors.pop("who", None)
    form.add_error("who" if "who" in request.POST else None, problem)
    context: dict[str, Any] = {"partner_form": form}
    return plan_page(request, actions.plan_of(user), context, status=422)


@signed_in
@require_POST
def practice_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End one sharing at once: as its owner, or as the reader who no longer wants it."""
    user = user_of(request)
    mine = Q(plan__user=user) | Q(reader=user) | Q(pk__in=PlanShare.objects.asked_of(user).values("pk"))
    shares = PlanShare.objects.select_related("plan", "reader").filter(mine, withdrawn_at=None)
    share = get_object_or_404(shares, pk=pk)
    actions.withdraw(share, by=user, at=timezone.now())
    if share.plan.user_id == user.pk:
        who = share.reader or share.address
        messages.success(request, _("Withdrawn: %(who)s can no longer read your plan.") % {"who": who})
        return redirect("rollout:practice")
    messages.success(request, _("Done: this plan is no longer on your list."))
    return redirect("rollout:practice_shared")


@signed_in
@require_safe
def practice_shared(request: HttpRequest) -> HttpResponse:
    """The plans that people chose to share with this reader, and requests that wait for an answer."""
    user = user_of(request)
    shares = PlanShare.objects.in_force().filter(reader=user).select_related("plan__user")
    page = Paginator(shares, PAGE).get_page(request.GET.get("page"))
    asked = PlanShare.objects.asked_of(user).select_related("plan__user")[:PAGE]
    return render(request, "rollout/practice_shared.html", {"page": page, "asked": asked})


@signed_in
@require_safe
def practice_shared_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One shared plan, to read. As soon as it is withdrawn there is no such page."""
    shares = PlanShare.objects.in_force().filter(reader=user_of(request)).select_related("plan__user")
    share = get_object_or_404(shares, pk=pk)
    entries = worksheet.entries_of(share.plan)
    context = {"share": share, "owner": share.plan.user, "parts": list(worksheet.written(entries))}
    return render(request, "rollout/practice_shared_plan.html", context)


@signed_in
@require_POST
def practice_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to read somebody's plan."""
    user = user_of(request)
    share = get_object_or_404(PlanShare.objects.asked_of(user).select_related("plan"), pk=pk)
    try:
        actions.accept(share, by=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("rollout:practice_shared")
    return redirect("rollout:practice_shared_plan", share.pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def practice_leave(request: HttpRequest) -> HttpResponse:
    """Delete one's own account: for people without an agency, who have nobody to ask."""
    user = user_of(request)
    if not actions.may_delete_account(user):
        if request.method == "POST":
            raise PermissionDenied
        return render(request, "rollout/practice_leave.html", {"form": None})
    form = LeaveForm(request.POST if request.method == "POST" else None, own=user.email)
    if request.method == "POST" and form.is_valid():
        try:
            actions.delete_account(User.objects.get(pk=user.pk), at=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            logout(request)
            messages.success(request, _("Your account is deleted, with your plan and your self-ratings."))
            return redirect("account_login")
    return render(request, "rollout/practice_leave.html", {"form": form}, status=422 if form.errors else 200)
