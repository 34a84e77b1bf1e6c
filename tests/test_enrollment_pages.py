"""Pages that enroll an agency and keep its people: what they show, what a form refuses, what is written."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from rollout import enrollment
from rollout.models import Agency, AuditEntry, Person, Team, User

from .conftest import NOW, somebody
from .test_roster_pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_saturday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def url(name: str, *args: Any) -> str:
    return reverse(f"rollout:{name}", args=args)


AGENCY = {
    "name": "Hollow House", "slug": "hollow", "setting": "clinic", "time_zone": "America/Chicago",
    "starts_on": "2026-12-01", "k": "7", "calls_needed": "8", "call_minutes": "50", "late_minutes": "15",
    "early_minutes": "15", "help_text": "Room 12",
}  # fmt: skip


def agency_form(agency: Agency, **changes: str) -> dict[str, str]:
    return AGENCY | {"name": agency.name, "time_zone": agency.time_zone, "k": str(agency.k)} | changes


def person_form(person: Person, **changes: str) -> dict[str, str]:
    values = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "job_title": person.job_title,
        "team": str(person.team_id or ""),
        "employee_number": person.employee_number,
        "hired_on": "2024-01-08",
        "left_on": "",
    }
    return values | changes


# --- Agencies ---------------------------------------------------------------------------------------------------


def test_everybody_who_delivers_sees_their_agencies_and_no_others(cast, as_):
    for name, shown, hidden in (
        ("leader", "Clearwater", "Harbor"),
        ("other_trainer", "Harbor", "Clearwater"),
    ):
        page = text_of(as_(getattr(cast, name)).get(url("agencies")))
        assert shown in page
        assert hidden not in page
    Person.objects.filter(user=cast.other_staff).update(left_on=date(2026, 1, 1))
    page = text_of(as_(cast.admin).get(url("agencies")))
    assert "Clearwater Family Services public child welfare agency America/Denver 3" in page
    assert "Harbor Clinic public child welfare agency America/Denver 2" in page


def test_an_administrator_enrolls_an_agency_and_names_its_leader_next(cast, as_):
    client = as_(cast.admin)
    response = client.post(url("agency_new"), AGENCY)
    assert response["Location"] == url("enroll", "hollow", "commitment")
    assert url("access", "hollow") in client.get(response["Location"]).content.decode()
    agency = Agency.objects.get(slug="hollow")
    assert (agency.name, agency.k, agency.starts_on) == ("Hollow House", 7, date(2026, 12, 1))
    assert AuditEntry.objects.get(agency=agency).verb == "created"
    client.post(
        url("access", "hollow"), {"email": "Mia@Hollow.example", "name": "Mia Hall", "role": "leader"}
    )
    mia = User.objects.get(email="mia@hollow.example")
    assert list(agency.leaders.all()) == [mia]
    assert as_(mia).get(url("agency_edit", "hollow")).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("slug", "clearwater", "already exists"),
        ("slug", "new", "taken by the system"),
        ("k", "4", "at least 5"),
        ("calls_needed", "11", "Between 1 and 10"),
        ("calls_needed", "0", "Between 1 and 10"),
        ("call_minutes", "61", "Between 1 and 60"),
        ("time_zone", "Denver", "Select a valid choice"),
        ("starts_on", "soon", "Enter a valid date"),
    ],
)
def test_an_agency_form_names_what_is_wrong_and_writes_nothing(cast, as_, field, value, reason):
    response = as_(cast.admin).post(url("agency_new"), AGENCY | {field: value})
    assert response.status_code == 422
    assert reason in text_of(response)
    assert not Agency.objects.filter(slug="hollow").exists()


def test_the_smallest_group_shown_can_be_raised_and_never_lowered(cast, as_):
    client, address = as_(cast.leader), url("agency_edit", "clearwater")
    assert client.post(address, agency_form(cast.agency, k="8")).status_code == 302
    refused = client.post(address, agency_form(cast.agency, k="7"))
    assert refused.status_code == 422
    assert "at least 8" in text_of(refused)
    cast.agency.refresh_from_db()
    assert cast.agency.k == 8
    cast.agency.k = 6
    with pytest.raises(ValueError, match="never lowered"):
        enrollment.change_agency(cast.agency, by=cast.leader, at=NOW)


def test_the_short_name_stays_whatever_is_sent(cast, as_):
    as_(cast.leader).post(
        url("agency_edit", "clearwater"), agency_form(cast.agency, slug="other", name="Renamed")
    )
    cast.agency.refresh_from_db()
    assert (cast.agency.slug, cast.agency.name) == ("clearwater", "Renamed")
    entry = AuditEntry.objects.get(verb="changed", subject="rollout.Agency")
    assert (entry.before["name"], entry.after["name"]) == ("Clearwater Family Services", "Renamed")
    assert "created_at" not in entry.after


# --- Leaders and trainers ---------------------------------------------------------------------------------------


def test_a_leader_lets_a_trainer_in_and_takes_the_role_back(cast, as_):
    client, address = as_(cast.leader), url("access", "clearwater")
    client.post(address, {"email": cast.nobody.email.upper(), "name": "", "role": "trainer"})
    assert cast.nobody in cast.agency.trainers.all()
    assert cast.nobody.email in text_of(client.get(address))
    withdraw = url("access_withdraw", "clearwater", "trainer", cast.nobody.pk)
    assert withdraw in client.get(address).content.decode()
    assert client.post(withdraw)["Location"] == address
    assert cast.nobody not in cast.agency.trainers.all()
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["granted trainer", "withdrew trainer"]


def test_an_agency_keeps_its_last_leader_unless_an_administrator_says_otherwise(cast, as_):
    withdraw = url("access_withdraw", "clearwater", "leader", cast.leader.pk)
    page = as_(cast.leader).post(withdraw, follow=True)
    assert "Name another one first." in text_of(page)
    assert list(cast.agency.leaders.all()) == [cast.leader]
    as_(cast.admin).post(withdraw)
    assert not cast.agency.leaders.exists()


def test_whoever_gives_up_their_own_role_lands_at_home(cast, as_):
    cast.agency.leaders.add(cast.nobody)
    response = as_(cast.nobody).post(url("access_withdraw", "clearwater", "leader", cast.nobody.pk))
    assert response["Location"] == reverse("home")
    assert as_(cast.nobody).get(url("access", "clearwater")).status_code == 403


def test_roles_of_another_agency_cannot_be_taken_back_from_here(cast, as_):
    withdraw = url("access_withdraw", "clearwater", "leader", cast.other_leader.pk)
    assert as_(cast.leader).post(withdraw).status_code == 404
    assert cast.other_leader in cast.other.leaders.all()


# --- People -----------------------------------------------------------------------------------------------------


def test_the_list_is_filtered_by_name_team_and_status(cast, as_):
    client, address = as_(cast.leader), url("people", "clearwater")
    night = Team.objects.create(agency=cast.agency, name="Night")
    gone = Person.objects.create(
        agency=cast.agency, team=night, first_name="Gone", last_name="Away", left_on=date(2026, 5, 4)
    )
    assert "Gone" not in text_of(client.get(address))
    assert "Away, Gone left May 4, 2026" in text_of(client.get(address, {"status": "left"}))
    assert "Staff, Clear" in text_of(client.get(address, {"status": "all", "q": "clear staff"}))
    nobody = text_of(client.get(address, {"q": "harbor"}))
    assert "Nobody fits" in nobody
    part = client.get(address, {"team": night.pk, "status": "all"}, headers={"HX-Request": "true"})
    assert str(gone.last_name) in text_of(part)
    assert "<html" not in part.content.decode()
    foreign = text_of(client.get(address, {"team": cast.other_team.pk}))
    assert "Harbor" not in foreign


def test_a_narrowed_list_says_how_many_it_holds(cast, as_):
    client, address = as_(cast.leader), url("people", "clearwater")
    whole = client.get(address).content.decode()
    assert whole.count('id="count"') == 1
    part = client.get(address, {"q": "clear staff"}, headers={"HX-Request": "true"}).content.decode()
    assert 'role="status" hx-swap-oob="innerHTML">1 person</p>' in part


def test_team_and_job_title_are_changed_in_the_list_itself(cast, as_):
    client, person = as_(cast.leader), cast.person(cast.staff)
    night = Team.objects.create(agency=cast.agency, name="Night")
    address, htmx = url("person_edit", person.uuid), {"HX-Request": "true"}
    line = client.get(address, headers=htmx).content.decode()
    assert "<html" not in line
    assert 'name="job_title"' in line
    assert 'name="email"' not in line
    row = client.get(f"{address}?as=row", headers=htmx).content.decode()
    assert 'name="job_title"' not in row
    assert "Staff, Clear" in row
    saved = client.post(address, {"team": night.pk, "job_title": "Night worker"}, headers=htmx)
    text = text_of(saved)
    assert (saved.status_code, "Night Night worker" in text, "Saved 9 a.m." in text) == (200, True, True)
    before = person.email, person.hired_on, person.left_on
    person.refresh_from_db()
    assert (person.team, person.job_title) == (night, "Night worker")
    assert (person.email, person.hired_on, person.left_on) == before
    entry = AuditEntry.objects.get(verb="changed")
    assert (entry.by, set(entry.after)) == (cast.leader, {"team", "job_title"})


def test_a_line_with_a_foreign_team_stays_open_and_is_not_written(cast, as_):
    client, person = as_(cast.leader), cast.person(cast.staff)
    data = {"team": cast.other_team.pk, "job_title": "Spy"}
    answer = client.post(url("person_edit", person.uuid), data, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    person.refresh_from_db()
    assert (person.team, person.job_title == "Spy") == (cast.team, False)
    outsider = as_(cast.other_leader)
    assert outsider.get(url("person_edit", person.uuid), headers={"HX-Request": "true"}).status_code == 404


def test_a_trainer_reads_the_roster_and_changes_nothing(cast, as_):
    page = as_(cast.trainer).get(url("people", "clearwater"))
    assert page.status_code == 200
    assert url("person_new", "clearwater") not in page.content.decode()
    assert "Change" not in text_of(page)
    person = cast.person(cast.staff)
    assert as_(cast.trainer).post(url("person_edit", person.uuid), person_form(person)).status_code == 403


def test_a_person_is_added_with_an_account_and_a_trace(cast, as_):
    data = {
        "first_name": "Ada",
        "last_name": "Moss",
        "email": "Ada.Moss@X.example",
        "team": str(cast.team.pk),
    }
    assert as_(cast.leader).post(url("person_new", "clearwater"), data)["Location"] == url(
        "people", "clearwater"
    )
    ada = Person.objects.get(email="ada.moss@x.example")
    assert (ada.agency, ada.user.email, ada.user.has_usable_password()) == (cast.agency, ada.email, False)
    entry = AuditEntry.objects.get(verb="added")
    assert entry.after == {
        "first_name": "Ada", "last_name": "Moss", "email": "ada.moss@x.example", "team": "Intake"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": "CLEAR.COLLEAGUE@people.example"}, "Somebody else on this roster has this e-mail."),
        ({"employee_number": "77"}, "Somebody else on this roster has this employee number."),
        ({"left_on": "2024-01-07"}, "Before the hire date."),
        ({"left_on": "2026-11-22"}, "Not before that day"),
        ({"last_name": ""}, "Last name: This field is required."),
        ({"email": "clear.staff"}, "Enter a valid email address."),
    ],
)
def test_a_person_form_names_what_is_wrong(cast, as_, changes, reason):
    Person.objects.filter(user=cast.colleague).update(employee_number="77")
    person = cast.person(cast.staff)
    response = as_(cast.leader).post(url("person_edit", person.uuid), person_form(person, **changes))
    assert response.status_code == 422
    assert reason in text_of(response)
    assert Person.objects.get(pk=person.pk) == person
    assert not AuditEntry.objects.exists()


def test_a_person_cannot_be_put_into_another_agencys_team(cast, as_):
    person = cast.person(cast.staff)
    changes = person_form(person, team=str(cast.other_team.pk))
    assert as_(cast.leader).post(url("person_edit", person.uuid), changes).status_code == 422
    assert cast.person(cast.staff).team == cast.team


def test_leaving_ends_sign_in_and_supervision_at_once(cast, as_):
    supervisor = as_(cast.supervisor)
    assert supervisor.get(reverse("home")).status_code == 200
    person = cast.person(cast.supervisor)
    as_(cast.leader).post(url("person_edit", person.uuid), person_form(person, left_on="2026-11-21"))
    assert supervisor.get(reverse("home")).status_code == 302
    cast.team.refresh_from_db()
    assert cast.team.supervisor is None
    assert AuditEntry.objects.get().after == {"left_on": "2026-11-21"}


def test_a_leader_cannot_move_a_colleagues_sign_in_to_an_address_of_their_own(cast, as_):
    User.objects.filter(pk=cast.staff.pk).update(claimed_at=NOW)
    person = cast.person(cast.staff)
    client = as_(cast.leader)
    client.post(url("person_edit", person.uuid), person_form(person, email="leader.alias@x.example"))
    person.refresh_from_db()
    assert (person.email, person.user.email) == ("leader.alias@x.example", "clear.staff@people.example")
    added = {"first_name": "Sly", "last_name": "One", "email": "clear.staff@people.example"}
    client.post(url("person_new", "clearwater"), added)
    assert Person.objects.get(first_name="Sly").user is None
    assert cast.person(cast.staff) == person


def test_names_are_only_ever_shown_as_text(cast, as_):
    evil = "<img src=x onerror=alert(1)>"
    Person.objects.filter(user=cast.staff).update(first_name=evil, job_title=evil)
    Team.objects.update(name=evil)
    client = as_(cast.leader)
    person = cast.person(cast.staff)
    addresses = [url("people", "clearwater"), url("teams", "clearwater"), url("person_edit", person.uuid)]
    for address in [*addresses, url("team_edit", cast.team.uuid)]:
        body = client.get(address).content.decode()
        assert "&lt;img src=x" in body
        assert "<img" not in body


@pytest.mark.parametrize("name", ["people", "teams"])
@pytest.mark.parametrize("rows", [1, 30])
def test_lists_take_the_same_queries_for_one_and_thirty(cast, as_, django_assert_num_queries, name, rows):
    for at in range(rows):
        user = User.objects.create_user(f"p{at}@x.example", name=f"Pat {at}")
        person = somebody(cast.agency, cast.team, user)
        Team.objects.create(agency=cast.agency, name=f"Team {at}", supervisor=person)
    client = as_(cast.leader)
    client.get(url(name, "clearwater"))
    with django_assert_num_queries({"people": 12, "teams": 11}[name]):
        assert "Pat" in text_of(client.get(url(name, "clearwater")))


# --- Teams ------------------------------------------------------------------------------------------------------


def test_a_team_is_added_renamed_and_gets_a_supervisor_of_its_own_agency(cast, as_):
    client, address = as_(cast.leader), url("teams", "clearwater")
    assert client.post(address, {"name": "Night", "supervisor": ""}).status_code == 302
    night = Team.objects.get(name="Night")
    assert "Night no supervisor 0" in text_of(client.get(address))
    staff, outsider = cast.person(cast.staff), cast.person(cast.other_staff)
    edit = url("team_edit", night.uuid)
    assert client.post(edit, {"name": "Nights", "supervisor": str(outsider.pk)}).status_code == 422
    assert client.post(edit, {"name": "Nights", "supervisor": str(staff.pk)}).status_code == 302
    night.refresh_from_db()
    assert (night.name, night.supervisor) == ("Nights", staff)
    entry = AuditEntry.objects.get(verb="changed")
    assert (entry.before, entry.after) == (
        {"name": "Night", "supervisor": ""},
        {"name": "Nights", "supervisor": "Clear Staff"},
    )


def test_two_teams_of_an_agency_do_not_share_a_name(cast, as_):
    response = as_(cast.leader).post(url("teams", "clearwater"), {"name": " INTAKE "})
    assert response.status_code == 422
    assert "There is a team of this name already." in text_of(response)
    assert cast.agency.teams.count() == 1


def test_a_foreign_team_and_person_are_not_found(cast, as_):
    client = as_(cast.leader)
    other = cast.person(cast.other_staff)
    for address in (
        url("team_edit", cast.other_team.uuid),
        url("person_edit", other.uuid),
        url("people", "harbor"),
    ):
        assert client.get(address).status_code == 404
        assert client.post(address, {}).status_code in (404, 405)
    assert client.post(url("teams", "harbor"), {"name": "Mine"}).status_code == 404
    assert not Team.objects.filter(name="Mine").exists()
