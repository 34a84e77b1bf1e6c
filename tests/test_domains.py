"""What training has covered: the five domains and the areas, by person and team; hours of another agency."""

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook  # type: ignore[import-untyped]

from rollout import domains
from rollout.documents import make_waiting
from rollout.hours import hours_report
from rollout.hours_papers import MOST_NAMED, hours_pdf, make_hours_report
from rollout.ledger import open_ledger
from rollout.models import Cohort, Curriculum, Document, Person, Session
from rollout.training_actions import install_curricula
from rollout.training_record import training_record

from .conftest import NOW
from .test_hours import attend, join, plan

pytestmark = [pytest.mark.django_db]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def foundations(cast: Any) -> Cohort:
    install_curricula()
    curriculum = Curriculum.objects.get(code="ce-cert-foundations")
    return Cohort.objects.create(agency=cast.agency, curriculum=curriculum, name="Spring")


def levels(cast: Any, person: Person) -> list[str]:
    ledger = open_ledger(cast.agency, NOW, [person.pk])
    return [each.level for each in domains.person_cover(ledger, person.pk, domains.frame()).domains]


def elsewhere(cast: Any, user: Any) -> Session:
    """The same human being at Harbor, through day 1 there."""
    cohort = Cohort.objects.create(
        agency=cast.other, curriculum=Curriculum.objects.get(code="ce-cert-foundations"), name="Harbor A"
    )
    there = Person.objects.create(agency=cast.other, user=user, first_name="Clear", last_name="Staff")
    session = plan(cohort, 1, NOW - 40 * DAY)
    attend(session, there)
    return session


def test_the_first_day_covers_its_two_domains(cast, foundations):
    ana = cast.person(cast.staff)
    attend(plan(foundations, 1, NOW - 9 * DAY), ana)
    assert levels(cast, ana) == ["covered", "covered", "none", "none", "none"]


def test_a_domain_is_covered_only_with_all_its_minutes(cast, foundations):
    ana = cast.person(cast.staff)
    hand = {"override_minutes": 150, "override_reason": "court", "override_by": cast.trainer}
    attend(plan(foundations, 1, NOW - 9 * DAY), ana, **hand, override_at=NOW)
    assert levels(cast, ana) == ["partly", "none", "none", "none", "none"]


def test_a_supervisor_needs_the_supervision_module_as_well(cast, foundations):
    ana, boss = cast.person(cast.staff), cast.person(cast.supervisor)
    attend(plan(foundations, 2, NOW - 9 * DAY), ana, boss)
    assert levels(cast, ana)[4] == "covered"
    assert levels(cast, boss)[4] == "partly"
    supervision = Cohort.objects.create(
        agency=cast.agency, curriculum=Curriculum.objects.get(code="ce-cert-supervision"), name="Leads"
    )
    attend(plan(supervision, 1, NOW - 3 * DAY), boss)
    assert levels(cast, boss)[4] == "covered"


def test_teams_and_areas_count_people_of_all_people(cast, as_, foundations):
    ana = cast.person(cast.staff)
    helping = Cohort.objects.create(
        agency=cast.agency, curriculum=Curriculum.objects.get(code="helping-relationship-skills"), name="H"
    )
    session = Session.objects.create(
        cohort=helping, title="Areas", starts_at=NOW - 2 * DAY, ends_at=NOW - 2 * DAY + timedelta(hours=3)
    )
    session.modules.set(helping.curriculum.modules.filter(position__in=[2, 3]))
    attend(session, ana)
    attend(plan(foundations, 1, NOW - 9 * DAY), ana)
    Person.objects.create(agency=cast.agency, first_name="Ted", last_name="Nowhere")
    lines = domains.cover_lines(cast.agency, open_ledger(cast.agency, NOW))
    areas = domains.area_shares(lines)
    assert [(each.covered, each.people) for each in areas[:4]] == [(0, 4), (1, 4), (1, 4), (0, 4)]
    browser = as_(cast.leader)
    page = browser.get("/agencies/clearwater/coverage/").content.decode()
    assert "1 of 3" in page
    assert "Without a team" in page
    page = browser.get(f"/agencies/clearwater/coverage/?team={cast.team.pk}").content.decode()
    assert "Staff, Clear" in page
    assert "Nowhere" not in page
    sheet = b"".join(browser.get("/agencies/clearwater/coverage.xlsx").streaming_content)
    head, *rows = load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True)
    [mine] = [row for row in rows if row[0] == "Staff, Clear"]
    assert len(head) == 2 + 5 + 15 == len(mine)
    assert mine[2:4] == (120, 120)
    assert mine[7:11] == (0, 60, 60, 0)
    foreign = f"/agencies/clearwater/coverage/?team={cast.other_team.pk}"
    assert "Harbor" not in browser.get(foreign).content.decode().split("<main", 1)[1]


