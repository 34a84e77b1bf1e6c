"""The skills library: five domains and their skills, in this product's own words.

It describes what the model asks people to do. It says nothing of effects: no outcome study has been published.
"""

from django.utils.translation import gettext_lazy as _

from .beliefs import BELIEFS
from .engagement import ENGAGEMENT
from .labor import LABOR
from .narrative import NARRATIVE
from .parts import Belief, Domain, Skill
from .recovery import RECOVERY
from .rumination import RUMINATION

__all__ = [
    "BELIEFS",
    "DOMAINS",
    "ENGAGEMENT",
    "LABOR",
    "NARRATIVE",
    "RECOVERY",
    "RUMINATION",
    "SETTINGS",
    "Belief",
    "Domain",
    "Skill",
    "by_slug",
    "domain_of",
]

DOMAINS: tuple[Domain, ...] = (ENGAGEMENT, RUMINATION, NARRATIVE, LABOR, RECOVERY)
SETTINGS = (_("On a child-welfare day"), _("On a clinic day"), _("On an office day"))
"""What the three examples of each skill are from."""
_BY_CODE = {domain.code: domain for domain in DOMAINS}
_BY_SLUG = {domain.slug: domain for domain in DOMAINS}


def domain_of(code: str) -> Domain | None:
    """The page of a domain by the code that calls, modules and points carry; None where there is no such page."""
    return _BY_CODE.get(code)


def by_slug(slug: str) -> Domain | None:
    """The domain of an address."""
    return _BY_SLUG.get(slug)
