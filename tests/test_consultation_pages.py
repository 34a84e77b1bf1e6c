"""Lists of consultation ask the database as often for thirty rows as for one; what needs whom now; what
slips.
"""

from datetime import date, time, timedelta

import pytest
import time_machine

from consultation import actions, agenda
from consultation import preparation_actions as preparing
from consultation.models import Call, Checklist, Preparation, SeriesMember
from consultation.summaries import agency_calls, fidelity_points, supervisor_dose
from rollout.models import Team

from .calls_cast import FIRST, call_of, hold, log, more_supervisors, plan, training_day
from .conftest import NOW, account, somebody

pytestmark = pytest.mark.django_db
CANARY = "heron-4711 stood in the reeds"

# Queries of a request without the frame around the page: session, user, roles (4), then the page's own.
SERIES_PAGE = 17
ROOM_PAGE = 19
FACTS_PAGE = 17
LIST_PAGE = 12
MY_CALLS_PAGE = 11
TRAINERS_CALLS_PAGE = 10
CHECKLISTS_PAGE = 7
SLIPS = 11


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def page_alone(settings, tmp_path):
    """Pages without the frame around them: its navigation asks questions of its own, which are no matter of
    these.
    """
    (tmp_path / "base.html").write_text("{% block title %}{% endblock %}{% block content %}{% endblock %}")
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]


def held_series(cast, members=0, **fields):
    """Four calls held and logged, with so many more members who all prepared the next one and took something
    on.
    """
    series = plan(cast, **fields)
    people = [cast.person(cast.supervisor), *more_supervisors(cast, members)]
    for person in people[1:]:
        actions.add_member(series, person, joined_on=FIRST, by=cast.leader, at=NOW)
    for number in (1, 2, 3, 4):
        call = hold(
            call_of(series, number), dict.fromkeys(people, 60), cast.trainer, dict.fromkeys(people, CANARY)
        )
        log(call, cast.trainer, "aap")
    ahead = call_of(series, 5)
    for person in people:
        saved = preparing.save_preparation(
            ahead, person, {"tried": CANARY}, version=0, by=person.user, at=NOW
        )
        preparing.share_preparation(saved, by=person.user, at=NOW)
    return series


# --- The same number of queries -----------------------------------------------------------------------------


@pytest.mark.usefixtures("page_alone")
@pytest.mark.parametrize("members", [0, 30])
def test_the_page_of_a_series_asks_as_often_for_thirty_members(cast, as_, members, django_assert_num_queries):
    series = held_series(cast, members)
    browser = as_(cast.leader)
    with django_assert_num_queries(SERIES_PAGE):
        page = browser.get(f"/series/{series.uuid}/").content.decode()
    assert page.count("</b> count so far") == members + 1


@pytest.mark.usefixtures("page_alone")
@pytest.mark.parametrize("members", [0, 30])
def test_the_room_asks_as_often_for_thirty_members(cast, as_, members, django_assert_num_queries):
    call = call_of(held_series(cast, members), 5)
    browser = as_(cast.trainer)
    with django_assert_num_queries(ROOM_PAGE):
        page = browser.get(f"/calls/{call.uuid}/").content.decode()
    assert page.count(f"Last time: {CANARY}") == members + 1
    assert page.count("Tried, and what happened") == members + 1


@pytest.mark.usefixtures("page_alone")
@pytest.mark.parametrize("members", [0, 30])
def test_the_facts_ask_as_often_for_thirty_members(cast, as_, members, django_assert_num_queries):
    call = call_of(held_series(cast, members), 4)
    browser = as_(cast.leader)
    with django_assert_num_queries(FACTS_PAGE):
        page = browser.get(f"/calls/{call.uuid}/").content.decode()
    assert page.count(">counts</span>") == members + 1
    assert CANARY not in page


@pytest.mark.usefixtures("page_alone")
@pytest.mark.parametrize("more", [0, 30])
def test_the_list_of_series_asks_as_often_for_thirty(cast, as_, more, django_assert_num_queries):
    plan(cast)
    for number in range(more):
        plan(cast, name=f"Group {number}", trainer=None)
    browser = as_(cast.leader)
    with django_assert_num_queries(LIST_PAGE):
        page = browser.get("/agencies/clearwater/consultation/").content.decode()
    assert page.count("Dec. 4, 2026") == more + 1


