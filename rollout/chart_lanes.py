"""Two lanes of the agency timeline: dose and delivery fidelity.

Each lane answers one question, is labelled in place and needs no legend.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .chart_parts import (
    Axis,
    Chart,
    drawn,
    element,
    inside,
    label,
    line,
    next_month,
    pct,
    percent_text,
    rect,
)


@dataclass(frozen=True)
class DoseMonth:
    """How many of the people who are staff at the month's end (or today) have all their hours."""

    month: date
    complete: int
    people: int

    @property
    def share(self) -> float | None:
        return self.complete / self.people if self.people else None


@dataclass(frozen=True)
class CallMark:
    """One consultation call; one of the past that is not held is drawn open and dashed."""

    number: int
    on: date
    held: bool


@dataclass(frozen=True)
class FidelityMark:
    """One log: ``score`` from 0 to 1 over ``points`` applicable points; None when no point applied."""

    on: date
    label: str
    score: float | None
    points: int


# --- Dose ----------------------------------------------------------------------------

BAR_TOP, BAR_FLOOR, CALL_Y, DOSE_HEIGHT = 32.0, 86.0, 110.0, 124


def dose_lane(
    axis: Axis,
    dose: Sequence[DoseMonth],
    calls: Sequence[CallMark],
    today: date,
    *,
    uid: str,
    width: int | None,
) -> Chart:
    """A bar for each month, a numbered dot for each call."""
    parts = [*axis.grid(18, DOSE_HEIGHT), *axis.today(today, 18, DOSE_HEIGHT)]
    if axis.start <= today <= axis.end:
        parts.append(label(axis.x(today), 12, _("today"), text_anchor=inside(axis.x(today))))
    parts += _bars(axis, dose, today)
    for call in calls:
        parts += _dot(axis, call, today)
    title = _dose_title(dose, calls)
    return drawn(
        uid=uid,
        title=title,
        description=_(
            "Bars: share of current staff with all hours, month by month. Dots: calls; filled ones are held."
        ),
        height=DOSE_HEIGHT,
        parts=parts,
        width=width,
        columns=(_("When"), _("What"), _("Figure")),
        rows=(*_dose_rows(dose), *_call_rows(calls, today)),
    )


def _bars(axis: Axis, dose: Sequence[DoseMonth], today: date) -> list[str]:
    parts = [line(0, 100, BAR_FLOOR, BAR_FLOOR, stroke="line-strong")]
    for month in dose:
        left, right = axis.x(month.month), axis.x(next_month(month.month))
        inset, tall = (right - left) * 0.16, (BAR_FLOOR - BAR_TOP) * (month.share or 0)
        parts.append(rect(left + inset, right - left - 2 * inset, BAR_FLOOR - tall, tall, fill="dose", rx=2))
    if dose and dose[-1].share is not None:
        last = dose[-1]
        # Left of today's line, which would otherwise run through the figure.
        x = axis.x(max(last.month, min(next_month(last.month), today))) - 0.8
        y = BAR_FLOOR - (BAR_FLOOR - BAR_TOP) * (last.share or 0) - 5
        text = percent_text(last.share)
        parts.append(label(max(x, 10), y, text, color="dose", bold=True, text_anchor="end", css="halo"))
    return parts


def _dot(axis: Axis, call: CallMark, today: date) -> list[str]:
    late = not call.held and call.on < today
    color = "warn" if late else "dose"
    x = axis.x(call.on)
    circle = element(
        "circle",
        fill="dose" if call.held else "surface",
        stroke=color,
        cx=pct(x),
        cy=CALL_Y,
        r=9,
        stroke_width=1.5,
        stroke_dasharray="3 2" if late else None,
    )
    digits = label(x, CALL_Y + 4.2, str(call.number), color="surface" if call.held else color, bold=True)
    return [circle, digits]


def _dose_title(dose: Sequence[DoseMonth], calls: Sequence[CallMark]) -> str:
    said = _("no calls planned yet")
    if calls:
        said = _("%(held)d of %(calls)d calls held") % {
            "held": sum(c.held for c in calls),
            "calls": len(calls),
        }
    if not dose:
        return _("Dose: no hours yet; %(calls)s") % {"calls": said}
    figures = {"share": percent_text(dose[-1].share), "calls": said}
    return _("Dose: %(share)s of current staff have all their hours; %(calls)s") % figures


