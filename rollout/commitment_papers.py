"""The leadership commitment as a page to print and sign: values first, then a tagged PDF."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from .commitment import PROMISES
from .models import Agency, Commitment
from .pdf import render_pdf

TEMPLATE = "pdf/commitment_form.html"


@dataclass(frozen=True)
class Page:
    """What stands on the page. ``promises``: in words, and what each asks of leaders; nothing is ticked on it."""

    agency: str
    promises: tuple[tuple[str, str], ...]
    demo: bool


def explained() -> dict[str, str]:
    """What each promise means in practice, by its field."""
    return {
        "training_time": _(
            "Everybody goes through the Foundations training during working hours, supervisors through one day more; "
            "their work is covered meanwhile."
        ),
        "protected_calls": _(
            "The ten consultation calls stand in the calendars of all who take part, and nothing is put over them."
        ),
        "leaders_practise": _("Leaders use the same skills at work, visibly, and take part in the training."),
        "figures_together": _(
            "What was delivered and what people report is looked at together, strengths first, and never used to "
            "judge one person."
        ),
    }


def promise_name(field: str) -> str:
    """A promise as the form calls it."""
    return str(Commitment._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def commitment_form_pdf(agency: Agency) -> bytes:
    """A page to print and sign, in the language in force. PdfUnavailable where this machine cannot draw one."""
    words = explained()
    page = Page(
        agency=agency.name,
        promises=tuple((promise_name(name), words[name]) for name in PROMISES),
        demo=settings.DEMO,
    )
    context = {
        "title": _("Leadership commitment: %(agency)s") % {"agency": agency},
        "subject": _("What the leadership of an agency promises before CE-CERT training opens"),
        "author": agency.name,
        "page": page,
    }
    return render_pdf(TEMPLATE, context, lang=translation.get_language() or settings.LANGUAGE_CODE)
