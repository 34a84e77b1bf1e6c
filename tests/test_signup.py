"""Coming without an agency: no account before its address is proven, nothing said about who has one, and leaving."""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db.models import Q
from django.test import Client

from cecert_site import sign_up
from rollout import enrollment, practice_actions, self_rating
from rollout.models import AuditEntry, Module, Person, PlanShare, PracticePlan, SelfRating, User
from rollout.refusals import Refused
from rollout.training_actions import install_curricula

from .conftest import NOW, Cast, account

pytestmark = pytest.mark.django_db
ADDRESS = "sam.alone@mail.example"
CANARY = "godwit-8821 at low tide"


@pytest.fixture(autouse=True)
def open_house(settings, cast):
    settings.OPEN_SIGNUP = True
    cache.clear()


def ask(visitor: Client, address: str = ADDRESS, name: str = "Sam Alone"):
    return visitor.post("/sign-up/", {"name": name, "email": address}, follow=True)


def code() -> str:
    """The code of the newest mail: a line of its own."""
    lines = [line.strip() for line in str(mail.outbox[-1].body).splitlines()]
    return next(line for line in lines if re.fullmatch(r"[A-Z0-9-]{6,12}", line))


def newcomer() -> tuple[Client, User]:
    visitor = Client()
    ask(visitor)
    visitor.post("/sign-up/code/", {"code": code()})
    return visitor, User.objects.get(email=ADDRESS)


# --- Coming ---------------------------------------------------------------------------------------------------


def test_there_is_no_account_until_the_mailed_code_is_typed():
    visitor = Client()
    page = ask(visitor)
    assert f"We sent a mail to {ADDRESS}" in page.text
    assert not User.objects.filter(email=ADDRESS).exists()
    answer = visitor.post("/sign-up/code/", {"code": f" {code().lower().replace('-', '')} "}, follow=True)
    user = User.objects.get(email=ADDRESS)
    assert answer.wsgi_request.user == user
    assert (user.name, user.has_usable_password(), user.is_active) == ("Sam Alone", False, True)
    assert user.signed_up_at
    assert user.claimed_at
    assert "You work through the skills on your own" in answer.text


def test_wrong_codes_three_times_and_it_is_over():
    visitor = Client()
    ask(visitor)
    right = code()
    for _try in range(2):
        assert visitor.post("/sign-up/code/", {"code": "WRONG1"}).status_code == 422
    assert "no longer works" in visitor.post("/sign-up/code/", {"code": "WRONG1"}).text
    assert visitor.post("/sign-up/code/", {"code": right}).url == "/sign-up/"
    assert not User.objects.filter(email=ADDRESS).exists()


def test_a_code_is_good_for_ten_minutes_in_the_browser_that_asked():
    with time_machine.travel(NOW, tick=False) as clock:
        visitor = Client()
        ask(visitor)
        assert Client().post("/sign-up/code/", {"code": code()}).url == "/sign-up/"
        clock.shift(timedelta(minutes=10, seconds=1))
        assert visitor.post("/sign-up/code/", {"code": code()}).url == "/sign-up/"
    assert not User.objects.filter(email=ADDRESS).exists()


def test_an_address_with_an_account_gets_the_same_pages_and_another_mail(cast: Cast):
    """A colleague's address cannot be occupied, and nobody learns whether it is taken."""
    fresh, known = Client(), Client()
    pages = {}
    for visitor, address in ((fresh, ADDRESS), (known, cast.staff.email)):
        first = ask(visitor, address).text
        wrong = visitor.post("/sign-up/code/", {"code": "WRONG1"}).text
        token = re.compile(r'(name="csrfmiddlewaretoken" value=|x-csrftoken": |nonce=)"[^"]+"')
        pages[address] = [token.sub("", page.replace(address, "X")) for page in (first, wrong)]
    assert pages[ADDRESS] == pages[cast.staff.email]
    unknown_mail, known_mail = mail.outbox
    assert re.search(r"^[A-Z0-9-]{6,12}\s*$", str(unknown_mail.body), re.MULTILINE)
    assert "has an account already" in str(known_mail.body)
    assert not re.search(r"^[A-Z0-9-]{6,12}\s*$", str(known_mail.body), re.MULTILINE)
    request = SimpleNamespace(session={})
    assert not any(sign_up.proves(request, {"code": "", "tries": 0}, guess) for guess in ("", " "))
    cast.staff.refresh_from_db()
    assert cast.staff.signed_up_at is None


