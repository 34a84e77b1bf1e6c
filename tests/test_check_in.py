"""Signing in by oneself with the code on the room's screen: who may, when, once, and what nobody else learns of it."""

import logging
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cecert_site.log_filters import MaskSecretPaths, masked
from rollout import attendance_actions as door
from rollout import check_in_actions as self_service
from rollout.attendance import attendance_list
from rollout.check_in import LENGTH, LETTERS, SPAN_SECONDS, code_at, is_right
from rollout.models import Attendance, AuditEntry, CohortMember, Session
from rollout.refusals import Refused
from rollout.views.check_in import LIMIT

from .conftest import NOW
from .training_cast import JUNE, a_cohort, a_session

END = NOW + timedelta(hours=7.5)


@pytest.fixture
def session(cast: Any) -> Session:
    """Today from nine to half past four; Clear Staff is in the cohort, Clear Colleague is not."""
    cohort = a_cohort(cast.agency, cast.leader)
    CohortMember.objects.create(cohort=cohort, person=cast.person(cast.staff), joined_on=JUNE)
    return a_session(cohort, trainer=cast.trainer)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW + timedelta(minutes=3), tick=False) as traveller:
        yield traveller


def address(session: Session, code: str = "", at: Any = NOW) -> str:
    return f"/check-in/{session.uuid}/{code or code_at(session.uuid, at + timedelta(minutes=3))}/"


def row(session: Session, cast: Any, user: Any, now: Any = NOW) -> Any:
    return next(one for one in attendance_list(session, now) if one.person == cast.person(user))


# --- The code ------------------------------------------------------------------------------------------------------


def test_a_code_lives_for_its_span_and_the_next_and_belongs_to_one_session():
    one, other = uuid.uuid4(), uuid.uuid4()
    start = NOW.replace(minute=0)
    code = code_at(one, start)
    assert len(code) == LENGTH
    assert set(code) <= set(LETTERS)
    span = timedelta(seconds=SPAN_SECONDS)
    assert is_right(one, code, start)
    assert is_right(one, f" {code[:3].lower()} {code[3:]}", start + 2 * span - timedelta(seconds=1))
    assert not is_right(one, code, start + 2 * span)
    assert not is_right(one, code, start - timedelta(seconds=1))
    assert not is_right(other, code, start)
    assert not is_right(one, "", start)
    assert not is_right(one, "ÄÖÜ", start)
    assert len({code_at(one, start + number * span) for number in range(50)}) == 50


def test_a_code_hangs_on_the_secret_key(settings):
    one = uuid.uuid4()
    code = code_at(one, NOW)
    settings.SECRET_KEY = "another"
    assert not is_right(one, code, NOW)


def test_the_log_holds_no_code(session):
    code = code_at(session.uuid, NOW)
    for text in (
        f"Not Found: /check-in/{session.uuid}/{code}/",
        f'"GET /accounts/login/?next=/check-in/{session.uuid}/{code}/ HTTP/1.1" 200',
        f"/accounts/login/code/confirm/?next=%2Fcheck-in%2F{session.uuid}%2F{code}%2F",
    ):
        assert code not in masked(text)
        assert str(session.uuid) in masked(text)
    record = logging.LogRecord(
        "django", logging.WARNING, "", 1, "%s", (f"/check-in/{session.uuid}/{code}/",), None
    )
    MaskSecretPaths().filter(record)
    assert code not in record.getMessage()
    assert masked(f"/check-in/{session.uuid}/done/").endswith("/done/")


# --- At the door ---------------------------------------------------------------------------------------------------


