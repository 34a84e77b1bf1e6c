"""What becomes of accounts when a roster changes: who follows it, who never does, who may still sign in."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from rollout import enrollment
from rollout.models import Agency, AuditEntry, Person, User
from tests import test_roster_import as files
from tests.test_roster_import import ana, ben, edit, import_text

from .conftest import NOW
from .rosters import HEADER

pytestmark = pytest.mark.django_db
on_saturday, leader, brook = files.on_saturday, files.leader, files.brook
TODAY = date(2026, 11, 21)
CLAIMED = datetime(2026, 10, 1, tzinfo=UTC)


def by_file(person: Person, by: User, email: str) -> None:
    """The same change through a file, in which the person is recognized by employee number."""
    number = f"{HEADER},employee number"
    line = f"{person.first_name},{person.last_name},{email},{person.job_title},{person.team.name},,2024-01-31"
    import_text(person.agency, f"{line},{person.employee_number}", header=number, confirmed=True)


def by_hand(person: Person, by: User, email: str) -> None:
    edit(person, by, email=email)


Way = Callable[[Person, User, str], None]


@pytest.fixture
def anas(brook: Agency) -> Person:
    import_text(brook, ana() + ",7", header=f"{HEADER},employee number")
    return brook.people.get()


@pytest.mark.parametrize("way", [by_file, by_hand])
def test_a_claimed_account_never_moves_to_the_address_a_leader_puts_on_the_roster(anas, leader, way: Way):
    User.objects.filter(pk=anas.user_id).update(claimed_at=CLAIMED)
    way(anas, leader, "leader.alias@x.example")
    anas.refresh_from_db()
    assert anas.email == "leader.alias@x.example"
    assert anas.user.email == "ana@x.example"
    assert not User.objects.filter(email="leader.alias@x.example").exists()


@pytest.mark.parametrize("way", [by_file, by_hand])
def test_an_account_nobody_came_into_yet_follows_the_roster(anas, leader, way: Way):
    way(anas, leader, "ana.lopez@x.example")
    assert User.objects.get(pk=anas.user_id).email == "ana.lopez@x.example"


def test_a_code_that_went_to_the_old_address_opens_nothing_once_the_roster_moved_the_account(anas, leader):
    """Or whoever edits rosters could sign up at a mailbox of theirs and end up owning somebody else's address."""
    cache.clear()
    visitor = Client()
    visitor.post("/accounts/login/code/", {"email": "ana@x.example"})
    lines = [line.strip() for line in str(mail.outbox[-1].body).splitlines()]
    code = next(line for line in lines if re.fullmatch(r"[A-Z0-9-]{6,12}", line))
    by_hand(anas, leader, "victim@x.example")
    answer = visitor.post("/accounts/login/code/confirm/", {"code": code}, follow=True)
    assert "This code no longer opens an account" in answer.text
    assert "_auth_user_id" not in visitor.session
    account = User.objects.get(email="victim@x.example")
    assert (account.pk, account.claimed_at, account.last_login) == (anas.user_id, None, None)
    assert visitor.post(
        "/accounts/login/code/confirm/", {"code": code}, follow=True
    ).wsgi_request.user.is_anonymous


@pytest.mark.parametrize("way", [by_file, by_hand])
@pytest.mark.parametrize("role", ["leads", "trains", "administers", "works elsewhere"])
def test_an_account_with_another_role_keeps_name_and_address(anas, leader, cast, way: Way, role):
    account = anas.user
    if role == "leads":
        cast.other.leaders.add(account)
    elif role == "trains":
        cast.other.trainers.add(account)
    elif role == "administers":
        User.objects.filter(pk=account.pk).update(is_site_admin=True)
    else:
        Person.objects.create(
            agency=cast.other, user=account, first_name="Ana", last_name="L", email=account.email
        )
    anas.last_name = "Other"
    way(anas, leader, "leader.alias@x.example")
    account.refresh_from_db()
    assert (account.email, account.name) == ("ana@x.example", "Ana Lopez")


@pytest.mark.parametrize("way", [by_file, by_hand])
def test_leaving_and_coming_back_under_another_address_opens_no_claimed_account(anas, leader, way: Way):
    User.objects.filter(pk=anas.user_id).update(claimed_at=CLAIMED)
    edit(anas, leader, left_on=TODAY)
    anas.left_on = None
    way(anas, leader, "leader.alias@x.example")
    account = User.objects.get(pk=anas.user_id)
    assert (account.email, account.is_active) == ("ana@x.example", True)


def test_a_new_line_with_a_colleagues_sign_in_address_gets_no_account(anas, brook, leader):
    User.objects.filter(pk=anas.user_id).update(claimed_at=CLAIMED)
    edit(anas, leader, email="other@x.example")
    newcomer = Person(agency=brook, first_name="Zed", last_name="Noone", email="ana@x.example")
    enrollment.save_person(newcomer, by=leader, at=NOW)
    assert newcomer.user is None
    assert brook.people.get(user__email="ana@x.example") == anas


