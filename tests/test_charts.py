"""Charts: what they say, where they put it, and what they never do."""

import re
import xml.etree.ElementTree as ET
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout import chart_parts, charts
from rollout.templatetags import ui

SVG = "{http://www.w3.org/2000/svg}"
NBSP = "\N{NO-BREAK SPACE}"
YEAR = [date(2026 + (5 + i) // 12, (5 + i) % 12 + 1, 1) for i in range(13)]
TODAY = date(2026, 11, 21)
BASELINE = charts.OutcomeWave(
    label="Baseline",
    opens_on=date(2026, 6, 22),
    closes_on=date(2026, 7, 6),
    closed=True,
    answered="104 of 118",
    means=(charts.ScaleMean("Satisfaction", 37.2, 36.1, 38.3), charts.ScaleMean("Burnout", 27)),
)
MIDPOINT = charts.OutcomeWave("Mid-point", date(2026, 11, 6), date(2026, 11, 27), False, "60 % so far")


def lanes(**changed):
    """The three lanes of an agency in mid-rollout."""
    given_values = {
        "dose": [
            charts.DoseMonth(month, n, 90) for month, n in zip(YEAR, (0, 32, 58, 74, 83, 82), strict=False)
        ],
        "calls": [charts.CallMark(n, date(2026, 7 + n, 17), held=n < 3) for n in range(1, 6)],
        "fidelity": [
            charts.FidelityMark(date(2026, 7, 8), "Foundations day 1", 0.92, 12),
            charts.FidelityMark(date(2026, 9, 17), "call 2", None, 0),
            charts.FidelityMark(date(2026, 8, 17), "call 1", 0.71, 12),
        ],
        "outcomes": [MIDPOINT, BASELINE],
        "today": TODAY,
        "months": YEAR,
    }
    return charts.timeline(**(given_values | changed))


def texts(chart):
    return ["".join(node.itertext()) for node in ET.fromstring(chart.svg).iter(f"{SVG}text")]


def nodes(chart, name, **attributes):
    found = ET.fromstring(chart.svg).iter(f"{SVG}{name}")
    return [node for node in found if all(node.get(k.replace("_", "-")) == v for k, v in attributes.items())]


def every_chart():
    levels = charts.stacked_levels(
        name="Burnout", rows=[charts.LevelRow("All", "104", (24, 62, 14))], uid="levels"
    )
    return [*lanes().charts, charts.scale_bar(name="Burnout", score=27, low=22, high=32, uid="bar"), levels]


# --- What every chart owes -----------------------------------------------------------------------


def test_every_chart_is_an_image_named_by_its_takeaway():
    for chart in every_chart():
        root = ET.fromstring(chart.svg)
        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert title.text == chart.title
        assert desc.text


def test_ids_differ_between_all_charts_of_a_page():
    ids = [found for chart in every_chart() for found in re.findall(r'id="([^"]+)"', chart.svg)]
    assert len(ids) == len(set(ids)) >= 10


def test_no_chart_brings_a_style_or_a_script():
    for chart in every_chart():
        assert not re.search(r"style|<script|\son\w+=|var\(|currentColor", chart.svg)


def test_every_row_has_a_cell_for_every_column():
    for chart in every_chart():
        assert chart.rows
        assert {len(row) for row in chart.rows} == {len(chart.columns)}


def test_names_with_markup_stay_text():
    nasty = '<b onclick="x">&"\''
    bar = charts.scale_bar(name=nasty, score=20, level=nasty, uid=nasty)
    wave = charts.OutcomeWave(
        nasty, date(2026, 7, 1), date(2026, 7, 9), True, nasty, (charts.ScaleMean(nasty, 20),)
    )
    levels = charts.stacked_levels(name=nasty, rows=[charts.LevelRow(nasty, nasty, None)], uid=nasty)
    fidelity = [charts.FidelityMark(date(2026, 7, 8), nasty, 0.9, 12)]
    for chart in (bar, levels, *lanes(outcomes=[wave], fidelity=fidelity).charts):
        assert "<b" not in chart.svg
        ET.fromstring(chart.svg)
    assert nasty in texts(levels)


def test_the_palette_is_the_light_half_of_the_style_sheet():
    folder = Path(__file__).parent.parent / "static/css"
    css = "".join((folder / name).read_text() for name in ("tokens.css", "charts.css"))
    light = dict(re.findall(r"--([\w-]+): light-dark\((#\w+),", css))
    assert {name: light.get(name) for name in chart_parts.PALETTE} == chart_parts.PALETTE
    for name in chart_parts.PALETTE:
        drawn = {f".f-{name}", f".s-{name}"} & set(re.findall(r"\.[fs]-[\w-]+", css))
        assert drawn, f"no dark override for {name}"


# --- The timeline --------------------------------------------------------------------------------


def test_dose_says_how_many_have_their_hours_and_how_many_calls_were_held():
    dose = lanes().dose
    assert dose.title == f"Dose: 91{NBSP}% of current staff have all their hours; 2 of 5 calls held"
    assert dose.rows[1] == ("July 2026", "Current staff with all hours", f"32 of 90 (36{NBSP}%)")
    assert len(nodes(dose, "rect")) == 6


def test_a_call_is_filled_when_held_open_when_planned_and_dashed_when_it_was_missed():
    dose = lanes().dose
    circles = nodes(dose, "circle")
    assert [("f-dose" in c.get("class"), bool(c.get("stroke-dasharray"))) for c in circles] == [
        (True, False),
        (True, False),
        (False, True),
        (False, True),
        (False, False),
    ]
    assert [row[2] for row in dose.rows[-5:]] == ["held", "held", *["not recorded as held"] * 2, "planned"]


def test_a_month_without_anybody_has_no_share():
    dose = lanes(dose=[charts.DoseMonth(YEAR[0], 0, 0)]).dose
    assert dose.title.startswith("Dose: – of current staff")
    assert dose.rows[0][2] == "0 of 0 (–)"


def test_fidelity_names_the_last_log_and_counts_those_under_the_threshold():
    fidelity = lanes().fidelity
    assert fidelity.title == (
        f"Delivery fidelity: 71{NBSP}% of points aired in call 1; 1 of 2 logs under 80{NBSP}%"
    )
    assert [row[1] for row in fidelity.rows] == ["Foundations day 1", "call 1", "call 2"]
    assert fidelity.rows[2] == ("Sept. 17, 2026", "call 2", "0", "–")


def test_a_log_under_the_threshold_is_open_and_one_on_it_is_filled():
    logs = [
        charts.FidelityMark(date(2026, 8, d), f"log {d}", score, 10) for d, score in ((1, 0.8), (2, 0.79))
    ]
    marks = nodes(lanes(fidelity=logs).fidelity, "circle")
    assert ["f-accent" in mark.get("class") for mark in marks] == [True, False]


def test_outcomes_show_released_means_and_say_that_a_wave_is_open():
    outcomes = lanes().outcomes
    assert outcomes.title == (
        "Outcomes, means: Baseline: Satisfaction 37.2, Burnout 27 (104 of 118); "
        "Mid-point is open (60 % so far)"
    )
    assert outcomes.columns == ("Wave", "Answered", "Satisfaction", "Burnout")
    assert outcomes.rows == (
        ("Baseline", "104 of 118", "37.2 (36.1 to 38.3)", "27"),
        ("Mid-point", "60 % so far", "open", "open"),
    )
    assert "Satisfaction 37.2" in texts(outcomes)


def test_an_open_wave_shows_no_mean_even_when_it_is_given_some():
    leaking = charts.OutcomeWave(
        "Now", TODAY, TODAY, False, "3 so far", (charts.ScaleMean("Satisfaction", 43.5),)
    )
    outcomes = lanes(outcomes=[leaking]).outcomes
    assert "43.5" not in outcomes.svg + outcomes.title + str(outcomes.rows)


def test_a_closed_wave_without_means_is_withheld_in_words():
    kept = charts.OutcomeWave("Extra", date(2026, 9, 1), date(2026, 9, 9), True, "under 5")
    outcomes = lanes(outcomes=[BASELINE, kept]).outcomes
    assert outcomes.rows[1] == ("Extra", "under 5", *["withheld to protect privacy"] * 2)
    assert "withheld" in texts(outcomes)
    assert "Extra is withheld to protect privacy" in outcomes.title


def test_each_scale_has_a_mark_of_its_own_shape():
    three = tuple(charts.ScaleMean(name, mean) for name, mean in (("A", 37), ("B", 27), ("C", 24)))
    wave = charts.OutcomeWave("Baseline", date(2026, 7, 1), date(2026, 7, 9), True, "104", three)
    outcomes = lanes(outcomes=[wave]).outcomes
    assert (len(nodes(outcomes, "circle")), len(nodes(outcomes, "rect")), len(nodes(outcomes, "path"))) == (
        1,
        1,
        1,
    )


def test_an_agency_that_has_just_begun_says_so_in_every_lane():
    begun = lanes(dose=[], calls=[], fidelity=[], outcomes=[])
    assert [chart.title for chart in begun.charts] == [
        "Dose: no hours yet; no calls planned yet",
        "Delivery fidelity: no log yet",
        "Outcomes: no wave yet",
    ]
    assert "No log yet" in texts(begun.fidelity)


@pytest.mark.parametrize("months", [[], [date(2026, 6, 2)], [date(2026, 6, 1), date(2026, 8, 1)]])
def test_months_must_follow_one_another(months):
    with pytest.raises(ValueError, match="consecutive months"):
        lanes(months=months)


def test_the_same_day_lies_at_the_same_place_in_all_lanes():
    at = {line.get("x1") for chart in lanes().charts for line in nodes(chart, "line", stroke_width="1.5")}
    assert len(at) == 1
    outside = lanes(today=date(2030, 1, 1))
    assert not [line for chart in outside.charts for line in nodes(chart, "line", stroke_width="1.5")]


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_no_day_is_drawn_outside_the_picture(day):
    assert 0 < chart_parts.Axis(tuple(YEAR)).x(day) < 100


def test_a_fixed_width_is_written_in_pixels():
    assert all('width="640"' in chart.svg for chart in lanes(width=640).charts)


# --- Own result ----------------------------------------------------------------------------------


def test_an_own_result_tells_score_level_and_interval():
    bar = charts.scale_bar(
        name="Compassion satisfaction", score=38, level="average", low=34, high=42, uid="cs"
    )
    assert bar.title == "Compassion satisfaction: 38 of 50, average; likely between 34 and 42"
    assert bar.rows == (("Compassion satisfaction", "38", "average", "34–42"),)


@pytest.mark.parametrize(
    ("score", "zone"), [(10, "low"), (22, "low"), (23, "average"), (41, "average"), (42, "high")]
)
def test_the_zone_of_the_score_is_the_bold_one(score, zone):
    bar = charts.scale_bar(name="Burnout", score=score, uid="bo")
    assert [node.text for node in nodes(bar, "text", font_weight="600")] == [zone]


def test_a_scale_without_a_score_has_no_dot():
    bar = charts.scale_bar(name="Burnout", score=None, uid="bo")
    assert bar.title == "Burnout: not scored"
    assert bar.rows == (("Burnout", "not scored", "–", "–"),)
    assert nodes(bar, "circle") == []


# --- Levels --------------------------------------------------------------------------------------


def test_levels_are_drawn_in_their_shares():
    chart = charts.stacked_levels(
        name="Burnout", rows=[charts.LevelRow("All", "104 of 118", (24, 62, 14))], uid="b"
    )
    assert [node.get("width") for node in nodes(chart, "rect", stroke_width="1")] == ["24%", "62%", "14%"]
    assert chart.title == f"Burnout: All 24{NBSP}% low, 62{NBSP}% average, 14{NBSP}% high"
    assert f"average 62{NBSP}%" in texts(chart)


def test_a_withheld_group_is_hatched_and_leaves_no_figure():
    rows = [charts.LevelRow("All", "104", (24, 62, 14)), charts.LevelRow("Night", "under 5", None)]
    chart = charts.stacked_levels(name="Burnout", rows=rows, uid="b")
    assert chart.rows[1] == ("Night", "under 5", *["withheld to protect privacy"] * 3)
    assert "withheld to protect privacy" in texts(chart)
    assert len(nodes(chart, "rect", fill="url(#b-hatch)")) == 2
    assert len(nodes(chart, "rect", stroke_width="1")) == 3


def test_a_long_name_never_runs_into_the_number_of_people():
    long, people = "Community Outreach and Family Preservation, Late and Weekend", "10 to 19 of 24 invited"
    rows = [charts.LevelRow(name, people, (20, 60, 20), tenths=True) for name in ("Night", long, "Intake")]
    chart = charts.stacked_levels(name="Burnout", rows=rows, uid="b")
    lines: dict[float, list[str]] = {}
    for node in nodes(chart, "text"):
        if node.get("text-anchor") != "middle":
            lines.setdefault(float(node.get("y")), []).append(node.text)
    assert " ".join(text for line in lines.values() for text in line if text in long) == long
    assert max(len(" ".join(line)) for line in lines.values()) <= 44
    bars = [float(node.get("y")) for node in nodes(chart, "rect", stroke_width="1")]
    assert len(set(bars)) == len(rows)
    assert not any(bar < y < bar + 30 for bar in bars for y in lines)


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="add up to 100"):
        charts.stacked_levels(name="Burnout", rows=[charts.LevelRow("All", "104", (24, 62, 24))], uid="b")


def test_rounded_shares_fill_the_bar_exactly():
    chart = charts.stacked_levels(name="Burnout", rows=[charts.LevelRow("All", "9", (33, 33, 33))], uid="b")
    widths = [float(node.get("width")[:-1]) for node in nodes(chart, "rect", stroke_width="1")]
    assert sum(widths) == pytest.approx(100, abs=0.05)


# --- Small parts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (0, "0"), (0.004, "1"), (0.876, "88"), (0.999, "99"), (1, "100")],
)
def test_a_per_cent_never_claims_all_or_nothing_too_early(share, text):
    assert charts.percent_text(share) == (text if share is None else f"{text}{NBSP}%")


