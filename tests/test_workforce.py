"""Turnover and absenteeism: worked out by hand, and what is not known never taken for nothing."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.dates import same_day_of_month
from rollout.workforce import Month, absenteeism, lines, share, turnover, without_gaps, year_turnover

patient = settings(deadline=None)
JANUARY = date(2026, 1, 1)


def month(place: int = 0, headcount=None, separations=None, lost=None, scheduled=None) -> Month:
    days = [None if each is None else Decimal(each) for each in (lost, scheduled)]
    return Month(same_day_of_month(JANUARY, place), headcount, separations, *days)


@pytest.mark.parametrize(
    ("headcount", "separations", "value"),
    [
        (100, 3, Fraction(3, 100)),
        (118, 2, Fraction(1, 59)),
        (40, 0, Fraction(0)),
        (4, 5, Fraction(5, 4)),
        (None, 3, None),
        (100, None, None),
        (0, 0, None),
        (0, 3, None),
        (None, None, None),
    ],
)
def test_turnover_is_who_left_of_who_is_employed_at_the_end(headcount, separations, value):
    found = turnover(month(0, headcount, separations))
    assert (None if found is None else found.value) == value
    if found:
        assert (found.part, found.whole) == (separations, headcount)


@pytest.mark.parametrize(
    ("lost", "scheduled", "value"),
    [
        ("125", "2500", Fraction(1, 20)),
        ("0", "2500", Fraction(0)),
        ("12.5", "250", Fraction(1, 20)),
        ("250", "250", Fraction(1)),
        (None, "2500", None),
        ("125", None, None),
        ("0", "0", None),
    ],
)
def test_absenteeism_is_days_lost_of_days_scheduled(lost, scheduled, value):
    found = absenteeism(month(0, lost=lost, scheduled=scheduled))
    assert (None if found is None else found.value) == value


def year(**changes: Month) -> list[Month]:
    """Twelve months of 100 people, one of whom leaves each."""
    return [changes.get(f"m{place}", month(place, 100, 1)) for place in range(12)]


def test_a_years_turnover_is_the_sum_of_its_twelve_months():
    found = year_turnover(year(m3=month(3, 50, 2)))
    assert found.value == Fraction(11, 100) + Fraction(2, 50)
    assert (found.part, found.whole) == (13, Fraction(11 * 100 + 50, 12))


@pytest.mark.parametrize(
    "hole",
    [month(5), month(5, None, 1), month(5, 100, None), month(5, 0, 0)],
    ids=lambda each: str(each.figures),
)
def test_one_month_that_is_not_known_leaves_the_year_open(hole):
    assert year_turnover(year(m5=hole)) is None


def test_fewer_months_more_months_or_a_jump_are_no_year():
    assert year_turnover(year()[:11]) is None
    assert year_turnover([*year(), month(12, 100, 1)]) is None
    assert year_turnover([month(-1, 100, 1), *year()[1:]]) is None
    assert year_turnover([]) is None


def test_a_year_is_shown_from_its_twelfth_month_on_and_ends_with_a_gap():
    months = without_gaps([*year(), month(12, 100, 3), month(14, 100, 1)])
    found = lines(months)
    assert [line.month.month for line in found if line.year] == [date(2026, 12, 1), date(2027, 1, 1)]
    assert found[11].year.value == Fraction(12, 100)
    assert found[12].year.value == Fraction(14, 100)  # January's one has gone, three have come
    assert found[13].turnover is None


def test_months_between_known_ones_are_there_and_empty():
    found = without_gaps([month(3, 10), month(0, 12)])
    assert [each.month.month for each in found] == [1, 2, 3, 4]
    assert [each.is_empty for each in found] == [False, True, True, False]


def test_the_span_can_be_widened_and_is_empty_without_anything():
    assert without_gaps([]) == []
    found = without_gaps([month(1, 5)], first=date(2025, 12, 17), last=date(2026, 4, 30))
    assert (found[0].month, found[-1].month, len(found)) == (date(2025, 12, 1), date(2026, 4, 1), 5)


def test_a_month_twice_is_refused():
    with pytest.raises(ValueError, match="2026-01 comes twice"):
        without_gaps([month(0, 5), month(0, 6)])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Month(date(2026, 1, 2)),
        lambda: month(0, -1),
        lambda: month(0, 1, -1),
        lambda: month(0, lost="-0.5"),
        lambda: month(0, lost="10.1", scheduled="10"),
    ],
)
def test_figures_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"cannot be|first day|more days lost"):
        wrong()


def test_nothing_known_is_told_from_zero():
    assert month().is_empty
    assert not month(0, 0).is_empty
    assert share(None, 10) is None
    assert share(0, 10).value == 0


# --- properties ---------------------------------------------------------------------------------

count = st.none() | st.integers(0, 500)
days = st.none() | st.decimals(0, 5000, places=1)


@st.composite
def months(draw) -> list[Month]:
    places = draw(st.sets(st.integers(0, 40), max_size=30))
    found = []
    for place in sorted(places):
        lost, scheduled = draw(days), draw(days)
        if lost is not None and scheduled is not None and lost > scheduled:
            lost, scheduled = scheduled, lost
        found.append(Month(same_day_of_month(JANUARY, place), draw(count), draw(count), lost, scheduled))
    return found


@patient
@given(months())
def test_every_share_is_its_part_of_its_whole_and_unknown_stays_unknown(given_months):
    for line in lines(without_gaps(given_months)):
        known = line.month.headcount and line.month.separations is not None
        assert (line.turnover is not None) == bool(known)
        if line.absenteeism:
            assert 0 <= line.absenteeism.value <= 1
        for each in (line.turnover, line.absenteeism):
            assert each is None or each.value * each.whole == each.part


@patient
@given(months())
def test_a_year_needs_twelve_known_months_and_is_never_less_than_any_of_them(given_months):
    found = lines(without_gaps(given_months))
    for place, line in enumerate(found):
        twelve = [each.turnover for each in found[max(0, place - 11) : place + 1]]
        assert (line.year is not None) == (len(twelve) == 12 and None not in twelve)
        if line.year:
            assert line.year.value >= max(each.value for each in twelve)


@patient
@given(months(), st.randoms(use_true_random=False))
def test_the_order_in_which_months_come_does_not_matter(given_months, random):
    shuffled = list(given_months)
    random.shuffle(shuffled)
    assert without_gaps(shuffled) == without_gaps(given_months)
