"""Charts of one agency beyond the timeline: coverage, dose against the plan, fidelity by month, means by wave."""

import math
from datetime import date

from django.utils.dates import MONTHS_3
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultation.airing import series_charts
from consultation.fidelity import THRESHOLD, percent
from consultation.monthly import fidelity_by_month
from rollout import charts

from .picture import Picture, answered_text

MOST_MONTHS = 24
LEAST_WAVES = 2
"""A line needs two ends."""


def coverage(seen: Picture) -> charts.Chart:
    """Current staff with all Foundations hours, month by month."""
    return charts.coverage_chart(seen.coverage[-MOST_MONTHS:], uid="coverage")


def dose(seen: Picture) -> charts.Chart:
    """Hours and calls of each month against what was planned."""
    now = seen.standing
    hours = {each.month: (each.credited, each.planned) for each in seen.hours}
    calls: dict[date, tuple[int, int]] = {}
    for call in now.calls.calls:
        month = now.day(call.starts_at).replace(day=1)
        held, planned = calls.get(month, (0, 0))
        calls[month] = held + call.held, planned + 1
    bars = [
        charts.DoseBar(month, *hours.get(month, (0, 0)), *calls.get(month, (0, 0)))
        for month in sorted({*hours, *calls})
    ]
    last = now.today.replace(day=1)
    first = date(last.year - 1, last.month, 1)
    ahead = date(last.year + 1, last.month, 1)
    return charts.dose_bars([bar for bar in bars if first <= bar.month < ahead], now.today, uid="dose-bars")


def fidelity(seen: Picture) -> charts.Chart | None:
    """Delivery fidelity by month with the lowest and highest log of three months; None before the first log."""
    months = fidelity_by_month((seen.standing.day(one.at), one.fidelity) for one in seen.standing.fidelity)
    if not months:
        return None
    points = [
        charts.LinePoint(
            on=each.month,
            label=date_format(each.month, "YEAR_MONTH_FORMAT"),
            short=str(MONTHS_3[each.month.month]).capitalize(),
            # Through whole per cents, so that the chart says what every page says.
            value=None if each.score is None else percent(each.score) / 100,
            low=None if each.low is None else percent(each.low) / 100,
            high=None if each.high is None else percent(each.high) / 100,
            n=ngettext("%(n)d point", "%(n)d points", each.points) % {"n": each.points},
            why="" if each.logs else _("no log"),
        )
        for each in months[-MOST_MONTHS:]
    ]
    lowest = min(point.low for point in points if point.low is not None)
    return charts.interval_line(
        name=_("Delivery fidelity by month"),
        points=points,
        scale=charts.Scale(min(0.5, int(lowest * 10) / 10), 1, is_share=True, threshold=float(THRESHOLD)),
        band=True,
        interval=_("lowest to highest log of three months"),
        uid="fidelity-months",
    )


def airing(seen: Picture) -> tuple[tuple[str, charts.Chart], ...]:
    """Name and heat map of each series of calls with a log. One query."""
    return tuple(series_charts(seen.standing.logged))


def means(seen: Picture) -> tuple[charts.Chart, ...]:
    """The agency's released mean of each scale over the waves; empty before two of one instrument are closed."""
    waves = [wave for wave in seen.standing.waves if wave.instrument == seen.standing.waves[0].instrument]
    found = {one.line.uuid: one for one in seen.released}
    if sum(wave.closed_at is not None for wave in waves) < LEAST_WAVES:
        return ()
    first = next(found[wave.uuid] for wave in waves if wave.uuid in found)
    made = []
    for code in first.release.scales:
        points = []
        for wave in waves:
            one = found.get(wave.uuid)
            cell = next((each for each in one.agency.cells if each.scale == code), None) if one else None
            low, high = (cell.interval if cell else None) or (None, None)
            points.append(
                charts.LinePoint(
                    on=seen.standing.day(wave.closed_at or wave.closes_at),
                    label=str(wave.label),
                    value=cell.mean if cell else None,
                    low=low,
                    high=high,
                    n=_("withheld") if wave.answered is None else answered_text(wave),
                    why=charts.withheld() if wave.closed_at else _("still open"),
                )
            )
        name = _("%(scale)s, mean") % {"scale": first.name(code)}
        made.append(
            charts.interval_line(
                name=name,
                points=points,
                scale=_near(points),
                interval=_("95 %% interval") % {},
                uid=f"means-{code}",
            )
        )
    return tuple(made)


def _near(points: list[charts.LinePoint]) -> charts.Scale:
    """The part of the scale around the figures, in whole tens of points: an interval would not be seen on all of it."""
    ends = [end for point in points for end in (point.value, point.low, point.high) if end is not None]
    if not ends:
        return charts.Scale()
    low = 5 * math.floor((min(ends) - 1) / 5)
    return charts.Scale(low, low + 10 * math.ceil((max(ends) + 1 - low) / 10))
