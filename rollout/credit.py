"""Clock hours: what one session earns a person, and whether the requirement can still be reached.

Pure arithmetic: no database, no clock. Times are aware datetimes, amounts are whole minutes.
The rule (defaults, each configurable per agency): a clock hour is 60 minutes without breaks; a session is
credited when the sign-in is at most 15 minutes late and the sign-out at most 15 minutes early; partial
credit is off; an override has a reason and an author, both kept by the attendance record.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

CreditStatus = Literal["credited", "late", "left_early", "partial", "not_signed_out", "absent", "override"]
CompletionState = Literal["complete", "on track", "cannot as planned"]

STATUS_LABELS = {
    "credited": gettext_lazy("Credited"),
    "late": gettext_lazy("Late"),
    "left_early": gettext_lazy("Left early"),
    "partial": gettext_lazy("Partial credit"),
    "not_signed_out": gettext_lazy("Not signed out"),
    "absent": gettext_lazy("Absent"),
    "override": gettext_lazy("Set by hand"),
}
STATE_LABELS = {
    "complete": gettext_lazy("Complete"),
    "on track": gettext_lazy("On track"),
    "cannot as planned": gettext_lazy("Cannot complete as planned"),
}


@dataclass(frozen=True, slots=True)
class CreditRule:
    """Tolerances and steps in minutes; the defaults are the rule of the field."""

    late_minutes: int = 15
    early_minutes: int = 15
    partial: bool = False
    partial_step: int = 15

    def __post_init__(self) -> None:
        if self.late_minutes < 0 or self.early_minutes < 0:
            raise ValueError("late_minutes and early_minutes must be 0 or more.")
        if self.partial_step < 1:
            raise ValueError("partial_step must be at least 1 minute.")


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """One session: aware start and end, and the minutes it is worth without its breaks."""

    starts_at: datetime
    ends_at: datetime
    creditable_minutes: int

    def __post_init__(self) -> None:
        if self.ends <= self.starts:
            raise ValueError("A session must end at least one minute after it starts.")
        if not 0 <= self.creditable_minutes <= self.minutes:
            raise ValueError(
                f"creditable_minutes is {self.creditable_minutes}; it must lie between 0 and the "
                f"{self.minutes} minutes from start to end."
            )

    @property
    def starts(self) -> datetime:
        """Start in UTC, to the minute."""
        return _clock_minute(self.starts_at)

    @property
    def ends(self) -> datetime:
        """End in UTC, to the minute."""
        return _clock_minute(self.ends_at)

    @property
    def minutes(self) -> int:
        """Minutes that really pass from start to end, also across a clock change."""
        return _minutes(self.ends - self.starts)


@dataclass(frozen=True, slots=True)
class Credit:
    """Minutes credited for one session, the status in one word, and a sentence that says why."""

    minutes: int
    status: CreditStatus
    why: str


def session_credit(
    rule: CreditRule,
    session: SessionTimes,
    signed_in_at: datetime | None,
    signed_out_at: datetime | None,
    override_minutes: int | None = None,
) -> Credit:
    """Credit for a session that has been held (the caller asks only about sessions that are over).

    Stamps count as the page shows them, to the minute: 9:15:59 is 9:15. Signing in before the start counts
    from the start, signing out after the end counts to the end. An override above what the session is worth
    is capped there. Raises ValueError for a naive datetime or a negative override.
    """
    if override_minutes is not None:
        return _overridden(session, override_minutes)
    if signed_in_at is None:
        return _absent(signed_out_at)
    if signed_out_at is None:
        why = _("Signed in but not signed out. Record the sign-out, or set the minutes by hand.")
        return Credit(0, "not_signed_out", why)
    signed_in, signed_out = _clock_minute(signed_in_at), _clock_minute(signed_out_at)
    if signed_out < signed_in:
        return Credit(0, "left_early", _("The sign-out is before the sign-in. Correct one of the two times."))
    starts, ends = session.starts, session.ends
    late = max(0, _minutes(signed_in - starts))
    early = max(0, _minutes(ends - signed_out))
    present = max(0, _minutes(min(signed_out, ends) - max(signed_in, starts)))
    if late <= rule.late_minutes and early <= rule.early_minutes and present > 0:
        return Credit(session.creditable_minutes, "credited", _why_credited(late, early))
    if rule.partial and (minutes := _partial_minutes(rule, session, present)) > 0:
        why = _("Present for %(present)d of %(length)d minutes; counted without breaks in steps of %(step)d.")
        return Credit(
            minutes,
            "partial",
            why % {"present": present, "length": session.minutes, "step": rule.partial_step},
        )
    return _refused(rule, late, early)


def _overridden(session: SessionTimes, minutes: int) -> Credit:
    if minutes < 0:
        raise ValueError(f"override_minutes is {minutes}; it must be 0 or more.")
    worth = session.creditable_minutes
    if minutes > worth:
        # A session shortened after the correction must not leave anyone with more than it is worth,
        # and must not break the page that shows it either.
        why = _("Set by hand to %(minutes)d minutes, capped at the %(worth)d this training session is worth.")
        return Credit(worth, "override", why % {"minutes": minutes, "worth": worth})
    why = ngettext("Set by hand to %(minutes)d minute.", "Set by hand to %(minutes)d minutes.", minutes)
    return Credit(minutes, "override", why % {"minutes": minutes})


def _absent(signed_out_at: datetime | None) -> Credit:
    if signed_out_at is None:
        return Credit(0, "absent", _("No sign-in recorded."))
    return Credit(0, "absent", _("Signed out but never signed in. Record the sign-in."))


def _partial_minutes(rule: CreditRule, session: SessionTimes, present: int) -> int:
    """Minutes present, scaled by the session's share of work to breaks, down to a full step.

    Nobody records who sat through which break, so breaks are spread evenly: 180 of 420 minutes present in a
    day worth 360 give 180 × 360/420 = 154 minutes, 150 in steps of 15.
    """
    scaled = present * session.creditable_minutes // session.minutes
    return scaled - scaled % rule.partial_step


def _why_credited(late: int, early: int) -> str:
    if late and early:
        return _("Signed in %(late)d min late, out %(early)d min early: within the rule.") % {
            "late": late,
            "early": early,
        }
    if late:
        return _("Signed in %(late)d min late: within the rule.") % {"late": late}
    if early:
        return _("Signed out %(early)d min early: within the rule.") % {"early": early}
    return _("Present from start to end.")


def _refused(rule: CreditRule, late: int, early: int) -> Credit:
    """No credit. Late is named first, because it can no longer be put right by staying."""
    reasons = []
    if late > rule.late_minutes:
        reasons.append(
            _("Signed in %(late)d min late; at most %(most)d is credited.")
            % {"late": late, "most": rule.late_minutes}
        )
    if early > rule.early_minutes:
        reasons.append(
            _("Signed out %(early)d min early; at most %(most)d is credited.")
            % {"early": early, "most": rule.early_minutes}
        )
    status: CreditStatus = "late" if late > rule.late_minutes else "left_early"
    return Credit(0, status, " ".join(reasons) or _("Not present during the session."))


def _clock_minute(moment: datetime) -> datetime:
    """In UTC, because Python subtracts two times of one zone by the wall clock, across clock changes too."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; pass an aware datetime.")
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Completion:
    """Where a person stands against a requirement; all amounts in one unit (minutes for hours, or calls)."""

    state: CompletionState
    required: int
    credited: int
    planned: int

    @property
    def missing(self) -> int:
        """Still to be earned."""
        return max(0, self.required - self.credited)

    @property
    def short_by(self) -> int:
        """Lacking even if everything planned is attended: what a make-up has to bring."""
        return max(0, self.required - self.credited - self.planned)

    @property
    def share(self) -> Fraction:
        """Credited part of everything required, 0 to 1: never of what has merely happened so far."""
        return Fraction(min(self.credited, self.required), self.required) if self.required else Fraction(1)


