"""The rollout report: the same figures as the pages, on tagged paper, from queue and shell."""

import builtins
import io
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from pypdf import PdfReader

from assessments.models import Release
from cecert_site import glance
from cecert_site.reports import make_rollout_report, report_pdf, rollout_report
from cecert_site.rules import MAKERS
from rollout import documents
from rollout.models import Document

from .conftest import NOW, cast_of_both
from .midway import midway, staff, wave

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def on_a_saturday_in_november():
    glance.KEPT.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def reader(content):
    return PdfReader(io.BytesIO(content))


def text_of(content):
    """All words of a PDF in order, with plain spaces."""
    pages = " ".join(page.extract_text() for page in reader(content).pages)
    return re.sub(r"\s+", " ", pages.replace("\N{NO-BREAK SPACE}", " "))


def page_text(response):
    html = response.content.decode().split("<main", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " "))


def test_paper_holds_the_same_figures_as_the_pages(cast, as_):
    found = midway(cast)
    text = text_of(report_pdf(rollout_report(cast.agency, NOW)))
    browser = as_(cast.leader)
    overview = page_text(browser.get("/agencies/clearwater/"))
    for figure in ("13 of 15 people", "4 of 10", "100 %", "6 of 15 so far", "3 of 4 held"):
        assert figure in text
        assert figure in overview
    wave_page = page_text(browser.get(f"/waves/{found.baseline.uuid}/"))
    [agency, *_teams] = rollout_report(cast.agency, NOW).waves[0].scales
    for figure in (agency[1], agency[2], *agency[3:6]):
        assert figure in text
    for row in rollout_report(cast.agency, NOW).waves[0].scales:
        for figure in row[1:3]:
            assert figure in wave_page
    assert "12 of 15 invited answered every statement, response rate 80 %" in text


@pytest.fixture(scope="module")
def paper(django_db_setup, django_db_blocker, tmp_path_factory):
    """The report of an agency midway, drawn once for all who only read it: its bytes, and who is on the roster."""
    keys = tmp_path_factory.mktemp("keys")
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    files = {"ROOT_KEY_FILE": keys / "root.key", "KEY_RING_FILE": keys / "ring.json"}
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(PASSWORD_HASHERS=hashers, **files),
        time_machine.travel(NOW, tick=False),
    ):
        cast = cast_of_both()
        midway(cast, workers=6)
        content = report_pdf(rollout_report(cast.agency, NOW))
        names = [str(person) for person in cast.agency.people.all()]
        transaction.set_rollback(True)
    return SimpleNamespace(content=content, text=text_of(content), names=names)


def test_the_paper_is_tagged_has_a_title_and_a_language(paper):
    document = reader(paper.content)
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert document.metadata.title == "Rollout report: Clearwater Family Services"


def test_it_says_what_it_is_not(paper):
    text = paper.text
    assert "It claims no effect" in text
    assert "never a person’s skill" in text
    assert "withheld is not zero" in text
    assert "ProQOL.org" in text
    for word in ("caused by", "because of the training", "improved", "led to"):
        assert word not in text


def test_only_the_one_who_committed_is_named(paper):
    text = paper.text
    assert "Rosa Field, Director" in text
    assert len(paper.names) > 6
    for name in paper.names:
        assert name not in text
    assert "Clear Trainer" not in text


def test_a_withheld_wave_is_said_to_be_withheld_and_shows_no_figure(cast):
    midway(cast, workers=6)
    release = Release.objects.get()
    for row in release.figures:
        row |= {
            "n": None,
            "rate": None,
            "invited": None,
            "shown": False,
            "mean": None,
            "interval": None,
            "levels": None,
        }
    Release.objects.filter(pk=release.pk).update(figures=release.figures)
    report = rollout_report(cast.agency, NOW)
    assert (report.waves[0].shown, report.waves[0].scales, report.waves[0].teams) == (False, (), ())
    assert "Figures: withheld to protect privacy" in text_of(report_pdf(report))


