"""Notices on their way out: rules say what should exist now, the heartbeat sends it; the web never does.

A notice's row is the queue. Its way: **queued** → claimed by one sender (still queued, hidden for ``LEASE``)
→ composed → **sending**, written just before the mail is handed over → **sent**. Whatever dies before
*sending* is simply tried again. Whatever dies while *sending* may have left: a reminder is then **uncertain**
and stays so, an invitation goes out once more under the same Message-ID. ``sent_at`` on a row that is not
*sent* is the moment at which it may have left.

Every change of a claimed row names the claim (``claimed_at``), so two senders never decide over one notice.
"""

import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import batched
from typing import Any, Protocol

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation
from django.utils.translation import gettext as _

from . import mailing
from .languages import language_of
from .logs import kind_and_place
from .models import Agency, Notice, User

logger = logging.getLogger(__name__)
State = Notice.State

LEASE = timedelta(minutes=5)
"""How long a claimed notice is hidden from other senders; composing one takes milliseconds."""
STALE = timedelta(minutes=10)
"""Sending for longer than this: its sender died. Far above what a slow server takes (20 s an answer)."""
RUN = timedelta(minutes=2)
"""A run claims no further notice after this; the next heartbeat goes on."""
LONGEST_WAIT = timedelta(hours=24)
SERVER_WAIT = timedelta(minutes=2)
"""Until the next try when the mail server takes nothing at all: no notice's fault, so waits do not grow."""
REVIVAL = timedelta(minutes=15)
"""A withdrawn notice that its rule wants again comes back after this at the earliest."""
MOST_ATTEMPTS = 10
"""With the waits between them, five days."""
KEY_LENGTH = 250


@dataclass(frozen=True)
class Draft:
    """A notice that should exist now.

    ``key`` names rule, person, subject and occurrence: at most 250 characters.
    """

    key: str
    rule: str
    user: User
    agency: Agency | None
    due_at: datetime
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mail:
    """A composed mail: plain text always, HTML when it helps."""

    subject: str
    text: str
    html: str = ""


class Rules(Protocol):
    """An app's ``reminders`` module.

    Optional there: ``INVITATIONS``, those of its rules whose notices go out once more when it is uncertain
    whether they left (an invitation that never came is worse than two); ``tick(now)``, called at every heartbeat
    before planning; ``daily(now)``, called once a day.
    """

    @property
    def RULES(self) -> Collection[str]: ...

    def due(self, now: datetime) -> Iterable[Draft]: ...

    def compose(self, notice: Notice, now: datetime) -> Mail | None: ...


class Outcome(StrEnum):
    """What became of one claimed notice."""

    SENT = "sent"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    LATER = "to be tried again"
    UNREACHABLE = "held back: the mail server takes nothing"
    UNCERTAIN = "interrupted"
    TAKEN = "taken over by another run"


# --- What should exist now --------------------------------------------------------------------------------


def plan(now: datetime, rules: Sequence[Rules]) -> int:
    """Queue what should exist now and does not yet; how many that are.

    A notice that was withdrawn before it left comes back when its rule asks for it again (a session that was
    cancelled, then planned again for the same hour). A module that fails is logged and leaves the others
    alone.
    """
    count = 0
    for module in rules:
        try:
            count += _queue(_drafts(module, now), now)
        except Exception as error:
            logger.error("notices of %s were not queued: %s", name_of(module), kind_and_place(error))
    return count


def dry_run(now: datetime, rules: Sequence[Rules]) -> list[Draft]:
    """What ``plan`` would queue now, in the order in which it would go; writes nothing."""
    missing: list[Draft] = []
    for module in rules:
        drafts = _drafts(module, now)
        known = _rows_of(drafts)
        missing += [draft for draft in drafts if draft.key not in known or _may_return(known[draft.key], now)]
    return sorted(missing, key=lambda draft: (draft.due_at, draft.key))


def name_of(module: Rules) -> str:
    return str(getattr(module, "__name__", "rules"))


def _drafts(module: Rules, now: datetime) -> list[Draft]:
    """What the module wants now, each key once. What came before an error counts: keys make it repeatable."""
    found: dict[str, Draft] = {}
    try:
        for draft in module.due(now):
            if len(draft.key) > KEY_LENGTH or draft.rule not in module.RULES:
                raise ValueError("A draft has a key that is too long, or a rule that is not in RULES.")
            if draft.user.is_active:
                found.setdefault(draft.key, draft)
    except Exception as error:
        logger.error("planning of %s stopped: %s", name_of(module), kind_and_place(error))
    return list(found.values())


