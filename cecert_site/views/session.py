"""The session of this browser: how long it lasts, staying longer, and being back."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessments.visits import seconds_left, whose
from rollout.access import public, signed_in


@public
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Whose session this is and the seconds it has left; POST: from now on its whole age again.

    Public at the gate: visitors by survey link have a session too, and whoever has none learns just that. The form
    token goes with it because signing in again changes it under the pages that stayed open.
    """
    who = whose(request)
    answer: dict[str, str | int] = {"who": who, "left": 0}
    if who:
        answer |= {"left": seconds_left(request, timezone.now()), "token": get_token(request)}
    if who and request.method == "POST":
        request.session.modified = True
        answer["left"] = request.session.get_expiry_age()
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@signed_in
@require_safe
def session_back(request: HttpRequest) -> HttpResponse:
    """After signing in again in a second tab: the first one sends by itself what it kept."""
    return render(request, "site/session_back.html")
