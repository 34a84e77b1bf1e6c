"""Charts with a column for each month: coverage of current staff, and hours and calls against the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .chart_parts import Axis, Chart, drawn, inside, label, line, next_month, notes, percent_text, rect
from .coverage import MonthCoverage


@dataclass(frozen=True)
class DoseBar:
    """One month: minutes of training credited and planned, calls held and planned."""

    month: date
    """Its first day."""
    credited: int = 0
    planned: int = 0
    held: int = 0
    calls: int = 0


def _column(axis: Axis, month: date) -> tuple[float, float]:
    """Left end and width of a month's bar in per cent."""
    left, right = axis.x(month), axis.x(next_month(month))
    return left + (right - left) * 0.14, (right - left) * 0.72


def _between(first: date, last: date) -> Axis:
    """All months from one to the other."""
    months = [first]
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return Axis(tuple(months))


# --- Coverage ------------------------------------------------------------------------

COVER_TOP, COVER_FLOOR, COVER_HEIGHT = 52.0, 158.0, 198


def coverage_chart(months: Sequence[MonthCoverage], *, uid: str, width: int | None = None) -> Chart:
    """A bar for each month: everybody employed at its end, filled as far as they are covered.

    The height is people, so that a share that falls is seen to fall because somebody left or somebody came.
    """
    columns = (_("Counted on"), _("Current staff"), _("With Foundations"), _("Share"), _("Came"), _("Left"))
    parts = _coverage_bars(months) if months else [label(50, COVER_FLOOR - 40, _("No month yet"))]
    return drawn(
        uid=uid,
        title=_coverage_title(months),
        description=_(
            "A bar for each month: its height is the current staff at the month's end, its filled part those of "
            "them with all Foundations hours."
        ),
        height=COVER_HEIGHT,
        parts=parts,
        width=width,
        columns=columns,
        rows=[_coverage_row(month) for month in months],
    )


