"""Every page of every role in Spanish: no text was forgotten, and longer words still fit a phone."""

import csv
import re
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests import demo_site
from tests import pseudo as marking
from tests import test_browser_pages as pages
from tests.browser import DESK
from tests.conftest import ROSTERS
from tests.looks import STICKS_OUT
from tests.test_browser_pages import PAGES, PARTS, open_page, somebody

pytestmark = [pytest.mark.browser, pytest.mark.looks]
demo_server, demo_filled, demo = demo_site.demo_server, pages.demo_filled, demo_site.demo
pseudo = marking.pseudo
PHONE = {"width": 360, "height": 800}


INVENTED = {"design"}
"""Pages that show parts of the product filled with words that belong to nobody."""


def typed_elsewhere() -> re.Pattern[str]:
    """Matches what stands in the rosters that were uploaded, whose rows are not in the database yet."""
    cells: set[str] = set()
    for name in ("clearwater.csv", "bad.csv"):
        with open(ROSTERS / name, encoding="utf-8") as file:
            cells.update(cell.strip() for row in csv.reader(file) for cell in row)
    longest_first = sorted((cell for cell in cells if len(cell) > 1), key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(cell)}(?!\w)" for cell in longest_first))


@pytest.mark.parametrize(("role", "part"), PARTS)
def test_no_text_was_forgotten(
    role: str, part: slice, browser: Browser, demo: SimpleNamespace, pseudo: Any
) -> None:
    wrong: list[str] = []
    uploaded = typed_elsewhere()
    with somebody(browser, demo, role, viewport=DESK, locale="es") as page:
        for look in PAGES[role][part]:
            if other := open_page(page, look, demo):
                wrong.append(f"{role}, {look.name}: {other}")
            found = [] if look.route in INVENTED else marking.unmarked_texts(page)
            forgotten = [text for text in found if re.search(r"[^\W\d_]{2}", uploaded.sub(" ", text))]
            wrong += [f"{role}, {look.name}: {text!r}" for text in forgotten]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("role", "part"), PARTS)
def test_longer_words_fit_a_phone(role: str, part: slice, browser: Browser, demo: SimpleNamespace) -> None:
    wrong: list[str] = []
    with somebody(browser, demo, role, viewport=PHONE, locale="es", reduced_motion="reduce") as page:
        for look in PAGES[role][part]:
            if other := open_page(page, look, demo):
                wrong.append(f"{role}, {look.name}: {other}")
            assert page.locator("html").get_attribute("lang") == "es"
            wrong += [f"{role}, {look.name}: {one}" for one in [page.evaluate(STICKS_OUT)] if one]
    assert not wrong, "\n".join(wrong)
