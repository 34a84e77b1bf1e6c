"""Looking at a page as somebody would: at four widths, by day and by night, by axe's rules, with a thumb."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser import picture

WIDTHS = (1280, 768, 390, 360)
AT_LENGTH = (1280, 360)
"""Widths at which axe looks as well."""
HEIGHT = 900
THUMB = 44
"""Pixels a main control measures at least, on a phone."""
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLORS = ("color-contrast", "link-in-text-block")
"""The rules whose answer may be another in the dark."""

SHIFTED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  let total = 0;
  const sum = (list) => { for (const one of list.getEntries()) total += one.value; };
  const observer = new PerformanceObserver(sum);
  observer.observe({ type: "layout-shift", buffered: true });
  await document.fonts.ready;
  await frame(); await frame();
  await new Promise((done) => setTimeout(done));
  sum({ getEntries: () => observer.takeRecords() });
  observer.disconnect();
  return total;
}"""
"""How far what was there already moved since the page came: the sum of all layout shifts."""
STILL = 0.01

MOVES = """() => {
  const longest = (text) => Math.max(...text.split(",").map((one) => parseFloat(one) * (/ms/.test(one) ? 1 : 1000)));
  const kinds = new Map([...document.querySelectorAll("*")].map((one) => [one.tagName + one.getAttribute("class"), one]));
  for (const one of kinds.values()) for (const part of [null, "::before", "::after"]) {
    const { transitionDuration, animationDuration, animationName, scrollBehavior } = getComputedStyle(one, part);
    const time = Math.max(longest(transitionDuration), animationName === "none" ? 0 : longest(animationDuration));
    if (time > 1 || scrollBehavior === "smooth")
      return `moves in spite of reduced motion: ${one.outerHTML.slice(0, 110)} ${part || ""}`;
  }
  return "";
}"""

STICKS_OUT = """() => {
  const inside = (one) => {
    for (let up = one; up && up !== document.body; up = up.parentElement) {
      if (up !== one && ["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return true;
      if (getComputedStyle(up).position === "fixed") return true;
    }
    return false;
  };
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) return `scrolls sideways by ${over}`;
  for (const one of document.body.querySelectorAll("*")) {
    if (one.closest("svg") && one.tagName !== "svg" || !one.checkVisibility({ visibilityProperty: true })) continue;
    const { left, right, width } = one.getBoundingClientRect();
    if (width > 1 && right > innerWidth + 1 && left < innerWidth * 2 && !inside(one))
      return `sticks out by ${Math.round(right - innerWidth)}: ${one.outerHTML.slice(0, 120)}`;
  }
  return "";
}"""

TOO_SMALL = """(least) => {
  const found = [];
  for (const one of document.querySelectorAll("button, select, textarea, summary, input:not([type=hidden]), a[href]")) {
    const shown = one.checkVisibility({ visibilityProperty: true, opacityProperty: false });
    const style = getComputedStyle(one);
    if (!shown || one.closest("[aria-hidden=true]") || (one.tagName === "A" && style.display === "inline")) continue;
    const choice = ["radio", "checkbox"].includes(one.type);
    const box = ((choice && (one.closest("label") || one.labels[0])) || one).getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || box.bottom + scrollY <= 0 || style.clipPath !== "none" && !choice) continue;
    const size = [box.width, box.height].map(Math.round);
    if (Math.min(...size) < least) found.push(`${size.join(" × ")}: ${one.outerHTML.replace(/\\s+/g, " ").slice(0, 110)}`);
  }
  return found;
}"""
"""Controls smaller than that; links in a line of text are no main controls."""


def look_at(page: Page, name: str, *, thumb: bool = False) -> Iterator[str]:
    """What is wrong with the page that has just been opened, at every width; afterwards it is as wide as before."""
    before = page.viewport_size
    if page.locator("[hx-trigger~=load]").count():
        page.wait_for_load_state("networkidle")
    if (moved := page.evaluate(SHIFTED)) > STILL:
        yield f"what was there moved as it loaded: {moved:.3f}"
    yield from (one for one in [page.evaluate(MOVES)] if one)
    page.evaluate(AXE_SCRIPT)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        yield from (f"{width}: {one}" for one in [page.evaluate(STICKS_OUT)] if one)
        if width not in AT_LENGTH:
            continue
        yield from (f"{width}: {one}" for one in findings(page))
        picture(page, f"{name}_{width}")
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        yield from (f"{width}, dark: {one}" for one in findings(page, only=COLORS))
        picture(page, f"{name}_{width}_dark")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if thumb:
        yield from (f"360: too small for a thumb: {one}" for one in page.evaluate(TOO_SMALL, THUMB))
    page.set_viewport_size(before)  # type: ignore[arg-type]


def findings(page: Page, *, only: Iterable[str] = ()) -> Iterator[str]:
    """What axe finds (it must have been put into the page), each with the first place it was found at."""
    what = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": TAGS}
    asked: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": what}
    for found in page.evaluate(f"axe.run({json.dumps(asked)})")["violations"]:
        node = found["nodes"][0]
        yield f"{found['id']} ({len(found['nodes'])}): {node['html'][:150]} {node['failureSummary'][:200]!r}"
