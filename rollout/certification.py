"""Who can be certified, what a certificate says, and the code by which anybody can check it.

Values in, values out: no database, no clock. A certificate is earned when the minutes credited in a curriculum
reach what it requires (``rollout.ledger``), wherever and with whichever cohort they were earned.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .credit import credited_total
from .ledger import Ledger, Record

ALPHABET = "23456789CDFHJKMNPRTVWXY"
"""No two of them look alike on paper, and without vowels no code is a word. 23 is a prime: see ``check_character``."""
RANDOM = 14
"""Characters left to chance: 63 bits."""
GROUP = 5
MISREAD = str.maketrans("BSZGU", "8526V")
"""What people type for a character that is in the alphabet."""
LONGEST_TYPED = 40


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """A verification code like "CDFHJ-KMNPR-TVWX4": 14 characters left to chance and one that checks them."""
    body = "".join(choose(ALPHABET) for _place in range(RANDOM))
    return grouped(body + check_character(body))


def check_character(body: str) -> str:
    """The character that makes the sum of place × value divisible by 23.

    Weights differ and 23 is a prime, so one wrong character is always noticed, and so are two that changed places.
    """
    total = sum(place * ALPHABET.index(one) for place, one in enumerate(body, start=1))
    # The check character stands at the next place, with the weight of that place.
    weight = len(body) + 1
    return ALPHABET[-total * pow(weight, -1, len(ALPHABET)) % len(ALPHABET)]


def grouped(code: str) -> str:
    """In groups of five, as it is printed, kept, and written in addresses."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(typed: str) -> str:
    """The code somebody typed or scanned, as it is kept; "" for what can be none.

    Case, blanks and hyphens do not matter, and letters that stand for a look-alike are read as that.
    """
    if len(typed) > LONGEST_TYPED:
        return ""
    plain = re.sub(r"[\s\-\u2010-\u2015_.]", "", typed).upper().translate(MISREAD)
    if len(plain) != RANDOM + 1 or not set(plain) <= set(ALPHABET):
        return ""
    return grouped(plain) if check_character(plain[:-1]) == plain[-1] else ""


@dataclass(frozen=True, slots=True)
class Earned:
    """What somebody earned in one curriculum: minutes, and where each of them came from."""

    minutes: int
    dates: tuple[date, ...]
    """Days that added to the minutes, in the agency's zone, in order; a day only sat through again is none of them."""
    sessions: tuple[int, ...]
    """Their sessions, in order of time."""


def earned(ledger: Ledger, person: int, curriculum: int, required_minutes: int) -> Earned:
    """Everything credited to a person in a curriculum. A module counts once, by its best.

    Never more than what the curriculum requires, as on every page with hours: days after that add nothing.
    """
    records: dict[int, list[Record]] = defaultdict(list)
    sessions, dates = [], []
    minutes = 0
    for slot, _stamp, credit in ledger.credits(person):
        for each, record in slot.records(credit.minutes):
            records[each].append(record)
        total = min(required_minutes, credited_total(records[curriculum]))
        if total > minutes:
            minutes = total
            sessions.append(slot.id)
            dates.append(slot.day)
    return Earned(minutes, tuple(sorted(set(dates))), tuple(sessions))


def can_be_certified(found: Earned, required_minutes: int) -> bool:
    """Whether the credited minutes reach what the curriculum requires. What is only planned counts for nothing."""
    return found.minutes > 0 and found.minutes >= required_minutes


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a certificate says, in the words it will say it in."""

    participant: str
    title: str
    dates: tuple[date, ...]
    minutes: int
    trainers: tuple[str, ...]
    sponsor: str
    approval_text: str
    """Word for word as the agency holds it, or "": then nothing is claimed."""
    language: str

    def changes(self, before: "Facts") -> list[str]:
        """Names of the fields that say something else than before."""
        return [name for name in self.__slots__ if getattr(self, name) != getattr(before, name)]


def names_in_order(sessions: Sequence[int], trainers: Mapping[int, str]) -> tuple[str, ...]:
    """Trainers of these sessions, each once, in order of their sessions; ``trainers`` are names by session."""
    return tuple(dict.fromkeys(name for session in sessions if (name := trainers.get(session, ""))))


def quarter_hours(minutes: int) -> str:
    """Clock hours in quarters, rounded down, as continuing education counts them: 720 → "12", 359 → "5¾"."""
    hours, quarters = divmod(minutes // 15, 4)
    part = ("", "¼", "½", "¾")[quarters]
    return f"{hours or ''}{part}" or "0"
