"""``script/bench --paint``: how soon, how still and how light each role's main pages come, in Chromium on a demo.

A page is opened as on a first visit (empty cache), then the next ones as they follow. Needs what script/test installs.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from cecert_site.demo import signins

from .servers import ROOT, product
from .table import spread
from .wire import Wire, wire

FIRST_BYTES, NEXT_BYTES = 150_000, 30_000
LATEST, STILL = 1.0, 0.01
"""Seconds from the response to the largest paint; sum of layout shifts."""
SIZE = {"width": 390, "height": 844}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")


@dataclass(frozen=True)
class Stop:
    """A page: where it is, or the first link of that form on the page that is there."""

    name: str
    path: str
    link: str = ""


CLEARWATER = "/agencies/clearwater/"
STOPS: Mapping[str, Sequence[Stop]] = {
    "visitor": (Stop("sign-in", "/accounts/login/"),),
    "leader": (
        Stop("home", "/"),
        Stop("overview", CLEARWATER),
        Stop("roster, 120 people", f"{CLEARWATER}people/"),
        Stop("training", f"{CLEARWATER}training/"),
        Stop("wave", f"{CLEARWATER}assessments/", r"/waves/[\w-]+/"),
    ),
    "trainer": (
        Stop("home", "/"),
        Stop("attendance", f"{CLEARWATER}training/", r"/sessions/[\w-]+/"),
        Stop("MAPS log", "/", r"/(?:sessions|calls)/[\w-]+/maps/"),
    ),
    "supervisor": (Stop("home", "/"), Stop("call brief", "/", r"/calls/[\w-]+/")),
    "staff": (
        Stop("home", "/"),
        Stop("before the survey", "/", r"/survey/[\w-]+/"),
        Stop("survey", "/", r"/survey/[\w-]+/answer/"),
    ),
    "staff who answered": (Stop("home", "/"), Stop("own result", "/me/results/", r"/survey/[\w-]+/result/")),
}
"""The first of each role is the first visit."""
WHO = {
    "leader": signins.LEADER,
    "trainer": signins.TRAINER,
    "supervisor": signins.SUPERVISOR,
    "staff": signins.STAFF_OPEN,
    "staff who answered": signins.STAFF_ANSWERED,
}

WATCH = """
window.painted = 0; window.moved = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.painted = one.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.moved += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
SEEN = (
    """() => [window.painted - performance.getEntriesByType("navigation")[0].responseStart, window.moved]"""
)


INSTALLED = """async () => {
  const after = (time) => new Promise((done) => setTimeout(done, time));
  await after(50);
  if (await navigator.serviceWorker?.getRegistration()) await Promise.race([navigator.serviceWorker.ready, after(5000)]);
}"""
"""What the service worker fetches for itself belongs to the page that brought it."""


@dataclass
class Measured:
    """One page, by round: seconds from response to largest paint, layout shifts, bytes down the wire."""

    first: bool
    paint: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    weight: list[int] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """Targets that the medians miss."""
        limit = FIRST_BYTES if self.first else NEXT_BYTES
        values: dict[str, tuple[Sequence[float], float]] = {
            "paint": (self.paint, LATEST),
            "shift": (self.moved, STILL),
            "weight": (self.weight, limit),
        }
        return [name for name, (found, most) in values.items() if median(found) > most]


# --- A demo, and browsers before it ----------------------------------------------------------------------------


