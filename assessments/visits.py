"""Who is here in this browser, and for how long still. No query beyond those that every page makes."""

import math
from datetime import datetime

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

LINK = "survey_link"
"""Session entry of somebody who came by a link: ``{"wave": uuid, "invitation": pk, "user": pk}``. It opens that
survey only."""


def whose(request: HttpRequest) -> str:
    """Sixteen hex digits for the owner of this browser’s session, by sign-in or by survey link; "" for nobody.

    A page that was open across a sign-in compares them before it sends what it kept: on a shared computer, one
    person's entries must never arrive under another's name.
    """
    link = request.session.get(LINK)
    if request.user.is_authenticated:
        owner = str(request.user.pk)
    elif isinstance(link, dict) and link.get("user"):
        owner = str(link["user"])
    else:
        return ""
    return salted_hmac("cecert.visits", owner, algorithm="sha256").hexdigest()[:16]


def seconds_left(request: HttpRequest, now: datetime) -> int:
    """Until the session ends, if nothing is done; 0 without one. A session made in this request lasts its whole age."""
    ends_at = getattr(request.session, "ends_at", None)
    if ends_at is None:
        return request.session.get_expiry_age() if whose(request) else 0
    return max(0, math.floor((ends_at - now).total_seconds()))
