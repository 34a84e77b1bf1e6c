"""``manage.py forget_leavers AGENCY_SLUG [--years N] [--confirm]``: the retention rule for people who left."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rollout.enrollment import today_in
from rollout.models import Agency
from rollout.retention import YEARS, due, forget


class Command(BaseCommand):
    """Says whom it is about; writes only with ``--confirm``, because nothing brings the data back."""

    help = "Remove e-mail and employee number of people who left years ago; their hours are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", metavar="AGENCY_SLUG", help="short name of the agency")
        parser.add_argument(
            "--years", type=int, default=YEARS, help="kept for so many years (default %(default)s)"
        )
        parser.add_argument(
            "--confirm", action="store_true", help="do it; without it only say whom it is about"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency.objects.filter(slug=options["agency"]).first()
        if agency is None:
            raise CommandError(_("There is no agency “%(slug)s”.") % {"slug": options["agency"]})
        if options["years"] < 1:
            raise CommandError(_("Give at least one year."))
        now = timezone.now()
        people = due(agency, today_in(agency, now), options["years"])
        for person in people:
            self.stdout.write(_("%(name)s, left %(on)s") % {"name": person, "on": person.left_on})
        if options["confirm"]:
            n = forget(agency, people, by=None, at=now)
            text = ngettext("Removed from %(n)d entry.", "Removed from %(n)d entries.", n)
        else:
            n = len(people)
            text = ngettext(
                "%(n)d entry; nothing was written. Add --confirm to remove.",
                "%(n)d entries; nothing was written. Add --confirm to remove.",
                n,
            )
        self.stdout.write(text % {"n": n})
