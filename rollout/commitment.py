"""How long a leadership commitment holds, and what an uploaded page must be to count as its signed paper.

Values in, values out. A commitment holds for one year from the day it was made; in its last 30 days it wants to be
renewed. One that has run out still opens training: leadership has committed, and is asked to do so again.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath

RENEW_WITHIN = timedelta(days=30)
MAX_PAPER = 10 * 1024 * 1024
"""Bytes of a signed page."""
PROMISES = ("training_time", "protected_calls", "leaders_practise", "figures_together")
"""Fields of a commitment that say what is promised."""
_TAIL = 2048
"""Scanners write a little behind the end of a PDF; its end must stand within this many bytes."""


class Validity(StrEnum):
    """Where a commitment stands on a day."""

    NONE = "none"
    VALID = "valid"
    ENDING = "ending"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a commitment holds; ``until_on`` is its last day, None without one."""

    validity: Validity
    until_on: date | None = None

    @property
    def wants_renewal(self) -> bool:
        return self.validity in (Validity.ENDING, Validity.EXPIRED)


def last_day(made_on: date) -> date:
    """The last day on which a commitment holds: the day before its anniversary (of Feb. 29: Feb. 28)."""
    leap_day = (made_on.month, made_on.day) == (2, 29)
    anniversary = date(made_on.year + 1, 3, 1) if leap_day else made_on.replace(year=made_on.year + 1)
    return anniversary - timedelta(days=1)


def held(made_on: date | None, today: date) -> Held:
    """Where a commitment of that day stands today; None: nobody has ever committed."""
    if made_on is None:
        return Held(Validity.NONE)
    until = last_day(made_on)
    if today > until:
        return Held(Validity.EXPIRED, until)
    # From 30 days before its last day on, that day included.
    return Held(Validity.ENDING if until - today <= RENEW_WITHIN else Validity.VALID, until)


def is_pdf(content: bytes) -> bool:
    """Whether the bytes begin and end as a PDF does, whatever the file is called."""
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]


def paper_name(name: str) -> str:
    """The name of an uploaded page, fit to be kept and sent back: no folder, nothing invisible, ends in .pdf."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    shown = "".join(sign for sign in last if sign.isprintable() and sign not in '"\\').strip()
    stem = shown[:-4] if shown.lower().endswith(".pdf") else shown
    return f"{stem[:190].strip(' .') or 'commitment'}.pdf"
