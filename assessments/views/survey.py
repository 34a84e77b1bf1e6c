"""The survey: who sees what, the statements, sending. Open to those invited, signed in or by their own link.

The views are public at the gate because a link needs no sign-in; ``invitation_here`` is their own check. Fields
are read by hand (``survey.read_answers``): thirty fields through a form object halve the speed.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from assessments import links
from assessments import survey as answering
from assessments.models import Invitation, Wave
from assessments.survey import AlreadyAnswered
from rollout import day_words
from rollout.access import public
from rollout.actions import claim_account
from rollout.kept import kept
from rollout.models import User
from rollout.refusals import Refused

from .frame import LINK, invitation_here, kept_page, mark_just_sent, no_store, page, to_sign_in, with_keys
from .statements import languages_of, scales, statements

PER_PAGE = 5
REVIEW, ALL = "review", "all"


@dataclass(frozen=True)
class Sheet:
    """Which statements are on a page: ``number`` of ``count``, or all of them."""

    key: str
    number: int
    count: int
    first: int
    last: int

    @property
    def is_last(self) -> bool:
        return self.number == self.count

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def sheet_of(items: int, asked: str, answers: answering.Answers) -> Sheet:
    """The page asked for; without one: that of the first statement without an answer."""
    if asked == ALL:
        return Sheet(ALL, 1, 1, 1, items)
    count = -(-items // PER_PAGE)
    if asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= count:
        number = int(asked)
    else:
        unanswered = next((item for item in range(1, items + 1) if item not in answers), items)
        number = -(-unanswered // PER_PAGE)
    return Sheet(str(number), number, count, (number - 1) * PER_PAGE + 1, min(number * PER_PAGE, items))


# --- before and while answering ---------------------------------------------------------------------------------


@public
@require_safe
@with_keys
def survey(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Before the first statement: who will see what, and from which group size."""
    now = timezone.now()
    invitation = invitation_here(request, uuid)
    if invitation is None:
        return to_sign_in(request)
    if invitation.completed:
        return redirect("assessments:result", uuid)
    if not invitation.wave.takes_answers(now):
        return closed(request, invitation)
    begun = answering.has_begun(invitation)
    same = {**about(invitation), "begun": begun, "who_sees_what": who_sees_what(invitation.wave)}
    return kept_page(request, "assessments/privacy.html", same)


