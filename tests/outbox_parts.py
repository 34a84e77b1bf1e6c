"""Small rules, notices and documents for tests of the queue."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from rollout import documents, outbox
from rollout.models import Document, Notice, User
from rollout.outbox import Draft, Mail
from tests.conftest import NOW, Cast

MINUTE = timedelta(minutes=1)


def draft(user: User, key: str = "", **fields: Any) -> Draft:
    values = {"rule": "plain", "agency": None, "due_at": NOW, "about": {"thing": "1"}} | fields
    return Draft(key=key or f"{values['rule']}:{user.pk}", user=user, **values)


def rules_of(*drafts: Draft, **more: Any) -> Any:
    """A ``reminders`` module that wants these, and composes the same mail for each."""
    names = {each.rule for each in drafts} | {"plain"}

    def compose(notice: Notice, now: datetime) -> Mail | None:
        return Mail(
            "Training on Monday", f"Dear {notice.user.name},\nit's Tom & Ann's day.", "<p>It's the day</p>"
        )

    values = {"__name__": "test.rules", "RULES": names, "due": lambda now: iter(drafts), "compose": compose}
    return SimpleNamespace(**values | more)


def queued(user: User, rules: Any) -> Notice:
    outbox.plan(NOW, [rules])
    return Notice.objects.get(user=user)


def failing(*args: Any) -> Any:
    raise ValueError("about Clear Staff, private")


class PowerCutError(BaseException):
    """The process ends here: nothing after it runs."""


def report(document: Document) -> tuple[str, bytes]:
    return f"{document.agency.slug}.pdf", b"%PDF of " + str(document.uuid).encode()


def asked(cast: Cast, at: datetime = NOW) -> Document:
    return documents.request("report", cast.agency, by=cast.leader, at=at)
