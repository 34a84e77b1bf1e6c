"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

SIGN_IN_PAGES = ("account_login", "account_request_login_code")


def site(request: HttpRequest) -> dict[str, Any]:
    """``demo``: the data is invented, which every page says; its sign-in pages: ``sign_ins``, ``demo_password``."""
    found: dict[str, Any] = {"demo": settings.DEMO}
    match = request.resolver_match
    if settings.DEMO and match and match.view_name in SIGN_IN_PAGES:
        # Inside: names and passwords of a demo have no place in a process that serves real people.
        from .demo.signins import PASSWORD, SIGN_INS

        found |= {"sign_ins": SIGN_INS, "demo_password": PASSWORD}
    return found
