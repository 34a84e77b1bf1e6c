"""Fill the demo: everything or nothing, through the product's own actions, with dates around today."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from assessments.actions import refresh_answered_counts
from consultation.actions import install_checklists
from rollout import enrollment
from rollout.models import Agency
from rollout.training_actions import install_curricula

from . import clearwater, harbor, house, notices, practice, training
from .days import Days
from .signins import ADMIN, TRAINER


def is_there() -> bool:
    """Whether the demo agency was made before."""
    return Agency.objects.filter(slug=clearwater.SLUG).exists()


@transaction.atomic
def seed(now: datetime) -> None:
    """Both agencies and all accounts. The caller has seen that they are not there."""
    here = _days(now, "America/Denver")
    there = _days(now, "America/Chicago")
    there.taken = here.taken  # one trainer, one calendar
    install_curricula(at=here.at(-190))
    install_checklists(at=here.at(-190))
    admin = enrollment.account_with(ADMIN.email, ADMIN.name)
    admin.is_site_admin = True
    admin.save(update_fields=["is_site_admin"])
    trainer = enrollment.account_with(TRAINER.email, TRAINER.name)
    ours, theirs = clearwater.call_starts(here), harbor.call_starts(there)
    here.reserve([*ours, *theirs])
    clearwater.build(here, ours, trainer=trainer, admin=admin)
    harbor.build(there, theirs, trainer=trainer, admin=admin)
    training.introduce(trainer, here, by=admin)
    practice.fill(here)
    house.give_password()
    refresh_answered_counts(now)
    notices.mark_as_sent(now)


def _days(now: datetime, zone: str) -> Days:
    return Days(now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone))
