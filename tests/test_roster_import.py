"""Roster files written into the roster: from the shell, all or nothing, and what becomes of people's accounts."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rollout import enrollment
from rollout import roster_actions as actions
from rollout.imports import read_table
from rollout.models import Agency, AuditEntry, Person, RosterUpload, Team, User
from tests import shared_database as databases

from .conftest import NOW, ROSTERS
from .rosters import HEADER, NOTHING, sample

pytestmark = pytest.mark.django_db
shared_database = databases.shared_database
TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def on_saturday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leader(db: None) -> User:
    return User.objects.create_user("lead@brook.example", name="Lena Brook")


@pytest.fixture
def brook(leader: User) -> Agency:
    """An agency with nobody on its roster yet."""
    agency = Agency.objects.create(name="Brook", slug="brook", time_zone="America/Denver")
    agency.leaders.add(leader)
    return agency


def run(*args: Any) -> tuple[dict[str, Any], int]:
    """Answer and exit status of ``import_roster --json``; its stdout holds that and nothing else."""
    out = StringIO()
    try:
        call_command("import_roster", *map(str, args), "--json", stdout=out)
    except CommandError as error:
        return json.loads(out.getvalue()), error.returncode
    return json.loads(out.getvalue()), 0


def told(*args: Any) -> tuple[str, str, int]:
    """stdout, stderr with the last line of a refusal, and exit status, without ``--json``."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_roster", *map(str, args), stdout=out, stderr=err, no_color=True)
    except CommandError as error:
        return out.getvalue(), err.getvalue() + str(error), error.returncode
    return out.getvalue(), err.getvalue(), 0


def import_text(agency: Agency, *lines: str, header: str = HEADER, confirmed: bool = False) -> bool:
    data = "\n".join([header, *lines]).encode()
    return actions.import_table(agency, read_table(data, "r.csv"), at=NOW, confirmed=confirmed)[1]


def state() -> tuple[Any, ...]:
    """Everything an import writes to."""
    return tuple(
        sorted(map(str, model.objects.values_list()))
        for model in (Person, Team, User, AuditEntry, RosterUpload)
    )


def edit(person: Person, by: User, **values: Any) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    enrollment.save_person(person, by=by, at=NOW)


def received(agency: Agency, by: User, *lines: str, name: str = "r.csv") -> RosterUpload:
    content = "\n".join([HEADER, *lines]).encode() if lines else sample(name)
    return actions.receive_roster(agency, filename=name, content=content, by=by, at=NOW)


def ana(**changes: str) -> str:
    row = {"first": "Ana", "last": "Lopez", "email": "ana@x.example", "job": "Caseworker", "team": "Intake",
           "sup": "", "hired": "2024-01-31"}  # fmt: skip
    return ",".join((row | changes).values())


def ben(**changes: str) -> str:
    return ana(**({"first": "Ben", "last": "Katz", "email": "ben@x.example"} | changes))


# --- The samples ------------------------------------------------------------------------------------------------


def test_the_first_roster_enrolls_120_people_with_teams_supervisors_and_accounts(brook):
    answer, status = run("brook", ROSTERS / "clearwater.csv")
    assert (answer, status) == ({**NOTHING, "new": 120, "applied": True, "errors": []}, 0)
    assert brook.people.current().count() == 120
    assert {team.name: str(team.supervisor) for team in brook.teams.exclude(supervisor=None)} == {
        "Intake": "Dana Whitehorse",
        "Family Preservation": "Luis Ortega",
        "Foster Care North": "Priya Raman",
        "Foster Care South": "Tom Becker",
        "Outpatient Therapy": "Grace Adeyemi",
        "Crisis Response": "Siobhán Walsh",
        "Records and Front Desk": "Carla Mendes",
    }
    assert brook.teams.count() == 8
    for person in brook.people.select_related("user"):
        assert (person.user.email, person.user.name) == (person.email, str(person))
        assert person.user.is_active
        assert not person.user.has_usable_password()


def test_next_month_shows_five_new_four_leaving_three_moved_two_changed_and_applies_once(brook):
    run("brook", ROSTERS / "clearwater.csv")
    expected = {**NOTHING, "new": 5, "leaving": 4, "moved": 3, "changed": 2, "unchanged": 111}
    before = state()
    dry = run("brook", ROSTERS / "clearwater_next_month.csv", "--dry-run")
    assert dry == ({**expected, "applied": False, "errors": []}, 0)
    assert state() == before
    answer = run("brook", ROSTERS / "clearwater_next_month.csv")
    assert answer == ({**expected, "applied": True, "errors": []}, 0)
    assert brook.people.current().count() == 121
    left = brook.people.filter(left_on=TODAY).select_related("user")
    assert sorted(str(person) for person in left) == [
        "Carla Lopez",
        "Fatima Núñez",
        "Kofi Begaye",
        "Priya Lopez",
    ]
    assert not any(person.user.is_active for person in left)
    assert brook.people.get(first_name="Samir", last_name="Yazzie").team.name == "Outpatient Therapy"
    assert (
        brook.people.get(first_name="Paula", last_name="Brown").email == "new.paula.brown@clearwater.example"
    )
    after = state()
    again = run("brook", ROSTERS / "clearwater_next_month.csv")
    assert again == ({**NOTHING, "unchanged": 121, "applied": True, "errors": []}, 0)
    assert state() == after


