"""What the page frame shows around every page."""

from typing import Any

from django import template
from django.conf import settings
from django.template import Context, RequestContext
from django.utils import timezone

from assessments.visits import seconds_left, whose
from rollout.kept import kept
from rollout.models import Agency

from ..navigation import navigation, section_tabs

register = template.Library()
register.simple_tag(kept)


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


@register.simple_tag(takes_context=True)
def beside(context: RequestContext) -> list[dict[str, Any]]:
    """Tabs to the pages beside this one; see ``navigation.section_tabs``."""
    request, user = context.get("request"), context.get("user")
    if request is None or user is None or not user.is_authenticated:
        return []
    agency = context.get("agency")
    return section_tabs(request, agency if isinstance(agency, Agency) and agency.pk else None)


@register.simple_tag(takes_context=True)
def own_session(context: Context) -> dict[str, Any] | None:
    """What a page must know to warn before its session ends: ``who``, seconds ``left``, ``warn`` before the end.

    None for visitors without one. Asks nothing of the database: the session was loaded to let the page in.
    """
    if "session_who" in context:  # a page that is kept, with blanks for these two
        found = {"who": context["session_who"], "left": context["session_left"]}
        return {**found, "warn": settings.SESSION_WARNING_SECONDS} if context["has_session"] else None
    request = context.get("request")
    if request is None or not hasattr(request, "session") or not hasattr(request, "user"):
        return None
    if not (who := whose(request)):
        return None
    left = seconds_left(request, timezone.now())
    return {"who": who, "left": left, "warn": settings.SESSION_WARNING_SECONDS}
