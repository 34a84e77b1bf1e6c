"""Charts beyond the timeline: their marks lie where their figures say, and their tables say the same."""

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cecert_site.swatches import colors, contrast
from rollout import chart_grid, chart_lines, chart_months, chart_parts, charts
from rollout.coverage import Stay, coverage_by_month

from .test_charts import NBSP, SVG, nodes, texts

TODAY = date(2026, 11, 21)
JUNE = date(2026, 6, 1)
NASTY = '<b onclick="x">&"\''


def coverage(people=10, trained=7, leaving=2):
    """Everybody there from the start; some trained in July, some of those gone in September."""
    stays = [
        Stay(None, date(2026, 9, 9) if n < leaving else None, date(2026, 7, 8) if n < trained else None)
        for n in range(people)
    ]
    return coverage_by_month(stays, JUNE, TODAY)


def bars():
    return [
        charts.DoseBar(date(2026, 7, 1), credited=765, planned=1440),
        charts.DoseBar(date(2026, 8, 1), held=1, calls=1),
        charts.DoseBar(date(2026, 10, 1), credited=720, planned=360, held=0, calls=1),
        charts.DoseBar(date(2026, 12, 1), planned=64_800, calls=2),
    ]


def grid(**changed):
    values = {
        "columns": ["1", "2", "4"],
        "points": [
            charts.GridPoint("C1", "Asked after.", ("aired", "aired", "aired")),
            charts.GridPoint("C2", "Tried out in the call.", ("partly", "missed", "na")),
            charts.GridPoint("C3", "Tied to work.", ("aired", None, "aired")),
        ],
        "sums": [charts.GridSum("All", ((Fraction(5, 2), 3), (Fraction(1), 2), (Fraction(2), 2)))],
        "uid": "grid",
    }
    return charts.heat_map(**(values | changed))


def waves():
    return [
        charts.LinePoint(date(2026, 6, 23), "Baseline", 37.2, 36.1, 38.3, "104 of 118"),
        charts.LinePoint(date(2026, 11, 27), "Mid-point", why="withheld to protect privacy"),
        charts.LinePoint(date(2027, 5, 3), "Follow-up 1", 38.0, 36.8, 39.2, "88 of 110"),
        charts.LinePoint(date(2027, 11, 3), "Follow-up 2", 36.5, 35.2, 37.8, "85 of 108"),
    ]


def means(points=None, **changed):
    values = {"name": "Satisfaction, mean", "interval": "95 % interval", "uid": "means"}
    return charts.interval_line(points=waves() if points is None else points, **(values | changed))


def every_kind():
    return [
        charts.coverage_chart(coverage(), uid="coverage"),
        charts.dose_bars(bars(), TODAY, uid="dose"),
        grid(),
        means(),
        means(band=True, uid="band", scale=charts.Scale(0, 50, threshold=30)),
    ]


def number(text):
    return float(text.removesuffix("%"))


def heights(chart, css):
    """Top and bottom in pixels of every box of a color, from left to right."""
    found = [node for node in nodes(chart, "rect") if css in node.get("class", "").split()]
    found.sort(key=lambda node: number(node.get("x")))
    return [(number(n.get("y")), number(n.get("y")) + number(n.get("height"))) for n in found]


# --- What every chart owes -----------------------------------------------------------------------


def test_every_chart_is_named_described_and_has_the_same_figures_as_rows():
    for chart in every_kind():
        root = ET.fromstring(chart.svg)
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title").text == chart.title
        assert root.find(f"{SVG}desc").text == chart.description != ""
        assert chart.rows
        assert {len(row) for row in chart.rows} == {len(chart.columns)}


def test_no_letters_are_smaller_than_twelve_pixels():
    for chart in every_kind():
        sizes = {float(node.get("font-size")) for node in nodes(chart, "text")}
        assert sizes
        assert min(sizes) >= 12


