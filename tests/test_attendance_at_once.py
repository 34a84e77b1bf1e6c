"""Two trainers, their buttons for everybody and people's own phones at one list at once: nothing is lost or doubled."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connections

from rollout import attendance_actions as door
from rollout import check_in_actions as self_service
from rollout.attendance import tally
from rollout.models import Attendance, AuditEntry, CohortMember, Session
from rollout.refusals import Changed, Refused

from . import shared_database as databases
from .conftest import NOW, account
from .training_cast import JUNE, a_cohort, a_session, overlapping, people

shared_database = databases.shared_database
pytestmark = pytest.mark.usefixtures("shared_database")
MANY = 12


@pytest.fixture
def session(cast: Any, shared_database: None) -> Session:
    """Twelve people are expected; two trainers stand at the door."""
    cohort = a_cohort(cast.agency, cast.leader)
    cast.people = people(cast.agency, MANY)
    CohortMember.objects.bulk_create(
        CohortMember(cohort=cohort, person=person, joined_on=JUNE) for person in cast.people
    )
    cast.second = account("Second Trainer")
    cast.agency.trainers.add(cast.second)
    return a_session(cohort, trainer=cast.trainer)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Results of all, begun at one moment on connections of their own; a refusal or conflict as the exception."""
    found: list[Any] = [None] * len(works)
    gate = Barrier(len(works))

    def run(place: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            found[place] = work()
        except (Changed, Refused) as why:
            found[place] = why
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def kinds(found: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in found)


def history() -> list[tuple[int, str]]:
    entries = AuditEntry.objects.filter(subject="rollout.Attendance").order_by("pk")
    return [(int(entry.subject_id), entry.verb) for entry in entries]


def test_two_trainers_who_sign_in_the_same_people_write_each_of_them_once(cast, session):
    taps = [
        lambda person=person, by=by: door.sign_in(session, person, version=0, by=by, at=NOW)
        for person in cast.people[:4]
        for by in (cast.trainer, cast.second)
    ]
    found = at_once(*taps)
    assert kinds(found) == ["Attendance"] * 4 + ["Changed"] * 4
    assert (Attendance.objects.count(), len(history())) == (4, 4)


def test_two_trainers_at_different_people_lose_nothing(cast, session):
    half = MANY // 2
    found = at_once(
        *(
            lambda person=person, by=by: door.sign_in(session, person, version=0, by=by, at=NOW)
            for person, by in zip(cast.people, [cast.trainer] * half + [cast.second] * half, strict=True)
        )
    )
    assert kinds(found) == ["Attendance"] * MANY
    assert tally(session).signed_in == MANY


def test_a_button_for_everybody_and_single_taps_count_everybody_once(cast, session):
    early, late = NOW, NOW + timedelta(minutes=9)
    found = at_once(
        lambda: door.sign_in_all(session, by=cast.trainer, at=late),
        *(
            lambda person=person: door.sign_in(session, person, version=0, by=cast.second, at=early)
            for person in cast.people[:5]
        ),
        lambda: door.sign_in_all(session, by=cast.second, at=late),
    )
    single = [each for each in found if isinstance(each, Attendance)]
    bulk = [each for each in found if isinstance(each, int)]
    assert Attendance.objects.count() == MANY
    assert len(single) + sum(bulk) == MANY, "what was told is what was written"
    kept = Attendance.objects.filter(pk__in=[each.pk for each in single])
    assert {each.signed_in_at for each in kept} <= {early}, "a single tap's time is not written over"
    told = AuditEntry.objects.filter(verb="signed in everybody")
    assert sum(entry.after["people"] for entry in told) == sum(bulk)


def test_signing_everybody_out_while_one_is_corrected_keeps_the_correction_or_refuses_it(cast, session):
    for person in cast.people:
        door.sign_in(session, person, version=0, by=cast.trainer, at=NOW)
    first, at = cast.people[0], NOW + timedelta(hours=7)
    correction = {"signed_in_at": NOW + timedelta(minutes=30), "signed_out_at": NOW + timedelta(hours=2)}
    found = at_once(
        lambda: door.sign_out_all(session, by=cast.trainer, at=at),
        lambda: door.correct(
            session,
            first,
            **correction,
            override_minutes=None,
            reason="paper",
            version=1,
            by=cast.second,
            at=at,
        ),
    )
    record = Attendance.objects.get(person=first)
    if isinstance(found[1], Changed):
        assert (record.signed_in_at, record.signed_out_at, found[0]) == (NOW, at, MANY)
    else:
        assert (record.signed_in_at, record.signed_out_at) == tuple(correction.values())
        assert found[0] == MANY - 1
    assert not Attendance.objects.filter(signed_out_at=None).exists()


def test_a_phone_and_the_trainer_sign_the_same_person_in_once(cast, session):
    person = cast.people[0]
    found = at_once(
        lambda: self_service.come_in(session, person, by=cast.second, at=NOW),
        lambda: door.sign_in(session, person, version=0, by=cast.trainer, at=NOW),
    )
    assert len([each for each in found if isinstance(each, Attendance)]) == 1
    assert (Attendance.objects.count(), len(history())) == (1, 1)


def test_eight_corrections_of_one_row_end_in_one_and_seven_conflicts(cast, session):
    person = cast.people[0]
    door.sign_in(session, person, version=0, by=cast.trainer, at=NOW)
    found = at_once(
        *(
            lambda number=number: door.correct(
                session, person, signed_in_at=NOW, signed_out_at=None, override_minutes=number, reason=f"r{number}",
                version=1, by=cast.second, at=NOW,
            )
            for number in range(8)
        )
    )  # fmt: skip
    assert kinds(found) == ["Attendance"] + ["Changed"] * 7
    record = Attendance.objects.get()
    assert (record.version, record.override_reason) == (2, f"r{record.override_minutes}")


def test_a_button_for_everybody_waits_for_a_tap_that_is_being_written(cast, session):
    person, late = cast.people[0], NOW + timedelta(minutes=9)
    record, count = overlapping(
        lambda: door.sign_in(session, person, version=0, by=cast.second, at=NOW),
        lambda: door.sign_in_all(session, by=cast.trainer, at=late),
    )
    assert (record.person, count) == (person, MANY - 1)
    assert AuditEntry.objects.get(verb="signed in everybody").after["people"] == MANY - 1
    assert Attendance.objects.get(person=person).signed_in_at == NOW


def test_a_tap_that_comes_while_everybody_is_signed_in_is_told_of_it(cast, session):
    person = cast.people[0]
    count, lost = overlapping(
        lambda: door.sign_in_all(session, by=cast.trainer, at=NOW),
        lambda: door.sign_in(session, person, version=0, by=cast.second, at=NOW + timedelta(minutes=9)),
    )
    assert (count, type(lost)) == (MANY, Changed)
    assert Attendance.objects.get(person=person).signed_in_at == NOW


def test_a_session_that_is_cancelled_meanwhile_takes_no_tap(cast, session):
    Session.objects.filter(pk=session.pk).update(cancelled_at=NOW)
    with pytest.raises(Refused, match="cancelled"):
        door.sign_in(session, cast.people[0], version=0, by=cast.trainer, at=NOW)
    assert not Attendance.objects.exists()


def test_the_loser_sees_both_texts_on_the_page(cast, session, as_):
    person = cast.people[0]
    with time_machine.travel(NOW, tick=False):
        first, second = as_(cast.trainer), as_(cast.second)
        url = f"/sessions/{session.uuid}/"
        data = {"person": person.uuid, "version": 0, "step": "in"}
        assert first.post(url, data).status_code == 302
        lost = {"step": "correct", "signed_in": "08:40", "reason": "came early"}
        answer = second.post(url, data | lost)
        text = answer.content.decode()
    assert answer.status_code == 409
    assert "Not saved: Clear Trainer wrote here at 9 a.m." in text
    assert "in 9 a.m." in text
    assert "what you entered below" in text
    assert 'value="08:40"' in text
    assert 'value="came early"' in text
    assert Attendance.objects.get().signed_in_at == NOW
