"""The skills library: five domains in plain words, for everybody who is signed in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import library
from ..access import signed_in


@signed_in
@require_safe
def skills(request: HttpRequest) -> HttpResponse:
    """The five domains, and what the model says to six common beliefs. No query."""
    context = {"domains": library.DOMAINS, "beliefs": library.BELIEFS}
    return render(request, "rollout/skills.html", context)


@signed_in
@require_safe
def skills_domain(request: HttpRequest, slug: str) -> HttpResponse:
    """One domain with its skills, each to be tried in two minutes."""
    domain = library.by_slug(slug)
    if domain is None:
        raise Http404
    context = {
        "domain": domain,
        "skills": [
            (skill, list(zip(library.SETTINGS, skill.examples, strict=True))) for skill in domain.skills
        ],
        "others": [other for other in library.DOMAINS if other != domain],
    }
    return render(request, "rollout/skills_domain.html", context)
