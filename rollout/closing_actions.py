"""Writes of the days on which an agency is closed."""

from datetime import datetime

from django.db import transaction

from .audit import record
from .models import ClosedDay, User


@transaction.atomic
def add(closed: ClosedDay, *, by: User, at: datetime) -> ClosedDay:
    """Closed from now on as far as plans are concerned; what is planned already stays."""
    closed.save()
    record("added closing days", closed.agency, by=by, at=at, agency=closed.agency, after=_values(closed))
    return closed


@transaction.atomic
def remove(closed: ClosedDay, *, by: User, at: datetime) -> None:
    """Open again on these days."""
    values = _values(closed)
    closed.delete()
    record("removed closing days", closed.agency, by=by, at=at, agency=closed.agency, before=values)


def _values(closed: ClosedDay) -> dict[str, str]:
    return {
        "name": closed.name,
        "from_on": closed.from_on.isoformat(),
        "until_on": closed.until_on.isoformat(),
    }