def test_hours_of_another_agency_count_with_their_source_on_every_page(cast, as_, foundations):
    ana = cast.person(cast.staff)
    elsewhere(cast, cast.staff)
    attend(plan(foundations, 1, NOW - 9 * DAY), ana)  # the same day once more here: counts once
    record = training_record(ana, NOW)
    assert record.hours.credited_minutes == 360
    [line] = record.elsewhere
    assert (line.brought.agency, line.counted_minutes) == ("Harbor Clinic", 360)
    assert [one.counted_minutes for one in record.past] == [0]
    [row] = hours_report(cast.agency, NOW, words="clear staff").lines
    assert (row.hours.credited_minutes, row.brought_minutes) == (360, 0)
    Session.objects.filter(cohort=foundations).delete()
    [row] = hours_report(cast.agency, NOW, words="clear staff").lines
    assert (row.hours.credited_minutes, row.brought_minutes) == (360, 360)
    for user, url in ((cast.staff, "/me/training/"), (cast.leader, f"/people/{ana.uuid}/")):
        page = as_(user).get(url).content.decode()
        assert "With another agency" in page
        assert "Harbor Clinic" in page
    assert (
        "6 h of these with another agency"
        in as_(cast.leader).get("/agencies/clearwater/hours/").content.decode()
    )


def test_hours_of_somebody_of_the_same_name_or_without_an_account_stay_where_they_are(cast, foundations):
    ana = cast.person(cast.staff)
    elsewhere(cast, cast.nobody)
    Person.objects.filter(pk=ana.pk).update(user=None)
    assert hours_report(cast.agency, NOW, words="clear staff").lines[0].hours.credited_minutes == 0
    # And nothing of Clearwater's people reaches Harbor's list.
    assert [line.hours.credited_minutes for line in hours_report(cast.other, NOW, words="clear").lines] == [
        360
    ]


def test_the_hours_report_is_made_by_the_queue(cast, as_, foundations):
    attend(plan(foundations, 1, NOW - 9 * DAY), cast.person(cast.staff))
    response = as_(cast.trainer).post("/agencies/clearwater/hours/paper/")
    document = Document.objects.get(kind="hours", requested_by=cast.trainer)
    assert response["Location"] == f"/documents/{document.uuid}/"
    assert make_waiting(NOW, {"hours": make_hours_report}) == 1
    document.refresh_from_db()
    assert document.filename == "clearwater-hours-2026-11-21.pdf"
    assert bytes(document.content or b"").startswith(b"%PDF-")


def test_a_very_long_paper_leaves_the_names_to_the_spreadsheet(cast, foundations, monkeypatch):
    monkeypatch.setattr("rollout.hours_papers.MOST_NAMED", 2)
    made = {}
    monkeypatch.setattr(
        "rollout.hours_papers.render_pdf", lambda name, context, lang: made.update(context) or b""
    )
    hours_pdf(hours_report(cast.agency, NOW))
    assert (made["names"], MOST_NAMED) == (False, 600)


def test_a_supervisor_sees_the_hours_of_their_team_at_home(cast, as_, foundations):
    attend(plan(foundations, 1, NOW - 9 * DAY), cast.person(cast.staff))
    join(foundations, cast.person(cast.staff))
    page = as_(cast.supervisor).get("/").content.decode()
    assert "Clear Staff" in page
    assert "6 h of 12 h" in page
