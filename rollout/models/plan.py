"""The dated plan of a rollout, and the days on which an agency is closed."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .people import Agency, User


class ClosedDay(models.Model):
    """Days on which an agency is closed, both included, beside weekends and public holidays."""

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="closed_days")
    name = models.CharField(_("name"), max_length=120)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))

    class Meta:
        ordering = ["from_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="closed_day_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: User) -> Self:
        """Plans of agencies one leads or trains."""
        from ..access import DELIVERS

        return self.filter(agency__in=Agency.objects.where(user, *DELIVERS))

    def editable_by(self, user: User) -> Self:
        """Plans of agencies one leads."""
        return self.filter(agency__in=Agency.objects.editable_by(user))


class Plan(models.Model):
    """An agency's rollout by date, from one start date and a template. One plan to an agency; cohorts are in it."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.OneToOneField(Agency, models.CASCADE, related_name="plan")
    starts_on = models.DateField(_("start date"))
    template = models.JSONField(default=dict)
    """Durations, gaps and cohorts as they were chosen; see ``rollout.plan``."""
    trainer = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("trainer")
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    baseline_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    baseline_at = models.DateTimeField(null=True, blank=True)
    """When the dates were last fixed as the ones to compare with."""
    version = models.PositiveIntegerField(default=1)

    objects = PlanQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.agency}, {self.starts_on}"


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(plan__in=Plan.objects.visible_to(user))

    def editable_by(self, user: User) -> Self:
        return self.filter(plan__in=Plan.objects.editable_by(user))


class Milestone(models.Model):
    """One date of a plan: a commitment, a wave, a training day, a call, a review."""

    class Kind(models.TextChoices):
        COMMITMENT = "commitment", _("leadership commitment")
        ROSTER = "roster", _("roster")
        BASELINE = "baseline", _("baseline wave")
        FOUNDATIONS = "foundations", _("foundations day")
        SUPERVISION = "supervision", _("supervision day")
        CALL = "call", _("consultation call")
        FOLLOW_UP = "follow_up", _("follow-up wave")
        REVIEW = "review", _("review with leadership")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="milestones")
    kind = models.CharField(max_length=20, choices=Kind)
    position = models.PositiveSmallIntegerField()
    """Order within the plan."""
    cohort = models.PositiveSmallIntegerField(default=0)
    """Which cohort of the plan it is for, from 1; 0: the whole agency."""
    number = models.PositiveSmallIntegerField(default=1)
    """Which of its kind: training day, call, wave."""
    title = models.CharField(_("title"), max_length=160, blank=True)
    """Own words in place of the usual ones."""
    on = models.DateField(_("date"))
    until_on = models.DateField(_("until"))
    """Last day, the same as ``on`` for a single day."""
    baseline_on = models.DateField(null=True, blank=True)
    is_fixed = models.BooleanField(_("stays on its date"), default=False)
    """Set by hand: dates worked out anew leave it where it is."""
    row_uuid = models.UUIDField(null=True, blank=True)
    """The training session, call or wave made from it."""
    done_on = models.DateField(_("done on"), null=True, blank=True)
    """Said by hand, where no row tells it."""

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "kind", "cohort", "number"], name="one_milestone_of_a_kind"
            ),
            models.CheckConstraint(condition=Q(until_on__gte=F("on")), name="milestone_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}, {self.on}"