BAD_CELLS = [
    (2, "hire date"), (2, "supervisor"), (3, "last name"), (3, "supervisor"), (4, "email"), (4, "supervisor"),
    (5, "email"), (5, "supervisor"), (6, "email"), (6, "supervisor"), (7, "first name"), (7, "supervisor"),
    (8, "email"), (8, "supervisor"), (9, "team"), (10, "hire date"), (10, "supervisor"), (11, "first name"),
    (11, "supervisor"),
]  # fmt: skip


def test_a_bad_file_writes_nothing_and_names_every_bad_row_column_and_reason(brook):
    before = state()
    answer, status = run("brook", ROSTERS / "bad.csv", "--confirm")
    assert status == 1
    assert answer["applied"] is False
    assert [(error["row"], error["column"]) for error in answer["errors"]] == BAD_CELLS
    assert all(set(error) == {"row", "column", "reason"} and error["reason"] for error in answer["errors"])
    assert state() == before


def test_without_json_the_same_stands_in_lines(brook):
    out, err, status = told("brook", ROSTERS / "bad.csv")
    assert (out, status) == ("", 1)
    assert "Row 2, hire date: This date does not exist" in err
    assert err.endswith("Nothing was imported: 19 things to settle first.")
    out, err, status = told("brook", ROSTERS / "clearwater.csv", "--dry-run")
    assert "Brook: 120 new\n" in out
    assert out.endswith("Nothing was written: this was a dry run.\n")
    assert (err, status) == ("", 0)
    assert told("brook", ROSTERS / "clearwater.csv")[0].endswith("Imported.\n")
    assert told("brook", ROSTERS / "clearwater.csv")[0].endswith("Nothing changes: nothing was written.\n")


@pytest.mark.parametrize(
    "path", sorted(set(ROSTERS.iterdir()) - {ROSTERS / "bad.csv"}), ids=lambda path: path.name
)
def test_every_sample_imports_and_then_changes_nothing(brook, path):
    first, status = run("brook", path)
    assert (status, first["applied"], first["errors"]) == (0, True, [])
    assert brook.people.current().count() == first["new"] > 50
    assert brook.teams.exclude(supervisor=None).count() == 7
    again, _status = run("brook", path)
    assert again["new"] == again["changed"] == again["moved"] == again["leaving"] == 0
    assert again["unchanged"] >= first["new"]


# --- The command ------------------------------------------------------------------------------------------------


def test_what_has_to_be_confirmed_is_refused_until_it_is(brook):
    run("brook", ROSTERS / "clearwater.csv")
    before = state()
    answer, status = run("brook", ROSTERS / "hr_export_semicolon_latin1.csv")
    assert (status, answer["applied"], answer["leaving"]) == (1, False, 42)
    assert [error["reason"][:35] for error in answer["errors"]] == ["This looks like part of a roster: 4"]
    assert state() == before
    answer, status = run("brook", ROSTERS / "hr_export_semicolon_latin1.csv", "--confirm")
    assert (status, answer["applied"], answer["errors"]) == (0, True, [])
    assert brook.people.exclude(left_on=None).count() == 42


