"""Survey links in mails: a token of 32 bytes for one person and one wave, kept only as its hash.

The token is worked out from the root key (HMAC), not drawn: so the reminder carries the same link as the
invitation, and no copy of it has to be kept anywhere. Without the root key it cannot be told from a random one.
After a change of the root key the next mail carries a new token and ends the link sent before.

A link opens its survey and nothing else, until it is answered or closed. It binds to the first browser that
*begins* (a POST): scanners that look into mails only ever GET. Any other browser signs in by a mailed code.
"""

import base64
import hashlib
import hmac
import secrets

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from assessments import keys
from assessments.keys import length_prefixed
from assessments.models import Invitation

MOST_CHARACTERS = 60


class BoundElsewhere(Exception):
    """Another browser began by this link."""


@sensitive_variables()
def issue(invitation: Invitation) -> str:
    """The token for this invitation's mail; its hash is stored. KeysUnavailable without the root key."""
    parts = length_prefixed("survey link/v1", invitation.wave.uuid, invitation.person.uuid)
    made = hmac.digest(keys.from_settings().token_key(), parts, hashlib.sha256)
    token = base64.urlsafe_b64encode(made).rstrip(b"=").decode()
    if invitation.token_hash is None or bytes(invitation.token_hash) != hashed(token):
        invitation.token_hash = hashed(token)
        Invitation.objects.filter(pk=invitation.pk).update(
            token_hash=invitation.token_hash, browser_hash=None
        )
    return token


@sensitive_variables()
def find(token: str) -> Invitation | None:
    """The invitation this token was made for, while its person is on the roster with an open account."""
    if not token or len(token) > MOST_CHARACTERS:
        return None
    found = Invitation.objects.by_open_account().filter(token_hash=hashed(token))
    return found.select_related("wave__agency", "person__user").first()


@sensitive_variables()
def bind(invitation: Invitation, browser: str) -> str:
    """Begin in this browser; returns the secret for its cookie. BoundElsewhere if another one began.

    ``browser``: what the cookie of this link held, "" for none.
    """
    with transaction.atomic():
        now = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if not is_bound_to(now, browser):
            raise BoundElsewhere
        if now.browser_hash is None:
            browser = secrets.token_urlsafe(32)
            Invitation.objects.filter(pk=now.pk).update(browser_hash=hashed(browser))
    return browser


def hashed(secret: str) -> bytes:
    """What is stored of a token or a browser's secret: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


@sensitive_variables()
def is_bound_to(invitation: Invitation, browser: str) -> bool:
    """Whether this browser may go on by the link: nobody began yet, or it did."""
    held = invitation.browser_hash
    return held is None or (bool(browser) and hmac.compare_digest(bytes(held), hashed(browser)))
