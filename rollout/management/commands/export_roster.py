"""``manage.py export_roster AGENCY_SLUG --out FILE(.csv|.xlsx) [--all]``: the roster as a file, to be imported again."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rollout.exports import save_table
from rollout.models import Agency
from rollout.roster_export import HEADERS, roster_of, roster_rows


class Command(BaseCommand):
    """The same file as on the web. Exit 0, or 1 with the reason."""

    help = "Write an agency's roster to a CSV or Excel file that can be imported again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", metavar="AGENCY_SLUG", help="short name of the agency")
        parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="ends in .csv or .xlsx")
        parser.add_argument("--all", action="store_true", help="with everybody who has left")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency.objects.filter(slug=options["agency"]).first()
        if agency is None:
            raise CommandError(_("There is no agency “%(slug)s”.") % {"slug": options["agency"]})
        people = roster_of(agency) if options["all"] else roster_of(agency).filter(left_on=None)
        path: Path = options["out"]
        try:
            save_table(path, HEADERS, roster_rows(people.iterator()))
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            text = _("%(file)s cannot be written: %(reason)s.")
            raise CommandError(text % {"file": path, "reason": error.strerror}) from error
        n = people.count()
        self.stdout.write(
            ngettext("%(n)d person in %(file)s.", "%(n)d people in %(file)s.", n) % {"n": n, "file": path}
        )
