"""``manage.py notices [--dry-run]``: queue and send what is due, or only say who would get what and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cecert_site.rules import RULES
from rollout import outbox
from rollout.models import Agency, Notice, User


class Command(BaseCommand):
    help = "Queue and send the notices that are due now; with --dry-run only say who would get what and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="write nothing, send nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.show(now)
        else:
            self.stdout.write(f"{outbox.plan(now, RULES)} queued.")
            for outcome, count in outbox.send_due(now, RULES).items():
                self.stdout.write(f"{count} {outcome}.")

    def show(self, now: datetime) -> None:
        """New ones first, then those that wait in the queue already."""
        new = outbox.dry_run(now, RULES)
        self.stdout.write(f"{len(new)} would be queued now:" if new else "Nothing new would be queued now.")
        for draft in new:
            self.line(draft.due_at, draft.rule, draft.user, draft.agency, draft.about)
        waiting = Notice.objects.filter(state=Notice.State.QUEUED).select_related("user", "agency")
        if waiting:
            self.stdout.write(f"{len(waiting)} in the queue already:")
        for notice in waiting:
            self.line(notice.due_at, notice.rule, notice.user, notice.agency, notice.about)

    def line(
        self, due_at: datetime, rule: str, user: User, agency: Agency | None, about: Mapping[str, str]
    ) -> None:
        zone = agency.zone if agency else timezone.get_default_timezone()
        what = ", ".join(f"{name} {value}" for name, value in about.items())
        where = agency.slug if agency else "-"
        self.stdout.write(
            f"  {timezone.localtime(due_at, zone):%Y-%m-%d %H:%M %Z}  {rule}  {user.email}  {where}  {what}"
        )
