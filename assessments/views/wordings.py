"""Wordings: the statements of an instrument from the agency's own copy, checked and shown before they are kept."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments import actions, instruments, wording
from assessments.forms import WordingForm
from assessments.models import WordingPack
from rollout.access import RUNS_AGENCIES, open_to
from rollout.models import Agency, User
from rollout.refusals import Refused

MOST = 100


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def wordings(request: HttpRequest) -> HttpResponse:
    """What is installed, and a new one in two steps: check (nothing is written), then install."""
    user = cast(User, request.user)
    agencies = list(Agency.objects.editable_by(user))
    if request.method != "POST":
        return wordings_page(request, WordingForm(user=user, agencies=agencies))
    form = WordingForm(request.POST, request.FILES, user=user, agencies=agencies)
    if not form.is_valid():
        return wordings_page(request, form, status=422)
    data = form.cleaned_data
    instrument = instruments.INSTRUMENTS[data["instrument"]]
    parsed = wording.parse(data["text"], instrument)
    if "install" in request.POST and parsed.fits:
        try:
            pack = actions.install_wording(
                instrument,
                parsed.texts(),
                language=data["language"],
                agency=data["agency"],
                by=user,
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return wordings_page(request, form, status=422)
        text = _("Version %(n)d of the wording (%(language)s) is installed. The next wave takes it.")
        messages.success(request, text % {"n": pack.version, "language": pack.language})
        return redirect("assessments:wordings")
    # What was read goes back into the field, so that the second step posts the same text.
    kept = {
        **{name: form[name].value() for name in ("instrument", "agency", "language")},
        "statements": data["text"],
    }
    again = WordingForm(initial=kept, user=user, agencies=agencies)
    context = {"parsed": parsed, "instrument": instrument, "kept": kept}
    return wordings_page(request, again, status=200 if parsed.fits else 422, **context)


def wordings_page(request: HttpRequest, form: WordingForm, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page, with what is installed so far."""
    packs = (
        WordingPack.objects.visible_to(cast(User, request.user))
        .select_related("agency", "installed_by")
        .defer("statements")
    )
    names = {code: one.short_name for code, one in instruments.INSTRUMENTS.items()}
    installed = [
        {"pack": pack, "instrument": names.get(pack.instrument, pack.instrument)}
        for pack in packs.order_by("-installed_at", "-pk")[:MOST]
    ]
    context = {
        "form": form,
        "installed": installed,
        "first": next(iter(instruments.INSTRUMENTS.values())),
        **more,
    }
    return render(request, "assessments/wordings.html", context, status=status)
