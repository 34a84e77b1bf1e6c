"""Released figures as others read them: lines, tables, charts, CSV, and nothing that was withheld."""

import csv
import io
import random
from typing import Any

import pytest

from assessments import actions, figures
from assessments.exports import cell, figures_csv, own_csv
from assessments.headcounts import Count
from assessments.models import Wave
from rollout.models import Person, Team

from .conftest import Cast
from .surveying import LATER, a_wave, staff

pytestmark = pytest.mark.django_db
WITHHELD = "withheld to protect privacy"


def answers(rng: random.Random) -> list[int]:
    return [rng.randint(1, 5) for _item in range(30)]


@pytest.fixture
def closed(cast: Cast) -> Wave:
    """Twelve answered in Intake, eleven in Night, four in Small; Small must not be told from the rest."""
    rng = random.Random(3)
    night = Team.objects.create(agency=cast.agency, name="Night")
    small = Team.objects.create(agency=cast.agency, name="=Small")
    people = (
        staff(cast.agency, cast.team, 12)
        + staff(cast.agency, night, 11, "N")
        + staff(cast.agency, small, 4, "S")
    )
    wave = a_wave(cast.agency)
    actions.submit_many(wave, {one.pk: answers(rng) for one in people}, LATER)
    actions.close_wave(wave, by=None, at=LATER)
    return Wave.objects.select_related("release").get(pk=wave.pk)


def test_small_groups_and_what_would_give_them_away_are_withheld(closed: Wave):
    found = figures.released_wave(closed)
    shown = {group.name: group.shown for group in found.release.groups}
    assert shown == {"Clearwater Family Services": True, "Intake": True, "Night": False, "=Small": False}


def test_a_line_says_how_many_answered_only_from_k_on(cast: Cast):
    people = staff(cast.agency, cast.team, 9)
    wave = a_wave(cast.agency)
    actions.submit_many(wave, {one.pk: [3] * 30 for one in people[:4]}, LATER)
    actions.refresh_answered_counts(LATER)
    [line] = figures.wave_lines(cast.agency)
    assert (line.invited, line.answered, line.closed_at) == (12, None, None)
    actions.submit_many(wave, {one.pk: [3] * 30 for one in people[4:]}, LATER)
    Wave.objects.update(answered_shown={})
    actions.refresh_answered_counts(LATER)
    assert figures.wave_lines(cast.agency)[0].answered == 9


def test_of_a_closed_wave_a_line_says_the_released_n(cast: Cast, closed: Wave):
    [line] = figures.wave_lines(cast.agency)
    assert (line.invited, line.answered, line.is_baseline) == (30, 27, True)


def test_nothing_is_released_of_an_open_wave(cast: Cast):
    wave = a_wave(cast.agency)
    assert figures.released_wave(wave) is None
    assert figures.released(cast.agency, tryouts=True) == []


def test_another_agencys_waves_stay_out(cast: Cast, closed: Wave):
    assert figures.wave_lines(cast.other) == []
    assert figures.released(cast.other, tryouts=True) == []


def test_many_waves_take_as_many_queries_as_one(cast: Cast, closed: Wave, django_assert_num_queries: Any):
    for number in range(4):
        wave = a_wave(cast.agency, label="midpoint", at=LATER)
        actions.close_wave(wave, by=None, at=LATER)
        assert number < 4
    with django_assert_num_queries(1):
        assert len(figures.wave_lines(cast.agency)) == 5
    with django_assert_num_queries(1):
        assert len(figures.released(cast.agency, tryouts=True)) == 5


def test_the_csv_holds_the_released_rows_and_nothing_withheld(closed: Wave):
    found = figures.released_wave(closed)
    text = figures_csv(found)
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert len(rows) == 1 + 4 * 3
    by_group = {row[0]: row for row in rows[1:]}
    assert by_group["Night"][1:4] == [WITHHELD] * 3
    assert by_group["Night"][5:] == [WITHHELD] * 6
    agency = next(row for row in rows if row[4] == "CS")
    assert agency[1:4] == ["30", "27", "90"]
    assert agency[5] == f"{found.agency.cells[0].mean:g}"


