"""The leadership commitment: making and renewing it, its signed page, and training that opens without one."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import commitment_actions as actions
from ..access import RUNS_AGENCIES, open_to
from ..commitment import PROMISES, Held, held
from ..commitment_papers import commitment_form_pdf, promise_name
from ..forms.commitment import CommitmentForm, ExceptionForm
from ..models import Agency, Commitment, CommitmentPaper, User
from ..pdf import PdfUnavailable
from ..refusals import Refused
from .enrollment import led_agency

HISTORY = 50
"""Commitments shown; one is made each year."""


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def commitment(request: HttpRequest, slug: str) -> HttpResponse:
    """What leadership promised, whether it still holds, and the form to make, renew or correct it."""
    agency = led_agency(request, slug)
    form = commitment_form(request, agency)
    if request.method == "POST" and save_commitment(request, form):
        return redirect("rollout:commitment", agency.slug)
    context = commitment_context(agency) | {"agency": agency, "form": form, "exception": ExceptionForm()}
    return render(request, "rollout/commitment.html", context, status=422 if form.errors else 200)


def commitment_form(request: HttpRequest, agency: Agency) -> CommitmentForm:
    """The form on the last commitment; to be renewed, with today's date."""
    last = agency.commitments.first()
    today = timezone.localdate(timezone=agency.zone)
    initial = {}
    if last is None or held(last.made_on, today).wants_renewal or "renew" in request.GET:
        initial["made_on"] = today
    posted = request.method == "POST"
    return CommitmentForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        instance=last or Commitment(agency=agency),
        initial=initial,
    )


def save_commitment(request: HttpRequest, form: CommitmentForm) -> bool:
    """Write a valid form; False leaves it to be shown again."""
    if not form.is_valid():
        return False
    user, now = cast(User, request.user), timezone.now()
    made = actions.make_commitment(form.save(commit=False), by=user, at=now)
    if form.cleaned_data["paper"]:
        name, content = form.cleaned_data["paper"]
        actions.keep_paper(made, name, content, by=user, at=now)
    messages.success(request, _("The commitment is saved."))
    return True


def commitment_context(agency: Agency) -> dict[str, object]:
    """The last commitment with its paper, whether it holds, and the earlier ones."""
    today = timezone.localdate(timezone=agency.zone)
    made = list(agency.commitments.select_related("paper__uploaded_by").defer("paper__content")[:HISTORY])
    state: Held = held(made[0].made_on if made else None, today)
    return {
        "last": made[0] if made else None,
        "state": state,
        "lines": [(one, promised(one), paper_of(one), held(one.made_on, today)) for one in made],
    }


def promised(one: Commitment) -> list[str]:
    """What it promises, in words."""
    return [promise_name(name) for name in PROMISES if getattr(one, name)]


def paper_of(one: Commitment) -> CommitmentPaper | None:
    return getattr(one, "paper", None)


@open_to(*RUNS_AGENCIES)
@require_safe
def commitment_blank(request: HttpRequest, slug: str) -> HttpResponse:
    """The page to print and sign, as a tagged PDF."""
    agency = led_agency(request, slug)
    try:
        content = commitment_form_pdf(agency)
    except PdfUnavailable as error:
        messages.error(request, str(error))
        return redirect("rollout:commitment", agency.slug)
    return pdf_response(content, f"{agency.slug}-commitment.pdf")


@open_to(*RUNS_AGENCIES)
@require_safe
def commitment_paper(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The signed page, for those who run this agency."""
    agency = led_agency(request, slug)
    paper = get_object_or_404(CommitmentPaper, commitment__agency=agency, commitment__pk=pk)
    if not paper.content:
        raise Http404
    return pdf_response(bytes(paper.content), paper.filename)


def pdf_response(content: bytes, filename: str) -> HttpResponse:
    """A file to keep, never shown in the page's place, guessed at, or kept by anything in between."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(True, filename) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


@open_to(*RUNS_AGENCIES)
@require_POST
def commitment_exception(request: HttpRequest, slug: str) -> HttpResponse:
    """Let training open without a commitment, or (``withdraw``) take that back."""
    agency = led_agency(request, slug)
    user, now = cast(User, request.user), timezone.now()
    if "withdraw" in request.POST:
        actions.withdraw_exception(agency, by=user, at=now)
        messages.success(request, _("The exception is withdrawn. What is planned stays."))
        return redirect("rollout:commitment", agency.slug)
    form = ExceptionForm(request.POST)
    if form.is_valid():
        try:
            actions.make_exception(agency, form.cleaned_data["reason"], by=user, at=now)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Training may open. The exception is shown with your name."))
            return redirect("rollout:commitment", agency.slug)
    context = commitment_context(agency) | {
        "agency": agency,
        "form": commitment_form_unbound(agency),
        "exception": form,
    }
    return render(request, "rollout/commitment.html", context, status=422)


def commitment_form_unbound(agency: Agency) -> CommitmentForm:
    """The form as a page shows it that was asked for something else."""
    last = agency.commitments.first()
    return CommitmentForm(instance=last or Commitment(agency=agency))
