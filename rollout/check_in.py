"""The code on the room's screen: whoever reads it is there. Pure: no database, the clock is passed in.

A code is an HMAC of the session and a span of five minutes, under a key of its own derived from ``SECRET_KEY``, cut to
six letters that cannot be mistaken for one another. The code of the span before is taken as well, so a phone that
needs a moment is not sent back. Nobody can work one out without the key, and one that leaks is stale within minutes.
"""

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from django.conf import settings

SPAN_SECONDS = 300
LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Without vowels, 0, 1 and L: easy to read aloud, and no words come out."""
LENGTH = 6


def code_at(session: UUID, now: datetime) -> str:
    """The code to show now."""
    return _code(session, int(now.timestamp()) // SPAN_SECONDS)


def is_right(session: UUID, code: str, now: datetime) -> bool:
    """Whether this is the code shown now or in the span before; small letters and spaces do not matter."""
    given = "".join(code.upper().split()).replace("-", "").encode()
    span = int(now.timestamp()) // SPAN_SECONDS
    # Both are compared in full, so that time tells nothing.
    return any(
        [hmac.compare_digest(given, _code(session, each).encode()) for each in (span, span - 1)]  # noqa: C419
    )


def _code(session: UUID, span: int) -> str:
    key = hashlib.sha256(b"rollout.check_in/v1\0" + settings.SECRET_KEY.encode()).digest()
    made = hmac.digest(key, session.bytes + span.to_bytes(8, "big"), hashlib.sha256)
    number, letters = int.from_bytes(made[:12], "big"), ""
    for _place in range(LENGTH):
        number, rest = divmod(number, len(LETTERS))
        letters += LETTERS[rest]
    return letters
