"""Before a session ends a page asks; after it has ended nothing typed is lost, and nothing goes under another name."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.models import Session as StoredSession
from django.utils import timezone
from playwright.sync_api import Browser, expect

from assessments import links
from tests.browser import PHONE, picture, visitor
from tests.offline_parts import a_world, answer, saved, sign_in, state, survey_page
from tests.surveying import invitation_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(live_server: Any, cast: Any) -> SimpleNamespace:
    return a_world(live_server, cast)


def test_before_a_session_ends_a_page_asks_and_one_press_extends_it(
    browser: Browser, world: Any, settings: Any
) -> None:
    settings.SESSION_COOKIE_AGE = settings.SESSION_WARNING_SECONDS + 60
    with visitor(browser, world.url, world.cast.leader) as page:
        page.clock.install()
        page.goto("/agencies/clearwater/")
        dialog = page.get_by_role("dialog", name="Are you still there?")
        expect(dialog).to_have_count(0)
        soon = timezone.now() + timedelta(seconds=settings.SESSION_WARNING_SECONDS - 5)
        StoredSession.objects.update(expire_date=soon)
        page.clock.run_for(61_000)
        expect(dialog).to_be_visible(timeout=15_000)
        expect(dialog).to_contain_text("You will be signed out at")
        expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
        picture(page, "session_warning")
        page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        [row] = StoredSession.objects.all()
        assert row.expire_date - timezone.now() > timedelta(seconds=settings.SESSION_COOKIE_AGE - 20)


def test_a_page_asks_nothing_while_another_tab_has_extended_the_session(
    browser: Browser, world: Any, settings: Any
) -> None:
    settings.SESSION_COOKIE_AGE = settings.SESSION_WARNING_SECONDS + 60
    with visitor(browser, world.url, world.cast.leader) as page:
        page.clock.install()
        page.goto("/agencies/clearwater/")
        StoredSession.objects.update(expire_date=timezone.now() + timedelta(hours=1))
        with page.expect_response("**/session/"):
            page.clock.run_for(61_000)
        page.evaluate("1")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_open_question_goes_away_when_another_tab_stays(
    browser: Browser, world: Any, settings: Any
) -> None:
    settings.SESSION_COOKIE_AGE = settings.SESSION_WARNING_SECONDS + 2
    with visitor(browser, world.url, world.cast.leader) as page:
        page.goto("/agencies/clearwater/")
        other = page.context.new_page()
        other.goto("/agencies/clearwater/people/")
        for tab in (page, other):
            expect(tab.get_by_role("dialog", name="Are you still there?")).to_be_visible(timeout=15_000)
        settings.SESSION_COOKIE_AGE = 36_000
        other.get_by_role("button", name="Stay signed in").click()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_session_that_has_ended_says_so_and_leads_back_to_the_page(
    browser: Browser, world: Any, settings: Any
) -> None:
    settings.SESSION_COOKIE_AGE = settings.SESSION_WARNING_SECONDS + 60
    with visitor(browser, world.url, world.cast.leader) as page:
        page.clock.install()
        page.goto("/agencies/clearwater/people/?page=1")
        StoredSession.objects.all().delete()
        page.clock.run_for(61_000)
        dialog = page.get_by_role("dialog", name="You are signed out")
        expect(dialog).to_be_visible(timeout=15_000)
        dialog.get_by_role("link", name="Sign in").click()
        page.wait_for_url("**/accounts/login/**")
        assert page.url.endswith("?next=%2Fagencies%2Fclearwater%2Fpeople%2F%3Fpage%3D1")


def test_what_was_typed_outlives_the_session_and_is_sent_after_signing_in_again(
    browser: Browser, world: Any
) -> None:
    with visitor(browser, world.url, world.cast.staff, viewport=PHONE) as page:
        page.goto(survey_page(world))
        answer(page, 1, 4)
        expect(state(page)).to_contain_text("Saved")
        StoredSession.objects.all().delete()
        answer(page, 2, 5)
        dialog = page.get_by_role("dialog", name="You are signed out")
        expect(dialog).to_contain_text("still on this page")
        expect(page.locator("#q2 input").nth(4)).to_be_checked()
        expect(state(page)).to_contain_text("you are signed out")
        picture(page, "session_ended")
        with page.context.expect_page() as opened:
            dialog.get_by_role("link", name="Sign in, in a second tab").click()
        second = opened.value
        second.wait_for_load_state()
        assert "next=%2Fsession%2Fback%2F" in second.url
        sign_in(page.context, world.url, world.cast.staff)
        second.goto("/session/back/")
        expect(second.get_by_role("heading", name="You are signed in again")).to_be_visible()
        expect(state(page)).to_contain_text("Saved")
        expect(dialog).to_have_count(0)
        assert saved(world) == {1: 4, 2: 5}


def test_nothing_is_sent_under_the_name_of_somebody_else_who_signs_in(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.staff, viewport=PHONE) as page:
        page.goto(survey_page(world))
        StoredSession.objects.all().delete()
        answer(page, 2, 5)
        expect(page.get_by_role("dialog", name="You are signed out")).to_be_visible()
        sign_in(page.context, world.url, world.cast.colleague)
        second = page.context.new_page()
        second.goto("/session/back/")
        page.bring_to_front()
        page.evaluate("dispatchEvent(new Event('online'))")
        page.get_by_role("button", name="Back to what I entered").click()
        answer(page, 3, 5)
        expect(page.get_by_role("dialog", name="Somebody else is signed in here")).to_be_visible()
        assert (saved(world), saved(world, world.cast.colleague)) == ({}, {})


def test_who_comes_by_a_survey_link_is_warned_as_well(browser: Browser, world: Any, settings: Any) -> None:
    token = links.issue(invitation_of(world.cast.staff, world.wave))
    settings.SESSION_COOKIE_AGE = settings.SESSION_WARNING_SECONDS + 2
    with visitor(browser, world.url, viewport=PHONE) as page:
        page.goto(f"/s/{token}/")
        page.get_by_role("button", name="Begin").click()
        dialog = page.get_by_role("dialog", name="Are you still there?")
        expect(dialog).to_be_visible(timeout=15_000)
        settings.SESSION_COOKIE_AGE = 36_000
        dialog.get_by_role("button", name="Stay signed in").click()
        expect(dialog).to_have_count(0)
        [row] = StoredSession.objects.all()
        assert row.expire_date - timezone.now() > timedelta(hours=9)


def test_a_page_learns_how_long_its_session_lasts_without_asking_the_database_again(
    cast: Any, as_: Any, django_assert_num_queries: Any
) -> None:
    browser = as_(cast.nobody)
    assert 'data-left="35' in browser.get("/session/back/").text
    with django_assert_num_queries(2):  # the session, the person
        browser.get("/session/")
