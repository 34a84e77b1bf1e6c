"""Sealed answers: what stands in the database instead of a person's answers, and how it is opened again.

Nothing outside the ciphertext tells who answered, when, or in which order. Every row of an instrument has one
length. A row that was moved, swapped or altered does not open. No error text and no repr here holds content.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.views.decorators.debug import sensitive_variables

from assessments.keys import NONCE_BYTES, WaveKey, length_prefixed

Kind = Literal["answer/v1", "draft/v1"]
"""Format version and use, bound into lookup and ciphertext: a draft never passes for an answer."""
ANSWER: Kind = "answer/v1"
DRAFT: Kind = "draft/v1"

BASE_ROOM = 1024
"""Bytes for scores, wording pack and group path: eight ids of 36 characters and twenty scales fit."""
ITEM_ROOM = 32
STEP = 256


class SealBroken(Exception):
    """A row that does not open: moved, swapped, altered, or sealed under another key."""


class ContentTooLong(ValueError):
    """Content that does not fit the one length of its instrument."""


@dataclass(frozen=True, repr=False)
class SealedContent:
    """What is sealed: answers by item (None = left out), scores by scale (None = not scored), the wording
    pack, and the person's group path below the agency, top first, as frozen when the wave opened.
    """

    answers: Mapping[str, int | str | None]
    scores: Mapping[str, float | None]
    wording: str
    path: tuple[str, ...]

    def __repr__(self) -> str:
        return "SealedContent(hidden)"


@dataclass(frozen=True)
class Sealed:
    """The columns of a stored row, apart from its wave."""

    lookup: bytes
    key_id: str
    nonce: bytes
    ciphertext: bytes


@sensitive_variables()
def lookup(
    link_key: bytes, *, agency: UUID, person: UUID, instrument: str, wave: UUID, kind: Kind = ANSWER
) -> bytes:
    """Primary key of a person's row in a wave, 32 bytes: found again only with the link key."""
    return hmac.digest(link_key, length_prefixed(kind, agency, person, instrument, wave), hashlib.sha256)


def padded_length(items: int) -> int:
    """Bytes of plaintext for an instrument with that many items, the same for every row."""
    needed = BASE_ROOM + ITEM_ROOM * items
    return -(-needed // STEP) * STEP


@sensitive_variables()
def seal(
    plain: SealedContent,
    *,
    key: WaveKey,
    link_key: bytes,
    agency: UUID,
    person: UUID,
    instrument: str,
    items: int,
    wave: UUID,
    kind: Kind = ANSWER,
) -> Sealed:
    """Seal one person's content for one wave. ``items``: number of items of the instrument.

    ContentTooLong when it does not fit the instrument's length, ValueError when it is not plain JSON.
    """
    found = lookup(link_key, agency=agency, person=person, instrument=instrument, wave=wave, kind=kind)
    text = _packed(plain)
    length = padded_length(items)
    if text is None:
        raise ValueError(f"Content for {instrument} holds something that cannot be stored as JSON.")
    if len(text) > length:
        raise ContentTooLong(f"Content for {instrument} takes more room than its {items} items are given.")
    nonce = secrets.token_bytes(NONCE_BYTES)
    aad = _associated(kind, agency, wave, instrument, found, key.key_id)
    return Sealed(found, key.key_id, nonce, key.cipher.encrypt(nonce, text.ljust(length), aad))


@sensitive_variables()
def open_sealed(
    sealed: Sealed, *, key: WaveKey, agency: UUID, instrument: str, wave: UUID, kind: Kind = ANSWER
) -> SealedContent:
    """Open one row at the place where it stands; SealBroken if it was not sealed for that place."""
    if sealed.key_id != key.key_id:
        raise SealBroken(f"A row of wave {wave} names another key than the wave's.")
    place = bytes(sealed.lookup)
    aad = _associated(kind, agency, wave, instrument, place, key.key_id)
    try:
        text = key.cipher.decrypt(bytes(sealed.nonce), bytes(sealed.ciphertext), aad)
    except (InvalidTag, ValueError):
        raise SealBroken(
            f"A row of wave {wave} does not open: it was altered, or belongs elsewhere. "
            "Restore the table from a backup."
        ) from None
    content = json.loads(text.rstrip().decode())
    return SealedContent(content["answers"], content["scores"], content["wording"], tuple(content["path"]))


def _associated(kind: Kind, agency: UUID, wave: UUID, instrument: str, found: bytes, key_id: str) -> bytes:
    """Associated data of a row: what it is bound to without being written into it."""
    return _place(kind, agency, wave, instrument) + length_prefixed(found, key_id)


@lru_cache(maxsize=64)
def _place(kind: Kind, agency: UUID, wave: UUID, instrument: str) -> bytes:
    """What all rows of a wave are bound to; kept, because closing a wave opens thousands of rows."""
    return length_prefixed(kind, agency, wave, instrument)


@sensitive_variables()
def _packed(plain: SealedContent) -> bytes | None:
    """Compact JSON; None if the content is not JSON, since the encoder's own error would quote it."""
    content = {
        "answers": dict(plain.answers),
        "scores": dict(plain.scores),
        "wording": plain.wording,
        "path": list(plain.path),
    }
    try:
        return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError):
        return None
