"""Reducing emotional labor: close the gap between felt and shown emotion."""

from django.utils.translation import gettext_lazy as _

from .parts import Domain, Skill

LABOR = Domain(
    "reducing_emotional_labor",
    _("Close the gap between what you feel and what you show, from the inside."),
    _(
        "Emotional labor is the work of showing what one does not feel, or hiding what one does. Nobody can stop "
        "doing it altogether. This domain practices narrowing the gap: by bringing a genuine feeling up with skill, "
        "by doing a task with your whole heart, and by making a drain into something to get good at."
    ),
    (
        Skill(
            "compassion",
            _("Compassion as a skill"),
            _(
                "Compassion that does not come by itself can be brought about: with an intention, an honest look at "
                "what you feel, curiosity about the other person, and small acts. Bringing up what is really there, "
                "in a form the other can use, is called artful surfacing."
            ),
            _("When you hear your own voice being kind while you are not."),
            (
                _("Set the intention: “I want to understand this person.”"),
                _("Notice honestly what you feel toward them, and let it be there."),
                _("Get curious: what would make a reasonable person act like this?"),
                _("Do one small thing that a kind person would do: sit down, slow down, look up."),
                _("Say one sentence that is both true and useful to them."),
            ),
            (
                _(
                    "“I notice I get tense when you shout, and I want to hear what you need. Can we slow down?”"
                ),
                _("“I had a plan for today. I think you brought something more important.”"),
                _(
                    "“I am in a hurry and I do not want to be short with you. Give me two minutes, then I listen.”"
                ),
            ),
            _("Saying everything you feel. It is the true sentence that serves the other person."),
        ),
        Skill(
            "wholeheartedness",
            _("Wholeheartedness"),
            _(
                "Doing what you are doing with all of yourself, instead of doing it while wishing you were not. "
                "The inner “should I be doing something else?” is put down for as long as the task takes."
            ),
            _("With tasks that you do anyway, half present."),
            (
                _("Decide: am I doing this now, or not? Either answer will do."),
                _("If you are, put the phone face down and turn your chair to it."),
                _("Do it as if it were the only thing on the list."),
                _("When it is done, notice that it is done."),
            ),
            (
                _("You play the board game with the child as if there were no report to write."),
                _("You write the progress note as if somebody you respect were going to read it."),
                _("You file the last ten forms, one at a time, each one properly."),
            ),
            _("Doing more. It is about how you do it, and never a reason to take on another task."),
        ),
        Skill(
            "intentional-learning",
            _("Intentional learning"),
            _(
                "Taking a task that drains you and turning it into a skill to get better at. You set a goal, watch "
                "your own progress, and ask for pointers."
            ),
            _("With a duty that comes back every week and that you would gladly hand over."),
            (
                _("Name the duty that drains you most reliably."),
                _("Ask what somebody who is excellent at it does differently."),
                _("Set one small goal for the next time, about skill and not about speed."),
                _("Afterward, note one thing that went better."),
            ),
            (
                _("Testifying: next time you finish every answer in one sentence."),
                _("Insurance calls: next time you get the name and the direct number within two minutes."),
                _("Minutes of meetings: next time each decision fits on one line."),
            ),
            _("Pretending to like it. You may go on disliking a task that you are getting good at."),
        ),
    ),
)
