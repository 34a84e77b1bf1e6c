"""Notices about calls: the day before, once for each person and start; again when it moves; never a word of
anybody's.
"""

from datetime import timedelta

import pytest

from consultation import actions, reminders
from consultation import preparation_actions as preparing
from rollout.models import Notice
from rollout.outbox import plan as queue

from .calls_cast import LINK, call_of, hold, more_supervisors, plan
from .conftest import NOW, account, somebody

pytestmark = pytest.mark.django_db
CANARY = "heron-4711 stood in the reeds"


def wanted(now):
    return {(draft.rule, draft.user.name) for draft in reminders.due(now)}


def sent(now):
    """Queue what is due and mark it as sent."""
    queue(now, [reminders])
    Notice.objects.filter(state="queued").update(state="sent", sent_at=now)


def queued(now):
    queue(now, [reminders])
    return list(Notice.objects.filter(state="queued").order_by("pk"))


def test_members_and_trainer_are_reminded_within_the_day_before_and_nobody_else(cast):
    call = call_of(plan(cast), 5)
    plan(cast, ours=False)
    assert wanted(call.starts_at - timedelta(hours=24, seconds=1)) == set()
    day_before = call.starts_at - timedelta(hours=24)
    assert wanted(day_before) == {
        ("call_day_before", "Clear Supervisor"),
        ("call_day_before", "Clear Trainer"),
        ("call_day_before", "Harbor Supervisor"),
        ("call_day_before", "Harbor Trainer"),
    }
    assert wanted(call.starts_at) == set()


def test_asking_every_minute_makes_one_notice_for_each(cast):
    call = call_of(plan(cast), 5)
    for minutes in range(3):
        queue(call.starts_at - timedelta(hours=23, minutes=minutes), [reminders])
    assert Notice.objects.count() == 2


def test_cancelled_held_and_left_ones_are_not_announced(cast):
    series = plan(cast)
    call, near = call_of(series, 5), call_of(series, 5).starts_at - timedelta(hours=3)
    cast.agency.trainers.clear()
    assert wanted(near) == {("call_day_before", "Clear Supervisor")}
    cast.supervisor.is_active = False
    cast.supervisor.save()
    assert wanted(near) == set()
    cast.agency.trainers.add(cast.trainer)
    actions.cancel_call(call, by=cast.leader, at=NOW)
    assert wanted(near) == set()


def test_only_members_on_that_day_are_reminded(cast):
    series = plan(cast)
    early, late, former = more_supervisors(cast, 3)
    day = call_of(series, 5).day
    actions.add_member(series, early, joined_on=day, by=cast.leader, at=NOW)
    actions.add_member(series, late, joined_on=day + timedelta(days=1), by=cast.leader, at=NOW)
    actions.add_member(series, former, joined_on=NOW.date(), by=cast.leader, at=NOW)
    former.left_on = NOW.date()
    former.save()
    near = call_of(series, 5).starts_at - timedelta(hours=3)
    assert {name for _rule, name in wanted(near)} == {"Clear Supervisor", "Clear Trainer", "Super Visor00"}


def test_a_moved_call_is_announced_again_and_the_old_notice_is_withdrawn(cast):
    call = call_of(plan(cast), 5)
    before = call.starts_at - timedelta(hours=20)
    sent(before)
    call.starts_at += timedelta(hours=2)
    call.ends_at += timedelta(hours=2)
    actions.change_call(call, by=cast.trainer, at=before)
    notices = queued(before + timedelta(minutes=1))
    assert {(notice.rule, notice.user) for notice in notices} == {
        ("call_day_before", cast.supervisor),
        ("call_day_before", cast.trainer),
    }
    mail = reminders.compose(notices[0], before + timedelta(minutes=1))
    assert mail.subject == "New time: Call 5: Before and during"
    assert "noon to 1 p.m." in mail.text
    old = Notice.objects.filter(state="sent").first()
    assert reminders.compose(old, before + timedelta(minutes=1)) is None


