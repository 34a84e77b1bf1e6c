"""The words of a result page: levels, norm positions, skills, and what each scale says at each level.

Ours, plain, second person; no diagnosis, no praise, no alarm, no promise of an effect.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, gettext_noop

from assessments.scoring import Level

type Text = str | Promise
type Position = Literal["well below", "below", "near", "above", "well above"]


class Words(NamedTuple):
    """Texts for one scale at one level; `skill` is a key of SKILLS."""

    says: Text
    says_not: Text
    skill: str
    turn_to: Text


LEVEL_NAMES: Mapping[Level, Text] = {
    Level.LOW: gettext_lazy("low"),
    Level.AVERAGE: gettext_lazy("average"),
    Level.HIGH: gettext_lazy("high"),
}

POSITIONS: Mapping[Position, Text] = {
    "well below": gettext_lazy("well below"),
    "below": gettext_lazy("below"),
    "near": gettext_lazy("near"),
    "above": gettext_lazy("above"),
    "well above": gettext_lazy("well above"),
}

SKILLS: Mapping[str, tuple[Text, Text, Text]] = {
    "next time": (
        gettext_lazy("Conscious narrative"),
        gettext_lazy("Closing the story"),
        gettext_lazy(
            "After one contact today, finish two sentences: what I know now that I did not know before; "
            "what I would do next time."
        ),
    ),
    "wholeheartedness": (
        gettext_lazy("Reducing emotional labor"),
        gettext_lazy("Wholeheartedness"),
        gettext_lazy(
            "Choose one conversation today and be in it with nothing else: no screen, no next task, only "
            "this person, to its end."
        ),
    ),
    "meaning": (
        gettext_lazy("Conscious narrative"),
        gettext_lazy("The sentence before"),
        gettext_lazy(
            "On the way in, say in one sentence why this work matters to you. Keep it true, bad days "
            "included."
        ),
    ),
    "recovery": (
        gettext_lazy("Parasympathetic recovery"),
        gettext_lazy("Recovery during the day"),
        gettext_lazy(
            "Pick one moment of your working day, such as lunch or the end of a call, and let it be a rest."
        ),
    ),
    "learning": (
        gettext_lazy("Reducing emotional labor"),
        gettext_lazy("Intentional learning"),
        gettext_lazy("Name one duty that drains you and choose one thing in it to get better at this week."),
    ),
    "ending": (
        gettext_lazy("Parasympathetic recovery"),
        gettext_lazy("A soft end of the day"),
        gettext_lazy(
            "Keep the last ten minutes of work for closing: note what waits for tomorrow, then stop."
        ),
    ),
    "awareness": (
        gettext_lazy("Experiential engagement"),
        gettext_lazy("Checking in"),
        gettext_lazy("Three times a day, ask yourself what you are feeling and note one word."),
    ),
    "letting go": (
        gettext_lazy("Reducing rumination"),
        gettext_lazy("Labeling, then doing"),
        gettext_lazy(
            "When a case comes back to mind unasked, say to yourself “this is rumination”, then do one "
            "absorbing thing for two minutes."
        ),
    ),
    "shared holding": (
        gettext_lazy("Parasympathetic recovery"),
        gettext_lazy("Holding a hard case together"),
        gettext_lazy(
            "Tell one colleague which case weighs on you, without details that name anyone, and let it be "
            "heard before it is solved."
        ),
    ),
}

WORDS: Mapping[tuple[str, str, Level], Words] = {
    ("proqol-5", "CS", Level.LOW): Words(
        gettext_lazy("Going by your answers, helping gave you little satisfaction in these 30 days."),
        gettext_lazy("It does not say that you are in the wrong job, or how well you do it."),
        "next time",
        gettext_lazy(
            "If it has been so for a while, your supervisor or someone you trust is a place to say it."
        ),
    ),
    ("proqol-5", "CS", Level.AVERAGE): Words(
        gettext_lazy(
            "Going by your answers, helping gave you some satisfaction in these 30 days, and not all the "
            "time."
        ),
        gettext_lazy(
            "It does not say where it came from. You may know which hours gave it and which did not."
        ),
        "wholeheartedness",
        gettext_lazy("Supervision is a place to talk about which parts of the work give you something."),
    ),
    ("proqol-5", "CS", Level.HIGH): Words(
        gettext_lazy("Going by your answers, helping often gave you satisfaction in these 30 days."),
        gettext_lazy(
            "It does not say that the work costs you little. Both can be true, so read the other scales too."
        ),
        "meaning",
        gettext_lazy("Nothing needs to follow. What gives it to you may be worth telling your team."),
    ),
    ("proqol-5", "BO", Level.LOW): Words(
        gettext_lazy("Going by your answers, the load of the job seldom wore you down in these 30 days."),
        gettext_lazy("It does not say that your load is light, or that it will stay as it is."),
        "recovery",
        gettext_lazy("Nothing needs to follow. If the load changes, your supervisor is the first to tell."),
    ),
    ("proqol-5", "BO", Level.AVERAGE): Words(
        gettext_lazy("Going by your answers, some days of these 30 cost you more than they gave back."),
        gettext_lazy("It does not say whether the cause lies in the workload, the setting or elsewhere."),
        "learning",
        gettext_lazy("Supervision is a place to look at which duties drain you and what could be moved."),
    ),
    ("proqol-5", "BO", Level.HIGH): Words(
        gettext_lazy(
            "Going by your answers, work often left you worn down or without effect in these 30 days."
        ),
        gettext_lazy("It is not a finding about your health, and it does not say that the cause is in you."),
        "ending",
        gettext_lazy(
            "It is worth a talk soon: with your supervisor about the load, or with your doctor or a "
            "counselor about you."
        ),
    ),
    ("proqol-5", "STS", Level.LOW): Words(
        gettext_lazy("Going by your answers, other people’s trauma seldom followed you in these 30 days."),
        gettext_lazy("It does not say that what you hear leaves you untouched, or that it never will."),
        "awareness",
        gettext_lazy(
            "Nothing needs to follow. If a case stays with you later, tell someone you trust early."
        ),
    ),
    ("proqol-5", "STS", Level.AVERAGE): Words(
        gettext_lazy(
            "Going by your answers, some of other people’s trauma stayed with you in these 30 days."
        ),
        gettext_lazy("It does not say that you have a disorder, or that you are not made for this work."),
        "letting go",
        gettext_lazy(
            "If something keeps coming back, it is worth a talk with someone you trust or your supervisor."
        ),
    ),
    ("proqol-5", "STS", Level.HIGH): Words(
        gettext_lazy("Going by your answers, other people’s trauma often stayed with you in these 30 days."),
        gettext_lazy(
            "It is not a diagnosis: only a talk with a professional could tell more than these ten answers."
        ),
        "shared holding",
        gettext_lazy(
            "It is worth a talk soon with someone you trust, and with your doctor or a counselor if sleep, "
            "fear or pictures trouble you."
        ),
    ),
}


CAVEATS: Mapping[str, tuple[Text, ...]] = {
    "proqol-5": (
        gettext_lazy("Each scale stands alone. There is no total."),
        gettext_lazy(
            "Studies support the satisfaction scale better than the other two; satisfaction and fatigue "
            "may be two ends of one thing."
        ),
    ),
}

# Definition files are not searched for texts to translate, so what they show is named here once more;
# pages show it through gettext, such as {% translate item.gist %}.
DEFINITION_TEXTS: tuple[str, ...] = (
    gettext_noop("Professional Quality of Life Scale"),
    gettext_noop(
        "Free to use without asking when the author is credited and ProQOL.org is linked. Never to be "
        "sold. To be called adapted when more than the bracketed words is changed."
    ),
    gettext_noop("In the last 30 days"),
    gettext_noop("manual's raw cuts"),
    gettext_noop("Never"),
    gettext_noop("Rarely"),
    gettext_noop("Sometimes"),
    gettext_noop("Often"),
    gettext_noop("Very often"),
    gettext_noop("Compassion satisfaction"),
    gettext_noop("Burnout"),
    gettext_noop("Secondary traumatic stress"),
    gettext_noop("De La Rosa et al. 2018, pooled over 30 studies"),
    gettext_noop("contentment"),
    gettext_noop("people stay on the mind"),
    gettext_noop("reward in helping"),
    gettext_noop("closeness with people"),
    gettext_noop("easily startled"),
    gettext_noop("energy from client contact"),
    gettext_noop("work thoughts spill over"),
    gettext_noop("short nights slow work"),
    gettext_noop("others' distress rubs off"),
    gettext_noop("feeling trapped"),
    gettext_noop("on edge"),
    gettext_noop("enjoyment of the job"),
    gettext_noop("low mood from others' pain"),
    gettext_noop("reliving another's trauma"),
    gettext_noop("convictions that carry"),
    gettext_noop("skills kept current"),
    gettext_noop("true to own ideal"),
    gettext_noop("fulfilled by the job"),
    gettext_noop("drained by the role"),
    gettext_noop("fond thoughts of clients"),
    gettext_noop("swamped by the volume"),
    gettext_noop("sense of impact"),
    gettext_noop("steering clear of reminders"),
    gettext_noop("pride in the role"),
    gettext_noop("unwanted images break in"),
    gettext_noop("slowed by red tape"),
    gettext_noop("sense of doing well"),
    gettext_noop("gaps in memory"),
    gettext_noop("warmth toward people"),
    gettext_noop("right choice of career"),
)
