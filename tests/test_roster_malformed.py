"""Three hundred malformed roster files: each refused with its reason and row, nothing written, no server error."""

import io
from datetime import date
from itertools import groupby
from random import Random
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from rollout.imports import RosterFileError, RowProblem, guess_columns, read_rows, read_table
from rollout.models import Agency, AuditEntry, Person, Placement, RosterUpload, Team, User
from rollout.roster_actions import import_table

from .conftest import NOW
from .malformed import FILES, Bad, as_csv, as_xlsx, bad_files, people

TODAY = date(2026, 11, 21)


def refusals(bad: Bad) -> tuple[str, list[RowProblem]]:
    """Why the file cannot be read, or else what is wrong in its rows. Any other exception is a server error."""
    try:
        table = read_table(bad.data, bad.name)
    except RosterFileError as error:
        return str(error), []
    _rows, problems = read_rows(table, guess_columns(table), TODAY)
    return "", [problem for problem in problems if problem.severity == "error"]


def test_three_hundred_malformed_files_are_each_refused_with_a_reason_and_the_row():
    files = list(bad_files())
    kinds = {bad.kind for bad in files}
    assert (len(files), len(kinds)) == (FILES, 30)
    for bad in files:
        told, errors = refusals(bad)
        what = (bad.kind, bad.seed)
        assert told or errors, what
        if bad.row is None:
            assert told.endswith("."), what
            continue
        if told:
            assert f"Row {bad.row} " in told, (*what, bad.row, told)
        else:
            assert bad.row in {error.row for error in errors}, (*what, bad.row, errors)
            assert all(error.reason.endswith(".") for error in errors), what
            # One fault is not told of rows that have none.
            assert len({error.row for error in errors}) <= 3 or bad.kind == "wrong columns", (*what, errors)


# --- The whole way ------------------------------------------------------------------------------------------------


@pytest.fixture
def brook(db: None) -> Agency:
    agency = Agency.objects.create(name="Brook", slug="brook", time_zone="America/Denver")
    agency.leaders.add(User.objects.create_user("lead@brook.example", name="Lena Brook"))
    table = read_table(as_csv(people(Random(7), 12)), "before.csv")
    assert import_table(agency, table, at=NOW)[1]
    return agency


def state() -> list[Any]:
    models = (Person, Team, User, Placement, AuditEntry)
    return [sorted(map(str, model.objects.values_list())) for model in models]


def test_a_file_of_each_kind_changes_nothing_by_way_of_the_browser(brook):
    lena = Client()
    lena.force_login(User.objects.get(email="lead@brook.example"))
    before = state()
    url = reverse("rollout:roster_upload", args=["brook"])
    by_kind = groupby(sorted(bad_files(), key=lambda bad: (bad.kind, bad.seed)), key=lambda bad: bad.kind)
    with time_machine.travel(NOW, tick=False):
        for kind, files in by_kind:
            bad = next(files)
            answer = lena.post(url, {"file": SimpleUploadedFile(bad.name, bad.data)})
            assert answer.status_code in (302, 422), kind
            if answer.status_code == 302:
                page = lena.get(answer["Location"])
                assert page.status_code == 200, kind
                assert page.context["errors"], kind
                applied = lena.post(
                    answer["Location"], {"step": "apply", "seen": page.context["reading"].digest}
                )
                assert applied.status_code == 422, kind
    assert state() == before
    assert not RosterUpload.objects.exclude(applied_at=None).exists()


def test_good_files_change_nothing_when_they_come_again(brook):
    rows = people(Random(11), 60)
    for data, name in (
        (as_csv(rows), "r.csv"),
        (as_xlsx(rows), "r.xlsx"),
        (as_csv(rows, separator=";"), "s.csv"),
    ):
        table = read_table(data, name)
        import_table(brook, table, at=NOW, confirmed=True)
        before = state()
        reading, done = import_table(brook, table, at=NOW.replace(month=12))
        assert (done, reading.preview.has_changes) == (True, False)
        assert state() == before


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_what_is_exported_can_be_imported_again_and_changes_nothing(brook, tmp_path, name):
    person, gone = brook.people.first(), brook.people.last()
    team = brook.teams.first()
    team.supervisor = person
    team.save()
    Person.objects.filter(pk=person.pk).update(
        team=team, job_title="-Lead, “Night”; =SUM(A1)", last_name="O’Neil-Ruiz"
    )
    Person.objects.filter(pk=gone.pk).update(left_on=date(2026, 3, 1), employee_number="007")
    out, told = tmp_path / name, io.StringIO()
    call_command("export_roster", "brook", "--out", str(out), "--all", stdout=told)
    assert told.getvalue() == f"12 people in {out}.\n"
    before = state()
    reading, done = import_table(brook, read_table(out.read_bytes(), name), at=NOW)
    assert not reading.preview.errors
    assert (done, reading.preview.has_changes) == (True, False)
    assert state() == before
