"""The bench measures what it says: the arithmetic, the load, the floor and the counting of queries. No timings."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.urls import Resolver404, resolve
from django.utils import timezone

from assessments.models import Answer, Invitation
from cecert_site.bench import bare, data, paths, queries
from cecert_site.bench.floor import Response
from cecert_site.bench.load import CSRF, Browser, UnexpectedAnswer, measure
from cecert_site.bench.servers import PROCESSES, Server
from cecert_site.bench.table import Line, Spread, Target, differences, spread, text_of

ROOT = Path(__file__).parent.parent
APPS = ("rollout", "consultation", "assessments")


# --- Arithmetic -------------------------------------------------------------------------------------------------


def test_a_page_is_compared_by_time_and_a_journey_by_rate_round_by_round() -> None:
    page = Line(
        "home", rates=[100.0, 50.0], floor=Line("floor", [200.0, 200.0]), target=Target(3.0, of_time=True)
    )
    assert page.ratios == [2.0, 4.0]
    assert page.ok
    journey = Line(
        "survey",
        [60.0, 80.0],
        floor=Line("floor", [100.0, 100.0]),
        of_time=False,
        target=Target(0.7, of_time=False),
    )
    assert journey.ratios == [0.6, 0.8]
    assert journey.ok


@pytest.mark.parametrize(
    ("target", "ratio", "met"),
    [
        (Target(3.0, of_time=True), 3.0, True),
        (Target(3.0, of_time=True), 3.1, False),
        (Target(0.7, of_time=False), 0.7, True),
        (Target(0.7, of_time=False), 0.69, False),
    ],
)
def test_a_target_is_met_on_its_limit_and_missed_beyond(target: Target, ratio: float, met: bool) -> None:
    assert target.met(ratio) is met


def test_the_table_says_what_was_missed_and_leaves_the_floor_without_a_ratio() -> None:
    floor = Line("floor", [100.0, 120.0, 90.0], queries=3, cpu=[4.0, 5.0, 9.0])
    slow = Line("home", [20.0, 30.0, 10.0], 40, floor, cpu=[20.0], target=Target(3.0, of_time=True))
    head, _rule, first, second = text_of([floor, slow]).splitlines()
    assert [cell.strip() for cell in head.split("|")[1:3]] == ["path", "per second"]
    assert [cell.strip() for cell in first.split("|")[1:-1]] == [
        "floor",
        "90 / 100 / 120",
        "",
        "",
        "",
        "5.0",
        "3",
    ]
    cells = [cell.strip() for cell in second.split("|")[1:-1]]
    assert cells == [
        "home",
        "10.0 / 20.0 / 30.0",
        "4.00 / 5.00 / 9.00",
        "time",
        "≤ 3 MISSED",
        "20.0 (× 4.0)",
        "40",
    ]


def test_the_spread_of_rounds_is_smallest_middle_largest() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(1.0, 2.0, 3.0)


def test_pages_with_another_number_of_queries_are_named() -> None:
    assert differences({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ["b: 2 and 3", "c: not there and 4"]


# --- Load over HTTP ---------------------------------------------------------------------------------------------


class Echo(BaseHTTPRequestHandler):
    """Keeps what it was asked in ``seen``; /error fails, /on leads on, everything else is a page."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, str, str]] = []

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.seen.append((self.command, self.path, self.headers["Cookie"], body))
        self.send_response({"/error": 500, "/on": 302}.get(self.path, 200))
        self.send_header("Set-Cookie", "seat=12; Path=/")
        if self.path == "/on":
            self.send_header("Location", "/next")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    Echo.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_browser_sends_its_cookies_and_keeps_new_ones(port: int) -> None:
    browser = Browser(port, {"session": "abc"})
    browser.get("/")
    assert browser.post("/on", {"q1": "5"}) == "/next"
    browser.close()
    assert Echo.seen == [
        ("GET", "/", f"csrf={CSRF}; session=abc", ""),
        ("POST", "/on", f"csrf={CSRF}; session=abc; seat=12", "q1=5"),
    ]


def test_an_error_page_is_not_measured(port: int) -> None:
    browser = Browser(port, {})
    with pytest.raises(UnexpectedAnswer, match="GET /error: 500"):
        measure([lambda: browser.get("/error") is not None], seconds=5)
    browser.close()
    assert len(Echo.seen) == 1


def test_clients_stop_when_nothing_is_left_to_do() -> None:
    left = [list(range(5)), list(range(3))]
    sample = measure([lambda mine=mine: bool(mine and [mine.pop()]) for mine in left], seconds=30)  # type: ignore[misc]
    assert sample.count == 8
    assert sample.seconds < 10


