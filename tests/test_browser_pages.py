"""Every page of every role in Chromium: at four widths, light and dark, by axe's rules."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from assessments import links
from assessments.models import Invitation
from assessments.survey import save_draft
from cecert_site.checks import OUR_APPS, routes
from cecert_site.demo import build, signins
from consultation.models import Checklist, Series
from rollout.models import Agency, Cohort, Document, Person, Session, Team, User
from rollout.roster_actions import receive_roster
from tests.browser import DESK, PHONE, no_sideways_scroll, visitor
from tests.conftest import ROSTERS
from tests.looks import findings, look_at

pytestmark = [pytest.mark.browser, pytest.mark.looks]


@dataclass(frozen=True)
class Look:
    """A page to look at: route, arguments out of the demo, query."""

    route: str
    args: Callable[[Any], list[Any]] = lambda demo: []
    query: str = ""

    def url(self, demo: Any) -> str:
        return reverse(self.route, args=self.args(demo)) + self.query

    @property
    def name(self) -> str:
        marks = "".join(one if one.isalnum() else "_" for one in self.route.split(":")[-1] + self.query)
        return marks.strip("_")


def slug(demo: Any) -> list[Any]:
    return [demo.agency.slug]


def of(name: str) -> Callable[[Any], list[Any]]:
    """The address of one row of the demo."""
    return lambda demo: [getattr(demo, name).uuid]


RUNS = [
    Look("home"),
    Look("overview", slug),
    Look("documents", slug),
    Look("document", of("ready")),
    Look("document", of("waiting"), "?waiting"),
    Look("person", of("staff")),
    Look("rollout:agencies"),
    Look("rollout:agency_edit", slug),
    Look("rollout:access", slug),
    Look("rollout:people", slug),
    Look("rollout:people", slug, "?page=2"),
    Look("rollout:person_new", slug),
    Look("rollout:person_edit", of("staff")),
    Look("rollout:teams", slug),
    Look("rollout:team_edit", of("team")),
    Look("rollout:roster_upload", slug),
    Look("rollout:roster_preview", lambda demo: [demo.agency.slug, demo.good.uuid]),
    Look("rollout:roster_preview", lambda demo: [demo.agency.slug, demo.good.uuid], "?group=new"),
    Look("rollout:roster_preview", lambda demo: [demo.agency.slug, demo.bad.uuid], "?bad"),
    Look("rollout:training", slug),
    Look("rollout:cohort_new", slug),
    Look("rollout:cohort", of("cohort")),
    Look("rollout:cohort", of("cohort"), "?find=a"),
    Look("rollout:session_new", of("cohort")),
    Look("rollout:session_edit", of("ahead")),
    Look("consultation:series_list", slug),
    Look("consultation:series_new", slug),
    Look("consultation:series", of("series")),
    Look("consultation:series_edit", of("series")),
    Look("consultation:call", of("held")),
    Look("consultation:call_edit", of("next")),
    Look("consultation:maps_call", of("held")),
    Look("consultation:maps_session", of("past")),
    Look("consultation:checklists"),
    Look("consultation:checklist", lambda demo: [demo.checklist.pk]),
    Look("assessments:waves", slug),
    Look("assessments:wave", of("open"), "?open"),
    Look("assessments:wave", of("closed")),
    Look("assessments:wordings"),
]
PAGES: dict[str, list[Look]] = {
    "leader": RUNS,
    "admin": [
        Look("home"),
        Look("rollout:agencies"),
        Look("rollout:agency_new"),
        Look("assessments:wave_new", lambda demo: [demo.other.slug]),
        Look("assessments:wordings"),
    ],
    "trainer": [
        Look("home"),
        Look("rollout:agencies"),
        Look("rollout:training", slug),
        Look("rollout:session", of("past")),
        Look("rollout:session", of("past"), "?show=waiting"),
        Look("rollout:session", of("unrecorded"), "?unrecorded"),
        Look("rollout:session", of("ahead"), "?ahead"),
        Look("rollout:session", of("running"), "?running"),
        Look("consultation:call", of("held")),
        Look("consultation:call", of("next"), "?next"),
        Look("consultation:call_hold", of("held")),
        Look("consultation:maps_session", of("unlogged")),
        Look("consultation:maps_session", of("unrecorded"), "?without_checklist"),
        Look("consultation:maps_call", of("held")),
        Look("consultation:my_calls"),
    ],
    "supervisor": [
        Look("home"),
        Look("consultation:my_calls"),
        Look("consultation:call", of("next")),
        Look("consultation:call", of("held"), "?held"),
        Look("rollout:my_training"),
        Look("person", of("member")),
    ],
    "staff": [
        Look("home"),
        Look("rollout:my_training"),
        Look("rollout:session", of("ahead_of_staff")),
        Look("rollout:session", of("past"), "?past"),
        Look("person", of("staff")),
        Look("assessments:survey", of("open")),
        Look("assessments:survey_answer", of("open"), "?page=1"),
        Look("assessments:survey_answer", of("open"), "?page=6"),
        Look("assessments:survey_answer", of("open"), "?page=all"),
        Look("assessments:survey_answer", of("open"), "?page=review"),
        Look("account_logout"),
    ],
    "answered": [
        Look("assessments:result", of("open")),
        Look("assessments:my_results"),
        Look("sent_mail"),
        Look("session_back"),
    ],
    "long ago": [Look("assessments:confirm")],
    "visitor": [
        Look("account_login"),
        Look("offline"),
        Look("account_request_login_code"),
        Look("account_reset_password"),
        Look("assessments:survey_link", lambda demo: [demo.token]),
        Look("assessments:survey_link", lambda demo: [demo.token_sent], "?sent"),
        Look("design"),
        Look("design", query="?look=dark"),
    ],
}
PARTS = [
    pytest.param("leader", slice(0, None, 2), id="leader"),
    pytest.param("leader", slice(1, None, 2), id="leader, other half"),
    *(pytest.param(role, slice(None), id=role) for role in PAGES if role != "leader"),
]
"""What one test looks at: as many as can run side by side."""
WITH_A_THUMB = {"trainer", "supervisor", "staff", "answered", "long ago", "visitor"}
"""Roles that use the product on a phone."""
NO_PAGES = {
    "manifest", "service_worker", "session",
    "language", "report", "document_file", "rollout:access_withdraw", "consultation:prepare", "consultation:call_outcome",
    "assessments:wave_close", "assessments:wave_extend", "assessments:wave_figures", "assessments:survey_begin",
    "assessments:survey_delete", "assessments:leave", "assessments:my_results_export",
}  # fmt: skip
"""Routes that only take something, hand out a file or lead on."""


@pytest.fixture
def demo(live_server: Any, settings: Any) -> SimpleNamespace:
    """The demo agency, and the rows that pages are about."""
    settings.DEMO, settings.SITE_URL = True, live_server.url
    now = timezone.now()
    build.seed(now)
    agency = Agency.objects.get(slug="clearwater")
    leader, trainer = (User.objects.get(email=one.email) for one in (signins.LEADER, signins.TRAINER))
    staff = Person.objects.get(user__email=signins.STAFF_OPEN.email)
    cohort = Cohort.objects.get(agency=agency, name="Foundations A")
    sessions = Session.objects.filter(cohort__agency=agency)
    running = Session.objects.create(
        cohort=cohort, title="Foundations, day 2 again", day=2, trainer=trainer,
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=6, minutes=30),
    )  # fmt: skip
    running.modules.set(cohort.curriculum.modules.filter(day=2))
    series = Series.objects.get(agency=agency)
    wave = agency.waves.get(closed_at=None)
    invitations = Invitation.objects.select_related("wave__agency", "wave__wording_pack", "person__user")
    mine = invitations.get(wave=wave, person=staff)
    save_draft(mine, {number: 1 + number % 5 for number in range(1, 28)})
    sent = invitations.get(wave=wave, person__user__email=signins.STAFF_ANSWERED.email)
    waits = invitations.filter(wave=wave, completed=False).exclude(person=staff)[0]
    ready = Document.objects.create(
        kind="rollout_report", agency=agency, requested_by=leader, requested_at=now,
        state=Document.State.READY, finished_at=now, filename="report.pdf", content=b"%PDF-",
    )  # fmt: skip
    files = {name: (ROSTERS / name).read_bytes() for name in ("clearwater.csv", "bad.csv")}
    good, bad = (
        receive_roster(agency, filename=name, content=content, by=leader, at=now)
        for name, content in files.items()
    )
    return SimpleNamespace(
        url=live_server.url, agency=agency, other=Agency.objects.get(slug="harbor-point"), staff=staff,
        member=Person.objects.filter(team__supervisor__user__email=signins.SUPERVISOR.email).exclude(user__email=signins.SUPERVISOR.email)[0],
        team=Team.objects.get(agency=agency, name="Intake"), cohort=cohort, past=cohort.sessions.get(day=1),
        ahead=sessions.filter(starts_at__gt=now, trainer=trainer).first(),
        ahead_of_staff=sessions.filter(starts_at__gt=now, cohort__members=staff).first(),
        unrecorded=sessions.get(title="Helping skills, areas 3 and 4"), running=running,
        unlogged=Session.objects.get(cohort__agency__slug="harbor-point", day=1),
        series=series, held=series.calls.get(number=4), next=series.calls.get(number=5),
        checklist=Checklist.objects.order_by("pk")[0], open=wave, closed=agency.waves.exclude(closed_at=None).get(),
        token=links.issue(waits), token_sent=links.issue(sent), good=good, bad=bad, ready=ready,
        waiting=Document.objects.create(kind="rollout_report", agency=agency, requested_by=trainer, requested_at=now),
    )  # fmt: skip


WHO = {
    "leader": signins.LEADER,
    "admin": signins.ADMIN,
    "trainer": signins.TRAINER,
    "supervisor": signins.SUPERVISOR,
    "staff": signins.STAFF_OPEN,
    "answered": signins.STAFF_ANSWERED,
    "long ago": signins.STAFF_ANSWERED,
}


def test_every_page_of_the_product_is_looked_at() -> None:
    spaces = {"rollout": "rollout:", "consultation": "consultation:", "assessments": "assessments:"}
    apps = {(route.callback.__module__.split(".")[0], route.name) for _address, route in routes()}
    ours = {spaces.get(app, "") + str(name) for app, name in apps if app in OUR_APPS}
    seen = {look.route for looks in PAGES.values() for look in looks if not look.route.startswith("account_")}
    assert ours - NO_PAGES - {"setup"} == seen


@pytest.mark.parametrize(("role", "part"), PARTS)
def test_pages_fit_every_screen_and_break_no_rule_of_access_or_content(
    role: str, part: slice, browser: Browser, demo: SimpleNamespace
) -> None:
    wrong: list[str] = []
    size = PHONE if role in WITH_A_THUMB else DESK
    with somebody(browser, demo, role, viewport=size, reduced_motion="reduce") as page:
        for look in PAGES[role][part]:
            if other := open_page(page, look, demo):
                wrong.append(f"{role}, {look.name}: {other}")
                continue
            found = look_at(page, f"{role}_{look.name}", thumb=role in WITH_A_THUMB)
            wrong += [f"{role}, {look.name}, {what}" for what in found]
    assert not wrong, "\n".join(wrong)


def somebody(browser: Browser, demo: Any, role: str, **options: Any) -> AbstractContextManager[Page]:
    """A page in which somebody of that role is signed in."""
    user = User.objects.get(email=WHO[role].email) if role in WHO else None
    ago = 3600 if role == "long ago" else 0
    return visitor(browser, demo.url, user, signed_in_ago=ago, **options)


def open_page(page: Page, look: Look, demo: Any) -> str:
    """Go there; what came instead of the page, if anything."""
    response = page.goto(look.url(demo))
    assert response is not None
    as_asked = (response.status, page.url) == (200, demo.url + look.url(demo))
    return "" if as_asked else f"{response.status} at {page.url}"


REFUSALS = {"/setup/": 200, "/s/no-such-token/": 404, "/people/nobody/": 404, "/broken/": 500}
"""The first page of all, and the pages that say no, with their status."""


def test_pages_that_say_no_and_the_first_page_of_all_fit_as_well(browser: Browser, live_server: Any) -> None:
    wrong = []
    # A service worker would ask for the broken page itself.
    nobody = browser.new_context(
        base_url=live_server.url, viewport=PHONE, reduced_motion="reduce", service_workers="block"
    )
    try:
        page = nobody.new_page()
        page.route("**/broken/", lambda one: one.fulfill(status=500, body=render_to_string("500.html")))
        for url, status in REFUSALS.items():
            response = page.goto(url)
            assert response is not None
            assert response.status == status, url
            wrong += [
                f"{url}: {one}"
                for one in look_at(page, f"visitor_{url.strip('/').replace('/', '_')}", thumb=True)
            ]
    finally:
        nobody.close()
    assert not wrong, "\n".join(wrong)


def test_the_page_for_the_wrong_role_fits_as_well(browser: Browser, live_server: Any, cast: Any) -> None:
    with pytest.raises(AssertionError, match="status of 403"):  # noqa: PT012, SIM117 - the watch hears of the refusal
        with visitor(browser, live_server.url, cast.staff, viewport=PHONE, reduced_motion="reduce") as page:
            response = page.goto(reverse("rollout:agency_edit", args=[cast.agency.slug]))
            assert response is not None
            wrong = [response.status, *look_at(page, "staff_403", thumb=True)]
    assert wrong == [403]


def test_the_watch_sees_what_it_is_there_for(browser: Browser, live_server: Any) -> None:
    faults = '<p style="color: red">Inline</p><img><p><canvas width=900></canvas></p>'
    with pytest.raises(AssertionError) as caught:  # noqa: PT012, SIM117 - it is leaving the inner block that raises
        with visitor(browser, live_server.url, viewport=PHONE) as page:
            page.goto("/setup/")
            page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", faults)
            page.evaluate("dispatchEvent(new Event('load'))")
            page.evaluate("setTimeout(() => { throw new Error('lost') })")
            page.wait_for_timeout(100)
            page.evaluate(AXE_SCRIPT)
            seen = [*findings(page), no_sideways_scroll(page)]
    assert seen[0].startswith("image-alt")
    assert not seen[-1]
    said = str(caught.value)
    assert [part for part in ("style-src-attr", "scrolls sideways: 9", "lost") if part not in said] == []
