"""Signing up without an agency: name and address, the mailed code, and who sees what."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from rollout.access import public
from rollout.models import User

from .. import sign_up as steps


class SignUpForm(forms.Form):
    """Who comes. No password: sign-in is by mailed code, and a password may be set later."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        help_text=gettext_lazy("Shown to those you share your plan with."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)


class CodeForm(forms.Form):
    """The mailed code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for a code. Where nobody may come by themselves, the page says who adds people."""
    if request.user.is_authenticated:
        return redirect("home")
    if not settings.OPEN_SIGNUP:
        return render(request, "account/signup_closed.html")
    if not User.objects.exists():
        return redirect("setup")  # the first account of all is an administrator's
    form = SignUpForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if steps.may_ask(request, data["email"]):
            steps.begin(request, name=data["name"], address=data["email"])
            return redirect("sign_up_code")
        form.add_error(None, _("Too many tries. Wait a few minutes, then try again."))
        status = 429
    elif form.errors:
        status = 422
    return render(request, "account/signup.html", {"form": form}, status=status)


@sensitive_post_parameters("code")
@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_code(request: HttpRequest) -> HttpResponse:
    """Prove the address; only now is there an account."""
    waiting = steps.pending(request)
    if request.user.is_authenticated or not settings.OPEN_SIGNUP or waiting is None:
        return redirect("home" if request.user.is_authenticated else "sign_up")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if steps.proves(request, waiting, form.cleaned_data["code"]):
            response = steps.finish(request, waiting, at=timezone.now())
            return response or redirect("account_login")
        if steps.pending(request) is None:
            return render(request, "account/signup_again.html", status=422)
        form.add_error("code", _("This is not the code. Look at the newest mail from us."))
    context = {"form": form, "email": waiting["address"], "minutes": steps.MINUTES}
    return render(request, "account/signup_code.html", context, status=422 if form.errors else 200)


@public
@require_safe
def sign_up_terms(request: HttpRequest) -> HttpResponse:
    """Who sees what of a person who comes without an agency."""
    return render(request, "account/signup_terms.html")
