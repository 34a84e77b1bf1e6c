"""The only door to survey figures: what was released when a wave closed, and counts that may be seen before.

Everything here comes from frozen rows (``Release``, ``Wave.answered_shown``): the same numbers on every page, in
every PDF and spreadsheet, and nothing that moves when people move.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from assessments import instruments
from assessments.headcounts import Count
from assessments.instruments import Instrument
from assessments.models import Wave
from assessments.release import Cell, GroupFigures, Release, from_rows
from assessments.scoring import Level
from rollout.charts import Chart, LevelRow, stacked_levels, withheld
from rollout.models import Agency


@dataclass(frozen=True)
class WaveLine:
    """One wave in a list. ``answered``: None while it may not be seen (fewer than k, or withheld for good).

    Of a closed wave it is the released n: people whose answers could be scored on every scale.
    """

    uuid: UUID
    code: str
    label: str
    instrument: str
    instrument_name: str
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    invited: int
    answered: int | None
    answered_on: str
    is_tryout: bool
    k: int

    @property
    def is_baseline(self) -> bool:
        return self.code == Wave.Label.BASELINE


@dataclass(frozen=True)
class ReleasedWave:
    """A closed wave with its figures: ``release.groups`` from the agency down, in each the scales in order."""

    line: WaveLine
    instrument: Instrument
    release: Release

    @property
    def agency(self) -> GroupFigures:
        return self.release.agency

    @property
    def teams(self) -> tuple[GroupFigures, ...]:
        return self.release.groups[1:]

    def short_name(self, code: str) -> str:
        """A scale's short name for charts and tables."""
        return self.instrument.scale(code).code

    def name(self, code: str) -> str:
        """A scale's name in the language in force."""
        return _(self.instrument.scale(code).name)

    def direction(self, code: str) -> str:
        """Which way is better, in words."""
        return _("Higher is better.") if self.instrument.scale(code).better == "up" else _("Lower is better.")


def wave_lines(agency: Agency) -> list[WaveLine]:
    """All waves of an agency, the oldest first, try-outs marked. One query."""
    return [_line(wave) for wave in _waves(agency)]


def released(agency: Agency, *, tryouts: bool = False) -> list[ReleasedWave]:
    """Closed waves with their figures, the oldest first; try-outs only when asked for. One query."""
    return [
        found
        for wave in _waves(agency)
        if (tryouts or not wave.is_tryout) and (found := released_wave(wave)) is not None
    ]


def released_wave(wave: Wave) -> ReleasedWave | None:
    """The figures of one wave; None while it is open."""
    if wave.closed_at is None:
        return None
    release = from_rows(wave.release.figures)
    within = replace(release, groups=tuple(_within_invited(group) for group in release.groups))
    return ReleasedWave(_line(wave), instruments.INSTRUMENTS[wave.instrument], within)


def line(wave: Wave) -> WaveLine:
    """One wave as a line of the list."""
    return _line(wave)


# --- the figures in words and pictures ----------------------------------------------------------------------------


def people_text(count: Count | None) -> str:
    """n as released: "57", "10–19", "5 or more", or that it is withheld.

    Of a group of a ``ReleasedWave`` a band ends at the invited: "10–16" of 16.
    """
    if count is None:
        return withheld()
    if count.high is None:
        return _("%(n)d or more") % {"n": count.low}
    return str(count.low) if count.exact else f"{count.low}–{count.high}"


def rate_text(rate: tuple[int, int] | None) -> str:
    """Response rate as released: "84 %", "62–95 %", or that it is withheld."""
    if rate is None:
        return withheld()
    low, high = rate
    return f"{low}\N{NO-BREAK SPACE}%" if low == high else f"{low}–{high}\N{NO-BREAK SPACE}%"


def mean_text(cell: Cell, *, places: int) -> str:
    """A mean with as many decimals as were released: one for the agency, none for a group."""
    return withheld() if cell.mean is None else number_format(cell.mean, decimal_pos=places)


