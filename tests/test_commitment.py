"""The leadership commitment: a year long, signed on paper, and training stays closed without it."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse

from cecert_site.reports import rollout_report
from rollout import commitment_actions as actions
from rollout.agenda import slips
from rollout.commitment import MAX_PAPER, Validity, held, is_pdf, last_day, paper_name
from rollout.models import AuditEntry, Commitment, CommitmentPaper, Curriculum, Session
from rollout.refusals import Refused
from rollout.training_actions import create_cohort, install_curricula, save_session

from .conftest import COMMITTED_ON, NOW, Cast, commit
from .test_roster_pages import text_of

TODAY = date(2026, 11, 21)
PDF = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


@pytest.fixture(autouse=True)
def on_saturday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def url(name: str, *args: Any) -> str:
    return reverse(f"rollout:{name}", args=args)


PAGE = "/agencies/clearwater/commitment/"


def promise(**changes: Any) -> dict[str, Any]:
    values = {
        "name": "Ms. Oak",
        "title": "Director",
        "made_on": "2026-11-20",
        "training_time": "on",
    } | changes
    return {name: value for name, value in values.items() if value is not None}


def paper(content: bytes = PDF, name: str = "signed.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def without_commitment(cast: Cast) -> None:
    Commitment.objects.filter(agency=cast.agency).delete()


def a_session(cast: Cast) -> Session:
    install_curricula()
    cohort = create_cohort(cast.agency, Curriculum.objects.order_by("pk")[0], "Fall", by=cast.leader, at=NOW)
    start = NOW + timedelta(days=20)
    return Session(cohort=cohort, title="Day 1", starts_at=start, ends_at=start + timedelta(hours=7))


# --- How long it holds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "validity"),
    [
        (date(2026, 3, 10), Validity.VALID),
        (date(2027, 2, 6), Validity.VALID),
        (date(2027, 2, 7), Validity.ENDING),
        (date(2027, 3, 9), Validity.ENDING),
        (date(2027, 3, 10), Validity.EXPIRED),
        (date(2030, 1, 1), Validity.EXPIRED),
    ],
)
def test_a_commitment_holds_a_year_and_wants_renewal_in_its_last_thirty_days(today, validity):
    assert held(date(2026, 3, 10), today).validity == validity


@pytest.mark.parametrize(
    ("made_on", "until_on"),
    [
        (date(2026, 3, 10), date(2027, 3, 9)),
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2027, 3, 1), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2028, 3, 1), date(2029, 2, 28)),
    ],
)
def test_its_last_day_is_the_one_before_the_anniversary(made_on, until_on):
    assert last_day(made_on) == until_on


def test_nobody_has_ever_committed():
    assert held(None, TODAY).validity == Validity.NONE


# --- The paper --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (PDF, True),
        (PDF + b"\n" * 500, True),
        (b"", False),
        (b"PK\x03\x04" + PDF, False),
        (b"<html>%PDF-1.4 %%EOF", False),
        (b"%PDF-1.4 cut off in the middle", False),
        (PDF + b"x" * 3000, False),
        (b"GIF89a %%EOF", False),
    ],
)
def test_what_is_no_pdf_is_told_by_its_bytes(content, counts):
    assert is_pdf(content) is counts


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("signed.pdf", "signed.pdf"),
        ("C:\\fakepath\\signed.PDF", "signed.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("page.pdf.exe", "page.pdf.exe.pdf"),
        ('a"; filename="b.html', "a; filename=b.html.pdf"),
        ("a\r\nSet-Cookie: x\u202e.pdf", "aSet-Cookie: x.pdf"),
        (".pdf", "commitment.pdf"),
        ("", "commitment.pdf"),
    ],
)
def test_the_name_of_a_paper_can_do_no_harm(name, kept):
    assert paper_name(name) == kept


def test_a_name_is_never_longer_than_its_column():
    assert len(paper_name("ä" * 400 + ".pdf")) <= 200


@pytest.mark.django_db
def test_a_signed_page_is_kept_and_comes_back_as_a_file_that_nothing_opens_or_keeps(cast, as_):
    client = as_(cast.leader)
    assert client.post(PAGE, promise(paper=paper(name="Signed page.pdf"))).status_code == 302
    made = Commitment.objects.get(name="Ms. Oak")
    answer = client.get(url("commitment_paper", "clearwater", made.pk))
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Signed page.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert url("commitment_paper", "clearwater", made.pk) in client.get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "reason"), [(b"GIF89a", "not a PDF"), (PDF[:-7] + b"x" * MAX_PAPER + b"%%EOF", "too large")]
)
def test_a_page_that_is_no_pdf_or_too_large_writes_nothing_at_all(cast, as_, content, reason):
    answer = as_(cast.leader).post(PAGE, promise(paper=paper(content)))
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert not Commitment.objects.filter(name="Ms. Oak").exists()
    made = cast.agency.commitments.get()
    with pytest.raises(Refused, match=reason):
        actions.keep_paper(made, "x.pdf", content, by=cast.leader, at=NOW)
    assert not CommitmentPaper.objects.exists()


@pytest.mark.django_db
def test_a_paper_is_for_those_who_run_this_agency_alone(cast, as_):
    made = cast.agency.commitments.get()
    actions.keep_paper(made, "x.pdf", PDF, by=cast.leader, at=NOW)
    address = url("commitment_paper", "clearwater", made.pk)
    assert as_(cast.admin).get(address).content == PDF
    for who, status in (("trainer", 403), ("supervisor", 403), ("staff", 403), ("other_leader", 404)):
        assert as_(getattr(cast, who)).get(address).status_code == status
    # Somebody else's paper under one's own agency's address is nobody's.
    assert as_(cast.other_leader).get(url("commitment_paper", "harbor", made.pk)).status_code == 404
    assert as_(cast.leader).get(url("commitment_paper", "clearwater", 10**40)).status_code == 404


@pytest.mark.django_db
def test_a_second_upload_replaces_the_first_and_says_so(cast):
    made = cast.agency.commitments.get()
    for name in ("one.pdf", "two.pdf"):
        actions.keep_paper(made, name, PDF, by=cast.leader, at=NOW)
    assert CommitmentPaper.objects.get().filename == "two.pdf"
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["added signed page", "replaced signed page"]


@pytest.mark.django_db
def test_the_page_to_sign_is_a_tagged_pdf_with_the_four_promises(cast, as_):
    answer = as_(cast.leader).get(url("commitment_blank", "clearwater"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="clearwater-commitment.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert is_pdf(answer.content)
    from .test_report import text_of as text_of_pdf

    text = text_of_pdf(answer.content)
    for line in (
        "Clearwater Family Services",
        "Time for training",
        "Calls protected in calendars",
        "Signature",
    ):
        assert line in text


# --- Making, correcting, renewing -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_commitment_is_corrected_and_followed_by_the_next_and_all_stay_on_record(cast, as_):
    client = as_(cast.leader)
    client.post(PAGE, promise(name="Dr. Vale", made_on=COMMITTED_ON.isoformat(), title="Executive director"))
    assert list(Commitment.objects.filter(agency=cast.agency).values_list("title", flat=True)) == [
        "Executive director"
    ]
    client.post(PAGE, promise())
    assert list(cast.agency.commitments.values_list("name", "made_on")) == [
        ("Ms. Oak", date(2026, 11, 20)),
        ("Dr. Vale", COMMITTED_ON),
    ]
    page = text_of(client.get(PAGE))
    assert "Made by Ms. Oak, Director, on Nov. 20, 2026. It holds until Nov. 19, 2027." in page
    assert "Dr. Vale, Executive director" in page
    assert Commitment.objects.filter(agency=cast.other).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": ""}, "required"),
        ({"made_on": "2026-11-22"}, "Not a day to come"),
        ({"made_on": "soon"}, "valid date"),
        ({"training_time": None}, "at least one of the four"),
    ],
)
def test_a_commitment_that_says_too_little_is_refused(cast, as_, changes, reason):
    answer = as_(cast.leader).post(PAGE, promise(**changes))
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert cast.agency.commitments.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("made_on", "fact"),
    [
        (date(2026, 3, 1), None),
        (date(2025, 12, 10), "The leadership commitment ends on Dec. 9, 2026"),
        (date(2025, 11, 1), "The leadership commitment has expired: it held until Oct. 31, 2026"),
        (None, "Leadership has not committed yet"),
    ],
)
def test_what_slips_asks_for_a_renewal_in_time(cast, made_on, fact):
    without_commitment(cast)
    install_curricula()
    create_cohort(cast.agency, Curriculum.objects.order_by("pk")[0], "Fall", by=cast.leader, at=NOW)
    if made_on:
        commit(cast.agency, made_on)
    found = [todo for todo in slips(cast.agency, NOW) if "ommitment" in todo.fact or "committed" in todo.fact]
    assert [todo.fact for todo in found] == ([fact] if fact else [])
    assert all(todo.url.startswith(PAGE) for todo in found)


@pytest.mark.django_db
def test_an_expired_commitment_says_so_and_is_renewed_from_its_own_words(cast, as_):
    without_commitment(cast)
    commit(cast.agency, date(2025, 11, 1))
    page = as_(cast.leader).get(PAGE)
    text = text_of(page)
    assert "expired" in text
    assert "It held until Oct. 31, 2026." in text
    body = page.content.decode()
    assert 'value="2026-11-21"' in body
    assert 'value="Dr. Vale"' in body


# --- The gate ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_session_can_be_planned_before_leadership_has_committed(cast):
    without_commitment(cast)
    session = a_session(cast)
    with pytest.raises(actions.NotCommitted, match="makes an exception"):
        save_session(session, [], by=cast.trainer, at=NOW)
    assert not Session.objects.exists()
    commit(
        cast.agency, date(2019, 1, 1)
    )  # run out long ago: leadership has committed, and is asked again elsewhere
    save_session(session, [], by=cast.trainer, at=NOW)
    without_commitment(cast)
    session.title = "Day one"
    save_session(session, [], by=cast.trainer, at=NOW)  # what is planned can still be changed


@pytest.mark.django_db
def test_another_agencys_commitment_opens_nothing_here(cast):
    without_commitment(cast)
    assert cast.other.commitments.exists()
    with pytest.raises(actions.NotCommitted):
        save_session(a_session(cast), [], by=cast.leader, at=NOW)


@pytest.mark.django_db
def test_the_form_says_it_before_anything_is_typed_with_the_way_out_for_whoever_has_it(cast, as_):
    without_commitment(cast)
    cohort = a_session(cast).cohort
    address = url("session_new", cohort.uuid)
    assert PAGE in as_(cast.leader).get(address).content.decode()
    page = as_(cast.trainer).get(address)
    assert "Ask the program leader" in text_of(page)
    assert PAGE not in page.content.decode()
    commit(cast.agency)
    assert "Leadership has not committed" not in text_of(as_(cast.trainer).get(address))


@pytest.mark.django_db
def test_an_exception_with_a_reason_opens_training_is_shown_and_can_be_withdrawn(cast, as_):
    without_commitment(cast)
    client, address = as_(cast.leader), url("commitment_exception", "clearwater")
    assert client.post(address, {"reason": "  "}).status_code == 422
    assert client.post(address, {"reason": "The board meets in January"}).status_code == 302
    cast.agency.refresh_from_db()
    assert (cast.agency.override_reason, cast.agency.override_by) == (
        "The board meets in January",
        cast.leader,
    )
    save_session(a_session(cast), [], by=cast.trainer, at=NOW)
    for shown in (PAGE, reverse("overview", args=["clearwater"]), reverse("home")):
        text = text_of(client.get(shown))
        assert "The board meets in January (Clear Leader, Nov. 21, 2026)" in text, shown
    assert rollout_report(cast.agency, NOW).exception == "The board meets in January (Clear Leader)"
    assert client.post(address, {"withdraw": "1"}).status_code == 302
    cast.agency.refresh_from_db()
    assert (cast.agency.override_reason, cast.agency.override_by, cast.agency.override_at) == ("", None, None)
    assert not actions.is_open(cast.agency)
    verbs = AuditEntry.objects.filter(subject="rollout.Agency").order_by("pk").values_list("verb", "reason")
    assert list(verbs) == [
        ("opened training without commitment", "The board meets in January"),
        ("withdrew exception", ""),
    ]


@pytest.mark.django_db
def test_a_commitment_ends_the_exception(cast):
    without_commitment(cast)
    actions.make_exception(cast.agency, "Soon", by=cast.admin, at=NOW)
    made = Commitment(agency=cast.agency, name="Ms. Oak", title="Director", made_on=TODAY, training_time=True)
    actions.make_commitment(made, by=cast.leader, at=NOW)
    cast.agency.refresh_from_db()
    assert cast.agency.override_at is None
    assert actions.is_open(cast.agency)
    with pytest.raises(Refused, match="open without an exception"):
        actions.make_exception(cast.agency, "Again", by=cast.admin, at=NOW)


@pytest.mark.django_db
def test_only_those_who_run_the_agency_make_an_exception(cast, as_):
    without_commitment(cast)
    for who, status in (("trainer", 403), ("supervisor", 403), ("staff", 403), ("other_leader", 404)):
        answer = as_(getattr(cast, who)).post(
            url("commitment_exception", "clearwater"), {"reason": "Because"}
        )
        assert answer.status_code == status
    assert not actions.is_open(cast.agency)


@pytest.mark.django_db
def test_the_database_keeps_reason_author_and_time_together(cast):
    cast.agency.override_reason = "Nobody said so"
    with pytest.raises(IntegrityError):
        cast.agency.save()
