"""PostgreSQL and Redis for a test run: find them, and take away what the run left in them.

``services.py find LABEL`` prints one line for each: ``DATABASE_URL <url>`` or ``NO_DATABASE <reason>``, and
``REDIS_URL <url>`` or ``NO_REDIS <reason>``. ``services.py clean LABEL DATABASE_URL REDIS_URL`` drops the
databases ``test_LABEL…`` and deletes the keys ``LABEL:…``; nothing else is touched.
"""

import os
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

OLDEST_POSTGRESQL = 15
LOCAL_DATABASE = "127.0.0.1:5432"
LOCAL_REDIS = "redis://127.0.0.1:6379/0"


def database_candidates() -> list[str]:
    """TEST_DATABASE_URL alone when it is set; else libpq's own user here, then the usual superuser."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return [url]
    users = ("", "postgres@", "postgres:postgres@")
    return [f"postgres://{user}{LOCAL_DATABASE}/postgres" for user in users]


def unusable(url: str) -> str:
    """Why a database server is no use for tests; empty when it is."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version_num')::int / 10000, rolcreatedb OR rolsuper, rolname"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[-1]
    assert row is not None
    version, may_create, name = row
    if version < OLDEST_POSTGRESQL:
        return f"PostgreSQL {version} is too old; {OLDEST_POSTGRESQL} or newer is needed"
    return "" if may_create else f"the user {name} may not create databases"


def settings_url(url: str, name: str) -> str:
    """The same server with another database name and the user written out, as Django wants it."""
    parts = urlsplit(url)
    with psycopg.connect(url, connect_timeout=3) as connection:
        user = parts.username or connection.info.user
    password = f":{parts.password}" if parts.password else ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(("postgres", f"{user}{password}@{host}", f"/{name}", parts.query, ""))


def find(label: str) -> None:
    reason = ""
    for url in database_candidates():
        reason = unusable(url)
        if not reason:
            print("DATABASE_URL", settings_url(url, label))
            break
    else:
        print("NO_DATABASE", reason)
    url = os.environ.get("TEST_REDIS_URL", LOCAL_REDIS)
    try:
        redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3).ping()
    except redis.RedisError as error:
        print("NO_REDIS", str(error).splitlines()[0])
    else:
        print("REDIS_URL", url)


def clean(label: str, database_url: str, redis_url: str) -> None:
    server = urlunsplit(urlsplit(database_url)._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        ours = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        for (name,) in connection.execute(ours, [f"test_{label}"]).fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    client = redis.Redis.from_url(redis_url)
    for key in client.scan_iter(f"{label}:*"):
        client.delete(key)


if __name__ == "__main__":
    if sys.argv[1] == "find":
        find(sys.argv[2])
    else:
        clean(*sys.argv[2:5])
