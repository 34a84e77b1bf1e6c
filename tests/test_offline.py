"""Entries made without a connection: none is lost, each arrives once, and nothing of a survey is left behind."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Route, expect

from assessments import links
from assessments.models import Answer, Draft, Wave
from consultation.models import MapsEntry
from rollout.models import Session as TrainingSession
from tests.browser import PHONE, picture, visitor
from tests.offline_parts import (
    KEPT_BY_THE_BROWSER,
    NO_LINE,
    a_world,
    answer,
    maps_page,
    ready_for_offline,
    saved,
    state,
    survey_page,
)
from tests.surveying import invitation_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(live_server: Any, cast: Any) -> SimpleNamespace:
    return a_world(live_server, cast)


# --- the survey ---------------------------------------------------------------------------------------------------


def test_answers_given_without_a_connection_wait_in_sight_and_arrive_afterwards(
    browser: Browser, world: Any
) -> None:
    with visitor(browser, world.url, world.cast.staff, belongs=NO_LINE, viewport=PHONE) as page:
        page.goto(survey_page(world))
        answer(page, 1, 4)
        expect(state(page)).to_contain_text("Saved")
        page.context.set_offline(True)
        answer(page, 2, 5)
        expect(state(page)).to_have_text("Not sent yet: one answer waits for the connection.")
        answer(page, 3, 1)
        answer(page, 4, 2)
        answer(page, 3, 2)
        expect(state(page)).to_have_text("Not sent yet: 3 answers wait for the connection.")
        picture(page, "survey_waiting")
        assert saved(world) == {1: 4}
        page.context.set_offline(False)
        expect(state(page)).to_contain_text("Saved")
        expect(page.locator("#progress")).to_contain_text("4 of 30 answered")
        assert saved(world) == {1: 4, 2: 5, 3: 2, 4: 2}


def test_the_next_page_waits_for_the_connection_and_nothing_is_lost(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.staff, belongs=NO_LINE, viewport=PHONE) as page:
        page.goto(survey_page(world))
        ready_for_offline(page)
        page.context.set_offline(True)
        button = page.get_by_role("button", name="Next").locator("visible=true")
        for number in range(1, 6):
            answer(page, number, 3)
        button.click()
        expect(state(page)).to_contain_text("The next page needs a connection.")
        expect(page.locator("#q5 input").nth(2)).to_be_checked()
        page.context.set_offline(False)
        expect(state(page)).to_contain_text("Saved")
        button.click()
        expect(page.locator("#q6")).to_be_visible()
        assert saved(world) == dict.fromkeys(range(1, 6), 3)


def test_next_pressed_right_after_a_tap_takes_the_answer_along(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.staff, viewport=PHONE) as page:
        page.goto(survey_page(world))
        answer(page, 1, 2)
        page.get_by_role("button", name="Next").locator("visible=true").click()
        expect(page.locator("#q6")).to_be_visible()
        assert saved(world) == {1: 2}


def test_an_answer_that_arrived_though_its_receipt_was_lost_is_sent_again_and_counts_once(
    browser: Browser, world: Any
) -> None:
    lost = []

    def lose_the_receipt(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        else:
            route.continue_()

    with visitor(browser, world.url, world.cast.staff, belongs=NO_LINE, service_workers="block") as page:
        page.goto(survey_page(world, "all"))
        page.route("**/answer/**", lose_the_receipt)
        answer(page, 7, 5)
        expect(state(page)).to_have_text("Not sent yet: one answer waits for the connection.")
        assert saved(world) == {7: 5}
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(state(page)).to_contain_text("Saved")
        assert lost == [200]
        assert saved(world) == {7: 5}
        assert (Draft.objects.count(), Answer.objects.count()) == (1, 0)


def test_a_server_that_is_away_for_a_moment_is_asked_again(browser: Browser, world: Any) -> None:
    tries = []

    def away_twice(route: Route) -> None:
        tries.append(route.request.method)
        if len(tries) < 3:
            route.fulfill(status=503, body="restarting")
        else:
            route.continue_()

    with visitor(
        browser, world.url, world.cast.staff, belongs="503|htmx:responseError", service_workers="block"
    ) as page:
        page.clock.install()
        page.goto(survey_page(world))
        page.route("**/answer/**", away_twice)
        answer(page, 1, 5)
        expect(state(page)).to_contain_text("Not sent yet")
        page.clock.run_for(2_500)
        page.evaluate("1")
        page.clock.run_for(4_500)
        expect(state(page)).to_contain_text("Saved")
        assert len(tries) == 3
        assert saved(world) == {1: 5}


def test_a_survey_that_closed_meanwhile_says_so_and_is_not_asked_again(browser: Browser, world: Any) -> None:
    asked: list[str] = []
    with visitor(browser, world.url, world.cast.staff, belongs=f"{NO_LINE}|410|htmx:responseError") as page:
        page.goto(survey_page(world))
        page.context.set_offline(True)
        answer(page, 1, 3)
        expect(state(page)).to_contain_text("Not sent yet")
        now = timezone.now()
        Wave.objects.filter(pk=world.wave.pk).update(
            opened_at=now - timedelta(days=2), closes_at=now - timedelta(minutes=1)
        )
        page.on("request", lambda request: asked.append(request.method))
        page.context.set_offline(False)
        expect(state(page)).to_have_text("Not sent: this is closed and takes no more answers.")
        page.evaluate("dispatchEvent(new Event('online'))")
        assert page.locator("#messages").inner_text() == ""
        assert asked.count("POST") == 1


def test_the_browser_asks_before_leaving_only_while_something_waits(browser: Browser, world: Any) -> None:
    asked: list[str] = []
    with visitor(browser, world.url, world.cast.staff, belongs=NO_LINE, service_workers="block") as page:
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.goto(survey_page(world))
        answer(page, 1, 3)
        expect(state(page)).to_contain_text("Saved")
        page.goto("/")
        assert asked == []
        page.goto(survey_page(world))
        page.route("**/answer/**", lambda route: route.abort())
        answer(page, 2, 3)
        expect(state(page)).to_contain_text("Not sent yet")
        page.goto("/")
        assert asked == ["beforeunload"]


@pytest.mark.parametrize("way_out", ["leave", "walk away"])
def test_nothing_of_a_survey_stays_in_the_browser(browser: Browser, world: Any, way_out: str) -> None:
    with visitor(browser, world.url, world.cast.staff, belongs=NO_LINE, viewport=PHONE) as page:
        page.goto(survey_page(world))
        ready_for_offline(page)
        answer(page, 1, 4)
        expect(state(page)).to_contain_text("Saved")
        page.context.set_offline(True)
        answer(page, 2, 5)
        expect(state(page)).to_contain_text("Not sent yet")
        during = page.evaluate(KEPT_BY_THE_BROWSER)
        page.context.set_offline(False)
        expect(state(page)).to_contain_text("Saved")
        if way_out == "leave":
            page.get_by_role("button", name="Leave quickly").click()
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        else:
            page.goto("/")
        for kept in (during, page.evaluate(KEPT_BY_THE_BROWSER)):
            local, session, databases, _caches = json.loads(kept)
            assert (local, session, databases) == ([], [], [])
            assert str(world.wave.uuid) not in kept
            assert "/survey/" not in kept
        page.go_back()
        if way_out == "leave":
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            assert page.locator("#q1").count() == 0


def test_a_survey_link_leaves_no_address_behind(browser: Browser, world: Any) -> None:
    token = links.issue(invitation_of(world.cast.staff, world.wave))
    with visitor(browser, world.url) as page:
        page.goto(f"/s/{token}/")
        assert token not in page.evaluate(KEPT_BY_THE_BROWSER)


def test_the_back_button_finds_no_picture_of_a_survey(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.staff) as page:
        for url, left in ((survey_page(world), 0), ("/me/training/", 1)):
            page.goto(url)
            page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
            assert page.locator("main").count() == left


# --- MAPS ---------------------------------------------------------------------------------------------------------


def test_taps_without_a_connection_arrive_in_order_and_a_changed_mind_counts(
    browser: Browser, world: Any
) -> None:
    sent: list[str] = []
    with visitor(browser, world.url, world.cast.trainer, belongs=NO_LINE, viewport=PHONE) as page:
        page.goto(maps_page(world))
        rows = page.locator("ol.points > li")
        rows.nth(0).locator("input[value=aired]").click()
        expect(page.locator("#count")).to_contain_text("so far")
        expect(state(page)).to_contain_text("Saved")
        page.context.set_offline(True)
        for place, value in ((3, "aired"), (1, "partly"), (2, "na"), (3, "partly")):
            rows.nth(place).locator(f"input[value={value}]").click()
        expect(state(page)).to_have_text("Not sent yet: 3 answers wait for the connection.")
        expect(state(page)).to_have_attribute("data-state", "waiting")  # not as if it had failed
        finish = page.get_by_role("button", name="Finish").bounding_box()
        assert finish["y"] > (told := state(page).bounding_box())["y"] + told["height"] - 1
        assert finish["x"] + finish["width"] > PHONE["width"] - 24, "the way out stays under the thumb"
        picture(page, "maps_waiting")
        page.on(
            "request",
            lambda request: sent.append(request.post_data or "") if request.method == "POST" else None,
        )
        page.context.set_offline(False)
        expect(state(page)).to_contain_text("Saved")
    found = dict(MapsEntry.objects.exclude(aired="").values_list("point__position", "aired"))
    assert found == {1: "aired", 4: "partly", 2: "partly", 3: "na"}
    taps = [parse_qs(one) for one in sent]
    assert [(tap["point"][0], tap[f"aired-{tap['point'][0]}"][0]) for tap in taps] == [
        ("4", "aired"), ("2", "partly"), ("3", "na"), ("4", "partly"),
    ]  # fmt: skip


def test_a_changed_mind_after_a_lost_receipt_is_no_quarrel_with_oneself(browser: Browser, world: Any) -> None:
    lost = []

    def lose_the_receipt(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        elif route.request.method == "POST" and len(lost) == 1:
            lost.append(0)
            route.abort("connectionreset")
        else:
            route.continue_()

    with visitor(browser, world.url, world.cast.trainer, belongs=NO_LINE, service_workers="block") as page:
        page.goto(maps_page(world))
        page.route("**/maps/", lose_the_receipt)
        row = page.locator("ol.points > li").nth(1)
        row.locator("input[value=aired]").click()
        expect(state(page)).to_contain_text("Not sent yet")
        row.locator("input[value=missed]").click()
        expect(state(page)).to_contain_text("Saved", timeout=20_000)
        assert MapsEntry.objects.get(point__position=2).aired == "missed"
        assert "Another window" not in row.inner_text()
    assert lost == [200, 0]


def test_two_windows_that_disagree_show_both_answers_and_ask_once(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.trainer, belongs=f"{NO_LINE}|409") as page:
        page.goto(maps_page(world))
        row = page.locator("ol.points > li").nth(1)
        row.locator("input[value=aired]").click()
        expect(state(page)).to_contain_text("Saved")
        page.context.set_offline(True)
        row.locator("input[value=partly]").click()
        expect(state(page)).to_contain_text("Not sent yet")
        entry = MapsEntry.objects.get(aired="aired")
        MapsEntry.objects.filter(pk=entry.pk).update(aired="missed", version=entry.version + 1)
        page.context.set_offline(False)
        expect(row).to_contain_text("Another window of yours answered this meanwhile")
        expect(row).to_contain_text("Saved there: Not aired")
        expect(row).to_contain_text("Yours: Partly")
        assert "connection" not in page.locator(".dock").inner_text()
        entry.refresh_from_db()
        assert entry.aired == "missed"


def test_finishing_takes_a_remark_along_that_was_typed_a_moment_ago(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.trainer) as page:
        page.goto(maps_page(world))
        row = page.locator("ol.points > li").nth(0)
        row.locator("summary").click()
        row.locator("textarea").fill("We ran out of time.")
        page.get_by_role("button", name="Finish").click()
        expect(page.get_by_role("heading", name="points are still open")).to_be_visible()
        expect(page.locator("ol.points > li").nth(0).locator("textarea")).to_have_value("We ran out of time.")
        assert MapsEntry.objects.get(point__position=1).remark == "We ran out of time."


# --- what is not kept: forms that a person sends, and attendance, which records the moment --------------------------


def test_a_form_that_cannot_be_sent_stays_as_it_was_typed(browser: Browser, world: Any) -> None:
    with visitor(browser, world.url, world.cast.leader, belongs=NO_LINE) as page:
        page.goto(reverse("rollout:team_edit", args=[world.ours.team.uuid]))
        ready_for_offline(page)
        page.context.set_offline(True)
        name = page.locator("#id_name")
        name.fill("Intake, north")
        name.press("Enter")
        expect(page.locator("#messages")).to_contain_text("nothing was sent")
        expect(name).to_have_value("Intake, north")
        page.context.set_offline(False)
        name.press("Enter")
        page.wait_for_url("**/teams/")
        world.ours.team.refresh_from_db()
        assert world.ours.team.name == "Intake, north"


def test_a_sign_in_at_the_door_is_never_sent_later_with_a_wrong_time(browser: Browser, world: Any) -> None:
    start = timezone.now() - timedelta(minutes=10)
    TrainingSession.objects.filter(pk=world.ours.session.pk).update(
        starts_at=start, ends_at=start + timedelta(hours=7)
    )
    with visitor(browser, world.url, world.cast.trainer, belongs=NO_LINE, viewport=PHONE) as page:
        page.goto(reverse("rollout:session", args=[world.ours.session.uuid]))
        page.context.set_offline(True)
        page.get_by_role("button", name="Sign in Clear Staff").click()
        expect(page.locator("#messages")).to_contain_text("nothing was sent")
        page.context.set_offline(False)
        page.evaluate("fetch('/session/')")
        assert world.ours.session.attendances.count() == 0
