"""Notices whose sender dies, is slow, or is one of several: none twice, none lost unsaid."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from rollout import mailing, outbox
from rollout.models import Notice
from rollout.outbox import Mail, Outcome
from tests import shared_database as databases
from tests import smtp_sink as sinks
from tests.conftest import NOW, Cast
from tests.outbox_parts import MINUTE, PowerCutError, draft, queued, rules_of
from tests.shared_database import ROOT, environment, in_threads
from tests.smtp_sink import Sink

smtp_sink = sinks.smtp_sink
shared_database = databases.shared_database
State = Notice.State


def dies_after_handing_over(monkeypatch: Any) -> None:
    real = mailing.hand_over

    def hand_over(*args: Any) -> None:
        real(*args)
        raise PowerCutError

    monkeypatch.setattr(mailing, "hand_over", hand_over)


def test_a_reminder_whose_sender_died_is_uncertain_and_never_sent_again(
    cast: Cast, smtp_sink: Sink, monkeypatch: Any
) -> None:
    queued(cast.staff, rules_of(draft(cast.staff)))
    with monkeypatch.context() as patch:
        dies_after_handing_over(patch)
        with pytest.raises(PowerCutError):
            outbox.send_due(NOW, [rules_of()])
    assert Notice.objects.get().state == State.SENDING
    assert outbox.send_due(NOW + 9 * MINUTE, [rules_of()]) == {}
    assert Notice.objects.get().state == State.SENDING  # it may only be slow
    for hours in range(1, 50, 12):
        assert outbox.send_due(NOW + timedelta(hours=hours), [rules_of()]) == {}
        assert outbox.plan(NOW + timedelta(hours=hours), [rules_of(draft(cast.staff))]) == 0
    notice = Notice.objects.get()
    assert notice.state == State.UNCERTAIN
    assert "not sent again" in notice.problem
    assert len(smtp_sink.messages) == 1


def test_an_invitation_whose_sender_died_goes_out_once_more_as_the_same_mail(
    cast: Cast, smtp_sink: Sink, monkeypatch: Any
) -> None:
    rules = rules_of(draft(cast.staff, rule="wave_opened"), INVITATIONS={"wave_opened"})
    queued(cast.staff, rules)
    with monkeypatch.context() as patch:
        dies_after_handing_over(patch)
        for minutes in (0, 11):
            with pytest.raises(PowerCutError):
                outbox.send_due(NOW + minutes * MINUTE, [rules])
    assert outbox.send_due(NOW + 22 * MINUTE, [rules]) == {}
    assert Notice.objects.get().state == State.UNCERTAIN
    assert len(smtp_sink.messages) == 2
    assert smtp_sink.messages[0]["Message-ID"] == smtp_sink.messages[1]["Message-ID"]


def test_a_line_that_breaks_after_the_text_makes_a_reminder_uncertain_at_once(
    cast: Cast, smtp_sink: Sink
) -> None:
    queued(cast.staff, rules_of(draft(cast.staff)))
    smtp_sink.cut_after_data = True
    assert outbox.send_due(NOW, [rules_of()]) == {Outcome.UNCERTAIN: 1}
    notice = Notice.objects.get()
    assert notice.state == State.UNCERTAIN
    assert notice.sent_at is not None
    assert len(smtp_sink.messages) == 1


def test_a_slow_sender_that_was_taken_for_dead_still_has_the_last_word(cast: Cast, smtp_sink: Sink) -> None:
    queued(cast.staff, rules_of(draft(cast.staff)))
    smtp_sink.hold_answer = True
    notice = outbox.claim(NOW)
    assert notice is not None
    settled = []

    def settle_meanwhile(*args: Any) -> Mail:
        return Mail("Subject", "Text")

    real = mailing.hand_over

    def slow(*args: Any) -> None:
        settled.append(outbox.settle_interrupted(NOW + 11 * MINUTE, [rules_of()]))
        settled.append(Notice.objects.get().state)
        smtp_sink.hold_answer = False
        real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mailing, "hand_over", slow)
        assert outbox.send(notice, NOW, [rules_of(compose=settle_meanwhile)]) == Outcome.SENT
    assert settled == [1, State.UNCERTAIN]
    assert Notice.objects.get().state == State.SENT


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_while_the_server_takes_the_mail_leaves_it_uncertain(
    shared_database: None, cast: Cast, smtp_sink: Sink, tmp_path: Any
) -> None:
    """A real process: ``manage.py notices`` is killed with the mail at the server and no answer yet."""
    from tests.test_rollout_reminders import session_in

    start = session_in(cast, timedelta(hours=5))
    smtp_sink.hold_answer = True
    values = environment(tmp_path, MAIL_URL=smtp_sink.url)
    sender = subprocess.Popen([sys.executable, "manage.py", "notices"], cwd=ROOT, env=values)
    try:
        assert smtp_sink.arrived.wait(30)
    finally:
        sender.send_signal(signal.SIGKILL)
        sender.wait()
    smtp_sink.hold_answer = False
    (halfway,) = Notice.objects.filter(state=State.SENDING)
    later = start.starts_at - timedelta(hours=1)
    from cecert_site.rules import RULES

    outbox.send_due(later, RULES)
    halfway.refresh_from_db()
    assert halfway.state == State.UNCERTAIN
    assert smtp_sink.recipients.count(halfway.user.email) == 1
    everybody = {cast.staff.email, cast.colleague.email, cast.trainer.email}
    assert set(smtp_sink.recipients) == everybody
    assert len(smtp_sink.recipients) == len(everybody)


@pytest.mark.django_db(transaction=True)
def test_four_senders_at_once_send_fifty_notices_exactly_once(
    shared_database: None, cast: Cast, smtp_sink: Sink
) -> None:
    outbox.plan(NOW, [rules_of(*(draft(cast.staff, key=f"plain:{n}") for n in range(50)))])
    together = threading.Barrier(4, timeout=10)

    def run() -> Counter[Outcome]:
        together.wait()
        return outbox.send_due(NOW, [rules_of()])

    assert sum(in_threads(4, run), Counter()) == {Outcome.SENT: 50}  # none claimed by two
    assert len({message["Message-ID"] for message in smtp_sink.messages}) == len(smtp_sink.messages) == 50
    assert set(Notice.objects.values_list("state", "attempts")) == {(State.SENT, 1)}


@pytest.mark.django_db(transaction=True)
def test_four_planners_at_once_queue_each_notice_once(shared_database: None, cast: Cast, caplog: Any) -> None:
    rules = rules_of(*(draft(cast.staff, key=f"plain:{n}") for n in range(200)))
    together = threading.Barrier(4, timeout=10)

    def run() -> None:
        together.wait()
        outbox.plan(NOW, [rules])

    in_threads(4, run)
    assert Notice.objects.count() == 200
    assert "not queued" not in caplog.text
