"""Demo agencies, their people and roles, through the actions of enrollment."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.hashers import make_password

from rollout import commitment_actions, enrollment
from rollout.models import Agency, Commitment, Person, Team, User

from .days import Days
from .roster import Line
from .signins import PASSWORD, SIGN_INS


@dataclass
class House:
    """One agency while it is being filled: ``by`` does the work of its leadership, ``trainer`` gives the training."""

    agency: Agency
    days: Days
    by: User
    trainer: User
    people: dict[str, Person] = field(default_factory=dict)
    """Current people by name."""
    teams: dict[str, Team] = field(default_factory=dict)

    def of_team(self, *names: str) -> list[Person]:
        """Current people of these teams; "" is nobody's team."""
        wanted = {self.teams[name].pk if name else None for name in names}
        return [person for person in self.people.values() if person.team_id in wanted]

    def supervisors(self) -> list[Person]:
        """Supervisors of the teams, by the teams' order."""
        return [team.supervisor for team in self.teams.values() if team.supervisor]

    def of(self, person: Person) -> User:
        """The person's account; everybody in the demo has one."""
        if person.user is None:
            raise ValueError(f"{person} has no account.")
        return person.user


def open_house(agency: Agency, days: Days, *, leader: tuple[str, str], trainer: User, by: User) -> House:
    """Save a new agency with its leader (name, address) and trainer."""
    at = days.at(-184)
    enrollment.create_agency(agency, by=by, at=at)
    lead = enrollment.grant(agency, "leader", name=leader[0], email=leader[1], by=by, at=at)
    enrollment.grant(agency, "trainer", name=trainer.name, email=trainer.email, by=by, at=days.at(-183))
    return House(agency, days, by=lead, trainer=trainer)


def commit(house: House, *, name: str, title: str, made_on: date, figures_together: bool = True) -> None:
    """Leadership's promise; ``figures_together`` False leaves the fourth part open."""
    commitment = Commitment(
        agency=house.agency,
        name=name,
        title=title,
        made_on=made_on,
        training_time=True,
        protected_calls=True,
        leaders_practise=True,
        figures_together=figures_together,
    )
    commitment_actions.make_commitment(commitment, by=house.by, at=house.days.at(-178, 15))


def fill(house: House, roster: Iterable[Line], *, at: datetime) -> None:
    """Everybody on the roster, teams and supervisors with them."""
    for line in roster:
        if line.team and line.team not in house.teams:
            team = Team(agency=house.agency, name=line.team)
            house.teams[line.team] = enrollment.save_team(team, by=house.by, at=at)
        person = hire(house, line, at=at)
        if line.is_supervisor:
            team = house.teams[line.team]
            team.supervisor = person
            enrollment.save_team(team, by=house.by, at=at)


def hire(house: House, line: Line, *, at: datetime) -> Person:
    """One more person on the roster, with an account."""
    person = Person(
        agency=house.agency,
        team=house.teams.get(line.team),
        first_name=line.first_name,
        last_name=line.last_name,
        email=line.email,
        job_title=line.job_title,
        hired_on=line.hired_on,
    )
    house.people[line.name] = enrollment.save_person(person, by=house.by, at=at)
    return person


def leave(house: House, name: str, *, at: datetime) -> None:
    """Off the roster; what they attended and answered stays."""
    person = house.people.pop(name)
    person.left_on = at.astimezone(house.agency.zone).date()
    enrollment.save_person(person, by=house.by, at=at)


def give_password() -> None:
    """The one demo password for the accounts on the list; hashed once, because hashing is slow by design."""
    addresses = [one.email for one in SIGN_INS]
    User.objects.filter(email__in=addresses).update(password=make_password(PASSWORD))
