"""Enrolling an agency step by step: where it stands follows from facts, and nothing is lost on the way."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rollout.agenda import slips
from rollout.enroll import MAY_WAIT, STEPS, following, preceding, progress
from rollout.models import Agency, AuditEntry, ClosedDay, Cohort, Curriculum, Person, Plan, RosterUpload, Team
from rollout.training_actions import install_curricula

from .conftest import NOW, commit
from .test_enrollment_pages import AGENCY
from .test_roster_pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_saturday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def fresh(cast: Any) -> Agency:
    """An agency that has just been made, led by Clearwater's leader."""
    agency = Agency.objects.create(name="Hollow House", slug="hollow", time_zone="America/Chicago")
    agency.leaders.add(cast.leader)
    return agency


def step(code: str, slug: str = "hollow") -> str:
    return reverse("rollout:enroll", args=[slug, code])


def plan(agency: Agency, by: Any) -> None:
    Plan.objects.create(agency=agency, starts_on=date(2026, 12, 1), made_by=by, made_at=NOW)


# --- Where it stands --------------------------------------------------------------------------------------------


def test_where_to_go_on_follows_from_what_is_there(cast, fresh):
    assert (progress(fresh).at, progress(fresh).number) == ("commitment", 2)
    commit(fresh)
    assert progress(fresh).at == "teams"
    team = Team.objects.create(agency=fresh, name="Intake")
    assert progress(fresh).at == "roster"
    person = Person.objects.create(agency=fresh, team=team, first_name="Amy", last_name="Lee")
    assert progress(fresh).at == "start"
    fresh.starts_on = date(2026, 12, 1)
    assert (progress(fresh).at, progress(fresh).number) == ("plan", 6)
    person.left_on = date(2026, 11, 1)
    person.save()
    assert progress(fresh).at == "roster"
    plan(fresh, cast.leader)
    assert (progress(fresh).at, progress(fresh).number) == (None, 0)


def test_a_roster_brings_its_teams_and_an_exception_stands_for_the_commitment(cast, fresh):
    Person.objects.create(agency=fresh, first_name="Amy", last_name="Lee")
    Agency.objects.filter(pk=fresh.pk).update(override_reason="Soon", override_by=cast.admin, override_at=NOW)
    fresh.refresh_from_db()
    assert progress(fresh).at == "start"


def test_an_agency_that_trains_already_is_not_asked_to_enroll(cast, fresh):
    install_curricula()
    Cohort.objects.create(agency=fresh, curriculum=Curriculum.objects.order_by("pk")[0], name="Fall")
    assert progress(fresh).at is None
    assert not any("enrollment" in todo.fact for todo in slips(fresh, NOW))


def test_after_a_step_what_was_passed_over_is_not_asked_for_again(cast, fresh):
    Person.objects.create(agency=fresh, first_name="Amy", last_name="Lee")
    assert progress(fresh).at == "commitment"
    assert progress(fresh).after("roster") == "start"
    fresh.starts_on = date(2026, 12, 1)
    assert progress(fresh).after("roster") == "plan"
    assert progress(fresh).after("plan") == "commitment"
    plan(fresh, cast.leader)
    assert progress(fresh).after("roster") is None


def test_progress_takes_one_query(cast, fresh, django_assert_num_queries):
    with django_assert_num_queries(1):
        progress(fresh)


def test_the_steps_have_an_order_and_ends():
    assert [following(code) for code in STEPS] == [*STEPS[1:], "plan"]
    assert [preceding(code) for code in STEPS] == [None, *STEPS[:-1]]
    assert {"commitment", "teams"} == MAY_WAIT


# --- The pages --------------------------------------------------------------------------------------------------


