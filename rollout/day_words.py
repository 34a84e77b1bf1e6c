"""Dates and times as people say them, in the language in force: "Thursday, December 3" and "jueves, 3 de diciembre".

The formats stand in the catalog, in the letters of Django's ``date`` filter, but for those that Django knows by name.
Convert to the agency's zone first.
"""

from datetime import date, datetime

from django.utils.formats import date_format, time_format
from django.utils.translation import pgettext


def full_day(value: date) -> str:
    """ "Thursday, December 3, 2026" """
    return date_format(value, pgettext("date format", "l, F j, Y"))


def weekday(value: date) -> str:
    """ "Thursday, December 3" """
    return date_format(value, pgettext("date format", "l, F j"))


def month_day(value: date) -> str:
    """ "December 3" """
    return date_format(value, "MONTH_DAY_FORMAT")


def short_day(value: date) -> str:
    """ "Dec. 3, 2026" """
    return date_format(value, "DATE_FORMAT")


def brief_day(value: date) -> str:
    """ "Dec. 3" """
    return date_format(value, pgettext("date format", "N j"))


def brief_weekday(value: date) -> str:
    """ "Thursday, Dec. 3" """
    return date_format(value, pgettext("date format", "l, N j"))


def month(value: date) -> str:
    """ "December 2026" """
    return date_format(value, "YEAR_MONTH_FORMAT")


def clock(value: datetime) -> str:
    """Time of day: "2:03 p.m.", "9 a.m.", "noon"."""
    return time_format(value.timetz(), "TIME_FORMAT")
