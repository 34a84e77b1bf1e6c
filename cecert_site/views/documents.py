"""Reports that the queue makes: asking for one, waiting for it, taking it away."""

from typing import cast

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from rollout import documents as jobs
from rollout.access import RUNS_AGENCIES, open_to
from rollout.models import Agency, Document, User


@open_to(*RUNS_AGENCIES)
@require_safe
def documents(request: HttpRequest, slug: str) -> HttpResponse:
    """All reports of an agency, the newest first."""
    agency = get_object_or_404(Agency.objects.editable_by(cast(User, request.user)), slug=slug)
    found = agency.documents.defer("content").select_related("requested_by")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "site/documents.html", {"agency": agency, "page": page})


@open_to(*RUNS_AGENCIES)
@require_POST
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the rollout report."""
    user = cast(User, request.user)
    agency = get_object_or_404(Agency.objects.editable_by(user), slug=slug)
    document = jobs.request("rollout_report", agency, by=user, at=timezone.now())
    return redirect("document", document.uuid)


@open_to(*RUNS_AGENCIES)
@require_safe
def document(request: HttpRequest, uuid: str) -> HttpResponse:
    """How far a report is; the page asks again by itself until it is there."""
    found = get_object_or_404(
        Document.objects.editable_by(cast(User, request.user)).defer("content").select_related("agency"),
        uuid=uuid,
    )
    template = "site/document.html#state" if request.htmx else "site/document.html"  # type: ignore[attr-defined]
    return render(request, template, {"document": found, "agency": found.agency})


@open_to(*RUNS_AGENCIES)
@require_safe
def document_file(request: HttpRequest, uuid: str) -> HttpResponse:
    """The finished PDF."""
    found = get_object_or_404(Document.objects.editable_by(cast(User, request.user)), uuid=uuid)
    if found.state != Document.State.READY or found.content is None:
        raise Http404
    return HttpResponse(
        bytes(found.content),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{found.filename}"'},
    )
