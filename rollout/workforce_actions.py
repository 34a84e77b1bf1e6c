"""Writes of the monthly workforce figures, and what is suggested for them from the roster."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from .audit import record
from .dates import same_day_of_month
from .models import Agency, User, WorkforceMonth
from .placements import staff_by_month
from .refusals import Changed
from .workforce import FIELDS, Figure, Month

IMPORTED = "imported workforce figures"


@dataclass(frozen=True)
class Change:
    """What a file does to one month: (field, before, after) of what differs."""

    month: date
    fields: tuple[tuple[str, Figure, Figure], ...]
    is_new: bool


@dataclass(frozen=True)
class Preview:
    """What a file would do. ``seen`` names the state it was worked out from."""

    changes: tuple[Change, ...]
    unchanged: int
    refused: tuple[tuple[date, str], ...]
    """Months that would end with more days lost than scheduled, with the two figures."""
    seen: str

    def counts(self) -> dict[str, int]:
        new = sum(change.is_new for change in self.changes)
        return {"new": new, "changed": len(self.changes) - new, "unchanged": self.unchanged}


def month_of(row: WorkforceMonth) -> Month:
    """A row as a value."""
    return Month(row.month_on, row.headcount, row.separations, row.days_lost, row.days_scheduled)


def months_of(agency: Agency) -> list[Month]:
    """All months that are known, in order; one query."""
    return [month_of(row) for row in agency.workforce.order_by("month_on")]


@transaction.atomic
def save_month(
    agency: Agency, month: Month, *, version: int, by: User | None, at: datetime
) -> WorkforceMonth:
    """Write one month. ``version`` is that of the row that was shown, 0 for none; Changed when it is another now."""
    values = dict(zip(FIELDS, month.figures, strict=True))
    stamp = {"entered_by": by, "entered_at": at}
    rows = WorkforceMonth.objects.filter(agency=agency, month_on=month.month)
    old = rows.first()
    if (old.version if old else 0) != version:
        raise Changed
    if old is None:
        try:
            with transaction.atomic():
                row = WorkforceMonth.objects.create(agency=agency, month_on=month.month, **values, **stamp)
        except IntegrityError as error:  # somebody else typed this month first
            raise Changed from error
    else:
        if not rows.filter(version=version).update(**values, **stamp, version=F("version") + 1):
            raise Changed
        row = rows.get()
    before = dict(zip(FIELDS, month_of(old).figures, strict=True)) if old else {}
    changed = [name for name in FIELDS if before.get(name) != values[name]]
    if changed:
        record(
            "changed workforce figures",
            row,
            by=by,
            at=at,
            agency=agency,
            before={"month": f"{month.month:%Y-%m}"} | _plain(before, changed),
            after=_plain(values, changed),
        )
    return row


def preview(agency: Agency, months: Sequence[Month]) -> Preview:
    """What these months would change; a figure that is None says nothing and leaves what is known."""
    known = {month.month: month for month in months_of(agency)}
    changes, refused, unchanged = [], [], 0
    for month in months:
        old = known.get(month.month)
        try:
            merged = laid_over(old, month)
        except ValueError:
            lost = month.days_lost if month.days_lost is not None else old and old.days_lost
            scheduled = (
                month.days_scheduled if month.days_scheduled is not None else old and old.days_scheduled
            )
            refused.append((month.month, f"{lost} > {scheduled}"))
            continue
        before = old or Month(month.month)
        pairs = zip(FIELDS, before.figures, merged.figures, strict=True)
        fields = tuple((name, was, then) for name, was, then in pairs if was != then)
        if fields:
            changes.append(Change(month.month, fields, old is None))
        else:
            unchanged += 1
    return Preview(tuple(changes), unchanged, tuple(refused), state(known.values()))


def laid_over(old: Month | None, new: Month) -> Month:
    """The new figures, and the old ones where the new say nothing. ValueError when they contradict each other."""
    if old is None:
        return new
    pairs = zip(old.figures, new.figures, strict=True)
    return Month(new.month, *(was if then is None else then for was, then in pairs))  # type: ignore[arg-type]


def state(months: Iterable[Month]) -> str:
    """A word for what is known now: another one once any figure has changed."""
    lines = (f"{month.month} {month.figures}" for month in sorted(months, key=lambda each: each.month))
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


@transaction.atomic
def import_months(
    agency: Agency, months: Sequence[Month], *, filename: str, seen: str | None, by: User | None, at: datetime
) -> Preview:
    """Write all of them, or nothing. Changed when the figures are no longer those that ``seen`` names (None: any).

    The preview is returned as it was; nothing is written when something in it is refused.
    """
    # Two imports into one agency wait for each other here.
    Agency.objects.select_for_update().get(pk=agency.pk)
    found = preview(agency, months)
    if seen is not None and seen != found.seen:
        raise Changed
    if found.refused:
        return found
    known = {row.month_on: row for row in agency.workforce.all()}
    new: list[WorkforceMonth] = []
    for change in found.changes:
        row = known.get(change.month) or WorkforceMonth(agency=agency, month_on=change.month, version=0)
        for name, _was, then in change.fields:
            setattr(row, name, then)
        row.entered_by, row.entered_at = by, at
        row.version += 1
        if row.pk is None:
            new.append(row)
        else:
            row.save()
    WorkforceMonth.objects.bulk_create(new)
    if found.changes:
        after = {"file": filename[:200], **found.counts()}
        record(IMPORTED, agency, by=by, at=at, agency=agency, after=after)
    return found


def suggestions(agency: Agency, first: date, today: date) -> dict[date, tuple[int, int]]:
    """Headcount and separations of past months as the roster tells them, by month. One query.

    Only of months that are over, and only since the roster is kept here: of those before, leavers are not known.
    """
    kept = kept_since(agency)
    start = max(kept, first.replace(day=1))
    end = today.replace(day=1) - timedelta(days=1)
    if start > end:
        return {}
    return {
        each.month: (each.headcount, each.separations)
        for each in staff_by_month(agency, start, end)
        if each.headcount or each.separations
    }


def kept_since(agency: Agency) -> date:
    """First day of the first whole month since the rollout began, or since the agency is known here, if earlier."""
    known = agency.created_at.astimezone(agency.zone).date()
    since = min(known, agency.starts_on) if agency.starts_on else known
    month = since.replace(day=1)
    return month if month == since else same_day_of_month(month, 1)


def _plain(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, str | None]:
    return {name: None if values.get(name) is None else str(values[name]) for name in names}


def unpacked(month: str, headcount: str | None, separations: str | None, *days: str | None) -> Month:
    """A month from texts as a session keeps them."""
    people = (None if text is None else int(text) for text in (headcount, separations))
    lost, scheduled = (None if text is None else Decimal(text) for text in days)
    return Month(date.fromisoformat(month), next(people), next(people), lost, scheduled)
