"""Writes around the leadership commitment: making it, its signed page, and training that opens without one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from .audit import record
from .commitment import MAX_PAPER, is_pdf, paper_name
from .enrollment import changed_fields
from .models import Agency, Commitment, CommitmentPaper, User
from .refusals import Refused

FIELDS = tuple(field.name for field in Commitment._meta.concrete_fields if field.name not in {"id", "agency"})


class NotCommitted(Refused):
    """Training may not open: leadership has not committed, and nobody has made an exception."""


def is_open(agency: Agency) -> bool:
    """Whether training may be planned: leadership has committed once, or an exception says why not. One query."""
    opened = Q(commitments__isnull=False) | Q(override_at__isnull=False)
    return Agency.objects.filter(opened, pk=agency.pk).exists()


def refuse_unless_open(agency: Agency) -> None:
    """NotCommitted while there is neither a commitment nor an exception."""
    if not is_open(agency):
        raise NotCommitted(
            _(
                "Leadership has not committed yet, so no training session can be planned. A program leader records "
                "the commitment, or makes an exception with a reason."
            )
        )


@transaction.atomic
def make_commitment(commitment: Commitment, *, by: User, at: datetime) -> Commitment:
    """Keep what leadership promised. Of another person or day it is a new commitment; the earlier stays on record.

    An exception that let training open without one is over.
    """
    old = Commitment.objects.filter(pk=commitment.pk).first()
    if old and (old.name, old.made_on) != (commitment.name, commitment.made_on):
        commitment.pk, commitment._state.adding, old = None, True, None
    commitment.save()
    before, after = changed_fields(_values(old) if old else {}, _values(commitment))
    if after:
        agency = commitment.agency
        record("committed", commitment, by=by, at=at, agency=agency, before=before, after=after)
    _end_exception(commitment.agency, by=by, at=at)
    return commitment


@transaction.atomic
def keep_paper(
    commitment: Commitment, name: str, content: bytes, *, by: User, at: datetime
) -> CommitmentPaper:
    """Keep the signed page in place of an earlier one. Refused unless it is a PDF of at most 10 MB."""
    if len(content) > MAX_PAPER:
        raise Refused(_("The file is too large: at most 10 MB. Scan it in black and white, or at 150 dpi."))
    if not is_pdf(content):
        raise Refused(_("This is not a PDF. Scan or export the signed page as PDF and upload that."))
    values = {"filename": paper_name(name), "content": content, "uploaded_by": by, "uploaded_at": at}
    paper, is_new = CommitmentPaper.objects.update_or_create(commitment=commitment, defaults=values)
    after = {"file": paper.filename, "bytes": len(content)}
    verb = "added signed page" if is_new else "replaced signed page"
    record(verb, commitment, by=by, at=at, agency=commitment.agency, after=after)
    return paper


@transaction.atomic
def make_exception(agency: Agency, reason: str, *, by: User, at: datetime) -> None:
    """Let training open without a commitment. Refused without a reason, or once leadership has committed."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why training may open without a commitment."))
    if agency.commitments.exists():
        raise Refused(_("Leadership has committed, so training is open without an exception."))
    before = {"reason": agency.override_reason} if agency.override_at else {}
    _write_exception(agency, override_reason=reason, override_by=by, override_at=at)
    record(
        "opened training without commitment",
        agency,
        by=by,
        at=at,
        agency=agency,
        before=before,
        reason=reason,
    )


@transaction.atomic
def withdraw_exception(agency: Agency, *, by: User, at: datetime) -> None:
    """From now on nothing new can be planned without a commitment; what is planned stays."""
    _end_exception(agency, by=by, at=at)


def _end_exception(agency: Agency, *, by: User, at: datetime) -> None:
    row = Agency.objects.select_for_update().get(pk=agency.pk)
    if row.override_at is None:
        return
    _write_exception(agency, override_reason="", override_by=None, override_at=None)
    before = {"reason": row.override_reason, "by": str(row.override_by_id)}
    record("withdrew exception", agency, by=by, at=at, agency=agency, before=before)


def _write_exception(agency: Agency, **values: Any) -> None:
    """These columns alone: somebody else may be saving the agency's facts."""
    Agency.objects.filter(pk=agency.pk).update(**values)
    for name, value in values.items():
        setattr(agency, name, value)


def _values(commitment: Commitment) -> dict[str, Any]:
    return {name: getattr(commitment, name) for name in FIELDS}