@pytest.mark.usefixtures("page_alone")
@pytest.mark.parametrize("more", [0, 30])
def test_ones_own_calls_ask_as_often_for_thirty_series(cast, as_, more, django_assert_num_queries):
    plan(cast)
    for number in range(more):
        plan(cast, name=f"Group {number}", trainer=None)
    browser = as_(cast.supervisor)
    with django_assert_num_queries(MY_CALLS_PAGE):
        page = browser.get("/me/calls/").content.decode()
    assert page.count("None held yet.") == more + 1


@pytest.mark.usefixtures("page_alone")
@pytest.mark.parametrize("more", [0, 30])
def test_a_trainers_calls_ask_as_often_for_thirty_series(cast, as_, more, django_assert_num_queries):
    plan(cast)
    for number in range(more):
        plan(cast, name=f"Group {number}", trainer=None)
    browser = as_(cast.trainer)
    with django_assert_num_queries(TRAINERS_CALLS_PAGE):
        page = browser.get("/me/calls/").content.decode()
    assert page.count("<tr>") == 1 + min(50, 6 * (more + 1))


@pytest.mark.usefixtures("page_alone")
@pytest.mark.parametrize("versions", [0, 30])
def test_the_checklists_ask_as_often_for_thirty_more(cast, as_, versions, django_assert_num_queries):
    actions.install_checklists(at=NOW)
    for version in range(2, versions + 2):
        Checklist.objects.create(
            code="call-4", version=version, title="T", occasion="call", number=4, published_at=NOW
        )
    browser = as_(cast.trainer)
    with django_assert_num_queries(CHECKLISTS_PAGE):
        assert browser.get("/checklists/").content.decode().count("<tr>") == 13 + versions + 2


@pytest.mark.parametrize("members", [1, 30])
def test_summaries_and_agendas_ask_a_constant_number_of_times(cast, members, django_assert_num_queries):
    series = held_series(cast, members)
    for person in series.members.exclude(user=cast.supervisor):
        call_of(series, 1).attendances.filter(person=person).delete()
        call_of(series, 2).attendances.filter(person=person).delete()
        call_of(series, 3).attendances.filter(person=person).delete()
    Preparation.objects.update(shared_at=None)
    for user in (cast.supervisor, cast.trainer, cast.leader):
        user.refresh_from_db()
    with django_assert_num_queries(1):
        assert agency_calls(cast.agency, NOW).held == 4
    with django_assert_num_queries(3):
        assert len(supervisor_dose(cast.agency, NOW)) == members + 1
    with django_assert_num_queries(2):
        assert len(fidelity_points(cast.agency)) == 4
    with django_assert_num_queries(SLIPS):
        assert len(agenda.slips(cast.agency, NOW)) == members
    with django_assert_num_queries(2):
        assert len(agenda.coming(cast.supervisor, NOW)) == 6


# --- What needs whom now ------------------------------------------------------------------------------------


def facts(todos):
    return [todo.fact for todo in todos]


def test_a_supervisor_prepares_within_the_last_week_until_it_is_shared(cast, clock):
    call, person = call_of(plan(cast), 5), cast.person(cast.supervisor)
    long_before, within = call.starts_at - timedelta(days=7, seconds=1), call.starts_at - timedelta(days=7)
    assert agenda.todos(cast.supervisor, long_before) == []
    todo = agenda.todos(cast.supervisor, within)[0]
    assert todo.fact == "Prepare call 5"
    assert "Friday, Dec. 4 at 10 a.m." in todo.why
    assert todo.url == f"/calls/{call.uuid}/#preparation"
    saved = preparing.save_preparation(call, person, {"tried": CANARY}, version=0, by=cast.supervisor, at=NOW)
    assert facts(agenda.todos(cast.supervisor, within)) == ["Prepare call 5"]
    preparing.share_preparation(saved, by=cast.supervisor, at=NOW)
    assert agenda.todos(cast.supervisor, within) == []


def test_nobody_is_asked_to_prepare_a_call_that_is_not_theirs(cast):
    series = plan(cast)
    call, person = call_of(series, 5), cast.person(cast.supervisor)
    near = call.starts_at - timedelta(days=2)
    other = more_supervisors(cast, 1)[0]
    actions.add_member(series, other, joined_on=date(2026, 12, 5), by=cast.leader, at=NOW)
    actions.remove_member(series, person, left_on=NOW.date(), by=cast.leader, at=NOW)
    assert agenda.todos(other.user, near) == []
    assert agenda.todos(cast.supervisor, near) == []
    assert agenda.todos(cast.other_supervisor, near) == []
    assert agenda.coming(cast.supervisor, near) == []


