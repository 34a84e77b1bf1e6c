"""The one page of certificates that is open to the world: whether a code is real, and what its certificate says."""

from datetime import date
from typing import cast

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import certificate_lists as lists
from ..access import public
from ..certification import read_code
from ..forms.certificates import CodeForm
from ..limits import Limit, give_back
from ..models import Certificate

WRONG_CODES = Limit("certificate", tries=20, seconds=600)
"""Codes that lead nowhere, from one address. Real ones do not count: a licensing board may check a hundred."""
HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@public
@require_safe
def certificate_form(request: HttpRequest) -> HttpResponse:
    """Where a code is typed; ``?code=`` answers."""
    typed = request.GET.get("code", "").strip()
    if typed:
        return answer(request, typed)
    return say(request, {"form": CodeForm()})


@public
@require_safe
def certificate_check(request: HttpRequest, code: str) -> HttpResponse:
    """What the code of this address stands for; the QR code leads here."""
    return answer(request, code)


def answer(request: HttpRequest, typed: str) -> HttpResponse:
    """Valid, replaced or revoked, with what the certificate says; any other code gets 404, and 429 after too many.

    Malformed and unknown codes get the same answer, in the same number of steps.
    """
    place = WRONG_CODES.take(cast(str, get_adapter().get_client_ip(request)))
    form = CodeForm(initial={"code": typed[:40]})
    if not place:
        return say(request, {"form": form, "too_many": True}, status=429)
    code = read_code(typed)
    found = Certificate.objects.select_related("replaced_by").filter(code=code or "-").first()
    if found is None:
        return say(request, {"form": form, "unknown": True}, status=404)
    give_back(place)
    dates = [date.fromisoformat(day) for day in found.dates]
    return say(request, {"line": lists.lines([found])[0], "certificate": found, "dates": dates})


def say(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    """The page, for no search engine and no cache."""
    response = render(request, "rollout/certificate_check.html", context, status=status)
    for name, value in HEADERS.items():
        response[name] = value
    return response
