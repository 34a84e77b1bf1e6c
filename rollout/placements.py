"""Who was on the roster on a day, in which team and role: read for figures as of a date, kept right by every write.

Days are half-open everywhere: somebody who leaves on a day is no longer there on it. Whoever has no placement on
record (rows made before they were kept) counts by the days of hire and leaving. Merged entries never count.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from .dates import same_day_of_month
from .models import Agency, Person, Placement, Team
from .spans import Facts, Span, Stay, first_spans, followed, stays

BATCH = 250
"""Rows to an INSERT or UPDATE, so that no database meets its limit of parameters."""
_FACTS = ("team_id", "job_title", "hired_on", "left_on")
_PLACE = ("team_id", "job_title", "supervises")


# Reading


@dataclass(frozen=True, slots=True)
class MonthOfStaff:
    """People employed at a month's end (or on the last day asked for, if earlier), and those who left in it."""

    month: date
    """Its first day."""
    on: date
    """The day that is counted."""
    headcount: int
    separations: int


def spans_of(agency: Agency) -> dict[int, tuple[Span, ...]]:
    """Everybody ever on the roster, by person's key, with their places in order. One query."""
    rows = (
        agency.people.filter(merged_into=None)
        .order_by("pk", F("placements__from_on").asc(nulls_first=True), "placements__pk")
        .values_list(
            "pk",
            "placements__pk",
            "placements__from_on",
            "placements__until_on",
            "placements__team_id",
            "placements__job_title",
            "placements__supervises",
            "hired_on",
            "left_on",
            "team_id",
            "job_title",
        )
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for pk, placement, from_on, until_on, team, title, supervises, hired, left, team_now, title_now in rows:
        if placement is None:
            found[pk] = list(first_spans(Facts(team_now, title_now, False, hired, left)))
        else:
            found[pk].append(Span(from_on, until_on, team, title, supervises))
    return {pk: tuple(spans) for pk, spans in found.items()}


def stays_of(agency: Agency) -> dict[int, list[Stay]]:
    """Everybody ever on the roster with their days in a row, whatever the team. One query."""
    return {pk: stays(spans) for pk, spans in spans_of(agency).items()}


def placed_on(agency: Agency, day: date) -> dict[int, Span]:
    """Who was on the roster on a day, by person's key, with team and role then. One query."""
    return {pk: span for pk, spans in spans_of(agency).items() for span in spans if span.holds(day)}


def headcount_on(agency: Agency, day: date) -> int:
    """How many people were on the roster on a day. One query."""
    return _headcount(stays_of(agency).values(), day)


def separations_between(agency: Agency, from_on: date, until_on: date) -> int:
    """How many times somebody left, ``from_on`` included and ``until_on`` not; a move between teams is none. One query."""
    return _separations(stays_of(agency).values(), from_on, until_on)


def staff_by_month(agency: Agency, first: date, last: date) -> list[MonthOfStaff]:
    """Headcount and separations of every month from that of ``first`` to that of ``last``, no day after ``last``.

    One query, for any number of months. Turnover of a month: separations over headcount.
    """
    everybody = list(stays_of(agency).values())
    month, found = first.replace(day=1), []
    while month <= last:
        following = same_day_of_month(month, 1)
        day = min(last, date.fromordinal(following.toordinal() - 1))
        found.append(
            MonthOfStaff(
                month,
                day,
                _headcount(everybody, day),
                _separations(everybody, month, date.fromordinal(day.toordinal() + 1)),
            )
        )
        month = following
    return found


def _headcount(everybody: Iterable[Sequence[Stay]], day: date) -> int:
    return sum(any(stay.holds(day) for stay in each) for each in everybody)


def _separations(everybody: Iterable[Sequence[Stay]], from_on: date, until_on: date) -> int:
    return sum(
        stay.until_on is not None and from_on <= stay.until_on < until_on
        for each in everybody
        for stay in each
    )


# Writing


def facts_now(people: Iterable[Person], supervisors: Iterable[int | None]) -> dict[int, Facts]:
    """What the roster says of these people, by key; ``supervisors``: keys of whoever supervises a team."""
    leading = set(supervisors)
    return {
        person.pk: Facts(
            person.team_id, person.job_title, person.pk in leading, person.hired_on, person.left_on
        )
        for person in people
    }


def facts_of(keys: Iterable[int]) -> dict[int, Facts]:
    """The same for people as they stand in the database, before they are changed. Two queries."""
    wanted = set(keys)
    leading = set(Team.objects.filter(supervisor__in=wanted).values_list("supervisor_id", flat=True))
    rows = Person.objects.filter(pk__in=wanted).values_list("pk", *_FACTS)
    return {
        pk: Facts(team, title, pk in leading, hired_on, left_on)
        for pk, team, title, hired_on, left_on in rows
    }


def follow(was: Mapping[int, Facts], now: Mapping[int, Facts], *, since: date) -> None:
    """Bring the placements of everybody in ``now`` up to what the roster says: in the transaction of the change.

    Whoever is not in ``was`` is new. Where nothing differs nothing is written. Two queries to read, then one for
    each BATCH rows.
    """
    changed = [pk for pk, facts in now.items() if was.get(pk) != facts]
    if not changed:
        return
    old = placements_of(changed)
    rewrite(
        {
            pk: (old[pk], followed([span_of(row) for row in old[pk]], was.get(pk), now[pk], since))
            for pk in changed
        }
    )


def placements_of(keys: Iterable[int]) -> dict[int, list[Placement]]:
    """Rows by person, in order of time."""
    found: dict[int, list[Placement]] = {pk: [] for pk in keys}
    wanted = sorted(found)
    for start in range(0, len(wanted), _KEYS):
        rows = Placement.objects.filter(person__in=wanted[start : start + _KEYS]).order_by(
            "person", F("from_on").asc(nulls_first=True), "pk"
        )
        for row in rows:
            found[row.person_id].append(row)
    return found


_KEYS = 10_000
"""Keys to a SELECT."""


def span_of(row: Placement) -> Span:
    return Span(row.from_on, row.until_on, row.team_id, row.job_title, row.supervises)


def rewrite(wanted: Mapping[int, tuple[Sequence[Placement], Sequence[Span]]]) -> None:
    """Rows and what they are to say, by person: kept, changed, added or taken away, as few as possible."""
    gone, changed, new = list[int](), list[Placement](), list[Placement]()
    for person, (rows, spans) in wanted.items():
        gone += [row.pk for row in rows[len(spans) :]]
        changed += [
            as_span(row, span) for row, span in zip(rows, spans, strict=False) if span_of(row) != span
        ]
        new += [as_span(Placement(person_id=person), span) for span in spans[len(rows) :]]
    # In this order no person has two open placements in between.
    if gone:
        Placement.objects.filter(pk__in=gone).delete()
    Placement.objects.bulk_update(changed, ["from_on", "until_on", *_PLACE], batch_size=BATCH)
    Placement.objects.bulk_create(new, batch_size=BATCH)


def as_span(row: Placement, span: Span) -> Placement:
    row.from_on, row.until_on = span.from_on, span.until_on
    row.team_id, row.job_title, row.supervises = span.role
    return row
