"""The hours report on paper: a tagged PDF that the queue makes."""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from .documents import CannotMakeError
from .hours import HoursReport, filename, hours_report
from .models import Document
from .pdf import PdfUnavailable, render_pdf

TEMPLATE = "pdf/hours.html"
MOST_NAMED = 600
"""Beyond this many people the paper holds totals and teams; names are for the spreadsheet."""


def hours_pdf(report: HoursReport) -> bytes:
    """In the language in force. PdfUnavailable where this machine cannot draw one."""
    context = {
        "title": _("Training hours: %(agency)s") % {"agency": report.agency.name},
        "subject": _("Clock hours required, credited and planned, person by person"),
        "author": report.agency.name,
        "report": report,
        "at": report.at.astimezone(report.agency.zone),
        "demo": settings.DEMO,
        "names": len(report.lines) <= MOST_NAMED,
        "most": MOST_NAMED,
    }
    return render_pdf(TEMPLATE, context, lang=translation.get_language() or settings.LANGUAGE_CODE)


def make_hours_report(document: Document) -> tuple[str, bytes]:
    """What the queue makes of a waiting document: file name and PDF. CannotMakeError with words for a person."""
    report = hours_report(document.agency, timezone.now())
    try:
        return f"{filename(report)}.pdf", hours_pdf(report)
    except PdfUnavailable as error:
        raise CannotMakeError(str(error)) from error