# --- The floor, and what is counted -----------------------------------------------------------------------------


def test_the_floor_is_no_part_of_the_product() -> None:
    assert not [app for app in settings.INSTALLED_APPS if "bench" in app]
    for address in ("/page/", "/form/", "/form/result/"):
        with pytest.raises(Resolver404):
            resolve(address)
    sources = [file for app in ("cecert_site", *APPS) for file in (ROOT / app).rglob("*.py")]
    users = [file for file in sources if "cecert_site.bench" in file.read_text(encoding="utf-8")]
    assert users
    assert [file for file in users if file.parent != ROOT / "cecert_site" / "bench"] == []


def test_the_floor_has_sessions_accounts_and_forgery_protection_like_any_django_project() -> None:
    names = {each.rpartition(".")[2] for each in bare.MIDDLEWARE}
    assert {"SessionMiddleware", "AuthenticationMiddleware", "CsrfViewMiddleware"} <= names
    assert set(bare.MIDDLEWARE) <= set(settings.MIDDLEWARE)
    assert bare.DATABASES == settings.DATABASES


@pytest.fixture
def world(db: None, settings: Any) -> data.World:
    settings.DEMO = True
    return data.fill(40, timezone.now())


@pytest.fixture
def floor_table(transactional_db: None) -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(Response)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Response)


def test_the_floor_asks_for_session_account_and_one_more_and_writes_about_ten_kilobytes(
    world: data.World,
) -> None:
    with override_settings(**bare.overrides()):
        assert queries.opened(world.home.by, "/page/") == 3
        with queries.browser_of(world.home.by) as browser:
            assert 8_000 < len(browser.client.get("/page/").content) < 12_000


def test_journeys_at_floor_and_product_end_with_a_result_and_are_taken_back(
    floor_table: None, settings: Any
) -> None:
    settings.DEMO = True
    world = data.fill(8, timezone.now())
    someone = world.respondents[3]
    for journey in (paths.survey_on_one_page, paths.survey_in_pages):
        queries.counted(someone, lambda browser, go=journey: go(browser, world.open_wave))  # type: ignore[misc]
        assert Answer.objects.filter(wave__uuid=world.open_wave).count() == 1
        paths.take_back(world)
        assert not Answer.objects.filter(wave__uuid=world.open_wave).exists()
        assert not Invitation.objects.filter(wave__uuid=world.open_wave, completed=True).exists()
    with override_settings(**bare.overrides()):
        for floor_journey in (paths.floor_form, paths.floor_form_in_pages):
            queries.counted(someone, floor_journey)
            assert Response.objects.get().scores
            paths.take_back(world)
            assert not Response.objects.exists()


def test_each_client_taps_a_point_of_its_own_and_every_tap_changes_it(world: data.World) -> None:
    first, second = paths.tappers(world, 2)
    with queries.browser_of(world.home.trainer) as browser:
        first.tap(browser)
        first.tap(browser)
        second.tap(browser)
    entries = world.call.logs.get().entries.order_by("point__position")[:3]
    assert [(entry.aired, entry.version) for entry in entries] == [("partly", 2), ("aired", 1), ("", 0)]
    assert [each.version for each in paths.tappers(world, 2)] == [2, 1]


def test_every_list_page_asks_as_many_queries_for_twenty_people_as_for_sixty(db: None, settings: Any) -> None:
    settings.DEMO = True
    now: datetime = timezone.now()
    small, large = (queries.of_list_pages(data.fill(people, now, f"with-{people}")) for people in (20, 60))
    assert len(small) >= 20
    assert differences(small, large) == []


@pytest.mark.skipif(not PROCESSES.exists(), reason="needs /proc")
def test_processor_time_is_that_of_the_server_and_its_workers() -> None:
    busy = "import os, time\npid = os.fork()\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass\n"
    command = [sys.executable, "-c", busy + "os.wait() if pid else time.sleep(60)\n"]
    with subprocess.Popen(command, start_new_session=True) as parent:
        try:
            server, until = Server(0, parent.pid), time.monotonic() + 30
            while (server.cpu_seconds() or 0) < 0.5 and time.monotonic() < until:
                time.sleep(0.05)
            assert 0.5 <= (server.cpu_seconds() or 0) < 2
            assert Server(0, os.getpid()).cpu_seconds() != server.cpu_seconds()
        finally:
            os.killpg(parent.pid, signal.SIGKILL)
