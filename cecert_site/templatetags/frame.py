"""What the page frame shows around every page."""

from typing import Any

from django import template
from django.template import RequestContext

from rollout.models import Agency

from ..navigation import navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def main_navigation(context: RequestContext) -> list[dict[str, Any]]:
    """Entries for whoever is looking, about the page's own ``agency`` if it has one; none for visitors.

    A tag and no context processor: fragments and survey pages, which have no navigation, ask no questions.
    """
    if "nav" in context:
        return list(context["nav"])
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return []
    agency = context.get("agency")
    return navigation(request, agency if isinstance(agency, Agency) and agency.pk else None)
