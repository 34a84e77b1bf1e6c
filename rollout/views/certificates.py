"""Certificates: those of an agency, of a cohort and of a person; issued, corrected, revoked, taken away."""

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import certificate_actions as actions
from .. import certificate_lists as lists
from .. import documents
from ..access import DELIVERS, open_to, signed_in
from ..certificate_papers import certificate_pdf, file_name, people_of
from ..certification import quarter_hours
from ..day_words import short_day
from ..exports import table_response
from ..forms.certificates import CertificateFilter, CorrectForm, RevokeForm
from ..models import Agency, Certificate, Cohort, Curriculum, Person, User
from ..pdf import PdfUnavailable
from ..refusals import Changed, Refused

PAGE = 25


def user_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def delivered_agency(request: HttpRequest, slug: str) -> Agency:
    return get_object_or_404(Agency.objects.where(user_of(request), *DELIVERS), slug=slug)


def editable_certificate(request: HttpRequest, slug: str, uuid: str) -> Certificate:
    """The certificate of this address, if the user leads or trains its agency; else 404."""
    found = lists.with_states(Certificate.objects.editable_by(user_of(request)))
    return get_object_or_404(found, agency__slug=slug, uuid=uuid)


def chosen(request: HttpRequest, agency: Agency) -> tuple[CertificateFilter, Any]:
    """The filter and what it leaves."""
    form = CertificateFilter(request.GET, agency=agency)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = lists.agency_certificates(
        agency,
        words=wanted.get("q", ""),
        state=wanted.get("state", ""),
        curriculum=wanted.get("curriculum"),
    )
    return form, found


@open_to(*DELIVERS)
@require_safe
def certificates(request: HttpRequest, slug: str) -> HttpResponse:
    """All certificates of an agency, the latest first."""
    agency = delivered_agency(request, slug)
    form, found = chosen(request, agency)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "form": form,
        "page": page,
        "lines": lists.lines(page.object_list),
        "filtered": any(request.GET.get(name) for name in ("q", "curriculum", "state")),
        "query": request.GET.urlencode(),
    }
    template = "rollout/certificates.html#list" if request.htmx else "rollout/certificates.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@open_to(*DELIVERS)
