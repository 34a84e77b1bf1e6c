"""Conscious narrative: direct the story told about the work."""

from django.utils.translation import gettext_lazy as _

from .parts import Domain, Skill

NARRATIVE = Domain(
    "conscious_narrative",
    _("You tell yourself a story about your work all day. Take over the telling, and keep it true."),
    _(
        "The story runs before, during and after the work, mostly by itself. This domain practices hearing it and "
        "editing it. The edit has to be true: it adds what the first version left out, and never paints over what "
        "was bad."
    ),
    (
        Skill(
            "before",
            _("The story before"),
            _(
                "What you tell yourself on the way in. It opens or closes you before anything has happened: why you "
                "do this work, and how you mean to meet what comes."
            ),
            _("On the commute, in the parking lot, before the hardest visit of the day."),
            (
                _("Listen to the sentence that is already running, for example “This will be awful.”"),
                _("Add what it leaves out: why this matters to you, and what you bring to it."),
                _("Say the new sentence once, aloud if you can."),
            ),
            (
                _("“It may be hard, and I am somebody who can sit with a frightened parent.”"),
                _("“I do not know what she will bring today. I am curious.”"),
                _("“What I type today decides whether somebody gets their benefit on Friday.”"),
            ),
            _("Cheering yourself up. If you do not believe the sentence, find a truer one."),
        ),
        Skill(
            "during",
            _("The story during"),
            _(
                "The half sentence that runs in the middle of it. Four turns it can take: I know how to do this; I "
                "am willing to be here; this too can be there without tipping me over; my body is getting ready."
            ),
            _("When it gets intense and you notice your heart or your breath."),
            (
                _("Notice the sentence: “I cannot handle this.”"),
                _("Pick the turn that is true: mastery, willingness, evenness, or readiness."),
                _("Say it in five words or fewer, and go on."),
            ),
            (
                _("The removal is under way, your heart races: “My body is getting ready.”"),
                _("The client goes silent and so do you: “I can be in this.”"),
                _("Three people want three things at once: “One, then the next. I know this.”"),
            ),
            _("Talking yourself out of a danger. If it is unsafe, leave; the story comes later."),
        ),
        Skill(
            "after",
            _("The story after"),
            _(
                "How an event is put away. A hard day becomes part of a career in which you get better at "
                "something, and you know what you will do next time."
            ),
            _("In a debrief, in supervision, or in five minutes alone on the same day."),
            (
                _("Tell it to its end: what happened, and what it is like now."),
                _("Name one thing you did that took skill."),
                _("Finish the sentence “Next time I will …” with something you can do."),
                _("Place it: “This is one of the cases in which I learned to …”"),
            ),
            (
                _("“The visit went wrong. I stayed calm at the door. Next time I call ahead.”"),
                _("“He left early. I named what I saw. Next time I ask before I name it.”"),
                _("“The deadline slipped. I said so in time. Next time I say so a day earlier.”"),
            ),
            _("Deciding who is to blame. Blame ends the story before anything is learned."),
        ),
    ),
)
