"""Which of the five skill domains and of the helping-relationship areas somebody's training has covered.

A domain is covered when every minute of its modules is credited, of the curricula that are required of that person
(supervisors: Supervision as well); partly, when some are. An area is one module of a curriculum that people are
chosen for. Coverage says what was trained, not what anybody can do.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from . import starter
from .exports import Row
from .ledger import Ledger
from .models import Agency, Curriculum, Module

FIVE = (
    "experiential_engagement",
    "reducing_rumination",
    "conscious_narrative",
    "reducing_emotional_labor",
    "parasympathetic_recovery",
)
"""Codes of ``starter.DOMAINS``, in the order in which they are taught."""
type Level = Literal["covered", "partly", "none", "no module"]


@dataclass(frozen=True, slots=True)
class Cover:
    """One domain or area for one person: credited of all its minutes."""

    label: str
    credited: int
    minutes: int

    @property
    def level(self) -> Level:
        if not self.minutes:
            return "no module"
        return "covered" if self.credited >= self.minutes else "partly" if self.credited else "none"


@dataclass(frozen=True, slots=True)
class Share:
    """One domain or area for several people: those who have covered it, of all."""

    label: str
    covered: int
    partly: int
    people: int


@dataclass(frozen=True)
class Frame:
    """What there is to cover: modules (id, minutes) by domain and curriculum, and the areas (id, title, minutes)."""

    five: Mapping[str, Mapping[int, Sequence[tuple[int, int]]]]
    areas: Sequence[tuple[int, str, int]]

    def domains(self, earned: Mapping[int, int], curricula: Iterable[int]) -> tuple[Cover, ...]:
        """The five for somebody of whom these curricula are required."""
        wanted = list(curricula)
        found = []
        for code in FIVE:
            parts = [part for pk in wanted for part in self.five.get(code, {}).get(pk, ())]
            credited = sum(min(minutes, earned.get(module, 0)) for module, minutes in parts)
            found.append(Cover(domain_label(code), credited, sum(minutes for _pk, minutes in parts)))
        return tuple(found)

    def helping(self, earned: Mapping[int, int]) -> tuple[Cover, ...]:
        """The areas of the helping relationship."""
        return tuple(
            Cover(title, min(minutes, earned.get(module, 0)), minutes)
            for module, title, minutes in self.areas
        )


@dataclass(frozen=True)
class PersonCover:
    """One person's domains and areas."""

    domains: tuple[Cover, ...]
    areas: tuple[Cover, ...]

    @property
    def areas_covered(self) -> int:
        return sum(1 for area in self.areas if area.level == "covered")


@dataclass(frozen=True)
class CoverLine:
    """Somebody with their covers, for the agency's page."""

    uuid: str
    name: str
    team_id: int | None
    team: str
    cover: PersonCover


def domain_label(code: str) -> str:
    """Its name in the reader's language."""
    return str(starter.DOMAINS[code])


def frame() -> Frame:
    """Modules of all curricula, sorted into domains and areas. One query."""
    five: dict[str, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    areas = []
    modules = Module.objects.select_related("curriculum").order_by("curriculum", "position")
    for module in modules:
        if module.curriculum.audience == Curriculum.Audience.OPTIONAL:
            areas.append((module.pk, str(module), module.minutes))
        elif module.domain in FIVE:
            five[module.domain][module.curriculum_id].append((module.pk, module.minutes))
    return Frame({code: dict(parts) for code, parts in five.items()}, tuple(areas))


def person_cover(ledger: Ledger, person: int, what: Frame) -> PersonCover:
    """What one person's credited minutes cover, hours of another agency included."""
    earned: dict[int, int] = defaultdict(int)
    for _curriculum, (module, minutes) in ledger.earned(person):
        earned[module] = max(earned[module], minutes)
    required = ledger.requirement(ledger.people[person])
    return PersonCover(what.domains(earned, required), what.helping(earned))


def cover_lines(agency: Agency, ledger: Ledger, *, team: int | None = None) -> list[CoverLine]:
    """Everybody on the roster today by name, or one team. Two queries."""
    what = frame()
    people = agency.people.filter(left_on=None)
    if team is not None:
        people = people.filter(team=team)
    rows = people.values_list("pk", "uuid", "first_name", "last_name", "team_id", "team__name")
    return [
        CoverLine(str(uuid), f"{last}, {first}", team_id, name or "", person_cover(ledger, pk, what))
        for pk, uuid, first, last, team_id, name in rows
        if pk in ledger.people
    ]


def domain_shares(lines: Sequence[CoverLine]) -> list[Share]:
    """The five over these people."""
    return _shares([line.cover.domains for line in lines])


def area_shares(lines: Sequence[CoverLine]) -> list[Share]:
    """The areas over these people."""
    return _shares([line.cover.areas for line in lines])


def _shares(covers: Sequence[Sequence[Cover]]) -> list[Share]:
    found = []
    for each in zip(*covers, strict=True):
        levels = [cover.level for cover in each]
        found.append(Share(each[0].label, levels.count("covered"), levels.count("partly"), len(each)))
    return found


# --- Files --------------------------------------------------------------------------------------------------------


def headers(what: Frame) -> list[str]:
    """Of the table as a file: credited minutes of each domain and area, with what there is in the header's name."""
    named = [*(domain_label(code) for code in FIVE), *(title for _pk, title, _minutes in what.areas)]
    return [_("Name"), _("Team"), *(_("%(name)s, minutes") % {"name": name} for name in named)]


def rows(lines: Iterable[CoverLine]) -> Iterator[Row]:
    """One person to a line, credited minutes."""
    for line in lines:
        covers = [*line.cover.domains, *line.cover.areas]
        yield line.name, line.team, *(cover.credited for cover in covers)
