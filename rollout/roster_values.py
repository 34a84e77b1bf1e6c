"""Single values of a roster file: text, names, dates, employee numbers and status words.

Pure: no database, no clock. What cannot be read raises ValueError; the caller knows the row and the column.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

DateOrder = Literal["mdy", "dmy"]

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff\u00ad"))
_JOINERS = "\u200c\u200d"  # belong to the spelling of names in Persian and Indic scripts
_EMPTY_WORDS = frozenset(
    {"-", "--", "—", "–", "n/a", "na", "none", "null", "nil", "tbd", "tba", "vacant", "?", "."}
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PARTICLES = _words(
    "da das de del dela della den der di do dos du el la las le los san santa st ste st. ste. saint "
    "ter ten van vander von zu zur al bin bint ibn abu"
)
_GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv"})
_CREDENTIALS = _words(
    "ACSW BA BCBA BS BSN BSW CADC CSW DNP DO DSW EdD Esq JD LAC LCPC LCSW LICSW LISW LMFT LMHC LMSW "
    "LPC LPCC LSW MA MBA MD MEd MFT MPA MPH MS MSN MSW NP PA PhD PsyD RN"
)

_STATUS = {
    word: works
    for works, words in (
        (
            True,
            "active, a, current, employed, working, employee, yes, y, true, 1, full time, part time, "
            "regular, temporary, probation, new, new hire, on leave, leave, loa, on loa, fmla, leave of "
            "absence, paid leave, parental leave, activo, activa, vigente, si, licencia, de licencia",
        ),
        (
            False,
            "terminated, term, termed, inactive, not active, i, left, leaver, resigned, retired, "
            "separated, former, former employee, no longer employed, quit, dismissed, discharged, laid off, "
            "deceased, no, n, false, 0, baja, inactivo, inactiva, cesado, cesada, retirado, retirada",
        ),
    )
    for word in words.split(", ")
}

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january ene enero",
            "feb february febrero",
            "mar march marzo",
            "apr april abr abril",
            "may mayo",
            "jun june junio",
            "jul july julio",
            "aug august ago agosto",
            "sep sept september septiembre setiembre",
            "oct october octubre",
            "nov november noviembre",
            "dec december dic diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = r"(?:[T ,]+\d{1,2}:\d{2}.*)?$"
_YEAR_FIRST = re.compile(r"^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.ASCII)
_NUMERIC = re.compile(r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME, re.ASCII)
_COMPACT = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$", re.ASCII)
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$", re.ASCII)
_SERIAL_START = date(1899, 12, 30)


class ImpossibleDate(ValueError):
    """Looks like a date, but no calendar has that day."""


def clean(value: object) -> str:
    """A cell as text: composed (NFC), blanks of every kind folded into one space, invisible marks removed."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    text = unicodedata.normalize("NFC", str(value)).translate(_INVISIBLE)
    return " ".join(text.split())


def is_blank_word(text: str) -> bool:
    """What people write into a cell with nothing to say. Never asked of names: Null and Na are surnames."""
    return text.casefold() in _EMPTY_WORDS


def has_hidden_characters(text: str) -> bool:
    """Control characters, or marks that turn the direction of text around."""
    return any(unicodedata.category(sign) in ("Cc", "Cf") and sign not in _JOINERS for sign in text)


