"""Forms of the leadership commitment."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..commitment import MAX_PAPER, PROMISES, is_pdf
from ..models import Commitment
from .enrollment import DateInput


class CommitmentForm(forms.ModelForm):
    """Who promises what, and the signed page where there is one."""

    paper = forms.FileField(
        label=_("Signed page"),
        required=False,
        help_text=_("PDF, at most 10 MB. It can follow later."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    class Meta:
        model = Commitment
        fields = ["name", "title", "made_on", *PROMISES]
        widgets = {"made_on": DateInput()}
        help_texts = {
            "title": _("Who can promise time: usually the director."),
            "made_on": _("It holds for one year from this day."),
        }

    def clean_made_on(self) -> Any:
        made_on = self.cleaned_data["made_on"]
        if made_on > timezone.localdate(timezone=self.instance.agency.zone):
            raise forms.ValidationError(_("Not a day to come: enter it once the commitment is made."))
        return made_on

    def clean_paper(self) -> tuple[str, bytes] | None:
        """Name and content; None without a file."""
        file: UploadedFile | None = self.cleaned_data["paper"]
        if not file:
            return None
        # One byte more than allowed is enough to know, whatever its size.
        content = bytes(file.read(MAX_PAPER + 1))
        if len(content) > MAX_PAPER:
            raise forms.ValidationError(
                _("The file is too large: at most 10 MB. Scan it in black and white, or at 150 dpi.")
            )
        if not is_pdf(content):
            raise forms.ValidationError(
                _("This is not a PDF. Scan or export the signed page as PDF and upload that.")
            )
        return file.name or "", content

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in PROMISES):
            self.add_error(PROMISES[0], _("Choose what is promised: at least one of the four."))
        return data


class ExceptionForm(forms.Form):
    """Why training may open before leadership has committed."""

    reason = forms.CharField(
        label=_("Why training may open without a commitment"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Shown with your name wherever the stage of the rollout is shown."),
    )
