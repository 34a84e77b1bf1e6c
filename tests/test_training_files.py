"""Training as files: exports that come back unchanged, imports that write all or nothing, sheets for the door."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from pypdf import PdfReader

from rollout import attendance_actions as door
from rollout import places
from rollout.models import Attendance, AuditEntry, CohortMember, Person, Session
from rollout.sign_in_sheet import sheets
from rollout.training_imports import import_attendance, import_sessions
from rollout.training_lists import ATTENDANCE_HEADERS, SESSION_HEADERS

from .conftest import NOW
from .test_pdf import every_element
from .training_cast import JUNE, a_cohort, a_session, people

END = NOW + timedelta(hours=7.5)


@pytest.fixture
def world(cast: Any) -> Any:
    """Two sessions, one cancelled; records of every kind at the first; a guest who makes up for it elsewhere."""
    cast.spring = a_cohort(cast.agency, cast.leader, "=Spring, “north”")
    ana, ben = (cast.person(user) for user in (cast.staff, cast.colleague))
    for person in (ana, ben):
        CohortMember.objects.create(cohort=cast.spring, person=person, joined_on=JUNE)
    Person.objects.filter(pk=ana.pk).update(employee_number="A-7")
    cast.first = a_session(
        cast.spring, NOW - timedelta(days=14), trainer=cast.trainer, place="=Room; 1\nleft"
    )
    cast.gone = a_session(cast.spring, NOW + timedelta(days=30), day=2, cancelled_at=NOW)
    cast.fall = a_cohort(cast.agency, cast.leader, "Fall")
    cast.again = a_session(cast.fall, NOW - timedelta(days=7), video_link="https://video.example/a?b=1&c=2")
    Attendance.objects.create(
        session=cast.first, person=ben, signed_in_at=cast.first.starts_at, signed_out_at=cast.first.ends_at
    )
    at = cast.again.ends_at
    times = {"signed_in_at": cast.again.starts_at, "signed_out_at": None}
    door.correct(
        cast.again, ana, **times, override_minutes=120, makes_up_for=cast.first, reason="paper list", version=0,
        by=cast.trainer, at=at,
    )  # fmt: skip
    return cast


def state() -> list[Any]:
    """Everything an import could touch."""
    return [
        list(Session.objects.order_by("pk").values()),
        list(Session.modules.through.objects.order_by("pk").values_list("session", "module")),
        list(Attendance.objects.order_by("pk").values()),
        AuditEntry.objects.count(),
    ]


def run(name: str, *args: Any) -> str:
    out = io.StringIO()
    with time_machine.travel(END, tick=False):
        call_command(name, *map(str, args), stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["sessions", "attendance"])
def test_an_export_imported_again_changes_nothing(world, tmp_path, what, kind):
    file = tmp_path / f"out.{kind}"
    run(f"export_{what}", "clearwater", "--out", file)
    before = state()
    told = json.loads(run(f"import_{what}", "clearwater", file, "--json"))
    rows = {"sessions": 3, "attendance": 2}[what]
    assert told == {"new": 0, "changed": 0, "unchanged": rows, "applied": True, "errors": []}
    assert state() == before


def table(headers: Any, *rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, headers)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def a_row(**changes: str) -> dict[str, str]:
    row = {
        "cohort": "Fall", "title": "Day 2", "training day": "2", "date": "2026-12-03", "starts": "9:00",
        "ends": "16:30", "modules": "5, 6", "trainer": "clear.trainer@people.example", "place": "Room 3",
    }  # fmt: skip
    return row | {name.replace("_", " "): value for name, value in changes.items()}


def take(world: Any, *rows: dict[str, str], dry_run: bool = False) -> Any:
    data = table(SESSION_HEADERS, *rows)
    return import_sessions(world.agency, data, by=None, at=NOW, dry_run=dry_run)


def test_new_sessions_are_planned_changed_and_cancelled_from_a_file(world):
    assert take(world, a_row()).counts == {"new": 1, "changed": 0, "unchanged": 0}
    made = Session.objects.get(title="Day 2", cohort=world.fall)
    zone = world.agency.zone
    assert (made.starts_at.astimezone(zone).hour, made.day, made.trainer) == (9, 2, world.trainer)
    assert sorted(made.modules.values_list("position", flat=True)) == [5, 6]
    assert take(world, a_row()).counts == {"new": 0, "changed": 0, "unchanged": 1}, "the same row again"
    moved = a_row(session=str(made.uuid), starts="10:00", place="Room 4")
    assert take(world, moved).counts == {"new": 0, "changed": 1, "unchanged": 0}
    made.refresh_from_db()
    assert (made.place, made.version) == ("Room 4", 2)
    take(world, moved | {"state": "cancelled"})
    made.refresh_from_db()
    assert made.cancelled_at == NOW
    verbs = AuditEntry.objects.filter(subject_id=str(made.uuid)).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["planned session", "changed session", "cancelled session"]


@pytest.mark.parametrize(
    ("changes", "column", "told"),
    [
        ({"cohort": "Winter"}, "cohort", "There is no cohort of this name."),
        ({"title": ""}, "title", "This is missing."),
        ({"date": "12/03/2026"}, "date", "Write the date as 2026-12-03."),
        ({"date": "0206-12-03"}, "date", "Check the year"),
        ({"starts": "nine"}, "starts", "Write the time as 09:00"),
        ({"ends": "08:00"}, "ends", "The end must be after the start"),
        ({"modules": "5 99"}, "modules", "by their numbers"),
        ({"modules": ""}, "modules", "This is missing."),
        ({"ends": "10:00"}, "modules", "take longer"),
        ({"trainer": "harbor.trainer@people.example"}, "trainer", "Nobody with this e-mail"),
        ({"video_link": "javascript:alert(1)"}, "video link", "starts with https://"),
        ({"session": "b6a1d2b8-0000-4000-8000-000000000000"}, "session", "no session with this id"),
        ({"state": "maybe"}, "state", "Write “planned” or “cancelled”"),
        ({"date": "2026-11-14", "trainer": "clear.trainer@people.example"}, None, "already booked"),
    ],
)
def test_one_bad_row_refuses_the_whole_file_and_is_named(world, changes, column, told):
    Session.objects.filter(pk=world.again.pk).update(trainer=world.trainer)
    before = state()
    outcome = take(world, a_row(date="2026-12-10"), a_row(**changes))
    assert [(one.row, one.column) for one in outcome.problems] == [(3, column)]
    assert told in outcome.problems[0].reason
    assert not outcome.applied
    assert state() == before


def test_a_dry_run_writes_nothing_and_finds_the_same_problems(world):
    before = state()
    assert take(world, a_row(), dry_run=True).counts["new"] == 1
    same = a_row(title="At the same time")
    assert "already booked" in take(world, a_row(), same, dry_run=True).problems[0].reason
    assert state() == before


def test_sessions_of_another_agency_cannot_be_reached(world):
    foreign = a_session(a_cohort(world.other, world.other_leader, "Fall"), NOW + timedelta(days=3))
    outcome = take(world, a_row(session=str(foreign.uuid)))
    assert "no session with this id" in outcome.problems[0].reason


# --- Attendance ----------------------------------------------------------------------------------------------------


def sign(world: Any, *rows: dict[str, str], reason: str = "") -> Any:
    data = table(ATTENDANCE_HEADERS, *rows)
    return import_attendance(world.agency, data, by=None, at=END, reason=reason)


def a_record(world: Any, **changes: str) -> dict[str, str]:
    row = {
        "session": str(world.first.uuid),
        "employee number": "A-7",
        "signed in": "9:05",
        "signed out": "16:30",
    }
    return row | {name.replace("_", " "): value for name, value in changes.items()}


def test_a_paper_list_becomes_records_with_their_reason(world):
    assert sign(world, a_record(world, reason="paper list")).counts == {
        "new": 1,
        "changed": 0,
        "unchanged": 0,
    }
    record = Attendance.objects.get(session=world.first, person=world.person(world.staff))
    assert record.signed_in_at == world.first.starts_at + timedelta(minutes=5)
    entry = AuditEntry.objects.get(subject="rollout.Attendance", subject_id=str(record.pk))
    assert (entry.reason, entry.by, entry.verb) == ("paper list", None, "corrected attendance")
    assert sign(world, a_record(world, signed_in="09:07"), reason="again").counts["changed"] == 1


@pytest.mark.parametrize(
    ("changes", "column", "told"),
    [
        ({}, "reason", "Say why"),
        ({"reason": "x", "session": "nonsense"}, "session", "no session with this id"),
        ({"reason": "x", "employee_number": "B-9"}, "person", "nobody like this"),
        ({"reason": "x", "signed_in": "9 o’clock"}, "signed in", "Write the time as 09:04"),
        ({"reason": "x", "signed_in": "2026-11-09 09:00"}, "signed in", "not the day of the session"),
        ({"reason": "x", "signed_out": "08:00"}, None, "must come after the sign-in"),
        ({"reason": "x", "minutes_by_hand": "999"}, None, "Between 0 and 360"),
        ({"reason": "x", "minutes_by_hand": "-5"}, "minutes by hand", "whole number"),
        ({"reason": "x", "makes_up_for": "nonsense"}, "makes up for", "no session with this id"),
    ],
)
def test_one_bad_record_refuses_the_whole_file(world, changes, column, told):
    before = state()
    good = a_record(world, reason="paper", employee_number="") | {"e-mail": "clear.supervisor@people.example"}
    outcome = sign(world, good, a_record(world, **changes))
    assert [(one.row, one.column) for one in outcome.problems] == [(3, column)]
    assert told in outcome.problems[0].reason
    assert state() == before


def test_somebody_twice_in_one_file_and_a_time_ahead_are_refused(world):
    twice = sign(world, a_record(world, reason="x"), a_record(world, reason="x", signed_in="09:06"))
    assert "twice" in twice.problems[0].reason
    data = table(ATTENDANCE_HEADERS, a_record(world, reason="x"))
    early = import_attendance(world.agency, data, by=None, at=world.first.starts_at, reason="")
    assert "still ahead" in early.problems[0].reason


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"session,person\n1,2\n", "Missing: signed in, signed out"),
        (b"session,session,person,signed in,signed out\n", "twice: session"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(world, tmp_path, content, told):
    file = tmp_path / "in.csv"
    file.write_bytes(content)
    out = io.StringIO()
    with pytest.raises(CommandError, match="Nothing was imported: 1 thing"):
        call_command("import_attendance", "clearwater", str(file), "--json", stdout=out)
    assert told in json.loads(out.getvalue())["errors"][0]["reason"]


def test_commands_name_what_is_missing(world, tmp_path):
    with pytest.raises(CommandError, match="no agency “nowhere”"):
        run("export_sessions", "nowhere", "--out", tmp_path / "a.csv")
    with pytest.raises(CommandError, match=r"\.csv or \.xlsx"):
        run("export_sessions", "clearwater", "--out", tmp_path / "a.pdf")
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command(
            "import_sessions", "clearwater", str(tmp_path / "none.csv"), stderr=err, stdout=io.StringIO()
        )
    assert "cannot be read" in err.getvalue()


# --- Out of the lists ----------------------------------------------------------------------------------------------


def test_lists_are_handed_out_as_tables_without_anything_of_another_agency(world, as_):
    a_session(a_cohort(world.other, world.other_leader, "Harbor cohort"), title="Secret day")
    places.give_places(world.spring, people(world.agency, 1, "Zoë"), joined_on=JUNE, by=world.leader, at=NOW)
    leader, found = as_(world.leader), {}
    for name, url in {
        "cohorts": "/agencies/clearwater/training/cohorts.csv",
        "sessions": "/agencies/clearwater/training/sessions.csv",
        "people": f"/cohorts/{world.spring.uuid}/people.csv",
        "attendance": f"/sessions/{world.again.uuid}/attendance.csv",
    }.items():
        answer = leader.get(url)
        assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
        found[name] = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[0] for row in found["cohorts"]] == ["Cohort", "'=Spring, “north”", "Fall"]
    assert len(found["sessions"]) == 4
    assert [row[0] for row in found["people"]] == ["Person", "Zoë 000", "Clear Colleague", "Clear Staff"]
    assert found["attendance"][1][5] == "Clear Staff"
    assert not [table for table in found.values() if "Secret" in str(table) or "Harbor" in str(table)]
    book = leader.get("/agencies/clearwater/training/cohorts.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active
    assert sheet["A3"].value == "Fall"
    assert leader.get("/agencies/clearwater/training/cohorts.pdf").status_code == 404


# --- The sheet -----------------------------------------------------------------------------------------------------


def test_the_sheet_holds_names_teams_boxes_and_blank_lines(world, as_):
    answer = as_(world.trainer).get(f"/sessions/{world.first.uuid}/sign-in-sheet.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in reader.pages)
    for words in (
        "Clear Staff",
        "Clear Colleague",
        "Intake",
        "In, Nov. 7, 2026",
        "Out, Nov. 7, 2026",
        "9 a.m. to 4:30",
    ):
        assert words in text, words
    assert text.count("____") >= 6
    assert "Clear Supervisor" not in text
    catalog = reader.root_object
    assert (catalog["/MarkInfo"]["/Marked"], catalog["/Lang"]) == (True, "en")
    kinds = [element.get("/S") for element in every_element(catalog["/StructTreeRoot"]["/K"])]
    assert kinds.count("/TR") == 1 + 2 + 6
    assert "/TH" in kinds


def test_days_stand_side_by_side_and_only_who_is_expected_has_boxes(world):
    late = people(world.agency, 1, "Late")[0]
    CohortMember.objects.create(cohort=world.spring, person=late, joined_on=(NOW - timedelta(days=5)).date())
    later = a_session(world.spring, NOW - timedelta(days=3), day=2)
    (sheet,) = sheets(world.agency, [world.first, later])
    assert [day.title for day in sheet.days] == ["Day 1", "Day 2"]
    assert {line.name: line.expected for line in sheet.lines} == {
        "Late 000": (False, True),
        "Clear Staff": (True, True),
        "Clear Colleague": (True, True),
    }
    many = [a_session(world.spring, NOW + timedelta(days=n)) for n in range(1, 5)]
    assert [len(each.days) for each in sheets(world.agency, many)] == [3, 1]
    assert sheets(world.agency, []) == []


def test_a_cohort_without_sessions_says_so_instead_of_an_empty_sheet(world, as_):
    empty = a_cohort(world.agency, world.leader, "Empty")
    answer = as_(world.leader).get(f"/cohorts/{empty.uuid}/sign-in-sheet.pdf", follow=True)
    assert "no sheet to print yet" in answer.content.decode()
    whole = as_(world.leader).get(f"/cohorts/{world.spring.uuid}/sign-in-sheet.pdf")
    assert whole.content.startswith(b"%PDF")


def test_files_are_written_where_asked(world, tmp_path: Path):
    assert "is written" in run("export_attendance", "clearwater", "--out", tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [cell.value for cell in sheet[1]] == list(ATTENDANCE_HEADERS)
