"""Curricula, cohorts and sessions: what may be planned, what is refused, and what the agenda says about it."""

from datetime import date, timedelta
from typing import Any

import pytest

from rollout import training_actions as actions
from rollout.agenda import COMING_LIMIT, coming, slips, todos
from rollout.bookings import Booking, clashes
from rollout.models import (
    Attendance,
    AuditEntry,
    Cohort,
    CohortMember,
    Curriculum,
    Module,
    Person,
    Session,
    Team,
)
from rollout.refusals import Changed, Refused

from .conftest import NOW, account

JUNE = date(2026, 6, 1)


@pytest.fixture
def curricula(db: None) -> dict[str, Curriculum]:
    return {curriculum.code: curriculum for curriculum in actions.install_curricula(at=NOW)}


@pytest.fixture
def cohort(cast: Any, curricula: dict[str, Curriculum]) -> Cohort:
    return actions.create_cohort(
        cast.agency, curricula["ce-cert-foundations"], "Spring", by=cast.leader, at=NOW
    )


def session_in(cohort: Cohort, days: float = 7, hours: float = 7.5, **fields: Any) -> Session:
    starts_at = NOW + timedelta(days=days)
    fields = {"title": "Foundations, day 1", "day": 1} | fields
    return Session(cohort=cohort, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), **fields)


def planned(cohort: Cohort, by: Any, **fields: Any) -> Session:
    session = session_in(cohort, **fields)
    modules = cohort.curriculum.modules.filter(day=session.day)
    return actions.save_session(session, modules, by=by, at=NOW)


def facts(found: list[Any]) -> list[str]:
    return [todo.fact for todo in found]


def test_the_starter_curricula_hold_the_required_hours(curricula):
    found = {
        code: (each.audience, each.required_minutes, sum(module.minutes for module in each.modules.all()))
        for code, each in curricula.items()
    }
    assert found == {
        "ce-cert-foundations": ("everyone", 720, 720),
        "ce-cert-supervision": ("supervisors", 360, 360),
        "helping-relationship-skills": ("optional", 900, 900),
    }
    foundations = curricula["ce-cert-foundations"].modules
    assert [sum(m.minutes for m in foundations.filter(day=day)) for day in (1, 2)] == [360, 360]


def test_installing_curricula_again_changes_nothing_that_was_edited(curricula):
    Curriculum.objects.filter(code="ce-cert-foundations").update(name="Our own Foundations")
    Module.objects.filter(curriculum__code="ce-cert-supervision").delete()
    assert actions.install_curricula(at=NOW) == []
    assert Curriculum.objects.get(code="ce-cert-foundations").name == "Our own Foundations"
    assert Module.objects.filter(curriculum__code="ce-cert-supervision").count() == 0


def test_only_supervisors_are_candidates_for_supervision(cast, curricula):
    supervision = actions.create_cohort(
        cast.agency, curricula["ce-cert-supervision"], "Leads", by=cast.leader, at=NOW
    )
    Team.objects.create(agency=cast.agency, name="Night", supervisor=cast.person(cast.supervisor))
    assert list(actions.candidates(supervision)) == [cast.person(cast.supervisor)]


def test_nobody_is_a_candidate_twice_or_after_leaving(cast, cohort):
    ana, ben = cast.person(cast.staff), cast.person(cast.colleague)
    actions.add_people(cohort, [ana], joined_on=JUNE, by=cast.leader, at=NOW)
    Person.objects.filter(pk=ben.pk).update(left_on=date(2026, 11, 1))
    again = actions.create_cohort(cast.agency, cohort.curriculum, "Fall", by=cast.leader, at=NOW)
    assert list(actions.candidates(again)) == [cast.person(cast.supervisor)]


def test_adding_somebody_again_keeps_the_day_they_joined(cast, cohort):
    ana, ben = cast.person(cast.staff), cast.person(cast.colleague)
    assert actions.add_people(cohort, [ana], joined_on=JUNE, by=cast.leader, at=NOW) == 1
    assert actions.add_people(cohort, [ana, ben], joined_on=date(2026, 9, 1), by=cast.leader, at=NOW) == 1
    joined = dict(CohortMember.objects.values_list("person", "joined_on"))
    assert joined == {ana.pk: JUNE, ben.pk: date(2026, 9, 1)}


