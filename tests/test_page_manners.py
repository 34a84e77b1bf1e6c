"""What every page owes its reader: it says what is wrong where they are, speaks one language, prints without buttons."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.browser import DESK, PHONE, visitor
from tests.test_keyboard import button
from tests.world import furnish_both

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(cast: Any) -> Any:
    return furnish_both(cast)[0]


# --- What is wrong ----------------------------------------------------------------------------------------------

FORMS: dict[str, tuple[str, Callable[[Any], list[Any]]]] = {
    "rollout": ("rollout:person_new", lambda world: [world.agency.slug]),
    "consultation": ("consultation:series_edit", lambda world: [world.series.uuid]),
    "assessments": ("assessments:wave_new", lambda world: [world.agency.slug]),
}
"""By app, a form: route, arguments."""


@pytest.mark.parametrize("app", FORMS)
def test_after_an_invalid_form_the_summary_has_the_focus_and_leads_to_the_fields(
    app: str, browser: Browser, live_server: Any, cast: Any, world: Any
) -> None:
    route, args = FORMS[app]
    if app == "assessments":
        world.agency.waves.all().delete()
    with visitor(browser, live_server.url, cast.leader, viewport=PHONE) as page:
        page.goto(reverse(route, args=args(world)))
        form = page.get_by_role("main").locator("form", has=page.get_by_role("textbox")).first
        for field in form.get_by_role("textbox").all():
            field.fill("")
        form.locator("[type=submit], button:not([type])").first.click()
        summary = page.get_by_role("alert").filter(has=page.get_by_role("link"))
        expect(summary).to_be_focused()
        for link in summary.get_by_role("link").all():
            link.click()
            target = (link.get_attribute("href") or "").removeprefix("#")
            within = page.evaluate(
                "(id) => document.getElementById(id)?.contains(document.activeElement)", target
            )
            assert within, f"{target} is not where the focus went"


def test_a_wrong_password_is_said_where_the_focus_is(browser: Browser, live_server: Any, cast: Any) -> None:
    with visitor(browser, live_server.url, viewport=PHONE) as page:
        page.goto(reverse("account_login"))
        page.locator("input[name=login]").fill(cast.staff.email)
        page.locator("input[name=password]").fill("not this one")
        button(page, "Sign in").click()
        expect(page.get_by_role("alert").first).to_be_visible()
        said = page.evaluate("document.activeElement.innerText || document.activeElement.ariaInvalid")
        assert said == "true" or "password" in said


# --- Language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("address", ["/accounts/login/", "/nowhere/", "/s/no-such-link/"])
def test_a_page_says_its_language(language: str, address: str) -> None:
    response = Client().get(address, headers={"accept-language": language})
    assert f'<html lang="{language}"' in response.text
    assert response["Content-Language"] == language


# --- Paper ------------------------------------------------------------------------------------------------------

PAPER = """() => {
  const [r, g, b] = getComputedStyle(document.body).color.match(/[\\d.]+/g).map(Number);
  return r + g + b;
}"""
PRINTED: dict[str, tuple[str, str, Callable[[Any], list[Any]]]] = {
    "call brief": ("supervisor", "consultation:call", lambda world: [world.series.calls.get(number=2).uuid]),
    "overview": ("leader", "overview", lambda world: [world.agency.slug]),
    "figures": ("leader", "assessments:wave", lambda world: [world.wave.uuid]),
}


@pytest.mark.parametrize("name", PRINTED)
def test_on_paper_there_is_the_page_and_nothing_to_press(
    name: str, browser: Browser, live_server: Any, cast: Any, world: Any
) -> None:
    role, route, args = PRINTED[name]
    with visitor(browser, live_server.url, getattr(cast, role), viewport=DESK, color_scheme="dark") as page:
        page.goto(reverse(route, args=args(world)))
        assert shown(page)
        page.emulate_media(media="print", color_scheme="dark")
        assert shown(page) == []
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate(PAPER) < 300  # dark ink, also for whoever reads in the dark


def shown(page: Page) -> list[str]:
    """Navigation and buttons that can be seen; not the breadcrumb, which says on paper whose page it is."""
    parts = page.get_by_role("navigation").or_(page.get_by_role("button")).or_(page.get_by_role("banner"))
    found = [part.evaluate("one => one.outerHTML.slice(0, 100)") for part in parts.all() if part.is_visible()]
    return [one for one in found if 'class="where"' not in one]
