"""What the milestones of a plan have become: commitments, sessions, calls, waves. Facts of all parts of the product."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from assessments.models import Wave
from consultation.models import Call
from rollout.models import Agency, Milestone, Plan, Session
from rollout.plan import Pin
from rollout.plan_desk import Desk, Fact, key_of, open_desk
from rollout.plan_steps import Key
from rollout.plan_words import WAVES
from rollout.roster_actions import IMPORTED

KEYS_OF_WAVES = {"baseline": Key("baseline")} | {
    label: Key("follow_up", 0, number) for number, label in WAVES.items()
}


def desk_of(plan: Plan, now: datetime) -> Desk:
    """The plan as it stands, with what has become of it. A constant number of queries."""
    return open_desk(plan, facts_of(plan, now))


def facts_of(plan: Plan, now: datetime) -> dict[Key, Fact]:
    """By milestone what it became; nothing for those that nothing was made of. Six queries."""
    rows = {row.row_uuid: key_of(row) for row in plan.milestones.all() if row.row_uuid}
    return {
        **beginnings(plan.agency),
        **waves(plan.agency),
        **sessions(rows, plan.agency.zone, now),
        **calls(rows, plan.agency.zone),
    }


def pins_before(agency: Agency) -> dict[Key, Pin]:
    """What has taken place before an agency has a plan."""
    facts = beginnings(agency) | waves(agency)
    return {key: Pin(fact.on, max(fact.on, fact.until), done=True) for key, fact in facts.items()}


def beginnings(agency: Agency) -> dict[Key, Fact]:
    """The first commitment and the first roster file."""
    found = {}
    if made := agency.commitments.order_by("made_on", "pk").first():
        url = reverse("rollout:commitment", args=[agency.slug])
        found[Key("commitment")] = Fact(made.made_on, made.made_on, True, url=url)
    if imported := agency.audit.filter(verb=IMPORTED).order_by("at").first():
        on = imported.at.astimezone(agency.zone).date()
        found[Key("roster")] = Fact(on, on, True, url=reverse("rollout:people", args=[agency.slug]))
    return found


def waves(agency: Agency) -> dict[Key, Fact]:
    """Of each label the first wave: from its opening to its close. Try-outs do not count."""
    found: dict[Key, Fact] = {}
    zone = agency.zone
    for wave in Wave.objects.counted().filter(agency=agency).order_by("opened_at", "pk"):
        first = wave.opened_at.astimezone(zone).date()
        last = (wave.closed_at or wave.closes_at).astimezone(zone).date()
        url = reverse("assessments:wave", args=[wave.uuid])
        found.setdefault(KEYS_OF_WAVES[wave.label], Fact(first, last, True, wave.uuid, url))
    return found


def sessions(rows: Mapping[UUID, Key], zone: ZoneInfo, now: datetime) -> dict[Key, Fact]:
    """Training sessions made from milestones, but for those that were cancelled."""
    found = {}
    for session in Session.objects.planned().filter(uuid__in=rows):
        on = session.starts_at.astimezone(zone).date()
        url = reverse("rollout:session", args=[session.uuid])
        found[rows[session.uuid]] = Fact(on, on, session.ends_at <= now, session.uuid, url)
    return found


def calls(rows: Mapping[UUID, Key], zone: ZoneInfo) -> dict[Key, Fact]:
    """Consultation calls made from milestones, but for those that were cancelled."""
    found = {}
    for call in Call.objects.planned().filter(uuid__in=rows):
        on = call.starts_at.astimezone(zone).date()
        url = reverse("consultation:call", args=[call.uuid])
        found[rows[call.uuid]] = Fact(on, on, call.held_at is not None, call.uuid, url)
    return found


def unlinked(rows: Iterable[Milestone], desk: Desk) -> list[Milestone]:
    """Milestones that nothing has been made of and that nobody has marked as done."""
    return [row for row in rows if key_of(row) not in desk.facts and row.done_on is None]
