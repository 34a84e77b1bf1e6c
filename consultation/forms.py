"""Forms for series, calls and who was there. Times are entered in the agency's zone."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rollout.dates import at_local
from rollout.forms.training import DateInput, TimeInput, plausible
from rollout.models import Agency, Person, User
from rollout.starter import DOMAINS

from .actions import MOST_MINUTES, call_starts, supervisors_of
from .models import Call, CallCommitment, Series, SeriesMember
from .starter import N_CALLS


def trainers_for(agency: Agency, keep: int | None = None) -> Any:
    """Active trainers of the agency, by name; and whoever is set already, as a queryset."""
    found = User.objects.filter(trains=agency, is_active=True)
    if keep is not None:
        found = found | User.objects.filter(pk=keep)
    return found.distinct().order_by("name")


def check_link(link: str) -> str:
    """A link that a browser opens as a page."""
    if link and not link.startswith(("https://", "http://")):
        raise forms.ValidationError(_("A video link starts with https://"))
    return link


def check_name(name: str, agency: Agency, own: int | None = None) -> str:
    """A name that is free in the agency."""
    others = Series.objects.filter(agency=agency, name__iexact=name)
    if (others.exclude(pk=own) if own else others).exists():
        raise forms.ValidationError(_("There is a series of this name already. Choose another name."))
    return name


class PeopleField(forms.ModelMultipleChoiceField):
    """Supervisors with their teams; whoever is in no series yet is ticked."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        teams = ", ".join(team.name for team in obj.supervises.all())
        parts = [str(obj), teams, _("already in a series") if obj.has_series else ""]
        return " · ".join(part for part in parts if part)


