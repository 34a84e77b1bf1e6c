"""Two entries of one human being made one, and parted again: rows of every app change hands together.

Survey answers are found by a keyed hash of ``Person.uuid``. So the entry with which somebody has signed in or begun a
survey is always the one that stays, and its uuid and account with it; two such entries are never joined. Nobody's
account therefore ever opens what was answered under another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from rollout import placements
from rollout.audit import record
from rollout.enrollment import only_here, seen_of, today_in
from rollout.models import Agency, Merge, NotTheSame, Person, Placement, Team, User
from rollout.refusals import Changed, Refused
from rollout.spans import Span, cut, first_spans, placed_since, rest, tidy, united

from .merged_rows import KEYS, combine, empty_again, fill, hand_over, manager_of, move_teams, plain, to_move

TEXTS = ("first_name", "last_name", "email", "job_title", "employee_number")
TAKEN = (*TEXTS, "team_id", "hired_on")
FIELDS = (*TAKEN, "left_on", "user_id")
type Values = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What joining two entries would do. Nothing is written; without a ``refusal`` it may be."""

    kept: Person
    absorbed: Person
    facts: Person
    """The one of the two whose facts count where both say something."""
    after: Values
    refusal: str = ""

    @property
    def seen(self) -> str:
        """Fingerprint of both lines as they are shown."""
        return seen_of(self.kept) + seen_of(self.absorbed)


# Looking


def plan(one: Person, other: Person, facts: Person | None = None) -> Plan:
    """How two entries would be joined. ``facts``: the one whose facts count; without it whoever is on the roster now."""
    facts = facts or newest(one, other)
    second = other if facts == one else one
    ranked = sorted((facts, second), key=lambda person: (not has_signed_in(person), person != facts))
    kept, absorbed = ranked
    after = {name: getattr(facts, name) or getattr(second, name) for name in TAKEN}
    here = one.left_on is None or other.left_on is None
    after["left_on"] = None if here else max(one.left_on or date.min, other.left_on or date.min)
    after["user_id"] = kept.user_id or absorbed.user_id
    return Plan(kept, absorbed, facts, after, refusal_of(kept, absorbed))


def newest(one: Person, other: Person) -> Person:
    """Who is on the roster, else who came later."""
    return max(
        one, other, key=lambda person: (person.left_on is None, person.hired_on or date.min, person.pk)
    )


def refusal_of(kept: Person, absorbed: Person) -> str:
    """Why two entries may not be joined; "" when they may."""
    if kept.pk == absorbed.pk or kept.agency_id != absorbed.agency_id:
        return _("Only two entries of one agency can be joined.")
    if kept.merged_into_id or absorbed.merged_into_id:
        return _("One of the entries has been joined already.")
    if has_signed_in(absorbed):
        return _(
            "Both entries have been signed in with, or used for a survey. What was answered with one sign-in must never "
            "open with another, so these two cannot be joined. Leave the earlier entry as it is, off the roster."
        )
    if absorbed.user_id and not kept.user_id and has_signed_in(kept):
        return _(
            "The entry that has been used for a survey has no sign-in any more, so it cannot get another one."
        )
    return ""


def has_signed_in(person: Person) -> bool:
    """Whether the entry's owner has come in or begun a survey: from then on something may hang on it that is theirs."""
    account = person.user
    if account and (account.claimed_at or account.last_login):
        return True
    return person.invitations.filter(Q(completed=True) | Q(browser_hash__isnull=False)).exists()


def moving(plan: Plan) -> dict[type[models.Model], int]:
    """How many rows of each kind would change hands."""
    return {model: len(keys) for model in KEYS if (keys := to_move(model, plan.kept, plan.absorbed))}


# Writing


