"""Whole journeys without a mouse: the survey on a phone's width, then supervisor, trainer and leader at a desk."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from assessments.models import Invitation
from consultation.models import Call, MapsEntry, Preparation
from rollout.models import Attendance, Person, Session, User
from tests.browser import DESK, visitor
from tests.conftest import ROSTERS
from tests.hands import Keys
from tests.independent_scorer import score_row
from tests.surveying import HIGH_AVERAGE_LOW, token_of
from tests.world import furnish_both

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL_PHONE = {"width": 360, "height": 740}
CODE = re.compile(r"^\s*([A-Z0-9]{3,5}-?[A-Z0-9]{3,5})\s*$", re.MULTILINE)


SAME_HEIGHT = "([row, height]) => row.getBoundingClientRect().height === height"


def at_a_keyboard(browser: Browser, url: str, user: User | None = None, **options: Any) -> Any:
    return visitor(browser, url, user, **{"viewport": DESK, "reduced_motion": "reduce", **options})


def statements(page: Page) -> Locator:
    """The groups of choices of the page."""
    groups = page.get_by_role("group").or_(page.get_by_role("radiogroup"))
    return groups.filter(has=page.get_by_role("radio"))


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("button", name=name)


def test_the_survey_from_the_mailed_link_to_the_own_result(
    browser: Browser, live_server: Any, cast: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    ours, _theirs = furnish_both(cast)
    given = HIGH_AVERAGE_LOW
    with at_a_keyboard(browser, live_server.url, viewport=SMALL_PHONE) as page:
        keys = Keys(page)
        page.goto(reverse("assessments:survey_link", args=[token_of(cast.staff, ours.wave)]))
        keys.press(button(page, "Begin"))
        for first in range(0, 30, 5):
            expect(statements(page)).to_have_count(5)
            expect(statements(page).first).to_contain_text(f"{first + 1}.")
            for place, answer in enumerate(given[first : first + 5]):
                keys.choose(statements(page).nth(place), answer - 1)
            keys.press(button(page, "Finish" if first == 25 else "Next"))
        expect(page.get_by_role("heading", name="Thank you.")).to_be_visible()
        assert Invitation.objects.get(person=ours.staff, wave=ours.wave).completed
        keys.press(page.get_by_role("link", name="Sign in to see my result"))
        keys.write(page.get_by_label(re.compile("^E-?mail")), cast.staff.email)
        keys.press(button(page, "Mail me the code"))
        page.wait_for_url("**/code/confirm/**")
        code = CODE.search(str(mail.outbox[-1].body))
        assert code is not None
        if not page.get_by_label("Code").evaluate("one => one === document.activeElement"):
            keys.to(page.get_by_label("Code"))
        page.keyboard.type(code[1])
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Your result")).to_be_visible()
        for score, _level in score_row(given):
            expect(page.get_by_role("main")).to_contain_text(f"{score} of 50")


def test_a_supervisor_prepares_a_call(browser: Browser, live_server: Any, cast: Any) -> None:
    ours, _theirs = furnish_both(cast)
    start = timezone.now() + timedelta(days=3)
    Call.objects.filter(pk=ours.series.calls.get(number=2).pk).update(
        starts_at=start, ends_at=start + timedelta(hours=1)
    )
    with at_a_keyboard(browser, live_server.url, cast.supervisor) as page:
        keys = Keys(page)
        page.goto("/")
        keys.press(page.get_by_role("main").get_by_role("link", name=re.compile("Prepare|Call 2|^2 ")))
        expect(page.get_by_label("One question for the call")).to_be_visible()
        keys.write(page.get_by_label("One question for the call"), "How do you begin?")
        keys.press(button(page, re.compile("^Share with")))
        expect(button(page, "Take it back")).to_be_visible()
    shared = Preparation.objects.get()
    assert shared.shared_at is not None
    assert "How do you begin?" in str(vars(shared))


def test_a_trainer_takes_attendance(browser: Browser, live_server: Any, cast: Any) -> None:
    ours, _theirs = furnish_both(cast)
    start = timezone.now() + timedelta(minutes=10)  # in time: no line about being late
    Session.objects.filter(pk=ours.session.pk).update(starts_at=start, ends_at=start + timedelta(hours=7))
    with at_a_keyboard(browser, live_server.url, cast.trainer, viewport=SMALL_PHONE) as page:
        keys = Keys(page)
        page.goto(reverse("rollout:session", args=[ours.session.uuid]))
        row = page.locator(".points > li", has_text="Clear Staff")
        height = row.bounding_box()["height"]
        keys.press(button(page, "Sign in Clear Staff"))
        out = button(page, "Sign out Clear Staff")
        expect(out).to_be_visible()
        here = page.evaluate("document.activeElement.closest('li')?.innerText")
        assert "Clear Staff" in here  # the row was put in anew, and the hands are still in it
        # Nothing moves under the thumb that signs in the next.
        page.wait_for_function(SAME_HEIGHT, arg=[row.element_handle(), height])
        everybody = button(page, "Sign in all")
        keys.press(everybody)
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(everybody).to_be_focused()
        page.keyboard.press("Enter")
        keys.press(button(page, "Sign them in now"), most=4)
        expect(button(page, re.compile("^Sign out "))).not_to_have_count(1)
        expect(everybody).to_be_hidden()
    assert Attendance.objects.filter(session=ours.session, signed_in_at__isnull=False).count() == 3


def test_a_trainer_logs_maps(browser: Browser, live_server: Any, cast: Any) -> None:
    ours, _theirs = furnish_both(cast)
    with at_a_keyboard(browser, live_server.url, cast.trainer, viewport=SMALL_PHONE) as page:
        keys = Keys(page)
        page.goto(reverse("consultation:maps_call", args=[ours.call.uuid]))
        count = statements(page).count()
        assert count > 3
        for place in range(count):
            keys.choose(statements(page).nth(place), 1 if place == 2 else 0)
        keys.press(button(page, "Finish"))
        expect(page.get_by_role("heading", name="Your log")).to_be_visible()
    answers = [entry.aired for entry in MapsEntry.objects.order_by("point__position")]
    assert answers == ["aired", "aired", "partly", *["aired"] * (count - 3)]


def test_a_leader_imports_a_roster(browser: Browser, live_server: Any, cast: Any) -> None:
    before = Person.objects.filter(agency=cast.agency).count()
    with at_a_keyboard(browser, live_server.url, cast.leader) as page:
        keys = Keys(page)
        # Listened for from the start: taking files in the page's stead begins a moment after it is asked for.
        page.on("filechooser", lambda chooser: chooser.set_files(ROSTERS / "clearwater.csv"))
        page.goto(reverse("rollout:people", args=[cast.agency.slug]))
        keys.press(page.get_by_role("main").get_by_role("link", name=re.compile("Import|roster")))
        keys.to(page.locator("input[type=file]"))
        page.keyboard.press("Space")
        expect(page.locator("input[type=file]")).to_have_value(re.compile("clearwater"))
        keys.press(button(page, "See what it would change"))
        expect(page.get_by_role("heading", name="clearwater.csv")).to_be_visible()
        if (agree := page.get_by_role("checkbox")).count():  # whoever the list leaves out would be gone
            keys.to(agree)
            page.keyboard.press("Space")
        keys.press(button(page, re.compile("^Import")))
        page.wait_for_load_state()
        expect(button(page, re.compile("^Import"))).to_have_count(0)
    assert Person.objects.filter(agency=cast.agency).count() == before + 120


def test_a_leader_opens_a_wave(browser: Browser, live_server: Any, cast: Any) -> None:
    with at_a_keyboard(browser, live_server.url, cast.leader) as page:
        keys = Keys(page)
        page.goto("/")
        keys.press(page.get_by_role("link", name=re.compile("Survey|Assessments|Outcomes")))
        keys.press(page.get_by_role("main").get_by_role("link", name="Open the baseline"))
        field = page.get_by_label("Closes at the end of")
        keys.to(field)
        page.keyboard.type("01012020")
        keys.press(button(page, re.compile("^Open and invite")))
        expect(page.get_by_role("alert")).to_be_focused()  # what is wrong, and from there to where it is
        keys.press(page.get_by_role("alert").get_by_role("link"), most=1)
        expect(field).to_be_focused()
        page.keyboard.type(f"{timezone.localdate() + timedelta(days=20):%m%d%Y}")
        keys.press(button(page, re.compile("^Open and invite")))
        expect(page.get_by_role("heading", name="Baseline survey")).to_be_visible()
    assert cast.agency.waves.count() == 1