class SeriesNewForm(forms.Form):
    """A series: who, with whom, from when on. ``starts()`` are its ten dates, as computed or as changed by
    hand.
    """

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("What people call the group, for example “Supervisors 2027”."),
    )
    members = PeopleField(
        label=gettext_lazy("Who takes part"),
        queryset=Person.objects.none(),
        to_field_name="uuid",
        error_messages={"required": gettext_lazy("Tick at least one person.")},
    )
    trainer = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Trainer"),
        required=False,
        empty_label=gettext_lazy("Not yet settled"),
    )
    first_on = forms.DateField(
        label=gettext_lazy("First call on"), widget=DateInput(), validators=[plausible]
    )
    starts_time = forms.TimeField(label=gettext_lazy("Starts"), widget=TimeInput(), initial=time(10, 0))
    video_link = forms.URLField(
        label=gettext_lazy("Video link"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("For all ten calls; a single call may have its own."),
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agency = agency
        busy = SeriesMember.objects.current().filter(person=OuterRef("pk"))
        people = supervisors_of(agency).annotate(has_series=Exists(busy)).prefetch_related("supervises")
        members: Any = self.fields["members"]
        members.queryset = people
        members.initial = [person.uuid for person in people if not person.has_series]
        trainers: Any = self.fields["trainer"]
        trainers.queryset = trainers_for(agency)
        if len(trainers.queryset) == 1:
            trainers.initial = trainers.queryset[0].pk
        self.fields["starts_time"].help_text = _(
            "Local time, %(zone)s: the same on the clock all year. Each call lasts an hour."
        ) % {"zone": agency.time_zone}
        self.fields["first_on"].help_text = _(
            "The others follow on the same day of each month; weekends and federal holidays move on to the next open day."
        )

    def clean_name(self) -> str:
        return check_name(self.cleaned_data["name"], self.agency)

    def clean_video_link(self) -> str:
        return check_link(self.cleaned_data["video_link"])

    def computed(self) -> list[datetime]:
        """Ten starts by the rule; empty while date or time is missing."""
        first, clock = self.cleaned_data.get("first_on"), self.cleaned_data.get("starts_time")
        return call_starts(self.agency, first, clock) if first and clock else []

    def starts(self) -> list[datetime]:
        """The ten starts to create: the dates as changed by hand in the preview, else as computed."""
        days, clock = self.chosen_days(), self.cleaned_data["starts_time"]
        if len(days) != N_CALLS:
            return self.computed()
        return [at_local(day, clock, self.agency.zone) for day in days]

    def chosen_days(self) -> list[date]:
        """Dates from the preview, as far as they are dates at all."""
        field = forms.DateField(validators=[plausible])
        days = []
        for given in self.data.getlist("day") if hasattr(self.data, "getlist") else []:
            try:
                days.append(field.clean(given))
            except forms.ValidationError:
                continue
        return days


class SeriesForm(forms.ModelForm):
    """Name, trainer and link of a series."""

    class Meta:
        model = Series
        fields = ["name", "trainer", "video_link"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trainer: Any = self.fields["trainer"]
        trainer.queryset = trainers_for(self.instance.agency, self.instance.trainer_id)
        trainer.empty_label = _("Not yet settled")

    def clean_name(self) -> str:
        return check_name(self.cleaned_data["name"], self.instance.agency, self.instance.pk)

    def clean_video_link(self) -> str:
        return check_link(self.cleaned_data["video_link"])


class CallForm(forms.ModelForm):
    """A call's plan, date and link. ``version`` is the one that was shown."""

    held_on = forms.DateField(label=gettext_lazy("Date"), widget=DateInput(), validators=[plausible])
    starts = forms.TimeField(label=gettext_lazy("Starts"), widget=TimeInput())
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"),
        min_value=15,
        max_value=MOST_MINUTES,
        help_text=gettext_lazy("A call lasts 60."),
    )
    domain = forms.ChoiceField(label=gettext_lazy("Skill domain"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = [
        "held_on",
        "starts",
        "minutes",
        "video_link",
        "title",
        "domain",
        "aim",
        "opening_question",
        "practice",
    ]

    class Meta:
        model = Call
        fields = ["title", "domain", "aim", "opening_question", "practice", "video_link"]
        widgets = {
            name: forms.Textarea(attrs={"rows": 2}) for name in ("aim", "opening_question", "practice")
        }
        help_texts = {"video_link": gettext_lazy("Only if this call has its own; empty: the series’ link.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        call: Call = kwargs["instance"]
        zone = call.agency.zone
        start = call.starts_at.astimezone(zone)
        initial = {
            "held_on": start.date(),
            "starts": start.time(),
            "minutes": call.length,
            "version": call.version,
        }
        super().__init__(*args, **(kwargs | {"initial": initial}))
        known = {str(code): str(name) for code, name in DOMAINS.items()}
        domain: Any = self.fields["domain"]
        domain.choices = [("", "–"), *({call.domain: call.domain} | known if call.domain else known).items()]
        self.fields["starts"].help_text = _("Local time, %(zone)s.") % {"zone": call.agency.time_zone}

    def clean_video_link(self) -> str:
        return check_link(self.cleaned_data["video_link"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, clock, minutes = data.get("held_on"), data.get("starts"), data.get("minutes")
        if day and clock and minutes:
            start = at_local(day, clock, self.instance.agency.zone)
            self.instance.starts_at, self.instance.ends_at = start, start + timedelta(minutes=minutes)
        return data


class PersonHeldForm(forms.Form):
    """One person in one call: minutes by one tap or typed, and what they took on."""

    quick = forms.ChoiceField(required=False)
    other = forms.IntegerField(
        label=gettext_lazy("Other minutes"), required=False, min_value=0, max_value=MOST_MINUTES
    )
    commitment = forms.CharField(
        label=gettext_lazy("Took on"),
        required=False,
        max_length=CallCommitment._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, person: Person, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"prefix": f"p{person.pk}"}))
        self.person, self.choices = person, [(str(value), label) for value, label in choices]
        quick: Any = self.fields["quick"]
        quick.choices = self.choices

    def clean_commitment(self) -> str:
        """One line: it stands in lists and mails."""
        return " ".join(self.cleaned_data["commitment"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("other") is None and not data.get("quick") and "other" not in self.errors:
            self.add_error(
                "other", _("%(name)s: tap how long, or enter the minutes.") % {"name": self.person}
            )
        return data

    @property
    def chosen(self) -> str:
        """The ticked quick value, "" when minutes were typed."""
        if self.is_bound:
            return "" if self._typed else str(self["quick"].value() or "")
        return str(self.initial.get("quick", ""))

    @property
    def _typed(self) -> bool:
        """Minutes were typed just now; what stood in the field before gives way to a tap."""
        if not self["quick"].value():
            return True
        return "other" in self.changed_data and self["other"].value() not in (None, "")

    @property
    def minutes(self) -> int:
        return int(self.cleaned_data["other" if self._typed else "quick"])


def quick_minutes(call: Call) -> list[tuple[int, str]]:
    """The whole call, just enough to count, absent: each once, the longest first."""
    enough = call.agency.call_minutes
    values = {call.length: _("%(n)d min") % {"n": call.length}, enough: _("%(n)d min") % {"n": enough}}
    return [*sorted(values.items(), reverse=True), (0, _("Absent"))]


def held_forms(
    call: Call,
    people: Sequence[Person],
    minutes: dict[int, int],
    commitments: dict[int, str],
    data: Any = None,
) -> list[PersonHeldForm]:
    """A form for each person; everybody stayed the whole call until somebody says otherwise."""
    choices = quick_minutes(call)
    quick = {value for value, _label in choices}
    found = []
    for person in people:
        given = minutes.get(person.pk, 0 if call.held_at else call.length)
        initial: dict[str, Any] = {"commitment": commitments.get(person.pk, "")}
        initial |= {"quick": str(given)} if given in quick else {"other": given}
        found.append(PersonHeldForm(data, person=person, choices=choices, initial=initial))
    return found
