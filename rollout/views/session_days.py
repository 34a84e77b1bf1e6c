"""Several training days of a cohort planned at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ..access import DELIVERS, open_to
from ..forms.training_days import DaysForm, covers
from ..refusals import Refused
from ..session_series import MOST_DAYS, consecutive, plan_sessions
from .training import editable_cohort, user_of


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def session_days(request: HttpRequest, uuid: str) -> HttpResponse:
    """Dates for all training days of a cohort: planned together or not at all."""
    cohort = editable_cohort(request, uuid)
    rows = asked_rows(request)
    if request.method != "POST":
        return page(request, DaysForm(cohort=cohort, rows=rows))
    form = DaysForm(request.POST, cohort=cohort, rows=rows)
    if request.POST.get("step") == "fill":
        return page(request, filled(form, cohort, rows))
    if not form.is_valid():
        return page(request, form, status=422)
    try:
        made = plan_sessions(
            cohort, days=form.days(), **form.shared(), by=user_of(request), at=timezone.now()
        )
    except Refused as refusal:
        for line in str(refusal).splitlines():
            form.add_error(None, line)
        return page(request, form, status=422)
    text = ngettext("%(n)d training day is planned.", "%(n)d training days are planned.", len(made))
    messages.success(request, text % {"n": len(made)})
    return redirect("rollout:cohort", cohort.uuid)


def asked_rows(request: HttpRequest) -> int:
    """How many rows a curriculum without days of its own is shared out over."""
    rows = request.POST.get("rows") or request.GET.get("rows", "")
    return min(int(rows), MOST_DAYS) if rows.isascii() and rows.isdigit() and len(rows) < 4 else 0


def filled(form: DaysForm, cohort: Any, rows: int) -> DaysForm:
    """The same entries with the days after the first date filled in, one weekday after the other."""
    form.is_valid()
    dates = form.dates()
    if not dates:
        form.add_error(None, _("Enter the first date; the days after it are filled in."))
        return form
    numbers = [number for number, _modules in form.parts]
    first = min(dates)
    numbers = numbers[numbers.index(first) :]
    data = dict(form.data.items())
    for number, on in zip(numbers, consecutive(dates[first], len(numbers)), strict=False):
        data[f"on_{number}"] = on.isoformat()
    again = DaysForm(data, cohort=cohort, rows=rows)
    again.is_valid()
    return again


def page(request: HttpRequest, form: DaysForm, *, status: int = 200) -> HttpResponse:
    lines = [(row, covers(row.modules)) for row in form.rows()]
    has_days = any(day for day in form.cohort.curriculum.modules.values_list("day", flat=True))
    context = {
        "form": form,
        "rows": lines,
        "more": None if has_days else min(len(lines) + 1, MOST_DAYS),
        "cohort": form.cohort,
        "agency": form.cohort.agency,
    }
    return render(request, "rollout/training_days_form.html", context, status=status)
