"""Components that hold something: ``{% part "card" title=… %}…{% endpart %}``, and what components need to be drawn."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

register = template.Library()

LONGEST_WORD, LONGEST_LABEL = 8, 14
"""Letters that fit a fifth of a phone's line, in the size of the scale's labels: of a word, of a label on two lines."""
SOFT_HYPHEN = "\N{SOFT HYPHEN}"


@register.simple_block_tag(takes_context=True)
def part(context: Context, content: SafeString, name: str, **values: Any) -> SafeString:
    """``components/<name>.html`` around the block's content, which it finds as ``inside``.

    Like ``include … only``: the component sees what it is given, the request and the form token, nothing else.
    """
    if context.template is None:
        raise ValueError("a part is drawn inside a template")
    handed = {key: context.get(key) for key in ("request", "csrf_token")}
    inner = context.new({**handed, **values, "inside": SafeString(content.strip())})
    return context.template.engine.get_template(f"components/{name}.html").render(inner)


@register.simple_tag
def crumbs(*labels_and_urls: Any) -> list[dict[str, Any]]:
    """Items of a breadcrumb from pairs: ``{% crumbs agency.name agency_url _("People") people_url as where %}``.

    A last label without its address is the page itself.
    """
    labels, urls = labels_and_urls[::2], labels_and_urls[1::2]
    padded = [*urls, ""] if len(labels) > len(urls) else urls
    return [{"label": label, "url": url} for label, url in zip(labels, padded, strict=True)]


@register.filter
def has_long_words(choices: Iterable[tuple[Any, Any]]) -> bool:
    """Whether one of these (value, label) is too long for a fifth of a phone's line."""
    labels = [str(label).replace(SOFT_HYPHEN, " ") for _value, label in choices]
    words = (word for label in labels for word in label.split())
    return any(len(label) > LONGEST_LABEL for label in labels) or any(
        len(word) > LONGEST_WORD for word in words
    )


@register.simple_tag(takes_context=True)
def page_address(context: Context, key: str, number: int) -> str:
    """The address of one page of a list: the request's own parameters, with ``key`` set."""
    parameters = context["request"].GET.copy()
    parameters[key] = str(number)
    return f"?{parameters.urlencode()}"
