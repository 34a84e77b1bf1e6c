"""Coming by oneself, without an agency: an account is made only once a mailed code has proven its address.

Until then nothing about the newcomer is written but a pending sign-up in their own (encrypted) session, so that nobody
can occupy a colleague's address. Page and number of mails are the same whether the address has an account or not.
"""

import time
from datetime import datetime
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from rollout.audit import record
from rollout.models import User

PENDING = "sign_up"
"""Session entry of a sign-up that waits for its code."""
MINUTES = 10
TRIES = 3


def may_ask(request: HttpRequest, address: str) -> bool:
    """Whether this visitor may have one more mail sent to this address now."""
    return bool(ratelimit.consume(request, action="own_sign_up", key=address.lower()))


def begin(request: HttpRequest, *, name: str, address: str) -> None:
    """Mail a code; to an address that has an account, the way to sign in instead. The session knows no difference."""
    address = address.strip().lower()
    adapter = get_adapter(request)
    code = adapter.generate_login_code()
    known = User.objects.filter(email__iexact=address).exists()
    template = "account/email/sign_up_known" if known else "account/email/sign_up_code"
    adapter.send_mail(template, address, {"minutes": MINUTES} | ({} if known else {"code": code}))
    request.session[PENDING] = {
        "name": " ".join(name.split()),
        "address": address,
        "code": "" if known else code,
        "at": time.time(),
        "tries": 0,
    }


def pending(request: HttpRequest) -> dict[str, Any] | None:
    """The sign-up of this browser that waits for its code, for as long as the code is good."""
    found = request.session.get(PENDING)
    if not isinstance(found, dict) or time.time() - found["at"] > MINUTES * 60 or found["tries"] >= TRIES:
        request.session.pop(PENDING, None)
        return None
    return found


def plain(code: str) -> str:
    """A code as it counts: dashes, blanks and small letters are how people type it."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def proves(request: HttpRequest, waiting: dict[str, Any], code: str) -> bool:
    """Whether this is the mailed code; each wrong one counts."""
    given, wanted = plain(code), plain(waiting["code"])
    if wanted and constant_time_compare(given, wanted):
        return True
    request.session[PENDING] = waiting | {"tries": waiting["tries"] + 1}
    return False


def finish(request: HttpRequest, waiting: dict[str, Any], *, at: datetime) -> HttpResponse | None:
    """Make the account and sign in; None when the address got one in the meantime."""
    request.session.pop(PENDING, None)
    try:
        with transaction.atomic():
            user = User.objects.create_user(waiting["address"], name=waiting["name"], signed_up_at=at)
            record("signed up", user, by=user, at=at)
    except IntegrityError:
        return None
    record_authentication(request, user, method="code", email=user.email)
    return cast(HttpResponse, perform_login(request, Login(user=user, email=user.email)))
