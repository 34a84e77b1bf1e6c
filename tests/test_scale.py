"""The five places of a statement: in order on one line or stacked whole, and each with its name for a screen reader."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from tests.browser import PHONE, visitor
from tests.surveying import PROQOL
from tests.world import furnish_both

pytestmark = [pytest.mark.looks, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = (320, 344, 360, 375, 390, 414)

BOXES = """() => [...document.querySelectorAll("fieldset")].map((group) =>
  [...group.querySelectorAll("label:has([type=radio])")].map((label) => {
    const { left, top, right, bottom } = label.getBoundingClientRect();
    return { left, top, right, bottom, cut: label.scrollWidth > label.clientWidth + 1 };
  })).filter((places) => places.length)"""


def in_order(places: list[dict[str, Any]]) -> str:
    """Why five boxes are neither one line from left to right nor one pile from top to bottom; empty: they are."""
    pairs = list(pairwise(places))
    line = all(a["right"] <= b["left"] + 1 and abs(a["top"] - b["top"]) < 2 for a, b in pairs)
    pile = all(a["bottom"] <= b["top"] + 1 and abs(a["left"] - b["left"]) < 2 for a, b in pairs)
    if len(places) != 5:
        return f"{len(places)} places"
    if not line and not pile:
        return f"wrapped: {[(round(one['left']), round(one['top'])) for one in places]}"
    return "a word is cut off" if any(one["cut"] for one in places) else ""


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_five_places_never_wrap_on_any_phone(
    language: str, browser: Browser, live_server: Any, cast: Any
) -> None:
    ours, _theirs = furnish_both(cast)
    wrong = {}
    with visitor(browser, live_server.url, cast.staff, viewport=PHONE, locale=language) as page:
        page.goto(reverse("assessments:survey_answer", args=[ours.wave.uuid]) + "?page=all")
        for width in NARROW:
            page.set_viewport_size({"width": width, "height": 800})
            groups = page.evaluate(BOXES)
            assert len(groups) == 30
            wrong[width] = [why for why in map(in_order, groups) if why]
    assert wrong == {width: [] for width in NARROW}


def test_a_screen_reader_hears_thirty_named_groups_of_five_named_choices_in_order(
    browser: Browser, live_server: Any, cast: Any
) -> None:
    ours, _theirs = furnish_both(cast)
    with visitor(browser, live_server.url, cast.staff, viewport=PHONE) as page:
        page.goto(reverse("assessments:survey_answer", args=[ours.wave.uuid]) + "?page=all")
        heard = list(groups_of_choices(page))
    names = [name for name, _choices in heard]
    assert [name.split(".")[0] for name in names] == [str(number) for number in range(1, 31)]
    assert len({name.partition(".")[2].strip() for name in names} - {""}) == 30
    said = [[word.replace("\xad", "") for word in choices] for _name, choices in heard]
    assert said == [[option.label for option in PROQOL.options]] * 30


def groups_of_choices(page: Page) -> Iterator[tuple[str, list[str]]]:
    """Groups with choices in them as assistive technology gets them, in order: (name, names of the choices)."""
    talk = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in talk.send("Accessibility.getFullAXTree")["nodes"]}

    def role(node: dict[str, Any]) -> str:
        return "" if node.get("ignored") else str(node.get("role", {}).get("value", ""))

    def name(node: dict[str, Any]) -> str:
        return " ".join(str(node.get("name", {}).get("value", "")).split())

    def below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for child in node.get("childIds", []):
            if child in nodes:
                yield nodes[child]
                yield from below(nodes[child])

    root = next(node for node in nodes.values() if "parentId" not in node)
    for node in below(root):
        choices = [name(one) for one in below(node) if role(one) == "radio"]
        if role(node) in {"group", "radiogroup"} and choices:
            yield name(node), choices
