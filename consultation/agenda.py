"""What consultation asks of a supervisor, a trainer and a leader, and which calls are coming."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rollout import day_words
from rollout.access import Role, roles_of
from rollout.agenda import COMING_LIMIT, Coming, Todo
from rollout.models import Agency, Person, Session, User
from rollout.starter import shown

from .actions import supervisors_of
from .dose import CallDose
from .fidelity import drift, percent
from .models import Call, Checklist, ChecklistPoint, MapsLog, Preparation, Series, SeriesMember
from .summaries import LoggedOccasion, logged_occasions, supervisor_dose

PREPARE_WITHIN = timedelta(days=7)
TRAINERS_TIME = timedelta(days=2)
"""Attendance and log of a call are its trainer's matter first; after this long they slip."""
LOOK_BACK = timedelta(days=120)
"""Sessions longer ago are no longer asked after: nobody remembers which points were aired."""
MOST = 20


# --- One's own tasks ----------------------------------------------------------------------------------------


def todos(user: User, now: datetime) -> list[Todo]:
    """Calls to prepare as a member; attendance and logs that are missing as a trainer. At most six queries."""
    roles, found = roles_of(user), []
    if Role.STAFF in roles or Role.SUPERVISOR in roles:
        found += _to_prepare(user, now)
    if Role.TRAINER in roles:
        own_calls = Call.objects.trained_by(user).filter(Q(series__trainer=user) | Q(series__trainer=None))
        trained = Agency.objects.where(user, Role.TRAINER)
        own_sessions = Session.objects.filter(Q(trainer=user) | Q(trainer=None), cohort__agency__in=trained)
        found += [_take_attendance(call) for call in _not_held(own_calls, now)[:MOST]]
        found += [_log_call(call) for call in _not_logged(own_calls.filter(held_at__isnull=False))[:MOST]]
        found += [_log_session(session) for session in _sessions_not_logged(own_sessions, now)[:MOST]]
    return found


def _ahead_as_member(user: User, now: datetime) -> QuerySet[Any]:
    """Calls to come of series one belongs to, with the dates of the place."""
    place = SeriesMember.objects.filter(series=OuterRef("series"), person__user=user, person__left_on=None)
    calls = Call.objects.planned().filter(held_at=None, ends_at__gt=now)
    return calls.annotate(
        joined_on=Subquery(place.values("joined_on")[:1]), place_ends_on=Subquery(place.values("left_on")[:1])
    ).select_related("series__agency", "series__trainer")


def _is_theirs(call: Any) -> bool:
    """Of a call with the dates of the place: whether it lies within them."""
    in_time = call.joined_on is not None and call.joined_on <= call.day
    return in_time and (call.place_ends_on is None or call.day < call.place_ends_on)


def _to_prepare(user: User, now: datetime) -> list[Todo]:
    shared = Preparation.objects.filter(call=OuterRef("pk"), person__user=user)
    calls = _ahead_as_member(user, now).filter(starts_at__gt=now, starts_at__lte=now + PREPARE_WITHIN)
    calls = calls.filter(joined_on__isnull=False).annotate(shared_at=Subquery(shared.values("shared_at")[:1]))
    found = []
    for call in calls.order_by("starts_at"):
        if call.shared_at is None and _is_theirs(call):
            fact = _("Prepare call %(number)s") % {"number": call.number}
            why = _("%(title)s, on %(day)s at %(time)s. Five minutes are enough.")
            values = {
                "title": shown(call.title),
                "day": _day(call.starts_at, call.agency),
                "time": _clock(call),
            }
            found.append(Todo(fact, why % values, _("Prepare"), _url(call) + "#preparation", 70))
    return found


def _not_held(calls: QuerySet[Call], now: datetime) -> QuerySet[Call]:
    """Calls that are over, and nobody has said who was there."""
    over = calls.filter(cancelled_at=None, held_at=None, ends_at__lte=now)
    return over.select_related("series__agency", "series__trainer").order_by("starts_at")


