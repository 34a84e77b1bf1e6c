"""The practice plan in a browser: saved as typed; what the line does not take waits in the page, and nowhere else."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from rollout.models import PracticeEntry
from tests.browser import PHONE, visitor
from tests.offline_parts import KEPT_BY_THE_BROWSER, NO_LINE, state

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CANARY = "dunlin-6613 at the sluice"


@pytest.fixture
def world(live_server: Any, cast: Any) -> SimpleNamespace:
    return SimpleNamespace(url=live_server.url, cast=cast)


def kept() -> dict[str, tuple[str, int]]:
    return {entry.prompt: (entry.text, entry.version) for entry in PracticeEntry.objects.all()}


def test_what_is_typed_without_a_line_waits_in_the_page_and_arrives_once(
    browser: Browser, world: Any
) -> None:
    options = {"belongs": NO_LINE, "viewport": PHONE, "service_workers": "block"}
    with visitor(browser, world.url, world.cast.staff, **options) as page:
        page.goto(reverse("rollout:practice"))
        page.get_by_label("One habit with which").fill("At every door")
        page.get_by_label("One habit with which").blur()
        expect(state(page)).to_contain_text("Saved")
        assert kept() == {"awareness": ("At every door", 1)}
        page.context.set_offline(True)
        page.get_by_label("One habit with which").fill(f"At every door. {CANARY}")
        page.get_by_label("My sentence for the way in").fill("One thing, then the next")
        page.get_by_label("My sentence for the way in").blur()
        expect(state(page)).to_have_text("Not sent yet: 2 answers wait for the connection.")
        assert CANARY not in json.dumps(page.evaluate(KEPT_BY_THE_BROWSER)), (
            "the browser's storage stays empty"
        )
        page.context.set_offline(False)
        expect(state(page)).to_contain_text("Saved")
        expect(page.locator("[name=version-awareness]")).to_have_value("2")
        assert kept() == {
            "awareness": (f"At every door. {CANARY}", 2),
            "story-in": ("One thing, then the next", 1),
        }


def test_two_windows_show_both_texts_and_lose_none(browser: Browser, world: Any) -> None:
    belongs = "status of 409"
    with visitor(browser, world.url, world.cast.staff, belongs=belongs, service_workers="block") as page:
        page.goto(reverse("rollout:practice"))
        other = page.context.new_page()
        other.goto(reverse("rollout:practice"))
        other.get_by_label("One habit with which").fill("The other window")
        other.get_by_label("One habit with which").blur()
        expect(state(other)).to_contain_text("Saved")
        field = page.get_by_label("One habit with which")
        field.fill("This window")
        field.blur()
        expect(page.locator(".summary")).to_contain_text("The other window")
        expect(field).to_have_value("This window")
        assert kept() == {"awareness": ("The other window", 1)}
        field.fill("Both windows")
        field.blur()
        expect(state(page)).to_contain_text("Saved")
        assert kept() == {"awareness": ("Both windows", 2)}
