"""Writes that enroll an agency and keep its people: agencies, roles, teams, single edits of the roster."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat, Lower
from django.forms.models import model_to_dict

from . import placements
from .audit import record
from .models import Agency, Person, Team, User
from .placements import BATCH
from .refusals import Changed
from .roster_values import fingerprint


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as (before, after) fit for JSON."""
    keys = [key for key in after if before.get(key) != after[key] and (before.get(key) or after[key])]
    texts = [{key: as_text(side.get(key)) for key in keys} for side in (before, after)]
    return texts[0], texts[1]


def as_text(value: Any) -> str:
    """A field's value as the audit keeps it; "" for nothing."""
    return "" if value is None else str(value)


@transaction.atomic
def create_agency(agency: Agency, *, by: User | None, at: datetime, leaders: tuple[User, ...] = ()) -> Agency:
    """Save a new agency; its first leaders may run it from now on."""
    agency.save()
    agency.leaders.add(*leaders)
    record(
        "created",
        agency,
        by=by,
        at=at,
        agency=agency,
        after={"name": agency.name, "time_zone": agency.time_zone},
    )
    return agency


@transaction.atomic
def change_agency(agency: Agency, *, by: User, at: datetime) -> Agency:
    """Save edited facts and rules of an agency."""
    old = Agency.objects.select_for_update().get(pk=agency.pk)
    if agency.k < old.k:
        raise ValueError("The smallest group shown can be raised, never lowered.")
    fields = [
        field.name for field in Agency._meta.concrete_fields if field.name not in {"id", "uuid", "created_at"}
    ]
    before, after = changed_fields(model_to_dict(old, fields), model_to_dict(agency, fields))
    agency.save()
    if after:
        record("changed", agency, by=by, at=at, agency=agency, before=before, after=after)
    return agency


def account_with(email: str, name: str) -> User:
    """The account of an address; a new one (signed in to by mailed code) when there is none."""
    found = User.objects.filter(email__iexact=email).first()
    return found or User.objects.create_user(email, name=name)


@transaction.atomic
def grant(agency: Agency, role: str, *, email: str, name: str, by: User | None, at: datetime) -> User:
    """Make somebody a program leader or trainer of an agency; ``role`` is "leader" or "trainer"."""
    user = account_with(email, name)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
    (agency.leaders if role == "leader" else agency.trainers).add(user)
    record(f"granted {role}", user, by=by, at=at, agency=agency, after={"email": user.email})
    return user


@transaction.atomic
def withdraw(agency: Agency, role: str, *, user: User, by: User, at: datetime) -> None:
    """Take a role back. An agency keeps at least one leader, so that somebody can give it back."""
    members = agency.leaders if role == "leader" else agency.trainers
    if role == "leader" and not by.is_site_admin and not agency.leaders.exclude(pk=user.pk).exists():
        raise ValueError("An agency needs at least one program leader.")
    members.remove(user)
    record(f"withdrew {role}", user, by=by, at=at, agency=agency, before={"email": user.email})


def connect_accounts(people: Sequence[Person]) -> None:
    """Give people on one agency's roster their accounts and keep both in step: in a transaction, before saving them.

    A person's account follows the roster's address only until its owner has come in: afterwards the owner alone may
    move it, or whoever edits rosters could read a colleague's sign-in codes, and with them the colleague's results.
    An account that is more than this one place on a roster keeps its name and address as well. Somebody new whose
    address has an account already gets that account, one place in each agency. The number of queries is constant.
    """
    _follow([person for person in people if person.user_id])
    _link([person for person in people if not person.user_id and person.email and not person.left_on])
    here = {person.user_id: person for person in people if person.user_id and not person.left_on}
    User.objects.filter(pk__in=here, is_active=False).update(is_active=True)


def _follow(people: Sequence[Person]) -> None:
    """Name, and until the owner has come in address, of the accounts that are nothing but these places."""
    alone = only_here(people)
    accounts = User.objects.select_for_update().in_bulk(alone)
    wanted: dict[int, str] = {}
    touched = []
    for person in people:
        account = accounts.get(person.user_id or 0)
        if account is None:
            continue
        if account.name != name_of(person):
            account.name = name_of(person)
            touched.append(account)
        address = person.email.lower()
        if address and account.claimed_at is None and address != account.email.lower():
            wanted[account.pk] = address
    moves = _possible_moves(wanted)
    # Addresses are unique: accounts that swap theirs step aside first.
    parked = Concat(Cast("pk", CharField()), Value("@moving.invalid"))
    User.objects.filter(pk__in=moves).update(email=parked)
    for pk, address in moves.items():
        accounts[pk].email = address
    User.objects.bulk_update(
        {accounts[pk] for pk in moves} | set(touched), ["name", "email"], batch_size=BATCH
    )


def _possible_moves(wanted: Mapping[int, str]) -> dict[int, str]:
    """Of account → new address those whose address is free, or freed by another of these moves."""
    holders = {user.email.lower(): user.pk for user in _with_address(wanted.values())}
    moves = dict(wanted)
    while stuck := [pk for pk, address in moves.items() if holders.get(address, pk) not in moves]:
        for pk in stuck:
            del moves[pk]
    return moves