def test_everything_lies_inside_the_picture():
    for chart in every_kind():
        tall = float(ET.fromstring(chart.svg).get("height"))
        for node in nodes(chart, "rect"):
            assert 0 <= number(node.get("x")) <= 100
            assert number(node.get("width")) >= 0
            if node.get("width").endswith("%") and node.get("y") != "0":
                assert number(node.get("x")) + number(node.get("width")) <= 100.01
            assert 0 <= number(node.get("y")) <= number(node.get("y")) + number(node.get("height")) <= tall
        for node in [*nodes(chart, "text"), *nodes(chart, "circle"), *nodes(chart, "line")]:
            across = [node.get(key) for key in ("x", "cx", "x1", "x2") if node.get(key)]
            down = [node.get(key) for key in ("y", "cy", "y1", "y2") if node.get(key)]
            assert all(0 <= number(value) <= 100 for value in across)
            assert all(0 <= number(value) <= tall for value in down)


def test_colors_are_attributes_for_paper_and_classes_for_the_dark():
    for chart in every_kind():
        painted = 0
        for node in ET.fromstring(chart.svg).iter():
            for attribute, letter in (("fill", "f"), ("stroke", "s")):
                color = node.get(attribute)
                if color is None or color == "none":
                    continue
                named = [name for name, value in chart_parts.PALETTE.items() if value == color]
                classes = node.get("class", "").split()
                assert any(f"{letter}-{name}" in classes for name in named), ET.tostring(node)
                painted += 1
        assert painted > 5


def test_no_chart_brings_a_style_a_script_or_an_address():
    for chart in every_kind():
        assert not re.search(r"style|<script|\son\w+=|var\(|currentColor|href", chart.svg)


def test_names_with_markup_stay_text():
    point = charts.GridPoint(NASTY, NASTY, ("aired",))
    for chart in (
        charts.heat_map(
            columns=[NASTY], points=[point], sums=[charts.GridSum(NASTY, ((Fraction(1), 1),))], uid=NASTY
        ),
        means([charts.LinePoint(TODAY, NASTY, 20, n=NASTY)], name=NASTY, interval=NASTY),
        means([charts.LinePoint(TODAY, NASTY, why=NASTY)], name=NASTY),
    ):
        assert "<b" not in chart.svg
        assert NASTY in "".join(ET.fromstring(chart.svg).itertext())


@given(st.text(max_size=40))
def test_any_text_in_any_place_stays_one_element(text):
    allowed = "".join(c for c in text if c.isprintable() or c == " ")
    node = ET.fromstring(chart_parts.element("text", allowed, css=allowed, data_name=allowed))
    assert (node.text or "", node.get("data-name"), list(node)) == (allowed, allowed, [])


def test_coordinates_keep_their_point_in_every_language():
    with translation.override("de"):  # a language with a comma: the product's own two have a point
        elsewhere = [chart.svg for chart in every_kind()]
        assert chart_parts.number(12.5) == "12,5"
        assert means(waves()[:1]).rows[0][1] == "37,2"
        assert charts.dose_bars(bars(), TODAY, uid="d").rows[3][2] == "1.080"
    for svg in elsewhere:
        assert not re.search(r'\s(x|y|x1|x2|y1|y2|cx|cy|width|height|r)="[^"]*,', svg)


@pytest.mark.parametrize("half", [0, 1], ids=["light", "dark"])
def test_marks_stand_out_from_the_ground_or_from_their_edge(half):
    shade = {name: pair[half] for name, pair in colors().items()}
    on_surface = ("dose", "accent", "warn", "plum", "ink", "muted", "line-strong", "level-3")
    thin = [name for name in on_surface if contrast(shade[name], shade["surface"]) < 3]
    # The pale levels are told apart by an edge around each, which stands out from both.
    thin += [n for n in ("level-1", "level-2", "surface") if contrast(shade["ink"], shade[n]) < 3]
    # A sign in its box: the tick on the filled one, ½ on the half-filled one.
    thin += ["tick"] if contrast(shade["surface"], shade["level-3"]) < 3 else []
    thin += ["half"] if contrast(shade["ink"], shade["level-2"]) < 4.5 else []
    assert thin == []


# --- Coverage ------------------------------------------------------------------------------------


