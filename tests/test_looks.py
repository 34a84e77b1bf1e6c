"""The matrix finds what it looks for: one page with a fault of every kind, each at the one place where it shows."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import PHONE, visitor
from tests.looks import look_at

pytestmark = pytest.mark.browser

FAULTS = """
.wide { width: 360px; }
@media (prefers-color-scheme: dark) { .dim { color: #333; background: #222; } }
@media (min-width: 1000px) { .pale { color: #ddd; background: #fff; } }
.small { display: block; width: 60px; height: 30px; min-height: 0; }
.close { width: 12px; height: 12px; min-height: 0; padding: 0; overflow: hidden; }
.moves { transition: color 1s !important; }
"""
BODY = """
<p class="wide">Too wide for one phone</p>
<p class="dim">Not to be read at night</p>
<p class="pale">Not to be read at a desk</p>
<button class="small">Save</button><div><button class="close">a</button><button class="close">b</button></div>
<p class="moves">Moves</p>
"""


@pytest.mark.django_db(transaction=True)
def test_every_kind_of_fault_is_found_where_it_shows(browser: Browser, live_server: Any) -> None:
    with visitor(browser, live_server.url, viewport=PHONE, reduced_motion="reduce", bypass_csp=True) as page:
        page.goto("/setup/")
        clean = list(look_at(page, "clean", thumb=True))
        page.goto("/setup/")
        page.add_style_tag(content=FAULTS)
        page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('afterbegin', html)", BODY)
        found = list(look_at(page, "faults", thumb=True))
    assert clean == []
    kinds = [
        ("moved as it loaded", ["what was there moved"]),
        ("moves in spite of reduced motion", ["moves in spite"]),
        ("sticks out|scrolls", ["360: s"]),
        (
            "color-contrast",
            ["1280: color-contrast", "1280, dark: color-contrast", "360, dark: color-contrast"],
        ),
        ("target-size", ["1280: target-size", "360: target-size"]),
        ("thumb", ["360: too small", "360: too small", "360: too small"]),
    ]
    for words, starts in kinds:
        of_kind = [one for one in found if any(word in one for word in words.split("|"))]
        assert len(of_kind) == len(starts), (words, of_kind)
        assert all(one.startswith(start) for one, start in zip(of_kind, starts, strict=True)), of_kind
    assert len(found) == sum(len(starts) for _words, starts in kinds)
