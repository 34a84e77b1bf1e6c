"""Training on paper and as tables: sign-in sheets, and every list as CSV or Excel."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import training_lists as lists
from ..access import DELIVERS, open_to
from ..exports import table_response
from ..ledger import open_ledger
from ..models import Cohort, Session
from ..pdf import PdfUnavailable, render_pdf
from ..schedule import cohort_line
from ..sign_in_sheet import sheets
from ..summaries import cohort_counts
from .training import cohorts_with_sessions, delivered_agency, editable_cohort, user_of


def editable_session(request: HttpRequest, uuid: str) -> Session:
    """The session of this address, if the user leads or trains its agency; else 404."""
    sessions = Session.objects.editable_by(user_of(request))
    return get_object_or_404(
        sessions.select_related("cohort__agency", "cohort__curriculum", "trainer"), uuid=uuid
    )


@open_to(*DELIVERS)
@require_safe
def session_sheet(request: HttpRequest, uuid: str) -> HttpResponse:
    """The sign-in sheet of one day."""
    session = editable_session(request, uuid)
    return sheet(request, session.cohort, [session]) or redirect("rollout:session", session.uuid)


@open_to(*DELIVERS)
@require_safe
def cohort_sheet(request: HttpRequest, uuid: str) -> HttpResponse:
    """The sign-in sheet of all days of a cohort that are still to come; of all days when all are over."""
    cohort, now = editable_cohort(request, uuid), timezone.now()
    sessions = list(cohort.sessions.planned().select_related("trainer").order_by("starts_at"))
    ahead = [session for session in sessions if session.ends_at > now] or sessions
    return sheet(request, cohort, ahead) or redirect("rollout:cohort", cohort.uuid)


def sheet(request: HttpRequest, cohort: Cohort, sessions: list[Session]) -> HttpResponse | None:
    """The PDF; None, and a word about it, where there is nothing to print or nothing to print with.

    One page takes a few tenths of a second, so nobody waits for a queue at the door.
    """
    if not sessions:
        messages.info(request, _("No session is planned: there is no sheet to print yet."))
        return None
    context = {
        "title": _("Sign-in sheet: %(name)s") % {"name": cohort},
        "author": cohort.agency.name,
        "subtitle": f"{cohort.agency} · {cohort.curriculum}",
        "sheets": sheets(cohort.agency, sessions),
    }
    try:
        content = render_pdf("pdf/sign_in_sheet.html", context, lang=get_language() or "en")
    except PdfUnavailable as problem:
        messages.error(request, str(problem))
        return None
    name = f"{slugify(cohort.name) or 'cohort'}-{_('sign-in')}.pdf"
    disposition = content_disposition_header(False, name) or "inline"
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


@open_to(*DELIVERS)
@require_safe
def training_table(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """All cohorts of an agency, one to a line."""
    agency, now = delivered_agency(request, slug), timezone.now()
    cohorts = list(cohorts_with_sessions(agency))
    counts = cohort_counts(open_ledger(agency, now), cohorts)
    lines = [cohort_line(each, counts[each.pk], now) for each in cohorts]
    return table_response(f"{agency.slug}-cohorts", lists.COHORT_HEADERS, lists.cohort_rows(lines), kind)


@open_to(*DELIVERS)
@require_safe
def sessions_table(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """All sessions of an agency, in columns that can be imported again."""
    agency = delivered_agency(request, slug)
    return table_response(f"{agency.slug}-sessions", lists.SESSION_HEADERS, lists.session_rows(agency), kind)


@open_to(*DELIVERS)
@require_safe
def cohort_table(request: HttpRequest, uuid: str, kind: str) -> HttpResponseBase:
    """The people of a cohort with their hours."""
    cohort = editable_cohort(request, uuid)
    name = f"{cohort.agency.slug}-{slugify(cohort.name) or 'cohort'}"
    return table_response(name, lists.MEMBER_HEADERS, lists.member_rows(cohort, timezone.now()), kind)


@open_to(*DELIVERS)
@require_safe
def attendance_table(request: HttpRequest, uuid: str, kind: str) -> HttpResponseBase:
    """The attendance of one session, in columns that can be imported again."""
    session = editable_session(request, uuid)
    on = session.starts_at.astimezone(session.agency.zone).date().isoformat()
    rows = lists.attendance_rows(session.agency, session)
    return table_response(f"{session.agency.slug}-attendance-{on}", lists.ATTENDANCE_HEADERS, rows, kind)
