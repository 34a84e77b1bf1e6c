"""Load over real HTTP on loopback: browsers with keep-alive and cookies, and how often they get through."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from urllib.parse import urlencode

CSRF = "a" * 32
FORM = "application/x-www-form-urlencoded"


class UnexpectedAnswer(Exception):
    """The server did not answer with the page that is measured; says which address and what came."""


@dataclass
class Browser:
    """One connection to a server on this machine. ``cookies`` hold a session made beforehand."""

    port: int
    cookies: dict[str, str]
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.cookies = {"csrf": CSRF, **self.cookies}

    def get(self, address: str, *, expect: int = 200) -> str:
        """Open a page; its ``Location`` when it leads on."""
        return self._ask("GET", address, expect, None, {})

    def post(self, address: str, fields: Mapping[str, str], *, expect: int = 302, htmx: bool = False) -> str:
        """Send a form; the address it leads on to."""
        more = {"HX-Request": "true"} if htmx else {}
        return self._ask("POST", address, expect, urlencode(fields), more)

    def close(self) -> None:
        self.connection.close()

    def _ask(self, method: str, address: str, expect: int, body: str | None, more: Mapping[str, str]) -> str:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": CSRF,
            **({"Content-Type": FORM} if body is not None else {}),
            **more,
        }
        self.connection.request(method, address, body, headers)
        response = self.connection.getresponse()
        response.read()
        self._keep(response)
        if response.status != expect:
            where = response.headers.get("Location", "")
            raise UnexpectedAnswer(f"{method} {address}: {response.status} {where}, expected {expect}")
        return str(response.headers.get("Location", ""))

    def _keep(self, response: HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value


@dataclass(frozen=True)
class Sample:
    """How many times the work was done, and in how many seconds all clients together were done with it."""

    count: int
    seconds: float

    @property
    def rate(self) -> float:
        """Per second, over all clients."""
        return self.count / self.seconds


def measure(clients: Sequence[Callable[[], bool]], seconds: float) -> Sample:
    """Let every client do its work over and over for that long, at the same time.

    Work returns False when there is nothing left to do. An exception in one ends the measurement and is raised.
    """
    done, begin = [0] * len(clients), threading.Barrier(len(clients) + 1)
    problems: list[Exception] = []
    until = 0.0

    def repeat(place: int) -> None:
        begin.wait()
        try:
            while time.perf_counter() < until and not problems and clients[place]():
                done[place] += 1
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=repeat, args=(place,)) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    started = time.perf_counter()
    until = started + seconds
    begin.wait()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    if problems:
        raise problems[0]
    return Sample(sum(done), elapsed)
