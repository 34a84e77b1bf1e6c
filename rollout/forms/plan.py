"""Forms of the plan: start and template, another date, and the sessions made from it."""

from dataclasses import fields
from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Agency, Cohort, Curriculum, Plan, User
from ..plan_steps import LIMITS, Template
from .training import DateInput, TimeInput, plausible

LABELS = {
    "cohorts": gettext_lazy("Cohorts"),
    "roster_gap": gettext_lazy("From the commitment to the roster"),
    "baseline_gap": gettext_lazy("From the roster to the baseline wave"),
    "wave_days": gettext_lazy("A wave is open for"),
    "foundations_gap": gettext_lazy("From the close of the baseline to Foundations"),
    "foundations_days": gettext_lazy("Foundations days of a cohort, one after the other"),
    "cohort_gap": gettext_lazy("From one cohort’s first day to the next one’s"),
    "supervision_gap": gettext_lazy("From Foundations to the supervision day"),
    "calls_gap": gettext_lazy("From the supervision day to the first call"),
    "follow_up_gap": gettext_lazy("From call 5 and call 10 to the wave after it"),
    "review_gap": gettext_lazy("From the close of a wave to its review"),
}
FIRST = ("cohorts", "cohort_gap")
"""What most agencies choose themselves; the rest is folded away."""


def agency_trainers(agency: Agency, keep: int | None = None) -> Any:
    """Active trainers of the agency by name, and whoever is set already."""
    found = User.objects.filter(trains=agency, is_active=True)
    if keep is not None:
        found = found | User.objects.filter(pk=keep)
    return found.distinct().order_by("name")


class PlanForm(forms.Form):
    """Start date, trainer and template; every number is in calendar days, but for the first and the Foundations days."""

    starts_on = forms.DateField(
        label=gettext_lazy("Start date"),
        widget=DateInput(),
        validators=[plausible],
        help_text=gettext_lazy("The leadership commitment; everything else is counted from here."),
    )
    trainer = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Trainer"),
        required=False,
        empty_label=gettext_lazy("Not yet settled"),
        help_text=gettext_lazy("Days on which this trainer is booked or away are left out."),
    )

    def __init__(self, data: Any = None, *, agency: Agency, plan: Plan | None = None, today: date) -> None:
        template = Template.from_json(plan.template) if plan else Template()
        trainers = agency_trainers(agency, plan.trainer_id if plan else None)
        initial = {each.name: getattr(template, each.name) for each in fields(template)}
        initial["starts_on"] = plan.starts_on if plan else agency.starts_on or today
        initial["trainer"] = plan.trainer_id if plan else None
        super().__init__(data, initial=initial)
        chosen: Any = self.fields["trainer"]
        chosen.queryset = trainers
        if plan is None and len(trainers) == 1:
            self.initial["trainer"] = trainers[0].pk
        for name, label in LABELS.items():
            least, most = LIMITS[name]
            words = "" if name in ("cohorts", "foundations_days") else _("Calendar days.")
            self.fields[name] = forms.IntegerField(
                label=label, min_value=least, max_value=most, help_text=words
            )

    def first_fields(self) -> list[Any]:
        return [self[name] for name in FIRST]

    def more_fields(self) -> list[Any]:
        return [self[name] for name in LABELS if name not in FIRST]

    @property
    def has_error_in_more(self) -> bool:
        return any(name in self.errors for name in LABELS if name not in FIRST)

    def template(self) -> Template:
        """After validation, or before it with the initial values."""
        values = self.cleaned_data if self.is_bound else self.initial
        return Template(**{name: values[name] for name in LABELS})


class MoveForm(forms.Form):
    """Another date for a milestone."""

    on = forms.DateField(label=gettext_lazy("New date"), widget=DateInput(), validators=[plausible])


class DoneForm(forms.Form):
    """The day on which a milestone took place."""

    done_on = forms.DateField(label=gettext_lazy("Took place on"), widget=DateInput(), validators=[plausible])


class PlanSessionsForm(forms.Form):
    """For which cohort the sessions are made, at what time and with whom. A new cohort takes a name."""

    cohort = forms.ModelChoiceField(
        Cohort.objects.none(),
        label=gettext_lazy("Cohort"),
        required=False,
        empty_label=gettext_lazy("A new one"),
    )
    name = forms.CharField(label=gettext_lazy("Name of a new cohort"), max_length=120, required=False)
    starts = forms.TimeField(label=gettext_lazy("Starts"), widget=TimeInput(), initial=time(9, 0))
    ends = forms.TimeField(
        label=gettext_lazy("Ends"),
        widget=TimeInput(),
        initial=time(16, 30),
        help_text=gettext_lazy("With breaks; they are not credited."),
    )
    trainer = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Trainer"),
        required=False,
        empty_label=gettext_lazy("Not yet settled"),
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200, required=False)

    def __init__(self, *args: Any, plan: Plan, curriculum: Curriculum, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.curriculum, self.agency = curriculum, plan.agency
        cohorts: Any = self.fields["cohort"]
        cohorts.queryset = plan.agency.cohorts.filter(curriculum=curriculum)
        trainers: Any = self.fields["trainer"]
        trainers.queryset = agency_trainers(plan.agency, plan.trainer_id)
        self.initial["trainer"], self.initial["name"] = plan.trainer_id, name
        self.fields["starts"].help_text = _("Local time, %(zone)s.") % {"zone": plan.agency.time_zone}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name = (data.get("name") or "").strip()
        if data.get("cohort") is None and "cohort" not in self.errors:
            same = Cohort.objects.filter(agency=self.agency, curriculum=self.curriculum, name__iexact=name)
            if not name:
                self.add_error("name", _("Choose a cohort, or enter a name for a new one."))
            elif same.exists():
                self.add_error("name", _("There is a cohort of this name already. Choose another name."))
        return data