def test_somebody_signs_in_and_out_with_their_own_phone(cast, as_, session, clock):
    phone = as_(cast.staff)
    page = phone.get(address(session)).content.decode()
    assert "9:03 a.m.</b> <span>Are you Clear Staff?" in page
    assert not Attendance.objects.exists()
    answer = phone.post(address(session), {"step": "in"}, follow=True)
    assert "Signed in, 9:03 a.m.: Clear Staff" in answer.content.decode()
    assert answer.redirect_chain == [(f"/check-in/{session.uuid}/done/", 302)]
    clock.move_to(END - timedelta(minutes=2))
    leaving = address(session, at=END - timedelta(minutes=5))
    assert "Do you leave now, Clear Staff?" in phone.get(leaving).content.decode()
    phone.post(leaving, {"step": "out"})
    found = row(session, cast, cast.staff, END)
    assert (found.credit.status, found.credit.minutes, found.by_self) == ("credited", 360, True)
    verbs = AuditEntry.objects.filter(subject="rollout.Attendance").order_by("pk").values_list("verb", "by")
    assert list(verbs) == [
        ("signed in by themselves", cast.staff.pk),
        ("signed out by themselves", cast.staff.pk),
    ]


def test_the_trainers_list_says_who_came_in_by_themselves_and_can_put_it_right(cast, as_, session):
    self_service.come_in(session, cast.person(cast.staff), by=cast.staff, at=NOW)
    page = as_(cast.trainer).get(f"/sessions/{session.uuid}/").content.decode()
    assert "in by themselves" in page
    door.undo(session, cast.person(cast.staff), version=1, by=cast.trainer, at=NOW)
    assert not row(session, cast, cast.staff).by_self
    assert "in by themselves" not in as_(cast.trainer).get(f"/sessions/{session.uuid}/").content.decode()


def test_a_second_tap_is_told_what_is_there_already(cast, as_, session):
    phone = as_(cast.staff)
    for _twice in range(2):
        answer = phone.post(address(session), {"step": "in"})
    assert (answer.status_code, "You are signed in already." in answer.content.decode()) == (422, True)
    assert Attendance.objects.get().version == 1
    phone.post(address(session), {"step": "out"})
    assert "You are signed out already." in phone.post(address(session), {"step": "out"}).content.decode()


@pytest.mark.parametrize(
    ("shift", "told"),
    [
        (timedelta(hours=-3), "Sign-in opens at 7 a.m., two hours before the start."),
        (timedelta(hours=8), "This training session is over."),
    ],
)
def test_outside_of_its_hours_nobody_signs_in(cast, as_, session, clock, shift, told):
    clock.move_to(NOW + shift)
    code = code_at(session.uuid, NOW + shift)
    for answer in (as_(cast.staff).get(address(session, code)), as_(cast.staff).post(address(session, code))):
        assert answer.status_code == 422
        assert told in answer.content.decode()
    typed = as_(cast.staff).get(f"/check-in/{session.uuid}/")
    assert (typed.status_code, told in typed.content.decode()) == (200, True)
    screen = as_(cast.trainer).get(f"/sessions/{session.uuid}/screen/").content.decode()
    assert code not in screen
    assert "<path" not in screen.split("<main", 1)[1]
    assert not Attendance.objects.exists()


def test_a_cancelled_session_takes_nobody(cast, as_, session):
    Session.objects.update(cancelled_at=NOW)
    assert "was cancelled" in as_(cast.staff).post(address(session), {"step": "in"}).content.decode()
    assert not Attendance.objects.exists()


def test_an_old_or_invented_code_is_refused_and_trying_many_is_stopped(cast, as_, session):
    phone = as_(cast.staff)
    for _try in range(LIMIT.tries):
        answer = phone.post(address(session, "BCDFGH"), {"step": "in"})
        assert "no longer shown" in answer.content.decode()
    answer = phone.post(address(session), {"step": "in"})
    assert (answer.status_code, "Too many codes were tried" in answer.content.decode()) == (422, True)
    assert not Attendance.objects.exists()


def test_right_codes_do_not_use_up_the_tries(cast, as_, session):
    phone = as_(cast.staff)
    for _look in range(LIMIT.tries + 2):
        assert phone.get(address(session)).status_code == 200


