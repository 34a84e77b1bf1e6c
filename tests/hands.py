"""A person at the keyboard: Tab, arrows, Space, Enter; and whether they can see where they are."""

from playwright.sync_api import Locator, Page, expect

UNSEEN = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "";
  const places = [one, ...(one.labels || []), one.closest("label")].filter(Boolean);
  const here = (place) => {
    const { left, right, top, bottom } = place.getBoundingClientRect();
    const points = [[(left + right) / 2, (top + bottom) / 2], [left + 3, top + 3], [right - 3, bottom - 3]];
    return points.some(([x, y]) => {
      const hit = document.elementFromPoint(x, y);
      return hit && (place.contains(hit) || places.includes(hit));
    });
  };
  const ringed = (place) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(place);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  };
  const what = one.outerHTML.replace(/\\s+/g, " ").slice(0, 120);
  if (!places.some(here)) return `the focus is hidden: ${what}`;
  // Within a date the browser itself marks the part one is in.
  if (!["date", "time"].includes(one.type) && !places.some(ringed)) return `nothing shows the focus: ${what}`;
  return "";
}"""
"""Where the focus is must be on the screen, under nothing else, with a ring around it (WCAG 2.4.7, 2.4.11)."""


class Keys:
    """Hands on the keyboard of one page; no mouse, no touch."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, what: Locator, *, most: int = 150) -> None:
        """Tab until the focus is on one of these; every stop on the way must be visible."""
        expect(what.first).to_be_attached()
        for _stop in range(most):
            self.page.keyboard.press("Tab")
            unseen = self.page.evaluate(UNSEEN)
            assert not unseen, f"{self.page.url}: {unseen}"
            if what.evaluate_all("(found) => found.includes(document.activeElement)"):
                return
        raise AssertionError(f"{self.page.url}: {most} times Tab did not reach {what}")

    def press(self, what: Locator, *, most: int = 150) -> None:
        """Go to a link or button and press Enter."""
        self.to(what, most=most)
        self.page.keyboard.press("Enter")

    def write(self, what: Locator, text: str) -> None:
        """Go to a field and type."""
        self.to(what)
        self.page.keyboard.type(text)

    def choose(self, group: Locator, place: int) -> None:
        """The nth (from 0) of a group of radio buttons: Tab into the group, Space, then arrows."""
        choices = group.get_by_role("radio")
        self.to(choices)
        self.page.keyboard.press("Space")
        at = [choice.is_checked() for choice in choices.all()].index(True)
        for _step in range(abs(place - at)):
            self.page.keyboard.press("ArrowRight" if place > at else "ArrowLeft")
        expect(choices.nth(place)).to_be_checked()
