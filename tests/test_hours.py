"""Clock hours of many people: what counts once, what is still planned, who can no longer reach them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout import attendance_actions as door
from rollout.catching_up import short_lines
from rollout.credit import SessionTimes
from rollout.ledger import Slot, open_ledger
from rollout.models import Agency, Attendance, Cohort, CohortMember, Curriculum, Person, Session, Team
from rollout.summaries import (
    agency_hours,
    cohort_counts,
    completion_by_month,
    hours_of_people,
    session_count,
    team_hours,
)
from rollout.training_actions import install_curricula
from rollout.training_record import training_record

from .conftest import NOW

JUNE = date(2026, 6, 1)


@pytest.fixture
def curricula(db: None) -> dict[str, Curriculum]:
    return {curriculum.code: curriculum for curriculum in install_curricula()}


@pytest.fixture
def foundations(cast: Any, curricula: dict[str, Curriculum]) -> Cohort:
    return Cohort.objects.create(
        agency=cast.agency, curriculum=curricula["ce-cert-foundations"], name="Spring"
    )


def plan(cohort: Cohort, day: int, starts_at: datetime, hours: float = 7.5) -> Session:
    """A session with its day's modules."""
    ends_at = starts_at + timedelta(hours=hours)
    session = Session.objects.create(
        cohort=cohort, day=day, title=f"Day {day}", starts_at=starts_at, ends_at=ends_at
    )
    session.modules.set(cohort.curriculum.modules.filter(day=day))
    return session


def join(cohort: Cohort, *people: Person, on: date = JUNE) -> None:
    for person in people:
        CohortMember.objects.create(cohort=cohort, person=person, joined_on=on)


def attend(session: Session, *people: Person, late: int = 0, early: int = 0, **fields: Any) -> None:
    """Sign in and out, ``late`` and ``early`` minutes off."""
    for person in people:
        Attendance.objects.create(
            session=session,
            person=person,
            signed_in_at=session.starts_at + timedelta(minutes=late),
            signed_out_at=session.ends_at - timedelta(minutes=early),
            **fields,
        )


def line(person: Person, now: datetime = NOW) -> tuple[int, int, int, str]:
    found = hours_of_people(person.agency, now)[person.pk]
    return found.required_minutes, found.credited_minutes, found.planned_minutes, found.state


def test_two_days_attended_make_foundations_complete(cast, foundations):
    ana, ben = cast.person(cast.staff), cast.person(cast.colleague)
    join(foundations, ana, ben)
    first, second = (
        plan(foundations, 1, NOW - timedelta(days=9)),
        plan(foundations, 2, NOW - timedelta(days=8)),
    )
    attend(first, ana, ben)
    attend(second, ana)
    assert line(ana) == (720, 720, 0, "complete")
    assert line(ben) == (720, 360, 0, "cannot as planned")


def test_a_supervisor_needs_supervision_as_well(cast, foundations, curricula):
    boss = cast.person(cast.supervisor)
    join(foundations, boss)
    for day in (1, 2):
        attend(plan(foundations, day, NOW - timedelta(days=10 - day)), boss)
    assert line(boss) == (1080, 720, 0, "cannot as planned")
    supervision = Cohort.objects.create(
        agency=cast.agency, curriculum=curricula["ce-cert-supervision"], name="Leads"
    )
    join(supervision, boss)
    plan(supervision, 1, NOW + timedelta(days=3))
    assert line(boss) == (1080, 720, 360, "on track")


def test_optional_hours_do_not_stand_in_for_required_ones(cast, foundations, curricula):
    ana = cast.person(cast.staff)
    helping = Cohort.objects.create(
        agency=cast.agency, curriculum=curricula["helping-relationship-skills"], name="Helping"
    )
    join(helping, ana)
    session = plan(helping, 0, NOW - timedelta(days=4), hours=16)
    attend(session, ana)
    assert line(ana) == (720, 0, 0, "cannot as planned")
    optional = [each for each in training_record(ana, NOW).curricula if not each.is_required]
    assert [(each.name, each.standing.credited) for each in optional] == [
        ("Helping Relationship Skills", 900)
    ]


def test_a_make_up_with_another_cohort_counts_once(cast, foundations, curricula):
    ana = cast.person(cast.staff)
    join(foundations, ana)
    attend(plan(foundations, 1, NOW - timedelta(days=30)), ana)
    missed = plan(foundations, 2, NOW - timedelta(days=29))
    attend(missed, cast.person(cast.colleague))
    other = Cohort.objects.create(agency=cast.agency, curriculum=foundations.curriculum, name="Fall")
    attend(plan(other, 1, NOW - timedelta(days=20)), ana)
    assert line(ana) == (720, 360, 0, "cannot as planned")
    attend(plan(other, 2, NOW - timedelta(days=19)), ana)
    assert line(ana) == (720, 720, 0, "complete")