def test_a_double_booking_is_refused_and_both_entries_are_shown(cast, cohort):
    planned(cohort, cast.leader, trainer=cast.trainer)
    with pytest.raises(Refused) as refusal:
        planned(cohort, cast.leader, trainer=cast.trainer, title="Extra", hours=1)
    text = str(refusal.value)
    assert "Clear Trainer is already booked" in text
    assert "“Foundations, day 1” at Clearwater Family Services" in text
    assert "Saturday, November 28, 2026, 9 a.m. to 4:30 p.m." in text
    assert "This training session: Saturday, November 28, 2026, 9 a.m. to 10 a.m." in text
    assert Session.objects.count() == 1


def test_a_booking_elsewhere_is_shown_without_the_other_agencys_name(cast, cohort):
    theirs = actions.create_cohort(cast.other, cohort.curriculum, "Harbor", by=cast.other_leader, at=NOW)
    cast.other.trainers.add(cast.trainer)
    planned(theirs, cast.other_leader, trainer=cast.trainer, title="Secret day")
    with pytest.raises(Refused) as refusal:
        planned(cohort, cast.leader, trainer=cast.trainer)
    assert "booked Saturday, November 28, 2026, 9 a.m. to 4:30 p.m." in str(refusal.value)
    assert "Harbor" not in str(refusal.value)
    assert "Secret" not in str(refusal.value)
    with pytest.raises(Refused, match="“Secret day” at Harbor Clinic"):
        planned(cohort, cast.trainer, trainer=cast.trainer)


def test_sessions_that_only_touch_or_were_cancelled_are_no_double_booking(cast, cohort):
    first = planned(cohort, cast.leader, trainer=cast.trainer, hours=7)
    planned(cohort, cast.leader, trainer=cast.trainer, days=7 + 7 / 24, hours=7)
    actions.cancel_session(first, by=cast.leader, at=NOW)
    planned(cohort, cast.leader, trainer=cast.trainer, hours=7)
    assert Session.objects.planned().count() == 2


def test_a_session_does_not_clash_with_itself(cast, cohort):
    session = planned(cohort, cast.leader, trainer=cast.trainer)
    session.ends_at += timedelta(minutes=30)
    actions.save_session(session, session.modules.all(), by=cast.leader, at=NOW)
    assert Session.objects.get().ends_at == session.ends_at


def booked_call(trainer: Any, starts_at: Any, ends_at: Any) -> list[Booking]:
    agency = trainer.trains.get()
    return [Booking(agency.uuid, "Call 4", agency, starts_at, ends_at)]


def test_other_bookings_than_sessions_count_where_settings_name_them(cast, cohort, settings):
    settings.TRAINER_BOOKINGS = [
        "rollout.bookings.session_bookings",
        "tests.test_training.booked_call",
    ]
    assert [each.title for each in clashes(cast.trainer, NOW, NOW + timedelta(hours=1))] == ["Call 4"]
    with pytest.raises(Refused, match="“Call 4” at Clearwater"):
        planned(cohort, cast.leader, trainer=cast.trainer)


def test_the_second_of_two_people_who_change_a_session_is_told(cast, cohort):
    session = planned(cohort, cast.leader)
    first, second = Session.objects.get(), Session.objects.get()
    first.place, second.place = "Room 1", "Room 2"
    actions.save_session(first, session.modules.all(), by=cast.leader, at=NOW)
    with pytest.raises(Changed):
        actions.save_session(second, Module.objects.none(), by=cast.trainer, at=NOW)
    with pytest.raises(Changed):
        actions.cancel_session(second, by=cast.trainer, at=NOW)
    kept = Session.objects.get()
    assert (kept.place, kept.version, kept.cancelled_at, kept.modules.count()) == ("Room 1", 2, None, 4)


def test_a_session_with_sign_ins_keeps_its_day_and_is_not_cancelled(cast, cohort):
    session = planned(cohort, cast.leader, days=-2)
    Attendance.objects.create(session=session, person=cast.person(cast.staff), signed_in_at=session.starts_at)
    moved = Session.objects.get()
    moved.starts_at, moved.ends_at = moved.starts_at + timedelta(days=1), moved.ends_at + timedelta(days=1)
    with pytest.raises(Refused, match="the date stays"):
        actions.save_session(moved, moved.modules.all(), by=cast.leader, at=NOW)
    with pytest.raises(Refused, match="People have signed in"):
        actions.cancel_session(session, by=cast.leader, at=NOW)
    later = Session.objects.get()
    later.starts_at += timedelta(minutes=30)
    actions.save_session(later, later.modules.all(), by=cast.leader, at=NOW)
    assert Session.objects.get().starts_at == session.starts_at + timedelta(minutes=30)


