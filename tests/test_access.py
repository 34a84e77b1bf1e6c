"""Who gets what on every address: role × route × own or foreign agency × GET and POST.

A route without a row fails. A row names, for GET and for POST, who gets which answer; whoever it does not name gets
403 (wrong role), a visitor who is not signed in is sent to the sign-in page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from cecert_site.checks import OUR_APPS, routes
from tests.conftest import cast_of_both
from tests.world import Place, a_checklist, a_makeup, a_plan, a_shared_plan, furnish_both

OURS = "admin leader trainer supervisor staff colleague"
THEIRS = "other_leader other_trainer other_supervisor other_staff"
EVERYBODY = f"{OURS} {THEIRS} nobody"
type Answers = dict[int, str]
"""Status → names of the cast who get it."""

RUNS: Answers = {200: "admin leader", 404: "other_leader"}
RUNS_POST: Answers = {422: "admin leader", 404: "other_leader"}
DELIVERS: Answers = {200: "admin leader trainer", 404: "other_leader other_trainer"}
DELIVERS_POST: Answers = {422: "admin leader trainer", 404: "other_leader other_trainer"}
DELIVERS_ON: Answers = {302: "admin leader trainer", 404: "other_leader other_trainer"}
ALL_WHO_DELIVER = "admin leader trainer other_leader other_trainer"
RUNS_OR_ASKED: Answers = {200: "admin leader", 404: "trainer other_leader other_trainer"}
"""What a leader asked for; a trainer gets what a trainer asked for."""
LOGS: Answers = {302: "trainer", 404: "admin leader other_leader other_trainer"}
"""Only trainers of the agency log; whoever leads it may read."""
LEADS_ON: Answers = {302: "admin leader", 404: "other_leader"}
"""A page that leads on because there is nothing to do: one wave is open already."""
NO: Answers = {405: EVERYBODY}
"""The method is not offered; whoever does not pass the gate learns that first."""


def only(method_missing: str) -> Answers:
    return {405: method_missing}


@dataclass(frozen=True)
class Row:
    """Expected answers of one route. ``data``: what POST carries (nothing by default)."""

    args: Callable[[Place], list[Any]]
    get: Answers
    post: Answers
    anonymous: int | str = "login"
    data: dict[str, str] | None = None


def none(place: Place) -> list[Any]:
    return []


def slug(place: Place) -> list[Any]:
    return [place.agency.slug]


def planned(place: Place) -> list[Any]:
    return [a_plan(place).agency.slug]


def wave_of(place: Place) -> list[Any]:
    return [place.wave.uuid]


OWN_DOOR: Answers = {200: "supervisor staff colleague", 404: "other_supervisor other_staff"}
OWN_DOOR_POST: Answers = {422: "supervisor staff colleague", 404: "other_supervisor other_staff"}
INVITED = "supervisor staff colleague"
NOT_INVITED = f"admin leader trainer nobody {THEIRS}"

TABLE: dict[str, Row] = {
    # --- site ---
    "home": Row(none, {200: EVERYBODY}, NO, anonymous="login"),
    "setup": Row(none, {404: EVERYBODY}, {404: EVERYBODY}, anonymous=404),
    "sign_up": Row(none, {302: EVERYBODY}, {302: EVERYBODY}, anonymous=200),
    "sign_up_code": Row(none, {302: EVERYBODY}, {302: EVERYBODY}, anonymous=302),
    "sign_up_terms": Row(none, {200: EVERYBODY}, NO, anonymous=200),
    "language": Row(none, NO, {302: EVERYBODY}, anonymous=302, data={"language": "es"}),
    "sent_mail": Row(none, {404: EVERYBODY}, NO, anonymous=404),
    "design": Row(none, {404: EVERYBODY}, NO, anonymous=404),
    "manifest": Row(none, {200: EVERYBODY}, NO, anonymous=200),
    "service_worker": Row(none, {200: EVERYBODY}, NO, anonymous=200),
    "offline": Row(none, {200: EVERYBODY}, NO, anonymous=200),
    "session": Row(none, {200: EVERYBODY}, {200: EVERYBODY}, anonymous=200),
    "session_back": Row(none, {200: EVERYBODY}, NO),
    "overview": Row(slug, RUNS, only("admin leader other_leader")),
    "report": Row(slug, only("admin leader other_leader"), {302: "admin leader", 404: "other_leader"}),
    "plan": Row(planned, DELIVERS, only(ALL_WHO_DELIVER)),
    "plan_new": Row(planned, LEADS_ON, LEADS_ON),
    "plan_rework": Row(planned, RUNS, RUNS_POST),
    "plan_baseline": Row(planned, only("admin leader other_leader"), LEADS_ON),
    "plan_file": Row(lambda p: [*planned(p), "csv"], DELIVERS, only(ALL_WHO_DELIVER)),
    "plan_sessions": Row(lambda p: [*planned(p), 1], RUNS, RUNS_POST),
    "plan_milestone": Row(lambda p: [a_plan(p).milestones.get(kind="supervision").uuid], RUNS, LEADS_ON),
    "documents": Row(slug, RUNS, only("admin leader other_leader")),
    "document": Row(lambda p: [p.document.uuid], RUNS_OR_ASKED, only(ALL_WHO_DELIVER)),
    "document_file": Row(lambda p: [p.document.uuid], RUNS_OR_ASKED, only(ALL_WHO_DELIVER)),
    "person": Row(
        lambda p: [p.staff.uuid],
        {200: "admin leader trainer supervisor staff", 404: f"colleague {THEIRS}"},
        only(f"{OURS} {THEIRS}"),
    ),
    "duplicates": Row(slug, RUNS, only("admin leader other_leader")),
    "same_person": Row(
        lambda p: [p.staff.uuid, (p.colleague if p.colleague != p.staff else p.team.supervisor).uuid],
        RUNS,
        {302: "admin leader", 404: "other_leader"},
        data={"step": "apart"},
    ),
    "merge_undo": Row(
        lambda p: [p.merge.uuid],
        only("admin leader other_leader"),
        {302: "admin leader", 404: "other_leader"},
    ),
    # --- rollout: enrollment ---
    "rollout:agencies": Row(
        none,
        {200: "admin leader trainer other_leader other_trainer"},
        only("admin leader trainer other_leader other_trainer"),
    ),
    "rollout:agency_new": Row(none, {200: "admin"}, {422: "admin"}),
    "rollout:agency_edit": Row(slug, RUNS, RUNS_POST),
    "rollout:access": Row(slug, RUNS, RUNS_POST),
    "rollout:access_withdraw": Row(
        lambda p: [p.agency.slug, "trainer", p.session.trainer_id],
        only("admin leader other_leader"),
        {302: "admin leader", 404: "other_leader"},
    ),
    "rollout:people": Row(slug, DELIVERS, only("admin leader trainer other_leader other_trainer")),
    "rollout:people_export": Row(
        lambda p: [p.agency.slug, "csv"], DELIVERS, only("admin leader trainer other_leader other_trainer")
    ),
    "rollout:teams_export": Row(lambda p: [p.agency.slug, "xlsx"], RUNS, only("admin leader other_leader")),
    "rollout:person_new": Row(slug, RUNS, RUNS_POST),
    "rollout:person_edit": Row(lambda p: [p.staff.uuid], RUNS, RUNS_POST),
    "rollout:teams": Row(slug, RUNS, RUNS_POST),
    "rollout:team_edit": Row(lambda p: [p.team.uuid], RUNS, RUNS_POST),
    "rollout:enroll": Row(lambda p: [p.agency.slug, "start"], RUNS, RUNS_POST),
    "rollout:commitment": Row(slug, RUNS, RUNS_POST),
    "rollout:commitment_blank": Row(slug, RUNS, only("admin leader other_leader")),
    "rollout:commitment_exception": Row(slug, only("admin leader other_leader"), RUNS_POST),
    "rollout:commitment_paper": Row(
        lambda p: [p.agency.slug, p.agency.commitments.get().pk], RUNS, only("admin leader other_leader")
    ),
    "rollout:closings": Row(slug, RUNS, RUNS_POST),
    "rollout:closing_remove": Row(
        lambda p: [p.agency.slug, p.agency.closed_days.get().pk],
        only("admin leader other_leader"),
        {302: "admin leader", 404: "other_leader"},
    ),
    "rollout:workforce": Row(slug, RUNS, only("admin leader other_leader")),
    "rollout:workforce_import": Row(slug, RUNS, RUNS_POST),
    "rollout:workforce_export": Row(
        lambda p: [p.agency.slug, "csv"], RUNS, only("admin leader other_leader")
    ),
    "rollout:workforce_month": Row(lambda p: [p.agency.slug, "2026-01"], RUNS, RUNS_POST),
    "rollout:roster_upload": Row(slug, RUNS, RUNS_POST),
    "rollout:roster_preview": Row(
        lambda p: [p.agency.slug, p.upload.uuid], RUNS, {302: "admin leader", 404: "other_leader"}
    ),
    # --- rollout: training ---
    "rollout:training": Row(slug, DELIVERS, only("admin leader trainer other_leader other_trainer")),
    "rollout:cohort_new": Row(slug, DELIVERS, DELIVERS_POST),
    "rollout:cohort": Row(lambda p: [p.cohort.uuid], DELIVERS, DELIVERS_POST),
    "rollout:session_new": Row(lambda p: [p.cohort.uuid], DELIVERS, DELIVERS_POST),
    "rollout:session_edit": Row(lambda p: [p.session.uuid], DELIVERS, DELIVERS_POST),
    "rollout:session": Row(
        lambda p: [p.session.uuid],
        {200: OURS, 404: THEIRS},
        {302: "admin leader trainer", 404: THEIRS},
    ),
    "rollout:cohort_edit": Row(lambda p: [p.cohort.uuid], DELIVERS, DELIVERS_POST),
    "rollout:session_days": Row(lambda p: [p.cohort.uuid], DELIVERS, DELIVERS_POST),
    "rollout:training_table": Row(
        lambda p: [p.agency.slug, "csv"], DELIVERS, only("admin leader trainer other_leader other_trainer")
    ),
    "rollout:sessions_table": Row(
        lambda p: [p.agency.slug, "csv"], DELIVERS, only("admin leader trainer other_leader other_trainer")
    ),
    "rollout:cohort_table": Row(
        lambda p: [p.cohort.uuid, "csv"], DELIVERS, only("admin leader trainer other_leader other_trainer")
    ),
    "rollout:cohort_sheet": Row(
        lambda p: [p.cohort.uuid], DELIVERS, only("admin leader trainer other_leader other_trainer")
    ),
    "rollout:attendance_table": Row(
        lambda p: [p.session.uuid, "csv"], DELIVERS, only("admin leader trainer other_leader other_trainer")
    ),
    "rollout:session_sheet": Row(
        lambda p: [p.session.uuid], DELIVERS, only("admin leader trainer other_leader other_trainer")
    ),
    "rollout:check_in_screen": Row(
        lambda p: [p.session.uuid], DELIVERS, only("admin leader trainer other_leader other_trainer")
    ),
    # The world's session is over: whoever belongs to the agency is told so (422).
    "rollout:check_in_code": Row(lambda p: [p.session.uuid], OWN_DOOR, OWN_DOOR_POST),
    "rollout:check_in_done": Row(
        lambda p: [p.session.uuid],
        OWN_DOOR,
        only("supervisor staff colleague other_supervisor other_staff"),
    ),
    "rollout:check_in": Row(lambda p: [p.session.uuid, "NOCODE"], OWN_DOOR_POST, OWN_DOOR_POST),
    # A trainer's page: themselves and administrators; leaders of their agencies read; another trainer finds nothing.
    "rollout:trainers": Row(
        none,
        {200: "admin leader trainer other_leader other_trainer"},
        only("admin leader trainer other_leader other_trainer"),
    ),
    "rollout:trainer": Row(
        lambda p: [p.session.trainer_id],
        {200: "admin leader trainer", 404: "other_leader other_trainer"},
        {422: "admin trainer", 404: "other_leader other_trainer"},
    ),
    "rollout:trainer_edit": Row(
        lambda p: [p.session.trainer_id],
        {200: "admin trainer", 404: "other_trainer"},
        {422: "admin trainer", 404: "other_trainer"},
    ),
    "rollout:hours": Row(slug, DELIVERS, only(ALL_WHO_DELIVER)),
    "rollout:hours_table": Row(lambda p: [p.agency.slug, "csv"], DELIVERS, only(ALL_WHO_DELIVER)),
    "rollout:hours_paper": Row(slug, only(ALL_WHO_DELIVER), DELIVERS_ON),
    "rollout:completion": Row(slug, DELIVERS, only(ALL_WHO_DELIVER)),
    "rollout:makeup_give": Row(lambda p: [p.staff.uuid], only(ALL_WHO_DELIVER), DELIVERS_ON),
    "rollout:makeup_back": Row(lambda p: [a_makeup(p).pk], only(ALL_WHO_DELIVER), DELIVERS_ON),
    "rollout:coverage": Row(slug, DELIVERS, only(ALL_WHO_DELIVER)),
    "rollout:coverage_table": Row(lambda p: [p.agency.slug, "xlsx"], DELIVERS, only(ALL_WHO_DELIVER)),
    "rollout:curricula": Row(none, {200: "admin"}, {422: "admin"}),
    "rollout:my_training": Row(
        none,
        {200: "supervisor staff colleague other_supervisor other_staff"},
        only("supervisor staff colleague other_supervisor other_staff"),
    ),
    # --- rollout: skills, practice plan, self-ratings: everybody's own, whatever their role ---
    "rollout:skills": Row(none, {200: EVERYBODY}, NO),
    "rollout:skills_domain": Row(lambda p: ["reducing-rumination"], {200: EVERYBODY}, NO),
    "rollout:practice": Row(none, {200: EVERYBODY}, {302: EVERYBODY}),
    "rollout:practice_print": Row(none, {302: EVERYBODY}, NO),
    "rollout:practice_pdf": Row(none, {404: EVERYBODY}, NO),
    "rollout:practice_clear": Row(none, NO, {302: EVERYBODY}),
    "rollout:practice_share": Row(none, NO, {422: EVERYBODY}),
    "rollout:practice_withdraw": Row(
        lambda p: [a_shared_plan(p).pk],
        NO,
        {302: "staff supervisor", 404: f"admin leader trainer colleague nobody {THEIRS}"},
    ),
    "rollout:practice_shared": Row(none, {200: EVERYBODY}, NO),
    "rollout:practice_shared_plan": Row(
        lambda p: [a_shared_plan(p).pk],
        {200: "supervisor", 404: f"admin leader trainer staff colleague nobody {THEIRS}"},
        NO,
    ),
    "rollout:practice_accept": Row(lambda p: [a_shared_plan(p).pk], NO, {404: EVERYBODY}),
    "rollout:practice_leave": Row(none, {200: EVERYBODY}, {}),
    "rollout:rating": Row(none, {200: EVERYBODY}, {422: EVERYBODY}),
    "rollout:rating_delete": Row(none, NO, {302: EVERYBODY}),
    # --- rollout: certificates ---
    "rollout:certificates": Row(slug, DELIVERS, only(ALL_WHO_DELIVER)),
    "rollout:certificates_export": Row(lambda p: [p.agency.slug, "csv"], DELIVERS, only(ALL_WHO_DELIVER)),
    "rollout:cohort_certificates": Row(
        lambda p: [p.cohort.uuid], DELIVERS, {302: "admin leader trainer", 404: "other_leader other_trainer"}
    ),
    "rollout:person_certificates": Row(
        lambda p: [p.staff.uuid],
        DELIVERS,
        {302: "admin leader trainer", 404: "other_leader other_trainer"},
        data={"curriculum": "ce-cert-foundations"},
    ),
    "rollout:certificate": Row(
        lambda p: [p.agency.slug, p.certificate.uuid], DELIVERS, only(ALL_WHO_DELIVER)
    ),
    "rollout:certificate_reissue": Row(
        lambda p: [p.agency.slug, p.certificate.uuid], DELIVERS, DELIVERS_POST
    ),
    "rollout:certificate_revoke": Row(
        lambda p: [p.agency.slug, p.certificate.uuid], only(ALL_WHO_DELIVER), DELIVERS_POST
    ),
    # Nobody’s certificate, so that nothing is drawn: who gets which file is told in test_certificate_pages.
    "rollout:certificate_file": Row(lambda p: [p.upload.uuid], {404: EVERYBODY}, NO),
    "rollout:certificate_form": Row(none, {200: EVERYBODY}, NO, anonymous=200),
    "rollout:certificate_check": Row(lambda p: ["no-such-code"], {404: EVERYBODY}, NO, anonymous=404),
    # --- consultation ---
    "consultation:series_list": Row(slug, DELIVERS, only("admin leader trainer other_leader other_trainer")),
    "consultation:series_new": Row(slug, DELIVERS, DELIVERS_POST),
    "consultation:series": Row(
        lambda p: [p.series.uuid], DELIVERS, {302: "admin leader trainer", 404: "other_leader other_trainer"}
    ),
    "consultation:series_edit": Row(lambda p: [p.series.uuid], DELIVERS, DELIVERS_POST),
    "consultation:call": Row(
        lambda p: [p.call.uuid],
        {200: "admin leader trainer supervisor", 404: f"staff colleague {THEIRS}"},
        only(f"{OURS} {THEIRS}"),
    ),
    "consultation:call_edit": Row(lambda p: [p.call.uuid], DELIVERS, DELIVERS_POST),
    "consultation:call_hold": Row(
        lambda p: [p.call.uuid],
        {200: "trainer", 404: "other_trainer"},
        {422: "trainer", 404: "other_trainer"},
    ),
    "consultation:prepare": Row(
        lambda p: [p.call.uuid],
        {302: "supervisor", 404: f"admin leader trainer staff colleague {THEIRS}"},
        {422: "supervisor", 404: f"admin leader trainer staff colleague {THEIRS}"},
    ),
    "consultation:call_outcome": Row(
        lambda p: [p.call.uuid],
        only(f"{OURS} {THEIRS}"),
        {404: f"{OURS} {THEIRS}"},
    ),
    "consultation:my_calls": Row(
        none,
        {200: "trainer supervisor staff colleague other_trainer other_supervisor other_staff"},
        only("trainer supervisor staff colleague other_trainer other_supervisor other_staff"),
    ),
    "consultation:maps_call": Row(lambda p: [p.call.uuid], DELIVERS, LOGS),
    "consultation:maps_session": Row(lambda p: [p.session.uuid], DELIVERS, LOGS),
    "consultation:checklists": Row(
        none,
        {200: "admin leader trainer other_leader other_trainer"},
        {302: "admin leader trainer other_leader other_trainer"},
    ),
    "consultation:checklist": Row(
        lambda p: [a_checklist().pk],
        {200: "admin leader trainer other_leader other_trainer"},
        only("admin leader trainer other_leader other_trainer"),
    ),
    # --- assessments: waves ---
    "assessments:waves": Row(slug, RUNS, only("admin leader other_leader")),
    "assessments:wave_new": Row(slug, LEADS_ON, LEADS_ON),
    "assessments:wave": Row(lambda p: [p.wave.uuid], RUNS, only("admin leader other_leader")),
    "assessments:wave_close": Row(
        lambda p: [p.wave.uuid], only("admin leader other_leader"), {302: "admin leader", 404: "other_leader"}
    ),
    "assessments:wave_extend": Row(lambda p: [p.wave.uuid], only("admin leader other_leader"), RUNS_POST),
    "assessments:wave_figures": Row(
        lambda p: [p.wave.uuid], {404: "admin leader other_leader"}, only("admin leader other_leader")
    ),
    "assessments:wordings": Row(none, {200: "admin leader other_leader"}, {422: "admin leader other_leader"}),
    # --- assessments: the survey and own results: invited people only, everybody else 404; no role opens more ---
    "assessments:survey": Row(wave_of, {200: INVITED, 404: NOT_INVITED}, NO),
    "assessments:survey_answer": Row(
        wave_of, {200: INVITED, 404: NOT_INVITED}, {302: INVITED, 404: NOT_INVITED}
    ),
    "assessments:result": Row(wave_of, {302: INVITED, 404: NOT_INVITED}, NO),
    "assessments:survey_delete": Row(wave_of, NO, {302: INVITED, 404: NOT_INVITED}),
    "assessments:survey_link": Row(lambda p: ["no-such-token"], {404: EVERYBODY}, NO, anonymous=404),
    "assessments:survey_begin": Row(none, NO, {404: EVERYBODY}, anonymous=404),
    "assessments:leave": Row(none, NO, {302: EVERYBODY}, anonymous=302),
    "assessments:my_results": Row(none, {302: EVERYBODY}, NO),
    "assessments:my_results_export": Row(lambda p: ["json"], {302: EVERYBODY}, NO),
    "assessments:confirm": Row(none, {200: EVERYBODY}, {200: EVERYBODY}),
}


def our_routes() -> Iterator[str]:
    """Names of all routes of ours, with namespace."""
    spaces = {"rollout": "rollout:", "consultation": "consultation:", "assessments": "assessments:"}
    for _address, route in routes():
        app = route.callback.__module__.split(".")[0]
        if app in OUR_APPS:
            yield spaces.get(app, "") + str(route.name)


def test_every_route_has_a_row_and_every_row_a_route():
    assert set(our_routes()) == set(TABLE)


def signed_in(user: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def expected(answers: Answers, who: str) -> int:
    named = [status for status, names in answers.items() if who in names.split()]
    assert len(named) <= 1, f"{who} is named twice"
    return named[0] if named else 403


@pytest.fixture(scope="module")
def furnished(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[SimpleNamespace]:
    """Both agencies with a row of every kind, once for all: each test's own transaction is one inside this."""
    keys = tmp_path_factory.mktemp("keys")
    files = {"ROOT_KEY_FILE": keys / "root.key", "KEY_RING_FILE": keys / "ring.json"}
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=hashers, **files):
            cast = cast_of_both()
            ours, _theirs = furnish_both(cast)
        yield SimpleNamespace(cast=cast, ours=ours, files=files)
        transaction.set_rollback(True)


