"""One person on one page."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from consultation import summaries
from consultation.models import Call, Series, SeriesMember
from rollout.access import Role, open_to
from rollout.agenda import Coming
from rollout.models import Agency, Certificate, Person, User
from rollout.templatetags.ui import short_day
from rollout.training_record import TrainingRecord, training_record


@dataclass(frozen=True)
class CallPlace:
    """Somebody's part in one series: where they stand, held calls with their minutes, calls ahead."""

    series: Series
    left_on: date | None
    dose: summaries.Dose
    held: list[tuple[Call, int]]
    ahead: list[Call]


@open_to(*Role)
@require_safe
def person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Facts, hours with why, calls that count, next dates. Nothing of surveys, whoever looks."""
    user, now = cast(User, request.user), timezone.now()
    found = get_object_or_404(
        Person.objects.visible_to(user).select_related("agency", "team__supervisor"), uuid=uuid
    )
    runs = Agency.objects.editable_by(user).filter(pk=found.agency.pk).exists()
    trains = Agency.objects.where(user, Role.TRAINER).filter(pk=found.agency.pk).exists()
    record, places = training_record(found, now), call_places(found)
    is_own = found.user_id == user.pk
    context = {
        "person": found,
        "agency": found.agency,
        "runs": runs,
        "is_own": is_own,
        "may_see_agency": runs or trains,
        "may_open_dates": runs or trains or is_own,
        "record": record,
        "certificates": Certificate.objects.visible_to(user).filter(person=found, revoked_at=None),
        "facts": roster_facts(found),
        "history": places_over_time(found),
        "places": places,
        "coming": next_dates(record, places, linked=runs or trains or is_own),
    }
    return render(request, "site/person.html", context)


def roster_facts(found: Person) -> list[str]:
    """What the roster says of somebody, for one line; left out what it does not say."""
    supervised = list(found.supervises.all())
    facts = [found.job_title]
    if found.team and found.team not in supervised:
        facts.append(found.team.name)
        if found.team.supervisor:
            facts.append(_("supervised by %(name)s") % {"name": found.team.supervisor})
    if supervised:
        facts.append(_("supervises %(teams)s") % {"teams": ", ".join(team.name for team in supervised)})
    if found.hired_on:
        facts.append(_("hired %(on)s") % {"on": date_format(found.hired_on)})
    return [fact for fact in facts if fact]


def places_over_time(found: Person) -> list[dict[str, str]]:
    """Teams and roles by date, the latest first; empty for somebody who was never anywhere else. One query."""
    rows = list(found.placements.select_related("team"))
    if len(rows) < 2:
        return []
    items, after = [], None
    for row in reversed(rows):
        if after and row.until_on != after.from_on:
            when = days_in_words(row.until_on, after.from_on)
            items.append({"title": _("Not on the roster"), "when": when, "state": "bad"})
        role = [row.team.name if row.team else _("no team"), row.job_title]
        role += [_("supervising")] if row.supervises else []
        state = "now" if row.until_on is None else ""
        items.append(
            {
                "title": " · ".join(part for part in role if part),
                "when": days_in_words(row.from_on, row.until_on),
                "state": state,
            }
        )
        after = row
    return items


def days_in_words(from_on: date | None, until_on: date | None) -> str:
    """ "Jan. 8, 2024 – Mar. 1, 2026": the last day that is meant, not the one after it."""
    last = short_day(until_on - timedelta(days=1)) if until_on else ""
    if from_on and last:
        return f"{short_day(from_on)} – {last}"
    if from_on:
        return _("since %(on)s") % {"on": short_day(from_on)}
    return _("until %(on)s") % {"on": last} if last else ""


def next_dates(record: TrainingRecord, places: list[CallPlace], *, linked: bool) -> list[Coming]:
    """Sessions and calls ahead, the nearest first; ``linked`` for whoever may open their pages."""
    zone = record.person.agency.time_zone
    found = [
        Coming(
            session.starts_at,
            session.title,
            " · ".join(part for part in (session.cohort.name, session.place) if part),
            reverse("rollout:session", args=[session.uuid]) if linked else "",
            zone,
        )
        for session in record.coming
    ]
    for place in places:
        for call in place.ahead:
            url = reverse("consultation:call", args=[call.uuid]) if linked else ""
            found.append(Coming(call.starts_at, str(call), place.series.name, url, zone))
    return sorted(found, key=lambda item: item.at)


def call_places(found: Person) -> list[CallPlace]:
    """Each series somebody takes or took part in: where they stand, and call by call. Four queries."""
    members = list(SeriesMember.objects.filter(person=found).select_related("series").order_by("-series"))
    calls = list(Call.objects.filter(series__in=[member.series_id for member in members]))
    attended = summaries.minutes_of(Call.objects.filter(pk__in=[call.pk for call in calls]), [found.pk])
    places = []
    for member in members:
        theirs = [call for call in calls if call.series_id == member.series_id]
        own = summaries.own_calls(member, theirs, attended, found.agency.zone)
        held = [(call, attended.get((call.pk, found.pk), 0)) for call in own if call.held_at]
        ahead = [call for call in own if not call.held_at]
        dose = summaries.dose_of(member, theirs, attended, found.agency)
        places.append(CallPlace(member.series, member.left_on, dose, held, ahead))
    return places