def test_every_write_leaves_who_and_what_changed(cast, cohort):
    session = planned(cohort, cast.leader, place="Room 1")
    session.place = "Room 2"
    actions.save_session(session, session.modules.all(), by=cast.trainer, at=NOW)
    actions.cancel_session(Session.objects.get(), by=cast.leader, at=NOW)
    found = [
        (entry.verb, entry.by, entry.before.get("place"), entry.after.get("place"))
        for entry in AuditEntry.objects.filter(subject="rollout.Session").order_by("pk")
    ]
    assert found == [
        ("planned session", cast.leader, None, "Room 1"),
        ("changed session", cast.trainer, "Room 1", "Room 2"),
        ("cancelled session", cast.leader, None, None),
    ]


def test_an_agency_without_people_or_cohorts_is_told_where_to_begin(cast, curricula):
    assert facts(slips(cast.agency, NOW)) == ["Go on with enrollment: step 6 of 6", "No cohort yet"]
    Person.objects.filter(agency=cast.agency).update(left_on=JUNE)
    assert facts(slips(cast.agency, NOW)) == [
        "Go on with enrollment: step 4 of 6",
        "Nobody is on the roster yet",
    ]


def test_slips_name_who_is_in_no_cohort_and_which_one_is_about_to_begin(cast, cohort, curricula):
    found = slips(cast.agency, NOW)
    assert facts(found) == [
        "3 people are in no CE-CERT Foundations cohort",
        "1 person is in no CE-CERT Supervision cohort",
    ]
    assert {todo.url for todo in found} == {"/agencies/clearwater/training/cohorts/new/"}
    planned(cohort, cast.leader, trainer=cast.trainer)
    first = slips(cast.agency, NOW)[0]
    assert (first.url, first.why) == (f"/cohorts/{cohort.uuid}/#add", "Spring begins on Nov. 28.")


def test_slips_say_who_can_no_longer_reach_their_hours(cast, cohort, curricula):
    people = [cast.person(user) for user in (cast.staff, cast.colleague, cast.supervisor)]
    actions.add_people(cohort, people, joined_on=JUNE, by=cast.leader, at=NOW)
    past = planned(cohort, cast.leader, days=-9, trainer=cast.trainer)
    planned(cohort, cast.leader, trainer=cast.trainer, day=2)
    for person in people[1:]:
        Attendance.objects.create(
            session=past, person=person, signed_in_at=past.starts_at, signed_out_at=past.ends_at
        )
    short = slips(cast.agency, NOW)[0]
    assert short.fact == "1 person can no longer reach the 12 h of CE-CERT Foundations as planned"
    assert "a make-up day is needed" in short.why
    assert short.url == "/agencies/clearwater/completion/"
    other = actions.create_cohort(cast.agency, cohort.curriculum, "Fall", by=cast.leader, at=NOW)
    planned(other, cast.leader, days=20, trainer=cast.trainer)
    assert "still close the gap for 1 of 1" in slips(cast.agency, NOW)[0].why


def test_slips_name_sessions_without_trainer_and_cohorts_without_session(cast, cohort):
    actions.add_people(cohort, [cast.person(cast.staff)], joined_on=JUNE, by=cast.leader, at=NOW)
    assert "Spring has no session planned" in facts(slips(cast.agency, NOW))
    session = planned(cohort, cast.leader)
    found = {todo.fact: todo for todo in slips(cast.agency, NOW)}
    assert "Spring has no session planned" not in found
    assert found["1 session has no trainer"].url == f"/sessions/{session.uuid}/edit/"


