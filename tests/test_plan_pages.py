"""The plan on its pages: looked at, moved after a look, saved or not, on paper and as a file."""

import io
from datetime import date, datetime, timedelta
from typing import Any

import pypdf
import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from assessments.models import Wave
from cecert_site.plan_actuals import desk_of, facts_of, pins_before
from cecert_site.plan_brief import plan_brief
from cecert_site.plan_table import chart_of, lines_of
from consultation.models import Series
from rollout import plan_actions as actions
from rollout.models import Cohort, Curriculum, Milestone, Plan, Session, TrainerAway
from rollout.plan_steps import Key, Template
from rollout.training_actions import install_curricula
from tests.conftest import NOW, Cast

START = date(2027, 1, 4)
PLAN = "/agencies/clearwater/plan/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return made(cast)


def made(cast: Cast, **options: Any) -> Plan:
    options = {
        "starts_on": START,
        "template": Template(),
        "trainer": cast.trainer,
        "pins": pins_before(cast.agency),
    } | options
    return actions.create_plan(cast.agency, **options, by=cast.leader, at=NOW)


def row(plan: Plan, *key: Any) -> Milestone:
    kind, cohort, number = Key(*key)
    return plan.milestones.get(kind=kind, cohort=cohort, number=number)


def url(of: Milestone) -> str:
    return reverse("plan_milestone", args=[of.uuid])


def text(response: Any) -> str:
    return str(response.content.decode())


# --- Making one -------------------------------------------------------------------------------------------------


def test_without_a_plan_the_leader_finds_the_way_to_one_and_the_trainer_is_told(cast, as_):
    page = text(as_(cast.leader).get(PLAN))
    assert "No plan yet" in page
    assert f'href="{PLAN}new/"' in page
    page = text(as_(cast.trainer).get(PLAN))
    assert "No plan yet" in page
    assert f"{PLAN}new/" not in page


def test_a_first_plan_is_looked_at_before_it_is_there(cast, as_):
    leader, form = as_(cast.leader), text(as_(cast.leader).get(f"{PLAN}new/"))
    assert 'value="2026-06-01"' in form, "the agency's start"
    data = {name: getattr(Template(), name) for name in Template.__dataclass_fields__}
    data |= {"starts_on": "2027-01-04", "trainer": cast.trainer.pk, "step": "look"}
    page = text(leader.post(f"{PLAN}new/", data))
    assert "24 milestones, the last on Friday, January 12, 2029" in page
    assert not Plan.objects.exists()
    response = leader.post(f"{PLAN}new/", data | {"step": "create"})
    assert (response.status_code, response["Location"]) == (302, PLAN)
    plan = Plan.objects.get()
    assert (plan.agency, plan.trainer, plan.milestones.count()) == (cast.agency, cast.trainer, 24)
    assert leader.get(f"{PLAN}new/")["Location"] == PLAN


def test_numbers_that_make_no_plan_are_said_at_their_field(cast, as_):
    data = {name: getattr(Template(), name) for name in Template.__dataclass_fields__}
    response = as_(cast.leader).post(
        f"{PLAN}new/", data | {"starts_on": "2027-01-04", "cohorts": 7, "wave_days": 2}
    )
    assert response.status_code == 422
    assert "less than or equal to 6" in text(response)
    assert '<details class="more" open>' in text(response), "what is folded away opens for its error"


# --- Looking and moving -----------------------------------------------------------------------------------------


def test_the_plan_shows_every_date_and_a_trainer_reads_it_without_forms(cast, as_, plan):
    page = text(as_(cast.leader).get(PLAN))
    for milestone in plan.milestones.all():
        assert url(milestone) in page or milestone.kind == "commitment"
    assert page.count("<svg") >= 1
    assert "data-move" in page
    assert "js/plan" in page
    read = text(as_(cast.trainer).get(PLAN))
    assert "Cohort 2: Foundations, day 2" in read
    for word in (
        "data-move",
        "/plan/milestones/",
        "/plan/rework/",
        "js/plan",
        'action="/agencies/clearwater/plan',
    ):
        assert word not in read