def test_coverage_names_its_denominator_and_how_many_left():
    chart = charts.coverage_chart(coverage(), uid="c")
    assert chart.title == (
        f"Coverage: 62{NBSP}% of current staff have all Foundations hours, 5 of 8 on Nov. 21, 2026; "
        "2 people who had them have left since June 2026"
    )
    assert chart.rows[1] == ("July 31, 2026", "10", "7", f"70{NBSP}%", "0", "0")
    assert chart.rows[3] == ("Sept. 30, 2026", "8", "5", f"62{NBSP}%", "0", "2")


def test_a_filled_bar_stands_within_its_outline_in_their_proportion():
    chart = charts.coverage_chart(coverage(), uid="c")
    outlines, filled = heights(chart, "f-surface"), heights(chart, "f-dose")
    assert (len(outlines), len(filled)) == (6, 5), "nobody was trained in June"
    for (top, floor), (filled_top, filled_floor), row in zip(
        outlines[1:], filled, chart.rows[1:], strict=True
    ):
        assert filled_floor == floor
        share = int(row[2]) / int(row[1])
        assert (floor - filled_top) / (floor - top) == pytest.approx(share, abs=0.001)


@given(st.integers(1, 200), st.data())
def test_more_people_never_make_a_lower_bar(most, data):
    trained = data.draw(st.integers(0, most))
    leaving = data.draw(st.integers(0, most))
    months = coverage(most, trained, leaving)
    tops = [top for top, _floor in heights(charts.coverage_chart(months, uid="c"), "f-surface")]
    people = [month.people for month in months if month.people]
    for (one, high), (two, low) in pairwise(zip(people, tops, strict=True)):
        assert (one > two) == (high < low) or abs(high - low) <= 0.01


def test_each_month_has_its_figure_and_a_phone_the_last_one():
    chart = charts.coverage_chart(coverage(), uid="c")
    shown = [node for node in nodes(chart, "text") if "%" in (node.text or "")]
    assert len(shown) == 6
    assert ["wide-only" in node.get("class") for node in shown] == [True] * 5 + [False]


def test_no_month_and_nobody_are_said_in_words():
    empty = charts.coverage_chart((), uid="c")
    assert empty.title == "Coverage of current staff: no month to count yet"
    assert (empty.rows, "No month yet" in texts(empty)) == ((), True)
    nobody = charts.coverage_chart(coverage_by_month([], JUNE, TODAY), uid="c")
    assert nobody.title == "Coverage of current staff: no month to count yet"
    assert {row[3] for row in nobody.rows} == {"–"}


def test_three_years_keep_their_labels_apart():
    months = coverage_by_month([Stay(None, None, JUNE)], date(2023, 12, 1), TODAY)
    chart = charts.coverage_chart(months, uid="c")
    assert len(months) == 36
    assert len([text for text in texts(chart) if "%" in text]) == 18
    narrow = [n for n in nodes(chart, "text") if n.get("y") == "175" and "wide" not in n.get("class")]
    assert 4 <= len(narrow) <= 7


# --- Dose against the plan -----------------------------------------------------------------------


def test_dose_counts_what_is_due_and_lists_every_month():
    chart = charts.dose_bars(bars(), TODAY, uid="d")
    assert chart.title == (
        "Dose through November 2026: 24.8 of 30 planned hours credited, everybody together; 1 of 2 calls held"
    )
    assert chart.rows == (
        ("July 2026", "12.8", "24", "0", "0"),
        ("August 2026", "0", "0", "1", "1"),
        ("October 2026", "12", "6", "0", "1"),
        ("December 2026", "0", "1,080", "0", "2"),
    )


def test_hours_are_drawn_to_one_scale_and_more_than_planned_is_seen():
    chart = charts.dose_bars(bars()[:3], TODAY, uid="d")
    planned, credited = heights(chart, "s-dose"), heights(chart, "f-dose")
    tall = [floor - top for top, floor in (*planned, *credited)]
    assert [each / tall[0] for each in tall] == pytest.approx([1, 0.25, 765 / 1440, 0.5], abs=0.001)
    boxes = [n for n in nodes(chart, "rect") if {"f-dose", "s-dose"} & set(n.get("class").split())]
    narrow = [number(n.get("width")) for n in boxes if "f-dose" in n.get("class")]
    wide = [number(n.get("width")) for n in boxes if "s-dose" in n.get("class")]
    assert max(narrow) < min(wide)


