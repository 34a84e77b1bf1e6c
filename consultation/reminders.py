"""Notices about calls: the day before, and when one that was announced moves or is cancelled after all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from rollout import mailing
from rollout.day_words import weekday
from rollout.models import Notice, User
from rollout.outbox import Draft, Mail

from .models import Call, SeriesMember

DAY_BEFORE = "call_day_before"
CHANGED = "call_changed"
RULES = frozenset({DAY_BEFORE, CHANGED})
AHEAD = timedelta(hours=24)
CANCELLED = ""
"""Stands where else the start of a call stands."""


def due(now: datetime) -> Iterator[Draft]:
    """The day before a call, once for each person and start time: members of the series and its trainer.

    A moved call is so announced again. Who was told of one within the last day that then is cancelled or
    moves further away is told about it at once. Three queries, however many calls.
    """
    told = _told(now)
    soon = Call.objects.planned().filter(held_at=None, starts_at__gt=now, starts_at__lte=now + AHEAD)
    announced = Call.objects.filter(uuid__in={notice.about["call"] for notice in told})
    calls = list((soon | announced).select_related("series__agency", "series__trainer"))
    recipients = _recipients(calls)
    for call in calls:
        if _is_soon(call, now):
            for user in recipients[call.pk]:
                yield _draft(DAY_BEFORE, call, user, call.starts_at - AHEAD)
    yield from _changes(told, {str(call.uuid): call for call in calls}, now)


def compose(notice: Notice, now: datetime) -> Mail | None:
    """None when the call changed again, begins or began already, was held, or is no longer this person's."""
    calls = Call.objects.select_related("series__agency", "series__trainer")
    call = calls.filter(uuid=notice.about["call"]).first()
    if call is None or call.held_at or says(call) != notice.about["starts_at"]:
        return None
    if notice.user not in _recipients([call])[call.pk]:
        return None
    was = datetime.fromisoformat(notice.about["was"]) if notice.about.get("was") else None
    if now >= (was if was and call.cancelled_at else call.starts_at):
        return None
    context = {
        "call": call,
        "agency": call.agency,
        "is_trainer": notice.user == call.series.trainer,
        "was": was,
        "page": mailing.link("consultation:call", call.uuid),
    }
    with timezone.override(call.agency.zone):
        return Mail(_subject(notice, call), mailing.text_of(f"consultation/mail/{notice.rule}.txt", context))


def says(call: Call) -> str:
    """What there is to tell about a call: its start in UTC to the minute, or that it is cancelled."""
    return CANCELLED if call.cancelled_at else f"{call.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _is_soon(call: Call, now: datetime) -> bool:
    return call.cancelled_at is None and call.held_at is None and now < call.starts_at <= now + AHEAD


def _draft(rule: str, call: Call, user: User, due_at: datetime, was: str | None = None) -> Draft:
    about = {"call": str(call.uuid), "starts_at": says(call)}
    key = f"{rule}:{call.uuid}:{user.pk}:{says(call) or 'cancelled'}"
    if was is not None:
        about["was"], key = was, f"{key}:{was or 'cancelled'}"
    return Draft(key, rule, user, call.agency, due_at, about)


def _told(now: datetime) -> list[Notice]:
    """What people were told within the last day and may rely on, the latest last."""
    left = Notice.objects.filter(rule__in=RULES, state__in=[Notice.State.SENT, Notice.State.UNCERTAIN])
    return list(left.filter(due_at__gt=now - AHEAD).select_related("user").order_by("sent_at", "pk"))


def _changes(told: list[Notice], calls: dict[str, Call], now: datetime) -> Iterator[Draft]:
    """For whoever was last told something that is no longer so, unless the day-before notice is about to say
    it.
    """
    keys = {notice.key for notice in told}
    latest = {(notice.about["call"], notice.user): notice.about["starts_at"] for notice in told}
    for (uuid, user), was in latest.items():
        call = calls.get(uuid)
        if call is None or call.held_at or says(call) == was:
            continue
        announced_anyway = _is_soon(call, now) and _draft(DAY_BEFORE, call, user, now).key not in keys
        if not announced_anyway:
            yield _draft(CHANGED, call, user, now, was)


def _recipients(calls: Iterable[Call]) -> dict[int, set[User]]:
    """By call: its trainer while they train the agency, and members who belong to it on its day; one query
    and one for the trainers. Closed accounts are left out.
    """
    found: dict[int, set[User]] = defaultdict(set)
    places: dict[int, list[SeriesMember]] = defaultdict(list)
    members = SeriesMember.objects.filter(series__in={call.series_id for call in calls}, person__left_on=None)
    for place in members.filter(person__user__is_active=True).select_related("person__user"):
        places[place.series_id].append(place)
    agencies = {call.series.agency_id for call in calls}
    trains = set(User.objects.filter(trains__in=agencies, is_active=True).values_list("pk", "trains"))
    for call in calls:
        found[call.pk] |= {
            place.person.user
            for place in places[call.series_id]
            if place.person.user and place.is_expected(call.day)
        }
        trainer = call.series.trainer
        if trainer and (trainer.pk, call.series.agency_id) in trains:
            found[call.pk].add(trainer)
    return found


def _subject(notice: Notice, call: Call) -> str:
    values = {"call": call, "day": weekday(timezone.localtime(call.starts_at))}
    if call.cancelled_at:
        return _("Cancelled: %(call)s") % values
    same = Notice.objects.filter(key__startswith=f"{DAY_BEFORE}:{call.uuid}:{notice.user_id}:")
    told_before = same.exclude(pk=notice.pk).filter(sent_at__isnull=False)
    if notice.rule == CHANGED or told_before.exists():
        return _("New time: %(call)s") % values
    return _("%(day)s: %(call)s") % values
