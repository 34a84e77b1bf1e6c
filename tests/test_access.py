"""Who gets what on every address: role × route × own or foreign agency × GET and POST.

A route without a row fails. A row names, for GET and for POST, who gets which answer; whoever it does not name gets
403 (wrong role), a visitor who is not signed in is sent to the sign-in page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cecert_site.checks import OUR_APPS, routes
from tests.world import Place, a_checklist, furnish_both

OURS = "admin leader trainer supervisor staff colleague"
THEIRS = "other_leader other_trainer other_supervisor other_staff"
EVERYBODY = f"{OURS} {THEIRS} nobody"
type Answers = dict[int, str]
"""Status → names of the cast who get it."""

RUNS: Answers = {200: "admin leader", 404: "other_leader"}
RUNS_POST: Answers = {422: "admin leader", 404: "other_leader"}
DELIVERS: Answers = {200: "admin leader trainer", 404: "other_leader other_trainer"}
DELIVERS_POST: Answers = {422: "admin leader trainer", 404: "other_leader other_trainer"}
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


def wave_of(place: Place) -> list[Any]:
    return [place.wave.uuid]


INVITED = "supervisor staff colleague"
NOT_INVITED = f"admin leader trainer nobody {THEIRS}"

TABLE: dict[str, Row] = {
    # --- site ---
    "home": Row(none, {200: EVERYBODY}, NO, anonymous="login"),
    "setup": Row(none, {404: EVERYBODY}, {404: EVERYBODY}, anonymous=404),
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
    "documents": Row(slug, RUNS, only("admin leader other_leader")),
    "document": Row(lambda p: [p.document.uuid], RUNS, only("admin leader other_leader")),
    "document_file": Row(lambda p: [p.document.uuid], RUNS, only("admin leader other_leader")),
    "person": Row(
        lambda p: [p.staff.uuid],
        {200: "admin leader trainer supervisor staff", 404: f"colleague {THEIRS}"},
        only(f"{OURS} {THEIRS}"),
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
    "rollout:person_new": Row(slug, RUNS, RUNS_POST),
    "rollout:person_edit": Row(lambda p: [p.staff.uuid], RUNS, RUNS_POST),
    "rollout:teams": Row(slug, RUNS, RUNS_POST),
    "rollout:team_edit": Row(lambda p: [p.team.uuid], RUNS, RUNS_POST),
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
    "rollout:my_training": Row(
        none,
        {200: "supervisor staff colleague other_supervisor other_staff"},
        only("supervisor staff colleague other_supervisor other_staff"),
    ),
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


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(TABLE))
def test_everybody_gets_the_answer_of_the_table(name, method, cast):
    ours, _theirs = furnish_both(cast)
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
def test_visitors_are_sent_to_the_sign_in_page(name, method, cast):
    ours, _theirs = furnish_both(cast)
    row = TABLE[name]
    response = getattr(Client(), method)(reverse(name, args=row.args(ours)))
    offered = 405 not in (row.get if method == "get" else row.post)
    if isinstance(row.anonymous, int):
        assert response.status_code == (row.anonymous if offered else 405)
    elif (
        offered or response.status_code != 405
    ):  # a public page refuses a method before it asks for the sign-in
        assert response.status_code == 302
        assert response["Location"].startswith(reverse(settings.LOGIN_URL))


def test_the_clock_of_the_world_is_todays(cast):
    ours, _theirs = furnish_both(cast)
    assert ours.session.starts_at < timezone.now() < ours.wave.closes_at