def test_home_and_overview_say_where_to_go_on_until_it_is_done(cast, as_, fresh):
    client = as_(cast.admin)
    for shown in (reverse("overview", args=["hollow"]), reverse("home")):
        page = client.get(shown)
        assert "Go on with enrollment: step 2 of 6" in text_of(page), shown
        assert step("commitment") in page.content.decode()
    commit(fresh)
    assert "Go on with enrollment: step 3 of 6" in text_of(client.get(reverse("overview", args=["hollow"])))
    plan(fresh, cast.leader)
    assert "Go on with enrollment" not in text_of(client.get(reverse("overview", args=["hollow"])))


def test_an_agency_is_enrolled_in_one_sitting(cast, as_):
    client = as_(cast.admin)
    answer = client.post(reverse("rollout:agency_new"), AGENCY | {"starts_on": "", "region": "CO"})
    assert answer["Location"] == step("commitment")
    assert "Nobody leads this agency yet" in text_of(client.get(answer["Location"]))
    answer = client.post(
        answer["Location"],
        {"name": "Ms. Oak", "title": "Director", "made_on": "2026-11-20", "protected_calls": "on"},
    )
    assert answer["Location"] == step("teams")
    assert client.post(step("teams"), {"name": "Intake", "supervisor": ""})["Location"] == step("teams")
    assert f'href="{step("roster")}"' in client.get(step("teams")).content.decode()
    file = SimpleUploadedFile(
        "r.csv", b"first name,last name,email,team\nAmy,Lee,amy@hollow.example,Intake\n"
    )
    answer = client.post(step("roster"), {"file": file})
    upload = RosterUpload.objects.get(agency__slug="hollow")
    preview = reverse("rollout:roster_preview", args=["hollow", upload.uuid])
    assert answer["Location"] == preview
    seen = client.get(preview).context["reading"].digest
    client.post(preview, {"step": "apply", "seen": seen})
    assert step("start") in client.get(preview).content.decode()  # "Go on with enrollment"
    assert client.post(step("start"), {"starts_on": "2027-01-11"})["Location"] == step("plan")
    agency = Agency.objects.get(slug="hollow")
    assert (agency.starts_on, agency.region) == (date(2027, 1, 11), "CO")
    assert progress(agency).at == "plan"
    page = text_of(client.get(step("plan")))
    assert "Jan. 11, 2027" in page
    assert "not done yet" not in page


def test_a_step_with_a_mistake_is_shown_again_and_saves_nothing(cast, as_, fresh):
    client = as_(cast.leader)
    for code, data in (
        ("agency", {"name": ""}),
        ("commitment", {"name": "Ms. Oak"}),
        ("teams", {"name": ""}),
        ("roster", {}),
        ("start", {"starts_on": ""}),
    ):
        answer = client.post(step(code), data)
        assert answer.status_code == 422, code
        assert f"Step {STEPS.index(code) + 1} of 6" in text_of(answer)
    fresh.refresh_from_db()
    assert fresh.name == "Hollow House"
    assert not AuditEntry.objects.filter(agency=fresh).exists()


def test_steps_that_may_wait_are_passed_over_and_stay_open(cast, as_, fresh):
    client = as_(cast.leader)
    for code in STEPS[:-1]:
        body = client.get(step(code)).content.decode()
        assert (">Later<" in body) == (code in MAY_WAIT), code
    body = client.get(step("start")).content.decode()
    assert 'Commitment</a><span class="vh"> (not done yet)' in body
    assert 'Agency</a><span class="vh"> (done)' in body
    assert "Plan</span>" in body


def test_going_back_shows_what_was_saved(cast, as_, fresh):
    client = as_(cast.leader)
    client.post(step("start"), {"starts_on": "2027-01-11"})
    assert 'value="2027-01-11"' in client.get(step("start")).content.decode()
    assert 'value="Hollow House"' in client.get(step("agency")).content.decode()


def test_the_plan_needs_a_start_date(cast, as_, fresh):
    assert as_(cast.leader).get(step("plan"))["Location"] == step("start")


def test_the_last_step_leads_to_the_plan(cast, as_, fresh):
    Agency.objects.filter(pk=fresh.pk).update(starts_on=date(2027, 1, 11))
    assert as_(cast.leader).post(step("plan"))["Location"] == reverse("plan_new", args=["hollow"])


