"""Entries of a roster that may be one human being, each pair with the reason for thinking so.

Pure: values in, pairs out; no database, no clock. It asks, it never decides: a leader joins two entries, or says that
they are two people. People are compared only with those who share a name, an address or a number with them, so that
an agency of thousands takes well under a second.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations

from django.utils.translation import gettext as _

from .roster_values import folded, name_key, number_key

_SHARED = frozenset({"info", "admin", "office", "intake", "reception", "frontdesk", "hr", "mail", "team"})
"""Local parts of addresses that belong to a desk and not to a person."""
_SHORTEST = 4
"""Letters or digits that must agree before a likeness means anything."""


@dataclass(frozen=True)
class Entry:
    """One line of the roster, now or before. ``key`` is any hashable identity, handed back as it came."""

    key: Hashable
    first_name: str
    last_name: str
    email: str = ""
    employee_number: str = ""
    team: str = ""
    job_title: str = ""
    hired_on: date | None = None
    left_on: date | None = None

    @cached_property
    def first(self) -> str:
        return name_key(self.first_name)

    @cached_property
    def last(self) -> str:
        return name_key(self.last_name)

    @cached_property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.name.split())


@dataclass(frozen=True)
class Pair:
    """Two entries, in the order they came in. ``reasons`` are codes of ``REASONS``, the strongest first."""

    one: Entry
    other: Entry
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        """The reasons as one sentence."""
        said = [str(REASONS[reason]()) for reason in self.reasons]
        return _("They have %(reasons)s.") % {"reasons": _(" and ").join(said)}


REASONS: dict[str, Callable[[], str]] = {
    "number": lambda: _("the same employee number, written differently"),
    "name": lambda: _("the same name"),
    "address": lambda: _("the same e-mail before the @"),
    "similar-hired": lambda: _("a similar name and the same hire date"),
    "similar-team": lambda: _("a similar name and the same team"),
}
"""From the strongest to the weakest."""


def likely_duplicates(
    entries: Sequence[Entry],
    apart: Collection[frozenset[Hashable]] = (),
    *,
    only: Collection[Hashable] | None = None,
) -> list[Pair]:
    """Pairs of which somebody should look whether they are one, the strongest reason first.

    ``apart``: pairs of keys that are known to be two people. ``only``: pairs in which one of these takes part.
    """
    wanted = None if only is None else frozenset(only)
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for reason, group in _groups(entries):
        for one, other in combinations(group, 2):
            a, b = entries[one], entries[other]
            if (wanted is None or a.key in wanted or b.key in wanted) and _TESTS[reason](a, b):
                found[one, other].add(reason)
    pairs = [
        Pair(entries[one], entries[other], _told(reasons))
        for (one, other), reasons in found.items()
        if frozenset({entries[one].key, entries[other].key}) not in apart
    ]
    order = list(REASONS)
    return sorted(pairs, key=lambda pair: (order.index(pair.reasons[0]), -len(pair.reasons), pair.one.name))


def _told(reasons: set[str]) -> tuple[str, ...]:
    # The same name is more than a similar one.
    weaker = {"similar-hired", "similar-team"} if "name" in reasons else set()
    return tuple(reason for reason in REASONS if reason in reasons - weaker)


def _groups(entries: Sequence[Entry]) -> Iterator[tuple[str, list[int]]]:
    """Places of entries that are worth comparing for a reason."""
    for reason, keys in _KEYS.items():
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for place, entry in enumerate(entries):
            for key in keys(entry):
                groups[key].append(place)
        for group in groups.values():
            if len(group) > 1:
                yield reason, group


def _number_of(entry: Entry) -> str:
    digits = re.sub(r"\D", "", entry.employee_number)
    return number_key(digits) if len(digits) >= _SHORTEST else ""


def _local_part(entry: Entry) -> str:
    local = folded(entry.email.partition("@")[0].partition("+")[0])
    plain = re.sub(r"[^a-z0-9]", "", local)
    return plain if len(plain) >= _SHORTEST and plain not in _SHARED else ""


def _similar_keys(fact: Hashable) -> Callable[[Entry], Iterable[Hashable]]:
    def keys(entry: Entry) -> Iterable[Hashable]:
        value = getattr(entry, str(fact))
        return [(value, "last", entry.last), (value, "first", entry.first)] if value else []

    return keys


_KEYS: dict[str, Callable[[Entry], Iterable[Hashable]]] = {
    "number": lambda entry: [number] if (number := _number_of(entry)) else [],
    "name": lambda entry: [entry.name] if entry.first and entry.last else [],
    "address": lambda entry: [local] if (local := _local_part(entry)) else [],
    "similar-hired": _similar_keys("hired_on"),
    "similar-team": _similar_keys("team"),
}
_TESTS: dict[str, Callable[[Entry, Entry], bool]] = {
    "number": lambda one, other: bool(one.words & other.words),
    "name": lambda one, other: True,
    "address": lambda one, other: bool(one.words & other.words) and one.email != other.email,
    "similar-hired": lambda one, other: similar(one, other),
    "similar-team": lambda one, other: similar(one, other),
}


def similar(one: Entry, other: Entry) -> bool:
    """Whether two names may be one: one part is the same, the other nearly.

    Nearly: short for the other or its initial (``Chris``, ``Christopher``), a slip of one letter, or one surname
    of a double one (``Lopez``, ``Lopez Garcia``).
    """
    if one.last == other.last:
        return _near(one.first, other.first)
    return one.first == other.first and (
        _slip(one.last, other.last) or bool(set(one.last.split()) & set(other.last.split()))
    )


def _near(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return bool(short) and (long.startswith(short) or _slip(one, other))


def _slip(one: str, other: str) -> bool:
    """One letter more, less, other, or two swapped; never in short names, where another letter makes another name."""
    short, long = sorted((one, other), key=len)
    if len(long) < _SHORTEST or len(short) < _SHORTEST - 1 or len(long) - len(short) > 1:
        return False
    at = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped
