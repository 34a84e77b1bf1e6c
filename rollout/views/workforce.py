"""Monthly workforce figures: to read with their caution, to type, to import, to take away. For leaders only."""

import re
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from .. import day_words, workforce_words
from .. import workforce_actions as actions
from ..access import RUNS_AGENCIES, open_to
from ..exports import table_response
from ..forms.workforce import MonthForm, WorkforceFileForm
from ..models import Agency, User, WorkforceMonth
from ..refusals import Changed
from ..roster_rows import RowProblem
from ..workforce import CAUTION, FIELD_NAMES, FIELDS, Line, Month, lines, without_gaps
from ..workforce_file import FIRST_YEAR, WorkforceFile, read_file
from .enrollment import led_agency

PAGE = 24
SESSION_KEY = "workforce_import"
"""What a file said, between its preview and its import: a few numbers by month, in the session of whoever read it."""


@open_to(*RUNS_AGENCIES)
@require_safe
def workforce(request: HttpRequest, slug: str) -> HttpResponse:
    """Every month since the rollout began, the newest first, with turnover, absenteeism and their caution."""
    agency = led_agency(request, slug)
    today = timezone.localdate(timezone=agency.zone)
    found = all_lines(agency, today)
    known = [line for line in found if not line.month.is_empty]
    # The month that runs is drawn once something of it is known.
    drawn = found if not found[-1].month.is_empty else found[:-1]
    page = Paginator(found[::-1], PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "page": page,
        "rows": [row_of(line) for line in page],
        "caution": CAUTION,
        "last": next((row_of(line) for line in reversed(known) if line.turnover), None),
        "has_figures": bool(known),
        "turnover": workforce_words.turnover_chart(drawn, uid="turnover"),
        "absence": workforce_words.absence_chart(drawn, uid="absence"),
    }
    return render(request, "rollout/workforce.html", context)


def all_lines(agency: Agency, today: date) -> list[Line]:
    """From the first month that is known, or that of the rollout's start, to this month."""
    started = agency.starts_on if agency.starts_on and agency.starts_on <= today else today
    return lines(without_gaps(actions.months_of(agency), first=started, last=today))


def row_of(line: Line) -> dict[str, Any]:
    """A line in words."""
    return {
        "code": f"{line.month.month:%Y-%m}",
        "name": workforce_words.month_name(line.month.month),
        "figures": [workforce_words.figure_text(value) for value in line.month.figures],
        "is_empty": line.month.is_empty,
        "turnover": workforce_words.share_text(line.turnover),
        "turnover_basis": workforce_words.turnover_basis(line),
        "year": workforce_words.share_text(line.year),
        "year_basis": workforce_words.year_basis(line),
        "absence": workforce_words.share_text(line.absenteeism),
        "absence_basis": workforce_words.absence_basis(line),
    }


