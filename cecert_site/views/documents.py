"""Reports that the queue makes: asking for one, waiting for it, taking it away."""

from typing import cast

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from rollout import documents as jobs
from rollout.access import DELIVERS, RUNS_AGENCIES, open_to
from rollout.models import Agency, Document, User

TITLES = {
    jobs.ROLLOUT_REPORT: _("Rollout report"),
    jobs.CERTIFICATES: _("Certificates of a cohort"),
    jobs.HOURS: _("Training hours"),
}


def belongs_to(document: Document) -> tuple[str, str, str]:
    """The page it was asked for on, as (label, address), and where it can be asked for again."""
    slug, cohort = document.agency.slug, document.about.get("cohort")
    if document.kind == jobs.HOURS:
        return (
            str(_("Hours")),
            reverse("rollout:hours", args=[slug]),
            reverse("rollout:hours_paper", args=[slug]),
        )
    if cohort:
        address = reverse("rollout:cohort_certificates", args=[cohort])
        return str(_("Certificates")), address, address
    return str(_("Reports")), reverse("documents", args=[slug]), reverse("report", args=[slug])


def title_of(document: Document) -> str:
    """What kind of document it is, in words."""
    return str(TITLES.get(document.kind, _("Report")))


@open_to(*RUNS_AGENCIES)
@require_safe
def documents(request: HttpRequest, slug: str) -> HttpResponse:
    """All reports of an agency, the newest first."""
    agency = get_object_or_404(Agency.objects.editable_by(cast(User, request.user)), slug=slug)
    found = agency.documents.defer("content").select_related("requested_by")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    for each in page.object_list:
        each.title = title_of(each)  # type: ignore[attr-defined]
    return render(request, "site/documents.html", {"agency": agency, "page": page})


@open_to(*RUNS_AGENCIES)
@require_POST
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the rollout report."""
    user = cast(User, request.user)
    agency = get_object_or_404(Agency.objects.editable_by(user), slug=slug)
    document = jobs.request("rollout_report", agency, by=user, at=timezone.now())
    return redirect("document", document.uuid)


@open_to(*DELIVERS)
@require_safe
def document(request: HttpRequest, uuid: str) -> HttpResponse:
    """How far a report is; the page asks again by itself until it is there."""
    user = cast(User, request.user)
    found = get_object_or_404(
        Document.objects.visible_to(user).defer("content").select_related("agency"),
        uuid=uuid,
    )
    runs = Agency.objects.editable_by(user).filter(pk=found.agency_id).exists()
    context = {"document": found, "agency": found.agency, "title": title_of(found), "runs": runs}
    context["parent_label"], context["parent_url"], context["retry_url"] = belongs_to(found)
    context["top_url"] = reverse(
        "overview" if found.kind == jobs.ROLLOUT_REPORT else "rollout:training", args=[found.agency.slug]
    )
    template = "site/document.html#state" if request.htmx else "site/document.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@open_to(*DELIVERS)
@require_safe
def document_file(request: HttpRequest, uuid: str) -> HttpResponse:
    """The finished PDF."""
    found = get_object_or_404(Document.objects.visible_to(cast(User, request.user)), uuid=uuid)
    if found.state != Document.State.READY or found.content is None:
        raise Http404
    return HttpResponse(
        bytes(found.content),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{found.filename}"'},
    )
