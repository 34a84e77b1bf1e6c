"""Places of a cohort and who waits for one: in order, given at once when free, counted nowhere until then."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from rollout import places, reminders
from rollout.ledger import open_ledger
from rollout.models import AuditEntry, Cohort, CohortMember, Person, Session, WaitingPlace
from rollout.refusals import Refused

from . import shared_database as databases
from .conftest import NOW
from .training_cast import JUNE, a_cohort, a_session, overlapping, people

shared_database = databases.shared_database


@pytest.fixture
def cohort(cast: Any) -> Cohort:
    """Two places, taken by Clear Staff and Clear Colleague; Clear Supervisor waits, and then P 000."""
    cohort = a_cohort(cast.agency, cast.leader, capacity=2)
    cast.waiting = people(cast.agency, 1)
    asked = [cast.person(user) for user in (cast.staff, cast.colleague, cast.supervisor)]
    places.give_places(cohort, [*asked, *cast.waiting], joined_on=JUNE, by=cast.leader, at=NOW)
    return cohort


def members(cohort: Cohort) -> list[str]:
    return [str(each.person) for each in places.members_of(cohort).order_by("pk")]


def waiting(cohort: Cohort) -> list[str]:
    return [str(each.person) for each in places.waiting_for(cohort)]


def test_a_full_cohort_puts_people_on_its_waiting_list_in_order(cohort):
    assert members(cohort) == ["Clear Staff", "Clear Colleague"]
    assert waiting(cohort) == ["Clear Supervisor", "P 000"]
    entry = AuditEntry.objects.get(verb="put on the waiting list")
    assert len(entry.after["people"]) == 2


def test_a_freed_place_is_given_to_the_first_in_the_same_write(cast, cohort):
    got = places.remove_person(cohort, cast.person(cast.staff), by=cast.leader, at=NOW)
    assert [str(person) for person in got] == ["Clear Supervisor"]
    assert members(cohort) == ["Clear Colleague", "Clear Supervisor"]
    assert waiting(cohort) == ["P 000"]
    assert CohortMember.objects.get(person=got[0]).joined_on == date(2026, 11, 21)
    entry = AuditEntry.objects.get(verb="gave a freed place")
    assert (entry.by, entry.after["who"]) == (cast.leader, [str(got[0].uuid)])


def test_more_places_are_given_at_once_and_all_without_a_limit(cast, cohort):
    got = places.set_places(cohort, name="Spring", capacity=3, by=cast.leader, at=NOW)
    assert [str(person) for person in got] == ["Clear Supervisor"]
    got = places.set_places(cohort, name="Summer", capacity=None, by=cast.leader, at=NOW)
    assert [str(person) for person in got] == ["P 000"]
    assert waiting(cohort) == []
    entry = AuditEntry.objects.filter(verb="changed cohort").first()
    assert (entry.before, entry.after) == (
        {"name": "Spring", "capacity": 3},
        {"name": "Summer", "capacity": None},
    )


def test_fewer_places_than_members_are_refused(cast, cohort):
    with pytest.raises(Refused, match=r"2 people have a place.* set at least 2 places"):
        places.set_places(cohort, name="Spring", capacity=1, by=cast.leader, at=NOW)
    cohort.refresh_from_db()
    assert cohort.capacity == 2


def test_a_leader_gives_a_place_out_of_turn_and_the_cohort_grows_by_it(cast, cohort):
    places.give_by_hand(cohort, cast.waiting[0], by=cast.leader, at=NOW)
    cohort.refresh_from_db()
    assert (members(cohort)[-1], waiting(cohort), cohort.capacity) == ("P 000", ["Clear Supervisor"], 3)
    with pytest.raises(Refused, match="no longer waits"):
        places.give_by_hand(cohort, cast.waiting[0], by=cast.leader, at=NOW)
    assert AuditEntry.objects.filter(verb="gave a place by hand", by=cast.leader).count() == 1


def test_asking_twice_keeps_place_and_turn(cast, cohort):
    everybody = [cast.waiting[0], cast.person(cast.supervisor), cast.person(cast.staff)]
    later = NOW + timedelta(days=1)
    given = places.give_places(cohort, everybody, joined_on=JUNE, by=cast.leader, at=later)
    assert (given.members, given.waiting) == ([], [])
    assert waiting(cohort) == ["Clear Supervisor", "P 000"]


def test_whoever_gets_a_place_elsewhere_waits_no_longer(cast, cohort):
    other = a_cohort(cast.agency, cast.leader, "Fall")
    places.give_places(other, cast.waiting, joined_on=JUNE, by=cast.leader, at=NOW)
    assert waiting(cohort) == ["Clear Supervisor"]


def test_places_of_people_who_left_the_agency_are_given_within_a_day(cast, cohort):
    Person.objects.filter(user=cast.staff).update(left_on=date(2026, 11, 20))
    Person.objects.filter(user=cast.supervisor).update(left_on=date(2026, 11, 20))
    assert places.free_places(cohort) == 1
    reminders.daily(NOW)
    assert members(cohort) == ["Clear Colleague", "P 000"]
    assert AuditEntry.objects.get(verb="gave a freed place").by is None


def test_who_waits_is_counted_nowhere(cast, cohort):
    session = a_session(cohort, NOW + timedelta(hours=20), trainer=cast.trainer)
    boss = cast.person(cast.supervisor)
    assert open_ledger(cast.agency, NOW).planned(boss.pk) == []
    told = {draft.user for draft in reminders.due(NOW)}
    assert cast.staff in told
    assert cast.supervisor not in told
    assert not Session.objects.visible_to(cast.supervisor).filter(pk=session.pk).exists()


# --- Pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_nine() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_page_shows_places_and_who_waits_and_a_removal_moves_somebody_up(cast, cohort, as_, at_nine):
    leader, address = as_(cast.leader), f"/cohorts/{cohort.uuid}/"
    page = leader.get(address).content.decode()
    assert "2 of 2 places taken" in page
    assert "2 people wait" in page
    assert page.index('<h2 id="waiting">') < page.index("Clear Supervisor") < page.index("P 000")
    gone = leader.post(address, {"person": cast.person(cast.staff).uuid, "step": "remove"}, follow=True)
    assert "From the waiting list, with a place from today on: Clear Supervisor" in gone.content.decode()
    hand = leader.post(
        address, {"person": cast.waiting[0].uuid, "step": "give"}, follow=True
    ).content.decode()
    assert "3 of 3 places taken" in hand
    twice = leader.post(address, {"person": cast.waiting[0].uuid, "step": "give"}, follow=True)
    assert "no longer waits" in twice.content.decode()


def test_people_added_to_a_full_cohort_are_told_to_wait_and_can_be_taken_off(cast, cohort, as_, at_nine):
    (late,) = people(cast.agency, 1, "Late")
    leader, address = as_(cast.leader), f"/cohorts/{cohort.uuid}/"
    answer = leader.post(address, {"groups": ["everybody"], "joined_on": "2026-11-21"}, follow=True)
    assert "The cohort is full: 1 person waits for a place." in answer.content.decode()
    assert waiting(cohort)[-1] == "Late 000"
    assert "Everybody (" not in leader.get(address).content.decode()
    leader.post(address, {"person": late.uuid, "step": "stop"})
    assert "Late 000" not in waiting(cohort)


def test_the_edit_page_refuses_too_few_places_and_a_name_that_is_taken(cast, cohort, as_, at_nine):
    a_cohort(cast.agency, cast.leader, "Fall")
    leader, address = as_(cast.leader), f"/cohorts/{cohort.uuid}/edit/"
    few = leader.post(address, {"name": "Spring", "capacity": "1"})
    assert (few.status_code, "2 people have a place" in few.content.decode()) == (422, True)
    assert leader.post(address, {"name": "Spring", "capacity": "0"}).status_code == 422
    assert leader.post(address, {"name": "fall", "capacity": "2"}).status_code == 422
    answer = leader.post(address, {"name": "Spring 2", "capacity": "4"}, follow=True).content.decode()
    assert "4 of 4 places taken" in answer
    assert WaitingPlace.objects.count() == 0


def test_the_training_page_names_places_and_who_waits(cast, cohort, as_, at_nine):
    page = as_(cast.leader).get("/agencies/clearwater/training/").content.decode()
    line = page.split('id="cohorts"', 1)[1]
    assert "2 of 2</span>" in line
    assert "2 wait" in line


@pytest.mark.usefixtures("shared_database")
def test_two_who_give_the_last_place_at_once_give_it_once(cast):
    cohort = a_cohort(cast.agency, cast.leader, capacity=1)
    one, two = people(cast.agency, 2)

    def give(person: Person) -> places.Given:
        return places.give_places(cohort, [person], joined_on=JUNE, by=cast.leader, at=NOW)

    first, second = overlapping(lambda: give(one), lambda: give(two))
    assert ([first.members, first.waiting], [second.members, second.waiting]) == ([[one], []], [[], [two]])
    assert (len(members(cohort)), len(waiting(cohort))) == (1, 1)


@pytest.mark.usefixtures("shared_database")
def test_a_place_that_is_freed_while_somebody_asks_goes_to_whoever_waited_longer(cast):
    cohort = a_cohort(cast.agency, cast.leader, capacity=1)
    one, two, three = people(cast.agency, 3)
    places.give_places(cohort, [one, two], joined_on=JUNE, by=cast.leader, at=NOW)
    moved_up, given = overlapping(
        lambda: places.remove_person(cohort, one, by=cast.leader, at=NOW),
        lambda: places.give_places(cohort, [three], joined_on=JUNE, by=cast.leader, at=NOW),
    )
    assert (moved_up, given.waiting) == ([two], [three])
