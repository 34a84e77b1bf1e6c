"""A mail really leaves through Celery: from a session in the database to a mail server, on both queues.

The database is the one this run uses, so a run on SQLite and one on PostgreSQL cover the four pairs.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from rollout import documents
from rollout.models import Document, Notice
from tests import shared_database as databases
from tests import smtp_sink as sinks
from tests.conftest import Cast
from tests.shared_database import ROOT, environment
from tests.smtp_sink import Sink
from tests.test_rollout_reminders import session_in

smtp_sink = sinks.smtp_sink
shared_database = databases.shared_database
REDIS = "redis://127.0.0.1:6379/9"
EMBEDDED = """
import sys, django
django.setup()
from cecert_site.embedded import Engine
engine = Engine()
engine.start()
sys.stdin.read()
engine.stop()
"""

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def running(values: dict[str, str], *commands: list[str]) -> Iterator[None]:
    """These processes for as long as the block lasts; one that ends by itself is an error."""
    started = [subprocess.Popen(command, cwd=ROOT, env=values, stdin=subprocess.PIPE) for command in commands]
    try:
        yield
        assert [process.poll() for process in started] == [None] * len(started), "a process ended by itself"
    finally:
        for process in started:
            if process.stdin:
                process.stdin.close()
            if process.poll() is None and process.args[-1] != EMBEDDED:  # type: ignore[index]
                process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def redis_prefix() -> Iterator[str]:
    """Keys of this test alone in a Redis that answers; without one the test says so and is skipped."""
    client = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        reason = f"no Redis answers at {REDIS} ({type(error).__name__}): mail through it was not tried"
        client.close()
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    prefix = f"test-{uuid4()}:"
    yield prefix
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)
    client.close()


def reach_everybody(cast: Cast, sink: Sink) -> None:
    """Three people get their mail within half a minute, each once; a document asked for is dealt with."""
    session_in(cast, timedelta(hours=20))
    document = documents.request("nothing we make", cast.agency, by=cast.leader, at=cast.agency.created_at)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        sent = Notice.objects.filter(state=Notice.State.SENT).count()
        document.refresh_from_db()
        if sent == 3 and document.state == Document.State.FAILED:
            break
        time.sleep(0.2)
    time.sleep(2.5)  # two more heartbeats: nobody gets it twice
    assert sorted(sink.recipients) == sorted([cast.staff.email, cast.colleague.email, cast.trainer.email])
    assert set(Notice.objects.values_list("state", "attempts")) == {(Notice.State.SENT, 1)}
    assert document.state == Document.State.FAILED
    assert "tell your site administrator" in document.problem


def test_a_mail_leaves_through_the_queue_inside_one_process(
    shared_database: None, cast: Cast, smtp_sink: Sink, tmp_path: Path
) -> None:
    values = environment(tmp_path, MAIL_URL=smtp_sink.url, HEARTBEAT_SECONDS="1")
    values["DJANGO_SETTINGS_MODULE"] = "cecert_site.settings"
    with running(values, [sys.executable, "-c", EMBEDDED]):
        reach_everybody(cast, smtp_sink)


@pytest.mark.services
def test_a_mail_leaves_through_redis_with_two_workers_and_a_beat(
    shared_database: None, cast: Cast, smtp_sink: Sink, tmp_path: Path, redis_prefix: str
) -> None:
    more = {"REDIS_URL": REDIS, "REDIS_KEY_PREFIX": redis_prefix, "HEARTBEAT_SECONDS": "1"}
    values = environment(tmp_path, MAIL_URL=smtp_sink.url, **more)
    celery = [sys.executable, "-m", "celery", "-A", "cecert_site"]
    workers = [[*celery, "worker", "--pool", "solo", "-n", f"{name}@test"] for name in ("one", "two")]
    with running(values, *workers, [*celery, "beat"]):
        reach_everybody(cast, smtp_sink)
