"""One's own results: of one wave, over time, taken along, deleted. For their owner only, and only lately signed in."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import cast
from uuid import UUID

from allauth.account.views import request_login_code
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import instruments, reading, scoring, survey
from assessments.exports import own_csv
from assessments.models import Invitation
from assessments.survey import OwnResult
from rollout.access import public, signed_in
from rollout.charts import Chart, scale_bar
from rollout.kept import in_each_language
from rollout.models import User
from rollout.refusals import Refused

from .frame import (
    RELATED,
    invitation_here,
    just_sent,
    kept_page,
    no_store,
    page,
    signed_in_lately,
    to_confirm,
    to_sign_in,
    with_keys,
)
from .survey import about, sign_in_url

COLORS = ("accent", "warn", "plum")


@dataclass(frozen=True, repr=False)
class Change:
    """From one own result to the next, on one scale: in words, with whether it exceeds the measure's error."""

    scale: str
    text: str


@public
@require_safe
@sensitive_variables()
@with_keys
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One's own result. Public at the gate for the page that thanks whoever came by a link and sees no result."""
    now = timezone.now()
    invitation = invitation_here(request, uuid)
    if invitation is None:
        return to_sign_in(request)
    if not request.user.is_authenticated:
        if not invitation.completed:
            return redirect("assessments:survey_answer", uuid)
        context = {**about(invitation), "sign_in": sign_in_url(invitation.wave)}
        return no_store(page(request, "assessments/thanks.html", context))
    if not invitation.completed:
        if invitation.wave.takes_answers(now):
            return redirect("assessments:survey", uuid)
        raise Http404
    if not (signed_in_lately(request, now) or just_sent(request, uuid)):
        return to_confirm(request)
    own = survey.own_result(invitation)
    if own is None:
        raise Http404
    return result_page(request, invitation, own, now)


@sensitive_variables()
def result_page(request: HttpRequest, invitation: Invitation, own: OwnResult, now: datetime) -> HttpResponse:
    """The scales in pictures and words, where to turn, how to read it, what one may do with it."""
    wave = invitation.wave
    same = {
        **about(invitation),
        "reading": around(own.instrument.code, wave.agency.help_text.strip()),
        "can_delete": wave.takes_answers(now),
    }
    blocks = [scale_block(own.instrument.code, place, score) for place, score in enumerate(own.scores.scales)]
    blanks = {"scales": SafeString("".join(blocks))}
    return no_store(kept_page(request, "assessments/result.html", same, blanks))


@in_each_language
def around(instrument: str, agency_contact: str) -> reading.Reading:
    """The words around the scales, the same for everybody in an agency."""
    return reading.without_scores(instruments.INSTRUMENTS[instrument], agency_contact=agency_contact)


@in_each_language
@sensitive_variables()
def scale_block(instrument: str, place: int, score: scoring.ScaleScore) -> SafeString:
    """Picture and words of one scale: all with this score read the same."""
    definition = instruments.INSTRUMENTS[instrument]
    scale = reading.read_scale(definition, definition.scales[place], score)
    context = {"scale": scale, "chart": bar(scale, place)}
    return SafeString(render_to_string("assessments/result_scale.html", context))


@sensitive_variables()
def bar(scale: reading.ScaleReading, place: int) -> Chart:
    """The picture of one scale."""
    found = scale.result
    return scale_bar(
        name=scale.name,
        score=found.value if found else None,
        level=found.level_text if found else "",
        low=found.low if found else None,
        high=found.high if found else None,
        cuts=(scale.low_up_to + 1, scale.high_from),
        bounds=(scale.minimum, scale.maximum),
        color=COLORS[place % len(COLORS)],
        uid=f"own-{scale.code}",
    )


