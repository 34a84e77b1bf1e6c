"""A roster file on the web: upload, preview of what it would change, and the one button that does it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_http_methods

from .. import roster_actions as actions
from ..access import RUNS_AGENCIES, open_to
from ..enroll import progress
from ..enrollment import only_here
from ..forms.enrollment import ColumnsForm, RosterFileForm
from ..imports import FIELD_LABELS, RowProblem, unknown_columns
from ..models import AuditEntry, RosterUpload, User
from ..refusals import Changed, Refused
from ..roster import PersonUpdate
from ..roster_rows import RosterRow
from ..templatetags.ui import short_day
from .enrollment import led_agency

PAGE = 50
FIRST = 12
"""People of each group shown on the preview; the rest stand on pages of their own."""
GROUPS = {
    "leaving": gettext_lazy("Leaving"),
    "returning": gettext_lazy("Back on the roster"),
    "new": gettext_lazy("New"),
    "moved": gettext_lazy("Moving to another team"),
    "changed": gettext_lazy("Changed"),
    "already_left": gettext_lazy("Left before they were known here"),
    "unchanged": gettext_lazy("Unchanged"),
}
SHOWN = tuple(name for name in GROUPS if name != "unchanged")
SENTENCES = {
    "new": ngettext_lazy("Add %(n)d person.", "Add %(n)d people.", "n"),
    "without_email": ngettext_lazy(
        "%(n)d of them has no e-mail and cannot sign in.",
        "%(n)d of them have no e-mail and cannot sign in.",
        "n",
    ),
    "returning": ngettext_lazy(
        "Bring %(n)d person back, with their earlier hours.",
        "Bring %(n)d people back, with their earlier hours.",
        "n",
    ),
    "moved": ngettext_lazy("Move %(n)d person to another team.", "Move %(n)d people to another team.", "n"),
    "changed": ngettext_lazy("Change %(n)d person’s entry.", "Change %(n)d people’s entries.", "n"),
    "losing": ngettext_lazy(
        "%(n)d person leaves: their sign-in ends at once, their hours are kept.",
        "%(n)d people leave: their sign-in ends at once, their hours are kept.",
        "n",
    ),
    "keeping": ngettext_lazy(
        "%(n)d person leaves the roster and can still sign in, through another role.",
        "%(n)d people leave the roster and can still sign in, through another role.",
        "n",
    ),
    "teams": ngettext_lazy("Add %(n)d team.", "Add %(n)d teams.", "n"),
    "supervisors": ngettext_lazy(
        "Set the supervisor of %(n)d team.", "Set the supervisors of %(n)d teams.", "n"
    ),
    "orphaned": ngettext_lazy(
        "%(n)d team is left without a supervisor.", "%(n)d teams are left without a supervisor.", "n"
    ),
}
"""What importing does, by kind of change."""


@dataclass(frozen=True)
class Line:
    """One person of a group: ``changes`` are (label, before, after)."""

    name: str
    row: RosterRow | None
    team: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    keeps_sign_in: bool = False


@dataclass(frozen=True)
class Group:
    """People to whom the same happens: a page of them, and how many there are."""

    name: str
    heading: str
    count: int
    lines: list[Line]

    @property
    def rest(self) -> int:
        return self.count - len(self.lines)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def roster_upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose a file; before it, files still waiting for an answer and what was imported before."""
    agency, now = led_agency(request, slug), timezone.now()
    posted = request.method == "POST"
    form = RosterFileForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        upload = actions.receive_roster(
            agency,
            filename=cast(UploadedFile, request.FILES["file"]).name or "",
            content=form.cleaned_data["file"],
            by=cast(User, request.user),
            at=now,
        )
        return redirect("rollout:roster_preview", agency.slug, upload.uuid)
    waiting = agency.roster_uploads.filter(applied_at=None).exclude(content=b"")
    past = agency.audit.filter(verb=actions.IMPORTED).select_related("by")
    page = Paginator(past, PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "form": form,
        "waiting": waiting.defer("content").select_related("uploaded_by")[:5],
        "page": page,
        "imports": [(entry, *told(entry)) for entry in page],
    }
    return render(request, "rollout/roster_upload.html", context, status=422 if form.errors else 200)


def told(entry: AuditEntry) -> tuple[str, str]:
    """File and counts of a past import."""
    return entry.after.get("file", ""), actions.counts_line(entry.after)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def roster_preview(request: HttpRequest, slug: str, uuid: str) -> HttpResponse:
    """What a file would change; POST assigns its columns (``step=columns``) or writes it (``step=apply``)."""
    agency, now = led_agency(request, slug), timezone.now()
    uploads = agency.roster_uploads.select_related("agency", "applied_by", "uploaded_by")
    upload = get_object_or_404(uploads, uuid=uuid)
    step = request.POST.get("step") if request.method == "POST" else ""
    if upload.applied_at or not upload.content:
        return (
            render(request, "rollout/roster_preview.html", finished(upload)) if step == "" else here(upload)
        )
    if step not in ("", "columns", "apply"):
        return here(upload)
    reading = actions.read_upload(upload, at=now)
    columns = ColumnsForm(
        request.POST if step == "columns" else None, table=reading.table, columns=reading.columns
    )
    status = 200
    if step == "columns":
        if columns.is_valid():
            actions.assign_columns(upload, columns.choices())
            return here(upload)
        status = 422
    elif step == "apply":
        status = apply(request, upload, reading)
        if status == 302:
            return here(upload)
        reading = actions.read_upload(upload, at=now)
    context = preview_context(request, upload, reading, columns)
    return render(request, "rollout/roster_preview.html", context, status=status)


