"""Who did what, when: written by every action, never with survey content or private text."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from .models import Agency, AuditEntry, User


def record(
    verb: str,
    subject: Model,
    *,
    by: User | None,
    at: datetime,
    agency: Agency | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Leave a trace of one write. ``before`` and ``after`` hold the changed fields only; ``by`` None is the system."""
    return AuditEntry.objects.create(
        at=at,
        by=by,
        agency=agency,
        verb=verb,
        subject=subject._meta.label,
        subject_id=str(getattr(subject, "uuid", subject.pk)),
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
    )