def test_calls_stand_below_their_month_as_held_of_planned():
    chart = charts.dose_bars(bars(), TODAY, uid="d")
    found = [node for node in nodes(chart, "text") if re.fullmatch(r"\d+/\d+", node.text or "")]
    assert [(node.text, node.get("font-weight")) for node in found] == [
        ("1/1", "600"),
        ("0/1", None),
        ("0/2", None),
    ]
    places = [number(node.get("x")) for node in found]
    assert places == sorted(places)


def test_an_agency_without_a_plan_says_so():
    chart = charts.dose_bars([], TODAY, uid="d")
    assert (chart.title, chart.rows) == ("Dose: nothing is planned yet", ())


# --- Heat map ------------------------------------------------------------------------------------


def test_every_answer_has_a_sign_of_its_own_shape():
    chart = grid()
    paths = [node.get("d") for node in nodes(chart, "path")]
    tick, cross, dash = "M-4.5 .5L-1.5 3.5L4.5 -3.5", chart_grid.CROSS, "M-4 0H4"
    assert [paths.count(d) for d in (tick, cross, dash)] == [6, 2, 2], "each once more in the key"
    assert texts(chart).count("½") == 2
    assert len({tick, cross, dash}) == 3


def test_a_point_not_asked_in_a_call_leaves_its_place_empty():
    found = grid(points=[charts.GridPoint("C3", "Tied to work.", ("aired", None, "aired"))], sums=[])
    boxes = [n for n in nodes(found, "rect") if n.get("height") == "24"]
    assert [round(number(n.get("x")) / (chart_grid.CELLS / 10)) for n in boxes] == [0, 2]
    assert found.rows == (("C3 Tied to work.", "aired", "–", "aired", "2 of 2"),)


def test_the_table_says_in_words_what_the_signs_say():
    chart = grid()
    assert chart.columns == ("Point", "Call 1", "Call 2", "Call 4", "Aired")
    assert chart.rows[1:] == (
        ("C2 Tried out in the call.", "partly", "not aired", "did not apply", "½ of 2"),
        ("C3 Tied to work.", "aired", "–", "aired", "2 of 2"),
        ("All", "2½ of 3", "1 of 2", "2 of 2", "5½ of 7"),
    )
    assert {"½/2", "2/2", "5½/7"} <= set(texts(chart))


def test_the_title_names_what_is_aired_least():
    assert grid().title == "Points aired in 3 logged calls: least often C2, ½ of 2 times"
    whole = [charts.GridPoint("C1", "One.", ("aired", "na", "aired"))]
    assert grid(points=whole, sums=[]).title == (
        "Points aired: every point that applied was aired in 3 logged calls"
    )
    assert grid(columns=[], points=[], sums=[]).title == "Points aired, call by call: no log yet"


@pytest.mark.parametrize("count", [1, 3, 10, 12])
def test_columns_stay_apart_and_left_of_the_sums(count):
    point = charts.GridPoint("C1", "One.", ("aired",) * count)
    chart = grid(columns=[str(n) for n in range(count)], points=[point], sums=[])
    boxes = [(number(n.get("x")), number(n.get("width"))) for n in nodes(chart, "rect", height="24")]
    assert len(boxes) == count
    assert all(x + wide < after for (x, wide), (after, _wide) in pairwise(boxes))
    assert boxes[-1][0] + boxes[-1][1] <= chart_grid.CELLS
    assert max(wide for _x, wide in boxes) <= 8.4, "few calls do not blow up"


