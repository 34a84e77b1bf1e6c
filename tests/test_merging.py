"""Two entries of one human being: joined with all that hangs on them, parted again without a trace, or left apart."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps

from assessments import survey
from cecert_site import merging
from cecert_site.merged_rows import KEYS, STAY
from consultation.models import CallAttendance, SeriesMember
from rollout import enrollment, placements
from rollout.imports import read_table
from rollout.models import (
    Attendance,
    AuditEntry,
    Cohort,
    CohortMember,
    Merge,
    NotTheSame,
    Person,
    Session,
    User,
)
from rollout.refusals import Changed, Refused
from rollout.roster_actions import import_table

from .calls_cast import call_of, hold, more_supervisors, plan, training_day
from .conftest import NOW, account, somebody
from .rosters import HEADER
from .surveying import HIGH_AVERAGE_LOW, a_wave, invitation_of

TODAY = date(2026, 11, 21)
ALL_MODELS = [
    model
    for label in ("rollout", "consultation", "assessments")
    for model in apps.get_app_config(label).get_models(include_auto_created=True)
    if model not in (Merge, AuditEntry)
]


def everything() -> dict[str, list[str]]:
    """Every row of every table, but for the two that remember that it happened."""
    return {model._meta.label: sorted(map(str, model._default_manager.values_list())) for model in ALL_MODELS}


def given(person: Person) -> dict[int, int]:
    return dict(enumerate(HIGH_AVERAGE_LOW, 1))


@pytest.fixture
def pair(cast: Any) -> tuple[Person, Person]:
    """One who left in summer and has signed in, and a new entry with the married name; rows of all kinds on both."""
    earlier = cast.person(cast.staff)
    User.objects.filter(pk=cast.staff.pk).update(claimed_at=NOW)
    later = somebody(
        cast.agency,
        cast.team,
        account("Clear Staff-Moreno"),
        hired_on=date(2026, 9, 1),
        employee_number="900",
    )
    session = training_day(cast)
    other = Session.objects.create(
        cohort=session.cohort,
        title="Day 2",
        starts_at=NOW - timedelta(days=20),
        ends_at=NOW - timedelta(days=19),
    )
    elsewhere = Cohort.objects.create(agency=cast.agency, curriculum=session.cohort.curriculum, name="Autumn")
    for cohort, person, joined_on in (
        (session.cohort, earlier, date(2026, 6, 1)),
        (session.cohort, later, date(2026, 5, 1)),
        (elsewhere, later, date(2026, 9, 1)),
    ):
        CohortMember.objects.create(cohort=cohort, person=person, joined_on=joined_on)
    Attendance.objects.create(session=session, person=earlier, signed_in_at=session.starts_at)
    Attendance.objects.create(session=other, person=earlier)
    Attendance.objects.create(
        session=other, person=later, override_minutes=60, override_reason="Paper list.",
        override_by=cast.trainer, override_at=NOW,
    )  # fmt: skip
    wave = a_wave(cast.agency)
    survey.submit(invitation_of(cast.staff, wave), given(earlier), NOW)
    series = plan(cast, members=[cast.person(cast.supervisor), *more_supervisors(cast, 1)])
    for person, joined_on, left_on in (
        (earlier, date(2026, 8, 1), date(2026, 9, 1)),
        (later, date(2026, 9, 1), None),
    ):
        SeriesMember.objects.create(series=series, person=person, joined_on=joined_on, left_on=left_on)
    call = call_of(series, 1)
    hold(call, {cast.person(cast.supervisor): 60}, cast.trainer)
    CallAttendance.objects.create(call=call, person=earlier, minutes=20)
    CallAttendance.objects.create(call=call, person=later, minutes=55)
    for person in (earlier, later):
        enrollment.save_person(person, by=cast.leader, at=NOW)
    earlier.left_on = date(2026, 7, 1)
    enrollment.save_person(earlier, by=cast.leader, at=NOW)
    cast.team.supervisor = later
    enrollment.save_team(cast.team, by=cast.leader, at=NOW)
    return Person.objects.get(pk=earlier.pk), Person.objects.get(pk=later.pk)


def joined(cast: Any, one: Person, other: Person, **more: Any) -> Merge:
    return merging.merge(one, other, by=cast.leader, at=NOW, **more)


def test_joined_and_parted_again_every_table_is_as_before(cast, pair):
    before = everything()
    merge = joined(cast, *pair)
    assert everything() != before
    merging.undo(merge, by=cast.leader, at=NOW)
    after = everything()
    for label, rows in before.items():
        assert after[label] == rows, label
    assert [entry.verb for entry in AuditEntry.objects.filter(verb__in=["joined", "parted"])] == [
        "parted",
        "joined",
    ]
    with pytest.raises(Refused, match="parted already"):
        merging.undo(merge, by=cast.leader, at=NOW)


def test_the_entry_that_has_signed_in_stays_with_the_facts_of_the_newer_one(cast, pair):
    earlier, later = pair
    merge = joined(cast, later, earlier)
    kept, gone = Person.objects.get(pk=earlier.pk), Person.objects.get(pk=later.pk)
    assert (merge.kept, merge.absorbed) == (kept, gone)
    assert (str(kept), kept.employee_number, kept.hired_on, kept.left_on) == (
        "Clear Staff-Moreno", "900", date(2026, 9, 1), None,
    )  # fmt: skip
    assert (kept.user, kept.user.is_active) == (cast.staff, True)
    assert (gone.merged_into, gone.left_on, gone.user, gone.email) == (kept, TODAY, None, "")
    assert not User.objects.get(email="clear.staff-moreno@people.example").is_active
    assert list(cast.agency.people.current().filter(last_name__startswith="Staff")) == [kept]
    cast.team.refresh_from_db()
    assert cast.team.supervisor == kept


def test_hours_places_and_calls_come_together(cast, pair):
    earlier, later = pair
    joined(cast, earlier, later)
    assert not CohortMember.objects.filter(person=later).exclude(cohort__name="Summer").exists()
    assert set(earlier.cohortmember_set.values_list("cohort__name", "joined_on")) == {
        ("Summer", date(2026, 5, 1)), ("Autumn", date(2026, 9, 1)),
    }  # fmt: skip
    assert set(earlier.attendances.values_list("session__title", "override_minutes")) == {
        ("Foundations, day 1", None), ("Day 2", 60),
    }  # fmt: skip
    assert earlier.call_attendances.get().minutes == 55
    place = SeriesMember.objects.get(person=earlier)
    assert (place.joined_on, place.left_on) == (date(2026, 8, 1), None)
    assert [(row.from_on, row.until_on) for row in earlier.placements.all()][:2] == [
        (date(2024, 1, 8), date(2026, 7, 1)),
        (date(2026, 9, 1), TODAY),
    ]
    assert (
        placements.headcount_on(cast.agency, date(2026, 8, 1))
        == placements.headcount_on(cast.agency, TODAY) - 1
    )


def test_own_results_are_found_by_their_owner_and_by_nobody_else(cast, pair):
    earlier, later = pair
    wave = invitation_of(cast.staff, earlier.invitations.get().wave).wave
    joined(cast, earlier, later)
    assert survey.own_result(invitation_of(cast.staff, wave)).answers[0] == 5
    newer = User.objects.get(email="clear.staff-moreno@people.example")
    assert not wave.invitations.visible_to(newer).exists()


def test_two_entries_that_were_both_signed_in_with_are_never_joined(cast, pair):
    earlier, later = pair
    User.objects.filter(pk=later.user_id).update(claimed_at=NOW)
    before = everything()
    with pytest.raises(Refused, match="must never open with another"):
        joined(cast, earlier, Person.objects.get(pk=later.pk))
    assert everything() == before


def test_a_survey_begun_by_its_link_is_as_good_as_a_sign_in(cast):
    """Nobody with this entry has ever signed in, yet answers hang on it: a leader's own entry must not get at them."""
    wave = a_wave(cast.agency)
    survey.submit(invitation_of(cast.colleague, wave), given(cast.person(cast.colleague)), NOW)
    mine = somebody(cast.agency, None, cast.leader)
    User.objects.filter(pk=cast.leader.pk).update(claimed_at=NOW)
    with pytest.raises(Refused, match="must never open with another"):
        joined(cast, Person.objects.get(pk=mine.pk), cast.person(cast.colleague))
    assert not wave.invitations.visible_to(cast.leader).exists()


