"""Certificates issued, corrected and revoked; a whole cohort's in the queue, interrupted and taken up again."""

import io
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pypdf import PdfReader

from rollout import certificate_notices, certificate_papers, documents, outbox
from rollout.certificate_actions import issue, reissue, revoke
from rollout.certificate_lists import candidates, state_of
from rollout.certificate_papers import make_certificates, people_of
from rollout.models import Attendance, AuditEntry, Certificate, Document, Notice, Session, User
from rollout.refusals import Changed, Refused
from tests import shared_database as databases
from tests.certified import certified, foundations, there
from tests.conftest import NOW, somebody
from tests.outbox_parts import MINUTE, PowerCutError
from tests.shared_database import in_threads

shared_database = databases.shared_database
MAKERS = {documents.CERTIFICATES: make_certificates}


def test_a_certificate_freezes_what_was_true_on_its_day(cast):
    cast.agency.approval_text = "Approved by the Board of X, provider 12.\nNo. 7"
    cast.agency.save()
    made = certified(cast)
    person = made.person
    person.last_name = "Renamed"
    person.save()
    cast.agency.sponsor, cast.agency.approval_text = "Somebody else", ""
    cast.agency.save()
    Session.objects.update(trainer=None)
    Attendance.objects.all().delete()
    made.refresh_from_db()
    assert (made.participant, made.minutes, made.dates) == ("Clear Staff", 720, ["2026-11-10", "2026-11-17"])
    assert (made.title, made.trainers) == ("CE-CERT Foundations", ["Clear Trainer"])
    assert made.sponsor == "Clearwater Family Services"
    assert made.approval_text == "Approved by the Board of X, provider 12.\nNo. 7"
    assert state_of(made) == "valid"
    assert AuditEntry.objects.get(verb="issued").subject_id == str(made.uuid)


def test_the_sponsor_is_who_the_agency_names(cast):
    cast.agency.sponsor = "Clearwater Learning"
    cast.agency.save()
    assert certified(cast).sponsor == "Clearwater Learning"


def test_days_are_those_of_the_agencys_own_calendar(cast):
    cast.agency.time_zone = "Pacific/Auckland"
    cast.agency.save()
    assert certified(cast).dates == ["2026-11-11", "2026-11-18"]


def test_nobody_is_certified_while_hours_are_missing_or_twice(cast):
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    half, whole = cast.person(cast.colleague), cast.person(cast.staff)
    there(cohort, [half], days=[1])
    there(cohort, [whole])
    with pytest.raises(Refused, match="360 of 720"):
        issue(half, cohort.curriculum, by=cast.leader, at=NOW)
    issue(whole, cohort.curriculum, by=cast.leader, at=NOW)
    with pytest.raises(Refused, match="already"):
        issue(whole, cohort.curriculum, by=cast.leader, at=NOW)
    assert Certificate.objects.count() == 1


def test_a_certificate_is_written_in_the_language_of_who_earned_it(cast):
    User.objects.filter(pk=cast.staff.pk).update(language="es")
    assert certified(cast).language == "es"


def test_a_corrected_one_takes_the_place_of_the_old_which_says_so(cast):
    old = certified(cast)
    new = reissue(old, participant="Clear M. Staff", by=cast.trainer, at=NOW + MINUTE)
    assert (new.participant, new.replaces, new.cohort) == ("Clear M. Staff", old, old.cohort)
    assert new.code != old.code
    assert (state_of(Certificate.objects.get(pk=old.pk)), state_of(new)) == ("replaced", "valid")
    entry = AuditEntry.objects.get(verb="replaced")
    assert entry.before == {"participant": "Clear Staff"}
    assert entry.after == {"participant": "Clear M. Staff", "by": str(new.uuid)}


def test_correcting_without_a_correction_and_an_old_one_are_refused(cast):
    old = certified(cast)
    with pytest.raises(Refused, match="Nothing would change"):
        reissue(old, by=cast.leader, at=NOW)
    assert state_of(Certificate.objects.get()) == "valid"
    reissue(old, participant="Other", by=cast.leader, at=NOW)
    with pytest.raises(Changed):
        reissue(old, participant="Third", by=cast.leader, at=NOW)
    with pytest.raises(Changed):
        revoke(old, reason="too late", by=cast.leader, at=NOW)