def test_a_withheld_team_has_a_name_and_no_figure(cast):
    from rollout.models import Team

    small = Team.objects.create(agency=cast.agency, name="Night")
    staff(cast.agency, small, 2, prefix="Night")
    staff(cast.agency, cast.team, 9)
    wave(cast.agency, "baseline", NOW - timedelta(days=30), cast.leader, answers=14, close=True)
    rows = {row[0]: row[1:] for row in rollout_report(cast.agency, NOW).waves[0].teams}
    assert rows["Night"] == ()
    assert "Night withheld to protect privacy" in text_of(report_pdf(rollout_report(cast.agency, NOW)))


def test_the_demo_marks_its_reports(cast, settings, paper):
    midway(cast, workers=6)
    mark = "Demo: invented data"
    assert mark not in paper.text
    settings.DEMO = True
    assert mark in text_of(report_pdf(rollout_report(cast.agency, NOW)))


def test_an_agency_that_has_nothing_yet_gets_a_report_that_says_so(cast):
    cast.agency.commitments.all().delete()
    text = text_of(report_pdf(rollout_report(cast.agency, NOW)))
    for line in (
        "No leadership commitment is recorded",
        "No call is planned yet",
        "Nothing has been logged yet",
    ):
        assert line in text
    assert "No wave has been opened yet" in text
    assert "Not done yet: Leadership commitment made" in text


def test_a_report_asks_as_many_questions_for_many_people_as_for_few(cast, django_assert_num_queries):
    midway(cast, workers=6)
    for workers in (0, 30):
        staff(cast.agency, cast.team, workers, prefix="More")
        with django_assert_num_queries(20):
            rollout_report(cast.agency, NOW)


# --- The queue ----------------------------------------------------------------------------------------------------


def test_the_queue_makes_it(cast):
    midway(cast, workers=6)
    document = documents.request("rollout_report", cast.agency, by=cast.leader, at=NOW)
    assert documents.make_waiting(NOW, MAKERS) == 1
    document.refresh_from_db()
    assert document.filename == "clearwater-rollout-report-2026-11-21.pdf"
    assert "Clearwater Family Services" in text_of(bytes(document.content))


def test_without_pango_the_document_says_what_to_install(cast, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "weasyprint":
            raise OSError("libpango-1.0-0 not found")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    document = Document.objects.create(
        kind="rollout_report", agency=cast.agency, requested_by=cast.leader, requested_at=NOW
    )
    with pytest.raises(documents.CannotMakeError, match="apt-get install"):
        make_rollout_report(document)
    assert documents.make_waiting(NOW, MAKERS) == 0
    document.refresh_from_db()
    assert document.state == "failed"
    assert "Pango" in document.problem


# --- The shell ----------------------------------------------------------------------------------------------------


def test_the_command_writes_the_file(cast, tmp_path, capsys):
    midway(cast, workers=6)
    out = tmp_path / "report.pdf"
    call_command("report", "rollout", "clearwater", "--out", str(out))
    assert "Clearwater Family Services" in text_of(out.read_bytes())
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".pdf", ".part"}] == ["report.pdf"]
    assert str(out) in capsys.readouterr().out


def test_an_unknown_agency_is_one_line_with_those_there_are(cast, tmp_path):
    with pytest.raises(CommandError, match=r"no agency “nowhere”\. Known: clearwater, harbor"):
        call_command("report", "rollout", "nowhere", "--out", str(tmp_path / "r.pdf"))
    assert not (tmp_path / "r.pdf").exists()


def test_a_folder_that_is_not_there_is_one_line(cast, tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("report", "rollout", "clearwater", "--out", str(tmp_path / "no" / "r.pdf"))


def test_a_file_that_cannot_be_written_leaves_the_old_one(cast, tmp_path, monkeypatch):
    from pathlib import Path

    out = tmp_path / "r.pdf"
    out.write_bytes(b"old")

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("report", "rollout", "clearwater", "--out", str(out))
    assert out.read_bytes() == b"old"


def test_a_folder_is_no_file(cast, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("report", "rollout", "clearwater", "--out", str(tmp_path))
