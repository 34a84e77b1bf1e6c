"""Waves, invitations, sealed answers and released figures.

Who was invited and whether they answered stands apart from what was answered: an ``Answer`` names no person, no
team, no time and no sequence, and what it holds is encrypted (``assessments.sealing``).
"""

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments import instruments
from assessments.instruments import Instrument
from rollout.access import RUNS_AGENCIES
from rollout.models import Agency, Person, User


class WordingPackQuerySet(models.QuerySet["WordingPack"]):
    def usable_in(self, agency: Agency) -> Self:
        """What the agency installed itself, and what was installed for every agency."""
        return self.filter(Q(agency=agency) | Q(agency=None))

    def visible_to(self, user: User) -> Self:
        """Wordings of agencies one leads, and those for every agency."""
        return self.filter(Q(agency=None) | Q(agency__in=Agency.objects.where(user, *RUNS_AGENCIES)))


class WordingPack(models.Model):
    """The statements of an instrument in one language, installed from the agency's own copy. Never changed after use."""

    instrument = models.SlugField(max_length=40)
    language = models.CharField(max_length=10, default="en")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="wordings")
    """None: for every agency, as only a site administrator may install it."""
    version = models.PositiveSmallIntegerField(default=1)
    statements = models.JSONField()
    """``{"1": "…", …}``: one statement for each item of the definition."""
    installed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    installed_at = models.DateTimeField()

    objects = WordingPackQuerySet.as_manager()

    class Meta:
        ordering = ["instrument", "language", "version", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "language", "agency", "version"],
                name="one_wording_version_in_an_agency",
            ),
            models.UniqueConstraint(
                fields=["instrument", "language", "version"],
                condition=Q(agency=None),
                name="one_wording_version_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.language} v{self.version}"


class WaveQuerySet(models.QuerySet["Wave"]):
    def visible_to(self, user: User) -> Self:
        """Waves of agencies one leads: dates, response counts, released figures."""
        return self.filter(agency__in=Agency.objects.where(user, *RUNS_AGENCIES))

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)

    def counted(self) -> Self:
        """Waves whose figures may stand in trends and reports: everything but try-outs."""
        return self.filter(is_tryout=False)

    def open_at(self, now: datetime) -> Self:
        """Waves that take answers at this moment."""
        return self.filter(closed_at=None, opened_at__lte=now, closes_at__gt=now)


class Wave(models.Model):
    """One round of one instrument in one agency: opened, answered, closed; figures are computed once, at close."""

    class Label(models.TextChoices):
        BASELINE = "baseline", _("Baseline")
        MIDPOINT = "midpoint", _("Mid-point")
        END = "end", _("End")
        ONE_YEAR = "one_year", _("One year")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="waves")
    instrument = models.SlugField(max_length=40)
    instrument_version = models.CharField(max_length=20)
    label = models.CharField(_("wave"), max_length=12, choices=Label)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closes_at = models.DateTimeField(_("closes"))
    closed_at = models.DateTimeField(null=True, blank=True)
    wording_pack = models.ForeignKey(
        WordingPack, models.RESTRICT, null=True, blank=True, related_name="waves"
    )
    is_tryout = models.BooleanField(default=False)
    """Opened with stand-in wording: kept out of trends and reports for good (the demo site counts them, marked)."""
    k = models.PositiveSmallIntegerField(default=5)
    """Smallest group shown, frozen at opening."""
    groups = models.JSONField(default=dict)
    """The tree of groups as it was at opening: ``{"name", "invited", "teams": [{"key", "name", "invited"}, …]}``;
    ``invited`` of the agency counts people without a team as well. Later moves and names change nothing."""
    answered_shown = models.JSONField(default=dict)
    """Answered counts that may be seen while the wave is open, worked out once a day:
    ``{"on": "2026-11-21", "agency": n or None, "teams": {key: n or None}}``, None for fewer than k."""

    objects = WaveQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(k__gte=5), name="wave_k_at_least_5"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=models.F("opened_at")), name="wave_closes_after_opening"
            ),
            models.UniqueConstraint(
                fields=["agency", "instrument"],
                condition=Q(closed_at=None),
                name="one_open_wave_per_instrument",
            ),
        ]

    def __str__(self) -> str:
        return self.get_label_display()

    @property
    def survey_name(self) -> str:
        """What respondents read: "mid-point survey"."""
        return str(SURVEY_NAMES[Wave.Label(self.label)])

    @property
    def definition(self) -> Instrument:
        """Structure, key and rules of the instrument; KeyError when its definition was taken away."""
        return instruments.INSTRUMENTS[self.instrument]

    @property
    def invited(self) -> int:
        """People invited at opening."""
        return int(self.groups["invited"])

    @property
    def group_list(self) -> list[dict[str, Any]]:
        """The teams of the frozen tree."""
        return list(self.groups["teams"])

    def takes_answers(self, now: datetime) -> bool:
        """Whether the survey is open at this moment."""
        return self.closed_at is None and now < self.closes_at


SURVEY_NAMES = {
    Wave.Label.BASELINE: _("baseline survey"),
    Wave.Label.MIDPOINT: _("mid-point survey"),
    Wave.Label.END: _("end survey"),
    Wave.Label.ONE_YEAR: _("one-year survey"),
}


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: User) -> Self:
        """One's own invitation only: who answered is nobody else's business."""
        return self.filter(person__user=user, person__left_on=None)

    def by_open_account(self) -> Self:
        """Of people on the roster whose account is open: the only ones a link works for."""
        return self.filter(person__left_on=None, person__user__is_active=True)

    def unanswered(self) -> Self:
        return self.filter(completed=False)


class Invitation(models.Model):
    """That somebody is asked, and that they answered; never what. ``completed`` is a flag without a time."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, models.CASCADE, related_name="invitations")
    group_path = models.JSONField(default=list)
    """Where the person stood in the wave's tree at opening: ``["team uuid"]``, or ``[]`` without a team."""
    completed = models.BooleanField(default=False)
    token_hash = models.BinaryField(max_length=32, null=True, unique=True)
    """Hash of the link's token; the token itself stands only in the mail (``assessments.links``)."""
    browser_hash = models.BinaryField(max_length=32, null=True)
    """The first browser that began by the link: another one has to prove itself by a mailed code."""

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "person"], name="invited_once")]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Answer(models.Model):
    """One sealed response. The primary key is a keyed hash, so there is at most one per person and wave."""

    lookup = models.BinaryField(primary_key=True, max_length=32)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="answers")
    key_id = models.CharField(max_length=40)
    nonce = models.BinaryField(max_length=12)
    ciphertext = models.BinaryField()

    def __str__(self) -> str:
        return "sealed answer"


class Draft(models.Model):
    """Answers saved as they are given, sealed like the final ones and deleted on submit."""

    lookup = models.BinaryField(primary_key=True, max_length=32)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="drafts")
    key_id = models.CharField(max_length=40)
    nonce = models.BinaryField(max_length=12)
    ciphertext = models.BinaryField()

    def __str__(self) -> str:
        return "sealed draft"


class Release(models.Model):
    """A wave's figures, computed once at close and never again: all that leaders, PDF and spreadsheets ever read."""

    wave = models.OneToOneField(Wave, models.CASCADE, related_name="release")
    released_at = models.DateTimeField()
    k = models.PositiveSmallIntegerField()
    figures = models.JSONField()
    """Rows of ``assessments.release.to_rows``: shown or withheld, group by scale."""

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(k__gte=5), name="release_k_at_least_5")]

    def __str__(self) -> str:
        return f"figures of {self.wave}"
