"""Accounts, agencies, teams and the people on their rosters."""

import uuid
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from ..access import Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account; without a password it is signed in to by a mailed code."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """An account that signs in by e-mail. Its roles follow from facts, see ``rollout.access``."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=10, blank=True)
    """Chosen by its owner, one of ``LANGUAGES``; "" follows the browser, and the agency in mails."""
    is_active = models.BooleanField(default=True)
    is_site_admin = models.BooleanField(_("site administrator"), default=False)
    signed_up_at = models.DateTimeField(null=True, blank=True)
    """When they came by themselves, to work through the skills without an agency; None: from a roster or invited."""
    claimed_at = models.DateTimeField(null=True, blank=True)
    """When its owner first came in. From then on a roster may not move the account to another address:
    whoever edits rosters would otherwise be able to have a colleague's sign-in codes sent to themselves."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    def __str__(self) -> str:
        return self.name or self.email


def check_time_zone(name: str) -> None:
    """A name of the IANA time zone database."""
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Take one like America/Denver."), params={"name": name}
        )


class AgencyQuerySet(models.QuerySet["Agency"]):
    def where(self, user: User, *roles: "Role") -> Self:
        """Agencies in which the user holds one of the roles (any role when none is named)."""
        from ..access import Role

        wanted = roles or tuple(Role)
        if user.is_site_admin and Role.SITE_ADMIN in wanted:
            return self
        match = Q(pk=None)
        if Role.LEADER in wanted:
            match |= Q(leaders=user)
        if Role.TRAINER in wanted:
            match |= Q(trainers=user)
        if Role.SUPERVISOR in wanted:
            match |= Q(teams__supervisor__user=user, teams__supervisor__left_on=None)
        if Role.STAFF in wanted:
            match |= Q(people__user=user, people__left_on=None)
        return self.filter(pk__in=Agency.objects.filter(match).values("pk"))

    def visible_to(self, user: User) -> Self:
        """Agencies one has anything to do with; a site administrator all."""
        return self.where(user)

    def editable_by(self, user: User) -> Self:
        """Agencies one leads; a site administrator all."""
        from ..access import RUNS_AGENCIES

        return self.where(user, *RUNS_AGENCIES)


class Agency(models.Model):
    """An organization that rolls out CE-CERT, with the rules that count in it."""

    class Setting(models.TextChoices):
        CLINIC = "clinic", _("outpatient clinic")
        CHILD_WELFARE = "child_welfare", _("public child welfare agency")
        DAILY_LIVING = "daily_living", _("community daily-living setting")
        VIRTUAL = "virtual", _("virtual")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name in addresses"), max_length=60, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[check_time_zone])
    language = models.CharField(_("language of mails"), max_length=10, default="en")
    """For people who have not chosen one themselves."""
    setting = models.CharField(_("setting"), max_length=20, choices=Setting, default=Setting.CHILD_WELFARE)
    starts_on = models.DateField(_("start of the rollout"), null=True, blank=True)
    k = models.PositiveSmallIntegerField(_("smallest group shown"), default=5)
    late_minutes = models.PositiveSmallIntegerField(_("minutes one may sign in late"), default=15)
    early_minutes = models.PositiveSmallIntegerField(_("minutes one may sign out early"), default=15)
    partial_credit = models.BooleanField(_("credit part of a session"), default=False)
    call_minutes = models.PositiveSmallIntegerField(_("minutes that make a call count"), default=50)
    calls_needed = models.PositiveSmallIntegerField(_("calls needed"), default=8)
    help_text = models.TextField(_("where staff can turn"), blank=True)
    region = models.CharField(_("state whose holidays count"), max_length=10, blank=True)
    """A US state or territory by its postal code; "" counts the federal holidays only."""
    sponsor = models.CharField(_("sponsor on certificates"), max_length=200, blank=True)
    approval_text = models.TextField(_("continuing-education approval"), blank=True)
    """Word for word as the agency holds it; a certificate claims no approval without it."""
    override_reason = models.CharField(
        _("why training may open without a commitment"), max_length=300, blank=True
    )
    override_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    override_at = models.DateTimeField(null=True, blank=True)
    leaders = models.ManyToManyField(User, related_name="leads", blank=True)
    trainers = models.ManyToManyField(User, related_name="trains", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"
        constraints = [
            models.CheckConstraint(condition=Q(k__gte=5), name="agency_k_at_least_5"),
            models.CheckConstraint(
                condition=Q(override_reason="", override_by=None, override_at=None)
                | (Q(override_by__isnull=False, override_at__isnull=False) & ~Q(override_reason="")),
                name="training_override_has_reason_and_author",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Commitment(models.Model):
    """What leadership promised at the start.

    Time for training, calls protected, leaders practice it too, figures looked at together.
    """

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="commitments")
    name = models.CharField(_("who"), max_length=200)
    title = models.CharField(_("title"), max_length=200)
    made_on = models.DateField(_("date"))
    training_time = models.BooleanField(_("time for training"), default=False)
    protected_calls = models.BooleanField(_("calls protected in calendars"), default=False)
    leaders_practise = models.BooleanField(_("leaders practice it too"), default=False)
    figures_together = models.BooleanField(_("looking at the figures together"), default=False)

    class Meta:
        ordering = ["-made_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.title}"


class CommitmentPaper(models.Model):
    """The signed page of a commitment, as it was uploaded."""

    commitment = models.OneToOneField(Commitment, models.CASCADE, related_name="paper")
    filename = models.CharField(max_length=200)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.filename


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: User) -> Self:
        """Teams of agencies one leads or trains, and those one supervises."""
        from ..access import DELIVERS

        return self.filter(
            Q(agency__in=Agency.objects.where(user, *DELIVERS))
            | Q(supervisor__user=user, supervisor__left_on=None)
        )

    def editable_by(self, user: User) -> Self:
        return self.filter(agency__in=Agency.objects.editable_by(user))


class Team(models.Model):
    """People who work together under one supervisor."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=120)
    supervisor = models.ForeignKey(
        "Person",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="supervises",
        verbose_name=_("supervisor"),
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("agency", Lower("name"), name="one_team_of_a_name")]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    def current(self) -> Self:
        """On the roster today."""
        return self.filter(left_on=None)

    def visible_to(self, user: User) -> Self:
        """Yourself, your team if you supervise it, your agency if you lead it, agencies you train.

        Never an entry that was joined into another.
        """
        from ..access import DELIVERS

        return self.filter(merged_into=None).filter(
            Q(user=user)
            | Q(agency__in=Agency.objects.where(user, *DELIVERS))
            | Q(team__supervisor__user=user, team__supervisor__left_on=None)
        )

    def editable_by(self, user: User) -> Self:
        """People of agencies you lead, each human being once."""
        return self.filter(agency__in=Agency.objects.editable_by(user), merged_into=None)


class Person(models.Model):
    """Somebody on an agency's roster. Pseudonymous answers hang on ``uuid``, so it never changes."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="people")
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="people", verbose_name=_("team")
    )
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="people")
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100)
    email = models.EmailField(_("e-mail"), blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    employee_number = models.CharField(_("employee number"), max_length=40, blank=True)
    hired_on = models.DateField(_("hired on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged")
    """The other entry of the same human being, once somebody has joined the two; this one has left the roster."""

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        verbose_name_plural = "people"
        indexes = [models.Index(fields=["agency", "left_on", "last_name", "first_name"], name="roster_order")]
        constraints = [
            models.UniqueConstraint(
                "agency", Lower("email"), condition=~Q(email=""), name="one_person_per_address"
            ),
            models.UniqueConstraint(
                fields=["agency", "employee_number"],
                condition=~Q(employee_number=""),
                name="one_person_per_number",
            ),
            models.UniqueConstraint(
                fields=["agency", "user"], condition=Q(user__isnull=False), name="one_place_per_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"
