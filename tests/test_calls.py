"""Calls that are held: who was there, what counts, what each took on, and who may see which of it."""

from datetime import time, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from consultation import actions
from consultation.models import Call, CallAttendance, CallCommitment
from consultation.summaries import agency_calls, supervisor_dose
from rollout.models import AuditEntry
from rollout.refusals import Changed, Refused

from .calls_cast import FIRST, LINK, call_of, hold, log, more_supervisors, plan
from .conftest import NOW, account

pytestmark = pytest.mark.django_db
SECRET = "Ask the night shift what it was like"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def hold_form(person, minutes="", *, other="", text="", version=1, **more):
    prefix = f"p{person.pk}"
    return {
        f"{prefix}-quick": minutes,
        f"{prefix}-other": other,
        f"{prefix}-commitment": text,
        "version": version,
    } | more


# --- Holding a call -----------------------------------------------------------------------------------------


def test_a_call_cannot_be_held_before_it_begins(cast, as_):
    call, person = call_of(plan(cast), 5), cast.person(cast.supervisor)
    with pytest.raises(Refused, match="has not begun"):
        actions.hold_call(
            call, attended={person: 60}, by=cast.trainer, at=call.starts_at - timedelta(seconds=1)
        )
    answer = as_(cast.trainer).post(f"/calls/{call.uuid}/hold/", hold_form(person, "60"))
    assert answer.status_code == 302
    call.refresh_from_db()
    assert call.held_at is None
    actions.hold_call(call, attended={person: 60}, by=cast.trainer, at=call.starts_at)
    assert (call.held_at, call.held_by) == (call.starts_at, cast.trainer)


def test_taking_attendance_keeps_minutes_and_commitments(cast, as_):
    call, person = call_of(plan(cast), 4), cast.person(cast.supervisor)
    page = as_(cast.trainer).get(f"/calls/{call.uuid}/hold/").content.decode()
    assert f'name="p{person.pk}-quick" value="60" checked' in page
    answer = as_(cast.trainer).post(f"/calls/{call.uuid}/hold/", hold_form(person, "50", text=SECRET))
    assert answer.url == f"/calls/{call.uuid}/"
    call.refresh_from_db()
    assert (call.held_at, call.held_by) == (NOW, cast.trainer)
    assert CallAttendance.objects.get(call=call, person=person).minutes == 50
    assert CallCommitment.objects.get(call=call, person=person).text == SECRET


def test_typed_minutes_win_over_the_tap_and_a_later_tap_over_what_was_typed_before(cast, as_):
    call, person = call_of(plan(cast), 4), cast.person(cast.supervisor)
    as_(cast.trainer).post(f"/calls/{call.uuid}/hold/", hold_form(person, "60", other="35"))
    assert CallAttendance.objects.get().minutes == 35
    page = as_(cast.trainer).get(f"/calls/{call.uuid}/hold/").content.decode()
    assert 'value="35"' in page
    assert "checked" not in page
    as_(cast.trainer).post(f"/calls/{call.uuid}/hold/", hold_form(person, "60", other="35", version=2))
    assert CallAttendance.objects.get().minutes == 60


@pytest.mark.parametrize(
    ("minutes", "other"), [("", ""), ("60", "-5"), ("60", "241"), ("60", "x"), ("17", "")]
)
def test_impossible_minutes_are_named_and_nothing_is_saved(cast, as_, minutes, other):
    call, person = call_of(plan(cast), 4), cast.person(cast.supervisor)
    answer = as_(cast.trainer).post(
        f"/calls/{call.uuid}/hold/", hold_form(person, minutes, other=other, text=SECRET)
    )
    assert answer.status_code == 422
    assert SECRET in answer.content.decode()
    assert not CallAttendance.objects.exists()
    assert Call.objects.get(pk=call.pk).held_at is None


