"""Places in a cohort: members up to its capacity, and whoever waits for a place, first come first served.

Whoever waits is no member, so nothing counts for them: no hours, no notice, no session of their own. A place that
becomes free is given to the first who waits in the same write. Every write here locks the cohort first, so that two
people who hand out the last place at once wait for each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .audit import record
from .models import Agency, Cohort, CohortMember, Person, User, WaitingPlace
from .refusals import Refused


@dataclass(frozen=True)
class Given:
    """What became of people who asked for a place: new members, and those who wait now."""

    members: list[Person]
    waiting: list[Person]


def members_of(cohort: Cohort) -> QuerySet[CohortMember]:
    """Places that are taken: whoever left the agency takes none."""
    return CohortMember.objects.filter(cohort=cohort, person__left_on=None)


def waiting_for(cohort: Cohort) -> QuerySet[WaitingPlace]:
    """Who waits, the first of them first; not whoever has left the agency meanwhile."""
    return WaitingPlace.objects.filter(cohort=cohort, person__left_on=None)


def free_places(cohort: Cohort) -> int | None:
    """Places nobody has; None: as many as come."""
    return None if cohort.capacity is None else max(0, cohort.capacity - members_of(cohort).count())


def with_waiting(cohorts: QuerySet[Cohort]) -> QuerySet[Cohort]:
    """Cohorts with ``waits``: how many wait for a place in each."""
    return cohorts.annotate(waits=Count("waiting", filter=Q(waiting__person__left_on=None)))


@transaction.atomic
def give_places(
    cohort: Cohort, people: Iterable[Person], *, joined_on: date, by: User | None, at: datetime
) -> Given:
    """Give people a place from ``joined_on`` on, in their order; once the cohort is full they wait.

    Whoever has a place keeps it, whoever waits keeps their turn.
    """
    cohort = _locked(cohort)
    _fill(cohort, by=by, at=at)
    there = set(CohortMember.objects.filter(cohort=cohort).values_list("person", flat=True))
    waits = set(WaitingPlace.objects.filter(cohort=cohort).values_list("person", flat=True))
    new = [person for person in people if person.pk not in there]
    free = free_places(cohort)
    room = len(new) if free is None else free
    first, rest = new[:room], [person for person in new[room:] if person.pk not in waits]
    _join(cohort, first, joined_on, by=by, at=at)
    WaitingPlace.objects.bulk_create(
        [WaitingPlace(cohort=cohort, person=person, since_at=at) for person in rest]
    )
    if rest:
        after = {"people": [str(person.uuid) for person in rest]}
        record("put on the waiting list", cohort, by=by, at=at, agency=cohort.agency, after=after)
    return Given(first, rest)


def add_people(
    cohort: Cohort, people: Iterable[Person], *, joined_on: date, by: User | None, at: datetime
) -> int:
    """As ``give_places``; the number of new members."""
    return len(give_places(cohort, people, joined_on=joined_on, by=by, at=at).members)


@transaction.atomic
def remove_person(cohort: Cohort, person: Person, *, by: User, at: datetime) -> list[Person]:
    """Take somebody's place back, and give it to the first who waits; who got it.

    What they attended stays, and so do their hours.
    """
    cohort = _locked(cohort)
    gone, _rows = CohortMember.objects.filter(cohort=cohort, person=person).delete()
    if not gone:
        return []
    before = {"person": str(person.uuid)}
    record("removed a person", cohort, by=by, at=at, agency=cohort.agency, before=before)
    return _fill(cohort, by=by, at=at)


@transaction.atomic
def set_places(cohort: Cohort, *, name: str, capacity: int | None, by: User, at: datetime) -> list[Person]:
    """Rename a cohort, set how many can take part (None: as many as come); who got a place through that.

    Refused below the number of members there are.
    """
    cohort = _locked(cohort)
    members = members_of(cohort).count()
    if capacity is not None and capacity < members:
        text = ngettext(
            "%(n)d person has a place. Take people out first, or set at least %(n)d places.",
            "%(n)d people have a place. Take people out first, or set at least %(n)d places.",
            members,
        )
        raise Refused(text % {"n": members})
    now = {"name": name, "capacity": capacity}
    changed = {key: value for key, value in now.items() if getattr(cohort, key) != value}
    if not changed:
        return []
    before = {key: getattr(cohort, key) for key in changed}
    Cohort.objects.filter(pk=cohort.pk).update(**changed)
    cohort.refresh_from_db()
    record("changed cohort", cohort, by=by, at=at, agency=cohort.agency, before=before, after=changed)
    return _fill(cohort, by=by, at=at)


@transaction.atomic
def give_by_hand(cohort: Cohort, person: Person, *, by: User, at: datetime) -> None:
    """Out of turn: somebody who waits gets a place; where none is free, the cohort gets one more.

    Refused when they no longer wait.
    """
    cohort = _locked(cohort)
    if not waiting_for(cohort).filter(person=person).exists():
        raise Refused(_("%(name)s no longer waits for a place here.") % {"name": person})
    if free_places(cohort) == 0:
        before = {"capacity": cohort.capacity}
        Cohort.objects.filter(pk=cohort.pk).update(capacity=F("capacity") + 1)
        cohort.refresh_from_db()
        after = {"capacity": cohort.capacity}
        record("changed cohort", cohort, by=by, at=at, agency=cohort.agency, before=before, after=after)
    _join(cohort, [person], _today(cohort, at), by=by, at=at, verb="gave a place by hand")


@transaction.atomic
def stop_waiting(cohort: Cohort, person: Person, *, by: User, at: datetime) -> None:
    """Take somebody off the waiting list."""
    cohort = _locked(cohort)
    gone, _rows = WaitingPlace.objects.filter(cohort=cohort, person=person).delete()
    if gone:
        before = {"person": str(person.uuid)}
        record("took off the waiting list", cohort, by=by, at=at, agency=cohort.agency, before=before)


def fill_freed_places(at: datetime) -> int:
    """Places of people who left their agency go to whoever waits. The number of places given."""
    full = Cohort.objects.filter(capacity__isnull=False, waiting__isnull=False).distinct()
    given = 0
    for cohort in full:
        with transaction.atomic():
            given += len(_fill(_locked(cohort), by=None, at=at))
    return given


def _locked(cohort: Cohort) -> Cohort:
    return Cohort.objects.select_for_update(of=("self",)).select_related("agency").get(pk=cohort.pk)


def _fill(cohort: Cohort, *, by: User | None, at: datetime) -> list[Person]:
    """Give what is free to the first who wait, from today on."""
    free = free_places(cohort)
    if free == 0:
        return []
    turn = [place.person for place in waiting_for(cohort).select_related("person")]
    first = turn if free is None else turn[:free]
    _join(cohort, first, _today(cohort, at), by=by, at=at, verb="gave a freed place")
    return first


def _join(
    cohort: Cohort,
    people: list[Person],
    joined_on: date,
    *,
    by: User | None,
    at: datetime,
    verb: str = "added people",
) -> None:
    """Make them members; they wait no longer, here or for another cohort of the same curriculum."""
    if not people:
        return
    CohortMember.objects.bulk_create(
        [CohortMember(cohort=cohort, person=person, joined_on=joined_on) for person in people],
        ignore_conflicts=True,
    )
    same: QuerySet[WaitingPlace] = WaitingPlace.objects.filter(
        cohort__agency=cohort.agency_id, cohort__curriculum=cohort.curriculum_id, person__in=people
    )
    same.delete()
    after: dict[str, object] = {"people": len(people), "joined_on": joined_on.isoformat()}
    if verb != "added people":
        after["who"] = [str(person.uuid) for person in people]
    agency: Agency = cohort.agency
    record(verb, cohort, by=by, at=at, agency=agency, after=after)


def _today(cohort: Cohort, at: datetime) -> date:
    return at.astimezone(cohort.agency.zone).date()
