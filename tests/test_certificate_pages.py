"""Pages of certificates: the agency's list, a cohort's, a person's, one's own; and the check that is open to all."""

import csv
import io
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rollout import documents
from rollout.certificate_actions import issue, reissue, revoke
from rollout.certification import new_code
from rollout.limits import Limit, give_back, line_of
from rollout.models import Certificate, Document
from rollout.views import certificate_checks
from tests import shared_database as databases
from tests.certified import certified, foundations, there
from tests.conftest import NOW, account, somebody
from tests.shared_database import in_threads

shared_database = databases.shared_database


def page_of(client: Client, name: str, *args: Any, query: str = "", status: int = 200) -> str:
    response = client.get(reverse(f"rollout:{name}", args=args) + query)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def many(cast: Any, number: int) -> None:
    """So many valid certificates in Clearwater, and one in Harbor."""
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    people = [somebody(cast.agency, None, account(f"Pat Number{n:02}")) for n in range(number)]
    there(cohort, people)
    for person in people:
        issue(person, cohort.curriculum, cohort=cohort, by=cast.leader, at=NOW)
    theirs = foundations(cast.other, cast.other_leader, cast.other_trainer)
    there(theirs, [cast.person(cast.other_staff)])
    issue(cast.person(cast.other_staff), theirs.curriculum, by=cast.other_leader, at=NOW)


@pytest.mark.parametrize("name", ["certificates", "cohort_certificates"])
def test_lists_need_the_same_queries_for_one_and_for_thirty(name, cast, as_):
    client = as_(cast.leader)
    counts = []
    for number in (1, 30):
        if number == 1:
            many(cast, 1)
            cohort = cast.agency.cohorts.get()
            address = cast.agency.slug if name == "certificates" else cohort.uuid
        else:
            people = [somebody(cast.agency, None, account(f"Lee Number{n:02}")) for n in range(29)]
            there(cohort, people)
            for person in people[:20]:
                issue(person, cohort.curriculum, cohort=cohort, by=cast.leader, at=NOW)
        page_of(client, name, address)
        with CaptureQueriesContext(connection) as queries:
            page_of(client, name, address)
        counts.append(len(queries))
    assert counts == [QUERIES[name]] * 2


QUERIES = {"certificates": 11, "cohort_certificates": 16}


def test_the_list_shows_ones_own_agency_only_and_can_be_narrowed(cast, as_):
    many(cast, 2)
    first = Certificate.objects.get(participant="Pat Number00")
    revoke(first, reason="a secret reason", by=cast.leader, at=NOW)
    client = as_(cast.trainer)
    text = page_of(client, "certificates", cast.agency.slug)
    assert "Pat Number00" in text
    assert "Pat Number01" in text
    assert "Harbor" not in text
    narrowed = page_of(client, "certificates", cast.agency.slug, query="?state=revoked")
    assert ("Pat Number00" in narrowed, "Pat Number01" in narrowed) == (True, False)
    by_code = page_of(client, "certificates", cast.agency.slug, query=f"?q={first.code[:5]}")
    assert "Pat Number00" in by_code
    none = page_of(client, "certificates", cast.agency.slug, query="?q=nobody")
    assert "No certificate fits these filters" in none


def test_the_list_as_a_file_holds_what_the_filter_leaves(cast, as_):
    many(cast, 2)
    url = reverse("rollout:certificates_export", args=[cast.agency.slug, "csv"]) + "?q=Number01"
    body = b"".join(as_(cast.leader).get(url).streaming_content).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(body, newline=""))
    found = dict(zip(head, row, strict=True))
    assert found["Participant"] == "Pat Number01"
    assert (found["Clock hours"], found["Dates attended"], found["State"]) == (
        "12.0",
        "2026-11-10, 2026-11-17",
        "Valid",
    )
    assert found["Verification code"] == Certificate.objects.get(participant="Pat Number01").code


def test_an_agency_without_certificates_is_told_what_to_do(cast, as_):
    assert "choose “Certificates”" in page_of(as_(cast.leader), "certificates", cast.agency.slug)


def test_a_trainer_has_a_cohort_certified_and_waits_for_the_document(cast, as_):
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    there(cohort, [cast.person(cast.staff), cast.person(cast.colleague)])
    client = as_(cast.trainer)
    text = page_of(client, "cohort_certificates", cohort.uuid)
    assert "Issue all 2 certificates" in text
    response = client.post(reverse("rollout:cohort_certificates", args=[cohort.uuid]))
    document = Document.objects.get()
    assert response["Location"] == reverse("document", args=[document.uuid])
    assert document.about == {"cohort": str(cohort.uuid)}
    claimed = documents.claim(NOW)
    documents.tell_progress(claimed, 40, 120, at=NOW)
    shown = client.get(response["Location"]).content.decode()
    assert "40 of 120" in shown
    assert 'value="40" max="120"' in shown
    assert "Certificates of a cohort" in shown
    Document.objects.update(state="ready", content=b"%PDF-", filename="c.pdf")
    assert client.get(reverse("document_file", args=[document.uuid])).status_code == 200