def _rows_of(drafts: Iterable[Draft]) -> dict[str, Notice]:
    known: dict[str, Notice] = {}
    for some in batched(drafts, 500):
        rows = Notice.objects.filter(key__in=[draft.key for draft in some])
        known |= {row.key: row for row in rows.only("key", "state", "next_try_at", "sent_at")}
    return known


def _may_return(notice: Notice, now: datetime) -> bool:
    return notice.state == State.WITHDRAWN and notice.sent_at is None and notice.next_try_at <= now


def _queue(drafts: list[Draft], now: datetime) -> int:
    known = _rows_of(drafts)
    new = [
        Notice(
            key=draft.key,
            rule=draft.rule,
            user=draft.user,
            agency=draft.agency,
            about=dict(draft.about),
            due_at=draft.due_at,
            next_try_at=max(draft.due_at, now),
        )
        for draft in drafts
        if draft.key not in known
    ]
    # Another heartbeat may be queuing the same: the key lets one of the two rows in.
    Notice.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    back = [row.pk for row in known.values() if _may_return(row, now)]
    withdrawn = Notice.objects.filter(pk__in=back, state=State.WITHDRAWN)
    return len(new) + withdrawn.update(state=State.QUEUED, attempts=0, next_try_at=now, problem="")


# --- Sending ----------------------------------------------------------------------------------------------


