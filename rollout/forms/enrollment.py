"""Forms for enrolling an agency and keeping its roster."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ..closing import REGIONS
from ..imports import FIELD_LABELS, MAX_BYTES, RosterFileError, Table, read_table
from ..models import Agency, Team

COMMON_ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
]


def zone_choices() -> list[Any]:
    """United States zones first, then every other one."""
    rest = sorted(zone for zone in available_timezones() if "/" in zone and zone not in COMMON_ZONES)
    return [
        (_("United States"), [(zone, zone.replace("_", " ")) for zone in COMMON_ZONES]),
        (_("Elsewhere"), [(zone, zone.replace("_", " ")) for zone in rest]),
    ]


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class AgencyForm(forms.ModelForm):
    """The agency and the rules that count in it. ``k`` may only rise: a group once protected stays protected."""

    class Meta:
        model = Agency
        fields = [
            "name",
            "slug",
            "setting",
            "time_zone",
            "language",
            "starts_on",
            "region",
            "k",
            "calls_needed",
            "call_minutes",
            "late_minutes",
            "early_minutes",
            "partial_credit",
            "sponsor",
            "approval_text",
            "help_text",
        ]
        widgets = {
            "starts_on": DateInput(),
            "help_text": forms.Textarea(attrs={"rows": 3}),
            "approval_text": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "slug": _("Letters, digits and hyphens. It stays when the name changes."),
            "language": _("For people who have not chosen a language themselves."),
            "starts_on": _("The day the rollout begins; the overview counts from here."),
            "k": _(
                "Survey figures are shown for groups of at least this many people. It can be raised, never lowered."
            ),
            "region": _("Nothing is planned on its holidays, nor on federal ones."),
            "sponsor": _("Empty: the name of the agency."),
            "approval_text": _(
                "Word for word as the approval says. Certificates claim none while this is empty."
            ),
            "help_text": _("Shown beside each person's own result, above the national line 988."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = forms.ChoiceField(label=_("Time zone"), choices=zone_choices())
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of mails"),
            choices=settings.LANGUAGES,
            required=False,
            initial=self.instance.language,
            help_text=self.Meta.help_texts["language"],
        )
        self.fields["region"] = forms.ChoiceField(
            label=_("State whose holidays count"),
            choices=[("", _("federal holidays only")), *REGIONS.items()],
            required=False,
            help_text=self.Meta.help_texts["region"],
        )
        if self.instance.pk:
            self.fields["slug"].disabled = True
        lowest = self.instance.k if self.instance.pk else 5
        self.fields["k"].widget.attrs["min"] = lowest
        self.lowest_k = lowest

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if slug == "new":
            raise forms.ValidationError(_("“new” is taken by the system. Choose another short name."))
        return str(slug)

    def clean_k(self) -> int:
        k = int(self.cleaned_data["k"])
        if k < self.lowest_k:
            raise forms.ValidationError(
                _("It can be raised, never lowered: at least %(k)s.") % {"k": self.lowest_k}, code="k_lowered"
            )
        return k

    def clean_calls_needed(self) -> int:
        needed = int(self.cleaned_data["calls_needed"])
        if not 1 <= needed <= 10:
            raise forms.ValidationError(_("Between 1 and 10: a series has ten calls."))
        return needed

    def clean_call_minutes(self) -> int:
        minutes = int(self.cleaned_data["call_minutes"])
        if not 1 <= minutes <= 60:
            raise forms.ValidationError(_("Between 1 and 60: a call lasts an hour."))
        return minutes


class TeamForm(forms.ModelForm):
    """A team and who supervises it."""

    class Meta:
        model = Team
        fields = ["name", "supervisor"]

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agency = agency
        self.fields["supervisor"] = forms.ModelChoiceField(
            agency.people.current(), label=_("Supervisor"), required=False
        )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if self.agency.teams.exclude(pk=self.instance.pk).filter(name__iexact=name).exists():
            raise forms.ValidationError(_("There is a team of this name already."))
        return name


class GrantForm(forms.Form):
    """Give somebody a role in an agency, by e-mail."""

    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("For an account that is new; until then they go by their e-mail."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[("leader", _("program leader")), ("trainer", _("trainer"))],
        widget=forms.RadioSelect,
    )


class PeopleFilter(forms.Form):
    """Which part of a roster to show."""

    q = forms.CharField(label=_("Name or e-mail"), required=False)
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), required=False, empty_label=_("All teams")
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("On the roster")), ("left", _("Left")), ("all", _("Everyone"))],
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = agency.teams.all()  # type: ignore[attr-defined]


class RosterFileForm(forms.Form):
    """A roster as CSV or Excel, refused at once when it cannot be read."""

    file = forms.FileField(
        label=_("Roster file"),
        help_text=_(
            "CSV or Excel (.xlsx), at most 5 MB. Nothing is changed before you have seen what would."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def clean_file(self) -> bytes:
        """The file's content; its name stays in ``files``."""
        file: UploadedFile = self.cleaned_data["file"]
        # One byte more than allowed is enough to know, whatever its size.
        content = bytes(file.read(MAX_BYTES + 1))
        try:
            read_table(content, file.name or "")
        except RosterFileError as error:
            raise forms.ValidationError(str(error)) from error
        return content


class ColumnsForm(forms.Form):
    """Which column of a roster file holds what: one choice for each column."""

    def __init__(self, *args: Any, table: Table, columns: dict[int, str | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        for index in range(len(table.headers)):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=table.label(index),
                choices=[("", _("not read")), *FIELD_LABELS.items()],
                required=False,
                initial=columns.get(index) or "",
            )

    def choices(self) -> dict[int, str | None]:
        """Column index → field or None, after ``is_valid``."""
        return {
            index: self.cleaned_data[f"column_{index}"] or None for index in range(len(self.table.headers))
        }

    def lines(self) -> list[tuple[str, str, forms.BoundField]]:
        """Label, first values and choice of each column."""
        return [
            (self.table.label(index), ", ".join(list(filter(None, self.table.texts(index)))[:3]), self[name])
            for index, name in enumerate(self.fields)
        ]
