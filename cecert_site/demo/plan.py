"""Clearwater's plan: made before the start, with what the demo's sessions, calls and waves became of it."""

from datetime import date, timedelta

from consultation.models import Series
from rollout import plan_actions
from rollout.dates import next_open_day
from rollout.models import Session
from rollout.plan import Pin
from rollout.plan_steps import Key, Template

from .house import House

COHORTS = ("Foundations A", "Foundations B", "Foundations C")
WAVES, OPEN_DAYS = (Key("baseline"), Key("follow_up", 0, 1)), 20
SLIPPED = {
    Key("commitment"): 2,
    Key("baseline"): 4,
    Key("foundations", 3, 1): 7,
    Key("foundations", 3, 2): 7,
    Key("supervision"): 6,
    Key("call", 0, 3): 5,
}
"""Days by which these were planned earlier than they took place."""


def plan(home: House, series: Series) -> None:
    """The plan as it was made, its baseline, and the rows that came of it."""
    days, trainer = home.days, home.trainer
    rows = _sessions(home) | {Key("call", 0, call.number): call for call in series.calls.all()}
    held = {key: row.starts_at.astimezone(days.zone).date() for key, row in rows.items()}
    begun = {
        Key("commitment"): days.day(-178),
        Key("roster"): days.day(-176),
        Key("baseline"): days.day(-171),
        Key("follow_up", 0, 1): days.day(-14),
    }
    planned = {key: _earlier(on, SLIPPED.get(key, 0)) for key, on in (begun | held).items()}
    made = plan_actions.create_plan(
        home.agency,
        starts_on=days.day(-182),
        template=Template(cohorts=len(COHORTS), wave_days=OPEN_DAYS),
        trainer=trainer,
        pins={
            key: Pin(on, on + timedelta(days=OPEN_DAYS if key in WAVES else 0)) for key, on in planned.items()
        },
        by=home.by,
        at=days.at(-181, 10),
    )
    plan_actions.set_baseline(made, facts={}, by=home.by, at=days.at(-181, 11))
    made_of = {key: row.uuid for key, row in rows.items()}
    plan_actions.link(made, made_of, by=home.by, at=days.at(-130, 13))
    roster = made.milestones.get(kind="roster")
    plan_actions.mark_done(roster, days.day(-176), by=home.by, at=days.at(-176, 12))


def _sessions(home: House) -> dict[Key, Session]:
    """The training days of the three cohorts and of the supervisors."""
    sessions = Session.objects.filter(cohort__agency=home.agency)
    found = {
        Key("foundations", number, session.day): session
        for number, name in enumerate(COHORTS, start=1)
        for session in sessions.filter(cohort__name=name)
    }
    return found | {Key("supervision"): sessions.get(title="Supervision day")}


def _earlier(on: date, by: int) -> date:
    return next_open_day(on - timedelta(days=by))