@pytest.mark.parametrize(("value", "total", "width"), [(13, 17, "76.47%"), (20, 17, "100%"), (3, 0, "0%")])
def test_a_meter_stays_between_empty_and_full(value, total, width):
    svg = charts.meter(value, total)
    assert f'width="{width}"' in svg.split("<rect")[2]
    assert 'aria-hidden="true"' in svg


@given(st.lists(st.floats(0, 200), min_size=1, max_size=6))
def test_labels_keep_their_order_and_their_distance(wanted):
    placed = chart_parts.spread(wanted, 14, 40, 160)
    ordered = [y for _want, y in sorted(zip(wanted, placed, strict=True))]
    assert all(b - a >= 14 - 1e-6 for a, b in pairwise(ordered))
    assert all(40 - 1e-6 <= y <= 160 + 1e-6 for y in placed)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(720, "12 h"), (450, "7½ h"), (30, "½ h"), (50, "50 min"), (80, "1 h 20 min"), (0, "0 h"), (None, "–")],
)
def test_minutes_are_said_as_clock_hours(minutes, text):
    assert ui.hours(minutes) == text


def test_a_moment_is_shown_in_the_agencys_zone():
    at = datetime(2026, 12, 3, 17, 0, tzinfo=ZoneInfo("UTC"))
    there = ui.local(at, "America/Denver")
    assert (ui.day(there), ui.clock(there)) == ("Thursday, December 3, 2026", "10 a.m.")
    assert ui.local(None, "America/Denver") is None
