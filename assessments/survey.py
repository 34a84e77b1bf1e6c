"""One's own answers: saved as they are given, sent, seen again, deleted, taken along.

The only module that opens sealed rows for their owner. It is handed an ``Invitation`` that was fetched for this
person, with ``wave__agency`` and ``person`` loaded. Nothing here is logged, audited or
put into an error's text: an audit row would tell who answered when. Every function may raise ``KeysUnavailable``;
reading one's own sent answers may raise ``SealBroken``.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from assessments import keys, rows, scoring
from assessments.instruments import Instrument
from assessments.keys import KeysUnavailable, WaveKey
from assessments.models import Answer, Draft, Invitation, Wave
from assessments.sealing import (
    ANSWER,
    DRAFT,
    Kind,
    SealBroken,
    Sealed,
    SealedContent,
    lookup,
    open_sealed,
    seal,
)
from rollout.compiled import Place, Select
from rollout.models import User
from rollout.refusals import Refused

logger = logging.getLogger(__name__)
Answers = Mapping[int, int]
"""Answer by item number; what was left out is not there."""
NONE = -1
LOCKED = Select(
    lambda: Invitation.objects.select_for_update().filter(pk=NONE).values_list("completed"),
    Place(Invitation._meta.pk, NONE),
)


class AlreadyAnswered(Exception):
    """This person's answers were sent before; those count."""


@dataclass(frozen=True, repr=False)
class OwnResult:
    """One person's sent answers of one wave: ``answers`` to items 1…n (None: left out) and their scores."""

    wave: Wave
    instrument: Instrument
    answers: tuple[int | None, ...]
    scores: scoring.Scores
    wording: str


@dataclass(frozen=True)
class _Place:
    """Where one person's rows of one wave stand, and the keys to them."""

    agency: UUID
    person: UUID
    wave: UUID
    wave_id: int
    instrument: Instrument
    key: WaveKey
    link_key: bytes = field(repr=False)

    def lookup(self, kind: Kind) -> bytes:
        return lookup(
            self.link_key,
            agency=self.agency,
            person=self.person,
            instrument=self.instrument.code,
            wave=self.wave,
            kind=kind,
        )

    def sealed(self, content: SealedContent, kind: Kind) -> Sealed:
        """The row that holds ``content``."""
        return seal(
            content,
            key=self.key,
            link_key=self.link_key,
            agency=self.agency,
            person=self.person,
            instrument=self.instrument.code,
            items=len(self.instrument.items),
            wave=self.wave,
            kind=kind,
        )

    @sensitive_variables()
    def opened(self, row: Sealed, kind: Kind) -> SealedContent:
        return open_sealed(
            row,
            key=self.key,
            agency=self.agency,
            instrument=self.instrument.code,
            wave=self.wave,
            kind=kind,
        )


# --- answering --------------------------------------------------------------------------------------------------


@sensitive_variables()
def answers_so_far(invitation: Invitation) -> dict[int, int]:
    """What was saved and not sent yet."""
    return _draft(_place(invitation))


@sensitive_variables()
def save_draft(invitation: Invitation, given: Answers) -> dict[int, int]:
    """Add answers to what was saved; returns all of it. Two tabs add to the same draft, the later answer counts.

    ``given`` was checked by the caller (``read_answers``). AlreadyAnswered once they are sent.
    """
    place = _place(invitation)
    with transaction.atomic():
        _lock(invitation)
        answers = {**_draft(place), **given}
        _keep(invitation, place, answers)
    return answers


@sensitive_variables()
def submit(invitation: Invitation, given: Answers, at: datetime) -> None:
    """Send the answers, with what was saved before: sealed, scored, final until the person deletes them.

    AlreadyAnswered for a second time; Refused when the wave closed meanwhile.
    """
    place = _place(invitation)
    with transaction.atomic():
        # The flag is the lock: of two tabs one sets it, and the other waits and finds it set.
        if not rows.mark_completed(invitation.pk):
            raise AlreadyAnswered
        saved = rows.take_draft(place.lookup(DRAFT))
        answers = given if is_complete(place.instrument, given) else {**_opened(place, saved), **given}
        row = place.sealed(_content(invitation, place.instrument, answers), ANSWER)
        if at >= invitation.wave.closes_at or not rows.keep_answer(row, place.wave_id):
            _still_open(invitation.wave, at)
    invitation.completed = True


