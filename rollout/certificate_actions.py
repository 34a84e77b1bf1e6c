"""Writes of certificates: issued to one or to a whole cohort, issued again when a fact was wrong, revoked."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from . import starter
from .audit import record
from .certification import Earned, Facts, can_be_certified, earned, names_in_order, new_code
from .languages import is_offered, language_of
from .ledger import Ledger, open_ledger
from .models import Agency, Certificate, Cohort, Curriculum, Person, Session, User
from .refusals import Changed, Refused


def valid_certificates(curriculum: Curriculum, people: Iterable[Person | int]) -> dict[int, Certificate]:
    """Those in force of these people, by person id."""
    found = Certificate.objects.filter(curriculum=curriculum, person__in=people, revoked_at=None)
    return {each.person_id: each for each in found}


def trainers_of(sessions: Iterable[int]) -> dict[int, str]:
    """Names of trainers by session; an account without a name is left out, its e-mail is nobody's business."""
    found = Session.objects.filter(pk__in=list(sessions), trainer__isnull=False)
    return dict(found.values_list("pk", "trainer__name"))


def facts_for(
    person: Person,
    curriculum: Curriculum,
    found: Earned,
    trainers: Mapping[int, str],
    *,
    participant: str = "",
    language: str = "",
) -> Facts:
    """What a certificate would say today, from the roster, the ledger and the agency's own words."""
    agency = person.agency
    chosen = language or (language_of(person.user, agency) if person.user else agency.language)
    chosen = chosen if is_offered(chosen) else "en"
    with translation.override(chosen):
        title = starter.shown(curriculum.name)
    return Facts(
        participant=participant or str(person),
        title=title,
        dates=found.dates,
        minutes=found.minutes,
        trainers=names_in_order(found.sessions, trainers),
        sponsor=agency.sponsor or agency.name,
        approval_text=agency.approval_text,
        language=chosen,
    )


def facts_of(certificate: Certificate) -> Facts:
    """What was frozen on this one."""
    return Facts(
        participant=certificate.participant,
        title=certificate.title,
        dates=tuple(date.fromisoformat(day) for day in certificate.dates),
        minutes=certificate.minutes,
        trainers=tuple(certificate.trainers),
        sponsor=certificate.sponsor,
        approval_text=certificate.approval_text,
        language=certificate.language,
    )


def facts_today(
    person: Person, curriculum: Curriculum, now: datetime, *, participant: str = "", language: str = ""
) -> Facts:
    """The same for one person, read anew. Refused while hours are missing."""
    ledger = open_ledger(person.agency, now, [person.pk])
    found = earned(ledger, person.pk, curriculum.pk, curriculum.required_minutes)
    _refuse_missing_hours(person, curriculum, found)
    return facts_for(
        person,
        curriculum,
        found,
        trainers_of(found.sessions),
        participant=participant,
        language=language,
    )


def issue(
    person: Person, curriculum: Curriculum, *, cohort: Cohort | None = None, by: User, at: datetime
) -> Certificate:
    """Certify somebody. Refused while hours are missing, and when they hold a valid one already."""
    if curriculum.pk in set(
        person.certificates.filter(revoked_at=None).values_list("curriculum_id", flat=True)
    ):
        raise _already(person, curriculum)
    facts = facts_today(person, curriculum, at)
    return _create(person, curriculum, facts, cohort=cohort, by=by, at=at)


def issue_some(
    cohort: Cohort, people: Iterable[Person], ledger: Ledger, *, by: User, at: datetime
) -> list[Certificate]:
    """Certify those of these people who can be and are not yet; safe to repeat after an interruption.

    Whoever else issues at the same moment may be first: then theirs stands, and nobody gets two.
    """
    people = list(people)
    valid = valid_certificates(cohort.curriculum, people)
    needed = cohort.curriculum.required_minutes
    found = {
        each: earned(ledger, each.pk, cohort.curriculum_id, needed) for each in people if each.pk not in valid
    }
    can = {each: one for each, one in found.items() if can_be_certified(one, needed)}
    trainers = trainers_of({session for one in can.values() for session in one.sessions})
    issued = []
    for person, one in can.items():
        facts = facts_for(person, cohort.curriculum, one, trainers)
        try:
            issued.append(_create(person, cohort.curriculum, facts, cohort=cohort, by=by, at=at))
        except Refused:
            continue
    return issued


