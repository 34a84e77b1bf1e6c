"""One session: its attendance list, or a plain page for a member of the cohort; and one's own hours."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from .. import attendance_actions as actions
from ..access import Role, open_to
from ..attendance import (
    OPENS_BEFORE,
    Phase,
    Row,
    attendance_list,
    expected_people,
    joined_later,
    last_change,
    others,
    phase_of,
    tally,
    times_of,
)
from ..attendance_trail import corrections
from ..certificate_lists import certificates_in_force
from ..check_in_actions import accept, decline
from ..forms.training import CorrectionForm
from ..ledger import COMPANION_CODES
from ..make_ups import Missed, made_up, missed_by
from ..models import Person, Session, User
from ..refusals import Changed, Refused
from ..training_actions import clock_of
from ..training_record import training_record

PAGE = 100
MANY = 12
"""From more people than this on, the list can be searched by name."""
"""A cohort stands on one page; more than this is no class any more."""

TAPS: dict[str, Callable[..., Any]] = {
    "in": actions.sign_in,
    "out": actions.sign_out,
    "throughout": actions.present_throughout,
    "undo": actions.undo,
    "accept": accept,
    "decline": decline,
}
OF_GUESTS = {"in", "throughout", "accept"}
"""Taps that may say which missed session somebody of another cohort makes up for."""
FOR_ALL: dict[str, Callable[..., int]] = {
    "all_in": actions.sign_in_all,
    "all_out": actions.sign_out_all,
    "all_throughout": actions.all_present_throughout,
}


@open_to(*Role)
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest, uuid: str) -> HttpResponse:
    """Attendance for leaders and trainers; for members of the cohort time, place and their own."""
    user = cast(User, request.user)
    seen = Session.objects.visible_to(user).select_related("cohort__agency", "cohort__curriculum", "trainer")
    session = get_object_or_404(seen, uuid=uuid)
    if not Session.objects.editable_by(user).filter(pk=session.pk).exists():
        if request.method == "POST":
            raise PermissionDenied
        return own_session(request, session)
    if request.method == "POST":
        return take(request, session)
    if request.htmx and "find" in request.GET:  # type: ignore[attr-defined]
        return render(request, "rollout/session.html#found", door(request, session, []))
    if request.htmx and "name" in request.GET:  # type: ignore[attr-defined]
        return page(request, session, template="rollout/session.html#list")
    if asked := person_asked(session, request.GET.get("correct", "")):
        form = correction_form(None, session, asked, timezone.now())
        return answer(request, session, asked, form=form)
    return page(request, session)


def person_asked(session: Session, uuid: str) -> Person | None:
    """Somebody on the agency's roster, by what the address or form says; None for nobody or nonsense."""
    if not uuid:
        return None
    try:
        return session.agency.people.filter(uuid=uuid).first()
    except ValidationError:
        return None


def row_of(session: Session, person: Person) -> Row:
    return attendance_list(session, timezone.now(), [person.pk])[0]


def take(request: HttpRequest, session: Session) -> HttpResponse:
    """One tap, a correction, or a button for everybody."""
    user, now, step = cast(User, request.user), timezone.now(), request.POST.get("step", "")
    if step in FOR_ALL:
        try:
            count = FOR_ALL[step](session, by=user, at=now)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            text = ngettext("%(n)d person recorded.", "%(n)d people recorded.", count)
            messages.success(request, text % {"n": count})
        return redirect("rollout:session", session.uuid)
    person = person_asked(session, request.POST.get("person", ""))
    if person is None:
        messages.error(request, _("Nothing was recorded: this person is not on the agency’s roster."))
        return redirect("rollout:session", session.uuid)
    if step == "correct":
        return correct(request, session, person)
    if step not in TAPS:
        messages.error(request, _("Nothing was recorded. Load the page again and tap once more."))
        return redirect("rollout:session", session.uuid)
    missed = {"makes_up_for": makes_up_for(request, session, person, now)} if step in OF_GUESTS else {}
    try:
        TAPS[step](session, person, version=version_shown(request), by=user, at=now, **missed)
    except Refused as refusal:
        return answer(request, session, person, problem=str(refusal), status=422)
    except Changed:
        return answer(request, session, person, conflict=conflict(session, person, now, step), status=409)
    return answer(request, session, person, done=True)


