"""``script/bench --import N``: how long a roster of that many people takes, and what its pages ask afterwards."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import django

TARGET = 20.0
"""Seconds for the first import of 5,000 people."""
SMALL, TEAM, COHORTS = 50, 17, 3
HEADER = "first name,last name,email,job title,team,supervisor,employee number,hire date"


def roster(people: int, slug: str, *, month: int = 0) -> bytes:
    """The file of one month: each time one in fifty is gone, one new, one in another team, one renamed."""
    from cecert_site.demo import names

    teams = -(-people // TEAM)
    lines = [HEADER]
    for place in range(people):
        gone = month and place % 50 == 7 and place >= TEAM
        number = place + people if gone else place
        first, last = names.full_name(number)
        last += "-Gray" if month and place % 50 == 11 else ""
        team = (place // TEAM + (1 if month and place % 50 == 13 else 0)) % teams
        supervisor = f"p{team * TEAM}@{slug}.example"
        hired = date(2015, 1, 5) + timedelta(days=number % 4000)
        own = "" if place % TEAM == 0 else supervisor
        lines.append(
            f"{first},{last},p{number}@{slug}.example,Caseworker,Team {team:03},{own},N{number},{hired}"
        )
    return "\n".join(lines).encode()


@contextmanager
def timed(name: str, spent: dict[str, float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    spent[name] = time.perf_counter() - started


def enroll(people: int, slug: str) -> tuple[dict[str, float], dict[str, int]]:
    """Import, import the next month, import that again, give everybody a cohort, open the pages: seconds and queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from rollout import enrollment
    from rollout.imports import read_table
    from rollout.models import Agency, Curriculum
    from rollout.roster_actions import apply_roster, import_table, read_upload, receive_roster
    from rollout.training_actions import add_people, create_cohort, install_curricula

    now = timezone.now()
    install_curricula(at=now)
    admin = enrollment.account_with("admin@bench.example", "Bench Admin")
    agency = Agency(name=f"Import {slug}", slug=slug, time_zone="America/Denver", starts_on=date(2026, 1, 5))
    enrollment.create_agency(agency, by=admin, at=now)
    leader = enrollment.grant(
        agency, "leader", email=f"leader@{slug}.example", name="Bench Leader", by=admin, at=now
    )
    spent: dict[str, float] = {}
    with timed("upload and preview", spent):
        upload = receive_roster(agency, filename="r.csv", content=roster(people, slug), by=leader, at=now)
        seen = read_upload(upload, at=now).digest
    with timed("first import", spent), CaptureQueriesContext(connection) as queries:
        apply_roster(upload, by=leader, at=now, seen=seen, confirmed=True)
    later = roster(people, slug, month=1)
    with timed("next month", spent):
        reading, done = import_table(agency, read_table(later, "r.csv"), at=now, confirmed=True)
    if not done:
        raise SystemExit(f"The file of next month was refused: {reading.preview.errors[:3]}")
    with timed("the same again", spent):
        again = import_table(agency, read_table(later, "r.csv"), at=now, confirmed=True)[0]
    if again.preview.has_changes:
        raise SystemExit("The same file changes something when it comes again.")
    everybody = list(agency.people.filter(left_on=None))
    for number in range(COHORTS):
        cohort = create_cohort(agency, Curriculum.objects.order_by("pk")[0], f"C{number}", by=leader, at=now)
        add_people(cohort, everybody[number::COHORTS], joined_on=now.date(), by=leader, at=now)
    counts = {"first import": len(queries)} | pages(agency.slug, leader, spent)
    return spent, counts


def pages(slug: str, leader: object, spent: dict[str, float]) -> dict[str, int]:
    """Queries of the pages that list or count people; how long each takes, beside."""
    from django.urls import reverse

    from .queries import browser_of, opened

    addresses = {name: reverse(name, args=[slug]) for name in PAGES}
    addresses["rollout:people, page 2"] = addresses["rollout:people"] + "?page=2"
    counts = {name: opened(leader, address) for name, address in addresses.items()}  # type: ignore[arg-type]
    for name, address in addresses.items():
        with browser_of(leader) as browser, timed(name, spent):  # type: ignore[arg-type]
            browser.get(address)
    return counts


PAGES = ("overview", "rollout:people", "rollout:teams", "rollout:training", "duplicates")


def main(run: Callable[[int, str], tuple[dict[str, float], dict[str, int]]] = enroll) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    people = parser.parse_args().people
    _spent, small = run(SMALL, "small")
    spent, large = run(people, "large")
    print(f"A roster of {people:,} people in {COHORTS} cohorts:")
    for name, seconds in spent.items():
        asked = f"{large[name]} queries ({small[name]} for {SMALL} people)" if name in large else ""
        print(f"  {name:24}{seconds:8.2f} s  {asked}")
    missed = [name for name in large if name != "first import" and large[name] != small[name]]
    if spent["first import"] > TARGET:
        missed.append(f"first import within {TARGET:.0f} s")
    print("Missed: " + ", ".join(missed) if missed else "All met.")
    return 1 if missed else 0


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cecert_site.settings")
    django.setup()
    sys.exit(main())