def test_partial_credit_and_its_make_up_do_not_add_up(cast, foundations):
    ana, author = cast.person(cast.staff), cast.trainer
    join(foundations, ana)
    by_hand = {"override_minutes": 240, "override_reason": "court", "override_by": author, "override_at": NOW}
    attend(plan(foundations, 1, NOW - timedelta(days=30)), ana, **by_hand)
    assert line(ana)[1] == 240
    attend(plan(foundations, 1, NOW - timedelta(days=20)), ana)
    assert line(ana)[1] == 360


def test_the_agencys_own_tolerance_decides(cast, foundations):
    ana = cast.person(cast.staff)
    join(foundations, ana)
    attend(plan(foundations, 1, NOW - timedelta(days=9)), ana, late=22)
    assert line(ana)[1] == 0
    Agency.objects.filter(pk=cast.agency.pk).update(late_minutes=25)
    assert line(Person.objects.get(pk=ana.pk))[1] == 360


def test_nobody_has_missed_a_session_before_its_attendance_is_recorded(cast, foundations):
    ana, ben = cast.person(cast.staff), cast.person(cast.colleague)
    join(foundations, ana, ben)
    first = plan(foundations, 1, NOW - timedelta(days=2))
    plan(foundations, 2, NOW + timedelta(days=2))
    assert line(ana) == line(ben) == (720, 0, 720, "on track")
    attend(first, ben)
    assert line(ana) == (720, 0, 360, "cannot as planned")
    assert line(ben) == (720, 360, 360, "on track")


def test_a_tap_that_was_taken_back_is_no_record(cast, foundations):
    ana = cast.person(cast.staff)
    join(foundations, ana)
    Attendance.objects.create(session=plan(foundations, 1, NOW - timedelta(days=2)), person=ana)
    assert line(ana)[2] == 360


def test_somebody_who_has_not_signed_out_may_still_get_their_hours(cast, foundations):
    ana = cast.person(cast.staff)
    join(foundations, ana)
    session = plan(foundations, 1, NOW - timedelta(hours=1))
    Attendance.objects.create(session=session, person=ana, signed_in_at=session.starts_at)
    assert line(ana)[1:3] == (0, 360)
    assert line(ana, NOW + timedelta(days=1))[1:3] == (0, 360)
    Attendance.objects.update(signed_out_at=session.ends_at)
    assert line(ana)[1:3] == (360, 0)


def test_cancelled_sessions_neither_plan_nor_credit_hours(cast, foundations):
    ana = cast.person(cast.staff)
    join(foundations, ana)
    attend(plan(foundations, 1, NOW - timedelta(days=9)), ana)
    plan(foundations, 2, NOW + timedelta(days=9))
    Session.objects.update(cancelled_at=NOW)
    assert line(ana) == (720, 0, 0, "cannot as planned")


def test_hours_stay_with_whoever_leaves_a_cohort(cast, foundations):
    ana = cast.person(cast.staff)
    join(foundations, ana)
    attend(plan(foundations, 1, NOW - timedelta(days=9)), ana)
    plan(foundations, 2, NOW + timedelta(days=9))
    CohortMember.objects.all().delete()
    assert line(ana) == (720, 360, 0, "cannot as planned")


def test_sessions_before_somebody_joined_are_not_theirs(cast, foundations):
    ana = cast.person(cast.staff)
    session = plan(foundations, 1, NOW - timedelta(days=9))
    attend(session, cast.person(cast.colleague))
    join(foundations, ana, on=session.starts_at.astimezone(cast.agency.zone).date() + timedelta(days=1))
    plan(foundations, 2, NOW + timedelta(days=9))
    assert line(ana)[2] == 360
    assert training_record(ana, NOW).past == []
    CohortMember.objects.update(joined_on=session.starts_at.astimezone(cast.agency.zone).date())
    assert [each.credit.status for each in training_record(ana, NOW).past] == ["absent"]


def test_joining_is_judged_by_the_day_in_the_agencys_zone(cast, foundations):
    ana = cast.person(cast.staff)
    late_evening = datetime.fromisoformat("2026-12-03T20:00-07:00")
    plan(foundations, 1, late_evening, hours=6.5)
    join(foundations, ana, on=date(2026, 12, 4))
    assert line(ana)[2] == 0
    CohortMember.objects.update(joined_on=date(2026, 12, 3))
    assert line(ana)[2] == 360


