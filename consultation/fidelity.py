"""Delivery fidelity: how many of the points that must be aired were aired, in one log and over several.

Pure arithmetic: no database, no clock. The score says something about a delivery, never about a person's
skill, and is always shown with its n. Rule: (aired + ½ partly) ÷ applicable, over *must* points; threshold
80 %. *May* points are counted beside it and never touch the score.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

from django.utils.translation import gettext as _

Answer = Literal["aired", "partly", "missed", "na"]

ANSWERS: tuple[Answer, ...] = get_args(Answer)
THRESHOLD = Fraction(4, 5)
LOW_IN_A_ROW = 2
MISSED_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One point of a log: its code, whether it must be aired, and the answer (None: not answered yet)."""

    code: str
    must: bool
    answer: Answer | None

    def __post_init__(self) -> None:
        if self.answer is not None and self.answer not in ANSWERS:
            raise ValueError(f"{self.code}: {self.answer!r} is not one of {', '.join(ANSWERS)}.")


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Counts of one log. Without the prefix they are of must points; `may_…` are of may points.

    `n_points` is all must points, `applicable` those answered aired, partly or missed.
    """

    aired: int
    partly: int
    missed: int
    not_applicable: int
    unanswered: int
    may_aired: int
    may_partly: int
    may_missed: int
    may_not_applicable: int
    may_unanswered: int

    @property
    def n_points(self) -> int:
        """All must points of the checklist."""
        return self.applicable + self.not_applicable + self.unanswered

    @property
    def applicable(self) -> int:
        """Must points that were answered and applied: the n the score is shown with."""
        return self.aired + self.partly + self.missed

    @property
    def may_points(self) -> int:
        """All may points of the checklist."""
        return (
            self.may_aired + self.may_partly + self.may_missed + self.may_not_applicable + self.may_unanswered
        )

    @property
    def complete(self) -> bool:
        """Every must point is answered; may points may stay open."""
        return self.unanswered == 0

    @property
    def so_far(self) -> Fraction | None:
        """The score over the points answered up to now: for the log being filled in, for nothing else."""
        if not self.applicable:
            return None
        return (self.aired + Fraction(self.partly, 2)) / self.applicable

    @property
    def score(self) -> Fraction | None:
        """0 to 1; None when no point applies, and while a must point is unanswered.

        An unfinished log has no score, because one aired point out of twelve would read as 100 %.
        """
        return self.so_far if self.complete else None


def fidelity(entries: Iterable[Entry]) -> Fidelity:
    """Count the entries of one log, in any order."""
    counts: dict[tuple[bool, Answer | None], int] = {}
    for entry in entries:
        key = (entry.must, entry.answer)
        counts[key] = counts.get(key, 0) + 1
    return Fidelity(
        aired=counts.get((True, "aired"), 0),
        partly=counts.get((True, "partly"), 0),
        missed=counts.get((True, "missed"), 0),
        not_applicable=counts.get((True, "na"), 0),
        unanswered=counts.get((True, None), 0),
        may_aired=counts.get((False, "aired"), 0),
        may_partly=counts.get((False, "partly"), 0),
        may_missed=counts.get((False, "missed"), 0),
        may_not_applicable=counts.get((False, "na"), 0),
        may_unanswered=counts.get((False, None), 0),
    )


def below_threshold(score: Fraction | None, threshold: Fraction | Decimal | float = THRESHOLD) -> bool:
    """True when there is a score and it is under the threshold; exactly on it is not under it."""
    # Through its text: as a float 0.8 is a hair above 4/5, and a log of exactly 80 % would be under it.
    return score is not None and score < Fraction(str(threshold))


@dataclass(frozen=True, slots=True)
class Drift:
    """What has been slipping up to the latest log: logs under the threshold, points missed, each in a row."""

    low_in_a_row: int
    missed_in_a_row: tuple[tuple[str, int], ...]

    @property
    def low(self) -> bool:
        """Two or more logs in a row are under the threshold."""
        return self.low_in_a_row >= LOW_IN_A_ROW

    @property
    def points(self) -> tuple[str, ...]:
        """Codes of must points missed three or more times in a row, sorted."""
        return tuple(code for code, times in self.missed_in_a_row if times >= MISSED_IN_A_ROW)

    @property
    def drifting(self) -> bool:
        """Either of the two."""
        return self.low or bool(self.points)


def drift(logs: Sequence[Iterable[Entry]], threshold: Fraction | Decimal | float = THRESHOLD) -> Drift:
    """Drift that is still going on at the latest log; `logs` from the oldest to the newest.

    Counted backwards from the newest. A log without a score, and a point that is absent, unanswered or not
    applicable in a log, neither counts nor ends a run. A point aired or partly aired ends its run.
    """
    newest_first = [list(log) for log in reversed(logs)]
    scores = [score for log in newest_first if (score := fidelity(log).score) is not None]
    low = _leading(below_threshold(score, threshold) for score in scores)
    answers: dict[str, list[Answer]] = {}
    for log in newest_first:
        for entry in log:
            if entry.must and entry.answer is not None and entry.answer != "na":
                answers.setdefault(entry.code, []).append(entry.answer)
    runs = {code: _leading(answer == "missed" for answer in given) for code, given in answers.items()}
    return Drift(low, tuple(sorted((code, times) for code, times in runs.items() if times)))


def _leading(flags: Iterable[bool]) -> int:
    run = 0
    for flag in flags:
        if not flag:
            break
        run += 1
    return run


def points_text(result: Fidelity) -> str:
    """Points aired, partly as half, over applicable points: "5½ of 6"."""
    whole, half = divmod(2 * result.aired + result.partly, 2)
    number = f"{whole or ''}½" if half else str(whole)
    return _("%(points)s of %(applicable)d") % {"points": number, "applicable": result.applicable}


def percent(score: Fraction) -> int:
    """Whole per cent, rounded down, so that 79.6 never reads as having reached 80."""
    return score.numerator * 100 // score.denominator
