"""One line of the roster changed by two people, entered late, and the lists as files."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from rollout import enrollment
from rollout.models import AuditEntry, Person, Team

from .conftest import NOW
from .test_enrollment_pages import person_form, url
from .test_roster_pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_saturday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_two_people_who_change_one_line_lose_nothing(cast, as_):
    client, person = as_(cast.leader), cast.person(cast.staff)
    address = url("person_edit", person.uuid)
    seen = client.get(address).context["form"]["seen"].value()
    other = cast.person(cast.staff)
    other.job_title = "Night lead"
    enrollment.save_person(other, by=cast.admin, at=NOW)
    mine = person_form(person, job_title="Day lead", seen=seen)
    answer = client.post(address, mine)
    assert answer.status_code == 409
    text = text_of(answer)
    for words in ("Site Admin saved this at", "Job title: Night lead", "Job title: Day lead", "Save mine"):
        assert words in text
    assert cast.person(cast.staff).job_title == "Night lead"
    again = answer.context["form"]["seen"].value()
    assert client.post(address, mine | {"seen": again}).status_code == 302
    assert cast.person(cast.staff).job_title == "Day lead"


def test_a_line_in_the_list_is_not_overwritten_unseen(cast, as_):
    client, person = as_(cast.leader), cast.person(cast.staff)
    address, htmx = url("person_edit", person.uuid), {"HX-Request": "true"}
    seen = client.get(address, headers=htmx).context["form"]["seen"].value()
    Person.objects.filter(pk=person.pk).update(last_name="Staff-Moreno")
    data = {"team": cast.team.pk, "job_title": "Lead", "seen": seen}
    answer = client.post(address, data, headers=htmx)
    assert (answer.status_code, cast.person(cast.staff).job_title) == (409, "Caseworker")
    assert "<html" not in answer.content.decode()


def test_a_move_is_entered_for_the_day_it_happened_on(cast, as_):
    client, person = as_(cast.leader), cast.person(cast.staff)
    night = Team.objects.create(agency=cast.agency, name="Night")
    address = url("person_edit", person.uuid)
    for since, reason in (("2026-11-22", "Not before that day"), ("2023-01-01", "Before the hire date.")):
        answer = client.post(address, person_form(person, team=str(night.pk), since=since))
        assert (answer.status_code, reason in text_of(answer)) == (422, True)
    client.post(address, person_form(person, team=str(night.pk), since="2026-10-01"))
    rows = person.placements.values_list("team__name", "from_on", "until_on")
    assert list(rows) == [
        ("Intake", date(2024, 1, 8), date(2026, 10, 1)),
        ("Night", date(2026, 10, 1), None),
    ]
    assert AuditEntry.objects.get().after == {"team": "Night", "since": "2026-10-01"}
    page = text_of(client.get(reverse("person", args=[person.uuid])))
    assert "Night · Caseworker" in page
    assert "since Oct. 1, 2026" in page
    assert "Jan. 8, 2024 – Sept. 30, 2026" in page


def test_the_lists_go_out_as_files_narrowed_as_they_are(cast, as_):
    client = as_(cast.trainer)
    page = client.get(url("people", "clearwater"), {"q": "colleague"}).content.decode()
    address = f"{url('people_export', 'clearwater', 'csv')}?q=colleague"
    assert address in page
    lines = b"".join(client.get(address).streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("First name,Last name,E-mail,")
    assert [line.split(",")[1] for line in lines[1:]] == ["Colleague"]
    assert client.get(url("people_export", "clearwater", "pdf")).status_code == 404
    assert client.get(url("people_export", "harbor", "csv")).status_code == 404
    teams = b"".join(as_(cast.leader).get(url("teams_export", "clearwater", "csv")).streaming_content)
    assert b"Intake,Clear Supervisor,clear.supervisor@people.example,3" in teams
