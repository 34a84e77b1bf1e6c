"""What needs somebody now and what is coming, across all parts of the product."""

from datetime import datetime

import assessments.agenda
import consultation.agenda
import rollout.agenda
from rollout.agenda import Coming, Todo
from rollout.models import Agency, User

PARTS = (rollout.agenda, consultation.agenda, assessments.agenda)


def todos(user: User, now: datetime) -> list[Todo]:
    """The user's own tasks of all roles, the heaviest first."""
    return sorted((todo for part in PARTS for todo in part.todos(user, now)), key=lambda todo: -todo.weight)


def coming(user: User, now: datetime, *, most: int = 6) -> list[Coming]:
    """The next dates the user takes part in, the nearest first."""
    return sorted((item for part in PARTS for item in part.coming(user, now)), key=lambda item: item.at)[
        :most
    ]


def slips(agency: Agency, now: datetime) -> list[Todo]:
    """What slips in an agency, each with the one thing to do about it, the heaviest first."""
    return sorted((todo for part in PARTS for todo in part.slips(agency, now)), key=lambda todo: -todo.weight)