def test_an_address_on_a_roster_that_nobody_claimed_yet_is_not_taken_over(cast: Cast):
    waiting = enrollment.account_with("kim.new@people.example", "Kim New")
    visitor = Client()
    ask(visitor, "KIM.new@people.example", "Somebody Else")
    assert "has an account already" in str(mail.outbox[-1].body)
    waiting.refresh_from_db()
    assert (waiting.name, waiting.signed_up_at, waiting.claimed_at) == ("Kim New", None, None)


def test_a_closed_account_is_not_opened_again(cast: Cast):
    User.objects.filter(pk=cast.staff.pk).update(is_active=False)
    ask(Client(), cast.staff.email)
    assert "has an account already" in str(mail.outbox[-1].body)
    cast.staff.refresh_from_db()
    assert not cast.staff.is_active


def test_an_account_that_appears_meanwhile_is_not_overwritten():
    visitor = Client()
    ask(visitor)
    other = User.objects.create_user(ADDRESS, name="From the roster")
    assert visitor.post("/sign-up/code/", {"code": code()}).url == "/accounts/login/"
    assert User.objects.get(email=ADDRESS) == other
    assert "_auth_user_id" not in visitor.session


def test_only_a_few_mails_go_to_one_address_and_the_page_says_so():
    codes = [Client().post("/sign-up/", {"name": "Sam", "email": ADDRESS}).status_code for _n in range(7)]
    assert codes == [302] * 5 + [429] * 2
    assert len(mail.outbox) == 5


def test_where_it_is_closed_nobody_comes(settings):
    visitor = Client()
    ask(visitor)
    settings.OPEN_SIGNUP = False
    assert visitor.post("/sign-up/code/", {"code": code()}).url == "/sign-up/"
    assert "Your agency adds you from its roster" in ask(Client(), "kim@mail.example").text
    assert "Sign up on your own" not in Client().get("/accounts/login/").text
    assert len(mail.outbox) == 1
    assert not User.objects.filter(email__in=[ADDRESS, "kim@mail.example"]).exists()
    settings.OPEN_SIGNUP = True
    assert "Sign up on your own" in Client().get("/accounts/login/").text


def test_the_frameworks_own_registration_stays_closed_all_the_same():
    data = {"email": ADDRESS, "password1": "a-fresh-river-stone"}
    assert "Sign up without an agency" in Client().post("/accounts/signup/", data).text
    assert not User.objects.filter(email=ADDRESS).exists()


def test_the_first_account_of_all_is_not_made_here():
    User.objects.all().delete()
    assert Client().get("/sign-up/").url == "/setup/"


def test_it_is_open_by_itself_in_the_demo_only():
    from pathlib import Path

    text = (Path(__file__).parent.parent / "cecert_site" / "settings.py").read_text()
    assert 'OPEN_SIGNUP = env.bool("OPEN_SIGNUP", default=DEMO)' in text


# --- Being here -------------------------------------------------------------------------------------------------


def test_home_is_the_own_path_with_one_thing_to_do_next(as_):
    visitor, user = newcomer()
    page = visitor.get("/").text
    assert "Pick one skill: Experiential engagement" in page
    assert "Begin your practice plan" in page
    assert "no role" not in page
    practice_actions.save_plan(user, {"awareness": CANARY}, {}, at=NOW)
    page = visitor.get("/").text
    assert "Pick one skill: Reducing rumination" in page
    assert "1 of 11" in page
    assert CANARY not in page


def test_nothing_of_any_agency_is_open(cast: Cast):
    visitor, _user = newcomer()
    for address in ("/agencies/", "/agencies/clearwater/", "/me/training/", "/me/calls/"):
        assert visitor.get(address).status_code == 403, address
    assert visitor.get(f"/people/{cast.person(cast.staff).uuid}/").status_code == 403


# --- An agency adds them later ------------------------------------------------------------------------------------


def join(cast: Cast, name: str = "Samuel Other") -> Person:
    first, last = name.split(" ")
    person = Person(
        agency=cast.agency, team=cast.team, first_name=first, last_name=last, email=ADDRESS.upper()
    )
    return enrollment.save_person(person, by=cast.leader, at=NOW)


