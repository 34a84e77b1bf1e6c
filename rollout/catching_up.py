"""Who can no longer reach their hours as planned, and which sessions would still bring them."""

from collections.abc import Collection
from dataclasses import dataclass

from .ledger import Ledger
from .models import Cohort, Curriculum, Person, Session
from .summaries import PersonHours


@dataclass(frozen=True)
class ShortLine:
    """One person whose gap nothing planned closes; ``options`` are sessions of other cohorts that would."""

    person: Person
    hours: PersonHours
    in_cohort: bool
    options: list[Session]


def cohorts_for_everyone(agency_id: int) -> set[int]:
    """Cohorts of curricula that everyone needs (Foundations)."""
    found = Cohort.objects.filter(agency=agency_id, curriculum__audience=Curriculum.Audience.EVERYONE)
    return set(found.values_list("pk", flat=True))


def short_lines(ledger: Ledger, hours: dict[int, PersonHours], people: Collection[Person]) -> list[ShortLine]:
    """A line for each of these people, with up to two sessions to make up in. Two queries."""
    options = {person.pk: ledger.makeups(person.pk) for person in people}
    wanted = {slot.id for slots in options.values() for slot in slots}
    sessions = {each.pk: each for each in Session.objects.filter(pk__in=wanted).select_related("cohort")}
    common = cohorts_for_everyone(next(iter(people)).agency_id) if people else set()
    return [
        ShortLine(
            person,
            hours[person.pk],
            any(cohort in common for cohort, _joined_on in ledger.cohorts.get(person.pk, ())),
            [sessions[slot.id] for slot in options[person.pk]],
        )
        for person in people
    ]
