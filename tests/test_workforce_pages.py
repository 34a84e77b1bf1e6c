"""Workforce figures on the web and in the shell: typed, imported, taken away, shown with their caution; to leaders only."""

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.urls import reverse

from cecert_site.reports import rollout_report
from rollout import workforce_actions as actions
from rollout.models import AuditEntry, Person, WorkforceMonth
from rollout.refusals import Changed
from rollout.workforce import CAUTION, Month

from .conftest import NOW, somebody
from .test_roster_pages import text_of

pytestmark = pytest.mark.django_db
PAGE = "/agencies/clearwater/workforce/"
IMPORT = f"{PAGE}import/"
OCTOBER = date(2026, 10, 1)
HEADER = b"Month,Headcount,Separations,Days lost,Days scheduled\n"


@pytest.fixture(autouse=True)
def on_saturday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def typed(version: int = 0, **changes: str) -> dict[str, str]:
    values = {"headcount": "118", "separations": "2", "days_lost": "128.5", "days_scheduled": "2478"}
    return values | {"version": str(version)} | changes


def keep(
    agency: Any, month: date = OCTOBER, headcount: int | None = 118, separations: int | None = 2
) -> WorkforceMonth:
    return WorkforceMonth.objects.create(
        agency=agency, month_on=month, headcount=headcount, separations=separations, entered_at=NOW
    )


def file(*rows: bytes, name: str = "figures.csv") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, HEADER + b"\n".join(rows) + b"\n")}


# --- Reading ----------------------------------------------------------------------------------------------------


def test_figures_stand_beside_their_caution_with_their_denominators(cast, as_):
    keep(cast.agency)
    row = keep(cast.agency, date(2026, 8, 1))
    row.days_lost, row.days_scheduled = Decimal("124"), Decimal("2480")
    row.save()
    text = text_of(as_(cast.leader).get(PAGE))
    assert str(CAUTION) in text
    assert "October 2026: turnover 1.7 % (2 of 118 people employed)." in text
    assert "A year’s turnover is shown once twelve months on end are known." in text
    assert "124 of 2,480 days scheduled" in text
    assert "September 2026 not known" in text


def test_what_is_not_known_is_a_gap_in_picture_and_table_and_never_zero(cast, as_):
    keep(cast.agency, date(2026, 7, 1))
    keep(cast.agency, date(2026, 9, 1), headcount=None)
    page = as_(cast.leader).get(PAGE)
    chart = page.context["turnover"]
    assert dict(row[:2] for row in chart.rows)["September 2026"] == "not known"
    assert chart.columns == ("When", "Turnover by month", "Rests on")
    assert all("0.0" not in row[1] for row in chart.rows)
    assert "stroke-dasharray" in chart.svg


