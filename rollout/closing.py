"""Days on which an agency is closed besides weekends: public holidays and its own spans. Values in, values out.

Public holidays come from the `holidays` package: the federal ones always, those of the chosen state or territory in
addition, by the name they have there. A holiday on a weekend stands by its observed day. Where a state moves or leaves
out a federal holiday, both days count as closed: a call that avoids one day too many harms nobody.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

import holidays
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .states import STATES

type Span = tuple[date, date, str]
"""First day, last day (both included), name."""

SATURDAY = 5

REGIONS = MappingProxyType(STATES)
"""Postal code → name of each US state and territory whose holidays are known, by name."""


def check_region(region: str) -> None:
    """A US state or territory by its postal code, or "" for none."""
    if region and region not in REGIONS:
        raise ValidationError(
            _("“%(region)s” is not a US state or territory. Take its postal code, like CO."),
            params={"region": region},
        )


def closed_days(region: str, spans: Iterable[Span], years: Iterable[int]) -> dict[date, str]:
    """Closed day → its name, in order, for ``years``; weekends are never among them.

    ``region``: a key of ``REGIONS``; "" counts the federal holidays only; anything else raises ValueError.
    ``spans``: the agency's own closing days, each first to last day included; they may overlap and reach beyond
    ``years``. Several names of one day are joined by "; ", the agency's own first.
    """
    if region and region not in REGIONS:
        raise ValueError(f"{region!r} is no US state or territory.")
    wanted = sorted(set(years))
    names: dict[date, list[str]] = {}
    for first, last, name in spans:
        for day in _days(first, last, wanted):
            names.setdefault(day, []).append(name)
    for year in wanted:
        for day, name in public_holidays(region, year).items():
            names.setdefault(day, []).append(name)
    return {day: "; ".join(dict.fromkeys(names[day])) for day in sorted(names) if day.weekday() < SATURDAY}


@lru_cache(maxsize=512)
def public_holidays(region: str, year: int) -> Mapping[date, str]:
    """Federal holidays of a year and those of the region, by the region's own names, with their observed days."""
    found = dict(holidays.country_holidays("US", years=year, language="en_US"))
    if region:
        found |= dict(holidays.country_holidays("US", subdiv=region, years=year, language="en_US"))
    return MappingProxyType(dict(sorted(found.items())))


def _days(first: date, last: date, years: list[int]) -> Iterable[date]:
    """The days of a span that lie in ``years``."""
    for year in years:
        day, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
        while day <= end:
            yield day
            day += timedelta(days=1)
