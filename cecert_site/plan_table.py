"""A plan as its readers see it: one line for each milestone, the picture, the sums. The same for page, paper and file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rollout import day_words
from rollout.chart_parts import Chart
from rollout.chart_plan import PlanMark, plan_axis, plan_chart
from rollout.plan import Days, Planned
from rollout.plan_desk import Desk
from rollout.plan_moves import working_days
from rollout.plan_steps import Key, steps
from rollout.plan_words import STAGE_OF, WAVES, drift_words, refusal, stage_names, title_of

NEAR = timedelta(days=30)
"""How long before its planned day opening a wave is offered."""


@dataclass(frozen=True)
class Line:
    """One milestone. ``actual_on``: when it took place; ``drift``: working days later than the baseline, None without.

    ``state``: done, open (a wave), planned (something was made of it), late, ahead. ``clash``: why its day is not free.
    """

    uuid: UUID
    key: Key
    title: str
    item: Planned
    baseline_on: date | None
    actual_on: date | None
    drift: int | None
    state: str
    is_fixed: bool
    url: str
    clash: str
    version: int

    @property
    def on(self) -> date:
        return self.item.on

    @property
    def is_open(self) -> bool:
        """Still to come or late, and made into nothing: it can be moved."""
        return self.state in ("late", "ahead")

    @property
    def state_name(self) -> str:
        return {
            "done": _("done"),
            "open": _("open now"),
            "planned": _("planned"),
            "late": _("overdue"),
            "ahead": _("to come"),
        }[self.state]

    @property
    def kind(self) -> str:
        """Color of the state's tag."""
        return {"done": "good", "late": "warn"}.get(self.state, "")

    @property
    def drift_text(self) -> str:
        return drift_words(self.drift)


@dataclass(frozen=True)
class Stage:
    """A part of the plan with its lines; ``done`` of them."""

    code: str
    name: str
    lines: tuple[Line, ...]

    @property
    def done(self) -> int:
        return sum(line.state == "done" for line in self.lines)


def lines_of(desk: Desk, today: date) -> list[Line]:
    """Every milestone in the plan's order. No query."""
    free = Days.of(desk.closed, desk.busy)
    trained = {step.key for step in steps(desk.template) if step.trained}
    return [_line(desk, key, today, free, key in trained) for key in desk.rows]


def _line(desk: Desk, key: Key, today: date, free: Days, trained: bool) -> Line:
    row, fact = desk.rows[key], desk.facts.get(key)
    item = desk.dates.item(key)
    assert item is not None  # rows and items are made of one another
    if fact and fact.done:
        state = "open" if fact.until >= today and fact.until > fact.on else "done"
    elif row.done_on:
        state = "done"
    elif fact:
        state = "planned"
    else:
        state = "late" if item.until < today else "ahead"
    actual = fact.on if fact and fact.done else row.done_on
    hindrance = free.hindrance(item.on.toordinal(), trained) if state == "ahead" else None
    cohorts = desk.template.cohorts
    drift = working_days(row.baseline_on, actual or item.on, desk.closed) if row.baseline_on else None
    return Line(
        uuid=row.uuid,
        key=key,
        title=title_of(key, row.title, cohorts),
        item=item,
        baseline_on=row.baseline_on,
        actual_on=actual,
        drift=drift,
        state=state,
        is_fixed=row.is_fixed,
        url=fact.url if fact else "",
        clash=refusal(hindrance, cohorts) if hindrance else "",
        version=desk.plan.version,
    )


def stages_of(lines: Iterable[Line]) -> list[Stage]:
    """The lines by part of the plan."""
    lines = list(lines)
    return [
        Stage(code, name, tuple(line for line in lines if STAGE_OF[line.key.kind] == code))
        for code, name in stage_names().items()
    ]


def headers() -> list[str]:
    return [
        _("Milestone"),
        _("From"),
        _("Until"),
        _("Baseline"),
        _("Took place"),
        _("Working days later than the baseline"),
        _("State"),
        _("Stays on its date"),
    ]


def rows_of(lines: Iterable[Line]) -> list[list[object]]:
    """For a file."""
    return [
        [
            line.title,
            line.item.on,
            line.item.until,
            line.baseline_on,
            line.actual_on,
            line.drift,
            line.state_name,
            line.is_fixed,
        ]
        for line in lines
    ]


def chart_of(
    desk: Desk, lines: Sequence[Line], today: date, *, movable: bool, width: int | None = None
) -> Chart:
    """The picture; ``movable``: its reader may move dates."""
    marks = [_plan_mark(desk, line, movable) for line in lines]
    columns = (_("Milestone"), _("Date"), _("Baseline"), _("Difference"), _("State"))
    rows = [
        (
            line.title,
            day_words.short_day(line.item.on),
            day_words.short_day(line.baseline_on) if line.baseline_on else "–",
            line.drift_text or "–",
            line.state_name,
        )
        for line in lines
    ]
    return plan_chart(marks, rows, columns, title=takeaway(lines), today=today, uid="plan", width=width)


def _plan_mark(desk: Desk, line: Line, movable: bool) -> PlanMark:
    lane = lane_of(line.key, desk.template.cohorts)
    numbered = line.key.kind == "call"
    url = reverse("plan_milestone", args=[line.uuid]) if movable and line.is_open else ""
    return PlanMark(
        lane=lane,
        title=line.title,
        on=line.actual_on or line.item.on,
        until=max(line.item.until, line.actual_on or line.item.on)
        if line.item.until > line.item.on
        else line.actual_on or line.item.on,
        text=str(line.key.number) if numbered else "",
        baseline_on=line.baseline_on,
        done=line.state == "done",
        move_url=url,
    )


