"""Chromium for tests: one browser, phones and desks as contexts, and a watch on what a page must not do."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from rollout.models import User

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
# The driver's own loop runs in this thread; Django would take that for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

LOOK = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`refused by the content policy: ${event.violatedDirective} ${event.blockedURI}`));
const look = () => {
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) console.error(`scrolls sideways: ${scrollWidth} > ${innerWidth}`);
};
addEventListener("load", look);
addEventListener("htmx:afterSettle", look);
"""
"""Runs in every page before its own scripts: what goes wrong becomes an error on the console."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium where it is, else Playwright's own; nothing is looked up outside."""
    found = os.environ.get("CHROMIUM") or (
        "/usr/bin/chromium" if os.path.exists("/usr/bin/chromium") else None
    )
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    flags += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "args": flags} | ({"executable_path": found} if found else {})


INVALID = "the server responded with a status of 422"
"""What the browser says of a form that came back; that is no fault."""


class Watch:
    """What went wrong in a page: console errors, refused content, failed requests, sideways scroll."""

    def __init__(self, belongs: str = "") -> None:
        self.problems: list[str] = []
        self.belongs = belongs

    def over(self, page: Page) -> None:
        page.on("console", lambda line: self._note(page, line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self._note(page, str(error)))

    def _note(self, page: Page, text: str) -> None:
        if INVALID in text or (self.belongs and re.search(self.belongs, text)):
            return
        self.problems.append(f"{page.url}: {text}")


@contextmanager
def visitor(
    browser: Browser,
    base_url: str,
    user: User | None = None,
    *,
    signed_in_ago: float = 0,
    belongs: str = "",
    **options: Any,
) -> Iterator[Page]:
    """A page of a new context, signed in (seconds ago) as ``user``; afterwards nothing may have gone wrong in it.

    ``options`` are the context's (``viewport``, ``java_script_enabled`` …). Without scripts nothing is watched but
    the console. ``belongs``: what the console may complain of because the test brings it about (a pattern).
    """
    context: BrowserContext = browser.new_context(base_url=base_url, **options)
    context.set_default_timeout(10_000)
    context.add_init_script(LOOK)
    if user is not None:
        client = Client()
        client.force_login(user)
        proof = {"method": "code", "at": time.time() - signed_in_ago, "email": user.email}
        stored = client.session
        stored["account_authentication_methods"] = [proof]
        stored["account_authentication_methods_user"] = str(user.pk)
        stored.save()
        session = client.cookies["session"]
        context.add_cookies([{"name": "session", "value": session.value, "url": base_url}])
    page = context.new_page()
    watch = Watch(belongs)
    watch.over(page)
    try:
        yield page
        assert not watch.problems, "\n".join(watch.problems)
    except BaseException:
        picture(page, "failed")
        raise
    finally:
        context.close()


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def picture(page: Page, name: str) -> None:
    """A picture of the whole page into the folder $SCREENSHOTS, where that is set."""
    if folder := os.environ.get("SCREENSHOTS"):
        # Hiding the caret would set style attributes, which the content policy refuses.
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial")
