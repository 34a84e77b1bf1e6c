"""Charts where they stand: the overview, a series, the report on paper; the same figures everywhere."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from cecert_site import glance, trends
from cecert_site.picture import picture
from cecert_site.reports import report_pdf, rollout_report
from consultation.models import Series
from rollout.models import Person

from .conftest import NOW
from .midway import midway, staff, wave
from .test_report import text_of

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def on_a_saturday_in_november():
    glance.KEPT.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def plain(text):
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " "))


def test_the_overview_shows_coverage_and_dose_with_their_tables(cast, as_):
    midway(cast)
    html = as_(cast.leader).get("/agencies/clearwater/").content.decode()
    seen = picture(cast.agency, NOW)
    for chart in (trends.coverage(seen), trends.dose(seen)):
        assert str(chart.svg) in html
        for row in chart.rows:
            assert all(cell in html for cell in row)
    assert "Coverage: 93 % of current staff have all Foundations hours, 14 of 15 on Nov. 21, 2026" in plain(
        html
    )
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "no id twice"


def test_coverage_falls_with_turnover(cast):
    midway(cast)
    trained = Person.objects.filter(agency=cast.agency, last_name__in=["000", "001", "002"])
    trained.update(left_on=date(2026, 10, 5))
    newcomers = staff(cast.agency, cast.team, 3, prefix="New")
    Person.objects.filter(pk__in=[one.pk for one in newcomers]).update(hired_on=date(2026, 11, 2))
    chart = trends.coverage(picture(cast.agency, NOW))
    assert [plain(" ".join(row)) for row in chart.rows[-3:]] == [
        "Sept. 30, 2026 15 14 93 % 0 0",
        "Oct. 31, 2026 12 11 92 % 0 3",
        "Nov. 21, 2026 15 11 73 % 3 0",
    ]
    assert "3 people who had them have left since" in chart.title


def test_nobody_is_named_in_a_chart(cast, as_):
    midway(cast)
    seen = picture(cast.agency, NOW)
    charts = [trends.coverage(seen), trends.dose(seen), trends.fidelity(seen)]
    charts += [chart for _name, chart in trends.airing(seen)]
    said = " ".join(f"{chart.svg} {chart.rows}" for chart in charts)
    assert len(charts) == 4
    for person in cast.agency.people.all():
        assert person.last_name not in said.split()
        assert person.email not in said


def test_paper_holds_each_chart_with_its_figures_and_its_words(cast):
    midway(cast)
    report = rollout_report(cast.agency, NOW)
    text = text_of(report_pdf(report))
    for chart in (report.coverage, report.dose, report.fidelity_months, *(c for _n, c in report.airing)):
        assert plain(chart.title) in text
        for row in chart.rows:
            for cell in row:
                assert plain(cell) in text
    # Out of the pictures themselves.
    for words in (
        "Outline: current staff",
        "Outline: hours planned",
        "Calls held of planned",
        "partly, counts half",
    ):
        assert words in text


def test_means_over_the_waves_need_two_closed_ones_and_say_what_is_withheld(cast):
    midway(cast)
    assert trends.means(picture(cast.agency, NOW)) == ()
    mid = cast.agency.waves.get(label="midpoint")
    from assessments import actions as waves

    waves.close_wave(mid, by=cast.leader, at=NOW)
    wave(cast.agency, "end", NOW - timedelta(days=1), cast.leader, answers=3, close=False)
    seen = picture(cast.agency, NOW)
    found = trends.means(seen)
    assert [chart.columns[1] for chart in found] == [
        "Compassion satisfaction, mean",
        "Burnout, mean",
        "Secondary traumatic stress, mean",
    ]
    released = {one.line.label: one.agency for one in seen.released}
    for place, chart in enumerate(found):
        rows = {row[0]: row[1:] for row in chart.rows}
        assert rows["Baseline"][0] == f"{released['Baseline'].cells[place].mean:.1f}"
        assert rows[list(rows)[-1]][:2] == ("still open", "–")


def test_a_wave_too_small_is_a_gap_in_the_means(cast):
    midway(cast)
    mid = cast.agency.waves.get(label="midpoint")
    from assessments import actions as waves

    waves.close_wave(mid, by=cast.leader, at=NOW)
    release = mid.release
    for row in release.figures:
        row |= {"shown": False, "n": None, "rate": None, "invited": None, "mean": None, "interval": None}
        row |= {"levels": None}
    type(release).objects.filter(pk=release.pk).update(figures=release.figures)
    for chart in trends.means(picture(cast.agency, NOW)):
        assert chart.rows[-1] == ("Mid-point", "withheld to protect privacy", "–", "withheld")
        assert chart.title.endswith("Mid-point: withheld to protect privacy")


def test_a_young_agency_has_charts_that_say_there_is_nothing_yet(cast, as_):
    html = as_(cast.leader).get("/agencies/clearwater/").content.decode()
    assert "Dose: nothing is planned yet" in html
    assert trends.fidelity(picture(cast.agency, NOW)) is None


def test_a_series_without_a_log_has_no_heat_map(cast, as_):
    found = midway(cast)
    page = f"/series/{found.series.uuid}/"
    assert "Points aired in 4 logged calls: least often C1, 3 of 4 times" in (
        as_(cast.leader).get(page).content.decode()
    )
    Series.objects.get().calls.first().logs.model.objects.all().delete()
    assert "Points aired, call by call" not in as_(cast.leader).get(page).content.decode()