def _coverage_bars(months: Sequence[MonthCoverage]) -> list[str]:
    axis = _between(months[0].month, months[-1].month)
    most = max((month.people for month in months), default=0) or 1
    parts = [line(0, 100, COVER_FLOOR, COVER_FLOOR, stroke="line-strong")]
    desk = -(-len(months) // 18)
    for place, month in enumerate(months):
        left, wide = _column(axis, month.month)
        tall = (COVER_FLOOR - COVER_TOP) * month.people / most
        filled = (COVER_FLOOR - COVER_TOP) * month.covered / most
        if month.people:
            parts.append(
                rect(left, wide, COVER_FLOOR - tall, tall, fill="surface", stroke="line-strong", rx=2)
            )
        if month.covered:
            parts.append(rect(left, wide, COVER_FLOOR - filled, filled, fill="dose", rx=2))
        last = month is months[-1]
        if month.people and (last or (len(months) - 1 - place) % desk == 0):
            css = "halo" if last else "halo wide-only"
            middle, text = left + wide / 2, percent_text(month.share)
            anchor, x = ("end", 100.0) if middle > 94 else ("middle", middle)
            y = COVER_FLOOR - tall - 5
            parts.append(label(x, y, text, color="dose", bold=True, css=css, text_anchor=anchor))
    parts += notes([_("Outline: current staff; filled: with Foundations")], 2)
    return [*parts, *axis.names(COVER_FLOOR + 17), *_turnover(axis, months)]


def _turnover(axis: Axis, months: Sequence[MonthCoverage]) -> list[str]:
    """Who came and who left under each month, on a desk; on a phone their sum."""
    parts = []
    if len(months) <= 18:
        for month in months:
            left, wide = _column(axis, month.month)
            said = [f"+{month.came}"] if month.came else []
            said += [f"\N{MINUS SIGN}{month.went}"] if month.went else []
            if said:
                parts.append(label(left + wide / 2, COVER_FLOOR + 34, " ".join(said), css="wide-only"))
    return parts


def _coverage_title(months: Sequence[MonthCoverage]) -> str:
    if not months or not months[-1].people:
        return _("Coverage of current staff: no month to count yet")
    now = months[-1]
    figures = {
        "share": percent_text(now.share),
        "covered": now.covered,
        "people": now.people,
        "on": date_format(now.on),
    }
    title = _(
        "Coverage: %(share)s of current staff have all Foundations hours, %(covered)d of %(people)d on %(on)s"
    )
    title %= figures
    gone = sum(month.went_covered for month in months)
    if gone:
        since = {"n": gone, "month": date_format(months[0].month, "YEAR_MONTH_FORMAT")}
        title += "; " + (
            ngettext(
                "%(n)d person who had them has left since %(month)s",
                "%(n)d people who had them have left since %(month)s",
                gone,
            )
            % since
        )
    return title


def _coverage_row(month: MonthCoverage) -> tuple[str, ...]:
    return (
        date_format(month.on),
        str(month.people),
        str(month.covered),
        percent_text(month.share),
        str(month.came),
        str(month.went),
    )


# --- Dose: hours and calls against the plan ------------------------------------------

HOURS_TOP, HOURS_FLOOR, CALLS_Y, BARS_HEIGHT = 68.0, 152.0, 212, 220


def dose_bars(months: Sequence[DoseBar], today: date, *, uid: str, width: int | None = None) -> Chart:
    """A bar for each month: the planned hours as an open box, the credited ones filled; calls as numbers below.

    Hours are added up over everybody. More credited than planned is possible: people who join from elsewhere.
    """
    shown = sorted(months, key=lambda month: month.month)
    parts = (
        _dose_columns(shown, today) if shown else [label(50, HOURS_FLOOR - 40, _("No training planned yet"))]
    )
    return drawn(
        uid=uid,
        title=_bars_title(shown, today),
        description=_(
            "A bar for each month: the outline is the hours planned for everybody expected, the filled part the "
            "hours credited. Below, calls held of those planned."
        ),
        height=BARS_HEIGHT,
        parts=parts,
        width=width,
        columns=(_("Month"), _("Hours credited"), _("Hours planned"), _("Calls held"), _("Calls planned")),
        rows=[
            (
                date_format(month.month, "YEAR_MONTH_FORMAT"),
                _hours(month.credited),
                _hours(month.planned),
                str(month.held),
                str(month.calls),
            )
            for month in shown
        ],
    )


def _dose_columns(months: Sequence[DoseBar], today: date) -> list[str]:
    axis = _between(months[0].month, months[-1].month)
    most = max(max(month.credited, month.planned) for month in months) or 1
    scale = (HOURS_FLOOR - HOURS_TOP) / most
    parts = [
        *notes([_("Outline: hours planned; filled: hours credited")], 2),
        *axis.today(today, HOURS_TOP - 18, HOURS_FLOOR),
        line(0, 100, HOURS_FLOOR, HOURS_FLOOR, stroke="line-strong"),
    ]
    if axis.start <= today <= axis.end:
        parts.append(label(axis.x(today), HOURS_TOP - 22, _("today"), text_anchor=inside(axis.x(today))))
    largest = max(months, key=lambda month: (max(month.credited, month.planned), month.month))
    for month in months:
        parts += _hours_bar(axis, month, scale)
        css = "halo" if month is largest else "halo wide-only"
        if (month.credited or month.planned) and (month is largest or len(axis.months) <= 13):
            parts.append(_hours_label(axis, month, scale, css))
    return [*parts, *axis.names(HOURS_FLOOR + 17), *_calls_row(axis, months)]


def _hours_bar(axis: Axis, month: DoseBar, scale: float) -> list[str]:
    """``scale``: pixels for a minute. What is credited is narrower, so that more than planned is seen as well."""
    left, wide = _column(axis, month.month)
    parts = []
    if month.planned:
        tall = month.planned * scale
        box = {"fill": "surface", "stroke": "dose", "stroke_width": 1.5, "rx": 2}
        parts.append(rect(left, wide, HOURS_FLOOR - tall, tall, **box))
    if month.credited:
        tall = month.credited * scale
        parts.append(rect(left + wide * 0.16, wide * 0.68, HOURS_FLOOR - tall, tall, fill="dose"))
    return parts


def _hours_label(axis: Axis, month: DoseBar, scale: float, css: str) -> str:
    """Hours credited, bold; before there are any, the planned ones."""
    left, wide = _column(axis, month.month)
    top = HOURS_FLOOR - max(month.credited, month.planned) * scale - 5
    text = _hours(month.credited or month.planned)
    color = "dose" if month.credited else "muted"
    return label(left + wide / 2, top, text, color=color, bold=bool(month.credited), css=css)


def _calls_row(axis: Axis, months: Sequence[DoseBar]) -> list[str]:
    """Calls held of planned under each month that has any: "1/1" needs no word in any language."""
    if not any(month.calls for month in months):
        return []
    parts = [label(0, CALLS_Y - 19, _("Calls held of planned"), text_anchor="start")]
    step = -(-len(axis.months) // 13)
    for month in months:
        if month.calls and axis.months.index(month.month) % step == 0:
            left, wide = _column(axis, month.month)
            whole = month.held == month.calls
            text = f"{month.held}/{month.calls}"
            parts.append(
                label(left + wide / 2, CALLS_Y, text, color="dose" if whole else "muted", bold=whole)
            )
    return parts


def _hours(minutes: int) -> str:
    """Clock hours to at most one decimal, by locale: 765 → "12.8", 64800 → "1,080"."""
    return str(number_format(f"{minutes / 60:.1f}".removesuffix(".0"), force_grouping=True))


def _bars_title(months: Sequence[DoseBar], today: date) -> str:
    if not months:
        return _("Dose: nothing is planned yet")
    past = [month for month in months if month.month <= today]
    return _(
        "Dose through %(month)s: %(credited)s of %(planned)s planned hours credited, everybody together; "
        "%(held)d of %(calls)d calls held"
    ) % {
        "month": date_format(today, "YEAR_MONTH_FORMAT"),
        "credited": _hours(sum(month.credited for month in past)),
        "planned": _hours(sum(month.planned for month in past)),
        "held": sum(month.held for month in past),
        "calls": sum(month.calls for month in past),
    }
