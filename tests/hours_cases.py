"""Hours cases worked out by hand: read from their file, put into the database, and worked out once more by themselves.

``worked_out`` shares nothing with the product: it counts minutes one by one, on the clock of UTC.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rollout.models import Agency, Attendance, Cohort, CohortMember, Curriculum, Person, Session, Team, User

FILE = Path(__file__).parent / "samples" / "hours_cases.toml"
ZONE = ZoneInfo("America/Denver")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)
MODULES = {"F": [90, 120, 120, 30, 120, 120, 90, 30], "S": [60, 180, 60, 60], "H": [60] * 15}
"""Minutes of the modules by position, as the starter has them."""
DAYS = {"F1": (1, 2, 3, 4), "F2": (5, 6, 7, 8), "S1": (1, 2, 3, 4), "H": tuple(range(1, 16)), "-": ()}
REQUIRED = {"F": 720, "S": 360}
CODES = {"F": "ce-cert-foundations", "S": "ce-cert-supervision", "H": "helping-relationship-skills"}


@dataclass(frozen=True)
class Planned:
    """A session of a case. ``code`` is its name in the file: its cohort's letter and a number."""

    code: str
    curriculum: str
    positions: tuple[int, ...]
    starts: datetime
    ends: datetime

    @property
    def cohort(self) -> str:
        return self.code[0]

    @property
    def elsewhere(self) -> bool:
        return self.cohort == "X"

    @property
    def modules(self) -> list[tuple[tuple[str, int], int]]:
        return [((self.curriculum, n), MODULES[self.curriculum][n - 1]) for n in self.positions]


@dataclass(frozen=True)
class Came:
    """A record: in, out, minutes set by hand, what it makes up for."""

    code: str
    into: datetime | None
    out: datetime | None
    by_hand: int | None
    makes_up_for: str | None

    @property
    def says_something(self) -> bool:
        return self.into is not None or self.by_hand is not None


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    name: str
    working: str
    sessions: tuple[Planned, ...]
    joined: dict[str, date]
    came: tuple[Came, ...]
    expect: tuple[int, int, int, str]
    unrecorded: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    supervises: bool = False
    moves_team: bool = False
    late: int = 15
    early: int = 15
    partial: bool = False
    their_late: int = 15
    their_partial: bool = False
    required: dict[str, int] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[Any, ...]:
        """Cases of one agency share these."""
        required = tuple(sorted(self.required.items()))
        return self.late, self.early, self.partial, self.their_late, self.their_partial, required

    def is_recorded(self, session: Planned) -> bool:
        """Whether somebody else is on record there."""
        return session.starts <= NOW and session.code not in self.unrecorded


def cases() -> list[Case]:
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [_case(data["default"] | row) for row in data["case"]]


def _case(row: dict[str, Any]) -> Case:
    sessions = tuple(_planned(line) for line in row["sessions"])
    by_code = {session.code: session for session in sessions}
    joined = {cohort: date.fromisoformat(day) for cohort, day in row["joined"].items()}
    came = tuple(_came(line, by_code) for line in row["came"])
    rest = {key: row[key] for key in row.keys() - {"sessions", "joined", "came", "expect"}}
    rest |= {key: tuple(rest[key]) for key in ("unrecorded", "cancelled") if key in rest}
    return Case(sessions=sessions, joined=joined, came=came, expect=tuple(row["expect"]), **rest)


def _planned(line: str) -> Planned:
    code, modules, day, start, end = line.split()
    curriculum, _colon, chosen = modules.partition(":")
    positions = tuple(int(n) for n in chosen.split(",")) if chosen else DAYS[modules]
    starts, ends = _moment(start, day), _moment(end, day)
    if ends.replace(tzinfo=None) <= starts.replace(tzinfo=None):
        ends = _moment(end, (date.fromisoformat(day) + timedelta(days=1)).isoformat())
    return Planned(code, "F" if curriculum == "-" else curriculum[0], positions, starts, ends)


