"""Forms for cohorts, sessions and corrected attendance. Times are entered in the agency's zone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import day_words
from ..attendance import Row
from ..credit import SessionTimes
from ..dates import at_local
from ..models import Agency, Cohort, Curriculum, Module, Person, Session, User
from ..templatetags.ui import hours
from ..training_actions import candidates

EVERYBODY, WITHOUT_TEAM = "everybody", "none"
FIRST_YEAR, LAST_YEAR = 2000, 2100
PLACE_HELP = gettext_lazy("Entrance, floor, parking, whom to call at a closed door.")
VIDEO_HELP = gettext_lazy("Meeting number, telephone number, what to do when it does not work.")


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own time picker, to the minute."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def plausible(day: date) -> None:
    """Refuse a year that can only be a slip of the finger."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise forms.ValidationError(_("Check the year: %(year)d.") % {"year": day.year})


class CohortForm(forms.ModelForm):
    """A curriculum and a name that is free in it."""

    class Meta:
        model = Cohort
        fields = ["curriculum", "name", "capacity"]
        help_texts = {
            "name": gettext_lazy("What people call it, for example “Spring” or “North office”."),
            "capacity": gettext_lazy("Empty: as many as come. Once they are taken, people wait in order."),
        }

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agency = agency
        if self.instance.pk:
            # Hours hang on the curriculum: it stays.
            del self.fields["curriculum"]
        else:
            self.fields["curriculum"].empty_label = None  # type: ignore[attr-defined]
        self.fields["capacity"].widget.attrs["min"] = 1

    def clean_capacity(self) -> int | None:
        capacity: int | None = self.cleaned_data["capacity"]
        if capacity == 0:
            raise forms.ValidationError(_("At least one place, or none given for as many as come."))
        return capacity

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        curriculum = self.instance.curriculum if self.instance.pk else data.get("curriculum")
        same = Cohort.objects.filter(agency=self.agency, curriculum=curriculum).exclude(pk=self.instance.pk)
        name = data.get("name")
        if curriculum and name and same.filter(name__iexact=name).exists():
            self.add_error("name", _("There is a cohort of this name already. Choose another name."))
        return data