def test_a_name_that_would_be_a_formula_is_defused(closed: Wave):
    rows = list(csv.reader(io.StringIO(figures_csv(figures.released_wave(closed)))))
    assert "'=Small" in {row[0] for row in rows}
    for dangerous in ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx"):
        assert cell(dangerous) == f"'{dangerous}"
    assert (cell("-4.5"), cell("Intake")) == ("-4.5", "Intake")
    assert (
        own_csv(
            [
                {
                    "agency": "=x",
                    "wave": "w",
                    "instrument": "i",
                    "opened": "o",
                    "answers": {"1": None},
                    "scores": {},
                }
            ]
        ).splitlines()[1]
        == "'=x,w,i,o,answer,1,"
    )


def test_counts_and_rates_are_said_as_released():
    assert [figures.people_text(one) for one in (Count(57, 57), Count(10, 19), Count(5, None), None)] == [
        "57", "10–19", "5 or more", WITHHELD,
    ]  # fmt: skip
    assert [figures.rate_text(one) for one in ((84, 84), (62, 95), None)] == [
        "84\xa0%",
        "62–95\xa0%",
        WITHHELD,
    ]


@pytest.mark.parametrize(
    ("kept", "invited", "said"),
    [
        ([10, 19], 16, "10–16"),
        ([10, 19], 19, "10–19"),
        ([10, 19], 40, "10–19"),
        ([10, 19], 10, "10"),
        ([5, None], 16, "5 or more"),
        ([5, None], 5, "5"),
        ([57, 57], 60, "57"),
    ],
)
def test_a_band_never_ends_above_the_invited(closed: Wave, kept: list[int | None], invited: int, said: str):
    rows = closed.release.figures
    for row in rows:
        if row["n"]:
            row.update(n=kept, invited=invited)
    found = figures.released_wave(closed)
    assert {figures.people_text(group.n) for group in found.release.groups} == {said, WITHHELD}
    assert {row[2] for row in figures.table(found)} == {"people", said, WITHHELD}


def test_the_chart_of_levels_shows_what_is_withheld_as_withheld(closed: Wave):
    found = figures.released_wave(closed)
    chart = figures.level_chart(found, "BO", uid="t")
    rows = {row[0]: row for row in chart.rows}
    assert rows["3 teams"][2:] == (WITHHELD,) * 3, "one line for Intake, Night and =Small"
    assert "Night" not in str(chart)
    assert sum(int(text.split("\xa0")[0]) for text in rows["Clearwater Family Services"][2:]) in (
        99,
        100,
        101,
    )
    assert chart.title.startswith("Burnout: Clearwater Family Services")


def test_direction_is_said_in_words(closed: Wave):
    found = figures.released_wave(closed)
    assert [found.direction(code) for code in found.release.scales] == [
        "Higher is better.", "Lower is better.", "Lower is better.",
    ]  # fmt: skip
    assert [found.short_name(code) for code in found.release.scales] == ["CS", "BO", "STS"]


def test_people_are_counted_where_they_stood_at_opening(cast: Cast):
    people = staff(cast.agency, cast.team, 12)
    night = Team.objects.create(agency=cast.agency, name="Night")
    wave = a_wave(cast.agency)
    Person.objects.filter(pk__in=[one.pk for one in people]).update(team=night)
    rng = random.Random(5)
    actions.submit_many(wave, {one.pk: answers(rng) for one in people}, LATER)
    actions.close_wave(wave, by=None, at=LATER)
    found = figures.released(cast.agency, tryouts=True)[0]
    assert [group.name for group in found.teams] == ["Intake"]
    assert found.teams[0].shown
