"""Self-ratings: rate oneself, look back, throw away. Nobody but their owner has a page with them."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from .. import self_rating
from ..access import signed_in
from ..models import User
from ..practice import zone_of
from .practice import user_of

DAYS = 10
"""Days on one page of the list to delete from."""


def today_of(user: User) -> date:
    return timezone.now().astimezone(zone_of(user)).date()


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def rating(request: HttpRequest) -> HttpResponse:
    """Rate oneself in as many areas as one likes; what was rated before stands below."""
    user = user_of(request)
    domains, helping = self_rating.areas()
    areas, today = [*domains, *helping], today_of(user)
    if request.method == "POST":
        given = {area.module: request.POST.get(area.field, "") for area in areas}
        values = {module: int(value) for module, value in given.items() if value in {"1", "2", "3", "4", "5"}}
        if values:
            self_rating.rate(user, values, on=today, at=timezone.now())
            messages.success(request, _("Saved for today. Only you can see it."))
            return redirect("rollout:rating")
    chosen = self_rating.on_day(user, today)
    context = {
        "groups": [
            (_("The five skill domains"), [(area, chosen.get(area.module.pk)) for area in domains]),
            (_("Helping relationships"), [(area, chosen.get(area.module.pk)) for area in helping]),
        ],
        "levels": self_rating.LEVELS,
        "courses": self_rating.courses(user, areas),
        "page": Paginator(self_rating.days_of(user), DAYS).get_page(request.GET.get("page")),
        "problem": request.method == "POST",
    }
    return render(request, "rollout/rating.html", context, status=422 if context["problem"] else 200)


@signed_in
@require_POST
def rating_delete(request: HttpRequest) -> HttpResponse:
    """Throw away the ratings of one day, or all of them."""
    given = request.POST.get("on", "")
    try:
        day = parse_date(given)
    except ValueError:
        day = None
    if day or given == "all":
        gone = self_rating.delete_ratings(user_of(request), on=day, at=timezone.now())
        messages.success(request, _("Deleted.") if gone else _("There was nothing to delete."))
    return redirect("rollout:rating")
