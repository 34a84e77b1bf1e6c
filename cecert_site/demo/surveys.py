"""Survey waves of the demo: opened, answered, and where they are over, closed by the real actions.

Answers are invented around plausible group means and sealed like everybody's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from assessments import actions
from assessments.instruments import INSTRUMENTS, Instrument
from assessments.models import Wave
from rollout.models import Person

from .house import House

PROQOL = "proqol-5"


@dataclass(frozen=True)
class Mood:
    """Group means of one wave on the answer scale 1 to 5, before reversal."""

    satisfaction: float
    burnout: float
    stress: float


BASELINE = Mood(3.7, 2.65, 2.35)
MIDPOINT = Mood(3.8, 2.5, 2.2)


def open_wave(house: House, *, label: str, closes_on: date, at: datetime) -> Wave:
    """A ProQOL wave; without a wording, as the demo has none, it is answered by the stand-in statements."""
    return actions.open_wave(
        house.agency,
        instrument=INSTRUMENTS[PROQOL],
        label=label,
        closes_on=closes_on,
        wording=None,
        by=house.by,
        at=at,
    )


def answer(wave: Wave, people: Collection[Person], mood: Mood, chance: Random, *, at: datetime) -> None:
    """Sealed answers of these people."""
    instrument = INSTRUMENTS[wave.instrument]
    rows = {person.pk: answers_of(instrument, mood, chance) for person in people}
    taken = actions.submit_many(wave, rows, at)
    if taken != len(rows):
        raise ValueError(f"{len(rows) - taken} of the answers were not taken.")


def close(wave: Wave) -> None:
    """End it at its last minute, as the heartbeat does."""
    actions.close_wave(wave, by=None, at=wave.closes_at + timedelta(minutes=1))


def answers_of(instrument: Instrument, mood: Mood, chance: Random) -> list[int]:
    """One person's answers: around their own level on each scale, which lies around the group's mean."""
    means = {"CS": mood.satisfaction, "BO": mood.burnout, "STS": mood.stress}
    own = {code: chance.gauss(mean, 0.5) for code, mean in means.items()}
    row = [0] * len(instrument.items)
    for scale in instrument.scales:
        for number in scale.items:
            value = min(5, max(1, round(chance.gauss(own[scale.code], 0.8))))
            row[number - 1] = 6 - value if number in scale.reversed else value
    return row


def some(
    people: Sequence[Person], count: int, chance: Random, *, never: Collection[str] = ()
) -> list[Person]:
    """That many of these people, none of those named in ``never``."""
    return chance.sample([person for person in people if str(person) not in never], count)
