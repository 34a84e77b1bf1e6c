"""The rollout report: first the values, frozen; then a page of HTML; then a tagged PDF.

Every figure comes through the same functions as on the pages, so that paper and screen say the same. No person is
named in it but those who gave the agency's commitment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from assessments import figures
from assessments.instruments import Instrument
from consultation.fidelity import THRESHOLD, below_threshold, percent, points_text
from consultation.summaries import FidelityPoint
from rollout import charts
from rollout.agenda import booster_words
from rollout.documents import CannotMakeError
from rollout.models import Agency, Commitment, Document
from rollout.pdf import PdfUnavailable, render_pdf
from rollout.stages import STAGE_LABELS, STEP_LABELS
from rollout.summaries import AgencyHours
from rollout.workforce import CAUTION, lines, without_gaps
from rollout.workforce_actions import months_of
from rollout.workforce_words import absence_chart, turnover_chart

from . import trends
from .picture import Picture, Standing, TeamLine, answered_text, facts, fidelity_text, picture, timeline

TEMPLATE = "pdf/rollout_report.html"
type Row = tuple[str, ...]


@dataclass(frozen=True)
class WaveReport:
    """One wave: what was released of it, or that it is open or withheld."""

    label: str
    when: str
    response: str
    is_open: bool
    shown: bool
    scales: tuple[Row, ...]
    """Scale, mean, 95 % interval, low, average, high, which way is better."""
    team_columns: Row
    teams: tuple[Row, ...]
    """Team, invited, people, response rate, then a mean in whole points for each scale."""


@dataclass(frozen=True)
class CallReach:
    """People who take part in calls, by whether the calls needed are reached or can be."""

    needed: int
    people: int
    reached: int
    can_reach: int
    cannot: int


@dataclass(frozen=True)
class RolloutReport:
    """Everything that stands in the report of one agency on one day."""

    agency: str
    setting: str
    at: datetime
    """In the agency's zone."""
    demo: bool
    stage: str
    progress: str
    open_steps: tuple[str, ...]
    commitment: str
    exception: str
    """Why training is open without one, and who says so; "" otherwise."""
    promises: tuple[str, ...]
    facts: tuple[dict[str, object], ...]
    hours: AgencyHours
    teams: tuple[Row, ...]
    """Team, people, hours complete, cannot as planned, supervisor's calls that count."""
    calls_held: int
    calls_planned: int
    call_minutes: int
    reach: CallReach
    fidelity: tuple[Row, ...]
    """Date, log, points aired, delivery fidelity, remark."""
    threshold: int
    waves: tuple[WaveReport, ...]
    instruments: tuple[Instrument, ...]
    k: int
    timeline: charts.Timeline
    coverage: charts.Chart
    booster: str
    """What coverage of current staff calls for, in words; "" where nothing."""
    dose: charts.Chart
    fidelity_months: charts.Chart | None
    airing: tuple[tuple[str, charts.Chart], ...]
    """Name and heat map of each series of calls."""
    means: tuple[charts.Chart, ...]
    """Each scale over the waves."""
    workforce: tuple[charts.Chart, ...]
    """Turnover and absenteeism by month; nothing while no month is known."""
    caution: str
    """What stands beside them."""


def rollout_report(agency: Agency, now: datetime) -> RolloutReport:
    """The values of the report as of ``now``; a constant number of queries."""
    seen = picture(agency, now)
    here = seen.standing
    codes = sorted({wave.instrument for wave in seen.released}, key=lambda one: one.code)
    return RolloutReport(
        agency=agency.name,
        setting=capfirst(agency.get_setting_display()),
        at=now.astimezone(agency.zone),
        demo=settings.DEMO,
        stage=str(STAGE_LABELS[here.stage.code]),
        progress=_progress(here),
        open_steps=tuple(str(STEP_LABELS[step]) for step in here.stage.open_steps),
        commitment=_commitment(here.commitment),
        exception=f"{agency.override_reason} ({agency.override_by})" if agency.override_at else "",
        promises=_promises(here.commitment),
        facts=tuple(fact | {"url": ""} for fact in facts(here)),
        hours=here.hours,
        teams=tuple(_team(line) for line in seen.teams),
        calls_held=here.calls.held,
        calls_planned=here.calls.planned,
        call_minutes=agency.call_minutes,
        reach=_reach(seen),
        fidelity=tuple(_log(here, point) for point in here.fidelity),
        threshold=percent(THRESHOLD),
        waves=tuple(_wave(seen, line) for line in here.waves),
        instruments=tuple(codes),
        k=max([agency.k, *(wave.release.k for wave in seen.released)]),
        timeline=timeline(seen),
        coverage=trends.coverage(seen),
        booster=". ".join(booster_words(seen.booster)) if seen.booster else "",
        dose=trends.dose(seen),
        fidelity_months=trends.fidelity(seen),
        airing=trends.airing(seen),
        means=trends.means(seen),
        workforce=_workforce(agency),
        caution=str(CAUTION),
    )


def report_pdf(report: RolloutReport) -> bytes:
    """The report as tagged PDF in the language in force. PdfUnavailable where this machine cannot draw one."""
    context = {
        "title": _("Rollout report: %(agency)s") % {"agency": report.agency},
        "subject": _("Dose, delivery fidelity and outcomes of a CE-CERT rollout, side by side"),
        "author": report.agency,
        "report": report,
    }
    return render_pdf(TEMPLATE, context, lang=translation.get_language() or settings.LANGUAGE_CODE)