@pytest.mark.parametrize(
    ("slug", "content", "reason"),
    [
        ("nowhere", b"", "There is no agency “nowhere”."),
        ("brook", None, "No such file or directory"),
        ("brook", b"", "The file is empty"),
        ("brook", b"%PDF-1.7", "This is a PDF"),
        ("brook", b"a,b\n1,2\n", "No header was found"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(brook, tmp_path, slug, content, reason):
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    answer, status = run(slug, path)
    assert (status, answer["applied"], answer["new"]) == (1, False, 0)
    assert [(error["row"], error["column"]) for error in answer["errors"]] == [(None, None)]
    assert reason in answer["errors"][0]["reason"]
    out, err, status = told(slug, path)
    assert (out, status) == ("", 1)
    assert reason in err
    assert "\n" not in err


def test_a_cell_cannot_give_orders_to_the_terminal(brook, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(f"{HEADER}\n{ana(email='\x1b[2J\x1b[31mana@@x.example')}\n")
    _out, err, status = told("brook", path)
    assert status == 1
    assert "\x1b" not in err


def test_an_agency_is_enrolled_from_the_shell_with_its_leader(db):
    out = StringIO()
    options = {"name": "Hollow House", "timezone": "America/Chicago", "leader": "Mia@Hollow.example"}
    call_command("create_agency", "hollow", **options, stdout=out)
    agency = Agency.objects.get(slug="hollow")
    assert (agency.name, agency.time_zone, agency.k) == ("Hollow House", "America/Chicago", 5)
    assert [user.email for user in agency.leaders.all()] == ["mia@hollow.example"]
    assert "Hollow House is enrolled as “hollow”." in out.getvalue()
    assert [entry.verb for entry in agency.audit.order_by("pk")] == ["created", "granted leader"]


@pytest.mark.parametrize(
    ("slug", "changes", "reason"),
    [
        ("brook", {}, "Short name in addresses: Agency with this"),
        ("new", {}, "“new” is taken by the system"),
        ("bad slug", {}, "Short name in addresses"),
        ("ok", {"timezone": "Denver"}, "Time zone: Select a valid choice"),
        ("ok", {"name": " "}, "Name: This field is required"),
        ("ok", {"leader": "nobody"}, "“nobody” is not an e-mail address"),
    ],
)
def test_an_agency_that_cannot_be_is_refused_and_nothing_is_written(brook, slug, changes, reason):
    with pytest.raises(CommandError) as refusal:
        call_command(
            "create_agency", slug, **{"name": "X", "timezone": "America/Denver"} | changes, stdout=StringIO()
        )
    assert reason in str(refusal.value)
    assert refusal.value.returncode == 1
    assert list(Agency.objects.all()) == [brook]


# --- What is written --------------------------------------------------------------------------------------------


def test_the_import_and_every_changed_person_leave_a_trace(brook):
    import_text(brook, ana(), ben())
    AuditEntry.objects.all().delete()
    import_text(brook, ana(team="Court", job="Clinician"), ana(first="Cy", last="Dell", email="cy@x.example"))
    traces = {
        (
            entry.verb,
            entry.subject,
            json.dumps(entry.before, sort_keys=True),
            json.dumps(entry.after, sort_keys=True),
        )
        for entry in AuditEntry.objects.all()
    }
    person, added = "rollout.Person", {"first_name": "Cy", "last_name": "Dell", "email": "cy@x.example"}
    added |= {"job_title": "Caseworker", "team": "Intake", "hired_on": "2024-01-31"}
    counts = {**NOTHING, "new": 1, "moved": 1, "leaving": 1, "file": "r.csv"}
    assert traces == {
        (verb, subject, json.dumps(before, sort_keys=True), json.dumps(after, sort_keys=True))
        for verb, subject, before, after in [
            ("added", person, {}, added),
            ("changed", person, {"team": "Intake", "job_title": "Caseworker"}, {"team": "Court", "job_title": "Clinician"}),
            ("changed", person, {"left_on": ""}, {"left_on": "2026-11-21"}),
            (actions.IMPORTED, "rollout.Agency", {}, counts),
        ]
    }  # fmt: skip
    assert set(AuditEntry.objects.exclude(verb=actions.IMPORTED).values_list("reason", flat=True)) == {
        "r.csv"
    }


def test_a_failure_in_the_middle_leaves_nothing_behind(brook, monkeypatch):
    import_text(brook, ana())
    before = state()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "leave_traces", fail)
    with pytest.raises(RuntimeError):
        import_text(brook, ana(team="Court"), ben())
    assert state() == before


# --- Size -------------------------------------------------------------------------------------------------------


def lines_of(count: int, *, tag: str = "", start: int = 0) -> list[str]:
    return [
        f"Ann{at},Last{at},p{at}@x.example,Job{tag},Team {(at + len(tag)) % 80},,2020-01-{at % 28 + 1:02}"
        for at in range(start, start + count)
    ]


def test_two_thousand_people_take_few_queries(brook):
    with CaptureQueriesContext(
        connection,
    ) as first:
        import_text(brook, *lines_of(2000))
    with CaptureQueriesContext(connection) as second:
        import_text(brook, *lines_of(2000, tag="x", start=500), confirmed=True)
    assert brook.people.current().count() == 2000
    assert brook.people.exclude(left_on=None).count() == 500
    # Eight batches of 250 people, of accounts, of placements and of traces; the rest does not grow.
    assert len(first) <= 48
    assert len(second) <= 70


def test_reading_takes_the_same_queries_for_one_and_for_a_thousand(brook, leader, django_assert_num_queries):
    for count in (1, 1000):
        upload = received(brook, leader, *lines_of(count))
        with django_assert_num_queries(2):
            actions.read_upload(upload, at=NOW)
        import_text(brook, *lines_of(count), confirmed=True)