def test_another_agencys_sessions_and_people_stay_out(cast, foundations):
    theirs = Cohort.objects.create(agency=cast.other, curriculum=foundations.curriculum, name="Harbor")
    stranger = cast.person(cast.other_staff)
    join(theirs, stranger)
    attend(plan(theirs, 1, NOW - timedelta(days=9)), stranger)
    join(foundations, cast.person(cast.staff))
    ours = hours_of_people(cast.agency, NOW)
    assert stranger.pk not in ours
    assert {(each.credited_minutes, each.planned_minutes) for each in ours.values()} == {(0, 0)}
    assert hours_of_people(cast.other, NOW)[stranger.pk].credited_minutes == 360


def test_requirements_hold_before_any_curriculum_is_installed(cast):
    required = {person: each.required_minutes for person, each in hours_of_people(cast.agency, NOW).items()}
    assert required[cast.person(cast.staff).pk] == 720
    assert required[cast.person(cast.supervisor).pk] == 1080
    assert agency_hours(cast.agency, NOW).complete == 0


def test_totals_by_agency_team_and_cohort_agree(cast, foundations):
    ana, ben, boss = (cast.person(user) for user in (cast.staff, cast.colleague, cast.supervisor))
    night = Team.objects.create(agency=cast.agency, name="Night")
    Person.objects.filter(pk=ben.pk).update(team=night)
    gone = Person.objects.create(
        agency=cast.agency, team=night, first_name="Gone", last_name="Away", left_on=date(2026, 11, 1)
    )
    join(foundations, ana, ben, gone)
    for day in (1, 2):
        attend(plan(foundations, day, NOW - timedelta(days=10 - day)), ana, gone)
    totals = agency_hours(cast.agency, NOW)
    assert (totals.people, totals.complete, totals.on_track, totals.cannot) == (3, 1, 0, 2)
    teams = {each.name: each for each in team_hours(cast.agency, NOW)}
    assert (teams["Intake"].people, teams["Intake"].complete, teams["Intake"].cannot) == (2, 1, 1)
    assert (teams["Night"].people, teams["Night"].complete, teams["Night"].cannot) == (1, 0, 1)
    assert teams["Intake"].supervisor_id == boss.pk
    count = cohort_counts(open_ledger(cast.agency, NOW), [foundations])[foundations.pk]
    assert (count.people, count.complete) == (2, 1)


def test_coverage_falls_when_trained_people_leave(cast, foundations):
    ana, ben, boss = (cast.person(user) for user in (cast.staff, cast.colleague, cast.supervisor))
    attend(plan(foundations, 1, datetime.fromisoformat("2026-08-12T15:00Z")), ana, ben)
    attend(plan(foundations, 2, datetime.fromisoformat("2026-09-02T15:00Z")), ana, ben)
    Person.objects.filter(pk=ben.pk).update(left_on=date(2026, 10, 15))
    Person.objects.filter(pk=boss.pk).update(hired_on=date(2026, 9, 10))
    found = [(each.month, each.complete, each.people) for each in completion_by_month(cast.agency, NOW)]
    assert found == [
        (date(2026, 6, 1), 0, 2),
        (date(2026, 7, 1), 0, 2),
        (date(2026, 8, 1), 0, 2),
        (date(2026, 9, 1), 2, 3),
        (date(2026, 10, 1), 1, 2),
        (date(2026, 11, 1), 1, 2),
    ]


def test_no_months_before_anything_began(cast, foundations):
    Agency.objects.update(starts_on=None)
    plan(foundations, 1, NOW + timedelta(days=3))
    assert completion_by_month(Agency.objects.get(pk=cast.agency.pk), NOW) == []


def test_a_person_who_cannot_complete_is_shown_sessions_that_would_help(cast, foundations):
    ana = cast.person(cast.staff)
    join(foundations, ana)
    attend(plan(foundations, 1, NOW - timedelta(days=9)), ana)
    attend(plan(foundations, 2, NOW - timedelta(days=8)), cast.person(cast.colleague))
    other = Cohort.objects.create(agency=cast.agency, curriculum=foundations.curriculum, name="Fall")
    plan(other, 1, NOW + timedelta(days=8))
    helps = plan(other, 2, NOW + timedelta(days=9))
    plan(other, 2, NOW - timedelta(days=1))
    ledger = open_ledger(cast.agency, NOW)
    lines = short_lines(ledger, hours_of_people(cast.agency, NOW, ledger=ledger), [ana])
    assert [(each.hours.missing_minutes, each.in_cohort, each.options) for each in lines] == [
        (360, True, [helps])
    ]
    join(other, ana)
    assert line(ana)[3] == "on track"
    assert open_ledger(cast.agency, NOW).makeups(ana.pk) == []


