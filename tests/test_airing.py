"""The points of the checklists call by call: what is shared, what is summed, who may see which log."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from consultation.airing import MOST_CALLS, AnsweredPoint, airing_chart, answers_of, series_charts
from consultation.fidelity import ANSWERS, Entry, fidelity
from consultation.models import ChecklistPoint
from consultation.monthly import fidelity_by_month
from consultation.summaries import logged_occasions

from .calls_cast import call_of, hold, log, plan, training_day
from .conftest import NOW, account

REMARK = "ran out of time with the second pair"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def held(cast, series, number):
    return hold(call_of(series, number), {cast.person(cast.supervisor): 60}, cast.trainer)


def point(code, text, answer, must=True):
    return AnsweredPoint(code, text, must, answer)


def chart(*logs):
    return airing_chart(
        [(str(n), n) for n, _log in enumerate(logs, 1)], dict(enumerate(logs, 1)), uid="airing"
    )


# --- From answers -------------------------------------------------------------------------------------------------


def test_shared_points_have_rows_and_a_calls_own_are_summed():
    found = chart(
        [point("C1", "Asked", "aired"), point("1.1", "Goal", "partly"), point("1.2", "Time", "na")],
        [
            point("C1", "Asked", "missed"),
            point("2.1", "Avoided", "aired"),
            point("2.2", "Habit", "aired", False),
        ],
    )
    assert found.rows == (
        ("C1 Asked", "aired", "not aired", "1 of 2"),
        ("Points of this call only", "½ of 1", "1 of 1", "1½ of 2"),
        ("All points that must be aired", "1½ of 2", "1 of 2", "2½ of 4"),
        ("May be aired, not scored", "–", "1 of 1", "1 of 1"),
    )


def test_the_same_code_with_other_words_is_another_point():
    found = chart(
        [point("1", "Asked", "aired"), point("2", "Tied", "aired")],
        [point("1", "Rehearsed", "missed"), point("2", "Tied", "missed")],
    )
    assert [row[0] for row in found.rows[:2]] == ["2 Tied", "Points of this call only"]
    assert found.rows[0][1:] == ("aired", "not aired", "1 of 2")


def test_one_log_alone_shows_all_that_must_be_aired():
    found = chart(
        [point("C1", "Asked", "aired"), point("1.1", "Goal", "aired"), point("1.5", "Said", "", False)]
    )
    assert [row[0] for row in found.rows] == ["C1 Asked", "1.1 Goal", "All points that must be aired"]


def test_many_calls_show_the_latest():
    logs = [[point("C1", "Asked", "aired" if n > 3 else "missed")] for n in range(1, MOST_CALLS + 4)]
    found = chart(*logs)
    assert found.columns[1] == "Call 4"
    assert found.rows[0][-1] == f"{MOST_CALLS} of {MOST_CALLS}"


@given(st.lists(st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=8), min_size=1, max_size=8))
def test_the_sums_are_those_of_delivery_fidelity(calls):
    logs = [
        [point(f"P{place}", f"Point {place}", answer) for place, answer in enumerate(answers)]
        for answers in calls
    ]
    row = next((row for row in chart(*logs).rows if row[0] == "All points that must be aired"), None)
    if row is None:
        assert {answer for answers in calls for answer in answers} == {"na"}
        return
    for said, answers in zip(row[1:-1], calls, strict=True):
        scored = fidelity(Entry(f"P{place}", True, answer) for place, answer in enumerate(answers))
        if not scored.applicable:
            assert said == "–"
            continue
        aired, of = said.split(" of ")
        whole = Fraction(int(aired.rstrip("½") or 0)) + (Fraction(1, 2) if "½" in aired else 0)
        assert (whole / int(of), int(of)) == (scored.score, scored.applicable)


# --- From logs ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_leader_sees_the_points_of_every_logged_call_and_no_remark(cast, as_):
    series = plan(cast)
    log(held(cast, series, 1), cast.trainer, "apmn", remark=REMARK)
    log(held(cast, series, 3), cast.trainer, "a")
    html = as_(cast.leader).get(f"/series/{series.uuid}/").content.decode()
    assert "Points aired in 2 logged calls: least often C3, 1 of 2 times" in html
    assert '<th scope="col">Call 3</th>' in html
    assert ChecklistPoint.objects.filter(code="C2").first().text.split("'")[0] in html
    assert REMARK not in html


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_second_rater_sees_no_call_before_their_own_log(cast, as_):
    second = account("Second Rater")
    cast.agency.trainers.add(second)
    series = plan(cast)
    log(held(cast, series, 1), cast.trainer, "mmm")
    call = held(cast, series, 2)
    log(call, cast.trainer, "mmm")
    log(call, second, "a")
    html = as_(second).get(f"/series/{series.uuid}/").content.decode()
    assert '<th scope="col">Call 2</th>' in html
    assert '<th scope="col">Call 1</th>' not in html
    third = account("Third Rater")
    cast.agency.trainers.add(third)
    assert "Points aired, call by call" not in as_(third).get(f"/series/{series.uuid}/").content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_unfinished_logs_and_training_days_stand_in_no_heat_map(cast):
    series = plan(cast)
    log(held(cast, series, 1), cast.trainer, "a", finish=False)
    log(training_day(cast), cast.trainer, "a")
    assert series_charts(logged_occasions(cast.agency)) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_each_series_has_its_own_and_another_agencys_is_not_among_them(cast):
    first, second = plan(cast), plan(cast, name="Managers", first_on=date(2026, 8, 6))
    theirs = plan(cast, ours=False)
    for series in (first, second):
        log(held(cast, series, 1), cast.trainer, "m")
    call = hold(call_of(theirs, 1), {cast.person(cast.other_supervisor): 60}, cast.other_trainer)
    log(call, cast.other_trainer, "m")
    assert [name for name, _chart in series_charts(logged_occasions(cast.agency))] == [first.name, "Managers"]


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("calls", [1, 4])
def test_the_heat_maps_take_one_query(cast, django_assert_num_queries, calls):
    series = plan(cast)
    for number in range(1, calls + 1):
        log(held(cast, series, number), cast.trainer, "ap")
    occasions = logged_occasions(cast.agency)
    with django_assert_num_queries(1):
        [(_name, found)] = series_charts(occasions)
    assert len(found.columns) == calls + 2
    with django_assert_num_queries(1):
        answers_of([occasion.log.pk for occasion in occasions])


# --- By month -----------------------------------------------------------------------------------------------------


def scored(aired, missed):
    return fidelity(Entry(str(n), True, "aired" if n < aired else "missed") for n in range(aired + missed))


def test_a_month_pools_its_points_and_its_band_spans_three_months():
    found = fidelity_by_month(
        [
            (date(2026, 11, 3), scored(9, 1)),
            (date(2026, 8, 3), scored(5, 5)),
            (date(2026, 8, 20), scored(2, 0)),
            (date(2026, 10, 5), scored(8, 2)),
        ]
    )
    assert [(m.month.month, m.score, m.points, m.logs) for m in found] == [
        (8, Fraction(7, 12), 12, 2),
        (9, None, 0, 0),
        (10, Fraction(4, 5), 10, 1),
        (11, Fraction(9, 10), 10, 1),
    ]
    assert [(m.low, m.high) for m in found] == [
        (Fraction(1, 2), 1),
        (None, None),
        (Fraction(1, 2), 1),
        (Fraction(4, 5), Fraction(9, 10)),
    ]


def test_a_log_in_which_nothing_applied_counts_in_no_month():
    nothing = fidelity([Entry("1", True, "na")])
    assert fidelity_by_month([(date(2026, 8, 3), nothing)]) == []


@given(
    st.lists(st.tuples(st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.integers(0, 9), st.integers(1, 9)))
)
def test_months_run_without_gaps_and_scores_lie_within_their_band(logs):
    found = fidelity_by_month([(day, scored(aired, missed)) for day, aired, missed in logs])
    assert sum(month.logs for month in found) == len(logs)
    for before, after in pairwise(found):
        assert (after.month - timedelta(days=1)).replace(day=1) == before.month
    for month in found:
        assert (month.score is None) == (month.logs == 0)
        if month.score is not None:
            assert month.low <= month.score <= month.high