def lane_of(key: Key, cohorts: int) -> str:
    """In which lane of the picture a milestone stands."""
    if key.kind == "foundations":
        return _("Foundations") if cohorts == 1 else _("Cohort %(n)d") % {"n": key.cohort}
    return {
        "supervision": _("Supervision day"),
        "call": _("Ten calls"),
        "follow_up": _("Follow-up waves and reviews"),
        "review": _("Follow-up waves and reviews"),
    }.get(key.kind, _("Commitment, roster, baseline wave"))


def takeaway(lines: Sequence[Line]) -> str:
    """What the picture says: how much is done, and how far the end has moved."""
    done = sum(line.state == "done" for line in lines)
    last = max(lines, key=lambda line: line.item.until)
    said = _("%(done)d of %(all)d milestones are done; the last is planned for %(on)s") % {
        "done": done,
        "all": len(lines),
        "on": day_words.short_day(last.item.until),
    }
    late = sum(1 for line in lines if (line.drift or 0) > 0)
    if not late:
        return said
    return (
        said
        + "; "
        + ngettext("%(n)d date is later than the baseline", "%(n)d dates are later than the baseline", late)
        % {"n": late}
    )


def facts_of(lines: Sequence[Line]) -> list[dict[str, object]]:
    """The figures at the head of the page, for ``components/facts.html``."""
    done = sum(line.state == "done" for line in lines)
    compared = [line for line in lines if line.drift is not None]
    later = sum((line.drift or 0) > 0 for line in compared)
    last = max(lines, key=lambda line: line.item.until)
    facts: list[dict[str, object]] = [
        {
            "label": _("Done"),
            "value": done,
            "rest": _("of %(n)d milestones") % {"n": len(lines)},
        }
    ]
    if compared:
        rest = _("of %(n)d dates") % {"n": len(compared)}
        note = drift_words(max(line.drift or 0 for line in compared)) if later else ""
        note = _("the furthest: %(drift)s") % {"drift": note} if note else ""
        facts.append({"label": _("Later than the baseline"), "value": later, "rest": rest, "note": note})
    facts.append({"label": _("Last date"), "value": day_words.short_day(last.item.until), "rest": last.title})
    return facts


@dataclass(frozen=True)
class CohortRow:
    """A cohort of the plan: its training days side by side with the other cohorts', and whether they are planned."""

    number: int
    name: str
    lines: tuple[Line, ...]

    @property
    def is_open(self) -> bool:
        """Nothing was made of any of its days yet."""
        return all(line.is_open for line in self.lines)


def cohorts_of(desk: Desk, lines: Sequence[Line]) -> list[CohortRow]:
    """The cohorts side by side, and the supervision day under 0."""
    rows = [
        CohortRow(
            number,
            lane_of(Key("foundations", number), desk.template.cohorts),
            tuple(line for line in lines if line.key.kind == "foundations" and line.key.cohort == number),
        )
        for number in range(1, desk.template.cohorts + 1)
    ]
    supervision = tuple(line for line in lines if line.key.kind == "supervision")
    return [*rows, CohortRow(0, lane_of(Key("supervision"), desk.template.cohorts), supervision)]


def makes_of(desk: Desk, lines: Sequence[Line], today: date) -> dict[str, str]:
    """Where the calls and the next wave are made from the plan's dates; only what is still to be made.

    A wave is opened when its day is near and no other one is open.
    """
    agency, found = desk.plan.agency, {}
    calls = [line for line in lines if line.key.kind == "call"]
    if all(line.is_open for line in calls):
        found["calls"] = reverse("consultation:series_new", args=[agency.slug]) + "?from_plan=1"
    waves = [line for line in lines if line.key.kind in ("baseline", "follow_up") and line.is_open]
    is_open = any(line.state == "open" for line in lines)
    if waves and not is_open and waves[0].item.on <= today + NEAR:
        number = waves[0].key.number
        label = "baseline" if waves[0].key.kind == "baseline" else WAVES[number]
        url = reverse("assessments:wave_new", args=[agency.slug])
        found["wave"] = f"{url}?from_plan={label}&closes_on={waves[0].item.until.isoformat()}"
        found["wave_title"], found["wave_stage"] = waves[0].title, STAGE_OF[waves[0].key.kind]
    return found


def axis_of(desk: Desk, lines: Sequence[Line]) -> tuple[date, date]:
    """First day of the picture, and the day after its last: the script that drags needs them."""
    axis = plan_axis([_plan_mark(desk, line, False) for line in lines])
    return axis.start, axis.end


def paper(desk: Desk, lines: Sequence[Line], today: date) -> dict[str, object]:
    """The plan for ``pdf/plan.html``."""
    agency = desk.plan.agency
    return {
        "title": _("Plan of the rollout: %(agency)s") % {"agency": agency},
        "subtitle": _("As of %(on)s") % {"on": day_words.full_day(today)},
        "author": agency.name,
        "plan": desk.plan,
        "facts": facts_of(lines),
        "stages": stages_of(lines),
        "chart": chart_of(desk, lines, today, movable=False),
        "has_baseline": any(line.baseline_on for line in lines),
    }