def send_due(now: datetime, rules: Sequence[Rules], limit: int = 500) -> Counter[Outcome]:
    """Send what is due, one by one, at most ``limit``; how many came to which end.

    Stops early when the mail server takes nothing. Any number of these may run at the same time.
    """
    started = time.monotonic()
    settle_interrupted(now, rules)
    outcomes: Counter[Outcome] = Counter()
    while outcomes.total() < limit and not outcomes[Outcome.UNREACHABLE]:
        # A long run must not date its claims back to its start: they would look abandoned too early.
        elapsed = timedelta(seconds=time.monotonic() - started)
        notice = claim(now + elapsed) if elapsed < RUN else None
        if notice is None:
            break
        outcomes[send(notice, now + elapsed, rules)] += 1
    if outcomes:
        logger.info("notices: %s", ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    return outcomes


def claim(now: datetime) -> Notice | None:
    """The next due notice, for this caller alone for ``LEASE``; None when nothing is due."""
    due = Notice.objects.filter(state=State.QUEUED, next_try_at__lte=now)
    while candidates := list(due.select_related("user", "agency")[:20]):
        for notice in candidates:
            mine = {"claimed_at": now, "next_try_at": now + LEASE, "attempts": notice.attempts + 1}
            # The UPDATE itself asks the condition again: of two callers one changes the row, the other none.
            if due.filter(pk=notice.pk, attempts=notice.attempts).update(**mine):
                for name, value in mine.items():
                    setattr(notice, name, value)
                return notice
    return None


def send(notice: Notice, now: datetime, rules: Sequence[Rules]) -> Outcome:
    """Send a claimed notice, or find that it no longer applies; its row says what came of it."""
    module = _module_of(notice, rules)
    if not notice.user.is_active:
        return _withdraw(notice, now, _("The account is closed."))
    if module is None:
        return _withdraw(notice, now, _("There is no such rule any more."))
    if notice.attempts > MOST_ATTEMPTS:
        return _end(notice, Outcome.FAILED, state=State.FAILED, problem=_("Given up after many attempts."))
    try:
        message = _compose(module, notice, now)
    except Exception as error:
        logger.error("notice %s (%s) was not composed: %s", notice.pk, notice.rule, kind_and_place(error))
        return _try_later(notice, now, _("The mail could not be composed; the server's log says where."))
    if message is None:
        return _withdraw(notice, now, _("It no longer applied."))
    try:
        mailer = mailing.open_mailer()
    except mailing.UnreachableError as error:
        return _hold_back(notice, now, error)
    try:
        # From here on the mail may have left, so the row says so first.
        if not _record(notice, state=State.SENDING, claimed_at=now):
            return Outcome.TAKEN
        return _deliver(module, notice, mailer, message, now)
    finally:
        mailing.close(mailer)


def settle_interrupted(now: datetime, rules: Sequence[Rules]) -> int:
    """Decide over notices whose sender died between handing over and recording; how many there were."""
    stale = Notice.objects.filter(state=State.SENDING, claimed_at__lt=now - STALE)
    return sum(_interrupted(notice, now, _module_of(notice, rules)) for notice in stale)


def wait_after(attempts: int) -> timedelta:
    """Until the next try after so many: 1, 5, 25, 125, 625 minutes, then a day."""
    return min(timedelta(minutes=5 ** min(attempts - 1, 5)), LONGEST_WAIT)


def _module_of(notice: Notice, rules: Sequence[Rules]) -> Rules | None:
    return next((module for module in rules if notice.rule in module.RULES), None)


def _compose(module: Rules, notice: Notice, now: datetime) -> EmailMultiAlternatives | None:
    with translation.override(language_of(notice.user, notice.agency)):
        mail = module.compose(notice, now)
    if mail is None:
        return None
    return mailing.envelope(notice.key, notice.user.email, mail.subject, mail.text, mail.html)


def _deliver(
    module: Rules, notice: Notice, mailer: BaseEmailBackend, message: EmailMultiAlternatives, now: datetime
) -> Outcome:
    try:
        mailing.hand_over(mailer, message)
    except mailing.UnreachableError as error:
        return _hold_back(notice, now, error)
    except mailing.NotNowError as error:
        return _try_later(notice, now, str(error))
    except mailing.RefusedError as error:
        logger.warning("notice %s (%s) was refused", notice.pk, notice.rule)
        return _end(notice, Outcome.FAILED, state=State.FAILED, problem=str(error))
    except mailing.BrokenOffError as error:
        logger.warning("notice %s (%s): %s", notice.pk, notice.rule, kind_and_place(error.__cause__ or error))
        _interrupted(notice, now, module)
        return Outcome.UNCERTAIN
    return _end(notice, Outcome.SENT, state=State.SENT, sent_at=now, problem="")


def _record(notice: Notice, **changes: Any) -> bool:
    """Change the row while it is this sender's.

    By its claim, whatever the state: a sender that was thought dead and comes to an end after all knows
    better than those who settled it meanwhile.
    """
    mine = Notice.objects.filter(pk=notice.pk, claimed_at=notice.claimed_at)
    if not mine.update(**changes):
        return False
    for name, value in changes.items():
        setattr(notice, name, value)
    return True


def _end(notice: Notice, outcome: Outcome, **changes: Any) -> Outcome:
    return outcome if _record(notice, **changes) else Outcome.TAKEN


def _withdraw(notice: Notice, now: datetime, why: str) -> Outcome:
    return _end(notice, Outcome.WITHDRAWN, state=State.WITHDRAWN, next_try_at=now + REVIVAL, problem=why)


def _try_later(notice: Notice, now: datetime, why: str) -> Outcome:
    if notice.attempts >= MOST_ATTEMPTS:
        return _end(notice, Outcome.FAILED, state=State.FAILED, problem=why)
    then = now + wait_after(notice.attempts)
    return _end(notice, Outcome.LATER, state=State.QUEUED, next_try_at=then, problem=why)


def _hold_back(notice: Notice, now: datetime, error: mailing.UnreachableError) -> Outcome:
    """The server's fault, not the notice's: the try does not count."""
    logger.error("mail is not going out: %s", kind_and_place(error.__cause__ or error))
    again: dict[str, Any] = {"state": State.QUEUED, "next_try_at": now + SERVER_WAIT}
    return _end(
        notice, Outcome.UNREACHABLE, **again, attempts=max(notice.attempts - 1, 0), problem=str(error)
    )


def _interrupted(notice: Notice, now: datetime, module: Rules | None) -> bool:
    """It may have left. Only an invitation goes out again, once: ``sent_at`` tells that this has been."""
    mine = Notice.objects.filter(pk=notice.pk, state=State.SENDING, claimed_at=notice.claimed_at)
    left_at = notice.claimed_at
    if notice.rule in getattr(module, "INVITATIONS", ()) and notice.sent_at is None:
        why = _("Sending was interrupted. It goes out once more, marked as the same mail.")
        return bool(mine.update(state=State.QUEUED, sent_at=left_at, next_try_at=now, problem=why))
    why = _("Sending was interrupted: it may have left or not. It is not sent again.")
    return bool(mine.update(state=State.UNCERTAIN, sent_at=left_at, problem=why))
