"""Consultation of the demo: calls that were held, what was prepared and promised, and MAPS logs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from consultation import actions, maps_actions, preparation_actions
from consultation.logs import Occasion, checklist_for
from consultation.maps_actions import PointAnswer
from consultation.models import Call, CallCommitment, MapsEntry, Series
from rollout.models import Person, User

from . import words
from .house import House

Aired = MapsEntry.Aired


@dataclass(frozen=True)
class Log:
    """A finished log in short: every point was aired but these, by position; ``remarks`` likewise."""

    partly: Collection[int] = ()
    missed: Collection[int] = ()
    not_applicable: Collection[int] = ()
    remarks: Mapping[int, str] = field(default_factory=dict)

    def of(self, position: int) -> str:
        for aired, positions in (
            (Aired.PARTLY, self.partly),
            (Aired.MISSED, self.missed),
            (Aired.NOT_APPLICABLE, self.not_applicable),
        ):
            if position in positions:
                return aired
        return Aired.AIRED


def log_maps(occasion: Occasion, log: Log, *, by: User, at: datetime) -> None:
    """One finished log of a call or a session."""
    checklist = checklist_for(occasion)
    if checklist is None:
        raise ValueError(f"There is no checklist for {occasion.row}.")
    entries = maps_actions.start_log(occasion, checklist, by=by, at=at)
    answers = {
        entry.point.position: PointAnswer(
            log.of(entry.point.position), log.remarks.get(entry.point.position), entry.version
        )
        for entry in entries
    }
    maps_actions.answer_points(entries, answers, at=at + timedelta(minutes=1))
    maps_actions.finish_log(occasion, entries[0].log, by=by, at=at + timedelta(minutes=1))


def plan_series(
    house: House, *, name: str, members: Sequence[Person], starts: Sequence[datetime], link: str, at: datetime
) -> Series:
    """Ten calls for these people."""
    return actions.create_series(
        house.agency,
        name=name,
        trainer=house.trainer,
        members=members,
        starts=starts,
        video_link=link,
        by=house.trainer,
        at=at,
    )


def prepare(
    house: House, call: Call, person: Person, texts: Mapping[str, str], *, share: bool, at: datetime
) -> None:
    """What somebody brings to a call, shared with the trainer or not yet."""
    user = house.of(person)
    saved = preparation_actions.save_preparation(call, person, texts, version=0, by=user, at=at)
    if saved is not None and share:
        preparation_actions.share_preparation(saved, by=user, at=at + timedelta(minutes=6))


def hold(house: House, call: Call, minutes: Mapping[Person, int]) -> None:
    """A call that took place: two people prepared, all who were there took one thing on."""
    there = [person for person, spent in minutes.items() if spent]
    for person, texts in zip(there[call.number % 3 :], words.PREPARED[call.number], strict=False):
        prepare(house, call, person, texts, share=True, at=call.starts_at - timedelta(days=1, hours=3))
    taken_on = words.TOOK_ON[call.number]
    actions.hold_call(
        call,
        attended=minutes,
        commitments={person: taken_on[place % len(taken_on)] for place, person in enumerate(there)},
        by=house.trainer,
        at=call.ends_at + timedelta(minutes=4),
    )


def say_how_it_went(house: House, call: Call, *, at: datetime) -> None:
    """Outcomes of what was taken on: most of it done."""
    done, partly, not_yet = (CallCommitment.Outcome[name] for name in ("DONE", "PARTLY", "NOT_YET"))
    outcomes = (done, partly, done, not_yet, done)
    for place, commitment in enumerate(
        call.commitments.select_related("person__user", "call__series__agency")
    ):
        user = house.of(commitment.person)
        preparation_actions.answer_commitment(commitment, outcomes[place % len(outcomes)], by=user, at=at)
