"""Every page of every role in Chromium: wide and narrow, light and dark, by axe's rules."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
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
from tests.browser import DESK, PHONE, no_sideways_scroll, picture, visitor
from tests.conftest import ROSTERS

pytestmark = pytest.mark.browser


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
    ],
    "long ago": [Look("assessments:confirm")],
    "visitor": [
        Look("account_login"),
        Look("account_request_login_code"),
        Look("account_reset_password"),
        Look("assessments:survey_link", lambda demo: [demo.token]),
        Look("assessments:survey_link", lambda demo: [demo.token_sent], "?sent"),
    ],
}
DARK = {
    *(look for looks in PAGES.values() for look in looks[:1]),
    Look("overview", slug),
    *(
        look
        for looks in PAGES.values()
        for look in looks
        if look.name in {"wave", "result", "maps_session", "session"}
    ),
    *(look for look in PAGES["staff"] if look.name == "survey_answer_page_1"),
}
"""Looked at in the dark as well."""
NO_PAGES = {
    "report", "document_file", "rollout:access_withdraw", "consultation:prepare", "consultation:call_outcome",
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


def test_pages_fit_the_screen_and_break_no_rule_of_access_or_content(
    browser: Browser, demo: SimpleNamespace
) -> None:
    wrong: list[str] = []
    for role, looks in PAGES.items():
        user = User.objects.get(email=WHO[role].email) if role in WHO else None
        ago = 3600 if role == "long ago" else 0
        with visitor(
            browser, demo.url, user, signed_in_ago=ago, viewport=DESK, reduced_motion="reduce"
        ) as page:
            for look in looks:
                wrong += [
                    f"{role}, {look.name}, {what}"
                    for what in look_at(page, look, demo, f"{role}_{look.name}")
                ]
    assert not wrong, "\n".join(wrong)


def look_at(page: Page, look: Look, demo: Any, name: str) -> Iterator[str]:
    """What is wrong with a page: wide, narrow, and some of them in the dark."""
    response = page.goto(look.url(demo))
    assert response is not None
    if response.status != 200 or page.url != demo.url + look.url(demo):
        yield f"{response.status} at {page.url}"
    page.evaluate(AXE_SCRIPT)
    # Contrast takes axe the longest and is the same at any width.
    for width, size, off in (("wide", DESK, ["color-contrast"]), ("narrow", PHONE, [])):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            yield f"{width}: scrolls sideways by {over}"
        yield from (
            f"{width}: {one}" for one in findings(page, {"rules": {rule: {"enabled": False} for rule in off}})
        )
        picture(page, f"{name}_{width}")
    if look in DARK:
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
        yield from (f"dark: {one}" for one in findings(page, contrast))
        picture(page, f"{name}_dark")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def findings(page: Page, options: dict[str, Any]) -> Iterator[str]:
    """What axe finds, each with the first place it was found at."""
    asked = json.dumps({"resultTypes": ["violations"], **options})
    for found in page.evaluate(f"axe.run({asked})")["violations"]:
        node = found["nodes"][0]
        yield f"{found['id']} ({len(found['nodes'])}): {node['html'][:150]} {node['failureSummary'][:200]!r}"


def test_pages_that_say_no_and_the_first_page_of_all_fit_as_well(browser: Browser, live_server: Any) -> None:
    context = browser.new_context(base_url=live_server.url, viewport=PHONE)
    page = context.new_page()
    seen = []
    try:
        for url in ("/setup/", "/s/no-such-token/", "/people/nobody/"):
            response = page.goto(url)
            assert response is not None
            page.evaluate(AXE_SCRIPT)
            seen.append((response.status, list(findings(page, {})), no_sideways_scroll(page)))
            picture(page, f"visitor_{url.strip('/').replace('/', '_')}")
    finally:
        context.close()
    assert seen == [(200, [], True), (404, [], True), (404, [], True)]


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
            seen = [*findings(page, {}), no_sideways_scroll(page)]
    assert seen[0].startswith("image-alt")
    assert not seen[-1]
    said = str(caught.value)
    assert [part for part in ("style-src-attr", "scrolls sideways: 9", "lost") if part not in said] == []
