"""What was true when: places on the roster by date, and entries that turned out to be one human being."""

import uuid

from django.db import models
from django.db.models import F, Q

from .people import Agency, Person, Team, User


class Placement(models.Model):
    """Somebody's team and role over a span of days: ``from_on`` included, ``until_on`` not.

    Spans of one person never overlap. ``from_on`` None: since before the roster was kept here; ``until_on`` None:
    still so. Somebody who left has no open span; somebody who came back has a new one.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="placements")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="placements")
    job_title = models.CharField(max_length=120, blank=True)
    supervises = models.BooleanField(default=False)
    """Whether they supervised a team then."""
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["person", F("from_on").asc(nulls_first=True), "pk"]
        indexes = [models.Index(fields=["person", "from_on"], name="placement_of_person")]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(until_on=None), name="one_open_placement"),
            models.CheckConstraint(
                condition=Q(from_on=None) | Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="placement_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.from_on}–{self.until_on}"


class Merge(models.Model):
    """Two entries joined into one, with all that is needed to part them again."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="merges")
    kept = models.ForeignKey(Person, models.CASCADE, related_name="merges_kept")
    absorbed = models.ForeignKey(Person, models.CASCADE, related_name="merges_absorbed")
    moved = models.JSONField(default=dict)
    """Rows that changed hands and fields that were taken over: keys and earlier values, never private text."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_by=None, undone_at=None)
                | Q(undone_by__isnull=False, undone_at__isnull=False),
                name="undone_merge_says_who_and_when",
            )
        ]

    def __str__(self) -> str:
        return f"{self.absorbed} → {self.kept}"


class NotTheSame(models.Model):
    """Two entries that look alike, and of which somebody has said that they are two human beings."""

    one = models.ForeignKey(Person, models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, models.CASCADE, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="said_once_of_a_pair"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one} ≠ {self.other}"
