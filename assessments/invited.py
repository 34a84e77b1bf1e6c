"""Who may answer here: the invitation behind every page of a survey, by a statement that is compiled once.

A survey of six pages asks for it fourteen times, and building its four-table query took longer than anything else
on the page. The rules stay where they are, in ``InvitationQuerySet``; only their SQL is kept. Wave and agency are
the same for everybody who answers, so they are built anew only when one of their columns has changed.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from assessments.models import Invitation, InvitationQuerySet, Wave
from rollout.models import Agency, Person, User

ANYBODY, ANY_INVITATION, ANY_WAVE = -1, -2, UUID(int=3)
"""Stand in the kept statements for what is asked about."""
COLUMNS = [f"wave__{field.attname}" for field in Wave._meta.concrete_fields]
COLUMNS += [f"wave__agency__{field.attname}" for field in Agency._meta.concrete_fields]
"""What a wave and its agency are built from."""


def own(user: User, wave: UUID) -> Invitation | None:
    """The user's own invitation; its ``wave`` (with agency and wording) is shared: for reading only."""
    return _found("own", {ANYBODY: user.pk, ANY_WAVE: wave})


def begun_by_link(invitation: int, wave: UUID) -> Invitation | None:
    """The invitation that a link opened in this browser, likewise; none once its person has left."""
    return _found("begun_by_link", {ANY_INVITATION: invitation, ANY_WAVE: wave})


def _rows(which: str) -> InvitationQuerySet:
    everyone: InvitationQuerySet = Invitation.objects.filter(wave__uuid=ANY_WAVE)
    if which == "own":
        return everyone.visible_to(User(pk=ANYBODY))
    return everyone.filter(pk=ANY_INVITATION).by_open_account()


@cache
def _statement(which: str, vendor: str) -> tuple[str, tuple[Any, ...]]:
    """SQL and what stands at each of its places, for one kind of database."""
    named = {f"column_{place}": F(name) for place, name in enumerate(COLUMNS)}
    return _rows(which).annotate(person_uuid=F("person__uuid"), **named).query.sql_with_params()


def _found(which: str, asked: Mapping[int | UUID, int | UUID]) -> Invitation | None:
    sql, places = _statement(which, connection.vendor)
    given = {_stored(place): _stored(value) for place, value in asked.items()}
    found = next(iter(Invitation.objects.raw(sql, [given.get(place, place) for place in places])), None)
    if found is not None:
        columns = vars(found)
        found.wave = _wave(found.wave_id, tuple(columns[f"column_{place}"] for place in range(len(COLUMNS))))
        person = [found.person_id, UUID(str(columns["person_uuid"]))]
        found.person = Person.from_db(found._state.db, ["id", "uuid"], person)
    return found


def _stored(value: int | UUID) -> Any:
    """A value as this database keeps it."""
    field = Wave._meta.get_field("uuid") if isinstance(value, UUID) else Wave._meta.pk
    return field.get_db_prep_value(value, connection)


@lru_cache(maxsize=64)
def _wave(pk: int, columns: tuple[Any, ...]) -> Wave:
    """The wave as it was when its columns read like this, or newer."""
    return Wave.objects.select_related("agency", "wording_pack").get(pk=pk)
