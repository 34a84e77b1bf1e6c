"""Make-ups: what a guest missed is suggested by its modules, linked, shown on both sides and credited once."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from rollout import attendance_actions as door
from rollout import check_in_actions as self_service
from rollout.ledger import open_ledger
from rollout.make_ups import missed_by
from rollout.models import Attendance, AuditEntry, CohortMember, Person, Session
from rollout.training_actions import cancel_session

from .conftest import NOW
from .training_cast import JUNE, a_cohort, a_session, people

END = NOW + timedelta(hours=7.5)


@pytest.fixture
def ana(cast: Any) -> Person:
    """Clear Staff of the spring cohort, who missed day 1 there and was at half of day 2."""
    cast.spring = a_cohort(cast.agency, cast.leader)
    cast.fall = a_cohort(cast.agency, cast.leader, "Fall")
    ana = cast.person(cast.staff)
    CohortMember.objects.create(cohort=cast.spring, person=ana, joined_on=JUNE)
    CohortMember.objects.create(cohort=cast.spring, person=cast.person(cast.colleague), joined_on=JUNE)
    cast.missed = a_session(cast.spring, NOW - timedelta(days=14))
    cast.second = a_session(cast.spring, NOW - timedelta(days=13), day=2)
    for session in (cast.missed, cast.second):
        whom = cast.person(cast.colleague)
        Attendance.objects.create(
            session=session, person=whom, signed_in_at=session.starts_at, signed_out_at=session.ends_at
        )
    cast.here = a_session(cast.fall, trainer=cast.trainer)
    return ana


def missed(cast: Any, *people: Person, now: Any = NOW) -> Any:
    return missed_by(cast.here, people, now)


def test_what_was_missed_with_the_same_modules_suggests_itself(cast, ana):
    found = missed(cast, ana)[ana.pk]
    assert (found.suggested, found.options) == (cast.missed, [cast.missed])
    colleague = missed(cast, cast.person(cast.colleague))[cast.person(cast.colleague).pk]
    assert (colleague.suggested, colleague.options) == (None, []), "they were there"


def test_what_is_still_to_come_can_be_chosen_but_is_not_suggested(cast, ana):
    Session.objects.filter(pk=cast.missed.pk).update(
        starts_at=NOW + timedelta(days=5), ends_at=NOW + timedelta(days=6)
    )
    found = missed(cast, ana)[ana.pk]
    assert (found.suggested, found.options) == (None, [cast.missed])


def test_the_most_shared_minutes_win(cast, ana):
    small = a_session(cast.spring, NOW - timedelta(days=3), title="One module again")
    small.modules.set(cast.spring.curriculum.modules.filter(day=1)[:1])
    found = missed(cast, ana)[ana.pk]
    assert (found.suggested, found.options) == (cast.missed, [cast.missed, small])


def test_cancelled_sessions_and_those_before_joining_are_not_missed(cast, ana):
    CohortMember.objects.filter(person=ana).update(joined_on=date(2026, 11, 15))
    assert missed(cast, ana)[ana.pk].options == []
    CohortMember.objects.filter(person=ana).update(joined_on=JUNE)
    Attendance.objects.all().delete()
    cancel_session(cast.missed, by=cast.leader, at=NOW)
    assert ana.pk not in missed(cast, ana) or missed(cast, ana)[ana.pk].options == []


def test_a_session_that_brought_nothing_counts_as_missed_and_one_that_was_credited_does_not(cast, ana):
    times = {"signed_in_at": cast.missed.starts_at + timedelta(hours=2), "signed_out_at": cast.missed.ends_at}
    Attendance.objects.create(session=cast.missed, person=ana, **times)
    assert missed(cast, ana)[ana.pk].suggested == cast.missed
    Attendance.objects.filter(person=ana).update(signed_in_at=cast.missed.starts_at)
    assert missed(cast, ana)[ana.pk].suggested is None


def test_people_of_another_agency_miss_nothing_here(cast, ana):
    cohort = a_cohort(cast.other, cast.other_leader, "Harbor")
    stranger = cast.person(cast.other_staff)
    CohortMember.objects.create(cohort=cohort, person=stranger, joined_on=JUNE)
    a_session(cohort, NOW - timedelta(days=9))
    assert missed(cast, stranger)[stranger.pk].options == []


def test_as_many_queries_for_thirty_guests_as_for_one(cast, ana, django_assert_num_queries):
    crowd = people(cast.agency, 30)
    CohortMember.objects.bulk_create(
        CohortMember(cohort=cast.spring, person=each, joined_on=JUNE) for each in crowd
    )
    for some in ([ana], crowd):
        with django_assert_num_queries(5):
            assert len(missed(cast, *some)) == len(some)


# --- At the door ---------------------------------------------------------------------------------------------------


def tap(client: Any, cast: Any, ana: Person, **data: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        values = {"person": ana.uuid, "version": 0, "step": "in"} | data
        return client.post(f"/sessions/{cast.here.uuid}/", values)


@pytest.mark.parametrize(
    ("chosen", "linked"), [(None, True), ("", False), ("other", False), ("missed", True)]
)
def test_a_guest_is_linked_to_what_is_chosen_at_the_door_or_suggests_itself(cast, as_, ana, chosen, linked):
    foreign = a_session(a_cohort(cast.other, cast.other_leader, "H"), NOW - timedelta(days=9))
    keys = {"other": str(foreign.uuid), "missed": str(cast.missed.uuid)}
    data = {} if chosen is None else {"for": keys.get(chosen, chosen)}
    assert tap(as_(cast.trainer), cast, ana, **data).status_code == 302
    assert Attendance.objects.get(person=ana).makes_up_for == (cast.missed if linked else None)


def test_the_cohorts_own_people_make_up_for_nothing(cast, as_, ana):
    CohortMember.objects.create(cohort=cast.fall, person=ana, joined_on=JUNE)
    tap(as_(cast.trainer), cast, ana, **{"for": str(cast.missed.uuid)})
    assert Attendance.objects.get(person=ana).makes_up_for is None


def test_a_guest_who_asks_at_the_door_comes_first_with_what_they_missed(cast, as_, ana):
    CohortMember.objects.create(cohort=cast.fall, person=cast.person(cast.colleague), joined_on=JUNE)
    self_service.come_in(cast.here, ana, by=cast.staff, at=NOW)
    trainer, url = as_(cast.trainer), f"/sessions/{cast.here.uuid}/"
    with time_machine.travel(NOW, tick=False):
        page = trainer.get(url).content.decode()
        assert page.index("Asks to come in") < page.index("Clear Colleague")
        assert f'<option value="{cast.missed.uuid}" selected>' in page
        data = {"person": ana.uuid, "version": 1, "step": "accept", "for": str(cast.missed.uuid)}
        part = trainer.post(url, data, headers={"HX-Request": "true"}).content.decode()
    assert "Makes up for Day 1 (Spring)" in part
    assert Attendance.objects.get(person=ana).makes_up_for == cast.missed


def test_both_sides_show_the_link_and_the_hours_count_once(cast, as_, ana):
    door.sign_in(cast.here, ana, version=0, makes_up_for=cast.missed, by=cast.trainer, at=NOW)
    door.sign_out(cast.here, ana, version=1, by=cast.trainer, at=END)
    with time_machine.travel(END + timedelta(minutes=1), tick=False):
        trainer, own = as_(cast.trainer), as_(cast.staff)
        here = trainer.get(f"/sessions/{cast.here.uuid}/").content.decode()
        there = trainer.get(f"/sessions/{cast.missed.uuid}/").content.decode()
        mine = own.get(f"/sessions/{cast.missed.uuid}/").content.decode()
    assert "Makes up for Day 1 (Spring), Nov. 7, 2026." in here
    assert "Made up for at Day 1 (Fall), Nov. 21, 2026." in there
    assert "Made up for at Day 1 (Fall), Nov. 21, 2026." in mine
    need = {cast.spring.curriculum_id: 720}
    assert open_ledger(cast.agency, END).standing(ana.pk, need)[cast.spring.curriculum_id].credited == 360
    times = {"signed_in_at": cast.missed.starts_at, "signed_out_at": cast.missed.ends_at}
    Attendance.objects.create(session=cast.missed, person=ana, **times)
    assert open_ledger(cast.agency, END).standing(ana.pk, need)[cast.spring.curriculum_id].credited == 360


def test_the_link_is_offered_by_name_corrected_with_a_reason_and_goes_with_an_undo(cast, as_, ana):
    trainer, url = as_(cast.trainer), f"/sessions/{cast.here.uuid}/"
    with time_machine.travel(NOW, tick=False):
        found = trainer.get(f"{url}?find=staff").content.decode()
        assert f'<option value="{cast.missed.uuid}" selected>' in found
    tap(trainer, cast, ana)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        form = trainer.get(f"{url}?correct={ana.uuid}").content.decode()
        assert f'<option value="{cast.missed.uuid}" selected>' in form
        data = {
            "person": ana.uuid,
            "version": 1,
            "step": "correct",
            "signed_in": "09:00",
            "reason": "just a guest",
        }
        assert trainer.post(url, data | {"makes_up_for": ""}).status_code == 302
        record = Attendance.objects.get(person=ana)
        assert record.makes_up_for is None
        trainer.post(url, data | {"makes_up_for": str(cast.missed.uuid), "version": 2, "reason": "after all"})
        assert Attendance.objects.get(person=ana).makes_up_for == cast.missed
        trainer.post(url, {"person": ana.uuid, "version": 3, "step": "undo"})
    record.refresh_from_db()
    assert (record.signed_in_at, record.makes_up_for) == (None, None)
    assert AuditEntry.objects.filter(subject="rollout.Attendance", subject_id=str(record.pk)).first().before[
        "makes_up_for"
    ] == str(cast.missed.uuid)


def test_every_correction_stands_on_the_page_with_who_when_what_and_why(cast, as_, ana):
    door.sign_in(cast.here, ana, version=0, by=cast.trainer, at=NOW)
    for version, (minute, reason, by) in enumerate(
        ((5, "paper", cast.trainer), (9, "second look", cast.leader)), 1
    ):
        door.correct(
            cast.here, ana, signed_in_at=NOW + timedelta(minutes=minute), signed_out_at=None, override_minutes=None,
            reason=reason, version=version, by=by, at=NOW + timedelta(minutes=30),
        )  # fmt: skip
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        page = as_(cast.trainer).get(f"/sessions/{cast.here.uuid}/").content.decode()
    history = page.split('id="history"', 1)[1].split("</details>")[0]
    assert "2 corrections" in history
    assert history.index("second look") < history.index("paper")
    assert "in 9:05 a.m. → in 9:09 a.m." in history
    assert "by Clear Leader" in history
    assert "Nov. 21, 2026, 9:30 a.m." in history
