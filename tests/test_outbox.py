"""Notices: queued once, sent once, and what becomes of those a mail server refuses."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from rollout import mailing, outbox
from rollout.models import Notice, User
from rollout.outbox import Draft, Mail, Outcome
from tests import smtp_sink as sinks
from tests.conftest import NOW, Cast
from tests.outbox_parts import MINUTE, draft, failing, queued, rules_of
from tests.smtp_sink import Sink

smtp_sink = sinks.smtp_sink
State = Notice.State


# --- Queuing --------------------------------------------------------------------------------------


def test_what_is_due_is_queued_once_however_often_it_is_asked(cast: Cast) -> None:
    rules = rules_of(draft(cast.staff, agency=cast.agency), draft(cast.colleague), draft(cast.staff))
    assert outbox.plan(NOW, [rules]) == 2
    assert outbox.plan(NOW + MINUTE, [rules]) == 0
    notice = Notice.objects.get(user=cast.staff)
    assert (notice.agency, notice.about, notice.state) == (cast.agency, {"thing": "1"}, State.QUEUED)
    assert Notice.objects.count() == 2


def test_a_broken_planner_keeps_what_it_said_before_and_does_not_silence_the_others(
    cast: Cast, caplog: Any
) -> None:
    def due(now: datetime) -> Iterator[Draft]:
        yield draft(cast.staff)
        failing()

    broken = rules_of(due=due)
    assert outbox.plan(NOW, [broken, rules_of(draft(cast.leader))]) == 2
    assert "test.rules" in caplog.text
    assert "ValueError at outbox_parts.py" in caplog.text
    assert "private" not in caplog.text


@pytest.mark.parametrize("bad", [{"key": "k" * 251}, {"rule": "unknown"}])
def test_a_draft_that_could_not_be_stored_or_composed_is_never_queued(
    cast: Cast, bad: dict[str, str]
) -> None:
    assert outbox.plan(NOW, [rules_of(due=lambda now: [draft(cast.staff, **bad)])]) == 0


def test_a_closed_account_gets_nothing_queued(cast: Cast) -> None:
    cast.staff.is_active = False
    assert outbox.plan(NOW, [rules_of(draft(cast.staff))]) == 0


def test_queuing_two_thousand_takes_as_many_queries_as_batches(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    rules = rules_of(*(draft(cast.staff, key=f"plain:{n}") for n in range(2000)))
    outbox.plan(NOW, [rules])
    with django_assert_num_queries(4):  # the keys of four batches; nothing to insert any more
        assert outbox.plan(NOW, [rules]) == 0
    assert Notice.objects.count() == 2000


def test_a_dry_run_names_what_would_be_queued_and_writes_nothing(cast: Cast) -> None:
    later = draft(cast.leader, due_at=NOW + MINUTE)
    rules = rules_of(later, draft(cast.staff), draft(cast.colleague))
    outbox.plan(NOW, [rules_of(draft(cast.colleague))])
    assert [each.user for each in outbox.dry_run(NOW, [rules])] == [cast.staff, cast.leader]
    assert Notice.objects.count() == 1


def test_a_withdrawn_notice_returns_when_its_rule_wants_it_again_but_not_every_minute(
    cast: Cast, smtp_sink: Sink
) -> None:
    rules = rules_of(draft(cast.staff))
    queued(cast.staff, rules)
    not_now = rules_of(draft(cast.staff), compose=lambda notice, now: None)
    assert outbox.send_due(NOW, [not_now]) == {Outcome.WITHDRAWN: 1}
    assert Notice.objects.get().state == State.WITHDRAWN
    assert outbox.plan(NOW + MINUTE, [rules]) == 0
    later = NOW + outbox.REVIVAL + MINUTE
    assert outbox.dry_run(later, [rules]) != []
    assert outbox.plan(later, [rules]) == 1
    assert outbox.send_due(later, [rules]) == {Outcome.SENT: 1}
    assert outbox.plan(later + outbox.REVIVAL, [rules]) == 0


# --- Sending --------------------------------------------------------------------------------------


def test_a_notice_leaves_as_plain_text_and_html_from_our_address(
    cast: Cast, smtp_sink: Sink, settings: Any
) -> None:
    notice = queued(cast.staff, rules_of(draft(cast.staff)))
    assert outbox.send_due(NOW, [rules_of()]) == {Outcome.SENT: 1}
    notice.refresh_from_db()
    assert notice.state == State.SENT
    assert NOW <= notice.sent_at < NOW + MINUTE  # type: ignore[operator]
    (message,) = smtp_sink.messages
    assert smtp_sink.recipients == [cast.staff.email]
    assert message["From"] == settings.MAIL_FROM
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Tom & Ann's day" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert message.get_body(("html",)) is not None
    assert outbox.send_due(NOW + MINUTE, [rules_of()]) == {}


def test_the_message_id_is_stable_and_tells_nothing(cast: Cast, settings: Any) -> None:
    first = mailing.message_id("wave_opened:abc:17")
    assert first == mailing.message_id("wave_opened:abc:17") != mailing.message_id("wave_opened:abc:18")
    assert re.fullmatch(
        r"<[0-9a-f]{40}@[\w.-]+>", first
    )  # a keyed hash: no word of the key, and no number to count up
    settings.SECRET_KEY = "another"
    assert mailing.message_id("wave_opened:abc:17") != first


def test_nothing_leaves_before_it_is_due(cast: Cast, smtp_sink: Sink) -> None:
    queued(cast.staff, rules_of(draft(cast.staff, due_at=NOW + 5 * MINUTE)))
    assert outbox.send_due(NOW, [rules_of()]) == {}
    assert outbox.send_due(NOW + 5 * MINUTE, [rules_of()]) == {Outcome.SENT: 1}


def test_a_notice_to_a_closed_account_or_of_a_rule_that_is_gone_is_withdrawn(
    cast: Cast, smtp_sink: Sink
) -> None:
    queued(cast.staff, rules_of(draft(cast.staff)))
    queued(cast.colleague, rules_of(draft(cast.colleague, rule="gone")))
    User.objects.filter(pk=cast.staff.pk).update(is_active=False)
    assert outbox.send_due(NOW, [rules_of()]) == {Outcome.WITHDRAWN: 2}
    assert smtp_sink.messages == []


def test_a_limit_leaves_the_rest_for_the_next_run(cast: Cast, smtp_sink: Sink) -> None:
    outbox.plan(NOW, [rules_of(*(draft(cast.staff, key=f"plain:{n}") for n in range(5)))])
    assert outbox.send_due(NOW, [rules_of()], limit=3) == {Outcome.SENT: 3}
    assert outbox.send_due(NOW, [rules_of()], limit=3) == {Outcome.SENT: 2}


def test_a_claimed_notice_is_nobody_elses_until_its_sender_is_taken_for_dead(
    cast: Cast, smtp_sink: Sink
) -> None:
    queued(cast.staff, rules_of(draft(cast.staff)))
    first = outbox.claim(NOW)
    assert first is not None
    assert outbox.claim(NOW + MINUTE) is None
    second = outbox.claim(NOW + outbox.LEASE)
    assert second is not None
    assert outbox.send(second, NOW + outbox.LEASE, [rules_of()]) == Outcome.SENT
    assert outbox.send(first, NOW + outbox.LEASE, [rules_of()]) == Outcome.TAKEN
    assert len(smtp_sink.messages) == 1


# --- When the server says no ----------------------------------------------------------------------


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_temporary_no_waits_longer_each_time_and_in_the_end_gives_up(
    cast: Cast, smtp_sink: Sink, command: str
) -> None:
    notice = queued(cast.staff, rules_of(draft(cast.staff)))
    smtp_sink.answer(command, "451 4.3.0 greylisted, see http://example.test/secret")
    now, waits = NOW, []
    for _ in range(outbox.MOST_ATTEMPTS - 1):
        assert outbox.send(outbox.claim(now), now, [rules_of()]) == Outcome.LATER  # type: ignore[arg-type]
        notice.refresh_from_db()
        waits.append((notice.next_try_at - now) / MINUTE)
        now = notice.next_try_at
    assert waits == [1, 5, 25, 125, 625, 1440, 1440, 1440, 1440]
    assert outbox.send(outbox.claim(now), now, [rules_of()]) == Outcome.FAILED  # type: ignore[arg-type]
    notice.refresh_from_db()
    assert notice.state == State.FAILED
    assert "451 4.3.0" in notice.problem
    assert "secret" not in notice.problem


def test_after_a_temporary_no_the_mail_goes_out_once(cast: Cast, smtp_sink: Sink) -> None:
    queued(cast.staff, rules_of(draft(cast.staff)))
    smtp_sink.answer("DATA", "451 later")
    assert outbox.send_due(NOW, [rules_of()]) == {Outcome.LATER: 1}
    smtp_sink.answer("DATA", None)
    assert outbox.send_due(NOW + MINUTE / 2, [rules_of()]) == {}
    assert outbox.send_due(NOW + 2 * MINUTE, [rules_of()]) == {Outcome.SENT: 1}
    assert len(smtp_sink.messages) == 1
    assert Notice.objects.get().problem == ""


@pytest.mark.parametrize(
    ("reply", "says", "hint"),
    [
        ("550 5.1.1 <clear.staff@people.example> unknown", "550 5.1.1", "address under People"),
        ("552 5.2.2 over quota", "552 5.2.2", "mailbox is full"),
        ("554 5.7.1 blocked http://127.0.0.1/s/token", "554 5.7.1", "let it in"),
        ("550 go away", "550.", "address under People"),
    ],
)
def test_a_final_no_fails_with_a_reason_in_our_words_and_is_not_tried_again(
    cast: Cast, smtp_sink: Sink, reply: str, says: str, hint: str
) -> None:
    queued(cast.staff, rules_of(draft(cast.staff)))
    smtp_sink.answer("RCPT", reply)
    assert outbox.send_due(NOW, [rules_of()]) == {Outcome.FAILED: 1}
    notice = Notice.objects.get()
    assert notice.state == State.FAILED
    assert says in notice.problem
    assert hint in notice.problem
    assert "token" not in notice.problem
    assert cast.staff.email not in notice.problem
    assert outbox.send_due(NOW + timedelta(days=3), [rules_of()]) == {}


def test_an_address_that_cannot_be_one_fails_and_the_next_notice_goes_out(
    cast: Cast, smtp_sink: Sink
) -> None:
    User.objects.filter(pk=cast.staff.pk).update(email="jörg@people.example")
    outbox.plan(NOW, [rules_of(draft(User.objects.get(pk=cast.staff.pk)), draft(cast.colleague))])
    assert outbox.send_due(NOW, [rules_of()]) == {Outcome.FAILED: 1, Outcome.SENT: 1}


def test_an_unreachable_server_stops_the_run_and_costs_no_notice_an_attempt(
    cast: Cast, settings: Any
) -> None:
    outbox.plan(NOW, [rules_of(draft(cast.staff), draft(cast.colleague))])
    settings.MAILERS = Sink().mailer  # never started: nobody listens there
    for minutes in range(0, 60, 3):
        assert outbox.send_due(NOW + minutes * MINUTE, [rules_of()]) == {Outcome.UNREACHABLE: 1}
    assert {(notice.state, notice.attempts) for notice in Notice.objects.all()} == {(State.QUEUED, 0)}
    assert "MAIL_URL" in Notice.objects.exclude(problem="").first().problem  # type: ignore[union-attr]


def test_a_server_that_refuses_our_sender_loses_no_notice(cast: Cast, smtp_sink: Sink) -> None:
    outbox.plan(NOW, [rules_of(draft(cast.staff), draft(cast.colleague))])
    smtp_sink.answer("MAIL", "530 5.7.0 sign in first")
    assert outbox.send_due(NOW, [rules_of()]) == {Outcome.UNREACHABLE: 1}
    smtp_sink.answer("MAIL", None)
    assert outbox.send_due(NOW + 3 * MINUTE, [rules_of()]) == {Outcome.SENT: 2}


def test_a_mail_folder_that_cannot_be_written_loses_no_notice(
    cast: Cast, settings: Any, tmp_path: Any
) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    backend = "django.core.mail.backends.filebased.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"file_path": str(tmp_path / "mail")}}}
    queued(cast.staff, rules_of(draft(cast.staff)))
    assert outbox.send_due(NOW, [rules_of()]) == {Outcome.UNREACHABLE: 1}


@pytest.mark.parametrize("compose", [failing, lambda notice, now: Mail("Two\nlines", "text")])
def test_a_mail_that_cannot_be_composed_is_tried_again_and_says_nothing_private(
    cast: Cast, smtp_sink: Sink, caplog: Any, compose: Callable[..., Any]
) -> None:
    queued(cast.staff, rules_of(draft(cast.staff)))
    assert outbox.send_due(NOW, [rules_of(compose=compose)]) == {Outcome.LATER: 1}
    assert "was not composed: ValueError at" in caplog.text
    assert "private" not in caplog.text
    assert outbox.send_due(NOW + 2 * MINUTE, [rules_of()]) == {Outcome.SENT: 1}


# --- The command ----------------------------------------------------------------------------------


def test_the_command_says_who_would_get_what_and_then_sends_it(
    cast: Cast, smtp_sink: Sink, capsys: Any, monkeypatch: Any, time_machine: Any
) -> None:
    time_machine.move_to(NOW)
    rules = [rules_of(draft(cast.staff, agency=cast.agency), draft(cast.leader, agency=cast.agency))]
    monkeypatch.setattr("cecert_site.management.commands.notices.RULES", rules)
    call_command("notices", "--dry-run")
    said = capsys.readouterr().out
    assert "2 would be queued now" in said
    assert cast.staff.email in said
    assert "2026-11-21 09:00 MST" in said
    assert Notice.objects.count() == 0
    call_command("notices")
    assert "2 sent." in capsys.readouterr().out
    assert len(smtp_sink.messages) == 2
