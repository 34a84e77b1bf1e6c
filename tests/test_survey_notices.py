"""Notices about surveys: the invitation once, the reminder to those alone who have not answered."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from assessments import actions, keys, reminders, survey
from rollout import outbox
from rollout.models import Person, User

from .conftest import NOW, Cast
from .surveying import LATER, a_wave, invitation_of, notice_for, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def wave(cast: Cast) -> Any:
    return a_wave(cast.agency)


def drafts(now: Any, rule: str) -> list[outbox.Draft]:
    return [draft for draft in reminders.due(now) if draft.rule == rule]


def test_everybody_invited_is_written_to_once(cast: Cast, wave: Any):
    found = drafts(NOW, "wave_opened")
    assert {draft.user for draft in found} == {cast.supervisor, cast.staff, cast.colleague}
    assert len({draft.key for draft in found}) == 3
    assert outbox.plan(NOW, [reminders]) == 3
    assert outbox.plan(LATER, [reminders]) == 0


def test_only_those_without_an_answer_are_reminded_a_week_before_the_end(cast: Cast, wave: Any):
    survey.submit(invitation_of(cast.staff, wave), {1: 3}, LATER)
    week_before = reminders.reminder_at(wave)
    assert drafts(week_before - timedelta(minutes=1), "wave_closing") == []
    assert {one.user for one in drafts(week_before, "wave_closing")} == {cast.supervisor, cast.colleague}
    assert drafts(wave.closes_at, "wave_closing") == []


@pytest.mark.parametrize(
    ("closes_on", "reminded_on"),
    [
        (date(2026, 11, 22), None),
        (date(2026, 11, 23), date(2026, 11, 23)),
        (date(2026, 11, 29), date(2026, 11, 23)),
        (date(2026, 12, 1), date(2026, 11, 24)),
        (date(2026, 12, 11), date(2026, 12, 4)),
    ],
)
def test_the_reminder_comes_in_the_morning_a_week_ahead_but_two_days_after_opening(
    cast: Cast, closes_on: date, reminded_on: date | None
):
    wave = a_wave(cast.agency, closes_on=closes_on)  # opened on November 21 at nine
    at = reminders.reminder_at(wave)
    if reminded_on is None:
        assert at is None
    else:
        assert f"{at.astimezone(cast.agency.zone):%Y-%m-%d %H:%M}" == f"{reminded_on} 09:00"


def test_an_extended_wave_reminds_again_before_its_new_end(cast: Cast, wave: Any):
    week_before = reminders.reminder_at(wave)
    before = {one.key for one in drafts(week_before, "wave_closing")}
    actions.extend_wave(wave, closes_on=date(2026, 12, 30), by=cast.leader, at=LATER)
    assert drafts(week_before, "wave_closing") == []
    wave.refresh_from_db()
    later = {one.key for one in drafts(reminders.reminder_at(wave), "wave_closing")}
    assert len(later) == 3
    assert not before & later


def test_a_notice_that_no_longer_applies_is_withdrawn(cast: Cast, wave: Any):
    compose = reminders.compose
    assert compose(notice_for(cast.staff, wave), LATER) is not None
    assert compose(notice_for(cast.leader, wave), LATER) is None
    assert compose(notice_for(cast.staff, wave), wave.closes_at) is None
    survey.submit(invitation_of(cast.staff, wave), {1: 3}, LATER)
    assert compose(notice_for(cast.staff, wave), LATER) is None
    Person.objects.filter(user=cast.colleague).update(left_on=date(2026, 11, 22))
    assert compose(notice_for(cast.colleague, wave), LATER) is None
    cast.supervisor.is_active = False
    assert compose(notice_for(cast.supervisor, wave), LATER) is None
    actions.close_wave(wave, by=None, at=LATER)
    assert compose(notice_for(User.objects.get(pk=cast.supervisor.pk), wave), LATER) is None


def test_the_mail_says_the_promise_and_names_nobody_else(cast: Cast, wave: Any):
    for rule in ("wave_opened", "wave_closing"):
        mail = reminders.compose(notice_for(cast.staff, wave, rule), LATER)
        whole = mail.subject + mail.text
        assert "Clear" in whole  # own first name
        assert "December 11" in mail.subject
        assert "Only you can see your answers and your result" in " ".join(mail.text.split())
        for user in cast.everyone().values():
            if user != cast.staff:
                assert str(user) not in whole
        assert "&#x27;" not in whole


def test_without_keys_the_mail_waits_rather_than_going_without_a_link(cast: Cast, wave: Any, settings: Any):
    settings.ROOT_KEY_FILE.unlink()
    with pytest.raises(keys.KeysUnavailable):
        reminders.compose(notice_for(cast.staff, wave), LATER)


def test_what_is_due_takes_two_queries_for_thirty_people_as_for_three(
    cast: Cast, django_assert_num_queries: Any
):
    a_wave(cast.other)
    with django_assert_num_queries(2):
        list(reminders.due(LATER))
    staff(cast.agency, cast.team, 30)
    a_wave(cast.agency)
    with django_assert_num_queries(2):
        list(reminders.due(LATER))


def test_the_daily_work_refreshes_counts_and_closes_what_was_missed(cast: Cast, wave: Any):
    reminders.daily(wave.closes_at)
    wave.refresh_from_db()
    assert wave.closed_at == wave.closes_at