def _came(line: str, sessions: dict[str, Planned]) -> Came:
    code, into, out, *more = line.split()
    day = f"{sessions[code].starts:%Y-%m-%d}"
    by_hand = next((int(word[1:]) for word in more if word.startswith("=")), None)
    missed = next((word[4:] for word in more if word.startswith("for=")), None)
    signed_in, signed_out = (None if word == "-" else _moment(word, day) for word in (into, out))
    return Came(code, signed_in, signed_out, by_hand, missed)


def _moment(word: str, day: str) -> datetime:
    moment = datetime.fromisoformat(word if "T" in word else f"{day}T{word}")
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


# --- Worked out by itself -----------------------------------------------------------------------------------------


def worked_out(case: Case) -> tuple[int, int, int, str]:
    """Required, credited, planned and state, by counting."""
    required = {"F": REQUIRED["F"]} | ({"S": REQUIRED["S"]} if case.supervises else {})
    required |= {code: minutes for code, minutes in case.required.items() if code in required}
    came = {one.code: one for one in case.came}
    had: dict[tuple[str, int], int] = defaultdict(int)
    may: dict[tuple[str, int], int] = defaultdict(int)
    for session in case.sessions:
        if session.code in case.cancelled:
            continue
        one = came.get(session.code)
        for module, minutes in _spread(session, _credited(case, session, one)):
            had[module] = max(had[module], minutes)
        if not session.elsewhere and _still_ahead(case, session, one):
            for module, minutes in _spread(session, _worth(session)):
                may[module] = max(may[module], minutes)
    credited = planned = 0
    for code, minutes in required.items():
        has = sum(part for module, part in had.items() if module[0] == code)
        together = sum(max(had[m], may[m]) for m in {*had, *may} if m[0] == code)
        credited += min(has, minutes)
        planned += min(together, minutes) - min(has, minutes)
    total = sum(required.values())
    if credited == total:
        return total, credited, planned, "complete"
    return total, credited, planned, "on track" if credited + planned == total else "cannot as planned"