def test_unclosed_attendance_is_the_trainers_matter_first_and_slips_later(cast, cohort):
    session = planned(cohort, cast.leader, days=-1, trainer=cast.trainer)
    assert [todo.url for todo in todos(cast.trainer, NOW)] == [f"/sessions/{session.uuid}/"]
    assert "Attendance of 1 session is not closed" not in facts(slips(cast.agency, NOW))
    assert "Attendance of 1 session is not closed" in facts(slips(cast.agency, NOW + timedelta(days=2)))
    record = Attendance.objects.create(
        session=session, person=cast.person(cast.staff), signed_in_at=session.starts_at
    )
    (todo,) = todos(cast.trainer, NOW)
    assert "signed in and not out" in todo.why
    record.signed_out_at = session.ends_at
    record.save()
    assert todos(cast.trainer, NOW) == []


def test_attendance_of_other_trainers_and_agencies_is_nobody_elses_todo(cast, cohort):
    colleague = account("Second Trainer")
    cast.agency.trainers.add(colleague)
    cast.other.trainers.add(cast.trainer)
    planned(cohort, cast.leader, days=-1, trainer=cast.trainer)
    assert todos(colleague, NOW) == todos(cast.other_trainer, NOW) == todos(cast.leader, NOW) == []
    nobodys = planned(cohort, cast.leader, days=-2)
    assert [todo.url for todo in todos(colleague, NOW)] == [f"/sessions/{nobodys.uuid}/"]
    assert todos(cast.other_trainer, NOW) == []
    cast.agency.trainers.remove(cast.trainer)
    assert todos(cast.trainer, NOW) == []


def test_staff_are_told_of_missing_hours_only_once_they_were_planned_for(cast, cohort):
    assert todos(cast.staff, NOW) == []
    actions.add_people(cohort, [cast.person(cast.staff)], joined_on=JUNE, by=cast.leader, at=NOW)
    planned(cohort, cast.leader)
    (todo,) = todos(cast.staff, NOW)
    assert todo.fact == "6 h of training are missing, and no session is planned for them"
    assert todo.url == "/me/training/"
    planned(cohort, cast.leader, days=8, day=2)
    assert todos(cast.staff, NOW) == []


def test_coming_sessions_are_those_one_attends_gives_or_leads(cast, cohort):
    actions.add_people(cohort, [cast.person(cast.staff)], joined_on=JUNE, by=cast.leader, at=NOW)
    session = planned(cohort, cast.leader, trainer=cast.trainer, place="Room 1")
    planned(cohort, cast.leader, days=-3)
    actions.cancel_session(planned(cohort, cast.leader, days=9), by=cast.leader, at=NOW)
    for user in (cast.staff, cast.trainer, cast.leader):
        (line,) = coming(user, NOW)
        assert (line.at, line.url, line.zone) == (
            session.starts_at,
            f"/sessions/{session.uuid}/",
            "America/Denver",
        )
        assert line.why == "Spring · Room 1 · Clearwater Family Services"
    for user in (cast.colleague, cast.other_staff, cast.other_leader, cast.other_trainer, cast.nobody):
        assert coming(user, NOW) == []


def test_a_session_before_the_day_somebody_joins_is_not_coming_for_them(cast, cohort):
    actions.add_people(
        cohort, [cast.person(cast.staff)], joined_on=date(2026, 11, 29), by=cast.leader, at=NOW
    )
    planned(cohort, cast.leader)
    second = planned(cohort, cast.leader, days=8)
    assert [line.at for line in coming(cast.staff, NOW)] == [second.starts_at]


@pytest.mark.parametrize("many", [1, 30])
def test_the_agenda_takes_the_same_queries_however_long(cast, cohort, django_assert_num_queries, many):
    for number in range(many):
        person = Person.objects.create(agency=cast.agency, first_name="P", last_name=str(number))
        other = Cohort.objects.create(agency=cast.agency, curriculum=cohort.curriculum, name=f"C{number}")
        CohortMember.objects.create(cohort=other, person=person, joined_on=JUNE)
        planned(other, cast.leader, days=-9 - number, trainer=cast.trainer)
        planned(other, cast.leader, days=9 + number)
    for user in (cast.trainer, cast.staff, cast.leader):
        todos(user, NOW)  # roles are asked once for each user
    with django_assert_num_queries(1):
        todos(cast.trainer, NOW)
    with django_assert_num_queries(2):
        assert len(coming(cast.leader, NOW)) == min(many, COMING_LIMIT)
    with django_assert_num_queries(16):
        slips(cast.agency, NOW)
