"""One person's own result in words: what it says, what it does not, one skill that fits, where to turn.

For the respondent alone. Plain, second person; no diagnosis, no praise, no alarm, no promise of an effect.
Pure but for the language in force: texts come out translated, as plain strings. No repr shows a result: it
may end in a log.
"""

from dataclasses import dataclass, replace

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.instruments import Instrument, NormSet, Scale
from assessments.reading_words import CAVEATS, LEVEL_NAMES, POSITIONS, SKILLS, WORDS, Position
from assessments.scoring import (
    Level,
    ScaleScore,
    Scores,
    norm_position,
    reliable_change,
    score_interval,
)

NEAR = 1.0  # standard deviations from the norm mean; ours, for wording only, no cut of the manual
FAR = 2.0


@dataclass(frozen=True)
class SkillReading:
    """One skill of the five domains, to try out."""

    domain: str
    name: str
    how: str


@dataclass(frozen=True, repr=False)
class NormReading:
    """Position in a named norm set: `z` in standard deviations, `t` = 50 + 10 z, not shown without `name`."""

    name: str
    source: str
    provisional: bool
    position: Position
    z: float
    t: float
    text: str


@dataclass(frozen=True, repr=False)
class ScaleResult:
    """What a scored scale says, in whole points; `low` and `high` bound the 95 % interval.

    `level_text` is the manual's word in the language in force, `level_source` names whose cuts it follows.
    A change is beyond measurement error from `change_from` points on.
    """

    value: int
    level: Level
    level_text: str
    level_source: str
    low: int
    high: int
    interval_text: str
    norm: NormReading
    says: str
    says_not: str
    skill: SkillReading
    turn_to: str
    change_from: int
    change_text: str


@dataclass(frozen=True, repr=False)
class ScaleReading:
    """One scale: its range and cuts (for drawing), then either a result or the reason for none."""

    code: str
    name: str
    direction: str
    minimum: int
    maximum: int
    low_up_to: int
    high_from: int
    result: ScaleResult | None
    not_scored: str


@dataclass(frozen=True, repr=False)
class Reading:
    """A whole result: the scales in the order of the definition, and what holds for all of them."""

    intro: str
    scales: tuple[ScaleReading, ...]
    how_to_read: tuple[str, ...]
    where_to_turn: tuple[str, ...]
    credit: str
    link: str


def read(instrument: Instrument, scores: Scores, *, agency_contact: str = "") -> Reading:
    """The respondent's own reading, in the language in force.

    `agency_contact` is the agency's own line on whom to turn to, shown first. KeyError for an instrument
    that has no texts here.
    """
    scales = tuple(read_scale(instrument, scale, scores[scale.code]) for scale in instrument.scales)
    return replace(without_scores(instrument, agency_contact=agency_contact), scales=scales)


def without_scores(instrument: Instrument, *, agency_contact: str = "") -> Reading:
    """What holds for whoever answered this instrument in this agency."""
    intro = _(
        "How work has been in the last %(days)d days, as you answered. It is not a diagnosis and says "
        "nothing about how good you are at your work."
    )
    return Reading(
        intro=intro % {"days": instrument.recall_days},
        scales=(),
        how_to_read=_how_to_read(instrument),
        where_to_turn=(
            agency_contact or _("Your agency’s employee assistance, if it has one, or someone you trust."),
            _("Any time, anywhere in the US: call or text 988."),
        ),
        credit=instrument.credit,
        link=instrument.link,
    )


def read_scale(instrument: Instrument, scale: Scale, score: ScaleScore) -> ScaleReading:
    """One scale: all with this score read the same."""
    result = None
    if score.value is not None and score.level is not None:
        result = _result(instrument, scale, score.value, score.level)
    return ScaleReading(
        code=scale.code,
        name=_(scale.name),
        direction=_("Higher is better.") if scale.better == "up" else _("Lower is better."),
        minimum=scale.minimum,
        maximum=scale.maximum,
        low_up_to=instrument.levels.low_up_to,
        high_from=instrument.levels.high_from,
        result=result,
        not_scored="" if result else _not_scored(score.missing),
    )


def _result(instrument: Instrument, scale: Scale, value: int, level: Level) -> ScaleResult:
    norm = _read_norm(scale, instrument.norm, value, level)
    interval = score_interval(scale, instrument.norm, value)
    low, high = round(interval.low), round(interval.high)
    change = reliable_change(scale, instrument.norm)
    words = WORDS[instrument.code, scale.code, level]
    turn = WORDS[instrument.code, scale.code, _gravest(scale, level, norm.z)].turn_to
    change_text = _(
        "Between two of your surveys, a change is beyond the measure’s own error from %(n)d points on."
    )
    return ScaleResult(
        value=value,
        level=level,
        level_text=str(LEVEL_NAMES[level]),
        level_source=_(instrument.levels.label),
        low=low,
        high=high,
        interval_text=_("likely between %(low)d and %(high)d") % {"low": low, "high": high},
        norm=norm,
        says=str(words.says),
        says_not=str(words.says_not),
        skill=SkillReading(*(str(text) for text in SKILLS[words.skill])),
        turn_to=str(turn),
        change_from=change,
        change_text=change_text % {"n": change},
    )


def _gravest(scale: Scale, level: Level, z: float) -> Level:
    """The level whose advice applies: a far norm position counts too (raw cuts are wide)."""
    if scale.better == "down" and z >= FAR:
        return Level.HIGH
    if scale.better == "up" and z <= -FAR:
        return Level.LOW
    return level


def _not_scored(missing: tuple[int, ...]) -> str:
    text = ngettext(
        "Not scored: statement %(items)s was left blank. A sum over the others would mislead, so none is "
        "shown.",
        "Not scored: statements %(items)s were left blank. A sum over the others would mislead, so none is "
        "shown.",
        len(missing),
    )
    return text % {"items": ", ".join(str(number) for number in missing)}


def position(z: float) -> Position:
    """Words for a norm position: near within one standard deviation, well above or below from two on."""
    if abs(z) < NEAR:
        return "near"
    if z > 0:
        return "well above" if z >= FAR else "above"
    return "well below" if z <= -FAR else "below"


def _read_norm(scale: Scale, norms: NormSet, value: int, level: Level) -> NormReading:
    place = norm_position(scale, norms, value)
    where = position(place.z)
    if norms.provisional:
        text = _("%(where)s the mean of %(mean)s in %(norm)s (provisional norm, %(n)s people).")
    else:
        text = _("%(where)s the mean of %(mean)s in %(norm)s (%(n)s people).")
    text %= {
        "where": capfirst(str(POSITIONS[where])),
        "mean": number_format(norms.of(scale.code).mean, decimal_pos=1),
        "norm": norms.name,
        "n": number_format(norms.n, force_grouping=True),
    }
    if level is Level.AVERAGE and where != "near":
        text += " " + _("The manual’s raw cuts are wide and call this average all the same.")
    return NormReading(norms.name, norms.source, norms.provisional, where, place.z, place.t, text)


def _how_to_read(instrument: Instrument) -> tuple[str, ...]:
    cuts = {"low": instrument.levels.low_up_to, "high": instrument.levels.high_from}
    levels = _(
        "Low, average and high follow the manual’s raw cuts: low up to %(low)d, high from %(high)d, the "
        "same for every scale. They are wide, so look at the place in the range and not only at the word."
    )
    return (
        _("A score is never exact. The range beside it allows for the measure’s own error."),
        levels % cuts,
        _("A norm shows how other people answered elsewhere. It is no target."),
        *(str(text) for text in CAVEATS[instrument.code]),
    )
