"""MAPS: one log for each person and occasion, saved tap by tap; and the checklists that logs are made on."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rollout.access import DELIVERS, Role, open_to
from rollout.models import Agency, Session
from rollout.refusals import Refused
from rollout.training_actions import clock_of

from .. import maps_actions as actions
from ..actions import install_checklists
from ..logs import (
    Occasion,
    Row,
    Sheet,
    blank_sheet,
    checklist_for,
    own_entries,
    readable_logs,
    sheet_of,
    with_readers,
)
from ..maps_actions import PointAnswer
from ..models import Call, Checklist, MapsEntry, MapsLog
from ..readings import readings
from . import user_of, version_shown


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def maps_call(request: HttpRequest, uuid: str) -> HttpResponse:
    """The points of a call."""
    calls = Call.objects.select_related("series__agency")
    if request.method == "POST":
        return write(request, Occasion(call=get_object_or_404(calls.trained_by(user_of(request)), uuid=uuid)))
    return read(request, Occasion(call=get_object_or_404(calls.editable_by(user_of(request)), uuid=uuid)))


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def maps_session(request: HttpRequest, uuid: str) -> HttpResponse:
    """The points of a training session."""
    user = user_of(request)
    sessions = Session.objects.select_related("cohort__agency", "cohort__curriculum")
    if request.method == "POST":
        trained = sessions.filter(cohort__agency__in=Agency.objects.where(user, Role.TRAINER))
        return write(request, Occasion(session=get_object_or_404(trained, uuid=uuid)))
    return read(request, Occasion(session=get_object_or_404(sessions.editable_by(user), uuid=uuid)))


# --- Reading ------------------------------------------------------------------------------------------------


def read(request: HttpRequest, occasion: Occasion, *, status: int = 200, **state: Any) -> HttpResponse:
    """The sheet for whoever logs; the finished logs for whoever may read them."""
    user, now = user_of(request), timezone.now()
    trains = Agency.objects.where(user, Role.TRAINER).filter(pk=occasion.agency.pk).exists()
    logs = list(with_readers(occasion.logs()))
    own = next((log for log in logs if log.logged_by_id == user.pk), None)
    may_read = readable_logs(logs, user, is_trainer=trains)
    context: dict[str, Any] = {
        "occasion": occasion,
        "agency": occasion.agency,
        "own": own,
        "trains": trains,
    } | state
    if may_read or not trains:
        context |= {"readings": readings(may_read, user, with_remarks=trains)}
        return render(request, "consultation/maps_read.html", context, status=status)
    sheet = state.get("sheet") or sheet_for(occasion, user)
    others = [log for log in logs if log.finished_at and log.logged_by_id != user.pk]
    context |= dock(sheet, occasion) | {"others": others, "why_closed": occasion.why_closed(now)}
    return render(request, "consultation/maps.html", context, status=status)


def sheet_for(occasion: Occasion, user: Any) -> Sheet | None:
    """The user's sheet, or a blank one on the latest published version; None where there is no checklist."""
    if entries := own_entries(occasion, user):
        return sheet_of(entries)
    checklist = checklist_for(occasion)
    return blank_sheet(checklist) if checklist else None


def dock(sheet: Sheet | None, occasion: Occasion) -> dict[str, Any]:
    """The sheet and what its dock says: score so far, points left, when it was saved."""
    if sheet is None:
        return {"sheet": None}
    saved_at = clock_of(sheet.log.saved_at, occasion.agency.zone) if sheet.log else ""
    return {"sheet": sheet, "fidelity": sheet.fidelity, "left": len(sheet.left), "saved_at": saved_at}


# --- Writing ------------------------------------------------------------------------------------------------