def test_an_entry_whose_sign_in_is_gone_gets_no_other_one(cast):
    wave = a_wave(cast.agency)
    survey.submit(invitation_of(cast.colleague, wave), given(cast.person(cast.colleague)), NOW)
    person = cast.person(cast.colleague)
    Person.objects.filter(pk=person.pk).update(user=None)
    fresh = somebody(cast.agency, None, account("Clear Colleaguer"))
    with pytest.raises(Refused, match="cannot get another one"):
        joined(cast, Person.objects.get(pk=person.pk), fresh)


def test_entries_of_two_agencies_are_never_joined(cast):
    with pytest.raises(Refused, match="of one agency"):
        joined(cast, cast.person(cast.staff), cast.person(cast.other_staff))


def test_what_changed_since_it_was_shown_is_not_joined(cast, pair):
    seen = merging.plan(*pair).seen
    pair[1].job_title = "Director"
    enrollment.save_person(pair[1], by=cast.leader, at=NOW)
    with pytest.raises(Changed):
        joined(cast, *pair, seen=seen)
    assert not Merge.objects.exists()


def test_what_came_since_stays_when_two_are_parted(cast, pair):
    earlier, _later = pair
    merge = joined(cast, *pair)
    kept = Person.objects.get(pk=earlier.pk)
    kept.job_title = "Team lead"
    enrollment.save_person(kept, by=cast.leader, at=NOW + timedelta(days=3))
    session = Session.objects.create(
        cohort=kept.cohorts.first(), title="Later", starts_at=NOW, ends_at=NOW + timedelta(hours=1)
    )
    Attendance.objects.create(session=session, person=kept, signed_in_at=NOW)
    merging.undo(merge, by=cast.leader, at=NOW + timedelta(days=4))
    kept.refresh_from_db()
    assert (kept.job_title, kept.last_name, kept.left_on) == ("Team lead", "Staff", date(2026, 7, 1))
    assert kept.attendances.filter(session=session).exists()
    spans = [placements.span_of(row) for row in kept.placements.all()]
    assert [span.until_on for span in spans][:1] == [date(2026, 7, 1)]
    assert spans[-1].job_title == "Team lead"


