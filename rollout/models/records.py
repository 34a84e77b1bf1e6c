"""What the system keeps about its own work: notices to send, roster files, documents made, and who changed what."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .people import Agency, User


class Notice(models.Model):
    """A mail that is to be sent once: the row is the queue (outbox).

    ``key`` names rule, person, subject and occurrence; a second row for the same occasion cannot exist. The text is
    composed while sending, so no token or private word ever stands here.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        UNCERTAIN = "uncertain", _("uncertain")
        FAILED = "failed", _("failed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    key = models.CharField(max_length=250, unique=True)
    rule = models.CharField(max_length=40)
    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, related_name="notices")
    about = models.JSONField(default=dict)
    """Which rows it is about, as ``{"call": uuid}``: names of things only."""
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["state", "next_try_at"], name="notices_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"),
                name="sent_notice_says_when",
            )
        ]

    def __str__(self) -> str:
        return self.key


class AuditEntry(models.Model):
    """Who did what, when: before → after of what changed, never survey content or private text."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="audit")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject} {self.subject_id}"


class RosterUpload(models.Model):
    """A roster file between its preview and its application; the file itself is dropped once applied or after a day."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="roster_uploads")
    uploaded_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField()
    filename = models.CharField(max_length=200)
    content = models.BinaryField()
    columns = models.JSONField(null=True, blank=True)
    """Columns re-assigned by hand: ``{"0": "first_name", …}``; none: as guessed."""
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.filename


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> Self:
        """Those of agencies one leads, and what one asked for oneself where one trains."""
        from ..access import Role

        trained = Agency.objects.where(user, Role.TRAINER)
        return self.filter(
            Q(agency__in=Agency.objects.editable_by(user)) | Q(requested_by=user, agency__in=trained)
        )

    def editable_by(self, user: User) -> Self:
        """Documents of agencies one leads."""
        return self.filter(agency__in=Agency.objects.editable_by(user))


class Document(models.Model):
    """A report that the queue makes and somebody waits for. The row is the job: after a restart it is taken up again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        WORKING = "working", _("in the making")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    about = models.JSONField(default=dict)
    """What of the agency it is made from, as ``{"cohort": uuid}``: names of things only."""
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    """Parts finished of all parts, where there are several; 0: not counted."""
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="documents")
    requested_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    requested_at = models.DateTimeField()
    language = models.CharField(max_length=10, default="en")
    """Of whoever asked, at that moment: the document's and that of what is said about its making."""
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    filename = models.CharField(max_length=160, blank=True)
    content = models.BinaryField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} · {self.agency}"
