"""Dose of consultation: which calls count for a person, and whether enough can still be reached.

Pure arithmetic: no database, no clock. The rule (default, set per agency): at least 8 of 10 calls of at
least 50 minutes each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rollout.credit import CompletionState, completion


@dataclass(frozen=True, slots=True)
class DoseRule:
    """Minutes a call must have been attended to count, and how many such calls are needed."""

    min_minutes: int = 50
    needed: int = 8

    def __post_init__(self) -> None:
        if self.min_minutes < 1 or self.needed < 0:
            raise ValueError("min_minutes must be at least 1 and needed 0 or more.")


@dataclass(frozen=True, slots=True)
class CallDose:
    """Calls of one person in one series. counted + short + missed = held; held + to_come = planned."""

    state: CompletionState
    counted: int
    short: int
    missed: int
    held: int
    planned: int
    needed: int

    @property
    def to_come(self) -> int:
        """Calls of the series still ahead."""
        return self.planned - self.held

    @property
    def reachable(self) -> int:
        """What the person ends with if every call ahead counts."""
        return self.counted + self.to_come

    @property
    def missing(self) -> int:
        """Calls that still have to count."""
        return max(0, self.needed - self.counted)

    @property
    def short_by(self) -> int:
        """Lacking even if every call ahead counts: the make-up calls it takes."""
        return max(0, self.needed - self.reachable)

    @property
    def can_miss(self) -> int:
        """Calls ahead that may be missed with the needed number still reached."""
        return max(0, self.reachable - self.needed)

    @property
    def share(self) -> Fraction | None:
        """Calls counted of all planned, not only of those held; None when none is planned."""
        return Fraction(self.counted, self.planned) if self.planned else None


def call_counts(minutes: int | None, rule: DoseRule) -> bool:
    """Whether a call attended for that long counts; None is absent."""
    return minutes is not None and minutes >= rule.min_minutes


def call_dose(
    attended_minutes: Sequence[int | None], held: int, planned: int, rule: DoseRule | None = None
) -> CallDose:
    """Where one person stands in a series.

    `attended_minutes`: one value for each call held, None where absent; a make-up stands in the place of the
    call it makes up for. Fewer values than calls held: the rest were missed (someone who joined late).
    `planned` counts the whole series, held calls included. Raises ValueError when these do not fit together.
    """
    rule = rule or DoseRule()
    if not 0 <= len(attended_minutes) <= held <= planned:
        raise ValueError(
            f"{len(attended_minutes)} attendances, {held} calls held, {planned} planned: "
            "each must be at most the next."
        )
    if any(minutes is not None and minutes < 0 for minutes in attended_minutes):
        raise ValueError("Attended minutes must be 0 or more, or None for absent.")
    counted = sum(call_counts(minutes, rule) for minutes in attended_minutes)
    short = sum(bool(minutes) and not call_counts(minutes, rule) for minutes in attended_minutes)
    state = completion(rule.needed, counted, planned - held).state
    return CallDose(state, counted, short, held - counted - short, held, planned, rule.needed)