def test_a_new_date_shows_what_moves_and_saves_nothing_until_asked(cast, as_, plan):
    leader, cohort = as_(cast.leader), row(plan, "foundations", 2, 1)
    on = cohort.on + timedelta(days=7)
    page = text(leader.get(url(cohort), {"on": on}))
    assert "dates would move" in page
    assert "keeps its distance to: Cohort 2: Foundations, day 1" in page
    assert row(plan, "foundations", 2, 1).on == cohort.on
    part = leader.get(url(cohort), {"on": on}, headers=HTMX)
    assert text(part).strip().startswith('<section class="stack" id="preview"')
    seen = page.split('name="seen" value="')[1].split('"')[0]
    response = leader.post(url(cohort), {"step": "move", "on": on, "seen": seen})
    assert (response.status_code, response["Location"]) == (302, PLAN)
    assert row(plan, "foundations", 2, 1).on == on
    assert "nothing moves" in text(leader.get(url(cohort), {"on": on}))


def test_a_date_that_cannot_be_is_answered_with_dates_that_can(cast, as_, plan):
    call = row(plan, "call", 0, 1)
    TrainerAway.objects.create(user=cast.trainer, from_on=date(2027, 3, 22), until_on=date(2027, 3, 22))
    leader = as_(cast.leader)
    response = leader.get(url(call), {"on": "2027-03-22"})
    assert response.status_code == 422
    assert "The trainer is booked that day" in text(response)
    assert f"{url(call)}?on=2027-03-23" in text(response)
    assert 'name="seen"' not in text(response)
    nonsense = leader.get(url(call), {"on": "soon"})
    assert nonsense.status_code == 422
    assert "Enter a valid date" in text(nonsense)


def test_the_second_of_two_editors_sees_a_new_preview_and_nothing_is_lost(cast, as_, plan):
    leader, call, other = as_(cast.leader), row(plan, "call", 0, 3), row(plan, "call", 0, 8)
    on = call.on + timedelta(days=7)
    seen = text(leader.get(url(call), {"on": on})).split('name="seen" value="')[1].split('"')[0]
    desk = desk_of(plan, NOW)
    later = other.on + timedelta(days=1)
    digest = actions.digest(desk, actions.preview_move(desk, Key("call", 0, 8), later).plan)
    actions.save_move(plan, Key("call", 0, 8), later, seen=digest, facts=desk.facts, by=cast.admin, at=NOW)
    response = leader.post(url(call), {"step": "move", "on": on, "seen": seen})
    assert response.status_code == 409
    assert "The plan changed meanwhile" in text(response)
    assert row(plan, "call", 0, 3).on == call.on
    assert row(plan, "call", 0, 8).on == later
    again = text(response).split('name="seen" value="')[1].split('"')[0]
    assert leader.post(url(call), {"step": "move", "on": on, "seen": again}).status_code == 302
    assert row(plan, "call", 0, 3).on == on


def test_a_milestone_is_kept_let_go_marked_and_taken_back(cast, as_):
    plan = made(cast, starts_on=date(2026, 11, 2))
    leader, roster = as_(cast.leader), row(plan, "roster")
    for step, field, value in (
        ("fix", "is_fixed", True),
        ("free", "is_fixed", False),
        ("done", "done_on", date(2026, 11, 20)),
        ("undo", "done_on", None),
    ):
        assert leader.post(url(roster), {"step": step, "done_on": "2026-11-20"}).status_code == 302
        assert getattr(row(plan, "roster"), field) == value, step
    page = leader.post(url(roster), {"step": "done", "done_on": "2026-11-25"}, follow=True)
    assert "That day is still ahead" in text(page)
    assert row(plan, "roster").done_on is None


def test_working_it_out_anew_is_looked_at_first_and_conflicts_are_shown(cast, as_, plan):
    leader = as_(cast.leader)
    data = {name: getattr(Template(), name) for name in Template.__dataclass_fields__}
    data |= {"starts_on": "2027-01-18", "cohorts": 3, "trainer": cast.trainer.pk, "step": "look"}
    page = text(leader.post(f"{PLAN}rework/", data))
    assert "new in the plan" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    actions.fix(row(plan, "review", 0, 3), stays=True, by=cast.admin, at=NOW)
    response = leader.post(f"{PLAN}rework/", data | {"step": "save", "seen": seen})
    assert response.status_code == 409
    assert plan.milestones.filter(cohort=3).count() == 0
    seen = text(response).split('name="seen" value="')[1].split('"')[0]
    assert leader.post(f"{PLAN}rework/", data | {"step": "save", "seen": seen}).status_code == 302
    assert plan.milestones.filter(cohort=3).count() == 2
    actions.fix(row(plan, "call", 0, 2), stays=True, by=cast.admin, at=NOW)
    late = leader.post(f"{PLAN}rework/", data | {"starts_on": "2027-09-01"})
    assert late.status_code == 422
    assert escape("There is no free day left for") in text(late)


