"""The invitation behind every page of a survey: found by a kept statement, and never older than the database."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from assessments import invited
from assessments.models import Invitation, Wave
from rollout.models import Agency, Person, User

from .conftest import NOW, Cast
from .surveying import LATER, a_wave, invitation_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(cast: Cast) -> Any:
    return a_wave(cast.agency)


def test_it_is_the_row_that_the_rules_own_query_finds(cast: Cast, wave: Wave):
    own = Invitation.objects.select_related("wave__agency", "wave__wording_pack", "person")
    for user in User.objects.all():
        expected = own.visible_to(user).filter(wave__uuid=wave.uuid).first()
        found = invited.own(user, wave.uuid)
        assert found == expected
        if expected and found:
            for row, was in (
                (found, expected),
                (found.wave, expected.wave),
                (found.wave.agency, expected.wave.agency),
            ):
                fields = row._meta.concrete_fields
                assert {f.name: getattr(row, f.attname) for f in fields} == {
                    f.name: getattr(was, f.attname) for f in fields
                }
            assert found.person == expected.person
            assert found.person.uuid == expected.person.uuid
            assert found.wave.wording_pack == expected.wave.wording_pack


def test_nobody_finds_anothers_invitation(cast: Cast, wave: Wave):
    other = a_wave(cast.other)
    assert invited.own(cast.other_staff, wave.uuid) is None
    assert invited.own(cast.staff, other.uuid) is None
    assert invited.own(cast.staff, uuid4()) is None


def test_by_link_it_is_this_invitation_in_this_wave_while_the_account_is_open(cast: Cast, wave: Wave):
    mine = invitation_of(cast.staff, wave)
    assert invited.begun_by_link(mine.pk, wave.uuid) == mine
    assert invited.begun_by_link(mine.pk, a_wave(cast.other).uuid) is None
    User.objects.filter(pk=cast.staff.pk).update(is_active=False)
    assert invited.begun_by_link(mine.pk, wave.uuid) is None


def test_whoever_left_is_not_invited_any_more(cast: Cast, wave: Wave):
    mine = invitation_of(cast.staff, wave)
    Person.objects.filter(pk=mine.person_id).update(left_on=NOW.date())
    assert invited.own(cast.staff, wave.uuid) is None
    assert invited.begun_by_link(mine.pk, wave.uuid) is None


def test_what_changes_in_wave_or_agency_is_seen_at_once(cast: Cast, wave: Wave):
    before = invited.own(cast.staff, wave.uuid)
    assert before
    assert before.wave.takes_answers(LATER)
    Wave.objects.filter(pk=wave.pk).update(closes_at=wave.closes_at + timedelta(days=3))
    Agency.objects.filter(pk=cast.agency.pk).update(name="Renamed", help_text="Call Ada.")
    after = invited.own(cast.staff, wave.uuid)
    assert after
    assert after.wave.closes_at == wave.closes_at + timedelta(days=3)
    assert (after.wave.agency.name, after.wave.agency.help_text) == ("Renamed", "Call Ada.")
    Wave.objects.filter(pk=wave.pk).update(closed_at=LATER)
    closed = invited.own(cast.staff, wave.uuid)
    assert closed
    assert not closed.wave.takes_answers(LATER)


def test_the_wave_is_read_once_for_everybody(cast: Cast, wave: Wave, django_assert_num_queries: Any):
    invited.own(cast.staff, wave.uuid)
    with django_assert_num_queries(2):
        first, second = invited.own(cast.staff, wave.uuid), invited.own(cast.supervisor, wave.uuid)
    assert first
    assert second
    assert first.wave is second.wave
