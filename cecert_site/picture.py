"""One agency's picture: stage, dose, delivery fidelity and outcomes, read once for page, home and report.

All figures come from the apps' summaries; survey figures only as released (``assessments.figures``). Nothing here
says that one thing caused another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments import figures
from consultation import summaries as consultation
from consultation.fidelity import Fidelity, percent, points_text
from rollout import charts, summaries
from rollout.coverage import Booster, MonthCoverage
from rollout.dates import same_day_of_month
from rollout.day_words import short_day
from rollout.ledger import Ledger, open_ledger
from rollout.models import Agency, Commitment
from rollout.placements import stays_of
from rollout.stages import STAGE_LABELS, STAGES, RolloutFacts, Stage, stage

MOST_MONTHS = 36


@dataclass(frozen=True)
class Standing:
    """Where one agency stands at one moment: what its leader's home shows."""

    agency: Agency
    at: datetime
    commitment: Commitment | None
    stage: Stage
    hours: summaries.AgencyHours
    calls: consultation.AgencyCalls
    logged: tuple[consultation.LoggedOccasion, ...]
    """Calls and sessions with a finished log, by time."""
    waves: tuple[figures.WaveLine, ...]
    """Without try-outs, the oldest first."""

    @property
    def today(self) -> date:
        """In the agency's zone."""
        return self.day(self.at)

    def day(self, at: datetime) -> date:
        """The day of a moment in the agency's zone."""
        return at.astimezone(self.agency.zone).date()

    @property
    def fidelity(self) -> tuple[consultation.FidelityPoint, ...]:
        """Of each log, by time."""
        return tuple(occasion.point for occasion in self.logged)

    @property
    def last_fidelity(self) -> consultation.FidelityPoint | None:
        scored = [point for point in self.fidelity if point.fidelity.score is not None]
        return scored[-1] if scored else None

    @property
    def last_wave(self) -> figures.WaveLine | None:
        return self.waves[-1] if self.waves else None


@dataclass(frozen=True)
class TeamLine:
    """A team on one line: reach, its supervisor's calls, and how many answered as last released."""

    uuid: str
    pk: int
    name: str
    people: int
    complete: int
    cannot: int
    has_supervisor: bool
    calls: consultation.Dose | None
    answered: figures.GroupFigures | None
    """Of the last closed wave; None when the team was not in it."""


@dataclass(frozen=True)
class Picture:
    """What the overview and the rollout report show beyond where it stands."""

    standing: Standing
    released: tuple[figures.ReleasedWave, ...]
    teams: tuple[TeamLine, ...]
    callers: tuple[consultation.Dose, ...]
    """Of everybody who takes part in calls."""
    dose: tuple[summaries.MonthDose, ...]
    coverage: tuple[MonthCoverage, ...]
    booster: Booster | None
    """What coverage calls for, now or soon."""
    hours: tuple[summaries.MonthHours, ...]

    @property
    def last_released(self) -> figures.ReleasedWave | None:
        return self.released[-1] if self.released else None


def standing(agency: Agency, now: datetime, *, ledger: Ledger | None = None) -> Standing:
    """Read where an agency stands; the number of queries depends neither on people nor on calls or logs."""
    hours = summaries.hours_of_people(agency, now, ledger=ledger)
    calls = consultation.agency_calls(agency, now)
    waves = tuple(wave for wave in figures.wave_lines(agency) if not wave.is_tryout)
    commitment = agency.commitments.first()
    return Standing(
        agency=agency,
        at=now,
        commitment=commitment,
        stage=stage(rollout_facts(agency, now, commitment, len(hours), calls, waves)),
        hours=summaries.agency_hours(agency, now, hours=hours),
        calls=calls,
        logged=tuple(consultation.logged_occasions(agency)),
        waves=waves,
    )


