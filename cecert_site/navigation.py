"""The main navigation: few words, for whoever is looking."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rollout.access import DELIVERS, Role, roles_of
from rollout.models import Agency, User

LAST_AGENCY = "agency"
"""Session entry: the agency whose pages were opened last, for people who work with several."""

ENTRY_OF = {
    "overview": "rollout:agency_edit rollout:access rollout:enroll rollout:commitment rollout:closings "
    "rollout:workforce rollout:workforce_month rollout:workforce_import "
    "plan plan_new plan_rework plan_milestone plan_sessions",
    "rollout:people": "person rollout:person_new rollout:person_edit rollout:teams rollout:team_edit "
    "rollout:roster_upload rollout:roster_preview duplicates same_person",
    "rollout:training": "rollout:hours rollout:completion rollout:coverage rollout:cohort rollout:cohort_new "
    "rollout:session rollout:session_new rollout:session_edit rollout:session_days rollout:cohort_edit "
    "rollout:check_in_screen rollout:trainers rollout:trainer rollout:trainer_edit consultation:maps_session "
    "rollout:certificates rollout:certificate "
    "rollout:certificate_reissue rollout:cohort_certificates rollout:person_certificates plan",
    "consultation:series_list": "consultation:series consultation:series_new consultation:series_edit "
    "consultation:call consultation:call_edit consultation:call_hold consultation:maps_call "
    "consultation:checklists consultation:checklist",
    "assessments:waves": "assessments:wave assessments:wave_new assessments:wave_close assessments:wave_extend "
    "assessments:wordings",
    "documents": "document",
    "rollout:agencies": "rollout:agency_new rollout:curricula",
    "consultation:my_calls": "consultation:call consultation:prepare consultation:call_outcome",
    "rollout:my_training": "rollout:session rollout:check_in rollout:check_in_code rollout:check_in_done person",
    "assessments:my_results": "assessments:result",
    "rollout:skills": "rollout:skills_domain",
    "rollout:practice": "rollout:practice_print rollout:practice_shared rollout:practice_shared_plan "
    "rollout:practice_leave rollout:rating",
}
"""Pages by the entry they belong under: the first entry that somebody has counts as where they are."""

SECTIONS = (
    (
        ("overview", gettext_lazy("Overview"), True),
        ("plan", gettext_lazy("Plan"), True),
        ("rollout:commitment", gettext_lazy("Commitment"), True),
        ("rollout:workforce", gettext_lazy("Workforce"), True),
        ("rollout:closings", gettext_lazy("Closed days"), True),
    ),
    (
        ("rollout:people", gettext_lazy("People"), False),
        ("rollout:teams", gettext_lazy("Teams"), False),
        ("duplicates", gettext_lazy("Likely duplicates"), True),
    ),
    (
        ("rollout:training", gettext_lazy("Schedule"), False),
        ("rollout:hours", gettext_lazy("Hours"), False),
        ("rollout:completion", gettext_lazy("Who can still complete"), False),
        ("rollout:coverage", gettext_lazy("Modules covered"), False),
        ("rollout:certificates", gettext_lazy("Certificates"), False),
    ),
)
"""Pages of an agency that stand side by side: route, label, and whether only who runs the agency opens it."""


@dataclass(frozen=True)
class Place:
    """The agency that pages are about; whether its reader runs it, and has others to choose from."""

    agency: Agency | None
    runs: bool
    several: bool


def current_place(request: HttpRequest, shown: Agency | None = None) -> Place:
    """``shown`` if it is one's own, else the agency of the address, else the one opened last, else the first.

    Asked once per request. Remembers the choice in the session for those who have several.
    """
    known: Place | None = getattr(request, "current_place", None)
    if known and (shown is None or shown == known.agency):
        return known
    match = request.resolver_match
    asked = shown.slug if shown else (match.kwargs.get("slug", "") if match else "")
    last = request.session.get(LAST_AGENCY, "")
    own = own_agencies(cast(User, request.user))
    slug = next((slug for slug in (asked, last) if slug in own), next(iter(own), ""))
    agency, runs = own.get(slug, (None, False))
    place = Place(agency, runs, len(own) > 1)
    if place.several and slug == asked != last:
        request.session[LAST_AGENCY] = asked
    request.current_place = place  # type: ignore[attr-defined]
    return place


def own_agencies(user: User) -> dict[str, tuple[Agency, bool]]:
    """Agencies by short name and whether this person runs them: those they run first, then those they only train.

    One query for each of the two roles; whoever holds them has few agencies, a site administrator all.
    """
    roles = roles_of(user)
    if Role.SITE_ADMIN in roles:
        return {agency.slug: (agency, True) for agency in Agency.objects.all()}
    led = user.leads.all() if Role.LEADER in roles else []
    trained = user.trains.all() if Role.TRAINER in roles else []
    found = {agency.slug: (agency, True) for agency in led}
    return found | {agency.slug: (agency, False) for agency in trained if agency.slug not in found}


def navigation(request: HttpRequest, shown: Agency | None = None) -> list[dict[str, Any]]:
    """Entries ``{label, url, current, mine}`` for whoever is looking.

    ``current`` is "page" on the entry itself, "true" on a page under it; ``mine`` marks one's own pages, which
    people who also have an agency's pages find in their menu.
    """
    roles = roles_of(cast(User, request.user))
    delivers = bool(roles & set(DELIVERS))
    entries = [entry("home", _("Home"))]
    if delivers:
        entries += agency_entries(current_place(request, shown))
    if Role.SUPERVISOR in roles:
        entries.append(entry("consultation:my_calls", _("My calls"), mine=delivers))
    if Role.STAFF in roles:
        entries.append(entry("rollout:my_training", _("My training"), mine=delivers))
        entries.append(entry("assessments:my_results", _("My results"), mine=delivers))
    entries.append(entry("rollout:practice", _("My practice"), mine=delivers))
    entries.append(entry("rollout:skills", _("Skills"), mine=delivers))
    here = request.resolver_match.view_name if request.resolver_match else ""
    exact = next((one for one in entries if one["name"] == here), None)
    under = next((one for one in entries if here in ENTRY_OF.get(one["name"], "").split()), None)
    if found := exact or under:
        found["current"] = "page" if exact else "true"
    return entries


def agency_entries(place: Place) -> list[dict[str, Any]]:
    """Pages of one agency, for whoever runs it or trains in it; the list of agencies where there is a choice."""
    entries = [] if place.agency and not place.several else [entry("rollout:agencies", _("Agencies"))]
    if place.agency is None:
        return entries
    pages = [
        ("rollout:people", _("People")),
        ("rollout:training", _("Training")),
        ("consultation:series_list", _("Consultation")),
    ]
    if place.runs:
        pages = [
            ("overview", _("Overview")),
            *pages,
            ("assessments:waves", _("Assessments")),
            ("documents", _("Reports")),
        ]
    return entries + [entry(name, label, place.agency.slug) for name, label in pages]


def section_tabs(request: HttpRequest, shown: Agency | None = None) -> list[dict[str, Any]]:
    """The pages beside this one, ``{label, url, current}``; none on a page that stands alone or below another."""
    match = getattr(request, "resolver_match", None)  # a page that is kept is rendered without one
    here = match.view_name if match else ""
    section = next((pages for pages in SECTIONS if here in {name for name, _label, _runs in pages}), ())
    if not section or (place := current_place(request, shown)).agency is None:
        return []
    pages = [(name, label) for name, label, runs_only in section if place.runs or not runs_only]
    if len(pages) < 2:
        return []
    slug = place.agency.slug
    return [
        {"label": label, "url": reverse(name, args=[slug]), "current": name == here} for name, label in pages
    ]


def entry(name: str, label: str, *args: str, mine: bool = False) -> dict[str, Any]:
    """One entry, not current."""
    return {"name": name, "label": label, "url": reverse(name, args=args), "mine": mine, "current": ""}
