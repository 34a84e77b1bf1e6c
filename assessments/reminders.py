"""Notices about surveys: the invitation when a wave opens, and one reminder before it closes.

Who has not answered is decided here, by the system alone: no page and no person learns it.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import actions, links
from assessments.models import Invitation, Wave
from rollout import mailing
from rollout.dates import at_local
from rollout.day_words import month_day
from rollout.models import Notice
from rollout.outbox import Draft, Mail

OPENED = "wave_opened"
CLOSING = "wave_closing"
RULES = frozenset({OPENED, CLOSING})
INVITATIONS = frozenset({OPENED})
BEFORE_CLOSING = timedelta(days=7)
AFTER_OPENING = timedelta(days=2)
MORNING = time(9)


def due(now: datetime) -> Iterator[Draft]:
    """For everybody who has not answered an open wave: the invitation once, the reminder once per closing date.

    Two queries, however many people.
    """
    waves = list(Wave.objects.open_at(now).select_related("agency"))
    open_waves = {wave.pk: wave for wave in waves}
    waiting = Invitation.objects.unanswered().filter(
        wave__in=open_waves, person__left_on=None, person__user__is_active=True
    )
    for invitation in waiting.select_related("person__user"):
        wave, person = open_waves[invitation.wave_id], invitation.person
        key, about = f"{wave.uuid}:{person.uuid}", {"wave": str(wave.uuid)}
        assert person.user is not None  # the filter above
        yield Draft(f"{OPENED}:{key}", OPENED, person.user, wave.agency, wave.opened_at, about)
        reminded_at = reminder_at(wave)
        if reminded_at is not None and reminded_at <= now:
            closes = f"{wave.closes_at:%Y-%m-%dT%H:%MZ}"
            yield Draft(f"{CLOSING}:{key}:{closes}", CLOSING, person.user, wave.agency, reminded_at, about)


def reminder_at(wave: Wave) -> datetime | None:
    """On the morning a week before the last day, but not within two days of opening; None if that leaves no time."""
    zone = wave.agency.zone
    week_before = wave.closes_at.astimezone(zone).date() - BEFORE_CLOSING
    at = max(at_local(week_before, MORNING, zone), wave.opened_at + AFTER_OPENING)
    return at if at < wave.closes_at else None


def compose(notice: Notice, now: datetime) -> Mail | None:
    """The mail with this person's link; None once they answered or left, or the wave closed.

    The link's token is worked out here and stands in the mail alone; only its hash is stored.
    """
    invitation = (
        Invitation.objects.unanswered()
        .filter(wave__uuid=notice.about["wave"], person__user=notice.user, person__left_on=None)
        .select_related("wave__agency", "person")
        .first()
    )
    if invitation is None or not notice.user.is_active or not invitation.wave.takes_answers(now):
        return None
    wave = invitation.wave
    context = {
        "wave": wave,
        "agency": wave.agency,
        "person": invitation.person,
        "items": len(wave.definition.items),
        "link": mailing.link("assessments:survey_link", links.issue(invitation)),
    }
    with timezone.override(wave.agency.zone):
        return Mail(_subject(notice, wave), mailing.text_of(f"assessments/mail/{notice.rule}.txt", context))


def _subject(notice: Notice, wave: Wave) -> str:
    names = {"survey": wave.survey_name, "day": month_day(timezone.localtime(wave.closes_at))}
    if notice.rule == CLOSING:
        return _("Your %(survey)s is open until %(day)s") % names
    return _("How is work for you? The %(survey)s, until %(day)s") % names


def tick(now: datetime) -> None:
    """At each heartbeat: waves whose last minute has passed are closed."""
    actions.close_due(now)


def daily(now: datetime) -> None:
    """Once a day: the counts leaders may see; leftovers of closed waves; and what ``tick`` may have missed."""
    actions.close_due(now)
    actions.refresh_answered_counts(now)
    actions.delete_leftover_drafts()