def test_whoever_was_reminded_is_told_when_it_is_cancelled_or_moves_away(cast):
    call = call_of(plan(cast), 5)
    before = call.starts_at - timedelta(hours=20)
    sent(before)
    actions.cancel_call(call, by=cast.trainer, at=before)
    notices = queued(before + timedelta(minutes=5))
    assert [notice.rule for notice in notices] == ["call_changed", "call_changed"]
    mail = reminders.compose(notices[0], before + timedelta(minutes=6))
    assert mail.subject == "Cancelled: Call 5: Before and during"
    assert "on Friday, December 4 at 10 a.m. does not take place" in mail.text
    Notice.objects.filter(state="queued").update(state="sent", sent_at=before + timedelta(minutes=7))
    assert queued(before + timedelta(minutes=8)) == []


def test_nobody_is_told_of_a_change_to_what_they_were_never_told(cast):
    call = call_of(plan(cast), 5)
    actions.cancel_call(call, by=cast.trainer, at=NOW)
    assert queued(call.starts_at - timedelta(hours=20)) == []


def test_the_mail_says_when_where_and_what_in_the_agencys_time_and_nothing_private(cast):
    series, person = plan(cast), cast.person(cast.supervisor)
    hold(call_of(series, 4), {person: 60}, cast.trainer, {person: CANARY})
    call = call_of(series, 5)
    saved = preparing.save_preparation(call, person, {"tried": CANARY}, version=0, by=cast.supervisor, at=NOW)
    preparing.share_preparation(saved, by=cast.supervisor, at=NOW)
    before = call.starts_at - timedelta(hours=20)
    for notice in queued(before):
        mail = reminders.compose(notice, before)
        assert mail.subject == "Friday, December 4: Call 5: Before and during"
        assert "Friday, December 4, 2026" in mail.text
        assert "10 a.m. to 11 a.m., America/Denver time" in mail.text
        assert LINK in mail.text
        assert f"/calls/{call.uuid}/" in mail.text
        assert "&" not in mail.text
        assert CANARY not in mail.subject + mail.text
        assert CANARY not in str(notice.about) + notice.key
        assert ("You hold this call" in mail.text) == (notice.user == cast.trainer)


def test_a_notice_no_longer_wanted_is_not_composed(cast):
    series, person = plan(cast), cast.person(cast.supervisor)
    call = call_of(series, 5)
    before = call.starts_at - timedelta(hours=20)
    notice = next(notice for notice in queued(before) if notice.user == cast.supervisor)
    assert reminders.compose(notice, before) is not None
    assert reminders.compose(notice, call.starts_at) is None
    actions.remove_member(series, person, left_on=NOW.date(), by=cast.leader, at=NOW)
    assert reminders.compose(notice, before) is None
    actions.add_member(series, person, joined_on=NOW.date(), by=cast.leader, at=NOW)
    assert reminders.compose(notice, before) is not None
    call.delete()
    assert reminders.compose(notice, before) is None


def test_a_trainer_who_takes_part_as_well_gets_one_mail(cast):
    series, second = plan(cast), account("Second Trainer")
    cast.agency.trainers.add(second)
    actions.change_series(series, name="S", trainer=second, video_link="", by=cast.leader, at=NOW)
    person = somebody(cast.agency, None, second)
    actions.add_member(series, person, joined_on=NOW.date(), by=cast.leader, at=NOW)
    near = call_of(series, 5).starts_at - timedelta(hours=3)
    assert [draft.user for draft in reminders.due(near)].count(second) == 1


@pytest.mark.parametrize("members", [0, 30])
def test_planning_asks_as_often_for_thirty_members(cast, members, django_assert_num_queries):
    series = plan(cast)
    for person in more_supervisors(cast, members):
        actions.add_member(series, person, joined_on=NOW.date(), by=cast.leader, at=NOW)
    near = call_of(series, 5).starts_at - timedelta(hours=3)
    with django_assert_num_queries(4):
        assert len(list(reminders.due(near))) == members + 2