def picture(agency: Agency, now: datetime, *, past: Ledger | None = None) -> Picture:
    """Read the whole picture; a constant number of queries as well.

    ``past``: a ledger of everybody who was ever there, where one has been read.
    """
    past = past or open_ledger(agency, now, former=True)
    ledger, spells = past.current(), stays_of(agency)
    released = tuple(figures.released(agency))
    doses = consultation.supervisor_dose(agency, now)
    coverage = summaries.foundations_by_month(agency, now, past=past, spells=spells)
    return Picture(
        standing=standing(agency, now, ledger=ledger),
        released=released,
        teams=team_lines(agency, now, ledger, doses, released[-1] if released else None),
        callers=tuple(doses.values()),
        dose=tuple(summaries.completion_by_month(agency, now, past=past, spells=spells)),
        coverage=coverage,
        booster=summaries.booster_for(ledger, coverage),
        hours=tuple(summaries.hours_by_month(agency, now, past=past)),
    )


def rollout_facts(
    agency: Agency,
    now: datetime,
    commitment: Commitment | None,
    people: int,
    calls: consultation.AgencyCalls,
    waves: tuple[figures.WaveLine, ...],
) -> RolloutFacts:
    """The plain facts that decide the stage."""
    sessions = summaries.session_count(agency, now)
    baseline = next((wave for wave in waves if wave.is_baseline), None)
    later = [wave for wave in waves if not wave.is_baseline]
    zone = agency.zone
    return RolloutFacts(
        today=now.astimezone(zone).date(),
        people=people,
        commitment_on=commitment.made_on if commitment else None,
        exception=agency.override_at is not None,
        baseline_opened_on=baseline.opened_at.astimezone(zone).date() if baseline else None,
        baseline_closed_on=baseline.closed_at.astimezone(zone).date()
        if baseline and baseline.closed_at
        else None,
        first_session_on=sessions.first_on,
        sessions_planned=sessions.planned,
        sessions_held=sessions.held,
        calls_planned=calls.planned,
        calls_held=calls.held,
        follow_ups_planned=len(later),
        follow_ups_closed=sum(1 for wave in later if wave.closed_at),
    )


def team_lines(
    agency: Agency,
    now: datetime,
    ledger: Ledger,
    doses: Mapping[int, consultation.Dose],
    last: figures.ReleasedWave | None,
) -> tuple[TeamLine, ...]:
    """Teams by name, with their supervisor's share of the calls and what was released of them last."""
    answered = {group.path[-1]: group for group in last.teams} if last else {}
    return tuple(
        TeamLine(
            uuid=str(team.team_uuid),
            pk=team.team_id,
            name=team.name,
            people=team.people,
            complete=team.complete,
            cannot=team.cannot,
            has_supervisor=team.supervisor_id is not None,
            calls=doses.get(team.supervisor_id) if team.supervisor_id else None,
            answered=answered.get(str(team.team_uuid)),
        )
        for team in summaries.team_hours(agency, now, ledger=ledger)
    )


# --- Words --------------------------------------------------------------------------------------------------------


def fidelity_text(fidelity: Fidelity) -> str:
    """ "88 %", rounded down so that nothing reads as having reached the threshold that has not; "–" unscored."""
    return "–" if fidelity.score is None else f"{percent(fidelity.score)}\N{NO-BREAK SPACE}%"


def answered_text(wave: figures.WaveLine) -> str:
    """How many answered, of how many invited; said to be withheld where it may not be shown."""
    if wave.answered is None:
        return charts.withheld()
    text = _("%(n)s of %(invited)s") if wave.closed_at else _("%(n)s of %(invited)s so far")
    return text % {"n": wave.answered, "invited": wave.invited}


def response_rate(wave: figures.WaveLine) -> str:
    """Answered of invited in whole per cent, or a dash."""
    if wave.answered is None or not wave.invited:
        return "–"
    return charts.percent_text(wave.answered / wave.invited)


def stage_steps(seen: Standing) -> list[dict[str, object]]:
    """The four stages for ``components/stages.html``."""
    notes = {}
    if seen.commitment:
        notes["exploration"] = _("commitment %(on)s") % {"on": short_day(seen.commitment.made_on)}
    elif seen.agency.override_at:
        notes["exploration"] = _("no commitment, training open by exception")
    if seen.calls.planned:
        counts = {"held": seen.calls.held, "planned": seen.calls.planned}
        notes["implementation"] = _("%(held)s of %(planned)s calls") % counts
    number, share = seen.stage.number, round(float(seen.stage.share or 0) * 100)
    return [
        {
            "label": str(STAGE_LABELS[code]),
            "note": notes.get(code, ""),
            "percent": 100 if place < number else share if place == number else 0,
            "current": place == number,
        }
        for place, code in enumerate(STAGES, start=1)
    ]


