"""Instrument definitions: read from TOML, checked, and held as frozen values.

A definition holds an instrument's structure, key and rules, never its statements: those come in wording
packs. A file that contradicts itself stops the product at start, with the file, the field and the reason.
"""

import math
import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

DEFINITIONS = Path(__file__).parent / "definitions"
MAX_GIST_WORDS = 5


class InstrumentError(Exception):
    """A definition that cannot be used. `file` is its name, `field` the place in it, "" for all of it."""

    def __init__(self, file: str, field: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (file, field, reason) if part))
        self.file = file
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class Option:
    """One answer a respondent can choose."""

    value: int
    label: str


@dataclass(frozen=True)
class Item:
    """One numbered statement, without its wording; `gist` is a topic of two to five words of our own."""

    number: int
    gist: str
    scale: str
    reversed: bool
    placeholder: bool


@dataclass(frozen=True)
class Scale:
    """Items summed into one score between `minimum` and `maximum`; `better` is the direction wished for."""

    code: str
    name: str
    better: Literal["up", "down"]
    items: tuple[int, ...]
    reversed: tuple[int, ...]
    alpha: float
    minimum: int
    maximum: int


@dataclass(frozen=True)
class LevelCuts:
    """Cuts on raw sums: low up to and including `low_up_to`, high from `high_from` on, average between."""

    label: str
    low_up_to: int
    high_from: int


@dataclass(frozen=True)
class Norm:
    """Mean and standard deviation of one scale's raw sum in a norm set."""

    scale: str
    mean: float
    sd: float


@dataclass(frozen=True)
class NormSet:
    """A named reference sample of `n` people, with one norm for every scale."""

    code: str
    name: str
    source: str
    provisional: bool
    n: int
    norms: tuple[Norm, ...]

    def of(self, scale: str) -> Norm:
        """The norm of the scale with this code; KeyError for another."""
        return {norm.scale: norm for norm in self.norms}[scale]


@dataclass(frozen=True)
class Instrument:
    """One instrument in one version. Items stand in the order of their numbers, 1 to n without a gap."""

    code: str
    version: str
    name: str
    short_name: str
    source: str
    licence: str
    credit: str
    link: str
    recall: str
    recall_days: int
    options: tuple[Option, ...]
    items: tuple[Item, ...]
    scales: tuple[Scale, ...]
    levels: LevelCuts
    norms: tuple[NormSet, ...]

    @property
    def minimum(self) -> int:
        """The lowest answer."""
        return self.options[0].value

    @property
    def maximum(self) -> int:
        """The highest answer."""
        return self.options[-1].value

    @property
    def norm(self) -> NormSet:
        """The norm set in use: the first one listed."""
        return self.norms[0]

    def scale(self, code: str) -> Scale:
        """The scale with this code; KeyError for another."""
        return {scale.code: scale for scale in self.scales}[code]


# --- reading one file -----------------------------------------------------------------------------------


type Row = Mapping[str, Any]


class _Fault(Exception):
    """A field and a reason, before the file's name is known."""


_TEXTS = ("code", "version", "name", "short_name", "source", "licence", "credit", "link", "recall")
_TOP = {*_TEXTS, "recall_days", "options", "placeholders", "items", "scales", "levels", "norms"}


def load(path: Path) -> Instrument:
    """Read and check one definition; InstrumentError names the file and the field (or the line) at fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InstrumentError(path.name, "", f"not valid TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InstrumentError(path.name, "", f"cannot be read: {error}") from error
    try:
        instrument = _instrument(table)
        if path.stem != instrument.code:
            raise _Fault("code", f"is {instrument.code}, but the file is named {path.stem}")
    except _Fault as fault:
        field, reason = fault.args
        raise InstrumentError(path.name, field, reason) from None
    return instrument


def load_all(folder: Path) -> Mapping[str, Instrument]:
    """All definitions of a folder by code; InstrumentError at the first bad one, or when there is none.

    A code cannot come twice: each file carries its code as its name.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise InstrumentError(folder.name, "", "holds no instrument definition (*.toml)")
    return MappingProxyType({path.stem: load(path) for path in paths})


