"""Experiential engagement: stop avoiding the avoidance; feel it through."""

from django.utils.translation import gettext_lazy as _

from .parts import Domain, Skill

ENGAGEMENT = Domain(
    "experiential_engagement",
    _("Stop stepping around what you feel at work. Notice it, give it room, and let it run its course."),
    _(
        "Difficult feelings come with this work. Pushing them away takes effort all day long, and they wait. This "
        "domain practices the other way: turning toward a feeling while it is there, without acting on it and "
        "without arguing with it."
    ),
    (
        Skill(
            "intention",
            _("Intention"),
            _(
                "Deciding beforehand that you are willing to feel what a task brings. You choose it; you do not "
                "wait until you feel ready."
            ),
            _("Before something you would rather not do."),
            (
                _("Name the task and the feeling you expect with it, in one short sentence."),
                _("Say to yourself: “I am willing to have this feeling while I do this.”"),
                _("Begin within a minute, before the bargaining starts."),
            ),
            (
                _("In the car outside the house: “I may feel dread in there. I am willing.” Then the door."),
                _(
                    "Before a session you have been rescheduling: “It may be heavy. I am willing to be in it.”"
                ),
                _(
                    "Before the phone call to an angry relative: “I may get tense. I am willing.” Then you dial."
                ),
            ),
            _("Gritting your teeth. Willingness makes room for the feeling; endurance holds its breath."),
        ),
        Skill(
            "awareness",
            _("Awareness"),
            _(
                "Asking “What am I feeling right now?” and answering in one word. The answer is information, and "
                "nothing has to follow from it."
            ),
            _("Three set times a day, and whenever you notice that you have gone numb or short with people."),
            (
                _("Stop for two breaths, wherever you are."),
                _("Ask what you are feeling, and find it in the body: jaw, chest, stomach, hands."),
                _("Give it one plain word: sad, angry, afraid, tired, glad."),
                _("Go on with what you were doing."),
            ),
            (
                _("On the courthouse stairs: “Chest tight. Afraid.” Then up the stairs."),
                _("Between two sessions, hand on the door: “Heavy. Sad, from the last hour.”"),
                _("With the inbox open: “Jaw tight. Annoyed.” Then the next message."),
            ),
            _("Analyzing why. The question is what you feel, not where it came from."),
        ),
        Skill(
            "own-avoidance",
            _("Knowing what you step around"),
            _(
                "Everybody has situations, people and feelings they avoid, often so smoothly that it looks like "
                "good planning. This skill is an honest list of your own."
            ),
            _("Once a week, for instance when you look over the calendar."),
            (
                _("Which task did you put off most often in the last month? Write it down."),
                _("Which person’s name makes you sigh? Write it as a role, never as a name."),
                _("Which feeling were you trying not to have? Put one word beside each."),
                _("Pick the smallest item and stay with it a little longer this week."),
            ),
            (
                _("You notice that one family’s visits always slide to Friday afternoon."),
                _("You notice that with one client you talk about forms whenever it gets quiet."),
                _("You notice that calls to one department are always answered by e-mail."),
            ),
            _("Blame. Avoiding is what people do; noticing it is the skill."),
        ),
        Skill(
            "allowing",
            _("Allowing"),
            _(
                "Letting a feeling be there without feeding it and without fighting it. You watch it rise, stay "
                "and fall, like weather."
            ),
            _("When a feeling is already there, in the middle of the work."),
            (
                _("Name it: “This is anger.”"),
                _("Breathe out slowly and let your shoulders drop. Nothing has to be solved in this minute."),
                _("Watch where it is in the body and whether it gets stronger, moves or fades."),
                _("When it has moved a little, turn back to the person in front of you."),
            ),
            (
                _("A father shouts. You feel heat rise, name it, breathe out, and keep listening."),
                _("A client’s story brings tears up. You let your eyes be wet and stay with what is said."),
                _("A report comes back red. You let the sting be there for three breaths, then read on."),
            ),
            _("Giving in to it. Allowing a feeling and acting on it are two different things."),
        ),
    ),
)
