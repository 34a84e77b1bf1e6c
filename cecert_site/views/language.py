"""Which language the pages are in, for visitors as well."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from rollout.access import public
from rollout.languages import choose_language, is_offered
from rollout.models import User


@public
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remembered in this browser, and for whoever is signed in wherever they sign in; then back to the page."""
    language, response = request.POST.get("language", ""), HttpResponseRedirect(back_to(request))
    if not is_offered(language):
        return response
    if request.user.is_authenticated:
        choose_language(language, by=cast(User, request.user))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def back_to(request: HttpRequest) -> str:
    """The page that was open, if it is one of ours; else the home page."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/") else "/"
