"""The sessions that would still close a gap: compared with trying every set there is."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout import makeup_search
from rollout.makeup_search import Gap, Option, smallest_set

MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
ONE, TWO, THREE, FOUR = 1, 2, 3, 4
"""Modules; the first two of curriculum 10, the others of 20."""
CURRICULUM = {ONE: 10, TWO: 10, THREE: 20, FOUR: 20}


def at(
    hours: float, *brings: tuple[int, int], pk: int = 0, length: float = 2, free: int | None = None
) -> Option:
    """A session so many hours after Monday morning."""
    start = MONDAY + timedelta(hours=hours)
    return Option(pk or int(hours * 2) + 1, start, start + timedelta(hours=length), brings, free)


def gap(required: dict[int, int], sure: dict[int, int] | None = None, *busy: tuple[float, float]) -> Gap:
    spans = tuple((MONDAY + timedelta(hours=a), MONDAY + timedelta(hours=b)) for a, b in busy)
    return Gap(required, CURRICULUM, sure or {}, spans)


def ids(found: tuple[Option, ...] | None) -> list[int] | None:
    return None if found is None else [option.id for option in found]


def test_nothing_lacking_needs_nothing():
    assert smallest_set(gap({10: 60}, {ONE: 60}), [at(0, (TWO, 60))]) == ()


def test_one_session_that_does_it_alone_is_better_than_two_earlier_ones():
    options = [at(0, (ONE, 60), pk=1), at(3, (TWO, 60), pk=2), at(50, (ONE, 60), (TWO, 60), pk=3)]
    assert ids(smallest_set(gap({10: 120}), options)) == [3]


def test_of_two_that_do_it_the_one_that_ends_first():
    assert ids(smallest_set(gap({10: 60}), [at(9, (ONE, 60), pk=1), at(4, (ONE, 60), pk=2)])) == [2]


def test_what_is_there_already_brings_nothing_again():
    assert smallest_set(gap({10: 120}, {ONE: 60}), [at(0, (ONE, 60))]) is None
    assert ids(smallest_set(gap({10: 120}, {ONE: 20, TWO: 60}), [at(0, (ONE, 60))])) == [1]


def test_minutes_beyond_one_requirement_do_not_fill_another():
    options = [at(0, (ONE, 600))]
    assert smallest_set(gap({10: 60, 20: 60}), options) is None
    assert ids(smallest_set(gap({10: 60, 20: 60}), [*options, at(5, (THREE, 60), pk=7)])) == [1, 7]


def test_nobody_is_in_two_places_at_once():
    options = [at(0, (ONE, 60), pk=1), at(1, (TWO, 60), pk=2)]
    assert smallest_set(gap({10: 120}), options) is None
    assert ids(smallest_set(gap({10: 120}), [*options, at(2, (TWO, 60), pk=3)])) == [1, 3]


def test_where_they_are_expected_already_they_cannot_make_up():
    assert smallest_set(gap({10: 60}, {}, (1, 3)), [at(0, (ONE, 60))]) is None
    assert ids(smallest_set(gap({10: 60}, {}, (2, 3)), [at(0, (ONE, 60))])) == [1]


def test_a_full_session_is_no_option():
    options = [at(0, (ONE, 60), pk=1, free=0), at(9, (ONE, 60), pk=2, free=1)]
    assert ids(smallest_set(gap({10: 60}), options)) == [2]


def test_a_module_of_no_requirement_is_no_option():
    assert smallest_set(gap({10: 60}), [at(0, (THREE, 60)), at(5, (99, 60))]) is None


def test_more_sessions_than_a_make_up_may_have_are_not_suggested(monkeypatch: pytest.MonkeyPatch):
    modules = dict.fromkeys(range(20), 10)
    seven = Gap({10: 70}, modules)
    options = [at(3 * number, (number, 10), pk=number + 1) for number in range(7)]
    assert smallest_set(seven, options) is None
    monkeypatch.setattr(makeup_search, "MOST_SESSIONS", 7)
    assert ids(smallest_set(seven, options)) == [1, 2, 3, 4, 5, 6, 7]


def test_a_search_that_takes_too_long_still_finds_a_set_that_does_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(makeup_search, "MOST_STEPS", 1)
    options = [at(0, (ONE, 60), pk=1), at(3, (TWO, 60), pk=2), at(50, (THREE, 60), pk=3)]
    assert ids(smallest_set(gap({10: 120}), options)) == [1, 2]


brings = st.lists(st.tuples(st.sampled_from([ONE, TWO, THREE, FOUR]), st.sampled_from([30, 60])), max_size=3)


@st.composite
def options(draw: st.DrawFn) -> list[Option]:
    """Up to seven sessions within three days, many of which overlap."""
    made = []
    for pk in range(1, draw(st.integers(0, 7)) + 1):
        start, length = draw(st.integers(0, 12)), draw(st.integers(1, 3))
        modules = tuple(dict(draw(brings)).items())
        made.append(at(start, *modules, pk=pk, length=length, free=draw(st.sampled_from([None, 0, 1]))))
    return made


def does_it(case: Gap, chosen: tuple[Option, ...]) -> bool:
    """Said anew: nobody twice at once, no full session, every requirement reached by each module's best."""
    spans = [(o.starts_at, o.ends_at) for o in chosen] + list(case.busy)
    for (a, b), (c, d) in combinations(spans, 2):
        if a < d and c < b:
            return False
    if any(o.free == 0 for o in chosen):
        return False
    best = dict(case.sure)
    for option in chosen:
        for module, minutes in option.brings:
            best[module] = max(best.get(module, 0), minutes)
    return all(
        sum(minutes for module, minutes in best.items() if CURRICULUM.get(module) == curriculum) >= need
        for curriculum, need in case.required.items()
    )


@settings(max_examples=400, deadline=None)
@given(
    options(),
    st.dictionaries(st.sampled_from([10, 20]), st.sampled_from([30, 60, 90, 120]), min_size=1),
    st.dictionaries(st.sampled_from([ONE, TWO, THREE, FOUR]), st.sampled_from([15, 30, 60]), max_size=3),
    st.booleans(),
)
def test_it_finds_what_trying_every_set_finds(made, required, sure, is_busy):
    case = gap(required, sure, *([(4.0, 6.0)] if is_busy else []))
    ordered = sorted(made, key=lambda option: (option.ends_at, option.starts_at, option.id))
    expected = None
    for size in range(len(made) + 1):
        fitting = [each for each in combinations(range(len(ordered)), size)
                   if does_it(case, tuple(ordered[place] for place in each))]  # fmt: skip
        if fitting:
            best = min(fitting, key=lambda each: each[::-1])
            expected = {ordered[place].id for place in best}
            break
    found = smallest_set(case, made)
    assert (None if found is None else {option.id for option in found}) == expected
    if found:
        assert list(found) == sorted(found, key=lambda option: option.starts_at)
