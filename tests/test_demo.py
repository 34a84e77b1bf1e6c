"""The demo agencies: believable, on open days, quiet in the outbox, and safe to seed again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from assessments import figures
from assessments.models import Answer, Invitation, Wave
from assessments.reminders import CLOSING
from cecert_site.demo import build
from cecert_site.demo.days import Days
from cecert_site.demo.signins import PASSWORD, SIGN_INS, STAFF_ANSWERED, STAFF_OPEN, SUPERVISOR
from cecert_site.rules import RULES
from consultation.models import Call, MapsLog
from consultation.summaries import agency_calls, fidelity_points, supervisor_dose
from rollout import agenda, outbox, summaries
from rollout.dates import is_closed, monthly
from rollout.models import Agency, Attendance, AuditEntry, Notice, Person, Session, User

HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DENVER = ZoneInfo("America/Denver")
MOMENTS = (datetime(2026, 11, 21, 16, tzinfo=UTC), datetime(2028, 1, 1, 6, 30, tzinfo=UTC))
"""A Saturday, and half an hour in which it is the new year in Chicago and not yet in Denver."""


@pytest.fixture(scope="module", params=MOMENTS, ids=["november", "new-year"])
def seeded_at(
    request: Any, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[datetime]:
    """Seed once for the whole module: each test's own transaction is one inside this."""
    folder: Path = tmp_path_factory.mktemp("demo-keys")
    files = {"ROOT_KEY_FILE": folder / "root.key", "KEY_RING_FILE": folder / "ring.json"}
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEMO=True, PASSWORD_HASHERS=HASHERS, **files):
            build.seed(request.param)
        yield request.param
        transaction.set_rollback(True)


@pytest.fixture
def now(seeded_at: datetime, db: None) -> datetime:
    """The moment at which the demo in the database was seeded."""
    return seeded_at


@pytest.fixture
def clearwater(now: datetime) -> Agency:
    return Agency.objects.get(slug="clearwater")


