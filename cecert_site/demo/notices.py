"""What would have been mailed before today: put down as sent, so that the heartbeat does not send it all at once."""

from datetime import datetime

from assessments.reminders import CLOSING
from cecert_site.rules import RULES
from rollout import outbox
from rollout.models import Notice

from .signins import SIGN_INS


def mark_as_sent(now: datetime) -> int:
    """Every notice that is due by now becomes a sent one; how many.

    But the reminders that a survey closes, for the accounts on the sign-in list: the first heartbeat sends those, so
    that Sent mail has something to show, and only to people who have not answered.
    """
    shown = {one.email for one in SIGN_INS}
    past = [
        draft
        for draft in outbox.dry_run(now, RULES)
        if draft.due_at <= now and not (draft.rule == CLOSING and draft.user.email in shown)
    ]
    Notice.objects.bulk_create(
        Notice(
            key=draft.key,
            rule=draft.rule,
            user=draft.user,
            agency=draft.agency,
            about=dict(draft.about),
            state=Notice.State.SENT,
            due_at=draft.due_at,
            next_try_at=draft.due_at,
            sent_at=draft.due_at,
            attempts=1,
        )
        for draft in past
    )
    return len(past)
