"""Coverage of current staff: it rises with training, falls when trained people leave, and adds up."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecert_site.reports import rollout_report
from rollout.agenda import slips
from rollout.coverage import MonthCoverage, Stay, coverage_by_month, suggest_booster
from rollout.models import Agency, Cohort, CohortMember, Curriculum, Person, Placement, Session, Team
from rollout.summaries import completion_by_month, foundations_by_month, hours_by_month
from rollout.training_actions import install_curricula

from .conftest import NOW
from .midway import attend

JUNE, TODAY = date(2026, 6, 1), date(2026, 11, 21)
days = st.dates(date(2025, 1, 1), date(2027, 6, 30))


@st.composite
def stays(draw: st.DrawFn) -> Stay:
    """Somebody who left, if so, not before they came."""
    hired_on, left_on = draw(st.none() | days), draw(st.none() | days)
    if hired_on and left_on and left_on < hired_on:
        hired_on, left_on = left_on, hired_on
    return Stay(hired_on, left_on, draw(st.none() | days))


def counts(*people: Stay, first: date = JUNE, today: date = TODAY) -> list[tuple[int, int, int]]:
    """(month's number, covered, people) of each month."""
    return [(m.month.month, m.covered, m.people) for m in coverage_by_month(people, first, today)]


def test_it_falls_when_a_trained_person_leaves_and_when_a_newcomer_arrives():
    trained = Stay(None, None, date(2026, 7, 8))
    leaving = Stay(None, date(2026, 9, 15), date(2026, 7, 8))
    newcomer = Stay(date(2026, 10, 1), None, None)
    found = coverage_by_month([trained, leaving, newcomer], JUNE, TODAY)
    assert [(m.covered, m.people) for m in found] == [(0, 2), (2, 2), (2, 2), (1, 1), (1, 2), (1, 2)]
    assert [m.share for m in found] == [0, 1, 1, 1, 0.5, 0.5]
    assert [(m.came, m.went, m.went_covered, m.gained) for m in found] == [
        (0, 0, 0, 0), (0, 0, 0, 2), (0, 0, 0, 0), (0, 1, 1, 0), (1, 0, 0, 0), (0, 0, 0, 0),
    ]  # fmt: skip


def test_the_last_day_of_a_month_counts_and_the_day_of_leaving_does_not():
    came_last = Stay(date(2026, 7, 31), None, date(2026, 7, 31))
    left_last = Stay(None, date(2026, 7, 31), None)
    left_next = Stay(None, date(2026, 8, 1), None)
    assert counts(came_last, left_last, left_next, first=date(2026, 7, 9), today=date(2026, 8, 2)) == [
        (7, 1, 2),
        (8, 1, 1),
    ]


def test_this_month_is_counted_today_and_not_at_its_end():
    soon = Stay(None, None, TODAY + timedelta(days=1))
    found = coverage_by_month([soon], JUNE, TODAY)
    assert (found[-1].on, found[-1].covered) == (TODAY, 0)
    assert found[-2].on == date(2026, 10, 31)


def test_hours_of_a_former_post_count_from_the_day_of_hire():
    back = Stay(date(2026, 9, 10), None, date(2026, 2, 1))
    assert counts(back) == [(6, 0, 0), (7, 0, 0), (8, 0, 0), (9, 1, 1), (10, 1, 1), (11, 1, 1)]


def test_nobody_is_no_share_and_the_future_has_no_month():
    assert coverage_by_month([], JUNE, TODAY)[0].share is None
    assert coverage_by_month([Stay(None, None, None)], TODAY + timedelta(days=20), TODAY) == ()


@given(st.lists(stays(), max_size=25), days, days)
def test_months_follow_one_another_and_every_change_adds_up(people, first, today):
    found = coverage_by_month(people, first, today)
    assert len(found) == max(0, (today.year - first.year) * 12 + today.month - first.month + 1)
    for month in found:
        assert 0 <= month.covered <= month.people <= len(people)
        assert month.went_covered <= month.went
        assert month.share is None or 0 <= month.share <= 1
    for before, after in pairwise(found):
        assert after.people == before.people + after.came - after.went
        assert after.covered == before.covered + after.gained - after.went_covered
        assert (after.month - before.on).days == 1


@given(st.lists(stays(), max_size=15), st.randoms(use_true_random=False))
def test_the_order_of_people_does_not_matter(people, dice):
    shuffled = list(people)
    dice.shuffle(shuffled)
    assert coverage_by_month(shuffled, JUNE, TODAY) == coverage_by_month(people, JUNE, TODAY)


@given(st.lists(stays(), max_size=15), st.lists(stays(), max_size=15))
def test_two_halves_of_an_agency_add_up_to_the_whole(some, others):
    parts = zip(
        coverage_by_month(some, JUNE, TODAY),
        coverage_by_month(others, JUNE, TODAY),
        coverage_by_month([*some, *others], JUNE, TODAY),
        strict=True,
    )
    for one, two, whole in parts:
        assert (whole.people, whole.covered) == (one.people + two.people, one.covered + two.covered)


@given(st.lists(stays(), min_size=1, max_size=15))
def test_without_leaving_nobody_is_lost_again(people):
    staying = [Stay(stay.hired_on, None, stay.covered_on) for stay in people]
    found = coverage_by_month(staying, JUNE, TODAY)
    assert all(after.covered >= before.covered for before, after in pairwise(found))
    assert {month.went for month in found} == {0}


# --- From the records ---------------------------------------------------------------------------------------------


@pytest.fixture
def foundations(cast: Any) -> Cohort:
    install_curricula()
    curriculum = Curriculum.objects.get(code="ce-cert-foundations")
    return Cohort.objects.create(agency=cast.agency, curriculum=curriculum, name="Spring")


def plan(cohort: Cohort, day: int, at: str) -> Session:
    starts_at = datetime.fromisoformat(f"{at}T15:00Z")
    session = Session.objects.create(
        cohort=cohort,
        day=day,
        title=f"Day {day}",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=7),
    )
    session.modules.set(cohort.curriculum.modules.filter(day=day))
    return session


