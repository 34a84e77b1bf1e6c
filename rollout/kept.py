"""Parts of pages that are the same for everybody, rendered once by each process and kept."""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache, wraps
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
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


MARK = secrets.token_hex(8)
"""Nobody who types a text that a page shows can know it, so nobody can write a blank into a page."""
_BLANK = re.compile(f"\ufdd0{MARK}(\\w+)\ufdd1")


def filled(template: str, same: Mapping[str, Hashable], blanks: Mapping[str, Any]) -> SafeString:
    """A whole page of which all but the ``blanks`` is the same for many, in the language in force.

    Rendered once for each ``same``; then only the blanks are filled in, each escaped as a template would. A template
    may print a blank, not look at it. Nothing of a person may be in ``same``.
    """
    pieces = list(_pieces(template, get_language(), tuple(same.items()), tuple(blanks)))
    pieces[1::2] = [conditional_escape(blanks[name]) for name in pieces[1::2]]
    return SafeString("".join(pieces))


@lru_cache(maxsize=512)
def _pieces(
    template: str, language: str | None, same: tuple[tuple[str, Hashable], ...], blanks: tuple[str, ...]
) -> tuple[str, ...]:
    """The page's text, and between its pieces the names of the blanks."""
    marks = {name: SafeString(f"\ufdd0{MARK}{name}\ufdd1") for name in blanks}
    return tuple(_BLANK.split(render_to_string(template, {**dict(same), **marks})))


def in_each_language[**P, R](make: Callable[P, R]) -> Callable[P, R]:
    """Made once for its arguments and the language in force. The same holds for them as for ``kept``."""

    @lru_cache(maxsize=1024)
    def made(language: str | None, *args: P.args, **kwargs: P.kwargs) -> R:
        return make(*args, **kwargs)

    @wraps(make)
    def find(*args: P.args, **kwargs: P.kwargs) -> R:
        return made(get_language(), *args, **kwargs)  # type: ignore[arg-type]

    _clear.append(made.cache_clear)
    return find


_clear: list[Callable[[], None]] = [_kept.cache_clear, _pieces.cache_clear]


def forget() -> None:
    """Render everything anew, after texts or settings have changed in a running process."""
    for clear in _clear:
        clear()
