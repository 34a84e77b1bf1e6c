"""What the audit tells about an attendance list: who corrected what and why, who signed in by themselves, who asks."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from . import day_words
from .models import Attendance, AuditEntry, Person, Session, User

CORRECTED = "corrected attendance"
"""The verb under which the audit keeps a correction's reason and author."""
TAKEN_BACK = "took a tap back"
PLACE_GIVEN, PLACE_TAKEN_BACK = "gave a make-up place", "took a make-up place back"
SELF_IN, SELF_OUT = "signed in by themselves", "signed out by themselves"
ASKED, DECLINED = "asked at the door", "declined at the door"
"""Somebody who is not expected read the code on the screen; the trainer signs them in, or does not."""
CORRECTIONS_SHOWN = 50


@dataclass(frozen=True)
class Trail:
    """What led to one record as it is now. ``asked_at``: waits at the door since then."""

    correction: AuditEntry | None = None
    in_by_self: bool = False
    out_by_self: bool = False
    asked_at: datetime | None = None


def trails(records: Collection[Attendance]) -> dict[int, Trail]:
    """The trail of each record, by its id. One query."""
    keys = [str(record.pk) for record in records]
    entries: dict[int, list[AuditEntry]] = defaultdict(list)
    found = AuditEntry.objects.filter(subject=Attendance._meta.label, subject_id__in=keys)
    for entry in found.select_related("by").order_by("at", "pk"):
        entries[int(entry.subject_id)].append(entry)
    return {pk: trail_of(each) for pk, each in entries.items()}


def has_place(record: Attendance) -> bool:
    """Whether they were given a make-up place beforehand, which a tap taken back leaves as it is. One query."""
    found = AuditEntry.objects.filter(subject=Attendance._meta.label, subject_id=str(record.pk))
    last = found.filter(verb__in=[PLACE_GIVEN, PLACE_TAKEN_BACK]).first()
    return last is not None and last.verb == PLACE_GIVEN


def trail_of(entries: Collection[AuditEntry]) -> Trail:
    """From one record's entries, the oldest first."""
    correction, in_by_self, out_by_self, asked_at = None, False, False, None
    for entry in entries:
        asked_at = entry.at if entry.verb == ASKED else None
        if entry.verb == CORRECTED:
            correction = entry
        elif entry.verb == SELF_IN:
            in_by_self = True
        elif entry.verb == SELF_OUT:
            out_by_self = True
        elif entry.verb == TAKEN_BACK:
            out_by_self = False
            in_by_self = in_by_self and "signed_in_at" not in entry.after
    return Trail(correction, in_by_self, out_by_self, asked_at)


@dataclass(frozen=True)
class Correction:
    """One correction for a reader: whose record, by whom and when, before → after, and why."""

    person: Person
    by: User | None
    at: datetime
    before: str
    after: str
    reason: str


def corrections(session: Session) -> list[Correction]:
    """Every correction of a session's attendance, the latest first, at most CORRECTIONS_SHOWN. Two queries."""
    records = {
        str(record.pk): record.person for record in session.attendances.select_related("person").order_by()
    }
    found = AuditEntry.objects.filter(
        subject=Attendance._meta.label, subject_id__in=list(records), verb=CORRECTED
    ).select_related("by")
    zone = session.agency.zone
    return [
        Correction(
            records[entry.subject_id],
            entry.by,
            entry.at,
            in_words(entry.before, zone),
            in_words(entry.after, zone),
            entry.reason,
        )
        for entry in found[:CORRECTIONS_SHOWN]
    ]


def in_words(facts: dict[str, object], zone: ZoneInfo) -> str:
    """ "in 9:04 a.m., out 4:30 p.m., 120 min set by hand" in that zone."""
    parts = []
    for name, text in (("signed_in_at", _("in %(at)s")), ("signed_out_at", _("out %(at)s"))):
        if facts.get(name):
            moment = datetime.fromisoformat(str(facts[name])).astimezone(zone)
            parts.append(text % {"at": day_words.clock(moment)})
    if facts.get("override_minutes") is not None:
        parts.append(_("%(n)s min set by hand") % {"n": facts["override_minutes"]})
    return ", ".join(parts) or _("no sign-in")
