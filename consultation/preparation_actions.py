"""Writes of a supervisor about their own calls: what they prepare, with whom they share it, how a commitment
went.

The audit keeps that something was begun, shared or taken back, never a word of it; single saves while typing
leave no row there, because one a second says nothing.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from rollout.audit import record
from rollout.models import Person, User
from rollout.refusals import Changed, Refused

from .models import Call, CallCommitment, Preparation

TEXTS = ("situation", "tried", "question", "for_the_team")
LONGEST = 5000
type Texts = Mapping[str, str]
"""By the names in TEXTS; a missing one is empty."""


def why_closed(call: Call, at: datetime) -> str:
    """Why nothing can be written for this call any more; empty while it can."""
    if call.cancelled_at:
        return _(
            "This call is cancelled. What you wrote is kept, and opens again if the call is planned again."
        )
    if call.held_at or at >= call.starts_at:
        return _("The call has begun, so your preparation stays as it was.")
    return ""


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same; line ends and outer blanks do not count, browsers have their own."""
    return _clean(one) == _clean(other)


@transaction.atomic
def save_preparation(
    call: Call, person: Person, texts: Texts, *, version: int, by: User, at: datetime
) -> Preparation | None:
    """Keep what a supervisor prepared; None while there is nothing to keep.

    `version` is the one the form was shown with (0: none yet). Saving the same words twice is no change.
    Refused once the call has begun; Changed when another window saved something else meanwhile.
    """
    if why := why_closed(call, at):
        raise Refused(why)
    values = {name: _clean(texts.get(name, "")) for name in TEXTS}
    if any(len(text) > LONGEST for text in values.values()):
        raise Refused(
            _("A text is longer than %(most)d characters. Shorten it: a few lines are enough.")
            % {"most": LONGEST}
        )
    old = Preparation.objects.filter(call=call, person=person).first()
    if old is None:
        if not any(values.values()):
            return None
        made, is_new = Preparation.objects.get_or_create(
            call=call, person=person, defaults=values | {"updated_at": at, "version": 1}
        )
        if is_new:
            record("began preparation", call, by=by, at=at, agency=call.agency)
            return made
        old = made
    if all(getattr(old, name) == value for name, value in values.items()):
        return old
    same = Preparation.objects.filter(pk=old.pk, version=version)
    if not same.update(**values, updated_at=at, version=F("version") + 1):
        raise Changed
    old.refresh_from_db()
    return old


@transaction.atomic
def share_preparation(preparation: Preparation, *, by: User, at: datetime) -> None:
    """Open it to the agency's trainers, as it stands and as it changes until the call begins."""
    _refuse_closed(preparation, at)
    if not any(getattr(preparation, name) for name in TEXTS):
        raise Refused(_("There is nothing to share yet. One sentence is enough."))
    if Preparation.objects.filter(pk=preparation.pk, shared_at=None).update(shared_at=at):
        preparation.shared_at = at
        record("shared preparation", preparation.call, by=by, at=at, agency=preparation.call.agency)


@transaction.atomic
def take_back_preparation(preparation: Preparation, *, by: User, at: datetime) -> None:
    """Close it again to everybody but its writer."""
    _refuse_closed(preparation, at)
    if Preparation.objects.filter(pk=preparation.pk, shared_at__isnull=False).update(shared_at=None):
        preparation.shared_at = None
        record("took back preparation", preparation.call, by=by, at=at, agency=preparation.call.agency)


@transaction.atomic
def answer_commitment(commitment: CallCommitment, outcome: str, *, by: User, at: datetime) -> None:
    """How it went, said by whoever took it on; may be said again. The answer stays out of the audit."""
    if outcome not in (
        CallCommitment.Outcome.DONE,
        CallCommitment.Outcome.PARTLY,
        CallCommitment.Outcome.NOT_YET,
    ):
        raise Refused(_("Choose Done, Partly or Not yet."))
    commitment.outcome = outcome
    commitment.save(update_fields=["outcome"])
    record("answered commitment", commitment.call, by=by, at=at, agency=commitment.call.agency)


def _refuse_closed(preparation: Preparation, at: datetime) -> None:
    if why := why_closed(preparation.call, at):
        raise Refused(why)


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
