"""``manage.py import_sessions AGENCY_SLUG FILE [--dry-run] [--json]``: plan, change and cancel sessions from a file."""

from datetime import datetime
from typing import Any

from rollout.management.training_files import ImportCommand
from rollout.models import Agency
from rollout.training_imports import Outcome, import_sessions


class Command(ImportCommand):
    help = "Import training sessions (CSV or Excel): everything in the file, or nothing with the reasons."

    def read(self, agency: Agency, data: bytes, at: datetime, options: dict[str, Any]) -> Outcome:
        return import_sessions(agency, data, by=None, at=at, dry_run=options["dry_run"])