def test_a_year_is_shown_once_twelve_months_are_known(cast, as_):
    for number in range(12):
        keep(cast.agency, date(2025 + (number + 10) // 12, (number + 10) % 12 + 1, 1), 100, 1)
    text = text_of(as_(cast.leader).get(PAGE))
    assert "12.0 % (12 left in 12 months, of 100 people employed on average" in text


def test_leaders_and_administrators_see_their_own_agency_and_nobody_else_any(cast, as_):
    keep(cast.agency, headcount=4711)
    keep(cast.other, headcount=8192)
    for address in (PAGE, f"{PAGE}2026-10/", IMPORT, f"{PAGE}as/csv/"):
        for who in ("trainer", "supervisor", "staff", "other_trainer"):
            assert as_(getattr(cast, who)).get(address).status_code == 403
        assert as_(cast.other_leader).get(address).status_code == 404
        assert as_(cast.admin).get(address).status_code == 200
    shown = text_of(as_(cast.leader).get(PAGE))
    assert "4,711" in shown
    assert "8,192" not in shown


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_takes_the_same_queries_for_one_month_and_thirty(cast, as_, django_assert_num_queries, many):
    for number in range(many):
        keep(cast.agency, date(2024 + number // 12, number % 12 + 1, 1))
    client = as_(cast.leader)
    with django_assert_num_queries(9):
        client.get(PAGE)


def test_the_report_carries_them_with_their_caution_and_says_when_there_are_none(cast):
    empty = rollout_report(cast.agency, NOW)
    assert (empty.workforce, empty.caution) == ((), str(CAUTION))
    keep(cast.other, headcount=8192)
    keep(cast.agency)
    (chart,) = rollout_report(cast.agency, NOW).workforce  # no day is known, so there is no second picture
    assert chart.rows == (("October 2026", "1.7\N{NO-BREAK SPACE}%", "2 of 118 people employed"),)
    context = {"report": rollout_report(cast.agency, NOW), "title": "Report"}
    page = render_to_string("pdf/rollout_report.html", context)
    assert str(CAUTION) in page
    assert "2 of 118 people employed" in page


# --- Typing -----------------------------------------------------------------------------------------------------


def test_a_month_is_typed_and_changed_and_leaves_a_trace(cast, as_):
    client = as_(cast.leader)
    assert client.post(f"{PAGE}2026-10/", typed())["Location"] == PAGE
    assert client.post(f"{PAGE}2026-10/", typed(1, separations="", days_lost="0"))["Location"] == PAGE
    row = WorkforceMonth.objects.get()
    assert (row.month_on, row.headcount, row.separations, row.days_lost, row.version) == (
        OCTOBER,
        118,
        None,
        0,
        2,
    )
    assert (row.entered_by, row.agency) == (cast.leader, cast.agency)
    last = AuditEntry.objects.first()
    assert (last.verb, last.before, last.after) == (
        "changed workforce figures",
        {"month": "2026-10", "separations": "2", "days_lost": "128.5"},
        {"separations": None, "days_lost": "0"},
    )


def test_of_two_who_type_the_same_month_the_second_sees_both_and_loses_nothing(cast, as_):
    client = as_(cast.leader)
    client.post(f"{PAGE}2026-10/", typed())
    answer = as_(cast.admin).post(f"{PAGE}2026-10/", typed(0, headcount="120"))
    assert answer.status_code == 409
    text = text_of(answer)
    assert "People employed at the month’s end: 118" in text
    assert "People employed at the month’s end: 120" in text
    assert "Clear Leader saved this" in text
    assert WorkforceMonth.objects.get().headcount == 118
    assert 'name="version" value="1"' in answer.content.decode()
    assert as_(cast.admin).post(f"{PAGE}2026-10/", typed(1, headcount="120")).status_code == 302
    assert WorkforceMonth.objects.get().headcount == 120


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"headcount": "-1"}, "greater than or equal to 0"),
        ({"separations": "1.5"}, "whole number"),
        ({"days_lost": "2479"}, "More than the days scheduled"),
        ({"days_lost": "-0.5"}, "Less than nothing"),
        ({"days_lost": "0.25"}, "decimal place"),
        ({"headcount": "many"}, "whole number"),
        ({"version": "x"}, "whole number"),
    ],
)
def test_a_month_that_cannot_be_is_refused(cast, as_, changes, reason):
    answer = as_(cast.leader).post(f"{PAGE}2026-10/", typed() | changes)
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert not WorkforceMonth.objects.exists()


@pytest.mark.parametrize("month", ["2026-12", "2026-13", "2026-1", "1989-12", "soon", "2026-10-01"])
def test_a_month_to_come_and_what_is_no_month_have_no_page(cast, as_, month):
    assert as_(cast.leader).get(f"{PAGE}{month}/").status_code == 404


