"""Pages of waves and wordings: who may open them, what they say, how many queries they take."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from assessments import actions, agenda, survey
from assessments.models import Invitation, Release, Wave
from rollout.models import Agency, Person, Team

from .conftest import NOW, Cast
from .surveying import CLOSES, LATER, PROQOL, a_wave, invitation_of, staff, text_of
from .test_wording import KITCHEN

pytestmark = pytest.mark.django_db
OPENING = {"label": "baseline", "closes_on": "2026-12-11"}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


def of_agency(name: str, agency: Agency) -> str:
    return reverse(f"assessments:{name}", args=[agency.slug])


def of_wave(name: str, wave: Wave) -> str:
    return reverse(f"assessments:{name}", args=[wave.uuid])


def answered_wave(cast: Cast, count: int = 14, **changes: Any) -> Wave:
    people = staff(cast.agency, cast.team, count)
    wave = a_wave(cast.agency, **changes)
    rng = random.Random(1)
    actions.submit_many(wave, {one.pk: [rng.randint(1, 5) for _item in range(30)] for one in people}, LATER)
    return wave


# --- who may ----------------------------------------------------------------------------------------------------


def test_only_those_who_run_the_agency_open_its_waves(cast: Cast, as_: Any):
    wave = a_wave(cast.agency)
    gets = [of_agency("waves", cast.agency), of_agency("wave_new", cast.agency), of_wave("wave", wave)]
    posts = [of_wave("wave_close", wave), of_wave("wave_extend", wave)]
    for user in (cast.trainer, cast.supervisor, cast.staff, cast.nobody):
        assert {as_(user).get(url).status_code for url in [*gets, of_wave("wave_figures", wave)]} == {403}
        assert {as_(user).post(url).status_code for url in posts} == {403}
        assert as_(user).get(reverse("assessments:wordings")).status_code == 403
    assert {
        as_(cast.other_leader).get(url).status_code for url in [*gets, of_wave("wave_figures", wave)]
    } == {404}
    assert {as_(cast.other_leader).post(url).status_code for url in posts} == {404}
    for user in (cast.leader, cast.admin):
        assert [as_(user).get(url).status_code for url in gets] == [200, 302, 200]
    assert Wave.objects.get().closed_at is None


def test_visitors_are_asked_to_sign_in(cast: Cast, client: Client):
    wave = a_wave(cast.agency)
    for url in (of_agency("waves", cast.agency), of_wave("wave", wave), reverse("assessments:wordings")):
        assert client.get(url)["Location"].startswith("/accounts/login/")


# --- opening ----------------------------------------------------------------------------------------------------


def test_before_opening_the_page_says_what_will_happen(cast: Cast, as_: Any):
    staff(cast.agency, cast.team, 4)
    Person.objects.create(agency=cast.agency, first_name="No", last_name="Mail")
    text = text_of(as_(cast.leader).get(of_agency("wave_new", cast.agency)))
    assert "7 people are invited" in text
    assert "1 person on the roster cannot be invited" in text
    assert "Groups of at least 5 people" in text
    assert "This would be a try-out, for good." in text
    assert not Wave.objects.exists()


def test_a_small_agency_is_told_that_there_will_be_no_group_figures(cast: Cast, as_: Any):
    text = text_of(as_(cast.leader).get(of_agency("wave_new", cast.agency)))
    assert "There will be no group figures." in text
    assert "Fewer than 5 people are invited" in text


def test_opening_invites_and_leads_to_the_wave(cast: Cast, as_: Any):
    response = as_(cast.leader).post(of_agency("wave_new", cast.agency), OPENING)
    wave = Wave.objects.get()
    assert response["Location"] == of_wave("wave", wave)
    assert (wave.label, wave.opened_by, wave.opened_at, wave.is_tryout) == (
        "baseline",
        cast.leader,
        LATER,
        True,
    )
    assert wave.invitations.count() == 3
    assert wave.closes_at.astimezone(cast.agency.zone).date() == CLOSES


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"closes_on": "2026-11-22"}, "Choose a date after"),
        ({"closes_on": "2027-11-22"}, "180 days at most"),
        ({"closes_on": ""}, "required"),
        ({"label": "sometime"}, "valid choice"),
    ],
)
def test_a_wrong_form_comes_back_with_the_reason(cast: Cast, as_: Any, change: Any, reason: str):
    response = as_(cast.leader).post(of_agency("wave_new", cast.agency), OPENING | change)
    assert response.status_code == 422
    assert reason in text_of(response)
    assert not Wave.objects.exists()


def test_with_a_wording_there_is_no_warning_and_the_wave_takes_it(cast: Cast, as_: Any):
    kitchen = actions.install_wording(
        PROQOL, dict(enumerate(KITCHEN, 1)), language="en", agency=None, by=None, at=NOW
    )
    browser = as_(cast.leader)
    assert "try-out" not in text_of(browser.get(of_agency("wave_new", cast.agency)))
    browser.post(of_agency("wave_new", cast.agency), OPENING)
    assert Wave.objects.get().wording_pack == kitchen
    page = text_of(as_(cast.staff).get(of_wave("survey_answer", Wave.objects.get())))
    assert "spoon number 1 in the [drawer]" in page
    assert "Stand-in wording" not in page
    assert "B. Hudnall Stamm" in page


def test_with_several_languages_one_is_chosen(cast: Cast, as_: Any):
    for language in ("en", "es"):
        actions.install_wording(
            PROQOL, dict(enumerate(KITCHEN, 1)), language=language, agency=None, by=None, at=NOW
        )
    browser = as_(cast.leader)
    assert browser.post(of_agency("wave_new", cast.agency), OPENING).status_code == 422
    browser.post(of_agency("wave_new", cast.agency), OPENING | {"language": "es"})
    assert Wave.objects.get().wording_pack.language == "es"


def test_without_keys_opening_says_so_and_writes_nothing(cast: Cast, as_: Any, settings: Any):
    settings.KEY_RING_FILE.parent.mkdir(parents=True)
    settings.KEY_RING_FILE.write_text("{}")
    for user, told in ((cast.leader, False), (cast.admin, True)):
        response = as_(user).post(of_agency("wave_new", cast.agency), OPENING)
        assert response.status_code == 503
        assert (str(settings.KEY_RING_FILE) in text_of(response)) is told
    assert not Wave.objects.exists()


# --- while open -------------------------------------------------------------------------------------------------


def test_the_open_wave_shows_counts_and_never_names(cast: Cast, as_: Any):
    wave = answered_wave(cast)
    actions.refresh_answered_counts(LATER)
    survey.submit(invitation_of(cast.staff, wave), {1: 3}, LATER)
    text = text_of(as_(cast.leader).get(of_wave("wave", wave)))
    assert "14</b> of 17 invited" in text
    assert "14 of 17" in text
    for person in Person.objects.filter(agency=cast.agency):
        assert person.last_name not in text
        assert person.email not in text


def test_below_k_the_open_wave_says_fewer_and_no_number(cast: Cast, as_: Any):
    wave = answered_wave(cast, count=4)
    actions.refresh_answered_counts(LATER)
    text = text_of(as_(cast.leader).get(of_wave("wave", wave)))
    assert "fewer than 5</b> of 7 invited" in text
    assert "4 of 7" not in text


def test_a_wave_is_extended_on_its_page(cast: Cast, as_: Any):
    wave = a_wave(cast.agency)
    browser = as_(cast.leader)
    response = browser.post(of_wave("wave_extend", wave), {"closes_on": "2026-12-01"})
    assert response.status_code == 422
    assert "Choose a date after" in text_of(response)
    assert browser.post(of_wave("wave_extend", wave), {"closes_on": "2026-12-18"}).status_code == 302
    wave.refresh_from_db()
    assert wave.closes_at.astimezone(cast.agency.zone).date() == date(2026, 12, 18)


def test_closing_needs_a_post_and_shows_the_figures(cast: Cast, as_: Any):
    wave = answered_wave(cast)
    browser = as_(cast.leader)
    assert browser.get(of_wave("wave_close", wave)).status_code == 405
    assert not Release.objects.exists()
    page = browser.post(of_wave("wave_close", wave), follow=True)
    text = text_of(page)
    assert "The wave is closed. These are its figures, for good." in text
    assert "of 17 invited" in text
    assert "95 % interval" in text
    assert "Lower is better." in text
    again = browser.post(of_wave("wave_close", wave), follow=True)
    assert "This wave is closed already." in text_of(again)
    assert (
        browser.post(of_wave("wave_extend", wave), {"closes_on": "2026-12-18"}, follow=True).status_code
        == 200
    )
    assert Release.objects.count() == 1


# --- once closed ------------------------------------------------------------------------------------------------


def test_withheld_teams_are_named_as_withheld(cast: Cast, as_: Any):
    small = Team.objects.create(agency=cast.agency, name="Small")
    staff(cast.agency, small, 3, "Few")
    wave = answered_wave(cast)
    actions.close_wave(wave, by=None, at=LATER)
    text = text_of(as_(cast.leader).get(of_wave("wave", wave)))
    assert "Small" in text
    assert "withheld to protect privacy" in text
    assert "Try-out with stand-in wording." in text


def test_a_wave_below_k_says_why_there_are_no_figures(cast: Cast, as_: Any):
    wave = a_wave(cast.agency)
    actions.close_wave(wave, by=None, at=LATER)
    text = text_of(as_(cast.leader).get(of_wave("wave", wave)))
    assert "No figures for this wave" in text
    assert "results are for the persons themselves only" in text


def test_figures_come_as_a_file_once_closed(cast: Cast, as_: Any):
    wave = answered_wave(cast)
    browser = as_(cast.leader)
    assert browser.get(of_wave("wave_figures", wave)).status_code == 404
    actions.close_wave(wave, by=None, at=LATER)
    response = browser.get(of_wave("wave_figures", wave))
    assert response["Content-Disposition"] == 'attachment; filename="clearwater-proqol-5-baseline.csv"'
    assert len(response.content.decode("utf-8-sig").splitlines()) == 1 + 2 * 3


def test_the_list_takes_as_many_queries_for_thirty_waves_as_for_one(
    cast: Cast, as_: Any, django_assert_num_queries: Any
):
    for number in (1, 30):
        while Wave.objects.count() < number:
            actions.close_wave(a_wave(cast.agency, at=LATER), by=None, at=LATER)
        browser = as_(cast.leader)
        browser.get(of_agency("waves", cast.agency))  # remembers the agency in the session once
        with django_assert_num_queries(
            9
        ):  # session, account, four for roles, agency, waves, agencies of the bar
            page = browser.get(of_agency("waves", cast.agency))
        assert page.content.decode().count("<tr>") == number + 1


def test_a_wave_of_many_teams_takes_as_many_queries_as_of_one(
    cast: Cast, as_: Any, django_assert_num_queries: Any
):
    for teams in (1, 30):
        for number in range(teams - 1):
            staff(cast.agency, Team.objects.create(agency=cast.agency, name=f"T{number}"), 5, f"T{number}x")
        wave = a_wave(cast.agency, at=LATER)
        browser = as_(cast.leader)
        browser.get(of_agency("waves", cast.agency))
        with django_assert_num_queries(8):
            browser.get(of_wave("wave", wave))
        actions.close_wave(wave, by=None, at=LATER)
        with django_assert_num_queries(8):
            browser.get(of_wave("wave", wave))


# --- what needs whom --------------------------------------------------------------------------------------------


def test_staff_are_asked_to_begin_then_to_go_on_then_left_alone(cast: Cast, django_assert_num_queries: Any):
    wave = a_wave(cast.agency, label="midpoint")
    invitation = invitation_of(cast.staff, wave)
    with django_assert_num_queries(2):
        [todo] = agenda.todos(cast.staff, LATER)
    assert todo.fact == "The mid-point survey is open until Friday, December 11."
    assert (todo.action, todo.url) == ("Begin", of_wave("survey", wave))
    survey.save_draft(invitation, {1: 3})
    [todo] = agenda.todos(cast.staff, LATER)
    assert (todo.action, todo.url) == ("Go on", of_wave("survey_answer", wave))
    survey.submit(invitation, {}, LATER)
    assert agenda.todos(cast.staff, LATER) == []
    assert agenda.todos(cast.leader, LATER) == []
    assert agenda.todos(cast.colleague, wave.closes_at) == []


def test_without_keys_the_home_page_still_has_its_todos(cast: Cast, settings: Any):
    a_wave(cast.agency)
    settings.KEY_RING_FILE.unlink()
    assert [todo.action for todo in agenda.todos(cast.staff, LATER)] == ["Begin"]


def test_leaders_see_when_a_wave_closes_and_nobody_else_does(cast: Cast):
    wave = a_wave(cast.agency)
    [coming] = agenda.coming(cast.leader, LATER)
    assert (coming.at, coming.zone, coming.url) == (wave.closes_at, "America/Denver", of_wave("wave", wave))
    for user in (cast.staff, cast.trainer, cast.supervisor, cast.other_leader, cast.admin):
        assert agenda.coming(user, LATER) == []


def test_what_slips_is_said_with_the_one_thing_to_do(cast: Cast, django_assert_num_queries: Any):
    [todo] = agenda.slips(cast.agency, LATER)
    assert (todo.fact, todo.url) == ("The baseline is not opened yet.", of_agency("wave_new", cast.agency))

    demo = answered_wave(cast)
    assert [one.fact for one in agenda.slips(cast.agency, LATER)] == ["The baseline is not opened yet."]
    Wave.objects.filter(pk=demo.pk).update(is_tryout=False)
    assert agenda.slips(cast.agency, demo.closes_at - timedelta(days=15)) == []
    [todo] = agenda.slips(cast.agency, demo.closes_at - timedelta(days=6))
    assert todo.fact == "Baseline survey: closes in 6 days."
    assert "Too few answers so far" in todo.why
    actions.refresh_answered_counts(LATER)
    [todo] = agenda.slips(cast.agency, demo.closes_at - timedelta(days=6))
    assert "14 of 17 answered" in todo.why
    [todo] = agenda.slips(cast.agency, demo.closes_at - timedelta(hours=1))
    assert todo.fact == "Baseline survey: closes today."

    actions.close_wave(Wave.objects.get(), by=None, at=LATER)
    with django_assert_num_queries(1):
        [todo] = agenda.slips(cast.agency, LATER + timedelta(days=29))
    assert todo.action == "See the figures"
    assert agenda.slips(cast.agency, LATER + timedelta(days=31)) == []


def test_nobody_is_named_in_what_a_leader_is_told(cast: Cast):
    wave = answered_wave(cast)
    actions.refresh_answered_counts(LATER)
    told = str(agenda.slips(cast.agency, wave.closes_at - timedelta(days=1))) + str(
        agenda.coming(cast.leader, LATER)
    )
    assert not any(one.person.last_name in told for one in Invitation.objects.select_related("person"))
