"""How people sign in: by e-mail, with a password or a mailed one-time code."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody registers: people come from a roster or are invited by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        from rollout.actions import claim_account

        claim_account(user)
        return super().post_login(request, user, **kwargs)
