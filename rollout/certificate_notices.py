"""The notice that a certificate is there: once for each, to the person it certifies."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from . import mailing
from .models import Certificate, Notice
from .outbox import Draft, Mail

ISSUED = "certificate_issued"
RULES = frozenset({ISSUED})
NEWS = timedelta(days=2)
"""One issued longer ago than this is no news: nobody is told of it by a heartbeat that had stopped."""


def due(now: datetime) -> Iterator[Draft]:
    """For each certificate in force that was just issued, if its owner can sign in. One query."""
    recent = Certificate.objects.filter(
        issued_at__gt=now - NEWS,
        issued_at__lte=now,
        revoked_at=None,
        person__left_on=None,
        person__user__is_active=True,
    )
    for each in recent.select_related("person__user", "agency"):
        if each.person.user:
            key = f"{ISSUED}:{each.uuid}"
            yield Draft(
                key, ISSUED, each.person.user, each.agency, each.issued_at, {"certificate": str(each.uuid)}
            )


def compose(notice: Notice, now: datetime) -> Mail | None:
    """None when it was replaced or revoked meanwhile, or the account is another's."""
    found = Certificate.objects.filter(
        uuid=notice.about["certificate"], revoked_at=None, person__user=notice.user
    ).first()
    if found is None:
        return None
    context = {"certificate": found, "own_page": mailing.link("rollout:my_training")}
    text = mailing.text_of("rollout/mail/certificate_issued.txt", context)
    return Mail(_("Your certificate: %(title)s") % {"title": found.title}, text)
