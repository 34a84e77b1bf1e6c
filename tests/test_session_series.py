"""Several training days planned at once: all or nothing, local times across clock changes, modules by training day."""

from datetime import UTC, date, time, timedelta
from typing import Any

import pytest
import time_machine

from rollout import outbox, reminders
from rollout import training_actions as actions
from rollout.forms.training_days import DaysForm
from rollout.models import AuditEntry, CohortMember, Curriculum, Notice, Session
from rollout.refusals import Refused
from rollout.session_series import MOST_DAYS, TrainingDay, consecutive, plan_sessions, shared_out

from .conftest import NOW
from .training_cast import JUNE, a_cohort, a_session

NINE, HALF_FOUR = time(9), time(16, 30)


@pytest.fixture
def cohort(cast: Any) -> Any:
    return a_cohort(cast.agency, cast.leader)


def days(*dates: date, starts: time = NINE, ends: time = HALF_FOUR) -> list[TrainingDay]:
    return [TrainingDay(on, starts, ends, number) for number, on in enumerate(dates, start=1)]


def test_days_keep_their_local_time_across_the_clock_change_and_take_their_own_modules(cast, cohort):
    dates = date(2027, 3, 12), date(2027, 3, 15)
    made = plan_sessions(
        cohort, days=days(*dates), trainer=cast.trainer, place="Room 2", place_details="Ring twice",
        video_link="https://video.example/a", video_details="Number 5", by=cast.leader, at=NOW,
    )  # fmt: skip
    zone = cast.agency.zone
    assert [each.starts_at.astimezone(zone).time() for each in made] == [NINE, NINE]
    assert [each.starts_at.astimezone(UTC).hour for each in made] == [16, 15]
    assert [each.title for each in made] == ["CE-CERT Foundations, day 1", "CE-CERT Foundations, day 2"]
    assert [{module.day for module in each.modules.all()} for each in made] == [{1}, {2}]
    assert {(each.place, each.place_details, each.video_details) for each in made} == {
        ("Room 2", "Ring twice", "Number 5")
    }
    assert AuditEntry.objects.filter(verb="planned session", by=cast.leader).count() == 2


def test_one_day_that_cannot_be_leaves_none_and_every_reason_is_told(cast, cohort):
    a_session(cohort, NOW + timedelta(days=9), trainer=cast.trainer, title="Taken")
    wanted = [
        TrainingDay(date(2026, 11, 27), NINE, HALF_FOUR, 1),
        TrainingDay(date(2026, 11, 30), NINE, HALF_FOUR, 2),
        TrainingDay(date(2026, 12, 1), NINE, time(8), 1),
        TrainingDay(date(2026, 12, 2), NINE, time(12), 1),
        TrainingDay(date(2026, 12, 3), NINE, HALF_FOUR, 7),
    ]
    with pytest.raises(Refused) as refusal:
        plan_sessions(cohort, days=wanted, trainer=cast.trainer, by=cast.leader, at=NOW)
    lines = str(refusal.value).splitlines()
    assert len(lines) == 4
    for line, words in zip(
        lines,
        ("this cohort has “Taken” then", "the end must be after", "take 360 minutes", "day 7 has no modules"),
        strict=True,
    ):
        assert words in line
    assert Session.objects.count() == 1


def test_two_of_the_days_may_not_meet_one_another(cast, cohort):
    same = date(2026, 12, 3)
    with pytest.raises(Refused, match="this cohort has “CE-CERT Foundations, day 1” then"):
        plan_sessions(cohort, days=days(same, same), by=cast.leader, at=NOW)
    assert not Session.objects.exists()


def test_without_a_commitment_the_gate_is_told_once_and_not_for_each_day(cast, cohort):
    cast.agency.commitments.all().delete()
    with pytest.raises(Refused) as refusal:
        plan_sessions(cohort, days=days(date(2026, 12, 3), date(2026, 12, 4)), by=cast.leader, at=NOW)
    assert str(refusal.value).count("committed") == 1


def test_nothing_and_too_much_are_refused(cast, cohort):
    with pytest.raises(Refused, match="at least one date"):
        plan_sessions(cohort, days=[], by=cast.leader, at=NOW)
    many = [
        TrainingDay(date(2027, 1, 1) + timedelta(days=n), NINE, HALF_FOUR, 1) for n in range(MOST_DAYS + 1)
    ]
    with pytest.raises(Refused, match="At most"):
        plan_sessions(cohort, days=many, by=cast.leader, at=NOW)


def test_a_session_on_the_night_of_the_clock_change_is_as_long_as_it_really_is(cast, cohort):
    night = [TrainingDay(date(2026, 11, 1), time(0, 30), time(6), 1)]
    assert plan_sessions(cohort, days=night, by=cast.leader, at=NOW), (
        "five and a half by the clock, six and a half"
    )
    lost = [TrainingDay(date(2027, 3, 14), time(0, 30), time(6, 59), 1)]
    with pytest.raises(Refused, match="there are 329"):
        plan_sessions(cohort, days=lost, by=cast.leader, at=NOW)