def _dose_rows(dose: Sequence[DoseMonth]) -> list[tuple[str, ...]]:
    return [
        (
            date_format(month.month, "YEAR_MONTH_FORMAT"),
            _("Current staff with all hours"),
            _("%(complete)d of %(people)d (%(share)s)")
            % {"complete": month.complete, "people": month.people, "share": percent_text(month.share)},
        )
        for month in dose
    ]


def _call_rows(calls: Sequence[CallMark], today: date) -> list[tuple[str, ...]]:
    def state(call: CallMark) -> str:
        return _("held") if call.held else _("not recorded as held") if call.on < today else _("planned")

    return [
        (date_format(c.on, "DATE_FORMAT"), _("Call %(number)d") % {"number": c.number}, state(c))
        for c in calls
    ]


# --- Delivery fidelity ---------------------------------------------------------------

FIDELITY_TOP, FIDELITY_FLOOR, FIDELITY_HEIGHT = 16.0, 92.0, 100


def fidelity_lane(
    axis: Axis, logs: Sequence[FidelityMark], today: date, threshold: float, *, uid: str, width: int | None
) -> Chart:
    """A mark for each log, filled at or above the threshold and open below it."""
    scored = sorted((log for log in logs if log.score is not None), key=lambda log: log.on)
    lowest = min([threshold - 0.2, *(log.score or 0 for log in scored)])
    base = max(int(lowest * 10) / 10, 0.0)

    def y(score: float) -> float:
        return FIDELITY_FLOOR - (FIDELITY_FLOOR - FIDELITY_TOP) * (score - base) / (1 - base)

    parts = [*axis.grid(4, FIDELITY_HEIGHT), *axis.today(today, 4, FIDELITY_HEIGHT)]
    at = y(threshold)
    parts.append(line(0, 100, at, at, stroke="muted", stroke_dasharray="3 4"))
    # Below its line once the marks have come that far and lie above it.
    under = bool(scored) and axis.x(scored[-1].on) > 62 and (scored[-1].score or 0) >= threshold
    words = _("%(share)s threshold") % {"share": percent_text(threshold)}
    parts.append(label(100, at + (15 if under else -5), words, text_anchor="end", css="halo"))
    points = [(axis.x(log.on), y(log.score or 0), (log.score or 0) >= threshold) for log in scored]
    for (x1, y1, _ok), (x2, y2, _ok2) in pairwise(points):
        parts.append(line(x1, x2, y1, y2, stroke="accent", stroke_width=2))
    for x, high, enough in points:
        fill = "accent" if enough else "surface"
        parts.append(element("circle", fill=fill, stroke="accent", stroke_width=2, cx=pct(x), cy=high, r=4.5))
    if points:
        parts.append(_last_score(points[-1], percent_text(scored[-1].score), axis.x(today)))
    else:
        parts.append(label(50, FIDELITY_FLOOR - 12, _("No log yet"), css="halo"))
    title = _fidelity_title(scored, threshold)
    description = _("Share of applicable points aired in each log; open marks lie under the threshold.")
    return drawn(
        uid=uid,
        title=title,
        description=description,
        height=FIDELITY_HEIGHT,
        parts=parts,
        width=width,
        columns=(_("When"), _("Log"), _("Points"), _("Delivery fidelity")),
        rows=_fidelity_rows(logs),
    )


def _last_score(point: tuple[float, float, bool], text: str, now: float) -> str:
    """The newest score beside its mark; behind the line of today where that would strike it through."""
    x, high, _enough = point
    if x > 85:
        return label(x, high - 10, text, color="accent", bold=True, text_anchor="end", css="halo")
    beside = now + 1 if x < now < x + 10 else x + 2.6
    return label(beside, high + 4, text, color="accent", bold=True, text_anchor="start", css="halo")


def _fidelity_title(scored: Sequence[FidelityMark], threshold: float) -> str:
    if not scored:
        return _("Delivery fidelity: no log yet")
    under = sum((log.score or 0) < threshold for log in scored)
    figures = {
        "share": percent_text(scored[-1].score),
        "log": scored[-1].label,
        "under": under,
        "n": len(scored),
        "threshold": percent_text(threshold),
    }
    return (
        ngettext(
            "Delivery fidelity: %(share)s of points aired in %(log)s; "
            "%(under)d of %(n)d log under %(threshold)s",
            "Delivery fidelity: %(share)s of points aired in %(log)s; "
            "%(under)d of %(n)d logs under %(threshold)s",
            len(scored),
        )
        % figures
    )


def _fidelity_rows(logs: Sequence[FidelityMark]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (date_format(log.on, "DATE_FORMAT"), log.label, str(log.points), percent_text(log.score))
        for log in sorted(logs, key=lambda log: log.on)
    )
