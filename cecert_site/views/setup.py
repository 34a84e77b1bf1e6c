"""The first visit of an empty installation: its first administrator and agency."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rollout.access import public
from rollout.enrollment import first_start
from rollout.forms.enrollment import zone_choices
from rollout.models import Agency, User


class SetupForm(forms.Form):
    """Who runs this installation, and the first agency in it."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("Your e-mail"))
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters; several words are easiest to remember."),
    )
    agency = forms.CharField(label=gettext_lazy("Name of the first agency"), max_length=200)
    setting = forms.ChoiceField(label=gettext_lazy("Setting"), choices=Agency.Setting.choices)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=zone_choices)
    leads = forms.BooleanField(
        label=gettext_lazy("I also lead the rollout in this agency"), required=False, initial=True
    )

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, User(email=self.data.get("email", ""), name=self.data.get("name", "")))
        return password

    def clean_agency(self) -> str:
        name = str(self.cleaned_data["agency"])
        if slugify(name) in {"", "new"}:
            raise forms.ValidationError(_("The name needs some letters or digits."))
        return name


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Offered while there is no account at all; gone for good afterwards."""
    if User.objects.exists():
        raise Http404
    form = SetupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        agency = Agency(
            name=data["agency"],
            slug=slugify(data["agency"])[:60],
            setting=data["setting"],
            time_zone=data["time_zone"],
        )
        admin = first_start(
            email=data["email"],
            name=data["name"],
            password=data["password"],
            agency=agency,
            leads=data["leads"],
            at=timezone.now(),
        )
        login(request, admin, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("rollout:enroll", agency.slug, "commitment")
    return render(request, "site/setup.html", {"form": form}, status=422 if form.errors else 200)
