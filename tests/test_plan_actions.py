"""The plan as it is written: what it avoids, what moves, what stays, and what happens when two people write at once."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from cecert_site.plan_actuals import desk_of, facts_of
from cecert_site.plan_table import lines_of
from consultation.actions import create_series
from rollout import plan_actions as actions
from rollout.models import AuditEntry, ClosedDay, Cohort, Curriculum, Milestone, Plan, TrainerAway
from rollout.plan import Pin
from rollout.plan_steps import Key, Template
from rollout.refusals import Changed, Refused
from rollout.training_actions import cancel_session, create_cohort, install_curricula
from tests.conftest import COMMITTED_ON, NOW, Cast

START = date(2027, 1, 4)
CALL_1, CALL_2 = Key("call", 0, 1), Key("call", 0, 2)
SUPERVISION = Key("supervision")


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return made(cast)


def made(cast: Cast, **options: Any) -> Plan:
    options = {"starts_on": START, "template": Template(), "trainer": cast.trainer} | options
    return actions.create_plan(cast.agency, **options, by=cast.leader, at=NOW)


def day(plan: Plan, key: Key) -> date:
    return row(plan, key).on


def row(plan: Plan, key: Key) -> Milestone:
    return plan.milestones.get(kind=key.kind, cohort=key.cohort, number=key.number)


def move(plan: Plan, key: Key, on: date, cast: Cast) -> Any:
    desk = desk_of(Plan.objects.get(pk=plan.pk), NOW)
    seen = actions.digest(desk, actions.preview_move(desk, key, on).plan)
    return actions.save_move(plan, key, on, seen=seen, facts=desk.facts, by=cast.leader, at=NOW)


def sessions(cast: Cast, plan: Plan, number: int = 1, **options: Any) -> Any:
    """Sessions of one cohort of the plan, by the action."""
    install_curricula()
    curriculum = Curriculum.objects.get(code="ce-cert-foundations")
    cohort = create_cohort(cast.agency, curriculum, f"Group {number}", by=cast.leader, at=NOW)
    rows = list(plan.milestones.filter(kind="foundations", cohort=number).order_by("number"))
    options = {"starts": time(9), "ends": time(17), "trainer": cast.trainer, "place": "Hall"} | options
    return actions.make_sessions(plan, rows, cohort, **options, by=cast.leader, at=NOW)


# --- Made -------------------------------------------------------------------------------------------------------


def test_a_plan_is_made_once_with_all_its_milestones_and_an_entry(cast, plan):
    assert plan.milestones.count() == 24
    assert [each.position for each in plan.milestones.order_by("position")] == list(range(1, 25))
    entry = AuditEntry.objects.get(verb="made the plan")
    assert (entry.agency, entry.by, entry.after["milestones"]) == (cast.agency, cast.leader, 24)
    with pytest.raises(Refused, match="has a plan already"):
        made(cast)
    assert Milestone.objects.count() == 24


def test_closing_days_holidays_and_every_booking_of_the_trainer_are_avoided(cast):
    free = made(cast)
    expected = {key: day(free, key) for key in (CALL_1, SUPERVISION, Key("foundations", 1, 1), Key("roster"))}
    free.delete()
    ClosedDay.objects.create(
        agency=cast.agency, name="Move", from_on=expected[CALL_1], until_on=expected[CALL_1]
    )
    TrainerAway.objects.create(
        user=cast.trainer, from_on=expected[SUPERVISION], until_on=expected[SUPERVISION]
    )
    cast.other.trainers.add(cast.trainer)
    install_curricula()
    elsewhere = Cohort.objects.create(agency=cast.other, curriculum=Curriculum.objects.all()[0], name="Away")
    at = datetime.combine(expected[Key("foundations", 1, 1)], time(18), UTC)
    elsewhere.sessions.create(
        title="Elsewhere", starts_at=at, ends_at=at + timedelta(hours=2), trainer=cast.trainer
    )
    plan = made(cast)
    assert day(plan, CALL_1) != expected[CALL_1]
    assert day(plan, SUPERVISION) > expected[SUPERVISION]
    assert day(plan, Key("foundations", 1, 1)) > expected[Key("foundations", 1, 1)]
    assert day(plan, Key("roster")) == expected[Key("roster")], "the roster needs no trainer"
    assert day(plan, Key("baseline")) == date(2027, 1, 19), "the 18th is Martin Luther King Jr. Day"


def test_training_of_other_cohorts_is_avoided_even_with_another_trainer(cast):
    free = made(cast, trainer=None)
    first = day(free, Key("foundations", 1, 1))
    free.delete()
    install_curricula()
    cohort = create_cohort(cast.agency, Curriculum.objects.all()[0], "Older", by=cast.leader, at=NOW)
    at = datetime.combine(first, time(18), UTC)
    cohort.sessions.create(title="Day", starts_at=at, ends_at=at + timedelta(hours=2))
    assert day(made(cast, trainer=None), Key("foundations", 1, 1)) > first


# --- Moved ------------------------------------------------------------------------------------------------------


def test_a_look_writes_nothing_and_saving_writes_what_was_shown(cast, plan):
    desk = desk_of(plan, NOW)
    later = day(plan, Key("foundations", 2, 1)) + timedelta(days=7)
    shown = actions.preview_move(desk, Key("foundations", 2, 1), later)
    assert len(shown.changes) > 10
    assert day(plan, Key("foundations", 2, 1)) != later
    assert not AuditEntry.objects.filter(verb="moved a date of the plan").exists()
    saved = move(plan, Key("foundations", 2, 1), later, cast)
    assert [change.key for change in saved] == [change.key for change in shown.changes]
    for change in saved:
        assert day(plan, change.key) == change.after.on
    assert row(plan, Key("foundations", 2, 1)).is_fixed
    assert not row(plan, CALL_1).is_fixed
    entry = AuditEntry.objects.get(verb="moved a date of the plan")
    assert entry.after["foundations-2-1"] == later.isoformat()
    assert set(entry.before) == set(entry.after) == {"-".join(map(str, change.key)) for change in saved}
    assert Plan.objects.get(pk=plan.pk).version == 2


def test_a_closed_day_entered_between_look_and_save_stops_the_save(cast, plan):
    desk = desk_of(plan, NOW)
    later = day(plan, SUPERVISION) + timedelta(days=7)
    shown = actions.preview_move(desk, SUPERVISION, later)
    call = next(change for change in shown.changes if change.key == CALL_1)
    ClosedDay.objects.create(agency=cast.agency, name="Flood", from_on=call.after.on, until_on=call.after.on)
    with pytest.raises(Changed):
        actions.save_move(
            plan,
            SUPERVISION,
            later,
            seen=actions.digest(desk, shown.plan),
            facts={},
            by=cast.leader,
            at=NOW,
        )
    assert day(plan, SUPERVISION) != later
    assert day(plan, CALL_1) == call.before.on


def test_of_two_editors_the_second_is_told_and_loses_nothing(cast, plan):
    desk = desk_of(plan, NOW)
    mine = day(plan, CALL_2) + timedelta(days=7)
    seen = actions.digest(desk, actions.preview_move(desk, CALL_2, mine).plan)
    theirs = day(plan, Key("call", 0, 9)) + timedelta(days=1)
    move(plan, Key("call", 0, 9), theirs, cast)
    with pytest.raises(Changed):
        actions.save_move(plan, CALL_2, mine, seen=seen, facts={}, by=cast.leader, at=NOW)
    assert day(plan, Key("call", 0, 9)) == theirs
    move(plan, CALL_2, mine, cast)
    assert (day(plan, CALL_2), day(plan, Key("call", 0, 9))) == (mine, theirs)


def test_a_refused_date_is_refused_by_the_action_as_well(cast, plan):
    saturday = date(2027, 3, 6)
    with pytest.raises(Refused, match="weekend"):
        move(plan, CALL_1, saturday, cast)
    assert not row(plan, CALL_1).is_fixed


def test_a_date_fixed_by_hand_stays_until_it_is_let_go(cast, plan):
    call, before = row(plan, CALL_1), day(plan, CALL_1)
    actions.fix(call, stays=True, by=cast.leader, at=NOW)
    move(plan, SUPERVISION, day(plan, SUPERVISION) + timedelta(days=7), cast)
    assert day(plan, CALL_1) == before
    actions.fix(call, stays=False, by=cast.leader, at=NOW)
    move(plan, SUPERVISION, day(plan, SUPERVISION) + timedelta(days=1), cast)
    assert day(plan, CALL_1) > before
    verbs = set(AuditEntry.objects.filter(subject_id=str(call.uuid)).values_list("verb", flat=True))
    assert verbs == {"fixed a date of the plan", "freed a date of the plan"}


# --- Worked out anew, marked, compared ------------------------------------------------------------------------


def rework(plan: Plan, cast: Cast, **options: Any) -> Any:
    desk = desk_of(Plan.objects.get(pk=plan.pk), NOW)
    values = {"starts_on": START, "template": Template(), "trainer": cast.trainer} | options
    seen = actions.digest(desk, actions.preview_rework(desk, **values))
    return actions.save_rework(plan, **values, seen=seen, facts=desk.facts, by=cast.leader, at=NOW)


def test_worked_out_anew_from_the_same_facts_nothing_moves(cast, plan):
    assert rework(plan, cast) == ()


def test_another_start_moves_what_is_not_fixed_and_more_cohorts_come_in_their_place(cast, plan):
    fixed = Key("review", 0, 3)
    actions.fix(row(plan, fixed), stays=True, by=cast.leader, at=NOW)
    kept = day(plan, fixed)
    rework(plan, cast, starts_on=START + timedelta(days=14), template=Template(cohorts=3))
    assert day(plan, Key("roster")) == START + timedelta(days=21)
    assert day(plan, fixed) == kept
    assert plan.milestones.filter(kind="foundations", cohort=3).count() == 2
    order = list(plan.milestones.order_by("position").values_list("kind", flat=True))
    assert order[:10] == ["commitment", "roster", "baseline", *["foundations"] * 6, "supervision"]
    rework(plan, cast, template=Template(cohorts=1))
    assert plan.milestones.filter(kind="foundations").count() == 2


def test_a_cohort_that_has_sessions_does_not_fall_out_of_the_plan(cast, plan):
    sessions(cast, plan, 2)
    with pytest.raises(Refused, match="fall out of the plan"):
        rework(plan, cast, template=Template(cohorts=1))
    assert plan.milestones.filter(kind="foundations", cohort=2).count() == 2


def test_a_plan_with_no_room_left_says_what_stands_in_the_way(cast, plan):
    actions.fix(row(plan, CALL_2), stays=True, by=cast.leader, at=NOW)
    with pytest.raises(Refused, match="before “Call 2”"):
        rework(plan, cast, starts_on=START + timedelta(days=120))


def test_done_is_said_for_a_day_that_has_come_and_taken_back(cast):
    plan = made(cast, starts_on=date(2026, 11, 2))
    roster = row(plan, Key("roster"))
    with pytest.raises(Refused, match="still ahead"):
        actions.mark_done(roster, date(2026, 11, 22), by=cast.leader, at=NOW)
    actions.mark_done(roster, date(2026, 11, 20), by=cast.leader, at=NOW)
    line = {line.key: line for line in lines_of(desk_of(plan, NOW), NOW.date())}[Key("roster")]
    assert (line.state, line.actual_on) == ("done", date(2026, 11, 20))
    actions.mark_done(roster, None, by=cast.leader, at=NOW)
    line = {line.key: line for line in lines_of(desk_of(plan, NOW), NOW.date())}[Key("roster")]
    assert (line.state, line.actual_on) == ("late", None)


def test_the_baseline_keeps_the_dates_to_compare_with_in_working_days(cast, plan):
    actions.set_baseline(plan, facts={}, by=cast.leader, at=NOW)
    first = day(plan, CALL_1)
    move(plan, CALL_1, first + timedelta(days=7), cast)
    lines = {line.key: line for line in lines_of(desk_of(plan, NOW), NOW.date())}
    assert (lines[CALL_1].baseline_on, lines[CALL_1].drift) == (first, 5)
    assert lines[SUPERVISION].drift == 0
    assert Plan.objects.get(pk=plan.pk).baseline_by == cast.leader
    assert AuditEntry.objects.filter(verb="set the plan’s baseline").count() == 1


# --- What became of it ------------------------------------------------------------------------------------------


def test_sessions_made_from_the_plan_are_linked_and_do_not_stand_in_its_way(cast, plan):
    made_sessions = sessions(cast, plan)
    keys = [Key("foundations", 1, 1), Key("foundations", 1, 2)]
    assert [row(plan, key).row_uuid for key in keys] == [each.uuid for each in made_sessions]
    assert [each.starts_at.astimezone(cast.agency.zone).date() for each in made_sessions] == [
        day(plan, key) for key in keys
    ]
    desk = desk_of(plan, NOW)
    assert {key: desk.facts[key].done for key in keys} == dict.fromkeys(keys, False)
    assert not {day(plan, key) for key in keys} & {each for span in desk.busy for each in span}
    assert {line.key: line.state for line in lines_of(desk, NOW.date())}[keys[0]] == "planned"
    with pytest.raises(Refused, match="Change it where it stands"):
        move(plan, keys[0], day(plan, keys[0]) + timedelta(days=1), cast)


def test_a_session_that_was_moved_takes_the_plan_along_and_a_cancelled_one_is_open_again(cast, plan):
    first, second = sessions(cast, plan)
    session = second
    session.starts_at += timedelta(days=21)
    session.ends_at += timedelta(days=21)
    session.save()
    facts = facts_of(plan, NOW)
    assert facts[Key("foundations", 1, 2)].on == day(plan, Key("foundations", 1, 2)) + timedelta(days=21)
    rework(plan, cast)
    assert day(plan, Key("foundations", 2, 1)) > facts[Key("foundations", 1, 2)].on
    cancel_session(first, by=cast.leader, at=NOW)
    assert Key("foundations", 1, 1) not in facts_of(plan, NOW)


def test_when_one_day_cannot_be_no_session_is_made(cast, plan):
    second = day(plan, Key("foundations", 1, 2))
    TrainerAway.objects.create(user=cast.trainer, from_on=second, until_on=second)
    with pytest.raises(Refused):
        sessions(cast, plan)
    assert not any(row(plan, Key("foundations", 1, number)).row_uuid for number in (1, 2))
    assert not Cohort.objects.get(name="Group 1").sessions.exists()


def test_commitment_and_calls_tell_when_they_took_place(cast, plan):
    rows = [row(plan, Key("call", 0, number)) for number in range(1, 11)]
    starts = [datetime.combine(each.on, time(17), UTC) for each in rows]
    series = create_series(
        cast.agency,
        name="Supervisors",
        trainer=cast.trainer,
        members=[cast.team.supervisor],
        starts=starts,
        by=cast.leader,
        at=NOW,
    )
    numbers = {Key("call", 0, call.number): call.uuid for call in series.calls.all()}
    actions.link(plan, numbers, by=cast.leader, at=NOW)
    series.calls.filter(number=1).update(held_at=NOW, held_by=cast.trainer)
    facts = facts_of(plan, NOW)
    assert facts[Key("commitment")].on == COMMITTED_ON
    assert (facts[CALL_1].done, facts[CALL_2].done) == (True, False)
    series.calls.filter(number=2).update(cancelled_at=NOW)
    assert CALL_2 not in facts_of(plan, NOW)


def test_dates_known_beforehand_are_kept_when_the_plan_is_made(cast):
    on = date(2027, 3, 30)
    plan = made(cast, pins={CALL_1: Pin(on, on)})
    assert (day(plan, CALL_1), row(plan, CALL_1).is_fixed) == (on, True)
