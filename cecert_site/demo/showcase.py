"""Invented examples for the living page of the design: ordinary ones, long ones, wrong ones."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rollout import charts
from rollout.calendar_strip import Calendar, Entry, calendar_strip

from .. import swatches

TODAY = date(2026, 11, 18)
LONG_NAME = "Maximiliana Featherstonehaugh-Oyelaran de la Cruz"
LONG_TEAM = "Intensive Family Preservation and Reunification Services, North County"


class Example(forms.Form):
    """One field of each kind; bound to nothing it is wrong in most of them."""

    name = forms.CharField(
        label=gettext_lazy("Name"), help_text=gettext_lazy("As it should stand on the roster.")
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    hired_on = forms.DateField(
        label=gettext_lazy("Hired"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    note = forms.CharField(
        label=gettext_lazy("Remark"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    place = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[("room", gettext_lazy("on site")), ("video", gettext_lazy("by video"))],
        widget=forms.RadioSelect,
    )
    people = forms.MultipleChoiceField(
        label=gettext_lazy("Who takes part"),
        choices=[("1", "Ines Calloway"), ("2", f"{LONG_NAME} · {LONG_TEAM}"), ("3", "Theo Lindqvist")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    sure = forms.BooleanField(label=gettext_lazy("I have told the team."), required=False)


class Upload(forms.Form):
    """A file to drop."""

    file = forms.FileField(
        label=gettext_lazy("Roster file"), help_text=gettext_lazy("CSV or Excel, as it comes.")
    )


class Filter(forms.Form):
    """A filter bar's fields."""

    words = forms.CharField(label=gettext_lazy("Name"), required=False)
    team = forms.ChoiceField(
        label=gettext_lazy("Team"),
        choices=[("", gettext_lazy("All teams")), ("1", LONG_TEAM)],
        required=False,
    )


def showcase(look: str, page: str) -> dict[str, Any]:
    """Everything ``templates/site/design.html`` shows. ``look``: light, dark or nothing; ``page``: of the pagination."""
    return {
        "colors": [(name, *values) for name, values in swatches.colors().items()],
        "pairs": swatches.pairs(),
        "lengths": swatches.lengths(),
        "looks": looks(look),
        "long_name": LONG_NAME,
        "long_team": LONG_TEAM,
        "facts": facts(),
        "todos": todos(),
        "events": events(),
        "steps": [
            {"label": label, "url": "#stepper"} for label in (_("Upload"), _("Check"), _("Import"), _("Done"))
        ],
        "stages": stages(),
        "rows": rows(),
        "tabs": tabs(),
        "page": numbered(page),
        "calendar": weeks(),
        "chart": levels(),
        "open_form": Example(prefix="open"),
        "wrong_form": Example({"wrong-email": "ines.calloway", "wrong-hired_on": "soon"}, prefix="wrong"),
        "upload": Upload(prefix="upload"),
        "filters": Filter({"filter-words": ""}, prefix="filter"),
        "places": places(),
        "long_places": [*places()[:2], (3, _("More often than not")), *places()[3:]],
        "toasts": toasts(),
        "summary": [{"label": _("Row 12: the e-mail is used twice"), "url": "#error_summary"}],
    }


def looks(look: str) -> list[dict[str, Any]]:
    """The three ways to look at the page, for ``components/tabs.html``."""
    names = [("", _("As the system says")), ("light", _("Light")), ("dark", _("Dark"))]
    return [
        {"label": name, "url": f"?look={value}" if value else "?", "current": value == look}
        for value, name in names
    ]


def facts() -> list[dict[str, str]]:
    return [
        {"label": _("Hours complete"), "value": "104", "rest": _("of 120 people"), "url": "#stat"},
        {"label": _("Calls held"), "value": "4", "rest": _("of 10")},
        {
            "label": _("Delivery fidelity"),
            "value": "85 %",
            "rest": _("call 4"),
            "note": _("8½ of 10 points aired"),
        },
        {"label": _("Mid-point survey"), "value": "–", "note": _("withheld to protect privacy")},
    ]


def todos() -> list[dict[str, str]]:
    hours = {
        "fact": _("Four people can no longer reach 12 hours as planned"),
        "why": _("Two make-up dates have room before January 15."),
        "action": _("Choose a make-up"),
    }
    calls = {"fact": LONG_NAME, "why": LONG_TEAM, "action": _("See the calls")}
    return [{**each, "url": "#todo"} for each in (hours, calls)]


def events() -> list[dict[str, str]]:
    return [
        {"title": _("Foundations, day 1"), "when": _("September 7"), "why": _("6 h credited")},
        {"title": _("Foundations, day 2"), "when": _("September 8"), "why": _("absent"), "state": "bad"},
        {"title": _("Make-up for day 2"), "when": _("today"), "state": "now", "url": "#timeline"},
        {"title": _("Helping skills"), "when": _("December 11"), "state": "ahead"},
    ]


def stages() -> list[dict[str, Any]]:
    return [
        {"label": _("Exploration"), "percent": 100, "note": _("commitment May 12")},
        {"label": _("Preparation"), "percent": 100},
        {"label": _("Implementation"), "percent": 40, "current": True, "note": _("4 of 10 calls")},
        {"label": _("Sustainment")},
    ]


def rows() -> list[SimpleNamespace]:
    """A table's rows: an ordinary one, a long one, one with nothing to say."""
    return [
        SimpleNamespace(name="Intake", people=17, complete=15, kind="", state=""),
        SimpleNamespace(name=LONG_TEAM, people=1204, complete=980, kind="warn", state=_("behind")),
        SimpleNamespace(name="Residential Night", people=4, complete=None, kind="", state=""),
    ]


def tabs() -> list[dict[str, Any]]:
    return [
        {"label": _("Everybody"), "url": "#tabs", "current": True, "count": 120},
        {"label": _("Not yet in"), "url": "#tabs", "count": 0},
        {"label": _("In"), "url": "#tabs"},
    ]


def numbered(page: str) -> Page[int]:
    return Paginator(range(120), 12).get_page(page)


def weeks() -> Calendar:
    """Three weeks around a day with two entries, one with a long name."""
    entries = [
        Entry(TODAY - timedelta(days=2), _("Foundations, day 1"), "#calendar", "9 a.m.", "dose"),
        Entry(TODAY + timedelta(days=2), _("Call 5: Before and during"), "#calendar", "10 a.m."),
        Entry(TODAY + timedelta(days=2), LONG_TEAM),
        Entry(TODAY + timedelta(days=9), _("Mid-point survey closes"), kind="warn"),
    ]
    return calendar_strip(TODAY - timedelta(days=3), TODAY + timedelta(days=15), entries, today=TODAY)


def levels() -> charts.Chart:
    return charts.stacked_levels(
        name=_("Burnout"),
        uid="example",
        rows=[
            charts.LevelRow(_("Agency"), "104 of 118", (42, 51, 7)),
            charts.LevelRow(LONG_TEAM, "15 of 22", (30, 60, 10)),
            charts.LevelRow("Intake", "10–16 of 17", None),
        ],
    )


def places() -> list[tuple[int, str]]:
    return list(enumerate((_("Never"), _("Rarely"), _("Some\u00adtimes"), _("Often"), _("Very often")), 1))


def toasts() -> list[SimpleNamespace]:
    return [
        SimpleNamespace(level_tag="success", text=_("Saved. 12 people were added.")),
        SimpleNamespace(level_tag="warning", text=_("Saved, but one person has no e-mail.")),
        SimpleNamespace(level_tag="error", text=_("Not saved: the session was cancelled meanwhile.")),
    ]