@pytest.mark.parametrize(("parts", "sizes"), [(1, [15]), (3, [5, 5, 5]), (4, [4, 4, 4, 3]), (15, [1] * 15)])
def test_areas_without_days_are_shared_out_in_order(db, parts, sizes):
    actions.install_curricula(at=NOW)
    modules = list(Curriculum.objects.get(code="helping-relationship-skills").modules.all())
    found = shared_out(modules, parts)
    assert [len(part) for part in found] == sizes
    assert [module for part in found for module in part] == modules


def test_days_one_after_the_other_leave_weekends_out():
    assert consecutive(date(2026, 12, 3), 3) == [date(2026, 12, 3), date(2026, 12, 4), date(2026, 12, 7)]


# --- The page ------------------------------------------------------------------------------------------------------


def entered(**changes: str) -> dict[str, str]:
    data = {
        "starts": "09:00",
        "ends": "16:30",
        "place": "",
        "place_details": "",
        "video_link": "",
        "step": "plan",
    }
    return data | {"video_details": "", "trainer": "", "on_1": "2026-12-03", "on_2": "2026-12-04"} | changes


@pytest.fixture
def post(cast: Any, cohort: Any, as_: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        client = as_(cast.leader)
        yield lambda **changes: client.post(f"/cohorts/{cohort.uuid}/sessions/days/", entered(**changes))


def test_the_form_plans_all_its_days(cast, cohort, post):
    answer = post(trainer=str(cast.trainer.pk))
    assert (answer.status_code, answer["Location"]) == (302, f"/cohorts/{cohort.uuid}/")
    assert Session.objects.filter(trainer=cast.trainer).count() == 2
    again = post(trainer=str(cast.trainer.pk), on_1="2026-12-04", on_2="")
    assert again.status_code == 422
    text = again.content.decode()
    assert "“CE-CERT Foundations, day 2”" in text
    assert 'value="2026-12-04"' in text
    assert Session.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"on_1": "", "on_2": ""}, "Enter at least one date."),
        ({"on_2": "2026-12-03"}, "This date stands here twice."),
        (
            {"on_1": "2026-12-04", "on_2": "2026-12-03"},
            "This date is before that of an earlier training day.",
        ),
        ({"ends": "08:00"}, "The end must be after the start"),
        ({"video_link": "ftp://video.example/x"}, "starts with https://"),
        ({"on_1": "0206-12-03"}, "Check the year"),
    ],
)
def test_the_form_says_what_is_wrong_and_plans_nothing(post, changes, told):
    answer = post(**changes)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Session.objects.exists()


def test_the_days_after_the_first_are_filled_in_on_request(post):
    answer = post(on_1="2026-12-04", on_2="", step="fill")
    assert answer.status_code == 200
    assert 'value="2026-12-07"' in answer.content.decode()
    assert not Session.objects.exists()


def test_only_days_still_to_plan_are_asked_for_and_rows_can_be_added_where_there_are_none(cast, cohort, as_):
    a_session(cohort, NOW + timedelta(days=9))
    assert [number for number, _modules in DaysForm(cohort=cohort).parts] == [2]
    cohort.curriculum = Curriculum.objects.get(code="helping-relationship-skills")
    cohort.save()
    Session.objects.all().delete()
    address = f"/cohorts/{cohort.uuid}/sessions/days/"
    assert as_(cast.leader).get(address).content.decode().count('type="date"') == 3
    assert as_(cast.leader).get(f"{address}?rows=5").content.decode().count('type="date"') == 5
    assert as_(cast.leader).get(f"{address}?rows=9999").content.decode().count('type="date"') == 3


def test_a_session_is_planned_once_more_without_its_date_and_trainer(cast, cohort, as_):
    session = a_session(cohort, NOW + timedelta(days=9), trainer=cast.trainer, place_details="Ring twice")
    form = as_(cast.leader).get(f"/cohorts/{cohort.uuid}/sessions/new/?like={session.uuid}").context["form"]
    assert (form.initial["title"], form.initial["place_details"]) == ("Day 1", "Ring twice")
    assert len(form.initial["modules"]) == 4
    assert not form.initial.get("held_on")
    assert not form.initial.get("trainer")
    foreign = a_session(a_cohort(cast.other, cast.other_leader, "H"), place_details="Secret door")
    page = as_(cast.leader).get(f"/cohorts/{cohort.uuid}/sessions/new/?like={foreign.uuid}").content.decode()
    assert "Secret door" not in page
    assert as_(cast.leader).get(f"/cohorts/{cohort.uuid}/sessions/new/?like=x").status_code == 200


def test_the_reminder_and_the_pages_say_how_to_find_the_room_and_how_to_join(cast, cohort, as_):
    CohortMember.objects.create(cohort=cohort, person=cast.person(cast.staff), joined_on=JUNE)
    details = {"place_details": "Side door, ring twice", "video_details": "Meeting 555 0199"}
    session = a_session(cohort, NOW + timedelta(hours=20), video_link="https://video.example/a", **details)
    outbox.plan(NOW, [reminders])
    mail = reminders.compose(Notice.objects.get(user=cast.staff), NOW)
    with time_machine.travel(NOW, tick=False):
        pages = [
            as_(user).get(f"/sessions/{session.uuid}/").content.decode()
            for user in (cast.staff, cast.trainer)
        ]
    for text in (mail.text, *pages):
        assert "Side door, ring twice" in text
        assert "Meeting 555 0199" in text
