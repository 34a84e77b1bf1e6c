"""What comes of it: certificates, and the agency's workforce by month."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .people import Agency, Person, User
from .training import Cohort, Curriculum


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of agencies one leads or trains."""
        from ..access import DELIVERS

        return self.filter(Q(person__user=user) | Q(agency__in=Agency.objects.where(user, *DELIVERS)))

    def editable_by(self, user: User) -> Self:
        """Those of agencies one leads or trains."""
        from ..access import DELIVERS

        return self.filter(agency__in=Agency.objects.where(user, *DELIVERS))


class Certificate(models.Model):
    """What was certified, frozen: later changes of names, sessions or rules do not touch it.

    Corrected by issuing another that ``replaces`` it; withdrawn by revoking, with a reason.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("verification code"), max_length=20, unique=True)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="certificates")
    person = models.ForeignKey(Person, models.CASCADE, related_name="certificates")
    curriculum = models.ForeignKey(Curriculum, models.PROTECT, related_name="certificates")
    cohort = models.ForeignKey(Cohort, models.SET_NULL, null=True, blank=True, related_name="certificates")
    participant = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    dates = models.JSONField(default=list)
    """Days attended in the agency's zone, ISO, in order."""
    minutes = models.PositiveIntegerField()
    """Clock minutes credited, breaks left out."""
    trainers = models.JSONField(default=list)
    """Names, in order of their sessions."""
    sponsor = models.CharField(max_length=200)
    approval_text = models.TextField(blank=True)
    language = models.CharField(max_length=10, default="en")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    replaces = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced_by"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "curriculum"],
                condition=Q(revoked_at=None),
                name="one_valid_certificate",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revoked_reason="")
                | (Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_reason="")),
                name="revoked_certificate_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class WorkforceMonthQuerySet(models.QuerySet["WorkforceMonth"]):
    def visible_to(self, user: User) -> Self:
        """Of agencies one leads."""
        return self.filter(agency__in=Agency.objects.editable_by(user))


class WorkforceMonth(models.Model):
    """An agency's workforce in one month, typed or imported. None: not known, which is not 0.

    Turnover is separations over headcount; absenteeism days lost over days scheduled.
    """

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="workforce")
    month_on = models.DateField(_("month"))
    """Its first day."""
    headcount = models.PositiveIntegerField(_("people employed"), null=True, blank=True)
    separations = models.PositiveIntegerField(_("people who left"), null=True, blank=True)
    days_lost = models.DecimalField(_("days lost"), max_digits=9, decimal_places=1, null=True, blank=True)
    days_scheduled = models.DecimalField(
        _("days scheduled"), max_digits=9, decimal_places=1, null=True, blank=True
    )
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    """None: imported from the command line."""
    entered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = WorkforceMonthQuerySet.as_manager()

    class Meta:
        ordering = ["agency", "month_on"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "month_on"], name="one_row_a_month"),
            models.CheckConstraint(condition=Q(month_on__day=1), name="month_by_its_first_day"),
            models.CheckConstraint(
                condition=Q(days_lost=None) | Q(days_scheduled=None) | Q(days_lost__lte=F("days_scheduled")),
                name="no_more_lost_than_scheduled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}, {self.month_on:%Y-%m}"
