"""System check: every view of ours says who may open it."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

OUR_APPS = ("cecert_site", "rollout", "consultation", "assessments")


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the product with its whole pattern, depth first."""
    for item in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(item, URLResolver):
            yield from routes(item.url_patterns, prefix + str(item.pattern))
        else:
            yield prefix + str(item.pattern), item


@register()
def every_view_has_a_gate(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An undecorated view would be open to everybody who is signed in: refuse to start with it."""
    return [
        Error(
            f"The view {route.callback.__module__}.{getattr(route.callback, '__name__', '?')} ({address}) has no gate.",
            hint="Decorate it with @open_to(Role…), @signed_in or @public from rollout.access.",
            id="cecert.E001",
        )
        for address, route in routes()
        if route.callback.__module__.split(".")[0] in OUR_APPS and not hasattr(route.callback, "gate")
    ]