def _minutes(start: datetime, end: datetime) -> set[int]:
    """The minutes from one moment to another, numbered since 1970."""
    first, last = (int(moment.astimezone(UTC).timestamp()) // 60 for moment in (start, end))
    return set(range(first, last))


def _worth(session: Planned) -> int:
    return min(len(_minutes(session.starts, session.ends)), sum(minutes for _m, minutes in session.modules))


def _credited(case: Case, session: Planned, one: Came | None) -> int:
    late, early, partial = case.late, case.early, case.partial
    if session.elsewhere:
        late, early, partial = case.their_late, 15, case.their_partial
    if one is None or not session.positions:
        return 0
    if one.by_hand is not None:
        return min(one.by_hand, _worth(session))
    if one.into is None or one.out is None:
        return 0
    whole = _minutes(session.starts, session.ends)
    there = whole & _minutes(one.into, one.out)
    before = {minute for minute in whole if minute < min(_minutes(one.into, one.into + MINUTE))}
    after = {minute for minute in whole if minute >= min(_minutes(one.out, one.out + MINUTE))}
    if there and len(before) <= late and len(after) <= early:
        return _worth(session)
    return int(len(there) * _worth(session) / len(whole)) // 15 * 15 if partial else 0


def _still_ahead(case: Case, session: Planned, one: Came | None) -> bool:
    if one and one.says_something:
        return one.by_hand is None and one.out is None
    joined = case.joined.get(session.cohort)
    expected = joined is not None and joined <= session.starts.date()
    if not expected and not (one and one.makes_up_for):
        return False
    return session.ends > NOW or not case.is_recorded(session)


def _spread(session: Planned, minutes: int) -> Iterable[tuple[tuple[str, int], int]]:
    for module, length in session.modules:
        part = min(length, minutes)
        minutes -= part
        yield module, part


# --- Put into the database ----------------------------------------------------------------------------------------


def furnish(slug: str, found: list[Case], author: User) -> tuple[Agency, dict[int, Case]]:
    """One agency for cases with the same rules, and another that X… sessions belong to; the case by person's id."""
    rules = found[0]
    here, there = (
        Agency.objects.create(
            name=f"{slug} {place}",
            slug=f"{slug}-{place}",
            time_zone=str(ZONE),
            late_minutes=rules.late if place == "here" else rules.their_late,
            early_minutes=rules.early if place == "here" else 15,
            partial_credit=rules.partial if place == "here" else rules.their_partial,
        )
        for place in ("here", "there")
    )
    users = User.objects.bulk_create(
        User(email=f"{slug}-{n}@people.example", name=f"Case {n}", password="!") for n in range(len(found))
    )
    team, other = (Team.objects.create(agency=here, name=name) for name in ("Intake", "North"))

    def people(agency: Agency) -> list[Person]:
        return Person.objects.bulk_create(
            Person(agency=agency, user=user, first_name="Case", last_name=f"{n:03}", team=team)
            for n, user in enumerate(users)
        )

    mine, theirs = people(here), people(there)
    Person.objects.filter(agency=there).update(team=None)
    Team.objects.bulk_create(
        Team(agency=here, name=f"Led {n}", supervisor=mine[n])
        for n, case in enumerate(found)
        if case.supervises
    )
    for n, case in enumerate(found):
        if case.moves_team:
            Person.objects.filter(pk=mine[n].pk).update(team=other)
    witnesses = {
        agency.pk: Person.objects.create(agency=agency, first_name="Some", last_name="Body")
        for agency in (here, there)
    }
    _training(found, here, there, mine, theirs, witnesses, author)
    return here, {person.pk: case for person, case in zip(mine, found, strict=True)}


def _training(
    found: list[Case],
    here: Agency,
    there: Agency,
    mine: list[Person],
    theirs: list[Person],
    witnesses: dict[int, Person],
    author: User,
) -> None:
    curricula = {code: Curriculum.objects.get(code=CODES[code]) for code in CODES}
    modules = {(c, m.position): m.pk for c, each in curricula.items() for m in each.modules.all()}
    cohorts: dict[tuple[int, str], Cohort] = {}
    for n, case in enumerate(found):
        for letter in {*case.joined, *(session.cohort for session in case.sessions)}:
            agency = there if letter == "X" else here
            of = next((s.curriculum for s in case.sessions if s.cohort == letter), "F")
            cohorts[n, letter] = Cohort(agency=agency, curriculum=curricula[of], name=f"{n} {letter}")
    Cohort.objects.bulk_create(cohorts.values())
    CohortMember.objects.bulk_create(
        CohortMember(
            cohort=cohorts[n, letter], person=(theirs if letter == "X" else mine)[n], joined_on=joined_on
        )
        for n, case in enumerate(found)
        for letter, joined_on in case.joined.items()
    )
    sessions = {
        (n, planned.code): Session(
            cohort=cohorts[n, planned.cohort],
            title=planned.code,
            starts_at=planned.starts.astimezone(UTC),
            ends_at=planned.ends.astimezone(UTC),
            cancelled_at=NOW if planned.code in case.cancelled else None,
        )
        for n, case in enumerate(found)
        for planned in case.sessions
    }
    Session.objects.bulk_create(sessions.values())
    through = Session.modules.through
    through.objects.bulk_create(
        through(session=sessions[n, planned.code], module_id=modules[module])
        for n, case in enumerate(found)
        for planned in case.sessions
        for module, _minutes in planned.modules
    )
    Attendance.objects.bulk_create(
        _record(one, sessions, n, (theirs if one.code[0] == "X" else mine)[n], author)
        for n, case in enumerate(found)
        for one in case.came
    )
    Attendance.objects.bulk_create(
        Attendance(
            session=sessions[n, planned.code],
            person=witnesses[(there if planned.elsewhere else here).pk],
            signed_in_at=planned.starts.astimezone(UTC),
            signed_out_at=planned.ends.astimezone(UTC),
        )
        for n, case in enumerate(found)
        for planned in case.sessions
        if case.is_recorded(planned)
    )


def _record(one: Came, sessions: Any, n: int, person: Person, author: User) -> Attendance:
    by_hand = {"override_minutes": one.by_hand, "override_reason": "by hand", "override_by": author}
    return Attendance(
        session=sessions[n, one.code],
        person=person,
        signed_in_at=one.into,
        signed_out_at=one.out,
        makes_up_for=sessions[n, one.makes_up_for] if one.makes_up_for else None,
        **(by_hand | {"override_at": NOW} if one.by_hand is not None else {}),
    )