@require_safe
def certificates_export(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The same list, with its filter, as a table."""
    agency = delivered_agency(request, slug)
    _form, found = chosen(request, agency)
    rows = lists.export_rows(agency, found)
    return table_response(f"certificates-{agency.slug}", lists.export_headers(), rows, kind)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_certificates(request: HttpRequest, uuid: str) -> HttpResponse:
    """Who of a cohort can be certified; POST certifies all of them and draws one PDF, in the queue."""
    cohorts = Cohort.objects.editable_by(user_of(request)).select_related("agency", "curriculum")
    cohort = get_object_or_404(cohorts, uuid=uuid)
    if request.method == "POST":
        document = documents.request(
            documents.CERTIFICATES,
            cohort.agency,
            about={"cohort": str(cohort.uuid)},
            # Asked for again, somebody more may have all hours: only one that is still to be made is the same.
            again=True,
            by=user_of(request),
            at=timezone.now(),
        )
        return redirect("document", document.uuid)
    people = list(people_of(cohort))
    everybody = lists.candidates(cohort, people, timezone.now())
    page = Paginator(sorted(everybody, key=lambda one: not one.can), PAGE).get_page(request.GET.get("page"))
    context = {
        "cohort": cohort,
        "agency": cohort.agency,
        "page": page,
        "can": sum(one.can for one in everybody),
        "certified": sum(one.certificate is not None for one in everybody),
        "people": len(everybody),
    }
    return render(request, "rollout/certificates_cohort.html", context)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def person_certificates(request: HttpRequest, uuid: str) -> HttpResponse:
    """All certificates of one person, and what else they have earned; POST issues one."""
    people = Person.objects.filter(agency__in=Agency.objects.where(user_of(request), *DELIVERS))
    person = get_object_or_404(people.select_related("agency", "user"), uuid=uuid)
    now = timezone.now()
    if request.method == "POST":
        curriculum = get_object_or_404(Curriculum, code=request.POST.get("curriculum", ""))
        try:
            made = actions.issue(person, curriculum, by=user_of(request), at=now)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("rollout:person_certificates", person.uuid)
        messages.success(request, _("The certificate of %(name)s is issued.") % {"name": person})
        return redirect("rollout:certificate", person.agency.slug, made.uuid)
    context = {
        "person": person,
        "agency": person.agency,
        "lines": lists.lines(lists.with_states(person.certificates.all())),
        "issuable": lists.can_be_issued(person, now),
    }
    return render(request, "rollout/certificates_person.html", context)


@open_to(*DELIVERS)
@require_safe
def certificate(request: HttpRequest, slug: str, uuid: str) -> HttpResponse:
    """One certificate: what it says, whether it is in force, and what can be done."""
    return shown(request, editable_certificate(request, slug, uuid), RevokeForm())


def shown(request: HttpRequest, found: Certificate, form: RevokeForm, *, status: int = 200) -> HttpResponse:
    """Its page, with the question whether to revoke it."""
    context = {
        "line": lists.lines([found])[0],
        "certificate": found,
        "facts": actions.facts_of(found),
        "agency": found.agency,
        "replaced": found.replaces,
        "form": form,
    }
    return render(request, "rollout/certificate.html", context, status=status)


@open_to(*DELIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_reissue(request: HttpRequest, slug: str, uuid: str) -> HttpResponse:
    """Issue it again with the facts of today; before and after are shown first."""
    found = editable_certificate(request, slug, uuid)
    data = request.POST if request.method == "POST" else None
    form = CorrectForm(data, certificate=found)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.reissue(found, **form.cleaned_data, by=user_of(request), at=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        except Changed:
            return no_longer(request, found)
        else:
            messages.success(request, _("Issued again. The old code now says that it was replaced."))
            return redirect("rollout:certificate", slug, made.uuid)
    if found.revoked_at:
        return no_longer(request, found)
    context = {
        "certificate": found,
        "agency": found.agency,
        "form": form,
        "rows": before_and_after(found, form),
    }
    return render(request, "rollout/certificate_again.html", context, status=422 if form.errors else 200)


def before_and_after(found: Certificate, form: CorrectForm) -> list[tuple[str, str, str, bool]]:
    """Label, what it says, what it would say, whether that differs; nothing while hours are missing."""
    before = actions.facts_of(found)
    try:
        after = actions.facts_today(
            found.person,
            found.curriculum,
            timezone.now(),
            participant=form["participant"].value() or "",
            language=form["language"].value() or "",
        )
    except Refused:
        return []
    labels = {
        "participant": _("Participant"),
        "title": _("Title"),
        "dates": _("Dates attended"),
        "minutes": _("Clock hours"),
        "trainers": _("Trainers"),
        "sponsor": _("Sponsor"),
        "approval_text": _("Approval"),
    }
    changes = after.changes(before)
    return [
        (label, said(name, getattr(before, name)), said(name, getattr(after, name)), name in changes)
        for name, label in labels.items()
    ]


def said(name: str, value: Any) -> str:
    """One fact in words."""
    if name == "minutes":
        return quarter_hours(value)
    if name == "dates":
        return "; ".join(short_day(each) for each in value)
    return ", ".join(value) if isinstance(value, tuple) else value or "–"


@open_to(*DELIVERS)
@require_POST
def certificate_revoke(request: HttpRequest, slug: str, uuid: str) -> HttpResponse:
    """Take it back, with a reason that stays inside."""
    found = editable_certificate(request, slug, uuid)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        return shown(request, found, form, status=422)
    try:
        actions.revoke(found, reason=form.cleaned_data["reason"], by=user_of(request), at=timezone.now())
    except Changed:
        return no_longer(request, found)
    messages.success(request, _("Revoked. Its code now says so to whoever checks it."))
    return redirect("rollout:certificate", slug, found.uuid)


def no_longer(request: HttpRequest, found: Certificate) -> HttpResponse:
    messages.error(request, _("This certificate is no longer in force, so it stays as it is."))
    return redirect("rollout:certificate", found.agency.slug, found.uuid)


@signed_in
@require_safe
def certificate_file(request: HttpRequest, uuid: str) -> HttpResponse:
    """The PDF of a certificate in force: for its owner, and for who leads or trains the agency."""
    visible = Certificate.objects.visible_to(user_of(request)).select_related("agency")
    found = get_object_or_404(visible, uuid=uuid)
    if found.revoked_at:
        raise Http404
    try:
        content = certificate_pdf(found)
    except PdfUnavailable as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{file_name(found)}"'},
    )
