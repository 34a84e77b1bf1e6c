"""``manage.py seed_demo``: the invented agency in mid-rollout, and how to sign in to it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cecert_site.demo import build
from cecert_site.demo.signins import as_text


class Command(BaseCommand):
    help = "Fill the demo with an invented agency in mid-rollout. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sign-ins", action="store_true", help="only say how to sign in; write nothing")

    def handle(self, *args: Any, sign_ins: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(_("Demo data goes into a demo only: set DEMO=1, or run script/demo."))
        if not sign_ins and not build.is_there():
            build.seed(timezone.now())
            self.stdout.write(_("The demo agency is filled."))
        self.stdout.write(as_text())