def who_sees_what(wave: Wave) -> SafeString:
    """The promise, which is the same for all who are invited."""
    closes = wave.closes_at.astimezone(wave.agency.zone)
    too_small = wave.invited < wave.k
    return kept(
        "assessments/who_sees_what.html", k=wave.k, too_small=too_small, on=day_words.full_day(closes)
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
@with_keys
def survey_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The statements, five to a page; every change is saved, sending is the last step."""
    invitation = invitation_here(request, uuid)
    if invitation is None:
        return to_sign_in(request)
    if invitation.completed:
        return to_result(request, invitation)
    if not invitation.wave.takes_answers(timezone.now()):
        return closed(request, invitation)
    if request.method == "POST":
        return take_answers(request, invitation)
    answers = answering.answers_so_far(invitation)
    if request.GET.get("page") == REVIEW:
        return review(request, invitation, answers)
    return statements_page(request, invitation, answers)


@sensitive_variables()
def take_answers(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Save what was posted, then go where the pressed button says; nothing pressed: saved on the way (htmx)."""
    wave, go = invitation.wave, request.POST.get("go", "")
    asked, here = request.GET.get("page", ""), reverse("assessments:survey_answer", args=[wave.uuid])
    try:
        given = answering.read_answers(wave.definition, request.POST.dict())
    except ValueError:
        error = _(
            "Something in this page was not an answer, so nothing of it was saved. Please choose again."
        )
        answers = answering.answers_so_far(invitation)
        return statements_page(request, invitation, answers, error=error)
    try:
        if go == "send" or (go == "finish" and leaves_no_gap(invitation, given)):
            return send(request, invitation, given)
        answers = answering.save_draft(invitation, given)
    except AlreadyAnswered:
        return to_result(request, invitation)
    except Refused:
        return closed(request, invitation)
    sheet = sheet_of(len(wave.definition.items), asked, answers)
    if not go and request.htmx:  # type: ignore[attr-defined]
        context = {"answered": len(answers), "total": len(wave.definition.items), "oob": True}
        return page(request, "assessments/answer.html#progress", context)
    steps = {"next": sheet.number + 1, "back": sheet.number - 1}
    target = REVIEW if go == "finish" else min(max(steps.get(go, sheet.number), 1), sheet.count)
    return redirect(f"{here}?page={ALL if sheet.key == ALL and go != 'finish' else target}")


def to_result(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Sent before, perhaps in another tab. A page that saves itself is told to go there whole."""
    url = reverse("assessments:result", args=[invitation.wave.uuid])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]


@sensitive_variables()
def leaves_no_gap(invitation: Invitation, given: answering.Answers) -> bool:
    """Whether everything is answered, with what was saved before."""
    instrument = invitation.wave.definition
    if answering.is_complete(instrument, given):
        return True
    return answering.is_complete(instrument, {**answering.answers_so_far(invitation), **given})


@sensitive_variables()
def send(request: HttpRequest, invitation: Invitation, given: answering.Answers) -> HttpResponse:
    """Final: sealed and scored; whoever is signed in sees the result at once."""
    answering.submit(invitation, given, timezone.now())
    response = redirect("assessments:result", invitation.wave.uuid)
    if request.user.is_authenticated:
        mark_just_sent(response, cast(User, request.user), invitation.wave.uuid)
    return response


@sensitive_variables()
def statements_page(
    request: HttpRequest, invitation: Invitation, answers: answering.Answers, *, error: str = ""
) -> HttpResponse:
    """The statements of one page with the answers given so far."""
    wave = invitation.wave
    sheet = sheet_of(len(wave.definition.items), request.GET.get("page", ""), answers)
    spoken = languages_of(wave)
    with override(spoken.asked_in):
        recall = _(wave.definition.recall)
        asked = scales(range(sheet.first, sheet.last + 1), wave, answers, spoken)
    same = {**about(invitation), "recall": recall, "sheet": sheet, "spoken": spoken, "error": error}
    blanks = {"statements": asked, "answered": len(answers)}
    return kept_page(request, "assessments/answer.html", same, blanks, status=422 if error else 200)


@sensitive_variables()
def review(request: HttpRequest, invitation: Invitation, answers: answering.Answers) -> HttpResponse:
    """Before sending with gaps: which statements have no answer, and what that means for the scales."""
    instrument = invitation.wave.definition
    gaps = answering.missing(instrument, answers)
    texts = statements(invitation.wave)
    context = {
        **about(invitation),
        "gaps": [(n, texts[n - 1], -(-n // PER_PAGE)) for n in gaps],
        "unscored": [_(scale.name) for scale in instrument.scales if set(scale.items) & set(gaps)],
        "answered": len(answers),
        "spoken": languages_of(invitation.wave),
    }
    return page(request, "assessments/review.html", context)


@dataclass(frozen=True)
class Heading:
    """A wave as the pages of its survey name it: by value, so that a page kept for it never outlives a change."""

    uuid: UUID
    survey_name: str
    is_tryout: bool


def about(invitation: Invitation) -> dict[str, Hashable]:
    """What every page of the survey says about its wave."""
    wave, instrument = invitation.wave, invitation.wave.definition
    return {
        "wave": Heading(wave.uuid, wave.survey_name, wave.is_tryout),
        "agency_name": wave.agency.name,
        "total": len(instrument.items),
        "recall": _(instrument.recall),
        "recall_days": instrument.recall_days,
        "credit": instrument.credit,
        "closes": wave.closes_at.astimezone(wave.agency.zone),
        "stand_in": wave.wording_pack_id is None,
    }


def closed(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """It was open until then: nothing can be sent any more (410)."""
    return page(request, "assessments/closed.html", about(invitation), status=410)


# --- by link ----------------------------------------------------------------------------------------------------


@public
@require_safe
@sensitive_variables()
def survey_link(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail's link opens. Looking binds nothing: scanners of mail servers look as well."""
    invitation = links.find(token)
    response = not_by_link(request, invitation, token)
    if response is None:
        invitation = cast(Invitation, invitation)  # not_by_link has answered for a token that there is not
        promise = who_sees_what(invitation.wave)
        context = {**about(invitation), "token": token, "who_sees_what": promise}
        response = page(request, "assessments/privacy.html", context)
    return no_store(response)


@public
@require_POST
@sensitive_post_parameters()
@sensitive_variables()
@with_keys
def survey_begin(request: HttpRequest) -> HttpResponse:
    """Begin by a link: from here on it belongs to this browser. The token comes in the body, never in the address."""
    token = request.POST.get("token", "")
    invitation = links.find(token)
    response = not_by_link(request, invitation, token)
    if response is not None:
        return no_store(response)
    invitation = cast(Invitation, invitation)  # not_by_link has answered for a token that there is not
    try:
        # A draft begun after signing in is nobody's by link: whoever holds the mail could read it.
        if invitation.browser_hash is None and answering.has_begun(invitation):
            raise links.BoundElsewhere
        secret = links.bind(invitation, request.COOKIES.get(cookie_name(token), ""))
    except links.BoundElsewhere:
        context = {**about(invitation), "sign_in": sign_in_url(invitation.wave)}
        return no_store(page(request, "assessments/link_other_browser.html", context))
    claim_account(cast(User, invitation.person.user))
    request.session.cycle_key()
    request.session[LINK] = {
        "wave": str(invitation.wave.uuid),
        "invitation": invitation.pk,
        "user": str(invitation.person.user_id),
    }
    response = redirect("assessments:survey_answer", invitation.wave.uuid)
    response.set_cookie(
        cookie_name(token),
        secret,
        expires=invitation.wave.closes_at,
        path=reverse("assessments:survey_begin"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return no_store(response)


@sensitive_variables()
def not_by_link(request: HttpRequest, invitation: Invitation | None, token: str) -> HttpResponse | None:
    """The page instead, where this link does not open the survey in this browser; None where it does."""
    if invitation is None:
        return page(request, "assessments/link_unknown.html", {}, status=404)
    context = {**about(invitation), "sign_in": sign_in_url(invitation.wave)}
    if request.user.is_authenticated:
        if invitation.person.user == request.user:
            return redirect("assessments:survey", invitation.wave.uuid)
        return page(request, "assessments/link_other_person.html", context)
    if invitation.completed:
        return page(request, "assessments/thanks.html", context)
    if not invitation.wave.takes_answers(timezone.now()):
        return closed(request, invitation)
    if not links.is_bound_to(invitation, request.COOKIES.get(cookie_name(token), "")):
        return page(request, "assessments/link_other_browser.html", context)
    return None


def sign_in_url(wave: Wave) -> str:
    """Sign-in by a mailed code, then to the survey (or, once sent, to the result)."""
    after = urlencode({"next": reverse("assessments:survey", args=[wave.uuid])})
    return f"{reverse('account_request_login_code')}?{after}"


def cookie_name(token: str) -> str:
    """A cookie for each link, named by part of its hash: two people may share one browser."""
    return f"survey-{links.hashed(token)[:6].hex()}"


@public
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave quickly: signed out, this browser's copies cleared, and on to a page that says nothing."""
    logout(request)
    response = redirect("account_login")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return no_store(response)