@open_to(*RUNS_AGENCIES)
@require_safe
def workforce_export(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """All months as CSV or Excel; the import reads it back."""
    agency = led_agency(request, slug)
    found = lines(without_gaps(actions.months_of(agency)))
    headers, rows = workforce_words.export_headers(), workforce_words.export_rows(found)
    return table_response(f"{agency.slug}-workforce", headers, rows, kind)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def workforce_month(request: HttpRequest, slug: str, month: str) -> HttpResponse:
    """The figures of one month to type; what the roster tells is suggested."""
    agency = led_agency(request, slug)
    today = timezone.localdate(timezone=agency.zone)
    day = asked_month(month, today)
    row = agency.workforce.filter(month_on=day).select_related("entered_by").first()
    told = actions.suggestions(agency, day, today).get(day)
    initial = dict(zip(FIELDS, told, strict=False)) if told and row is None else {}
    posted = request.method == "POST"
    instance = row or WorkforceMonth(agency=agency, month_on=day)
    form = MonthForm(request.POST if posted else None, instance=instance, initial=initial)
    conflict, status = None, 200
    if posted:
        status = 422
        if form.is_valid():
            try:
                save(request, agency, form)
            except Changed:
                conflict, status = theirs_and_yours(agency, form), 409
            else:
                messages.success(
                    request, _("%(month)s is saved.") % {"month": workforce_words.month_name(day)}
                )
                return redirect("rollout:workforce", agency.slug)
    context = {
        "agency": agency,
        "form": form,
        "month": month,
        "name": workforce_words.month_name(day),
        "told": told,
        "suggested": bool(initial),
        "conflict": conflict,
    }
    return render(request, "rollout/workforce_month.html", context, status=status)


def save(request: HttpRequest, agency: Agency, form: MonthForm) -> None:
    version = form.cleaned_data["version"]
    actions.save_month(agency, form.month(), version=version, by=cast(User, request.user), at=timezone.now())


def asked_month(text: str, today: date) -> date:
    """The month of an address like 2026-03; 404 for any other text, and for a month to come."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise Http404
    year, month = int(text[:4]), int(text[5:])
    if year < FIRST_YEAR or date(year, month, 1) > today:
        raise Http404
    return date(year, month, 1)


def theirs_and_yours(agency: Agency, form: MonthForm) -> dict[str, str]:
    """Both states of a month that two people typed; saving again then overwrites knowingly."""
    row = agency.workforce.select_related("entered_by").get(month_on=form.instance.month_on)
    form.data = {**form.data.dict(), "version": str(row.version)}  # type: ignore[attr-defined]
    at = row.entered_at.astimezone(agency.zone)
    return {
        "by": str(row.entered_by or _("the command line")),
        "at": day_words.clock(at),
        "theirs": in_words(actions.month_of(row)),
        "yours": in_words(form.month()),
    }


def in_words(month: Month) -> str:
    """A line for each figure."""
    pairs = zip(FIELDS, month.figures, strict=True)
    return "\n".join(f"{FIELD_NAMES[name]}: {workforce_words.figure_text(value)}" for name, value in pairs)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def workforce_import(request: HttpRequest, slug: str) -> HttpResponse:
    """A file with many months: first what it would change, then (``step=apply``) all of it, or nothing."""
    agency = led_agency(request, slug)
    if request.method == "POST" and request.POST.get("step") == "apply":
        return apply(request, agency)
    posted = request.method == "POST"
    form = WorkforceFileForm(request.POST if posted else None, request.FILES if posted else None)
    read = WorkforceFile((), ())
    if posted and form.is_valid():
        read = read_file(form.cleaned_data["file"], timezone.localdate(timezone=agency.zone))
        if not read.problems:
            name = cast(UploadedFile, request.FILES["file"]).name or ""
            keep(request, agency, name, read)
            return redirect("rollout:workforce_import", agency.slug)
    status = 422 if posted else 200
    context = {"agency": agency, "form": form, "problems": read.problems} | preview_context(request, agency)
    return render(request, "rollout/workforce_import.html", context, status=status)


def keep(request: HttpRequest, agency: Agency, name: str, read: WorkforceFile) -> None:
    """Put what a file says aside until its reader has looked at it."""
    months = [
        [month.month.isoformat(), *(None if each is None else str(each) for each in month.figures)]
        for month in read.months
    ]
    kept = {"agency": agency.slug, "file": name[:200], "months": months, "not_read": list(read.not_read)}
    request.session[SESSION_KEY] = kept


def kept_months(request: HttpRequest, agency: Agency) -> tuple[dict[str, Any], list[Month]]:
    """What was put aside for this agency; nothing else."""
    kept = request.session.get(SESSION_KEY) or {}
    if kept.get("agency") != agency.slug:
        return {}, []
    return kept, [actions.unpacked(*values) for values in kept["months"]]


def preview_context(request: HttpRequest, agency: Agency) -> dict[str, Any]:
    """What the file that was put aside would change."""
    kept, months = kept_months(request, agency)
    if not kept or request.method == "POST":
        return {}
    found = actions.preview(agency, months)
    return {
        "kept": kept,
        "preview": found,
        "problems": [refusal(month, figures) for month, figures in found.refused],
        "changes": [
            (
                workforce_words.month_name(change.month),
                change.is_new,
                [
                    (FIELD_NAMES[name], workforce_words.figure_text(was), workforce_words.figure_text(then))
                    for name, was, then in change.fields
                ],
            )
            for change in found.changes
        ],
    }


def refusal(month: date, figures: str) -> RowProblem:
    """A month that would contradict itself together with what is known."""
    text = _("With what is known, more days would be lost than scheduled (%(figures)s). Correct one of them.")
    return RowProblem(None, workforce_words.month_name(month), text % {"figures": figures})


def apply(request: HttpRequest, agency: Agency) -> HttpResponse:
    """Write what was put aside, if the figures are still those that were shown."""
    kept, months = kept_months(request, agency)
    if not kept:
        messages.error(request, _("There is no file to import. Choose it again."))
        return redirect("rollout:workforce_import", agency.slug)
    try:
        done = actions.import_months(
            agency,
            months,
            filename=kept["file"],
            seen=request.POST.get("seen", ""),
            by=cast(User, request.user),
            at=timezone.now(),
        )
    except Changed:
        messages.error(request, _("The figures changed meanwhile. Nothing was written: look again."))
        return redirect("rollout:workforce_import", agency.slug)
    if done.refused:
        return redirect("rollout:workforce_import", agency.slug)
    del request.session[SESSION_KEY]
    text = _("Imported: %(new)d months new, %(changed)d changed, %(unchanged)d unchanged.")
    messages.success(request, text % done.counts())
    return redirect("rollout:workforce", agency.slug)