@sensitive_variables()
def submit_many(wave: Wave, answers: Mapping[int, Sequence[int | None]], at: datetime) -> int:
    """Send whole sets of answers at once, by person's primary key, each a full row of items 1…n.

    For invented answers of a demo. People who were not invited or have answered are passed over; how many
    were taken. ScoringError for an answer that is none.
    """
    with transaction.atomic():
        _still_open(wave, at)
        invited = wave.invitations.unanswered().select_for_update(of=("self",))
        waiting = list(invited.filter(person__in=answers).select_related("person"))
        made, first = [], None
        for invitation in waiting:
            invitation.wave = wave
            first = first or _place(invitation)
            place = replace(first, person=invitation.person.uuid)
            given = {
                number: one for number, one in enumerate(answers[invitation.person_id], 1) if one is not None
            }
            sealed = place.sealed(_content(invitation, place.instrument, given), ANSWER)
            made.append(Answer(wave_id=wave.pk, **vars(sealed)))
        Answer.objects.bulk_create(made, ignore_conflicts=True)
        wave.invitations.filter(pk__in=[one.pk for one in waiting]).update(completed=True)
    return len(made)


@sensitive_variables()
def delete_answers(invitation: Invitation, at: datetime) -> None:
    """Take back one's answers, saved and sent. Only while the wave is open: Refused afterwards."""
    place = _place(invitation)
    with transaction.atomic():
        _lock(invitation, answered=True)
        _still_open(invitation.wave, at)
        Answer.objects.filter(lookup=place.lookup(ANSWER)).delete()
        rows.drop_draft(place.lookup(DRAFT))
        Invitation.objects.filter(pk=invitation.pk).update(completed=False)
    invitation.completed = False


@sensitive_variables()
def read_answers(instrument: Instrument, fields: Mapping[str, str]) -> dict[int, int]:
    """The answers among posted fields ``q1`` … ``qn``; others are not looked at.

    ValueError, without any content, when an item or a value is none of the instrument's.
    """
    items, values = len(instrument.items), {str(option.value): option.value for option in instrument.options}
    given: dict[int, int] = {}
    for name, value in fields.items():
        if name[:1] != "q":
            continue
        number = name[1:]
        known = number.isascii() and number.isdigit() and number[0] != "0" and int(number[:6]) <= items
        if not known or value not in values:
            raise ValueError("not an answer")
        given[int(number)] = values[value]
    return given


def missing(instrument: Instrument, answers: Answers) -> list[int]:
    """Numbers of the items without an answer."""
    return [item.number for item in instrument.items if item.number not in answers]


def is_complete(instrument: Instrument, answers: Answers) -> bool:
    return not missing(instrument, answers)


# --- afterwards -------------------------------------------------------------------------------------------------


@sensitive_variables()
def own_result(invitation: Invitation) -> OwnResult | None:
    """What this person sent in this wave; None if nothing."""
    place = _place(invitation)
    row = rows.answer(place.lookup(ANSWER))
    return _result(invitation.wave, place, row) if row else None


@sensitive_variables()
def history(user: User) -> list[OwnResult]:
    """All one's own results, the oldest first: found again by working out each wave's lookup. Two queries.

    A wave whose key was deleted on purpose is passed over; its answers are gone for everybody.
    """
    related = ("wave__agency", "person")
    own = (
        Invitation.objects.filter(person__user=user)
        .select_related(*related)
        .order_by("wave__opened_at", "pk")
    )
    keys.from_settings().link_key()  # missing files end it here; below only single waves can be unreadable
    places = {}
    for invitation in own:
        try:
            place = _place(invitation)
        except KeysUnavailable as error:
            logger.warning("%s", error)
        else:
            places[place.lookup(ANSWER)] = (invitation.wave, place)
    sent = Answer.objects.filter(lookup__in=list(places))
    sealed = {
        bytes(row.lookup): Sealed(bytes(row.lookup), row.key_id, bytes(row.nonce), bytes(row.ciphertext))
        for row in sent
    }
    return [_result(wave, place, sealed[found]) for found, (wave, place) in places.items() if found in sealed]