@signed_in
@require_POST
@with_keys
def survey_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Delete one's own answers of an open wave; whoever wants may answer again until it closes."""
    now = timezone.now()
    own = Invitation.objects.visible_to(cast(User, request.user)).select_related(*RELATED)
    invitation = get_object_or_404(own, wave__uuid=uuid)
    if not (signed_in_lately(request, now) or just_sent(request, uuid)):
        back = reverse("assessments:result", args=[uuid])
        return redirect(f"{reverse('assessments:confirm')}?{urlencode({'next': back})}")
    try:
        survey.delete_answers(invitation, now)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("assessments:result", uuid)
    messages.success(request, _("Your answers are deleted. You can answer again until the survey closes."))
    return redirect("assessments:survey", uuid)


@signed_in
@require_safe
@sensitive_variables()
@with_keys
def my_results(request: HttpRequest) -> HttpResponse:
    """All one's own results over time, and which changes are more than the measure's own error."""
    if not signed_in_lately(request, timezone.now()):
        return to_confirm(request)
    own = survey.history(cast(User, request.user))
    by_instrument: dict[str, list[OwnResult]] = {}
    for one in own:
        by_instrument.setdefault(one.instrument.code, []).append(one)
    blocks = [
        {
            "instrument": results[0].instrument,
            "scales": [_(scale.name) for scale in results[0].instrument.scales],
            "rows": [
                (
                    one,
                    [(_(one.instrument.scale(score.code).name), score.value) for score in one.scores.scales],
                )
                for one in reversed(results)
            ],
            "changes": changes(results),
        }
        for results in by_instrument.values()
    ]
    return no_store(page(request, "assessments/my_results.html", {"blocks": blocks}))


@sensitive_variables()
def changes(results: list[OwnResult]) -> list[Change]:
    """Between the last two waves in which a scale was scored, in words."""
    found = []
    for scale in results[-1].instrument.scales:
        scored = [(one.wave, one.scores[scale.code].value) for one in results]
        values = [(wave, value) for wave, value in scored if value is not None]
        for (before, was), (_after, now) in list(pairwise(values))[-1:]:
            least = scoring.reliable_change(scale, results[-1].instrument.norm)
            if abs(now - was) >= least:
                text = _(
                    "%(was)d → %(now)d since %(before)s: beyond the measure’s own error (from %(n)d on)."
                )
            else:
                text = _("%(was)d → %(now)d since %(before)s: within the measure’s own error (below %(n)d).")
            text %= {"was": was, "now": now, "before": before, "n": least}
            found.append(Change(_(scale.name), text))
    return found


@signed_in
@require_safe
@sensitive_variables()
@with_keys
def my_results_export(request: HttpRequest, kind: str) -> HttpResponse:
    """Everything the product holds of one's own answers, as JSON or CSV."""
    if kind not in ("json", "csv"):
        raise Http404
    if not signed_in_lately(request, timezone.now()):
        return to_confirm(request)
    entries = survey.export(cast(User, request.user))
    if kind == "json":
        response: HttpResponse = JsonResponse(
            {"results": entries}, json_dumps_params={"indent": 1, "ensure_ascii": False}
        )
    else:
        response = HttpResponse(own_csv(entries), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="my-results.{kind}"'
    return no_store(response)


# --- is it you? -------------------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """A result asks for a sign-in not older than five minutes: by mailed code, or by password where there is one.

    allauth has no second proof for accounts without a password; so this signs out and in again.
    """
    user = cast(User, request.user)
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("assessments:my_results")
    if request.method == "POST":
        # The form carries what the sign-in page asks for: address and where to go afterwards.
        logout(request)
        response: HttpResponse = request_login_code(request)
        return response
    if signed_in_lately(request, timezone.now()):
        return redirect(target)
    by_password = f"{reverse('account_reauthenticate')}?{urlencode({'next': target})}"
    context = {
        "next": target,
        "email": user.email,
        "by_password": by_password if user.has_usable_password() else "",
    }
    return no_store(page(request, "assessments/confirm.html", context))
