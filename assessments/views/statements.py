"""The statements of a survey as a page shows them: in which words, in which language, with which answer chosen."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_supported_language_variant, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from assessments.instruments import INSTRUMENTS
from assessments.models import Wave
from assessments.survey import Answers
from rollout.kept import in_each_language, kept

NARROW: dict[str, str | Promise] = {"Sometimes": gettext_lazy("Some|times")}
"""Option labels that may break at the bar, for five places side by side on a narrow phone."""


@dataclass(frozen=True)
class Spoken:
    """Language of question and answers, and what to mark in the page: empty where it is the page's own."""

    asked_in: str
    statements: str
    answers: str


@sensitive_variables()
def scales(numbers: Iterable[int], wave: Wave, answers: Answers, spoken: Spoken) -> SafeString:
    """Statements with their answers; in the language in force."""
    asked = (wave.instrument, statements(wave), spoken)
    return SafeString("".join([one_scale(*asked, number, answers.get(number)) for number in numbers]))


@in_each_language
@sensitive_variables()
def one_scale(
    instrument: str, texts: tuple[str, ...], spoken: Spoken, number: int, value: int | None
) -> SafeString:
    """``components/scale.html``, rendered once for each answer a statement can have.

    Thirty times through the template engine would take longer than everything else together.
    """
    choices = tuple(
        (one.value, str(NARROW.get(one.label, _(one.label))).replace("|", "\N{SOFT HYPHEN}"))
        for one in INSTRUMENTS[instrument].options
    )
    return kept(
        "components/scale.html",
        name=f"q{number}",
        number=number,
        text=texts[number - 1],
        choices=choices,
        value=value,
        text_lang=spoken.statements,
        lang=spoken.answers,
    )


def languages_of(wave: Wave) -> Spoken:
    """Question and answers in the language of the installed wording, or scores would not compare.

    In the page's own where the wording is a stand-in, or in a language this product does not speak.
    """
    here = get_language() or settings.LANGUAGE_CODE
    worded = wave.wording_pack.language if wave.wording_pack else here
    try:
        asked_in = get_supported_language_variant(worded)
    except LookupError:
        asked_in = here
    return Spoken(
        asked_in=asked_in,
        statements=worded if worded != here else "",
        answers=asked_in if asked_in != here else "",
    )


def statements(wave: Wave) -> tuple[str, ...]:
    """Texts of the items: the wave's wording as installed, or our own gists as a stand-in."""
    if wave.wording_pack is not None:
        installed = wave.wording_pack.statements
        return tuple(str(installed[str(item.number)]) for item in wave.definition.items)
    return gists(wave.instrument)


@in_each_language
def gists(instrument: str) -> tuple[str, ...]:
    """Our own topics of two to five words."""
    return tuple(_(item.gist) for item in INSTRUMENTS[instrument].items)