@contextmanager
def demo(folder: Path) -> Iterator[Wire]:
    """A filled demo as ``script/demo`` runs it, with all it keeps in that folder; the line to it."""
    env = {"VAR_DIR": str(folder), "DEMO": "1", "DATABASE_URL": f"sqlite:///{folder / 'rollout.sqlite3'}"}
    env |= {"REDIS_URL": "", "MAIL_URL": "", "DEBUG": "", "DJANGO_SETTINGS_MODULE": "cecert_site.settings"}
    command = [sys.executable, "manage.py", "prepare", "--demo"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    with product(env, folder) as server, wire(server.port) as line:
        yield line


def sign_in(browser: Any, line: Wire, role: str) -> Any:
    """What a browser of that role keeps between visits: its session."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{line.port}")
    if role in WHO:
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("input[name=login]", WHO[role].email)
        page.fill("input[name=password]", signins.PASSWORD)
        with page.expect_navigation():
            page.press("input[name=password]", "Enter")
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def fresh(browser: Any, line: Wire, state: Any) -> Iterator[Any]:
    """A page of a browser that has never been here, but for its session."""
    address = f"http://127.0.0.1:{line.port}"
    context = browser.new_context(base_url=address, viewport=SIZE, storage_state=state)
    context.add_init_script(WATCH)
    try:
        yield context.new_page()
    finally:
        context.close()


def address_of(request: Any, stop: Stop) -> str:
    """Path of a page, read from the links of the page that it hangs on. ``request``: of a signed-in browser."""
    if not stop.link:
        return stop.path
    found = re.findall(r'href="([^"#?]+)', request.get(stop.path).text())
    if stop.link.endswith("answer/"):
        found = [f"{one}answer/" for one in found]
    return next((one for one in found if re.fullmatch(stop.link, one)), f"{stop.path}no-{stop.name}")


def visit(page: Any, line: Wire, path: str) -> tuple[float, float, int]:
    """Open a page and let it settle: seconds to the largest paint, layout shifts, bytes."""
    before = line.bytes_down
    response = page.goto(path, wait_until="load")
    if response is None or response.status != 200:
        raise RuntimeError(f"{path} did not come.")
    page.evaluate(INSTALLED)
    weight = line.when_quiet() - before
    paint, moved = page.evaluate(SEEN)
    if paint <= 0:
        raise RuntimeError(f"{path}: the browser told of no paint.")
    return paint / 1000, moved, weight


def walk(browser: Any, line: Wire, role: str, state: Any) -> Iterator[tuple[Stop, tuple[float, float, int]]]:
    """A first visit of that role, and its next pages; with what ``visit`` measures."""
    with fresh(browser, line, state) as page:
        asking = browser.new_context(base_url=f"http://127.0.0.1:{line.port}", storage_state=state)
        paths = [address_of(asking.request, stop) for stop in STOPS[role]]
        asking.close()
        for stop, path in zip(STOPS[role], paths, strict=True):
            yield stop, visit(page, line, path)


# --- The bench --------------------------------------------------------------------------------------------------


def measure(rounds: int, folder: Path) -> dict[tuple[str, str], Measured]:
    """Every stop of every role, that many times."""
    from playwright.sync_api import sync_playwright

    found: dict[tuple[str, str], Measured] = {}
    with demo(folder) as line, sync_playwright() as driver:
        path = next(
            (one for one in (os.environ.get("CHROMIUM"), "/usr/bin/chromium") if one and os.path.exists(one)),
            None,
        )
        browser = driver.chromium.launch(args=list(FLAGS), executable_path=path)
        states = {role: sign_in(browser, line, role) for role in STOPS}
        for _round in range(rounds):
            for role, state in states.items():
                for place, (stop, (paint, moved, weight)) in enumerate(walk(browser, line, role, state)):
                    one = found.setdefault((role, stop.name), Measured(first=place == 0))
                    one.paint.append(paint)
                    one.moved.append(moved)
                    one.weight.append(weight)
            print(".", end="", file=sys.stderr, flush=True)
        browser.close()
    print(file=sys.stderr)
    return found


def lines(found: Mapping[tuple[str, str], Measured]) -> Iterator[str]:
    """The result as a table for terminal and Markdown."""
    yield "| role | page | largest paint, s | shift | kB | target |"
    yield "|---|---|---|---|---|---|"
    for (role, name), one in found.items():
        weight = spread([bytes_ / 1000 for bytes_ in one.weight]).text(1)
        kind = "first visit" if one.first else "next"
        target = f"MISSED: {', '.join(one.missed)}" if one.missed else "met"
        yield (
            f"| {role} | {name} | {spread(one.paint).text(2)} | {spread(one.moved).text(3)} "
            f"| {weight} ({kind}) | {target} |"
        )


def main(rounds: int, folder: Path) -> int:
    """0 when every target was met."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = measure(rounds, folder)
    print(
        f"Largest paint within {LATEST:g} s of the response, layout shift under {STILL:g}, first visit at most "
        f"{FIRST_BYTES // 1000} kB, next page {NEXT_BYTES // 1000} kB; min / median / max of {rounds} rounds:"
    )
    print("\n".join(lines(found)))
    return 1 if any(one.missed for one in found.values()) else 0
