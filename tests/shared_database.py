"""The test's database as several threads or processes see it. Taken in as ``smtp_sink.py`` says."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """SQLite's test database lives in one thread's memory: here it is a file, as in the product."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    path = tmp_path / "shared.sqlite3"
    copy = sqlite3.connect(path)
    in_memory.backup(copy)
    copy.close()
    connection.connection, connection.settings_dict["NAME"] = None, str(path)
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = in_memory, name


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """Results of ``work`` done ``count`` times at once, each on a connection of its own."""

    def on_own_connection() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(on_own_connection) for _ in range(count)]]


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """For a process of the product on the test's database, with files of its own."""
    values = connection.settings_dict
    url = f"sqlite:///{values['NAME']}"
    if connection.vendor != "sqlite":
        secret = f":{values['PASSWORD']}" if values["PASSWORD"] else ""
        url = (
            f"postgres://{values['USER']}{secret}@{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"
        )
    kept = {name: value for name, value in os.environ.items() if name not in {"REDIS_URL", "MAIL_URL"}}
    kept |= {"DATABASE_URL": url, "VAR_DIR": str(tmp_path / "var"), "PYTHONWARNINGS": "default"}
    return (
        kept | {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"} | more
    )
