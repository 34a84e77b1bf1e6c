"""Every page of every role in Chromium: at four widths, light and dark, by axe's rules."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from assessments import links
from assessments.models import Invitation
from assessments.survey import save_draft
from cecert_site.checks import OUR_APPS, routes
from cecert_site.demo import build, signins
from consultation.models import Checklist, Series
from rollout.check_in import code_at
from rollout.enroll import STEPS
from rollout.models import Agency, Cohort, Document, Person, PlanShare, Session, Team, User
from rollout.roster_actions import receive_roster
from tests import demo_site
from tests.browser import DESK, PHONE, visitor
from tests.conftest import ROSTERS
from tests.looks import look_at

pytestmark = [pytest.mark.browser, pytest.mark.looks]
demo_server, demo = demo_site.demo_server, demo_site.demo


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
    Look("plan", slug),
    Look("plan_rework", slug),
    Look("plan_sessions", lambda demo: [demo.agency.slug, 0]),
    Look("plan_milestone", of("review")),
    Look("documents", slug),
    Look("document", of("ready")),
    Look("document", of("waiting"), "?waiting"),
    Look("person", of("staff")),
    Look("rollout:agencies"),
    Look("rollout:agency_edit", slug),
    *(Look("rollout:enroll", lambda demo, step=step: [demo.agency.slug, step]) for step in STEPS),
    Look("rollout:commitment", slug),
    Look("rollout:closings", slug),
    Look("rollout:workforce", slug),
    Look("rollout:workforce_import", slug),
    Look("rollout:workforce_month", lambda demo: [demo.agency.slug, "2026-09"]),
    Look("rollout:access", slug),
    Look("rollout:people", slug),
    Look("rollout:people", slug, "?page=2"),
    Look("rollout:person_new", slug),
    Look("rollout:person_edit", of("staff")),
    Look("rollout:teams", slug),
    Look("rollout:team_edit", of("team")),
    Look("duplicates", slug),
    Look("same_person", lambda demo: [demo.staff.uuid, demo.member.uuid]),
    Look("rollout:roster_upload", slug),
    Look("rollout:roster_preview", lambda demo: [demo.agency.slug, demo.good.uuid]),
    Look("rollout:roster_preview", lambda demo: [demo.agency.slug, demo.good.uuid], "?group=new"),
    Look("rollout:roster_preview", lambda demo: [demo.agency.slug, demo.bad.uuid], "?bad"),
    Look("rollout:training", slug),
    Look("rollout:hours", slug),
    Look("rollout:hours", slug, "?state=complete"),
    Look("rollout:completion", slug),
    Look("rollout:coverage", slug),
    Look("rollout:coverage", slug, "?team=1"),
    Look("rollout:cohort_new", slug),
    Look("rollout:certificates", slug),
    Look("rollout:certificate", lambda demo: [demo.agency.slug, demo.certificate.uuid]),
    Look("rollout:certificate_reissue", lambda demo: [demo.agency.slug, demo.certificate.uuid]),
    Look("rollout:cohort_certificates", of("cohort")),
    Look("rollout:person_certificates", lambda demo: [demo.certificate.person.uuid]),
    Look("rollout:cohort", of("cohort")),
    Look("rollout:cohort", of("cohort"), "?find=a"),
    Look("rollout:session_new", of("cohort")),
    Look("rollout:session_edit", of("ahead")),
    Look("rollout:session_days", of("cohort")),
    Look("rollout:cohort_edit", of("cohort")),
    Look("rollout:trainers"),
    Look("rollout:trainer", lambda demo: [demo.ahead.trainer_id]),
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
        Look("rollout:curricula"),
        Look("plan", lambda demo: [demo.other.slug]),
        Look("plan_new", lambda demo: [demo.other.slug]),
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
        Look("rollout:check_in_screen", of("running")),
        Look("rollout:trainer", lambda demo: [demo.ahead.trainer_id]),
        Look("rollout:trainer_edit", lambda demo: [demo.ahead.trainer_id]),
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
        Look("rollout:practice_shared_plan", lambda demo: [demo.shared.pk]),
    ],
    "staff": [
        Look("home"),
        Look("rollout:my_training"),
        Look("rollout:session", of("ahead_of_staff")),
        Look("rollout:session", of("past"), "?past"),
        Look("rollout:check_in_code", of("running")),
        Look(
            "rollout:check_in", lambda demo: [demo.running.uuid, code_at(demo.running.uuid, timezone.now())]
        ),
        Look("rollout:check_in_done", of("running")),
        Look("person", of("staff")),
        Look("assessments:survey", of("open")),
        Look("assessments:survey_answer", of("open"), "?page=1"),
        Look("assessments:survey_answer", of("open"), "?page=6"),
        Look("assessments:survey_answer", of("open"), "?page=all"),
        Look("assessments:survey_answer", of("open"), "?page=review"),
        Look("rollout:practice"),
        Look("rollout:practice_shared"),
        Look("rollout:practice_print"),
        Look("rollout:rating"),
        Look("account_logout"),
    ],
    "alone": [
        Look("home"),
        Look("rollout:skills"),
        Look("rollout:skills_domain", lambda demo: ["parasympathetic-recovery"]),
        Look("rollout:practice"),
        Look("rollout:practice_leave"),
        Look("sign_up_terms"),
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
        Look("sign_up"),
        Look("rollout:certificate_form"),
        Look("rollout:certificate_check", lambda demo: [demo.certificate.code]),
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
WITH_A_THUMB = {"trainer", "supervisor", "staff", "alone", "answered", "long ago", "visitor"}
"""Roles that use the product on a phone."""
NO_PAGES = {
    "manifest", "service_worker", "session",
    "rollout:training_table", "rollout:sessions_table", "rollout:cohort_table", "rollout:cohort_sheet",
    "rollout:attendance_table", "rollout:session_sheet",
    "rollout:people_export", "rollout:teams_export", "merge_undo",
    "rollout:commitment_blank", "rollout:commitment_exception", "rollout:commitment_paper", "rollout:closing_remove",
    "rollout:workforce_export",
    "rollout:hours_table", "rollout:hours_paper", "rollout:makeup_give", "rollout:makeup_back", "rollout:coverage_table",
    "language", "report", "document_file", "rollout:access_withdraw", "consultation:prepare", "consultation:call_outcome",
    "assessments:wave_close", "assessments:wave_extend", "assessments:wave_figures", "assessments:survey_begin",
    "assessments:survey_delete", "assessments:leave", "assessments:my_results_export",
    "plan_baseline", "plan_file",
    "rollout:practice_pdf", "rollout:practice_clear", "rollout:practice_share", "rollout:practice_withdraw",
    "rollout:practice_accept", "rollout:rating_delete", "sign_up_code",
    "rollout:certificates_export", "rollout:certificate_revoke", "rollout:certificate_file",
}  # fmt: skip
"""Routes that only take something, hand out a file, lead on, or are there only while a mailed code is waited for."""


@pytest.fixture(scope="module")
def demo_filled(demo_server: SimpleNamespace) -> SimpleNamespace:
    """The demo agency, and the rows that pages are about: once for all, because tests only look at them."""
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
    agency.plan.milestones.filter(kind="supervision").update(row_uuid=None)
    ready = Document.objects.create(
        kind="rollout_report", agency=agency, requested_by=leader, requested_at=now,
        state=Document.State.READY, finished_at=now, filename="report.pdf", content=b"%PDF-",
    )  # fmt: skip
    files = {name: (ROSTERS / name).read_bytes() for name in ("clearwater.csv", "bad.csv")}
    good, bad = (
        receive_roster(agency, filename=name, content=content, by=leader, at=now)
        for name, content in files.items()
    )
    shared = PlanShare.objects.in_force().filter(reader__email=signins.SUPERVISOR.email)[0]
    return SimpleNamespace(
        shared=shared,
        url=demo_server.url, agency=agency, other=Agency.objects.get(slug="harbor-point"), staff=staff,
        member=Person.objects.filter(team__supervisor__user__email=signins.SUPERVISOR.email).exclude(user__email=signins.SUPERVISOR.email)[0],
        team=Team.objects.get(agency=agency, name="Intake"), cohort=cohort, past=cohort.sessions.get(day=1),
        ahead=sessions.filter(starts_at__gt=now, trainer=trainer).first(),
        ahead_of_staff=sessions.filter(starts_at__gt=now, cohort__members=staff).first(),
        unrecorded=sessions.get(title="Helping skills, areas 3 and 4"), running=running,
        unlogged=Session.objects.get(cohort__agency__slug="harbor-point", day=1),
        certificate=agency.certificates.filter(revoked_at=None).select_related("person")[0],
        series=series, held=series.calls.get(number=4), next=series.calls.get(number=5),
        checklist=Checklist.objects.order_by("pk")[0], open=wave, closed=agency.waves.exclude(closed_at=None).get(),
        review=agency.plan.milestones.filter(kind="review").first(),
        token=links.issue(waits), token_sent=links.issue(sent), good=good, bad=bad, ready=ready,
        waiting=Document.objects.create(kind="rollout_report", agency=agency, requested_by=trainer, requested_at=now),
    )  # fmt: skip


WHO = {
    "leader": signins.LEADER,
    "admin": signins.ADMIN,
    "trainer": signins.TRAINER,
    "supervisor": signins.SUPERVISOR,
    "staff": signins.STAFF_OPEN,
    "alone": signins.OWN_PATH,
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