@transaction.atomic
def reissue(
    certificate: Certificate, *, participant: str = "", language: str = "", by: User, at: datetime
) -> Certificate:
    """Replace one by another with the facts of today; the old code says from then on that it was replaced.

    ``participant``: the name as it should stand, without it the roster's. Refused when nothing would change or
    hours are missing today; Changed when it is not in force any more.
    """
    facts = facts_today(
        certificate.person, certificate.curriculum, at, participant=participant, language=language
    )
    before = facts_of(certificate)
    changes = facts.changes(before)
    if not changes:
        raise Refused(_("Nothing would change: this certificate says all of that already."))
    _withdraw(certificate, reason=_("Replaced by a corrected certificate"), by=by, at=at)
    made = _create(
        certificate.person,
        certificate.curriculum,
        facts,
        cohort=certificate.cohort,
        replaces=certificate,
        by=by,
        at=at,
    )
    record(
        "replaced",
        certificate,
        by=by,
        at=at,
        agency=certificate.agency,
        before={name: _plain(getattr(before, name)) for name in changes},
        after={name: _plain(getattr(facts, name)) for name in changes} | {"by": str(made.uuid)},
    )
    return made


@transaction.atomic
def revoke(certificate: Certificate, *, reason: str, by: User, at: datetime) -> None:
    """Take a certificate back for good, with a reason that stays inside. Changed when it is not in force any more."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why. The reason stays in this agency; whoever checks the code does not see it."))
    _withdraw(certificate, reason=reason, by=by, at=at)
    record(
        "revoked",
        certificate,
        by=by,
        at=at,
        agency=certificate.agency,
        before={"state": "valid"},
        after={"state": "revoked"},
        reason=reason,
    )


def _withdraw(certificate: Certificate, *, reason: str, by: User, at: datetime) -> None:
    # The UPDATE asks the condition itself: of two people at once one changes the row.
    mine = Certificate.objects.filter(pk=certificate.pk, revoked_at=None)
    if not mine.update(revoked_at=at, revoked_by=by, revoked_reason=reason[:300]):
        raise Changed
    certificate.refresh_from_db(fields=["revoked_at", "revoked_by", "revoked_reason"])


@transaction.atomic
def _create(
    person: Person,
    curriculum: Curriculum,
    facts: Facts,
    *,
    cohort: Cohort | None,
    replaces: Certificate | None = None,
    by: User,
    at: datetime,
) -> Certificate:
    agency: Agency = person.agency
    try:
        with transaction.atomic():
            made = Certificate.objects.create(
                code=new_code(),
                agency=agency,
                person=person,
                curriculum=curriculum,
                cohort=cohort,
                participant=facts.participant[:200],
                title=facts.title[:200],
                dates=[day.isoformat() for day in facts.dates],
                minutes=facts.minutes,
                trainers=list(facts.trainers),
                sponsor=facts.sponsor[:200],
                approval_text=facts.approval_text,
                language=facts.language,
                issued_at=at,
                issued_by=by,
                replaces=replaces,
            )
    except IntegrityError:
        if person.certificates.filter(curriculum=curriculum, revoked_at=None).exists():
            raise _already(person, curriculum) from None
        raise
    after = {"person": str(person.uuid), "curriculum": curriculum.code, "minutes": facts.minutes}
    record("issued", made, by=by, at=at, agency=agency, after=after)
    return made


def _already(person: Person, curriculum: Curriculum) -> Refused:
    return Refused(
        _("%(name)s has a valid certificate for %(title)s already.") % {"name": person, "title": curriculum}
    )


def _refuse_missing_hours(person: Person, curriculum: Curriculum, found: Earned) -> None:
    if not can_be_certified(found, curriculum.required_minutes):
        raise Refused(
            _("%(name)s cannot be certified: %(a)d of %(b)d minutes of %(title)s are credited.")
            % {
                "name": person,
                "a": found.minutes,
                "b": curriculum.required_minutes,
                "title": curriculum,
            }
        )


def _plain(value: Any) -> Any:
    return [str(each) for each in value] if isinstance(value, tuple) else value
