"""What templates need to say figures and times the way the field does."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.templatetags.tz import do_timezone
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .. import charts, day_words, library
from ..starter import shown

register = template.Library()
FRACTIONS = {0: "", 15: "¼", 30: "½", 45: "¾"}


@register.filter
def hours(minutes: int | timedelta | None) -> str:
    """Minutes as clock hours: 720 → "12 h", 450 → "7½ h", 50 → "50 min", 80 → "1 h 20 min"; None → "–"."""
    if minutes is None:
        return "–"
    whole = int(minutes.total_seconds() // 60) if isinstance(minutes, timedelta) else int(minutes)
    full, rest = divmod(abs(whole), 60)
    sign = "−" if whole < 0 else ""
    if whole and not full and rest not in (30,):
        return sign + _("%(minutes)d min") % {"minutes": rest}
    if rest in FRACTIONS:
        number = f"{full or ''}{FRACTIONS[rest]}" or "0"
        return sign + _("%(hours)s h") % {"hours": number}
    return sign + _("%(hours)d h %(minutes)d min") % {"hours": full, "minutes": rest}


@register.filter
def percent(share: float | None) -> str:
    """A share from 0 to 1 as "88 %" with a no-break space; None → "–"; 100 % only when it is all."""
    return charts.percent_text(share)


@register.filter
def local(at: datetime | None, zone: str | ZoneInfo | None) -> datetime | None:
    """The same moment in a zone: ``{{ call.starts_at|local:agency.zone|clock }}``.

    Marked as converted, or the next filter would bring it back to the server's zone.
    """
    if not at or not zone:
        return at
    there: datetime = do_timezone(at, ZoneInfo(zone) if isinstance(zone, str) else zone)
    return there


@register.filter
def day(value: date | datetime | None) -> str:
    """A date as people say it: "Thursday, December 3, 2026" in the reader's language; None → "–"."""
    return day_words.full_day(value) if value else "–"


@register.filter
def short_day(value: date | datetime | None) -> str:
    """A date for tables and lines: "Dec. 3, 2026"; None → "–"."""
    return day_words.short_day(value) if value else "–"


@register.filter
def weekday(value: date | datetime | None) -> str:
    """A date that is near: "Thursday, December 3"; None → "–"."""
    return day_words.weekday(value) if value else "–"


@register.filter
def clock(value: datetime | None) -> str:
    """Time of day in the reader's language: "10 a.m."; apply ``local`` first; None → "–"."""
    return day_words.clock(value) if value else "–"


@register.filter
def starter(text: str) -> str:
    """A text that may have come with the product, in the reader's language: ``{{ point.text|starter }}``."""
    return shown(str(text))


@register.filter
def skills_page(domain: str) -> str:
    """Where the skills library tells of a domain, by its code; "" for what is no skill domain."""
    found = library.domain_of(domain)
    return reverse("rollout:skills_domain", args=[found.slug]) if found else ""


@register.filter
def widget_is(field: BoundField, kind: str) -> bool:
    """Whether a field shows as ``kind``: checkbox, file, textarea …"""
    return (
        getattr(field.field.widget, "input_type", "") or field.widget_type
    ) == kind and not field.use_fieldset


@register.filter
def unprompted(field: BoundField) -> SafeString:
    """The field's control without a placeholder, where that would say the label once more."""
    return field.as_widget(attrs={"placeholder": False})


@register.filter
def page_numbers(page: Page) -> Sequence[int | None]:
    """Numbers to link around the current page; None stands for a gap."""
    paginator = page.paginator
    numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.simple_tag
def meter(value: float, total: float) -> SafeString:
    """A bar for value of total, without words: the words stand beside it."""
    return charts.meter(value, total)
