"""The survey: answered page by page, saved on the way, sent once, seen by its owner alone."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from assessments import actions, survey
from assessments.models import Answer, Draft, Invitation
from rollout.refusals import Refused

from .conftest import NOW, Cast
from .pseudo import pseudo  # noqa: F401 - a fixture
from .surveying import (
    HIGH_AVERAGE_LOW,
    LATER,
    PROQOL,
    a_wave,
    fields,
    invitation_of,
    text_of,
)

pytestmark = pytest.mark.django_db
FIVE = {"q6": "4", "q7": "2", "q8": "1", "q9": "5", "q10": "3"}


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


# --- before -----------------------------------------------------------------------------------------------------


def test_before_question_one_the_page_says_who_sees_what(cast: Cast, wave: Any, as_: Any):
    text = text_of(as_(cast.staff).get(at("survey", wave)))
    assert "Only you can see your answers and your result." in text
    assert "confidential, and never anonymous" in text
    assert "key file could in the end read them" in text
    assert "That you answered is known to the system" in text
    assert "Your agency gets no figures" in text  # three invited, k is five


def test_the_page_names_the_group_size_and_the_last_day(cast: Cast, as_: Any):
    from .surveying import staff

    staff(cast.agency, cast.team, 4)
    text = text_of(as_(cast.staff).get(at("survey", a_wave(cast.agency))))
    assert "groups of at least 5 people" in text
    assert "Friday, December 11, 2026" in text


def test_a_survey_one_is_not_invited_to_does_not_exist(cast: Cast, wave: Any, as_: Any):
    for user in (cast.leader, cast.trainer, cast.admin, cast.other_staff, cast.nobody):
        for name in ("survey", "survey_answer", "result"):
            assert as_(user).get(at(name, wave)).status_code == 404
        assert as_(user).post(at("survey_answer", wave), FIVE).status_code == 404
    assert not Draft.objects.exists()


def test_a_visitor_is_asked_to_sign_in(wave: Any, client: Client):
    for name in ("survey", "survey_answer", "result"):
        response = client.get(at(name, wave))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


# --- answering --------------------------------------------------------------------------------------------------


def test_it_opens_on_the_first_statement_without_an_answer(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    assert 'name="q1"' in browser.get(at("survey_answer", wave)).content.decode()
    browser.post(at("survey_answer", wave, "?page=1"), {f"q{n}": "3" for n in range(1, 6)} | {"go": "next"})
    page = as_(cast.staff).get(at("survey_answer", wave)).content.decode()
    assert 'name="q6"' in page
    assert 'name="q1"' not in page
    assert "5 of 30 answered" in page


def test_next_saves_the_page_without_javascript(cast: Cast, wave: Any, as_: Any):
    response = as_(cast.staff).post(at("survey_answer", wave, "?page=2"), {**FIVE, "go": "next"})
    assert response["Location"].endswith("?page=3")
    assert survey.answers_so_far(invitation_of(cast.staff, wave)) == {6: 4, 7: 2, 8: 1, 9: 5, 10: 3}


def test_back_saves_as_well(cast: Cast, wave: Any, as_: Any):
    response = as_(cast.staff).post(at("survey_answer", wave, "?page=2"), {"q6": "4", "go": "back"})
    assert response["Location"].endswith("?page=1")
    assert survey.answers_so_far(invitation_of(cast.staff, wave)) == {6: 4}


def test_a_change_is_saved_on_the_way_and_the_count_comes_back(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    response = browser.post(at("survey_answer", wave, "?page=2"), {"q6": "4"}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "1 of 30 answered" in text_of(response)
    assert "<html" not in response.content.decode()
    assert 'value="4" checked' in browser.get(at("survey_answer", wave, "?page=2")).content.decode()


def test_an_answer_can_be_changed(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    for value in ("4", "2"):
        browser.post(at("survey_answer", wave, "?page=2"), {"q6": value})
    assert survey.answers_so_far(invitation_of(cast.staff, wave)) == {6: 2}


def test_two_tabs_add_to_one_draft(cast: Cast, wave: Any, as_: Any):
    one, two = as_(cast.staff), as_(cast.staff)
    one.post(at("survey_answer", wave, "?page=1"), {"q1": "1"})
    two.post(at("survey_answer", wave, "?page=6"), {"q30": "5"})
    assert survey.answers_so_far(invitation_of(cast.staff, wave)) == {1: 1, 30: 5}
    assert Draft.objects.count() == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"q1": "6"}, {"q1": "0"}, {"q1": "-1"}, {"q1": "3.0"}, {"q1": "x"}, {"q1": ""}, {"q31": "3"}, {"q0": "3"},
        {"q01": "3"}, {"q": "3"}, {"q１": "3"}, {"q1": "３"}, {"q1": " 3"}, {"q" + "9" * 500: "3"},
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_whole_and_not_repeated(cast: Cast, wave: Any, as_: Any, bad: Any):
    response = as_(cast.staff).post(at("survey_answer", wave, "?page=1"), {"q2": "3", **bad, "go": "next"})
    assert response.status_code == 422
    assert "Nothing was saved" in text_of(response)
    assert not Draft.objects.exists()


def test_all_statements_fit_on_one_page_when_asked(cast: Cast, wave: Any, as_: Any):
    page = as_(cast.staff).get(at("survey_answer", wave, "?page=all")).content.decode()
    assert page.count('type="radio"') == 150


@pytest.mark.parametrize("query", ["?page=0", "?page=7", "?page=x", "?page=-1", "?page=" + "9" * 5000])
def test_a_page_that_there_is_not_shows_the_one_to_go_on_with(cast: Cast, wave: Any, as_: Any, query: str):
    assert 'name="q1"' in as_(cast.staff).get(at("survey_answer", wave, query)).content.decode()


# --- in which language ------------------------------------------------------------------------------------------


def worded(cast: Cast, language: str) -> Any:
    invented = {item.number: f"Invented statement {item.number}" for item in PROQOL.items}
    pack = actions.install_wording(
        PROQOL, invented, language=language, agency=cast.agency, by=cast.leader, at=NOW
    )
    return a_wave(cast.agency, wording=pack)


def in_spanish(browser: Client, wave: Any, query: str = "?page=1") -> str:
    return text_of(browser.get(at("survey_answer", wave, query), headers={"accept-language": "es"}))


@pytest.mark.usefixtures("pseudo")
def test_an_english_wording_is_asked_and_answered_in_english_on_a_spanish_page(cast: Cast, as_: Any):
    wave, browser = worded(cast, "en"), as_(cast.staff)
    page = in_spanish(browser, wave)
    assert '<html lang="es">' in page
    assert "⟦Next⟧" in page, "the page itself stays Spanish"
    assert '<p class="quiet" lang="en">In the last 30 days, how often …</p>' in page
    assert page.count('<span lang="en">Invented statement ') == page.count(' lang="en"><label>') == 5
    assert "Rarely" in page
    assert "⟦Rarely⟧" not in page
    assert '<span lang="en">Invented statement 30</span>' in in_spanish(browser, wave, "?page=review")
    assert text_of(browser.get(at("survey_answer", wave, "?page=1"))).count('lang="en"') == 1, (
        "on <html> only"
    )


@pytest.mark.usefixtures("pseudo")
def test_a_wording_in_a_language_not_spoken_here_is_marked_and_answered_in_the_pages_own(
    cast: Cast, as_: Any
):
    wave, browser = worded(cast, "de"), as_(cast.staff)
    page = in_spanish(browser, wave)
    assert '<span lang="de">Invented statement 1</span>' in page
    assert "⟦Rarely⟧" in page
    assert ' lang="de"><label>' not in page


@pytest.mark.usefixtures("pseudo")
def test_stand_in_wording_speaks_the_language_of_the_page(cast: Cast, wave: Any, as_: Any):
    page = in_spanish(as_(cast.staff), wave)
    assert "⟦contentment⟧" in page
    assert "⟦Rarely⟧" in page
    assert 'lang="en"><label>' not in page


# --- sending ----------------------------------------------------------------------------------------------------


def test_finishing_sends_seals_scores_and_shows_the_result(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    response = answered(browser, wave)
    assert response["Location"] == at("result", wave)
    text = text_of(browser.get(at("result", wave)))
    assert "42</b>" in text
    assert "23</b>" in text
    assert "22</b>" in text
    assert not Draft.objects.exists()
    assert Invitation.objects.get(person__user=cast.staff).completed
    assert survey.own_result(invitation_of(cast.staff, wave)).scores.values() == {
        "CS": 42,
        "BO": 23,
        "STS": 22,
    }


def test_finishing_with_gaps_asks_first_and_names_them(cast: Cast, wave: Any, as_: Any):
    browser, gaps = as_(cast.staff), [*HIGH_AVERAGE_LOW]
    gaps[1] = gaps[11] = None  # statement 2 counts in STS, 12 in CS
    response = answered(browser, wave, gaps)
    assert response["Location"].endswith("?page=review")
    assert not Answer.objects.exists()
    page = browser.get(response["Location"])
    text = text_of(page)
    assert "2 statements have no answer yet" in text
    assert "no result for: Compassion satisfaction, Secondary traumatic stress." in text
    assert "?page=1#q2" in text
    assert "?page=3#q12" in text

    response = browser.post(at("survey_answer", wave, "?page=review"), {"go": "send"})
    assert response["Location"] == at("result", wave)
    scores = survey.own_result(invitation_of(cast.staff, wave)).scores.values()
    assert scores == {"CS": None, "BO": 23, "STS": None}
    assert "Not scored: statement 2 was left blank" in text_of(browser.get(at("result", wave)))


def test_what_was_saved_on_the_way_is_gone_once_it_is_sent(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    browser.post(at("survey_answer", wave, "?page=2"), {**FIVE, "go": "next"})
    assert Draft.objects.count() == 1
    answered(browser, wave)
    assert (Answer.objects.count(), Draft.objects.count()) == (1, 0)


def test_sending_twice_counts_once_and_goes_to_the_result(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    first = Answer.objects.get()
    response = answered(browser, wave, [1] * 30)
    assert response["Location"] == at("result", wave)
    again = Answer.objects.get()
    assert (bytes(again.lookup), bytes(again.ciphertext)) == (bytes(first.lookup), bytes(first.ciphertext))


def test_a_second_tab_that_sends_at_the_same_moment_adds_nothing(cast: Cast, wave: Any):
    one, two = invitation_of(cast.staff, wave), invitation_of(cast.staff, wave)
    survey.submit(one, dict(enumerate(HIGH_AVERAGE_LOW, 1)), LATER)
    for late in (survey.submit, lambda who, given, at: survey.save_draft(who, given)):
        with pytest.raises(survey.AlreadyAnswered):
            late(two, {1: 1}, LATER)
    assert (Answer.objects.count(), Draft.objects.count()) == (1, 0)


def test_back_after_sending_leads_to_the_result(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    for name in ("survey", "survey_answer"):
        assert browser.get(at(name, wave))["Location"] == at("result", wave)


def test_a_page_left_open_that_still_saves_itself_is_led_to_the_result(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    answered(browser, wave)
    response = browser.post(at("survey_answer", wave, "?page=1"), {"q1": "1"}, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (200, at("result", wave))
    assert response.content == b""


def test_a_closed_survey_says_since_when_and_takes_nothing(cast: Cast, wave: Any, as_: Any):
    browser = as_(cast.staff)
    browser.post(at("survey_answer", wave, "?page=1"), {"q1": "3"})
    actions.close_wave(wave, by=None, at=LATER)
    for response in (browser.get(at("survey", wave)), browser.post(at("survey_answer", wave), FIVE)):
        assert response.status_code == 410
        assert "This survey is closed" in text_of(response)
    assert not Draft.objects.exists()


def test_a_survey_past_its_last_minute_takes_nothing_even_before_it_is_closed(
    cast: Cast, wave: Any, as_: Any, clock: Any
):
    clock.move_to(wave.closes_at)
    assert answered(as_(cast.staff), wave).status_code == 410
    with pytest.raises(Refused):
        survey.submit(invitation_of(cast.staff, wave), {1: 1}, wave.closes_at)


# --- speed ------------------------------------------------------------------------------------------------------


def test_every_step_needs_few_queries(cast: Cast, wave: Any, as_: Any, django_assert_num_queries: Any):
    browser = as_(cast.staff)
    save = {"HX-Request": "true"}
    browser.get(at("survey", wave))  # the wave and its agency are read once for everybody
    with django_assert_num_queries(4):  # session, account, invitation, draft
        browser.get(at("survey", wave))
    with django_assert_num_queries(4):
        browser.get(at("survey_answer", wave, "?page=1"))
    with django_assert_num_queries(6 + 2):  # … invitation locked, draft, upsert; savepoint of the test
        browser.post(at("survey_answer", wave, "?page=1"), {"q1": "3"}, headers=save)
    with django_assert_num_queries(6 + 2):
        browser.post(at("survey_answer", wave, "?page=1"), {"q1": "2", "q2": "3"}, headers=save)
    with django_assert_num_queries(
        6 + 2
    ):  # session, account, invitation, its flag, draft taken, answer into the open wave
        answered(browser, wave)
    with django_assert_num_queries(4):
        browser.get(at("result", wave))
