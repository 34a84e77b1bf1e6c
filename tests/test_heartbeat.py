"""The heartbeat: one step after the other, none stopping the next, housekeeping once a day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from cecert_site import tasks
from rollout import outbox
from rollout.models import Document, Notice
from tests import smtp_sink as sinks
from tests.conftest import NOW, Cast
from tests.outbox_parts import MINUTE, asked, draft, failing, report, rules_of
from tests.smtp_sink import Sink

pytestmark = pytest.mark.engines
smtp_sink = sinks.smtp_sink


@pytest.fixture
def quiet_rules(monkeypatch: Any, cast: Cast) -> Iterator[SimpleNamespace]:
    """The heartbeat with one module of rules and one maker of ours, and an empty cache."""
    module = rules_of(draft(cast.staff, due_at=timezone.now()), days=[])
    module.daily = module.days.append
    monkeypatch.setattr("cecert_site.rules.RULES", (module,))
    monkeypatch.setattr("cecert_site.rules.MAKERS", {"report": report})
    cache.clear()
    yield module
    cache.clear()


def test_a_heartbeat_queues_sends_makes_documents_and_leaves_its_mark(
    cast: Cast, smtp_sink: Sink, quiet_rules: Any
) -> None:
    document = asked(cast)
    tasks.heartbeat()
    document.refresh_from_db()
    assert document.state == Document.State.READY
    assert smtp_sink.recipients == [cast.staff.email]
    assert abs(cache.get(tasks.HEARTBEAT) - Notice.objects.get().sent_at) < MINUTE
    tasks.heartbeat()
    assert len(smtp_sink.messages) == 1
    assert len(quiet_rules.days) == 1  # once a day


def test_a_step_that_fails_does_not_stop_the_heartbeat(
    cast: Cast, smtp_sink: Sink, quiet_rules: Any, monkeypatch: Any, caplog: Any
) -> None:
    document = asked(cast)
    monkeypatch.setattr(outbox, "send_due", failing)
    quiet_rules.daily = failing
    tasks.heartbeat()
    document.refresh_from_db()
    assert document.state == Document.State.READY
    assert "sending notices failed: ValueError at outbox_parts.py" in caplog.text
    assert "daily of test.rules failed: ValueError" in caplog.text
    assert "private" not in caplog.text


def test_housekeeping_that_failed_is_tried_again_within_the_day(quiet_rules: Any, time_machine: Any) -> None:
    time_machine.move_to(NOW)
    quiet_rules.daily = failing
    assert tasks.housekeeping(NOW, [quiet_rules])
    quiet_rules.daily = quiet_rules.days.append
    time_machine.move_to(NOW + 50 * MINUTE)
    assert not tasks.housekeeping(NOW, [quiet_rules])
    time_machine.move_to(NOW + 70 * MINUTE)
    assert tasks.housekeeping(NOW + 70 * MINUTE, [quiet_rules])
    time_machine.move_to(NOW + 120 * MINUTE)
    assert not tasks.housekeeping(NOW, [quiet_rules])
    assert quiet_rules.days == [NOW + 70 * MINUTE]


def test_housekeeping_clears_expired_sessions_only(cast: Cast, as_: Any, quiet_rules: Any) -> None:
    from django.contrib.sessions.models import Session

    as_(cast.staff), as_(cast.leader)
    expired, kept = Session.objects.order_by("pk")
    Session.objects.filter(pk=expired.pk).update(expire_date=NOW - timedelta(days=900))
    tasks.housekeeping(NOW, [])
    assert list(Session.objects.all()) == [kept]


def test_waiting_for_documents_costs_one_query(
    cast: Cast, quiet_rules: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        tasks.make_documents()
    document = asked(cast)
    tasks.make_documents()
    document.refresh_from_db()
    assert document.state == Document.State.READY


def test_every_scheduled_task_exists_takes_no_arguments_and_expires() -> None:
    from cecert_site.celery import app

    scheduled = app.conf.beat_schedule
    assert {"heartbeat", "make_documents"} <= set(scheduled)
    for entry in scheduled.values():
        assert entry["task"] in {tasks.heartbeat.name, tasks.make_documents.name}
        assert not entry.get("args")
        assert not entry.get("kwargs")
        assert entry["options"]["expires"] >= entry["schedule"]


def test_what_an_app_does_at_each_beat_comes_before_planning_and_cannot_stop_it(
    cast: Cast, smtp_sink: Sink, quiet_rules: Any
) -> None:
    seen: list[int] = []

    def tick(now: datetime) -> None:
        seen.append(Notice.objects.count())
        failing()

    quiet_rules.tick = tick
    tasks.heartbeat()
    tasks.heartbeat()
    assert seen == [0, 1]
    assert len(smtp_sink.messages) == 1