@transaction.atomic
def merge(
    one: Person, other: Person, *, facts: Person | None = None, seen: str = "", by: User, at: datetime
) -> Merge:
    """Make two entries one. Refused with the reason; Changed when either is no longer as it was shown."""
    agency = Agency.objects.select_for_update().get(pk=one.agency_id)
    locked = Person.objects.select_for_update(of=("self",)).select_related("user").order_by("pk")
    people = locked.in_bulk([one.pk, other.pk])
    chosen = people[facts.pk] if facts else None
    found = plan(people[one.pk], people[other.pk], chosen)
    if found.refusal:
        raise Refused(found.refusal)
    if seen and seen != found.seen:
        raise Changed
    kept, absorbed = found.kept, found.absorbed
    spans = _spans_after(found)  # before teams and people change
    earlier = placements.placements_of([kept.pk])[kept.pk]
    moved: Values = {
        "placements": [_stored(row) for row in earlier],
        "changed": combine(kept, absorbed),
        "filled": fill(kept, absorbed),
        "rows": hand_over(kept, absorbed),
        "teams": move_teams(absorbed, kept),
        "before": {"kept": _values(kept), "absorbed": _values(absorbed)},
        "accounts": _accounts(found),
    }
    _write_people(found, today_in(agency, at))
    moved["after"] = {"kept": _values(kept), "absorbed": _values(absorbed)}
    _place(found, earlier, spans, today_in(agency, at))
    moved["placed"] = [_stored(row) for row in placements.placements_of([kept.pk])[kept.pk]]
    made = Merge.objects.create(agency=agency, kept=kept, absorbed=absorbed, moved=moved, by=by, at=at)
    record(
        "joined", kept, by=by, at=at, agency=agency, after={"with": str(absorbed.uuid), "name": str(absorbed)}
    )
    return made


@transaction.atomic
def undo(merge: Merge, *, by: User, at: datetime) -> None:
    """Part two entries again: what changed hands goes back, what came since stays. Refused where that cannot be."""
    Agency.objects.select_for_update().get(pk=merge.agency_id)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    people = Person.objects.select_for_update().in_bulk([merge.kept_id, merge.absorbed_id])
    kept, absorbed = people[merge.kept_id], people[merge.absorbed_id]
    if merge.undone_at:
        raise Refused(_("These entries have been parted already."))
    if kept.merged_into_id or absorbed.merged_into_id != kept.pk:
        raise Refused(_("The entry has been joined with another one since. Part those first."))
    moved = merge.moved
    _part_people(kept, absorbed, moved)
    for label, keys in moved["rows"].items():
        manager_of(label).filter(pk__in=keys, person=kept).update(person=absorbed)
    empty_again(moved["filled"])
    for label, pk, before, after in moved["changed"]:
        manager_of(label).filter(pk=pk, **after).update(**before)
    Team.objects.filter(pk__in=moved["teams"], supervisor=kept).update(supervisor=absorbed)
    for pk, active, was in moved["accounts"]:
        User.objects.filter(pk=pk, is_active=active).update(is_active=was)
    _place_again(kept, moved, today_in(merge.agency, merge.at))
    Merge.objects.filter(pk=merge.pk).update(undone_by=by, undone_at=at)
    record(
        "parted",
        kept,
        by=by,
        at=at,
        agency=merge.agency,
        after={"from": str(absorbed.uuid), "name": str(absorbed)},
    )


@transaction.atomic
def two_people(one: Person, other: Person, *, by: User, at: datetime) -> None:
    """Two entries that look alike are two human beings: they are not asked about again."""
    first, second = sorted((one, other), key=lambda person: person.pk)
    _said, new = NotTheSame.objects.get_or_create(one=first, other=second, defaults={"by": by, "at": at})
    if new:
        record("told apart", first, by=by, at=at, agency=first.agency, after={"from": str(second.uuid)})


# The two entries and their accounts


def _values(person: Person) -> Values:
    return plain({name: getattr(person, name) for name in FIELDS})


def _write_people(found: Plan, today: date) -> None:
    """The absorbed entry gives up what is unique before the other one takes it."""
    kept, absorbed = found.kept, found.absorbed
    absorbed.email = absorbed.employee_number = ""
    absorbed.user = None
    absorbed.left_on = absorbed.left_on or today
    absorbed.merged_into = kept
    absorbed.save()
    for name, value in found.after.items():
        setattr(kept, name, value)
    kept.save()


