"""``manage.py prepare``: bring database, starter content and static files to what this version needs."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from consultation.actions import install_checklists
from rollout.training_actions import install_curricula


def static_fingerprint() -> str:
    """Hash over name, size and change time of every static file of the product and its packages."""
    lines = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            lines.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def collect_static() -> bool:
    """Collect and compress static files when one of them has changed. True when there was work."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    now = static_fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(now, encoding="utf-8")
    return True


class Command(BaseCommand):
    help = "Bring database, starter content and static files up to date. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="fill the demo agency, say how to sign in")
        parser.add_argument("--no-static", action="store_true", help="leave static files alone")

    def handle(self, *args: Any, demo: bool, no_static: bool, **options: Any) -> None:
        if demo and not settings.DEMO:
            raise CommandError(_("Demo data goes into a demo only: set DEMO=1, or run script/demo."))
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        install_curricula()
        install_checklists()
        if not no_static:
            collect_static()
        self.stdout.write(_("Database and files are ready."))
        if demo:
            call_command("seed_demo", stdout=self.stdout)
