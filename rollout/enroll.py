"""Enrolling an agency in one sitting: six steps, and how far it has come, from plain facts. Nothing of it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from .models import Agency, Cohort, Commitment, Person, Plan, Team

StepCode = Literal["agency", "commitment", "teams", "roster", "start", "plan"]

STEPS: tuple[StepCode, ...] = ("agency", "commitment", "teams", "roster", "start", "plan")
STEP_NAMES: Mapping[StepCode, object] = {
    "agency": _("Agency"),
    "commitment": _("Commitment"),
    "teams": _("Teams"),
    "roster": _("Roster"),
    "start": _("Start date"),
    "plan": _("Plan"),
}
NEXT_WORDS: Mapping[StepCode, object] = {
    "agency": _("Next: the facts of the agency."),
    "commitment": _("Next: what leadership promises."),
    "teams": _("Next: its teams."),
    "roster": _("Next: who works there."),
    "start": _("Next: the day it starts."),
    "plan": _("Next: the dated plan."),
}
MAY_WAIT: frozenset[StepCode] = frozenset({"commitment", "teams"})
"""Steps that may be passed over: training stays closed without the first; a roster brings the second."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Which steps are done. ``under_way``: a plan or a cohort is there, so enrollment is over."""

    done: frozenset[StepCode]
    under_way: bool
    committed_on: date | None = None
    """Day of the last commitment; None: nobody has ever committed."""

    @property
    def at(self) -> StepCode | None:
        """Where to go on: the first step that is not done; None once enrollment is over."""
        if self.under_way:
            return None
        return next((step for step in STEPS if step not in self.done), None)

    def after(self, step: StepCode) -> StepCode | None:
        """Where to go on from a step that was just finished: what was passed over before it is not asked for again."""
        if self.under_way:
            return None
        later = STEPS[STEPS.index(step) + 1 :]
        return next((each for each in later if each not in self.done), self.at)

    @property
    def number(self) -> int:
        """Of that step, from 1 on; 0 once enrollment is over."""
        return STEPS.index(self.at) + 1 if self.at else 0


def progress(agency: Agency) -> Progress:
    """How far enrollment has come; one query."""
    people = Person.objects.current().filter(agency=OuterRef("pk"))
    facts = (
        Agency.objects.filter(pk=agency.pk)
        .values_list(
            Subquery(Commitment.objects.filter(agency=OuterRef("pk")).values("made_on")[:1]),
            Exists(Team.objects.filter(agency=OuterRef("pk"))),
            Exists(people),
            Exists(Plan.objects.filter(agency=OuterRef("pk"))),
            Exists(Cohort.objects.filter(agency=OuterRef("pk"))),
        )
        .get()
    )
    committed_on, has_teams, has_people, has_plan, has_cohorts = facts
    is_done: dict[StepCode, bool] = {
        "agency": True,
        "commitment": committed_on is not None or agency.override_at is not None,
        "teams": has_teams or has_people,
        "roster": has_people,
        "start": agency.starts_on is not None,
        "plan": has_plan,
    }
    return Progress(frozenset(step for step in STEPS if is_done[step]), has_plan or has_cohorts, committed_on)


def following(step: StepCode) -> StepCode:
    """The step after this one; the last stays."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def preceding(step: StepCode) -> StepCode | None:
    place = STEPS.index(step)
    return STEPS[place - 1] if place else None
