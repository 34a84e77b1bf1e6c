"""Looking for survey answers and scores where they must not be: everything stored, in every form they might have."""

import base64
import binascii
import json
import pickle
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from django.db import connection

PAGE, RUN = 5, 12
"""Answers to a page of statements with their numbers, or so many in a row without, do not turn up by chance."""
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")


def everything_stored(folder: Path) -> dict[str, bytes]:
    """By name: each table row by row, the database's own file where it is one, and the files below ``folder``.

    What is packed (sessions, the cache) stands there unpacked as well.
    """
    found = {f"table {name}": table_text(name) for name in connection.introspection.table_names()}
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        files = [one for one in path.parent.glob(f"{path.name}*") if one.is_file()]
        found |= {f"database file {one.name}": one.read_bytes() for one in files}
        assert files, "the database is not a file: its pages cannot be searched"
    found |= {
        f"file {one.relative_to(folder)}": one.read_bytes() for one in folder.rglob("*") if one.is_file()
    }
    return {name: data + b"\n" + b"\n".join(unpacked(data)) for name, data in found.items()}


def table_text(name: str) -> bytes:
    """All rows of a table, each value as it is stored; on PostgreSQL also as its dump would write them."""
    table = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        rows = cursor.fetchall()
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows += cursor.fetchall()
    return b"\n".join(b" | ".join(as_bytes(value) for value in row) for row in rows)


def as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def unpacked(data: bytes) -> Iterator[bytes]:
    """What base64 in ``data`` decodes to, inflated where it was deflated (the cache pickles as well)."""
    for match in set(BASE64.findall(data)):
        for text in {match, match.lstrip(b".-_")}:
            try:
                raw = base64.b64decode(
                    text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4), altchars=b"-_"
                )
            except binascii.Error:
                continue
            yield raw
            if raw[:2] in (b"\x80\x04", b"\x80\x05"):  # what the cache pickled
                with suppress(Exception):  # a page of the database file may hold half of it
                    yield repr(pickle.loads(raw)).encode()
            try:
                yield zlib.decompress(raw)
            except zlib.error:
                continue


def forms_of(answers: Sequence[int | None], scores: Mapping[str, int | None]) -> set[bytes]:
    """The ways in which these answers to statements 1…n, or scores, might have been written down."""
    texts: set[str] = set()
    for start in range(0, len(answers), 3 * PAGE):  # whoever keeps one page keeps the others as well
        part = {number: one for number, one in enumerate(answers[start : start + PAGE], start + 1) if one}
        texts |= numbered(part)
    for start in range(0, len(answers) - RUN, RUN):
        run = [str(one) if one else "None" for one in answers[start : start + RUN]]
        texts |= {between.join(run) for between in ("", ",", ", ", " ", ";", "|", "\n")}
        texts.add(json.dumps(run)[1:-1])
    known = {code: score for code, score in scores.items() if score is not None}
    texts |= numbered(known)
    raw = bytes(one or 0 for one in answers[:RUN])
    return ({text.encode() for text in texts} | {raw}) - {b""}


def numbered(values: Mapping[int, int] | Mapping[str, int]) -> set[str]:
    """``{1: 5, 2: 3}`` as JSON, as Python writes it, as a form posts it, as CSV or prose."""
    texts = set()
    for named in (
        {str(key): one for key, one in values.items()},
        {f"q{key}": one for key, one in values.items()},
    ):
        for kept in (
            named,
            {key: str(one) for key, one in named.items()},
            {key: [str(one)] for key, one in named.items()},
        ):
            texts |= {json.dumps(kept)[1:-1], json.dumps(kept, separators=(",", ":"))[1:-1], repr(kept)[1:-1]}
        texts |= {
            between.join(f"{key}={one}" for key, one in named.items()) for between in ("&", ", ", " ", "\n")
        }
        texts |= {
            between.join(f"{key}: {one}" for key, one in named.items()) for between in (", ", " ", "\n", "; ")
        }
    texts.add(repr(dict(values))[1:-1])
    return texts


def found_in(places: Mapping[str, bytes], needles: set[bytes]) -> list[tuple[str, bytes]]:
    """Where any of the needles stands: (place, needle)."""
    return [(name, needle) for name, data in places.items() for needle in needles if needle in data]
