"""What needs somebody now, and what is coming: one line of fact, one reason, one thing to do."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import commitment_agenda, day_words
from .access import Role, roles_of
from .attendance import still_inside, with_records
from .charts import percent_text
from .completion import finder
from .coverage import Booster
from .ledger import Ledger, open_ledger
from .models import Agency, Attendance, Cohort, CohortMember, Curriculum, Person, Session, User
from .summaries import booster_for, foundations_by_month
from .templatetags.ui import hours as in_hours
from .todos import Todo as Todo

COMING_LIMIT = 60
TRAINERS_TIME = timedelta(days=2)
"""An unclosed attendance list is its trainer's matter first; after this long it slips."""


@dataclass(frozen=True)
class Coming:
    """Something with a date that the reader takes part in. ``kind`` as of a calendar's entry."""

    at: datetime
    title: str
    why: str
    url: str
    zone: str
    agency: str = ""
    kind: str = ""


def todos(user: User, now: datetime) -> list[Todo]:
    """What training asks of a trainer (attendance) and of somebody on a roster (hours nobody has planned)."""
    found: list[Todo] = []
    roles = roles_of(user)
    if Role.TRAINER in roles:
        own = Q(trainer=user) | Q(trainer=None)
        trained = Agency.objects.where(user, Role.TRAINER)
        found += attendance_todos(Session.objects.filter(own, cohort__agency__in=trained), now)
    if Role.STAFF in roles:
        found += hours_todos(user, now)
    return found


def unclosed(sessions: QuerySet[Session], now: datetime) -> QuerySet[Any]:
    """Those that are over without any record, or with somebody who signed in and did not sign out."""
    return (
        sessions.filter(cancelled_at=None, ends_at__lte=now)
        .annotate(has_records=with_records(), has_people_inside=still_inside())
        .filter(Q(has_records=False) | Q(has_people_inside=True))
        .select_related("cohort__agency")
        .order_by("ends_at")
    )


def attendance_todos(sessions: QuerySet[Session], now: datetime) -> list[Todo]:
    """Attendance lists to close, the longest waiting first. One query."""
    found = []
    for session in unclosed(sessions, now):
        fact = _("%(title)s, %(cohort)s, %(day)s: attendance is not closed")
        why = (
            _("Somebody signed in and not out; without a sign-out nothing is credited.")
            if session.has_records
            else _("Nobody is signed in. Hours count only once attendance is recorded.")
        )
        url = reverse("rollout:session", args=[session.uuid]) + (
            "?show=inside" if session.has_records else ""
        )
        names = {"title": session.title, "cohort": session.cohort, "day": day_of(session)}
        found.append(Todo(fact % names, why, _("Record attendance"), url, 80))
    return found


def day_of(session: Session) -> str:
    """The session's day in its agency's zone, for a sentence."""
    return day_words.brief_day(session.starts_at.astimezone(session.agency.zone))


def hours_todos(user: User, now: datetime) -> list[Todo]:
    """One line for each agency in which this person's hours are not all planned; else nothing."""
    found = []
    for person in Person.objects.current().filter(user=user).select_related("agency"):
        ledger = open_ledger(person.agency, now, [person.pk])
        total = ledger.total(ledger.people[person.pk])
        # Before anything was planned for somebody this is their leader's matter, and no news to them.
        if total.state != "cannot as planned" or not ledger.cohorts.get(person.pk):
            continue
        fact = _("%(missing)s of training are missing, and no session is planned for them")
        why = _(
            "You have %(credited)s of %(required)s. Your program leader sees this too and finds you a date."
        )
        amounts = {"credited": in_hours(total.credited), "required": in_hours(total.required)}
        url = reverse("rollout:my_training")
        found.append(
            Todo(fact % {"missing": in_hours(total.short_by)}, why % amounts, _("See my hours"), url, 30)
        )
    return found


