"""Writes of the plan: made from a start date and a template, one date moved, worked out anew, marked, compared."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from .audit import record
from .models import Agency, Cohort, Milestone, Plan, Session, User
from .plan import Pin, PlanDates, Unplannable, make_plan
from .plan_desk import Desk, Facts, days_for, key_of, open_desk
from .plan_moves import Change, Moved, compare, move
from .plan_steps import Key, Template, steps
from .plan_words import no_place, refusal
from .refusals import Changed, Refused
from .session_series import TrainingDay, plan_sessions


def draft(
    agency: Agency,
    *,
    starts_on: date,
    template: Template,
    trainer: User | None,
    pins: Mapping[Key, Pin] | None = None,
) -> PlanDates:
    """The dates of a plan that is not written yet. Refused, in words, where none can be made."""
    free = days_for(agency, trainer, starts_on, set())
    try:
        return make_plan(template, starts_on, free.closed, free.busy, pins)
    except Unplannable as error:
        raise Refused(no_place(error, template.cohorts)) from error


@transaction.atomic
def create_plan(
    agency: Agency,
    *,
    starts_on: date,
    template: Template,
    trainer: User | None,
    pins: Mapping[Key, Pin] | None = None,
    by: User,
    at: datetime,
) -> Plan:
    """The agency's plan with all its milestones. Refused when it has one.

    ``pins``: dates known beforehand, which stay; those that are done are facts, which no row needs to hold.
    """
    Agency.objects.select_for_update().get(pk=agency.pk)
    if Plan.objects.filter(agency=agency).exists():
        raise Refused(_("This agency has a plan already. Open it, and recalculate it there."))
    dates = draft(agency, starts_on=starts_on, template=template, trainer=trainer, pins=pins)
    plan = Plan.objects.create(
        agency=agency,
        starts_on=starts_on,
        template=asdict(template),
        trainer=trainer,
        made_by=by,
        made_at=at,
    )
    Milestone.objects.bulk_create(
        Milestone(
            plan=plan,
            kind=item.key.kind,
            cohort=item.key.cohort,
            number=item.key.number,
            position=position,
            on=item.on,
            until_on=item.until,
            is_fixed=item.key in dates.pins and not dates.pins[item.key].done,
        )
        for position, item in enumerate(dates.items, start=1)
    )
    after = {"starts_on": starts_on.isoformat(), "milestones": len(dates.items)} | asdict(template)
    record("made the plan", plan, by=by, at=at, agency=agency, after=after)
    return plan


# --- Moving one date ------------------------------------------------------------------------------------------


def preview_move(desk: Desk, key: Key, on: date) -> Moved:
    """What would move. What was made from the plan (a session, a call, a wave) is moved where it stands."""
    return move(desk.dates, key, on, desk.closed, desk.busy)


def digest(desk: Desk, dates: PlanDates) -> str:
    """Fingerprint of what would be written: another one as soon as the plan or what it rests on has changed."""
    said = (desk.plan.version, dates.starts_on, dates.template, sorted(dates.pins.items()), dates.items)
    return hashlib.sha256(repr(said).encode()).hexdigest()


@transaction.atomic
def save_move(
    plan: Plan, key: Key, on: date, *, seen: str, facts: Facts, by: User, at: datetime
) -> tuple[Change, ...]:
    """Write what the preview showed. ``seen``: its digest; Changed when something else would be written by now.

    Refused on a date that cannot be. The milestone stays on its new date from now on.
    """
    desk = open_desk(_locked(plan), facts)
    _refuse_linked(desk, key)
    moved = preview_move(desk, key, on)
    if digest(desk, moved.plan) != seen:
        raise Changed
    if moved.refused:
        raise Refused(refusal(moved.refused, desk.template.cohorts))
    if moved.changes:
        Milestone.objects.filter(pk=desk.rows[key].pk).update(is_fixed=True)
        _write(desk, moved.plan, moved.changes, "moved a date of the plan", by=by, at=at)
    return moved.changes


def _refuse_linked(desk: Desk, key: Key) -> None:
    if key in desk.facts:
        raise Refused(_("This date is planned or has passed outside of the plan. Change it where it stands."))


# --- Worked out anew --------------------------------------------------------------------------------------------


def preview_rework(desk: Desk, *, starts_on: date, template: Template, trainer: User | None) -> PlanDates:
    """The plan from another start, template or trainer, and from today's closed days and bookings.

    Dates that were set by hand, planned or held stay. Refused where there is no place, or where something planned
    or held would fall out of the plan.
    """
    free = days_for(desk.plan.agency, trainer, starts_on, desk.linked)
    kept = {step.key for step in steps(template)}
    lost = [key for key in desk.rows if key not in kept and (key in desk.facts or desk.rows[key].done_on)]
    if lost:
        text = _(
            "%(n)d milestones that are planned or done already would fall out of the plan. Keep their cohorts."
        )
        raise Refused(text % {"n": len(lost)})
    try:
        return make_plan(template, starts_on, free.closed, free.busy, desk.dates.pins)
    except Unplannable as error:
        raise Refused(no_place(error, template.cohorts)) from error


@transaction.atomic
def save_rework(
    plan: Plan,
    *,
    starts_on: date,
    template: Template,
    trainer: User | None,
    seen: str,
    facts: Facts,
    by: User,
    at: datetime,
) -> tuple[Change, ...]:
    """Write the plan as the preview showed it. Changed when something else would be written by now."""
    desk = open_desk(_locked(plan), facts)
    dates = preview_rework(desk, starts_on=starts_on, template=template, trainer=trainer)
    if digest(desk, dates) != seen:
        raise Changed
    changes = compare(desk.dates, dates)
    desk.plan.starts_on, desk.plan.template, desk.plan.trainer = starts_on, asdict(template), trainer
    desk.plan.save(update_fields=["starts_on", "template", "trainer"])
    _write(desk, dates, changes, "recalculated the plan", by=by, at=at)
    return changes


def _write(
    desk: Desk, dates: PlanDates, changes: Sequence[Change], verb: str, *, by: User, at: datetime
) -> None:
    """Rows as these dates say, the plan's version one on, and one entry with every date that changed."""
    gone = [change.key for change in changes if change.after is None]
    Milestone.objects.filter(pk__in=[desk.rows[key].pk for key in gone]).delete()
    made, kept = [], []
    for position, item in enumerate(dates.items, start=1):
        row = desk.rows.get(item.key)
        if row is None:
            row = Milestone(plan=desk.plan, **item.key._asdict())
            made.append(row)
        else:
            kept.append(row)
        row.position, row.on, row.until_on = position, item.on, item.until
    Milestone.objects.bulk_update(kept, ["position", "on", "until_on"])
    Milestone.objects.bulk_create(made)
    _next_version(desk.plan)
    sides = (
        {"-".join(map(str, change.key)): item.on.isoformat() for change in changes if (item := side(change))}
        for side in (lambda change: change.before, lambda change: change.after)
    )
    before, after = sides
    record(verb, desk.plan, by=by, at=at, agency=desk.plan.agency, before=before, after=after)