# --- From the plan to rows ------------------------------------------------------------------------------------


def test_a_cohorts_sessions_are_made_from_its_dates(cast, as_, plan):
    install_curricula()
    leader, address = as_(cast.leader), f"{PLAN}cohorts/2/sessions/"
    assert f'href="{address}"' in text(leader.get(PLAN))
    data = {"name": "North", "starts": "09:00", "ends": "16:30", "trainer": cast.trainer.pk, "place": "Hall"}
    response = leader.post(address, data)
    cohort = Cohort.objects.get(name="North")
    assert response["Location"] == reverse("rollout:cohort", args=[cohort.uuid])
    days = [session.starts_at.astimezone(cast.agency.zone).date() for session in cohort.sessions.all()]
    assert days == [row(plan, "foundations", 2, number).on for number in (1, 2)]
    assert f'href="{address}"' not in text(leader.get(PLAN))
    assert leader.get(address).status_code == 302
    assert leader.get(f"{PLAN}cohorts/3/sessions/").status_code == 404


def test_a_cohort_whose_sessions_cannot_be_is_not_made_either(cast, as_, plan):
    install_curricula()
    data = {"name": "North", "starts": "09:00", "ends": "10:00"}
    response = as_(cast.leader).post(f"{PLAN}cohorts/1/sessions/", data)
    assert response.status_code == 422
    assert "its modules take" in text(response)
    assert not Cohort.objects.exists()
    assert not Session.objects.exists()


def test_the_ten_calls_are_planned_on_the_plans_dates_and_told_back_to_it(cast, as_, plan):
    leader = as_(cast.leader)
    address = reverse("consultation:series_new", args=["clearwater"]) + "?from_plan=1"
    assert f'href="{address}"' in text(leader.get(PLAN))
    page = text(leader.get(address))
    days = [row(plan, "call", 0, number).on.isoformat() for number in range(1, 11)]
    assert [piece.split('"')[0] for piece in page.split('name="day" value="')[1:]] == days
    member = cast.team.supervisor.uuid
    data = {"name": "Ours", "members": [member], "trainer": cast.trainer.pk, "starts_time": "10:00"}
    response = leader.post(address, data | {"first_on": days[0], "day": days, "step": "create"})
    assert response.status_code == 302
    calls = {call.number: call.uuid for call in Series.objects.get().calls.all()}
    assert {each.number: each.row_uuid for each in plan.milestones.filter(kind="call")} == calls
    assert address not in text(leader.get(PLAN))
    plain = text(leader.get(reverse("consultation:series_new", args=["clearwater"])))
    assert 'name="day"' not in plain


def test_a_wave_is_opened_with_the_plans_label_and_closing_date(cast, as_):
    plan = made(cast, starts_on=date(2026, 11, 9))
    wave = row(plan, "baseline")
    page = text(as_(cast.leader).get(PLAN))
    query = f"?from_plan=baseline&amp;closes_on={wave.until_on.isoformat()}"
    assert query in page
    new = reverse("assessments:wave_new", args=["clearwater"])
    form = text(as_(cast.leader).get(new, {"from_plan": "one_year", "closes_on": wave.until_on}))
    assert f'<option value="{Wave.Label.ONE_YEAR}" selected>' in form
    assert f'value="{wave.until_on.isoformat()}"' in form
    assert as_(cast.leader).get(new, {"from_plan": "x", "closes_on": "never"}).status_code == 200


# --- Paper, files, the overview -------------------------------------------------------------------------------


