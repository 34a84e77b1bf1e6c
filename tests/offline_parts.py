"""What the tests of lost connections and ended sessions share: a place with a survey and a call, and what a page shows."""

from types import SimpleNamespace
from typing import Any

from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Locator, Page

from assessments.survey import answers_so_far
from rollout.models import User
from tests.surveying import invitation_of
from tests.world import furnish_both

NO_LINE = r"fetching the script|ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_CONNECTION|htmx:(sendError|afterRequest|timeout)"
"""What Chromium and htmx write to the console when a request does not get through."""
KEPT_BY_THE_BROWSER = """async () => JSON.stringify([
  Object.entries(localStorage), Object.entries(sessionStorage), await indexedDB.databases(),
  await Promise.all((await caches.keys()).map(async (name) =>
    Promise.all((await (await caches.open(name)).matchAll()).map(async (one) => [one.url, (await one.text()).length])))),
])"""
ACTIVATED = """(registration) => new Promise((done) => {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  const look = () => { if (worker.state === "activated") done(); };
  worker.addEventListener("statechange", look);
  look();
})"""
"""Waits until a service worker has put away what the one before it kept, and watches over the page."""
KEPT_ADDRESSES = """async () => (await Promise.all((await caches.keys()).map(async (name) =>
  (await (await caches.open(name)).keys()).map((one) => one.url)))).flat()"""


def a_world(live_server: Any, cast: Any) -> SimpleNamespace:
    """Both agencies with a row of every kind; ``ours``, its open ``wave`` and a ``call`` of two days ago."""
    ours, _theirs = furnish_both(cast)
    return SimpleNamespace(url=live_server.url, cast=cast, ours=ours, wave=ours.wave, call=ours.call)


def survey_page(world: Any, page: str = "1") -> str:
    return reverse("assessments:survey_answer", args=[world.wave.uuid]) + f"?page={page}"


def maps_page(world: Any) -> str:
    return reverse("consultation:maps_call", args=[world.call.uuid])


def answer(page: Page, number: int, value: int) -> None:
    page.locator(f"#q{number} label").nth(value - 1).click()


def saved(world: Any, user: User | None = None) -> dict[int, int]:
    return dict(answers_so_far(invitation_of(user or world.cast.staff, world.wave)))


def state(page: Page) -> Locator:
    return page.locator("[data-saved]")


def ready_for_offline(page: Page) -> None:
    """The service worker has taken over."""
    page.evaluate(f"async () => ({ACTIVATED})(await navigator.serviceWorker.ready)")


def sign_in(context: BrowserContext, url: str, user: User) -> None:
    """As after signing in in another tab: a new session, and with it a new form token."""
    client = Client()
    client.force_login(user)
    context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": url},
         {"name": "csrf", "value": "t" * 32, "url": url}]
    )  # fmt: skip