def test_entries_joined_on_with_a_third_are_parted_from_the_last_one_back(cast):
    one, two, three = (somebody(cast.agency, None, account(f"Dee Doe{n}")) for n in range(3))
    before = everything()
    first = joined(cast, one, two, facts=one)
    second = joined(cast, Person.objects.get(pk=one.pk), three, facts=three)
    assert second.absorbed == one
    with pytest.raises(Refused, match="Part those first"):
        merging.undo(first, by=cast.leader, at=NOW)
    merging.undo(second, by=cast.leader, at=NOW)
    merging.undo(first, by=cast.leader, at=NOW)
    assert everything() == before


@pytest.mark.parametrize(
    "line",
    [
        "Clear,Moreno,clear.staff-moreno@people.example,Caseworker,Intake,,,2025-02-03",
        "Clear,Moreno,moreno@new.example,Caseworker,Intake,,0900,2025-02-03",
    ],
    ids=["address", "number"],
)
def test_the_next_file_knows_a_joined_entry_by_its_number_and_address(cast, pair, line):
    earlier, later = pair
    cast.agency.people.exclude(pk__in=[earlier.pk, later.pk]).delete()
    Person.objects.filter(pk=earlier.pk).update(employee_number="700")
    joined(cast, *(Person.objects.get(pk=person.pk) for person in pair), facts=earlier)
    assert Person.objects.get(pk=earlier.pk).email == "clear.staff@people.example"
    header = HEADER.replace("supervisor,", "supervisor,employee number,")
    table = read_table(f"{header}\n{line}".encode(), "r.csv")
    reading, done = import_table(cast.agency, table, at=NOW, confirmed=True)
    assert (done, reading.preview.counts()["new"], reading.preview.counts()["changed"]) == (True, 0, 1)
    assert import_table(cast.agency, table, at=NOW)[0].preview.counts()["unchanged"] == 1


def test_both_rows_of_a_joined_person_in_one_file_are_asked_about(cast, pair):
    joined(cast, *pair)
    lines = [
        "Clear,Staff,clear.staff@people.example,,,,",
        "Clear,Moreno,clear.staff-moreno@people.example,,,,",
    ]
    table = read_table("\n".join([HEADER, *lines]).encode(), "r.csv")
    reading, done = import_table(cast.agency, table, at=NOW)
    asked = [question for question in reading.to_confirm if question.kind == "joined-before"]
    assert (done, [question.row for question in asked]) == (False, [2])


def test_a_joined_entry_stands_in_no_list_and_no_count(cast, pair, as_):
    earlier, later = pair
    before = cast.agency.people.current().count()
    joined(cast, *pair)
    assert cast.agency.people.current().count() == before
    client = as_(cast.leader)
    page = client.get("/agencies/clearwater/people/?status=all&q=moreno").content.decode()
    assert page.count("<tbody>") == 1
    assert page.count(str(later.uuid)) == 0
    assert str(earlier.uuid) in page
    assert client.get(f"/people/{later.uuid}/").status_code == 404
    assert b"Moreno" in b"".join(
        client.get("/agencies/clearwater/people/export.csv?status=all").streaming_content
    )


def test_everything_that_names_a_person_is_decided_about():
    naming = {each.related_model for each in Person._meta.related_objects if not each.many_to_many}
    assert naming - set(KEYS) - STAY == set(), (
        "does it change hands when two entries are joined? See merged_rows.KEYS"
    )


def test_two_people_are_told_apart_once(cast):
    one, other = cast.person(cast.staff), cast.person(cast.colleague)
    for first, second in ((one, other), (other, one)):
        merging.two_people(first, second, by=cast.leader, at=NOW)
    assert NotTheSame.objects.count() == 1
    assert AuditEntry.objects.filter(verb="told apart").count() == 1
