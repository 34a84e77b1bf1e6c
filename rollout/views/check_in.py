"""Signing in by oneself: the code on the room's screen, and the page it leads to."""

import io
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from .. import check_in_actions as actions
from .. import mailing
from ..access import DELIVERS, Role, open_to
from ..attendance import OPENS_BEFORE, Phase, expected_people, is_blank, phase_of, tally
from ..check_in import SPAN_SECONDS, code_at, is_right
from ..limits import Limit, give_back
from ..models import Person, Session, User
from ..refusals import Refused
from ..training_actions import clock_of
from .training import user_of

LIMIT = Limit("check-in", tries=12, seconds=300)
"""Codes somebody may try: a code has 28⁶ forms, and each lives ten minutes at most."""


@open_to(*DELIVERS)
@require_safe
@sensitive_variables()
def screen(request: HttpRequest, uuid: str) -> HttpResponse:
    """For the room's screen: the picture to scan, the code to type, and how many are in."""
    sessions = Session.objects.editable_by(user_of(request)).select_related("cohort__agency")
    session, now = get_object_or_404(sessions, uuid=uuid), timezone.now()
    phase = phase_of(session, now)
    code = code_at(session.uuid, now) if phase == Phase.RUNNING else ""
    address = mailing.link("rollout:check_in", session.uuid, code) if code else ""
    context = {
        "session": session,
        "agency": session.agency,
        "phase": phase.value,
        "opens_at": session.starts_at - OPENS_BEFORE,
        "code": code,
        "picture": picture(address) if code else "",
        "site": mailing.link("rollout:check_in_code", session.uuid),
        "tally": tally(session),
        "minutes": SPAN_SECONDS // 60,
    }
    part = "#code" if request.htmx else ""  # type: ignore[attr-defined]
    return careful(render(request, "rollout/check_in_screen.html" + part, context))


@sensitive_variables()
def picture(address: str) -> SafeString:
    """The address as a QR code, SVG without styles; dark on light whatever the page's colors."""
    out = io.BytesIO()
    made = segno.make(address, error="m", micro=False)
    made.save(
        out, kind="svg", xmldecl=False, svgns=True, dark="#000", light="#fff", border=4, omitsize=True,
        svgclass="qr", lineclass=None, nl=False,
    )  # fmt: skip
    return mark_safe(out.getvalue().decode())  # noqa: S308 - drawn here, of an address of our own


@open_to(Role.STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def check_in_code(request: HttpRequest, uuid: str) -> HttpResponse:
    """Where no camera is at hand: the code is typed."""
    session, person = place_of(request, uuid)
    problem = ""
    if request.method == "POST":
        problem, code = checked(request, session, request.POST.get("code", ""))
        if not problem:
            return careful(redirect("rollout:check_in", session.uuid, code))
    return page(request, session, person, problem=problem)


@open_to(Role.STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def check_in(request: HttpRequest, uuid: str, code: str) -> HttpResponse:
    """Who one is and what time it is, and one button: sign in, or sign out."""
    session, person = place_of(request, uuid)
    problem, code = checked(request, session, code)
    if problem or request.method != "POST":
        return page(request, session, person, problem=problem, code=code)
    user, now = user_of(request), timezone.now()
    try:
        told = take(session, person, request.POST.get("step", ""), user, now)
    except Refused as refusal:
        return page(request, session, person, problem=str(refusal), code=code)
    messages.success(request, told)
    return careful(redirect("rollout:check_in_done", session.uuid))


def take(session: Session, person: Person, step: str, user: User, now: Any) -> str:
    """Do what the button says; what to tell then."""
    at = {"name": person, "at": clock_of(now, session.agency.zone)}
    if step == "out":
        actions.go_out(session, person, by=user, at=now)
        return _("Signed out, %(at)s: %(name)s") % at
    record = actions.come_in(session, person, by=user, at=now)
    if is_blank(record):
        return _("Your trainer sees that you are here and decides. You are not signed in yet.")
    return _("Signed in, %(at)s: %(name)s") % at


@open_to(Role.STAFF)
@require_safe
def check_in_done(request: HttpRequest, uuid: str) -> HttpResponse:
    """What is recorded now; an address without a code, so that loading it again does nothing."""
    session, person = place_of(request, uuid)
    return page(request, session, person, done=True)


def place_of(request: HttpRequest, uuid: str) -> tuple[Session, Person]:
    """The session of this address and who one is in its agency; 404 for people of other agencies."""
    session = get_object_or_404(Session.objects.select_related("cohort__agency", "trainer"), uuid=uuid)
    mine = Person.objects.current().filter(agency=session.cohort.agency_id)
    return session, get_object_or_404(mine, user=user_of(request))


@sensitive_variables()
def checked(request: HttpRequest, session: Session, code: str) -> tuple[str, str]:
    """What is wrong with a code, "" for nothing, and the code as it is written. Wrong ones are counted."""
    now = timezone.now()
    phase = phase_of(session, now)
    if phase != Phase.RUNNING:
        return closed(session, phase), ""
    place = LIMIT.take(f"user {request.user.pk}")
    if not place:
        return _("Too many codes were tried. Wait a few minutes, or ask your trainer to sign you in."), ""
    if not is_right(session.uuid, code, now):
        return _("This code is no longer shown. Scan the one on the screen again, or type it."), ""
    give_back(place)
    return "", code_at(session.uuid, now)


def closed(session: Session, phase: Phase) -> str:
    """Why nobody signs in right now."""
    if phase == Phase.CANCELLED:
        return _("This training session was cancelled: there is nothing to sign in to.")
    if phase == Phase.EARLY:
        opens = clock_of(session.starts_at - OPENS_BEFORE, session.agency.zone)
        return _("Sign-in opens at %(at)s, two hours before the start.") % {"at": opens}
    return _("This training session is over. Your trainer can still put your times right.")


def page(request: HttpRequest, session: Session, person: Person, **state: Any) -> HttpResponse:
    """The phone's page; 422 where something stands in the way."""
    now = timezone.now()
    phase = phase_of(session, now)
    record = session.attendances.filter(person=person).first()
    context = {
        "session": session,
        "agency": session.agency,
        "person": person,
        "now": now,
        "record": record,
        "asks": bool(record and is_blank(record) and actions.asks_since(record)),
        "expected": expected_people(session).filter(pk=person.pk).exists(),
        "running": phase == Phase.RUNNING,
        "shut": "" if phase == Phase.RUNNING or state.get("problem") else closed(session, phase),
        "back": reverse("rollout:check_in_code", args=[session.uuid]),
        **state,
    }
    status = 422 if state.get("problem") else 200
    return careful(render(request, "rollout/check_in.html", context, status=status))


def careful(response: HttpResponse) -> HttpResponse:
    """The address is the key for some minutes: no page behind a link learns it, none keeps it."""
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
