"""Forms of a trainer: region and zone, and days away."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import TrainerAway, TrainerProfile
from ..models.people import check_time_zone
from .training import DateInput, plausible


class TrainerForm(forms.ModelForm):
    """Where a trainer works from. ``version`` is the one that was shown, 0 for none yet."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = TrainerProfile
        fields = ["region", "time_zone", "note"]
        help_texts = {
            "region": gettext_lazy("For example “Mountain West”; leaders of your agencies see it."),
            "time_zone": gettext_lazy("Such as America/Denver. Days away are whole days in it."),
            "note": gettext_lazy("Only you and site administrators see it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].widget.attrs["list"] = "zones"
        american = sorted(zone for zone in available_timezones() if zone.startswith("America/"))
        self.zones = [*american, "Pacific/Honolulu", "Pacific/Guam"]

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"]).strip()
        if name:
            check_time_zone(name)
        return name


class AwayForm(forms.ModelForm):
    """Days on which a trainer takes no booking."""

    from_on = forms.DateField(label=gettext_lazy("From"), widget=DateInput(), validators=[plausible])
    until_on = forms.DateField(
        label=gettext_lazy("Until"), widget=DateInput(), validators=[plausible], required=False
    )

    class Meta:
        model = TrainerAway
        fields = ["from_on", "until_on", "note"]
        help_texts = {"note": gettext_lazy("Only you and site administrators see it.")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first = data.get("from_on")
        if first and not data.get("until_on") and "until_on" not in self.errors:
            data["until_on"] = first
        if first and data.get("until_on") and data["until_on"] < first:
            self.add_error("until_on", _("The last day must not be before the first."))
        return data

    def _post_clean(self) -> None:
        """The action makes the row: nothing is checked on an instance that is none."""
