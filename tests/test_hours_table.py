"""Hours worked out by hand agree with the ledger; page, PDF, XLSX and command say the same figures."""

import io
import re
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from openpyxl import load_workbook  # type: ignore[import-untyped]
from pypdf import PdfReader

from rollout.hours import hours_report
from rollout.hours_papers import make_hours_report
from rollout.ledger import open_ledger
from rollout.models import Curriculum, Document
from rollout.training_actions import install_curricula

from .conftest import NOW, account
from .hours_cases import CODES, MODULES, Case, cases, furnish, worked_out
from .hours_cases import NOW as THEN
from .midway import midway

CASES = cases()


@pytest.fixture(scope="module")
def ledger_says(django_db_setup: None, django_db_blocker: Any) -> Any:
    """What the ledger makes of every case, by name; the database is left as it was."""
    from django.db import transaction

    found = {}
    with django_db_blocker.unblock(), transaction.atomic():
        install_curricula()
        author = account("Some Author")
        groups = defaultdict(list)
        for case in CASES:
            groups[case.rules].append(case)
        for number, group in enumerate(groups.values()):
            with transaction.atomic():
                for code, minutes in group[0].required.items():
                    Curriculum.objects.filter(code=CODES[code]).update(required_minutes=minutes)
                agency, by_person = furnish(f"house-{number}", group, author)
                ledger = open_ledger(agency, THEN)
                for person, case in by_person.items():
                    total = ledger.total(ledger.people[person])
                    found[case.name] = total.required, total.credited, total.planned, total.state
                transaction.set_rollback(True)
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_ledger_agrees_with_what_was_worked_out_by_hand(case: Case, ledger_says: Any) -> None:
    assert ledger_says[case.name] == case.expect, case.working


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_so_does_a_count_minute_by_minute(case: Case) -> None:
    assert worked_out(case) == case.expect, case.working


def test_there_are_enough_cases_each_with_its_working_in_words() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60
    assert all(case.working.endswith(".") for case in CASES)


@pytest.mark.django_db
def test_the_modules_of_the_table_are_those_of_the_starter() -> None:
    install_curricula()
    for letter, code in CODES.items():
        modules = Curriculum.objects.get(code=code).modules.order_by("position")
        assert list(modules.values_list("minutes", flat=True)) == MODULES[letter]


# --- One reading, four places -------------------------------------------------------------------------------------


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text).replace("\N{NO-BREAK SPACE}", " "))


def in_minutes(words: str) -> int:
    """ "12 h", "7½ h", "50 min", "1 h 20 min" back into minutes."""
    found = re.fullmatch(r"(?:(\d*)([¼½¾]?) h)? ?(?:(\d+) min)?", words)
    assert found, words
    whole, part, minutes = found.groups()
    return int(whole or 0) * 60 + {"¼": 15, "½": 30, "¾": 45}.get(part or "", 0) + int(minutes or 0)


@pytest.mark.django_db
def test_page_paper_spreadsheet_and_command_say_the_same(cast: Any, as_: Any, capsys: Any) -> None:
    with time_machine.travel(NOW, tick=False):
        midway(cast)
        report = hours_report(cast.agency, NOW)
        browser = as_(cast.leader)
        page = plain(browser.get("/agencies/clearwater/hours/").content.decode())
        sheet = b"".join(browser.get("/agencies/clearwater/hours.xlsx").streaming_content)
        document = Document(kind="hours", agency=cast.agency, requested_by=cast.leader, requested_at=NOW)
        name, paper = make_hours_report(document)
        call_command("hours", "clearwater")
    totals = report.totals
    expected = [
        totals.people,
        totals.required,
        totals.credited,
        totals.planned,
        totals.can_reach,
        totals.missing,
    ]
    assert totals.people == 15
    assert 0 < totals.complete < 15
    assert totals.missing > 0

    rows = list(load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True))
    assert len(rows) == totals.people + 2
    _all, _team, _leads, required, credited, _brought, planned, reach, missing, _state = rows[-1]
    assert [len(rows) - 2, required, credited, planned, reach, missing] == expected
    for place, key in ((3, "required_minutes"), (4, "credited_minutes"), (6, "planned_minutes")):
        assert sum(row[place] for row in rows[1:-1]) == sum(getattr(line.hours, key) for line in report.lines)

    said = capsys.readouterr().out
    found = re.search(
        r"All (\d+) people: (\d+) complete, (\d+) on track, (\d+) cannot complete as planned; "
        r"(.+?) of (.+?) credited, (.+?) planned, (.+?) missing\.",
        said,
    )
    assert found
    states = [totals.complete, totals.on_track, totals.cannot]
    assert [int(word) for word in found.groups()[1:4]] == states
    credited, required, planned, missing = (in_minutes(word) for word in found.groups()[4:])
    assert [int(found[1]), required, credited, planned, credited + planned, missing] == expected

    shown = re.search(
        r"Complete (\d+) of (\d+) people On track (\d+) .*? Cannot complete as planned (\d+) .*?"
        r"Credited (.+?) of (.+? h) (.+?) planned, (.+?) missing",
        page,
    )
    assert shown, page[:2000]
    assert [int(shown[1]), int(shown[3]), int(shown[4])] == states
    credited, required, planned, missing = (in_minutes(shown[place].strip()) for place in (5, 6, 7, 8))
    assert [int(shown[2]), required, credited, planned, credited + planned, missing] == expected

    assert name == "clearwater-hours-2026-11-21.pdf"
    text = plain(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(paper)).pages))
    told = re.search(r"Of (\d+) people (\d+) have .*?, (\d+) are on track .*?, (\d+) cannot", text)
    assert told
    assert [int(word) for word in told.groups()] == [totals.people, *states]
    sums = re.search(r"(\S+ h) of (\S+ h) are credited, (\S+ h) are planned, (\S+ h) are missing", text)
    assert sums
    credited, required, planned, missing = (in_minutes(word) for word in sums.groups())
    assert [totals.people, required, credited, planned, credited + planned, missing] == expected


@pytest.mark.django_db
def test_the_command_writes_the_same_table_to_a_file(cast: Any, tmp_path: Any, capsys: Any) -> None:
    midway(cast, workers=3)
    call_command("hours", "clearwater", csv=tmp_path / "hours.csv")
    lines = (tmp_path / "hours.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Name,Team,Supervises a team,")
    assert len(lines) == cast.agency.people.filter(left_on=None).count() + 2
    later = hours_report(cast.agency, NOW + timedelta(days=1)).totals.people
    assert lines[-1].startswith(f"All {later} people,")
