"""Somebody's places on a roster over time: spans of days, and what a change on a day makes of them.

Pure: no database, no clock. A span holds from ``from_on`` (None: as long as anybody knows) up to the day before
``until_on`` (None: still). Spans of one person are in order and never overlap; between two of them somebody was away.
Sources of the rule: whoever leaves on a day is no longer there on that day, as on every other page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Span:
    """One team and role, for some days."""

    from_on: date | None
    until_on: date | None
    team_id: int | None = None
    job_title: str = ""
    supervises: bool = False

    @property
    def role(self) -> tuple[int | None, str, bool]:
        return self.team_id, self.job_title, self.supervises

    def holds(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day < self.until_on
        )


class Stay(NamedTuple):
    """Days in a row on the roster, whatever the team: from a day on, up to the day before ``until_on``."""

    from_on: date | None
    until_on: date | None

    def holds(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day < self.until_on
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What a roster says of somebody at one moment, as far as places over time follow from it."""

    team_id: int | None = None
    job_title: str = ""
    supervises: bool = False
    hired_on: date | None = None
    left_on: date | None = None

    @property
    def role(self) -> tuple[int | None, str, bool]:
        return self.team_id, self.job_title, self.supervises


def first_spans(now: Facts) -> tuple[Span, ...]:
    """The places of somebody whose past nobody wrote down: all along as they are now."""
    # A leaving date before the hiring date is possible: then only the end is known.
    known = now.hired_on if now.left_on is None or (now.hired_on and now.hired_on <= now.left_on) else None
    return tidy([Span(known, now.left_on, *now.role)])


def followed(spans: Sequence[Span], was: Facts | None, now: Facts, since: date) -> tuple[Span, ...]:
    """The spans after a roster entry has changed from ``was`` (None: it is new) to ``now``.

    ``since``: the first day of a new team or role, and of a return; it never reaches before the stay it belongs
    to. Leaving and arriving carry days of their own.
    """
    if was is None:
        return first_spans(now)
    found = tuple(spans) or first_spans(was)
    if was.left_on is not None and now.left_on is None:
        return placed_since(found, now, _day_of_return(found, was, now, since))
    if was.hired_on != now.hired_on:
        found = begun_on(found, now.hired_on)
    if was.role != now.role and was.left_on is None:
        begin = stays(found)[-1].from_on if found else None
        found = placed_since(found, now, max(since, begin) if begin else since)
    if now.left_on is not None and now.left_on != was.left_on:
        found = ended_on(found, now.left_on)
    return found or first_spans(now)  # here for no day at all, until now


def _day_of_return(spans: Sequence[Span], was: Facts, now: Facts, since: date) -> date:
    """A new day of hire after the last leaving is the day of return; an old one says nothing about it."""
    gone = spans[-1].until_on if spans else was.left_on
    hired = now.hired_on if now.hired_on != was.hired_on else None
    return hired if hired and gone and gone <= hired <= since else since


def placed_since(spans: Iterable[Span], role: Facts, since: date) -> tuple[Span, ...]:
    """From ``since`` on in this role, whatever was said of later days before."""
    return tidy([*cut(spans, since), Span(since, None, *role.role)])


def ended_on(spans: Sequence[Span], day: date) -> tuple[Span, ...]:
    """No longer there from this day on; an end that was too early moves back to it."""
    if not spans:
        return ()
    last = spans[-1]
    if last.until_on is not None and last.until_on < day:
        return (*spans[:-1], replace(last, until_on=day))
    return tidy(cut(spans, day))


def begun_on(spans: Sequence[Span], day: date | None) -> tuple[Span, ...]:
    """The latest stay begins on this day instead. A day within an earlier stay is a first hire: it changes nothing."""
    if not spans:
        return ()
    *before, latest = stays(spans)
    earlier = [span for span in spans if before and span.until_on and span.until_on <= _end(before[-1])]
    run = [span for span in spans if span not in earlier]
    if earlier and (day is None or day < _end(before[-1])):
        return tuple(spans)
    if day is not None and latest.until_on is not None and day >= latest.until_on:
        return tuple(spans)  # hired after leaving: one of the two is wrong, and nobody knows which
    if day is not None:
        run = [span for span in run if span.until_on is None or span.until_on > day]
    return tidy([*earlier, replace(run[0], from_on=day), *run[1:]])


def cut(spans: Iterable[Span], day: date) -> list[Span]:
    """What lies before a day."""
    return [
        span if span.until_on is not None and span.until_on <= day else replace(span, until_on=day)
        for span in spans
        if span.from_on is None or span.from_on < day
    ]


def rest(spans: Iterable[Span], day: date) -> list[Span]:
    """What lies from a day on."""
    return [
        span if span.from_on is not None and span.from_on >= day else replace(span, from_on=day)
        for span in spans
        if span.until_on is None or span.until_on > day
    ]


def united(first: Sequence[Span], second: Sequence[Span]) -> tuple[Span, ...]:
    """The spans of two entries of one human being: where both say something, ``first`` counts."""
    gaps = [Stay(None, first[0].from_on)] if first and first[0].from_on else []
    gaps += [
        Stay(one.until_on, other.from_on) for one, other in pairwise(first) if one.until_on != other.from_on
    ]
    gaps += [Stay(first[-1].until_on, None)] if first and first[-1].until_on else []
    gaps = gaps if first else [Stay(None, None)]
    filled: list[Span] = []
    for gap in gaps:
        inside = cut(second, gap.until_on) if gap.until_on else list(second)
        filled += rest(inside, gap.from_on) if gap.from_on else inside
    return tidy(sorted([*first, *filled], key=lambda span: span.from_on or date.min))


def tidy(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Without empty spans, and two of one role that follow each other as one. They come in order."""
    found: list[Span] = []
    for span in spans:
        if span.from_on is not None and span.until_on is not None and span.from_on >= span.until_on:
            continue
        if found and found[-1].until_on == span.from_on and found[-1].role == span.role:
            found[-1] = replace(found[-1], until_on=span.until_on)
        else:
            found.append(span)
    return tuple(found)


def stays(spans: Iterable[Span | Stay]) -> list[Stay]:
    """Days in a row, whatever the team."""
    found: list[Stay] = []
    for span in spans:
        if found and found[-1].until_on is not None and found[-1].until_on == span.from_on:
            found[-1] = Stay(found[-1].from_on, span.until_on)
        else:
            found.append(Stay(span.from_on, span.until_on))
    return found


def _end(stay: Stay) -> date:
    return stay.until_on or date.max
