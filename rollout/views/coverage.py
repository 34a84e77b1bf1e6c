"""What the training of an agency has covered: the five domains and the areas, by team and person."""

from collections import defaultdict

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import domains
from ..access import DELIVERS, open_to
from ..domains import CoverLine, Share
from ..exports import table_response
from ..forms.hours import TeamFilter
from ..ledger import open_ledger
from ..models import Agency, Team
from .training import delivered_agency

PAGE = 25


def asked_lines(request: HttpRequest, agency: Agency) -> tuple[TeamFilter, Team | None, list[CoverLine]]:
    """Whoever the address asks for."""
    form = TeamFilter(request.GET, agency=agency)
    team = form.cleaned_data.get("team") if form.is_valid() else None
    ledger = open_ledger(agency, timezone.now())
    return form, team, domains.cover_lines(agency, ledger, team=team.pk if team else None)


@open_to(*DELIVERS)
@require_safe
def coverage(request: HttpRequest, slug: str) -> HttpResponse:
    """By team, or the people of one team: domains covered; and the areas of the helping relationship."""
    agency = delivered_agency(request, slug)
    form, team, lines = asked_lines(request, agency)
    context = {
        "agency": agency,
        "form": form,
        "team": team,
        "people": len(lines),
        "names": [domains.domain_label(code) for code in domains.FIVE],
        "all": domains.domain_shares(lines),
        "page": Paginator(lines if team else teams_of(lines), PAGE).get_page(request.GET.get("page")),
        "areas": domains.area_shares(lines),
        "query": f"?team={team.pk}" if team else "",
    }
    return render(request, "rollout/coverage.html", context)


def teams_of(lines: list[CoverLine]) -> list[tuple[str, int | None, int, list[Share]]]:
    """Name, id, people and shares of each team, by name; whoever has none comes last."""
    by_team: dict[tuple[str, int | None], list[CoverLine]] = defaultdict(list)
    for line in lines:
        by_team[line.team, line.team_id].append(line)
    ordered = sorted(by_team, key=lambda team: (team[1] is None, team[0].casefold()))
    return [(*team, len(by_team[team]), domains.domain_shares(by_team[team])) for team in ordered]


@open_to(*DELIVERS)
@require_safe
def coverage_table(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """One person to a line, with the minutes credited of each domain and area."""
    agency = delivered_agency(request, slug)
    _form, _team, lines = asked_lines(request, agency)
    headers = domains.headers(domains.frame())
    return table_response(f"{agency.slug}-coverage", headers, domains.rows(lines), kind)
