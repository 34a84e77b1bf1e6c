"""Pages of consultation, and what several of them share."""

from typing import Any, cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from rollout.access import RUNS_AGENCIES
from rollout.models import Agency, User

from ..briefs import days_until
from ..models import Call
from ..tables import state_of


def user_of(request: HttpRequest) -> User:
    """Whoever is signed in; the gates let nobody else through."""
    return cast(User, request.user)


def seen_call(request: HttpRequest, uuid: str) -> Call:
    """The call of this address, if it is of a series the user may see; else 404."""
    calls = Call.objects.visible_to(user_of(request)).select_related("series__agency", "series__trainer")
    return get_object_or_404(calls, uuid=uuid)


def runs(request: HttpRequest, agency: Agency) -> bool:
    """Whether the agency's overview is open to this user."""
    return Agency.objects.where(user_of(request), *RUNS_AGENCIES).filter(pk=agency.pk).exists()


def version_shown(request: HttpRequest, name: str = "version") -> int:
    """The version a form was shown with; −1, which no row has, for nonsense."""
    version = request.POST.get(name, "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1


def head(request: HttpRequest, call: Call) -> dict[str, Any]:
    """What the pages of a call say at the top."""
    now = timezone.now()
    return {
        "call": call,
        "series": call.series,
        "agency": call.agency,
        "state": state_of(call, now),
        "begun": now >= call.starts_at,
        "days": days_until(call, now),
        "runs": runs(request, call.agency),
    }
