"""The form that plans several training days at once: one row for each day, and what all of them share."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Cohort, Module, Session
from ..session_series import MOST_DAYS, TrainingDay, modules_by_day, modules_planned, shared_out
from ..templatetags.ui import hours
from .training import PLACE_HELP, VIDEO_HELP, DateInput, TimeInput, plausible, trainers_for

DEFAULT_ROWS = 3
"""Where a curriculum has no days of its own."""


@dataclass(frozen=True)
class DayRow:
    """One row of the form: which training day, its date, and what it covers unless something else is chosen."""

    number: int
    field: Any
    modules: tuple[Module, ...]


class DaysForm(forms.Form):
    """Dates of a cohort's training days. Rows without a date are left out."""

    starts = forms.TimeField(label=gettext_lazy("Starts"), widget=TimeInput(), initial=time(9, 0))
    ends = forms.TimeField(label=gettext_lazy("Ends"), widget=TimeInput(), initial=time(16, 30))
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200, required=False)
    place_details = forms.CharField(
        label=gettext_lazy("How to find it"), max_length=500, required=False, help_text=PLACE_HELP
    )
    video_link = forms.URLField(
        label=gettext_lazy("Video link"), max_length=500, required=False, assume_scheme="https"
    )
    video_details = forms.CharField(
        label=gettext_lazy("How to join by video"), max_length=500, required=False, help_text=VIDEO_HELP
    )
    trainer: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, label=gettext_lazy("Trainer"), required=False
    )

    def __init__(self, *args: Any, cohort: Cohort, rows: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cohort, self.zone = cohort, cohort.agency.zone
        self.parts = self._parts(rows)
        for number, _modules in self.parts:
            self.fields[f"on_{number}"] = forms.DateField(
                label=_("Training day %(day)d") % {"day": number},
                widget=DateInput(),
                validators=[plausible],
                required=False,
            )
        trainer = self.fields["trainer"]
        trainer.queryset = trainers_for(Session(cohort=cohort))  # type: ignore[attr-defined]
        trainer.empty_label = _("Not yet settled")  # type: ignore[attr-defined]
        self.fields["starts"].help_text = _("Local time, %(zone)s.") % {"zone": cohort.agency.time_zone}
        self.fields["ends"].help_text = _("With breaks; they are not credited.")

    def _parts(self, rows: int) -> list[tuple[int, tuple[Module, ...]]]:
        """Training days still to plan with their modules; a curriculum without days is shared out over its rows."""
        by_day = modules_by_day(self.cohort)
        numbered = {day: modules for day, modules in by_day.items() if day}
        planned = modules_planned(self.cohort)
        if numbered:
            left = {
                day: modules
                for day, modules in numbered.items()
                if any(module.pk not in planned for module in modules)
            }
            # All days planned: the same again, for instance as make-up days.
            return sorted((left or numbered).items())
        modules = by_day.get(0, ())
        open_ones = [module for module in modules if module.pk not in planned] or list(modules)
        count = max(1, min(rows or DEFAULT_ROWS, MOST_DAYS, len(open_ones) or 1))
        first = 1 + self.cohort.sessions.planned().count()
        return list(enumerate(shared_out(open_ones, count), start=first))

    def rows(self) -> list[DayRow]:
        """The rows as the page shows them."""
        return [DayRow(number, self[f"on_{number}"], modules) for number, modules in self.parts]

    def dates(self) -> dict[int, date]:
        """Dates that could be read, by training day."""
        data = getattr(self, "cleaned_data", {})
        return {number: data[f"on_{number}"] for number, _m in self.parts if data.get(f"on_{number}")}

    def clean_video_link(self) -> str:
        link = self.cleaned_data["video_link"]
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError(_("A video link starts with https://"))
        return str(link)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end must be after the start, on the same day."))
        dates = self.dates()
        if not dates and not self.errors:
            self.add_error(None, _("Enter at least one date."))
        for number, on in dates.items():
            if list(dates.values()).count(on) > 1:
                self.add_error(f"on_{number}", _("This date stands here twice."))
            elif any(before > on for earlier, before in dates.items() if earlier < number):
                self.add_error(f"on_{number}", _("This date is before that of an earlier training day."))
        return data

    def days(self) -> list[TrainingDay]:
        """What to plan."""
        data, dates = self.cleaned_data, self.dates()
        return [
            TrainingDay(dates[number], data["starts"], data["ends"], number, modules=modules)
            for number, modules in self.parts
            if number in dates
        ]

    def shared(self) -> dict[str, Any]:
        """What all days have in common, for ``plan_sessions``."""
        names = ("place", "place_details", "video_link", "video_details", "trainer")
        return {name: self.cleaned_data[name] for name in names}


def covers(modules: tuple[Module, ...]) -> str:
    """ "6 h: Feeling it through, Letting go" """
    if not modules:
        return ""
    worth = hours(sum(module.minutes for module in modules))
    return f"{worth}: {', '.join(str(module) for module in modules)}"
