"""Roster import in the browser: who may, what the preview says, what its button does."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rollout import roster_actions as actions
from rollout.imports import read_table
from rollout.models import Agency, AuditEntry, Person, RosterUpload, User

from .conftest import NOW
from .rosters import HEADER, sample

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_saturday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def brook(db: None) -> Agency:
    """An agency with nobody on its roster yet, led by Lena."""
    agency = Agency.objects.create(name="Brook", slug="brook", time_zone="America/Denver")
    agency.leaders.add(User.objects.create_user("lead@brook.example", name="Lena Brook"))
    return agency


@pytest.fixture
def lena(brook: Agency) -> Client:
    browser = Client()
    browser.force_login(User.objects.get(email="lead@brook.example"))
    return browser


def upload_url(agency: Agency) -> str:
    return reverse("rollout:roster_upload", args=[agency.slug])


def send(client: Client, agency: Agency, content: bytes | str, name: str = "r.csv") -> Any:
    content = content.encode() if isinstance(content, str) else content
    return client.post(upload_url(agency), {"file": SimpleUploadedFile(name, content)})


def sent(client: Client, agency: Agency, content: bytes | str, name: str = "r.csv") -> str:
    """The address of the preview of a file that was taken."""
    response = send(client, agency, content, name)
    assert response.status_code == 302, text_of(response)
    return str(response["Location"])


def text_of(response: Any) -> str:
    """What the page says, without its tags."""
    body = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def seen_in(client: Client, url: str) -> str:
    return str(client.get(url).context["reading"].digest)


def apply(client: Client, url: str, **more: Any) -> Any:
    return client.post(url, {"step": "apply", "seen": seen_in(client, url)} | more)


def have(agency: Agency, name: str) -> None:
    actions.import_table(agency, read_table(sample(name), name), at=NOW, confirmed=True)


def roster(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines])


ANA = "Ana,Lopez,ana@x.example,Caseworker,Intake,,2024-01-31"
BEN = "Ben,Katz,ben@x.example,Caseworker,Intake,Ana Lopez,2024-02-28"


# --- Who may ----------------------------------------------------------------------------------------------------

WHO = {
    "leader": 200,
    "admin": 200,
    "other_leader": 404,
    "trainer": 403,
    "other_trainer": 403,
    "supervisor": 403,
}
WHO |= {"staff": 403, "other_staff": 403, "nobody": 403}


def test_only_leaders_of_the_agency_and_administrators_open_its_imports(cast, as_):
    upload = actions.receive_roster(
        cast.agency, filename="r.csv", content=roster(ANA).encode(), by=cast.leader, at=NOW
    )
    preview = reverse("rollout:roster_preview", args=[cast.agency.slug, upload.uuid])
    people = Person.objects.count()
    for url in (upload_url(cast.agency), preview):
        assert {name: as_(getattr(cast, name)).get(url).status_code for name in WHO} == WHO
    digest = seen_in(as_(cast.leader), preview)
    for name in set(WHO) - {"leader", "admin"}:
        client = as_(getattr(cast, name))
        assert send(client, cast.agency, roster(ANA)).status_code == WHO[name]
        assert client.post(preview, {"step": "apply", "seen": digest}).status_code == WHO[name]
    assert (Person.objects.count(), RosterUpload.objects.count()) == (people, 1)
    assert Client().get(preview).status_code == 302


def test_a_file_of_one_agency_is_not_found_under_another(cast, as_):
    upload = actions.receive_roster(
        cast.other, filename="r.csv", content=roster(ANA).encode(), by=cast.other_leader, at=NOW
    )
    mixed = reverse("rollout:roster_preview", args=[cast.agency.slug, upload.uuid])
    assert as_(cast.leader).get(mixed).status_code == 404
    assert as_(cast.admin).get(mixed).status_code == 404
    assert as_(cast.leader).post(mixed, {"step": "apply"}).status_code == 404


# --- Preview ----------------------------------------------------------------------------------------------------


def test_next_month_says_what_would_change_and_what_importing_does(lena, brook):
    have(brook, "clearwater.csv")
    url = sent(lena, brook, sample("clearwater_next_month.csv"), "next.csv")
    page = text_of(lena.get(url))
    for words in (
        "5 new · 4 leaving · 3 moved · 2 changed · 111 unchanged",
        "Add 5 people.",
        "Move 3 people to another team.",
        "Change 2 people’s entries.",
        "4 people leave: their sign-in ends at once, their hours are kept.",
        "Kofi Begaye Foster Care South not in the file Nov. 21, 2026",
        "Chloé Ortiz Family Preservation Intake specialist chloe.ortiz@clearwater.example",
        "Samir Yazzie row 27 Team: Records and Front Desk → becomes Outpatient Therapy",
        "Paula Brown row 72 E-mail: paula.brown@clearwater.example → becomes new.paula.brown@clearwater.example",
        "111 people stay as on the roster",
    ):
        assert words in page
    assert apply(lena, url).status_code == 302
    again = sent(lena, brook, sample("clearwater_next_month.csv"), "next.csv")
    response = lena.get(again)
    assert "Nothing to import" in text_of(response)
    assert 'value="apply"' not in response.content.decode()


def test_a_bad_file_names_every_row_column_value_and_reason_and_offers_no_button(lena, brook):
    url = sent(lena, brook, sample("bad.csv"), "bad.csv")
    response = lena.get(url)
    page, body = text_of(response), response.content.decode()
    assert "19 things to correct: nothing can be imported yet" in page
    for words in (
        "Row 2 hire date 2024-02-30 This date does not exist",
        "Row 3 last name The last name is missing.",
        "Row 4 email noah.brown@@clearwater.example This is not a valid e-mail address.",
        "Row 5 supervisor Nobody Known Supervisor “Nobody Known” is unknown",
        "Row 6 email emma.davis@clearwater.example The same e-mail stands in row 5 too",
        'Row 7 first name =HYPERLINK("http://x.example","Pay") This looks like a spreadsheet formula.',
        "Row 8 email The e-mail is missing",
        "Row 9 team The row has 4 cells, the header 7.",
        "Row 10 hire date 2031-05-05 The hire date is too far in the future",
        "Row 10 supervisor Rosa Ortiz Nobody can be their own supervisor.",
        "Row 11 first name <script>alert(1)</script> A name cannot hold < or >.",
    ):
        assert words in page
    assert 'value="apply"' not in body
    assert "<script>alert" not in body
    response = apply(lena, url, confirm=["0", "1"])
    assert response.status_code == 422
    assert "Nothing was imported" in text_of(response)
    assert not brook.people.exists()


def test_what_a_file_says_is_only_ever_shown_as_text(lena, brook):
    evil = '<img src=x onerror="alert(1)">'
    header = f"{HEADER},employee number,{evil}"
    quoted = '"' + evil.replace('"', '""') + '"'
    line = f"Ana,Lopez,ana@x.example,{quoted},{quoted},,2024-01-31,1,{quoted}"
    url = sent(lena, brook, roster(line, header=header), "<b>bold</b>.csv")
    first = lena.get(url)
    assert evil in unescape(first.content.decode())
    apply(lena, url)
    other = sent(lena, brook, roster(line.replace("src=x", "src=y"), header=header), "<b>bold</b>.csv")
    pages = [first, lena.get(other), lena.get(url), lena.get(upload_url(brook))]
    pages += [lena.get(reverse(f"rollout:{name}", args=["brook"])) for name in ("people", "teams")]
    for response in pages:
        body = response.content.decode()
        assert response.status_code == 200
        assert "<img" not in body
        assert "<b>bold" not in body


def test_columns_can_be_assigned_by_hand(lena, brook):
    header = "first name,last name,email,rolle,gruppe"
    url = sent(lena, brook, roster("Ana,Lopez,ana@x.example,Caseworker,Intake", header=header))
    page = text_of(lena.get(url))
    assert "Not read: rolle, gruppe." in page
    assert "No column is assigned to the team" in page
    chosen = {"column_0": "first_name", "column_1": "last_name", "column_2": "email", "column_3": "job_title"}
    response = lena.post(url, {"step": "columns", "column_4": "team"} | chosen)
    assert (response.status_code, response["Location"]) == (302, url)
    page = text_of(lena.get(url))
    assert "Not read" not in page
    assert "Ana Lopez Intake Caseworker" in page
    apply(lena, url)
    person = brook.people.get()
    assert (person.job_title, person.team.name) == ("Caseworker", "Intake")


def test_columns_assigned_twice_or_to_nothing_are_named(lena, brook):
    url = sent(lena, brook, roster(ANA))
    lena.post(url, {"step": "columns", "column_0": "first_name", "column_1": "first_name"})
    response = lena.get(url)
    page = text_of(response)
    assert "First name: “first name” and “last name” are both assigned. Keep one of them." in page
    assert "No column is assigned to people's names" in page
    assert '<details class="more" open>' in response.content.decode()
    assert lena.post(url, {"step": "columns", "column_0": "salary"}).status_code == 422
    assert RosterUpload.objects.get().columns["0"] == "first_name"


def test_what_needs_confirming_waits_for_its_tick(lena, brook):
    have(brook, "clearwater.csv")
    url = sent(lena, brook, sample("hr_export_semicolon_latin1.csv"))
    response = lena.get(url)
    assert 'name="confirm" value="0" id="confirm_0" required' in response.content.decode()
    assert "42 of 120 people would leave" in text_of(response)
    refused = apply(lena, url)
    assert refused.status_code == 422
    assert "to correct or to confirm" in text_of(refused)
    assert brook.people.current().count() == 120
    assert apply(lena, url, confirm="0").status_code == 302
    assert brook.people.current().count() == 78


def test_every_question_needs_its_own_tick(lena, brook):
    header = f"{HEADER},employee number"
    have(brook, "clearwater.csv")
    for at, person in enumerate(brook.people.order_by("pk"), start=1):
        Person.objects.filter(pk=person.pk).update(employee_number=f"N{at}")
    people = list(brook.people.select_related("team").order_by("pk"))
    lines = [f"{p.first_name},{p.last_name},{p.email},,{p.team},,,{p.employee_number}" for p in people]
    lines[10] = "Xaver,Quill,xq@x.example,,Intake,,,N11"
    lines[11] = "Yolanda,Reed,yr@x.example,,Intake,,,N12"
    url = sent(lena, brook, roster(*lines, header=header))
    assert len(lena.get(url).context["reading"].to_confirm) == 2
    assert apply(lena, url, confirm="1").status_code == 422
    assert apply(lena, url, confirm=["0", "0"]).status_code == 422
    assert apply(lena, url, confirm=["0", "1"]).status_code == 302
    assert brook.people.get(employee_number="N11").first_name == "Xaver"


def test_when_the_roster_changed_meanwhile_nothing_is_written_and_the_new_preview_shows(lena, brook):
    lena.post(sent(lena, brook, roster(ANA)), {})
    actions.import_table(brook, read_table(roster(ANA).encode(), "a"), at=NOW)
    url = sent(lena, brook, roster(ANA, BEN))
    seen = seen_in(lena, url)
    brook.people.update(job_title="Clinician")
    response = lena.post(url, {"step": "apply", "seen": seen})
    assert response.status_code == 409
    page = text_of(response)
    assert "The roster changed meanwhile. Nothing was written" in page
    assert "Job title: Clinician → becomes Caseworker" in page
    assert brook.people.count() == 1
    assert lena.post(url, {"step": "apply", "seen": response.context["reading"].digest}).status_code == 302
    assert brook.people.count() == 2


def test_the_button_pressed_twice_imports_once(lena, brook):
    url = sent(lena, brook, roster(ANA))
    seen = seen_in(lena, url)
    for _press in range(2):
        assert lena.post(url, {"step": "apply", "seen": seen})["Location"] == url
    assert brook.people.count() == 1
    assert AuditEntry.objects.filter(verb=actions.IMPORTED).count() == 1
    assert lena.post(url, {"step": "columns", "column_0": "email"}).status_code == 302


def test_without_a_digest_or_a_step_nothing_is_written(lena, brook):
    url = sent(lena, brook, roster(ANA))
    assert lena.post(url).status_code == 302
    assert lena.post(url, {"step": "apply"}).status_code == 409
    assert not brook.people.exists()


def test_looking_writes_nothing(lena, brook):
    url = sent(lena, brook, roster(ANA))
    before = list(RosterUpload.objects.values())
    for address in (url, f"{url}?group=new", f"{url}?group=nonsense", f"{url}?group=new&page=99"):
        assert lena.get(address).status_code == 200
    assert list(RosterUpload.objects.values()) == before
    assert not brook.people.exists()


def test_a_file_dropped_after_a_day_says_what_to_do(lena, brook):
    url = sent(lena, brook, roster(ANA))
    RosterUpload.objects.update(content=b"", uploaded_at=NOW - timedelta(days=2))
    assert "This file has been dropped" in text_of(lena.get(url))
    assert lena.post(url, {"step": "apply", "seen": "x"})["Location"] == url


def test_leavers_with_another_role_are_told_apart_and_a_team_left_alone_is_named(lena, brook, cast):
    gray = f"Tia,Gray,{cast.trainer.email},,Court,,"
    before = roster(ANA, BEN, gray, "Cy,Dell,cy@x.example,,Court,,")
    actions.import_table(brook, read_table(before.encode(), "a"), at=NOW)
    url = sent(
        lena,
        brook,
        roster("Ben,Katz,ben@x.example,Caseworker,Intake,,2024-02-28", "Cy,Dell,cy@x.example,,Court,,"),
    )
    page = text_of(lena.get(url))
    assert "1 person leaves: their sign-in ends at once" in page
    assert "1 person leaves the roster and can still sign in, through another role." in page
    assert "Gray still signs in Court" in page
    assert "1 team is left without a supervisor." in page
    assert "Intake leaves no supervisor" in page
    apply(lena, url)
    assert brook.teams.get(name="Intake").supervisor is None
    assert User.objects.get(pk=cast.trainer.pk).is_active


def test_left_out_rows_and_people_who_left_before_are_shown(lena, brook):
    header = f"{HEADER},leaving date"
    gone = "Old,Timer,old@x.example,,Intake,,2020-01-01,2021-05-01"
    url = sent(lena, brook, roster(f"{ANA},", gone, "Total: 2,,,,,,,", header=header))
    page = text_of(lena.get(url))
    assert "1 row without a person was left out Row 4 Total: 2" in page
    assert "Left before they were known here 1 Left before" in page
    apply(lena, url)
    assert [str(person) for person in brook.people.all()] == ["Ana Lopez"]


def test_people_without_an_address_are_counted_as_unable_to_sign_in(lena, brook):
    header = "first name,last name,employee number,team"
    url = sent(lena, brook, roster("Ana,Lopez,1,Intake", "Ben,Katz,2,Intake", header=header))
    assert "2 of them have no e-mail and cannot sign in." in text_of(lena.get(url))
    apply(lena, url)
    page = text_of(lena.get(reverse("rollout:people", args=["brook"])))
    assert page.count("cannot sign in") == 2


# --- Size -------------------------------------------------------------------------------------------------------


def many(count: int) -> str:
    return roster(
        *(f"Ann{at},Last{at},p{at}@x.example,Job,Team {at % 40},,2020-01-01" for at in range(count))
    )


def test_the_first_of_a_group_are_shown_and_the_rest_is_a_click_away(lena, brook):
    url = sent(lena, brook, many(120))
    page = text_of(lena.get(url))
    assert "Last11 " in page
    assert "Last12 " not in page
    assert "And 108 more: see all" in page
    third = text_of(lena.get(f"{url}?group=new&page=3"))
    assert "Last119 " in third
    assert "101–120 of 120" in third


def test_a_preview_of_two_thousand_takes_no_more_queries_than_one_of_five(
    lena, brook, django_assert_num_queries
):
    for count in (5, 2000):
        url = sent(lena, brook, many(count))
        lena.get(url)
        with django_assert_num_queries(11):
            assert lena.get(url).status_code == 200
        apply(lena, url, confirm="0")
    assert brook.people.filter(left_on=date(2026, 11, 21)).count() == 0
