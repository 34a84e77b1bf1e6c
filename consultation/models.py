"""Series of consultation calls, what is prepared and promised in them, and MAPS checklists with their logs."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rollout.access import DELIVERS, Role
from rollout.models import Agency, Person, Session, User
from rollout.starter import DOMAINS, shown


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, user: User) -> Self:
        """Series of agencies one leads or trains, and those one takes or took part in."""
        own = SeriesMember.objects.filter(person__user=user, person__left_on=None).values("series")
        return self.filter(Q(agency__in=Agency.objects.where(user, *DELIVERS)) | Q(pk__in=own))

    def editable_by(self, user: User) -> Self:
        return self.filter(agency__in=Agency.objects.where(user, *DELIVERS))


class Series(models.Model):
    """Ten calls over ten months for one group of supervisors."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="series")
    name = models.CharField(_("name"), max_length=120)
    trainer = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="series", verbose_name=_("trainer")
    )
    video_link = models.URLField(_("video link"), blank=True, max_length=500)
    members = models.ManyToManyField(Person, through="SeriesMember", related_name="series")

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="one_series_of_a_name")]

    def __str__(self) -> str:
        return self.name


class SeriesMemberQuerySet(models.QuerySet["SeriesMember"]):
    def current(self) -> Self:
        """In the series and on the roster today."""
        return self.filter(left_on=None, person__left_on=None)


class SeriesMember(models.Model):
    """A supervisor's place in a series. Calls before ``joined_on``, or from ``left_on`` on, are not theirs to
    miss.
    """

    series = models.ForeignKey(Series, models.CASCADE)
    person = models.ForeignKey(Person, models.CASCADE)
    joined_on = models.DateField(_("from"))
    left_on = models.DateField(null=True, blank=True)
    """Taken out of the series: what they prepared stays theirs to read, what they attended stays on record."""

    objects = SeriesMemberQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "person"], name="once_in_a_series")]

    def __str__(self) -> str:
        return f"{self.person} · {self.series}"

    def is_expected(self, day: date) -> bool:
        """Whether a call on this day (in the agency's zone) is theirs."""
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, user: User) -> Self:
        """Calls of series one may see."""
        return self.filter(series__in=Series.objects.visible_to(user))

    def editable_by(self, user: User) -> Self:
        """Calls of agencies one leads or trains."""
        return self.filter(series__in=Series.objects.editable_by(user))

    def trained_by(self, user: User) -> Self:
        """Calls whose room one may enter as trainer: preparations and notes stay between supervisors and
        trainer.
        """
        return self.filter(series__agency__in=Agency.objects.where(user, Role.TRAINER))

    def planned(self) -> Self:
        return self.filter(cancelled_at=None)


class Call(models.Model):
    """One hour of consultation with its own content plan."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    series = models.ForeignKey(Series, models.CASCADE, related_name="calls")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=120)
    domain = models.CharField(_("skill domain"), max_length=60, blank=True)
    aim = models.TextField(_("afterwards the supervisor can"), blank=True)
    opening_question = models.TextField(_("opening question"), blank=True)
    practice = models.TextField(_("practice to try until next time"), blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    video_link = models.URLField(_("video link"), blank=True, max_length=500)
    """Of this call alone; empty: the series' own."""
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["starts_at"], name="call_start")]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="one_call_of_a_number"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="call_ends_after_start"),
            models.CheckConstraint(
                condition=Q(held_at=None, held_by=None) | Q(held_at__isnull=False, held_by__isnull=False),
                name="held_call_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return _("Call %(number)s: %(title)s") % {"number": self.number, "title": shown(self.title)}

    @property
    def agency(self) -> Agency:
        return self.series.agency

    @property
    def day(self) -> date:
        """Its day in the agency's zone."""
        return self.starts_at.astimezone(self.agency.zone).date()

    @property
    def join_link(self) -> str:
        """Where to join; may be empty."""
        return self.video_link or self.series.video_link

    @property
    def length(self) -> int:
        """Planned minutes."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def domain_name(self) -> str:
        """The skill domain in words; what a program office wrote itself stays as it is."""
        return str(DOMAINS.get(self.domain, self.domain))


class CallAttendance(models.Model):
    """Minutes somebody took part in a call; it counts from the agency's minimum on (50 by default)."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="attendances")
    person = models.ForeignKey(Person, models.CASCADE, related_name="call_attendances")
    minutes = models.PositiveSmallIntegerField(_("minutes"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "person"], name="once_at_a_call"),
            models.CheckConstraint(condition=Q(minutes__lte=240), name="call_minutes_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.call}"


class PreparationQuerySet(models.QuerySet["Preparation"]):
    def visible_to(self, user: User) -> Self:
        """One's own; shared ones also for the agency's trainers. Never for leaders."""
        return self.filter(
            Q(person__user=user)
            | Q(shared_at__isnull=False, call__series__agency__in=Agency.objects.where(user, Role.TRAINER))
        )

    def editable_by(self, user: User) -> Self:
        return self.filter(person__user=user, person__left_on=None)


class Preparation(models.Model):
    """What a supervisor brings to a call. Theirs alone until they share it with the trainer."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="preparations")
    person = models.ForeignKey(Person, models.CASCADE, related_name="preparations")
    situation = models.TextField(_("a situation from your team"), blank=True)
    tried = models.TextField(_("what you tried, and what happened"), blank=True)
    question = models.TextField(_("one question for the call"), blank=True)
    for_the_team = models.TextField(_("one thing to bring to the team"), blank=True)
    updated_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = PreparationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "person"], name="one_preparation_for_a_call")]

    def __str__(self) -> str:
        return f"{self.person} · {self.call}"


class CallCommitment(models.Model):
    """What a supervisor took on in a call, and later how it went."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        PARTLY = "partly", _("partly")
        NOT_YET = "not_yet", _("not yet")

    call = models.ForeignKey(Call, models.CASCADE, related_name="commitments")
    person = models.ForeignKey(Person, models.CASCADE, related_name="call_commitments")
    text = models.CharField(_("commitment"), max_length=300)
    due_on = models.DateField(_("by"), null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["call", "person"], name="one_commitment_from_a_call")]

    def __str__(self) -> str:
        return self.text


class Checklist(models.Model):
    """A versioned list of points to air. Published versions never change; a log stays on its version for
    good.
    """

    class Occasion(models.TextChoices):
        CALL = "call", _("consultation call")
        SESSION = "session", _("training session")

    code = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=160)
    occasion = models.CharField(max_length=10, choices=Occasion)
    curriculum_code = models.SlugField(max_length=60, blank=True)
    """Training sessions: of which curriculum; ``number`` is then the training day, for calls the call's
    number.
    """
    number = models.PositiveSmallIntegerField()
    is_starter = models.BooleanField(default=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["occasion", "curriculum_code", "number", "version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_checklist_version")]

    def __str__(self) -> str:
        return f"{shown(self.title)} (v{self.version})"

    @property
    def occasion_name(self) -> str:
        """What it is for, with its number: "Call 4" or "Training day 2"."""
        words = _("Call %(n)s") if self.occasion == self.Occasion.CALL else _("Training day %(n)s")
        return words % {"n": self.number}