def test_hours_that_were_taken_back_stop_a_correction_and_leave_the_certificate_in_force(cast):
    old = certified(cast)
    Attendance.objects.filter(session__day=2).delete()
    with pytest.raises(Refused, match="360 of 720"):
        reissue(old, participant="Other", by=cast.leader, at=NOW)
    assert Certificate.objects.get().revoked_at is None


def test_revoking_needs_a_reason_and_lets_a_new_one_be_issued(cast):
    made = certified(cast)
    with pytest.raises(Refused):
        revoke(made, reason="  ", by=cast.leader, at=NOW)
    revoke(made, reason="Attendance was another’s", by=cast.leader, at=NOW)
    again = Certificate.objects.get()
    assert (state_of(again), again.revoked_reason) == ("revoked", "Attendance was another’s")
    assert AuditEntry.objects.get(verb="revoked").reason == "Attendance was another’s"
    issue(made.person, made.curriculum, by=cast.leader, at=NOW)
    assert Certificate.objects.count() == 2


# --- A whole cohort -----------------------------------------------------------------------------------------


def crowd(cast: Any, number: int) -> Any:
    """A cohort in which so many have all hours, one is half through, and one is in the other agency."""
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    people = [
        somebody(
            cast.agency, None, User.objects.create_user(f"p{n}@people.example", name=f"Pat Number{n:02}")
        )
        for n in range(number)
    ]
    there(cohort, people)
    there(cohort, [cast.person(cast.colleague)], days=[1])
    other = foundations(cast.other, cast.other_leader, cast.other_trainer)
    there(other, [cast.person(cast.other_staff)])
    return cohort


def ask(cohort: Any, cast: Any, at: Any = NOW) -> Document:
    about = {"cohort": str(cohort.uuid)}
    return documents.request(
        documents.CERTIFICATES, cohort.agency, about=about, again=True, by=cast.leader, at=at
    )


@pytest.fixture
def drawn(monkeypatch: Any) -> list[int]:
    """How many pages were drawn at a time, without drawing them."""
    counts: list[int] = []
    monkeypatch.setattr(certificate_papers, "_pages", lambda found: counts.append(len(found)) or len(found))
    monkeypatch.setattr(certificate_papers, "write_pdf", lambda parts: b"%%PDF of %d" % sum(parts))
    monkeypatch.setattr(certificate_papers, "CHUNK", 3)
    return counts


def test_a_cohort_is_certified_in_the_queue_and_its_progress_is_told(cast, drawn, monkeypatch):
    cohort = crowd(cast, 7)
    told = []
    tell = certificate_papers.tell_progress
    monkeypatch.setattr(
        certificate_papers,
        "tell_progress",
        lambda *args, **more: told.append(args[1:]) or tell(*args, **more),
    )
    document = ask(cohort, cast)
    assert documents.make_waiting(NOW, MAKERS) == 1
    document.refresh_from_db()
    assert (document.state, document.done, document.total) == ("ready", 8, 8)
    assert told == [(3, 8), (6, 8), (8, 8)]
    assert bytes(document.content or b"") == b"%PDF of 7"
    assert document.filename == "certificates-spring.pdf"
    assert Certificate.objects.filter(agency=cast.agency, cohort=cohort).count() == 7
    assert not Certificate.objects.filter(agency=cast.other).exists()
    assert AuditEntry.objects.filter(verb="issued").count() == 7


def test_a_batch_that_was_cut_off_goes_on_without_certifying_anybody_twice(cast, drawn, monkeypatch):
    cohort = crowd(cast, 7)
    document = ask(cohort, cast)
    tell = certificate_papers.tell_progress

    def power_cut(*args: Any, **more: Any) -> None:
        tell(*args, **more)
        raise PowerCutError

    with monkeypatch.context() as cut:
        cut.setattr(certificate_papers, "tell_progress", power_cut)
        with pytest.raises(PowerCutError):
            documents.make_waiting(NOW, MAKERS)
    codes = set(Certificate.objects.values_list("code", flat=True))
    assert 0 < len(codes) < 7
    document.refresh_from_db()
    assert (document.state, document.done) == ("working", 3)
    later = document.claimed_at + documents.STALE + MINUTE
    Document.objects.update(requested_at=later - MINUTE)
    assert documents.make_waiting(later, MAKERS) == 1
    assert codes < set(Certificate.objects.values_list("code", flat=True))
    assert Certificate.objects.count() == 7
    assert bytes(Document.objects.get().content or b"") == b"%PDF of 7"