def test_the_record_says_why_each_session_counts_or_not(cast, foundations):
    ana = cast.person(cast.staff)
    join(foundations, ana)
    late, full = plan(foundations, 1, NOW - timedelta(days=9)), plan(foundations, 2, NOW - timedelta(days=8))
    again = plan(foundations, 2, NOW - timedelta(days=3))
    coming = plan(foundations, 1, NOW + timedelta(days=3))
    attend(late, ana, late=22)
    attend(full, ana)
    attend(again, ana)
    record = training_record(ana, NOW)
    found = [(each.session, each.credit.status, each.counted_minutes) for each in record.past]
    assert found == [(again, "credited", 0), (full, "credited", 360), (late, "late", 0)]
    assert "22 min late" in record.past[2].credit.why
    assert "count once" in record.past[0].note
    assert record.coming == [coming]
    assert record.hours.credited_minutes == sum(each.counted_minutes for each in record.past)


def test_a_correction_stays_with_its_reason_in_the_record(cast, foundations):
    ana = cast.person(cast.staff)
    session = plan(foundations, 1, NOW - timedelta(days=9))
    attend(session, ana, late=40)
    door.correct(
        session,
        ana,
        signed_in_at=session.starts_at,
        signed_out_at=session.ends_at,
        override_minutes=None,
        reason="paper sheet",
        version=1,
        by=cast.trainer,
        at=NOW,
    )
    (only,) = training_record(ana, NOW).past
    assert only.credit.minutes == 360
    assert (only.correction.reason, only.correction.by) == ("paper sheet", cast.trainer)


def test_sessions_are_counted_for_the_stage(cast, foundations):
    plan(foundations, 1, NOW - timedelta(days=9))
    ahead = plan(foundations, 2, NOW + timedelta(days=9))
    Session.objects.filter(pk=plan(foundations, 2, NOW).pk).update(cancelled_at=NOW)
    found = session_count(cast.agency, NOW)
    assert (found.planned, found.held, found.first_on, found.next_at) == (
        2,
        1,
        date(2026, 11, 12),
        ahead.starts_at,
    )


@given(lengths=st.lists(st.integers(1, 240), min_size=1, max_size=8), minutes=st.integers(0, 2000))
def test_minutes_given_to_modules_add_up_and_never_exceed_one(lengths, minutes):
    modules = tuple((number, length, 7) for number, length in enumerate(lengths))
    slot = Slot(1, 1, JUNE, SessionTimes(NOW, NOW + timedelta(days=3), sum(lengths)), modules)
    given_out = [record for _curriculum, record in slot.records(minutes)]
    assert sum(part for _module, part in given_out) == min(minutes, sum(lengths))
    assert all(part <= lengths[module] for module, part in given_out)


@pytest.mark.parametrize("people", [1, 30])
def test_the_number_of_queries_does_not_grow_with_people(
    cast, foundations, django_assert_num_queries, people
):
    session = plan(foundations, 1, NOW - timedelta(days=9))
    for number in range(people):
        person = Person.objects.create(
            agency=cast.agency, first_name="P", last_name=str(number), team=cast.team
        )
        join(foundations, person)
        attend(session, person)
    with django_assert_num_queries(6):
        assert len(hours_of_people(cast.agency, NOW)) == people + 3
    with django_assert_num_queries(7):
        team_hours(cast.agency, NOW)
    with django_assert_num_queries(7):
        completion_by_month(cast.agency, NOW)


@pytest.mark.parametrize("sessions", [1, 30])
def test_one_persons_record_takes_the_same_queries_however_long(
    cast, foundations, django_assert_num_queries, sessions
):
    ana = Person.objects.select_related("agency").get(user=cast.staff)
    join(foundations, ana)
    for number in range(sessions):
        attend(plan(foundations, 1, NOW - timedelta(days=number + 2)), ana)
        plan(foundations, 2, NOW + timedelta(days=number + 2))
    with django_assert_num_queries(12):
        record = training_record(ana, NOW)
        assert all(each.session.trainer is None and each.session.cohort.name for each in record.past)
        assert all(session.agency.name for session in record.coming)