def has_begun(invitation: Invitation) -> bool:
    """Whether saved answers wait to be sent."""
    return rows.draft(_place(invitation).lookup(DRAFT)) is not None


def begun(invitations: Iterable[Invitation]) -> set[int]:
    """Primary keys of the invitations that have saved answers waiting. One query."""
    places = {_place(one).lookup(DRAFT): one.pk for one in invitations}
    found = Draft.objects.filter(lookup__in=list(places)).values_list("lookup", flat=True)
    return {places[bytes(one)] for one in found}


@sensitive_variables()
def export(user: User) -> list[dict[str, Any]]:
    """Everything this product holds of one's own answers, ready for JSON: one entry for each wave answered."""
    return [
        {
            "agency": result.wave.agency.name,
            "wave": str(result.wave),
            "instrument": result.instrument.name,
            "version": result.instrument.version,
            "opened": result.wave.opened_at.date().isoformat(),
            "try_out": result.wave.is_tryout,
            "answers": {str(number): answer for number, answer in enumerate(result.answers, 1)},
            "scores": result.scores.values(),
        }
        for result in history(user)
    ]


# --- inside -----------------------------------------------------------------------------------------------------


def _place(invitation: Invitation) -> _Place:
    wave = invitation.wave
    key, link_key = keys.from_settings().answering_keys(wave.agency.uuid, wave.uuid)
    return _Place(
        agency=wave.agency.uuid,
        person=invitation.person.uuid,
        wave=wave.uuid,
        wave_id=wave.pk,
        instrument=wave.definition,
        key=key,
        link_key=link_key,
    )


def _lock(invitation: Invitation, *, answered: bool = False) -> None:
    """Hold the invitation until the end of the transaction, so that two tabs and the close come one by one."""
    held = LOCKED.first(invitation.pk)
    if held is None:
        raise Invitation.DoesNotExist
    if held[0] and not answered:
        raise AlreadyAnswered


def _still_open(wave: Wave, at: datetime) -> None:
    """Asked anew of the database: the wave may have closed while this transaction waited."""
    if at >= wave.closes_at or not rows.is_still_open(wave.pk):
        raise Refused(_("This survey is closed: nothing can be sent or taken back any more."))


@sensitive_variables()
def _draft(place: _Place) -> dict[int, int]:
    return _opened(place, rows.draft(place.lookup(DRAFT)))


@sensitive_variables()
def _opened(place: _Place, row: Sealed | None) -> dict[int, int]:
    if row is None:
        return {}
    try:
        content = place.opened(row, DRAFT)
    except SealBroken:
        # It protects nobody to keep the person out: they begin anew, and the next save replaces the row.
        logger.error("a saved draft of wave %s did not open and was passed over", place.wave)
        return {}
    return {int(item): answer for item, answer in content.answers.items() if isinstance(answer, int)}


@sensitive_variables()
def _keep(invitation: Invitation, place: _Place, answers: Answers) -> None:
    content = SealedContent(
        {str(item): one for item, one in answers.items()}, {}, _wording(invitation.wave), ()
    )
    rows.keep_draft(place.sealed(content, DRAFT), place.wave_id)


@sensitive_variables()
def _content(invitation: Invitation, instrument: Instrument, answers: Answers) -> SealedContent:
    """What is sealed for good: answers, scores, wording and the group path as frozen at opening."""
    row = [answers.get(item.number) for item in instrument.items]
    scores = scoring.score(instrument, row).values()
    path = tuple(invitation.group_path)
    return SealedContent(
        {str(number): one for number, one in enumerate(row, 1)}, scores, _wording(invitation.wave), path
    )


def _wording(wave: Wave) -> str:
    """Names the wording that was answered: the pack's primary key, "" for the stand-in."""
    return str(wave.wording_pack_id or "")


@sensitive_variables()
def _result(wave: Wave, place: _Place, row: Sealed) -> OwnResult:
    content = place.opened(row, ANSWER)
    answers = tuple(
        one if isinstance(one := content.answers.get(str(item.number)), int) else None
        for item in place.instrument.items
    )
    return OwnResult(
        wave, place.instrument, answers, scoring.score(place.instrument, answers), content.wording
    )
