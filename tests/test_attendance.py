"""Attendance at the door: taps, what they mean before, during and after a session, corrections, two phones."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from rollout import attendance_actions as door
from rollout.attendance import attendance_list, phase_of, tally
from rollout.models import Attendance, AuditEntry, Cohort, CohortMember, Curriculum, Person, Session
from rollout.refusals import Changed, Refused
from rollout.training_actions import install_curricula

from .conftest import NOW

JUNE = date(2026, 6, 1)
START, END = NOW, NOW + timedelta(hours=7, minutes=30)
"""The session runs on Saturday from 9:00 to 16:30 in Denver."""


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture
def session(cast: Any) -> Session:
    """Day 1 of Foundations, worth 6 hours; Clear Staff and Clear Colleague are in the cohort."""
    install_curricula(at=NOW)
    foundations = Curriculum.objects.get(code="ce-cert-foundations")
    cohort = Cohort.objects.create(agency=cast.agency, curriculum=foundations, name="Spring")
    for user in (cast.staff, cast.colleague):
        CohortMember.objects.create(cohort=cohort, person=cast.person(user), joined_on=JUNE)
    session = Session.objects.create(
        cohort=cohort, title="Day 1", starts_at=START, ends_at=END, trainer=cast.trainer, place="Room 1"
    )
    session.modules.set(cohort.curriculum.modules.filter(day=1))
    return session


@pytest.fixture
def ana(cast: Any) -> Person:
    return cast.person(cast.staff)


def row(session: Session, person: Person, now: Any) -> Any:
    return next(each for each in attendance_list(session, now) if each.person == person)


def tap(client: Any, session: Session, person: Person, step: str, version: int, **more: Any) -> Any:
    data = {"person": person.uuid, "step": step, "version": version} | more.pop("data", {})
    return client.post(f"/sessions/{session.uuid}/", data, **more)


HTMX = {"headers": {"HX-Request": "true"}}


def test_one_tap_in_and_one_tap_out_credit_the_session(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START + minutes(4) + timedelta(seconds=41))
    door.sign_out(session, ana, version=1, by=cast.trainer, at=END - minutes(3))
    found = row(session, ana, END)
    assert found.attendance.signed_in_at == START + minutes(4)
    assert (found.credit.minutes, found.credit.status) == (360, "credited")
    assert "4 min late" in found.why


def test_credit_is_worked_out_at_the_sign_out_not_only_after_the_session(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START)
    assert row(session, ana, START + minutes(60)).credit is None
    door.sign_out(session, ana, version=1, by=cast.trainer, at=START + minutes(120))
    found = row(session, ana, START + minutes(121))
    assert (found.credit.minutes, found.credit.status) == (0, "left_early")


def test_a_late_sign_in_is_told_at_once(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START + minutes(22))
    found = row(session, ana, START + minutes(23))
    assert found.credit is None
    assert (found.outlook.status, found.why) == ("late", "Signed in 22 min late; at most 15 is credited.")


def test_sign_in_opens_two_hours_before_the_start(cast, session, ana):
    early = START - timedelta(hours=2, minutes=1)
    for write in (door.sign_in, door.sign_out, door.undo, door.present_throughout):
        with pytest.raises(Refused, match="2 hours before"):
            write(session, ana, version=0, by=cast.trainer, at=early)
    with pytest.raises(Refused, match="2 hours before"):
        door.sign_in_all(session, by=cast.trainer, at=early)
    assert Attendance.objects.count() == AuditEntry.objects.filter(subject="rollout.Attendance").count() == 0
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START - timedelta(hours=2))
    assert Attendance.objects.count() == 1


def test_nobody_arrives_after_the_end_but_may_be_recorded_as_present(cast, session, ana):
    after = END + timedelta(hours=20)
    with pytest.raises(Refused, match="present throughout"):
        door.sign_in(session, ana, version=0, by=cast.trainer, at=after)
    with pytest.raises(Refused, match="still runs"):
        door.present_throughout(session, ana, version=0, by=cast.trainer, at=END - minutes(1))
    door.present_throughout(session, ana, version=0, by=cast.trainer, at=after)
    found = row(session, ana, after)
    assert (found.attendance.signed_in_at, found.attendance.signed_out_at) == (START, END)
    assert found.credit.minutes == 360


def test_a_sign_out_after_the_end_counts_to_the_end(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START)
    door.sign_out(session, ana, version=1, by=cast.trainer, at=END + timedelta(days=2))
    assert Attendance.objects.get().signed_out_at == END


def test_a_mistaken_tap_is_taken_back_one_step_at_a_time(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START)
    door.sign_out(session, ana, version=1, by=cast.trainer, at=START + minutes(5))
    door.undo(session, ana, version=2, by=cast.trainer, at=START + minutes(5))
    found = row(session, ana, START + minutes(6))
    assert (found.is_in, found.is_out) == (True, False)
    door.undo(session, ana, version=3, by=cast.trainer, at=START + minutes(6))
    assert not row(session, ana, START + minutes(6)).is_in
    with pytest.raises(Refused, match="nothing to take back"):
        door.undo(session, ana, version=4, by=cast.trainer, at=START + minutes(7))
    door.sign_in(session, ana, version=4, by=cast.trainer, at=START + minutes(8))
    assert row(session, ana, END).attendance.signed_in_at == START + minutes(8)


def test_taps_in_the_wrong_order_are_refused(cast, session, ana):
    with pytest.raises(Refused, match="Sign Clear Staff in first"):
        door.sign_out(session, ana, version=0, by=cast.trainer, at=START)
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START)
    with pytest.raises(Refused, match="signed in already"):
        door.sign_in(session, ana, version=1, by=cast.trainer, at=START + minutes(30))
    door.sign_out(session, ana, version=1, by=cast.trainer, at=END - minutes(1))
    with pytest.raises(Refused, match="signed out already"):
        door.sign_out(session, ana, version=2, by=cast.trainer, at=END)
    with pytest.raises(Refused, match="a record of Clear Staff already"):
        door.present_throughout(session, ana, version=2, by=cast.trainer, at=END)
    assert Attendance.objects.get().signed_in_at == START


def test_no_attendance_is_taken_of_a_cancelled_session(cast, session, ana):
    Session.objects.update(cancelled_at=NOW)
    session.refresh_from_db()
    with pytest.raises(Refused, match="cancelled"):
        door.sign_in(session, ana, version=0, by=cast.trainer, at=START)


def test_the_second_of_two_phones_writes_nothing(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START)
    with pytest.raises(Changed):
        door.sign_in(session, ana, version=0, by=cast.leader, at=START + minutes(30))
    door.sign_out(session, ana, version=1, by=cast.leader, at=END)
    with pytest.raises(Changed):
        door.undo(session, ana, version=1, by=cast.trainer, at=END)
    kept = Attendance.objects.get()
    assert (kept.signed_in_at, kept.signed_out_at, kept.version) == (START, END, 2)


def test_everybody_signs_in_at_once_but_those_who_are_recorded(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START - minutes(10))
    blank = Attendance.objects.create(session=session, person=cast.person(cast.colleague))
    late = cast.person(cast.supervisor)
    CohortMember.objects.create(cohort=session.cohort, person=late, joined_on=JUNE)
    assert door.sign_in_all(session, by=cast.trainer, at=START) == 2
    stamps = dict(Attendance.objects.values_list("person", "signed_in_at"))
    assert stamps == {ana.pk: START - minutes(10), blank.person_id: START, late.pk: START}
    assert Attendance.objects.get(pk=blank.pk).version == 2
    assert door.sign_out_all(session, by=cast.trainer, at=END - minutes(2)) == 3
    assert set(Attendance.objects.values_list("signed_out_at", flat=True)) == {END - minutes(2)}


def test_after_the_session_all_others_may_be_recorded_from_paper(cast, session, ana):
    door.correct(
        session,
        ana,
        signed_in_at=None,
        signed_out_at=None,
        override_minutes=120,
        reason="left for court",
        version=0,
        by=cast.trainer,
        at=END,
    )
    assert door.all_present_throughout(session, by=cast.trainer, at=END) == 1
    assert row(session, ana, END).credit.minutes == 120
    assert row(session, cast.person(cast.colleague), END).credit.minutes == 360


def test_whoever_joins_or_has_left_on_that_day_is_listed_by_the_agencys_calendar(cast, session, ana):
    CohortMember.objects.filter(person=ana).update(joined_on=date(2026, 11, 21))
    assert row(session, ana, END).credit.status == "absent"
    CohortMember.objects.filter(person=ana).update(joined_on=date(2026, 11, 22))
    Person.objects.filter(user=cast.colleague).update(left_on=date(2026, 11, 21))
    assert attendance_list(session, END) == []
    assert tally(session).people == 0


def test_whoever_attended_stays_on_the_list_after_leaving_the_cohort(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START)
    CohortMember.objects.all().delete()
    (only,) = attendance_list(session, END)
    assert (only.person, only.expected) == (ana, False)


def test_an_override_needs_a_reason_and_keeps_its_author(cast, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START + minutes(40))
    times = {"signed_in_at": START + minutes(40), "signed_out_at": None}
    with pytest.raises(Refused, match="Say why"):
        door.correct(
            session, ana, **times, override_minutes=300, reason=" ", version=1, by=cast.trainer, at=END
        )
    with pytest.raises(Refused, match="Between 0 and 360"):
        door.correct(
            session, ana, **times, override_minutes=361, reason="x", version=1, by=cast.trainer, at=END
        )
    door.correct(
        session,
        ana,
        **times,
        override_minutes=300,
        reason="bus broke down",
        version=1,
        by=cast.leader,
        at=END,
    )
    kept = Attendance.objects.get()
    assert (kept.override_reason, kept.override_by, kept.override_at) == ("bus broke down", cast.leader, END)
    found = row(session, ana, END)
    assert (found.credit.minutes, found.credit.status) == (300, "override")
    assert (found.correction.reason, found.correction.by) == ("bus broke down", cast.leader)
    with pytest.raises(Refused, match="set by hand"):
        door.undo(session, ana, version=2, by=cast.trainer, at=END)


def test_an_override_is_lifted_with_a_reason_and_the_rule_counts_again(cast, session, ana):
    door.present_throughout(session, ana, version=0, by=cast.trainer, at=END)
    whole = {"signed_in_at": START, "signed_out_at": END}
    door.correct(
        session, ana, **whole, override_minutes=0, reason="slept", version=1, by=cast.trainer, at=END
    )
    assert row(session, ana, END).credit.minutes == 0
    door.correct(
        session, ana, **whole, override_minutes=None, reason="mix-up", version=2, by=cast.leader, at=END
    )
    kept = Attendance.objects.get()
    assert (kept.override_reason, kept.override_by, row(session, ana, END).credit.minutes) == ("", None, 360)
    entry = AuditEntry.objects.get(reason="mix-up")
    assert (entry.before["override_minutes"], entry.after["override_minutes"]) == (0, None)


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (START - timedelta(hours=2, seconds=1), "early"),
        (START - timedelta(hours=2), "running"),
        (END - timedelta(seconds=1), "running"),
        (END, "over"),
    ],
)
def test_a_session_opens_runs_and_is_over(session, now, phase):
    assert phase_of(session, now) == phase


@time_machine.travel(START + minutes(5), tick=False)
def test_the_door_works_without_scripts(cast, as_, session, ana):
    trainer = as_(cast.trainer)
    answer = tap(trainer, session, ana, "in", 0)
    assert (answer.status_code, answer["Location"]) == (302, f"/sessions/{session.uuid}/#p-{ana.uuid}")
    page = trainer.get(f"/sessions/{session.uuid}/").content.decode()
    assert "In 9:05 a.m." in page
    assert "1 of 2" in page


@time_machine.travel(START + minutes(5), tick=False)
def test_a_tap_answers_with_its_row_and_the_counts(cast, as_, session, ana):
    answer = tap(as_(cast.trainer), session, ana, "in", 0, **HTMX)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in text
    assert f'<li id="p-{ana.uuid}">' in text
    assert "Clear Colleague" not in text
    assert 'hx-swap-oob="true"' in text
    assert "1 of 2" in text


@time_machine.travel(START + minutes(5), tick=False)
@pytest.mark.parametrize("more", [{}, HTMX])
def test_a_tap_on_an_old_row_shows_both_states(cast, as_, session, ana, more):
    door.sign_in(session, ana, version=0, by=cast.leader, at=START)
    answer = tap(as_(cast.trainer), session, ana, "in", 0, **more)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Clear Leader wrote here at 9 a.m." in text
    assert "in 9 a.m." in text
    assert "sign in at 9:05 a.m." in text
    assert Attendance.objects.get().signed_in_at == START


@time_machine.travel(START + minutes(5), tick=False)
def test_everybodys_sign_in_is_named_in_a_conflict_too(cast, as_, session, ana):
    door.sign_in_all(session, by=cast.leader, at=START)
    answer = tap(as_(cast.trainer), session, ana, "in", 0, **HTMX)
    assert answer.status_code == 409
    assert "Clear Leader wrote here" in answer.content.decode()


@time_machine.travel(START - timedelta(days=1), tick=False)
def test_the_day_before_there_are_no_buttons_and_a_tap_is_refused(cast, as_, session, ana):
    trainer = as_(cast.trainer)
    page = trainer.get(f"/sessions/{session.uuid}/").content.decode()
    assert "Sign-in opens on Saturday, November 21, 2026 at 7 a.m." in page
    assert "Clear Staff" in page
    assert 'value="in"' not in page
    answer = tap(trainer, session, ana, "in", 0)
    assert answer.status_code == 422
    assert "Sign-in opens 2 hours before" in answer.content.decode()
    assert Attendance.objects.count() == 0


@time_machine.travel(END + minutes(30), tick=False)
def test_a_correction_is_entered_in_local_time(cast, as_, session, ana):
    trainer = as_(cast.trainer)
    shown = trainer.get(f"/sessions/{session.uuid}/?correct={ana.uuid}").content.decode()
    assert "Save the correction" in shown
    data = {"signed_in": "09:10", "signed_out": "16:20", "minutes": "", "reason": "paper sheet"}
    answer = tap(trainer, session, ana, "correct", 0, data=data)
    assert answer.status_code == 302
    kept = Attendance.objects.get()
    assert (kept.signed_in_at, kept.signed_out_at) == (START + minutes(10), END - minutes(10))
    page = trainer.get(f"/sessions/{session.uuid}/").content.decode()
    assert "Corrected by Clear Trainer on Nov. 21, 2026: paper sheet" in page


@time_machine.travel(END - minutes(30), tick=False)
@pytest.mark.parametrize(
    ("entered", "error"),
    [
        ({"signed_in": "09:00", "reason": ""}, "Say why, in a few words."),
        ({"signed_in": "09:00", "signed_out": "16:20", "reason": "x"}, "This time is still ahead."),
        ({"signed_in": "12:00", "signed_out": "11:00", "reason": "x"}, "must come after the sign-in"),
        ({"signed_out": "11:00", "reason": "x"}, "Enter the sign-in as well."),
        ({"minutes": "361", "reason": "x"}, "worth 360 minutes at most"),
        ({"minutes": "-1", "reason": "x"}, "greater than or equal to 0"),
        ({"signed_in": "25:99", "reason": "x"}, "Enter a valid time."),
        ({"reason": "x"}, "Nothing is changed yet"),
    ],
)
def test_a_correction_that_cannot_be_says_why_and_keeps_what_was_entered(
    cast, as_, session, ana, entered, error
):
    answer = tap(as_(cast.trainer), session, ana, "correct", 0, data=entered, **HTMX)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert error in text
    assert all(f'value="{value}"' in text for value in entered.values() if value)
    assert Attendance.objects.count() == 0


@time_machine.travel(END, tick=False)
def test_a_correction_of_an_old_row_keeps_what_was_entered(cast, as_, session, ana):
    door.present_throughout(session, ana, version=0, by=cast.leader, at=END)
    data = {"signed_in": "09:20", "signed_out": "16:30", "reason": "my own list"}
    answer = tap(as_(cast.trainer), session, ana, "correct", 0, data=data, **HTMX)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Clear Leader wrote here at 4:30 p.m." in text
    assert 'value="my own list"' in text
    assert 'name="version" value="1"' in text
    assert Attendance.objects.get().signed_in_at == START


@time_machine.travel(START, tick=False)
def test_somebody_of_another_cohort_is_found_and_signed_in(cast, as_, session):
    trainer, guest = as_(cast.trainer), cast.person(cast.supervisor)
    found = trainer.get(f"/sessions/{session.uuid}/?find=superv", **HTMX).content.decode()
    assert "Clear Supervisor" in found
    assert "Clear Staff" not in found
    assert "Harbor" not in trainer.get(f"/sessions/{session.uuid}/?find=harbor", **HTMX).content.decode()
    assert tap(trainer, session, guest, "in", 0).status_code == 302
    assert "not of this cohort" in trainer.get(f"/sessions/{session.uuid}/").content.decode()


@time_machine.travel(START, tick=False)
def test_a_guest_whose_tap_was_taken_back_can_be_signed_in_again(cast, as_, session):
    trainer, guest = as_(cast.trainer), cast.person(cast.supervisor)
    tap(trainer, session, guest, "in", 0)
    tap(trainer, session, guest, "undo", 1)
    found = trainer.get(f"/sessions/{session.uuid}/?find=superv").content.decode()
    assert f'name="person" value="{guest.uuid}"><input type="hidden" name="version" value="2"' in found
    assert tap(trainer, session, guest, "in", 2).status_code == 302


@time_machine.travel(START, tick=False)
def test_nobody_from_another_agency_is_signed_in(cast, as_, session):
    stranger = cast.person(cast.other_staff)
    for person in (stranger.uuid, "nonsense", ""):
        answer = as_(cast.trainer).post(
            f"/sessions/{session.uuid}/", {"person": person, "step": "in", "version": 0}, follow=True
        )
        assert "not on the agency’s roster" in answer.content.decode()
    assert Attendance.objects.count() == 0


@time_machine.travel(START, tick=False)
def test_nonsense_from_a_form_writes_nothing(cast, as_, session, ana):
    assert tap(as_(cast.trainer), session, ana, "delete", 0).status_code == 302
    assert tap(as_(cast.trainer), session, ana, "in", "x").status_code == 409
    assert Attendance.objects.count() == 0


@time_machine.travel(START, tick=False)
def test_the_list_can_be_narrowed_to_who_is_missing_and_who_is_in(cast, as_, session, ana):
    door.sign_in(session, ana, version=0, by=cast.trainer, at=START)
    trainer = as_(cast.trainer)
    waiting = trainer.get(f"/sessions/{session.uuid}/?show=waiting").content.decode()
    inside = trainer.get(f"/sessions/{session.uuid}/?show=inside").content.decode()
    assert f"p-{ana.uuid}" not in waiting
    assert "Clear Colleague" in waiting
    assert f"p-{ana.uuid}" in inside
    assert "Clear Colleague" not in inside


@time_machine.travel(START, tick=False)
def test_a_long_list_can_be_searched_by_name_and_a_short_one_need_not(cast, as_, session, ana, monkeypatch):
    trainer, address = as_(cast.trainer), f"/sessions/{session.uuid}/"
    assert 'name="name"' not in trainer.get(address).content.decode()
    monkeypatch.setattr("rollout.views.attendance.MANY", 1)
    whole = trainer.get(address, {"name": "colLEAGUE clear"}).content.decode()
    assert 'value="colLEAGUE clear"' in whole
    assert "Clear Colleague" in whole
    assert f"p-{ana.uuid}" not in whole
    found = trainer.get(address, {"name": "colleague"}, headers={"HX-Request": "true"}).content.decode()
    assert "<h1>" not in found
    assert f"p-{ana.uuid}" not in found
    nobody = trainer.get(address, {"name": "zzz"}).content.decode()
    assert "Nobody on this list is called “zzz”" in nobody


@time_machine.travel(START, tick=False)
def test_all_in_and_all_out_from_the_page(cast, as_, session):
    trainer = as_(cast.trainer)
    answer = trainer.post(f"/sessions/{session.uuid}/", {"step": "all_in"}, follow=True)
    assert "2 people recorded." in answer.content.decode()
    assert "2 of 2" in answer.content.decode()
    answer = trainer.post(f"/sessions/{session.uuid}/", {"step": "all_throughout"}, follow=True)
    assert "still runs" in answer.content.decode()
    trainer.post(f"/sessions/{session.uuid}/", {"step": "all_out"})
    assert Attendance.objects.filter(signed_out_at=START).count() == 2


@pytest.mark.parametrize("people", [1, 30])
def test_the_list_takes_the_same_queries_for_any_cohort(
    cast, as_, session, django_assert_num_queries, people
):
    CohortMember.objects.all().delete()
    for number in range(people):
        person = Person.objects.create(
            agency=cast.agency, team=cast.team, first_name="P", last_name=str(number)
        )
        CohortMember.objects.create(cohort=session.cohort, person=person, joined_on=JUNE)
        door.present_throughout(session, person, version=0, by=cast.trainer, at=END)
        door.correct(
            session,
            person,
            signed_in_at=START,
            signed_out_at=END,
            override_minutes=60,
            reason="r",
            version=1,
            by=cast.trainer,
            at=END,
        )
    with time_machine.travel(END, tick=False):
        trainer = as_(cast.trainer)
        with django_assert_num_queries(22):
            page = trainer.get(f"/sessions/{session.uuid}/")
    assert page.content.decode().count('<li id="p-') == people
    with django_assert_num_queries(4):
        door.sign_out_all(session, by=cast.trainer, at=END)
