"""The practice plan: private, saved as typed, nothing lost between two windows, on paper, thrown away."""

import io

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from rollout import practice, practice_actions
from rollout.models import AuditEntry, Document, Notice, PlanShare, PracticeEntry, PracticePlan
from rollout.refusals import Changed, Refused

from .conftest import NOW

pytestmark = pytest.mark.django_db
CANARY = "bittern-2207 by the canal"
PAGE = "/practice/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def sheet(**given):
    """A whole form as the page sends it; `v_awareness=1` for its version."""
    data = dict.fromkeys(practice.PROMPTS, "") | {f"version-{code}": 0 for code in practice.PROMPTS}
    for name, value in given.items():
        name = name.replace("__", "-")
        data[f"version-{name.removeprefix('v_')}" if name.startswith("v_") else name] = value
    return data


def write(user, **texts):
    texts = {name.replace("__", "-"): text for name, text in texts.items()}
    kept = practice.entries_of(practice_actions.plan_of(user))
    versions = {code: entry.version for code, entry in kept.items()}
    return practice_actions.save_plan(user, texts, versions, at=NOW)


def test_what_is_typed_is_saved_and_the_answer_brings_the_new_version(cast, as_):
    browser = as_(cast.staff)
    answer = browser.post(PAGE, sheet(awareness="At every door"), headers=HTMX)
    assert answer.status_code == 200
    assert 'name="version-awareness" value="1"' in answer.text
    answer = browser.post(PAGE, sheet(awareness="At every door.", v_awareness=1), headers=HTMX)
    assert 'name="version-awareness" value="2"' in answer.text
    assert PracticeEntry.objects.get().text == "At every door."
    page = browser.get(PAGE).text
    assert "At every door." in page
    assert "Saved 9 a.m." in page


def test_an_empty_sheet_begins_no_plan(cast, as_):
    assert as_(cast.staff).post(PAGE, sheet(awareness="  "), headers=HTMX).status_code == 200
    assert not PracticePlan.objects.exists()


def test_without_scripts_a_button_saves_and_the_page_comes_back(cast, as_):
    answer = as_(cast.staff).post(PAGE, sheet(**{"story-why": "Because they wait"}))
    assert answer.url == PAGE
    assert PracticeEntry.objects.get().prompt == "story-why"


def test_a_prompt_that_was_not_sent_stays_as_it_is(cast, as_):
    write(cast.staff, awareness="Stays", compassion="Goes")
    as_(cast.staff).post(PAGE, {"compassion": "", "version-compassion": 1}, headers=HTMX)
    assert dict(PracticeEntry.objects.values_list("prompt", "text")) == {
        "awareness": "Stays",
        "compassion": "",
    }


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "no scripts"])
def test_a_stale_window_loses_nothing_and_shows_both_texts(cast, as_, headers):
    browser = as_(cast.staff)
    write(cast.staff, awareness="First window", compassion="Same")
    answer = browser.post(
        PAGE, sheet(awareness="Second window", compassion="Same", v_compassion=1), headers=headers
    )
    assert answer.status_code == 409
    assert "First window" in answer.text
    assert answer.text.count("Second window") == 2, "beside the other text, and in its field"
    assert 'name="version-awareness" value="1"' in answer.text, "saving once more is then a decision"
    assert PracticeEntry.objects.get(prompt="awareness").text == "First window"


def test_a_stale_window_of_a_plan_that_was_cleared_writes_nothing(cast):
    write(cast.staff, awareness="Old")
    practice_actions.clear_plan(cast.staff, at=NOW)
    with pytest.raises(Changed):
        practice_actions.save_plan(cast.staff, {"awareness": "New"}, {"awareness": 1}, at=NOW)
    assert not PracticeEntry.objects.exists()


def test_the_same_words_twice_are_no_change(cast):
    write(cast.staff, awareness="One\r\nTwo ")
    plan = practice_actions.save_plan(cast.staff, {"awareness": "One\nTwo"}, {"awareness": 0}, at=NOW)
    assert [entry.version for entry in plan.entries.all()] == [1]


def test_a_text_that_is_too_long_comes_back_whole(cast, as_):
    answer = as_(cast.staff).post(PAGE, sheet(awareness="x" * 3001), headers=HTMX)
    assert answer.status_code == 422
    assert "longer than 3000" in answer.text
    assert "x" * 3001 in answer.text
    with pytest.raises(Refused):
        write(cast.staff, awareness="x" * 3001)


