"""Pages that say no, the first page of all, and the watch itself: for these nothing is in the database."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import Browser

from tests.browser import PHONE, no_sideways_scroll, visitor
from tests.looks import findings, look_at

pytestmark = [pytest.mark.browser, pytest.mark.looks]

REFUSALS = {"/setup/": 200, "/s/no-such-token/": 404, "/people/nobody/": 404, "/broken/": 500}
"""The first page of all, and the pages that say no, with their status."""


def test_pages_that_say_no_and_the_first_page_of_all_fit_as_well(browser: Browser, live_server: Any) -> None:
    wrong = []
    # A service worker would ask for the broken page itself.
    nobody = browser.new_context(
        base_url=live_server.url, viewport=PHONE, reduced_motion="reduce", service_workers="block"
    )
    try:
        page = nobody.new_page()
        page.route("**/broken/", lambda one: one.fulfill(status=500, body=render_to_string("500.html")))
        for url, status in REFUSALS.items():
            response = page.goto(url)
            assert response is not None
            assert response.status == status, url
            wrong += [
                f"{url}: {one}"
                for one in look_at(page, f"visitor_{url.strip('/').replace('/', '_')}", thumb=True)
            ]
    finally:
        nobody.close()
    assert not wrong, "\n".join(wrong)


def test_the_page_for_the_wrong_role_fits_as_well(browser: Browser, live_server: Any, cast: Any) -> None:
    with pytest.raises(AssertionError, match="status of 403"):  # noqa: PT012, SIM117 - the watch hears of the refusal
        with visitor(browser, live_server.url, cast.staff, viewport=PHONE, reduced_motion="reduce") as page:
            response = page.goto(reverse("rollout:agency_edit", args=[cast.agency.slug]))
            assert response is not None
            wrong = [response.status, *look_at(page, "staff_403", thumb=True)]
    assert wrong == [403]


def test_the_watch_sees_what_it_is_there_for(browser: Browser, live_server: Any) -> None:
    faults = '<p style="color: red">Inline</p><img><p><canvas width=900></canvas></p>'
    with pytest.raises(AssertionError) as caught:  # noqa: PT012, SIM117 - it is leaving the inner block that raises
        with visitor(browser, live_server.url, viewport=PHONE) as page:
            page.goto("/setup/")
            page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", faults)
            page.evaluate("dispatchEvent(new Event('load'))")
            page.evaluate("setTimeout(() => { throw new Error('lost') })")
            page.wait_for_timeout(100)
            page.evaluate(AXE_SCRIPT)
            seen = [*findings(page), no_sideways_scroll(page)]
    assert seen[0].startswith("image-alt")
    assert not seen[-1]
    said = str(caught.value)
    assert [part for part in ("style-src-attr", "scrolls sideways: 9", "lost") if part not in said] == []
