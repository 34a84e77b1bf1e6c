"""The practice plan's prompts, and what somebody wrote under them. The words are ours; a code never changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from . import library
from .day_words import clock, short_day
from .library.parts import Domain, Text
from .models import Agency, Person, PracticeEntry, PracticePlan, User


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question of the worksheet. ``rows`` of its field."""

    code: str
    label: Text
    hint: Text = ""
    rows: int = 2


@dataclass(frozen=True, slots=True)
class Part:
    """The prompts of one domain."""

    domain: Domain
    prompts: tuple[Prompt, ...]


PARTS: tuple[Part, ...] = (
    Part(
        library.ENGAGEMENT,
        (
            Prompt(
                "awareness",
                _("One habit with which I notice what I feel at work, and let it be there"),
                _("When in the day, and what reminds you? “At every door I ask: what am I feeling?”"),
                3,
            ),
        ),
    ),
    Part(
        library.RUMINATION,
        (
            Prompt(
                "activity-1", _("An activity that takes my whole attention"), _("Two minutes can be enough.")
            ),
            Prompt(
                "activity-2", _("A second activity"), _("For another place: the car, the hallway, the desk.")
            ),
            Prompt("activity-3", _("A third activity"), _("For the night, or for when you are with others.")),
        ),
    ),
    Part(
        library.NARRATIVE,
        (
            Prompt("story-in", _("My sentence for the way in"), _("True, and in your own words.")),
            Prompt("story-moment", _("My sentence for an intense moment"), _("Five words or fewer.")),
            Prompt("story-why", _("Why this work matters to me"), "", 3),
        ),
    ),
    Part(
        library.LABOR,
        (
            Prompt(
                "compassion",
                _("How I bring compassion in when it does not come by itself"),
                _("With whom is it hardest? A role is enough, no names."),
                3,
            ),
            Prompt("wholeheartedness", _("What I will do with my whole heart, and how I begin")),
        ),
    ),
    Part(
        library.RECOVERY,
        (
            Prompt(
                "mindful-1",
                _("A moment of my day in which I am fully there"),
                _("Something you do anyway: the coffee, the stairs, washing your hands."),
            ),
            Prompt("mindful-2", _("A second such moment"), _("In the other half of the day.")),
        ),
    ),
)
PROMPTS: dict[str, Prompt] = {prompt.code: prompt for part in PARTS for prompt in part.prompts}
LONGEST = 3000
type Texts = Mapping[str, str]
"""By the codes of PROMPTS; a missing one is empty."""


@dataclass(frozen=True, slots=True)
class Line:
    """One prompt with what stands under it, for a page."""

    prompt: Prompt
    text: str
    version: int


def clean(text: str) -> str:
    """As it is kept: browsers have their own line ends, outer blanks say nothing."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def entries_of(plan: PracticePlan | None) -> dict[str, PracticeEntry]:
    """By prompt. One query."""
    return {entry.prompt: entry for entry in plan.entries.all()} if plan else {}


def sheet(entries: Mapping[str, PracticeEntry], typed: Texts | None = None) -> list[tuple[Part, list[Line]]]:
    """The whole worksheet; ``typed`` stands in for what is kept."""

    def line(prompt: Prompt) -> Line:
        entry = entries.get(prompt.code)
        kept = entry.text if entry else ""
        text = kept if typed is None else typed.get(prompt.code, "")
        return Line(prompt, text, entry.version if entry else 0)

    return [(part, [line(prompt) for prompt in part.prompts]) for part in PARTS]


def written(entries: Mapping[str, PracticeEntry]) -> Iterator[tuple[Part, list[Line]]]:
    """What of the worksheet has been written, for readers and for paper."""
    for part, lines in sheet(entries):
        if filled := [line for line in lines if line.text]:
            yield part, filled


def last_saved(entries: Mapping[str, PracticeEntry]) -> datetime | None:
    return max((entry.saved_at for entry in entries.values()), default=None)


def zone_of(user: User) -> ZoneInfo:
    """Where somebody's clock hangs: their agency's zone, UTC for who has none. At most two queries."""
    place = Person.objects.current().filter(user=user).select_related("agency").first()
    agency = place.agency if place else Agency.objects.where(user).first() if not user.is_site_admin else None
    return agency.zone if agency else ZoneInfo("UTC")


def when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A moment beside "Saved": the time of today, else the day; said to be UTC where no zone is known."""
    there, today = at.astimezone(zone), now.astimezone(zone).date()
    if there.date() != today:
        return short_day(there.date())
    return f"{clock(there)} UTC" if zone.key == "UTC" else clock(there)
