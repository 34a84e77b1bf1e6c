"""The queue inside the web process: it runs, outlives the death of a part, and ends when told."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.beat import Scheduler
from celery.worker.consumer import Consumer

from cecert_site import tasks
from cecert_site.celery import app as product
from cecert_site.embedded import HEARTBEAT, Engine

pytestmark = pytest.mark.engines
ROOT = Path(__file__).parent.parent


assert tasks.heartbeat.name == HEARTBEAT


def eventually(holds: Callable[[], Any], seconds: float = 10) -> Any:
    until = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


class Queue:
    """Messages of its own on memory://, whose heartbeat notes the time; ``engine`` works them."""

    def __init__(self) -> None:
        self.beats: list[float] = []
        self.app = Celery("queue-under-test", broker="memory://localhost", set_as_current=False)
        self.app.conf.update(
            task_default_queue=f"test-{uuid.uuid4()}",
            task_ignore_result=True,
            worker_enable_remote_control=False,
            worker_hijack_root_logger=False,
            broker_transport_options={"polling_interval": 0.02},
            beat_scheduler="celery.beat:Scheduler",
            beat_schedule={"heartbeat": {"task": HEARTBEAT, "schedule": 0.2}},
        )
        self.engine = Engine(self.app, look_every=0.05)

    def beat(self) -> None:
        self.beats.append(time.monotonic())


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """``work(function)``: what a heartbeat does. Celery's threads look tasks up in the product's app."""
    task = product.tasks[HEARTBEAT]
    monkeypatch.setattr(task, "__trace__", None)
    return lambda function: monkeypatch.setattr(task, "run", function)


@pytest.fixture
def queue(work: Callable[[Callable[[], None]], None]) -> Iterator[Queue]:
    queue = Queue()
    work(queue.beat)
    yield queue
    queue.engine.stop()


def test_what_fell_due_while_nothing_ran_does_not_wait_for_the_first_interval(queue: Queue) -> None:
    queue.app.conf.beat_schedule["heartbeat"]["schedule"] = 3600
    queue.engine.start()
    assert eventually(lambda: len(queue.beats) == 1)


def test_the_heartbeat_runs_again_and_again_on_memory(queue: Queue) -> None:
    queue.engine.start()
    assert eventually(lambda: len(queue.beats) >= 4)


@pytest.mark.parametrize(
    ("part", "owner", "method"), [("beat", Scheduler, "tick"), ("worker", Consumer, "start")]
)
def test_a_part_that_dies_is_started_again(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, part: str, owner: type, method: str
) -> None:
    healthy = getattr(owner, method)
    crashes = []

    def crash_once(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not crashes:
            crashes.append(part)
            raise RuntimeError("planted")
        return healthy(self, *args, **kwargs)

    monkeypatch.setattr(owner, method, crash_once)
    queue.engine.start()
    first = queue.engine.threads[part]
    assert eventually(lambda: not first.is_alive())
    assert eventually(lambda: queue.engine.threads[part].is_alive())
    seen = len(queue.beats)
    assert eventually(lambda: len(queue.beats) >= seen + 3)
    assert crashes == [part]


def test_a_part_that_keeps_dying_is_started_ever_less_often(queue: Queue) -> None:
    queue.engine._started_at["beat"] = 100.0
    assert [queue.engine._pause("beat", 101.0) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert queue.engine._pause("beat", 100.0 + 3600) == 1


def test_stopping_ends_every_thread_and_no_heartbeat_follows(queue: Queue) -> None:
    before = set(threading.enumerate())
    queue.engine.start()
    assert eventually(lambda: queue.beats)
    assert queue.engine.stop()
    assert eventually(lambda: not set(threading.enumerate()) - before)
    seen = len(queue.beats)
    time.sleep(0.5)
    assert len(queue.beats) == seen


def test_a_task_that_fails_leaves_the_heartbeat_running(
    queue: Queue, work: Callable[[Callable[[], None]], None]
) -> None:
    def fail() -> None:
        queue.beat()
        raise RuntimeError("planted")

    work(fail)
    queue.engine.start()
    assert eventually(lambda: len(queue.beats) >= 4)


SERVE_WITH_A_RECORDER = """
import os, sys, time
from pathlib import Path
import django
django.setup()
from cecert_site import tasks
from cecert_site.celery import app as product
from django.core.management import execute_from_command_line
def record():
    with open(os.environ["RECORD"], "a") as file:
        file.write(f"{os.getpid()}\\n")
tasks.heartbeat.run = record
execute_from_command_line(["manage.py", "serve", *sys.argv[1:]])
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(folder: Path, **more: str) -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "MAIL_URL", "SITE_URL", "REDIS_KEY_PREFIX")
    env = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in ours}
    return env | {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "cecert_site.settings"} | more


def answer(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A real ``manage.py serve`` on SQLite and memory://, whose heartbeat notes its process in a file."""
    record, port = tmp_path / "beats", free_port()
    env = clean_environment(
        tmp_path, RECORD=str(record), HEARTBEAT_SECONDS="1", DEBUG="1", PYTHONPATH=str(ROOT)
    )
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE_WITH_A_RECORDER, "--port", str(port)],
        cwd=tmp_path,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    yield process, port, record
    if process.poll() is None:
        process.kill()
    if process.stdout is not None and not process.stdout.closed:
        print(process.communicate()[0])  # shown when the test fails


def beating(record: Path) -> list[str]:
    return record.read_text().split() if record.exists() else []


def test_the_server_beats_in_its_worker_and_still_does_after_that_worker_was_killed(server: Any) -> None:
    process, port, record = server
    assert eventually(lambda: len(beating(record)) >= 2, 30)
    worker = int(beating(record)[-1])
    assert worker != process.pid
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: int(beating(record)[-1]) != worker, 30)
    assert eventually(lambda: answer(port, "/static/icon.svg") == 200)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_its_worker_and_the_queue(server: Any, sign: signal.Signals) -> None:
    process, port, record = server
    assert eventually(lambda: beating(record), 30)
    worker = int(beating(record)[-1])
    process.send_signal(sign)
    assert process.wait(20) == 0
    assert answer(port, "/") == 0
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_the_access_log_holds_no_query_no_address_and_no_link_that_opens_something(server: Any) -> None:
    process, port, _ = server
    assert eventually(lambda: answer(port, "/static/icon.svg"), 30) == 200
    answer(port, "/static/icon.svg?canary=one")
    answer(port, "/s/canary-two/")
    answer(port, "/accounts/password/reset/key/canary-three/")
    process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=20)
    lines = [line for line in printed.splitlines() if re.match(r"\[\d\d/", line)]
    assert len(lines) == 4
    assert any(" GET /s/-/ " in line for line in lines)
    assert any(" GET /accounts/password/reset/key/-/ " in line for line in lines)
    assert not [line for line in lines if "canary" in line or "127.0.0.1" in line]


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=clean_environment(tmp_path),
            text=True,
            capture_output=True,
            timeout=60,
        )
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        f"CommandError: Cannot listen on 127.0.0.1:{port}: Address already in use. "
        "Stop what uses it, or give another --port."
    ]


def test_a_redis_that_does_not_answer_keeps_nobody_from_the_web(tmp_path: Path) -> None:
    port, nothing = free_port(), free_port()
    env = clean_environment(tmp_path, REDIS_URL=f"redis://127.0.0.1:{nothing}/0", DEBUG="1")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert eventually(lambda: answer(port, "/static/icon.svg"), 20) == 200
    finally:
        process.terminate()
        process.wait(20)
