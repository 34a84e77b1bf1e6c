"""Workforce figures in words and pictures: the same for page, file and report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.dates import MONTHS_3
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from . import charts
from .workforce import FIELD_NAMES, FIELDS, Figure, Line, Share

CHARTED = 18
"""Months of a picture: as many as have room for their names."""


@dataclass(frozen=True)
class PerCent(charts.Scale):
    """Figures in per cent with one place, since a month's turnover is small."""

    def text(self, value: float) -> str:
        return percent_text(value)


def percent_text(percent: float) -> str:
    """ "1.7 %" """
    return f"{number_format(f'{percent:.1f}')}\N{NO-BREAK SPACE}%"


def figure_text(value: Figure) -> str:
    """A figure as it is read; a dash where it is not known."""
    if value is None:
        return "–"
    text = f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return str(number_format(text, force_grouping=True))


def share_text(share: Share | None) -> str:
    """The share in per cent; a dash where it cannot be worked out."""
    return "–" if share is None else percent_text(share.percent)


def plain(number: Any) -> str:
    """A part or whole: at most one decimal."""
    return str(number_format(f"{float(number):.1f}".removesuffix(".0"), force_grouping=True))


def turnover_basis(line: Line) -> str:
    """ "3 of 118 people employed" """
    if line.turnover is None:
        return ""
    names = {"part": plain(line.turnover.part), "whole": plain(line.turnover.whole)}
    return _("%(part)s of %(whole)s people employed") % names


def absence_basis(line: Line) -> str:
    """ "92 of 2,480 days scheduled" """
    if line.absenteeism is None:
        return ""
    names = {"part": plain(line.absenteeism.part), "whole": plain(line.absenteeism.whole)}
    return _("%(part)s of %(whole)s days scheduled") % names


def year_basis(line: Line) -> str:
    """ "24 left in 12 months, of 117.5 people employed on average" """
    if line.year is None:
        return ""
    names = {"part": plain(line.year.part), "whole": plain(line.year.whole)}
    return _("%(part)s left in 12 months, of %(whole)s people employed on average") % names


def month_name(month: date) -> str:
    return str(date_format(month, "YEAR_MONTH_FORMAT"))


def turnover_chart(lines: Sequence[Line], *, uid: str) -> charts.Chart:
    """Turnover month by month; months that are not known are gaps."""
    points = [(line.month.month, line.turnover, turnover_basis(line)) for line in lines]
    return _chart(_("Turnover by month"), points, uid)


def absence_chart(lines: Sequence[Line], *, uid: str) -> charts.Chart:
    """Absenteeism month by month; months that are not known are gaps."""
    points = [(line.month.month, line.absenteeism, absence_basis(line)) for line in lines]
    return _chart(_("Absenteeism by month"), points, uid)


def _chart(name: str, figures: Sequence[tuple[date, Share | None, str]], uid: str) -> charts.Chart:
    shown = figures[-CHARTED:]
    points = [
        charts.LinePoint(
            on=month,
            label=month_name(month),
            value=None if share is None else share.percent,
            n=basis,
            why="" if share else _("not known"),
            short=str(month.year) if month.month == 1 else str(MONTHS_3[month.month]).capitalize(),
        )
        for month, share, basis in shown
    ]
    most = max((point.value for point in points if point.value is not None), default=0.0)
    chart = charts.interval_line(name=name, points=points, scale=PerCent(0, _ceiling(most)), uid=uid)
    # Without an interval its column would be empty.
    return replace(
        chart,
        columns=tuple(text for place, text in enumerate(chart.columns) if place != 2),
        rows=tuple(tuple(text for place, text in enumerate(row) if place != 2) for row in chart.rows),
        description=_(
            "A dot for each month that is known, joined to the next one; other months are empty columns."
        ),
    )


def _ceiling(most: float) -> float:
    """A round figure above the highest."""
    return next((end for end in (1, 2, 4, 6, 10, 20, 40, 60, 100) if end >= most), most)


def export_headers() -> tuple[str, ...]:
    """As the import reads them back, and what is worked out behind them."""
    return (
        _("Month"),
        *(str(FIELD_NAMES[name]) for name in FIELDS),
        _("Turnover, % of people employed"),
        _("Turnover of 12 months, %"),
        _("Absenteeism, % of days scheduled"),
    )


def export_rows(lines: Sequence[Line]) -> list[tuple[Any, ...]]:
    """One for each month that is known or lies between such months; nothing where nothing is known."""
    return [
        (
            line.month.month,
            *line.month.figures,
            *(_rounded(share) for share in (line.turnover, line.year, line.absenteeism)),
        )
        for line in lines
    ]


def _rounded(share: Share | None) -> float | None:
    return None if share is None else round(share.percent, 2)
