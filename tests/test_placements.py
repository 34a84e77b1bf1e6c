"""Who was where when: spans hold together whatever is written, and figures as of a date follow from them."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rollout import enrollment, placements
from rollout import roster_actions as actions
from rollout.imports import read_table
from rollout.models import Agency, Person, Placement, Team, User
from rollout.spans import Facts, Span, followed, stays, tidy, united

from .conftest import NOW
from .rosters import HEADER

TODAY = date(2026, 11, 21)
DAY, NEXT = date(2020, 1, 1), date(2020, 1, 2)
days = st.dates(date(2020, 1, 1), TODAY)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Facts, list[tuple[Facts, date]]]:
    """Somebody's first entry, then changes of every kind, each with the day it is said to hold from."""
    one = Facts(draw(st.integers(1, 3)), "", False, draw(st.none() | days), None)
    first, found = one, []
    for since in sorted(draw(st.lists(days, max_size=6))):
        kind = draw(st.sampled_from(["move", "supervise", "leave", "return", "hired"]))
        if kind == "move":
            one = Facts(draw(st.integers(1, 3)), one.job_title, one.supervises, one.hired_on, one.left_on)
        elif kind == "supervise":
            one = Facts(one.team_id, one.job_title, not one.supervises, one.hired_on, one.left_on)
        elif kind == "hired":
            hired = draw(st.none() | days)
            if hired and one.left_on and hired > one.left_on:
                continue
            one = Facts(one.team_id, one.job_title, one.supervises, hired, one.left_on)
        else:
            left = max(since, one.hired_on or since) if kind == "leave" else None
            one = Facts(one.team_id, one.job_title, one.supervises, one.hired_on, left)
        found.append((one, since))
    return first, found


def sound(spans: tuple[Span, ...]) -> None:
    """In order, none empty, none over another, at most the last one open."""
    for span in spans:
        assert span.from_on is None or span.until_on is None or span.from_on < span.until_on
    for before, after in pairwise(spans):
        assert before.until_on is not None
        assert after.from_on is not None
        assert before.until_on <= after.from_on
        assert (before.until_on, before.role) != (after.from_on, after.role)


@settings(max_examples=150)
@given(histories())
@example((Facts(1, "", False, DAY, None), [(Facts(1, "", False, DAY, day), day) for day in (DAY, NEXT)]))
def test_spans_hold_together_and_end_with_what_the_roster_says(history):
    was, changes = history
    spans = followed((), None, was, TODAY)
    for now, since in changes:
        spans = followed(spans, was, now, since)
        sound(spans)
        if now.left_on is None:
            assert (spans[-1].until_on, spans[-1].role) == (None, now.role)
        else:
            assert all(span.until_on is not None and span.until_on <= now.left_on for span in spans)
        assert followed(spans, now, now, since) == spans
        was = now


@given(histories(), histories())
def test_two_histories_together_cover_every_day_that_either_covers(one, other):
    def spans_of(history: Any) -> tuple[Span, ...]:
        was, spans = history[0], followed((), None, history[0], TODAY)
        for now, since in history[1]:
            spans, was = followed(spans, was, now, since), now
        return spans

    first, second = spans_of(one), spans_of(other)
    both = united(first, second)
    sound(both)
    for offset in range(0, 2600, 13):
        day = date(2019, 12, 1) + timedelta(days=offset)
        theirs = [span.role for span in first if span.holds(day)] or [
            span.role for span in second if span.holds(day)
        ]
        assert [span.role for span in both if span.holds(day)] == theirs
    assert united(first, ()) == united((), first) == tidy(first)


def test_a_move_that_is_entered_late_holds_from_its_own_day():
    here = Facts(1, "Caseworker", False, date(2024, 1, 8))
    spans = followed((), None, here, TODAY)
    moved = followed(spans, here, Facts(2, "Caseworker", False, date(2024, 1, 8)), date(2026, 10, 1))
    assert [(span.team_id, span.from_on, span.until_on) for span in moved] == [
        (1, date(2024, 1, 8), date(2026, 10, 1)),
        (2, date(2026, 10, 1), None),
    ]


@pytest.mark.parametrize(
    ("hired", "back"),
    [(date(2026, 11, 2), date(2026, 11, 2)), (date(2019, 5, 1), TODAY), (date(2020, 3, 1), TODAY)],
    ids=["a new day of hire is the day of return", "an old one says nothing", "nor one from before leaving"],
)
def test_whoever_comes_back_was_away_in_between(hired, back):
    was = Facts(1, "", False, date(2019, 5, 1), date(2025, 6, 1))
    spans = followed((), None, was, TODAY)
    found = followed(spans, was, Facts(1, "", False, hired, None), TODAY)
    assert stays(found) == [(date(2019, 5, 1), date(2025, 6, 1)), (back, None)]


# --- Written by every write ---------------------------------------------------------------------------------------


def told(person: Person) -> list[tuple[str, str, bool, date | None, date | None]]:
    rows = person.placements.select_related("team")
    return [
        (row.team.name if row.team else "", row.job_title, row.supervises, row.from_on, row.until_on)
        for row in rows
    ]


def edit(cast: Any, person: Person, since: date | None = None, **values: Any) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    enrollment.save_person(person, by=cast.leader, at=NOW, since=since)


