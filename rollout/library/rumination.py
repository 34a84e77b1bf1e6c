"""Reducing rumination: leave the moment in the moment."""

from django.utils.translation import gettext_lazy as _

from .parts import Domain, Skill

RUMINATION = Domain(
    "reducing_rumination",
    _("Leave the moment in the moment: notice when the mind replays it, and give it something to do."),
    _(
        "Rumination is thinking in circles about what has happened or might. It feels like work and settles nothing. "
        "This domain practices telling it from problem solving, saying so, and turning to something that takes the "
        "whole of your attention."
    ),
    (
        Skill(
            "permission",
            _("Permission to let go"),
            _(
                "Telling yourself that you may put a case down. Many people keep turning it over because stopping "
                "feels like not caring."
            ),
            _("At the end of a contact, and on the way home."),
            (
                _("Ask: is there something only I can do about this before tomorrow?"),
                _("If there is, do it or write down when you will."),
                _("If not, say it: “I have done today’s part. I am allowed to put it down.”"),
            ),
            (
                _(
                    "The placement is arranged and the night line knows. You say the sentence and start the car."
                ),
                _("The safety plan is signed. You say the sentence and close the file."),
                _("The figures are in. You say the sentence and shut the laptop."),
            ),
            _("Indifference. You can put a case down tonight because you will take it up again tomorrow."),
        ),
        Skill(
            "labeling",
            _("Noticing and labeling"),
            _(
                "Catching the mind while it replays and saying what it does: “This is rumination.” The label makes "
                "it something you can look at."
            ),
            _("As soon as a thought comes around for the third time."),
            (
                _("Notice the loop: same scene, same “what if,” no new idea."),
                _("Say aloud or under your breath: “Ruminating.”"),
                _("Ask: “Is there a next step in this thought?” If there is none, it is a loop."),
            ),
            (
                _("Driving back you replay the mother’s face for the third time. “Ruminating.” Radio on."),
                _("During lunch you rewrite the session in your head. “Ruminating.” You look at your food."),
                _("In a meeting you rehearse yesterday’s remark. “Ruminating.” You pick up the agenda."),
            ),
            _("Problem solving, which ends in a step you can take and a time to take it."),
        ),
        Skill(
            "steering",
            _("Steering off the wandering mode"),
            _(
                "A mind without a task wanders, and often to the worst place it knows. Steering means noticing that "
                "it wanders and choosing where it goes next."
            ),
            _("In the gaps: corridors, waiting rooms, traffic lights, the minute before sleep."),
            (
                _("Notice that nobody is steering."),
                _("Name five things you can see or three you can hear, right where you are."),
                _("Choose the next thing for your attention and give it all of it for one minute."),
            ),
            (
                _("In the hallway of the courthouse you count the panes of the window, slowly."),
                _("Between clients you listen to the sounds of the building until you know three of them."),
                _("While the copier runs you read the poster on the wall, word for word."),
            ),
            _("Emptying the mind. It gets something to do, rather than nothing."),
        ),
        Skill(
            "focused-activity",
            _("Focused activity"),
            _(
                "Something small that takes your full attention, for two minutes or so. The task fills the place "
                "in which the loop would run."
            ),
            _("Right after a hard contact, and whenever labeling alone does not stop the loop."),
            (
                _("Choose it beforehand; in the moment you will not think of one."),
                _("It should need your hands or your head enough that nothing else fits in."),
                _("Set two minutes and do only that."),
                _("Then go straight to the next task."),
            ),
            (
                _("You sort the car’s glove box by size."),
                _("You water the three plants and look at every leaf."),
                _("You do one row of the number puzzle that lies in your drawer."),
            ),
            _("Scrolling. A feed leaves room for the loop to run underneath."),
        ),
        Skill(
            "conversation",
            _("Company and conversation"),
            _(
                "Talking with somebody about something else, with real interest. Attention goes to the other "
                "person, and the loop is alone for once."
            ),
            _("When you have been by yourself with it for a while."),
            (
                _("Go to a colleague, or call somebody."),
                _("Ask a question whose answer you do not know."),
                _("Listen long enough to ask a second one."),
            ),
            (
                _("You ask your partner on the visit how their daughter’s tryout went."),
                _("You eat with the front desk and ask about the dog."),
                _("You walk over instead of writing, and ask how the move is coming along."),
            ),
            _(
                "Retelling the case. Shared holding of a hard case is another skill, with a beginning and an end."
            ),
        ),
        Skill(
            "aces",
            _("ACES thinking"),
            _(
                "Four questions that turn a loop into a plan: is it Action-oriented, Concrete, Experiential, "
                "Specific? It also serves as a plan for the night."
            ),
            _("When something does need thought, and before going to bed."),
            (
                _("Action: what will I do? Start with a verb."),
                _("Concrete: what would somebody see me do?"),
                _("Experiential: what is it like right now, in the body and the room?"),
                _("Specific: when, where, with whom?"),
                _("Write it on one line. If the thought comes back at night, it is on the paper."),
            ),
            (
                _("“Tuesday at nine, from my desk, I call the school and ask for the attendance record.”"),
                _("“Tomorrow before the first client I write two questions for the psychiatrist.”"),
                _("“At eight I open the report, read page one aloud, and mark what I do not understand.”"),
            ),
            _("A list of worries. Each line is something you will do."),
        ),
    ),
)
