"""One's own result: for its owner alone and only lately signed in; over time, deleted, taken along; without keys."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from assessments import actions, keys, survey
from assessments.models import Answer, Draft, Invitation

from .conftest import Cast
from .surveying import HIGH_AVERAGE_LOW, LATER, a_wave, fields, invitation_of, just_signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def wave(cast: Cast) -> Any:
    return a_wave(cast.agency)


def at(name: str, wave: Any, query: str = "") -> str:
    return reverse(f"assessments:{name}", args=[wave.uuid]) + query


def answered(browser: Client, wave: Any, answers: Any = HIGH_AVERAGE_LOW) -> Any:
    return browser.post(at("survey_answer", wave, "?page=all"), {**fields(answers), "go": "finish"})


# --- the result -------------------------------------------------------------------------------------------------


def test_nobody_else_sees_a_result_whatever_their_role(cast: Cast, wave: Any, as_: Any):
    answered(as_(cast.staff), wave)
    for name, user in cast.everyone().items():
        if user == cast.staff:
            continue
        browser = just_signed_in(Client(), user, LATER)
        response = browser.get(at("result", wave), follow=True)
        assert "42</b>" not in text_of(response), name
        assert response.status_code == 404 or "How is work for you?" in text_of(response), name
        assert browser.post(at("survey_delete", wave)).status_code in (302, 404), name
        assert ">42<" not in text_of(browser.get(reverse("assessments:my_results"))), name
    assert Answer.objects.count() == 1


def test_a_result_asks_for_a_sign_in_not_older_than_five_minutes(cast: Cast, wave: Any, as_: Any, clock: Any):
    answered(as_(cast.staff), wave)
    browser = just_signed_in(Client(), cast.staff, LATER)
    clock.move_to(LATER + timedelta(seconds=299))
    assert browser.get(at("result", wave)).status_code == 200
    clock.move_to(LATER + timedelta(seconds=301))
    for url in (at("result", wave), reverse("assessments:my_results")):
        response = browser.get(url)
        assert response["Location"].startswith(reverse("assessments:confirm"))
    for kind in ("csv", "json"):
        assert browser.get(reverse("assessments:my_results_export", args=[kind])).status_code == 302


def test_a_session_without_any_proof_of_sign_in_is_asked_as_well(cast: Cast, wave: Any, as_: Any):
    answered(as_(cast.staff), wave)
    assert as_(cast.staff).get(at("result", wave)).status_code == 302


def test_right_after_sending_the_result_opens_for_five_minutes(cast: Cast, wave: Any, as_: Any, clock: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    assert browser.get(at("result", wave)).status_code == 200
    clock.shift(301)
    assert browser.get(at("result", wave)).status_code == 302


def test_having_just_sent_opens_ones_own_result_only(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    actions.submit_many(wave, {cast.person(cast.colleague).pk: [3] * 30}, LATER)
    browser.force_login(cast.colleague)  # the next person at the same screen
    assert browser.get(at("result", wave))["Location"].startswith(reverse("assessments:confirm"))


def test_no_session_row_tells_when_somebody_answered(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    before = dict(browser.session)
    answered(browser, wave)
    assert dict(browser.session) == before


def test_confirming_by_code_signs_out_mails_a_code_and_comes_back(
    cast: Cast, wave: Any, as_: Any, mailoutbox: Any, clock: Any
):
    browser = as_(cast.staff)
    answered(browser, wave)
    clock.shift(600)
    asked = browser.get(at("result", wave), follow=True)
    assert "Is it you?" in text_of(asked)
    response = browser.post(
        reverse("assessments:confirm"), {"next": at("result", wave), "email": cast.staff.email}
    )
    assert response["Location"].startswith("/accounts/login/code/confirm/")
    assert browser.get(at("result", wave)).status_code == 302
    [mail] = mailoutbox
    assert mail.to == [cast.staff.email]
    code = next(
        line.strip()
        for line in mail.body.splitlines()
        if line.strip() and " " not in line.strip() and len(line.strip()) < 12
    )
    response = browser.post(response["Location"], {"code": code})
    assert response["Location"] == at("result", wave)
    assert "42</b>" in text_of(browser.get(at("result", wave)))


def test_confirming_never_leads_to_another_site(cast: Cast, as_: Any):
    browser = just_signed_in(Client(), cast.staff, LATER)
    for target in ("https://evil.example/", "//evil.example/"):
        response = browser.get(reverse("assessments:confirm"), {"next": target})
        assert response["Location"] == reverse("assessments:my_results")


def test_a_result_is_kept_by_no_browser(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    response = browser.get(at("result", wave))
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "strict-origin"
    assert "Leave quickly" in text_of(response)


def test_leaving_quickly_signs_out_and_clears_the_browser(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    response = browser.post(reverse("assessments:leave"))
    assert response["Location"] == "/accounts/login/"
    assert "storage" in response["Clear-Site-Data"]
    assert browser.get(at("result", wave))["Location"].startswith("/accounts/login/")
    assert browser.get(reverse("assessments:leave")).status_code == 405


def test_the_result_says_where_to_turn(cast: Cast, wave: Any, as_: Any):
    cast.agency.help_text = "Employee Assistance, 555-0137"
    cast.agency.save()
    browser = as_(cast.staff)
    answered(browser, wave)
    text = text_of(browser.get(at("result", wave)))
    assert "Employee Assistance, 555-0137" in text
    assert "988" in text
    assert "by the manual" in text
    assert "Stand-in wording" in text


# --- taking back and taking along -------------------------------------------------------------------------------


def test_own_answers_of_an_open_wave_can_be_deleted_and_given_again(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    assert browser.post(at("survey_delete", wave))["Location"] == at("survey", wave)
    assert not Answer.objects.exists()
    assert not Invitation.objects.get(person__user=cast.staff).completed
    answered(browser, wave, [3] * 30)
    assert survey.own_result(invitation_of(cast.staff, wave)).scores.values() == {
        "CS": 30,
        "BO": 30,
        "STS": 30,
    }


def test_answers_of_a_closed_wave_stay(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    actions.close_wave(wave, by=None, at=LATER)
    page = browser.get(at("result", wave))
    assert "Delete my answers" not in text_of(page)
    browser.post(at("survey_delete", wave))
    assert Answer.objects.count() == 1


def test_deleting_asks_for_a_fresh_sign_in(cast: Cast, wave: Any, as_: Any):
    answered(as_(cast.staff), wave)
    response = as_(cast.staff).post(at("survey_delete", wave))
    assert response["Location"].startswith(reverse("assessments:confirm"))
    assert Answer.objects.count() == 1


def two_waves(cast: Cast, first: Any, second_answers: Any) -> None:
    person = cast.person(cast.staff).pk
    actions.submit_many(first, {person: HIGH_AVERAGE_LOW}, LATER)
    actions.close_wave(first, by=None, at=LATER)
    later = a_wave(cast.agency, label="midpoint", at=LATER)
    actions.submit_many(later, {person: second_answers}, LATER + timedelta(hours=1))


def test_own_results_over_time_say_which_change_exceeds_the_error(cast: Cast, wave: Any):
    with patch("django.utils.timezone.now", return_value=LATER):
        two_waves(cast, wave, [3] * 30)  # 42 → 30, 23 → 30, 22 → 30
        text = text_of(just_signed_in(Client(), cast.staff, LATER).get(reverse("assessments:my_results")))
    assert "42 → 30 since Baseline: beyond the measure’s own error (from 7 on)" in text
    assert "23 → 30 since Baseline: within the measure’s own error (below 8)" in text
    assert "22 → 30 since Baseline: beyond" in text


def test_everything_of_ones_own_can_be_taken_along(cast: Cast, wave: Any):
    two_waves(cast, wave, [None, *[3] * 29])
    browser = just_signed_in(Client(), cast.staff, LATER)
    found = json.loads(browser.get(reverse("assessments:my_results_export", args=["json"])).content)[
        "results"
    ]
    assert [one["scores"] for one in found] == [
        {"CS": 42, "BO": 23, "STS": 22},
        {"CS": 30, "BO": None, "STS": 30},
    ]
    assert list(found[0]["answers"].values()) == HIGH_AVERAGE_LOW
    assert found[1]["answers"]["1"] is None
    lines = (
        browser.get(reverse("assessments:my_results_export", args=["csv"]))
        .content.decode("utf-8-sig")
        .splitlines()
    )
    assert len(lines) == 1 + 2 * 33
    assert (
        "Clearwater Family Services,Baseline,Professional Quality of Life Scale,2026-11-21,score,CS,42"
        in lines
    )
    assert browser.get(reverse("assessments:my_results_export", args=["xlsx"])).status_code == 404


def test_somebody_elses_export_holds_nothing_of_it(cast: Cast, wave: Any):
    two_waves(cast, wave, [3] * 30)
    browser = just_signed_in(Client(), cast.colleague, LATER)
    assert json.loads(browser.get(reverse("assessments:my_results_export", args=["json"])).content) == {
        "results": []
    }


# --- without keys -----------------------------------------------------------------------------------------------


def test_without_the_key_ring_surveys_and_results_close_with_a_clear_page(
    cast: Cast, wave: Any, as_: Any, settings: Any, caplog: Any
):
    browser = as_(cast.staff)
    answered(browser, wave)
    waiting = as_(cast.colleague)
    settings.KEY_RING_FILE.rename(settings.KEY_RING_FILE.with_suffix(".away"))
    fresh = just_signed_in(Client(), cast.staff, LATER)
    for response in (
        browser.get(at("result", wave)),
        fresh.get(reverse("assessments:my_results")),
        waiting.get(at("survey", wave)),
        waiting.get(at("survey_answer", wave)),
        waiting.post(at("survey_answer", wave, "?page=1"), {"q1": "3", "go": "next"}),
    ):
        assert response.status_code == 503
        assert "closed for the moment" in text_of(response)
        assert str(settings.KEY_RING_FILE) not in text_of(response)
    assert "key ring" in caplog.text
    assert as_(cast.leader).get(reverse("assessments:wave", args=[wave.uuid])).status_code == 200


def test_a_wave_shredded_on_purpose_takes_only_its_own_results_away(cast: Cast, wave: Any):
    two_waves(cast, wave, [3] * 30)
    keys.from_settings().shred_wave(cast.agency.uuid, wave.uuid)
    text = text_of(just_signed_in(Client(), cast.staff, LATER).get(reverse("assessments:my_results")))
    assert "Mid-point" in text
    assert "Baseline" not in text


def test_an_altered_answer_is_refused_rather_than_shown(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    Answer.objects.update(ciphertext=b"\0" * 2000)
    response = browser.get(at("result", wave))
    assert response.status_code == 503
    assert "cannot be opened" in text_of(response)


def test_an_altered_draft_does_not_keep_the_person_out(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    browser.post(at("survey_answer", wave, "?page=1"), {"q1": "3"})
    Draft.objects.update(ciphertext=b"\0" * 2000)
    browser.post(at("survey_answer", wave, "?page=1"), {"q2": "4"})
    assert survey.answers_so_far(invitation_of(cast.staff, wave)) == {2: 4}


def test_own_history_needs_as_many_queries_for_five_waves_as_for_one(
    cast: Cast, wave: Any, django_assert_num_queries: Any
):
    person = cast.person(cast.staff).pk
    actions.submit_many(wave, {person: HIGH_AVERAGE_LOW}, LATER)
    browser = just_signed_in(Client(), cast.staff, LATER)
    with django_assert_num_queries(4):
        browser.get(reverse("assessments:my_results"))
    for number in range(4):
        actions.close_wave(wave, by=None, at=LATER)
        wave = a_wave(cast.agency, label="midpoint", at=LATER + timedelta(minutes=number))
        actions.submit_many(wave, {person: [3] * 30}, LATER + timedelta(hours=1))
    with django_assert_num_queries(4):
        browser.get(reverse("assessments:my_results"))