def test_a_long_point_wraps_and_makes_room_for_itself():
    words = "A real situation of a participant was worked through, without identifying anyone at all. " * 3
    long = charts.GridPoint("C3", words, ("aired",))
    short = charts.GridPoint("C4", "Short.", ("aired",))
    chart = grid(columns=["1"], points=[long, short], sums=[])
    assert all(len(text) <= chart_parts.LETTERS for text in texts(chart))
    tops = [number(n.get("y")) for n in nodes(chart, "rect", height="24")]
    lines = [n for n in nodes(chart, "text") if n.get("x") == "0%" and 92 < number(n.get("y")) < tops[0]]
    assert [len(lines), lines[0].text[:2], lines[2].text[-1]] == [3, "C3", "…"]
    below = next(n for n in nodes(chart, "text") if n.text == "C4 Short.")
    assert tops[0] + 24 < number(below.get("y")) - 12 < tops[1] - 12
    assert chart.rows[0][0] == f"C3 {words}".strip(), "the table has all of it"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="a cell for every column"):
        grid(points=[charts.GridPoint("C1", "One.", ("aired",))])


@pytest.mark.parametrize(("value", "text"), [("0", "0"), ("1/2", "½"), ("3", "3"), ("7/2", "3½")])
def test_halves_are_written_as_halves(value, text):
    assert charts.halves(Fraction(value)) == text


# --- Line with interval --------------------------------------------------------------------------


def solid(chart):
    """Lines of the curve itself, as (x1, x2)."""
    found = nodes(chart, "line", stroke_width="2")
    return [(number(n.get("x1")), number(n.get("x2"))) for n in found if n.get("x1") != n.get("x2")]


def test_a_withheld_figure_is_a_gap_and_is_said_in_words():
    chart = means()
    assert len(solid(chart)) == 1, "the line does not cross the gap"
    assert chart.title == (
        "Satisfaction, mean: Baseline 37.2; Follow-up 2 36.5 (95 % interval: 35.2 to 37.8); "
        "Mid-point: withheld to protect privacy"
    )
    assert chart.rows[1] == ("Mid-point", "withheld to protect privacy", "–", "–")
    gap = nodes(chart, "rect", stroke_dasharray="3 3")
    assert len(gap) == 1
    (left, right) = number(gap[0].get("x")), number(gap[0].get("x")) + number(gap[0].get("width"))
    assert not any(left < number(node.get("cx")) < right for node in nodes(chart, "circle"))


def test_a_gap_holds_no_figure_even_when_its_interval_is_given():
    leaking = charts.LinePoint(TODAY, "Now", None, 41.3, 44.4, why="withheld to protect privacy")
    chart = means([*waves()[:1], leaking])
    assert not re.search(r"41\.3|44\.4", chart.svg + chart.title + str(chart.rows))


def test_points_are_as_far_apart_as_their_days_and_as_high_as_their_figures():
    chart = means()
    dots = [(number(n.get("cx")), number(n.get("cy"))) for n in nodes(chart, "circle")]
    days = [point.on for point in waves() if point.value is not None]
    steps = [(b - a).days for a, b in pairwise(days)]
    (first, second) = (b[0] - a[0] for a, b in pairwise(dots))
    assert first / second == pytest.approx(steps[0] / steps[1], rel=0.01)
    assert dots[1][1] < dots[0][1] < dots[2][1], "38.0 above 37.2 above 36.5"


@given(st.lists(st.floats(-20, 80), min_size=2, max_size=6, unique=True))
def test_a_higher_figure_never_lies_lower_and_none_leaves_the_picture(values):
    points = [charts.LinePoint(JUNE + timedelta(30 * n), str(n), v) for n, v in enumerate(values)]
    dots = [number(n.get("cy")) for n in nodes(means(points), "circle")]
    assert all(chart_lines.TOP <= y <= chart_lines.FLOOR for y in dots)
    order = sorted(range(len(values)), key=lambda place: values[place])
    assert [dots[p] for p in order] == sorted(dots, reverse=True)


def test_whiskers_reach_from_end_to_end_of_the_interval():
    scale = chart_lines.Scale()
    chart = means()
    whiskers = [n for n in nodes(chart, "line", stroke_width="2") if n.get("x1") == n.get("x2")]
    assert [(number(n.get("y1")), number(n.get("y2"))) for n in whiskers] == [
        (pytest.approx(scale.y(high), abs=0.01), pytest.approx(scale.y(low), abs=0.01))
        for low, high in ((36.1, 38.3), (36.8, 39.2), (35.2, 37.8))
    ]