def test_a_roster_links_the_account_and_takes_nothing_over(cast: Cast, as_):
    _visitor, user = newcomer()
    practice_actions.save_plan(user, {"awareness": CANARY}, {}, at=NOW)
    person = join(cast)
    assert person.user == user
    person.email, person.first_name = "leader.alias@people.example", "Renamed"
    enrollment.save_person(person, by=cast.leader, at=NOW)
    user.refresh_from_db()
    assert (user.email, user.name) == (ADDRESS, "Sam Alone")
    for who in (cast.leader, cast.trainer, cast.supervisor, cast.admin):
        assert not PracticePlan.objects.visible_to(who).exists()
        assert CANARY not in as_(who).get(f"/people/{person.uuid}/").text
    assert CANARY in as_(user).get("/practice/").text


def test_leaving_the_agency_leads_back_to_the_own_path(cast: Cast, as_):
    _visitor, user = newcomer()
    practice_actions.save_plan(user, {"awareness": CANARY}, {}, at=NOW)
    person = join(cast)
    person.left_on = date(2026, 11, 20)
    enrollment.save_person(person, by=cast.leader, at=NOW)
    user.refresh_from_db()
    assert user.is_active
    assert "You work through the skills on your own" in as_(user).get("/").text
    assert CANARY in as_(user).get("/practice/").text


# --- Leaving ------------------------------------------------------------------------------------------------------


def test_one_deletes_ones_own_account_with_everything_in_it(cast: Cast):
    install_curricula()
    visitor, user = newcomer()
    practice_actions.save_plan(user, {"awareness": CANARY}, {}, at=NOW)
    practice_actions.share_with_partner(user, cast.staff.email, at=NOW)
    self_rating.rate(user, {Module.objects.all()[0]: 3}, on=NOW.date(), at=NOW)
    wrong = visitor.post("/practice/leave/", {"address": "sam@mail.example"})
    assert wrong.status_code == 422
    assert "not the address of your account" in wrong.text
    assert User.objects.filter(pk=user.pk).exists()
    done = visitor.post("/practice/leave/", {"address": ADDRESS.upper()}, follow=True)
    assert "Your account is deleted" in done.text
    assert not User.objects.filter(pk=user.pk).exists()
    assert [model.objects.count() for model in (PracticePlan, PlanShare, SelfRating)] == [0, 0, 0]
    assert visitor.get("/").url == "/accounts/login/"
    trail = AuditEntry.objects.filter(subject="rollout.User", subject_id=str(user.pk))
    assert "deleted own account" in {entry.verb for entry in trail}
    assert ADDRESS not in repr(list(trail.values()))


def test_who_belongs_to_an_agency_cannot(cast: Cast, as_):
    visitor, user = newcomer()
    join(cast)
    for browser, who in ((visitor, user), (as_(cast.staff), cast.staff), (as_(cast.nobody), cast.nobody)):
        assert "ask your program leader" in browser.get("/practice/leave/").text
        assert browser.post("/practice/leave/", {"address": who.email}).status_code == 403
        with pytest.raises(Refused):
            practice_actions.delete_account(User.objects.get(pk=who.pk), at=NOW)
        assert User.objects.filter(pk=who.pk).exists()


def test_the_place_of_a_deleted_account_on_a_roster_is_given_to_no_other_one(cast: Cast):
    """Answers and preparations hang on the entry: whoever got its sign-in would read them."""
    visitor, user = newcomer()
    practice_actions.save_plan(user, {"awareness": CANARY}, {}, at=NOW)
    person = join(cast)
    person.left_on = date(2026, 11, 20)
    enrollment.save_person(person, by=cast.leader, at=NOW)
    done = visitor.post("/practice/leave/", {"address": ADDRESS}, follow=True)
    assert "Your account is deleted" in done.text
    assert not User.objects.filter(Q(email=ADDRESS) | Q(name="Sam Alone")).exists()
    assert not PracticePlan.objects.exists()
    person.refresh_from_db()
    person.left_on, person.email = None, "leader.alias@people.example"
    enrollment.save_person(person, by=cast.leader, at=NOW)
    assert not User.objects.filter(email="leader.alias@people.example").exists()
    again = newcomer()[1]
    assert not Person.objects.filter(user=again).exists()


def test_an_account_that_records_name_stays(cast: Cast):
    """Somebody who once held a role: what they signed for keeps its author."""
    user = account("Once Leader", signed_up_at=NOW)
    cast.agency.override_by, cast.agency.override_at, cast.agency.override_reason = user, NOW, "Pilot"
    cast.agency.save()
    with pytest.raises(Refused, match="Records of an agency"):
        practice_actions.delete_account(User.objects.get(pk=user.pk), at=NOW)
    assert User.objects.filter(pk=user.pk).exists()
