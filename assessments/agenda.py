"""What surveys ask of somebody now, what is coming, and what slips in an agency."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import survey
from assessments.keys import KeysUnavailable
from assessments.models import Invitation, Wave
from rollout.access import Role
from rollout.agenda import Coming, Todo
from rollout.day_words import month_day, weekday
from rollout.models import Agency, User

CLOSES_SOON = timedelta(days=14)
NEWS = timedelta(days=30)
OWN_SURVEY, CLOSING, NO_BASELINE, FIGURES_OUT = 80, 45, 60, 35
"""Weights among everything that needs somebody."""


def todos(user: User, now: datetime) -> list[Todo]:
    """One's own surveys that are open and not answered. At most two queries."""
    own = Invitation.objects.visible_to(user).unanswered()
    waiting = list(own.filter(wave__in=Wave.objects.open_at(now)).select_related("wave__agency", "person"))
    try:
        begun = survey.begun(waiting) if waiting else set()
    except KeysUnavailable:
        begun = set()
    return [_survey_todo(one.wave, begun=one.pk in begun) for one in waiting]


def _survey_todo(wave: Wave, *, begun: bool) -> Todo:
    day = weekday(wave.closes_at.astimezone(wave.agency.zone))
    fact = _("The %(survey)s is open until %(day)s.") % {"survey": wave.survey_name, "day": day}
    if begun:
        why = _("You have begun. What you answered is kept, and only you can see it.")
        return Todo(fact, why, _("Go on"), reverse("assessments:survey_answer", args=[wave.uuid]), OWN_SURVEY)
    why = _("%(n)d statements, about four minutes. Only you can see your answers and your result.")
    why %= {"n": len(wave.definition.items)}
    return Todo(fact, why, _("Begin"), reverse("assessments:survey", args=[wave.uuid]), OWN_SURVEY)


def coming(user: User, now: datetime) -> list[Coming]:
    """For program leaders: when their open waves close. One query."""
    led = Agency.objects.where(user, Role.LEADER)
    waves = Wave.objects.open_at(now).filter(agency__in=led).select_related("agency")
    return [
        Coming(
            at=wave.closes_at,
            title=_("%(survey)s closes") % {"survey": capfirst(wave.survey_name)},
            why=_("By itself, at the end of the day; the figures are worked out then."),
            url=reverse("assessments:wave", args=[wave.uuid]),
            zone=wave.agency.time_zone,
        )
        for wave in waves
    ]


def slips(agency: Agency, now: datetime) -> list[Todo]:
    """For whoever runs the agency: a wave about to close, a baseline not opened, figures just out. Two queries."""
    waves = list(agency.waves.counted())
    found = [
        _closing(wave, agency, now)
        for wave in waves
        if wave.takes_answers(now) and wave.closes_at - now <= CLOSES_SOON
    ]
    if not waves and agency.people.filter(left_on=None).exists():
        fact = _("The baseline is not opened yet.")
        why = _(
            "Without it, later waves have nothing to stand beside. It is best answered before the first training day."
        )
        url = reverse("assessments:wave_new", args=[agency.slug])
        found.append(Todo(fact, why, _("Open the baseline"), url, NO_BASELINE))
    newest = max(
        (wave for wave in waves if wave.closed_at), key=lambda wave: wave.closed_at or now, default=None
    )
    if newest is not None and newest.closed_at is not None and now - newest.closed_at <= NEWS:
        found.append(_figures_out(newest, agency))
    return found


def _closing(wave: Wave, agency: Agency, now: datetime) -> Todo:
    zone = agency.zone
    days = (wave.closes_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    name = capfirst(wave.survey_name)
    if days:
        fact = ngettext("%(survey)s: closes in %(n)d day.", "%(survey)s: closes in %(n)d days.", days)
        fact %= {"survey": name, "n": days}
    else:
        fact = _("%(survey)s: closes today.") % {"survey": name}
    answered = wave.answered_shown.get("agency")
    if answered is None:
        why = _(
            "Too few answers so far for a count to be shown. Whoever has not answered is reminded by the system."
        )
    else:
        why = _(
            "%(n)d of %(invited)d answered by the last daily count. The others are reminded by the system."
        )
        why %= {"n": answered, "invited": wave.invited}
    return Todo(fact, why, _("See the wave"), reverse("assessments:wave", args=[wave.uuid]), CLOSING)


def _figures_out(wave: Wave, agency: Agency) -> Todo:
    assert wave.closed_at is not None  # only closed waves get here
    day = month_day(wave.closed_at.astimezone(agency.zone))
    fact = _("%(survey)s: closed on %(day)s, its figures are out.") % {
        "survey": capfirst(wave.survey_name),
        "day": day,
    }
    why = _(
        "Worked out once, the same numbers everywhere. Best looked at together, with supervisors and leadership."
    )
    return Todo(fact, why, _("See the figures"), reverse("assessments:wave", args=[wave.uuid]), FIGURES_OUT)