def test_a_trainer_is_asked_for_attendance_then_for_the_log(cast):
    actions.install_checklists(at=NOW)
    session = training_day(cast)
    series = plan(cast)
    early = call_of(series, 1)
    assert facts(agenda.todos(cast.trainer, early.ends_at - timedelta(seconds=1))) == []
    assert facts(agenda.todos(cast.trainer, early.ends_at)) == ["Call 1 took place: take attendance"]
    hold(early, {}, cast.trainer)
    assert facts(agenda.todos(cast.trainer, early.ends_at)) == ["MAPS log missing: call 1"]
    log(early, cast.trainer, finish=False)
    assert facts(agenda.todos(cast.trainer, early.ends_at)) == ["MAPS log missing: call 1"]
    log(early, cast.trainer)
    assert facts(agenda.todos(cast.trainer, early.ends_at)) == []
    assert "MAPS log missing: Foundations, day 1" in facts(agenda.todos(cast.trainer, session.ends_at))
    log(session, cast.trainer)
    assert "MAPS log missing: Foundations, day 1" not in facts(agenda.todos(cast.trainer, session.ends_at))


def test_another_trainer_of_the_agency_is_not_asked_for_calls_that_have_their_own(cast):
    second = account("Second Trainer")
    cast.agency.trainers.add(second)
    plan(cast)
    assert agenda.todos(second, NOW) == []
    assert len(agenda.todos(cast.trainer, NOW)) == 4
    assert agenda.todos(cast.other_trainer, NOW) == []
    assert agenda.todos(cast.leader, NOW) == []


def test_whoever_no_longer_trains_the_agency_is_asked_for_nothing(cast):
    plan(cast)
    cast.agency.trainers.clear()
    assert agenda.todos(cast.trainer, NOW) == []
    assert agenda.coming(cast.trainer, NOW) == []


def test_coming_calls_stand_in_the_agencys_zone_for_members_trainer_and_leader_only(cast):
    series = plan(cast)
    actions.cancel_call(call_of(series, 6), by=cast.leader, at=NOW)
    for user in (cast.supervisor, cast.trainer, cast.leader):
        lines = agenda.coming(user, NOW)
        assert [line.title for line in lines][:2] == [
            "Call 5: Before and during",
            "Call 7: Real compassion costs less",
        ]
        assert lines[0].zone == "America/Denver"
        assert lines[0].url == f"/calls/{call_of(series, 5).uuid}/"
    for user in (cast.staff, cast.other_leader, cast.other_trainer, cast.other_supervisor, cast.nobody):
        assert agenda.coming(user, NOW) == []


# --- What slips ---------------------------------------------------------------------------------------------


def test_an_agency_with_supervisors_and_no_series_is_told_to_plan_one(cast):
    slip = agenda.slips(cast.agency, NOW)[0]
    assert slip.fact == "No consultation series yet"
    assert slip.why.startswith("1 supervisor waits")
    assert slip.url == "/agencies/clearwater/consultation/new/"
    Team.objects.filter(agency=cast.agency).update(supervisor=None)
    assert agenda.slips(cast.agency, NOW) == []


def test_a_supervisor_outside_every_series_slips(cast):
    held_series(cast)
    assert agenda.slips(cast.agency, NOW) == []
    person = somebody(cast.agency, None, account("Nora Quist"))
    Team.objects.create(agency=cast.agency, name="Night", supervisor=person)
    assert facts(agenda.slips(cast.agency, NOW)) == ["1 supervisor is in no series of calls"]


@pytest.mark.parametrize(
    ("minutes", "fact"),
    [
        ((60, 60, 60, 0), None),
        ((60, 60, 40, 0), "Clear Supervisor may not miss another call"),
        ((60, 0, 40, 0), "Clear Supervisor can no longer reach 8 calls as planned"),
    ],
)
def test_few_calls_slip_when_none_may_be_missed_any_more_or_too_many_were(cast, minutes, fact):
    series, person = plan(cast), cast.person(cast.supervisor)
    for number, each in enumerate(minutes, start=1):
        log(hold(call_of(series, number), {person: each}, cast.trainer), cast.trainer)
    assert facts(agenda.slips(cast.agency, NOW)) == ([fact] if fact else [])


def test_why_calls_can_no_longer_be_reached_says_how_many_are_lacking(cast):
    series, person = plan(cast), cast.person(cast.supervisor)
    for number, minutes in enumerate((60, 0, 0, 0), start=1):
        log(hold(call_of(series, number), {person: minutes}, cast.trainer), cast.trainer)
    slip = agenda.slips(cast.agency, NOW)[0]
    assert slip.why == "1 of 4 count so far and 7 can still be reached: one more call is needed."
    assert slip.url == f"/series/{series.uuid}/"


