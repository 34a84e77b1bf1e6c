"""Survey links and the notices that carry them: one person, one wave, one browser, and never a result."""

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from assessments import actions, keys, links, reminders, survey
from assessments.models import Invitation
from rollout import enrollment
from rollout.models import Person, User

from .conftest import Cast
from .surveying import (
    HIGH_AVERAGE_LOW,
    LATER,
    a_wave,
    fields,
    invitation_of,
    just_signed_in,
    notice_for,
    text_of,
    token_of,
)

pytestmark = pytest.mark.django_db
BEGIN = reverse("assessments:survey_begin")


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def wave(cast: Cast) -> Any:
    return a_wave(cast.agency)


def page_of(token: str) -> str:
    return reverse("assessments:survey_link", args=[token])


def begin(browser: Client, token: str) -> Any:
    return browser.post(BEGIN, {"token": token})


def at(name: str, wave: Any) -> str:
    return reverse(f"assessments:{name}", args=[wave.uuid])


# --- the token --------------------------------------------------------------------------------------------------


def test_the_mail_carries_the_link_and_the_database_only_its_hash(cast: Cast, wave: Any, settings: Any):
    mail = reminders.compose(notice_for(cast.staff, wave), LATER)
    [token] = re.findall(rf"{settings.SITE_URL}/s/([\w-]+)/", mail.text)
    invitation = invitation_of(cast.staff, wave)
    assert len(token) == 43
    assert bytes(invitation.token_hash) == links.hashed(token)
    assert token.encode() not in b"".join(bytes(str(row), "utf-8") for row in Invitation.objects.values())
    assert links.find(token) == invitation


def test_the_reminder_carries_the_same_link_as_the_invitation(cast: Cast, wave: Any):
    first = reminders.compose(notice_for(cast.staff, wave), LATER).text
    again = reminders.compose(notice_for(cast.staff, wave, "wave_closing"), LATER).text
    assert re.findall(r"/s/[\w-]+/", first) == re.findall(r"/s/[\w-]+/", again)


def test_every_person_and_every_wave_has_a_token_of_its_own(cast: Cast, wave: Any):
    other = a_wave(cast.other)
    tokens = {token_of(cast.staff, wave), token_of(cast.colleague, wave), token_of(cast.other_staff, other)}
    assert len(tokens) == 3


def test_after_a_change_of_the_root_key_the_next_mail_replaces_the_link(cast: Cast, wave: Any):
    old = token_of(cast.staff, wave)
    begin(Client(), old)
    keys.from_settings().rewrap(b"\x07" * 32)
    assert links.find(old) is not None
    new = token_of(cast.staff, wave)
    assert links.find(old) is None
    assert begin(Client(), new).status_code == 302


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "ÄÖ"])
def test_a_link_that_there_is_not_gets_a_friendly_page(wave: Any, client: Client, token: str):
    response = client.get(page_of(token))
    assert response.status_code == 404
    assert "This link does not work" in text_of(response)
    assert begin(client, token).status_code == 404


def test_a_link_of_somebody_who_left_is_dead(cast: Cast, wave: Any, client: Client):
    token = token_of(cast.staff, wave)
    person = cast.person(cast.staff)
    person.left_on = date(2026, 11, 22)
    person.save()
    assert client.get(page_of(token)).status_code == 404


# --- looking and beginning --------------------------------------------------------------------------------------


def test_looking_at_a_link_binds_nothing(cast: Cast, wave: Any):
    token = token_of(cast.staff, wave)
    for _scanner in range(3):
        assert Client().head(page_of(token)).status_code == 200
        assert Client().get(page_of(token)).status_code == 200
    assert invitation_of(cast.staff, wave).browser_hash is None
    assert User.objects.get(pk=cast.staff.pk).claimed_at is None
    assert Client().get(BEGIN).status_code == 405


def test_the_page_says_who_sees_what_and_keeps_the_address_to_itself(cast: Cast, wave: Any, client: Client):
    response = client.get(page_of(token_of(cast.staff, wave)))
    assert "Only you can see your answers and your result." in text_of(response)
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "strict-origin")