def coming(user: User, now: datetime) -> list[Coming]:
    """The next sessions one takes part in, gives, or leads the agency of: two queries, at most COMING_LIMIT."""
    led = set(user.leads.values_list("pk", flat=True))
    place = CohortMember.objects.filter(cohort=OuterRef("cohort"), person__user=user, person__left_on=None)
    made_up = Attendance.objects.filter(
        session=OuterRef("pk"), makes_up_for__isnull=False, person__user=user, person__left_on=None
    )
    found = (
        Session.objects.planned()
        .filter(ends_at__gt=now)
        .annotate(joined_on=Subquery(place.values("joined_on")[:1]), makes_up=Exists(made_up))
        .filter(Q(joined_on__isnull=False) | Q(makes_up=True) | Q(trainer=user) | Q(cohort__agency__in=led))
        .select_related("cohort__agency")
        .order_by("starts_at", "pk")[:COMING_LIMIT]
    )
    lines = []
    for session in found:
        day = session.starts_at.astimezone(session.agency.zone).date()
        runs_it = session.trainer_id == user.pk or session.agency.pk in led
        if runs_it or session.makes_up or day >= session.joined_on:
            detail = " · ".join(
                part for part in (session.cohort.name, session.place, session.agency.name) if part
            )
            url = reverse("rollout:session", args=[session.uuid])
            agency = session.agency
            lines.append(
                Coming(session.starts_at, session.title, detail, url, agency.time_zone, agency.name, "dose")
            )
    return lines


def slips(agency: Agency, now: datetime, *, past: Ledger | None = None) -> list[Todo]:
    """What slips in an agency's enrollment and training, each with the one thing to do; a constant number of queries.

    ``past``: a ledger of everybody who was ever there, where one has been read.
    """
    return [*commitment_agenda.slips(agency, now), *training_slips(agency, now, past=past)]


def training_slips(agency: Agency, now: datetime, *, past: Ledger | None = None) -> list[Todo]:
    """The same of its training alone."""
    if not agency.people.filter(left_on=None).exists():
        url = reverse("rollout:roster_upload", args=[agency.slug])
        why = _("Cohorts, calls and surveys all start from it.")
        return [Todo(_("Nobody is on the roster yet"), why, _("Import a roster"), url, 90)]
    cohorts = list(agency.cohorts.select_related("curriculum").annotate(is_idle=is_idle()))
    if not cohorts:
        url = reverse("rollout:cohort_new", args=[agency.slug])
        why = _("People gather hours in cohorts; nothing can be planned before there is one.")
        return [Todo(_("No cohort yet"), why, _("Make a cohort"), url, 85)]
    past = past or open_ledger(agency, now, former=True)
    ledger = past.current()
    return [
        *_gaps(agency, ledger, cohorts),
        *_booster(agency, past, ledger),
        *_without_trainer(agency, now),
        *_without_session(agency, [cohort for cohort in cohorts if cohort.is_idle]),
        *_unclosed(agency, now),
    ]


def is_idle() -> Any:
    """For a queryset of cohorts: people wait in it and no session is planned."""
    people = CohortMember.objects.filter(cohort=OuterRef("pk"), person__left_on=None)
    return Exists(people) & ~Exists(Session.objects.planned().filter(cohort=OuterRef("pk")))


def _gaps(agency: Agency, ledger: Ledger, cohorts: Sequence[Cohort]) -> list[Todo]:
    """By curriculum: who sits in a cohort and cannot get all hours as planned, and who sits in none."""
    curriculum_of = {cohort.pk: cohort.curriculum_id for cohort in cohorts}
    short: dict[int, list[int]] = defaultdict(list)
    without: dict[int, list[int]] = defaultdict(list)
    for member in ledger.people.values():
        attends = {curriculum_of[cohort] for cohort, _joined_on in ledger.cohorts.get(member.id, ())}
        for curriculum, standing in ledger.standings(member).items():
            if standing.state == "cannot as planned":
                (short if curriculum in attends else without)[curriculum].append(member.id)
    names = Curriculum.objects.in_bulk([*short, *without])
    found, search = [], finder(ledger)
    for curriculum, people in short.items():
        n, helped = len(people), sum(1 for person in people if search.makeup(person, curriculum))
        fact = ngettext(
            "%(n)d person can no longer reach the %(hours)s of %(curriculum)s as planned",
            "%(n)d people can no longer reach the %(hours)s of %(curriculum)s as planned",
            n,
        ) % {"n": n, "hours": in_hours(names[curriculum].required_minutes), "curriculum": names[curriculum]}
        why = _("Sessions of other cohorts would still close the gap for %(helped)d of %(n)d.")
        if not helped:
            why = _("No session planned would close the gap: a make-up day is needed.")
        url = reverse("rollout:completion", args=[agency.slug])
        found.append(Todo(fact, why % {"helped": helped, "n": n}, _("See who, and where"), url, 75))
    for curriculum, people in without.items():
        found.append(_no_place(agency, ledger, cohorts, names[curriculum], len(people)))
    return found


