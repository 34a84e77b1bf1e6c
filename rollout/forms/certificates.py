"""Forms of certificates: which to show, what to correct, why one is revoked."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ..certificate_lists import STATES
from ..models import Agency, Certificate, Curriculum


class CertificateFilter(forms.Form):
    """Which certificates of an agency to show."""

    q = forms.CharField(label=_("Name or code"), required=False)
    curriculum = forms.ModelChoiceField(
        Curriculum.objects.none(), label=_("Curriculum"), required=False, empty_label=_("All curricula")
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *STATES.items()]
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = agency.certificates.values("curriculum")
        self.fields["curriculum"].queryset = Curriculum.objects.filter(pk__in=used)  # type: ignore[attr-defined]


class CorrectForm(forms.Form):
    """What is typed when a certificate is issued again; everything else comes from attendance and the agency."""

    participant = forms.CharField(
        label=_("Name as it should stand"),
        max_length=200,
        help_text=_("Correct the roster entry as well, or the next certificate says the old name again."),
    )
    language = forms.ChoiceField(label=_("Language of the certificate"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        kwargs["initial"] = {"participant": str(certificate.person), "language": certificate.language}
        super().__init__(*args, **kwargs)


class RevokeForm(forms.Form):
    """Why a certificate is taken back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Stays in this agency. Whoever checks the code sees only that it was revoked."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CodeForm(forms.Form):
    """The code somebody wants to check; what it is worth says the answer, not the form."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=40,
        help_text=_("15 letters and digits at the foot of the certificate, such as CDFHJ-KMNPR-TVWX4."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
