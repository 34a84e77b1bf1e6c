"""Waves, for whoever runs the agency: open, look at counts, extend, close, read the released figures."""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import actions, figures, instruments
from assessments.exports import figures_csv
from assessments.figures import ReleasedWave
from assessments.forms import ExtendForm, OpenForm
from assessments.instruments import Instrument
from assessments.keys import KeysUnavailable
from assessments.models import Wave
from rollout.access import RUNS_AGENCIES, open_to
from rollout.day_words import brief_day
from rollout.models import Agency, User
from rollout.refusals import Refused

from .frame import for_admin, logger

PAGE = 50


@open_to(*RUNS_AGENCIES)
@require_safe
def waves(request: HttpRequest, slug: str) -> HttpResponse:
    """All waves of an agency, the newest first."""
    agency = get_object_or_404(Agency.objects.editable_by(cast(User, request.user)), slug=slug)
    lines = figures.wave_lines(agency)
    context = {
        "agency": agency,
        "page": Paginator(lines[::-1], PAGE).get_page(request.GET.get("page")),
        "may_open": all(line.closed_at for line in lines),
    }
    return render(request, "assessments/waves.html", context)


@open_to(*RUNS_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def wave_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a wave, after saying what that will do."""
    user, now = cast(User, request.user), timezone.now()
    agency = get_object_or_404(Agency.objects.editable_by(user), slug=slug)
    instrument = chosen_instrument(request)
    ahead = actions.opening(agency, instrument)
    if ahead.already_open is not None:
        messages.info(request, _("This wave is open. The next one can be opened once it has closed."))
        return redirect("assessments:wave", ahead.already_open.uuid)
    form = OpenForm(
        request.POST if request.method == "POST" else None,
        today=now.astimezone(agency.zone).date(),
        used=set(agency.waves.filter(instrument=instrument.code).counted().values_list("label", flat=True)),
        wordings=ahead.wordings,
    )
    form.initial.update(as_planned(request, now.astimezone(agency.zone).date()))
    context = {"agency": agency, "instrument": instrument, "form": form, "ahead": ahead}
    context |= {"stand_in": not ahead.wordings, "items": len(instrument.items)}
    if request.method != "POST":
        return render(request, "assessments/wave_new.html", context)
    if form.is_valid():
        try:
            wave = actions.open_wave(
                agency,
                instrument=instrument,
                label=form.cleaned_data["label"],
                closes_on=form.cleaned_data["closes_on"],
                wording=form.chosen_wording(),
                by=user,
                at=now,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        except KeysUnavailable as error:
            return no_keys(request, agency, error)
        else:
            text = _("The %(survey)s is open. The invitations go out within minutes, by themselves.")
            messages.success(request, text % {"survey": wave.survey_name})
            return redirect("assessments:wave", wave.uuid)
    return render(request, "assessments/wave_new.html", context, status=422)


def as_planned(request: HttpRequest, today: date) -> dict[str, Any]:
    """Label and closing date as the agency's plan has them (``?from_plan=midpoint&closes_on=2027-03-01``)."""
    found: dict[str, Any] = {}
    if (label := request.GET.get("from_plan")) in Wave.Label.values:
        found["label"] = label
    try:
        closes_on = date.fromisoformat(request.GET.get("closes_on", ""))
    except ValueError:
        return found
    return found | ({"closes_on": closes_on} if closes_on > today else {})


def chosen_instrument(request: HttpRequest) -> Instrument:
    """The instrument asked for by ``?instrument=``, the first one without; 404 for one that there is not."""
    code = request.GET.get("instrument") or next(iter(instruments.INSTRUMENTS))
    if code not in instruments.INSTRUMENTS:
        raise Http404
    return instruments.INSTRUMENTS[code]


@open_to(*RUNS_AGENCIES)
@require_safe
def wave(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open: who is asked, how many answered, never who. Closed: the released figures."""
    found = wave_here(request, uuid)
    now = timezone.now()
    published = figures.released_wave(found)
    if published is None:
        return render(
            request, "assessments/wave_open.html", open_context(found, ExtendForm(wave=found, now=now))
        )
    return render(request, "assessments/wave_closed.html", closed_context(found, published))


def wave_here(request: HttpRequest, uuid: UUID) -> Wave:
    """The wave of this address if the user runs its agency; else 404."""
    found = Wave.objects.visible_to(cast(User, request.user)).select_related(
        "agency", "release", "wording_pack"
    )
    return get_object_or_404(found, uuid=uuid)


def open_context(found: Wave, form: ExtendForm) -> dict[str, Any]:
    shown = found.answered_shown.get("teams", {})
    teams = [
        {"name": team["name"], "invited": team["invited"], "answered": shown[team["key"]]}
        for team in found.group_list
        if team["key"] in shown
    ]
    return {
        "wave": found,
        "agency": found.agency,
        "facts": [open_fact(figures.line(found))],
        "line": figures.line(found),
        "closes": found.closes_at.astimezone(found.agency.zone),
        "teams": teams,
        "unlisted": len(found.group_list) - len(teams),
        "form": form,
        "is_over": not found.takes_answers(timezone.now()),
    }


def open_fact(line: figures.WaveLine) -> dict[str, Any]:
    """How many answered, for ``components/facts.html``; nothing below k."""
    on = brief_day(date.fromisoformat(line.answered_on))
    label, rest = _("Answered"), _("of %(n)d invited") % {"n": line.invited}
    value = _("fewer than %(k)d") % {"k": line.k} if line.answered is None else line.answered
    return {"label": label, "value": value, "rest": rest, "note": _("counted on %(on)s") % {"on": on}}


def closed_facts(published: ReleasedWave) -> list[dict[str, Any]]:
    """Response and the agency's means, for ``components/facts.html``."""
    agency = published.agency
    response = {
        "label": _("Answered every statement"),
        "value": figures.people_text(agency.n),
        "rest": _("of %(n)d invited") % {"n": published.line.invited},
        "note": _("response rate %(rate)s") % {"rate": figures.rate_text(agency.rate)},
    }
    means = []
    for cell in agency.cells:
        scale = published.instrument.scale(cell.scale)
        note = _("95 %% interval %(interval)s. %(direction)s")
        means.append(
            {
                "label": published.name(cell.scale),
                "value": figures.mean_text(cell, places=1),
                "rest": _("mean, %(low)d–%(high)d") % {"low": scale.minimum, "high": scale.maximum},
                "note": note
                % {"interval": figures.interval_text(cell), "direction": published.direction(cell.scale)},
            }
        )
    return [response, *means]


def closed_context(found: Wave, published: ReleasedWave) -> dict[str, Any]:
    codes = published.release.scales
    agency = published.agency
    return {
        "wave": found,
        "agency": found.agency,
        "line": published.line,
        "instrument": published.instrument,
        "shown": agency.shown,
        "facts": closed_facts(published) if agency.shown else [],
        "scales": [
            {
                "name": published.name(code),
                "direction": published.direction(code),
                "chart": figures.level_chart(published, code, uid="wave"),
            }
            for code in codes
        ],
        "scale_names": [published.name(code) for code in codes],
        "groups": [
            {
                "name": group.name,
                "shown": group.shown,
                "invited": group.invited,
                "people": figures.people_text(group.n),
                "rate": figures.rate_text(group.rate),
                "means": [
                    (published.name(code), figures.mean_text(cell, places=0))
                    for code, cell in zip(codes, group.cells, strict=True)
                ],
            }
            for group in published.teams
        ],
        "kept_back": [group.name for group in published.teams if not group.shown],
        "k": published.release.k,
        "k_levels": published.release.k_levels,
    }


@open_to(*RUNS_AGENCIES)
@require_POST
def wave_extend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A later closing date."""
    found, now = wave_here(request, uuid), timezone.now()
    if found.closed_at:
        messages.error(request, _("This wave is closed. Its figures stand, and no answers can be added."))
        return redirect("assessments:wave", uuid)
    form = ExtendForm(request.POST, wave=found, now=now)
    if form.is_valid():
        try:
            actions.extend_wave(
                found, closes_on=form.cleaned_data["closes_on"], by=cast(User, request.user), at=now
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The wave stays open for longer."))
            return redirect("assessments:wave", uuid)
    return render(request, "assessments/wave_open.html", open_context(found, form), status=422)


@open_to(*RUNS_AGENCIES)
@require_POST
def wave_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close now, for good; the page asked before."""
    found = wave_here(request, uuid)
    try:
        actions.close_wave(found, by=cast(User, request.user), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    except KeysUnavailable as error:
        return no_keys(request, found.agency, error)
    else:
        messages.success(request, _("The wave is closed. These are its figures, for good."))
    return redirect("assessments:wave", uuid)


@open_to(*RUNS_AGENCIES)
@require_safe
def wave_figures(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The released figures as CSV."""
    found = wave_here(request, uuid)
    published = figures.released_wave(found)
    if published is None:
        raise Http404
    name = slugify(f"{found.agency.slug} {found.instrument} {found.label}")
    response = HttpResponse(figures_csv(published), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def no_keys(request: HttpRequest, agency: Agency, error: KeysUnavailable) -> HttpResponse:
    """Nothing was written: the keys of the surveys cannot be used (503)."""
    logger.error("the keys of the surveys cannot be used: %s", error)
    context = {
        "agency": agency,
        "detail": for_admin(request, error),
        "back": reverse("assessments:waves", args=[agency.slug]),
    }
    return render(request, "assessments/wave_no_keys.html", context, status=503)
