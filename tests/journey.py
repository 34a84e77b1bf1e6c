"""Who walks the journey, how they sign in, what they answer, and the arithmetic of what the figures must be.

Take the fixture in by ``from tests import journey as people`` and ``walk = people.walk``.
"""

import csv
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from consultation.actions import install_checklists
from rollout.enrollment import grant
from rollout.models import Agency
from rollout.training_actions import install_curricula
from tests.browser import DESK, PHONE, picture, visitor
from tests.conftest import ROSTERS
from tests.independent_scorer import KEY, ORDER, score_row
from tests.smtp_sink import Sink

DENVER = ZoneInfo("America/Denver")
ROSTER = ROSTERS / "clearwater.csv"
LEADER, TRAINER = "rosa.field@clearwater.example", "jan.moor@trainers.example"
STAFF, SUPERVISOR = "jamal.kowalski@clearwater.example", "dana.whitehorse@clearwater.example"
PASSWORD = "a cup of tea at half past four"
SCALES = {"CS": "Compassion satisfaction", "BO": "Burnout", "STS": "Secondary traumatic stress"}
ADDRESS = re.compile("^E-?mail")
SITUATION = "A zebrafinch-quiet colleague after a hard removal"
REMARK = "Said once, marmalade-short, at the end"


@dataclass
class Walk:
    """Where the journey is: the browser, the product's address, the mail that came, and what was answered."""

    browser: Browser
    url: str
    clock: Any
    sink: Sink
    answers: dict[str, list[int | None]] = field(default_factory=dict)
    """By e-mail address, for statements 1…30; None: left out."""
    fidelity: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    """Addresses by name, as the people came to them."""

    def at(self, day: int, hour: int, minute: int = 0) -> None:
        """It is that time in Denver, in January 2027."""
        self.clock.move_to(datetime(2027, 1, day, hour, minute, tzinfo=DENVER))

    @contextmanager
    def somebody(self, *, phone: bool = False) -> Iterator[Page]:
        """A browser of somebody who is not signed in; a phone is 390 pixels wide and touched."""
        size = {"viewport": PHONE, "has_touch": True} if phone else {"viewport": DESK}
        with visitor(self.browser, self.url, timezone_id="America/Denver", **size) as page:
            yield page

    def mail_to(self, address: str) -> str:
        """Text of the last mail to that address."""
        found = [one for one in self.sink.messages if address in str(one["To"])]
        return str(found[-1].get_content())


@pytest.fixture
def walk(browser: Browser, live_server: Any, settings: Any, smtp_sink: Sink) -> Iterator[Walk]:
    """An agency as ``manage.py create_agency`` leaves it, its leader and its trainer, and a clock to move."""
    settings.DEMO = True  # a wave with stand-in wording then counts, because the whole site is marked
    settings.SITE_URL = live_server.url
    with time_machine.travel(datetime(2027, 1, 11, 8, 30, tzinfo=DENVER), tick=True) as clock:
        call_command(
            "create_agency", "clearwater", name="Clearwater Family Services", timezone="America/Denver"
        )
        agency = Agency.objects.get()
        for role, email, name in (("leader", LEADER, "Rosa Field"), ("trainer", TRAINER, "Jan Moor")):
            user = grant(agency, role, email=email, name=name, by=None, at=timezone.now())
            user.set_password(PASSWORD)
            user.save()
        install_curricula()
        install_checklists()
        yield Walk(browser, live_server.url, clock, smtp_sink)


# --- signing in -------------------------------------------------------------------------------------------------


def sign_in(page: Page, email: str) -> None:
    """By password, on the page that an unknown visitor is led to."""
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    page.get_by_label(ADDRESS).fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/$"))


def sign_in_by_code(page: Page, walk: Walk, email: str) -> None:
    """On the page that asks where to mail a code: the code is read from the mail."""
    page.get_by_label(ADDRESS).fill(email)
    page.get_by_role("button", name="Mail me the code").click()
    page.wait_for_url("**/accounts/login/code/confirm/**")
    picture(page, "journey_code")
    code = re.search(r"^\s*([A-Z0-9]{3,5}-?[A-Z0-9]{3,5})\s*$", walk.mail_to(email), re.MULTILINE)
    assert code is not None, walk.mail_to(email)
    page.get_by_label("Code").fill(code[1])
    page.get_by_role("button", name="Sign in", exact=True).click()


# --- answering


def some_answers(dice: random.Random) -> list[int | None]:
    """Thirty answers of somebody: rather content, some more than others; no run of them turns up twice."""
    mood = dice.uniform(-1, 1)
    content = [4 + mood if letter in "Cb" else 2.2 - mood for letter in KEY]
    return [min(5, max(1, round(one + dice.gauss(0, 1.2)))) for one in content]


def link_for(walk: Walk, email: str) -> str:
    found = re.search(r"https?://\S+/s/\S+", walk.mail_to(email))
    assert found is not None
    return found[0]


def twenty_four_more_answer(walk: Walk) -> None:
    """By their own links: eleven more of Intake and thirteen of Crisis Response, one of them with a gap."""
    intake = [row["email"] for row in roster() if row["team"] == "Intake" and row["email"] != STAFF]
    crisis = [row["email"] for row in roster() if row["team"] == "Crisis Response"]
    dice = random.Random(2)
    for place, email in enumerate([*intake[:11], *crisis[:13]]):
        walk.answers[email] = given = some_answers(dice)
        if place == 23:
            given[6] = None
        client, link = Client(), link_for(walk, email)
        assert client.get(link.removeprefix(walk.url)).status_code == 200
        begun = client.post(
            reverse("assessments:survey_begin"), {"token": link.rstrip("/").rsplit("/", 1)[1]}
        )
        posted = {f"q{number}": str(one) for number, one in enumerate(given, 1) if one is not None}
        sent = client.post(begun["Location"], posted | {"go": "send"})
        assert sent.status_code == 302, email


# --- what the figures must be


def roster() -> list[dict[str, str]]:
    with open(ROSTER, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def flat(text: str) -> str:
    """Words with single ordinary spaces between them."""
    return " ".join(text.split())


def scores(answers: dict[str, list[int | None]], code: str) -> list[int]:
    """Scores on a scale of everybody who answered every statement."""
    complete = [score_row(given) for given in answers.values() if None not in given]
    return [row[ORDER.index(code)][0] or 0 for row in complete]


def mean(values: list[int], step: str = "0.1") -> Decimal:
    return (Decimal(sum(values)) / len(values)).quantize(Decimal(step), ROUND_HALF_UP)


def team_row(team: str, response: str, walk: Walk) -> str:
    """A team with its means in whole points; twelve of each scored, so n is a band and the response rate follows it."""
    members = {row["email"] for row in roster() if row["team"] == team}
    answers = {email: given for email, given in walk.answers.items() if email in members}
    return f"{team} {response} {' '.join(str(mean(scores(answers, code), '1')) for code in ORDER)}"


def levels(values: list[int]) -> str:
    """Low, average, high in whole per cent, by the cuts of the other scorer's manual: to 22, from 42."""
    counts = [sum(low <= one <= high for one in values) for low, high in ((10, 22), (23, 41), (42, 50))]
    shares = [(Decimal(100 * count) / len(values)).quantize(Decimal(1), ROUND_HALF_UP) for count in counts]
    return " ".join(f"{share} %" for share in shares)
