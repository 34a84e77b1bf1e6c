"""Forms of the monthly workforce figures."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ..models import WorkforceMonth
from ..roster_files import MAX_BYTES
from ..workforce import FIELD_NAMES, FIELDS, Month


class MonthForm(forms.ModelForm):
    """One month, as far as it is known."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = WorkforceMonth
        fields = list(FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version if self.instance.pk else 0
        for name in FIELDS:
            self.fields[name].min_value = 0  # type: ignore[attr-defined]
            self.fields[name].widget.attrs["min"] = 0
            # All four may stay open, so none is called optional by itself: the page says so once.
            self.fields[name].required = False
            self.fields[name].label = FIELD_NAMES[name]
        for name in ("days_lost", "days_scheduled"):
            self.fields[name].widget.attrs["step"] = "0.1"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in FIELDS:
            value = data.get(name)
            if value is not None and value < 0:
                self.add_error(name, _("Less than nothing cannot be."))
        lost, scheduled = data.get("days_lost"), data.get("days_scheduled")
        if lost is not None and scheduled is not None and lost > scheduled:
            self.add_error("days_lost", _("More than the days scheduled."))
        return data

    def month(self) -> Month:
        """The figures as a value, after ``is_valid``."""
        return Month(self.instance.month_on, *(self.cleaned_data[name] for name in FIELDS))


class WorkforceFileForm(forms.Form):
    """A table of months as CSV or Excel."""

    file = forms.FileField(
        label=_("File with the figures"),
        help_text=_("CSV or Excel (.xlsx). Nothing is changed before you have seen what would."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def clean_file(self) -> bytes:
        """Its content; one byte more than allowed is enough to know."""
        file: UploadedFile = self.cleaned_data["file"]
        return bytes(file.read(MAX_BYTES + 1))