def _locked(plan: Plan) -> Plan:
    """The plan for this transaction alone: two editors wait for each other."""
    return Plan.objects.select_for_update().get(pk=plan.pk)


def _next_version(plan: Plan) -> None:
    plan.version += 1
    plan.save(update_fields=["version"])


# --- Marks ------------------------------------------------------------------------------------------------------


@transaction.atomic
def fix(milestone: Milestone, *, stays: bool, by: User, at: datetime) -> None:
    """Keep a milestone on its date when others move, or let it move along again (its date is still the same)."""
    plan = _locked(milestone.plan)
    rows = Milestone.objects.filter(pk=milestone.pk).exclude(is_fixed=stays)
    if rows.update(is_fixed=stays):
        _next_version(plan)
        _mark(milestone, "fixed a date of the plan" if stays else "freed a date of the plan", by=by, at=at)


@transaction.atomic
def mark_done(milestone: Milestone, done_on: date | None, *, by: User, at: datetime) -> None:
    """Say by hand that it took place, and when; None takes that back. Refused for a day that is still ahead."""
    agency = milestone.plan.agency
    if done_on and done_on > at.astimezone(agency.zone).date():
        raise Refused(_("That day is still ahead. Move the date instead."))
    plan = _locked(milestone.plan)
    before = Milestone.objects.get(pk=milestone.pk).done_on
    if before == done_on:
        return
    Milestone.objects.filter(pk=milestone.pk).update(done_on=done_on)
    _next_version(plan)
    verb = "marked a milestone done" if done_on else "took back that a milestone is done"
    values = [{"done_on": day.isoformat()} if day else {} for day in (before, done_on)]
    _mark(milestone, verb, before=values[0], after=values[1], by=by, at=at)


@transaction.atomic
def set_baseline(plan: Plan, *, facts: Facts, by: User, at: datetime) -> None:
    """Take the dates of today as the ones to compare with from now on."""
    desk = open_desk(_locked(plan), facts)
    rows = list(desk.rows.values())
    before = {_name(row): row.baseline_on.isoformat() for row in rows if row.baseline_on}
    for key, row in desk.rows.items():
        item = desk.dates.item(key)
        row.baseline_on = item.on if item else row.on
    Milestone.objects.bulk_update(rows, ["baseline_on"])
    desk.plan.baseline_by, desk.plan.baseline_at = by, at
    desk.plan.save(update_fields=["baseline_by", "baseline_at"])
    _next_version(desk.plan)
    after = {_name(row): row.baseline_on.isoformat() for row in rows if row.baseline_on}
    record("set the plan’s baseline", plan, by=by, at=at, agency=plan.agency, before=before, after=after)


@transaction.atomic
def link(plan: Plan, made: Mapping[Key, UUID], *, by: User, at: datetime) -> None:
    """Say which rows were made from which milestones: sessions, calls, waves. Unknown milestones are left out."""
    plan = _locked(plan)
    rows = [row for row in plan.milestones.all() if key_of(row) in made]
    for row in rows:
        row.row_uuid = made[key_of(row)]
    Milestone.objects.bulk_update(rows, ["row_uuid"])
    _next_version(plan)
    after = {_name(row): str(row.row_uuid) for row in rows}
    record("linked milestones", plan, by=by, at=at, agency=plan.agency, after=after)


@transaction.atomic
def make_sessions(
    plan: Plan,
    rows: Sequence[Milestone],
    cohort: Cohort,
    *,
    starts: time,
    ends: time,
    trainer: User | None,
    place: str,
    by: User,
    at: datetime,
) -> list[Session]:
    """Training sessions on these milestones' dates for one cohort, linked to them. All, or Refused with the reasons."""
    days = [TrainingDay(row.on, starts, ends, row.number) for row in rows]
    sessions = plan_sessions(cohort, days=days, trainer=trainer, place=place, by=by, at=at)
    made = {key_of(row): session.uuid for row, session in zip(rows, sessions, strict=True)}
    link(plan, made, by=by, at=at)
    return sessions


def _name(row: Milestone) -> str:
    return "-".join(map(str, key_of(row)))


def _mark(
    milestone: Milestone,
    verb: str,
    *,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
    by: User,
    at: datetime,
) -> None:
    named = {"milestone": _name(milestone)}
    agency = milestone.plan.agency
    record(verb, milestone, by=by, at=at, agency=agency, before=before, after=named | dict(after or {}))
