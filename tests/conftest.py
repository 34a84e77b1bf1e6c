"""Shared cast: one agency with everybody in it, and outsiders in another, so that a leak has somewhere to go."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from rollout.models import Agency, Commitment, Person, Team, User
from tests.browser import browser_type_launch_args  # noqa: F401 - a fixture of the browser tests

NOW = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
"""A Saturday morning in Denver; tests that need a clock pass this one in."""
COMMITTED_ON = date(2026, 11, 2)
"""Leadership's commitment in both agencies: it holds for a year."""
ROSTERS = Path(__file__).parent / "samples" / "rosters"


ASKS_A_DATABASE = {"db", "transactional_db", "live_server", "demo_server", "shared_database"}
"""Fixtures through which a test comes to a database, or a server that has one."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches no database as ``pure``: whatever it shows is the same on every engine."""
    for item in items:
        asks = ASKS_A_DATABASE & set(getattr(item, "fixturenames", ()))
        apart = any(item.get_closest_marker(name) for name in ("django_db", "browser", "services", "engines"))
        if not asks and not apart:
            item.add_marker("pure")


@pytest.fixture(scope="session", autouse=True)
def nobody_is_left_behind(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A request of a browser that has gone may still be in a server thread: it must not hold the test database."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        connection.close()


@pytest.fixture(autouse=True)
def quick_and_apart(settings: Any, tmp_path: Path) -> None:
    """Cheap password hashes, and files of the test in a folder of its own."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.VAR_DIR = tmp_path
    settings.MAIL_DIR = tmp_path / "mail"
    settings.ROOT_KEY_FILE = tmp_path / "keys" / "root.key"
    settings.KEY_RING_FILE = tmp_path / "keys" / "ring.json"


@dataclass
class Cast:
    """Who is who. ``agency`` is Clearwater; ``other`` is Harbor, whose people must never see anything of Clearwater."""

    agency: Agency
    other: Agency
    team: Team
    other_team: Team
    admin: User
    leader: User
    trainer: User
    supervisor: User
    staff: User
    colleague: User
    nobody: User
    other_leader: User
    other_trainer: User
    other_supervisor: User
    other_staff: User

    def person(self, user: User) -> Person:
        return Person.objects.get(user=user)

    def everyone(self) -> dict[str, User]:
        return {name: value for name, value in vars(self).items() if isinstance(value, User)}


def account(name: str, **fields: Any) -> User:
    address = name.lower().replace(" ", ".") + "@people.example"
    return User.objects.create_user(address, secrets.token_hex(8), name=name, **fields)


def somebody(agency: Agency, team: Team | None, user: User, **fields: Any) -> Person:
    first, last = user.name.split(" ", 1)
    fields = {"hired_on": date(2024, 1, 8), "job_title": "Caseworker"} | fields
    return Person.objects.create(
        agency=agency, team=team, user=user, first_name=first, last_name=last, email=user.email, **fields
    )


def commit(agency: Agency, made_on: date = COMMITTED_ON) -> Commitment:
    """Leadership has committed, so training may be planned."""
    return Commitment.objects.create(
        agency=agency, name="Dr. Vale", title="Director", made_on=made_on, training_time=True
    )


def house(name: str, slug: str, prefix: str) -> tuple[Agency, Team, dict[str, User]]:
    """An agency with a leader, a trainer, one team with its supervisor and two workers."""
    agency = Agency.objects.create(
        name=name, slug=slug, time_zone="America/Denver", starts_on=date(2026, 6, 1)
    )
    commit(agency)
    team = Team.objects.create(agency=agency, name="Intake")
    people = {
        role: account(f"{prefix} {role.title()}")
        for role in ("leader", "trainer", "supervisor", "staff", "colleague")
    }
    agency.leaders.add(people["leader"])
    agency.trainers.add(people["trainer"])
    team.supervisor = somebody(agency, team, people["supervisor"], job_title="Supervisor")
    team.save()
    somebody(agency, team, people["staff"])
    somebody(agency, team, people["colleague"])
    return agency, team, people


@pytest.fixture
def cast(db: None) -> Cast:
    return cast_of_both()


def cast_of_both() -> Cast:
    """Everybody of both agencies, put into the database."""
    agency, team, ours = house("Clearwater Family Services", "clearwater", "Clear")
    other, other_team, theirs = house("Harbor Clinic", "harbor", "Harbor")
    theirs.pop("colleague")
    return Cast(
        agency=agency,
        other=other,
        team=team,
        other_team=other_team,
        admin=account("Site Admin", is_site_admin=True),
        nobody=account("No Role"),
        **ours,
        **{f"other_{role}": user for role, user in theirs.items()},
    )


@pytest.fixture
def as_(client: Client) -> Any:
    """``as_(user)``: a client signed in as that user."""

    def sign_in(user: User) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return sign_in
