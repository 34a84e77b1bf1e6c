"""Self-ratings: how sure somebody feels in the five domains and the fifteen helping-relationship areas.

Theirs alone: read by nobody else, in no report, deletable. A number says how it feels to its owner, nothing more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from . import library, starter
from .audit import record
from .models import Curriculum, Module, SelfRating, User

LEVELS = (
    (1, _("new to me")),
    (2, _("a first try")),
    (3, _("partly sure")),
    (4, _("mostly sure")),
    (5, _("could teach it")),
)


@dataclass(frozen=True, slots=True)
class Area:
    """Something one can rate oneself in. ``slug``: of the domain's page in the library; "" for the others."""

    module: Module
    name: str
    slug: str = ""

    @property
    def field(self) -> str:
        return f"area-{self.module.pk}"


@dataclass(frozen=True, slots=True)
class Course:
    """One area over time: the first and the latest value with their days; the same where there is one."""

    area: Area
    first: SelfRating
    latest: SelfRating

    @property
    def several(self) -> bool:
        return self.first.pk != self.latest.pk

    @property
    def change(self) -> str:
        """ "+2" or "−1" from the first to the latest; "" where they are alike."""
        step = self.latest.value - self.first.value
        return f"+{step}" if step > 0 else f"−{-step}" if step else ""


def areas() -> tuple[list[Area], list[Area]]:
    """The five domains, then the areas of helping relationships. Two queries.

    A domain is rated under the module of the everyone's curriculum that teaches it, an area under its own.
    """
    everyone = Module.objects.filter(curriculum__audience=Curriculum.Audience.EVERYONE)
    taught: dict[str, Module] = {}
    for module in everyone.order_by("curriculum", "position"):
        taught.setdefault(module.domain, module)
    domains = [
        Area(taught[domain.code], str(domain.name), domain.slug)
        for domain in library.DOMAINS
        if domain.code in taught
    ]
    helping = Module.objects.filter(curriculum__audience=Curriculum.Audience.OPTIONAL, domain="")
    return domains, [
        Area(module, starter.shown(module.title)) for module in helping.order_by("curriculum", "position")
    ]


def courses(user: User, among: Iterable[Area]) -> list[Course]:
    """First and latest value of each area that was ever rated, in the areas' order. One query."""
    rows: dict[int, list[SelfRating]] = {}
    for row in SelfRating.objects.filter(user=user).order_by("rated_on", "pk"):
        rows.setdefault(row.module_id, []).append(row)
    return [
        Course(area, rows[area.module.pk][0], rows[area.module.pk][-1])
        for area in among
        if area.module.pk in rows
    ]


def days_of(user: User) -> list[date]:
    """The days on which somebody rated themselves, the latest first. One query."""
    rows = SelfRating.objects.filter(user=user).order_by("-rated_on")
    return list(rows.values_list("rated_on", flat=True).distinct())


def on_day(user: User, day: date) -> dict[int, int]:
    """Values of one day by module."""
    return dict(SelfRating.objects.filter(user=user, rated_on=day).values_list("module", "value"))


@transaction.atomic
def rate(user: User, values: Mapping[Module, int], *, on: date, at: datetime) -> None:
    """Keep a day's values; the same area once more on the same day takes the new one."""
    rows = [
        SelfRating(user=user, module=module, value=value, rated_on=on) for module, value in values.items()
    ]
    SelfRating.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["value"], unique_fields=["user", "module", "rated_on"]
    )
    record("rated themselves", user, by=user, at=at)


@transaction.atomic
def delete_ratings(user: User, *, on: date | None = None, at: datetime) -> int:
    """Throw away those of one day, or all of them. How many."""
    rows = SelfRating.objects.filter(user=user)
    gone, _by_model = (rows.filter(rated_on=on) if on else rows).delete()
    if gone:
        record("deleted self-ratings", user, by=user, at=at)
    return gone
