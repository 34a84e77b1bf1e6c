"""Arithmetic and words of the bench's result: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """Smallest, middle and largest of several rounds."""

    low: float
    middle: float
    high: float

    def text(self, digits: int) -> str:
        return " / ".join(f"{value:.{digits}f}" for value in (self.low, self.middle, self.high))


def spread(values: Sequence[float]) -> Spread:
    """ValueError for no rounds."""
    return Spread(min(values), median(values), max(values))


@dataclass(frozen=True)
class Target:
    """What the ratio must reach: at most that many times the floor's time, or at least that share of its rate."""

    limit: float
    of_time: bool

    def met(self, ratio: float) -> bool:
        return ratio <= self.limit if self.of_time else ratio >= self.limit

    def text(self) -> str:
        return f"{'≤' if self.of_time else '≥'} {self.limit:g}"


@dataclass(frozen=True)
class Line:
    """One path of a run: rates by round, its floor in the same rounds (None: it is one), and its queries."""

    name: str
    rates: Sequence[float]
    queries: int | None = None
    floor: "Line | None" = None
    cpu: Sequence[float] = ()
    """Milliseconds of the server's processor for one, by round; empty where it cannot be measured."""
    of_time: bool = True
    """Ratio as times the floor's time; else as share of its rate."""
    target: Target | None = None

    @property
    def ratios(self) -> list[float]:
        """Round by round, so that what slows the machine for a while slows both."""
        pairs = zip(self.rates, self.floor.rates if self.floor else (), strict=False)
        return [base / own if self.of_time else own / base for own, base in pairs]

    @property
    def ok(self) -> bool | None:
        """Whether the median of the ratios meets the target; None without one."""
        return self.target.met(median(self.ratios)) if self.target and self.floor else None


HEAD = ("path", "per second", "ratio", "of the floor's", "target", "CPU ms", "queries")


def text_of(lines: Sequence[Line]) -> str:
    """The lines as a table for terminal and Markdown; rates and ratios as min / median / max."""
    rows = [HEAD, tuple("---" for _column in HEAD), *(_row(line) for line in lines)]
    wide = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)) + " |"
        for row in rows
    )


def _row(line: Line) -> tuple[str, ...]:
    ratio = unit = target = ""
    if line.floor:
        ratio = spread(line.ratios).text(2)
        unit = "time" if line.of_time else "rate"
    if line.target:
        target = f"{line.target.text()} {'met' if line.ok else 'MISSED'}"
    rates, cpu = spread(line.rates), ""
    if line.cpu:
        cpu = f"{median(line.cpu):.1f}"
        if line.floor and line.floor.cpu:
            cpu += f" (× {median(line.cpu) / median(line.floor.cpu):.1f})"
    digits = 0 if rates.middle >= 100 else 1
    return (
        line.name,
        rates.text(digits),
        ratio,
        unit,
        target,
        cpu,
        "" if line.queries is None else str(line.queries),
    )


def differences(small: dict[str, int], large: dict[str, int]) -> list[str]:
    """Pages whose number of queries depends on the number of people, in words; a page in one of them only as well."""
    return [
        f"{name}: {small.get(name, 'not there')} and {large.get(name, 'not there')}"
        for name in sorted(small.keys() | large.keys())
        if small.get(name) != large.get(name)
    ]