def facts(seen: Standing) -> list[dict[str, object]]:
    """Where it stands, each figure with its denominator, for ``components/facts.html``."""
    slug, last, wave = seen.agency.slug, seen.last_fidelity, seen.last_wave
    found: list[dict[str, object]] = [
        {
            "label": _("Hours complete"),
            "value": seen.hours.complete,
            "rest": _("of %(n)s people") % {"n": seen.hours.people},
            "url": reverse("rollout:training", args=[slug]),
        },
        {
            "label": _("Calls held"),
            "value": seen.calls.held,
            "rest": _("of %(n)s") % {"n": seen.calls.planned},
            "url": reverse("consultation:series_list", args=[slug]),
        },
    ]
    if last is not None:
        found.append(
            {
                "label": _("Delivery fidelity"),
                "value": fidelity_text(last.fidelity),
                "rest": last.label,
                "note": _("%(points)s points aired") % {"points": points_text(last.fidelity)},
                "url": reverse(f"consultation:maps_{last.occasion}", args=[last.uuid]),
            }
        )
    if wave is not None:
        found.append(
            {
                "label": _("%(wave)s survey") % {"wave": wave.label},
                "value": response_rate(wave),
                "rest": _("answered"),
                "note": answered_text(wave),
                "url": reverse("assessments:wave", args=[wave.uuid]),
            }
        )
    return found


# --- The charts ---------------------------------------------------------------------------------------------------


def timeline(seen: Picture) -> charts.Timeline:
    """Dose, fidelity and outcomes under one another, from the rollout's start to a little after its last date."""
    now = seen.standing
    return charts.timeline(
        dose=[charts.DoseMonth(month.month, month.complete, month.people) for month in seen.dose],
        calls=[charts.CallMark(call.number, now.day(call.starts_at), call.held) for call in now.calls.calls],
        fidelity=[
            charts.FidelityMark(
                now.day(point.at),
                point.label,
                # Through the whole per cent, so that the chart says what every page says.
                None if point.fidelity.score is None else percent(point.fidelity.score) / 100,
                point.fidelity.applicable,
            )
            for point in now.fidelity
        ],
        outcomes=[outcome(seen, wave) for wave in now.waves if wave.instrument == now.waves[0].instrument],
        today=now.today,
        months=months(seen),
    )


def outcome(seen: Picture, wave: figures.WaveLine) -> charts.OutcomeWave:
    """A wave as the chart draws it: released means, or how many have answered so far."""
    found = next((one for one in seen.released if one.line.uuid == wave.uuid), None)
    means: tuple[charts.ScaleMean, ...] = ()
    if found is not None:
        means = tuple(
            charts.ScaleMean(found.short_name(cell.scale), cell.mean, *(cell.interval or (None, None)))
            for cell in found.agency.cells
            if cell.mean is not None
        )
    return charts.OutcomeWave(
        label=str(wave.label),
        opens_on=seen.standing.day(wave.opened_at),
        closes_on=seen.standing.day(wave.closed_at or wave.closes_at),
        closed=wave.closed_at is not None,
        answered=answered_text(wave),
        means=means,
    )


def months(seen: Picture) -> list[date]:
    """First days of all months from the earliest to the latest date of the picture, at most 36 of them."""
    now = seen.standing
    dates = [now.today, *(now.day(call.starts_at) for call in now.calls.calls)]
    dates += [month.month for month in seen.dose]
    dates += [now.day(point.at) for point in now.fidelity]
    for wave in now.waves:
        dates += [now.day(wave.opened_at), now.day(wave.closes_at)]
    if now.agency.starts_on:
        dates.append(now.agency.starts_on)
    last = max(dates).replace(day=1)
    first = max(min(dates), last - timedelta(days=30 * (MOST_MONTHS - 1))).replace(day=1)
    found = [first]
    while found[-1] < last:
        found.append(same_day_of_month(found[-1], 1))
    return found