def _accounts(found: Plan) -> list[list[Any]]:
    """Which accounts open or close with it, as (key, active from now on, active before).

    One that nobody has used and that loses its place is closed; that of somebody on the roster is open.
    """
    given_up = found.absorbed.user_id if found.absorbed.user_id != found.after["user_id"] else None
    closing = only_here([found.absorbed]) if given_up else set()
    wanted = dict.fromkeys(closing, False)
    if found.after["left_on"] is None and found.after["user_id"]:
        wanted[found.after["user_id"]] = True
    changed = []
    for account in User.objects.filter(pk__in=wanted):
        if account.is_active != wanted[account.pk]:
            User.objects.filter(pk=account.pk).update(is_active=wanted[account.pk])
            changed.append([account.pk, wanted[account.pk], account.is_active])
    return changed


def _part_people(kept: Person, absorbed: Person, moved: Values) -> None:
    """Facts that nobody has changed since are as they were; a unique one goes back only while it is free."""
    before, after = moved["before"], moved["after"]
    now = _values(kept)
    _set(kept, {name: before["kept"][name] for name in FIELDS if now[name] == after["kept"][name]})
    kept.save()
    given = dict(before["absorbed"])
    others = Person.objects.filter(agency=absorbed.agency_id).exclude(pk=absorbed.pk)
    for name, lookup in (
        ("email", "email__iexact"),
        ("employee_number", "employee_number"),
        ("user_id", "user"),
    ):
        if given[name] and others.filter(**{lookup: given[name]}).exists():
            given[name] = None if name == "user_id" else ""
    _set(absorbed, given)
    absorbed.merged_into = None
    absorbed.save()


def _set(person: Person, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(person, name, date.fromisoformat(value) if name.endswith("_on") and value else value)


# Places over time


def _spans_after(found: Plan) -> tuple[Span, ...]:
    """Where the two overlap, the entry whose facts count was right."""
    second = found.absorbed if found.facts == found.kept else found.kept
    keys = (found.facts.pk, second.pk)
    rows, facts = placements.placements_of(keys), placements.facts_of(keys)
    one, other = (tuple(map(placements.span_of, rows[pk])) or first_spans(facts[pk]) for pk in keys)
    return united(one, other)


def _place(found: Plan, rows: list[Placement], spans: tuple[Span, ...], today: date) -> None:
    now = placements.facts_of([found.kept.pk])[found.kept.pk]
    if spans and now.left_on is None:
        last = spans[-1]
        if last.until_on is not None or last.role != now.role:
            spans = placed_since(spans, now, today)
    placements.rewrite({found.kept.pk: (rows, spans)})


def _stored(row: Placement) -> list[Any]:
    span = placements.span_of(row)
    days = [day.isoformat() if day else None for day in (span.from_on, span.until_on)]
    return [row.pk, *days, *span.role]


def _restored(stored: list[Any]) -> tuple[int, Span]:
    pk, from_on, until_on, team, title, supervises = stored
    days = [date.fromisoformat(day) if day else None for day in (from_on, until_on)]
    return pk, Span(days[0], days[1], team, title, supervises)


def _place_again(kept: Person, moved: Values, merged_on: date) -> None:
    """As before; what has changed since the two were joined stays."""
    rows = placements.placements_of([kept.pk])[kept.pk]
    before = [_restored(each) for each in moved["placements"]]
    if [_stored(row) for row in rows] != moved["placed"]:
        spans = [placements.span_of(row) for row in rows]
        earlier = cut([span for _pk, span in before], merged_on)
        placements.rewrite({kept.pk: (rows, tidy([*earlier, *rest(spans, merged_on)]))})
        return
    Placement.objects.filter(pk__in=[row.pk for row in rows]).delete()
    Placement.objects.bulk_create(
        placements.as_span(Placement(pk=pk, person=kept), span) for pk, span in before
    )