def test_saving_costs_few_queries(cast, as_, django_assert_num_queries):
    browser = as_(cast.staff)
    write(cast.staff, awareness="One", compassion="Two")
    with django_assert_num_queries(
        8
    ):  # session, account, plan, entries, savepoint, write, release, entries after
        browser.post(
            PAGE, sheet(awareness="One.", v_awareness=1, compassion="Two", v_compassion=1), headers=HTMX
        )


def test_clearing_throws_away_every_word_and_every_sharing(cast, as_):
    plan = write(cast.staff, awareness=CANARY)
    PlanShare.objects.create(plan=plan, reader=cast.colleague, kind="partner", shared_at=NOW)
    answer = as_(cast.staff).post("/practice/clear/", follow=True)
    assert "Your plan is cleared" in answer.text
    assert CANARY not in answer.text
    assert not PracticePlan.objects.exists()
    assert not PlanShare.objects.exists()
    write(cast.staff, awareness=CANARY)
    assert not PracticePlan.objects.visible_to(cast.colleague).exists(), (
        "leave to read one is none to read the next"
    )


def test_the_printed_page_and_the_pdf_are_its_owners_and_kept_nowhere(cast, as_):
    write(cast.staff, awareness=CANARY, story__in="One\nTwo")
    browser = as_(cast.staff)
    assert CANARY in browser.get("/practice/print/").text
    answer = browser.get("/practice/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    reader = PdfReader(io.BytesIO(answer.content))
    text = "".join(page.extract_text() for page in reader.pages)
    assert CANARY in text
    assert "Experiential engagement" in text
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert not Document.objects.exists()
    assert as_(cast.colleague).get("/practice/pdf/").status_code == 404
    assert as_(cast.colleague).get("/practice/print/").url == PAGE


def test_no_word_of_a_plan_leaves_it(cast, as_, caplog, django_capture_on_commit_callbacks):
    """Written, refused, conflicting, shared and withdrawn: the text stands in its own row and nowhere else."""
    browser = as_(cast.staff)
    with caplog.at_level(0), django_capture_on_commit_callbacks(execute=True):
        browser.post(PAGE, sheet(awareness=CANARY), headers=HTMX)
        browser.post(PAGE, sheet(awareness=f"{CANARY}!"), headers=HTMX)
        browser.post(PAGE, sheet(awareness=CANARY * 200, v_awareness=1), headers=HTMX)
        browser.post("/practice/share/", {"supervisor": cast.supervisor.pk})
        share = PlanShare.objects.get()
        as_(cast.supervisor).get(f"/practice/shared/{share.pk}/")
        browser.post(f"/practice/share/{share.pk}/withdraw/")
    assert PracticeEntry.objects.get().text == CANARY
    trail = list(AuditEntry.objects.values())
    assert [entry["verb"] for entry in reversed(trail)] == [
        "began practice plan",
        "shared practice plan",
        "closed practice plan",
    ]
    said = repr([trail, list(Notice.objects.values()), caplog.text, [one.body for one in mail.outbox]])
    assert CANARY not in said
    assert "bittern" not in said
    assert all(entry["agency_id"] is None for entry in trail), (
        "no leader's list of an agency's changes holds it"
    )


ELSEWHERE = [
    "home",
    "overview",
    "rollout:people",
    "person",
    "documents",
    "rollout:practice",
    "rollout:practice_shared",
]


@pytest.mark.parametrize("who", ["leader", "trainer", "admin", "supervisor", "colleague", "other_leader"])
def test_nobodys_role_shows_a_plan_that_is_not_shared(cast, as_, who):
    plan = write(cast.staff, awareness=CANARY)
    browser = as_(getattr(cast, who))
    for name in ELSEWHERE:
        args = {
            "overview": [cast.agency.slug],
            "rollout:people": [cast.agency.slug],
            "documents": [cast.agency.slug],
        }
        args["person"] = [cast.person(cast.staff).uuid]
        assert CANARY not in browser.get(reverse(name, args=args.get(name, []))).text, name
    assert browser.get(f"/practice/shared/{plan.pk}/").status_code == 404
    assert not PracticePlan.objects.visible_to(getattr(cast, who)).exists()


def test_every_prompt_has_its_own_code_and_every_domain_is_asked_about():
    codes = [prompt.code for part in practice.PARTS for prompt in part.prompts]
    assert len(codes) == len(set(codes)) == 11
    assert [part.domain.code for part in practice.PARTS] == [
        "experiential_engagement",
        "reducing_rumination",
        "conscious_narrative",
        "reducing_emotional_labor",
        "parasympathetic_recovery",
    ]