def interval_text(cell: Cell) -> str:
    """The 95 % interval of an agency's mean, or a dash."""
    if cell.interval is None:
        return "–"
    return "–".join(number_format(end, decimal_pos=1) for end in cell.interval)


def level_chart(wave: ReleasedWave, code: str, *, uid: str) -> Chart:
    """Low, average and high on one scale, the agency and then its teams; what is withheld of several is one line."""
    place = wave.release.scales.index(code)
    rows = [
        LevelRow(
            group.name, people_text(group.n), _shares(group.cells[place]), tenths=group is not wave.agency
        )
        for group in wave.release.groups
    ]
    kept = [row for row in rows[1:] if row.shares is None]
    if len(kept) > 1:
        label = _("%(n)d teams") % {"n": len(kept)}
        rows = [*(row for row in rows if row not in kept), LevelRow(label, "–", None)]
    return stacked_levels(name=wave.name(code), rows=rows, uid=f"{uid}-{code}")


def table(wave: ReleasedWave) -> Iterator[list[str]]:
    """Header and one row for each group and scale, as text: for CSV and spreadsheets."""
    levels = [_("low (percent)"), _("average (percent)"), _("high (percent)")]
    yield [
        _("group"), _("invited"), _("people"), _("response rate (percent)"), _("scale"), _("mean"),
        _("interval from"), _("interval to"), *levels,
    ]  # fmt: skip
    for group in wave.release.groups:
        for cell in group.cells:
            yield [group.name, *_group_cells(group), cell.scale, *_figure_cells(cell)]


def _within_invited(group: GroupFigures) -> GroupFigures:
    """The group with a band that ends at the invited at the latest.

    Nothing new is told: the invited of a shown group are published beside the band, and the rate and the
    check of the sums (``headcounts.count_ranges``) end there already. "5 or more" is kept unless all are meant.
    """
    if group.n is None or group.invited is None:
        return group
    low, high = group.n.low, group.n.high
    if high is not None:
        return replace(group, n=Count(low, min(high, group.invited)))
    return replace(group, n=Count(low, low)) if low == group.invited else group


def _group_cells(group: GroupFigures) -> list[str]:
    if group.n is None or group.rate is None:
        return [withheld()] * 3
    low, high = group.rate
    return [str(group.invited), people_text(group.n), str(low) if low == high else f"{low}–{high}"]


def _figure_cells(cell: Cell) -> list[str]:
    if cell.mean is None:
        return [withheld()] * 6
    ends = [str(end) for end in cell.interval] if cell.interval else ["", ""]
    shares = _shares(cell)
    return [f"{cell.mean:g}", *ends, *([str(share) for share in shares] if shares else [withheld()] * 3)]


def _shares(cell: Cell) -> tuple[int, int, int] | None:
    """Percent low, average and high; None if withheld."""
    if cell.levels is None:
        return None
    percents = {one.level: one.percent for one in cell.levels}
    return percents[Level.LOW], percents[Level.AVERAGE], percents[Level.HIGH]


def _waves(agency: Agency) -> list[Wave]:
    return list(Wave.objects.filter(agency=agency).select_related("release"))


def _line(wave: Wave) -> WaveLine:
    if wave.closed_at is None:
        answered, on = wave.answered_shown.get("agency"), wave.answered_shown.get("on", "")
    else:
        count = from_rows(wave.release.figures).agency.n
        answered, on = count.low if count else None, ""
    return WaveLine(
        uuid=wave.uuid,
        code=wave.label,
        label=wave.get_label_display(),
        instrument=wave.instrument,
        instrument_name=wave.definition.short_name,
        opened_at=wave.opened_at,
        closes_at=wave.closes_at,
        closed_at=wave.closed_at,
        invited=wave.invited,
        answered=answered,
        answered_on=on,
        is_tryout=wave.is_tryout,
        k=wave.k,
    )
