"""Forms for one line of the roster. Each carries the fingerprint of the line it was shown with."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..enrollment import seen_of
from ..models import Agency, Person
from ..roster_rows import not_a_name
from .enrollment import DateInput


class SeenForm(forms.ModelForm):
    """A line that two people may change: ``seen`` tells what was shown."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["seen"].initial = seen_of(self.instance)


class PersonForm(SeenForm):
    """One line of the roster."""

    since = forms.DateField(
        label=_("Since when"),
        required=False,
        widget=DateInput(),
        help_text=_(
            "First day of a new team, job title or return. Earlier than today for what is entered late."
        ),
    )

    class Meta:
        model = Person
        fields = [
            "first_name",
            "last_name",
            "email",
            "team",
            "job_title",
            "since",
            "employee_number",
            "hired_on",
            "left_on",
        ]
        widgets = {"hired_on": DateInput(), "left_on": DateInput()}
        help_texts = {
            "email": _("Where notices go. A person who has signed in keeps their own sign-in address."),
            "left_on": _("Ends sign-in at once. Hours and certificates are kept."),
        }

    field_order = Meta.fields

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agency = agency
        self.today = timezone.localdate(timezone=agency.zone)
        self.fields["team"] = forms.ModelChoiceField(agency.teams.all(), label=_("Team"), required=False)
        if self.instance.pk:
            self.fields["since"].initial = self.today
            self.order_fields(self.field_order)
        else:
            # Somebody new is in their team from the day they were hired.
            del self.fields["since"]

    def clean_first_name(self) -> str:
        return self._name("first_name")

    def clean_last_name(self) -> str:
        return self._name("last_name")

    def _name(self, field: str) -> str:
        name = str(self.cleaned_data[field])
        # The same rule as in a roster file, so that an exported roster can be imported again.
        if name != getattr(self.instance, field) and not_a_name(name):
            raise forms.ValidationError(_("This is not a name. Put in the person's name."))
        return name

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        others = self.agency.people.exclude(pk=self.instance.pk)
        if email and others.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Somebody else on this roster has this e-mail."))
        return email

    def clean_employee_number(self) -> str:
        number = str(self.cleaned_data["employee_number"])
        if number and self.agency.people.exclude(pk=self.instance.pk).filter(employee_number=number).exists():
            raise forms.ValidationError(_("Somebody else on this roster has this employee number."))
        return number

    def clean_left_on(self) -> date | None:
        left: date | None = self.cleaned_data["left_on"]
        if left and left > self.today:
            raise forms.ValidationError(_("Not before that day: sign-in would end today. Enter it then."))
        return left

    def clean_since(self) -> date | None:
        since: date | None = self.cleaned_data["since"]
        if since and since > self.today:
            raise forms.ValidationError(_("Not before that day: enter the change then."))
        return since

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        hired, left, since = data.get("hired_on"), data.get("left_on"), data.get("since")
        if hired and left and left < hired:
            self.add_error("left_on", _("Before the hire date."))
        moved = {"team", "job_title"} & set(self.changed_data)
        if hired and since and moved and since < hired:
            self.add_error("since", _("Before the hire date."))
        return data


class PersonLine(SeenForm):
    """What changes most often in a line of the roster, for the list itself."""

    class Meta:
        model = Person
        fields = ["team", "job_title"]

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{self.instance.uuid}_%s"
        self.fields["team"] = forms.ModelChoiceField(
            agency.teams.all(),
            label=_("Team"),
            required=False,
            widget=forms.Select(attrs={"autofocus": True}),
        )
