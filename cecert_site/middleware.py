"""What every page of a signed-in person has in common."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.cache import patch_vary_headers

from rollout.languages import chosen_by


def pages_of_signed_in_people(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Never stored by browser or proxy; page and fragment told apart; an ended session leaves the page whole.

    A page and its fragments share one address, so caches must tell them apart by ``HX-Request``. When a session has
    ended, htmx would put the sign-in page into a corner of the page: it is told to go there instead.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        speak_to(request)
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if request.user.is_authenticated or request.path.startswith(("/accounts/", "/s/", "/survey/")):
            response.headers.setdefault("Cache-Control", "no-store")
        is_htmx = request.headers.get("HX-Request") == "true"
        if is_htmx and response.status_code == 302:
            target = response.headers.get("Location", "")
            if target.split("?")[0] == resolve_url("account_login"):
                return HttpResponse(status=204, headers={"HX-Redirect": target, "Cache-Control": "no-store"})
        return response

    return middleware


def speak_to(request: HttpRequest) -> None:
    """In the language the signed-in person has chosen; LocaleMiddleware, which knows the browser alone, came before.

    The person is loaded for every page anyway.
    """
    language = chosen_by(request.user) if request.user.is_authenticated else ""
    if language:
        translation.activate(language)
        request.LANGUAGE_CODE = language
