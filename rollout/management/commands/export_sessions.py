"""``manage.py export_sessions AGENCY_SLUG --out FILE``: all sessions of an agency, to be imported again."""

from collections.abc import Iterable
from typing import Any

from rollout.management.training_files import ExportCommand
from rollout.models import Agency
from rollout.training_lists import SESSION_HEADERS, session_rows


class Command(ExportCommand):
    help = "Write all sessions of an agency to a file (.csv or .xlsx)."
    headers = SESSION_HEADERS

    def rows(self, agency: Agency) -> Iterable[list[Any]]:
        return session_rows(agency)
