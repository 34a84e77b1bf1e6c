"""How many queries a page asks of the database, counted in this process."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rollout.models import User

from . import bare, paths
from .data import World


class InProcess:
    """Stands in for ``load.Browser``: the same requests without a server between."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, address: str, *, expect: int = 200) -> str:
        return self._seen(self.client.get(address), expect)

    def post(self, address: str, fields: Mapping[str, str], *, expect: int = 302, htmx: bool = False) -> str:
        headers = {"HX-Request": "true"} if htmx else {}
        return self._seen(self.client.post(address, fields, headers=headers), expect)

    @staticmethod
    def _seen(response: Any, expect: int) -> str:
        if response.status_code != expect:
            where = response.request["PATH_INFO"]
            raise ValueError(f"{where}: {response.status_code}, expected {expect}")
        return str(response.headers.get("Location", ""))


@contextmanager
def browser_of(user: User) -> Iterator[Any]:
    """A browser in which this user is signed in, at whatever the settings make of this process."""
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(user)
    yield InProcess(client)


def counted(user: User, work: Callable[[Any], object]) -> int:
    """Queries of this work, done as this user, without those that sign in. Done once before, to fill caches."""
    with browser_of(user) as browser, CaptureQueriesContext(connection) as seen:
        work(browser)
    return len(seen)


def opened(user: User, address: str, changed: World | None = None) -> int:
    """Queries of opening one page, the second time; ``changed``: after something was written in this world."""
    with browser_of(user) as browser:
        browser.get(address)
        if changed:
            paths.touch(changed)
        with CaptureQueriesContext(connection) as seen:
            browser.get(address)
    return len(seen)


def list_pages(world: World) -> dict[str, tuple[User, str]]:
    """Every page with a list that grows with people: name → who opens it, and its address."""
    home = world.home
    slug, leader, trainer, staff = home.agency.slug, home.by, home.trainer, world.respondents[1]
    supervisor = world.respondents[0]
    of_agency = [
        "rollout:people",
        "rollout:teams",
        "rollout:training",
        "rollout:hours",
        "rollout:completion",
        "rollout:coverage",
        "rollout:access",
        "overview",
        "documents",
    ]
    of_agency += ["consultation:series_list", "assessments:waves"]
    found = {name: (leader, reverse(name, args=[slug])) for name in of_agency}
    found |= {
        "home of the leader": (leader, reverse("home")),
        "home of the trainer": (trainer, reverse("home")),
        "home of a supervisor": (supervisor, reverse("home")),
        "home of staff": (staff, reverse("home")),
        "rollout:people, searched": (leader, reverse("rollout:people", args=[slug]) + "?q=a"),
        "rollout:people of the trainer": (trainer, reverse("rollout:people", args=[slug])),
        "rollout:agencies": (trainer, reverse("rollout:agencies")),
        "rollout:cohort": (leader, reverse("rollout:cohort", args=[world.cohort.uuid])),
        "rollout:session": (trainer, reverse("rollout:session", args=[world.session.uuid])),
        "rollout:my_training": (staff, reverse("rollout:my_training")),
        "consultation:series": (leader, reverse("consultation:series", args=[world.series.uuid])),
        "consultation:call": (trainer, reverse("consultation:call", args=[world.call.uuid])),
        "consultation:call_hold": (trainer, reverse("consultation:call_hold", args=[world.call.uuid])),
        "consultation:my_calls": (supervisor, reverse("consultation:my_calls")),
        "assessments:wave, open": (leader, reverse("assessments:wave", args=[world.open_wave])),
        "assessments:wave, closed": (leader, reverse("assessments:wave", args=[world.closed_wave])),
        "person": (leader, reverse("person", args=[supervisor.people.get().uuid])),
    }
    return found


def of_list_pages(world: World) -> dict[str, int]:
    """Number of queries by page."""
    return {name: opened(user, address, world) for name, (user, address) in list_pages(world).items()}


def of_paths(world: World) -> dict[str, int]:
    """Number of queries of everything that is measured; journeys as a whole."""
    home, wave = world.home, world.open_wave
    found = {name: opened(home.by, address) for name, address in paths.pages(world).items()}
    found[paths.HOME_CHANGED] = opened(home.by, reverse("home"), world)
    report = reverse("report", args=[home.agency.slug])
    found["report asked for"] = counted(home.by, lambda browser: browser.post(report, {}))
    someone = world.respondents[2]
    paths.take_back(world)
    found[paths.BEFORE] = opened(someone, paths.before_survey(world))
    found[paths.SURVEY] = counted(someone, lambda browser: paths.survey_on_one_page(browser, wave))
    paths.take_back(world)
    found[paths.SURVEY_PAGES] = counted(someone, lambda browser: paths.survey_in_pages(browser, wave))
    found["MAPS save"] = counted(home.trainer, paths.tappers(world, 1)[0].tap)
    with override_settings(**bare.overrides()):
        found[paths.FLOOR_PAGE] = found[paths.FLOOR_ALONE] = opened(home.by, "/page/")
        found[paths.FLOOR_FORM] = counted(someone, paths.floor_form)
        paths.take_back(world)
        found[paths.FLOOR_FORM_PAGES] = counted(someone, paths.floor_form_in_pages)
    paths.take_back(world)
    return found
