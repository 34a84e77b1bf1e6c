"""``manage.py certificates AGENCY [--cohort NAME] [--by EMAIL] [--dry-run] [--out FILE.pdf]``: certify from the shell."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from rollout.access import DELIVERS
from rollout.certificate_actions import issue_some
from rollout.certificate_lists import candidates
from rollout.certificate_papers import certificates_pdf, in_force, people_of
from rollout.ledger import open_ledger
from rollout.models import Agency, Cohort, User
from rollout.pdf import PdfUnavailable


class Command(BaseCommand):
    help = "Issue the certificates that people of an agency have earned; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", help="the agency's short name, as in its addresses")
        parser.add_argument("--cohort", metavar="NAME", help="of this cohort only; without it, of all")
        parser.add_argument(
            "--by", metavar="EMAIL", help="who issues them: somebody who leads or trains there"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say who would be certified, write nothing"
        )
        parser.add_argument(
            "--out", type=Path, metavar="FILE.pdf", help="all in force of these cohorts as PDF"
        )

    def handle(self, *args: Any, agency: str, **options: Any) -> None:
        found = Agency.objects.filter(slug=agency).first()
        if found is None:
            known = ", ".join(Agency.objects.values_list("slug", flat=True)[:20]) or _("none yet")
            raise CommandError(
                _("There is no agency “%(slug)s”. Known: %(known)s.") % {"slug": agency, "known": known}
            )
        cohorts = self.cohorts_of(found, options["cohort"])
        out: Path | None = options["out"]
        if out and not out.parent.is_dir():
            raise CommandError(_("There is no folder %(folder)s. Make it first.") % {"folder": out.parent})
        by = None if options["dry_run"] else self.issuer(found, options["by"])
        for cohort in cohorts:
            self.certify(cohort, by)
        if out:
            self.write(out, cohorts)

    def cohorts_of(self, agency: Agency, name: str | None) -> list[Cohort]:
        """The cohort of that name, or all."""
        found = list(agency.cohorts.select_related("agency", "curriculum"))
        chosen = [cohort for cohort in found if name is None or cohort.name == name]
        if not chosen:
            known = ", ".join(cohort.name for cohort in found) or _("none yet")
            raise CommandError(
                _("There is no cohort “%(name)s”. Known: %(known)s.") % {"name": name or "", "known": known}
            )
        return chosen

    def issuer(self, agency: Agency, email: str | None) -> User:
        """Whoever answers for it: the named account, else the only leader of the agency."""
        if email:
            user = User.objects.filter(is_active=True, email__iexact=email).first()
            if user and Agency.objects.where(user, *DELIVERS).filter(pk=agency.pk).exists():
                return user
            raise CommandError(
                _("%(email)s does not lead or train %(agency)s.") % {"email": email, "agency": agency}
            )
        leaders = list(agency.leaders.filter(is_active=True)[:2])
        if len(leaders) != 1:
            raise CommandError(_("Say who issues them: --by EMAIL, somebody who leads or trains there."))
        return leaders[0]

    def certify(self, cohort: Cohort, by: User | None) -> None:
        """Issue them, or with nobody to issue say who would be certified."""
        people, now = list(people_of(cohort)), timezone.now()
        lines = candidates(cohort, people, now)
        if by is None:
            names = [str(one.person) for one in lines if one.can]
        else:
            ledger = open_ledger(cohort.agency, now, [person.pk for person in people])
            names = [made.participant for made in issue_some(cohort, people, ledger, by=by, at=now)]
        held = sum(one.certificate is not None for one in lines)
        self.stdout.write(
            _("%(cohort)s: %(n)d new, %(held)d certified before, %(people)d people.")
            % {"cohort": cohort, "n": len(names), "held": held, "people": len(lines)}
        )
        for name in names:
            self.stdout.write(f"  {name}")

    def write(self, out: Path, cohorts: list[Cohort]) -> None:
        """One PDF of everything in force."""
        found = [each for cohort in cohorts for each in in_force(cohort, people_of(cohort))]
        found = list({each.pk: each for each in found}.values())
        if not found:
            raise CommandError(_("No certificate is in force, so there is no PDF."))
        try:
            out.write_bytes(certificates_pdf(found))
        except PdfUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("%(file)s is written: %(n)d pages.") % {"file": out, "n": len(found)})
