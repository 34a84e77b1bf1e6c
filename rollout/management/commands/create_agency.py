"""``manage.py create_agency SLUG --name … --timezone … [--leader EMAIL]``: enroll an agency from the shell."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext as _

from rollout.enrollment import create_agency, grant
from rollout.forms.enrollment import AgencyForm
from rollout.models import Agency


class Command(BaseCommand):
    """The same rules as the form on the web; rules of credit and privacy keep their defaults."""

    help = "Enroll an agency, and name its first program leader."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="short name in addresses, such as clearwater")
        parser.add_argument("--name", required=True)
        parser.add_argument("--timezone", required=True, help="such as America/Denver")
        parser.add_argument("--leader", metavar="EMAIL", help="who leads the rollout there")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency(slug=options["slug"], name=options["name"], time_zone=options["timezone"])
        form = AgencyForm(model_to_dict(agency))
        if not form.is_valid():
            lines = [
                f"{form.fields[name].label}: {' '.join(map(str, errors))}"
                for name, errors in form.errors.items()
            ]
            raise CommandError("\n".join([_("No agency was created."), *lines]))
        now = timezone.now()
        agency = create_agency(form.save(commit=False), by=None, at=now)
        self.stdout.write(
            _("%(name)s is enrolled as “%(slug)s”.") % {"name": agency.name, "slug": agency.slug}
        )
        if email := options["leader"]:
            try:
                validate_email(email)
            except ValidationError as error:
                raise CommandError(
                    _("“%(email)s” is not an e-mail address. No agency was created.") % {"email": email}
                ) from error
            user = grant(agency, "leader", email=email, name="", by=None, at=now)
            self.stdout.write(_("%(email)s leads it and signs in by mailed code.") % {"email": user.email})
