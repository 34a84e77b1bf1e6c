"""The demo agencies on paper: teams, and one line for each person, in relative dates. Values only, no rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from .names import CASEWORK, CLINIC, HOMES, NIGHTS, chance, full_name
from .signins import LEADER, STAFF_ANSWERED, STAFF_OPEN, SUPERVISOR


@dataclass(frozen=True)
class Line:
    """Somebody on a roster; ``team`` "" for leadership."""

    first_name: str
    last_name: str
    email: str
    job_title: str
    team: str
    hired_on: date
    is_supervisor: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class TeamPlan:
    """A team with its supervisor; ``size`` counts everybody in it at the start, the supervisor too."""

    name: str
    size: int
    jobs: Sequence[str]
    supervisor: str
    supervisor_job: str = "Supervisor"
    known: dict[str, str] = field(default_factory=dict)
    """People who are there by name, with their job."""


CLEARWATER = (
    TeamPlan("Intake", 16, CASEWORK, SUPERVISOR.name),
    TeamPlan("Family Preservation", 22, HOMES, "Odalys Brightwater", known={STAFF_OPEN.name: "Home Visitor"}),
    TeamPlan("Foster Care North", 19, CASEWORK, "Gideon Marchbanks"),
    TeamPlan("Foster Care South", 18, CASEWORK, "Petra Vandermeer"),
    TeamPlan("Kinship", 16, CASEWORK, "Ruth Okafor-Lane", known={STAFF_ANSWERED.name: "Senior Caseworker"}),
    TeamPlan("Outpatient Therapy", 18, CLINIC, "Silas Bramwell", "Clinical Supervisor"),
    TeamPlan("Residential Night", 6, NIGHTS, "Noor Halloran", "Shift Supervisor"),
)
LEADERSHIP = {
    LEADER.name: "Director of Programs",
    "Cornelia Ashgrove": "Executive Director",
    "Anselm Reyes-Dahl": "Deputy Director",
}
"""People without a team, all at Clearwater."""
MANAGER = "Anselm Reyes-Dahl"
"""The mid-level manager who takes part in the supervisors' calls."""
HARBOR = (
    TeamPlan("Front Door", 10, CASEWORK, "Tamsin Burrows"),
    TeamPlan("Counseling", 8, CLINIC, "Leif Amundson", "Clinical Supervisor"),
    TeamPlan("Housing Support", 6, HOMES, "Dolores Pike"),
)


def lines(
    teams: Sequence[TeamPlan], *, domain: str, today: date, first: int, extra: dict[str, str] | None = None
) -> Iterator[Line]:
    """The roster at the start of the rollout; ``first`` numbers the invented names, ``extra`` stand in no team."""
    luck = chance(first)
    number = first
    for name, job in (extra or {}).items():
        yield _line(name, job, "", domain, _hired(luck, today, 2000))
    for team in teams:
        yield _line(team.supervisor, team.supervisor_job, team.name, domain, _hired(luck, today, 1400), True)
        for name, job in team.known.items():
            yield _line(name, job, team.name, domain, _hired(luck, today, 600))
        for place in range(team.size - 1 - len(team.known)):
            job = team.jobs[place % len(team.jobs)]
            yield _line(" ".join(full_name(number)), job, team.name, domain, _hired(luck, today, 220))
            number += 1


def newcomer(number: int, *, job: str, team: str, domain: str, hired_on: date) -> Line:
    """Somebody hired while the rollout runs."""
    return _line(" ".join(full_name(number)), job, team, domain, hired_on)


def _hired(luck: Random, today: date, earliest_days: int) -> date:
    """A Monday some time before; most have been there for a few years, some for long."""
    day = today - timedelta(days=earliest_days + int(luck.expovariate(1 / 1100)))
    return day - timedelta(days=day.weekday())


def _line(name: str, job: str, team: str, domain: str, hired_on: date, is_supervisor: bool = False) -> Line:
    first_name, last_name = name.split(" ", 1)
    address = f"{first_name}.{last_name}@{domain}".lower().replace("'", "")
    return Line(first_name, last_name, address, job, team, hired_on, is_supervisor)
