"""The design system: its values, its parts, and the page that shows them all."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from cecert_site import swatches
from rollout.calendar_strip import Entry, calendar_strip
from rollout.templatetags.parts import crumbs, has_long_words
from tests.browser import no_sideways_scroll, visitor

# --- values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", swatches.pairs(), ids=lambda pair: f"{pair.color} on {pair.ground}")
def test_every_color_can_be_read_on_every_ground_it_stands_on(pair: swatches.Pair) -> None:
    assert pair.light >= pair.least, "light"
    assert pair.dark >= pair.least, "dark"


def test_contrast_is_worked_out_as_the_guideline_says() -> None:
    assert swatches.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert swatches.contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert swatches.contrast("#ffffff", "#ffffff") == 1


# --- parts ------------------------------------------------------------------------------------------------------


def drawn(source: str, **context: object) -> str:
    template = engines["django"].from_string("{% load parts %}" + source)
    return template.render(context, RequestFactory().get("/?team=3&page=2"))


def test_a_part_holds_what_is_inside_it_and_sees_nothing_else() -> None:
    html = drawn(
        '{% part "card" title=name %}<p>{{ name }}</p>{% endpart %}', name="<b>", note="leaks", tag="leaks"
    )
    assert '<section class="card">' in html
    assert "<p>&lt;b&gt;</p>" in html
    assert "<h2>&lt;b&gt;</h2>" in html
    assert "leaks" not in html


def test_a_form_takes_its_words_from_its_fields_and_not_from_the_page_around_it() -> None:
    from cecert_site.demo.showcase import Upload

    html = drawn(
        '{% include "components/form.html" %}', form=Upload(), label="leaks", plain=True, title="leaks"
    )
    assert ">Roster file</label>" in html
    assert "leaks" not in html


def test_a_part_hands_on_the_form_token() -> None:
    html = drawn(
        '{% part "dialog" id="d" open="Delete" title="Delete?" action="/x/" confirm="Yes" %}All of it.{% endpart %}'
    )
    assert "csrfmiddlewaretoken" in html
    assert "All of it." in html


def test_a_breadcrumb_is_made_of_pairs_and_may_end_with_the_page_itself() -> None:
    assert crumbs("Agency", "/a/", "People") == [
        {"label": "Agency", "url": "/a/"},
        {"label": "People", "url": ""},
    ]
    html = drawn(
        '{% crumbs "Agency" "/a/" "People" as where %}{% include "components/head.html" with title="X" where=where only %}'
    )
    assert '<li><a href="/a/">Agency</a></li><li><span>People</span></li>' in html
    assert (
        drawn('{% include "components/head.html" with title="X" where="only a text" only %}').count(
            "only a text"
        )
        == 1
    )


def test_two_lists_on_one_page_turn_their_pages_apart() -> None:
    from django.core.paginator import Paginator

    page = Paginator(range(9), 3).page(1)
    html = drawn(
        '{% include "components/pagination.html" with list_param="people" list_anchor="#short" %}', page=page
    )
    assert 'href="?team=3&amp;page=2&amp;people=2#short"' in html


@pytest.mark.parametrize(
    ("labels", "long"),
    [
        (["Never", "Rarely", "Some\u00adtimes", "Often", "Very often"], False),
        (["Nunca", "Pocas veces", "Algunas veces", "A menudo", "Muy a menudo"], False),
        (["Never", "Occasionally"], True),
        (["Never", "More often than not"], True),
    ],
)
def test_labels_that_do_not_fit_a_fifth_of_a_phone_are_found(labels: list[str], long: bool) -> None:
    assert has_long_words(list(enumerate(labels))) is long


# --- calendar ---------------------------------------------------------------------------------------------------

TUESDAY = date(2026, 11, 17)


def test_a_calendar_shows_whole_weeks_and_says_what_lies_outside() -> None:
    [week, after] = calendar_strip(TUESDAY, date(2026, 11, 23), [], today=TUESDAY).weeks
    assert [day.on.day for day in week] == [15, 16, 17, 18, 19, 20, 21]
    assert [day.is_inside for day in week] == [False, False, True, True, True, True, True]
    assert [day.is_inside for day in after] == [True, True, False, False, False, False, False]
    assert [day.on for day in week if day.is_today] == [TUESDAY]


def test_a_calendar_can_begin_on_monday_and_names_each_month_once() -> None:
    weeks = calendar_strip(date(2026, 11, 30), date(2026, 12, 13), [], today=TUESDAY, week_begins=0).weeks
    assert weeks[0][0].on == date(2026, 11, 30)
    assert [day.on for week in weeks for day in week if day.names_month] == [
        date(2026, 11, 30),
        date(2026, 12, 1),
    ]


def test_entries_stand_on_their_day_in_their_order() -> None:
    entries = [Entry(TUESDAY, "first"), Entry(date(2026, 12, 24), "too late"), Entry(TUESDAY, "second")]
    days = [day for week in calendar_strip(TUESDAY, TUESDAY, entries, today=TUESDAY).weeks for day in week]
    assert {day.on: [entry.title for entry in day.entries] for day in days if day.entries} == {
        TUESDAY: ["first", "second"]
    }


def test_a_calendar_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="before the first"):
        calendar_strip(TUESDAY, date(2026, 11, 16), [], today=TUESDAY)


# --- the living page --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_is_there_in_the_demo_only(client: Client, settings: pytest.FixtureRequest) -> None:
    address = reverse("design")
    assert client.get(address).status_code == 404
    settings.DEMO = True  # type: ignore[attr-defined]
    assert client.get(address).status_code == 200
    assert b"in-dark" in client.get(address, {"look": "dark"}).content
    assert b"in-" not in client.get(address, {"look": "<b>"}).content.split(b'class="sample')[1][:20]


@pytest.fixture
def living(browser: Browser, live_server: object, settings: object) -> Iterator[Page]:
    settings.DEMO = True  # type: ignore[attr-defined]
    size = {"width": 360, "height": 800}
    with visitor(browser, live_server.url, viewport=size, reduced_motion="reduce") as page:  # type: ignore[attr-defined]
        page.goto(reverse("design"))
        yield page


PLACES = """all => all.map(one => {
  const { x, y, width } = one.getBoundingClientRect();
  return [x, y, width].map(Math.round);
})"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_five_places_stand_in_one_line_or_all_under_one_another(living: Page, width: int) -> None:
    living.set_viewport_size({"width": width, "height": 800})
    assert width == 320 or no_sideways_scroll(living)
    for name, stacked in (("s1", False), ("s3", width < 1000)):
        places = living.locator(f"#{name} label").evaluate_all(PLACES)
        assert len({width for _x, _y, width in places}) <= 2, "equally wide but for rounding"
        assert len({x for x, _y, _w in places}) == (1 if stacked else 5)
        assert len({y for _x, y, _w in places}) == (5 if stacked else 1)
        assert places == sorted(places, key=lambda place: place[1 if stacked else 0])