def _not_logged(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Of these calls those without a finished log."""
    logged = MapsLog.objects.filter(call=OuterRef("pk"), finished_at__isnull=False)
    missing = calls.filter(~Exists(logged), cancelled_at=None)
    return missing.select_related("series__agency", "series__trainer").order_by("starts_at")


def _sessions_not_logged(sessions: QuerySet[Session], now: datetime) -> QuerySet[Session]:
    """Sessions that are over, have a checklist, and no finished log."""
    logged = MapsLog.objects.filter(session=OuterRef("pk"), finished_at__isnull=False)
    checklist = Checklist.objects.filter(
        occasion=Checklist.Occasion.SESSION,
        published_at__isnull=False,
        curriculum_code=OuterRef("cohort__curriculum__code"),
        number=OuterRef("day"),
    )
    over = sessions.filter(cancelled_at=None, ends_at__lte=now, ends_at__gt=now - LOOK_BACK)
    missing = over.filter(~Exists(logged), Exists(checklist))
    return missing.select_related("cohort__agency").order_by("starts_at")


def _take_attendance(call: Call) -> Todo:
    fact = _("Call %(number)s took place: take attendance") % {"number": call.number}
    why = _("%(series)s, %(day)s. Until then it counts for nobody.")
    url = reverse("consultation:call_hold", args=[call.uuid])
    values = {"series": f"{call.series} · {call.agency}", "day": _day(call.starts_at, call.agency)}
    return Todo(fact, why % values, _("Take attendance"), url, 80)


def _log_call(call: Call) -> Todo:
    fact = _("MAPS log missing: call %(number)s") % {"number": call.number}
    why = _("%(series)s, %(day)s. One minute while it is fresh.")
    url = reverse("consultation:maps_call", args=[call.uuid])
    values = {"series": f"{call.series} · {call.agency}", "day": _day(call.starts_at, call.agency)}
    return Todo(fact, why % values, _("Log MAPS"), url, 60)


def _log_session(session: Session) -> Todo:
    fact = _("MAPS log missing: %(title)s") % {"title": session.title}
    why = _("%(cohort)s, %(day)s. One minute while it is fresh.")
    url = reverse("consultation:maps_session", args=[session.uuid])
    where = f"{session.cohort} · {session.agency}"  # trainers serve several
    values = {"cohort": where, "day": _day(session.starts_at, session.agency)}
    return Todo(fact, why % values, _("Log MAPS"), url, 60)


def coming(user: User, now: datetime) -> list[Coming]:
    """The next calls one takes part in, holds, or leads the agency of: two queries, at most COMING_LIMIT."""
    led = set(user.leads.values_list("pk", flat=True))
    trained = Q(series__trainer=user, series__agency__trainers=user)
    calls = _ahead_as_member(user, now).filter(
        Q(joined_on__isnull=False) | trained | Q(series__agency__in=led)
    )
    lines = []
    for call in calls.distinct().order_by("starts_at", "pk")[:COMING_LIMIT]:
        runs_it = call.series.trainer_id == user.pk or call.agency.pk in led
        if runs_it or _is_theirs(call):
            detail = f"{call.series} · {call.agency}"
            agency = call.agency
            lines.append(Coming(call.starts_at, str(call), detail, _url(call), agency.time_zone, agency.name))
    return lines


# --- What slips in an agency --------------------------------------------------------------------------------


def slips(agency: Agency, now: datetime) -> list[Todo]:
    """What slips in an agency's consultation, each with the one thing to do; a constant number of queries."""
    if not Series.objects.filter(agency=agency).exists():
        n = supervisors_of(agency).count()
        if not n:
            return []
        why = ngettext(
            "%(n)d supervisor waits for ten calls over ten months.",
            "%(n)d supervisors wait for ten calls over ten months.",
            n,
        )
        url = reverse("consultation:series_new", args=[agency.slug])
        return [Todo(_("No consultation series yet"), why % {"n": n}, _("Plan the ten calls"), url, 65)]
    return [
        *few_calls(agency, now),
        *_drifting(agency),
        *_not_held_yet(agency, now),
        *_not_logged_yet(agency, now),
        *_outside(agency),
    ]


def few_calls(agency: Agency, now: datetime) -> list[Todo]:
    """People who can no longer reach the calls needed, and those who may not miss one more.

    A source for ``settings.COMPLETION_SOURCES`` as well: the page of who can still complete shows them beside hours.
    """
    doses = {
        person: dose
        for person, dose in supervisor_dose(agency, now).items()
        if dose.state == "cannot as planned"
        or (dose.missing and not dose.can_miss and dose.missed + dose.short)
    }
    people = Person.objects.in_bulk(doses)
    places = SeriesMember.objects.current().filter(person__in=doses, series__agency=agency).order_by("series")
    series = {place.person_id: place.series.uuid for place in places.select_related("series")}
    return [
        _few(people[person], dose, reverse("consultation:series", args=[series[person]]))
        for person, dose in doses.items()
    ]


def _few(person: Person, dose: CallDose, url: str) -> Todo:
    values = {
        "name": person,
        "counted": dose.counted,
        "held": dose.held,
        "needed": dose.needed,
        "reachable": dose.reachable,
        "short": dose.short_by,
    }
    if dose.state == "cannot as planned":
        fact = _("%(name)s can no longer reach %(needed)s calls as planned") % values
        why = ngettext(
            "%(counted)s of %(held)s count so far and %(reachable)s can still be reached: one more call is needed.",
            "%(counted)s of %(held)s count so far and %(reachable)s can still be reached: %(short)s more calls are "
            "needed.",
            dose.short_by,
        )
        return Todo(fact, why % values, _("See the calls"), url, 75)
    fact = _("%(name)s may not miss another call") % values
    why = _("%(counted)s of %(held)s count so far. All that are ahead have to count to reach %(needed)s.")
    return Todo(fact, why % values, _("See the calls"), url, 55)


def _drifting(agency: Agency) -> list[Todo]:
    """Delivery fidelity under the threshold, or a point missed, several times in a row up to the latest log."""
    occasions = logged_occasions(agency)
    state = drift([occasion.entries for occasion in occasions])
    if not state.drifting:
        return []
    last = occasions[-1]
    url = _maps_url(last)
    found = []
    if state.low:
        scores = [o.point for o in occasions if o.point.fidelity.score is not None][-state.low_in_a_row :]
        fact = _("Delivery fidelity was below 80 %% in the last %(n)d logs") % {"n": state.low_in_a_row}
        parts = [
            f"{p.label}: {percent(p.fidelity.score)} %" for p in scores[-3:] if p.fidelity.score is not None
        ]
        why = _("%(scores)s. Talk it over with the trainer: it is about the delivery, not about a person.")
        found.append(Todo(fact, why % {"scores": ", ".join(parts)}, _("See the last log"), url, 60))
    times = dict(state.missed_in_a_row)
    points = ChecklistPoint.objects.filter(code__in=state.points, checklist__logs=last.log)
    for point in points.distinct() if state.points else ():
        fact = _("A point was not aired %(n)d times in a row") % {"n": times[point.code]}
        found.append(Todo(fact, shown(point.text), _("See the last log"), url, 50))
    return found


def _maps_url(occasion: LoggedOccasion) -> str:
    return reverse(f"consultation:maps_{occasion.point.occasion}", args=[occasion.point.uuid])


def _not_held_yet(agency: Agency, now: datetime) -> list[Todo]:
    calls = list(_not_held(Call.objects.filter(series__agency=agency), now - TRAINERS_TIME))
    if not calls:
        return []
    fact = ngettext(
        "Attendance of %(n)d call was not taken", "Attendance of %(n)d calls was not taken", len(calls)
    ) % {"n": len(calls)}
    why = _(
        "%(call)s, %(day)s. It counts for nobody until its trainer takes attendance; move it if it did not happen."
    )
    return [Todo(fact, why % _since(calls), _("See the call"), _url(calls[0]), 58)]


def _not_logged_yet(agency: Agency, now: datetime) -> list[Todo]:
    held = Call.objects.filter(series__agency=agency, held_at__isnull=False, ends_at__lte=now - TRAINERS_TIME)
    calls = list(_not_logged(held))
    if not calls:
        return []
    fact = ngettext("%(n)d call has no MAPS log", "%(n)d calls have no MAPS log", len(calls)) % {
        "n": len(calls)
    }
    why = _("%(call)s, %(day)s. Its trainer is reminded on their own page.")
    return [Todo(fact, why % _since(calls), _("See the call"), _url(calls[0]), 45)]


def _outside(agency: Agency) -> list[Todo]:
    """Supervisors who take part in no series."""
    inside = SeriesMember.objects.current().filter(series__agency=agency).values("person")
    n = supervisors_of(agency).exclude(pk__in=inside).count()
    if not n:
        return []
    fact = ngettext(
        "%(n)d supervisor is in no series of calls", "%(n)d supervisors are in no series of calls", n
    )
    url = reverse("consultation:series_list", args=[agency.slug])
    return [
        Todo(fact % {"n": n}, _("Add them to a series, or plan one for them."), _("See the series"), url, 50)
    ]


# --- Words --------------------------------------------------------------------------------------------------


def _since(calls: Iterable[Call]) -> dict[str, str]:
    first = next(iter(calls))
    return {"call": str(first), "day": _day(first.starts_at, first.agency)}


def _url(call: Call) -> str:
    return reverse("consultation:call", args=[call.uuid])


def _day(at: datetime, agency: Agency) -> str:
    return day_words.brief_weekday(at.astimezone(agency.zone))


def _clock(call: Call) -> str:
    return day_words.clock(call.starts_at.astimezone(call.agency.zone))
