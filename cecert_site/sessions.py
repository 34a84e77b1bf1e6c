"""Database sessions that open nobody's account to whoever reads their table.

The stored key is a hash of the cookie. The stored data is encrypted: a pending sign-in code stands in it, and with
the code somebody could sign in as its owner and read their results.
"""

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from rollout.compiled import Place, Select


def stored_key(cookie: str) -> str:
    """What stands in the database for a cookie's value: 40 hex digits (the column's width) of its SHA-256."""
    return hashlib.sha256(cookie.encode()).hexdigest()[:40]


@cache
def cipher(secret: str) -> Fernet:
    """The cipher of session data, its key derived from ``SECRET_KEY`` for this purpose alone."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cecert/session/v1").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))


NONE, NEVER = "none", datetime(1, 1, 2, tzinfo=UTC)
FIND = Select(
    lambda: Session.objects.filter(session_key=NONE, expire_date__gt=NEVER).values_list(
        "session_data", "expire_date"
    ),
    Place(Session._meta.get_field("session_key"), NONE),
    Place(Session._meta.get_field("expire_date"), NEVER),
)
"""Data and end of a session, by its stored key, until it expires."""


class SessionStore(DatabaseSessionStore):
    """Django's database session, found and saved under the hash of its key, encrypted.

    ``ends_at``: when the session that was loaded ends if nothing is done; None before it is loaded, or without one.
    """

    ends_at: datetime | None = None

    def encode(self, session_dict: dict[str, Any]) -> str:
        data = self.serializer().dumps(session_dict)
        return cipher(settings.SECRET_KEY).encrypt(data).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        try:
            data = cipher(settings.SECRET_KEY).decrypt(session_data)
        except InvalidToken:
            return {}  # from before a change of SECRET_KEY: signed out, as with any unknown session
        return cast(dict[str, Any], self.serializer().loads(data))

    def load(self) -> dict[str, Any]:
        """As Django does, without building the statement anew: every page of everybody begins with it."""
        row = FIND.first(stored_key(self._session_key), timezone.now()) if self._session_key else None
        if row is None:
            self._session_key = None
            return {}
        data, self.ends_at = row
        return self.decode(data)

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        cookie = session_key or self.session_key
        if cookie is not None:
            super().delete(stored_key(cookie))