class ChecklistPoint(models.Model):
    """A point to air. *must* points count in the fidelity score; *may* points are logged and shown."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="points")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=12)
    text = models.CharField(max_length=300)
    guidance = models.CharField(max_length=400, blank=True)
    domain = models.CharField(max_length=60, blank=True)
    must = models.BooleanField(default=True)

    class Meta:
        ordering = ["checklist", "position"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "position"], name="one_point_per_place"),
            models.UniqueConstraint(fields=["checklist", "code"], name="one_point_of_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {shown(self.text)}"

    @property
    def domain_name(self) -> str:
        """The skill domain in words; may be empty."""
        return str(DOMAINS.get(self.domain, self.domain))


class MapsLogQuerySet(models.QuerySet["MapsLog"]):
    def visible_to(self, user: User) -> Self:
        """Logs of agencies one leads or trains; whether a second rater may already read one is
        ``logs.may_read``.
        """
        agencies = Agency.objects.where(user, *DELIVERS)
        return self.filter(Q(call__series__agency__in=agencies) | Q(session__cohort__agency__in=agencies))

    def editable_by(self, user: User) -> Self:
        """One's own logs, while one trains the agency."""
        agencies = Agency.objects.where(user, Role.TRAINER)
        return self.filter(
            Q(call__series__agency__in=agencies) | Q(session__cohort__agency__in=agencies), logged_by=user
        )


class MapsLog(models.Model):
    """One person's log of the points aired in one training session or call."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="logs")
    call = models.ForeignKey(Call, models.CASCADE, null=True, blank=True, related_name="logs")
    session = models.ForeignKey(Session, models.CASCADE, null=True, blank=True, related_name="maps_logs")
    logged_by = models.ForeignKey(User, models.PROTECT, related_name="maps_logs")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    readers = models.ManyToManyField(User, related_name="+", blank=True)
    """Trainers who chose to read this log instead of logging the occasion themselves: theirs would not be
    blind.
    """

    objects = MapsLogQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(call__isnull=False, session=None) | Q(call=None, session__isnull=False),
                name="log_of_a_call_or_a_session",
            ),
            models.UniqueConstraint(fields=["call", "logged_by"], name="one_log_per_call_and_person"),
            models.UniqueConstraint(fields=["session", "logged_by"], name="one_log_per_session_and_person"),
        ]

    def __str__(self) -> str:
        return f"{self.checklist} · {self.logged_by}"


class MapsEntry(models.Model):
    """The answer to one point. ``version`` lets the second of two writers see the first one's text."""

    class Aired(models.TextChoices):
        AIRED = "aired", _("Aired")
        PARTLY = "partly", _("Partly")
        MISSED = "missed", _("Not")
        NOT_APPLICABLE = "na", _("N/A")

    log = models.ForeignKey(MapsLog, models.CASCADE, related_name="entries")
    point = models.ForeignKey(ChecklistPoint, models.PROTECT, related_name="entries")
    aired = models.CharField(max_length=8, choices=Aired, blank=True)
    remark = models.CharField(_("remark"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["point__position"]
        constraints = [models.UniqueConstraint(fields=["log", "point"], name="one_entry_per_point")]

    def __str__(self) -> str:
        return f"{self.point.code}: {self.aired}"