def test_who_can_no_longer_reach_the_calls_stands_beside_those_who_lack_hours(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    for number, minutes in enumerate((60, 0, 0, 0), start=1):
        log(hold(call_of(series, number), {person: minutes}, cast.trainer), cast.trainer)
    fact = "Clear Supervisor can no longer reach 8 calls as planned"
    page = as_(cast.leader).get("/agencies/clearwater/completion/").content.decode()
    assert fact in page
    assert f'href="/series/{series.uuid}/"' in page
    assert "Everybody can still complete" not in page
    assert fact not in as_(cast.leader).get("/agencies/clearwater/completion/?q=Nobody").content.decode()
    other = as_(cast.other_leader).get(f"/agencies/{cast.other.slug}/completion/")
    assert (other.status_code, fact in other.content.decode()) == (200, False)


@pytest.mark.parametrize(
    ("logs", "slips"),
    [
        (("a", "a", "mmm", "a"), []),
        (("a", "mmm", "a", "mmm"), []),
        (("a", "a", "mmm", "mmm"), ["Delivery fidelity was below 80 % in the last 2 logs"]),
        (("am", "am", "am", "am"), ["A point was not aired 4 times in a row"]),
        (("am", "am", "a", "am"), []),
    ],
)
def test_delivery_fidelity_slips_after_two_low_logs_or_three_misses_of_one_point(cast, logs, slips):
    series, person = plan(cast), cast.person(cast.supervisor)
    for number, answers in enumerate(logs, start=1):
        log(hold(call_of(series, number), {person: 60}, cast.trainer), cast.trainer, answers)
    assert facts(agenda.slips(cast.agency, NOW)) == slips


def test_a_call_without_attendance_or_log_slips_after_two_days(cast):
    series, person = plan(cast), cast.person(cast.supervisor)
    first = call_of(series, 1)
    soon, later = first.ends_at + timedelta(days=1), first.ends_at + timedelta(days=2)
    assert agenda.slips(cast.agency, soon) == []
    assert facts(agenda.slips(cast.agency, later)) == ["Attendance of 1 call was not taken"]
    hold(first, {person: 60}, cast.trainer)
    assert agenda.slips(cast.agency, soon) == []
    assert facts(agenda.slips(cast.agency, later)) == ["1 call has no MAPS log"]
    log(first, cast.trainer)
    assert agenda.slips(cast.agency, later) == []


def test_slips_hold_no_private_word_and_nothing_of_the_neighbors(cast):
    held_series(cast)
    plan(cast, ours=False)
    Call.objects.filter(series__agency=cast.other).update(held_at=None)
    assert CANARY not in str(agenda.slips(cast.agency, NOW))
    assert agenda.slips(cast.agency, NOW) == []
    assert len(agenda.slips(cast.other, NOW)) == 1


# --- One's own calls ----------------------------------------------------------------------------------------


def test_my_calls_show_what_counts_and_lead_to_the_next_brief(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    for number, minutes in enumerate((60, 49, 0, 50), start=1):
        hold(call_of(series, number), {person: minutes}, cast.trainer)
    page = " ".join(as_(cast.supervisor).get("/me/calls/").content.decode().split())
    assert '<b class="num">2 of 4</b> count so far' in page
    assert "49 min, counts from 50" in page
    assert "60 min, counts ✓" in page
    assert page.count(">absent<") == 1
    assert page.count(">Prepare<") == 1
    assert (
        page.index("Call 5" if "Call 5" in page else "5 · Before")
        < page.index(">Prepare<")
        < page.index("6 · After")
    )


def test_my_calls_of_a_trainer_are_those_of_all_their_agencies_and_no_others(cast, as_):
    plan(cast)
    plan(cast, ours=False, starts=actions.call_starts(cast.other, FIRST, time(15, 0)))
    page = as_(cast.trainer).get("/me/calls/").content.decode()
    assert "Clearwater supervisors" in page
    assert "Harbor" not in page
    cast.other.trainers.add(cast.trainer)
    assert "Harbor supervisors" in as_(cast.trainer).get("/me/calls/").content.decode()


def test_my_calls_of_somebody_in_no_series_say_so(cast, as_):
    assert "You are in no series of calls" in as_(cast.supervisor).get("/me/calls/").content.decode()
    assert as_(cast.leader).get("/me/calls/").status_code == 403
    plan(cast)
    SeriesMember.objects.update(left_on=NOW.date())
    assert "You are in no series of calls" in as_(cast.supervisor).get("/me/calls/").content.decode()
