"""Private to each person: the practice plan, with whom it is shared, and self-ratings."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .people import Person, User
from .training import Module


class PracticePlanQuerySet(models.QuerySet["PracticePlan"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those shared with one as long as they are. No role opens any."""
        shared = PlanShare.objects.in_force().filter(reader=user)
        return self.filter(Q(user=user) | Q(pk__in=shared.values("plan")))

    def editable_by(self, user: User) -> Self:
        """One's own."""
        return self.filter(user=user)


class PracticePlan(models.Model):
    """Somebody's worksheet for practising the skills. Nobody else reads it, unless its owner shares it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="practice_plan")
    started_at = models.DateTimeField()

    objects = PracticePlanQuerySet.as_manager()

    def __str__(self) -> str:
        return f"#{self.pk}"


class PracticeEntry(models.Model):
    """What its owner wrote under one prompt."""

    plan = models.ForeignKey(PracticePlan, models.CASCADE, related_name="entries")
    prompt = models.SlugField(max_length=60)
    """Code of the prompt, see ``rollout.practice``."""
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "prompt"], name="one_entry_a_prompt")]

    def __str__(self) -> str:
        return self.prompt


class PlanShareQuerySet(models.QuerySet["PlanShare"]):
    def in_force(self) -> Self:
        """Those that open a plan at this moment: not withdrawn, reader and owner with an open account.

        A share with one's supervisor holds while that person supervises a team its owner belongs to today. It does
        not pass on to whoever supervises the team next.
        """
        supervised = Person.objects.filter(
            user=OuterRef("plan__user"),
            left_on=None,
            team__supervisor__user=OuterRef("reader"),
            team__supervisor__left_on=None,
        )
        return self.filter(withdrawn_at=None, reader__is_active=True, plan__user__is_active=True).filter(
            ~Q(kind=PlanShare.Kind.SUPERVISOR) | Exists(supervised)
        )

    def lapsed(self) -> Self:
        """Not withdrawn, and yet without a reader who may read: their account is closed, or they supervise no more."""
        waiting = Q(reader=None)
        return self.filter(withdrawn_at=None).exclude(waiting).exclude(pk__in=self.model.objects.in_force())

    def asked_of(self, user: User) -> Self:
        """Requests that wait for this account: somebody without an agency typed its address."""
        return self.filter(
            reader=None, withdrawn_at=None, address=user.email.lower(), plan__user__is_active=True
        ).exclude(plan__user=user)


class PlanShare(models.Model):
    """Leave to read somebody's plan, until it is withdrawn.

    Without a reader it waits under an ``address`` (lower case): whether an account has that address shows only when
    its owner accepts.
    """

    class Kind(models.TextChoices):
        SUPERVISOR = "supervisor", _("supervisor")
        PARTNER = "partner", _("accountability partner")

    plan = models.ForeignKey(PracticePlan, models.CASCADE, related_name="shares")
    reader = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="plans_shared_with")
    address = models.EmailField(blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    shared_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = PlanShareQuerySet.as_manager()

    class Meta:
        ordering = ["shared_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "reader"], condition=Q(withdrawn_at=None), name="shared_once_with_a_reader"
            ),
            models.UniqueConstraint(
                "plan",
                Lower("address"),
                condition=Q(withdrawn_at=None) & ~Q(address=""),
                name="asked_once_at_an_address",
            ),
            models.CheckConstraint(
                condition=Q(reader__isnull=False) | ~Q(address=""), name="share_has_reader_or_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} → {self.reader_id or '?'}"


class SelfRating(models.Model):
    """How sure somebody feels in one area on one day, 1 (new to me) to 5 (I could teach it). Theirs alone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="self_ratings")
    module = models.ForeignKey(Module, models.CASCADE, related_name="self_ratings")
    value = models.PositiveSmallIntegerField()
    rated_on = models.DateField()

    class Meta:
        ordering = ["rated_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "module", "rated_on"], name="one_rating_a_day"),
            models.CheckConstraint(condition=Q(value__gte=1, value__lte=5), name="rating_from_1_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self.module_id}: {self.rated_on}"
