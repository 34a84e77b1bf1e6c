"""Who may open what: roles that follow from facts, and the gate in front of every view.

Access is three steps, always the same: sign-in (middleware) → the gate below (wrong role: 403) → rows fetched
through ``visible_to(user)`` / ``editable_by(user)`` (not your row: 404).
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from .models import Person, Team, User


class Role(StrEnum):
    """What somebody comes for. A person may hold several."""

    SITE_ADMIN = "site_admin"
    LEADER = "leader"
    TRAINER = "trainer"
    SUPERVISOR = "supervisor"
    STAFF = "staff"


ROLE_NAMES = {
    Role.SITE_ADMIN: _("site administrator"),
    Role.LEADER: _("program leader"),
    Role.TRAINER: _("trainer"),
    Role.SUPERVISOR: _("supervisor"),
    Role.STAFF: _("staff"),
}
RUNS_AGENCIES = (Role.SITE_ADMIN, Role.LEADER)
DELIVERS = (Role.SITE_ADMIN, Role.LEADER, Role.TRAINER)
type View = Callable[..., HttpResponseBase]


def roles_of(user: User) -> frozenset[Role]:
    """Roles that follow from today's facts; asked of the database once per request (five small queries)."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    cached = getattr(user, "_roles", None)
    if cached is None:
        facts = {
            Role.SITE_ADMIN: user.is_site_admin,
            Role.LEADER: user.leads.exists(),
            Role.TRAINER: user.trains.exists(),
            Role.SUPERVISOR: Team.objects.filter(supervisor__user=user, supervisor__left_on=None).exists(),
            Role.STAFF: Person.objects.filter(user=user, left_on=None).exists(),
        }
        cached = frozenset(role for role, holds in facts.items() if holds)
        user._roles = cached  # type: ignore[attr-defined]
    return cast(frozenset[Role], cached)


def open_to(*roles: Role) -> Callable[[View], View]:
    """Gate: whoever holds none of ``roles`` gets 403. Rows are the view's own matter (404)."""
    allowed = frozenset(roles)

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not roles_of(cast(User, request.user)) & allowed:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        gated.gate = allowed  # type: ignore[attr-defined]
        return gated

    return decorate


def signed_in(view: View) -> View:
    """Gate: anybody who is signed in, with or without a role (home, own account)."""
    view.gate = "signed in"  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Gate: the whole world, signed in or not (error pages, survey links that carry their own token)."""
    view.gate = "public"  # type: ignore[attr-defined]
    return login_not_required(view)
