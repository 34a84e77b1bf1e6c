"""How people sign in: by e-mail, with a password or a mailed one-time code."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _


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

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """A mailed code opens the account that has the address it went to, not one that had it.

        Between code and sign-in a roster may have moved an account nobody had come into to somebody else's address:
        whoever reads the old mailbox would own that address here. Asked in the write that claims the account, so that
        a roster saved at the same moment comes before or after it.
        """
        from rollout.actions import claim_at

        address = kwargs.get("email")
        if address and user.is_active and not claim_at(user, address):
            clear_login(request)
            messages.error(request, _("This code no longer opens an account. Ask for a new one."))
            return redirect("account_login")
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        from rollout.actions import claim_account

        claim_account(user)
        return super().post_login(request, user, **kwargs)
