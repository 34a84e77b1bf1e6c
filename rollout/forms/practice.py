"""Forms of the own path: whom a plan is shared with, and leaving for good."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PartnerForm(forms.Form):
    """An accountability partner. Whoever has an agency names a colleague, anybody else an address."""

    who = forms.CharField(max_length=254)

    def __init__(self, *args: Any, in_agency: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["who"]
        if in_agency:
            field.label = _("Accountability partner")
            field.help_text = _("A colleague in your agency: whole name, or e-mail.")
        else:
            field.label = _("E-mail of your accountability partner")
            field.help_text = _("They find your request when they sign in with this address, and may say no.")
            field.widget = forms.EmailInput(attrs={"maxlength": 254, "autocomplete": "off"})


class LeaveForm(forms.Form):
    """One's own address, typed: nobody deletes an account by a slip of the hand."""

    address = forms.CharField(
        label=_("Your e-mail address"),
        help_text=_("Type it to confirm."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, own: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = own

    def clean_address(self) -> str:
        typed = str(self.cleaned_data["address"]).strip().lower()
        if typed != self.own.lower():
            raise forms.ValidationError(_("This is not the address of your account."))
        return typed
