"""Forms of the hours pages: narrowing a list, changing what is required."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..credit import STATE_LABELS
from ..models import Agency, Curriculum, Team
from ..templatetags.ui import hours


class HoursFilter(forms.Form):
    """Which part of the list to show."""

    q = forms.CharField(label=gettext_lazy("Name"), required=False)
    team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("Team"), required=False, empty_label=gettext_lazy("All teams")
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Any")), *STATE_LABELS.items()],
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = agency.teams.all()  # type: ignore[attr-defined]


class OpenFilter(forms.Form):
    """Whose open hours to show: by what would still close the gap."""

    q = forms.CharField(label=gettext_lazy("Name"), required=False)
    team = HoursFilter.base_fields["team"]
    show = forms.ChoiceField(
        label=gettext_lazy("Make-up"),
        required=False,
        choices=[
            ("", gettext_lazy("Any")),
            ("options", gettext_lazy("There is one")),
            ("none", gettext_lazy("None left")),
        ],
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = agency.teams.all()  # type: ignore[attr-defined]


class TeamFilter(forms.Form):
    """One team or all."""

    team = HoursFilter.base_fields["team"]

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = agency.teams.all()  # type: ignore[attr-defined]


class RequirementForm(forms.Form):
    """How much of a curriculum is required. ``seen`` is the requirement that was shown."""

    required_minutes = forms.IntegerField(label=gettext_lazy("Minutes required"), min_value=1)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, curriculum: Curriculum) -> None:
        self.curriculum = curriculum
        self.most = sum(module.minutes for module in curriculum.modules.all())
        now = curriculum.required_minutes
        super().__init__(data, initial={"required_minutes": now, "seen": now}, auto_id=f"c{curriculum.pk}_%s")
        self.fields["required_minutes"].widget.attrs["max"] = self.most
        self.fields["required_minutes"].help_text = _(
            "60 minutes are a clock hour. Its modules come to %(minutes)d minutes (%(hours)s)."
        ) % {"minutes": self.most, "hours": hours(self.most)}

    def clean_required_minutes(self) -> int:
        minutes: int = self.cleaned_data["required_minutes"]
        if minutes > self.most:
            raise forms.ValidationError(
                _("Its modules come to %(most)d minutes; nobody could earn more. Add a module first.")
                % {"most": self.most}
            )
        return minutes
