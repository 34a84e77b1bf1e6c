"""``manage.py hours AGENCY [--csv FILE | --xlsx FILE]``: the hours report from the shell."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rollout.exports import save_table
from rollout.hours import HoursReport, headers, hours_report, people_words, rows, text_table
from rollout.models import Agency
from rollout.templatetags.ui import hours as in_hours


class Command(BaseCommand):
    help = "Everybody's training hours in an agency: required, credited, planned, missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", help="the agency's short name, as in its addresses")
        files = parser.add_mutually_exclusive_group()
        files.add_argument("--csv", type=Path, metavar="FILE.csv", help="write the table there")
        files.add_argument("--xlsx", type=Path, metavar="FILE.xlsx", help="write the table there")

    def handle(self, *args: Any, agency: str, csv: Path | None, xlsx: Path | None, **options: Any) -> None:
        found = Agency.objects.filter(slug=agency).first()
        if found is None:
            known = ", ".join(Agency.objects.values_list("slug", flat=True)[:20]) or _("none yet")
            raise CommandError(
                _("There is no agency “%(slug)s”. Known: %(known)s.") % {"slug": agency, "known": known}
            )
        with translation.override(found.language):
            report = hours_report(found, timezone.now())
            out = csv or xlsx
            if out is None:
                for line in text_table(report):
                    self.stdout.write(line)
            else:
                self.keep(out, "csv" if csv else "xlsx", report)
            self.say(report)

    def keep(self, out: Path, kind: str, report: HoursReport) -> None:
        """The table as a file; refused where it cannot stand."""
        if out.suffix.lower() != f".{kind}":
            raise CommandError(_("%(file)s must end in .%(kind)s.") % {"file": out, "kind": kind})
        try:
            save_table(out, headers(), rows(report))
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be written: %(reason)s.") % {"file": out, "reason": error.strerror}
            ) from error
        self.stdout.write(_("%(file)s is written.") % {"file": out})

    def say(self, report: HoursReport) -> None:
        """The totals, in words."""
        all_of = report.totals
        self.stdout.write(
            _(
                "%(people)s: %(complete)d complete, %(on_track)d on track, %(cannot)d cannot complete as planned; "
                "%(credited)s of %(required)s credited, %(planned)s planned, %(missing)s missing."
            )
            % {
                "people": people_words(all_of.people),
                "complete": all_of.complete,
                "on_track": all_of.on_track,
                "cannot": all_of.cannot,
                "credited": in_hours(all_of.credited),
                "required": in_hours(all_of.required),
                "planned": in_hours(all_of.planned),
                "missing": in_hours(all_of.missing),
            }
        )
