"""What is kept between two requests of a survey: texts and statements' SQL, never rights and nothing of a person."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from assessments import actions
from assessments.models import Invitation, Wave
from assessments.views import frame
from cecert_site.sessions import SessionStore
from cecert_site.signed_in import Backend
from rollout import kept
from rollout.compiled import Place, Select
from rollout.models import Agency, Person, User

from .conftest import Cast
from .surveying import (
    HIGH_AVERAGE_LOW,
    LATER,
    a_wave,
    fields,
    just_signed_in,
    staff,
    text_of,
    token_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def wave(cast: Cast) -> Wave:
    """With enough people for figures."""
    staff(cast.agency, cast.team, 4)
    return a_wave(cast.agency)


def at(name: str, wave: Wave, query: str = "") -> str:
    return reverse(f"assessments:{name}", args=[wave.uuid]) + query


# --- rights are looked up for every request -------------------------------------------------------------------------


def left(cast: Cast, wave: Wave) -> None:
    Person.objects.filter(user=cast.staff).update(left_on=LATER.date())


def closed_account(cast: Cast, wave: Wave) -> None:
    User.objects.filter(pk=cast.staff.pk).update(is_active=False)


def new_password(cast: Cast, wave: Wave) -> None:
    account = User.objects.get(pk=cast.staff.pk)
    account.set_password("another-one-for-all-browsers")
    account.save()


def signed_out_elsewhere(cast: Cast, wave: Wave) -> None:
    Session.objects.all().delete()


def session_ended(cast: Cast, wave: Wave) -> None:
    Session.objects.update(expire_date=LATER)


def no_invitation(cast: Cast, wave: Wave) -> None:
    Invitation.objects.filter(person__user=cast.staff).delete()


def closed_wave(cast: Cast, wave: Wave) -> None:
    actions.close_wave(wave, by=None, at=LATER)


def last_minute(cast: Cast, wave: Wave) -> None:
    Wave.objects.update(closes_at=LATER)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (left, 404), (no_invitation, 404), (closed_account, 302), (new_password, 302), (signed_out_elsewhere, 302),
        (session_ended, 302), (closed_wave, 410), (last_minute, 410),
    ],
)  # fmt: skip
def test_whoever_may_not_answer_any_more_is_kept_out_with_the_next_click(
    cast: Cast, wave: Wave, as_: Any, change: Any, expected: int
):
    browser = as_(cast.staff)
    for address in (at("survey", wave), at("survey_answer", wave)):
        assert browser.get(address).status_code == 200
        assert browser.get(address).status_code == 200
    change(cast, wave)
    for address in (at("survey", wave), at("survey_answer", wave)):
        assert browser.get(address).status_code == expected
    assert browser.post(at("survey_answer", wave, "?page=1"), {"q1": "3"}).status_code == expected


@pytest.mark.parametrize("change", [left, closed_account])
def test_begun_by_link_it_ends_with_the_next_click_as_well(
    cast: Cast, wave: Wave, client: Client, change: Any
):
    client.post(reverse("assessments:survey_begin"), {"token": token_of(cast.staff, wave)})
    assert client.get(at("survey_answer", wave)).status_code == 200
    change(cast, wave)
    assert client.get(at("survey_answer", wave)).status_code == 302


def test_a_result_that_was_seen_is_gone_when_its_answers_are(cast: Cast, wave: Wave):
    browser = just_signed_in(Client(), cast.staff)
    browser.post(at("survey_answer", wave, "?page=all"), {**fields(HIGH_AVERAGE_LOW), "go": "finish"})
    assert "42" in text_of(browser.get(at("result", wave)))
    browser.post(at("survey_delete", wave))
    assert browser.get(at("result", wave)).status_code == 302


# --- what the page says is true now -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "change", "before", "after"),
    [
        (Wave, {"k": 6}, "at least 5 people", "at least 6 people"),
        (Wave, {"groups": {"name": "", "invited": 4, "teams": []}}, "Your agency sees", "Your agency gets no"),
        (Wave, {"closes_at": LATER + timedelta(days=40)}, "December 11, 2026", "January 1, 2027"),
        (Wave, {"label": "end"}, "Baseline survey", "End survey"),
        (Wave, {"is_tryout": False}, "scores mean nothing yet", "where the instrument’s statements belong."),
        (Agency, {"name": "Riverside"}, "Clearwater Family Services", "Riverside"),
        (Agency, {"time_zone": "Pacific/Kiritimati"}, "December 11, 2026", "December 12, 2026"),
    ],
)  # fmt: skip
def test_the_promise_is_that_of_the_wave_as_it_is_now(
    cast: Cast, wave: Wave, as_: Any, model: Any, change: Any, before: str, after: str
):
    browser = as_(cast.staff)
    assert before in text_of(browser.get(at("survey", wave)))
    model.objects.update(**change)
    page = text_of(browser.get(at("survey", wave)))
    assert after in page
    assert before not in page


def test_a_page_kept_in_one_language_is_not_shown_in_another():
    same = {"agency_name": "Clearwater", "recall_days": 30, "total": 30, "token": "of a link"}
    for language, lang in (("en", '<html lang="en"'), ("es", '<html lang="es"'), ("en", '<html lang="en"')):
        with translation.override(language):
            assert lang in kept.filled("assessments/privacy.html", same, {"csrf_token": "one"})


# --- nothing of a person is kept --------------------------------------------------------------------------------------


def test_two_people_see_the_same_page_with_their_own_in_it_and_nothing_of_the_other(cast: Cast, wave: Wave):
    one, two = just_signed_in(Client(), cast.staff), just_signed_in(Client(), cast.colleague)
    one.post(at("survey_answer", wave, "?page=1"), {f"q{n}": "5" for n in range(1, 6)})
    pages = [browser.get(at("survey_answer", wave, "?page=1")).content.decode() for browser in (one, two)]
    assert [page.count(" checked") for page in pages] == [5, 0]
    assert ["5 of 30 answered" in page for page in pages] == [True, False]
    whose = [frame.whose(a_request(person)) for person in (cast.staff, cast.colleague)]
    assert [[f'data-who="{who}"' in page for who in whose] for page in pages] == [
        [True, False],
        [False, True],
    ]


def a_request(user: User) -> Any:
    return SimpleNamespace(user=user, session={})


def test_what_pages_are_kept_for_holds_nobodys_name_answer_score_or_token(
    cast: Cast, wave: Wave, monkeypatch: pytest.MonkeyPatch
):
    kept_for: list[str] = []
    texts: list[str] = []

    def noting(template: str, same: Any, blanks: Any) -> Any:
        kept_for.append(repr(same))
        texts.extend(
            kept._pieces(template, translation.get_language(), tuple(same.items()), tuple(blanks))[::2]
        )
        return kept.filled(template, same, blanks)

    monkeypatch.setattr(frame, "filled", noting)
    browser = just_signed_in(Client(), cast.staff)
    answering = at("survey_answer", wave, "?page=all")
    browser.get(at("survey", wave))
    browser.post(at("survey_answer", wave, "?page=1"), {"q1": "5"})
    assert b" checked" in browser.get(answering).content
    browser.post(answering, {**fields(HIGH_AVERAGE_LOW), "go": "finish"})
    assert "42" in text_of(browser.get(at("result", wave)))
    everything = "".join(kept_for + texts)
    assert len(kept_for) == 3
    token, session = browser.cookies["csrf"].value, browser.cookies["session"].value
    person = cast.person(cast.staff)
    own = [cast.staff.email, cast.staff.name, str(person.uuid), frame.whose(a_request(cast.staff))]
    for one in (*own, token, session, " checked", "<b>42</b>"):
        assert one not in everything


# --- how pages with blanks are made -----------------------------------------------------------------------------------


def test_a_kept_page_reads_as_one_rendered_whole(cast: Cast, wave: Wave, monkeypatch: pytest.MonkeyPatch):
    browser = just_signed_in(Client(), cast.staff)
    browser.cookies["csrf"] = "a" * 32
    monkeypatch.setattr(frame, "get_token", lambda request: "a" * 64)
    addresses = [at("survey", wave), at("survey_answer", wave, "?page=2&x='\"><i>"), at("result", wave)]

    def pages() -> list[str]:
        found = [browser.get(address).content.decode() for address in addresses[:2]]
        browser.post(at("survey_answer", wave, "?page=all"), {**fields(HIGH_AVERAGE_LOW), "go": "finish"})
        found.append(browser.get(addresses[2]).content.decode())
        browser.post(at("survey_delete", wave))
        browser.get(at("survey", wave))  # shows its message
        return found

    as_kept = pages()
    monkeypatch.setattr(
        frame, "filled", lambda template, same, blanks: render_to_string(template, {**same, **blanks})
    )
    assert pages() == as_kept
    assert "<i>" not in as_kept[1]


def test_a_message_still_reaches_the_page(cast: Cast, wave: Wave):
    browser = just_signed_in(Client(), cast.staff)
    browser.get(at("survey", wave))
    browser.post(at("survey_answer", wave, "?page=all"), {**fields(HIGH_AVERAGE_LOW), "go": "finish"})
    browser.post(at("survey_delete", wave))
    assert "Your answers are deleted." in text_of(browser.get(at("survey", wave)))
    assert "Your answers are deleted." not in text_of(browser.get(at("survey", wave)))


def test_blanks_are_escaped_and_nobody_can_write_one_into_a_page():
    same = {
        "agency_name": "\ufdd0csrf_token\ufdd1 & more",
        "recall_days": 30,
        "total": 30,
        "token": "of a link",
    }
    blanks = {"csrf_token": "<b>\"'", "next_path": "/?a=1&b=<i>"}
    page = kept.filled("assessments/privacy.html", {**same, "request": frame.Asked("GET")}, blanks)
    assert "\ufdd0csrf_token\ufdd1 &amp; more" in page
    assert "/?a=1&amp;b=&lt;i&gt;" in page
    assert "<b>\"'" not in page


# --- statements that are compiled once ---------------------------------------------------------------------------------


def test_an_account_is_the_same_as_through_the_orm_and_none_where_there_is_none(cast: Cast):
    for user in (cast.staff, cast.admin):
        found = Backend().get_user(user.pk)
        wanted = User.objects.get(pk=user.pk)
        columns = [field.attname for field in User._meta.concrete_fields]
        assert found is not None
        assert {name: getattr(found, name) for name in columns} == {
            name: getattr(wanted, name) for name in columns
        }
        assert not found._state.adding
    assert Backend().get_user(0) is None


def test_a_session_knows_when_it_ends(db: None):
    store = SessionStore()
    store["agency"] = "clearwater"
    store.save()
    again = SessionStore(store.session_key)
    assert (again["agency"], again.ends_at) == ("clearwater", timezone.now() + timedelta(hours=10))


def test_a_statement_without_one_of_its_places_is_refused(cast: Cast):
    everybody = Select(lambda: User.objects.values_list("pk"), Place(User._meta.pk, -1))
    with pytest.raises(ValueError, match="a place of this statement"):
        everybody.first(cast.staff.pk)
