"""Scores, their precision, and group statistics. Pure: values in, frozen values out; no database, no clock.

No error text and no repr of a person's scores here holds an answer or a score: both may end in a log, where
neither must ever stand.
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from assessments.instruments import Instrument, NormSet, Scale

Z_95 = 1.96


class ScoringError(ValueError):
    """Answers that cannot be scored. `item` is the number of the item at fault, None when all are."""

    def __init__(self, reason: str, item: int | None = None) -> None:
        super().__init__(reason if item is None else f"item {item}: {reason}")
        self.item = item


class Level(StrEnum):
    """A raw sum's level by the instrument's cuts."""

    LOW = "low"
    AVERAGE = "average"
    HIGH = "high"


@dataclass(frozen=True, repr=False)
class ScaleScore:
    """One scale of one person. `value` and `level` are None ("not scored") when `missing` names any item."""

    code: str
    value: int | None
    level: Level | None
    missing: tuple[int, ...]


@dataclass(frozen=True, repr=False)
class Scores:
    """All scales of one person, in the order of the definition."""

    instrument: str
    scales: tuple[ScaleScore, ...]

    def __getitem__(self, code: str) -> ScaleScore:
        return {scale.code: scale for scale in self.scales}[code]

    def values(self) -> dict[str, int | None]:
        """Raw sum by scale code; None where not scored."""
        return {scale.code: scale.value for scale in self.scales}


def score(instrument: Instrument, answers: Sequence[int | None]) -> Scores:
    """Score one person's answers to items 1…n, None for a missing one.

    A scale with any missing answer is not scored: never 0, never prorated. ScoringError names the first
    item whose answer is no response option, or says that the number of answers is wrong.
    """
    if len(answers) != len(instrument.items):
        raise ScoringError(
            f"{len(answers)} answers given; {instrument.code} has {len(instrument.items)} items"
        )
    low, high = instrument.minimum, instrument.maximum
    for number, answer in enumerate(answers, start=1):
        if answer is not None and (type(answer) is not int or not low <= answer <= high):
            raise ScoringError(f"the answer is not a whole number from {low} to {high}", item=number)
    scales = tuple(_score_scale(instrument, scale, answers) for scale in instrument.scales)
    return Scores(instrument.code, scales)


def _score_scale(instrument: Instrument, scale: Scale, answers: Sequence[int | None]) -> ScaleScore:
    missing = []
    total = 0
    for number in scale.items:
        answer = answers[number - 1]
        if answer is None:
            missing.append(number)
        elif number in scale.reversed:
            total += instrument.minimum + instrument.maximum - answer
        else:
            total += answer
    if missing:
        return ScaleScore(scale.code, None, None, tuple(missing))
    return ScaleScore(scale.code, total, level(instrument, total), ())


def level(instrument: Instrument, value: int) -> Level:
    """The level of a raw sum by the instrument's cuts, the same for every scale."""
    if value <= instrument.levels.low_up_to:
        return Level.LOW
    if value >= instrument.levels.high_from:
        return Level.HIGH
    return Level.AVERAGE


# --- one person: precision and position -----------------------------------------------------------------


@dataclass(frozen=True)
class Interval:
    """A range in raw points (or their mean), both ends included."""

    low: float
    high: float


@dataclass(frozen=True)
class NormPosition:
    """Where a raw sum lies in a norm set: `z` in standard deviations from its mean, `t` = 50 + 10 z.

    A T-score is never shown without the norm set it comes from, so the two travel together.
    """

    z: float
    t: float
    norm: NormSet


def standard_error(scale: Scale, norm: NormSet) -> float:
    """Standard error of measurement in raw points: SD · √(1 − alpha), with the SD of the norm set."""
    return norm.of(scale.code).sd * math.sqrt(1 - scale.alpha)


def score_interval(scale: Scale, norm: NormSet, value: int) -> Interval:
    """95 % interval of one person's raw sum: value ± 1.96 standard errors, within the scale's range."""
    margin = Z_95 * standard_error(scale, norm)
    return Interval(max(scale.minimum, value - margin), min(scale.maximum, value + margin))


def reliable_change(scale: Scale, norm: NormSet) -> int:
    """Whole points from which one person's change exceeds measurement error (95 %): 1.96 · √2 · SEM, up."""
    return math.ceil(Z_95 * math.sqrt(2) * standard_error(scale, norm))


def norm_position(scale: Scale, norm: NormSet, value: int) -> NormPosition:
    """Position of a raw sum in a norm set."""
    reference = norm.of(scale.code)
    z = (value - reference.mean) / reference.sd
    return NormPosition(z, 50 + 10 * z, norm)


# --- groups ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupStatistics:
    """One scale over a group, before any release rule.

    `n` counts the scored people, `unscored` those with a missing answer. `mean` is None for n = 0; `sd`
    (sample) and `interval` (95 %, of the mean) are None below n = 2. `levels` counts people, all levels
    present. Nothing here is fit to be shown: what may be published is decided by the release rules.
    """

    n: int
    unscored: int
    mean: float | None
    sd: float | None
    interval: Interval | None
    levels: Mapping[Level, int]


def group_statistics(instrument: Instrument, values: Iterable[int | None]) -> GroupStatistics:
    """Statistics of one scale's raw sums, None for a person not scored."""
    everyone = list(values)
    scored = [value for value in everyone if value is not None]
    several = len(scored) > 1
    return GroupStatistics(
        n=len(scored),
        unscored=len(everyone) - len(scored),
        mean=mean(scored) if scored else None,
        sd=sd(scored) if several else None,
        interval=t_interval(scored) if several else None,
        levels=level_distribution(instrument, scored),
    )


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean; ValueError for no values."""
    return float(statistics.fmean(values))


def sd(values: Sequence[float]) -> float:
    """Sample standard deviation, divisor n − 1; ValueError below two values."""
    return float(statistics.stdev(values))


def t_interval(values: Sequence[float]) -> Interval:
    """95 % interval of the mean: mean ± t(.975, n − 1) · s / √n; ValueError below two values."""
    margin = sd(values) * t_quantile(0.975, len(values) - 1) / math.sqrt(len(values))
    center = mean(values)
    return Interval(center - margin, center + margin)


def level_distribution(instrument: Instrument, values: Iterable[int]) -> dict[Level, int]:
    """People at each level; every level is a key, also with 0."""
    counts = dict.fromkeys(Level, 0)
    for value in values:
        counts[level(instrument, value)] += 1
    return counts


@lru_cache(maxsize=1024)
def t_quantile(probability: float, df: int) -> float:
    """Quantile of Student's t for 0.5 ≤ probability < 1 and a whole number of degrees of freedom.

    The central probability has a closed form in θ = atan(t / √df) (Abramowitz and Stegun 26.7.3 and
    26.7.4), which rises with θ; θ is found by halving. ValueError outside the range.
    """
    if not 0.5 <= probability < 1 or df < 1:
        raise ValueError("t_quantile needs 0.5 <= probability < 1 and df >= 1")
    central = 2 * probability - 1
    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        if _t_central(middle, df) < central:
            low = middle
        else:
            high = middle
    return math.tan(low) * math.sqrt(df)


def _t_central(theta: float, df: int) -> float:
    """P(|T| < √df · tan θ) for Student's t with df degrees of freedom."""
    cosine = math.cos(theta)
    odd = df % 2
    term = cosine if odd else 1.0
    total = 0.0
    for power in range(odd, df - 1, 2):
        total += term
        term *= cosine * cosine * (power + 1) / (power + 2)
    total *= math.sin(theta)
    return (theta + total) * 2 / math.pi if odd else total