def makes_up_for(request: HttpRequest, session: Session, person: Person, now: datetime) -> Session | None:
    """What a guest makes up for: as chosen at the door, else what suggests itself; None for the cohort's own."""
    if expected_people(session).filter(pk=person.pk).exists():
        return None
    missed = missed_by(session, [person], now).get(person.pk, Missed())
    if "for" not in request.POST:
        return missed.suggested
    return next((each for each in missed.options if str(each.uuid) == request.POST["for"]), None)


def correction_form(data: Any, session: Session, person: Person, now: datetime) -> CorrectionForm:
    """The form for one row; for a guest with the sessions they may have missed."""
    row = row_of(session, person)
    missed = [] if row.expected else missed_by(session, [person], now).get(person.pk, Missed()).options
    return CorrectionForm(data, row=row, session=session, times=times_of(session), now=now, missed=missed)


def version_shown(request: HttpRequest) -> int:
    """The version the tapped row had; −1, which no row has, for nonsense."""
    version = request.POST.get("version", "")
    return int(version) if version.isascii() and version.isdigit() else -1


def correct(request: HttpRequest, session: Session, person: Person) -> HttpResponse:
    """Times put right or minutes set by hand, with the reason."""
    now = timezone.now()
    form = correction_form(request.POST, session, person, now)
    if not form.is_valid():
        return answer(request, session, person, form=form, status=422)
    data = form.cleaned_data
    try:
        actions.correct(
            session,
            person,
            signed_in_at=data["signed_in_at"],
            signed_out_at=data["signed_out_at"],
            override_minutes=data["minutes"],
            makes_up_for=form.linked() if "makes_up_for" in form.fields else actions.KEEP,
            reason=data["reason"],
            version=version_shown(request),
            by=cast(User, request.user),
            at=now,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return answer(request, session, person, form=form, status=422)
    except Changed:
        return answer(
            request,
            session,
            person,
            form=form,
            conflict=conflict(session, person, now, "correct"),
            status=409,
        )
    return answer(request, session, person, done=True)


def conflict(session: Session, person: Person, now: Any, step: str) -> dict[str, str]:
    """What stands there now, by whom and when, beside what was about to be written."""
    zone, record = session.agency.zone, session.attendances.filter(person=person).first()
    entry = last_change(session, record) if record else None
    mine = {
        "in": _("sign in at %(time)s"),
        "out": _("sign out at %(time)s"),
        "undo": _("take back the last tap"),
        "throughout": _("present from start to end"),
        "correct": _("what you entered below"),
        "accept": _("let them in"),
        "decline": _("not let them in"),
    }
    return {
        "by": str(entry.by) if entry and entry.by else _("Somebody else"),
        "at": clock_of(entry.at, zone) if entry else "",
        "yours": mine[step] % {"time": clock_of(now, zone)} if "%" in mine[step] else mine[step],
    }


def answer(
    request: HttpRequest,
    session: Session,
    person: Person,
    *,
    status: int = 200,
    done: bool = False,
    **state: Any,
) -> HttpResponse:
    """The changed row for htmx; without scripts the whole page, at that row, or a redirect to it."""
    (row,) = with_missed(session, [row_of(session, person)])
    if request.htmx:  # type: ignore[attr-defined]
        context = door(request, session, [row]) | {"row": row, "open": person.pk, "done": done, **state}
        return render(request, "rollout/session.html#changed", context, status=status)
    if done:
        response = redirect("rollout:session", session.uuid)
        response["Location"] += f"#p-{person.uuid}"
        return response
    return page(request, session, status=status, open=person.pk, **state)


def page(
    request: HttpRequest,
    session: Session,
    *,
    status: int = 200,
    template: str = "rollout/session.html",
    **state: Any,
) -> HttpResponse:
    """The whole attendance list. ``open`` is the person whose row shows a form or a problem."""
    rows = attendance_list(session, timezone.now())
    shown = request.GET.get("show", "")
    if shown == "waiting":
        rows = [row for row in rows if not row.is_in and not row.is_overridden]
    elif shown == "inside":
        rows = [row for row in rows if row.is_in and not row.is_out and not row.is_overridden]
    name = request.GET.get("name", "").strip()
    if name:
        rows = [row for row in rows if is_called(row.person, name)]
    listed = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    open_row = state.get("open")
    if open_row and open_row not in {row.person.pk for row in listed}:
        # Their row stands on another page or under another filter: show it by itself, lose nothing entered.
        listed = Paginator(attendance_list(session, timezone.now(), [open_row]), PAGE).get_page(1)
    context = door(request, session, with_missed(session, list(listed.object_list)))
    context |= {"page": listed, "shown": shown, "name": name, "history": corrections(session), **state}
    return render(request, template, context | {"many": context["tally"].people > MANY}, status=status)


def is_called(person: Person, name: str) -> bool:
    """Whether every word of ``name`` stands somewhere in the person's name."""
    return all(word in str(person).casefold() for word in name.casefold().split())


def door(request: HttpRequest, session: Session, rows: list[Row]) -> dict[str, Any]:
    """What the page and its fragments share."""
    phase = phase_of(session, timezone.now())
    words = request.GET.get("find", "").strip()
    return {
        "session": session,
        "agency": session.agency,
        "cohort": session.cohort,
        "rows": rows,
        "tally": tally(session),
        "early": phase == Phase.EARLY,
        "running": phase == Phase.RUNNING,
        "over": phase == Phase.OVER,
        "opens_at": session.starts_at - OPENS_BEFORE,
        "times": times_of(session),
        "later": joined_later(session),
        "words": words,
        "found": guests(session, words) if words and phase != Phase.EARLY else None,
        # A companion course has no checklist to log against.
        "logs_maps": session.cohort.curriculum.code not in COMPANION_CODES
        and session.agency.trainers.filter(pk=request.user.pk).exists(),
    }


def guests(session: Session, words: str) -> list[tuple[Person, Missed]]:
    """Who came along, by parts of their names, each with what they may make up for here."""
    people = list(others(session, words))
    missed = missed_by(session, people, timezone.now())
    return [(person, missed.get(person.pk, Missed())) for person in people]


def with_missed(session: Session, rows: list[Row]) -> list[Row]:
    """With what those who ask at the door may make up for. No query while nobody asks."""
    asking = [row.person for row in rows if row.asks]
    missed = missed_by(session, asking, timezone.now()) if asking else {}
    return [replace(row, missed=missed.get(row.person.pk)) if row.asks else row for row in rows]


def own_session(request: HttpRequest, session: Session) -> HttpResponse:
    """Time, place and one's own attendance; nobody else's."""
    person = get_object_or_404(Person.objects.current(), user=request.user, agency=session.cohort.agency_id)
    record = training_record(person, timezone.now())
    context = {
        "session": session,
        "agency": session.agency,
        "modules": session.modules.all(),
        "times": times_of(session),
        "line": next((line for line in record.past if line.session.pk == session.pk), None),
        "phase": phase_of(session, timezone.now()),
        "made_up": made_up(session, [person.pk]).get(person.pk),
        "own": session.attendances.filter(person=person).select_related("makes_up_for__cohort").first(),
    }
    return render(request, "rollout/session_own.html", context)


@open_to(Role.STAFF)
@require_safe
def my_training(request: HttpRequest) -> HttpResponse:
    """One's own hours: what counted and why, what is still to come, what is missing."""
    people = Person.objects.current().filter(user=cast(User, request.user)).select_related("agency")
    people = people.prefetch_related(certificates_in_force())
    records = [training_record(person, timezone.now()) for person in people.order_by("agency__name")]
    return render(request, "rollout/my_training.html", {"records": records})
