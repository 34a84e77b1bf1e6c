"""Series of calls for tests: Clearwater's and Harbor's, alike, so that what leaks can be told apart by its
words.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from consultation import actions, maps_actions
from consultation.logs import Occasion, checklist_for
from consultation.maps_actions import PointAnswer
from consultation.models import Call, MapsEntry, MapsLog, Series
from rollout.models import Cohort, Curriculum, Person, Session, User
from rollout.training_actions import install_curricula

from .conftest import NOW, Cast, account, somebody

FIRST = date(2026, 8, 4)
"""Calls on Aug. 4, Sept. 4, Oct. 5, Nov. 4: four lie before NOW, six after it. Denver leaves summer time in
between.
"""
LINK = "https://video.example/clearwater"


def plan(cast: Cast, *, ours: bool = True, first_on: date = FIRST, name: str = "", **fields: Any) -> Series:
    """Ten calls at 10:00 for the supervisor of Clearwater, or of Harbor."""
    agency = cast.agency if ours else cast.other
    settings: dict[str, Any] = {
        "name": name or ("Clearwater supervisors" if ours else "Harbor supervisors"),
        "trainer": cast.trainer if ours else cast.other_trainer,
        "members": [cast.person(cast.supervisor if ours else cast.other_supervisor)],
        "starts": actions.call_starts(agency, first_on, time(10, 0)),
        "video_link": LINK if ours else "https://video.example/harbor",
        "by": cast.leader if ours else cast.other_leader,
        "at": NOW - timedelta(days=130),
    }
    return actions.create_series(agency, **(settings | fields))


def call_of(series: Series, number: int) -> Call:
    return Call.objects.select_related("series__agency", "series__trainer").get(series=series, number=number)


def hold(call: Call, minutes: dict[Person, int], by: User, texts: dict[Person, str] | None = None) -> Call:
    """Attendance taken a few minutes after the call."""
    actions.hold_call(
        call, attended=minutes, commitments=texts, by=by, at=call.ends_at + timedelta(minutes=5)
    )
    return call


def log(
    row: Call | Session,
    by: User,
    answers: str = "",
    *,
    finish: bool = True,
    remark: str = "",
    at: datetime | None = None,
) -> MapsLog:
    """A log by one person. ``answers``: a letter for each point, a p m n (else aired)."""
    occasion = Occasion(call=row) if isinstance(row, Call) else Occasion(session=row)
    at = at or row.ends_at + timedelta(minutes=10)
    checklist = checklist_for(occasion)
    assert checklist is not None
    entries = maps_actions.start_log(occasion, checklist, by=by, at=at)
    words = dict(zip("apmn", MapsEntry.Aired.values, strict=True))
    given = {
        entry.point.position: PointAnswer(words[(answers + "a" * 20)[place]], remark, entry.version)
        for place, entry in enumerate(entries)
    }
    assert maps_actions.answer_points(entries, given, at=at) == []
    if finish:
        maps_actions.finish_log(occasion, entries[0].log, by=by, at=at)
    return entries[0].log


def training_day(cast: Cast, *, ours: bool = True, starts_at: datetime = NOW - timedelta(days=30)) -> Session:
    """Foundations, day 1, of a cohort."""
    install_curricula(at=NOW)
    agency = cast.agency if ours else cast.other
    cohort = Cohort.objects.create(
        agency=agency, curriculum=Curriculum.objects.get(code="ce-cert-foundations"), name="Summer"
    )
    return Session.objects.create(
        cohort=cohort,
        title="Foundations, day 1",
        day=1,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=7),
        trainer=cast.trainer if ours else cast.other_trainer,
    )


def more_supervisors(cast: Cast, count: int) -> list[Person]:
    """More people with accounts at Clearwater."""
    names = [f"Super Visor{n:02}" for n in range(count)]
    return [somebody(cast.agency, cast.team, account(name), job_title="Supervisor") for name in names]