def here(upload: RosterUpload) -> HttpResponse:
    return redirect("rollout:roster_preview", upload.agency.slug, upload.uuid)


def apply(request: HttpRequest, upload: RosterUpload, reading: actions.Reading) -> int:
    """Write it. The status to answer with: 302 done, 409 the roster changed meanwhile, 422 refused."""
    answered = set(request.POST.getlist("confirm"))
    confirmed = answered >= {str(at) for at in range(len(reading.to_confirm))}
    user, seen = cast(User, request.user), request.POST.get("seen", "")
    try:
        actions.apply_roster(upload, by=user, at=timezone.now(), seen=seen, confirmed=confirmed)
    except Changed:
        messages.error(
            request, _("The roster changed meanwhile. Nothing was written: look again at what would change.")
        )
        return 409
    except Refused as error:
        if RosterUpload.objects.filter(pk=upload.pk).exclude(applied_at=None).exists():
            return 302
        messages.error(request, str(error))
        return 422
    return 302


def finished(upload: RosterUpload) -> dict[str, Any]:
    """A file that is written, or was dropped unwritten after a day."""
    counts = actions.counts_line(upload.counts) if upload.applied_at else ""
    return {
        "agency": upload.agency,
        "upload": upload,
        "counts": counts,
        "enrolling": progress(upload.agency).after("roster"),
    }


def preview_context(
    request: HttpRequest, upload: RosterUpload, reading: actions.Reading, columns: ColumnsForm
) -> dict[str, Any]:
    found = reading.preview
    keep = keeping_sign_in(reading)
    one = request.GET.get("group", "")
    page = group_page(request, reading, one, keep) if one in GROUPS and not found.errors else None
    groups = [group(reading, name, members(reading, name)[:FIRST], keep) for name in SHOWN]
    return {
        "agency": upload.agency,
        "upload": upload,
        "reading": reading,
        "preview": found,
        "counts": actions.counts_line(found.counts()),
        "steps": steps(reading, len(keep)),
        "errors": found.errors[: 4 * PAGE],
        "more_errors": len(found.errors[4 * PAGE :]),
        "questions": [
            (problem, place(problem)) for problem in found.questions if found.errors or not problem.confirm
        ],
        "to_confirm": [(at, problem, place(problem)) for at, problem in enumerate(reading.to_confirm)],
        "groups": [each for each in groups if each.count],
        "page": page,
        "only": group(reading, one, page.object_list, keep) if page else None,
        "columns": columns,
        "column_errors": columns.errors or any(error.kind.startswith("column") for error in found.errors),
        "unknown": unknown_columns(reading.table, reading.columns),
        "skipped": [
            (row.number, ", ".join(str(cell) for cell in row.cells if cell not in (None, "")))
            for row in reading.table.skipped[:PAGE]
        ],
        "more_skipped": len(reading.table.skipped[PAGE:]),
    }


def place(problem: RowProblem) -> str:
    """ "Row 5, supervisor"; "" for the file as a whole."""
    where = [_("Row %(row)s") % {"row": problem.row}] if problem.row else []
    return ", ".join([*where, *([problem.column] if problem.column else [])])


def keeping_sign_in(reading: actions.Reading) -> set[int]:
    """Keys of people who leave and still sign in, for another role or another agency."""
    closing = only_here(reading.leaving)
    return {person.pk for person in reading.leaving if person.user_id and person.user_id not in closing}


def members(reading: actions.Reading, name: str) -> tuple[Any, ...]:
    return tuple(getattr(reading.preview, name))


def group(
    reading: actions.Reading, name: str, shown: Iterable[RosterRow | PersonUpdate], keep: set[int]
) -> Group:
    lines = [line(reading, each, keep) for each in shown]
    return Group(name, str(GROUPS[name]), len(members(reading, name)), lines)


def group_page(request: HttpRequest, reading: actions.Reading, name: str, keep: set[int]) -> Page:
    """All of one group, page by page."""
    return Paginator(members(reading, name), PAGE).get_page(request.GET.get("page"))


def line(reading: actions.Reading, each: RosterRow | PersonUpdate, keep: set[int]) -> Line:
    if isinstance(each, RosterRow):
        return Line(each.name, each, each.team)
    changes = tuple(
        (str(FIELD_LABELS[field]), in_words(before), in_words(after))
        for field, (before, after) in each.changes.items()
    )
    person = reading.person(each.person.key)
    return Line(each.name, each.row, each.person.team, changes, person.pk in keep)


def in_words(value: Any) -> str:
    if isinstance(value, date):
        return short_day(value)
    return str(value) if value else _("nothing")


def steps(reading: actions.Reading, keeping: int) -> list[str]:
    """What importing does, a sentence for each kind of change."""
    found = reading.preview
    counts = {
        "new": len(found.new),
        "without_email": sum(not row.email for row in found.new),
        "returning": len(found.returning),
        "moved": len(found.moved),
        "changed": len(found.changed),
        "losing": len(found.leaving) - keeping,
        "keeping": keeping,
        "teams": len(found.new_teams),
        "supervisors": len(found.supervisor_changes),
        "orphaned": len(reading.orphaned),
    }
    return [SENTENCES[name] % {"n": count} for name, count in counts.items() if count]
