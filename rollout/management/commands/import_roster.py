"""``manage.py import_roster AGENCY_SLUG FILE [--dry-run] [--confirm] [--json]``: a roster file from the shell."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rollout.imports import MAX_BYTES, RosterFileError, RowProblem, Table, read_table
from rollout.models import Agency
from rollout.roster_actions import Reading, counts_line, import_table

NOTHING = dict.fromkeys(("new", "changed", "moved", "leaving", "returning", "unchanged"), 0)


class Command(BaseCommand):
    """The same preview and the same all-or-nothing rule as on the web. Exit 0, or 1 when the file is refused."""

    help = (
        "Import a roster (CSV or Excel) into an agency: everything in the file, or nothing with the reasons."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", metavar="AGENCY_SLUG", help="short name of the agency")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
        parser.add_argument("--confirm", action="store_true", help="yes to what is asked about the file")
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = options["json"]
        agency = Agency.objects.filter(slug=options["agency"]).first()
        if agency is None:
            raise self.refusal(_("There is no agency “%(slug)s”.") % {"slug": options["agency"]})
        reading, applied = import_table(
            agency,
            self.table(options["file"]),
            at=timezone.now(),
            confirmed=options["confirm"],
            dry_run=options["dry_run"],
        )
        errors = reading.refusals(confirmed=options["confirm"])
        if self.as_json:
            self.answer(reading.preview.counts(), applied, errors)
        else:
            self.tell(reading, applied, errors, dry_run=options["dry_run"])
        if errors:
            many = len(errors)
            text = ngettext(
                "Nothing was imported: %(n)d thing to settle first.",
                "Nothing was imported: %(n)d things to settle first.",
                many,
            )
            raise CommandError(text % {"n": many})

    def table(self, path: Path) -> Table:
        try:
            with path.open("rb") as file:
                return read_table(file.read(MAX_BYTES + 1), path.name)
        except OSError as error:
            text = _("%(file)s cannot be read: %(reason)s.")
            raise self.refusal(text % {"file": path, "reason": error.strerror}) from error
        except RosterFileError as error:
            raise self.refusal(f"{path}: {error}") from error

    def refusal(self, reason: str) -> CommandError:
        """Why there is nothing to compare at all; ``--json`` says it there as well."""
        if self.as_json:
            self.answer(NOTHING, False, [RowProblem(None, None, reason)])
        return CommandError(reason)

    def answer(self, counts: dict[str, int], applied: bool, errors: Sequence[RowProblem]) -> None:
        told = {**counts, "applied": applied, "errors": [problem.as_dict() for problem in errors]}
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))

    def tell(self, reading: Reading, applied: bool, errors: Sequence[RowProblem], *, dry_run: bool) -> None:
        if not reading.preview.errors:
            self.stdout.write(f"{reading.agency}: {counts_line(reading.preview.counts())}")
        for problem in errors:
            self.stderr.write(line(problem))
        for question in reading.preview.questions:
            if question not in errors:
                self.stdout.write(_("To look at: %(line)s") % {"line": line(question)})
        if applied:
            self.stdout.write(
                _("Imported.") if reading.preview.has_changes else _("Nothing changes: nothing was written.")
            )
        elif dry_run and not errors:
            self.stdout.write(_("Nothing was written: this was a dry run."))


def line(problem: RowProblem) -> str:
    """ "Row 6, last name: The last name is missing. (value)" """
    where = [_("Row %(row)s") % {"row": problem.row}] if problem.row else []
    where += [problem.column] if problem.column else []
    text = f"{', '.join(where)}: {problem.reason}" if where else problem.reason
    text += f" [{problem.value}]" if problem.value else ""
    text += _(" Confirm with --confirm.") if problem.confirm else ""
    # A cell may hold what a terminal would obey.
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