def test_no_other_word_is_a_step(cast, as_, fresh):
    assert as_(cast.leader).get(step("nowhere")).status_code == 404
    assert as_(cast.other_leader).get(step("agency")).status_code == 404
    assert as_(cast.trainer).get(step("agency")).status_code == 403


# --- Closing days and holidays ----------------------------------------------------------------------------------

CLOSINGS = "/agencies/clearwater/closings/"


def test_closing_days_are_added_shown_and_removed_and_leave_a_trace(cast, as_):
    client = as_(cast.leader)
    client.post(CLOSINGS, {"name": "Retreat", "from_on": "2027-03-04", "until_on": ""})
    client.post(CLOSINGS, {"name": "Summer close", "from_on": "2027-07-05", "until_on": "2027-07-09"})
    assert list(cast.agency.closed_days.values_list("name", "from_on", "until_on")) == [
        ("Retreat", date(2027, 3, 4), date(2027, 3, 4)),
        ("Summer close", date(2027, 7, 5), date(2027, 7, 9)),
    ]
    assert not cast.other.closed_days.exists()
    page = text_of(client.get(CLOSINGS))
    assert "Thursday, March 4, 2027" in page
    assert "July 5, 2027 to July 9, 2027" in page
    first = cast.agency.closed_days.first()
    remove = reverse("rollout:closing_remove", args=["clearwater", first.pk])
    assert as_(cast.other_leader).post(remove).status_code == 404
    assert as_(cast.other_leader).post(remove.replace("clearwater", "harbor")).status_code == 404
    assert client.post(remove).status_code == 302
    assert [closed.name for closed in ClosedDay.objects.all()] == ["Summer close"]
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["added closing days", "added closing days", "removed closing days"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": ""}, "required"),
        ({"until_on": "2027-03-03"}, "Before the first day"),
        ({"until_on": "2029-03-03"}, "More than a year"),
        ({"from_on": "soon"}, "valid date"),
    ],
)
def test_closing_days_that_cannot_be_are_refused(cast, as_, changes, reason):
    data = {"name": "Retreat", "from_on": "2027-03-04", "until_on": "2027-03-05"} | changes
    answer = as_(cast.leader).post(CLOSINGS, data)
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert not ClosedDay.objects.exists()


def test_the_page_names_the_holidays_of_the_chosen_state(cast, as_):
    page = text_of(as_(cast.leader).get(CLOSINGS))
    assert "Federal holidays only" in page
    assert "Thanksgiving" in page
    assert "Cesar Chavez" not in page
    Agency.objects.filter(pk=cast.agency.pk).update(region="CA")
    page = text_of(as_(cast.leader).get(CLOSINGS))
    assert "those of California" in page
    assert "Cesar Chavez" in page


def test_a_state_that_is_none_is_refused_and_the_rest_kept(cast, as_):
    from .test_enrollment_pages import agency_form

    address = reverse("rollout:agency_edit", args=["clearwater"])
    refused = as_(cast.leader).post(address, agency_form(cast.agency, region="XX"))
    assert refused.status_code == 422
    sent = agency_form(
        cast.agency, region="CO", sponsor="The Institute", approval_text="Approved for 12 hours."
    )
    assert as_(cast.leader).post(address, sent).status_code == 302
    cast.agency.refresh_from_db()
    assert (cast.agency.region, cast.agency.sponsor, cast.agency.approval_text) == (
        "CO",
        "The Institute",
        "Approved for 12 hours.",
    )


@pytest.mark.parametrize("many", [1, 30])
def test_closing_days_take_the_same_queries_for_one_and_thirty(cast, as_, django_assert_num_queries, many):
    for number in range(many):
        day = date(2027, 1, 1) + timedelta(days=number)
        ClosedDay.objects.create(agency=cast.agency, name=f"Day {number}", from_on=day, until_on=day)
    client = as_(cast.leader)
    with django_assert_num_queries(10):
        client.get(CLOSINGS)
