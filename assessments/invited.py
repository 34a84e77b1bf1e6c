"""Who may answer here: the invitation behind every page of a survey, by a statement that is compiled once.

A survey of six pages asks for it fourteen times, and building its four-table query took longer than anything else
on the page. The rules stay where they are, in ``InvitationQuerySet``; only their SQL is kept. Wave and agency are
the same for everybody who answers, so they are built anew only when one of their columns has changed.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from assessments.models import Invitation, InvitationQuerySet, Wave
from rollout.compiled import Place, Select
from rollout.models import Agency, Person, User

ANYBODY, ANY_INVITATION, ANY_WAVE = -1, -2, UUID(int=3)
"""Stand in the kept statements for what is asked about."""
OWN = [field.attname for field in Invitation._meta.concrete_fields]
SHARED = [f"wave__{field.attname}" for field in Wave._meta.concrete_fields]
SHARED += [f"wave__agency__{field.attname}" for field in Agency._meta.concrete_fields]
"""What a wave and its agency are built from."""
WAVE = Place(Wave._meta.get_field("uuid"), ANY_WAVE)


def own(user: User, wave: UUID) -> Invitation | None:
    """The user's own invitation; its ``wave`` (with agency and wording) is shared: for reading only."""
    return _built(_OWN.first(user.pk, wave))


def begun_by_link(invitation: int, wave: UUID) -> Invitation | None:
    """The invitation that a link opened in this browser, likewise; none once its person has left."""
    return _built(_BEGUN_BY_LINK.first(invitation, wave))


def _columns(found: InvitationQuerySet) -> Any:
    return found.filter(wave__uuid=ANY_WAVE).values_list(*OWN, "person__uuid", *SHARED)


_OWN = Select(
    lambda: _columns(Invitation.objects.visible_to(User(pk=ANYBODY))),
    Place(User._meta.pk, ANYBODY),
    WAVE,
    as_kept=len(SHARED),
)
_BEGUN_BY_LINK = Select(
    lambda: _columns(Invitation.objects.filter(pk=ANY_INVITATION).by_open_account()),
    Place(Invitation._meta.pk, ANY_INVITATION),
    WAVE,
    as_kept=len(SHARED),
)


def _built(row: list[Any] | None) -> Invitation | None:
    if row is None:
        return None
    known = len(OWN)
    found = Invitation.from_db("default", OWN, row[:known])
    found.wave = _wave(found.wave_id, tuple(row[known + 1 :]))
    found.person = Person.from_db("default", ["id", "uuid"], [found.person_id, row[known]])
    return found


@lru_cache(maxsize=64)
def _wave(pk: int, columns: tuple[Any, ...]) -> Wave:
    """The wave as it was when its columns read like this, or newer."""
    return Wave.objects.select_related("agency", "wording_pack").get(pk=pk)