def test_the_first_record_stays_when_attendance_is_corrected(cast):
    call, person = call_of(plan(cast), 4), cast.person(cast.supervisor)
    hold(call, {person: 60}, cast.trainer, {person: "One thing"})
    CallCommitment.objects.update(outcome="done")
    second = account("Second Trainer")
    cast.agency.trainers.add(second)
    actions.hold_call(
        call,
        attended={person: 0},
        commitments={person: "One thing, put right"},
        by=second,
        at=NOW,
        reason="No audio",
    )
    assert (call.held_by, call.held_at) == (cast.trainer, call.ends_at + timedelta(minutes=5))
    assert not CallAttendance.objects.exists()
    commitment = CallCommitment.objects.get()
    assert (commitment.text, commitment.outcome) == ("One thing, put right", "done")
    trace = AuditEntry.objects.get(verb="corrected call")
    assert (trace.by, trace.reason) == (second, "No audio")
    assert (trace.before, trace.after) == ({str(person.uuid): 60}, {})
    actions.hold_call(call, attended={person: 0}, commitments={person: " "}, by=second, at=NOW)
    assert not CallCommitment.objects.exists()


def test_two_trainers_who_take_attendance_at_once_both_see_both(cast, as_):
    call, person = call_of(plan(cast), 4), cast.person(cast.supervisor)
    second = account("Second Trainer")
    cast.agency.trainers.add(second)
    url = f"/calls/{call.uuid}/hold/"
    as_(second).post(url, hold_form(person, "60", text="Theirs"))
    answer = as_(cast.trainer).post(url, hold_form(person, "50", text="Mine"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Second Trainer saved this" in page
    assert "Clear Supervisor: 60 min · Theirs" in page
    assert "Clear Supervisor: 50 min · Mine" in page
    assert 'name="version" value="2"' in page
    assert CallAttendance.objects.get().minutes == 60
    with pytest.raises(Changed):
        actions.hold_call(call, attended={person: 10}, by=cast.trainer, at=NOW)
    as_(cast.trainer).post(url, hold_form(person, "50", text="Mine", version=2))
    assert CallAttendance.objects.get().minutes == 50


def test_a_cancelled_call_is_not_held(cast, as_):
    call, person = call_of(plan(cast), 4), cast.person(cast.supervisor)
    actions.cancel_call(call, by=cast.leader, at=NOW)
    with pytest.raises(Refused, match="cancelled"):
        hold(call_of(call.series, 4), {person: 60}, cast.trainer)
    assert as_(cast.trainer).get(f"/calls/{call.uuid}/hold/").status_code == 302


def test_nobody_of_another_agency_is_counted_in(cast):
    call, stranger = call_of(plan(cast), 4), cast.person(cast.other_supervisor)
    with pytest.raises(Refused):
        hold(call, {stranger: 60}, cast.trainer)
    assert not CallAttendance.objects.exists()


def test_the_database_itself_knows_that_a_held_call_says_by_whom(cast):
    call = call_of(plan(cast), 4)
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(held_at=NOW)


def test_attendance_is_the_trainers_matter_alone(cast, as_):
    call = call_of(plan(cast), 4)
    url = f"/calls/{call.uuid}/hold/"
    for user in (cast.leader, cast.admin, cast.supervisor, cast.staff):
        assert as_(user).get(url).status_code == 403
        assert as_(user).post(url, hold_form(cast.person(cast.supervisor), "60")).status_code == 403
    assert as_(cast.other_trainer).post(url, hold_form(cast.person(cast.supervisor), "60")).status_code == 404
    assert Call.objects.get(pk=call.pk).held_at is None


def test_everybody_expected_on_the_day_is_asked_after_and_nobody_else(cast, as_):
    series = plan(cast)
    early, late = more_supervisors(cast, 2)
    actions.add_member(series, early, joined_on=FIRST, by=cast.leader, at=NOW)
    actions.add_member(series, late, joined_on=NOW.date(), by=cast.leader, at=NOW)
    actions.remove_member(series, early, left_on=NOW.date(), by=cast.leader, at=NOW)
    then = as_(cast.trainer).get(f"/calls/{call_of(series, 4).uuid}/hold/").content.decode()
    assert "Super Visor00" in then
    assert "Super Visor01" not in then
    ahead = as_(cast.trainer).get(f"/calls/{call_of(series, 5).uuid}/").content.decode()
    assert "Super Visor00" not in ahead
    assert "Super Visor01" in ahead


# --- How a commitment went ----------------------------------------------------------------------------------


def test_a_supervisor_says_how_the_last_commitment_went_from_the_next_calls_page(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    held, ahead = hold(call_of(series, 4), {person: 60}, cast.trainer, {person: SECRET}), call_of(series, 5)
    browser = as_(cast.supervisor)
    page = browser.get(f"/calls/{ahead.uuid}/").content.decode()
    assert "Last time you took on" in page
    assert SECRET in page
    assert "from call 4, Nov. 4, 2026" in page
    answer = browser.post(f"/calls/{held.uuid}/outcome/", {"outcome": "partly", "back": "5"})
    assert answer.url == f"/calls/{ahead.uuid}/#last"
    assert CallCommitment.objects.get().outcome == "partly"
    assert 'aria-pressed="true"' in browser.get(f"/calls/{ahead.uuid}/").content.decode()
    browser.post(f"/calls/{held.uuid}/outcome/", {"outcome": "nonsense"})
    assert CallCommitment.objects.get().outcome == "partly"
    trace = AuditEntry.objects.get(verb="answered commitment")
    assert (trace.before, trace.after) == ({}, {})


@pytest.mark.parametrize("name", ["trainer", "leader", "admin", "staff", "other_supervisor", "other_trainer"])
def test_nobody_else_can_say_how_it_went(cast, as_, name):
    person = cast.person(cast.supervisor)
    held = hold(call_of(plan(cast), 4), {person: 60}, cast.trainer, {person: SECRET})
    assert (
        as_(getattr(cast, name)).post(f"/calls/{held.uuid}/outcome/", {"outcome": "done"}).status_code == 404
    )
    assert CallCommitment.objects.get().outcome == "open"


def test_one_member_never_sees_anothers_commitment_or_minutes(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    other = more_supervisors(cast, 1)[0]
    actions.add_member(series, other, joined_on=FIRST, by=cast.leader, at=NOW)
    hold(call_of(series, 4), {person: 41, other: 60}, cast.trainer, {person: SECRET})
    for number in (4, 5):
        page = as_(other.user).get(f"/calls/{call_of(series, number).uuid}/").content.decode()
        assert SECRET not in page
        assert "Clear Supervisor" not in page
        assert "for 41 minutes" not in page
        assert ">41<" not in page


# --- What the three kinds of readers see --------------------------------------------------------------------


def test_the_room_shows_the_trainer_what_each_took_on_and_what_comes_back(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    held = hold(call_of(series, 4), {person: 60}, cast.trainer, {person: SECRET})
    CallCommitment.objects.update(outcome="not_yet")
    log(held, cast.trainer, "apmn")
    page = as_(cast.trainer).get(f"/calls/{call_of(series, 5).uuid}/").content.decode()
    assert f"Last time: {SECRET}" in page
    assert "not yet" in page
    assert "not shared yet" in page
    assert LINK in page
    assert "Coming back from call 4" in page
    assert "The call&#x27;s skill was tied to use during work, not after it." in page
    assert "A real situation of a participant was worked through" in page
    assert "The skill was tried out in the call" not in page


def test_leaders_and_administrators_see_dates_attendance_and_fidelity_but_no_words(cast, as_):
    person = cast.person(cast.supervisor)
    call = hold(call_of(plan(cast), 4), {person: 45}, cast.trainer, {person: SECRET})
    log(call, cast.trainer, "aaaaaaaaam")
    for user in (cast.leader, cast.admin):
        page = as_(user).get(f"/calls/{call.uuid}/").content.decode()
        assert "Clear Supervisor" in page
        assert ">45<" in page
        assert "too short" in page
        assert "90 %</b>, 9 of 10 points" in page
        assert SECRET not in page
        assert SECRET not in as_(user).get(f"/series/{call.series.uuid}/").content.decode()


def test_the_brief_says_when_who_where_and_what_for(cast, as_):
    call = call_of(plan(cast), 5)
    page = as_(cast.supervisor).get(f"/calls/{call.uuid}/").content.decode()
    assert "Call 5: Before and during" in page
    assert "Friday, December 4, 2026" in page
    assert "10 a.m. to 11 a.m." in page
    assert "with Clear Trainer" in page
    assert "starts in 13 days" in page
    assert f'href="{LINK}"' in page
    assert "Hear the story you tell yourself" in page
    assert "What do you tell yourself on the way to the hardest visit?" in page
    assert "None held yet. 8 of 10 needed." in " ".join(page.split())


def test_the_brief_tells_which_points_come_back(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    held = hold(call_of(series, 4), {person: 60}, cast.trainer)
    unfinished = log(held, cast.trainer, "m", finish=False)
    ahead = f"/calls/{call_of(series, 5).uuid}/"
    assert "Coming back" not in as_(cast.supervisor).get(ahead).content.decode()
    unfinished.finished_at = NOW
    unfinished.save()
    page = as_(cast.supervisor).get(ahead).content.decode()
    assert "Coming back from call 4" in page
    assert "Each person&#x27;s last commitment was asked after" in page


def test_a_call_is_open_to_members_leaders_and_trainers_of_its_agency_only(cast, as_):
    call = call_of(plan(cast), 5)
    expected = {
        "supervisor": 200,
        "leader": 200,
        "trainer": 200,
        "admin": 200,
        "staff": 404,
        "colleague": 404,
        "other_leader": 404,
        "other_trainer": 404,
        "other_supervisor": 404,
        "other_staff": 404,
        "nobody": 403,
    }
    found = {name: as_(getattr(cast, name)).get(f"/calls/{call.uuid}/").status_code for name in expected}
    assert found == expected


def test_whoever_was_taken_out_no_longer_finds_the_calls_to_come(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    held = hold(call_of(series, 4), {person: 60}, cast.trainer)
    actions.remove_member(series, person, left_on=NOW.date(), by=cast.leader, at=NOW)
    assert as_(cast.supervisor).get(f"/calls/{call_of(series, 5).uuid}/").status_code == 404
    assert as_(cast.supervisor).get(f"/calls/{held.uuid}/").status_code == 200


def test_whoever_left_the_agency_finds_nothing(cast, as_):
    call, person = call_of(plan(cast), 5), cast.person(cast.supervisor)
    person.left_on = NOW.date()
    person.save()
    assert as_(cast.supervisor).get(f"/calls/{call.uuid}/").status_code == 403


# --- Summaries ----------------------------------------------------------------------------------------------


def test_calls_of_an_agency_are_counted_without_cancelled_ones_and_without_the_neighbors(cast):
    series, person = plan(cast), cast.person(cast.supervisor)
    plan(cast, ours=False)
    hold(call_of(series, 1), {person: 60}, cast.trainer)
    actions.cancel_call(call_of(series, 10), by=cast.leader, at=NOW)
    calls = agency_calls(cast.agency, NOW)
    assert (calls.held, calls.planned) == (1, 9)
    assert [line.number for line in calls.calls] == list(range(1, 10))
    assert [line.held for line in calls.calls][:2] == [True, False]
    assert calls.next_call is not None
    assert calls.next_call.number == 5


def test_dose_counts_from_the_agencys_minutes_on_and_what_can_still_be_reached(cast):
    series, person = plan(cast), cast.person(cast.supervisor)
    for number, minutes in ((1, 50), (2, 49), (3, 0), (4, 60)):
        hold(call_of(series, number), {person: minutes}, cast.trainer)
    dose = supervisor_dose(cast.agency, NOW)[person.pk]
    assert (dose.counted, dose.short, dose.missed, dose.held, dose.planned) == (2, 1, 1, 4, 10)
    assert (dose.state, dose.reachable, dose.can_miss) == ("on track", 8, 0)
    cast.agency.call_minutes = 60
    cast.agency.save()
    dose = supervisor_dose(cast.agency, NOW)[person.pk]
    assert (dose.counted, dose.state, dose.short_by) == (1, "cannot as planned", 1)
    assert supervisor_dose(cast.other, NOW) == {}


def test_a_person_in_two_series_is_judged_by_the_later_one(cast):
    person = cast.person(cast.supervisor)
    hold(call_of(plan(cast), 1), {person: 60}, cast.trainer)
    plan(cast, name="Second year", starts=actions.call_starts(cast.agency, FIRST, time(13, 0)))
    dose = supervisor_dose(cast.agency, NOW)[person.pk]
    assert (dose.counted, dose.planned) == (0, 10)