def _instrument(table: Row) -> Instrument:
    _only(table, _TOP, "")
    options = _options(table)
    gists = _gists(table)
    placeholders = _numbers(table, "placeholders", "placeholders", gists)
    scales = tuple(
        _scale(row, f"scales[{place}]", gists, options)
        for place, row in enumerate(_tables(table, "scales"), 1)
    )
    _unique([scale.code for scale in scales], "scales", "code")
    _unique([scale.name for scale in scales], "scales", "name")
    home = _homes(scales, gists)
    norms = tuple(
        _norm_set(row, f"norms[{place}]", scales) for place, row in enumerate(_tables(table, "norms"), 1)
    )
    _unique([norm.code for norm in norms], "norms", "code")
    return Instrument(
        **{key: _text(table, key, key) for key in _TEXTS},
        recall_days=_whole(table, "recall_days", "recall_days", least=1),
        options=options,
        items=tuple(
            Item(n, gist, home[n].code, reversed=n in home[n].reversed, placeholder=n in placeholders)
            for n, gist in gists.items()
        ),
        scales=scales,
        levels=_levels(table, scales),
        norms=norms,
    )


def _options(table: Row) -> tuple[Option, ...]:
    options = []
    for place, row in enumerate(_tables(table, "options"), start=1):
        where = f"options[{place}]"
        _only(row, {"value", "label"}, where)
        options.append(Option(_whole(row, "value", f"{where}.value"), _text(row, "label", f"{where}.label")))
    values = [option.value for option in options]
    if len(values) < 2 or values != list(range(values[0], values[0] + len(values))):
        raise _Fault("options", "must be two or more values that rise by one")
    _unique([option.label for option in options], "options", "label")
    return tuple(options)


def _gists(table: Row) -> dict[int, str]:
    """Gist by item number, checked to run 1, 2, 3 … in this order."""
    gists: dict[int, str] = {}
    for place, row in enumerate(_tables(table, "items"), start=1):
        where = f"items[{place}]"
        _only(row, {"number", "gist"}, where)
        number = _whole(row, "number", f"{where}.number")
        if number != place:
            raise _Fault(f"{where}.number", f"is {number}; items are numbered 1, 2, 3 … without a gap")
        gist = _text(row, "gist", f"{where}.gist")
        if len(gist.split()) > MAX_GIST_WORDS:
            raise _Fault(f"{where}.gist", f"has more than {MAX_GIST_WORDS} words; a gist is not a statement")
        gists[number] = gist
    _unique(list(gists.values()), "items", "gist")
    return gists


def _scale(row: Row, where: str, gists: Mapping[int, str], options: tuple[Option, ...]) -> Scale:
    _only(row, {"code", "name", "better", "items", "reversed", "alpha"}, where)
    code = _text(row, "code", f"{where}.code")
    where = f"scale {code}"
    better = _text(row, "better", f"{where}.better")
    if better not in ("up", "down"):
        raise _Fault(f"{where}.better", 'must be "up" or "down"')
    items = _numbers(row, "items", f"{where}.items", gists)
    if not items:
        raise _Fault(f"{where}.items", "is empty")
    turned = _numbers(row, "reversed", f"{where}.reversed", items)
    alpha = _number(row, "alpha", f"{where}.alpha")
    if not 0 < alpha < 1:
        raise _Fault(f"{where}.alpha", f"is {alpha}; a reliability lies between 0 and 1")
    return Scale(
        code=code,
        name=_text(row, "name", f"{where}.name"),
        better="up" if better == "up" else "down",
        items=items,
        reversed=turned,
        alpha=alpha,
        minimum=len(items) * options[0].value,
        maximum=len(items) * options[-1].value,
    )


def _homes(scales: tuple[Scale, ...], gists: Mapping[int, str]) -> dict[int, Scale]:
    """The one scale each item belongs to."""
    home: dict[int, Scale] = {}
    for scale in scales:
        for number in scale.items:
            if number in home:
                raise _Fault(
                    f"scale {scale.code}.items", f"item {number} already counts in {home[number].code}"
                )
            home[number] = scale
    for number in gists:
        if number not in home:
            raise _Fault("scales", f"item {number} is in no scale")
    return home


