"""Writes of the ground that touch several rows or have an effect."""

from django.utils import timezone

from .models import User


def claim_account(user: User) -> None:
    """Its owner came in: from now on a roster may not move this account to another address."""
    if user.claimed_at is None:
        user.claimed_at = timezone.now()
        user.save(update_fields=["claimed_at"])
