"""Notices about training: the day before a session, and when one that was announced changes after all."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from . import mailing, practice_actions
from .day_words import weekday
from .models import Attendance, CohortMember, Notice, RosterUpload, Session, User
from .outbox import Draft, Mail
from .places import fill_freed_places

TOMORROW = "session_tomorrow"
CHANGED = "session_changed"
RULES = frozenset({TOMORROW, CHANGED})
AHEAD = timedelta(hours=24)
ROSTER_FILES_KEPT = timedelta(days=1)
CANCELLED = ""
"""Stands where else the start of a session stands."""


def due(now: datetime) -> Iterator[Draft]:
    """The day before a session, once for each person and start time: members of its cohort and its trainer.

    A session that moves within that day is so announced again. One that was announced and then is cancelled
    or moves further away is told about at once. Five queries, however many sessions.
    """
    told = _told(now)
    uuids = {notice.about["session"] for notice in told}
    soon = Session.objects.planned().filter(starts_at__gt=now, starts_at__lte=now + AHEAD)
    announced = Session.objects.filter(uuid__in=uuids)
    sessions = list((soon | announced).select_related("cohort__agency", "trainer"))
    recipients = _recipients(sessions)
    for session in sessions:
        if _is_soon(session, now):
            for user in recipients[session.pk]:
                yield _draft(TOMORROW, session, user, session.starts_at - AHEAD)
    yield from _changes(told, {str(session.uuid): session for session in sessions}, now)


def compose(notice: Notice, now: datetime) -> Mail | None:
    """None when the session changed again, begins or began already, or is no longer this person's."""
    sessions = Session.objects.select_related("cohort__agency", "cohort__curriculum", "trainer")
    session = sessions.filter(uuid=notice.about["session"]).first()
    if session is None or says(session) != notice.about["starts_at"]:
        return None
    if notice.user not in _recipients([session])[session.pk]:
        return None
    was = datetime.fromisoformat(notice.about["was"]) if notice.about.get("was") else None
    if now >= (was if was and session.cancelled_at else session.starts_at):
        return None
    context = {
        "session": session,
        "is_trainer": notice.user == session.trainer,
        "was": was,
        "page": mailing.link("rollout:session", session.uuid),
        "own_page": mailing.link("rollout:my_training"),
    }
    with timezone.override(session.agency.zone):
        return Mail(_subject(notice, session), mailing.text_of(f"rollout/mail/{notice.rule}.txt", context))


def daily(now: datetime) -> None:
    """Roster files that nobody applied within a day are dropped; their rows stay and say there was one.

    Leave to read a practice plan that has lapsed is ended for good. Places of people who left their agency go to
    whoever waits for one.
    """
    old = RosterUpload.objects.filter(uploaded_at__lt=now - ROSTER_FILES_KEPT)
    old.exclude(content=b"").update(content=b"")
    practice_actions.end_lapsed(at=now)
    fill_freed_places(now)


def says(session: Session) -> str:
    """What there is to tell about a session: its start in UTC to the minute, or that it is cancelled."""
    return CANCELLED if session.cancelled_at else f"{session.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _is_soon(session: Session, now: datetime) -> bool:
    return session.cancelled_at is None and now < session.starts_at <= now + AHEAD


def _draft(rule: str, session: Session, user: User, due_at: datetime, was: str | None = None) -> Draft:
    about = {"session": str(session.uuid), "starts_at": says(session)}
    key = f"{rule}:{session.uuid}:{user.pk}:{says(session) or 'cancelled'}"
    if was is not None:
        about["was"], key = was, f"{key}:{was or 'cancelled'}"
    return Draft(key, rule, user, session.agency, due_at, about)


def _told(now: datetime) -> list[Notice]:
    """What people were told within the last day and may rely on, the latest last."""
    left = Notice.objects.filter(rule__in=RULES, state__in=[Notice.State.SENT, Notice.State.UNCERTAIN])
    return list(left.filter(due_at__gt=now - AHEAD).select_related("user").order_by("sent_at", "pk"))


def _changes(told: list[Notice], sessions: dict[str, Session], now: datetime) -> Iterator[Draft]:
    """For those last told what is no longer so, unless the day-before notice is about to say it."""
    keys = {notice.key for notice in told}
    latest = {(notice.about["session"], notice.user): notice.about["starts_at"] for notice in told}
    for (uuid, user), was in latest.items():
        session = sessions.get(uuid)
        if session is None or says(session) == was:
            continue
        announced_anyway = _is_soon(session, now) and _draft(TOMORROW, session, user, now).key not in keys
        if not announced_anyway:
            yield _draft(CHANGED, session, user, now, was)


def _recipients(sessions: list[Session]) -> dict[int, set[User]]:
    """By session: its trainer while they train the agency, who belongs to the cohort on its day, who makes up there."""
    found: dict[int, set[User]] = defaultdict(set)
    members: dict[int, list[CohortMember]] = defaultdict(list)
    of_cohorts = CohortMember.objects.filter(cohort__in={session.cohort_id for session in sessions})
    current = of_cohorts.filter(person__left_on=None, person__user__is_active=True)
    for member in current.select_related("person__user"):
        members[member.cohort_id].append(member)
    guests = Attendance.objects.filter(
        session__in=sessions, makes_up_for__isnull=False, person__left_on=None, person__user__is_active=True
    )
    for guest in guests.select_related("person__user"):
        if guest.person.user:
            found[guest.session_id].add(guest.person.user)
    agencies = {session.cohort.agency_id for session in sessions}
    trains = set(User.objects.filter(trains__in=agencies, is_active=True).values_list("pk", "trains"))
    for session in sessions:
        day = session.starts_at.astimezone(session.agency.zone).date()
        found[session.pk] |= {
            member.person.user
            for member in members[session.cohort_id]
            if member.person.user and member.joined_on <= day
        }
        if session.trainer and (session.trainer.pk, session.cohort.agency_id) in trains:
            found[session.pk].add(session.trainer)
    return found


def _subject(notice: Notice, session: Session) -> str:
    day = weekday(timezone.localtime(session.starts_at))
    values = {"title": session.title, "day": day}
    if session.cancelled_at:
        return _("Cancelled: %(title)s") % values
    same = Notice.objects.filter(key__startswith=f"{TOMORROW}:{session.uuid}:{notice.user_id}:")
    told_before = same.exclude(pk=notice.pk).filter(sent_at__isnull=False)
    if notice.rule == CHANGED or told_before.exists():
        return _("New time: %(title)s") % values
    return _("Training on %(day)s: %(title)s") % values