def _levels(table: Row, scales: tuple[Scale, ...]) -> LevelCuts:
    row = _table(table, "levels", "levels")
    _only(row, {"label", "low_up_to", "high_from"}, "levels")
    cuts = LevelCuts(
        label=_text(row, "label", "levels.label"),
        low_up_to=_whole(row, "low_up_to", "levels.low_up_to"),
        high_from=_whole(row, "high_from", "levels.high_from"),
    )
    for scale in scales:
        for key, cut in (("low_up_to", cuts.low_up_to), ("high_from", cuts.high_from)):
            if not scale.minimum <= cut <= scale.maximum:
                reason = f"is {cut}, outside {scale.minimum} to {scale.maximum} of scale {scale.code}"
                raise _Fault(f"levels.{key}", reason)
    if cuts.high_from <= cuts.low_up_to + 1:
        raise _Fault("levels.high_from", f"is {cuts.high_from}; it leaves no average above {cuts.low_up_to}")
    return cuts


def _norm_set(row: Row, where: str, scales: tuple[Scale, ...]) -> NormSet:
    _only(row, {"code", "name", "source", "provisional", "n", "values"}, where)
    code = _text(row, "code", f"{where}.code")
    where = f"norm set {code}"
    values = _table(row, "values", f"{where}.values")
    if set(values) != {scale.code for scale in scales}:
        reason = f"has {', '.join(values) or 'none'}; the scales are {', '.join(s.code for s in scales)}"
        raise _Fault(f"{where}.values", reason)
    return NormSet(
        code=code,
        name=_text(row, "name", f"{where}.name"),
        source=_text(row, "source", f"{where}.source"),
        provisional=_field(row, "provisional", bool, "true or false", f"{where}.provisional"),
        n=_whole(row, "n", f"{where}.n", least=2),
        norms=tuple(_norm(values, scale, f"{where}.{scale.code}") for scale in scales),
    )


def _norm(values: Row, scale: Scale, where: str) -> Norm:
    row = _table(values, scale.code, where)
    _only(row, {"mean", "sd"}, where)
    mean, sd = _number(row, "mean", f"{where}.mean"), _number(row, "sd", f"{where}.sd")
    if not scale.minimum <= mean <= scale.maximum:
        raise _Fault(f"{where}.mean", f"is {mean}, outside {scale.minimum} to {scale.maximum}")
    if sd <= 0:
        raise _Fault(f"{where}.sd", f"is {sd}; a standard deviation is above 0")
    return Norm(scale.code, mean, sd)


# --- reading one field ----------------------------------------------------------------------------------


def _field[T](table: Row, key: str, kind: type[T], wanted: str, where: str) -> T:
    if key not in table:
        raise _Fault(where, f"is missing; give {wanted}")
    value = table[key]
    if type(value) is not kind:  # exact: TOML's true must not pass for 1
        raise _Fault(where, f"must be {wanted}")
    return value


def _text(table: Row, key: str, where: str) -> str:
    text = _field(table, key, str, "a text", where)
    if not text or text != text.strip():
        raise _Fault(where, "is empty or has blanks at an end")
    return text


def _whole(table: Row, key: str, where: str, least: int = 0) -> int:
    number = _field(table, key, int, "a whole number", where)
    if number < least:
        raise _Fault(where, f"is {number}; it must be {least} or more")
    return number


def _number(table: Row, key: str, where: str) -> float:
    if type(table.get(key)) is int:
        return float(table[key])
    number = _field(table, key, float, "a number", where)
    if not math.isfinite(number):
        raise _Fault(where, "must be a finite number")
    return number


def _numbers(table: Row, key: str, where: str, among: Container[int]) -> tuple[int, ...]:
    numbers = _field(table, key, list, "a list of item numbers", where)
    for number in numbers:
        if type(number) is not int or number not in among:
            raise _Fault(where, f"there is no item {number} here")
    _unique(numbers, where, "item")
    return tuple(numbers)


def _table(table: Row, key: str, where: str) -> Row:
    return _field(table, key, dict, "a table", where)


def _tables(table: Row, key: str) -> list[Row]:
    rows = _field(table, key, list, "a list of tables", key)
    if not rows or not all(type(row) is dict for row in rows):
        raise _Fault(key, "must be a list of one or more tables")
    return rows


def _only(table: Row, known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise _Fault(f"{where}.{key}".lstrip("."), f"is not one of {', '.join(sorted(known))}")


def _unique(values: list[Any], where: str, what: str) -> None:
    for value in values:
        if values.count(value) > 1:
            raise _Fault(where, f"{what} {value} comes twice")


# Read once, at import: a faulty definition must stop the product at start, not in someone's survey.
INSTRUMENTS: Mapping[str, Instrument] = load_all(DEFINITIONS)