def _link(people: Sequence[Person]) -> None:
    """The account of each one's address, a new one where there is none; sign-in is by mailed code."""
    accounts = {user.email.lower(): user for user in _with_address(person.email for person in people)}
    fresh = {}
    for person in people:
        address = person.email.lower()
        if address not in accounts and address not in fresh:
            fresh[address] = User(email=address, name=name_of(person))
            fresh[address].set_unusable_password()
    accounts |= {user.email: user for user in User.objects.bulk_create(fresh.values(), batch_size=BATCH)}
    found = [user.pk for user in accounts.values()]
    agencies = {person.agency_id for person in people}
    taken = set(
        Person.objects.filter(agency__in=agencies, user__in=found).values_list("agency_id", "user_id")
    )
    for person in people:
        account = accounts[person.email.lower()]
        if (person.agency_id, account.pk) not in taken:
            person.user = account
            taken.add((person.agency_id, account.pk))


def name_of(person: Person) -> str:
    """As long as an account may be called."""
    return str(person)[:200]


def _with_address(addresses: Iterable[str]) -> QuerySet[User]:
    lowered = {address.lower() for address in addresses}
    return User.objects.annotate(address=Lower("email")).filter(address__in=lowered)


def only_here(people: Sequence[Person]) -> set[int]:
    """Keys of these people's accounts that hold no other role: nothing else would be left to sign in for. One query.

    Who came by themselves has their own path to come back to: no roster closes, renames or moves their account.
    """
    accounts = {person.user_id for person in people if person.user_id}
    elsewhere = Person.objects.filter(user=OuterRef("pk"), left_on=None).exclude(
        pk__in=[person.pk for person in people if person.pk]
    )
    return set(
        User.objects.filter(pk__in=accounts, is_site_admin=False, signed_up_at=None)
        .exclude(Exists(Agency.leaders.through.objects.filter(user=OuterRef("pk"))))
        .exclude(Exists(Agency.trainers.through.objects.filter(user=OuterRef("pk"))))
        .exclude(Exists(elsewhere))
        .values_list("pk", flat=True)
    )


def close_accounts(people: Sequence[Person]) -> None:
    """End sign-in at once for those who left and hold no other role."""
    User.objects.filter(pk__in=only_here(people)).update(is_active=False)


PERSON_FIELDS = (
    "first_name", "last_name", "email", "job_title", "team", "employee_number", "hired_on", "left_on"
)  # fmt: skip
SEEN_FIELDS = tuple("team_id" if name == "team" else name for name in PERSON_FIELDS)


def facts(row: Person | Team | None, fields: Sequence[str]) -> dict[str, Any]:
    """Field → value, related rows by name."""
    return {name: getattr(row, name) for name in fields} if row else {}


@transaction.atomic
def save_person(
    person: Person, *, by: User, at: datetime, since: date | None = None, seen: str = ""
) -> Person:
    """Add somebody to the roster or change one line of it. Leaving ends sign-in and supervision at once.

    ``since``: first day of a new team, title or return, today without it. ``seen``: ``seen_of`` the line that was
    shown for changing; Changed when somebody else has changed it in between.
    """
    old = Person.objects.select_for_update(of=("self",)).select_related("team").filter(pk=person.pk).first()
    if old and seen and seen != seen_of(old):
        raise Changed
    was = placements.facts_of([old.pk]) if old else {}
    connect_accounts([person])
    person.save()
    if person.left_on:
        person.supervises.update(supervisor=None)
        close_accounts([person])
    today = today_in(person.agency, at)
    placements.follow(was, placements.facts_of([person.pk]), since=since or today)
    before, after = changed_fields(facts(old, PERSON_FIELDS), facts(person, PERSON_FIELDS))
    if after:
        verb = "changed" if old else "added"
        after |= {"since": str(since)} if since and since != today else {}
        record(verb, person, by=by, at=at, agency=person.agency, before=before, after=after)
    return person


def seen_of(person: Person) -> str:
    """Fingerprint of a line of the roster as it is shown for changing: another once one of its facts differs."""
    return fingerprint(as_text(getattr(person, name)) for name in SEEN_FIELDS)


def today_in(agency: Agency, at: datetime) -> date:
    """The day it is in the agency."""
    return at.astimezone(agency.zone).date()


@transaction.atomic
def save_team(team: Team, *, by: User, at: datetime) -> Team:
    """Add a team or change its name or supervisor."""
    old = Team.objects.select_related("supervisor").filter(pk=team.pk).first()
    leaders = {pk for pk in (old and old.supervisor_id, team.supervisor_id) if pk}
    was = placements.facts_of(leaders)
    team.save()
    placements.follow(was, placements.facts_of(leaders), since=today_in(team.agency, at))
    before, after = changed_fields(facts(old, ("name", "supervisor")), facts(team, ("name", "supervisor")))
    if after:
        verb = "changed" if old else "added"
        record(verb, team, by=by, at=at, agency=team.agency, before=before, after=after)
    return team


@transaction.atomic
def first_start(*, email: str, name: str, password: str, agency: Agency, leads: bool, at: datetime) -> User:
    """The first administrator and agency of an empty installation. Refused once anybody has an account."""
    if User.objects.exists():
        raise ValueError("This installation is set up already.")
    admin = User.objects.create_user(email, password, name=name, is_site_admin=True)
    create_agency(agency, by=admin, at=at, leaders=(admin,) if leads else ())
    return admin