def test_the_roster_suggests_what_it_knows_of_months_that_are_over(cast, as_):
    Person.objects.filter(user=cast.colleague).update(left_on=date(2026, 10, 14))
    somebody(cast.agency, cast.team, cast.nobody, hired_on=date(2026, 10, 20))
    assert actions.suggestions(cast.agency, OCTOBER, date(2026, 11, 21)) == {OCTOBER: (3, 1)}
    page = as_(cast.leader).get(f"{PAGE}2026-10/")
    assert "The roster says: 3 people employed at the month’s end, 1 left in it." in text_of(page)
    assert page.context["form"]["headcount"].value() == 3
    # Not of the month that runs, and not of months before the rollout began here, of which leavers are unknown.
    assert page.client.get(f"{PAGE}2026-11/").context["told"] is None
    assert page.client.get(f"{PAGE}2026-05/").context["told"] is None
    assert page.client.get(f"{PAGE}2026-06/").context["told"] == (3, 0)
    keep(cast.agency, headcount=50)
    assert page.client.get(f"{PAGE}2026-10/").context["form"]["headcount"].value() == 50
    assert WorkforceMonth.objects.count() == 1  # a suggestion writes nothing


# --- Importing --------------------------------------------------------------------------------------------------


def test_a_file_is_looked_at_first_and_written_as_a_whole(cast, as_):
    keep(cast.agency)
    client = as_(cast.leader)
    answer = client.post(IMPORT, file(b"2026-09,117,1,,", b"2026-10,119,,130,2500", b"2026-08,,,1,2"))
    assert answer["Location"] == IMPORT
    page = client.get(IMPORT)
    assert "2 new, 1 changed, 0 unchanged" in text_of(page)
    assert WorkforceMonth.objects.count() == 1
    seen = page.context["preview"].seen
    assert client.post(IMPORT, {"step": "apply", "seen": seen})["Location"] == PAGE
    assert list(
        WorkforceMonth.objects.values_list("month_on", "headcount", "separations", "days_lost", "version")
    ) == [
        (date(2026, 8, 1), None, None, Decimal("1.0"), 1),
        (date(2026, 9, 1), 117, 1, None, 1),
        (OCTOBER, 119, 2, Decimal("130.0"), 2),  # an empty cell leaves what is known
    ]
    entry = AuditEntry.objects.get(verb=actions.IMPORTED)
    assert entry.after == {"file": "figures.csv", "new": 2, "changed": 1, "unchanged": 0}
    assert "no file to import" in text_of(client.post(IMPORT, {"step": "apply", "seen": seen}, follow=True))


def test_the_same_file_again_changes_nothing(cast, as_):
    client = as_(cast.leader)
    for _time in range(2):
        client.post(IMPORT, file(b"2026-09,117,1,3,100"))
        page = client.get(IMPORT)
        client.post(IMPORT, {"step": "apply", "seen": page.context["preview"].seen})
    assert "0 new, 0 changed, 1 unchanged" in text_of(page)
    assert WorkforceMonth.objects.get().version == 1
    assert AuditEntry.objects.count() == 1


def test_a_bad_last_row_writes_nothing_and_is_named(cast, as_):
    answer = as_(cast.leader).post(IMPORT, file(b"2026-08,117,1,,", b"2026-09,117,1,,", b"2026-10,=1+1,1,,"))
    assert answer.status_code == 422
    text = text_of(answer)
    assert "Nothing can be imported yet" in text
    assert "4 Headcount =1+1 A formula is not worked out here." in text
    assert "Import it" not in text
    assert not WorkforceMonth.objects.exists()


def test_a_file_that_contradicts_what_is_known_is_refused(cast, as_):
    row = keep(cast.agency)
    row.days_scheduled = Decimal("100")
    row.save()
    client = as_(cast.leader)
    client.post(IMPORT, file(b"2026-09,117,1,,", b"2026-10,,,101,"))
    page = client.get(IMPORT)
    assert "more days would be lost than scheduled (101.0 > 100.0)" in text_of(page)
    client.post(IMPORT, {"step": "apply", "seen": page.context["preview"].seen})
    assert WorkforceMonth.objects.count() == 1


