"""A roster file between upload and import: taken or refused, kept, found again, written once."""

from datetime import timedelta

import pytest

from rollout import roster_actions as actions
from rollout.models import AuditEntry, RosterUpload
from rollout.refusals import Changed, Refused
from tests import shared_database as databases
from tests import test_roster_import as files
from tests import test_roster_pages as pages
from tests.shared_database import in_threads
from tests.test_roster_import import ana, ben, edit, import_text, received, run, state
from tests.test_roster_pages import ANA, apply, roster, send, sent, text_of, upload_url

from .conftest import NOW, ROSTERS
from .rosters import NOTHING

pytestmark = pytest.mark.django_db
on_saturday, leader, brook, lena = files.on_saturday, files.leader, files.brook, pages.lena
shared_database = databases.shared_database


# --- The page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7 x", "This is a PDF, not a table. Save it as .xlsx or CSV"),
        (b"a,b,c\n1,2,3\n", "No header was found"),
        (b"", "The submitted file is empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "The file is too large"),
        (b"PK\x03\x04rest", "The workbook is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(lena, brook, content, reason):
    response = send(lena, brook, content)
    assert response.status_code == 422
    assert reason in text_of(response)
    assert not RosterUpload.objects.exists()


def test_no_file_chosen_says_so(lena, brook):
    response = lena.post(upload_url(brook))
    assert response.status_code == 422
    assert "Roster file: This field is required." in text_of(response)


@pytest.mark.parametrize(
    "path", sorted(set(ROSTERS.iterdir()) - {ROSTERS / "bad.csv"}), ids=lambda path: path.name
)
def test_every_sample_goes_from_upload_to_roster(lena, brook, path):
    url = sent(lena, brook, path.read_bytes(), path.name)
    assert not brook.people.exists()
    count = len(lena.get(url).context["preview"].new)
    response = apply(lena, url)
    assert (response.status_code, response["Location"]) == (302, url)
    assert brook.people.current().count() == count > 50
    page = text_of(lena.get(url))
    assert "Imported" in page
    assert f"{count} new" in page
    assert bytes(RosterUpload.objects.get().content) == b""
    past = text_of(lena.get(upload_url(brook)))
    assert path.name in past
    assert "Lena Brook" in past
    assert "Looked at, not imported" not in past


def test_files_not_imported_yet_can_be_found_again(lena, brook):
    url = sent(lena, brook, roster(ANA), "half.csv")
    page = lena.get(upload_url(brook))
    assert "Looked at, not imported" in text_of(page)
    assert url in page.content.decode()


def test_lists_of_imports_take_the_same_queries_for_one_and_thirty(lena, brook, django_assert_num_queries):
    lena.get(upload_url(brook))
    leader = brook.leaders.get()
    for rows in (1, 29):
        for at in range(rows):
            sent(lena, brook, roster(ANA), f"waiting{at}.csv")
            AuditEntry.objects.create(
                at=NOW,
                by=leader if at % 2 else None,
                agency=brook,
                verb=actions.IMPORTED,
                subject="x",
                subject_id="1",
            )
        with django_assert_num_queries(11):
            assert lena.get(upload_url(brook)).status_code == 200


# --- Writing it ----------------------------------------------------------------------------------------------------


def digest(upload: RosterUpload) -> str:
    return actions.read_upload(upload, at=NOW).digest


def test_an_upload_is_written_once_and_then_forgotten(brook, leader):
    upload = received(brook, leader, name="clearwater.csv")
    seen = digest(upload)
    actions.apply_roster(upload, by=leader, at=NOW, seen=seen)
    after = state()
    with pytest.raises(Refused, match="imported already"):
        actions.apply_roster(upload, by=leader, at=NOW, seen=seen)
    assert state() == after
    upload.refresh_from_db()
    assert (bytes(upload.content), upload.applied_by, upload.applied_at) == (b"", leader, NOW)
    assert upload.counts == {**NOTHING, "new": 120}


def test_a_preview_that_no_longer_holds_is_refused_and_the_file_stays(brook, leader):
    import_text(brook, ana(), ben())
    upload = received(brook, leader, ana())
    seen = digest(upload)
    edit(brook.people.get(first_name="Ben"), leader, last_name="Katz-Hill")
    assert digest(upload) == seen, "who leaves is the same, whatever they are called by now"
    edit(brook.people.get(first_name="Ana"), leader, job_title="Clinician")
    before = state()
    with pytest.raises(Changed):
        actions.apply_roster(upload, by=leader, at=NOW, seen=seen)
    assert state() == before
    actions.apply_roster(upload, by=leader, at=NOW, seen=digest(upload))
    assert brook.people.get(first_name="Ana").job_title == "Caseworker"


def test_on_the_next_day_a_preview_with_leavers_has_to_be_looked_at_again(brook, leader):
    import_text(brook, ana(), ben())
    upload = received(brook, leader, ana())
    seen = digest(upload)
    with pytest.raises(Changed):
        actions.apply_roster(upload, by=leader, at=NOW + timedelta(days=1), seen=seen)
    assert brook.people.current().count() == 2


def test_errors_and_open_questions_are_refused_by_the_action_itself(brook, leader):
    upload = received(brook, leader, name="bad.csv")
    with pytest.raises(Refused, match="to correct or to confirm"):
        actions.apply_roster(upload, by=leader, at=NOW, seen=digest(upload), confirmed=True)
    run("brook", ROSTERS / "clearwater.csv")
    part = received(brook, leader, name="hr_export_semicolon_latin1.csv")
    with pytest.raises(Refused):
        actions.apply_roster(part, by=leader, at=NOW, seen=digest(part))
    assert brook.people.current().count() == 120
    actions.apply_roster(part, by=leader, at=NOW, seen=digest(part), confirmed=True)
    assert brook.people.current().count() == 78


def test_a_dropped_file_says_so(brook, leader):
    upload = received(brook, leader, ana())
    RosterUpload.objects.update(content=b"")
    with pytest.raises(Refused, match="kept for a day"):
        actions.apply_roster(upload, by=leader, at=NOW, seen="")
    upload.refresh_from_db()
    assert upload.applied_at is None


@pytest.mark.usefixtures("shared_database")
def test_two_at_the_same_moment_write_once(brook, leader):
    upload = received(brook, leader, name="clearwater.csv")
    seen = digest(upload)

    def apply() -> str:
        try:
            actions.apply_roster(RosterUpload.objects.get(pk=upload.pk), by=leader, at=NOW, seen=seen)
        except Refused as error:
            return str(error)
        return "written"

    assert sorted(in_threads(2, apply)) == ["This file has been imported already.", "written"]
    assert brook.people.count() == 120
    assert AuditEntry.objects.filter(verb=actions.IMPORTED).count() == 1


@pytest.mark.usefixtures("shared_database")
def test_two_files_at_the_same_moment_do_not_write_over_each_other(brook, leader):
    uploads = [received(brook, leader, ana()), received(brook, leader, ben())]
    seen = {upload.pk: digest(upload) for upload in uploads}
    waiting = list(uploads)

    def apply() -> str:
        upload = waiting.pop()
        try:
            actions.apply_roster(upload, by=leader, at=NOW, seen=seen[upload.pk])
        except Changed:
            return "changed"
        return "written"

    assert sorted(in_threads(2, apply)) == ["changed", "written"]
    assert brook.people.count() == 1
