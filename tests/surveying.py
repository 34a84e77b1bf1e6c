"""What the tests of waves and surveys share: staff to invite, a wave, answers, a browser with a fresh sign-in."""

import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.test import Client

from assessments import actions, instruments, links
from assessments.models import Invitation, Wave
from rollout.models import Agency, Notice, Person, Team, User

from .conftest import NOW, account, somebody

PROQOL = instruments.INSTRUMENTS["proqol-5"]
CLOSES = date(2026, 12, 11)
LATER = NOW + timedelta(days=1)
HIGH_AVERAGE_LOW = [5, 5, 5, 5, 1, 5, 2, 5, 1, 2, 3, 5, 3, 1, 2, 4, 5, 5, 1, 2, 1, 5, 1, 4, 3, 4, 5, 2, 3, 2]
"""The worked example: compassion satisfaction 42, burnout 23, secondary traumatic stress 22."""


def staff(agency: Agency, team: Team | None, count: int, prefix: str = "Extra") -> list[Person]:
    """More people on the roster, each with an account."""
    return [somebody(agency, team, account(f"{prefix} {agency.slug} {number}")) for number in range(count)]


def a_wave(agency: Agency, **changes: Any) -> Wave:
    chosen: dict[str, Any] = {"instrument": PROQOL, "label": "baseline", "closes_on": CLOSES, "wording": None}
    return actions.open_wave(agency, **{**chosen, "by": None, "at": NOW, **changes})


def invitation_of(user: User, wave: Wave) -> Invitation:
    related = ("wave__agency", "wave__wording_pack", "person__user")
    return Invitation.objects.select_related(*related).get(wave=wave, person__user=user)


def fields(answers: Sequence[int | None]) -> dict[str, str]:
    """Answers to items 1…n as the survey posts them."""
    return {f"q{number}": str(one) for number, one in enumerate(answers, 1) if one is not None}


def token_of(user: User, wave: Wave) -> str:
    return links.issue(invitation_of(user, wave))


def just_signed_in(browser: Client, user: User, at: datetime | None = None) -> Client:
    """As after a mailed code: signed in, with the time at which it was proved."""
    browser.force_login(user)
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "code", "at": at.timestamp() if at else time.time(), "email": user.email}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def answer_all(wave: Wave, people: Iterable[Person], answers: list[int | None] | None = None) -> None:
    actions.submit_many(wave, {one.pk: answers or HIGH_AVERAGE_LOW for one in people}, LATER)


def notice_for(user: User, wave: Any, rule: str = "wave_opened") -> Notice:
    return Notice(rule=rule, user=user, about={"wave": str(wave.uuid)}, key="k", due_at=NOW, next_try_at=NOW)
