"""Writes of MAPS logs: answers point by point, finishing, opening again, and reading instead of logging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from rollout.audit import record
from rollout.models import User
from rollout.refusals import Refused

from .logs import Occasion, own_entries
from .models import Checklist, MapsEntry, MapsLog

LONGEST_REMARK = 500


@dataclass(frozen=True)
class PointAnswer:
    """What a form says about one point. `aired` None: nothing; `version` is the one it was shown with."""

    aired: str | None
    remark: str | None
    version: int


@transaction.atomic
def start_log(occasion: Occasion, checklist: Checklist, *, by: User, at: datetime) -> list[MapsEntry]:
    """A log of one's own on this version of the checklist, still without answers; the one that is there, if
    any.

    Refused before the occasion begins, when it is cancelled, and for whoever has read somebody else's log of
    it.
    """
    if why := occasion.why_closed(at):
        raise Refused(why)
    if occasion.logs().filter(readers=by).exists():
        raise Refused(
            _("You have read somebody else’s log of this, so a log of your own would not be independent.")
        )
    log, is_new = MapsLog.objects.get_or_create(
        call=occasion.call,
        session=occasion.session,
        logged_by=by,
        defaults={"checklist": checklist, "started_at": at, "saved_at": at},
    )
    if is_new:
        MapsEntry.objects.bulk_create(MapsEntry(log=log, point=point) for point in checklist.points.all())
        after = {"checklist": checklist.code, "version": checklist.version}
        record("began log", log, by=by, at=at, agency=occasion.agency, after=after)
    return own_entries(occasion, by)


@transaction.atomic
def answer_points(
    entries: Sequence[MapsEntry], answers: Mapping[int, PointAnswer], *, at: datetime
) -> list[MapsEntry]:
    """Save answers by their point's position; the entries that somebody wrote meanwhile are returned,
    unchanged.

    Two queries for one tap: the log, which must be open, then the entry. `entries` are updated in place;
    those returned stand as they are in the database. An answer that says what is there already is no change,
    so a tap that is sent twice, or a form behind its own taps, does not conflict. Single answers are not
    audited: finishing is, with all of them.
    """
    for each in answers.values():
        _check(each)
    if not MapsLog.objects.filter(pk=entries[0].log_id, finished_at=None).update(saved_at=at):
        raise Refused(_("This log is finished. Open it again to change it."))
    entries[0].log.saved_at = at
    lost = []
    for entry in entries:
        answer = answers.get(entry.point.position)
        if answer is not None and not _write(entry, answer):
            entry.refresh_from_db(fields=["aired", "remark", "version"])
            lost.append(entry)
    return lost


@transaction.atomic
def finish_log(occasion: Occasion, log: MapsLog, *, by: User, at: datetime) -> None:
    """Close a log all of whose points are answered; else refused with those that are left."""
    entries = list(log.entries.select_related("point").order_by("point__position"))
    if left := [entry.point.code for entry in entries if not entry.aired]:
        raise Refused(_("These points are still open: %(points)s.") % {"points": ", ".join(left)})
    if MapsLog.objects.filter(pk=log.pk, finished_at=None).update(finished_at=at):
        log.finished_at = at
        after = {entry.point.code: entry.aired for entry in entries}
        record("finished log", log, by=by, at=at, agency=occasion.agency, after=after)


@transaction.atomic
def reopen_log(occasion: Occasion, log: MapsLog, *, by: User, at: datetime) -> None:
    """Open one's own finished log again, every answer kept. Until it is finished again it counts nowhere."""
    if log.logged_by_id != by.pk:
        raise Refused(_("Only %(name)s can open this log again.") % {"name": log.logged_by})
    if MapsLog.objects.filter(pk=log.pk, finished_at__isnull=False).update(finished_at=None):
        log.finished_at = None
        record("opened log again", log, by=by, at=at, agency=occasion.agency)


@transaction.atomic
def read_instead(occasion: Occasion, *, by: User, at: datetime) -> None:
    """Read the finished logs of this occasion instead of logging it oneself.

    Refused for whoever has begun a log of their own: two ratings are worth something only if neither knew the
    other.
    """
    if occasion.logs().filter(logged_by=by).exists():
        raise Refused(_("You have begun a log of your own. Finish it first; then you see both."))
    for log in occasion.logs().filter(finished_at__isnull=False).exclude(readers=by):
        log.readers.add(by)
        record("read log", log, by=by, at=at, agency=occasion.agency)


def _check(answer: PointAnswer) -> None:
    if answer.aired and answer.aired not in MapsEntry.Aired.values:
        raise Refused(_("Choose Aired, Partly, Not or N/A."))
    if answer.remark and len(answer.remark) > LONGEST_REMARK:
        raise Refused(
            _("A remark is longer than %(most)d characters. Shorten it.") % {"most": LONGEST_REMARK}
        )


def _write(entry: MapsEntry, answer: PointAnswer) -> bool:
    """Whether the answer now stands: it did already, or it was written over the version it was shown with."""
    is_stale = answer.version != entry.version
    aired = answer.aired or entry.aired
    # A stale form without a remark has not seen the one that is there, so it does not take it away.
    remark = entry.remark if answer.remark is None or (is_stale and not answer.remark) else answer.remark
    if (aired, remark) == (entry.aired, entry.remark):
        return True
    same = MapsEntry.objects.filter(pk=entry.pk, version=answer.version)
    if is_stale or not same.update(aired=aired, remark=remark, version=F("version") + 1):
        return False
    entry.aired, entry.remark, entry.version = aired, remark, entry.version + 1
    return True
