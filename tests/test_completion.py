"""Who can still complete: what they lack, what would close the gap, a place given and taken back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from rollout import attendance_actions as door
from rollout import completion_actions as actions
from rollout.agenda import coming
from rollout.attendance import attendance_list, expected_people
from rollout.completion import StillOpen, free_places, still_open
from rollout.hours import hours_report
from rollout.ledger import open_ledger
from rollout.models import Attendance, AuditEntry, Cohort, CohortMember, Curriculum, Person, Session
from rollout.refusals import Changed, Refused
from rollout.reminders import due
from rollout.training_actions import install_curricula
from rollout.training_record import training_record

from .conftest import NOW
from .test_hours import attend, join, plan

pytestmark = [pytest.mark.django_db]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def foundations(cast: Any) -> Cohort:
    install_curricula()
    curriculum = Curriculum.objects.get(code="ce-cert-foundations")
    return Cohort.objects.create(agency=cast.agency, curriculum=curriculum, name="Spring")


@pytest.fixture
def fall(cast: Any, foundations: Cohort) -> Cohort:
    return Cohort.objects.create(agency=cast.agency, curriculum=foundations.curriculum, name="Fall")


def missed_day_two(cast: Any, cohort: Cohort) -> tuple[Person, Session]:
    """Somebody with the first day; the second was held without them."""
    ana = cast.person(cast.staff)
    join(cohort, ana, cast.person(cast.colleague))
    attend(plan(cohort, 1, NOW - 9 * DAY), ana, cast.person(cast.colleague))
    missed = plan(cohort, 2, NOW - 8 * DAY)
    attend(missed, cast.person(cast.colleague))
    return ana, missed


def seen(cast: Any, **asked: Any) -> StillOpen:
    return still_open(cast.agency, open_ledger(cast.agency, NOW), **asked)


def line_of(found: StillOpen, person: Person) -> Any:
    return next(line for line in found.lines if line.person == person)


def test_a_missed_day_is_named_by_its_modules_with_the_session_that_would_close_the_gap(
    cast, foundations, fall
):
    ana, _missed = missed_day_two(cast, foundations)
    plan(fall, 1, NOW + 5 * DAY)
    second = plan(fall, 2, NOW + 6 * DAY)
    line = line_of(seen(cast), ana)
    assert sum(each.minutes for each in line.missing) == line.hours.missing_minutes == 360
    assert [each.module.position for each in line.missing] == [5, 6, 7, 8]
    assert line.makeup == (second,)
    assert line_of(seen(cast, show="options"), ana) == line
    assert ana not in [each.person for each in seen(cast, show="none").lines]


def test_people_without_an_option_are_counted_by_what_they_lack(cast, foundations, fall):
    ana, _missed = missed_day_two(cast, foundations)
    found = seen(cast)
    assert line_of(found, ana).makeup == ()
    assert found.with_option == 0
    sums = {tuple(m.position for m in each.modules): (each.people, each.minutes) for each in found.further}
    assert sums[5, 6, 7, 8] == (1, 360)
    # The supervisor of the cast is in no cohort: Foundations and Supervision are lacking.
    assert sum(each.people for each in found.further) == found.without == len(found.lines)
    assert [each.people for each in found.further] == sorted(
        (each.people for each in found.further), reverse=True
    )


def test_a_full_session_and_one_at_a_time_they_are_busy_are_no_option(cast, foundations, fall):
    ana, _missed = missed_day_two(cast, foundations)
    second = plan(fall, 2, NOW + 6 * DAY)
    Cohort.objects.filter(pk=fall.pk).update(capacity=1)
    assert line_of(seen(cast), ana).makeup == (second,)
    join(fall, cast.person(cast.supervisor))
    assert line_of(seen(cast), ana).makeup == ()
    Cohort.objects.filter(pk=fall.pk).update(capacity=2)
    assert line_of(seen(cast), ana).makeup == (second,)
    plan(foundations, 1, NOW + 6 * DAY + timedelta(hours=3))  # Spring repeats day 1 on that very day
    assert line_of(seen(cast), ana).makeup == ()


def test_who_makes_up_takes_a_place(cast, foundations, fall):
    ana, _missed = missed_day_two(cast, foundations)
    second = plan(fall, 2, NOW + 6 * DAY)
    Cohort.objects.filter(pk=fall.pk).update(capacity=2)
    join(fall, cast.person(cast.supervisor))
    slot = open_ledger(cast.agency, NOW).slots[second.pk]
    assert free_places([slot]) == {second.pk: 1}
    actions.give_makeup(ana, [second], by=cast.leader, at=NOW)
    assert free_places([slot]) == {second.pk: 0}
    ben = cast.person(cast.colleague)
    with pytest.raises(Refused, match="no place left"):
        actions.give_makeup(ben, [second], by=cast.leader, at=NOW)
    assert not Attendance.objects.filter(session=second, person=ben).exists()


def test_a_place_given_is_linked_planned_on_the_list_at_the_door_and_can_be_taken_back(
    cast, foundations, fall
):
    ana, missed = missed_day_two(cast, foundations)
    second = plan(fall, 2, NOW + 6 * DAY)
    actions.give_makeup(ana, [second], by=cast.trainer, at=NOW)
    place = Attendance.objects.get(session=second, person=ana)
    assert place.makes_up_for == missed
    assert not CohortMember.objects.filter(cohort=fall).exists()
    assert list(expected_people(second)) == [ana]
    assert [row.person for row in attendance_list(second, NOW) if row.expected] == [ana]
    report = hours_report(cast.agency, NOW, words="clear staff")
    assert [(one.hours.planned_minutes, one.hours.state) for one in report.lines] == [(360, "on track")]
    assert training_record(ana, NOW).coming == [second]
    assert [item.title for item in coming(cast.staff, NOW)] == ["Day 2"]
    assert second in Session.objects.visible_to(cast.staff)
    assert [draft.user for draft in due(second.starts_at - DAY)] == [cast.staff]
    assert AuditEntry.objects.filter(
        agency=cast.agency, verb="gave a make-up place", by=cast.trainer
    ).exists()
    actions.take_makeup_back(place, by=cast.leader, at=NOW)
    assert not expected_people(second).exists()
    assert line_of(seen(cast), ana).makeup == (second,)
    assert second not in Session.objects.visible_to(cast.staff)


def test_who_comes_to_their_make_up_is_credited_and_a_tap_taken_back_leaves_the_place(
    cast, foundations, fall
):
    ana, _missed = missed_day_two(cast, foundations)
    second = plan(fall, 2, NOW + 6 * DAY)
    actions.give_makeup(ana, [second], by=cast.leader, at=NOW)
    begun = second.starts_at
    with time_machine.travel(begun, tick=False):
        door.sign_in(second, ana, version=1, by=cast.trainer, at=begun)
        door.undo(second, ana, version=2, by=cast.trainer, at=begun)
        assert list(expected_people(second)) == [ana]
        door.sign_in(second, ana, version=3, by=cast.trainer, at=begun)
    with pytest.raises(Refused, match="signed in"):
        actions.take_makeup_back(Attendance.objects.get(session=second), by=cast.leader, at=begun)
    ended = second.ends_at
    door.sign_out(second, ana, version=4, by=cast.trainer, at=ended)
    total = hours_report(cast.agency, ended + DAY, words="clear staff").lines[0]
    assert (total.hours.credited_minutes, total.hours.state) == (720, "complete")


def test_a_late_joiner_makes_up_for_the_day_before_they_joined(cast, foundations, fall):
    ana = cast.person(cast.staff)
    first = plan(foundations, 1, NOW - 9 * DAY)
    attend(first, cast.person(cast.colleague))
    attend(plan(foundations, 2, NOW - 8 * DAY), ana)
    join(foundations, ana, on=(NOW - 8 * DAY).date())
    again = plan(fall, 1, NOW + 3 * DAY)
    assert line_of(seen(cast), ana).makeup == (again,)
    assert actions.give_makeup(ana, [again], by=cast.leader, at=NOW) == []
    assert Attendance.objects.get(session=again).makes_up_for == first


def test_somebody_in_no_cohort_joins_that_of_the_sessions(cast, foundations, fall):
    ana = cast.person(cast.staff)
    first, second = plan(fall, 1, NOW + 3 * DAY), plan(fall, 2, NOW + 4 * DAY)
    assert line_of(seen(cast), ana).makeup == (first, second)
    assert actions.give_makeup(ana, [second, first], by=cast.leader, at=NOW) == [first]
    with pytest.raises(Refused, match="expected there already"):
        actions.give_makeup(ana, [second], by=cast.leader, at=NOW)
    assert [(m.cohort, m.joined_on) for m in CohortMember.objects.all()] == [
        (fall, first.starts_at.astimezone(cast.agency.zone).date())
    ]


def test_what_has_begun_clashes_or_is_expected_already_is_refused_and_nothing_is_written(
    cast, foundations, fall
):
    ana, _missed = missed_day_two(cast, foundations)
    begun = plan(fall, 2, NOW - timedelta(hours=1))
    second = plan(fall, 2, NOW + 6 * DAY)
    other = Cohort.objects.create(agency=cast.agency, curriculum=fall.curriculum, name="Winter")
    same_time = plan(other, 2, NOW + 6 * DAY)
    for wrong, why in (([begun], "has begun"), ([second, same_time], "at that time")):
        with pytest.raises(Refused, match=why):
            actions.give_makeup(ana, wrong, by=cast.leader, at=NOW)
        assert not Attendance.objects.filter(person=ana, makes_up_for__isnull=False).exists()
    Person.objects.filter(pk=ana.pk).update(left_on=NOW.date())
    with pytest.raises(Refused, match="no longer on the roster"):
        actions.give_makeup(Person.objects.get(pk=ana.pk), [second], by=cast.leader, at=NOW)


def test_the_page_gives_a_place_and_takes_it_back(cast, as_, foundations, fall):
    ana, _missed = missed_day_two(cast, foundations)
    second = plan(fall, 2, NOW + 6 * DAY)
    browser, url = as_(cast.trainer), "/agencies/clearwater/completion/"
    page = browser.get(url).content.decode()
    assert "Give this place" in page
    assert "A further session would do" in page
    response = browser.post(reverse("rollout:makeup_give", args=[ana.uuid]), {"session": second.pk})
    assert response["Location"] == url
    place = Attendance.objects.get(session=second, person=ana)
    page = browser.get(url).content.decode()
    assert "Clear Staff is expected at 1 session." in page
    assert "Make-up places given" in page
    browser.post(reverse("rollout:makeup_back", args=[place.pk]))
    place.refresh_from_db()
    assert place.makes_up_for is None
    assert "Make-up places given" not in browser.get(url).content.decode()


def test_an_empty_roster_is_not_told_that_everybody_can_still_complete(cast, as_, foundations):
    Person.objects.filter(agency=cast.agency).update(left_on=NOW.date())
    page = as_(cast.leader).get("/agencies/clearwater/completion/").content.decode()
    assert "Nobody on the roster yet" in page
    assert "Everybody can still complete" not in page


def test_another_agencys_session_cannot_be_given(cast, as_, foundations):
    ana, _missed = missed_day_two(cast, foundations)
    theirs = Cohort.objects.create(agency=cast.other, curriculum=foundations.curriculum, name="Harbor")
    foreign = plan(theirs, 2, NOW + 6 * DAY)
    cast.other.leaders.add(cast.leader)
    browser = as_(cast.leader)
    browser.post(reverse("rollout:makeup_give", args=[ana.uuid]), {"session": foreign.pk})
    assert not Attendance.objects.filter(session=foreign).exists()
    assert not CohortMember.objects.filter(cohort=theirs).exists()


def test_a_number_no_row_can_have_is_told_as_one_that_is_gone(cast, as_, foundations, fall):
    ana, _missed = missed_day_two(cast, foundations)
    browser = as_(cast.leader)
    address = reverse("rollout:makeup_give", args=[ana.uuid])
    answer = browser.post(address, {"session": "9" * 40}, follow=True)
    assert "These sessions are no longer there." in answer.text


@pytest.mark.parametrize("people", [1, 30])
def test_hours_completion_and_coverage_take_the_same_queries(
    cast, as_, foundations, fall, django_assert_num_queries, people
):
    missed_day_two(cast, foundations)
    second = plan(fall, 2, NOW + 6 * DAY)
    for number in range(people):
        person = Person.objects.create(
            agency=cast.agency, first_name="P", last_name=str(number), team=cast.team
        )
        join(foundations, person)
        guest = Person.objects.create(agency=cast.agency, first_name="G", last_name=str(number))
        Attendance.objects.create(session=second, person=guest, makes_up_for=second)
    browser = as_(cast.leader)
    browser.get("/agencies/clearwater/hours/")
    for page, queries in (("hours", 16), ("completion", 24), ("coverage", 17)):
        with django_assert_num_queries(queries):
            browser.get(f"/agencies/clearwater/{page}/")


# --- What is required ---------------------------------------------------------------------------------------------


def test_a_site_admin_changes_what_is_required_and_everybodys_hours_follow(cast, as_, foundations):
    _ana, _missed = missed_day_two(cast, foundations)
    browser, of = as_(cast.admin), foundations.curriculum
    response = browser.post("/curricula/", {"curriculum": of.pk, "required_minutes": 360, "seen": 720})
    assert response.status_code == 302
    line = hours_report(cast.agency, NOW, words="clear staff").lines[0]
    assert (line.hours.required_minutes, line.hours.state) == (360, "complete")
    entry = AuditEntry.objects.get(verb="changed requirement")
    assert (entry.before, entry.after, entry.by) == (
        {"required_minutes": 720},
        {"required_minutes": 360},
        cast.admin,
    )


@pytest.mark.parametrize(
    ("minutes", "seen_then", "status"), [(721, 720, 422), (0, 720, 422), (600, 700, 409)]
)
def test_a_requirement_nobody_could_reach_or_that_changed_meanwhile_is_not_saved(
    cast, as_, foundations, minutes, seen_then, status
):
    of = foundations.curriculum
    data = {"curriculum": of.pk, "required_minutes": minutes, "seen": seen_then}
    assert as_(cast.admin).post("/curricula/", data).status_code == status
    of.refresh_from_db()
    assert of.required_minutes == 720


def test_the_action_looks_again(cast, foundations):
    with pytest.raises(Changed):
        actions.require(foundations.curriculum, 600, seen=700, by=cast.admin, at=NOW)
    with pytest.raises(Refused):
        actions.require(foundations.curriculum, 721, seen=720, by=cast.admin, at=NOW)
