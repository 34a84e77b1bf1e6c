"""Forms for waves and wordings. The survey itself has none: thirty fields through form objects halve its speed."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import instruments, wording
from assessments.models import Wave, WordingPack
from rollout.models import Agency, User

LONGEST_DAYS = 180
USUAL_DAYS = 21


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class OpenForm(forms.Form):
    """Which wave, until when, and in which language where there are several."""

    label = forms.ChoiceField(label=gettext_lazy("Which wave"), choices=Wave.Label.choices)
    closes_on = forms.DateField(
        label=gettext_lazy("Closes at the end of"),
        widget=DateInput(),
        help_text=gettext_lazy("Two to three weeks are usual. It can be extended later, never shortened."),
    )

    def __init__(
        self, *args: Any, today: date, used: set[str], wordings: Mapping[str, WordingPack], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.wordings = today, wordings
        fresh = [code for code in Wave.Label.values if code not in used]
        self.fields["label"].initial = fresh[0] if fresh else Wave.Label.ONE_YEAR
        self.fields["closes_on"].initial = today + timedelta(days=USUAL_DAYS)
        if len(wordings) > 1:
            choices = [(code, f"{code} · {_('version')} {pack.version}") for code, pack in wordings.items()]
            self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=choices)

    def clean_closes_on(self) -> date:
        day: date = self.cleaned_data["closes_on"]
        check_day(day, after=self.today)
        if day > self.today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(
                _("A wave may stay open for %(n)d days at most.") % {"n": LONGEST_DAYS}
            )
        return day

    def chosen_wording(self) -> WordingPack | None:
        """The wording the wave takes; None: stand-in wording. Ask after validation."""
        if "language" in self.fields:
            return self.wordings[self.cleaned_data["language"]]
        return next(iter(self.wordings.values()), None)


class ExtendForm(forms.Form):
    """A later closing date."""

    closes_on = forms.DateField(label=gettext_lazy("New closing date"), widget=DateInput())

    def __init__(self, *args: Any, wave: Wave, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = wave.agency.zone
        self.closes = wave.closes_at.astimezone(zone).date()
        self.today = now.astimezone(zone).date()
        self.fields["closes_on"].widget.attrs["min"] = str(self.closes + timedelta(days=1))

    def clean_closes_on(self) -> date:
        day: date = self.cleaned_data["closes_on"]
        check_day(day, after=max(self.closes, self.today))
        if day > self.today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(
                _("A wave may stay open for %(n)d days at most.") % {"n": LONGEST_DAYS}
            )
        return day


class WordingForm(forms.Form):
    """The statements from one's own copy: pasted or as a file, for one agency or (site administrators) for all."""

    instrument = forms.ChoiceField(label=gettext_lazy("Instrument"))
    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label=gettext_lazy("For"),
        required=False,
        empty_label=gettext_lazy("every agency"),
    )
    language = forms.CharField(
        label=gettext_lazy("Language"),
        initial="en",
        max_length=10,
        validators=[
            RegexValidator(r"\A[a-z]{2,3}(-[A-Za-z]{2,4})?\Z", gettext_lazy("Give a code such as en or es."))
        ],
        help_text=gettext_lazy("A code such as en or es."),
    )
    statements = forms.CharField(
        label=gettext_lazy("Paste the statements"),
        required=False,
        max_length=wording.MOST_BYTES,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("One numbered statement a line, brackets as they are."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or take a file"), required=False, help_text=gettext_lazy("TXT or CSV.")
    )

    def __init__(self, *args: Any, user: User, agencies: list[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = [  # type: ignore[attr-defined]
            (one.code, one.short_name) for one in instruments.INSTRUMENTS.values()
        ]
        if len(instruments.INSTRUMENTS) == 1:
            self.fields["instrument"].widget = forms.HiddenInput()
            self.fields["instrument"].initial = next(iter(instruments.INSTRUMENTS))
        choose: Any = self.fields["agency"]
        choose.queryset = Agency.objects.filter(pk__in=[agency.pk for agency in agencies])
        if not user.is_site_admin:
            choose.required, choose.empty_label = True, None
            if len(agencies) == 1:
                choose.widget, choose.initial = forms.HiddenInput(), agencies[0].pk

    def clean(self) -> dict[str, Any]:
        """Text of file or field, in ``text``; a file wins."""
        data: dict[str, Any] = super().clean() or {}
        try:
            data["text"] = (
                wording.decode(data["file"].read()) if data.get("file") else data.get("statements") or ""
            )
        except ValueError as error:
            self.add_error("file", str(error))
            return data
        if not data["text"].strip() and not self.errors:
            self.add_error("statements", _("Paste the statements or choose a file."))
        return data


def check_day(day: date, *, after: date) -> None:
    """Refuse a day that is not later."""
    if day <= after:
        raise forms.ValidationError(_("Choose a date after %(on)s.") % {"on": date_format(after)})
