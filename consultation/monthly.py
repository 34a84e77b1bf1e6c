"""Delivery fidelity month by month, with a moving band. Pure arithmetic: no database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .fidelity import Fidelity

BAND_MONTHS = 3
"""The band spans the logs of a month and of the two before it."""


@dataclass(frozen=True, slots=True)
class MonthFidelity:
    """One month. ``score`` (0 to 1) is over all its logs' points together, None where there is none.

    ``low`` and ``high`` are the lowest and highest single log of three months, this one the last.
    """

    month: date
    """Its first day."""
    score: Fraction | None
    points: int
    logs: int
    low: Fraction | None
    high: Fraction | None


def fidelity_by_month(logs: Iterable[tuple[date, Fidelity]]) -> list[MonthFidelity]:
    """Every month from the first log to the last; a log without a score (no point applied) counts nowhere."""
    scored = [(day, found) for day, found in logs if found.score is not None]
    if not scored:
        return []
    days = [day for day, _found in scored]
    first, last = _number(min(days)), _number(max(days))
    by_month: dict[int, list[Fidelity]] = {number: [] for number in range(first, last + 1)}
    for day, found in scored:
        by_month[_number(day)].append(found)
    return [
        _month(
            number,
            here,
            [f for n in range(number - BAND_MONTHS + 1, number + 1) for f in by_month.get(n, ())],
        )
        for number, here in by_month.items()
    ]


def _number(day: date) -> int:
    """Months counted on, so that neighbors differ by one."""
    return day.year * 12 + day.month - 1


def _month(number: int, here: list[Fidelity], near: list[Fidelity]) -> MonthFidelity:
    points = sum(found.applicable for found in here)
    aired = sum((found.aired + Fraction(found.partly, 2) for found in here), Fraction())
    scores = [found.score for found in near if found.score is not None]
    return MonthFidelity(
        month=date(number // 12, number % 12 + 1, 1),
        score=aired / points if points else None,
        points=points,
        logs=len(here),
        low=min(scores) if here else None,
        high=max(scores) if here else None,
    )
