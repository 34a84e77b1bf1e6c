"""One's own part in a rollout: hours, calls that count, and the team one supervises."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from consultation import summaries as consultation
from consultation.models import SeriesMember
from rollout.access import Role, roles_of
from rollout.ledger import open_ledger
from rollout.models import Agency, Person, PlanShare, Team, User
from rollout.summaries import PersonHours, person_hours


@dataclass(frozen=True)
class OwnHours:
    """One's own hours in one agency, and how many of the calls held count (None: in no series)."""

    person: Person
    hours: PersonHours
    calls: consultation.Dose | None

    @property
    def agency(self) -> Agency:
        return self.person.agency


@dataclass(frozen=True)
class TeamMember:
    """Somebody of one's own team."""

    person: Person
    hours: PersonHours


@dataclass(frozen=True)
class OwnTeam:
    """A team one supervises, its people by name."""

    team: Team
    members: tuple[TeamMember, ...]
    plans: tuple[PlanShare, ...] = ()
    """Practice plans that people of this team chose to share with their supervisor."""

    @property
    def complete(self) -> list[TeamMember]:
        """Those who have all their hours."""
        return [member for member in self.members if member.hours.state == "complete"]

    @property
    def open(self) -> list[TeamMember]:
        """The others, those who cannot complete as planned first."""
        found = [member for member in self.members if member.hours.state != "complete"]
        return sorted(found, key=lambda member: member.hours.state != "cannot as planned")


@dataclass(frozen=True)
class Own:
    """Everything of one's own, by agency and team."""

    hours: tuple[OwnHours, ...]
    teams: tuple[OwnTeam, ...]


def own(user: User, now: datetime) -> Own:
    """Read it; for staff and supervisors only, nothing is asked for anybody else.

    The number of queries hangs on the agencies one belongs to (nearly always one), not on people.
    """
    roles = roles_of(user)
    if not roles & {Role.STAFF, Role.SUPERVISOR}:
        return Own((), ())
    mine = list(Person.objects.current().filter(user=user).select_related("agency"))
    teams: list[Team] = []
    if Role.SUPERVISOR in roles:
        people = Prefetch("people", Person.objects.current())
        supervised = Team.objects.filter(supervisor__in=[person.pk for person in mine])
        teams = list(supervised.select_related("agency").prefetch_related(people))
    plans = shared_plans(user) if teams else {}
    wanted: dict[Agency, set[int]] = defaultdict(set)
    for person in mine:
        wanted[person.agency].add(person.pk)
    for team in teams:
        wanted[team.agency] |= {person.pk for person in team.people.all()}
    places = SeriesMember.objects.current().filter(person__in=[person.pk for person in mine])
    with_calls = set(places.values_list("person__agency", flat=True))
    hours: dict[int, PersonHours] = {}
    doses: dict[int, consultation.Dose] = {}
    for agency, ids in wanted.items():
        ledger = open_ledger(agency, now, ids)
        hours |= {pk: person_hours(pk, ledger.total(ledger.people[pk])) for pk in ids}
        if agency.pk in with_calls:
            doses |= consultation.supervisor_dose(agency, now)
    return Own(
        tuple(OwnHours(person, hours[person.pk], doses.get(person.pk)) for person in mine),
        tuple(
            OwnTeam(
                team,
                tuple(TeamMember(person, hours[person.pk]) for person in team.people.all()),
                tuple(plans[person.user_id] for person in team.people.all() if person.user_id in plans),
            )
            for team in teams
        ),
    )


def shared_plans(user: User) -> dict[int, PlanShare]:
    """By owner: the practice plans this supervisor may read at this moment. One query."""
    shares = PlanShare.objects.in_force().filter(reader=user, kind=PlanShare.Kind.SUPERVISOR)
    return {share.plan.user_id: share for share in shares.select_related("plan__user")}
