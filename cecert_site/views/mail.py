"""What the demo would have mailed."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rollout.access import public

from ..sent_mail import sent_mail


@public
@require_safe
def sent_mail_page(request: HttpRequest) -> HttpResponse:
    """Every mail, sign-in codes and survey links included: there only in the demo, where nobody is real."""
    if not settings.DEMO:
        raise Http404
    wanted = request.GET.get("to", "").strip().lower()
    mails = [mail for mail in sent_mail(settings.MAIL_DIR) if wanted in mail.to.lower()]
    context = {"page": Paginator(mails, 20).get_page(request.GET.get("page")), "wanted": wanted}
    return render(request, "site/sent_mail.html", context)
