"""One run on one database: ``python -m cecert_site.bench.run`` with the product's settings in the environment.

The database is empty but for its tables (``manage.py prepare``); whoever starts this made it and drops it again.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cecert_site.settings")
django.setup()

from django.conf import settings  # noqa: E402 - after setup, like everything below
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from rollout.models import Document  # noqa: E402

from . import data, paths, queries, servers, table  # noqa: E402
from .floor import Response  # noqa: E402
from .load import Sample  # noqa: E402

HOME_TARGET = table.Target(3.0, of_time=True)
SURVEY_TARGET = table.Target(0.7, of_time=False)
SMALL = 50


class Measured(NamedTuple):
    """What the rounds gave for one path: how many a second, and milliseconds of the server's processor for one."""

    rates: list[float]
    cpu: list[float]


type Found = dict[str, Measured]


def make(people: int, slug: str) -> data.World:
    """An agency of that size, with the time it took."""
    started = time.perf_counter()
    world = data.fill(people, timezone.now(), slug)
    print(f"An agency of {people} people, made in {time.perf_counter() - started:.1f} s.", flush=True)
    return world


def work(measured: paths.Paths) -> dict[str, Callable[[float], Sample]]:
    """Everything that is measured, in order, by name: how long → how often."""
    found: dict[str, Callable[[float], Sample]] = {
        name: partial(measured.page, name) for name in [paths.FLOOR_PAGE, *paths.pages(measured.world)]
    }
    found["MAPS save"] = measured.maps
    found["report asked for"] = measured.report
    found[paths.BEFORE] = measured.before
    found[paths.FLOOR_ALONE] = partial(measured.alone, paths.FLOOR_ALONE, changed=False)
    found[paths.HOME_CHANGED] = partial(measured.alone, paths.HOME_CHANGED, changed=True)
    for name in (paths.FLOOR_FORM, paths.SURVEY, paths.FLOOR_FORM_PAGES, paths.SURVEY_PAGES):
        found[name] = partial(measured.journeys, name)
    return found


def rounds(measured: paths.Paths, count: int, seconds: float) -> Found:
    """All paths once in each round; a first round warms up and does not count."""
    todo = work(measured)
    found = {name: Measured([], []) for name in todo}
    for number in range(count + 1):
        for name, go in todo.items():
            server = measured.floor if name.startswith("floor") else measured.product
            before = server.cpu_seconds()
            sample = go(seconds)
            after = server.cpu_seconds()
            if number:
                found[name].rates.append(sample.rate)
            if number and before is not None and after is not None:
                found[name].cpu.append((after - before) * 1000 / sample.count)
        print("." if number else "", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


GROUPS = {
    paths.FLOOR_PAGE: (
        paths.HOME,
        "roster",
        "overview",
        "reports",
        "MAPS save",
        "report asked for",
        paths.BEFORE,
    ),
    paths.FLOOR_ALONE: (paths.HOME_CHANGED,),
    paths.FLOOR_FORM: (paths.SURVEY,),
    paths.FLOOR_FORM_PAGES: (paths.SURVEY_PAGES,),
}
TARGETS = {paths.HOME: HOME_TARGET, paths.SURVEY: SURVEY_TARGET, paths.SURVEY_PAGES: SURVEY_TARGET}


def lines(found: Found, count: dict[str, int]) -> list[table.Line]:
    """The result, each floor before what stands on it."""
    made = []
    for base, names in GROUPS.items():
        floor = table.Line(base, found[base].rates, count[base], cpu=found[base].cpu)
        made.append(floor)
        for name in names:
            journey = name in (paths.SURVEY, paths.SURVEY_PAGES)
            line = table.Line(
                name,
                found[name].rates,
                count[name],
                floor,
                cpu=found[name].cpu,
                of_time=not journey,
                target=TARGETS.get(name),
            )
            made.append(line)
    return made


def report_seconds(world: data.World) -> str:
    """How long the PDF takes once the process is warm."""
    from cecert_site.reports import make_rollout_report
    from rollout.documents import CannotMakeError

    document = Document(agency=world.home.agency, requested_by=world.home.by, requested_at=timezone.now())
    spent = []
    for _time in range(4):
        started = time.perf_counter()
        try:
            _name, content = make_rollout_report(document)
        except CannotMakeError as error:
            return f"The rollout report could not be made: {error}"
        spent.append(time.perf_counter() - started)
    text = " / ".join(f"{value * 1000:.0f}" for value in (min(spent[1:]), median(spent[1:]), max(spent[1:])))
    return f"The rollout report as PDF ({len(content) // 1000} kB): {text} ms; the first one {spent[0] * 1000:.0f} ms."


def compare(world: data.World, people: int) -> list[str]:
    """Queries of every list page at two sizes."""
    other = SMALL if people != SMALL else 2000
    theirs = queries.of_list_pages(make(other, "other-size"))
    paths.take_back(world)
    ours = queries.of_list_pages(world)
    print(f"\nQueries of the {len(ours)} list pages, for {people} and {other} people:")
    print("\n".join(f"  {name}: {ours[name]}" for name in sorted(ours)))
    return table.differences(ours, theirs)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=SMALL)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--sizes", action="store_true")
    asked = parser.parse_args()
    with connection.schema_editor() as editor:
        editor.create_model(Response)
    world = make(asked.people, "bench")
    count = queries.of_paths(world)
    env = {"DATABASE_URL": settings.DATABASE_URL, "VAR_DIR": str(settings.VAR_DIR)}
    folder = Path(settings.VAR_DIR)
    with servers.product(env, folder) as product, servers.floor(env, folder) as floor:
        measured = paths.Paths(world, product, floor, asked.clients)
        found = rounds(measured, asked.rounds, asked.seconds)
    result = lines(found, count)
    print(table.text_of(result))
    print(report_seconds(world))
    missed = [line.name for line in result if line.ok is False]
    unequal = compare(world, asked.people) if asked.sizes else []
    for problem in unequal:
        print(f"NOT THE SAME NUMBER OF QUERIES: {problem}")
    return 1 if missed or unequal else 0


if __name__ == "__main__":
    sys.exit(main())