def write(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """One tap by htmx, or the whole form; finishing, opening again, reading instead."""
    step = request.POST.get("step", "")
    try:
        if step == "reopen":
            own = get_object_or_404(occasion.logs(), logged_by=user_of(request))
            actions.reopen_log(occasion, own, by=user_of(request), at=timezone.now())
            return redirect(occasion.url)
        if step == "read":
            actions.read_instead(occasion, by=user_of(request), at=timezone.now())
            return redirect(occasion.url)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(occasion.url)
    if request.htmx and not step:  # type: ignore[attr-defined]
        return tap(request, occasion, request.POST.get("point", ""))
    return whole_form(request, occasion, finish=step == "finish")


def open_entries(request: HttpRequest, occasion: Occasion) -> list[MapsEntry]:
    """The user's entries; the log begins with its first answer. Refused when there is nothing to log on."""
    if entries := own_entries(occasion, user_of(request)):
        return entries
    checklist = checklist_for(occasion)
    if checklist is None or str(checklist.pk) != request.POST.get("checklist"):
        raise Refused(_("The checklist changed meanwhile. Load the page again; nothing was saved."))
    return actions.start_log(occasion, checklist, by=user_of(request), at=timezone.now())


def answer_in(request: HttpRequest, position: int) -> PointAnswer:
    """What the form says about one point."""
    return PointAnswer(
        aired=request.POST.get(f"aired-{position}"),
        remark=clean(request.POST.get(f"remark-{position}")),
        version=version_shown(request, f"version-{position}"),
    )


def clean(remark: str | None) -> str | None:
    return None if remark is None else remark.replace("\r\n", "\n").strip()


def tap(request: HttpRequest, occasion: Occasion, point: str) -> HttpResponse:
    """One point; the answer is its new version and the dock, or the row with what stands in the way."""
    position = int(point) if point.isascii() and point.isdigit() and len(point) < 5 else 0
    try:
        entries = open_entries(request, occasion)
        given = answer_in(request, position)
        lost = actions.answer_points(entries, {position: given}, at=timezone.now())
    except Refused as refusal:
        return refused(str(refusal))
    sheet = sheet_of(entries)
    row = sheet.row(position)
    if row is None:
        return refused(_("There is no such point."))
    context = dock(sheet, occasion) | {"row": row, "here": occasion.url}
    if not lost:
        return fragment("tapped", context)
    row.conflict = in_words(given)
    response = fragment("lost", context, status=409)
    response["HX-Retarget"], response["HX-Reswap"] = f"#p-{position}", "outerHTML"
    return response


def refused(problem: str) -> HttpResponse:
    """A tap that changed nothing: why, in the dock; the row stays as the person left it."""
    response = fragment("refused", {"problem": problem}, status=422)
    response["HX-Reswap"] = "none"
    return response


def fragment(part: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A part of the sheet, rendered without the page's frame: a tap should not ask for anybody's navigation."""
    return HttpResponse(render_to_string(f"consultation/maps.html#{part}", context), status=status)


def in_words(given: PointAnswer) -> dict[str, str]:
    """An answer that was not taken, for the person to see."""
    labels = {value: str(label) for value, label in MapsEntry.Aired.choices}
    return {"aired": labels.get(given.aired or "", ""), "remark": given.remark or ""}


def whole_form(request: HttpRequest, occasion: Occasion, *, finish: bool) -> HttpResponse:
    """Every point at once, as without scripts; what does not conflict is saved."""
    user, now = user_of(request), timezone.now()
    try:
        entries = open_entries(request, occasion)
        answers = {entry.point.position: answer_in(request, entry.point.position) for entry in entries}
        lost = actions.answer_points(entries, answers, at=now)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(occasion.url)
    sheet = sheet_of(entries)
    if lost:
        for entry in lost:
            row: Row | None = sheet.row(entry.point.position)
            if row:
                row.conflict = in_words(answers[entry.point.position])
        return read(request, occasion, status=409, sheet=sheet)
    if finish and sheet.log:
        try:
            actions.finish_log(occasion, sheet.log, by=user, at=now)
        except Refused:
            return read(request, occasion, status=422, sheet=sheet, unfinished=sheet.left)
        messages.success(request, _("Finished. Leaders see the answers and the score, never your remarks."))
    return redirect(occasion.url)


# --- Checklists ---------------------------------------------------------------------------------------------


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def checklists(request: HttpRequest) -> HttpResponse:
    """All published checklists; on a fresh installation the starters can be brought in here."""
    if request.method == "POST":
        made = install_checklists(by=user_of(request), at=timezone.now())
        messages.success(request, _("%(n)d starter checklists are there.") % {"n": len(made)})
        return redirect("consultation:checklists")
    found = Checklist.objects.filter(published_at__isnull=False).annotate(
        n_points=Count("points"), n_must=Count("points", Q(points__must=True))
    )
    of_calls = [each for each in found if each.occasion == Checklist.Occasion.CALL]
    of_sessions = [each for each in found if each.occasion == Checklist.Occasion.SESSION]
    return render(request, "consultation/checklists.html", {"of_calls": of_calls, "of_sessions": of_sessions})


@open_to(*DELIVERS)
@require_safe
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """One version of a checklist, to read."""
    found = get_object_or_404(Checklist, pk=pk, published_at__isnull=False)
    points = list(found.points.all())
    context = {
        "checklist": found,
        "points": points,
        "n_must": sum(point.must for point in points),
        "newer": Checklist.objects.filter(
            code=found.code, version__gt=found.version, published_at__isnull=False
        ).last(),
        "n_logs": MapsLog.objects.filter(checklist=found).count() if user_of(request).is_site_admin else None,
    }
    return render(request, "consultation/checklist.html", context)