def folded(text: str) -> str:
    """Text for comparing: no case, no accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def name_key(name: str) -> str:
    """A name for comparing: ``Siobhán O’Brien-Lee`` and ``SIOBHAN OBRIEN LEE`` are one."""
    text = re.sub(r"['’ʼ`´.]", "", folded(name))
    return " ".join(re.sub(r"[-‐‑–]", " ", text).split())


def number_key(number: str) -> str:
    """An employee number for comparing: spreadsheets drop leading zeros."""
    return (number.lstrip("0") or "0") if number.isdecimal() else number.casefold()


def team_key(team: str) -> str:
    return clean(team).casefold()


def fingerprint(texts: Iterable[str]) -> str:
    """The same text for the same texts."""
    return hashlib.sha256(repr(list(texts)).encode()).hexdigest()[:32]


def split_name(full: str) -> tuple[str, str]:
    """``Last, First`` or ``First Last`` as (first, last); a part that is not there is empty.

    Particles stay with the last name (``Héctor de la Cruz``, ``Keisha St. John``), so does a generation
    (``Jr.``); credentials after a comma (``, LCSW``) are no part of a name.
    """
    parts = [part for part in (clean(part) for part in full.split(",")) if part]
    if not parts:
        return "", ""
    generation = ""
    names = parts[:1]
    for part in parts[1:]:
        bare = part.replace(".", "")
        if bare.casefold() in _GENERATIONS:
            generation = part
        elif bare not in _CREDENTIALS or (len(names) == 1 and " " not in names[0]):
            names.append(part)
    if len(names) > 1:
        first, last = " ".join(names[1:]), names[0]
    else:
        words = names[0].split()
        if not generation and len(words) > 2 and words[-1].replace(".", "").casefold() in _GENERATIONS:
            generation = words.pop()
        start = len(words) - 1
        while start > 1 and words[start - 1].casefold() in _PARTICLES:
            start -= 1
        first, last = (
            (words[0], "") if len(words) == 1 else (" ".join(words[:start]), " ".join(words[start:]))
        )
    return first, f"{last} {generation}".strip()


def read_status(text: str) -> bool | None:
    """Whether the word says that somebody works here; None for a word that is not known."""
    return _STATUS.get(" ".join(re.sub(r"[^\w]+", " ", folded(text)).split()))


@dataclass(frozen=True)
class DateEvidence:
    """What a column's own dates say about the order of day and month."""

    day_first: int = 0
    month_first: int = 0
    unclear: int = 0
    dotted: bool = False

    @property
    def order(self) -> DateOrder | None:
        """None when no date of the column settles it."""
        if not self.day_first and not self.month_first:
            return None
        return "dmy" if self.day_first > self.month_first else "mdy"


def weigh_dates(texts: Iterable[str]) -> DateEvidence:
    """Count the dates that can be read in one way only: a number over 12 cannot be a month."""
    day_first = month_first = unclear = dotted = 0
    for text in texts:
        if not (match := _NUMERIC.match(text)):
            continue
        one, two = int(match[1]), int(match[3])
        day_first += one > 12 >= two
        month_first += two > 12 >= one
        unclear += one <= 12 and two <= 12 and one != two
        dotted += match[2] == "."
    return DateEvidence(day_first, month_first, unclear, dotted > 0)


def read_date(value: object, *, order: DateOrder, today: date) -> date:
    """A date as people and payroll systems write it.

    ISO, ``3/31/2024`` or ``31/3/2024`` by ``order``, two-digit years (up to next year in this century),
    ``3 Mar 2024``, ``Mar 3, 2024``, ``20240303``, spreadsheet dates and their serial numbers.
    ImpossibleDate for a day that does not exist, ValueError for anything else.
    """
    text = clean(value)
    if match := _YEAR_FIRST.match(text):
        return _day(match[1], match[3], match[4])
    if match := _NUMERIC.match(text):
        day, month = (match[1], match[3]) if order == "dmy" else (match[3], match[1])
        return _day(_century(match[4], today), month, day)
    if match := _COMPACT.match(text):
        return _day(*match.groups())
    if _SERIAL.match(text):
        return _SERIAL_START + timedelta(days=int(float(text)))
    return _worded(text, today)


def _worded(text: str, today: date) -> date:
    words = re.findall(r"[^\W\d_]+|\d+", re.sub(_TIME, "", text))
    months = [number for word in words if (number := _MONTHS.get(folded(word)))]
    numbers = [word for word in words if word.isdecimal()]
    if len(months) != 1 or len(numbers) != 2 or len(words) > 6:
        raise ValueError(text)
    if len(numbers[0]) == 4:
        numbers.reverse()
    if len(numbers[1]) not in (2, 4):
        raise ValueError(text)
    return _day(_century(numbers[1], today), months[0], numbers[0])


def _century(year: str, today: date) -> int:
    if len(year) > 2:
        return int(year)
    recent = today.year // 100 * 100 + int(year)
    return recent if recent <= today.year + 1 else recent - 100


def _day(year: str | int, month: str | int, day: str | int) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise ImpossibleDate(f"{year}-{month}-{day}") from error
