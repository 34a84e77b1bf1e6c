"""Six beliefs about this work that the model corrects, each with its answer."""

from django.utils.translation import gettext_lazy as _

from .parts import Belief

BELIEFS = (
    Belief(
        _("Hearing trauma stories is what wears people out."),
        _(
            "Hearing them is not the point by itself. The model looks at what happens while one hears them: being "
            "swamped, or seeing no way to act. That is where its skills begin."
        ),
    ),
    Belief(
        _("Self-care after work is the cure."),
        _(
            "A walk and a bath are good things to have. There is little evidence that they settle what happened at "
            "work. The model puts its weight on what you do during the workday, in the moment itself."
        ),
    ),
    Belief(
        _("Feeling strongly for people uses compassion up."),
        _(
            "What costs is showing a feeling that is not there. In this model, compassion that is genuine asks for "
            "little effort and gives some energy back."
        ),
    ),
    Belief(
        _("You just have to think positive."),
        _(
            "A story that sustains you has to be true, bad days included. If it leaves out what went wrong, you will "
            "not believe it when you need it."
        ),
    ),
    Belief(
        _("A better balance of work and life is the answer."),
        _(
            "That picture puts work on the side of suffering and life on the other. The model asks instead what the "
            "hours at work are like from the inside, since they are life too."
        ),
    ),
    Belief(
        _("Our jobs are simply too hard."),
        _(
            "Hard is not the same as draining. People report the most energy where much is asked of them and their "
            "skill is a match for it. So the question becomes which skill this task calls for."
        ),
    ),
)