def _no_place(
    agency: Agency, ledger: Ledger, cohorts: Sequence[Cohort], curriculum: Curriculum, n: int
) -> Todo:
    """People in no cohort of a curriculum: into the next one that has not begun, or into a new one."""
    fact = ngettext(
        "%(n)d person is in no %(curriculum)s cohort", "%(n)d people are in no %(curriculum)s cohort", n
    ) % {"n": n, "curriculum": curriculum}
    ahead = [
        (starts_at, cohort)
        for cohort in cohorts
        if cohort.curriculum_id == curriculum.pk
        and (starts_at := min((s.times.starts_at for s in ledger.by_cohort.get(cohort.pk, ())), default=None))
        and starts_at > ledger.now
    ]
    if not ahead:
        url = reverse("rollout:cohort_new", args=[agency.slug])
        return Todo(
            fact,
            _("Nothing is planned for them, and no cohort is about to begin."),
            _("Make a cohort"),
            url,
            70,
        )
    starts_at, cohort = min(ahead, key=lambda each: each[0])
    day = day_words.brief_day(starts_at.astimezone(agency.zone))
    why = _("%(cohort)s begins on %(day)s.") % {"cohort": cohort, "day": day}
    return Todo(fact, why, _("Add them"), reverse("rollout:cohort", args=[cohort.uuid]) + "#add", 70)


def _booster(agency: Agency, past: Ledger, ledger: Ledger) -> list[Todo]:
    """Coverage of current staff that is too low, or will be if people keep coming and leaving as they did."""
    booster = booster_for(ledger, foundations_by_month(agency, ledger.now, past=past))
    if booster is None:
        return []
    fact, why = booster_words(booster)
    url = reverse("rollout:completion", args=[agency.slug])
    return [Todo(fact, why, _("See what a booster needs"), url, 68)]


def booster_words(booster: Booster) -> tuple[str, str]:
    """The fact and what stands behind it: a description of what is, and of turnover carried on."""
    figures = {
        "percent": percent_text(booster.share),
        "covered": booster.covered,
        "people": booster.people,
        "n": booster.uncovered,
        "month": date_format(booster.month, "YEAR_MONTH_FORMAT"),
    }
    if booster.ahead:
        fact = _(
            "Foundations coverage falls to %(percent)s of staff by %(month)s if turnover stays as it was"
        )
        why = _(
            "%(covered)s of %(people)s people then, by the last six months’ coming and leaving. A booster for "
            "%(n)s people by that month keeps it above 80 %%."
        )
    else:
        fact = _("Foundations coverage of current staff is %(percent)s: %(covered)s of %(people)s people")
        why = _(
            "Planned sessions are counted in. Under 80 %%, a booster for the %(n)s others brings everybody to "
            "the same start."
        )
    return fact % figures, why % figures


def _without_trainer(agency: Agency, now: datetime) -> list[Todo]:
    ahead = Session.objects.planned().filter(cohort__agency=agency, trainer=None, starts_at__gt=now)
    sessions = list(ahead.select_related("cohort").order_by("starts_at"))
    if not sessions:
        return []
    first = sessions[0]
    fact = ngettext("%(n)d session has no trainer", "%(n)d sessions have no trainer", len(sessions))
    first.cohort.agency = agency
    why = _("The first is %(title)s, %(cohort)s, on %(day)s.")
    names = {"title": first, "cohort": first.cohort, "day": day_of(first)}
    url = reverse("rollout:session_edit", args=[first.uuid])
    return [Todo(fact % {"n": len(sessions)}, why % names, _("Find a trainer"), url, 65)]


def _without_session(agency: Agency, idle: list[Cohort]) -> list[Todo]:
    why = _("The people in it have no date yet.")
    return [
        Todo(
            _("%(cohort)s has no session planned") % {"cohort": cohort},
            why,
            _("Plan its first day"),
            reverse("rollout:session_new", args=[cohort.uuid]),
            60,
        )
        for cohort in idle
    ]


def _unclosed(agency: Agency, now: datetime) -> list[Todo]:
    sessions = list(unclosed(Session.objects.filter(cohort__agency=agency), now - TRAINERS_TIME))
    if not sessions:
        return []
    fact = ngettext(
        "Attendance of %(n)d session is not closed",
        "Attendance of %(n)d sessions is not closed",
        len(sessions),
    )
    first = sessions[0]
    why = _("Since %(day)s: %(title)s, %(cohort)s. Its trainer is reminded on their own page.")
    names = {"title": first, "cohort": first.cohort, "day": day_of(first)}
    url = reverse("rollout:session", args=[first.uuid])
    return [Todo(fact % {"n": len(sessions)}, why % names, _("Look at the list"), url, 55)]
