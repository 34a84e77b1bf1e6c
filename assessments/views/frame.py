"""What the survey's own pages share: who may answer here, how they are rendered, and what to do without keys."""

import logging
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, cast
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_variables

from assessments import invited
from assessments.keys import KeysUnavailable
from assessments.models import Invitation
from assessments.sealing import SealBroken
from assessments.visits import LINK, seconds_left, whose
from rollout.kept import filled
from rollout.models import User

logger = logging.getLogger(__name__)
JUST_SENT = "survey-sent"
"""Cookie of somebody signed in who sent answers: stands in for a sign-in. Not in the session: its row in the
database would tell when somebody answered."""
RELATED = ("wave__agency", "person")
type View = Callable[..., HttpResponse]


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page without the main navigation, and so without the context processors that ask the database for it."""
    frame = {
        "request": request,
        "user": request.user,
        "csrf_token": get_token(request),
        "messages": get_messages(request),
        "demo": settings.DEMO,
    }
    return HttpResponse(render_to_string(template, {**frame, **context}), status=status)


@dataclass(frozen=True)
class Looker:
    """What a kept page may know of who looks at it."""

    is_authenticated: bool


@dataclass(frozen=True)
class Asked:
    """What a kept page may know of the request."""

    method: str


@sensitive_variables()
def kept_page(
    request: HttpRequest,
    template: str,
    same: Mapping[str, Hashable],
    blanks: Mapping[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page like ``page``, rendered once for all who see the ``same`` and filled in for each (``rollout.kept``).

    Answers and results belong into the ``blanks``, and so does all else that is somebody's own.
    """
    who = whose(request)
    frame = {
        "request": Asked(str(request.method)),
        "user": Looker(request.user.is_authenticated),
        "has_session": bool(who),
        "demo": settings.DEMO,
    }
    own = {
        "csrf_token": get_token(request),
        "next_path": request.get_full_path(),
        "session_who": who,
        "session_left": seconds_left(request, timezone.now()),
        **(blanks or {}),
    }
    if told := list(get_messages(request)):
        return HttpResponse(
            render_to_string(template, {**frame, **same, **own, "messages": told}), status=status
        )
    return HttpResponse(filled(template, {**frame, **same}, own), status=status)


def with_keys(view: View) -> View:
    """Without the key files, or with a damaged row, surveys and own results close with a clear page (503)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except KeysUnavailable as error:
            logger.error("surveys are closed for now: %s", error)
            return page(
                request, "assessments/unavailable.html", {"detail": for_admin(request, error)}, status=503
            )
        except SealBroken as error:
            logger.error("an own answer did not open: %s", error)
            return page(request, "assessments/unavailable.html", {"broken": True}, status=503)

    return guarded


def for_admin(request: HttpRequest, error: KeysUnavailable) -> str:
    """The file's name and what to do, for whoever can do it."""
    user = request.user
    return str(error) if user.is_authenticated and cast(User, user).is_site_admin else ""


def invitation_here(request: HttpRequest, wave: UUID) -> Invitation | None:
    """The invitation this browser may answer: one's own when signed in, else that of the link it began with.

    404 for somebody signed in who is not invited; None for a visitor who has to sign in first.
    """
    if request.user.is_authenticated:
        own = invited.own(cast(User, request.user), wave)
        if own is None:
            raise Http404
        return own
    begun = request.session.get(LINK)
    if not isinstance(begun, dict) or begun.get("wave") != str(wave):
        return None
    return invited.begun_by_link(begun["invitation"], wave)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in first, then back to this page."""
    return redirect_to_login(request.get_full_path())


# --- a sign-in that is not old ----------------------------------------------------------------------------------


def signed_in_lately(request: HttpRequest, now: datetime) -> bool:
    """Whether the session's owner proved who they are within the last five minutes, by whatever means.

    allauth's own check lets accounts without a password pass and does not count the sign-in itself.
    """
    times = [record.get("at", 0) for record in get_authentication_records(request, cast(User, request.user))]
    return any(0 <= now.timestamp() - at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for at in times)


def mark_just_sent(response: HttpResponse, user: User, wave: UUID) -> None:
    """Whoever just sent their answers in this browser sees the result without signing in again, for five minutes."""
    response.set_signed_cookie(
        JUST_SENT,
        str(user.pk),
        salt=f"{JUST_SENT} {wave}",
        max_age=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT,
        path=reverse("assessments:survey", args=[wave]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def just_sent(request: HttpRequest, wave: UUID) -> bool:
    """Signed by us for this user and wave, and not older than five minutes."""
    age = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    found = request.get_signed_cookie(JUST_SENT, default="", salt=f"{JUST_SENT} {wave}", max_age=age)
    return found == str(request.user.pk)


def to_confirm(request: HttpRequest) -> HttpResponse:
    """Confirm that it is you, then back to this page."""
    return redirect(f"{reverse('assessments:confirm')}?{urlencode({'next': request.get_full_path()})}")


def no_store(response: HttpResponse) -> HttpResponse:
    """Kept by no browser and no proxy, whoever looks; and the address, which may hold a token, goes to nobody.

    Not ``no-referrer``: browsers then send ``Origin: null`` with the forms of the page, and they are refused.
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
