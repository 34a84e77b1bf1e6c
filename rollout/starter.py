"""Starter curricula: read from starter_data/curricula.toml, checked, handed over as frozen values.

Data, not code: a program office edits them in the product or imports its own. No database here; whoever
creates rows takes them from `curricula()`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

Audience = Literal["everyone", "supervisors"]

STARTER_MARK = _("Starter, written for this product; not the program's own MAPS.")

DOMAINS = {
    "premise": _("The premise"),
    "experiential_engagement": _("Experiential engagement"),
    "reducing_rumination": _("Reducing rumination"),
    "conscious_narrative": _("Conscious narrative"),
    "reducing_emotional_labor": _("Reducing emotional labor"),
    "parasympathetic_recovery": _("Parasympathetic recovery"),
    "all_five": _("All five skills"),
    "practice_plan": _("Practice plan"),
    "role": _("The supervisor's role"),
    "consultation": _("Consultation"),
}

_DATA = Path(__file__).parent / "starter_data"


class StarterError(ValueError):
    """Starter data that contradicts itself: says which entry, what is wrong, and what it should be."""


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a curriculum. `day` is None where a curriculum has no days; `domain` is "" or in DOMAINS."""

    code: str
    title: str
    minutes: int
    day: int | None
    domain: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Curriculum:
    """A curriculum with its modules in order; minutes are without breaks."""

    slug: str
    title: str
    audience: Audience
    required_minutes: int
    day_minutes: tuple[int, ...]
    summary: str
    modules: tuple[Module, ...]
    version: str

    def on_day(self, day: int) -> tuple[Module, ...]:
        """Modules of one training day, counted from 1."""
        return tuple(module for module in self.modules if module.day == day)


@cache
def curricula() -> tuple[Curriculum, ...]:
    """The starter curricula: Foundations (6 + 6 h), Supervision (6 h), Helping Relationship Skills (15 h)."""
    return parse_curricula((_DATA / "curricula.toml").read_text(encoding="utf-8"))


def parse_curricula(text: str) -> tuple[Curriculum, ...]:
    """Curricula from TOML. Raises StarterError for anything missing, unknown, doubled or not adding up."""
    data = read_toml(text, "curricula.toml")
    check_keys(data, {"version", "curriculum"}, "the file")
    found = tuple(_curriculum(row, data["version"]) for row in data["curriculum"])
    refuse_doubles((each.slug for each in found), "slug")
    refuse_doubles((module.code for each in found for module in each.modules), "module code")
    return found


def _curriculum(row: Mapping[str, Any], version: str) -> Curriculum:
    where = f"curriculum {row.get('slug', '?')}"
    keys = {"slug", "title", "audience", "required_minutes", "day_minutes", "summary", "module"}
    check_keys(row, keys, where)
    if row["audience"] not in ("everyone", "supervisors"):
        raise StarterError(f"{where}: audience is {row['audience']!r}; it must be everyone or supervisors.")
    curriculum = Curriculum(
        slug=row["slug"],
        title=row["title"],
        audience=row["audience"],
        required_minutes=row["required_minutes"],
        day_minutes=tuple(row["day_minutes"]),
        summary=row["summary"],
        modules=tuple(_module(each, where) for each in row["module"]),
        version=version,
    )
    _check_minutes(curriculum, where)
    return curriculum


def _module(row: Mapping[str, Any], parent: str) -> Module:
    where = f"{parent}, module {row.get('code', '?')}"
    check_keys(row, {"code", "title", "minutes", "topics"}, where, optional={"day", "domain"})
    if not isinstance(row["minutes"], int) or row["minutes"] < 1:
        raise StarterError(f"{where}: minutes is {row['minutes']!r}; it must be a whole number from 1 on.")
    domain = row.get("domain", "")
    check_domain(domain, where)
    return Module(row["code"], row["title"], row["minutes"], row.get("day"), domain, tuple(row["topics"]))


def _check_minutes(curriculum: Curriculum, where: str) -> None:
    total = sum(module.minutes for module in curriculum.modules)
    if total != curriculum.required_minutes:
        raise StarterError(
            f"{where}: its modules add up to {total} minutes, not {curriculum.required_minutes}."
        )
    days = {module.day for module in curriculum.modules}
    expected: set[int | None] = set(range(1, len(curriculum.day_minutes) + 1)) or {None}
    if days != expected:
        raise StarterError(f"{where}: the days of its modules do not match its {len(expected)} day(s).")
    for day, minutes in enumerate(curriculum.day_minutes, start=1):
        of_day = sum(module.minutes for module in curriculum.on_day(day))
        if of_day != minutes:
            raise StarterError(f"{where}, day {day}: its modules add up to {of_day} minutes, not {minutes}.")


def shown(text: str) -> str:
    """A text of a row as its reader sees it: a starter's in their language, an edited one as it was written.

    Looked up at display, so that rows hold one language and editing a text is all it takes to make it one's own.
    """
    return pgettext("starter", text) if text else ""


def read_toml(text: str, name: str) -> dict[str, Any]:
    """Parsed TOML; a syntax error becomes a StarterError that names the file and the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StarterError(f"{name}: {error}") from error


def check_keys(row: Mapping[str, Any], required: set[str], where: str, optional: Iterable[str] = ()) -> None:
    """Refuse missing, unknown and empty-text keys: a misspelled key would otherwise be lost silently."""
    missing, unknown = required - row.keys(), row.keys() - required - set(optional)
    if missing:
        raise StarterError(f"{where}: {', '.join(sorted(missing))} missing.")
    if unknown:
        raise StarterError(f"{where}: {', '.join(sorted(unknown))} not known here; check the spelling.")
    empty = sorted(key for key in required if isinstance(row[key], str) and not row[key].strip())
    if empty:
        raise StarterError(f"{where}: {', '.join(empty)} must not be empty.")


def check_domain(domain: str, where: str) -> None:
    """Refuse a domain that is neither empty nor in DOMAINS."""
    if domain and domain not in DOMAINS:
        raise StarterError(f"{where}: domain is {domain!r}; it must be one of {', '.join(DOMAINS)}.")


def refuse_doubles(values: Iterable[str], what: str) -> None:
    """Refuse a value that comes twice."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise StarterError(f"{what} {value!r} comes twice; each must be its own.")
        seen.add(value)
