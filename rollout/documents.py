"""Reports that somebody waits for: the row is the job, made by the queue, taken up again after a restart."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from . import audit
from .logs import kind_and_place
from .models import Agency, Document, User

logger = logging.getLogger(__name__)
State = Document.State

ROLLOUT_REPORT = "rollout_report"
"""The kind of an agency's rollout report as PDF."""
CERTIFICATES = "certificates"
"""The kind of all certificates of a cohort in one PDF; ``about`` names the cohort."""
HOURS = "hours"
"""The kind of an agency's hours report as PDF."""
REUSE = timedelta(minutes=3)
"""Asking again within this gets the same document."""
STALE = timedelta(minutes=5)
"""In the making for longer than this: its worker died. Reports take seconds; what takes longer tells its progress."""
GIVE_UP = timedelta(minutes=30)
"""One whose worker died and that was asked for so long ago is not taken up again: it may be the cause."""

type Maker = Callable[[Document], tuple[str, bytes]]
"""Makes one kind of document: file name and content. Raises ``CannotMakeError`` with words for a person."""


class OvertakenError(Exception):
    """Another worker has taken this document up meanwhile; what this one made is thrown away."""


class CannotMakeError(Exception):
    """Why a document cannot be made and what to do about it; shown as it is to whoever asked."""


@transaction.atomic
def request(
    kind: str,
    agency: Agency,
    *,
    about: Mapping[str, str] | None = None,
    again: bool = False,
    by: User,
    at: datetime,
) -> Document:
    """Ask for a document, in the language in force; the queue makes it within seconds.

    ``about``: what of the agency it is made from, names of things only. Who asks again meanwhile gets the same
    one; with ``again`` only one that is not ready yet.
    """
    language, about = translation.get_language() or settings.LANGUAGE_CODE, dict(about or {})
    same = Document.objects.filter(kind=kind, agency=agency, requested_by=by, language=language).filter(
        Q(state=State.WAITING) | Q(state__in=[State.WORKING, State.READY], requested_at__gt=at - REUSE)
    )
    if again:
        same = same.exclude(state=State.READY)
    # Compared here: databases disagree about equal JSON.
    document = next((one for one in same.defer("content") if one.about == about), None)
    if document is None:
        document = Document.objects.create(
            kind=kind, agency=agency, about=about, requested_by=by, requested_at=at, language=language
        )
        audit.record("requested", document, by=by, at=at, agency=agency, after={"kind": kind} | about)
    return document


def tell_progress(document: Document, done: int, total: int, *, at: datetime) -> None:
    """So many of so many parts are finished; its worker lives. Raises OvertakenError when another has taken it up."""
    mine = Document.objects.filter(pk=document.pk, state=State.WORKING, claimed_at=document.claimed_at)
    if not mine.update(done=done, total=total, claimed_at=at):
        raise OvertakenError
    document.done, document.total, document.claimed_at = done, total, at


def waiting(now: datetime) -> QuerySet[Document]:
    """To be made: nobody has begun, or whoever had has died."""
    return Document.objects.filter(
        Q(state=State.WAITING) | Q(state=State.WORKING, claimed_at__lt=now - STALE)
    )


def make_waiting(now: datetime, makers: Mapping[str, Maker], limit: int = 20) -> int:
    """Make what waits, at most ``limit``; how many came out ready. Any number of these may run at once."""
    ready = 0
    for _turn in range(limit):
        document = claim(now)
        if document is None:
            break
        with translation.override(document.language):
            ready += _make(document, now, makers)
    return ready


def claim(now: datetime) -> Document | None:
    """The document that waits longest, for this caller alone for ``STALE``; None when none waits."""
    while candidates := list(
        waiting(now).select_related("agency", "requested_by").order_by("requested_at")[:5]
    ):
        for document in candidates:
            # The UPDATE itself asks the condition again: of two callers one changes the row, the other none.
            if waiting(now).filter(pk=document.pk).update(state=State.WORKING, claimed_at=now):
                tried_before = document.claimed_at is not None
                document.state, document.claimed_at = State.WORKING, now
                if tried_before and document.requested_at < now - GIVE_UP:
                    with translation.override(document.language):
                        why = _("Making it was interrupted more than once. Ask for it again later.")
                    _fail(document, now, why)
                    continue
                return document
    return None


def _make(document: Document, now: datetime, makers: Mapping[str, Maker]) -> bool:
    try:
        maker = makers[document.kind]
        filename, content = maker(document)
    except CannotMakeError as error:
        return _fail(document, now, str(error))
    except OvertakenError:
        return False
    except Exception as error:
        reference = str(document.uuid)[:8]
        logger.error("document %s (%s): %s", reference, document.kind, kind_and_place(error))
        return _fail(
            document,
            now,
            _(
                "Something went wrong while making it. Ask for it again; if it fails again, tell your site "
                "administrator this reference: %(reference)s."
            )
            % {"reference": reference},
        )
    return _finish(document, state=State.READY, finished_at=now, filename=filename[:160], content=content)


def _fail(document: Document, now: datetime, problem: str) -> bool:
    _finish(document, state=State.FAILED, finished_at=now, problem=problem[:300])
    return False


def _finish(document: Document, **changes: object) -> bool:
    """Only while it is this worker's: one that was taken up again meanwhile belongs to the other."""
    mine = Document.objects.filter(pk=document.pk, state=State.WORKING, claimed_at=document.claimed_at)
    return bool(mine.update(problem=changes.pop("problem", ""), **changes))
