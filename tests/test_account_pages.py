"""Signing in, and one's own password: our pages and our words, and no note that outlives its page."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.urls import reverse

from .conftest import Cast

pytestmark = pytest.mark.django_db
PASSWORD = "a-fresh-river-stone"


def ask_for_a_code(visitor: Client, address: str) -> Any:
    return visitor.post(reverse("account_request_login_code"), {"email": address}, follow=True)


def pending_code(visitor: Client) -> str:
    return visitor.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"]


def mailed_link() -> str:
    found = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def notes(response: Any) -> list[str]:
    return [str(note) for note in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("page", ["account_login", "account_request_login_code", "account_reset_password"])
def test_the_address_is_called_e_mail_and_a_slip_is_said_at_the_field(page: str):
    text = Client().get(reverse(page)).text
    assert ">E-mail</label>" in text
    assert not re.search(r"\bEmail\b", text)
    wrong = Client().post(reverse(page), {"login": "nobody@", "email": "nobody@", "password": "x"}).text
    assert 'aria-invalid="true"' in wrong
    assert 'value="nobody@"' in wrong
    assert not re.search(r"\bEmail\b", wrong)


def test_the_code_page_says_where_the_code_went_and_for_how_long(cast: Cast):
    response = ask_for_a_code(Client(), cast.staff.email)
    assert f"We mailed it to {cast.staff.email}. It works once, for ten minutes." in response.text
    assert "Enter Sign-In Code" not in response.text
    assert notes(response) == []


def test_an_unknown_address_gets_the_same_page(cast: Cast):
    known = ask_for_a_code(Client(), cast.staff.email).text
    unknown = ask_for_a_code(Client(), "nobody.here@people.example").text
    assert "Type the code" in known
    token = re.compile(r'(name="csrfmiddlewaretoken" value=|x-csrftoken": |nonce=)"[^"]+"')
    assert token.sub("", known.replace(cast.staff.email, "X")) == token.sub(
        "", unknown.replace("nobody.here@people.example", "X")
    )


def test_the_right_code_signs_in_without_a_note_on_the_next_page(cast: Cast):
    visitor = Client()
    ask_for_a_code(visitor, cast.staff.email)
    confirm = reverse("account_confirm_login_code")
    assert "aria-invalid" in visitor.post(confirm, {"code": "nonsense"}).text
    response = visitor.post(confirm, {"code": pending_code(visitor)}, follow=True)
    assert response.wsgi_request.user == cast.staff
    assert "Successfully" not in response.text
    assert notes(response) == []


def test_whoever_leaves_the_code_page_is_back_at_sign_in_and_the_code_is_void(cast: Cast):
    visitor = Client()
    ask_for_a_code(visitor, cast.staff.email)
    code = pending_code(visitor)
    response = visitor.post(reverse("account_logout"), {"next": reverse("account_login")})
    assert response.url == reverse("account_login")
    visitor.post(reverse("account_confirm_login_code"), {"code": code})
    assert "_auth_user_id" not in visitor.session


def test_a_forgotten_password_is_replaced_by_a_mailed_link_that_works_once(cast: Cast):
    visitor = Client()
    sent = visitor.post(reverse("account_reset_password"), {"email": cast.staff.email}, follow=True)
    assert "Look in your mail" in sent.text
    assert "contact us" not in sent.text
    link = mailed_link()
    form = visitor.get(link, follow=True)
    assert "Choose a new password" in form.text
    wrong = visitor.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": "other"})
    assert 'aria-invalid="true"' in wrong.text
    done = visitor.post(
        form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD}, follow=True
    )
    assert "Your new password is set" in done.text
    cast.staff.refresh_from_db()
    assert cast.staff.check_password(PASSWORD)
    again = Client().get(link, follow=True).text
    assert "This link no longer works" in again
    assert "Bad Token" not in again


def test_one_changes_ones_own_password(cast: Cast):
    cast.staff.set_password("the-old-river-stone")
    cast.staff.save()
    browser = Client()
    browser.force_login(cast.staff)
    page = reverse("account_change_password")
    assert "Change your password" in browser.get(page).text
    browser.post(page, {"oldpassword": "the-old-river-stone", "password1": PASSWORD, "password2": PASSWORD})
    cast.staff.refresh_from_db()
    assert cast.staff.check_password(PASSWORD)


def test_who_has_no_password_yet_chooses_one(cast: Cast):
    cast.staff.set_unusable_password()
    cast.staff.save()
    browser = Client()
    browser.force_login(cast.staff)
    response = browser.get(reverse("account_change_password"), follow=True)
    assert "Choose a password" in response.text
    browser.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})
    cast.staff.refresh_from_db()
    assert cast.staff.check_password(PASSWORD)


def test_nobody_signs_up(cast: Cast):
    assert "Your agency adds you from its roster" in Client().get(reverse("account_signup")).text


def test_nobody_adds_addresses_to_their_account(cast: Cast):
    browser = Client()
    browser.force_login(cast.staff)
    answer = browser.post("/accounts/email/", {"action_add": "", "email": cast.colleague.email})
    assert answer.status_code == 404
    assert not EmailAddress.objects.filter(email=cast.colleague.email, user=cast.staff).exists()
