"""Curricula, cohorts, training sessions, and who was there."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .. import starter
from .people import Agency, Person, User


class Curriculum(models.Model):
    """What is taught: Foundations (12 h, everyone), Supervision (6 h, supervisors), Helping Relationship Skills."""

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("everyone")
        SUPERVISORS = "supervisors", _("supervisors, in addition")
        OPTIONAL = "optional", _("whoever is chosen")

    code = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=120)
    audience = models.CharField(max_length=20, choices=Audience)
    required_minutes = models.PositiveIntegerField(_("minutes required"))
    is_starter = models.BooleanField(default=True)
    """Written for this product from public facts; a program office replaces it by its own."""

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "curricula"

    def __str__(self) -> str:
        return starter.shown(self.name)


class Module(models.Model):
    """A part of a curriculum, in clock minutes without breaks."""

    curriculum = models.ForeignKey(Curriculum, models.CASCADE, related_name="modules")
    position = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=200)
    minutes = models.PositiveSmallIntegerField()
    domain = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["curriculum", "position"]
        constraints = [
            models.UniqueConstraint(fields=["curriculum", "position"], name="one_module_per_place")
        ]

    def __str__(self) -> str:
        return starter.shown(self.title)


class CohortQuerySet(models.QuerySet["Cohort"]):
    def visible_to(self, user: User) -> Self:
        from ..access import DELIVERS

        return self.filter(agency__in=Agency.objects.where(user, *DELIVERS))

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)


class Cohort(models.Model):
    """People who go through one curriculum together."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="cohorts")
    curriculum = models.ForeignKey(
        Curriculum, models.PROTECT, related_name="cohorts", verbose_name=_("curriculum")
    )
    name = models.CharField(_("name"), max_length=120)
    capacity = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    """How many can take part; None: as many as come."""
    members = models.ManyToManyField(Person, through="CohortMember", related_name="cohorts")

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "curriculum", "name"], name="one_cohort_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class CohortMember(models.Model):
    """Somebody's place in a cohort. Sessions before ``joined_on`` are not theirs to miss."""

    cohort = models.ForeignKey(Cohort, models.CASCADE)
    person = models.ForeignKey(Person, models.CASCADE)
    joined_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "person"], name="once_in_a_cohort")]

    def __str__(self) -> str:
        return f"{self.person} · {self.cohort}"


class WaitingPlace(models.Model):
    """Somebody who waits for a place in a full cohort, first come first served. No member yet: nothing counts for them."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="waiting")
    person = models.ForeignKey(Person, models.CASCADE, related_name="waiting")
    since_at = models.DateTimeField()

    class Meta:
        ordering = ["since_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["cohort", "person"], name="waits_once_for_a_cohort")]

    def __str__(self) -> str:
        return f"{self.person} · {self.cohort}"


class TrainerProfile(models.Model):
    """What is known of a trainer beyond the account."""

    user = models.OneToOneField(User, models.CASCADE, related_name="trainer_profile")
    region = models.CharField(_("region"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.user}, {self.region}"


class TrainerAway(models.Model):
    """Days on which a trainer takes no booking, both included."""

    user = models.ForeignKey(User, models.CASCADE, related_name="away")
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["from_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="away_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.from_on}–{self.until_on}"


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> Self:
        """Sessions of agencies one leads or trains, of one's own cohorts, and where one makes up for a missed one."""
        from ..access import DELIVERS

        own = CohortMember.objects.filter(person__user=user, person__left_on=None).values("cohort")
        made_up = Attendance.objects.filter(
            person__user=user, person__left_on=None, makes_up_for__isnull=False
        ).values("session")
        return self.filter(
            Q(cohort__agency__in=Agency.objects.where(user, *DELIVERS))
            | Q(cohort__in=own)
            | Q(pk__in=made_up)
        )

    def editable_by(self, user: User) -> Self:
        """Sessions of agencies one leads or trains."""
        from ..access import DELIVERS

        return self.filter(cohort__agency__in=Agency.objects.where(user, *DELIVERS))

    def planned(self) -> Self:
        return self.filter(cancelled_at=None)


class Session(models.Model):
    """One day of training for one cohort. Credit counts its modules' minutes, breaks left out."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="sessions", verbose_name=_("cohort"))
    title = models.CharField(_("title"), max_length=160)
    day = models.PositiveSmallIntegerField(_("training day"), default=1)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    place_details = models.CharField(_("how to find it"), max_length=500, blank=True)
    video_link = models.URLField(_("video link"), blank=True, max_length=500)
    video_details = models.CharField(_("how to join by video"), max_length=500, blank=True)
    trainer = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="sessions", verbose_name=_("trainer")
    )
    modules = models.ManyToManyField(
        Module, related_name="sessions", blank=True, verbose_name=_("modules covered")
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["starts_at"], name="session_start")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def agency(self) -> Agency:
        return self.cohort.agency


class Attendance(models.Model):
    """Somebody's sign-in and sign-out at a session.

    Credit follows by rule (``rollout.credit``) or by an override that says why.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="attendances")
    person = models.ForeignKey(Person, models.CASCADE, related_name="attendances")
    signed_in_at = models.DateTimeField(null=True, blank=True)
    signed_out_at = models.DateTimeField(null=True, blank=True)
    makes_up_for = models.ForeignKey(
        Session,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="made_up_by",
        verbose_name=_("makes up for"),
    )
    """The session that was missed, when this one was attended in its place."""
    override_minutes = models.PositiveSmallIntegerField(_("credited minutes"), null=True, blank=True)
    override_reason = models.CharField(_("reason"), max_length=300, blank=True)
    override_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    override_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="once_at_a_session"),
            models.CheckConstraint(
                condition=Q(signed_out_at=None) | Q(signed_out_at__gte=F("signed_in_at")), name="out_after_in"
            ),
            models.CheckConstraint(
                condition=Q(override_minutes=None, override_reason="", override_by=None, override_at=None)
                | (
                    Q(override_minutes__isnull=False, override_by__isnull=False, override_at__isnull=False)
                    & ~Q(override_reason="")
                ),
                name="override_has_reason_and_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.session}"