def test_moving_leaving_and_coming_back_leave_their_days(cast):
    night = enrollment.save_team(Team(agency=cast.agency, name="Night"), by=cast.leader, at=NOW)
    person = Person(
        agency=cast.agency,
        team=cast.team,
        first_name="Ada",
        last_name="Moss",
        job_title="Aide",
        hired_on=date(2024, 1, 8),
    )
    edit(cast, person)
    edit(cast, person, team=night, since=date(2026, 3, 2))
    edit(cast, person, left_on=date(2026, 6, 1))
    edit(cast, person, left_on=None, since=date(2026, 9, 1))
    assert told(person) == [
        ("Intake", "Aide", False, date(2024, 1, 8), date(2026, 3, 2)),
        ("Night", "Aide", False, date(2026, 3, 2), date(2026, 6, 1)),
        ("Night", "Aide", False, date(2026, 9, 1), None),
    ]
    rows = list(person.placements.values_list("pk", "from_on"))
    edit(cast, person, email="ada@x.example")
    assert list(person.placements.values_list("pk", "from_on")) == rows


def test_who_supervises_is_written_down_for_the_old_and_the_new_one(cast):
    team, new = cast.team, cast.person(cast.staff)
    old = cast.person(cast.supervisor)
    team.supervisor = new
    enrollment.save_team(team, by=cast.leader, at=NOW)
    assert [(row[2], row[3]) for row in told(old)] == [(True, date(2024, 1, 8)), (False, TODAY)]
    assert [(row[2], row[3]) for row in told(new)] == [(False, date(2024, 1, 8)), (True, TODAY)]
    edit(cast, new, left_on=TODAY)
    assert told(new)[-1][2:] == (False, date(2024, 1, 8), TODAY)


def roster(agency: Agency, *lines: str, at: Any = NOW) -> None:
    table = read_table("\n".join([HEADER, *lines]).encode(), "r.csv")
    reading, done = actions.import_table(agency, table, at=at, confirmed=True)
    assert done, reading.preview.errors


ANA = "Ana,Lopez,ana@x.example,Aide,{team},,2024-01-31"
BEN = "Ben,Katz,ben@x.example,Aide,Intake,Ana Lopez,2024-02-28"


@pytest.fixture
def brook(db: None) -> Agency:
    return Agency.objects.create(name="Brook", slug="brook", time_zone="America/Denver")


def month(number: int) -> Any:
    return NOW.replace(month=number, day=5)


def test_files_month_after_month_write_moves_leavings_and_returns(brook):
    roster(brook, ANA.format(team="Intake"), BEN, at=month(5))
    roster(brook, ANA.format(team="Night"), BEN, at=month(6))
    roster(brook, BEN.replace("Ana Lopez", ""), at=month(7))
    roster(brook, ANA.format(team="Night"), BEN.replace("Ana Lopez", ""), at=month(9))
    ana, ben = brook.people.get(first_name="Ana"), brook.people.get(first_name="Ben")
    assert told(ana) == [
        ("Intake", "Aide", True, date(2024, 1, 31), date(2026, 6, 5)),
        ("Night", "Aide", True, date(2026, 6, 5), date(2026, 7, 5)),
        ("Night", "Aide", False, date(2026, 9, 5), None),
    ]
    assert told(ben) == [("Intake", "Aide", False, date(2024, 2, 28), None)]
    before = list(Placement.objects.values_list())
    roster(brook, ANA.format(team="Night"), BEN.replace("Ana Lopez", ""), at=month(10))
    assert list(Placement.objects.values_list()) == before


def test_figures_as_of_a_day_do_not_count_whoever_was_away(brook, django_assert_num_queries):
    roster(brook, ANA.format(team="Intake"), BEN, at=month(5))
    roster(brook, BEN.replace("Ana Lopez", ""), at=month(7))
    roster(brook, ANA.format(team="Night"), BEN.replace("Ana Lopez", ""), at=month(9))
    Person.objects.create(agency=brook, first_name="Old", last_name="Row", left_on=date(2026, 8, 3))
    gone = Person.objects.create(agency=brook, first_name="One", last_name="Twice", hired_on=date(2020, 1, 1))
    Person.objects.filter(pk=gone.pk).update(merged_into=brook.people.get(first_name="Ben"))
    counted = [placements.headcount_on(brook, date(2026, number, 6)) for number in (6, 7, 8, 9)]
    assert counted == [3, 2, 1, 2]
    assert placements.separations_between(brook, date(2026, 7, 1), date(2026, 8, 1)) == 1
    with django_assert_num_queries(1):
        found = placements.staff_by_month(brook, date(2026, 6, 15), TODAY)
    assert [(m.month.month, m.headcount, m.separations) for m in found] == [
        (6, 3, 0), (7, 2, 1), (8, 1, 1), (9, 2, 0), (10, 2, 0), (11, 2, 0),
    ]  # fmt: skip
    assert found[-1].on == TODAY
    ana = brook.people.get(first_name="Ana")
    with django_assert_num_queries(1):
        assert ana.pk not in placements.placed_on(brook, date(2026, 8, 6))
    assert placements.placed_on(brook, date(2026, 6, 6))[ana.pk].supervises


def test_another_agency_is_never_counted(cast, brook):
    everybody = placements.headcount_on(cast.agency, TODAY)
    roster(brook, ANA.format(team="Intake"), BEN)
    assert placements.headcount_on(cast.agency, TODAY) == everybody
    assert placements.headcount_on(brook, TODAY) == 2
    assert User.objects.filter(email="ana@x.example").exists()
