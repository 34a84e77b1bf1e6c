"""The trainer's home: five weeks of all agencies as a calendar, and what comes after them as a list."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from cecert_site import agenda
from consultation.models import Call
from rollout.agenda import Coming
from rollout.models import Agency

from .conftest import NOW
from .midway import midway, series
from .test_site_pages import main_part

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def on_a_saturday_in_november():
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_trainer_s_calendar_holds_five_weeks_of_all_agencies_and_the_list_what_comes_later(cast, as_):
    midway(cast)
    cast.other.trainers.add(cast.trainer)
    series(cast.other, cast.trainer, [cast.person(cast.other_supervisor)], cast.other_leader, held=0)
    page = as_(cast.trainer).get("/")
    weeks = page.context["calendar"].weeks
    assert (weeks[0][0].on, weeks[-1][-1].on, len(weeks)) == (date(2026, 11, 15), date(2026, 12, 19), 5)
    shown = {(day.on, entry.note) for week in weeks for day in week for entry in day.entries}
    agencies = {note.split(", ")[1] for _on, note in shown}
    assert agencies == {"Clearwater Family Services", "Harbor Clinic"}
    calls_later = Call.objects.filter(
        series__trainer=cast.trainer, held_at=None, starts_at__date__gt=date(2026, 12, 19)
    )
    later = page.context["coming"]
    assert calls_later.count() > 6 == len(later)
    assert all(item.at.date() > date(2026, 12, 19) for item in later)


def test_an_evening_across_midnight_stands_on_the_day_of_its_own_agency():
    late = datetime(2026, 12, 4, 3, 0, tzinfo=UTC)
    items = [
        Coming(late, "Evening", "", "/e/", "America/Denver", "Clearwater"),
        Coming(late, "Morning", "", "/m/", "Asia/Tokyo", "Harbor", "dose"),
    ]
    weeks, later = agenda.calendar(items, NOW)
    shown = [
        (day.on.day, entry.title, entry.note) for week in weeks.weeks for day in week for entry in day.entries
    ]
    assert shown == [(3, "Evening", "8 p.m. MST, Clearwater"), (4, "Morning", "noon JST, Harbor")]
    assert later == []
    assert agenda.calendar([], NOW) == (None, [])


def test_dates_of_agencies_in_several_zones_name_their_zone(cast, as_):
    midway(cast)
    Agency.objects.filter(pk=cast.other.pk).update(time_zone="America/New_York")
    cast.other.refresh_from_db()
    cast.other.trainers.add(cast.trainer)
    series(cast.other, cast.trainer, [cast.person(cast.other_supervisor)], cast.other_leader, held=0)
    text = main_part(as_(cast.trainer).get("/"))
    assert "10 a.m. MST, Clearwater Family Services" in text
    assert "3 p.m. EST, Harbor Clinic" in text
    assert "day, 10 a.m. MST" in text, "also in the list of what comes after the calendar"
