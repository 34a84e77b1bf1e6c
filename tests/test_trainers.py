"""Trainers: their own page, what a leader learns of them, and what nobody else does."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from rollout.models import AuditEntry, TrainerAway, TrainerProfile
from rollout.trainers import trainers_visible_to

from .conftest import NOW, account
from .training_cast import a_cohort, a_session


@pytest.fixture
def both(cast: Any) -> Any:
    """A trainer of both agencies with a session in each, days away and a note."""
    cast.other.trainers.add(cast.trainer)
    for agency, leader, name, days in (
        (cast.agency, cast.leader, "Our day", 7),
        (cast.other, cast.other_leader, "Their secret day", 8),
    ):
        a_session(a_cohort(agency, leader), NOW + timedelta(days=days), trainer=cast.trainer, title=name)
    TrainerProfile.objects.create(
        user=cast.trainer, region="Mountain West", time_zone="America/Denver", note="Knee surgery"
    )
    TrainerAway.objects.create(
        user=cast.trainer, from_on=date(2026, 12, 7), until_on=date(2026, 12, 8), note="Honeymoon"
    )
    cast.url = f"/trainers/{cast.trainer.pk}/"
    with time_machine.travel(NOW, tick=False):
        yield cast


def test_a_leader_sees_when_a_trainer_is_booked_and_nothing_of_another_agency(both, as_):
    page = as_(both.leader).get(both.url).content.decode()
    assert "Mountain West" in page
    assert "Our day" in page
    assert page.count('<span class="tag">Booked</span>') == 2, "the other agency's day, and the days away"
    assert "Sunday, November 29, 2026" in page
    assert not [word for word in ("secret", "Harbor", "Honeymoon", "Knee", "Away") if word in page]
    assert "Change region" not in page
    assert "all day, until Tuesday, December 8, 2026" in page
    assert "midnight" not in page


def test_a_trainer_sees_every_agency_and_the_days_away(both, as_):
    for user in (both.trainer, both.admin):
        page = as_(user).get(both.url).content.decode()
        for words in ("Our day", "Their secret day", "Harbor Clinic", "Honeymoon", "Knee surgery"):
            assert words in page


def test_whoever_has_nothing_to_do_with_a_trainer_finds_nobody(both, as_):
    stranger = account("Far Trainer")
    far = f"/trainers/{both.other_trainer.pk}/"
    both.other.trainers.add(stranger)
    assert as_(both.leader).get(far).status_code == 404
    assert as_(both.trainer).get(far).status_code == 404
    assert as_(both.leader).get(f"/trainers/{both.leader.pk}/").status_code == 404
    assert set(trainers_visible_to(both.leader)) == {both.trainer}
    assert set(trainers_visible_to(both.trainer)) == {both.trainer}
    assert set(trainers_visible_to(both.other_leader)) == {both.trainer, both.other_trainer, stranger}
    page = as_(both.leader).get("/trainers/").content.decode()
    assert "Clear Trainer" in page
    assert not [word for word in ("Harbor", "Far Trainer") if word in page]


def test_only_the_trainer_and_administrators_write(both, as_):
    data = {"from_on": "2027-01-04", "until_on": "", "note": ""}
    assert as_(both.leader).post(both.url, data).status_code == 403
    assert as_(both.leader).get(f"{both.url}edit/").status_code == 403
    assert as_(both.other_trainer).post(both.url, data).status_code == 404
    assert as_(both.trainer).post(both.url, data).status_code == 302
    added = TrainerAway.objects.get(from_on=date(2027, 1, 4))
    assert added.until_on == date(2027, 1, 4)
    assert as_(both.trainer).post(both.url, {"remove": str(added.pk)}).status_code == 302
    assert TrainerAway.objects.count() == 1
    assert as_(both.trainer).post(both.url, {"remove": "x"}).status_code == 404


def test_days_that_are_booked_are_refused_on_the_page_with_both_entries(both, as_):
    answer = as_(both.trainer).post(
        both.url, {"from_on": "2026-11-28", "until_on": "2026-11-29", "note": "x"}
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "“Our day” at Clearwater Family Services" in text
    assert "“Their secret day” at Harbor Clinic" in text
    assert 'value="2026-11-29"' in text
    backwards = as_(both.trainer).post(both.url, {"from_on": "2026-12-28", "until_on": "2026-12-01"})
    assert "must not be before the first" in backwards.content.decode()


def test_the_second_of_two_who_change_a_profile_sees_both_texts(both, as_):
    url, data = (
        f"{both.url}edit/",
        {"region": "North", "time_zone": "America/Chicago", "note": "", "version": "1"},
    )
    assert as_(both.trainer).post(url, data).status_code == 302
    answer = as_(both.admin).post(url, data | {"region": "South"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "<pre>North" in text
    assert "<pre>South" in text
    assert as_(both.admin).post(url, data | {"region": "South", "version": "2"}).status_code == 302
    entries = AuditEntry.objects.filter(verb="changed trainer").order_by("pk")
    assert [entry.after.get("region") for entry in entries] == ["North", "South"]
    wrong = as_(both.admin).post(url, data | {"time_zone": "Mars/Olympus", "version": "3"})
    assert (wrong.status_code, "is not a time zone" in wrong.content.decode()) == (422, True)


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_takes_the_same_queries_for_one_and_thirty(both, as_, django_assert_num_queries, many):
    for number in range(many):
        both.agency.trainers.add(account(f"Trainer {number:02}"))
    leader = as_(both.leader)
    with django_assert_num_queries(10):
        page = leader.get("/trainers/").content.decode()
    assert page.count('scope="row"') == many + 1


@pytest.mark.parametrize("many", [1, 30])
def test_a_calendar_takes_the_same_queries_for_one_and_thirty(both, as_, django_assert_num_queries, many):
    cohort = a_cohort(both.agency, both.leader, "More")
    for number in range(many):
        a_session(cohort, NOW + timedelta(days=20 + number), trainer=both.trainer, title=f"Extra {number}")
    leader = as_(both.leader)
    with django_assert_num_queries(15):
        page = leader.get(both.url).content.decode()
    assert page.count("Extra") == many
