"""What is measured: each path as work that one client repeats, and its number of queries."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from queue import Empty, SimpleQueue
from time import perf_counter

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse
from django.utils import timezone

from assessments.models import Answer, Draft, Invitation
from rollout.audit import record
from rollout.models import User

from . import bare
from .data import World
from .floor import ITEMS, PER_PAGE, Response
from .load import Browser, Sample, measure
from .servers import Server

PAGES = -(-ITEMS // PER_PAGE)
GIVEN = {f"q{n}": str(n % 5 + 1) for n in range(1, ITEMS + 1)}
MOST_RESPONDENTS = 400
type Work = Callable[[], bool]


def signed_in(user: User, *, engine: str, backend: str) -> dict[str, str]:
    """The cookie of a session in which this user is signed in."""
    store = import_module(engine).SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), backend
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return {settings.SESSION_COOKIE_NAME: store.session_key}


def at_product(user: User) -> dict[str, str]:
    return signed_in(user, engine=settings.SESSION_ENGINE, backend=settings.AUTHENTICATION_BACKENDS[0])


def at_floor(user: User) -> dict[str, str]:
    return signed_in(user, engine=bare.SESSION_ENGINE, backend=bare.AUTHENTICATION_BACKENDS[0])


def page_by_page(number: int) -> dict[str, str]:
    """The answers on one of the six pages."""
    first = (number - 1) * PER_PAGE + 1
    return {name: GIVEN[name] for name in (f"q{n}" for n in range(first, first + PER_PAGE))}


# --- The floor ------------------------------------------------------------------------------------------------------


def floor_form(browser: Browser) -> None:
    """Open, answer, result: three requests."""
    browser.get("/form/")
    browser.get(browser.post("/form/", GIVEN))


def floor_form_in_pages(browser: Browser) -> None:
    """The same, five questions at a time: thirteen requests."""
    browser.get("/form/?page=1")
    for number in range(1, PAGES + 1):
        browser.get(browser.post(f"/form/?page={number}", page_by_page(number)))


# --- The product ----------------------------------------------------------------------------------------------------


def survey_in_pages(browser: Browser, wave: object) -> None:
    """Who sees what, six pages of five, sent, own result: fourteen requests."""
    here = reverse("assessments:survey_answer", args=[wave])
    browser.get(reverse("assessments:survey", args=[wave]))
    browser.get(here)
    for number in range(1, PAGES + 1):
        go = "finish" if number == PAGES else "next"
        browser.get(browser.post(f"{here}?page={number}", {**page_by_page(number), "go": go}))


def survey_on_one_page(browser: Browser, wave: object) -> None:
    """Who sees what, all statements, sent, own result: four requests."""
    here = reverse("assessments:survey_answer", args=[wave]) + "?page=all"
    browser.get(reverse("assessments:survey", args=[wave]))
    browser.get(here)
    browser.get(browser.post(here, {**GIVEN, "go": "finish"}))


@dataclass
class Tapper:
    """One point of a MAPS log, answered over and over: aired, partly, aired …"""

    address: str
    checklist: int
    position: int
    version: int = 0

    def fields(self) -> dict[str, str]:
        aired = "partly" if self.version % 2 else "aired"
        n = self.position
        return {
            "checklist": str(self.checklist),
            "point": str(n),
            f"aired-{n}": aired,
            f"version-{n}": str(self.version),
        }

    def tap(self, browser: Browser) -> bool:
        browser.post(self.address, self.fields(), expect=200, htmx=True)
        self.version += 1
        return True


@dataclass
class Paths:
    """All paths of one run, ready for any number of rounds."""

    world: World
    product: Server
    floor: Server
    clients: int
    tappers: list[Tapper] = field(default_factory=list)
    people: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    """By respondent: cookies at product and floor."""

    def __post_init__(self) -> None:
        home = self.world.home
        self.leader, self.trainer = at_product(home.by), at_product(home.trainer)
        self.floor_user = at_floor(home.by)
        respondents = self.world.respondents[:MOST_RESPONDENTS]
        self.people = [(at_product(user), at_floor(user)) for user in respondents]
        self.tappers = tappers(self.world, self.clients)

    def page(self, name: str, seconds: float) -> Sample:
        """One of the pages of ``pages`` below, from several browsers at once."""
        if name == FLOOR_PAGE:
            return self._opened(self.floor.port, self.floor_user, "/page/", seconds)
        return self._opened(self.product.port, self.leader, pages(self.world)[name], seconds)

    def before(self, seconds: float) -> Sample:
        """What somebody invited sees before the first statement."""
        take_back(self.world)
        return self._opened(self.product.port, self.people[0][0], before_survey(self.world), seconds)

    def _opened(self, port: int, cookies: dict[str, str], address: str, seconds: float) -> Sample:
        def work(browser: Browser) -> Work:
            return lambda: browser.get(address) is not None

        return self._run([Browser(port, dict(cookies)) for _client in range(self.clients)], work, seconds)

    def alone(self, name: str, seconds: float, *, changed: bool) -> Sample:
        """A page in one browser, timed request by request; ``changed``: something was written before each."""
        address = "/page/" if name == FLOOR_ALONE else pages(self.world)[HOME]
        server, cookies = (
            (self.floor, self.floor_user) if name == FLOOR_ALONE else (self.product, self.leader)
        )
        browser, count, spent, until = Browser(server.port, dict(cookies)), 0, 0.0, perf_counter() + seconds
        while perf_counter() < until:
            if changed:
                touch(self.world)
            started = perf_counter()
            browser.get(address)
            count, spent = count + 1, spent + perf_counter() - started
        browser.close()
        return Sample(count, spent)

    def report(self, seconds: float) -> Sample:
        """Asking for the report."""
        address = reverse("report", args=[self.world.home.agency.slug])

        def work(browser: Browser) -> Work:
            return lambda: browser.post(address, {}) != ""

        browsers = [Browser(self.product.port, dict(self.leader)) for _client in range(self.clients)]
        return self._run(browsers, work, seconds)

    def maps(self, seconds: float) -> Sample:
        """Each client answers a point of its own, all in one log."""
        browsers = [Browser(self.product.port, dict(self.trainer)) for _client in range(self.clients)]
        mine = dict(zip(map(id, browsers), self.tappers, strict=True))

        def work(browser: Browser) -> Work:
            return lambda: mine[id(browser)].tap(browser)

        return self._run(browsers, work, seconds)

    def journeys(self, name: str, seconds: float) -> Sample:
        """Whole surveys, each by another person; everybody is taken back to the start when nobody is left."""
        server, place, go = self._journey(name)
        count, spent = 0, 0.0
        while spent < seconds:
            take_back(self.world)
            waiting: SimpleQueue[dict[str, str]] = SimpleQueue()
            for cookies in self.people:
                waiting.put(dict(cookies[place]))

            def work(browser: Browser, waiting: SimpleQueue[dict[str, str]] = waiting) -> Work:
                return lambda: next_person(browser, waiting, go)

            browsers = [Browser(server.port, {}) for _client in range(self.clients)]
            sample = self._run(browsers, work, seconds - spent)
            count, spent = count + sample.count, spent + sample.seconds
        return Sample(count, spent)

    def _journey(self, name: str) -> tuple[Server, int, Callable[[Browser], None]]:
        wave = self.world.open_wave
        return {
            FLOOR_FORM: (self.floor, 1, floor_form),
            FLOOR_FORM_PAGES: (self.floor, 1, floor_form_in_pages),
            SURVEY: (self.product, 0, lambda browser: survey_on_one_page(browser, wave)),
            SURVEY_PAGES: (self.product, 0, lambda browser: survey_in_pages(browser, wave)),
        }[name]

    @staticmethod
    def _run(browsers: Iterable[Browser], work: Callable[[Browser], Work], seconds: float) -> Sample:
        browsers = list(browsers)
        try:
            return measure([work(browser) for browser in browsers], seconds)
        finally:
            for browser in browsers:
                browser.close()


FLOOR_PAGE = "floor: a signed-in page"
FLOOR_ALONE = "floor: a signed-in page, one browser"
HOME = "leader's home"
HOME_CHANGED = "leader's home, after each change, one browser"
FLOOR_FORM = "floor: 30 questions on one page"
FLOOR_FORM_PAGES = "floor: 30 questions on six pages"
SURVEY = "survey on one page"
SURVEY_PAGES = "survey on six pages"
BEFORE = "before the survey: who sees what"
"""Also the first request of both surveys; on a line of its own because the floor has no equal of it."""


def pages(world: World) -> Mapping[str, str]:
    """Pages of a leader that are measured: name → address."""
    slug = world.home.agency.slug
    return {
        HOME: reverse("home"),
        "roster": reverse("rollout:people", args=[slug]),
        "overview": reverse("overview", args=[slug]),
        "reports": reverse("documents", args=[slug]),
    }


def before_survey(world: World) -> str:
    return reverse("assessments:survey", args=[world.open_wave])


def tappers(world: World, count: int) -> list[Tapper]:
    """One for each client, on points of their own; their versions as they are in the database."""
    log = world.call.logs.get()
    entries = list(log.entries.select_related("point").order_by("point__position")[:count])
    if len(entries) < count:
        raise ValueError(f"At most {len(entries)} clients can log MAPS at once.")
    address = reverse("consultation:maps_call", args=[world.call.uuid])
    return [Tapper(address, log.checklist_id, entry.point.position, entry.version) for entry in entries]


def next_person(
    browser: Browser, waiting: SimpleQueue[dict[str, str]], go: Callable[[Browser], None]
) -> bool:
    """Somebody else sits down at this browser; False when everybody has been."""
    try:
        browser.cookies = {**browser.cookies, **waiting.get_nowait()}
    except Empty:
        return False
    go(browser)
    return True


def touch(world: World) -> None:
    """Something happened in the agency: what is kept of earlier looks no longer holds."""
    record("touched", world.home.agency, by=None, at=timezone.now(), agency=world.home.agency)


def take_back(world: World) -> None:
    """Nobody has answered anything."""
    Response.objects.all().delete()
    for model in (Answer, Draft):
        model.objects.filter(wave__uuid=world.open_wave).delete()
    Invitation.objects.filter(wave__uuid=world.open_wave).update(completed=False)