def test_by_link_one_answers_without_signing_in_and_sees_no_result(cast: Cast, wave: Any, client: Client):
    assert begin(client, token_of(cast.staff, wave))["Location"] == at("survey_answer", wave)
    response = client.post(
        at("survey_answer", wave) + "?page=all", {**fields(HIGH_AVERAGE_LOW), "go": "finish"}
    )
    page = client.get(response["Location"])
    assert "Thank you. Your answers are in." in text_of(page)
    assert "42</b>" not in text_of(page)
    assert page["Cache-Control"] == "no-store"
    assert survey.own_result(invitation_of(cast.staff, wave)).scores.values() == {
        "CS": 42,
        "BO": 23,
        "STS": 22,
    }


def test_a_link_opens_this_survey_and_nothing_else(cast: Cast, wave: Any, client: Client):
    other = a_wave(cast.other)
    begin(client, token_of(cast.staff, wave))
    for url in (at("survey", other), at("survey_answer", other), at("result", other), reverse("assessments:my_results"),
                reverse("assessments:my_results_export", args=["json"]), at("wave", wave)):  # fmt: skip
        response = client.get(url)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")
    assert client.post(at("survey_delete", wave))["Location"].startswith("/accounts/login/")


def test_beginning_claims_the_account_so_that_the_roster_cannot_move_it(
    cast: Cast, wave: Any, client: Client
):
    begin(client, token_of(cast.staff, wave))
    assert User.objects.get(pk=cast.staff.pk).claimed_at == LATER
    person = Person.objects.get(user=cast.staff)
    person.email = "somebody.else@people.example"
    enrollment.save_person(person, by=cast.leader, at=LATER)
    assert User.objects.get(pk=cast.staff.pk).email == cast.staff.email


def test_beginning_gets_a_new_session_and_needs_the_forms_token(cast: Cast, wave: Any):
    strict = Client(enforce_csrf_checks=True)
    assert begin(strict, token_of(cast.staff, wave)).status_code == 403
    browser = Client()
    session = browser.session
    session["x"] = 1
    session.save()
    before = browser.cookies["session"].value
    begin(browser, token_of(cast.staff, wave))
    assert browser.cookies["session"].value != before


# --- one browser ------------------------------------------------------------------------------------------------


def test_another_browser_is_asked_for_a_mailed_code_and_sees_nothing(cast: Cast, wave: Any, client: Client):
    token = token_of(cast.staff, wave)
    begin(client, token)
    client.post(at("survey_answer", wave) + "?page=1", {"q1": "5"})
    other = Client()
    for response in (other.get(page_of(token)), begin(other, token)):
        assert response.status_code == 200
        assert "You began in another browser" in text_of(response)
        assert f"/accounts/login/code/?next=%2Fsurvey%2F{wave.uuid}%2F" in response.content.decode()
        assert "checked" not in text_of(response)
    assert other.get(at("survey_answer", wave))["Location"].startswith("/accounts/login/")


def test_after_signing_in_the_draft_is_there_on_the_other_device(cast: Cast, wave: Any, client: Client):
    begin(client, token_of(cast.staff, wave))
    client.post(at("survey_answer", wave) + "?page=1", {"q1": "5"})
    other = just_signed_in(Client(), cast.staff, LATER)
    assert "Go on" in text_of(other.get(at("survey", wave)))
    assert 'value="5" checked' in other.get(at("survey_answer", wave) + "?page=1").content.decode()


def test_the_same_browser_goes_on_after_its_session_ended(cast: Cast, wave: Any, client: Client):
    token = token_of(cast.staff, wave)
    begin(client, token)
    del client.cookies["session"]
    assert client.get(at("survey_answer", wave)).status_code == 302
    assert "Who sees what" in text_of(client.get(page_of(token)))
    assert begin(client, token)["Location"] == at("survey_answer", wave)
    assert client.get(at("survey_answer", wave)).status_code == 200