def join(cohort: Cohort, *people: Person, on: date = JUNE) -> None:
    for person in people:
        CohortMember.objects.create(cohort=cohort, person=person, joined_on=on)


@pytest.mark.django_db
def test_a_supervisor_is_covered_by_foundations_alone(cast, foundations):
    boss = cast.person(cast.supervisor)
    assert Team.objects.filter(supervisor=boss).exists()
    attend(plan(foundations, 1, "2026-08-12"), [boss])
    attend(plan(foundations, 2, "2026-09-02"), [boss])
    assert [(m.covered, m.people) for m in foundations_by_month(cast.agency, NOW)][-1] == (1, 3)
    assert completion_by_month(cast.agency, NOW)[-1].complete == 0, "the Supervision hours are still open"


@pytest.mark.django_db
def test_who_left_counts_while_they_were_there(cast, foundations):
    ana, ben = cast.person(cast.staff), cast.person(cast.colleague)
    for day, on in ((1, "2026-08-12"), (2, "2026-09-02")):
        attend(plan(foundations, day, on), [ana, ben])
    Person.objects.filter(pk=ben.pk).update(left_on=date(2026, 10, 15))
    found = foundations_by_month(cast.agency, NOW)
    assert [(m.month.month, m.covered, m.people, m.went_covered) for m in found[2:]] == [
        (8, 0, 3, 0),
        (9, 2, 3, 0),
        (10, 1, 2, 1),
        (11, 1, 2, 0),
    ]


@pytest.mark.django_db
def test_nothing_of_another_agency_is_counted(cast, foundations):
    theirs = Cohort.objects.create(agency=cast.other, curriculum=foundations.curriculum, name="Theirs")
    stranger = cast.person(cast.other_staff)
    join(theirs, stranger)
    for day, on in ((1, "2026-08-12"), (2, "2026-09-02")):
        attend(plan(theirs, day, on), [stranger])
    assert {m.covered for m in foundations_by_month(cast.agency, NOW)} == {0}
    assert hours_by_month(cast.agency, NOW) == []
    assert hours_by_month(cast.other, NOW) != []


@pytest.mark.django_db
def test_no_month_before_anything_began(cast, foundations):
    Agency.objects.update(starts_on=None)
    plan(foundations, 1, "2026-12-12")
    assert foundations_by_month(Agency.objects.get(pk=cast.agency.pk), NOW) == ()


