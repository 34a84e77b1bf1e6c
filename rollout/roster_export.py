"""The roster as a file: what is written here can be imported again and changes nothing.

Headers stand in the words that the import knows, in one language: a file travels between people and months.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from .models import Agency, Person, Team

HEADERS = (
    "First name",
    "Last name",
    "E-mail",
    "Job title",
    "Team",
    "Supervisor",
    "Employee number",
    "Hire date",
    "Leaving date",
)
TEAM_HEADERS = ("Team", "Supervisor", "Supervisor e-mail", "People")


def roster_of(agency: Agency) -> QuerySet[Person]:
    """Everybody on the roster now and before, as one entry each."""
    return agency.people.filter(merged_into=None).select_related("team__supervisor")


def roster_rows(people: Iterable[Person]) -> Iterator[list[Any]]:
    """A line for each person, who come with their team and its supervisor."""
    for person in people:
        yield [
            person.first_name,
            person.last_name,
            person.email,
            person.job_title,
            person.team.name if person.team else "",
            supervisor_of(person),
            person.employee_number,
            person.hired_on,
            person.left_on,
        ]


def supervisor_of(person: Person) -> str:
    """How the file names their supervisor. Nobody is their own: whoever supervises a team has none in it."""
    found = person.team.supervisor if person.team else None
    if found is None or found.pk == person.pk:
        return ""
    return found.email or found.employee_number or str(found)


def team_rows(teams: Iterable[Team]) -> Iterator[list[Any]]:
    """A line for each team, who come with their supervisor and the number of people (``staff``)."""
    for team in teams:
        supervisor = team.supervisor
        yield [
            team.name,
            str(supervisor) if supervisor else "",
            supervisor.email if supervisor else "",
            team.staff,  # type: ignore[attr-defined]
        ]