def test_figures_that_changed_after_the_preview_are_not_written_over(cast, as_):
    client = as_(cast.leader)
    client.post(IMPORT, file(b"2026-10,119,,,"))
    seen = client.get(IMPORT).context["preview"].seen
    keep(cast.agency, headcount=118)
    answer = client.post(IMPORT, {"step": "apply", "seen": seen}, follow=True)
    assert "The figures changed meanwhile" in text_of(answer)
    assert WorkforceMonth.objects.get().headcount == 118
    with pytest.raises(Changed):
        actions.import_months(cast.agency, [], filename="", seen=seen, by=None, at=NOW)


def test_a_file_looked_at_for_one_agency_is_never_written_into_another(cast, as_):
    cast.other.leaders.add(cast.leader)
    client = as_(cast.leader)
    client.post(IMPORT, file(b"2026-10,119,,,"))
    seen = client.get(IMPORT).context["preview"].seen
    other = IMPORT.replace("clearwater", "harbor")
    assert "figures.csv" not in text_of(client.get(other))
    client.post(other, {"step": "apply", "seen": seen})
    assert not WorkforceMonth.objects.exists()


# --- Taking away ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_taken_away_can_be_imported_again(cast, as_, kind):
    keep(cast.agency, date(2026, 8, 1), None, 0)
    actions.save_month(
        cast.agency,
        Month(OCTOBER, 1204, 7, Decimal("12.5"), Decimal("2500")),
        version=0,
        by=cast.leader,
        at=NOW,
    )
    keep(cast.other, date(2026, 9, 1), 8192, 1)
    answer = as_(cast.leader).get(f"{PAGE}as/{kind}/")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"8192" not in content
    before = actions.months_of(cast.agency)
    WorkforceMonth.objects.filter(agency=cast.agency).delete()
    client = as_(cast.leader)
    client.post(IMPORT, {"file": SimpleUploadedFile(f"back.{kind}", content)})
    page = client.get(IMPORT)
    client.post(IMPORT, {"step": "apply", "seen": page.context["preview"].seen})
    known = [month for month in actions.months_of(cast.agency) if not month.is_empty]
    assert known == before


def test_no_other_kind_of_file_is_offered(cast, as_):
    assert as_(cast.leader).get(f"{PAGE}as/pdf/").status_code == 404


# --- The shell --------------------------------------------------------------------------------------------------


def run(*args: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_workforce", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_imports_says_what_it_did_and_writes_nothing_on_a_dry_run(cast, tmp_path):
    path = tmp_path / "figures.csv"
    path.write_bytes(HEADER + b"2026-09,117,1,,\n2026-10,118,2,,\n")
    out, _err = run("clearwater", path, "--dry-run")
    assert "2 months new, 0 changed, 0 unchanged" in out
    assert "dry run" in out
    assert not WorkforceMonth.objects.exists()
    out, _err = run("clearwater", path, "--json")
    assert json.loads(out) == {"new": 2, "changed": 0, "unchanged": 0, "applied": True, "errors": []}
    assert WorkforceMonth.objects.filter(agency=cast.agency, entered_by=None).count() == 2


@pytest.mark.parametrize(
    ("slug", "content", "reason"),
    [
        ("nowhere", HEADER, "no agency"),
        ("clearwater", b"", "empty"),
        ("clearwater", HEADER + b"2026-10,x\x1b[31m,1,,\n", "no number"),
        ("clearwater", None, "cannot be read"),
    ],
)
def test_the_command_refuses_with_the_reasons(cast, tmp_path, slug, content, reason):
    path: Path = tmp_path / "figures.csv"
    if content is not None:
        path.write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="1 thing to settle"):
        call_command("import_workforce", slug, path, stdout=out, stderr=err)
    assert reason in err.getvalue()
    assert "\x1b" not in err.getvalue()
    with pytest.raises(CommandError):
        call_command("import_workforce", slug, path, "--json", stdout=out, stderr=err)
    assert reason in json.loads(out.getvalue())["errors"][0]["reason"]
    assert not WorkforceMonth.objects.exists()


def test_the_address_of_the_page_is_where_the_menu_says(cast):
    assert reverse("rollout:workforce", args=["clearwater"]) == PAGE
