"""``manage.py export_attendance AGENCY_SLUG --out FILE``: all attendance of an agency, to be imported again."""

from collections.abc import Iterable
from typing import Any

from rollout.management.training_files import ExportCommand
from rollout.models import Agency
from rollout.training_lists import ATTENDANCE_HEADERS, attendance_rows


class Command(ExportCommand):
    help = "Write all attendance of an agency to a file (.csv or .xlsx)."
    headers = ATTENDANCE_HEADERS

    def rows(self, agency: Agency) -> Iterable[list[Any]]:
        return attendance_rows(agency)
