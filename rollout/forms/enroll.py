"""Forms of enrolling an agency step by step, and of the days on which it is closed."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import Agency, ClosedDay
from .enrollment import DateInput

LONGEST = timedelta(days=366)


class StartForm(forms.ModelForm):
    """The day from which the plan is worked out."""

    class Meta:
        model = Agency
        fields = ["starts_on"]
        widgets = {"starts_on": DateInput()}
        help_texts = {"starts_on": _("The plan counts from this day; any of its dates can be moved later.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].required = True


class ClosedDayForm(forms.ModelForm):
    """Own closing days, one or several on end."""

    class Meta:
        model = ClosedDay
        fields = ["name", "from_on", "until_on"]
        widgets = {"from_on": DateInput(), "until_on": DateInput()}
        help_texts = {"until_on": _("The last day; leave it empty for a single day.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until_on"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first = data.get("from_on")
        data["until_on"] = last = data.get("until_on") or first
        if first and last and last < first:
            self.add_error("until_on", _("Before the first day."))
        elif first and last and last - first > LONGEST:
            self.add_error("until_on", _("More than a year: enter the days on which nothing can be planned."))
        return data