def completion(required_minutes: int, credited: int, planned_future: int) -> Completion:
    """Complete; on track if all planned sessions are attended; or out of reach with what is planned.

    `planned_future` is what the sessions ahead are worth that this person is expected at, make-ups included,
    without those that would repeat something already credited. Raises ValueError for a negative amount.
    """
    if min(required_minutes, credited, planned_future) < 0:
        raise ValueError("required_minutes, credited and planned_future must be 0 or more.")
    state: CompletionState = "cannot as planned"
    if credited >= required_minutes:
        state = "complete"
    elif credited + planned_future >= required_minutes:
        state = "on track"
    return Completion(state, required_minutes, credited, planned_future)


def credited_total(records: Iterable[tuple[Hashable, int]]) -> int:
    """Minutes over all records (identity, minutes), each identity once.

    The identity is the session or module that was to be attended; a make-up carries the identity of what it
    makes up for. Of several records with one identity the best counts, so partial credit and its make-up do
    not add up. Raises ValueError for negative minutes.
    """
    best: dict[Hashable, int] = {}
    for identity, minutes in records:
        if minutes < 0:
            raise ValueError(f"{minutes} minutes for {identity!r}; minutes must be 0 or more.")
        best[identity] = max(minutes, best.get(identity, 0))
    return sum(best.values())
