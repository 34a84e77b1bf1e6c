"""Documents that somebody waits for: made once, taken up again, or failed with a reason."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from rollout import documents
from rollout.models import AuditEntry, Document
from tests import shared_database as databases
from tests.conftest import NOW, Cast
from tests.outbox_parts import MINUTE, PowerCutError, asked, failing, report
from tests.shared_database import in_threads

shared_database = databases.shared_database


def test_a_document_asked_for_is_made_and_the_asking_is_recorded(cast: Cast) -> None:
    document = asked(cast)
    assert AuditEntry.objects.get().subject_id == str(document.uuid)
    assert documents.waiting(NOW).exists()
    assert documents.make_waiting(NOW, {"report": report}) == 1
    document.refresh_from_db()
    assert (document.state, document.filename) == (Document.State.READY, "clearwater.pdf")
    assert bytes(document.content or b"") == b"%PDF of " + str(document.uuid).encode()
    assert not documents.waiting(NOW + timedelta(days=1)).exists()


def test_asking_twice_gets_the_same_document_but_not_another_persons_agencys_or_an_old_one(
    cast: Cast,
) -> None:
    document = asked(cast)
    assert asked(cast, NOW + timedelta(hours=1)) == document  # still waiting
    documents.make_waiting(NOW, {"report": report})
    assert asked(cast, NOW + MINUTE) == document
    others = [
        documents.request("report", cast.agency, by=cast.trainer, at=NOW),
        documents.request("report", cast.other, by=cast.leader, at=NOW),
        documents.request("list", cast.agency, by=cast.leader, at=NOW),
        asked(cast, NOW + timedelta(hours=1)),
    ]
    assert len({document, *others}) == 5


def test_a_document_that_failed_can_be_asked_for_again_at_once(cast: Cast, caplog: Any) -> None:
    document = asked(cast)
    assert documents.make_waiting(NOW, {"report": failing}) == 0
    document.refresh_from_db()
    assert document.state == Document.State.FAILED
    assert str(document.uuid)[:8] in document.problem
    assert str(document.uuid)[:8] in caplog.text
    assert "private" not in document.problem + caplog.text
    assert asked(cast, NOW + MINUTE) != document


def test_a_reason_meant_for_a_person_reaches_the_person(cast: Cast) -> None:
    def without_pango(document: Document) -> tuple[str, bytes]:
        raise documents.CannotMakeError("PDF needs libpango; run: apt-get install libpango-1.0-0")

    document = asked(cast)
    documents.make_waiting(NOW, {"report": without_pango})
    document.refresh_from_db()
    assert document.problem == "PDF needs libpango; run: apt-get install libpango-1.0-0"


def test_a_document_of_an_unknown_kind_fails_and_the_next_is_made(cast: Cast) -> None:
    documents.request("unknown", cast.agency, by=cast.leader, at=NOW)
    second = asked(cast, NOW + MINUTE)
    assert documents.make_waiting(NOW + MINUTE, {"report": report}) == 1
    second.refresh_from_db()
    assert second.state == Document.State.READY


def test_a_document_whose_worker_died_is_taken_up_again_but_not_for_ever(cast: Cast) -> None:
    document = asked(cast)

    def dies(document: Document) -> tuple[str, bytes]:
        raise PowerCutError

    now = NOW
    tries = 0
    while documents.waiting(now).exists() and tries < 20:
        tries += 1
        try:
            documents.make_waiting(now, {"report": dies})
        except PowerCutError:
            assert documents.claim(now + MINUTE) is None  # it may still be at it
        now += documents.STALE + MINUTE
    document.refresh_from_db()
    assert document.state == Document.State.FAILED
    assert "Ask for it again" in document.problem
    assert tries == 7  # six times taken up within half an hour, then the end
    again = asked(cast, now)
    assert documents.make_waiting(now, {"report": report}) == 1
    again.refresh_from_db()
    assert again.state == Document.State.READY


def test_a_worker_that_was_taken_for_dead_does_not_overwrite_the_others_document(cast: Cast) -> None:
    document = asked(cast)
    states = []

    def overtaken(document: Document) -> tuple[str, bytes]:
        later = NOW + documents.STALE + MINUTE

        def while_the_other_works(document: Document) -> tuple[str, bytes]:
            states.append(documents._finish(first, state=Document.State.READY, filename="late.pdf"))
            return report(document)

        documents.make_waiting(later, {"report": while_the_other_works})
        return "late.pdf", b"late"

    first = Document(pk=document.pk, claimed_at=NOW)
    assert documents.make_waiting(NOW, {"report": overtaken}) == 0
    document.refresh_from_db()
    assert states == [False]
    assert document.filename == "clearwater.pdf"


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_make_each_document_once(shared_database: None, cast: Cast) -> None:
    for number in range(12):
        documents.request(f"kind{number}", cast.agency, by=cast.leader, at=NOW)
    made: list[str] = []
    together = threading.Barrier(4, timeout=10)

    def maker(document: Document) -> tuple[str, bytes]:
        made.append(document.kind)
        return "a.pdf", b"x"

    def run() -> int:
        together.wait()
        return documents.make_waiting(NOW, {f"kind{n}": maker for n in range(12)})

    assert sum(in_threads(4, run)) == 12
    assert sorted(made) == sorted(f"kind{n}" for n in range(12))
