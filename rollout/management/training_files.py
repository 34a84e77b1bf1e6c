"""What the commands that write and read files of training have in common."""

import json
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rollout.exports import save_table
from rollout.imports import MAX_BYTES, RosterFileError, RowProblem
from rollout.models import Agency
from rollout.training_imports import CHANGED, NEW, SAME, Outcome

NOTHING = {NEW: 0, CHANGED: 0, SAME: 0}


def agency_of(slug: str) -> Agency:
    """The agency with this short name; CommandError when there is none."""
    agency = Agency.objects.filter(slug=slug).first()
    if agency is None:
        raise CommandError(_("There is no agency “%(slug)s”.") % {"slug": slug})
    return agency


class ExportCommand(BaseCommand, ABC):
    """Writes one table to a file whose ending says its kind."""

    headers: Sequence[str] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", metavar="AGENCY_SLUG", help="short name of the agency")
        parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="ends in .csv or .xlsx")

    @abstractmethod
    def rows(self, agency: Agency) -> Iterable[list[Any]]:
        """The rows under the headers, in their order."""

    def handle(self, *args: Any, **options: Any) -> None:
        agency, path = agency_of(options["agency"]), options["out"]
        try:
            save_table(path, self.headers, self.rows(agency))
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            text = _("%(file)s cannot be written: %(reason)s.")
            raise CommandError(text % {"file": path, "reason": error.strerror}) from error
        self.stdout.write(_("%(file)s is written.") % {"file": path})


class ImportCommand(BaseCommand, ABC):
    """Everything in the file, or nothing with the reasons by row. Exit 0, or 1 when the file is refused."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", metavar="AGENCY_SLUG", help="short name of the agency")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")

    @abstractmethod
    def read(self, agency: Agency, data: bytes, at: datetime, options: dict[str, Any]) -> Outcome:
        """Read the file's bytes and, unless it is a dry run or refused, write all of it."""

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = self.outcome(options)
        told = {**outcome.counts, "applied": outcome.applied}
        if options["json"]:
            errors = [problem.as_dict() for problem in outcome.problems]
            self.stdout.write(json.dumps({**told, "errors": errors}, ensure_ascii=False, indent=2))
        else:
            self.tell(outcome, dry_run=options["dry_run"])
        if many := len(outcome.problems):
            text = ngettext(
                "Nothing was imported: %(n)d thing to settle first.",
                "Nothing was imported: %(n)d things to settle first.",
                many,
            )
            raise CommandError(text % {"n": many})

    def outcome(self, options: dict[str, Any]) -> Outcome:
        """The file read and written, or why it cannot be read at all."""
        path: Path = options["file"]
        try:
            agency = agency_of(options["agency"])
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            return self.read(agency, data, timezone.now(), options)
        except OSError as error:
            text = _("%(file)s cannot be read: %(reason)s.") % {"file": path, "reason": error.strerror}
        except (RosterFileError, CommandError) as error:
            text = str(error)
        return Outcome(dict(NOTHING), [RowProblem(None, None, text)])

    def tell(self, outcome: Outcome, *, dry_run: bool) -> None:
        for problem in outcome.problems:
            self.stderr.write(line(problem))
        counts = outcome.counts
        self.stdout.write(
            _("%(new)d new, %(changed)d changed, %(same)d unchanged")
            % {"new": counts[NEW], "changed": counts[CHANGED], "same": counts[SAME]}
        )
        if outcome.applied:
            self.stdout.write(_("Imported."))
        elif dry_run and not outcome.problems:
            self.stdout.write(_("Nothing was written: this was a dry run."))


def line(problem: RowProblem) -> str:
    """ "Row 6, starts: Write the time as 09:00. [nine]" """
    where = [_("Row %(row)s") % {"row": problem.row}] if problem.row else []
    where += [problem.column] if problem.column else []
    text = f"{', '.join(where)}: {problem.reason}" if where else problem.reason
    text += f" [{problem.value}]" if problem.value else ""
    # A cell may hold what a terminal would obey.
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
