"""Sealed rows, written and read by plain SQL that both databases take alike.

One person sends one row, at a moment when many do: through the ORM, building these statements took longer than
everything else about sending. No content of a row is looked at here, and none stands in a statement's text.
"""

from typing import Any

from django.db import connection

from assessments.models import Answer, Draft, Invitation, Wave
from assessments.sealing import Sealed

ANSWERS, DRAFTS, WAVES = Answer._meta.db_table, Draft._meta.db_table, Wave._meta.db_table
FIND = "SELECT lookup, key_id, nonce, ciphertext FROM {table} WHERE lookup = %s"
REPLACE = "key_id = excluded.key_id, nonce = excluded.nonce, ciphertext = excluded.ciphertext"

FIND_ANSWER, FIND_DRAFT = FIND.format(table=ANSWERS), FIND.format(table=DRAFTS)
KEEP_ANSWER = (
    f"INSERT INTO {ANSWERS} (lookup, key_id, nonce, ciphertext, wave_id) "  # noqa: S608 - our own tables' names
    f"SELECT %s, %s, %s, %s, id FROM {WAVES} WHERE id = %s AND closed_at IS NULL ON CONFLICT (lookup) DO NOTHING"
)
KEEP_DRAFT = (
    f"INSERT INTO {DRAFTS} (lookup, key_id, nonce, ciphertext, wave_id) VALUES (%s, %s, %s, %s, %s) "  # noqa: S608
    f"ON CONFLICT (lookup) DO UPDATE SET {REPLACE}"
)
DROP_DRAFT = f"DELETE FROM {DRAFTS} WHERE lookup = %s"  # noqa: S608
TAKE_DRAFT = f"{DROP_DRAFT} RETURNING lookup, key_id, nonce, ciphertext"
MARK = f"UPDATE {Invitation._meta.db_table} SET completed = %s WHERE id = %s AND NOT completed"  # noqa: S608
STILL_OPEN = f"SELECT id FROM {WAVES} WHERE id = %s AND closed_at IS NULL"  # noqa: S608


def answer(lookup: bytes) -> Sealed | None:
    """What somebody sent."""
    return _found(FIND_ANSWER, lookup)


def draft(lookup: bytes) -> Sealed | None:
    """What somebody saved and did not send yet."""
    return _found(FIND_DRAFT, lookup)


def keep_answer(row: Sealed, wave: int) -> bool:
    """Into a wave that is open at this moment, and the first one stays: the primary key lets one in."""
    return _run(KEEP_ANSWER, row.lookup, row.key_id, row.nonce, row.ciphertext, wave) == 1


def keep_draft(row: Sealed, wave: int) -> None:
    """In the place of the one before."""
    _run(KEEP_DRAFT, row.lookup, row.key_id, row.nonce, row.ciphertext, wave)


def take_draft(lookup: bytes) -> Sealed | None:
    """What somebody saved; it is gone with this."""
    return _found(TAKE_DRAFT, lookup)


def drop_draft(lookup: bytes) -> None:
    _run(DROP_DRAFT, lookup)


def mark_completed(invitation: int) -> bool:
    """Whether this call was the one that did; of two at the same moment the other waits and finds it done."""
    return _run(MARK, True, invitation) == 1


def is_still_open(wave: int) -> bool:
    """Asked of the database at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(STILL_OPEN, [wave])
        return cursor.fetchone() is not None


def _found(statement: str, lookup: bytes) -> Sealed | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [lookup])
        row = cursor.fetchone()
    return Sealed(bytes(row[0]), row[1], bytes(row[2]), bytes(row[3])) if row else None


def _run(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
