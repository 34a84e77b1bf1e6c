"""Certificates for pages and files: those of an agency, of a person, and who of a cohort can be certified."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .certificate_actions import valid_certificates
from .certification import can_be_certified, earned, quarter_hours
from .ledger import open_ledger
from .models import Agency, Certificate, Cohort, Curriculum, Person

STATES = {
    "valid": gettext_lazy("Valid"),
    "replaced": gettext_lazy("Replaced"),
    "revoked": gettext_lazy("Revoked"),
}
IN_STATE = {
    "valid": Q(revoked_at=None),
    "replaced": Q(revoked_at__isnull=False, replaced_by__isnull=False),
    "revoked": Q(revoked_at__isnull=False, replaced_by=None),
}


@dataclass(frozen=True)
class Line:
    """One certificate with its state, for a list."""

    certificate: Certificate
    state: str
    """One of ``STATES``."""

    @property
    def label(self) -> str:
        return str(STATES[self.state])

    @property
    def kind(self) -> str:
        """Of the tag: the color only repeats the word."""
        return {"valid": "good", "replaced": "", "revoked": "bad"}[self.state]

    @property
    def hours(self) -> str:
        return quarter_hours(self.certificate.minutes)


def state_of(certificate: Certificate) -> str:
    """ "valid", "replaced" or "revoked"; take ``replaced_by`` along to spare a query."""
    if certificate.revoked_at is None:
        return "valid"
    return "replaced" if hasattr(certificate, "replaced_by") else "revoked"


def lines(certificates: Iterable[Certificate]) -> list[Line]:
    return [Line(each, state_of(each)) for each in certificates]


def with_states(certificates: QuerySet[Certificate]) -> QuerySet[Certificate]:
    """Everything that a line or a page shows of them."""
    return certificates.select_related("replaced_by", "agency", "curriculum", "cohort", "person")


def agency_certificates(
    agency: Agency, *, words: str = "", state: str = "", curriculum: Curriculum | None = None
) -> QuerySet[Certificate]:
    """Those of an agency, the latest first, by words of name or code, by state and curriculum."""
    found = agency.certificates.all()
    for word in words.split():
        found = found.filter(Q(participant__icontains=word) | Q(code__icontains=word))
    if state:
        found = found.filter(IN_STATE[state])
    if curriculum:
        found = found.filter(curriculum=curriculum)
    return with_states(found)


def export_headers() -> list[str]:
    return [
        _("Participant"),
        _("Title"),
        _("Dates attended"),
        _("Clock hours"),
        _("Trainers"),
        _("Sponsor"),
        _("Verification code"),
        _("Issued on"),
        _("State"),
        _("Reason"),
    ]


def export_rows(agency: Agency, certificates: Iterable[Certificate]) -> Iterator[list[Any]]:
    """One row for each; hours as a number in quarters."""
    for line in lines(certificates):
        each = line.certificate
        yield [
            each.participant,
            each.title,
            ", ".join(each.dates),
            each.minutes // 15 / 4,
            ", ".join(each.trainers),
            each.sponsor,
            each.code,
            each.issued_at.astimezone(agency.zone).date(),
            line.label,
            each.revoked_reason,
        ]


@dataclass(frozen=True)
class Candidate:
    """Somebody in a cohort: certified, ready to be, or still short of hours."""

    person: Person
    credited: int
    required: int
    certificate: Certificate | None

    @property
    def can(self) -> bool:
        return self.certificate is None and self.credited >= self.required > 0

    @property
    def missing(self) -> int:
        return max(0, self.required - self.credited)


def candidates(cohort: Cohort, people: Iterable[Person], now: datetime) -> list[Candidate]:
    """How far these people are from a certificate; a constant number of queries."""
    people = list(people)
    valid = valid_certificates(cohort.curriculum, people)
    ledger = open_ledger(cohort.agency, now, [person.pk for person in people])
    return [
        Candidate(
            person,
            earned(ledger, person.pk, cohort.curriculum_id, cohort.curriculum.required_minutes).minutes,
            cohort.curriculum.required_minutes,
            valid.get(person.pk),
        )
        for person in people
    ]


def certificates_in_force() -> Prefetch:
    """For people: their certificates in force, as ``person.in_force``."""
    return Prefetch("certificates", Certificate.objects.filter(revoked_at=None), to_attr="in_force")


def can_be_issued(person: Person, now: datetime) -> list[Curriculum]:
    """Curricula in which this person has all hours and no valid certificate."""
    held = set(person.certificates.filter(revoked_at=None).values_list("curriculum_id", flat=True))
    ledger = open_ledger(person.agency, now, [person.pk])
    return [
        each
        for each in Curriculum.objects.exclude(pk__in=held)
        if can_be_certified(earned(ledger, person.pk, each.pk, each.required_minutes), each.required_minutes)
    ]
