"""Certificates of the demo: one cohort certified, one of them corrected since, one revoked."""

from rollout import certificate_actions
from rollout.certificate_papers import people_of
from rollout.ledger import open_ledger
from rollout.models import Certificate, Cohort, Person

from .house import House
from .signins import STAFF_ANSWERED

SPONSOR = "Clearwater Family Services, Learning and Development"


def certify(home: House, cohort: str, *, corrected: str, revoked: str) -> None:
    """Everybody of a cohort with all hours, a few weeks after its second day; then the two that went wrong."""
    home.agency.sponsor = SPONSOR
    home.agency.save(update_fields=["sponsor"])
    found = Cohort.objects.select_related("agency", "curriculum").get(agency=home.agency, name=cohort)
    at = home.days.at(-110, 13)
    people = list(people_of(found))
    ledger = open_ledger(found.agency, at, [person.pk for person in people])
    certificate_actions.issue_some(found, people, ledger, by=home.by, at=at)
    own = home.people[STAFF_ANSWERED.name]
    certificate_actions.issue(own, found.curriculum, by=home.by, at=home.days.at(-108, 9))
    valid = Certificate.objects.filter(cohort=found, revoked_at=None)
    person = home.people[corrected]
    certificate_actions.reissue(
        valid.get(person=person), participant=_with_initial(person), by=home.by, at=home.days.at(-101, 9)
    )
    certificate_actions.revoke(
        valid.get(person=home.people[revoked]),
        reason="Issued before a colleague’s sign-in on day 2 was told apart from hers; the hours are being checked.",
        by=home.by,
        at=home.days.at(-96, 15),
    )


def _with_initial(person: Person) -> str:
    return f"{person.first_name} J. {person.last_name}"