@pytest.fixture
def world(furnished: SimpleNamespace, db: None, settings: Any) -> SimpleNamespace:
    """The same for one test, with the keys under which its answers are sealed."""
    for name, path in furnished.files.items():
        setattr(settings, name, path)
    return furnished


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(TABLE))
def test_everybody_gets_the_answer_of_the_table(name, method, world):
    cast, ours = world.cast, world.ours
    row = TABLE[name]
    url = reverse(name, args=row.args(ours))
    answers = row.get if method == "get" else row.post
    got = {}
    for who, user in cast.everyone().items():
        client = signed_in(user)
        with transaction.atomic():  # undone again, so that everybody meets the same world
            response = client.get(url) if method == "get" else client.post(url, row.data or {})
            transaction.set_rollback(True)
        got[who] = response.status_code
    wanted = {who: expected(answers, who) for who in cast.everyone()}
    assert {who: (got[who], wanted[who]) for who in got if got[who] != wanted[who]} == {}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(TABLE))
def test_visitors_are_sent_to_the_sign_in_page(name, method, world):
    row = TABLE[name]
    response = getattr(Client(), method)(reverse(name, args=row.args(world.ours)))
    offered = 405 not in (row.get if method == "get" else row.post)
    if isinstance(row.anonymous, int):
        assert response.status_code == (row.anonymous if offered else 405)
    elif (
        offered or response.status_code != 405
    ):  # a public page refuses a method before it asks for the sign-in
        assert response.status_code == 302
        assert response["Location"].startswith(reverse(settings.LOGIN_URL))


def test_the_clock_of_the_world_is_todays(world):
    ours = world.ours
    assert ours.session.starts_at < timezone.now() < ours.wave.closes_at
