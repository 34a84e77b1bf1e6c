"""``script/bench``: a run on SQLite and one on PostgreSQL where it answers, each on a database of its own."""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from . import paint
from .servers import ROOT

FOLDER = ROOT / "var" / "bench"


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="script/bench", description="Our pages beside a bare floor on the same stack."
    )
    found.add_argument("--people", type=int, default=50, help="size of the agency (default %(default)s)")
    found.add_argument("--rounds", type=int, default=9, help="(default %(default)s)")
    found.add_argument(
        "--seconds", type=float, default=0.5, help="for each path and round (default %(default)s)"
    )
    found.add_argument("--clients", type=int, default=4, help="browsers at once (default %(default)s)")
    found.add_argument("--only", choices=("sqlite", "postgresql"), help="one database only")
    found.add_argument("--no-sizes", action="store_true", help="do not compare the queries at another size")
    found.add_argument(
        "--paint", action="store_true", help="only how soon and how light pages come, in Chromium"
    )
    found.add_argument(
        "--import", dest="roster", type=int, metavar="N", help="only a roster of N people: import and pages"
    )
    return found


def postgresql() -> tuple[str, str]:
    """A server to make a database on, as (address, name of the new database), or ("", why there is none)."""
    name = f"bench_{secrets.token_hex(4)}"
    command = [sys.executable, "script/services.py", "find", name]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    for line in told.splitlines():
        kind, _space, value = line.partition(" ")
        if kind == "DATABASE_URL":
            return value, name
        if kind == "NO_DATABASE":
            return "", value
    return "", told.strip()


@contextmanager
def database(url: str, name: str) -> Iterator[None]:
    """An empty database on that server for as long as this lasts."""
    import psycopg
    from psycopg import sql

    server = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    ours = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(ours))
    try:
        yield
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(ours))


def run(url: str, asked: argparse.Namespace) -> int:
    """One run in a folder of its own; 0 when every target was met."""
    folder = FOLDER / urlsplit(url).scheme
    for name in ("rollout.sqlite3", "rollout.sqlite3-wal", "rollout.sqlite3-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "keys", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    leave_out = {"REDIS_URL", "MAIL_URL", "SITE_URL", "DJANGO_SETTINGS_MODULE"}
    env = {name: value for name, value in os.environ.items() if name not in leave_out}
    env |= {"DATABASE_URL": url, "VAR_DIR": str(folder), "DEMO": "1"}
    subprocess.run(
        [sys.executable, "manage.py", "prepare"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL
    )
    if asked.roster:
        importing = [sys.executable, "-m", "cecert_site.bench.importing", "--people", str(asked.roster)]
        return subprocess.run(importing, cwd=ROOT, env=env).returncode  # noqa: S603
    command = [sys.executable, "-m", "cecert_site.bench.run"]
    for option in ("people", "rounds", "seconds", "clients"):
        command += [f"--{option}", str(getattr(asked, option))]
    command += [] if asked.no_sizes else ["--sizes"]
    return subprocess.run(command, cwd=ROOT, env=env).returncode  # noqa: S603


def main() -> int:
    asked = parser().parse_args()
    if asked.paint:
        return paint.main(asked.rounds, FOLDER / "paint")
    codes = []
    size = asked.roster or asked.people
    how = "one at a time" if asked.roster else f"{asked.clients} browsers at once"
    if asked.only != "postgresql":
        print(f"SQLite, {size} people, {how}", flush=True)
        codes.append(run(f"sqlite:///{FOLDER / 'sqlite' / 'rollout.sqlite3'}", asked))
    if asked.only != "sqlite":
        url, name = postgresql()
        if url:
            print(f"\nPostgreSQL, {size} people, {how}", flush=True)
            with database(url, name):
                codes.append(run(url, asked))
        else:
            print(f"\nPostgreSQL was left out: {name}")
            codes.append(1 if asked.only else 0)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