def test_a_code_can_be_typed_where_no_camera_is_at_hand(cast, as_, session):
    phone = as_(cast.staff)
    code = code_at(session.uuid, NOW + timedelta(minutes=3))
    answer = phone.post(f"/check-in/{session.uuid}/", {"code": f"{code[:3].lower()} {code[3:].lower()}"})
    assert (answer.status_code, answer["Location"]) == (302, address(session))
    assert phone.post(f"/check-in/{session.uuid}/", {"code": "nonsense"}).status_code == 422
    assert f"/check-in/{session.uuid}/" in phone.get(f"/sessions/{session.uuid}/").content.decode()


def test_whoever_is_not_signed_in_comes_back_here(session):
    answer = Client().get(address(session))
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={address(session)}")


def test_the_address_is_told_to_no_other_site_and_kept_by_nobody(cast, as_, session):
    for client, url in (
        (as_(cast.staff), address(session)),
        (as_(cast.trainer), f"/sessions/{session.uuid}/screen/"),
    ):
        answer = client.get(url)
        assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("strict-origin", "no-store")


def test_people_of_another_agency_find_nothing(cast, as_, session):
    assert as_(cast.other_staff).get(address(session)).status_code == 404
    assert as_(cast.other_staff).post(address(session), {"step": "in"}).status_code == 404
    assert as_(cast.trainer).get(address(session)).status_code == 403


# --- Who is not on the list ----------------------------------------------------------------------------------------


def test_a_walk_in_asks_and_the_trainer_lets_them_in_as_of_then(cast, as_, session):
    phone, trainer = as_(cast.colleague), as_(cast.trainer)
    assert "Your trainer is asked." in phone.get(address(session)).content.decode()
    answer = phone.post(address(session), {"step": "in"}, follow=True).content.decode()
    assert "You are not signed in yet." in answer
    found = row(session, cast, cast.colleague)
    assert (found.asks, found.is_in, found.expected) == (True, False, False)
    assert "still has to accept you" in phone.post(address(session), {"step": "in"}).content.decode()
    assert "Asks to come in" in trainer.get(f"/sessions/{session.uuid}/").content.decode()
    data = {"person": found.person.uuid, "version": found.version, "step": "accept"}
    assert trainer.post(f"/sessions/{session.uuid}/", data).status_code == 302
    found = row(session, cast, cast.colleague)
    assert (found.asks, found.attendance.signed_in_at) == (False, NOW + timedelta(minutes=3))


def test_a_walk_in_who_is_declined_is_no_longer_on_the_list_and_has_no_hours(cast, session):
    person = cast.person(cast.colleague)
    record = self_service.come_in(session, person, by=cast.colleague, at=NOW)
    self_service.decline(session, person, version=record.version, by=cast.trainer, at=NOW)
    assert person not in [one.person for one in attendance_list(session, END)]
    with pytest.raises(Refused, match="no longer asks"):
        self_service.accept(session, person, version=record.version, by=cast.trainer, at=NOW)


def test_nobody_accepts_whoever_did_not_ask(cast, session):
    with pytest.raises(Refused, match="no longer asks"):
        self_service.accept(session, cast.person(cast.colleague), version=0, by=cast.trainer, at=NOW)
    assert not Attendance.objects.exists()


# --- The screen ----------------------------------------------------------------------------------------------------


def test_the_screen_shows_the_code_as_picture_and_text_and_asks_for_the_next(cast, as_, session, settings):
    settings.SITE_URL = "https://rollout.agency.example"
    trainer, url = as_(cast.trainer), f"/sessions/{session.uuid}/screen/"
    page = trainer.get(url).content.decode()
    code = code_at(session.uuid, NOW + timedelta(minutes=3))
    assert f"<b>{code}</b>" in page
    assert 'hx-trigger="every 20s"' in page
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in page
    picture = page.split('class="check-in"', 1)[1].split("</svg>")[0]
    assert "<path" in picture
    assert "style=" not in picture
    assert f"https://rollout.agency.example/check-in/{session.uuid}/" in page
    part = trainer.get(url, headers={"HX-Request": "true"}).content.decode()
    assert (code in part, "<html" in part) == (True, False)
    assert "Clear Staff" not in page, "a screen that everybody sees names nobody"