def test_a_trainer_does_not_get_the_documents_of_others(cast, as_):
    report = Document.objects.create(
        kind="rollout_report",
        agency=cast.agency,
        requested_by=cast.leader,
        requested_at=NOW,
        state="ready",
        content=b"x",
    )
    asked_elsewhere = Document.objects.create(
        kind="certificates",
        agency=cast.other,
        requested_by=cast.trainer,
        requested_at=NOW,
        state="ready",
        content=b"x",
    )
    for document in (report, asked_elsewhere):
        for name in ("document", "document_file"):
            assert as_(cast.trainer).get(reverse(name, args=[document.uuid])).status_code == 404


def test_a_certificate_is_issued_on_the_persons_page_once(cast, as_):
    cohort = foundations(cast.agency, cast.leader, cast.trainer)
    person = cast.person(cast.staff)
    there(cohort, [person])
    client, url = as_(cast.leader), reverse("rollout:person_certificates", args=[person.uuid])
    assert "Clear Staff has all hours of CE-CERT Foundations" in page_of(
        client, "person_certificates", person.uuid
    )
    client.post(url, {"curriculum": "ce-cert-foundations"})
    response = client.post(url, {"curriculum": "ce-cert-foundations"}, follow=True)
    assert "already" in response.content.decode()
    assert Certificate.objects.get().person == person
    assert client.post(url, {"curriculum": "none"}).status_code == 404


def test_a_name_is_corrected_after_before_and_after_were_shown(cast, as_):
    old = certified(cast)
    client = as_(cast.leader)
    url = reverse("rollout:certificate_reissue", args=[cast.agency.slug, old.uuid])
    nothing = client.post(url, {"participant": "Clear Staff", "language": "en"})
    assert nothing.status_code == 422
    assert "Nothing would change" in nothing.content.decode()
    response = client.post(url, {"participant": "Clear M. Staff", "language": "en"}, follow=True)
    assert "Clear M. Staff" in response.content.decode()
    assert old.code in response.content.decode()
    again = client.get(url, follow=True)
    assert "no longer in force" in again.content.decode()


def test_revoking_asks_for_a_reason(cast, as_):
    made = certified(cast)
    client, url = as_(cast.trainer), reverse("rollout:certificate_revoke", args=[cast.agency.slug, made.uuid])
    assert client.post(url, {"reason": " "}).status_code == 422
    assert Certificate.objects.get().revoked_at is None
    text = client.post(url, {"reason": "Wrong person"}, follow=True).content.decode()
    assert "Wrong person" in text
    assert "no longer in force" in client.post(url, {"reason": "Again"}, follow=True).content.decode()


# --- One's own ----------------------------------------------------------------------------------------------


@pytest.fixture
def no_drawing(monkeypatch):
    monkeypatch.setattr(
        "rollout.views.certificates.certificate_pdf", lambda found: b"%PDF of " + found.code.encode()
    )


def test_a_person_takes_their_own_certificate_and_nobody_elses(cast, as_, no_drawing):
    made = certified(cast)
    url = reverse("rollout:certificate_file", args=[made.uuid])
    got = {name: as_(user).get(url).status_code for name, user in cast.everyone().items()}
    assert {name for name, status in got.items() if status == 200} == {"admin", "leader", "trainer", "staff"}
    assert set(got.values()) == {200, 404}
    response = as_(cast.staff).get(url)
    assert (
        response["Content-Disposition"] == f'attachment; filename="certificate-clear-staff-{made.code}.pdf"'
    )
    assert url in as_(cast.staff).get(reverse("rollout:my_training")).content.decode()
    assert url not in as_(cast.colleague).get(reverse("rollout:my_training")).content.decode()
    person_page = reverse("person", args=[made.person.uuid])
    assert url in as_(cast.leader).get(person_page).content.decode()
    assert url not in as_(cast.supervisor).get(person_page).content.decode()


def test_a_certificate_that_is_no_longer_in_force_is_not_handed_out(cast, as_, no_drawing):
    made = certified(cast)
    reissue(made, participant="Other", by=cast.leader, at=NOW)
    url = reverse("rollout:certificate_file", args=[made.uuid])
    assert [as_(user).get(url).status_code for user in (cast.staff, cast.leader)] == [404, 404]
    assert url not in as_(cast.staff).get(reverse("rollout:my_training")).content.decode()


# --- Open to all --------------------------------------------------------------------------------------------


def check(code: str, client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).get(reverse("rollout:certificate_check", args=[code]), **extra)