def test_an_account_does_not_move_onto_the_address_of_another_account(anas, leader, cast):
    by_hand(anas, leader, cast.other_leader.email)
    anas.refresh_from_db()
    assert anas.user.email == "ana@x.example"
    assert User.objects.get(email=cast.other_leader.email) == cast.other_leader


def test_in_a_swap_with_a_claimed_account_nobody_gets_the_others_mail(brook, leader):
    header = f"{HEADER},employee number"
    import_text(brook, ana() + ",1", ben() + ",2", header=header)
    User.objects.filter(email="ana@x.example").update(claimed_at=CLAIMED)
    import_text(brook, ana(email="ben@x.example") + ",1", ben(email="ana@x.example") + ",2", header=header)
    assert {person.first_name: person.user.email for person in brook.people.all()} == {
        "Ana": "ana@x.example",
        "Ben": "ben@x.example",
    }


def test_somebody_known_elsewhere_comes_with_the_account_they_have(brook, cast):
    import_text(
        brook,
        ana(email=cast.other_staff.email.upper()),
        ana(first="Lena", last="B", email="lead@brook.example"),
    )
    assert brook.people.get(first_name="Ana").user == cast.other_staff
    cast.other_staff.refresh_from_db()
    assert cast.other_staff.name == "Harbor Staff"
    assert cast.other_staff.people.count() == 2
    assert brook.people.get(first_name="Lena").user.email == "lead@brook.example"


def test_a_new_name_on_the_roster_reaches_the_account_even_when_it_is_claimed(anas, leader):
    User.objects.filter(pk=anas.user_id).update(claimed_at=CLAIMED)
    edit(anas, leader, last_name="Lopez-Ruiz")
    assert User.objects.get(pk=anas.user_id).name == "Ana Lopez-Ruiz"


def test_very_long_names_fit_into_an_account(brook):
    import_text(brook, ana(first="A" * 100, last="B" * 100))
    assert len(User.objects.get(email="ana@x.example").name) == 200


def test_two_people_may_swap_their_addresses_and_numbers(brook):
    header = f"{HEADER},employee number"
    import_text(brook, ana() + ",1", ben() + ",2", header=header)
    # Recognized by name and hire date would need unique numbers; here the numbers stay and the addresses swap.
    import_text(brook, ana(email="ben@x.example") + ",1", ben(email="ana@x.example") + ",2", header=header)
    assert {person.first_name: (person.email, person.user.email) for person in brook.people.all()} == {
        "Ana": ("ben@x.example", "ben@x.example"),
        "Ben": ("ana@x.example", "ana@x.example"),
    }
    import_text(
        brook,
        ana(email="ben@x.example") + ",2",
        ben(email="ana@x.example") + ",1",
        header=header,
        confirmed=True,
    )
    assert set(brook.people.values_list("email", "employee_number")) == {
        ("ben@x.example", "2"),
        ("ana@x.example", "1"),
    }


def test_somebody_new_may_take_over_an_address_that_is_given_up(brook):
    header = f"{HEADER},employee number"
    import_text(brook, ana() + ",1", header=header)
    import_text(
        brook, ana(email="ana.old@x.example") + ",1", ana(first="Ann", last="Low") + ",2", header=header
    )
    assert {person.first_name: person.user.email for person in brook.people.all()} == {
        "Ana": "ana.old@x.example",
        "Ann": "ana@x.example",
    }


def test_whoever_leaves_loses_sign_in_and_supervision_but_not_their_other_roles(brook, leader, cast):
    import_text(
        brook,
        ana(),
        ben(sup="Ana Lopez"),
        ana(first="Lena", last="Brook", email="lead@brook.example"),
        ana(first="Tina", last="Gray", email=cast.trainer.email),
        ana(first="Sid", last="Admin", email=cast.admin.email),
        ana(first="Clear", last="Staff", email=cast.staff.email),
    )
    team = brook.teams.get()
    assert str(team.supervisor) == "Ana Lopez"
    import_text(brook, ben(), confirmed=True)
    team.refresh_from_db()
    assert team.supervisor is None
    still = {person.first_name for person in brook.people.filter(user__is_active=True)}
    assert still == {"Ben", "Lena", "Tina", "Sid", "Clear"}
    trace = AuditEntry.objects.get(subject="rollout.Team", after={"supervisor": ""})
    assert trace.before == {"supervisor": "Ana Lopez"}


def test_whoever_returns_is_the_same_person_and_signs_in_again(brook):
    import_text(brook, ana(), ben())
    person = brook.people.get(first_name="Ana")
    import_text(brook, ben())
    assert not User.objects.get(email="ana@x.example").is_active
    import_text(brook, ana(), ben())
    again = brook.people.get(first_name="Ana")
    assert (again.pk, again.uuid, again.left_on, again.user) == (person.pk, person.uuid, None, person.user)
    assert User.objects.get(email="ana@x.example").is_active
