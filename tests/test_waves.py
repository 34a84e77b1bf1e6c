"""Waves: who is invited, what is frozen, when they close, and that figures are computed once and hide small groups."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from assessments import actions, figures, keys
from assessments.models import Wave, WordingPack
from rollout.forms.enrollment import AgencyForm
from rollout.models import Agency, Person, Team
from rollout.refusals import Refused

from .conftest import NOW, Cast
from .surveying import LATER, PROQOL, a_wave, answer_all, invitation_of, staff

pytestmark = pytest.mark.django_db


def test_everybody_with_an_account_is_invited_and_nobody_else(cast: Cast):
    Person.objects.create(agency=cast.agency, first_name="No", last_name="Mail")
    left = cast.person(cast.colleague)
    left.left_on = date(2026, 11, 1)
    left.save()
    wave = a_wave(cast.agency)
    assert {one.person.user for one in wave.invitations.all()} == {cast.supervisor, cast.staff}
    assert wave.invited == 2


def test_the_team_is_frozen_when_the_wave_opens(cast: Cast):
    wave = a_wave(cast.agency)
    person, team = cast.person(cast.staff), cast.person(cast.staff).team
    other = Team.objects.create(agency=cast.agency, name="Night")
    person.team = other
    person.save()
    team.name = "Renamed"
    team.save()
    wave.refresh_from_db()
    assert invitation_of(cast.staff, wave).group_path == [str(team.uuid)]
    assert wave.group_list == [{"key": str(team.uuid), "name": "Intake", "invited": 3}]


def test_it_closes_at_the_last_minute_of_the_day_in_the_agencys_zone(cast: Cast):
    wave = a_wave(cast.agency, closes_on=date(2026, 11, 30))
    assert wave.closes_at == datetime(2026, 12, 1, 6, 59, tzinfo=UTC)
    assert wave.takes_answers(datetime(2026, 12, 1, 6, 58, tzinfo=UTC))
    assert not wave.takes_answers(datetime(2026, 12, 1, 6, 59, tzinfo=UTC))


def test_the_wave_gets_a_key_of_its_own_outside_the_database(cast: Cast, settings: Any):
    wave = a_wave(cast.agency)
    ring = json.loads(settings.KEY_RING_FILE.read_text())
    assert list(ring["waves"]) == [f"{cast.agency.uuid}/{wave.uuid}"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"closes_on": date(2026, 11, 21)}, "after today"),
        ({"closes_on": date(2026, 1, 1)}, "after today"),
    ],
)
def test_a_wave_that_cannot_be_is_refused_and_nothing_is_written(cast: Cast, change: Any, reason: str):
    with pytest.raises(Refused, match=reason):
        a_wave(cast.agency, **change)
    assert not Wave.objects.exists()


def test_an_agency_without_anybody_to_invite_is_told_so(cast: Cast):
    Person.objects.filter(agency=cast.agency).update(user=None)
    with pytest.raises(Refused, match="Nobody can be invited"):
        a_wave(cast.agency)


def test_only_one_wave_of_an_instrument_is_open_at_a_time(cast: Cast):
    wave = a_wave(cast.agency)
    with pytest.raises(Refused, match="open already"):
        a_wave(cast.agency, label="midpoint")
    with pytest.raises(IntegrityError), transaction.atomic():
        Wave.objects.create(
            agency=cast.agency,
            instrument="proqol-5",
            instrument_version="5",
            label="midpoint",
            opened_at=NOW,
            closes_at=LATER,
        )
    a_wave(cast.other)
    actions.close_wave(wave, by=None, at=LATER)
    a_wave(cast.agency, label="midpoint", at=LATER)


def test_without_keys_no_wave_is_opened(cast: Cast, settings: Any, tmp_path: Any):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder must be")
    settings.ROOT_KEY_FILE = settings.KEY_RING_FILE = blocked / "keys" / "root.key"
    with pytest.raises(keys.KeysUnavailable):
        a_wave(cast.agency)
    assert not Wave.objects.exists()


# --- stand-in wording -------------------------------------------------------------------------------------------


def pack(cast: Cast, agency: Agency | None = None, language: str = "en") -> WordingPack:
    invented = {item.number: f"Invented statement number {item.number}" for item in PROQOL.items}
    return actions.install_wording(PROQOL, invented, language=language, agency=agency, by=cast.admin, at=NOW)


def test_without_a_wording_the_wave_is_a_tryout_for_good(cast: Cast):
    wave = a_wave(cast.agency)
    assert wave.is_tryout
    pack(cast)
    actions.close_wave(wave, by=None, at=LATER)
    assert figures.released(cast.agency) == []
    assert [one.line.is_tryout for one in figures.released(cast.agency, tryouts=True)] == [True]


def test_in_the_demo_a_wave_without_wording_counts(cast: Cast, settings: Any):
    settings.DEMO = True
    assert not a_wave(cast.agency).is_tryout


def test_with_a_wording_the_wave_counts_and_keeps_the_pack_it_opened_with(cast: Cast):
    first = pack(cast)
    wave = a_wave(cast.agency, wording=actions.newest_wordings(cast.agency, "proqol-5")["en"])
    pack(cast)
    wave.refresh_from_db()
    assert (wave.is_tryout, wave.wording_pack) == (False, first)
    assert actions.newest_wordings(cast.agency, "proqol-5")["en"].version == 2


def test_an_agencys_own_wording_goes_before_the_one_for_all_and_stays_with_it(cast: Cast):
    own = pack(cast, cast.agency)
    for_all = pack(cast)
    pack(cast)
    assert actions.newest_wordings(cast.agency, "proqol-5")["en"] == own
    assert actions.newest_wordings(cast.other, "proqol-5")["en"].version == 2
    assert for_all.version == 1
    with pytest.raises(Refused, match="another instrument or agency"):
        a_wave(cast.other, wording=own)


# --- the smallest group -----------------------------------------------------------------------------------------


def test_k_below_five_is_refused_by_form_action_and_database(cast: Cast):
    form = AgencyForm({"k": 4}, instance=Agency.objects.get(pk=cast.agency.pk))
    assert not form.is_valid()
    assert form.has_error("k", "k_lowered")

    table = Agency._meta.db_table
    wave = a_wave(cast.agency)
    release = actions.close_wave(wave, by=None, at=LATER)
    for row in (cast.agency, wave, release):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {row._meta.db_table} SET k = 4 WHERE id = %s", [row.pk])
    assert table == "rollout_agency"


def test_k_below_five_is_refused_by_the_action_even_past_the_form(cast: Cast, monkeypatch: Any):
    real = Agency.objects.select_for_update

    def with_small_k(**kwargs: Any) -> Any:
        class Found:
            def get(self, pk: int) -> Agency:
                agency = real(**kwargs).get(pk=pk)
                agency.k = 4
                return agency

        return Found()

    monkeypatch.setattr(Agency.objects, "select_for_update", with_small_k)
    with pytest.raises(Refused, match="5 people or more"):
        a_wave(cast.agency)


def test_a_raised_k_holds_for_the_next_wave_and_leaves_the_open_one(cast: Cast):
    wave = a_wave(cast.agency)
    cast.agency.k = 8
    cast.agency.save()
    wave.refresh_from_db()
    assert wave.k == 5
    actions.close_wave(wave, by=None, at=LATER)
    assert a_wave(cast.agency, at=LATER).k == 8


# --- counts while it is open ------------------------------------------------------------------------------------


def test_counts_are_shown_from_k_on_and_only_of_units_with_k_invited(cast: Cast):
    staff(cast.agency, cast.team, 9)
    small = Team.objects.create(agency=cast.agency, name="Small")
    few = staff(cast.agency, small, 5, "Few")
    wave = a_wave(cast.agency)
    people = list(Person.objects.filter(agency=cast.agency, team=cast.team))
    answer_all(wave, people[:4])
    actions.refresh_answered_counts(LATER)
    wave.refresh_from_db()
    assert wave.answered_shown["agency"] is None

    answer_all(wave, people[4:6])
    answer_all(wave, few)
    wave.answered_shown["on"] = "2026-11-21"
    wave.save()
    actions.refresh_answered_counts(LATER)
    wave.refresh_from_db()
    assert wave.answered_shown["agency"] == 11
    assert wave.answered_shown["teams"] == {str(cast.team.uuid): 6, str(small.uuid): 5}


def test_a_count_that_a_subtraction_would_give_away_is_not_shown(cast: Cast):
    staff(cast.agency, cast.team, 9)
    small = Team.objects.create(agency=cast.agency, name="Small")
    tiny = staff(cast.agency, small, 2, "Tiny")
    wave = a_wave(cast.agency)
    answer_all(wave, tiny + list(Person.objects.filter(agency=cast.agency, team=cast.team)))
    actions.refresh_answered_counts(LATER)
    wave.refresh_from_db()
    assert wave.answered_shown == {"on": "2026-11-22", "agency": 14, "teams": {}}


def test_a_team_in_which_fewer_than_k_answered_has_no_count_yet(cast: Cast):
    teams = [Team.objects.create(agency=cast.agency, name=name) for name in ("Kinship", "Night", "North")]
    # The largest team, so that it is listed whichever of the others stands back for the people in no such team.
    sizes = (8, 9, 8)
    groups = [staff(cast.agency, team, size, team.name) for team, size in zip(teams, sizes, strict=True)]
    wave = a_wave(cast.agency)
    for people, answered in zip(groups, (6, 4, 6), strict=True):
        answer_all(wave, people[:answered])
    actions.refresh_answered_counts(LATER)
    wave.refresh_from_db()
    assert wave.answered_shown["agency"] == 16
    assert wave.answered_shown["teams"][str(teams[1].uuid)] is None


def test_counts_stand_still_for_the_day(cast: Cast):
    people = staff(cast.agency, cast.team, 9)
    wave = a_wave(cast.agency)
    answer_all(wave, people[:6])
    assert actions.refresh_answered_counts(LATER) == 1
    answer_all(wave, people[6:])
    assert actions.refresh_answered_counts(LATER + timedelta(hours=5)) == 0
    wave.refresh_from_db()
    assert wave.answered_shown["agency"] == 6
    assert actions.refresh_answered_counts(LATER + timedelta(days=1)) == 1
    wave.refresh_from_db()
    assert wave.answered_shown["agency"] == 9
