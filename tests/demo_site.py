"""A server of its own for tests that only look: what it shows is put into the database once for a whole module.

No test of such a module may use ``live_server`` or the database in a transaction of its own: after a test with
``live_server`` the database is emptied.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import setup_databases, teardown_databases
from pytest_django.live_server_helper import LiveServer

NOT_OF_TESTS = str(connection.settings_dict["NAME"])
"""The database of the installation, as it is named before the tests have one of their own."""


@pytest.fixture(scope="module")
def demo_server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[SimpleNamespace]:
    """Its ``url``, and the ``settings`` under which it is filled and looked at."""
    folder = tmp_path_factory.mktemp("demo")
    server = LiveServer("localhost")
    values = {
        "DEMO": True,
        "OPEN_SIGNUP": True,
        "SITE_URL": server.url,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "VAR_DIR": folder,
        "MAIL_DIR": folder / "mail",
        "ROOT_KEY_FILE": folder / "keys" / "root.key",
        "KEY_RING_FILE": folder / "keys" / "ring.json",
    }
    server._live_server_modified_settings.enable()
    with django_db_blocker.unblock():
        # A database for tests is made when some test asks for one by name; these do not.
        made = setup_databases(0, interactive=False) if _name() == NOT_OF_TESTS else None
        try:
            with override_settings(**values):
                yield SimpleNamespace(url=server.url, settings=values)
        finally:
            server.stop()
            server._live_server_modified_settings.disable()
            connections.close_all()
            if made:
                teardown_databases(made, 0)
            else:
                call_command("flush", verbosity=0, interactive=False)


def _name() -> str:
    return str(connection.settings_dict["NAME"])


@pytest.fixture
def demo(demo_filled: SimpleNamespace, demo_server: SimpleNamespace, settings: Any) -> SimpleNamespace:
    """What ``demo_filled`` (the module's own, once) put into the database, under the settings it was made with."""
    for name, value in demo_server.settings.items():
        setattr(settings, name, value)
    return demo_filled