def test_a_band_lies_around_its_line_and_breaks_where_the_line_does():
    chart = means(band=True)
    bands = [n for n in ET.fromstring(chart.svg).iter(f"{SVG}svg") if n.get("viewBox")]
    ((x1, x2),) = solid(chart)
    (band,) = bands
    assert number(band.get("x")) == x1
    assert number(band.get("width")) == pytest.approx(x2 - x1, abs=0.02)
    ys = [float(y) for y in re.findall(r"[ML]\d+ ([\d.]+)", band.find(f"{SVG}path").get("d"))]
    assert ys[0] < ys[3]
    assert ys[1] < ys[2]


def test_a_share_is_written_in_per_cent_with_its_threshold():
    points = [
        charts.LinePoint(date(2026, 7, 1), "July 2026", 0.92, short="Jul", n="24 points"),
        charts.LinePoint(date(2026, 8, 1), "August 2026", short="Aug", why="no log"),
        charts.LinePoint(date(2026, 9, 1), "September 2026", 0.75, 0.7, 0.8, short="Sep", n="12 points"),
    ]
    chart = means(points, name="Fidelity", scale=charts.Scale(0.5, 1, is_share=True, threshold=0.8))
    assert chart.title == f"Fidelity: July 2026 92{NBSP}%; September 2026 75{NBSP}% (95 % interval: " + (
        f"70{NBSP}% to 80{NBSP}%); August 2026: no log"
    )
    assert {f"Dashed: threshold of 80{NBSP}%", "Bar through a dot: 95 % interval"} <= set(texts(chart))
    assert {"Jul", "Aug", "Sep"} <= set(texts(chart))
    assert solid(chart) == []


def test_near_points_leave_their_names_to_wide_screens_but_for_the_last():
    points = [
        charts.LinePoint(date(2026, 6, 1) + timedelta(days=20 * n), f"Wave {n}", 30 + n) for n in range(12)
    ]
    names = [n for n in nodes(means(points), "text") if (n.text or "").startswith("Wave")]
    kept = [number(n.get("x")) for n in names if "wide-only" not in n.get("class")]
    assert kept[-1] == number(names[-1].get("x"))
    assert 2 <= len(kept) < len(names)
    assert all(b - a >= chart_lines.NEAR for a, b in pairwise(kept))


def test_one_point_none_and_only_withheld_ones():
    assert means(waves()[:1]).title == "Satisfaction, mean: Baseline 37.2 (95 % interval: 36.1 to 38.3)"
    assert means([]).title == "Satisfaction, mean: no figure yet"
    assert "No figure yet" in texts(means([]))
    assert means(waves()[1:2]).title == "Satisfaction, mean: withheld to protect privacy"


# --- Levels in tenths ----------------------------------------------------------------------------


def test_shares_released_in_tenths_are_marked_as_rough():
    rows = [
        charts.LevelRow("All", "104", (24, 62, 14)),
        charts.LevelRow("Intake", "10–19", (20, 80, 0), tenths=True),
    ]
    chart = charts.stacked_levels(name="Burnout", rows=rows, uid="b")
    assert chart.rows[0][2:] == (f"24{NBSP}%", f"62{NBSP}%", f"14{NBSP}%")
    assert chart.rows[1][2:] == (f"~20{NBSP}%", f"~80{NBSP}%", f"0{NBSP}%")
    assert {f"average 80{NBSP}%", "10–19, in tenths", "104"} <= set(texts(chart))
    assert "tenths" in chart.description


# --- Other languages -----------------------------------------------------------------------------


def test_months_follow_the_language():
    english = charts.dose_bars(bars(), TODAY, uid="d")
    with translation.override("es"):
        spanish = charts.dose_bars(bars(), TODAY, uid="d")
    assert (english.rows[3][0], spanish.rows[3][0]) == ("December 2026", "diciembre de 2026")
    assert "Dec" in texts(english)
    assert "Dic" in texts(spanish)


def test_month_columns_do_not_overlap():
    axis = chart_months._between(date(2025, 1, 1), date(2026, 12, 1))
    columns = [chart_months._column(axis, month) for month in axis.months]
    assert all(left + wide < after for (left, wide), (after, _wide) in pairwise(columns))
