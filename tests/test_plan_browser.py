"""The plan's picture in a browser: an open mark goes to another day by mouse or by keys, and is looked at first."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect

from rollout.plan_actions import create_plan
from rollout.plan_steps import Template
from tests.browser import DESK, visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_mark_is_moved_by_keys_and_by_mouse_to_its_preview(
    browser: Browser, live_server: Any, cast: Any
) -> None:
    now = timezone.now()
    start = now.date() + timedelta(days=30)
    plan = create_plan(
        cast.agency, starts_on=start, template=Template(), trainer=None, by=cast.leader, at=now
    )
    review = plan.milestones.get(kind="review", number=1)
    address = reverse("plan_milestone", args=[review.uuid])
    with visitor(browser, live_server.url, cast.leader, viewport=DESK, reduced_motion="reduce") as page:
        page.goto(reverse("plan", args=[cast.agency.slug]))
        mark = page.get_by_role("button", name="Review at mid-point")
        expect(page.locator(".plan-handle")).to_have_count(plan.milestones.count() - 1)
        mark.focus()
        page.keyboard.press("PageDown")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".plan-day")).to_contain_text("Review at mid-point")
        page.keyboard.press("Escape")
        expect(page.locator(".plan-day")).to_be_hidden()
        page.keyboard.press("PageDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{address}?on={review.on + timedelta(days=7)}")
        expect(page.get_by_role("heading", name="1 date would move")).to_be_visible()
        page.goto(reverse("plan", args=[cast.agency.slug]))
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y, steps=3)
        page.mouse.up()
        page.wait_for_url(f"**{address}?on=*")
        asked = date.fromisoformat(page.url.split("on=")[1])
        assert timedelta(days=20) < asked - review.on < timedelta(days=80)
        review.refresh_from_db()
        assert not review.is_fixed, "nothing is saved by moving it"
