"""``manage.py install_wording proqol-5 FILE [--language en] [--agency SLUG]``: the wording from an own copy."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments import actions, instruments, wording
from rollout.models import Agency


class Command(BaseCommand):
    """Read a TXT or CSV file of numbered statements, check it, and install it; with any problem nothing is written."""

    help = "Install the statements of an instrument from your own copy (TXT or CSV, one numbered statement a line)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("instrument", help=f"one of: {', '.join(instruments.INSTRUMENTS)}")
        parser.add_argument("file", type=Path)
        parser.add_argument("--language", default="en", help="language of the statements, such as en or es")
        parser.add_argument(
            "--agency", help="short name of the only agency that is to use it (else: every agency)"
        )
        parser.add_argument("--dry-run", action="store_true", help="check the file and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        instrument = instruments.INSTRUMENTS.get(options["instrument"])
        if instrument is None:
            raise CommandError(
                f"There is no instrument {options['instrument']}. There are: {', '.join(instruments.INSTRUMENTS)}."
            )
        agency = None
        if options["agency"] and (agency := Agency.objects.filter(slug=options["agency"]).first()) is None:
            raise CommandError(f"There is no agency {options['agency']}.")
        parsed = wording.parse(self.text_of(options["file"]), instrument)
        for remark in parsed.warnings:
            self.stderr.write(f"line {remark.line}: {remark.text}")
        if parsed.problems:
            lines = [f"line {one.line}: {one.text}" if one.line else one.text for one in parsed.problems]
            raise CommandError("\n".join(["Nothing was installed.", *lines]))
        if options["dry_run"]:
            self.stdout.write(f"{len(parsed.statements)} statements, ready to install. Nothing was written.")
            return
        pack = actions.install_wording(
            instrument,
            parsed.texts(),
            language=options["language"],
            agency=agency,
            by=None,
            at=timezone.now(),
        )
        whose = agency.name if agency else "every agency"
        self.stdout.write(f"Installed {pack} for {whose}: {len(parsed.statements)} statements.")

    def text_of(self, path: Path) -> str:
        try:
            return wording.decode(path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{path}: {error}") from error