def test_progress_keeps_a_long_job_from_being_taken_for_dead(cast):
    document = ask(crowd(cast, 0), cast)
    claimed = documents.claim(NOW)
    assert claimed == document
    late = NOW + documents.STALE - MINUTE
    documents.tell_progress(claimed, 1, 9, at=late)
    assert documents.claim(NOW + documents.STALE + MINUTE) is None
    assert documents.claim(late + documents.STALE + MINUTE) == document
    with pytest.raises(documents.OvertakenError):
        documents.tell_progress(claimed, 2, 9, at=late)


def test_asking_again_makes_a_new_one_once_the_first_is_ready_and_not_for_another_cohort(cast, drawn):
    cohort = crowd(cast, 1)
    first = ask(cohort, cast)
    assert ask(cohort, cast) == first
    another = foundations(cast.agency, cast.leader, cast.trainer, "Autumn")
    assert ask(another, cast) != first
    documents.make_waiting(NOW, MAKERS)
    assert ask(cohort, cast, NOW + MINUTE) != first


def test_a_cohort_nobody_of_which_is_done_says_so(cast):
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    there(cohort, [cast.person(cast.staff)], days=[1])
    document = ask(cohort, cast)
    assert documents.make_waiting(NOW, MAKERS) == 0
    document.refresh_from_db()
    assert "Nobody in Spring has all hours" in document.problem


def test_a_cohort_of_another_agency_is_never_certified_by_this_document(cast):
    theirs = foundations(cast.other, cast.other_leader, cast.other_trainer)
    there(theirs, [cast.person(cast.other_staff)])
    about = {"cohort": str(theirs.uuid)}
    document = documents.request(documents.CERTIFICATES, cast.agency, about=about, by=cast.leader, at=NOW)
    documents.make_waiting(NOW, MAKERS)
    document.refresh_from_db()
    assert document.state == "failed"
    assert not Certificate.objects.exists()


def test_who_can_be_certified_is_told_apart_from_who_is_and_who_is_short(cast):
    cohort = crowd(cast, 2)
    first = cohort.members.get(last_name="Number00")
    issue(first, cohort.curriculum, by=cast.leader, at=NOW)
    lines = candidates(cohort, people_of(cohort), NOW)
    found = {str(one.person): (one.can, bool(one.certificate), one.missing) for one in lines}
    assert found == {
        "Clear Colleague": (False, False, 360),
        "Pat Number00": (False, True, 0),
        "Pat Number01": (True, False, 0),
    }


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_once_make_one_certificate(shared_database, cast):
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    person = cast.person(cast.staff)
    there(cohort, [person])
    together = threading.Barrier(3, timeout=10)

    def run() -> str:
        together.wait()
        try:
            return issue(person, cohort.curriculum, by=cast.leader, at=NOW).code
        except Refused as refusal:
            return str(refusal)

    said = in_threads(3, run)
    assert sum("already" in each for each in said) == 2
    assert Certificate.objects.get().code in said


# --- Paper --------------------------------------------------------------------------------------------------


