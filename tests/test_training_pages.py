"""Pages of the training: who may open them, what they show, what a form refuses."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from rollout import attendance_actions as door
from rollout import training_actions as actions
from rollout.models import Cohort, CohortMember, Curriculum, Person, Session, Team

from .conftest import NOW

JUNE = date(2026, 6, 1)
pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def at_nine_on_saturday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cohort(cast: Any) -> Cohort:
    """A Foundations cohort with Clear Staff and Clear Supervisor in it."""
    actions.install_curricula(at=NOW)
    foundations = Curriculum.objects.get(code="ce-cert-foundations")
    cohort = actions.create_cohort(cast.agency, foundations, "Spring", by=cast.leader, at=NOW)
    people = [cast.person(cast.staff), cast.person(cast.supervisor)]
    actions.add_people(cohort, people, joined_on=JUNE, by=cast.leader, at=NOW)
    return cohort


@pytest.fixture
def session(cast: Any, cohort: Cohort) -> Session:
    """Next Saturday, 9:00 to 16:30 in Denver."""
    starts_at = NOW + timedelta(days=7)
    session = Session(
        cohort=cohort,
        title="Foundations, day 1",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=7, minutes=30),
        trainer=cast.trainer,
        place="Room 1",
        video_link="https://video.example/room",
    )
    return actions.save_session(session, cohort.curriculum.modules.filter(day=1), by=cast.leader, at=NOW)


def entered(cohort: Cohort, **changes: Any) -> dict[str, Any]:
    """What the session form sends for day 2 on December 3."""
    data = {
        "title": "Foundations, day 2",
        "day": "2",
        "held_on": "2026-12-03",
        "starts": "09:00",
        "ends": "16:30",
        "place": "Room 2",
        "video_link": "",
        "trainer": "",
        "modules": [module.pk for module in cohort.curriculum.modules.filter(day=2)],
        "version": "0",
    }
    return data | changes


# --- Who may open what ------------------------------------------------------------------------------------------

DELIVERING = {"leader": 200, "trainer": 200, "admin": 200}
OUTSIDE = {"other_leader": 404, "other_trainer": 404}
WRONG_ROLE = {"supervisor": 403, "staff": 403, "colleague": 403, "other_staff": 403, "nobody": 403}
EDITING = DELIVERING | OUTSIDE | WRONG_ROLE


@pytest.mark.parametrize("name", ["training", "cohort_new", "cohort", "session_new", "session_edit"])
def test_training_is_run_by_leaders_trainers_and_administrators_of_the_agency(
    cast, as_, cohort, session, name
):
    address = {
        "training": "/agencies/clearwater/training/",
        "cohort_new": "/agencies/clearwater/training/cohorts/new/",
        "cohort": f"/cohorts/{cohort.uuid}/",
        "session_new": f"/cohorts/{cohort.uuid}/sessions/new/",
        "session_edit": f"/sessions/{session.uuid}/edit/",
    }[name]
    got = {who: as_(getattr(cast, who)).get(address).status_code for who in EDITING}
    assert got == EDITING
    posted = {who: as_(getattr(cast, who)).post(address, {}).status_code for who in OUTSIDE | WRONG_ROLE}
    outside = dict.fromkeys(OUTSIDE, 405) if name == "training" else OUTSIDE
    assert posted == outside | WRONG_ROLE
    assert (Cohort.objects.count(), Session.objects.get().version) == (1, 1)


def test_a_session_is_open_to_its_cohort_and_run_by_the_agency(cast, as_, session):
    address = f"/sessions/{session.uuid}/"
    expected = DELIVERING | OUTSIDE | {"staff": 200, "supervisor": 200, "colleague": 404, "other_staff": 404}
    assert {who: as_(getattr(cast, who)).get(address).status_code for who in expected} == expected
    assert as_(cast.nobody).get(address).status_code == 403
    posted = {"staff": 403, "supervisor": 403, "colleague": 404, "other_leader": 404, "other_trainer": 404}
    data = {"step": "all_in"}
    assert {who: as_(getattr(cast, who)).post(address, data).status_code for who in posted} == posted
    assert session.attendances.count() == 0


def test_my_training_is_for_people_on_a_roster(cast, as_):
    expected = {"staff": 200, "supervisor": 200, "leader": 403, "trainer": 403, "nobody": 403}
    assert {who: as_(getattr(cast, who)).get("/me/training/").status_code for who in expected} == expected


def test_a_member_sees_time_place_and_only_their_own_attendance(cast, as_, session):
    with time_machine.travel(session.ends_at, tick=False):
        for user, late in ((cast.staff, 22), (cast.supervisor, 0)):
            door.correct(
                session,
                cast.person(user),
                signed_in_at=session.starts_at + timedelta(minutes=late),
                signed_out_at=session.ends_at,
                override_minutes=None,
                reason=f"paper {late}",
                version=0,
                by=cast.trainer,
                at=session.ends_at,
            )
        page = as_(cast.staff).get(f"/sessions/{session.uuid}/").content.decode()
    assert "Saturday, November 28, 2026" in page
    assert "9 a.m. to 4:30 p.m." in page
    assert "Room 1" in page
    assert "https://video.example/room" in page
    assert "22 min late" in page
    assert "paper 22" in page
    assert "Clear Supervisor" not in page
    assert "paper 0" not in page
    assert "<button" not in page.split("<main", 1)[1].split("</main>")[0]


def test_somebody_who_left_no_longer_opens_their_old_session(cast, as_, session):
    Person.objects.filter(user=cast.staff).update(left_on=date(2026, 11, 1))
    assert as_(cast.staff).get(f"/sessions/{session.uuid}/").status_code == 403


# --- The training of an agency ------------------------------------------------------------------------------------


def test_without_a_cohort_the_page_says_what_to_do(cast, as_):
    page = as_(cast.leader).get("/agencies/clearwater/training/").content.decode()
    assert "No cohort yet" in page
    assert "/agencies/clearwater/training/cohorts/new/" in page


def test_the_page_counts_who_is_complete_and_names_who_cannot(cast, as_, cohort, session):
    page = as_(cast.leader).get("/agencies/clearwater/training/").content.decode()
    assert "0 of 2 complete" in page
    assert "Foundations, day 1" in page
    short = page.split('id="short"', 1)[1]
    assert "Clear Colleague" in short
    assert "in no Foundations cohort" in short
    assert "6 h" in short
    assert "Harbor" not in page


def test_the_starters_can_be_taken_where_no_curriculum_is_installed(cast, as_):
    leader, address = as_(cast.leader), "/agencies/clearwater/training/cohorts/new/"
    assert "Take the starters" in leader.get(address).content.decode()
    assert Curriculum.objects.count() == 0
    assert leader.post(address, {"install": "1"}).status_code == 302
    assert Curriculum.objects.count() == 3
    assert "Take the starters" not in leader.get(address).content.decode()


def test_a_cohort_is_made_once_for_each_name(cast, as_, cohort):
    leader, address = as_(cast.leader), "/agencies/clearwater/training/cohorts/new/"
    data = {"curriculum": cohort.curriculum_id, "name": "spring"}
    answer = leader.post(address, data)
    assert answer.status_code == 422
    assert "a cohort of this name already" in answer.content.decode()
    answer = leader.post(address, data | {"name": "Fall"})
    made = Cohort.objects.get(name="Fall")
    assert (answer.status_code, answer["Location"], made.agency) == (
        302,
        f"/cohorts/{made.uuid}/",
        cast.agency,
    )


# --- People of a cohort ---------------------------------------------------------------------------------------------


def test_people_join_by_team_and_whoever_has_a_place_is_not_offered(cast, as_, cohort):
    night = Team.objects.create(agency=cast.agency, name="Night")
    extra = Person.objects.create(agency=cast.agency, team=night, first_name="Nia", last_name="Night")
    leader, address = as_(cast.leader), f"/cohorts/{cohort.uuid}/"
    page = leader.get(address).content.decode()
    assert "Everybody (2)" in page
    assert "Intake (1)" in page
    assert "Night (1)" in page
    answer = leader.post(address, {"groups": [str(night.uuid)], "joined_on": "2026-11-21"})
    assert answer.status_code == 302
    assert set(cohort.members.all()) == {cast.person(cast.staff), cast.person(cast.supervisor), extra}
    leader.post(address, {"groups": ["everybody"], "joined_on": "2026-11-21"})
    assert cast.person(cast.colleague) in cohort.members.all()
    assert not cohort.members.filter(agency=cast.other).exists()
    assert "Everybody it is for" in leader.get(address).content.decode()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"joined_on": "2026-11-21"}, "Tick at least one group."),
        ({"groups": ["everybody"], "joined_on": ""}, "This field is required."),
        ({"groups": ["everybody"], "joined_on": "0206-11-21"}, "Check the year"),
        ({"groups": ["nonsense"], "joined_on": "2026-11-21"}, "Select a valid choice"),
    ],
)
def test_adding_people_says_what_is_missing(cast, as_, cohort, data, error):
    answer = as_(cast.leader).post(f"/cohorts/{cohort.uuid}/", data)
    assert answer.status_code == 422
    assert error in answer.content.decode()
    assert cohort.members.count() == 2


def test_one_person_is_found_by_name_added_and_removed(cast, as_, cohort):
    leader, address, ben = as_(cast.leader), f"/cohorts/{cohort.uuid}/", cast.person(cast.colleague)
    found = leader.get(f"{address}?find=coll clear", headers={"HX-Request": "true"}).content.decode()
    assert "Clear Colleague" in found
    assert "<html" not in found
    assert "Nobody outside this cohort" in leader.get(f"{address}?find=harbor").content.decode()
    leader.post(address, {"person": ben.uuid, "step": "add"})
    assert CohortMember.objects.get(person=ben).joined_on == date(2026, 11, 21)
    answer = leader.post(address, {"person": ben.uuid, "step": "remove"}, follow=True)
    assert "hours already credited stay" in answer.content.decode()
    assert cohort.members.count() == 2


def test_nobody_of_another_agency_can_be_put_into_a_cohort(cast, as_, cohort):
    stranger, address = cast.person(cast.other_staff), f"/cohorts/{cohort.uuid}/"
    assert as_(cast.leader).post(address, {"person": stranger.uuid, "step": "add"}).status_code == 404
    as_(cast.leader).post(address, {"person": "nonsense", "step": "add"})
    as_(cast.leader).post(address, {"groups": [str(cast.other_team.uuid)], "joined_on": "2026-11-21"})
    assert cohort.members.count() == 2


# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_the_next_day_of_the_curriculum_is_proposed_with_its_modules(cast, as_, cohort, session):
    form = as_(cast.leader).get(f"/cohorts/{cohort.uuid}/sessions/new/").context["form"]
    assert form.initial["day"] == 2
    assert form.initial["title"] == "CE-CERT Foundations, day 2"
    assert set(form.initial["modules"]) == set(
        cohort.curriculum.modules.filter(day=2).values_list("pk", flat=True)
    )


def test_another_day_ticks_its_modules_without_loading_the_page(cast, as_, cohort):
    address = f"/cohorts/{cohort.uuid}/sessions/new/?day=2"
    part = as_(cast.leader).get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert part.count("checked") == 4
    assert part.index("Work that costs less") > part.index("checked") > part.index("Feeling it through")


def test_a_session_is_entered_in_the_agencys_local_time(cast, as_, cohort):
    data = entered(cohort, trainer=cast.trainer.pk)
    answer = as_(cast.leader).post(f"/cohorts/{cohort.uuid}/sessions/new/", data)
    assert answer.status_code == 302
    made = Session.objects.get()
    assert made.starts_at == datetime.fromisoformat("2026-12-03T09:00-07:00")
    assert made.ends_at == datetime.fromisoformat("2026-12-03T16:30-07:00")
    assert (made.trainer, made.day, made.modules.count()) == (cast.trainer, 2, 4)
    summer = entered(cohort, held_on="2026-07-09")
    as_(cast.leader).post(f"/cohorts/{cohort.uuid}/sessions/new/", summer)
    assert Session.objects.earliest("starts_at").starts_at == datetime.fromisoformat("2026-07-09T09:00-06:00")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"ends": "09:00"}, "The end must be after the start"),
        ({"ends": "08:00"}, "The end must be after the start"),
        ({"ends": "14:59"}, "These modules take 6 h, but from start to end there are only 5 h 59 min."),
        ({"modules": []}, "Tick at least one module"),
        ({"held_on": ""}, "This field is required."),
        ({"held_on": "0206-12-03"}, "Check the year"),
        ({"video_link": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"video_link": "ftp://video.example/x"}, "starts with https://"),
        ({"trainer": "other"}, "Select a valid choice"),
    ],
)
def test_a_session_that_cannot_be_is_refused_and_nothing_is_lost(cast, as_, cohort, changes, error):
    if changes.get("trainer"):
        changes = {"trainer": cast.other_trainer.pk}
    answer = as_(cast.leader).post(f"/cohorts/{cohort.uuid}/sessions/new/", entered(cohort, **changes))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert error in text
    assert 'value="Room 2"' in text
    assert Session.objects.count() == 0


def test_six_hours_of_modules_fit_exactly_into_six_hours(cast, as_, cohort):
    data = entered(cohort, ends="15:00")
    assert as_(cast.leader).post(f"/cohorts/{cohort.uuid}/sessions/new/", data).status_code == 302


def test_a_double_booking_on_the_form_shows_both_entries(cast, as_, cohort, session):
    data = entered(cohort, held_on="2026-11-28", starts="13:00", ends="20:00", trainer=cast.trainer.pk)
    answer = as_(cast.leader).post(f"/cohorts/{cohort.uuid}/sessions/new/", data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Clear Trainer is already booked: “Foundations, day 1” at Clearwater" in text
    assert "9 a.m. to 4:30 p.m." in text
    assert "This training session: Saturday, November 28, 2026, 1 p.m. to 8 p.m." in text
    assert Session.objects.count() == 1


def test_modules_of_another_curriculum_are_not_taken(cast, as_, cohort):
    supervision = Curriculum.objects.get(code="ce-cert-supervision")
    data = entered(cohort, modules=[supervision.modules.first().pk])
    assert as_(cast.leader).post(f"/cohorts/{cohort.uuid}/sessions/new/", data).status_code == 422


def test_an_old_form_shows_both_versions_and_may_then_be_saved(cast, as_, cohort, session):
    address = f"/sessions/{session.uuid}/edit/"
    mine = entered(cohort, title="Mine", held_on="2026-11-28", version="1")
    theirs = mine | {"title": "Theirs", "place": "Room 9"}
    assert as_(cast.trainer).post(address, theirs).status_code == 302
    answer = as_(cast.leader).post(address, mine)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Clear Trainer saved this at 9 a.m." in text
    assert "Theirs" in text
    assert "Room 9" in text
    assert 'value="Mine"' in text
    assert Session.objects.get().title == "Theirs"
    assert answer.context["form"]["version"].value() == "2"
    assert as_(cast.leader).post(address, mine | {"version": "2"}).status_code == 302
    assert Session.objects.get().title == "Mine"


def test_a_session_is_cancelled_after_the_question(cast, as_, session):
    leader, address = as_(cast.leader), f"/sessions/{session.uuid}/edit/"
    assert "Cancel this training session?" in leader.get(address).content.decode()
    answer = leader.post(address, {"cancel": "1", "version": "7"}, follow=True)
    assert "Somebody changed this training session meanwhile" in answer.content.decode()
    answer = leader.post(address, {"cancel": "1", "version": "1"}, follow=True)
    assert "is cancelled" in answer.content.decode()
    assert Session.objects.get().cancelled_at == NOW
    assert leader.get(address)["Location"] == f"/sessions/{session.uuid}/"
    assert (
        "this training session was cancelled"
        in leader.get(f"/sessions/{session.uuid}/").content.decode().lower()
    )
    assert "does not take place" in as_(cast.staff).get(f"/sessions/{session.uuid}/").content.decode()


def test_a_session_with_sign_ins_offers_no_cancelling(cast, as_, session):
    with time_machine.travel(session.starts_at, tick=False):
        door.sign_in(session, cast.person(cast.staff), version=0, by=cast.trainer, at=session.starts_at)
        leader, address = as_(cast.leader), f"/sessions/{session.uuid}/edit/"
        assert "Cancel this training session?" not in leader.get(address).content.decode()
        answer = leader.post(address, {"cancel": "1", "version": "1"}, follow=True)
    assert "People have signed in" in answer.content.decode()
    assert Session.objects.get().cancelled_at is None


def test_a_get_never_writes(cast, as_, cohort, session):
    before = session.version
    for address in (
        f"/cohorts/{cohort.uuid}/?person=x&step=remove",
        f"/sessions/{session.uuid}/edit/?cancel=1",
        f"/sessions/{session.uuid}/?step=all_in",
        "/agencies/clearwater/training/cohorts/new/?install=1",
    ):
        assert as_(cast.leader).get(address).status_code == 200
    session.refresh_from_db()
    assert (session.version, session.cancelled_at, session.attendances.count()) == (before, None, 0)


# --- One's own hours ---------------------------------------------------------------------------------------------------


def test_my_training_shows_hours_next_sessions_and_what_is_not_planned(cast, as_, cohort, session):
    page = as_(cast.staff).get("/me/training/").content.decode()
    assert "0 h of 12 h credited" in page
    assert "6 h are not planned for you yet" in page
    assert "Foundations, day 1" in page
    assert "No session yet" in page
    boss = as_(cast.supervisor).get("/me/training/").content.decode()
    assert "0 h of 18 h credited" in boss
    nobody_planned = as_(cast.colleague).get("/me/training/").content.decode()
    assert "No session is planned for you." in nobody_planned
    assert "Foundations, day 1" not in nobody_planned


# --- Many rows ------------------------------------------------------------------------------------------------------------


def test_the_weeks_ahead_and_each_cohort_say_what_comes_and_what_it_needs(cast, as_, cohort, session):
    empty = Cohort.objects.create(agency=cast.agency, curriculum=cohort.curriculum, name="Autumn")
    page = as_(cast.leader).get("/agencies/clearwater/training/").content.decode()
    weeks = page.split('class="calendar"', 1)[1].split("</table>")[0]
    assert f"/sessions/{session.uuid}/" in weeks
    assert weeks.count("<time ") == 14, "this week and the next: the session is a week from now"
    lines = page.split('id="cohorts"', 1)[1].split("</table>")[0]
    assert "0 of 1 held" in lines
    assert f"/cohorts/{empty.uuid}/sessions/days/" in lines
    assert "Record attendance" not in lines
    with time_machine.travel(session.ends_at, tick=False):
        page = as_(cast.leader).get("/agencies/clearwater/training/").content.decode()
    assert 'class="calendar"' not in page
    assert "1 of 1 held" in page
    assert "Record attendance" in page


def test_a_session_without_a_trainer_asks_for_one_on_the_schedule(cast, as_, cohort, session):
    session.trainer = None
    session.save()
    page = as_(cast.leader).get("/agencies/clearwater/training/").content.decode()
    weeks, lines = page.split('class="calendar"', 1)[1].split("</table>", 1)
    assert 'class="warn"' in weeks
    assert "No trainer yet" in weeks
    assert f'href="/sessions/{session.uuid}/edit/">Find a trainer' in lines


@pytest.mark.parametrize("many", [1, 30])
def test_lists_take_the_same_queries_for_one_and_thirty(cast, as_, cohort, django_assert_num_queries, many):
    Person.objects.filter(agency=cast.agency).delete()
    Team.objects.all().delete()
    modules = cohort.curriculum.modules.filter(day=1)
    for number in range(many):
        team = Team.objects.create(agency=cast.agency, name=f"T{number}")
        member = Person.objects.create(
            agency=cast.agency, team=team, first_name="M", last_name=f"{number:02}"
        )
        Person.objects.create(agency=cast.agency, team=team, first_name="O", last_name=f"{number:02}")
        CohortMember.objects.create(cohort=cohort, person=member, joined_on=JUNE)
        other = Cohort.objects.create(agency=cast.agency, curriculum=cohort.curriculum, name=f"C{number}")
        for each in (cohort, other):
            starts_at = NOW + timedelta(days=number + 1)
            session = Session.objects.create(
                cohort=each, title=f"S{number}", starts_at=starts_at, ends_at=starts_at + timedelta(hours=7)
            )
            session.modules.set(modules)
    leader = as_(cast.leader)
    with django_assert_num_queries(21):
        page = leader.get("/agencies/clearwater/training/").content.decode()
    assert page.split('id="short"', 1)[1].count('scope="row"') == min(2 * many, 25)
    with django_assert_num_queries(20):
        page = leader.get(f"/cohorts/{cohort.uuid}/?find=O").content.decode()
    assert page.count('value="remove"') == min(many, 25)


def test_long_lists_are_paged(cast, as_, cohort):
    for number in range(60):
        person = Person.objects.create(agency=cast.agency, first_name="M", last_name=f"{number:02}")
        CohortMember.objects.create(cohort=cohort, person=person, joined_on=JUNE)
    page = as_(cast.leader).get(f"/cohorts/{cohort.uuid}/").content.decode()
    assert page.count('value="remove"') == 25
    rest = as_(cast.leader).get(f"/cohorts/{cohort.uuid}/?page=3").content.decode()
    assert rest.count('value="remove"') == 12
