"""``manage.py import_attendance AGENCY_SLUG FILE [--reason TEXT] [--dry-run] [--json]``: sign-ins from a file."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from rollout.management.training_files import ImportCommand
from rollout.models import Agency
from rollout.training_imports import Outcome, import_attendance


class Command(ImportCommand):
    help = "Import attendance (CSV or Excel): everything in the file, or nothing with the reasons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept with rows that give no reason")

    def read(self, agency: Agency, data: bytes, at: datetime, options: dict[str, Any]) -> Outcome:
        return import_attendance(
            agency, data, by=None, at=at, reason=options["reason"][:300], dry_run=options["dry_run"]
        )
