"""What changes hands when two entries of one human being are joined, of every app, and how it goes back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models

from assessments.models import Invitation
from consultation.models import CallAttendance, CallCommitment, Preparation, SeriesMember
from rollout.models import (
    Attendance,
    Certificate,
    CohortMember,
    Merge,
    NotTheSame,
    Person,
    Placement,
    Team,
    WaitingPlace,
)

type Values = dict[str, Any]
KEYS: dict[type[models.Model], str] = {
    CohortMember: "cohort_id",
    WaitingPlace: "cohort_id",
    Attendance: "session_id",
    Certificate: "curriculum_id",
    SeriesMember: "series_id",
    CallAttendance: "call_id",
    Preparation: "call_id",
    CallCommitment: "call_id",
    Invitation: "wave_id",
}
"""What changes hands, and of what a person has one at most: where both have one, that of the entry that stays counts."""
STAY: frozenset[type[models.Model]] = frozenset({Placement, Merge, NotTheSame, Person, Team})
"""Rows that name people and are treated on their own."""


def to_move(model: type[models.Model], kept: Person, absorbed: Person) -> list[int]:
    """Keys of the rows that the absorbed entry hands over: all of which the other has none of its own."""
    rows = model._default_manager.filter(person=absorbed)
    theirs = model._default_manager.filter(person=kept)
    if model is Certificate:
        # A revoked one stands in nobody's way.
        return list(
            rows.exclude(
                revoked_at=None, curriculum_id__in=theirs.filter(revoked_at=None).values("curriculum_id")
            ).values_list("pk", flat=True)
        )
    key = KEYS[model]
    rows = rows.exclude(**{f"{key}__in": list(theirs.values_list(key, flat=True))})
    if model is WaitingPlace:
        rows = rows.exclude(
            cohort__in=list(CohortMember.objects.filter(person=kept).values_list("cohort_id", flat=True))
        )
    return list(rows.values_list("pk", flat=True))


def hand_over(kept: Person, absorbed: Person) -> dict[str, list[int]]:
    found = {}
    for model in KEYS:
        if keys := to_move(model, kept, absorbed):
            model._default_manager.filter(pk__in=keys).update(person=kept)
            found[model._meta.label] = keys
    return found


def combine(kept: Person, absorbed: Person) -> list[list[Any]]:
    """Places and minutes that both have: the longer time in a cohort or series, the more minutes of a call."""
    changed: list[list[Any]] = []
    for model, better in ((CohortMember, _longer), (SeriesMember, _longer), (CallAttendance, _more)):
        key = KEYS[model]
        theirs = {getattr(row, key): row for row in model._default_manager.filter(person=absorbed)}
        for row in model._default_manager.filter(person=kept, **{f"{key}__in": list(theirs)}):
            values = better(row, theirs[getattr(row, key)])
            before = {name: getattr(row, name) for name in values}
            if values != before:
                model._default_manager.filter(pk=row.pk).update(**values)
                changed.append([model._meta.label, row.pk, plain(before), plain(values)])
    return changed


def _longer(row: Any, other: Any) -> Values:
    values: Values = {"joined_on": min(row.joined_on, other.joined_on)}
    if hasattr(row, "left_on"):
        ends = (row.left_on, other.left_on)
        values["left_on"] = None if None in ends else max(ends)
    return values


def _more(row: Any, other: Any) -> Values:
    return {"minutes": max(row.minutes, other.minutes)}


STAMP = (
    "signed_in_at",
    "signed_out_at",
    "makes_up_for",
    "override_minutes",
    "override_reason",
    "override_by",
    "override_at",
)
EMPTY: Values = dict.fromkeys(STAMP) | {"override_reason": ""}


def fill(kept: Person, absorbed: Person) -> list[list[int]]:
    """Where both stand on one list and only the absorbed entry has a record, it counts: pairs of keys, the filled first."""
    theirs = {row.session_id: row for row in Attendance.objects.filter(person=absorbed)}
    filled = []
    for row in Attendance.objects.filter(person=kept, session__in=theirs, **EMPTY):
        other = theirs[row.session_id]
        if any(getattr(other, name) for name in STAMP):
            Attendance.objects.filter(pk=row.pk).update(**{name: getattr(other, name) for name in STAMP})
            filled.append([row.pk, other.pk])
    return filled


def empty_again(filled: list[list[int]]) -> None:
    rows = Attendance.objects.in_bulk([pk for pair in filled for pk in pair])
    for pk, source in filled:
        row, other = rows.get(pk), rows.get(source)
        if row and other and all(getattr(row, name) == getattr(other, name) for name in STAMP):
            Attendance.objects.filter(pk=pk).update(**EMPTY)


def move_teams(absorbed: Person, kept: Person) -> list[int]:
    keys = list(Team.objects.filter(supervisor=absorbed).values_list("pk", flat=True))
    Team.objects.filter(pk__in=keys).update(supervisor=kept)
    return keys


def plain(values: Mapping[str, Any]) -> Values:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def manager_of(label: str) -> models.Manager[Any]:
    return next(model for model in KEYS if model._meta.label == label)._default_manager
