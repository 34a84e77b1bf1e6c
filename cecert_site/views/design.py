"""The living page of the design: every component in every state, in the demo only."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rollout.access import public

LOOKS = ("", "light", "dark")


@public
@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Tokens and components with invented examples; ``?look=light`` or ``dark`` whatever the system says."""
    if not settings.DEMO:
        raise Http404
    # Inside: invented people have no place in a process that serves real ones.
    from ..demo.showcase import showcase

    asked = request.GET.get("look", "")
    look = asked if asked in LOOKS else ""
    return render(request, "site/design.html", {"look": look, **showcase(look, request.GET.get("page", "2"))})
