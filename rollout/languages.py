"""In which language somebody is addressed."""

from typing import Any

from django.conf import settings

from .models import Agency, User


def is_offered(code: str) -> bool:
    """Whether the product speaks it."""
    return any(code == offered for offered, _name in settings.LANGUAGES)


def chosen_by(user: Any) -> str:
    """The language of pages that a person chose; "" where the browser says."""
    return user.language if is_offered(user.language) else ""


def language_of(user: User, agency: Agency | None) -> str:
    """Of mails: the person's own choice, else their agency's, else English."""
    wanted = (user.language, agency.language if agency else "")
    return next((code for code in wanted if is_offered(code)), settings.LANGUAGE_CODE)


def choose_language(code: str, *, by: User) -> None:
    """From now on pages and mails for this person are in that language. ValueError for one that is not offered."""
    if not is_offered(code):
        raise ValueError("A language that is not offered.")
    by.language = code
    by.save(update_fields=["language"])