def test_the_paper_is_tagged_and_holds_every_date(cast, as_, plan):
    actions.set_baseline(plan, facts=facts_of(plan, NOW), by=cast.leader, at=NOW)
    response = as_(cast.trainer).get(f"{PLAN}file.pdf")
    assert response["Content-Type"] == "application/pdf"
    document = pypdf.PdfReader(io.BytesIO(response.content))
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document.metadata
    assert document.metadata.title == "Plan of the rollout: Clearwater Family Services"
    said = " ".join(" ".join(page.extract_text().split()) for page in document.pages)
    for line in lines_of(desk_of(plan, NOW), NOW.date()):
        assert line.title in said, line.title
    assert "Jan. 12, 2029" in said
    assert "as planned" in said


def test_a_file_holds_a_line_for_each_milestone(cast, as_, plan):
    response = as_(cast.leader).get(f"{PLAN}file.csv")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 25
    assert lines[5].startswith('"Cohort 1: Foundations, day 2",2027-02-10,2027-02-10,,,,to come')
    assert as_(cast.leader).get(f"{PLAN}file.xlsx").status_code == 200
    assert as_(cast.leader).get(f"{PLAN}file.doc").status_code == 404


def test_the_overview_says_what_is_next_and_what_has_slipped(cast, as_):
    overview = "/agencies/clearwater/"
    assert "Make the plan" in text(as_(cast.leader).get(overview))
    plan = made(cast)
    actions.set_baseline(plan, facts=facts_of(plan, NOW), by=cast.leader, at=NOW)
    brief = plan_brief(cast.agency, NOW)
    assert brief
    assert [line.key.kind for line in brief.coming] == ["roster", "baseline", "foundations"]
    plan.milestones.filter(kind="review", number=3).update(baseline_on=date(2029, 1, 2))
    page = text(as_(cast.leader).get(overview))
    assert "1 of 24 dates are later than the baseline" in page
    assert "Monday, January 11" in page


def test_a_date_that_is_no_longer_free_is_said_on_the_plan(cast, as_, plan):
    call = row(plan, "call", 0, 4)
    assert "The trainer is booked that day" not in text(as_(cast.leader).get(PLAN))
    TrainerAway.objects.create(user=cast.trainer, from_on=call.on, until_on=call.on)
    assert text(as_(cast.leader).get(PLAN)).count("The trainer is booked that day") == 1


@pytest.mark.parametrize("many", [1, 30])
def test_the_plan_takes_the_same_queries_for_one_booking_and_thirty(
    cast, as_, django_assert_num_queries, many
):
    install_curricula()
    plan = made(cast, template=Template(cohorts=1 if many == 1 else 6))
    cohort = cast.agency.cohorts.create(name="Other", curriculum=Curriculum.objects.earliest("pk"))
    for number in range(many):
        at = datetime(2027, 5, 3, 16, tzinfo=NOW.tzinfo) + timedelta(days=number)
        Session.objects.create(cohort=cohort, title="S", starts_at=at, ends_at=at + timedelta(hours=1))
        away = at.date() + timedelta(days=200)
        TrainerAway.objects.create(user=cast.trainer, from_on=away, until_on=away)
        cast.agency.closed_days.create(name="Closed", from_on=away, until_on=away)
    leader = as_(cast.leader)
    with django_assert_num_queries(22):
        page = text(leader.get(PLAN))
    assert page.count("/plan/milestones/") > plan.milestones.count() - 2
    with django_assert_num_queries(21):
        leader.get(url(row(plan, "supervision")), {"on": "2027-06-01"})


def test_the_picture_has_a_lane_for_each_cohort_and_shows_what_has_moved(cast, plan):
    actions.set_baseline(plan, facts=facts_of(plan, NOW), by=cast.leader, at=NOW)
    plan.milestones.filter(kind="supervision").update(baseline_on=date(2027, 2, 15))
    desk = desk_of(plan, NOW)
    chart = chart_of(desk, lines_of(desk, NOW.date()), NOW.date(), movable=True)
    for lane in ("Cohort 1", "Cohort 2", "Supervision day", "Ten calls"):
        assert f">{lane}</text>" in chart.svg
    assert chart.svg.count("<circle") == 10
    assert chart.svg.count('stroke-dasharray="2 3"') == 1
    assert chart.svg.count("data-move=") == 23, "all but the commitment, which has taken place"
    assert len(chart.rows) == 24
    assert "1 date is later than the baseline" in chart.title
    still = chart_of(desk, lines_of(desk, NOW.date()), NOW.date(), movable=False)
    assert "data-" not in still.svg
