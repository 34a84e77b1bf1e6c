"""What the ledger is made of: sessions with their worth, records of attendance, people. Values only.

Minutes that fill a session only partly go to its modules in order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .credit import CreditRule, SessionTimes
from .models import Agency

type Record = tuple[int, int]
"""A module's id and the minutes earned in it."""
type Part = tuple[int, int, int]
"""A module of a session: its id, its minutes, its curriculum's id."""


def credit_rule(agency: Agency) -> CreditRule:
    """The agency's own tolerances, in minutes."""
    return CreditRule(agency.late_minutes, agency.early_minutes, agency.partial_credit)


def session_times(starts_at: datetime, ends_at: datetime, module_minutes: Iterable[int]) -> SessionTimes:
    """What a session is worth: its modules without breaks, never more than the time from start to end."""
    length = (ends_at - starts_at) // timedelta(minutes=1)
    return SessionTimes(starts_at, ends_at, min(sum(module_minutes), length))


def given_out(modules: Sequence[Part], minutes: int) -> list[tuple[int, Record]]:
    """Minutes given out to modules in order, as (curriculum id, (module id, minutes))."""
    given = []
    for module, length, curriculum in modules:
        part = min(minutes, length)
        minutes -= part
        given.append((curriculum, (module, part)))
    return given


@dataclass(frozen=True, slots=True)
class Slot:
    """A session that was not cancelled, with its modules (id, minutes, curriculum id) in order."""

    id: int
    cohort_id: int
    day: date
    """In the agency's zone."""
    times: SessionTimes
    modules: tuple[Part, ...]

    def records(self, minutes: int) -> list[tuple[int, Record]]:
        """Minutes given out to the modules in order, as (curriculum id, (module id, minutes))."""
        return given_out(self.modules, minutes)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is recorded of one person at one session."""

    session_id: int
    signed_in_at: datetime | None
    signed_out_at: datetime | None
    override_minutes: int | None
    makes_up_for: int | None = None
    """The session that was missed, when this one is attended in its place."""

    @property
    def is_open(self) -> bool:
        """Signed in, and still to sign out."""
        return bool(self.signed_in_at) and self.signed_out_at is None and self.override_minutes is None

    @property
    def is_empty(self) -> bool:
        """A tap that was taken back, or a make-up place that nobody has come to yet."""
        return self.signed_in_at is None and self.signed_out_at is None and self.override_minutes is None

    @property
    def is_place(self) -> bool:
        """A make-up place: expected there, in place of a session that was missed."""
        return self.makes_up_for is not None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the roster, as far as hours need them."""

    id: int
    team_id: int | None
    supervises: bool
    hired_on: date | None
    left_on: date | None

    def is_here(self, day: date) -> bool:
        """Employed on that day; without dates: yes."""
        return (self.hired_on is None or self.hired_on <= day) and (
            self.left_on is None or self.left_on > day
        )
