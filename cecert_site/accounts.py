"""How people sign in: by e-mail, with a password or a mailed one-time code."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import translation


class AccountAdapter(DefaultAccountAdapter):
    """People come from a roster or are invited by an administrator.

    Its own registration stays closed also where people may come by themselves: it makes an account before the address
    is proven, and such an account could stand in a colleague's way. ``cecert_site.sign_up`` proves the address first.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language its reader has chosen; who has chosen none reads it as they see the page."""
        # Inside: the adapter is loaded before the models.
        from rollout.languages import chosen_by
        from rollout.models import User

        reader = User.objects.filter(email__iexact=email).only("language").first()
        with translation.override((chosen_by(reader) if reader else "") or translation.get_language()):
            super().send_mail(template_prefix, email, context)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        from rollout.actions import claim_account

        claim_account(user)
        return super().post_login(request, user, **kwargs)
