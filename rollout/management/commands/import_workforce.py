"""``manage.py import_workforce AGENCY_SLUG FILE [--dry-run] [--json]``: monthly workforce figures from the shell."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rollout.models import Agency
from rollout.roster_files import MAX_BYTES
from rollout.roster_rows import RowProblem
from rollout.workforce_actions import Preview, import_months, preview
from rollout.workforce_file import read_file

NOTHING = {"new": 0, "changed": 0, "unchanged": 0}


class Command(BaseCommand):
    """The same all-or-nothing rule as on the web. Exit 0, or 1 when the file is refused."""

    help = "Import monthly workforce figures (CSV or Excel): everything in the file, or nothing with the reasons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", metavar="AGENCY_SLUG", help="short name of the agency")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency.objects.filter(slug=options["agency"]).first()
        if agency is None:
            self.refuse(
                [RowProblem(None, None, _("There is no agency “%(slug)s”.") % {"slug": options["agency"]})],
                options["json"],
            )
            return
        now = timezone.now()
        read = read_file(self.content(options["file"], options["json"]), now.astimezone(agency.zone).date())
        if read.problems:
            self.refuse(read.problems, options["json"])
        name = options["file"].name
        found = (
            preview(agency, read.months)
            if options["dry_run"]
            else import_months(agency, read.months, filename=name, seen=None, by=None, at=now)
        )
        if found.refused:
            self.refuse(
                [_contradiction(month.isoformat()[:7], text) for month, text in found.refused],
                options["json"],
            )
        self.tell(agency, found, read.not_read, options)

    def content(self, path: Path, as_json: bool) -> bytes:
        """The file's bytes, one more than allowed at most."""
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            text = _("%(file)s cannot be read: %(reason)s.") % {"file": path, "reason": error.strerror}
            self.refuse([RowProblem(None, None, text)], as_json)
            raise

    def tell(self, agency: Agency, found: Preview, not_read: Sequence[str], options: dict[str, Any]) -> None:
        applied = not options["dry_run"]
        if options["json"]:
            self.answer(found.counts(), applied, [])
            return
        text = _("%(agency)s: %(new)d months new, %(changed)d changed, %(unchanged)d unchanged.")
        self.stdout.write(text % {"agency": agency, **found.counts()})
        if not_read:
            self.stdout.write(_("Not read: %(names)s.") % {"names": ", ".join(not_read)})
        if not applied:
            self.stdout.write(_("Nothing was written: this was a dry run."))

    def refuse(self, problems: Sequence[RowProblem], as_json: bool) -> None:
        """Say what is wrong and end with 1."""
        if as_json:
            self.answer(NOTHING, False, problems)
        else:
            for problem in problems:
                self.stderr.write(line(problem))
        many = len(problems)
        text = ngettext(
            "Nothing was imported: %(n)d thing to settle first.",
            "Nothing was imported: %(n)d things to settle first.",
            many,
        )
        raise CommandError(text % {"n": many})

    def answer(self, counts: dict[str, int], applied: bool, errors: Sequence[RowProblem]) -> None:
        told = {**counts, "applied": applied, "errors": [problem.as_dict() for problem in errors]}
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))


def _contradiction(month: str, figures: str) -> RowProblem:
    text = _("With what is known, more days would be lost than scheduled (%(figures)s). Correct one of them.")
    return RowProblem(None, month, text % {"figures": figures})


def line(problem: RowProblem) -> str:
    """ "Row 6, headcount: This is no number. [abc]" """
    where = [_("Row %(row)s") % {"row": problem.row}] if problem.row else []
    where += [problem.column] if problem.column else []
    text = f"{', '.join(where)}: {problem.reason}" if where else problem.reason
    text += f" [{problem.value}]" if problem.value else ""
    # A cell may hold what a terminal would obey.
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
