"""Several training days of one cohort planned at once: all of them, or none with every reason.

``plan_sessions`` is what a form, a plan's dates and an import use alike. Days are local dates and wall-clock times in
the agency's zone, so a series at "9 a.m." stays at 9 a.m. across a clock change.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from . import day_words
from .bookings import span
from .commitment_actions import refuse_unless_open
from .dates import at_local
from .models import Cohort, Module, Session, User
from .refusals import Refused
from .training_actions import save_session

MOST_DAYS = 15


@dataclass(frozen=True)
class TrainingDay:
    """One day to plan: local date and times. ``modules`` None: those of the curriculum's training day ``day``.

    ``title`` "": the curriculum and the number of the training day.
    """

    on: date
    starts: time
    ends: time
    day: int
    title: str = ""
    modules: tuple[Module, ...] | None = None


@transaction.atomic
def plan_sessions(
    cohort: Cohort,
    *,
    days: Sequence[TrainingDay],
    trainer: User | None = None,
    place: str = "",
    place_details: str = "",
    video_link: str = "",
    video_details: str = "",
    by: User | None,
    at: datetime,
) -> list[Session]:
    """Plan all these days of one cohort; the sessions in the order of ``days``.

    Refused, with nothing written, when one of them cannot be: its trainer is booked or away, it overlaps another
    session of this cohort, its modules do not fit, its time does not exist on that day. The reasons of all days are
    named, one to a line; ``NotCommitted`` comes before any of them. Each day is saved by
    ``training_actions.save_session``, so what that refuses is refused here.
    """
    if not days:
        raise Refused(_("Enter at least one date."))
    if len(days) > MOST_DAYS:
        raise Refused(_("At most %(most)d days can be planned at once.") % {"most": MOST_DAYS})
    refuse_unless_open(cohort.agency)
    # Two plans for one cohort wait for each other here.
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    by_day = modules_by_day(cohort)
    made: list[Session] = []
    problems: list[str] = []
    for one in days:
        modules = by_day.get(one.day, ()) if one.modules is None else one.modules
        try:
            session = _session(cohort, one, modules)
            session.trainer, session.place, session.place_details = trainer, place, place_details
            session.video_link, session.video_details = video_link, video_details
            _refuse_overlap(session)
            with transaction.atomic():
                made.append(save_session(session, modules, by=by, at=at))
        except Refused as refusal:
            problems.append(str(refusal))
    if problems:
        raise Refused("\n".join(dict.fromkeys(problems)))
    return made


def modules_by_day(cohort: Cohort) -> dict[int, tuple[Module, ...]]:
    """The curriculum's modules by training day, in order; a curriculum without days has all under 0."""
    found: dict[int, tuple[Module, ...]] = {}
    for module in cohort.curriculum.modules.all():
        found[module.day] = (*found.get(module.day, ()), module)
    return found


def modules_planned(cohort: Cohort) -> set[int]:
    """Ids of modules that some session of this cohort covers already."""
    covered = Module.objects.filter(sessions__cohort=cohort, sessions__cancelled_at=None)
    return set(covered.values_list("pk", flat=True))


def shared_out(modules: Sequence[Module], parts: int) -> list[tuple[Module, ...]]:
    """Modules in order over ``parts`` days, as evenly by minutes as their order allows; no day is left without one
    while there are enough. ValueError for less than one part.
    """
    if parts < 1:
        raise ValueError("parts must be at least 1")
    left = list(modules)
    out: list[tuple[Module, ...]] = []
    for part in range(parts, 0, -1):
        share = sum(module.minutes for module in left) / part
        taken: list[Module] = []
        minutes = 0
        # The next module comes along while that brings the day closer to its share; later days keep one each.
        while left and (not taken or (len(left) >= part and minutes + left[0].minutes / 2 <= share)):
            minutes += left[0].minutes
            taken.append(left.pop(0))
        out.append(tuple(taken))
    if left:
        out[-1] += tuple(left)
    return out


def consecutive(first: date, count: int, is_open: Collection[date] | None = None) -> list[date]:
    """``count`` days from ``first`` on, one after the other, weekends left out; ``is_open``: only these."""
    found: list[date] = []
    day = first
    while len(found) < count and day < first + timedelta(days=120):
        if day.weekday() < 5 and (is_open is None or day in is_open):
            found.append(day)
        day += timedelta(days=1)
    return found


def _session(cohort: Cohort, one: TrainingDay, modules: Iterable[Module]) -> Session:
    """The session of one day, unsaved; Refused where its times or modules cannot be."""
    zone, on = cohort.agency.zone, day_words.full_day(one.on)
    local = at_local(one.on, one.starts, zone), at_local(one.on, one.ends, zone)
    # Python compares and subtracts two times of one zone by the wall clock: in UTC they tell how long it really takes.
    starts_at, ends_at = (moment.astimezone(UTC) for moment in local)
    if any(moment.date() != one.on for moment in local) or ends_at <= starts_at:
        raise Refused(_("%(day)s: the end must be after the start, on the same day.") % {"day": on})
    minutes = (ends_at - starts_at) // timedelta(minutes=1)
    worth = sum(module.minutes for module in modules)
    if not worth:
        text = _("%(day)s: training day %(number)d has no modules. Choose another training day.")
        raise Refused(text % {"day": on, "number": one.day})
    if worth > minutes:
        text = _("%(day)s: its modules take %(worth)d minutes, and from start to end there are %(length)d.")
        raise Refused(text % {"day": on, "worth": worth, "length": minutes})
    title = one.title or _("%(curriculum)s, day %(day)d") % {"curriculum": cohort.curriculum, "day": one.day}
    return Session(cohort=cohort, title=title, day=one.day, starts_at=starts_at, ends_at=ends_at)


def _refuse_overlap(session: Session) -> None:
    """One cohort cannot be in two sessions at once."""
    zone = session.agency.zone
    other = (
        Session.objects.planned()
        .filter(cohort=session.cohort_id, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
        .first()
    )
    if other:
        text = _("%(own)s: this cohort has “%(title)s” then, %(taken)s.")
        own, taken = (span(each.starts_at, each.ends_at, zone) for each in (session, other))
        raise Refused(text % {"own": own, "title": other.title, "taken": taken.removesuffix(".")})