@pytest.mark.browser
def test_enlarged_letters_put_the_places_under_one_another(living: Page) -> None:
    living.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    places = living.locator("#s1 label").evaluate_all(PLACES)
    assert len({x for x, _y, _w in places}) == 1


@pytest.mark.browser
def test_a_dialog_gives_the_focus_back_and_a_toast_can_be_dismissed(living: Page) -> None:
    opener = living.get_by_role("button", name="Close it now")
    for leave in (lambda: living.keyboard.press("Escape"), living.get_by_role("button", name="Cancel").click):
        opener.focus()
        living.keyboard.press("Enter")
        expect(living.get_by_role("dialog", name="Close this wave for good?")).to_be_visible()
        leave()
        expect(living.get_by_role("dialog")).to_have_count(0)
        expect(opener).to_be_focused()
    living.get_by_role("button", name="Dismiss").first.click()
    expect(living.get_by_text("12 people were added")).to_have_count(0)
    assert living.locator(".toast").count() == 2


@pytest.mark.browser
def test_what_went_wrong_behind_the_page_is_said_and_can_be_dismissed(living: Page) -> None:
    living.evaluate("rollout.inform('<b>The connection was lost.</b>')")
    toast = living.locator("#messages .toast.error")
    expect(toast).to_contain_text("<b>The connection was lost.</b>")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


@pytest.mark.browser
def test_a_file_field_shows_that_it_takes_what_is_dragged_over_it(living: Page) -> None:
    field = living.get_by_label("Roster file")
    for event, shown in (("dragenter", True), ("dragleave", False), ("dragenter", True), ("drop", False)):
        field.dispatch_event(event)
        assert (field.get_attribute("data-over") is not None) is shown, event


@pytest.mark.browser
def test_in_the_systems_own_colors_what_is_chosen_is_still_seen(living: Page) -> None:
    living.emulate_media(forced_colors="active")
    outline = "one => getComputedStyle(one).outlineWidth"
    assert living.locator("#s1 label:has(:checked)").evaluate(outline) == "3px"
    assert living.locator("#s1 label").first.evaluate("one => getComputedStyle(one).outlineStyle") == "none"