def test_a_product_that_is_no_demo_is_not_filled(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1") as refusal:
        call_command("seed_demo")
    assert "\n" not in str(refusal.value)


def test_seeding_again_changes_nothing_and_says_how_to_sign_in(
    now: datetime, settings: Any, capsys: Any
) -> None:
    settings.DEMO = True
    models = (Agency, User, Person, Session, Attendance, Call, MapsLog, Wave, Answer, Notice, AuditEntry)
    before = [model.objects.count() for model in models]
    call_command("seed_demo")
    assert [model.objects.count() for model in models] == before
    told = capsys.readouterr().out
    assert all(one.email in told for one in SIGN_INS)
    assert PASSWORD in told


def test_sign_ins_are_told_without_writing(now: datetime, settings: Any, capsys: Any) -> None:
    settings.DEMO = True
    Agency.objects.filter(slug="clearwater").update(slug="renamed")
    call_command("seed_demo", "--sign-ins")
    assert not build.is_there()
    assert STAFF_OPEN.email in capsys.readouterr().out


def test_the_roster_is_what_a_mid_sized_agency_looks_like(clearwater: Agency) -> None:
    current = clearwater.people.filter(left_on=None)
    assert current.count() == 120
    assert clearwater.people.exclude(left_on=None).count() == 4
    assert clearwater.teams.count() == clearwater.teams.exclude(supervisor=None).count() == 7
    assert all(person.user and person.email.endswith("@clearwater.example") for person in current)
    assert not any(
        user.is_active for user in User.objects.filter(people__in=clearwater.people.exclude(left_on=None))
    )


def test_every_sign_in_works_with_the_one_password(now: datetime) -> None:
    for one in SIGN_INS:
        assert User.objects.get(email=one.email, name=one.name).check_password(PASSWORD), one
    assert User.objects.exclude(password__startswith="!").count() == len(SIGN_INS)


def test_sessions_and_calls_are_on_open_days_at_the_agencys_local_time(now: datetime) -> None:
    starts = [(row.agency.zone, row.starts_at) for row in (*Session.objects.all(), *Call.objects.all())]
    assert len(starts) == 7 + 3 + 3 + 2 + 20
    days = [at.astimezone(zone).date() for zone, at in starts]
    assert [day for day in days if is_closed(day)] == []
    assert {call.starts_at.astimezone(call.agency.zone).hour for call in Call.objects.all()} == {10, 14}


def test_four_calls_were_held_and_the_next_is_near(clearwater: Agency, now: datetime) -> None:
    seen = agency_calls(clearwater, now)
    assert (seen.held, seen.planned) == (4, 10)
    ahead = [line.starts_at for line in seen.calls if not line.held]
    assert len(ahead) == 6
    assert timedelta(days=7) < ahead[0] - now < timedelta(days=17)


def test_one_supervisor_has_come_to_one_call_of_four(clearwater: Agency, now: datetime) -> None:
    doses = supervisor_dose(clearwater, now).values()
    assert [dose.counted for dose in doses if dose.state == "cannot as planned"] == [1]


def test_all_training_days_and_calls_are_logged_and_one_call_is_under_the_threshold(
    clearwater: Agency,
) -> None:
    points = fidelity_points(clearwater)
    calls = [point.fidelity.score for point in points if point.occasion == "call"]
    assert len(points) == 11
    assert sum(score is not None and score < 0.8 for score in calls) == 1


def test_hours_show_people_who_are_done_on_track_and_out_of_reach(clearwater: Agency, now: datetime) -> None:
    hours = summaries.agency_hours(clearwater, now)
    assert hours.people == 120
    assert 95 < hours.complete < 115
    assert hours.on_track >= 2
    assert hours.cannot >= 7
    assert Attendance.objects.filter(override_minutes__isnull=False).count() == 1


def test_the_baseline_shows_its_figures_but_for_one_small_team(clearwater: Agency) -> None:
    baseline, midpoint = figures.wave_lines(clearwater)
    assert (baseline.invited, baseline.answered, midpoint.answered) == (118, 104, 72)
    (released,) = figures.released(clearwater)
    assert [group.name for group in released.release.groups if not group.shown] == ["Residential Night"]


def test_the_open_wave_waits_for_one_sign_in_and_has_the_others_answer(
    clearwater: Agency, now: datetime
) -> None:
    wave = clearwater.waves.get(closed_at=None)
    assert timedelta(days=5) < wave.closes_at - now < timedelta(days=7)
    answered = Invitation.objects.filter(wave=wave, completed=True).values_list("person__email", flat=True)
    assert STAFF_ANSWERED.email in answered
    assert STAFF_OPEN.email not in answered


def test_the_first_heartbeat_reminds_only_those_who_can_look_at_it(now: datetime) -> None:
    due = outbox.dry_run(now, RULES)
    assert {(draft.rule, draft.user.email) for draft in due} == {
        (CLOSING, STAFF_OPEN.email),
        (CLOSING, SUPERVISOR.email),
    }
    assert not Notice.objects.exclude(state=Notice.State.SENT).exists()


def test_things_slip_for_the_leader_each_with_something_to_do(clearwater: Agency, now: datetime) -> None:
    facts = " | ".join(todo.fact for todo in agenda.slips(clearwater, now))
    for part in ("can no longer reach", "no CE-CERT Foundations cohort", "no trainer", "is not closed"):
        assert part in facts


def test_the_trainer_serves_both_agencies_and_nobody_else_does(now: datetime) -> None:
    both = [user for user in User.objects.all() if len(Agency.objects.where(user)) == 2]
    assert sorted(user.name for user in both) == ["Avery Holt", "Ellis Norwood"]


def test_every_sign_in_sees_a_home_page(now: datetime, settings: Any) -> None:
    settings.DEMO = True
    for one in SIGN_INS:
        browser = Client()
        browser.force_login(User.objects.get(email=one.email))
        assert browser.get(reverse("home")).status_code == 200, one


def test_the_fifth_call_lies_ahead_and_the_fourth_behind_on_any_day() -> None:
    for n in range(800):
        today = date(2026, 1, 1) + timedelta(days=n)
        moments = monthly(Days(today, DENVER).first_of_series(12, 4), time(10), DENVER)
        assert moments[3].date() < today < moments[4].date(), today
        assert 8 <= (moments[4].date() - today).days <= 16, today


def test_a_trainers_day_is_booked_once() -> None:
    days = Days(date(2026, 12, 23), DENVER)
    booked = [days.book(offset) for offset in (0, 0, 1, 2, 3)]
    assert len(set(booked)) == 5
    assert not any(is_closed(day) for day in booked)