def text_of(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def test_the_pdf_holds_every_fact_and_says_the_same_whenever_it_is_made(cast, settings):
    settings.SITE_URL = "https://rollout.agency.example"
    cast.agency.approval_text = "Approved by the Board of X, provider 12."
    cast.agency.save()
    made = certified(cast)
    content = certificate_papers.certificate_pdf(Certificate.objects.select_related("agency").get())
    reader = PdfReader(io.BytesIO(content))
    [text] = text_of(content)
    facts = (
        "Clear Staff", "CE-CERT Foundations", "12 clock hours", "Nov. 10, 2026", "Nov. 17, 2026", "Clear Trainer",
        "Clearwater Family Services", "Approved by the Board of X, provider 12.", made.code, "Issued on Nov. 21, 2026",
        "rollout.agency.example/certificates/check/",
    )  # fmt: skip
    assert [fact for fact in facts if fact not in text] == []
    catalog = reader.root_object
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == "Certificate of completion: CE-CERT Foundations"
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (792, 612)
    assert f"https://rollout.agency.example/certificates/{made.code}/" in _alternative_texts(catalog)
    Session.objects.update(trainer=None, starts_at=NOW - timedelta(days=400))
    assert text_of(certificate_papers.certificate_pdf(Certificate.objects.get())) == [text]


def _alternative_texts(catalog: Any) -> str:
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            found.append(str(node.get("/Alt", "")))
            if "/K" in node:
                walk(node["/K"])

    walk(catalog["/StructTreeRoot"]["/K"])
    return " ".join(found)


def test_a_cohorts_pdf_has_a_page_for_each_in_their_own_language_and_claims_no_approval(cast, monkeypatch):
    monkeypatch.setattr(certificate_papers, "CHUNK", 1)
    User.objects.filter(pk=cast.staff.pk).update(language="es")
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    there(cohort, [cast.person(cast.staff), cast.person(cast.colleague)])
    document = ask(cohort, cast)
    documents.make_waiting(NOW, MAKERS)
    document.refresh_from_db()
    assert document.problem == ""
    content = bytes(document.content or b"")
    pages = text_of(content)
    assert ["Clear Colleague" in pages[0], "Clear Staff" in pages[1]] == [True, True]
    assert "Nov. 10, 2026" in pages[0]
    assert "10 de noviembre" in pages[1] or "10/11/2026" in pages[1] or "nov" in pages[1]
    assert not any("pprov" in page for page in pages)
    assert PdfReader(io.BytesIO(content)).root_object["/MarkInfo"]["/Marked"]


def test_a_code_leads_to_the_check_page(cast, settings):
    settings.SITE_URL = "https://rollout.agency.example"
    made = certified(cast)
    paper = certificate_papers.paper_of(made)
    assert paper.url == f"https://rollout.agency.example/certificates/{made.code}/"
    import segno

    assert paper.qr == segno.make(paper.url, error="m").svg_data_uri(
        scale=4, border=0, dark="#1d2b29", omitsize=False
    )
    assert paper.issued_on == date(2026, 11, 21)


# --- From the shell -------------------------------------------------------------------------------------------


def test_the_command_says_first_and_then_certifies_and_repeats_nothing(cast, capsys, tmp_path, drawn):
    cohort = crowd(cast, 2)
    call_command("certificates", "clearwater", "--dry-run")
    assert "Spring: 2 new, 0 certified before, 3 people." in capsys.readouterr().out
    assert not Certificate.objects.exists()
    out = tmp_path / "all.pdf"
    call_command("certificates", "clearwater", "--cohort", "Spring", "--out", str(out))
    assert "Pat Number01" in capsys.readouterr().out
    assert Certificate.objects.filter(cohort=cohort, issued_by=cast.leader).count() == 2
    assert out.read_bytes() == b"%PDF of 2"
    call_command("certificates", "clearwater", "--by", cast.trainer.email)
    assert "Spring: 0 new, 2 certified before" in capsys.readouterr().out
    assert Certificate.objects.count() == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "Known: clearwater"),
        (["clearwater", "--cohort", "None"], "There is no cohort"),
        (["clearwater", "--by", "harbor.leader@people.example"], "does not lead or train"),
        (["clearwater", "--out", "/no/such/folder/a.pdf"], "no folder"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(cast, words, said):
    crowd(cast, 1)
    with pytest.raises(CommandError, match=said):
        call_command("certificates", *words)
    assert not Certificate.objects.exists()


# --- The notice -----------------------------------------------------------------------------------------------


def told(now: Any) -> list[Any]:
    return [draft.user for draft in outbox.dry_run(now, [certificate_notices])]


def test_a_person_is_told_once_that_a_certificate_is_there(cast):
    made = certified(cast)
    assert told(NOW) == [cast.staff]
    outbox.plan(NOW, [certificate_notices])
    outbox.plan(NOW + MINUTE, [certificate_notices])
    mail = certificate_notices.compose(Notice.objects.get(), NOW)
    assert mail is not None
    assert mail.subject == "Your certificate: CE-CERT Foundations"
    assert "/me/training/" in mail.text
    assert made.code not in mail.text
    assert told(NOW + timedelta(days=3)) == []


def test_nobody_is_told_of_a_certificate_that_is_no_longer_in_force(cast):
    made = certified(cast)
    outbox.plan(NOW, [certificate_notices])
    revoke(made, reason="wrong", by=cast.leader, at=NOW)
    assert told(NOW) == []
    assert certificate_notices.compose(Notice.objects.get(), NOW) is None


def test_who_has_left_or_cannot_sign_in_is_not_told(cast):
    made = certified(cast)
    made.person.left_on = date(2026, 11, 20)
    made.person.save()
    assert told(NOW) == []