@pytest.mark.django_db
def test_hours_planned_and_credited_stand_in_the_month_of_their_session(cast, foundations):
    ana, ben, boss = (cast.person(user) for user in (cast.staff, cast.colleague, cast.supervisor))
    join(foundations, ana, ben)
    join(foundations, boss, on=date(2026, 9, 1))
    attend(plan(foundations, 1, "2026-08-12"), [ana])
    plan(foundations, 2, "2026-12-02")
    found = [(m.month.month, m.credited, m.planned) for m in hours_by_month(cast.agency, NOW)]
    assert found == [(8, 360, 720), (12, 0, 1080)]


@pytest.mark.django_db
def test_who_left_before_a_session_was_not_planned_for(cast, foundations):
    ana, ben = cast.person(cast.staff), cast.person(cast.colleague)
    join(foundations, ana, ben)
    Person.objects.filter(pk=ben.pk).update(left_on=date(2026, 8, 1))
    plan(foundations, 1, "2026-08-12")
    assert [(m.credited, m.planned) for m in hours_by_month(cast.agency, NOW)] == [(0, 360)]


@pytest.mark.django_db
def test_the_same_day_twice_is_credited_once(cast, foundations):
    ana = cast.person(cast.staff)
    attend(plan(foundations, 1, "2026-08-12"), [ana])
    attend(plan(foundations, 1, "2026-10-12"), [ana])
    assert [(m.month.month, m.credited) for m in hours_by_month(cast.agency, NOW)] == [(8, 360), (10, 0)]


@pytest.mark.django_db
@pytest.mark.parametrize("people", [1, 30])
def test_the_months_ask_as_often_for_thirty_people(cast, foundations, django_assert_num_queries, people):
    session = plan(foundations, 1, "2026-08-12")
    for number in range(people):
        person = Person.objects.create(agency=cast.agency, first_name="P", last_name=str(number))
        join(foundations, person)
        attend(session, [person])
    with django_assert_num_queries(7):
        foundations_by_month(cast.agency, NOW)
    with django_assert_num_queries(6):
        hours_by_month(cast.agency, NOW)


# --- The booster --------------------------------------------------------------------------------------------------


def months(now: tuple[int, int], *before: tuple[int, int, int]) -> list[MonthCoverage]:
    """(people, covered) of this month; (came, went, of these covered) of each month before, the oldest first."""
    found = [
        MonthCoverage(date(2026, 10 - place, 1), date(2026, 10 - place, 28), 100, 100, came, went, covered, 0)
        for place, (came, went, covered) in enumerate(reversed(before))
    ][::-1]
    people, covered = now
    return [*found, MonthCoverage(date(2026, 11, 1), TODAY, people, covered, 0, 0, 0, 0)]


def test_a_booster_is_suggested_below_four_of_five_and_not_at_it():
    found = suggest_booster(months((100, 79)))
    assert found is not None
    assert (found.month, found.ahead, found.covered, found.people, found.uncovered) == (
        date(2026, 11, 1), 0, 79, 100, 21,
    )  # fmt: skip
    assert suggest_booster(months((100, 80))) is None
    assert suggest_booster(months((5, 4))) is None


def test_whoever_is_on_track_needs_no_booster():
    assert suggest_booster(months((100, 60)), on_track=20) is None
    found = suggest_booster(months((100, 60)), on_track=19)
    assert found is not None
    assert found.uncovered == 21


def test_before_anybody_is_covered_the_foundations_are_ahead_and_no_booster():
    assert suggest_booster(months((100, 0))) is None
    assert suggest_booster(months((0, 0))) is None
    assert suggest_booster([]) is None


def test_turnover_as_it_was_is_carried_three_months_on():
    # Each month 4 come and 4 covered people leave: 90, 86, 82, 78 of 100.
    found = suggest_booster(months((100, 90), *[(4, 4, 4)] * 6))
    assert found is not None
    assert (found.month, found.ahead, found.covered, found.uncovered) == (date(2027, 2, 1), 3, 78, 22)
    # 3 a month: 90, 87, 84, 81 of 100 stay above.
    assert suggest_booster(months((100, 90), *[(3, 3, 3)] * 6)) is None


