"""Starter calls and checklists: read from starter_data/, checked, handed over as frozen values.

Data, not code: a program office edits them in the product or imports its own from a file. No database here;
whoever creates rows takes them from `calls()` and `checklists()`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rollout.starter import (
    StarterError,
    check_domain,
    check_keys,
    curricula,
    read_toml,
    refuse_doubles,
)

Figures = Literal["", "before", "after"]

N_CALLS = 10
N_COMMON = 6
N_MUST = 4
N_MAY = 2

_DATA = Path(__file__).parent / "starter_data"


@dataclass(frozen=True, slots=True)
class CallPlan:
    """Content of one call. `figures` says whether the released figures are looked at before or after it."""

    number: int
    title: str
    domain: str
    aim: str
    opening_question: str
    practice: str
    figures: Figures
    version: str


@dataclass(frozen=True, slots=True)
class Point:
    """One point to air: scored if `must`, else logged and shown. `domain` and `guidance` may be ""."""

    code: str
    text: str
    must: bool
    domain: str
    guidance: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The points of one call (`call` is its number) or of one training day (`curriculum` slug and `day`)."""

    key: str
    title: str
    points: tuple[Point, ...]
    version: str
    call: int | None = None
    curriculum: str = ""
    day: int | None = None

    @property
    def must_points(self) -> tuple[Point, ...]:
        """The points that count in the fidelity score."""
        return tuple(point for point in self.points if point.must)


@cache
def calls() -> tuple[CallPlan, ...]:
    """The ten calls in order."""
    return parse_calls(_text("calls.toml"))


@cache
def checklists() -> tuple[Checklist, ...]:
    """Thirteen checklists: one for each call (keys call-1 … call-10), then one for each training day."""
    return parse_checklists(_text("checklists.toml"), calls())


def parse_calls(text: str) -> tuple[CallPlan, ...]:
    """Calls from TOML. Raises StarterError unless they are numbered 1 to 10 in order and complete."""
    data = read_toml(text, "calls.toml")
    check_keys(data, {"version", "call"}, "the file")
    found = tuple(_call(row, data["version"]) for row in data["call"])
    _check_numbers([call.number for call in found])
    return found


def parse_checklists(text: str, plan: Iterable[CallPlan]) -> tuple[Checklist, ...]:
    """Checklists from TOML, each call's common and own points joined. Raises StarterError with the place."""
    data = read_toml(text, "checklists.toml")
    check_keys(data, {"version", "common", "call", "session"}, "the file")
    by_number = {call.number: call for call in plan}
    _check_numbers([row.get("number") for row in data["call"]])
    found = tuple(_call_checklist(row, data, by_number[row["number"]]) for row in data["call"])
    found += tuple(_session_checklist(row, data["version"]) for row in data["session"])
    refuse_doubles((checklist.key for checklist in found), "checklist key")
    for checklist in found:
        refuse_doubles((point.code for point in checklist.points), f"{checklist.key}: point code")
    return found


def _call(row: Mapping[str, Any], version: str) -> CallPlan:
    where = f"call {row.get('number', '?')}"
    keys = {"number", "title", "domain", "aim", "opening_question", "practice"}
    check_keys(row, keys, where, optional={"figures"})
    check_domain(row["domain"], where)
    figures = row.get("figures", "")
    if figures not in ("", "before", "after"):
        raise StarterError(f"{where}: figures is {figures!r}; it must be before or after, or left out.")
    return CallPlan(**{key: row[key] for key in keys}, figures=figures, version=version)


def _call_checklist(row: Mapping[str, Any], data: Mapping[str, Any], call: CallPlan) -> Checklist:
    where = f"call {call.number}"
    check_keys(row, {"number", "point"}, where)
    common = tuple(_point(each, where, call.domain) for each in data["common"])
    own = tuple(_point({"domain": "call", **each}, where, call.domain) for each in row["point"])
    musts = sum(point.must for point in own)
    if len(common) != N_COMMON or not all(point.must for point in common):
        raise StarterError(f"{where}: there must be {N_COMMON} common points, all of them must points.")
    if (musts, len(own) - musts) != (N_MUST, N_MAY):
        raise StarterError(
            f"{where}: {musts} must and {len(own) - musts} may points; {N_MUST} and {N_MAY} are expected."
        )
    return Checklist(f"call-{call.number}", call.title, common + own, data["version"], call=call.number)


def _session_checklist(row: Mapping[str, Any], version: str) -> Checklist:
    where = f"checklist {row.get('key', '?')}"
    check_keys(row, {"key", "curriculum", "day", "title", "point"}, where)
    days = {each.slug: len(each.day_minutes) for each in curricula()}
    if not 1 <= row["day"] <= days.get(row["curriculum"], 0):
        raise StarterError(f"{where}: curriculum {row['curriculum']!r} has no day {row['day']}.")
    points = tuple(_point(each, where, "") for each in row["point"])
    if not any(point.must for point in points):
        raise StarterError(f"{where}: no must point; without one there is no score.")
    return Checklist(row["key"], row["title"], points, version, curriculum=row["curriculum"], day=row["day"])


def _point(row: Mapping[str, Any], parent: str, call_domain: str) -> Point:
    where = f"{parent}, point {row.get('code', '?')}"
    check_keys(row, {"code", "text"}, where, optional={"must", "domain", "guidance"})
    domain = row.get("domain", "")
    if domain == "call" and call_domain:
        domain = call_domain
    check_domain(domain, where)
    must = row.get("must", True)
    if not isinstance(must, bool):
        raise StarterError(f"{where}: must is {must!r}; it must be true or false, without quotes.")
    return Point(row["code"], row["text"], must, domain, row.get("guidance", ""))


def _check_numbers(numbers: list[int | None]) -> None:
    if numbers != list(range(1, N_CALLS + 1)):
        raise StarterError(f"The calls are numbered {numbers}; they must be 1 to {N_CALLS}, in order.")


def _text(name: str) -> str:
    return (_DATA / name).read_text(encoding="utf-8")
