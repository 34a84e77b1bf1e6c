"""``manage.py report rollout AGENCY --out FILE.pdf``: the rollout report from the shell."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cecert_site.reports import report_pdf, rollout_report
from rollout.models import Agency
from rollout.pdf import PdfUnavailable


class Command(BaseCommand):
    help = "Write a report of an agency as tagged PDF."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=["rollout"], help="which report")
        parser.add_argument("agency", help="the agency's short name, as in its addresses")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            help="of the report; without it, the agency's",
        )
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.pdf", help="where to write it")

    def handle(self, *args: Any, agency: str, language: str | None, out: Path, **options: Any) -> None:
        found = Agency.objects.filter(slug=agency).first()
        if found is None:
            known = ", ".join(Agency.objects.values_list("slug", flat=True)[:20]) or _("none yet")
            raise CommandError(
                _("There is no agency “%(slug)s”. Known: %(known)s.") % {"slug": agency, "known": known}
            )
        refuse_unwritable(out)
        try:
            with translation.override(language or found.language):
                content = report_pdf(rollout_report(found, timezone.now()))
        except PdfUnavailable as error:
            raise CommandError(str(error)) from error
        write_whole(out, content)
        self.stdout.write(
            _("%(file)s is written (%(size)d kB).") % {"file": out, "size": len(content) // 1024}
        )


def refuse_unwritable(out: Path) -> None:
    """Say so before a report is drawn that could not be kept."""
    folder = out.parent
    if not folder.is_dir():
        raise CommandError(_("There is no folder %(folder)s. Make it first.") % {"folder": folder})
    if out.is_dir() or not os.access(folder, os.W_OK):
        raise CommandError(_("%(file)s cannot be written. Choose another file with --out.") % {"file": out})


def write_whole(out: Path, content: bytes) -> None:
    """The whole file or none: what stood there before stays until the new one is complete."""
    half = out.with_name(f".{out.name}.part")
    try:
        half.write_bytes(content)
        half.replace(out)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise CommandError(
            _("%(file)s cannot be written: %(reason)s.") % {"file": out, "reason": error.strerror}
        ) from error
