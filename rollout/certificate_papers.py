"""Certificates on paper: first the values, frozen; then a page of HTML; then a tagged PDF.

The same certificate says the same each time: everything on it stands in its row, nothing is looked up anew.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import segno
from django.conf import settings
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from . import mailing
from .certificate_actions import facts_of, issue_some
from .certification import Facts, quarter_hours
from .documents import CannotMakeError, tell_progress
from .ledger import open_ledger
from .models import Certificate, Cohort, Document, Person
from .pdf import PdfUnavailable, lay_out, write_pdf

TEMPLATE = "pdf/certificates.html"
STYLES = ("css/certificate.css",)
CHUNK = 20
"""So many are issued and laid out before the progress is told."""
MANY = 6
"""From so many dates or trainers on they are set smaller."""


@dataclass(frozen=True)
class Paper:
    """Everything that stands on one page."""

    facts: Facts
    code: str
    url: str
    """Where its code is checked, also as ``qr``."""
    check_page: str
    """The same for somebody who types: without the scheme."""
    qr: str
    """A ``data:`` address of the QR code."""
    issued_on: date
    hours_text: str
    demo: bool

    @property
    def is_dense(self) -> bool:
        return max(len(self.facts.dates), len(self.facts.trainers)) > MANY


def paper_of(certificate: Certificate) -> Paper:
    """The values of one certificate; its agency comes with it."""
    facts = facts_of(certificate)
    url = mailing.link("rollout:certificate_check", certificate.code)
    with translation.override(facts.language):
        hours = quarter_hours(facts.minutes)
        # One clock hour is the only figure that is said in the singular.
        hours_text = _("1 clock hour") if hours == "1" else _("%(hours)s clock hours") % {"hours": hours}
    return Paper(
        facts=facts,
        code=certificate.code,
        url=url,
        check_page=re.sub(r"^https?://", "", mailing.link("rollout:certificate_form")),
        qr=segno.make(url, error="m").svg_data_uri(scale=4, border=0, dark="#1d2b29", omitsize=False),
        issued_on=certificate.issued_at.astimezone(certificate.agency.zone).date(),
        hours_text=hours_text,
        demo=settings.DEMO,
    )


def certificate_pdf(certificate: Certificate) -> bytes:
    """One certificate as a tagged PDF, in its own language. Raises PdfUnavailable."""
    return write_pdf([_pages([certificate])])


def certificates_pdf(certificates: Sequence[Certificate]) -> bytes:
    """Several as one PDF, a page for each."""
    chunks = range(0, len(certificates), CHUNK)
    return write_pdf([_pages(certificates[start : start + CHUNK]) for start in chunks])


def _pages(certificates: Sequence[Certificate]) -> Any:
    papers = [paper_of(each) for each in certificates]
    first = papers[0]
    with translation.override(first.facts.language):
        title = f"{_('Certificate of completion')}: {first.facts.title}"
    context = {"papers": papers, "title": title, "author": first.facts.sponsor}
    return lay_out(TEMPLATE, context, lang=first.facts.language, styles=STYLES)


def file_name(certificate: Certificate) -> str:
    """ "certificate-ada-lovelace-CDFHJ-KMNPR-TVWX4.pdf", without a letter that a file system minds."""
    return f"certificate-{slugify(certificate.participant)[:60] or 'participant'}-{certificate.code}.pdf"


def make_certificates(document: Document) -> tuple[str, bytes]:
    """Issue what a cohort has earned, and draw all its valid certificates as one PDF: a maker for the queue.

    Told as it goes, and safe to take up again: whoever was certified before the interruption is not certified
    twice, and is drawn like everybody else.
    """
    cohort = (
        Cohort.objects.select_related("agency", "curriculum")
        .filter(agency=document.agency_id, uuid=document.about.get("cohort"))
        .first()
    )
    if cohort is None:
        raise CannotMakeError(_("This cohort does not exist any more."))
    people = list(people_of(cohort))
    ledger = open_ledger(cohort.agency, timezone.now(), [person.pk for person in people])
    parts = []
    for start in range(0, len(people), CHUNK):
        some = people[start : start + CHUNK]
        issue_some(cohort, some, ledger, by=document.requested_by, at=timezone.now())
        if found := list(in_force(cohort, some)):
            try:
                parts.append(_pages(found))
            except PdfUnavailable as error:
                raise CannotMakeError(str(error)) from error
        tell_progress(document, min(start + CHUNK, len(people)), len(people), at=timezone.now())
    if not parts:
        raise CannotMakeError(
            _("Nobody in %(cohort)s has all hours of %(title)s yet, so there is no certificate.")
            % {"cohort": cohort, "title": cohort.curriculum}
        )
    return f"certificates-{slugify(cohort.name)[:60] or 'cohort'}.pdf", write_pdf(parts)


def people_of(cohort: Cohort) -> Iterable[Person]:
    """Members of a cohort who are on the roster, by name."""
    found = Person.objects.current().filter(cohorts=cohort).select_related("agency", "user")
    return found.order_by("last_name", "first_name", "pk")


def in_force(cohort: Cohort, people: Iterable[Person]) -> Iterable[Certificate]:
    """Certificates of these people in the cohort's curriculum, whoever issued them, by name."""
    found = Certificate.objects.filter(
        curriculum=cohort.curriculum_id, person__in=list(people), revoked_at=None
    )
    return found.select_related("agency").order_by("person__last_name", "person__first_name", "pk")
