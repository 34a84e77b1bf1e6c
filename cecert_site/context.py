"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

SIGN_IN_PAGES = ("account_login", "account_request_login_code")
SIGN_UP_LINKS = (*SIGN_IN_PAGES, "account_signup")


def site(request: HttpRequest) -> dict[str, Any]:
    """``demo``: the data is invented, which every page says; its sign-in pages: ``sign_ins``, ``demo_password``.

    ``open_signup``, on pages that would link to it: whether people may come by themselves.
    """
    found: dict[str, Any] = {"demo": settings.DEMO}
    match = request.resolver_match
    if match and match.view_name in SIGN_UP_LINKS:
        found["open_signup"] = settings.OPEN_SIGNUP
    if settings.DEMO and match and match.view_name in SIGN_IN_PAGES:
        # Inside: names and passwords of a demo have no place in a process that serves real people.
        from .demo.signins import PASSWORD, SIGN_INS

        found |= {"sign_ins": SIGN_INS, "demo_password": PASSWORD}
    return found