def report_filename(agency: Agency, report: RolloutReport) -> str:
    """ "clearwater-rollout-report-2026-11-21.pdf" """
    return f"{agency.slug}-rollout-report-{report.at:%Y-%m-%d}.pdf"


def make_rollout_report(document: Document) -> tuple[str, bytes]:
    """What the queue makes of a waiting document: file name and PDF. CannotMakeError with words for a person."""
    report = rollout_report(document.agency, timezone.now())
    try:
        return report_filename(document.agency, report), report_pdf(report)
    except PdfUnavailable as error:
        raise CannotMakeError(str(error)) from error


# --- Words --------------------------------------------------------------------------------------------------------


def _progress(here: Standing) -> str:
    """How far within the stage, of everything planned in it."""
    if not here.stage.planned:
        return ""
    words = {
        "exploration": _("%(done)s of %(planned)s steps done"),
        "preparation": _("%(done)s of %(planned)s steps done"),
        "implementation": _("%(done)s of %(planned)s sessions and calls held"),
        "sustainment": _("%(done)s of %(planned)s follow-up waves closed"),
    }
    return words[here.stage.code] % {"done": here.stage.done, "planned": here.stage.planned}


def _commitment(made: Commitment | None) -> str:
    if made is None:
        return ""
    return _("%(name)s, %(title)s, on %(on)s") % {
        "name": made.name,
        "title": made.title,
        "on": date_format(made.made_on),
    }


def _promises(made: Commitment | None) -> tuple[str, ...]:
    if made is None:
        return ()
    fields = ("training_time", "protected_calls", "leaders_practise", "figures_together")
    return tuple(
        str(Commitment._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        for name in fields
        if getattr(made, name)
    )


def _team(line: TeamLine) -> Row:
    calls = _("in no series") if line.has_supervisor else _("no supervisor")
    if line.calls:
        calls = _("%(n)s of %(held)s held") % {"n": line.calls.counted, "held": line.calls.held}
    complete = _("%(n)s of %(people)s") % {"n": line.complete, "people": line.people}
    return line.name, str(line.people), complete, str(line.cannot), calls


def _reach(seen: Picture) -> CallReach:
    states = [dose.state for dose in seen.callers]
    return CallReach(
        needed=seen.standing.agency.calls_needed,
        people=len(states),
        reached=states.count("complete"),
        can_reach=states.count("on track"),
        cannot=states.count("cannot as planned"),
    )


def _log(here: Standing, point: FidelityPoint) -> Row:
    remark = ""
    if point.fidelity.score is None:
        remark = _("no point applied")
    elif below_threshold(point.fidelity.score):
        remark = _("under %(threshold)s %%") % {"threshold": percent(THRESHOLD)}
    return (
        date_format(here.day(point.at)),
        point.label,
        points_text(point.fidelity),
        fidelity_text(point.fidelity),
        remark,
    )


def _workforce(agency: Agency) -> tuple[charts.Chart, ...]:
    """The same pictures as on the page of workforce figures; one query."""
    found = lines(without_gaps(months_of(agency)))
    if not found:
        return ()
    charted = []
    if any(line.turnover for line in found):
        charted.append(turnover_chart(found, uid="turnover"))
    if any(line.absenteeism for line in found):
        charted.append(absence_chart(found, uid="absence"))
    return tuple(charted)


# --- Released figures ---------------------------------------------------------------------------------------------


def _wave(seen: Picture, line: figures.WaveLine) -> WaveReport:
    found = next((one for one in seen.released if one.line.uuid == line.uuid), None)
    here = seen.standing
    dates = {"opened": date_format(here.day(line.opened_at))}
    if found is None:
        dates["closes"] = date_format(here.day(line.closes_at))
        when = _("opened on %(opened)s, open until %(closes)s") % dates
        return WaveReport(line.label, when, answered_text(line), True, False, (), (), ())
    dates["closed"] = date_format(here.day(line.closed_at or line.closes_at))
    when = _("opened on %(opened)s, closed on %(closed)s") % dates
    if not found.agency.shown:
        return WaveReport(line.label, when, charts.withheld(), False, False, (), (), ())
    response = _("%(n)s of %(invited)s invited answered every statement, response rate %(rate)s") % {
        "n": figures.people_text(found.agency.n),
        "invited": line.invited,
        "rate": figures.rate_text(found.agency.rate),
    }
    names = tuple(found.short_name(code) for code in found.release.scales)
    return WaveReport(
        label=line.label,
        when=when,
        response=response,
        is_open=False,
        shown=True,
        scales=tuple(_scale(found, cell) for cell in found.agency.cells),
        team_columns=(_("Team"), _("Invited"), _("People"), _("Response rate"), *names),
        teams=tuple(_group(group) for group in found.teams),
    )


def _scale(found: figures.ReleasedWave, cell: figures.Cell) -> Row:
    """One scale for the agency as a whole."""
    levels: Sequence[str] = [charts.withheld()] * 3
    if cell.levels is not None:
        levels = [f"{share.percent}\N{NO-BREAK SPACE}%" for share in cell.levels]
    name = f"{found.name(cell.scale)} ({found.short_name(cell.scale)})"
    mean, interval = figures.mean_text(cell, places=1), figures.interval_text(cell)
    return name, mean, interval, *levels, found.direction(cell.scale)


def _group(group: figures.GroupFigures) -> Row:
    """One team; its name alone when it is withheld."""
    if not group.shown:
        return (group.name,)
    means = (figures.mean_text(cell, places=0) for cell in group.cells)
    return (
        group.name,
        str(group.invited),
        figures.people_text(group.n),
        figures.rate_text(group.rate),
        *means,
    )