def words(response: Any) -> str:
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_a_code_shows_what_the_certificate_says_and_not_a_word_more(cast, as_):
    cast.agency.approval_text = "Approved by X"
    cast.agency.save()
    made = certified(cast)
    seen = words(check(made.code.lower().replace("-", " ")))
    assert seen == words(check(made.code, as_(cast.nobody)))
    assert seen.split("word for word. ")[1] == (
        "What the certificate says Participant Clear Staff Title CE-CERT Foundations Dates attended Nov. 10, 2026; "
        "Nov. 17, 2026 Clock hours 12 Sponsor Clearwater Family Services Check another one"
    )
    page = check(made.code)
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex, nofollow">' in page.content.decode()
    assert "session" not in page.cookies


def test_a_replaced_code_says_so_without_leading_to_the_new_one(cast):
    old = certified(cast)
    new = reissue(old, participant="Clear Other", by=cast.leader, at=NOW)
    page = check(old.code)
    assert "This certificate was replaced" in words(page)
    assert [part for part in (new.code, "Clear Other", str(new.uuid)) if part in page.content.decode()] == []


def test_a_revoked_code_says_so_without_the_reason_or_who(cast):
    made = certified(cast)
    revoke(made, reason="Attendance was forged", by=cast.leader, at=NOW)
    page = check(made.code).content.decode()
    assert "This certificate was revoked" in page
    assert [part for part in ("forged", "Clear Leader", str(made.uuid)) if part in page] == []


def test_malformed_and_unknown_codes_get_one_answer_by_address_and_by_form(cast):
    certified(cast)
    unknown, malformed = new_code(), "nonsense"
    form = reverse("rollout:certificate_form")
    answers = [
        check(unknown),
        check(malformed),
        *(Client().get(form, {"code": one}) for one in (unknown, malformed)),
    ]
    assert {answer.status_code for answer in answers} == {404}
    bare = {words(answer) for answer in answers}
    assert len(bare) == 1
    assert answers[0]["X-Robots-Tag"] == "noindex, nofollow"


def test_the_form_finds_a_certificate_too(cast):
    made = certified(cast)
    response = Client().get(reverse("rollout:certificate_form"), {"code": f" {made.code.lower()} "})
    assert "Clear Staff" in words(response)
    assert "Type the code" in words(Client().get(reverse("rollout:certificate_form")))


def test_after_too_many_wrong_codes_an_address_gets_no_answer_not_even_a_true_one(cast, monkeypatch):
    monkeypatch.setattr(certificate_checks, "WRONG_CODES", Limit("test", tries=3, seconds=600))
    made = certified(cast)
    here, there_ = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}
    assert [check(made.code, **here).status_code for _time in range(5)] == [200] * 5, (
        "real codes do not count"
    )
    assert [check("wrong", **here).status_code for _time in range(4)] == [404, 404, 404, 429]
    refused = check(made.code, **here)
    assert refused.status_code == 429
    assert "Clear Staff" not in refused.content.decode()
    assert check(made.code, **there_).status_code == 200


# --- The limit itself -----------------------------------------------------------------------------------------


def test_a_place_given_back_can_be_taken_again(db):
    limit = Limit("test", tries=2, seconds=60)
    first, second = limit.take("192.0.2.1"), limit.take("192.0.2.1")
    assert first != second != ""
    assert limit.take("192.0.2.1") == ""
    give_back(first)
    assert limit.take("192.0.2.1") == first
    assert limit.take("192.0.2.9") != ""
    assert "192.0.2" not in first


def test_a_place_is_free_again_after_its_time(db, time_machine):
    limit = Limit("test", tries=1, seconds=60)
    time_machine.move_to(NOW, tick=False)
    assert limit.take("192.0.2.1")
    time_machine.move_to(NOW + timedelta(seconds=59), tick=False)
    assert not limit.take("192.0.2.1")
    time_machine.move_to(NOW + timedelta(seconds=62), tick=False)
    assert limit.take("192.0.2.1")


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_no_more_get_through_than_there_are_places(shared_database):
    limit = Limit("crowd", tries=4, seconds=60)
    together = threading.Barrier(8, timeout=10)

    def run() -> str:
        together.wait()
        return limit.take("192.0.2.1")

    taken = [place for place in in_threads(8, run) if place]
    assert len(taken) == len(set(taken)) <= 4
    assert len(taken) + sum(bool(limit.take("192.0.2.1")) for _time in range(4)) == 4


def test_neighbours_of_one_ipv6_line_share_its_places():
    assert line_of("2001:db8:1:2::5") == line_of("2001:db8:1:2:ffff::1") != line_of("2001:db8:1:3::5")
    assert line_of("::ffff:192.0.2.1") == line_of("192.0.2.1")
    assert line_of("unix:") == "unix:"