class MembersForm(forms.Form):
    """Who joins a cohort, by team or all at once, and from which day on."""

    groups = forms.MultipleChoiceField(
        label=gettext_lazy("Who joins"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one group.")},
    )
    joined_on = forms.DateField(
        label=gettext_lazy("From"),
        widget=DateInput(),
        validators=[plausible],
        help_text=gettext_lazy("Sessions before this day do not count as missed."),
    )

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = candidates(cohort)
        by_team = list(
            self.waiting.order_by()
            .values("team__uuid", "team__name")
            .annotate(people=Count("pk", distinct=True))
            .order_by("team__name")
        )
        self.count = sum(row["people"] for row in by_team)
        choices = [(EVERYBODY, _("Everybody (%(n)d)") % {"n": self.count})]
        for row in by_team:
            key = str(row["team__uuid"] or WITHOUT_TEAM)
            choices.append((key, f"{row['team__name'] or _('Without a team')} ({row['people']})"))
        self.fields["groups"].choices = choices if self.count else []  # type: ignore[attr-defined]

    def people(self) -> list[Person]:
        """Everybody of the ticked groups who is still in no cohort of this curriculum."""
        groups = self.cleaned_data["groups"]
        if EVERYBODY in groups:
            return list(self.waiting)
        teams = [UUID(group) for group in groups if group != WITHOUT_TEAM]
        match = Q(team__uuid__in=teams) | (Q(team=None) if WITHOUT_TEAM in groups else Q(pk=None))
        return list(self.waiting.filter(match))


class ModulesField(forms.ModelMultipleChoiceField):
    """Modules with their day and clock time."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        parts = [_("Day %(day)d") % {"day": obj.day}] if obj.day else []
        return " · ".join([*parts, str(obj), hours(obj.minutes)])


class SessionForm(forms.ModelForm):
    """A session's day, times, place, trainer and modules. ``version`` is the one that was shown."""

    held_on = forms.DateField(label=gettext_lazy("Date"), widget=DateInput(), validators=[plausible])
    starts = forms.TimeField(label=gettext_lazy("Starts"), widget=TimeInput())
    ends = forms.TimeField(label=gettext_lazy("Ends"), widget=TimeInput())
    modules = ModulesField(
        label=gettext_lazy("Modules covered"),
        queryset=Module.objects.none(),
        error_messages={
            "required": gettext_lazy("Tick at least one module: hours are credited for modules.")
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = [
        "day", "title", "held_on", "starts", "ends", "place", "place_details", "video_link", "video_details",
        "trainer", "modules",
    ]  # fmt: skip

    class Meta:
        model = Session
        fields = ["title", "day", "place", "place_details", "video_link", "video_details", "trainer"]
        help_texts = {
            "day": gettext_lazy("Which day of the curriculum this is."),
            "place_details": PLACE_HELP,
            "video_link": gettext_lazy("Shown to the cohort only."),
            "video_details": VIDEO_HELP,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cohort = self.instance.cohort
        self.zone: ZoneInfo = self.cohort.agency.zone
        self.fields["modules"].queryset = self.cohort.curriculum.modules.all()  # type: ignore[attr-defined]
        self.fields["trainer"].queryset = trainers_for(self.instance)  # type: ignore[attr-defined]
        self.fields["trainer"].empty_label = _("Not yet settled")  # type: ignore[attr-defined]
        self.fields["starts"].help_text = _("Local time, %(zone)s.") % {"zone": self.cohort.agency.time_zone}
        self.fields["ends"].help_text = _("With breaks; they are not credited.")
        self.fields["day"].widget.attrs |= {
            "min": 1,
            "hx-get": "",
            "hx-target": "#id_modules_group",
            "hx-swap": "outerHTML",
            "hx-trigger": "change",
        }

    def clean_video_link(self) -> str:
        link = self.cleaned_data["video_link"]
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError(_("A video link starts with https://"))
        return str(link)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, starts, ends = data.get("held_on"), data.get("starts"), data.get("ends")
        if not (day and starts and ends):
            return data
        # In UTC, because Python compares two times of one zone by the wall clock.
        start, end = (at_local(day, clock, self.zone).astimezone(UTC) for clock in (starts, ends))
        if end <= start:
            self.add_error("ends", _("The end must be after the start, on the same day."))
            return data
        length, worth = (
            (end - start) // timedelta(minutes=1),
            sum(module.minutes for module in data.get("modules") or ()),
        )
        if worth > length:
            text = _("These modules take %(worth)s, but from start to end there are only %(length)s.")
            self.add_error("modules", text % {"worth": hours(worth), "length": hours(length)})
        self.instance.starts_at, self.instance.ends_at = start, end
        return data


def trainers_for(session: Session) -> Any:
    """Trainers of the agency, and whoever is booked already."""
    match = Q(trains=session.cohort.agency_id)
    if session.trainer_id:
        match |= Q(pk=session.trainer_id)
    return User.objects.filter(match, is_active=True).distinct().order_by("name")


def day_modules(curriculum: Curriculum, day: int) -> list[int]:
    """Ids of the modules of one training day."""
    return [module.pk for module in curriculum.modules.all() if module.day == day]


def next_day(cohort: Cohort) -> int:
    """The first day of the curriculum not planned yet; where it has no days, simply the next number."""
    planned = [session.day for session in cohort.sessions.all() if not session.cancelled_at]
    days = sorted({module.day for module in cohort.curriculum.modules.all()} - {0})
    left = [day for day in days if day not in planned]
    if left:
        return left[0]
    return 1 if days else max(planned, default=0) + 1


def blank_session(cohort: Cohort, day: int | None) -> tuple[Session, dict[str, Any]]:
    """An unsaved session for the next training day, and what its form starts with."""
    if day is None:
        day = next_day(cohort)
    title = _("%(curriculum)s, day %(day)d") % {"curriculum": cohort.curriculum, "day": day}
    initial = {
        "title": title,
        "day": day,
        "starts": time(9, 0),
        "ends": time(16, 30),
        "modules": day_modules(cohort.curriculum, day),
        "version": 0,
    }
    return Session(cohort=cohort, day=day), initial


def copied_session(cohort: Cohort, like: Session) -> tuple[Session, dict[str, Any]]:
    """An unsaved copy of a session, without its date and trainer: both may be taken."""
    start, end = (at.astimezone(cohort.agency.zone) for at in (like.starts_at, like.ends_at))
    names = ("title", "day", "place", "place_details", "video_link", "video_details")
    initial = {name: getattr(like, name) for name in names} | {
        "starts": start.time(),
        "ends": end.time(),
        "modules": [module.pk for module in like.modules.all()],
        "version": 0,
    }
    return Session(cohort=cohort, day=like.day), initial


def session_initial(session: Session) -> dict[str, Any]:
    """A saved session as its form shows it."""
    start, end = (at.astimezone(session.agency.zone) for at in (session.starts_at, session.ends_at))
    return {
        "held_on": start.date(),
        "starts": start.time(),
        "ends": end.time(),
        "modules": [module.pk for module in session.modules.all()],
        "version": session.version,
    }


def missed_words(session: Session) -> str:
    """ "Foundations, day 1 (Spring), Dec. 3, 2026" """
    on = day_words.short_day(session.starts_at.astimezone(session.agency.zone))
    return f"{session.title} ({session.cohort}), {on}"


class CorrectionForm(forms.Form):
    """Times put right, or minutes set by hand; the reason is always asked for."""

    signed_in = forms.TimeField(label=gettext_lazy("Signed in"), widget=TimeInput(), required=False)
    signed_out = forms.TimeField(label=gettext_lazy("Signed out"), widget=TimeInput(), required=False)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes set by hand"), required=False, min_value=0)
    makes_up_for = forms.ChoiceField(label=gettext_lazy("Makes up for"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy(
            "Kept with your name, and shown to this person. For example: “paper sign-in sheet”."
        ),
        error_messages={"required": gettext_lazy("Say why, in a few words.")},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        row: Row,
        session: Session,
        times: SessionTimes,
        now: datetime,
        missed: Sequence[Session] = (),
    ) -> None:
        self.day = session.starts_at.astimezone(session.agency.zone).date()
        self.zone, self.now = session.agency.zone, now
        record = row.attendance
        kept: dict[str, Any] = {
            "signed_in": self._clock(record.signed_in_at) if record else None,
            "signed_out": self._clock(record.signed_out_at) if record else None,
            "minutes": record.override_minutes if record else None,
        }
        linked = record.makes_up_for if record else None
        self.missed = {str(each.uuid): each for each in (*missed, *([linked] if linked else []))}
        kept["makes_up_for"] = str(linked.uuid) if linked else ""
        super().__init__(data, initial=kept, auto_id=f"c_{row.person.uuid}_%s")
        if self.missed:
            choices = [(key, missed_words(each)) for key, each in self.missed.items()]
            self.fields["makes_up_for"].choices = [("", _("Nothing")), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["makes_up_for"]
        worth = times.creditable_minutes
        self.fields["minutes"].widget.attrs["max"] = worth
        self.fields["minutes"].help_text = _(
            "Empty: by the rule. At most %(worth)d, what the session is worth."
        ) % {"worth": worth}
        self.worth = worth

    def _clock(self, at: datetime | None) -> time | None:
        return at.astimezone(self.zone).time().replace(second=0, microsecond=0) if at else None

    def clean_minutes(self) -> int | None:
        minutes: int | None = self.cleaned_data["minutes"]
        if minutes is not None and minutes > self.worth:
            raise forms.ValidationError(
                _("This training session is worth %(worth)d minutes at most.") % {"worth": self.worth}
            )
        return minutes

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("signed_in", "signed_out"):
            data[f"{name}_at"] = moment = self._moment(data.get(name))
            if moment and moment > self.now:
                self.add_error(name, _("This time is still ahead."))
        if data["signed_out_at"] and not data["signed_in_at"]:
            self.add_error("signed_in", _("Enter the sign-in as well."))
        elif data["signed_out_at"] and data["signed_out_at"] < data["signed_in_at"]:
            self.add_error("signed_out", _("The sign-out must come after the sign-in."))
        if not self.errors and not set(self.changed_data) - {"reason"}:
            self.add_error(None, _("Nothing is changed yet: put a time right, or set the minutes."))
        return data

    def linked(self) -> Session | None:
        """The session this one is to make up for."""
        return self.missed.get(self.cleaned_data.get("makes_up_for", ""))

    def _moment(self, clock: time | None) -> datetime | None:
        return at_local(self.day, clock, self.zone) if clock else None
