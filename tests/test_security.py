"""What holds on every page: headers, sessions, gates, and a production configuration without warnings."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.contrib.sessions.models import Session
from django.core.checks import run_checks
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse

from cecert_site.checks import every_view_has_a_gate, routes
from cecert_site.sessions import SessionStore, stored_key
from rollout.access import Role, open_to, public, signed_in

ROOT = Path(__file__).parent.parent
PAGES = [
    "/",
    "/agencies/",
    "/agencies/clearwater/",
    "/agencies/clearwater/people/",
    "/agencies/clearwater/training/",
]


def policy(response):
    """The content security policy as {directive: [sources]}."""
    header = response.headers["Content-Security-Policy"]
    return {name: sources for name, *sources in (part.split() for part in header.split(";") if part.strip())}


# --- Headers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*PAGES, "/accounts/login/", "/no-such-page/"])
def test_the_policy_allows_our_own_files_and_nothing_unsafe(cast, as_, address):
    for browser in (as_(cast.leader), Client()):
        found = policy(browser.get(address))
        assert found["default-src"] == ["'none'"]
        assert found["script-src"] == found["style-src"] == ["'self'"]
        assert found["frame-ancestors"] == ["'none'"]
        assert found["base-uri"] == ["'none'"]
        assert "unsafe" not in str(found)


@pytest.mark.parametrize("address", PAGES)
def test_pages_hold_no_inline_style_and_no_inline_script(cast, as_, address):
    html = as_(cast.leader).get(address).content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert all(tag.split(">")[0].find("src=") > 0 for tag in html.split("<script")[1:])
    assert not [word for word in (" onclick=", " onload=", " onsubmit=", "javascript:") if word in html]


@pytest.mark.parametrize("address", [*PAGES, "/no-such-page/"])
def test_pages_of_signed_in_people_are_stored_nowhere(cast, as_, address):
    response = as_(cast.leader).get(address)
    assert response.headers["Cache-Control"] == "no-store"


def test_sign_in_pages_are_stored_nowhere_either(client, cast):
    assert "no-store" in client.get("/accounts/login/").headers["Cache-Control"]


@pytest.mark.parametrize("address", PAGES)
def test_page_and_fragment_are_told_apart_in_caches(cast, as_, address):
    vary = as_(cast.leader).get(address).headers["Vary"]
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in vary.split(",")}


def test_other_headers_keep_pages_out_of_frames_and_addresses_to_ourselves(cast, as_):
    headers = as_(cast.leader).get("/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


# --- Sessions and forms -------------------------------------------------------------------------------------------


def test_an_ended_session_sends_the_whole_page_to_sign_in(cast):
    fragment = Client().get("/agencies/clearwater/people/", headers={"HX-Request": "true"})
    assert fragment.status_code == 204
    assert fragment.headers["HX-Redirect"] == "/accounts/login/?next=/agencies/clearwater/people/"
    assert fragment.content == b""


def test_a_plain_page_of_an_ended_session_redirects_as_always(cast):
    page = Client().get("/agencies/clearwater/people/")
    assert page.status_code == 302
    assert "HX-Redirect" not in page.headers


def test_other_redirects_are_left_to_htmx(cast, as_):
    answer = as_(cast.leader).post("/agencies/clearwater/report/", headers={"HX-Request": "true"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/documents/")


def test_a_stolen_table_of_sessions_opens_nothing(cast, as_):
    browser = as_(cast.leader)
    cookie = browser.cookies[site_settings.SESSION_COOKIE_NAME].value
    row = Session.objects.get()
    assert row.session_key == stored_key(cookie)
    assert cookie not in str(Session.objects.values())
    thief = Client()
    thief.cookies[site_settings.SESSION_COOKIE_NAME] = row.session_key
    assert thief.get("/agencies/").status_code == 302


def test_a_session_is_found_kept_and_deleted_under_its_hash(db):
    store = SessionStore()
    store["agency"] = "clearwater"
    store.save()
    cookie = store.session_key
    again = SessionStore(cookie)
    assert again["agency"] == "clearwater"
    again["agency"] = "harbor"
    again.save()
    assert again.session_key == cookie
    assert Session.objects.count() == 1
    assert SessionStore(cookie).exists(cookie)
    again.delete()
    assert not Session.objects.exists()
    assert SessionStore(cookie).load() == {}


def test_signing_in_gives_the_session_a_new_key(client, cast):
    client.get("/accounts/login/")
    browser = Client()
    session = browser.session
    session["before"] = 1
    session.save()
    before = browser.cookies[site_settings.SESSION_COOKIE_NAME].value
    browser.force_login(cast.leader)
    assert browser.cookies[site_settings.SESSION_COOKIE_NAME].value != before
    assert not Session.objects.filter(session_key=stored_key(before)).exists()


def test_an_account_that_was_closed_is_signed_out_at_once(cast, as_):
    browser = as_(cast.leader)
    assert browser.get("/").status_code == 200
    type(cast.leader).objects.filter(pk=cast.leader.pk).update(is_active=False)
    assert browser.get("/agencies/").status_code == 302


def test_a_form_that_was_open_too_long_is_told_so(cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.leader)
    page = browser.post("/agencies/clearwater/report/")
    assert page.status_code == 403
    assert "The form was open too long" in page.content.decode()
    assert not cast.agency.documents.exists()


def test_a_page_of_another_role_is_told_apart_from_a_stale_form(cast, as_):
    page = as_(cast.staff).get("/agencies/clearwater/people/")
    assert page.status_code == 403
    assert "belongs to another role" in page.content.decode()


# --- Gates --------------------------------------------------------------------------------------------------------


def ungated(request):
    return HttpResponse("everything")


ungated.__module__ = "rollout.views.planted"


@open_to(Role.LEADER)
def gated(request):
    return HttpResponse("some")


@signed_in
def for_everybody_signed_in(request):
    return HttpResponse("own")


@public
def for_the_world(request):
    return HttpResponse("all")


for _view in (gated, for_everybody_signed_in, for_the_world):
    _view.__module__ = "rollout.views.planted"
urlpatterns = [
    path("gated/", gated),
    path("own/", for_everybody_signed_in),
    path("world/", for_the_world),
    path("open/", ungated),
]


def test_every_view_of_the_product_has_a_gate():
    assert every_view_has_a_gate(None) == []
    assert len(list(routes())) > 40, "the walk finds the product's routes"


def test_a_planted_view_without_a_gate_is_refused(settings):
    settings.ROOT_URLCONF = __name__
    [found] = every_view_has_a_gate(None)
    assert found.id == "cecert.E001"
    assert "rollout.views.planted.ungated (open/)" in found.msg


def test_the_check_runs_with_all_others(db, settings):
    settings.ROOT_URLCONF = __name__
    assert [found.id for found in run_checks() if found.id.startswith("cecert.")] == ["cecert.E001"]


# --- Production ---------------------------------------------------------------------------------------------------


def manage(tmp_path, *arguments, **environment):
    """``manage.py`` in a process of its own, with this environment only."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=kept | {"VAR_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_check_deploy_finds_nothing_behind_https(tmp_path):
    site = {"SITE_URL": "https://rollout.agency.example", "MAIL_URL": "smtp://mail.agency.example:587"}
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **site)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_first_start_makes_a_secret_that_only_its_owner_reads(tmp_path):
    done = manage(tmp_path, "check")
    assert done.returncode == 0, done.stderr
    key = tmp_path / "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_text()) > 50


def test_a_pending_sign_in_code_cannot_be_read_in_the_table(cast):
    visitor = Client()
    visitor.post(reverse("account_request_login_code"), {"email": cast.staff.email})
    code = visitor.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"]
    kept = Session.objects.get(pk=stored_key(visitor.cookies["session"].value)).session_data
    assert code not in kept
    padded = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
    assert code.encode() not in padded


def test_a_session_from_before_a_change_of_the_secret_is_signed_out(cast, settings):
    store = SessionStore()
    store["who"] = "somebody"
    store.save()
    settings.SECRET_KEY = "another-secret-of-some-length-for-this-test"
    assert SessionStore(store.session_key).load() == {}
