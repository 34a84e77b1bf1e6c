"""Writes of the ground that touch several rows or have an effect."""

from django.db.models.functions import Coalesce
from django.utils import timezone

from .models import User


def claim_account(user: User) -> None:
    """Its owner came in: from now on a roster may not move this account to another address."""
    if user.claimed_at is None:
        user.claimed_at = timezone.now()
        user.save(update_fields=["claimed_at"])


def claim_at(user: User, address: str) -> bool:
    """The same for whoever proved that they read an address; False, and nothing written, when it is not the account's."""
    now = timezone.now()
    mine = User.objects.filter(pk=user.pk, email__iexact=address)
    return bool(mine.update(claimed_at=Coalesce("claimed_at", now)))
