"""One's own practice plan: saved as typed, on paper, thrown away."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import practice as worksheet
from .. import practice_actions as actions
from ..access import signed_in
from ..forms.practice import PartnerForm
from ..models import PlanShare, PracticePlan, User
from ..pdf import PdfUnavailable, render_pdf
from ..refusals import Changed, Refused


def user_of(request: HttpRequest) -> User:
    """Whoever is signed in; the gates let nobody else through."""
    return cast(User, request.user)


def version_shown(request: HttpRequest, code: str) -> int:
    """The version a prompt was shown with; −1, which no row has, for nonsense."""
    given = request.POST.get(f"version-{code}", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: HttpRequest) -> HttpResponse:
    """The worksheet. Saved as typed by htmx, or with a button."""
    user = user_of(request)
    if request.method != "POST":
        return plan_page(request, actions.plan_of(user))
    texts = {code: request.POST[code] for code in worksheet.PROMPTS if code in request.POST}
    versions = {code: version_shown(request, code) for code in worksheet.PROMPTS}
    is_htmx = request.htmx  # type: ignore[attr-defined]
    try:
        plan = actions.save_plan(user, texts, versions, at=timezone.now())
    except Refused as refusal:
        return not_saved(request, texts, status=422, problem=str(refusal))
    except Changed:
        return not_saved(request, texts, status=409)
    if is_htmx:
        state = {"sheet": worksheet.sheet(worksheet.entries_of(plan))}
        return render(request, "rollout/practice.html#state", state)
    messages.success(request, _("Saved. Only you and those you share it with can read it."))
    return redirect("rollout:practice")


def not_saved(request: HttpRequest, texts: dict[str, str], *, status: int, problem: str = "") -> HttpResponse:
    """What was not saved, with every word of it: the form for htmx, else the whole page."""
    plan = actions.plan_of(user_of(request))
    context: dict[str, Any] = {"typed": texts, "problem": problem}
    if status == 409:
        context["conflict"] = theirs_and_yours(request, plan, texts)
    response = plan_page(request, plan, context, status=status)
    if request.htmx:  # type: ignore[attr-defined]
        response["HX-Retarget"], response["HX-Reswap"] = "#plan", "outerHTML"
    return response


def theirs_and_yours(
    request: HttpRequest, plan: PracticePlan | None, texts: dict[str, str]
) -> dict[str, str]:
    """What another window of the same person saved, and what this one was about to, prompt by prompt."""
    user, now = user_of(request), timezone.now()
    entries = worksheet.entries_of(plan)
    pairs = [
        (prompt.label, entries[code].text if code in entries else "", worksheet.clean(texts[code]))
        for code, prompt in worksheet.PROMPTS.items()
        if code in texts
    ]
    differ = [(label, theirs, yours) for label, theirs, yours in pairs if theirs != yours]
    at = worksheet.last_saved(entries) or now
    return {
        "by": _("Another window of yours"),
        "at": worksheet.when(at, worksheet.zone_of(user), now),
        "theirs": "\n\n".join(f"{label}\n{theirs or '–'}" for label, theirs, _yours in differ),
        "yours": "\n\n".join(f"{label}\n{yours or '–'}" for label, _theirs, yours in differ),
    }


def plan_page(
    request: HttpRequest,
    plan: PracticePlan | None,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The whole page; with ``typed`` in the context, what was typed stands in the fields."""
    user, now, context = user_of(request), timezone.now(), context or {}
    entries = worksheet.entries_of(plan)
    saved_at = worksheet.last_saved(entries)
    context |= {
        "plan": plan,
        "sheet": worksheet.sheet(
            entries, {**_kept(entries), **context["typed"]} if "typed" in context else None
        ),
        "longest": worksheet.LONGEST,
        "saved_at": worksheet.when(saved_at, worksheet.zone_of(user), now) if saved_at else "",
    }
    if request.htmx:  # type: ignore[attr-defined]
        context["is_shared"] = plan is not None and plan.shares.in_force().exists()
        return render(request, "rollout/practice.html#plan", context, status=status)
    context = sharing(user, plan) | context
    return render(request, "rollout/practice.html", context, status=status)


def _kept(entries: Any) -> dict[str, str]:
    return {code: entry.text for code, entry in entries.items()}


def sharing(user: User, plan: PracticePlan | None) -> dict[str, Any]:
    """Who reads the plan, who could, and what of others waits for this person."""
    shares = list(plan.shares.filter(withdrawn_at=None).select_related("reader")) if plan else []
    open_now = set(plan.shares.in_force().values_list("pk", flat=True)) if plan else set()
    readers = {share.reader_id for share in shares if share.pk in open_now}
    in_agency = bool(actions.own_agencies(user))
    return {
        "readers": [(share, share.pk in open_now) for share in shares],
        "is_shared": bool(open_now),
        "supervisors": [one for one in actions.supervisors_of(user) if one.pk not in readers],
        "in_agency": in_agency,
        "partner_form": PartnerForm(in_agency=in_agency),
        "shared_with_me": PlanShare.objects.in_force().filter(reader=user).count(),
        "asked_of_me": PlanShare.objects.asked_of(user).count(),
        "may_leave": actions.may_delete_account(user),
    }


@signed_in
@require_safe
def practice_print(request: HttpRequest) -> HttpResponse:
    """One's own plan on one page, to print from the browser."""
    plan = actions.plan_of(user_of(request))
    if plan is None:
        return redirect("rollout:practice")
    return render(request, "rollout/practice_print.html", on_paper(plan))


@signed_in
@require_safe
def practice_pdf(request: HttpRequest) -> HttpResponse:
    """The same as a PDF, for its owner only: drawn for this one answer and kept nowhere."""
    plan = actions.plan_of(user_of(request))
    if plan is None:
        raise Http404
    try:
        content = render_pdf("pdf/practice_plan.html", on_paper(plan), lang=get_language() or "en")
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return redirect("rollout:practice_print")
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="my-practice-plan.pdf"'},
    )


def on_paper(plan: PracticePlan) -> dict[str, Any]:
    entries = worksheet.entries_of(plan)
    zone = worksheet.zone_of(plan.user)
    saved_at = worksheet.last_saved(entries) or plan.started_at
    return {
        "title": _("My practice plan"),
        "author": plan.user.name,
        "plan": plan,
        "parts": list(worksheet.written(entries)),
        "saved_on": saved_at.astimezone(zone).date(),
    }


@signed_in
@require_POST
def practice_clear(request: HttpRequest) -> HttpResponse:
    """Throw it away, after the question has been answered."""
    actions.clear_plan(user_of(request), at=timezone.now())
    messages.success(request, _("Your plan is cleared, and nobody can read it any more."))
    return redirect("rollout:practice")