def test_two_people_who_share_a_browser_are_kept_apart(cast: Cast, wave: Any, client: Client):
    one, two = token_of(cast.staff, wave), token_of(cast.colleague, wave)
    begin(client, one)
    client.post(at("survey_answer", wave) + "?page=1", {"q1": "5"})
    begin(client, two)
    assert "checked" not in text_of(client.get(at("survey_answer", wave) + "?page=1"))
    client.post(at("survey_answer", wave) + "?page=1", {"q1": "1"})
    begin(client, one)
    assert 'value="5" checked' in client.get(at("survey_answer", wave) + "?page=1").content.decode()
    hashes = Invitation.objects.exclude(browser_hash=None).values_list("browser_hash", flat=True)
    assert len({bytes(one) for one in hashes}) == 2


def test_the_cookie_stays_with_the_link_pages_and_out_of_reach_of_scripts(
    cast: Cast, wave: Any, client: Client
):
    response = begin(client, token_of(cast.staff, wave))
    [cookie] = [one for name, one in response.cookies.items() if name.startswith("survey-")]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (BEGIN, True, "Lax")
    assert links.hashed(cookie.value) == bytes(invitation_of(cast.staff, wave).browser_hash)


# --- signed in at the same time ---------------------------------------------------------------------------------


def test_ones_own_link_while_signed_in_leads_to_the_survey(cast: Cast, wave: Any, as_: Any):
    assert as_(cast.staff).get(page_of(token_of(cast.staff, wave)))["Location"] == at("survey", wave)


def test_somebody_elses_link_while_signed_in_answers_for_nobody(cast: Cast, wave: Any, as_: Any):
    token = token_of(cast.staff, wave)
    browser = as_(cast.colleague)
    for response in (browser.get(page_of(token)), begin(browser, token)):
        assert "This link is for somebody else" in text_of(response)
        assert str(cast.staff) not in text_of(response)
    assert invitation_of(cast.staff, wave).browser_hash is None


# --- the end of a link ------------------------------------------------------------------------------------------


def test_an_answered_link_opens_nothing_any_more(cast: Cast, wave: Any, client: Client):
    token = token_of(cast.staff, wave)
    survey.submit(invitation_of(cast.staff, wave), {1: 3}, LATER)
    for response in (client.get(page_of(token)), begin(client, token)):
        assert "Thank you. Your answers are in." in text_of(response)
    assert client.get(at("survey_answer", wave)).status_code == 302


def test_a_link_of_a_closed_wave_says_so(cast: Cast, wave: Any, client: Client):
    token = token_of(cast.staff, wave)
    actions.close_wave(wave, by=None, at=LATER)
    for response in (client.get(page_of(token)), begin(client, token)):
        assert response.status_code == 410
        assert "This survey is closed" in text_of(response)


def test_no_token_reaches_a_log(cast: Cast, wave: Any, client: Client, caplog: Any, settings: Any):
    caplog.set_level("DEBUG")
    token = token_of(cast.staff, wave)
    client.get(page_of(token))
    begin(Client(enforce_csrf_checks=True), token)
    client.put(page_of(token))
    client.get(page_of(token[:-1]))
    settings.ROOT_KEY_FILE.rename(settings.ROOT_KEY_FILE.with_suffix(".away"))
    begin(client, token)
    client.get(at("survey_answer", wave))
    actions.Wave.objects.update(closes_at=LATER)
    client.get(page_of(token))
    assert "Forbidden" in caplog.text  # the harness sees what is logged
    assert token not in caplog.text
    assert token[:-1] not in caplog.text


def test_a_draft_begun_after_signing_in_does_not_open_by_the_mailed_link(cast, as_, wave):
    token = token_of(cast.staff, wave)
    as_(cast.staff).post(at("survey_answer", wave), fields([5, 4]))
    stranger = Client()
    assert "link_other" in str([t.name for t in begin(stranger, token).templates])
    assert "survey_link" not in stranger.session
    assert stranger.get(at("survey_answer", wave)).status_code == 302


def test_no_wave_opens_under_new_keys_while_answers_of_lost_ones_are_here(cast, as_, wave, settings):
    as_(cast.staff).post(at("survey_answer", wave), fields([5, 4]))
    settings.ROOT_KEY_FILE.unlink()
    settings.KEY_RING_FILE.unlink()
    with pytest.raises(keys.KeysUnavailable, match="Restore"):
        a_wave(cast.other)
    assert not settings.ROOT_KEY_FILE.exists()
