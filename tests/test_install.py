"""Installable; without a connection a page that says so; and nothing about anybody is kept for that."""

import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles.finders import find
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override
from playwright.sync_api import Browser, expect

from cecert_site.views import install
from tests.browser import PHONE, picture, visitor
from tests.offline_parts import (
    ACTIVATED,
    KEPT_ADDRESSES,
    NO_LINE,
    a_world,
    answer,
    ready_for_offline,
    state,
    survey_page,
)


@pytest.fixture
def world(live_server: Any, cast: Any) -> SimpleNamespace:
    return a_world(live_server, cast)


# --- installable ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_manifest_names_the_product_in_the_language_and_its_icons_are_as_large_as_it_says(
    client: Client, language: str
) -> None:
    response = client.get(f"/manifest.webmanifest?lang={language}")
    content = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert (content["lang"], content["start_url"], content["scope"]) == (language, "/", "/")
    assert content["description"]
    for icon in content["icons"]:
        path = Path(str(find(icon["src"].removeprefix(django_settings.STATIC_URL))))
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", path.read_bytes()[16:24])
            assert f"{width}x{height}" == icon["sizes"]
            assert path.stat().st_size < 10_000
        else:
            assert path.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.django_db
def test_the_worker_changes_with_the_files_and_with_the_language(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worker(language: str) -> str:
        response = client.get(f"/sw.js?lang={language}")
        assert response["Content-Type"].startswith("text/javascript")
        assert not response.cookies
        return response.content.decode()

    first = worker("en")
    assert worker("en") == first
    assert worker("es") != first
    monkeypatch.setattr(install, "manifest_hash", lambda: "another")
    assert worker("en") != first


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_finds_everything_it_needs_to_install_it(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.leader) as page:
        page.goto("/")
        ready_for_offline(page)
        devtools = page.context.new_cdp_session(page)
        assert devtools.send("Page.getAppManifest")["errors"] == []
        found = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
        # A test's browser keeps nothing, which is the only thing in the way.
        assert [one["errorId"] for one in found if one["errorId"] != "in-incognito"] == []


# --- pages without a connection ----------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("locale", "heading"), [("en-US", "There is no connection right now"), ("es-US", "")]
)
def test_a_page_that_cannot_be_reached_says_so_in_ones_language_and_comes_when_asked_again(
    browser: Browser, world: Any, locale: str, heading: str
) -> None:
    with visitor(
        browser, world.url, world.cast.leader, belongs=NO_LINE, viewport=PHONE, locale=locale
    ) as page:
        page.goto("/")
        ready_for_offline(page)
        page.context.set_offline(True)
        page.goto("/agencies/clearwater/people/")
        expect(page.locator("html")).to_have_attribute("lang", locale[:2])
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert world.cast.leader.name not in page.content()
        assert (
            page.evaluate("getComputedStyle(document.body).display") == "flex"
        )  # styled without a connection
        picture(page, f"offline_{locale}")
        page.context.set_offline(False)
        page.locator("main .button.main").click()
        expect(page.get_by_role("heading", level=1)).not_to_contain_text(heading or "conexión")
        assert page.url.endswith("/agencies/clearwater/people/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_no_page_and_no_answer_of_the_product_is_ever_kept(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.staff) as page:
        page.goto("/")
        ready_for_offline(page)
        for url in ("/", "/me/training/", survey_page(world)):
            page.goto(url)
        page.evaluate("fetch('/session/')")
        page.goto(survey_page(world))
        answer(page, 1, 3)
        expect(state(page)).to_contain_text("Saved")
        kept = {one.removeprefix(world.url).split("?")[0] for one in page.evaluate(KEPT_ADDRESSES)}
        assert {one for one in kept if not one.startswith("/static/")} == {"/offline/"}
        assert "/static/js/unsent.js" in kept


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_another_language_takes_the_place_of_what_was_kept(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url) as page:
        page.goto("/accounts/login/")
        ready_for_offline(page)
        page.evaluate(f"async () => ({ACTIVATED})(await navigator.serviceWorker.register('/sw.js?lang=es'))")
        kept = page.evaluate(KEPT_ADDRESSES)
        assert [one for one in kept if "/offline/" in one] == [f"{world.url}/offline/?lang=es"]


# --- pages that say no ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_that_say_no_look_like_the_product_and_lead_on(
    client: Client, cast: Any, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(cast.staff)
    client.cookies["language"] = language
    client.raise_request_exception = False
    pages = {404: client.get("/no-such-page/"), 403: client.get("/agencies/")}
    monkeypatch.setattr("cecert_site.views.home.own", lambda *_args: 1 / 0)
    pages[500] = client.get("/")
    for status, response in pages.items():
        text = response.content.decode()
        assert response.status_code == status
        assert f'<html lang="{language}"' in text, status
        assert 'class="mark"' in text, status
        assert '<div class="actions"><a class="button main"' in text, status


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pages_for_trouble_need_neither_database_nor_session(language: str) -> None:
    with override(language):
        texts = [render_to_string("500.html"), install.offline_page(language)]
    for text in texts:
        assert f'<html lang="{language}"' in text
        assert 'class="mark"' in text
        assert "csrf" not in text
        assert 'id="session"' not in text
