"""English and Spanish: who chooses, where it shows, and that nothing on a page is forgotten."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import localize
from django.utils.html import escape

from cecert_site.reports import TEMPLATE, rollout_report
from cecert_site.rules import RULES
from rollout import day_words, documents, outbox, starter
from rollout.forms.enrollment import AgencyForm
from rollout.languages import language_of
from rollout.models import Notice, User
from rollout.templatetags import ui
from tests.conftest import NOW
from tests.midway import midway
from tests.pseudo import CLOSE, OPEN, pseudo, unmarked_texts  # noqa: F401 - a fixture
from tests.test_access import TABLE
from tests.world import furnish_both

SPANISH = {"accept-language": "es-MX,es;q=0.9,en;q=0.5"}


@pytest.fixture(autouse=True)
def english_again():
    yield
    translation.activate(settings.LANGUAGE_CODE)


def lang_of(response) -> tuple[str, str]:
    """(what the page says of itself, what the header says)."""
    return re.search(r'<html lang="([^"]*)"', response.content.decode())[1], response["Content-Language"]


def choose(client: Client, language: str, **more: str):
    return client.post(reverse("language"), {"language": language, **more})


# --- Choosing -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_visitor_gets_the_browsers_language_until_they_choose_one():
    client, page = Client(), reverse("account_login")
    assert lang_of(client.get(page, headers=SPANISH)) == ("es", "es")
    assert lang_of(client.get(page, headers={"accept-language": "fr"})) == ("en", "en")
    response = choose(client, "en", next=page)
    assert (response.status_code, response["Location"]) == (302, page)
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME]["httponly"]
    assert lang_of(client.get(page, headers=SPANISH)) == ("en", "en")


@pytest.mark.django_db
def test_the_switcher_stands_on_pages_for_visitors_and_offers_the_other_language(cast, as_):
    for page in (
        Client().get(reverse("account_login")),
        Client().get("/s/no-such-token/"),
        as_(cast.staff).get("/"),
    ):
        html = page.content.decode()
        assert 'value="es" lang="es" translate="no">Español</button>' in html
        assert 'value="en"' not in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "http:///evil.example",
    ],
)
def test_choosing_never_leads_to_another_site(away):
    assert choose(Client(), "es", next=away)["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["", "xx", "es-mx\r\nSet-Cookie: a=b", "../../etc"])
def test_a_language_that_is_not_offered_changes_nothing(language, cast, as_):
    response = choose(as_(cast.staff), language)
    assert (response.status_code, response.cookies.get(settings.LANGUAGE_COOKIE_NAME)) == (302, None)
    cast.staff.refresh_from_db()
    assert cast.staff.language == ""


@pytest.mark.django_db
def test_who_is_signed_in_finds_their_choice_again_in_every_browser(cast, as_):
    choose(as_(cast.staff), "es")
    assert User.objects.exclude(language="").get() == cast.staff
    assert lang_of(as_(cast.staff).get("/")) == ("es", "es")
    assert lang_of(as_(cast.colleague).get("/")) == ("en", "en")
    other_browser = as_(cast.staff)
    choose(other_browser, "en")
    assert lang_of(other_browser.get("/", headers=SPANISH)) == ("en", "en")


@pytest.mark.django_db
def test_a_chosen_language_costs_no_query(cast, as_, django_assert_num_queries):
    plain, spanish = as_(cast.nobody), as_(cast.staff)
    User.objects.filter(pk=cast.nobody.pk).update(language="es")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as before:
        spanish.get(reverse("rollout:my_training"))
    User.objects.filter(pk=cast.staff.pk).update(language="es")
    with django_assert_num_queries(len(before)):
        assert lang_of(spanish.get(reverse("rollout:my_training"))) == ("es", "es")
    assert lang_of(plain.get("/")) == ("es", "es")


@pytest.mark.django_db
def test_caches_tell_the_languages_apart():
    vary = {name.strip() for name in Client().get(reverse("account_login"))["Vary"].split(",")}
    assert {"Accept-Language", "Cookie"} <= vary


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), [("/no-such-page/", 404), ("/s/no-such-token/", 404)])
def test_pages_of_errors_say_their_language(path, status):
    response = Client().get(path, headers=SPANISH)
    assert (response.status_code, *lang_of(response)) == (status, "es", "es")


def test_the_page_of_a_server_error_is_translated_too(pseudo):  # noqa: F811
    from django.views.defaults import server_error

    with translation.override("es"):
        html = server_error(RequestFactory().get("/")).content.decode()
    assert '<html lang="es">' in html
    assert f"{OPEN}Something broke on our side{CLOSE}" in html


# --- Dates and numbers ------------------------------------------------------------------------------------------

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("say", "english", "spanish"),
    [
        (day_words.full_day, "Thursday, December 3, 2026", "jueves, 3 de diciembre de 2026"),
        (day_words.weekday, "Thursday, December 3", "jueves, 3 de diciembre"),
        (day_words.month_day, "December 3", "3 de diciembre"),
        (day_words.short_day, "Dec. 3, 2026", "3 dic 2026"),
        (day_words.brief_day, "Dec. 3", "3 dic"),
        (day_words.month, "December 2026", "diciembre de 2026"),
        (day_words.clock, "noon", "12:00 p.m."),
        (lambda at: day_words.clock(at - timedelta(hours=3)), "9 a.m.", "9:00 a.m."),
        (lambda at: day_words.clock(at + timedelta(hours=2, minutes=3)), "2:03 p.m.", "2:03 p.m."),
        (lambda _at: localize(37.75), "37.75", "37.75"),
        (lambda _at: ui.percent(0.876), "88\N{NO-BREAK SPACE}%", "88\N{NO-BREAK SPACE}%"),
    ],
)
def test_dates_and_numbers_are_written_as_in_the_united_states(say, english, spanish):
    with translation.override("en"):
        assert say(NOON) == english
    with translation.override("es"):
        assert say(NOON) == spanish


@pytest.mark.django_db
def test_date_fields_keep_the_browsers_own_format_in_spanish(cast):
    with translation.override("es"):
        form = AgencyForm(instance=cast.agency)
        assert 'value="2026-06-01"' in str(form["starts_on"])
        assert form.fields["starts_on"].clean("2026-12-03") == form.fields["starts_on"].clean("12/03/2026")


# --- Mails and papers -------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("own", "agencys", "wanted"),
    [("", "en", "en"), ("", "es", "es"), ("en", "es", "en"), ("es", "en", "es"), ("xx", "yy", "en")],
)
def test_mails_speak_the_readers_language_else_the_agencys(own, agencys, wanted, cast):
    cast.staff.language, cast.agency.language = own, agencys
    assert language_of(cast.staff, cast.agency) == wanted


@pytest.mark.django_db
def test_each_reader_of_a_notice_gets_it_in_their_own_language(pseudo, cast):  # noqa: F811
    furnish_both(cast)
    User.objects.filter(pk=cast.staff.pk).update(language="es")
    at = timezone.now()
    outbox.plan(at, RULES)
    outbox.send_due(at, RULES)
    ours = Notice.objects.filter(agency=cast.agency, state="sent")
    assert {cast.staff.pk, cast.colleague.pk} <= set(ours.values_list("user", flat=True))
    assert {cast.staff.email, cast.colleague.email} <= {message.to[0] for message in mail.outbox}
    for message in mail.outbox:
        texts = (message.subject, message.body)
        assert all((OPEN in text) == (message.to == [cast.staff.email]) for text in texts), message.to
        if message.to == [cast.staff.email]:
            assert unmarked_texts(f"<pre>{escape(' · '.join(texts))}</pre>") == []
    assert translation.get_language() == "en"


@pytest.mark.django_db
def test_the_mailed_code_follows_the_reader_and_else_the_page(pseudo, cast):  # noqa: F811
    User.objects.filter(pk=cast.staff.pk).update(language="en")
    for who in (cast.staff, cast.colleague):
        Client().post(reverse("account_request_login_code"), {"email": who.email}, headers=SPANISH)
    marked = {message.to[0]: OPEN in message.body for message in mail.outbox}
    assert marked == {cast.staff.email: False, cast.colleague.email: True}


@pytest.mark.django_db
def test_a_document_is_made_in_the_language_in_which_it_was_asked_for(cast):
    with translation.override("es"):
        spanish = documents.request("slow", cast.agency, by=cast.leader, at=NOW)
    english = documents.request("slow", cast.agency, by=cast.leader, at=NOW)
    assert spanish.pk != english.pk
    made = {}

    def maker(document):
        made[document.pk] = translation.get_language()
        raise documents.CannotMakeError("")

    documents.make_waiting(NOW, {"slow": maker})
    assert made == {spanish.pk: "es", english.pk: "en"}


@pytest.mark.django_db
def test_the_report_holds_no_text_that_is_not_translated(pseudo, cast):  # noqa: F811
    midway(cast, workers=6)
    with translation.override("es"):
        report = rollout_report(cast.agency, NOW)
        html = render_to_string(TEMPLATE, {"report": report, "title": "", "lang": "es"})
    assert html.count(OPEN) > 50
    assert unmarked_texts(html) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "wanted"), [([], "es"), (["--language", "en"], "en"), (["--language", "es"], "es")]
)
def test_the_report_from_the_shell_is_in_the_language_asked_for_else_the_agencys(
    asked, wanted, cast, tmp_path, monkeypatch
):
    said = []
    monkeypatch.setattr(
        "cecert_site.management.commands.report.report_pdf",
        lambda report: said.append(translation.get_language()) or b"",
    )
    cast.agency.language = "es"
    cast.agency.save()
    call_command("report", "rollout", cast.agency.slug, "--out", str(tmp_path / "x.pdf"), *asked, verbosity=0)
    assert said == [wanted]


# --- Starter content --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("pseudo")
def test_a_starter_text_is_shown_in_the_readers_language_and_an_edited_one_as_it_was_written():
    text = starter.curricula()[0].modules[0].title
    assert starter.shown(text) == text
    with translation.override("es"):
        assert starter.shown(text) == f"{OPEN}{text}{CLOSE}"
        assert starter.shown(f"{text}, ours") == f"{text}, ours"
        assert starter.shown("Team") == "Team", "a word of the pages is no starter text"
        assert starter.shown("") == ""


# --- Whole pages ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["admin", "leader", "trainer", "supervisor", "staff", "visitor"])
def test_no_page_holds_a_text_that_is_not_translated(who, pseudo, cast, as_):  # noqa: F811
    ours, _theirs = furnish_both(cast)
    client = Client() if who == "visitor" else as_(getattr(cast, who))
    found, seen = {}, 0
    for name, row in TABLE.items():
        response = client.get(reverse(name, args=row.args(ours)), headers=SPANISH)
        if response.status_code in (302, 405) or "text/html" not in response["Content-Type"]:
            continue
        seen += 1
        if texts := unmarked_texts(response.content.decode()):
            found[f"{name} ({response.status_code})"] = texts
    assert found == {}
    assert seen >= (4 if who == "visitor" else 30)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        (f"<p>{OPEN}Hello{CLOSE}</p>", []),
        (f"<p>{OPEN}Hello <a>there</a> you{CLOSE}</p>", []),
        (f"<p>{OPEN}Hello</p><p>there</p>", ["there"]),
        ("<p>Clearwater Family Services · 12 %</p>", []),
        ("<p>Clearwater staff</p>", ["Clearwater staff"]),
        ('<img alt="Hello"><p translate="no">Hello</p><i lang="en">Hello</i>', ["Hello"]),
        (f"<b>{OPEN}{OPEN}a{CLOSE} of {OPEN}b{CLOSE}{CLOSE} left</b>", ["left"]),
        ("<p>What made you say yes to this?</p>", ["What made you say yes to this?"]),
    ],
)
def test_the_check_of_pages_tells_data_from_forgotten_text(html, found, cast):
    furnish_both(cast)
    assert unmarked_texts(html) == found