def test_only_the_last_six_whole_months_are_carried_on():
    quiet = [(0, 0, 0)] * 6
    assert suggest_booster(months((100, 90), *[(30, 30, 30)] * 3, *quiet)) is None
    # One month on record: 12 a month is all there is to go by; 90 - 12 = 78 next month.
    found = suggest_booster(months((100, 90), (12, 12, 12)))
    assert found is not None
    assert (found.ahead, found.covered) == (1, 78)


def test_uncovered_people_who_leave_raise_the_share():
    assert suggest_booster(months((100, 82), *[(0, 3, 0)] * 6)) is None


@given(st.lists(stays(), max_size=25), days, days, st.integers(0, 10))
def test_a_booster_names_whole_people_and_a_share_below_the_line(people, first, today, on_track):
    found = suggest_booster(coverage_by_month(people, first, today), on_track)
    if found is not None:
        assert found.share < 0.8
        assert 0 <= found.covered < found.people
        assert found.uncovered == found.people - found.covered > 0
        assert 0 <= found.ahead <= 3
        assert found.month >= today.replace(day=1)


@pytest.mark.django_db
def test_somebody_who_left_and_came_back_is_not_counted_in_between(cast, foundations):
    back = Person.objects.create(agency=cast.agency, first_name="B", last_name="Back")
    Placement.objects.bulk_create([
        Placement(person=back, from_on=date(2026, 1, 1), until_on=date(2026, 8, 10)),
        Placement(person=back, from_on=date(2026, 10, 5)),
    ])  # fmt: skip
    plan(foundations, 1, "2026-07-12")
    there = {each.month.month: each.people for each in foundations_by_month(cast.agency, NOW)}
    assert [there[month] - 3 for month in (7, 8, 9, 10, 11)] == [1, 0, 0, 1, 1]


@pytest.mark.django_db
def test_low_coverage_slips_with_the_one_thing_to_do(cast, foundations):
    everybody = [
        Person.objects.create(agency=cast.agency, first_name="P", last_name=str(n)) for n in range(7)
    ]
    for person in everybody:
        join(foundations, person)
    attend(plan(foundations, 1, "2026-08-12"), everybody)
    second = plan(foundations, 2, "2026-08-13")
    attend(second, everybody)
    found = [todo for todo in slips(cast.agency, NOW) if "coverage" in todo.fact]
    assert [todo.fact for todo in found] == [
        "Foundations coverage of current staff is 70\N{NO-BREAK SPACE}%: 7 of 10 people"
    ]
    assert "the 3 others" in found[0].why
    assert found[0].url == "/agencies/clearwater/completion/"
    ahead = [plan(foundations, 1, "2026-12-12"), plan(foundations, 2, "2026-12-13")]
    for user in (cast.staff, cast.colleague):
        join(foundations, cast.person(user))
    # Two of the three are on track with what is planned: nine of ten, and nothing to suggest.
    assert [todo for todo in slips(cast.agency, NOW) if "coverage" in todo.fact] == []
    for session in ahead:
        session.delete()
    CohortMember.objects.filter(person__user__isnull=False).delete()
    assert [todo for todo in slips(cast.agency, NOW) if "coverage" in todo.fact] != []
    for user in (cast.staff, cast.colleague):
        Person.objects.filter(user=user).update(left_on=TODAY)
        Placement.objects.filter(person__user=user).update(until_on=TODAY)
    assert [todo for todo in slips(cast.agency, NOW) if "coverage" in todo.fact] == []


@pytest.mark.django_db
def test_the_report_says_the_same_of_a_booster_as_the_list_of_what_slips(cast, foundations):
    everybody = [
        Person.objects.create(agency=cast.agency, first_name="P", last_name=str(n)) for n in range(3)
    ]
    attend(plan(foundations, 1, "2026-08-12"), everybody)
    attend(plan(foundations, 2, "2026-08-13"), everybody)
    [slip] = [todo for todo in slips(cast.agency, NOW) if "coverage" in todo.fact]
    assert rollout_report(cast.agency, NOW).booster == f"{slip.fact}. {slip.why}"
