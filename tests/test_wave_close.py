"""Extending and closing: figures are computed once, hide small groups, and stand still; what is stored tells nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from assessments import actions, disclosure, figures, keys, reminders, survey
from assessments.models import Answer, Draft, Invitation, Release, Wave
from rollout.models import AuditEntry, Person, Team
from rollout.refusals import Refused

from .conftest import NOW, Cast
from .surveying import CLOSES, HIGH_AVERAGE_LOW, LATER, a_wave, answer_all, invitation_of, staff

pytestmark = pytest.mark.django_db


# --- longer, and closed -----------------------------------------------------------------------------------------


def test_a_wave_is_extended_never_shortened_and_leaves_a_trace(cast: Cast):
    wave = a_wave(cast.agency)
    for day in (CLOSES, date(2026, 12, 1)):
        with pytest.raises(Refused, match="not shortened"):
            actions.extend_wave(wave, closes_on=day, by=cast.leader, at=NOW)
    actions.extend_wave(wave, closes_on=date(2026, 12, 18), by=cast.leader, at=NOW)
    entry = AuditEntry.objects.get(verb="extended")
    assert (entry.before, entry.after) == ({"closes_on": "2026-12-11"}, {"closes_on": "2026-12-18"})
    actions.close_wave(wave, by=cast.leader, at=LATER)
    with pytest.raises(Refused, match="closed"):
        actions.extend_wave(wave, closes_on=date(2026, 12, 20), by=cast.leader, at=LATER)


def test_closing_freezes_figures_and_deletes_drafts(cast: Cast):
    people = staff(cast.agency, cast.team, 11)
    wave = a_wave(cast.agency)
    answer_all(wave, people)
    survey.save_draft(invitation_of(cast.staff, wave), {1: 3})
    release = actions.close_wave(wave, by=cast.leader, at=LATER)
    assert not Draft.objects.exists()
    assert Answer.objects.count() == 11
    agency = [row for row in release.figures if row["path"] == []]
    assert {row["scale"]: row["mean"] for row in agency} == {"CS": 42.0, "BO": 23.0, "STS": 22.0}
    assert agency[0]["n"] == [11, 11]
    assert release.k == 5


def test_a_closed_wave_cannot_be_closed_again(cast: Cast):
    wave = a_wave(cast.agency)
    actions.close_wave(wave, by=None, at=LATER)
    with pytest.raises(Refused, match="closed already"):
        actions.close_wave(wave, by=None, at=LATER)
    assert Release.objects.count() == 1


def test_a_wave_closes_by_itself_at_its_last_minute(cast: Cast):
    wave = a_wave(cast.agency)
    reminders.tick(wave.closes_at - timedelta(seconds=1))
    wave.refresh_from_db()
    assert wave.closed_at is None
    reminders.tick(wave.closes_at)
    wave.refresh_from_db()
    assert wave.closed_at == wave.closes_at
    assert wave.release.released_at == wave.closes_at


def test_without_keys_nothing_closes_and_the_other_waves_do(cast: Cast, caplog: Any):
    shredded, fine = a_wave(cast.agency), a_wave(cast.other)
    keys.from_settings().shred_wave(cast.agency.uuid, shredded.uuid)
    assert actions.close_due(fine.closes_at) == 1
    shredded.refresh_from_db()
    assert shredded.closed_at is None
    assert str(shredded.uuid) in caplog.text


def test_a_row_that_was_altered_does_not_count(cast: Cast, caplog: Any):
    people = staff(cast.agency, cast.team, 11)
    wave = a_wave(cast.agency)
    answer_all(wave, people)
    row = Answer.objects.first()
    row.ciphertext = bytes([bytes(row.ciphertext)[0] ^ 1]) + bytes(row.ciphertext)[1:]
    row.save()
    release = actions.close_wave(wave, by=None, at=LATER)
    assert release.figures[0]["n"] == [10, 10]
    assert AuditEntry.objects.get(verb="closed").after["rows_that_did_not_open"] == 1


def test_two_swapped_ciphertexts_are_both_refused(cast: Cast):
    people = staff(cast.agency, cast.team, 12)
    wave = a_wave(cast.agency)
    answer_all(wave, people)
    one, two = Answer.objects.all()[:2]
    one.nonce, two.nonce, one.ciphertext, two.ciphertext = (
        two.nonce,
        one.nonce,
        two.ciphertext,
        one.ciphertext,
    )
    one.save()
    two.save()
    assert actions.close_wave(wave, by=None, at=LATER).figures[0]["n"] == [10, 10]


def test_an_agency_below_k_gets_no_figures(cast: Cast):
    wave = a_wave(cast.agency)
    answer_all(wave, Person.objects.filter(agency=cast.agency))
    release = actions.close_wave(wave, by=None, at=LATER)
    assert all(not row["shown"] and row["mean"] is None and row["n"] is None for row in release.figures)
    assert figures.wave_lines(cast.agency)[0].answered is None


def test_figures_found_unsafe_are_withheld_altogether(cast: Cast, monkeypatch: Any, caplog: Any):
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise disclosure.UnsafeRelease("planted")

    people = staff(cast.agency, cast.team, 11)
    wave = a_wave(cast.agency)
    answer_all(wave, people)
    monkeypatch.setattr(disclosure, "audit", refuse)
    release = actions.close_wave(wave, by=None, at=LATER)
    assert not any(row["shown"] for row in release.figures)
    assert "withheld" in caplog.text


def test_figures_stay_the_same_byte_by_byte_after_people_move_and_leave(cast: Cast):
    people = staff(cast.agency, cast.team, 11)
    night = Team.objects.create(agency=cast.agency, name="Night")
    people += staff(cast.agency, night, 7, "Night")
    wave = a_wave(cast.agency)
    answer_all(wave, people)
    actions.close_wave(wave, by=None, at=LATER)

    def stored() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT figures FROM assessments_release")
            return str(cursor.fetchone()[0]).encode()

    def seen() -> list[list[str]]:
        return [row for one in figures.released(cast.agency, tryouts=True) for row in figures.table(one)]

    before = stored(), seen()
    Person.objects.filter(team=cast.team).update(team=night)
    Person.objects.filter(pk=people[0].pk).update(left_on=date(2026, 11, 30))
    people[1].delete()
    cast.team.delete()
    night.name = "Other name"
    night.save()
    cast.agency.k = 9
    cast.agency.save()
    assert (stored(), seen()) == before


def test_nothing_changes_while_each_further_answer_comes_in(cast: Cast, as_: Any):
    people = staff(cast.agency, cast.team, 8)
    wave = a_wave(cast.agency)
    answer_all(wave, people[:6])
    actions.refresh_answered_counts(LATER)
    seen = set()
    for one in people[6:]:
        answer_all(wave, [one])
        actions.refresh_answered_counts(LATER + timedelta(minutes=5))
        seen.add((str(figures.wave_lines(cast.agency)), str(figures.released(cast.agency, tryouts=True))))
    assert len(seen) == 1


def test_deleting_somebody_during_a_wave_does_not_keep_it_from_closing(cast: Cast):
    people = staff(cast.agency, cast.team, 11)
    wave = a_wave(cast.agency)
    answer_all(wave, people)
    people[0].delete()
    assert actions.close_wave(wave, by=None, at=LATER).figures[0]["n"] == [11, 11]


# --- what is stored ---------------------------------------------------------------------------------------------


def test_the_same_person_in_two_waves_shares_no_column(cast: Cast):
    first = a_wave(cast.agency)
    answer_all(first, [cast.person(cast.staff)])
    actions.close_wave(first, by=None, at=LATER)
    second = a_wave(cast.agency, label="midpoint", at=LATER)
    actions.submit_many(second, {cast.person(cast.staff).pk: HIGH_AVERAGE_LOW}, LATER)
    names = [field.attname for field in Answer._meta.concrete_fields]
    one, two = (Answer.objects.filter(wave=wave).values(*names).get() for wave in (first, second))
    assert [name for name in names if one[name] == two[name]] == []


def test_all_rows_of_an_instrument_have_one_length(cast: Cast):
    people = staff(cast.agency, None, 2)
    wave = a_wave(cast.agency)
    answer_all(wave, people[:1], [None] * 30)
    answer_all(wave, people[1:])
    survey.save_draft(invitation_of(cast.staff, wave), {1: 3})
    lengths = {len(bytes(row.ciphertext)) for row in [*Answer.objects.all(), *Draft.objects.all()]}
    assert len(lengths) == 1


def test_nobody_learns_from_the_audit_who_answered(cast: Cast):
    wave = a_wave(cast.agency, by=cast.leader)
    survey.submit(invitation_of(cast.staff, wave), {1: 3}, LATER)
    survey.delete_answers(invitation_of(cast.staff, wave), LATER)
    assert [entry.verb for entry in AuditEntry.objects.filter(subject__startswith="assessments")] == [
        "opened"
    ]


def test_people_invited_twice_are_refused_by_the_database(cast: Cast):
    wave = a_wave(cast.agency)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(wave=wave, person=cast.person(cast.staff))


def test_a_draft_saved_in_the_moment_of_closing_is_cleared_away(cast: Cast):
    wave = a_wave(cast.agency)
    survey.save_draft(invitation_of(cast.staff, wave), {1: 3})
    Wave.objects.update(closed_at=LATER)
    reminders.daily(LATER)
    assert not Draft.objects.exists()


def test_an_agency_can_be_removed_with_everything_it_holds(cast: Cast):
    pack = actions.install_wording(
        a_wave(cast.other).definition,
        {number: f"Invented {number}" for number in range(1, 31)},
        language="en",
        agency=cast.agency,
        by=None,
        at=NOW,
    )
    wave = a_wave(cast.agency, wording=pack)
    answer_all(wave, [cast.person(cast.staff)])
    cast.agency.delete()
    assert not Answer.objects.exists()
    assert list(Wave.objects.values_list("agency", flat=True)) == [cast.other.pk]
