"""Notices about training sessions: who, when, once, and what they say."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from rollout import outbox, reminders
from rollout.models import Cohort, CohortMember, Curriculum, Notice, RosterUpload, Session, User
from rollout.outbox import Outcome
from tests import smtp_sink as sinks
from tests.conftest import NOW, Cast
from tests.smtp_sink import Sink

smtp_sink = sinks.smtp_sink
HOUR = timedelta(hours=1)


def session_in(cast: Cast, ahead: timedelta, start: datetime | None = None, **fields: Any) -> Session:
    """A session of staff and colleague with their trainer, ``ahead`` of ``start`` (the real now)."""
    starts_at = (start or timezone.now()) + ahead
    curriculum, _new = Curriculum.objects.get_or_create(
        code="foundations",
        defaults={"name": "CE-CERT Foundations", "audience": "everyone", "required_minutes": 720},
    )
    cohort, is_new = Cohort.objects.get_or_create(agency=cast.agency, curriculum=curriculum, name="Fall")
    if is_new:
        for user in (cast.staff, cast.colleague):
            CohortMember.objects.create(cohort=cohort, person=cast.person(user), joined_on=date(2026, 6, 1))
    values = {"title": "Foundations, day 1", "trainer": cast.trainer, "place": "Tom & Ann's Room"} | fields
    return Session.objects.create(cohort=cohort, starts_at=starts_at, ends_at=starts_at + 7 * HOUR, **values)


def whom(now: datetime = NOW, rule: str = "") -> list[User]:
    return [draft.user for draft in outbox.dry_run(now, [reminders]) if rule in draft.rule]


def beat(now: datetime) -> dict[Outcome, int]:
    outbox.plan(now, [reminders])
    return dict(outbox.send_due(now, [reminders]))


def test_the_day_before_members_and_the_trainer_are_told_and_nobody_else(cast: Cast) -> None:
    session_in(cast, 24 * HOUR, NOW)
    everybody = {cast.staff, cast.colleague, cast.trainer}
    assert set(whom(NOW)) == everybody
    assert len(whom(NOW)) == 3
    assert whom(NOW - HOUR) == []
    assert set(whom(NOW + 23 * HOUR)) == everybody
    assert whom(NOW + 24 * HOUR) == []


def test_it_goes_out_once_and_says_when_where_and_what_for(
    cast: Cast, smtp_sink: Sink, settings: Any
) -> None:
    settings.SITE_URL = "https://rollout.agency.example"
    session = session_in(cast, 23 * HOUR, NOW)
    assert beat(NOW) == {Outcome.SENT: 3}
    assert beat(NOW + HOUR) == {}
    by_address = dict(zip(smtp_sink.recipients, smtp_sink.messages, strict=True))
    to_staff, to_trainer = by_address[cast.staff.email], by_address[cast.trainer.email]
    text = to_staff.get_content()
    assert to_staff["Subject"] == "Training on Sunday, November 22: Foundations, day 1"
    for fact in (
        "Clearwater Family Services",
        "Sunday, November 22, 2026",
        "8 a.m. to 3 p.m., America/Denver time",
        "Tom & Ann's Room",
        "https://rollout.agency.example/me/training/",
    ):
        assert fact in text
    assert "sign in when you arrive" in text
    assert f"https://rollout.agency.example/sessions/{session.uuid}/" in to_trainer.get_content()
    assert "\n\n\n" not in text


def test_a_session_that_moves_within_the_day_is_announced_again_once_with_the_new_time(
    cast: Cast, smtp_sink: Sink
) -> None:
    session = session_in(cast, 20 * HOUR, NOW)
    beat(NOW)
    Session.objects.filter(pk=session.pk).update(starts_at=session.starts_at + HOUR)
    assert beat(NOW + HOUR) == {Outcome.SENT: 3}
    assert beat(NOW + 2 * HOUR) == {}
    assert {message["Subject"] for message in smtp_sink.messages[3:]} == {"New time: Foundations, day 1"}
    assert "6 a.m. to" in smtp_sink.messages[3].get_content()


def test_a_session_that_moves_before_its_notice_has_left_is_announced_at_its_new_time_only(
    cast: Cast, smtp_sink: Sink
) -> None:
    session = session_in(cast, 20 * HOUR, NOW)
    outbox.plan(NOW, [reminders])
    Session.objects.filter(pk=session.pk).update(starts_at=session.starts_at + HOUR)
    assert beat(NOW + HOUR) == {Outcome.SENT: 3, Outcome.WITHDRAWN: 3}
    assert {message["Subject"] for message in smtp_sink.messages} == {
        "Training on Sunday, November 22: Foundations, day 1"
    }


def test_an_announced_session_that_moves_to_another_week_is_told_at_once_and_again_the_day_before(
    cast: Cast, smtp_sink: Sink
) -> None:
    session = session_in(cast, 20 * HOUR, NOW)
    beat(NOW)
    week = timedelta(days=7)
    Session.objects.filter(pk=session.pk).update(
        starts_at=session.starts_at + week, ends_at=session.ends_at + week
    )
    assert beat(NOW + HOUR) == {Outcome.SENT: 3}
    assert beat(NOW + 2 * HOUR) == {}
    moved = smtp_sink.messages[3]
    assert moved["Subject"] == "New time: Foundations, day 1"
    assert "Sunday, November 29, 2026" in moved.get_content()
    assert beat(NOW + week) == {Outcome.SENT: 3}


def test_a_cancelled_session_is_told_to_those_who_had_been_announced_it_and_to_nobody_else(
    cast: Cast, smtp_sink: Sink
) -> None:
    session = session_in(cast, 20 * HOUR, NOW)
    quiet = session_in(cast, 30 * HOUR, NOW, title="Day 2")
    beat(NOW)
    Session.objects.filter(pk__in=[session.pk, quiet.pk]).update(cancelled_at=NOW)
    assert beat(NOW + HOUR) == {Outcome.SENT: 3}
    assert beat(NOW + 21 * HOUR) == {}
    message = smtp_sink.messages[3]
    assert message["Subject"] == "Cancelled: Foundations, day 1"
    assert "on Sunday, November 22 at 5 a.m. does not take place" in message.get_content()


def test_a_session_moved_away_and_back_is_told_each_time(cast: Cast, smtp_sink: Sink) -> None:
    session = session_in(cast, 20 * HOUR, NOW)
    beat(NOW)
    for number, at in enumerate((session.starts_at + timedelta(days=3), session.starts_at), start=1):
        Session.objects.filter(pk=session.pk).update(starts_at=at, ends_at=at + HOUR)
        assert beat(NOW + number * HOUR) == {Outcome.SENT: 3}
        assert beat(NOW + number * HOUR) == {}
    assert "5 a.m. to" in smtp_sink.messages[-1].get_content()


def test_those_who_left_joined_later_or_closed_their_account_are_not_told(cast: Cast) -> None:
    session_in(cast, 20 * HOUR, NOW)
    CohortMember.objects.filter(person__user=cast.staff).update(joined_on=date(2026, 11, 23))
    assert cast.staff not in whom()
    CohortMember.objects.filter(person__user=cast.staff).update(joined_on=date(2026, 11, 22))
    assert cast.staff in whom()
    colleague = cast.person(cast.colleague)
    colleague.left_on = date(2026, 11, 20)
    colleague.save()
    assert set(whom()) == {cast.staff, cast.trainer}
    User.objects.filter(pk=cast.trainer.pk).update(is_active=False)
    assert whom() == [cast.staff]
    User.objects.filter(pk=cast.trainer.pk).update(is_active=True)
    cast.agency.trainers.clear()
    cast.other.trainers.add(cast.trainer)
    assert whom() == [cast.staff]


def test_a_trainer_who_is_also_in_the_cohort_gets_one_mail(cast: Cast) -> None:
    session_in(cast, 20 * HOUR, NOW, trainer=cast.staff)
    assert sorted(user.pk for user in whom()) == sorted([cast.staff.pk, cast.colleague.pk])


def test_a_notice_that_waited_until_the_session_began_is_withdrawn(cast: Cast, smtp_sink: Sink) -> None:
    session_in(cast, 20 * HOUR, NOW)
    outbox.plan(NOW, [reminders])
    assert outbox.send_due(NOW + 20 * HOUR, [reminders]) == {Outcome.WITHDRAWN: 3}


def test_somebody_taken_out_of_the_cohort_meanwhile_gets_no_mail(cast: Cast, smtp_sink: Sink) -> None:
    session_in(cast, 20 * HOUR, NOW)
    outbox.plan(NOW, [reminders])
    CohortMember.objects.filter(person__user=cast.staff).delete()
    assert outbox.send_due(NOW, [reminders]) == {Outcome.SENT: 2, Outcome.WITHDRAWN: 1}
    assert cast.staff.email not in smtp_sink.recipients


def test_a_notice_about_a_session_that_was_removed_is_withdrawn(cast: Cast, smtp_sink: Sink) -> None:
    session = session_in(cast, 20 * HOUR, NOW)
    outbox.plan(NOW, [reminders])
    session.delete()
    assert outbox.send_due(NOW, [reminders]) == {Outcome.WITHDRAWN: 3}


@pytest.mark.parametrize("sessions", [1, 30])
def test_planning_asks_the_same_few_questions_for_one_session_and_for_thirty(
    cast: Cast, smtp_sink: Sink, django_assert_num_queries: Any, sessions: int
) -> None:
    for number in range(sessions):
        session_in(cast, 20 * HOUR + number * timedelta(minutes=1), NOW)
    beat(NOW)
    with django_assert_num_queries(5):
        list(reminders.due(NOW))


def test_roster_files_are_dropped_after_a_day_and_their_rows_stay(cast: Cast) -> None:
    for hours in (23, 25):
        RosterUpload.objects.create(
            agency=cast.agency,
            uploaded_by=cast.leader,
            uploaded_at=NOW - hours * HOUR,
            filename=f"{hours}.csv",
            content=b"Ana",
        )
    reminders.daily(NOW)
    kept = {upload.filename: bytes(upload.content) for upload in RosterUpload.objects.all()}
    assert kept == {"23.csv": b"Ana", "25.csv": b""}


def test_keys_stay_far_below_their_limit(cast: Cast, smtp_sink: Sink) -> None:
    session = session_in(cast, 20 * HOUR, NOW)
    beat(NOW)
    Session.objects.filter(pk=session.pk).update(cancelled_at=NOW)
    beat(NOW)
    assert max(len(notice.key) for notice in Notice.objects.all()) < 150
