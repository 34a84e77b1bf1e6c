"""Parts of pages that are the same for everybody, rendered once by each process and kept."""

from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def kept(template: str, **context: Hashable) -> SafeString:
    """The template with this context, in the language in force.

    Nothing of a person may be in the context but values that many share, as a score is.
    """
    return _kept(template, get_language(), tuple(context.items()))


@lru_cache(maxsize=4096)
def _kept(template: str, language: str | None, context: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return SafeString(render_to_string(template, dict(context)))


def forget() -> None:
    """Render everything anew, after texts or settings have changed in a running process."""
    _kept.cache_clear()
