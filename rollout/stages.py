"""Where an agency's rollout stands, in the field's four words, from plain facts.

The rule, from the last stage to the first; what has happened decides, not what was skipped:

sustainment     every planned call has been held, and every session up to the last call
implementation  training has begun: a session or call has been held, or the first session's date has come
preparation     leadership has committed
exploration     before that

Leadership commits first: while nobody ever has, it is exploration whatever else has happened, unless an exception
with a reason and an author lets training open (`exception`). A commitment that has run out still counts; it is
asked for again elsewhere.

A stage that was reached without an earlier step (training began by exception, no commitment recorded) counts as
reached; the step stays among `open_steps`, so that it is named and can be caught up on.

Share of progress, always within the stage and always of everything planned:
exploration and preparation by their steps, implementation by sessions and calls held, sustainment by
follow-up waves closed.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from django.utils.translation import gettext_lazy as _

StageCode = Literal["exploration", "preparation", "implementation", "sustainment"]
StepCode = Literal[
    "roster",
    "commitment",
    "baseline_open",
    "baseline_closed",
    "sessions_planned",
    "calls_planned",
    "follow_up",
]

STAGES: tuple[StageCode, ...] = ("exploration", "preparation", "implementation", "sustainment")
STAGE_LABELS = {
    "exploration": _("Exploration"),
    "preparation": _("Preparation"),
    "implementation": _("Implementation"),
    "sustainment": _("Sustainment"),
}
STEP_LABELS = {
    "roster": _("Roster imported"),
    "commitment": _("Leadership commitment made"),
    "baseline_open": _("Baseline wave opened"),
    "baseline_closed": _("Baseline wave closed"),
    "sessions_planned": _("First training session dated"),
    "calls_planned": _("Consultation calls dated"),
    "follow_up": _("Follow-up wave planned"),
}


@dataclass(frozen=True, slots=True)
class RolloutFacts:
    """What is known of one agency on `today` (a date in the agency's zone). Cancelled things do not count.

    `planned` counts everything dated, held or not, so `held` never exceeds it. Sessions count up to the last
    call: later cohorts of newcomers and boosters belong to sustainment and do not move an agency back.
    """

    today: date
    people: int = 0
    commitment_on: date | None = None
    exception: bool = False
    """Training may open without a commitment."""
    baseline_opened_on: date | None = None
    baseline_closed_on: date | None = None
    first_session_on: date | None = None
    sessions_planned: int = 0
    sessions_held: int = 0
    calls_planned: int = 0
    calls_held: int = 0
    follow_ups_planned: int = 0
    follow_ups_closed: int = 0

    def __post_init__(self) -> None:
        for name, planned, done in (
            ("sessions", self.sessions_planned, self.sessions_held),
            ("calls", self.calls_planned, self.calls_held),
            ("follow_ups", self.follow_ups_planned, self.follow_ups_closed),
        ):
            if not 0 <= done <= planned:
                raise ValueError(f"{name}: {done} done of {planned} planned, which cannot be.")


@dataclass(frozen=True, slots=True)
class Stage:
    """The stage, `done` of `planned` within it, and the steps up to this stage that are still open."""

    code: StageCode
    done: int
    planned: int
    open_steps: tuple[StepCode, ...]

    @property
    def number(self) -> int:
        """1 to 4."""
        return STAGES.index(self.code) + 1

    @property
    def share(self) -> Fraction | None:
        """Progress within the stage, 0 to 1; None when nothing is planned in it."""
        return Fraction(self.done, self.planned) if self.planned else None


def stage(facts: RolloutFacts) -> Stage:
    """The stage by the rule at the top of this module."""
    code = _code(facts)
    done, planned = _progress(code, facts)
    reached = STAGES[: STAGES.index(code) + 1]
    open_steps = tuple(step for name in reached for step, is_done in _steps(name, facts) if not is_done)
    return Stage(code, done, planned, open_steps)


def _code(facts: RolloutFacts) -> StageCode:
    if facts.commitment_on is None and not facts.exception:
        return "exploration"
    calls_done = facts.calls_planned > 0 and facts.calls_held == facts.calls_planned
    if calls_done and facts.sessions_held == facts.sessions_planned:
        return "sustainment"
    first_has_come = facts.first_session_on is not None and facts.first_session_on <= facts.today
    if facts.sessions_held or facts.calls_held or first_has_come:
        return "implementation"
    return "preparation"


def _steps(code: StageCode, facts: RolloutFacts) -> tuple[tuple[StepCode, bool], ...]:
    if code == "exploration":
        return ("roster", facts.people > 0), ("commitment", facts.commitment_on is not None)
    if code == "preparation":
        return (
            ("baseline_open", facts.baseline_opened_on is not None),
            ("baseline_closed", facts.baseline_closed_on is not None),
            ("sessions_planned", facts.sessions_planned > 0),
            ("calls_planned", facts.calls_planned > 0),
        )
    if code == "sustainment":
        return (("follow_up", facts.follow_ups_planned > 0),)
    return ()


def _progress(code: StageCode, facts: RolloutFacts) -> tuple[int, int]:
    if code == "implementation":
        return facts.sessions_held + facts.calls_held, facts.sessions_planned + facts.calls_planned
    if code == "sustainment":
        return facts.follow_ups_closed, facts.follow_ups_planned
    steps = _steps(code, facts)
    return sum(is_done for _step, is_done in steps), len(steps)
