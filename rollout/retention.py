"""How long contact data of people who left is kept. Their hours and certificates stay, with the name on them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from .audit import record
from .dates import same_day_of_month
from .models import Agency, AuditEntry, Merge, Person, User
from .placements import BATCH

FIELDS = ("email", "employee_number")
"""What is removed. Names stay: hours and certificates would be nobody's without them."""
YEARS = 3
"""After leaving, where an agency says nothing else."""


def is_due(left_on: date | None, today: date, years: int) -> bool:
    """Whether somebody left at least that many years ago."""
    return left_on is not None and same_day_of_month(left_on, 12 * years) <= today


def due(agency: Agency, today: date, years: int) -> list[Person]:
    """People whose contact data should be gone by now and is not, entries that were joined into others included."""
    gone = agency.people.exclude(left_on=None).exclude(**dict.fromkeys(FIELDS, ""))
    return [person for person in gone if is_due(person.left_on, today, years)]


@transaction.atomic
def forget(agency: Agency, people: Iterable[Person], *, by: User | None, at: datetime) -> int:
    """Remove e-mail and employee number from these entries, from what is kept to part joined ones, and from the trail."""
    found = list(people)
    for person in found:
        person.email = person.employee_number = ""
    Person.objects.bulk_update(found, FIELDS, batch_size=BATCH)
    keys = [person.pk for person in found]
    for merge in Merge.objects.filter(kept__in=keys) | Merge.objects.filter(absorbed__in=keys):
        for side in ("before", "after"):
            for name in ("kept", "absorbed"):
                _blank(merge.moved[side][name])
        merge.save(update_fields=["moved"])
    trail = list(
        AuditEntry.objects.filter(
            subject=Person._meta.label, subject_id__in=[str(person.uuid) for person in found]
        )
    )
    for entry in trail:
        _blank(entry.before)
        _blank(entry.after)
    AuditEntry.objects.bulk_update(trail, ["before", "after"], batch_size=BATCH)
    if found:
        record(
            "removed contact data of leavers",
            agency,
            by=by,
            at=at,
            agency=agency,
            after={"people": len(found)},
        )
    return len(found)


def _blank(values: dict[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            values[name] = ""
