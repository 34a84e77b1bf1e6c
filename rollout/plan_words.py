"""A plan in words: what a milestone is called, why it moves, why a date cannot be."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import day_words
from .plan import Planned, Unplannable, Why
from .plan_moves import Change
from .plan_steps import Key

WAVES = {1: "midpoint", 2: "end", 3: "one_year"}
"""Label of the wave that a follow-up milestone stands for, by its number."""
STAGE_OF = {
    "commitment": "preparation",
    "roster": "preparation",
    "baseline": "preparation",
    "foundations": "training",
    "supervision": "training",
    "call": "calls",
    "follow_up": "follow_up",
    "review": "follow_up",
}
"""Part of the plan a kind of milestone belongs to, in the order of the parts."""


def stage_names() -> dict[str, str]:
    return {
        "preparation": _("Preparation"),
        "training": _("Training"),
        "calls": _("Consultation calls"),
        "follow_up": _("Follow-up"),
    }


def title_of(key: Key, own: str = "", cohorts: int = 2) -> str:
    """What a milestone is called; ``own``: in the agency's own words. A single cohort is not numbered."""
    if own:
        return own
    kind, cohort, number = key
    if kind == "foundations":
        if cohorts == 1:
            return _("Foundations, day %(day)d") % {"day": number}
        return _("Cohort %(cohort)d: Foundations, day %(day)d") % {"cohort": cohort, "day": number}
    if kind == "call":
        return _("Call %(number)s") % {"number": number}
    if kind == "follow_up":
        return {1: _("Mid-point wave"), 2: _("End wave")}.get(number, _("One-year wave"))
    if kind == "review":
        return {1: _("Review at mid-point"), 2: _("Review at the end")}.get(number, _("Review after a year"))
    single = {
        "commitment": _("Leadership commitment"),
        "roster": _("Roster"),
        "baseline": _("Baseline wave"),
        "supervision": _("Supervision day"),
    }
    return single[kind]


def day_and_year(item: Planned) -> str:
    """The day with its year, or both ends of a wave."""
    if item.on == item.until:
        return day_words.full_day(item.on)
    ends = {"first": day_words.full_day(item.on), "last": day_words.full_day(item.until)}
    return _("%(first)s to %(last)s") % ends


def reason(why: Why, cohorts: int) -> str:
    """Why a milestone moves, or stands on another day than the template says; "" where that says nothing."""
    name = title_of(why.key, cohorts=cohorts) if why.key else ""
    texts = {
        "asked": _("the date you chose"),
        "start": _("the plan’s start date"),
        "set": _("as it was planned or held"),
        "follows": _("keeps its distance to: %(name)s") % {"name": name},
        "order": _("must come after: %(name)s") % {"name": name},
        "room": _("makes room before a date that stays: %(name)s") % {"name": name},
        "weekend": _("its usual day is on a weekend"),
        "closed": _("closed on its usual day: %(name)s") % {"name": why.name},
        "booked": _("its usual day is taken by other training or the trainer’s bookings"),
        "taken": _("that day is taken: %(name)s") % {"name": name},
        "free": _("its usual day is free"),
        "new": _("new in the plan"),
        "gone": _("no longer in the plan"),
    }
    return texts[why.kind]


def change_reason(change: Change, cohorts: int) -> str:
    """The reason of a move in one line, with what pushed it further."""
    parts = [reason(change.why, cohorts)]
    if change.note and change.note.kind in ("closed", "booked", "room", "order"):
        parts.append(reason(change.note, cohorts))
    return "; ".join(parts)


def refusal(why: Why, cohorts: int) -> str:
    """Why the date asked for is not taken."""
    name = title_of(why.key, cohorts=cohorts) if why.key else ""
    texts = {
        "weekend": _("That day is on a weekend."),
        "closed": _("The agency is closed that day: %(name)s.") % {"name": why.name},
        "booked": _("The trainer is booked that day, or other training takes place."),
        "order": _("It must come after: %(name)s.") % {"name": name},
        "room": _(
            "It must come before a date that stays: %(name)s. Move that one first, or let it move along."
        )
        % {"name": name},
        "taken": _("That day is taken: %(name)s.") % {"name": name},
    }
    return texts.get(why.kind, _("No free day was found within a year. Check the closed days."))


def no_place(error: Unplannable, cohorts: int) -> str:
    """Why no plan can be made."""
    own = title_of(error.key, cohorts=cohorts)
    if error.why.kind == "room" and error.why.key:
        return _(
            "There is no free day left for “%(own)s” before “%(other)s”, which stays on its date. Let that one move "
            "along, or choose an earlier start."
        ) % {"own": own, "other": title_of(error.why.key, cohorts=cohorts)}
    return _("No free day was found for “%(own)s” within a year. Check the closed days.") % {"own": own}


def drift_words(days: int | None) -> str:
    """A difference to the baseline in working days; "" without a baseline."""
    if days is None:
        return ""
    if days == 0:
        return _("as planned")
    late = ngettext("%(n)d working day later", "%(n)d working days later", abs(days))
    early = ngettext("%(n)d working day earlier", "%(n)d working days earlier", abs(days))
    return (late if days > 0 else early) % {"n": abs(days)}
