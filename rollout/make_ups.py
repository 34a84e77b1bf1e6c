"""What somebody from another cohort makes up for by coming here: worked out from the modules they missed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from .credit import session_credit
from .ledger import credit_rule, session_times
from .models import Attendance, CohortMember, Person, Session

MOST_OFFERED = 8


@dataclass(frozen=True)
class Missed:
    """Sessions of one's own cohorts that share modules with this one and brought no hours.

    ``suggested`` is the one over already that shares the most minutes; None where none is over.
    """

    options: list[Session] = field(default_factory=list)
    suggested: Session | None = None


def missed_by(session: Session, people: Collection[Person], now: datetime) -> dict[int, Missed]:
    """What each of these people could make up for in this training session, by id. At most four queries."""
    minutes = {module.pk: module.minutes for module in session.modules.all()}
    own: dict[int, dict[int, CohortMember]] = defaultdict(dict)
    places = CohortMember.objects.filter(person__in=[person.pk for person in people])
    for place in places.exclude(cohort=session.cohort_id):
        own[place.person_id][place.cohort_id] = place
    cohorts = {cohort for each in own.values() for cohort in each}
    if not minutes or not cohorts:
        return {}
    candidates = (
        Session.objects.planned()
        .filter(Q(modules__in=list(minutes)), cohort__in=cohorts, cohort__agency=session.cohort.agency_id)
        .exclude(pk=session.pk)
        .select_related("cohort__agency")
        .prefetch_related("modules")
        .distinct()
        .order_by("starts_at", "pk")
    )
    sessions = list(candidates)
    earned = _credited(sessions, people)
    found = {}
    for person in people:
        mine = [
            each
            for each in sessions
            if each.cohort_id in own[person.pk]
            and each.starts_at.astimezone(each.agency.zone).date() >= own[person.pk][each.cohort_id].joined_on
            and (each.pk, person.pk) not in earned
        ]
        over = [each for each in mine if each.ends_at <= now]
        best = max(over, key=lambda each: (_shared(each, minutes), each.ends_at), default=None)
        found[person.pk] = Missed(mine[:MOST_OFFERED], best)
    return found


def made_up(session: Session, people: Collection[int]) -> dict[int, Attendance]:
    """Where these people made up for this training session, by id. One query."""
    records = (
        Attendance.objects.filter(makes_up_for=session, person__in=people)
        .exclude(signed_in_at=None, override_minutes=None)
        .select_related("session__cohort__agency")
    )
    return {record.person_id: record for record in records}


def _shared(session: Session, minutes: dict[int, int]) -> int:
    return sum(minutes.get(module.pk, 0) for module in session.modules.all())


def _credited(sessions: Collection[Session], people: Collection[Person]) -> set[tuple[int, int]]:
    """Pairs of session and person for which hours were credited."""
    times = {
        each.pk: session_times(
            each.starts_at, each.ends_at, (module.minutes for module in each.modules.all())
        )
        for each in sessions
    }
    rules = {each.pk: credit_rule(each.agency) for each in sessions}
    records = Attendance.objects.filter(session__in=list(times), person__in=people)
    return {
        (record.session_id, record.person_id)
        for record in records
        if session_credit(
            rules[record.session_id],
            times[record.session_id],
            record.signed_in_at,
            record.signed_out_at,
            record.override_minutes,
        ).minutes
    }
