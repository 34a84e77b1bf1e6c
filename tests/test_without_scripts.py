"""The key forms with scripts switched off: signing in, the survey, attendance, MAPS, preparing a call."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect

from rollout.models import Session, User
from tests.browser import PHONE, visitor
from tests.world import furnish_both

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def without_scripts(browser: Browser, url: str, user: User | None = None) -> Any:
    return visitor(browser, url, user, java_script_enabled=False, viewport=PHONE)


def test_signing_in_needs_no_scripts(browser: Browser, live_server: Any, cast: Any) -> None:
    cast.leader.set_password("a cup of tea at half past four")
    cast.leader.save()
    with without_scripts(browser, live_server.url) as page:
        page.goto("/")
        page.locator("input[name=login]").fill(cast.leader.email)
        page.get_by_label("Password").fill("a cup of tea at half past four")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Clearwater Family Services")).to_be_visible()
        assert page.url == live_server.url + "/"


def test_the_survey_needs_no_scripts(browser: Browser, live_server: Any, cast: Any) -> None:
    ours, _theirs = furnish_both(cast)
    with without_scripts(browser, live_server.url, cast.staff) as page:
        page.goto(reverse("assessments:survey", args=[ours.wave.uuid]))
        page.get_by_role("link", name="Begin").click()
        for number in range(1, 6):
            page.locator(f"#q{number} label").nth(number - 1).click()
        page.get_by_role("button", name="Next").locator("visible=true").click()
        expect(page.locator("#progress")).to_contain_text("5 of 30 answered")
        page.get_by_role("button", name="Back").click()
        expect(page.locator("#q4 input").nth(3)).to_be_checked()
        page.get_by_role("link", name="All statements on one page").click()
        for number in range(6, 31):
            page.locator(f"#q{number} label").nth(2).click()
        page.get_by_role("button", name="Finish").locator("visible=true").click()
        expect(page.get_by_role("heading", name="Your result")).to_be_visible()


def test_attendance_needs_no_scripts(browser: Browser, live_server: Any, cast: Any) -> None:
    ours, _theirs = furnish_both(cast)
    start = timezone.now() - timedelta(minutes=10)
    Session.objects.filter(pk=ours.session.pk).update(starts_at=start, ends_at=start + timedelta(hours=7))
    with without_scripts(browser, live_server.url, cast.trainer) as page:
        page.goto(reverse("rollout:session", args=[ours.session.uuid]))
        row = page.locator(f"#p-{ours.staff.uuid}")
        row.get_by_role("button", name="Sign in Clear Staff").click()
        expect(row).to_contain_text("In ")
        row.get_by_role("button", name="Sign out Clear Staff").click()
        expect(row).to_contain_text("Out ")
        expect(page.locator("#dock")).to_contain_text("1 of 3")
        page.get_by_role("button", name="Sign in all").click()
        page.get_by_role("button", name="Sign them in now").click()
        expect(page.locator("#dock")).to_contain_text("3 of 3")
        page.locator(f"#p-{ours.colleague.uuid}").get_by_role("link", name="Correct").click()
        expect(page.get_by_label("Why")).to_be_visible()


def test_logging_maps_needs_no_scripts(browser: Browser, live_server: Any, cast: Any) -> None:
    ours, _theirs = furnish_both(cast)
    with without_scripts(browser, live_server.url, cast.trainer) as page:
        page.goto(reverse("consultation:maps_call", args=[ours.call.uuid]))
        points = page.locator("ol.points > li")
        points.nth(0).locator("label").nth(1).click()
        page.get_by_role("button", name="Save").click()
        expect(points.nth(0).locator("input[type=radio]").nth(1)).to_be_checked()
        for place in range(1, points.count()):
            points.nth(place).locator("label").nth(0).click()
        page.get_by_role("button", name="Finish").click()
        expect(page.get_by_role("heading", name="Your log")).to_be_visible()


def test_preparing_a_call_needs_no_scripts(browser: Browser, live_server: Any, cast: Any) -> None:
    ours, _theirs = furnish_both(cast)
    call = ours.series.calls.get(number=2)
    with without_scripts(browser, live_server.url, cast.supervisor) as page:
        page.goto(reverse("consultation:call", args=[call.uuid]))
        page.get_by_label("One question for the call").fill("How do you begin?")
        page.get_by_role("button", name="Save for now").click()
        expect(page.get_by_label("One question for the call")).to_have_value("How do you begin?")
        page.get_by_role("button", name="Share with").click()
        expect(page.get_by_role("button", name="Take it back")).to_be_visible()
