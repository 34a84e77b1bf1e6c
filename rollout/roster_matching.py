"""Who in a roster file is who on the roster, and where that is in doubt.

Pure: values in, values out.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import cast

from django.utils.translation import gettext as _

from .duplicates import Entry, likely_duplicates
from .roster_rows import RosterRow, RowProblem, question
from .roster_values import name_key, number_key


@dataclass(frozen=True)
class KnownPerson:
    """Somebody on the roster now, or who was. ``key`` is any hashable identity, handed back as it came."""

    key: Hashable
    first_name: str
    last_name: str
    email: str = ""
    job_title: str = ""
    team: str = ""
    employee_number: str = ""
    hired_on: date | None = None
    left_on: date | None = None
    """Set means left."""
    former_emails: tuple[str, ...] = ()
    former_numbers: tuple[str, ...] = ()
    """Of entries that were joined into this one."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


Matches = Mapping[int, KnownPerson]
"""Row number → the person on the roster. Rows of new people are not in it; nobody is in it twice."""


def match(rows: Sequence[RosterRow], known: Sequence[KnownPerson]) -> dict[int, KnownPerson]:
    """Recognize people by employee number, else e-mail, else by name and hire date where both are unique.

    Whoever works here now is recognized before somebody who left.
    """
    found: dict[int, KnownPerson] = {}
    taken: set[Hashable] = set()
    people = sorted(known, key=lambda person: person.left_on is not None)
    lookups: list[Callable[[RosterRow], KnownPerson | None]] = []
    # What somebody has now counts before what belonged to an entry that was joined into theirs.
    for by_number, by_email in (_directory(people), _former(people)):
        lookups += [partial(_by_number, by_number), partial(_by_email, by_email)]
    for lookup in lookups:
        for row in rows:
            person = None if row.row in found else lookup(row)
            if person and person.key not in taken:
                found[row.row] = person
                taken.add(person.key)
    left_rows = _unique([row for row in rows if row.row not in found and row.hired_on])
    left_people = _unique([person for person in people if person.key not in taken and person.hired_on])
    for identity, row in left_rows.items():
        person = left_people.get(identity)
        if person and not (row.employee_number and person.employee_number):
            found[row.row] = person
    return found


def _by_number(found: Mapping[str, KnownPerson], row: RosterRow) -> KnownPerson | None:
    return found.get(_number(row)) if row.employee_number else None


def _by_email(found: Mapping[str, KnownPerson], row: RosterRow) -> KnownPerson | None:
    return found.get(row.email) if row.email else None


type _Directory = tuple[dict[str, KnownPerson], dict[str, KnownPerson]]
"""Number → person and e-mail → person."""


def _directory(people: Sequence[KnownPerson]) -> _Directory:
    """By what somebody has now; of two who share it the first."""
    backwards = people[::-1]
    numbers = {_number(person): person for person in backwards if person.employee_number}
    return numbers, {person.email.lower(): person for person in backwards if person.email}


def _former(people: Sequence[KnownPerson]) -> _Directory:
    """By what belonged to an entry that was joined into theirs."""
    numbers = {number_key(number): person for person in people for number in person.former_numbers}
    return numbers, {email.lower(): person for person in people for email in person.former_emails}


def _number(who: RosterRow | KnownPerson) -> str:
    return number_key(who.employee_number)


def _unique[Who: (RosterRow, KnownPerson)](people: list[Who]) -> dict[tuple[str, date | None], Who]:
    groups: dict[tuple[str, date | None], list[Who]] = defaultdict(list)
    for who in people:
        groups[name_key(who.name), who.hired_on].append(who)
    return {identity: group[0] for identity, group in groups.items() if len(group) == 1}


def doubts(rows: Sequence[RosterRow], known: Sequence[KnownPerson], matches: Matches) -> list[RowProblem]:
    """Questions about who is who: one person twice, or two people taken for one."""
    return [
        *_taken_for_one(rows, matches),
        *_parted_again(rows, known, matches),
        *_same_name_in_file(rows, matches),
        *_same_name_on_roster(rows, known, matches),
        *_alike(rows, known, matches),
    ]


def _taken_for_one(rows: Sequence[RosterRow], matches: Matches) -> list[RowProblem]:
    # History and answers hang on a person, so a reused number or address must not pass them on unseen.
    problems = []
    for row in rows:
        person = matches.get(row.row)
        if (
            person is None
            or not row.name
            or set(name_key(row.name).split()) & set(name_key(person.name).split())
        ):
            continue
        same_number = bool(row.employee_number) and _number(row) == _number(person)
        same_email = bool(row.email) and row.email == person.email.lower()
        if same_number and same_email:
            continue
        field = "employee_number" if same_number else "email"
        reason = _(
            "On the roster this belongs to %(known)s, in the file to %(name)s. It is taken as one "
            "person with a new name. If they are two, correct it: one would take over the other's history."
        ) % {"known": person.name, "name": row.name}
        problems.append(
            RowProblem(
                row.row,
                row.headers.get(field, field),
                reason,
                getattr(row, field),
                severity="question",
                kind="another-person",
                rows=(row.row,),
                confirm=True,
            )
        )
    return problems


def _parted_again(
    rows: Sequence[RosterRow], known: Sequence[KnownPerson], matches: Matches
) -> list[RowProblem]:
    """Rows of an entry that was joined into another, which stands in the file as well."""
    numbers, emails = _former(known)
    problems = []
    for row in rows:
        by_number = _by_number(numbers, row)
        person = by_number or _by_email(emails, row)
        if row.row in matches or not row.active or person is None:
            continue
        field = "employee_number" if by_number else "email"
        reason = _(
            "This belonged to an entry that was joined with that of %(name)s, who stands in the file as well. It is "
            "taken as new. If they are one person, remove a row."
        ) % {"name": person.name}
        value = getattr(row, field)
        problems.append(
            RowProblem(
                row.row,
                row.headers.get(field, field),
                reason,
                value,
                severity="question",
                kind="joined-before",
                rows=(row.row,),
                confirm=True,
            )
        )
    return problems


def _same_name_in_file(rows: Sequence[RosterRow], matches: Matches) -> list[RowProblem]:
    groups: dict[str, list[RosterRow]] = defaultdict(list)
    for row in rows:
        if row.active:
            groups[name_key(row.name)].append(row)
    problems = []
    for group in groups.values():
        # Two people who stood on the roster with this name before have been asked about then.
        # One e-mail in all of them is an error already.
        if len(group) < 2 or all(_had_name(row, matches) for row in group) or _one_email(group):
            continue
        text = _(
            "%(name)s stands in rows %(rows)s, each with another e-mail or number. They are taken as "
            "different people. If they are one, remove a row."
        )
        if group[0].hired_on and len({row.hired_on for row in group}) == 1:
            text = _(
                "%(name)s stands in rows %(rows)s with one hire date, each with another e-mail or number. "
                "They are taken as different people. If they are one, as is likely, remove a row."
            )
        numbers = tuple(row.row for row in group)
        reason = text % {"name": group[0].name, "rows": ", ".join(map(str, numbers))}
        problems.append(question(numbers[0], _name_header(group[0]), reason, "same-name", numbers))
    return problems


def _one_email(group: Sequence[RosterRow]) -> bool:
    return len({row.email for row in group}) == 1 and bool(group[0].email)


def _had_name(row: RosterRow, matches: Matches) -> bool:
    person = matches.get(row.row)
    return person is not None and name_key(person.name) == name_key(row.name)


def _same_name_on_roster(
    rows: Sequence[RosterRow], known: Sequence[KnownPerson], matches: Matches
) -> list[RowProblem]:
    seen = {person.key for person in matches.values()}
    others: dict[str, KnownPerson] = {}
    for person in sorted(known, key=lambda person: person.left_on is None):
        if person.key not in seen:
            others[name_key(person.name)] = person
    problems = []
    for row in rows:
        if row.row in matches or not row.active or not (other := others.get(name_key(row.name))):
            continue
        if other.left_on:
            text = _(
                "%(name)s is taken as new, but somebody of this name left on %(left_on)s. If they are one "
                "person, give the e-mail or employee number from then: %(known)s."
            )
        else:
            text = _(
                "%(name)s is taken as new, and somebody of this name is taken as leaving. If they are one "
                "person, give the e-mail or employee number on the roster: %(known)s."
            )
        reason = text % {
            "name": row.name,
            "left_on": other.left_on,
            "known": other.email or other.employee_number,
        }
        problems.append(question(row.row, _name_header(row), reason, "same-name-on-roster", (row.row,)))
    return problems


def _alike(rows: Sequence[RosterRow], known: Sequence[KnownPerson], matches: Matches) -> list[RowProblem]:
    """New people who may be somebody the file or the roster has already, under another spelling or address."""
    new = {("row", row.row): row for row in rows if row.active and row.row not in matches}
    here = [row for row in rows if row.row in matches]
    gone = {person.key for person in matches.values()}
    entries = [_entry(row, ("row", row.row)) for row in (*new.values(), *here)]
    entries += [_entry(person, person.key) for person in known if person.key not in gone]
    problems = []
    for pair in likely_duplicates(entries, only=new.keys()):
        # The same name has been asked about already, more exactly.
        if "name" in pair.reasons:
            continue
        entry, other = (pair.one, pair.other) if pair.one.key in new else (pair.other, pair.one)
        row = new[cast(tuple[str, int], entry.key)]
        reason = _("%(name)s is taken as new and may be %(other)s. %(why)s") % {
            "name": row.name,
            "other": f"{other.first_name} {other.last_name}",
            "why": pair.why,
        }
        problems.append(question(row.row, _name_header(row), reason, "likely-duplicate", (row.row,)))
    return problems


def _entry(who: RosterRow | KnownPerson, key: Hashable) -> Entry:
    fields = ("first_name", "last_name", "email", "employee_number", "team", "job_title", "hired_on")
    return Entry(key, *(getattr(who, name) for name in fields))


def _name_header(row: RosterRow) -> str:
    return row.headers.get("last_name") or row.headers.get("full_name") or "last_name"


def collisions(rows: Sequence[RosterRow], known: Sequence[KnownPerson], matches: Matches) -> list[RowProblem]:
    """Errors: an e-mail or employee number that somebody else on the roster would still hold afterwards."""
    problems = []
    rows = [row for row in rows if row.active]
    matched = {person.key: row for row in rows if (person := matches.get(row.row))}
    for field, fold in (("email", str.lower), ("employee_number", number_key)):
        # Held through the roster: the file does not give these people a value of their own.
        holders = {
            fold(value): person
            for person in known
            if (value := getattr(person, field))
            and not (person.key in matched and getattr(matched[person.key], field))
        }
        for row in rows:
            value = getattr(row, field)
            holder = holders.get(fold(value)) if value else None
            if holder and holder is not matches.get(row.row):
                reason = _(
                    "On the roster this belongs to %(name)s, who is somebody else. Correct one of the two."
                )
                problems.append(
                    RowProblem(
                        row.row,
                        row.headers.get(field, field),
                        reason % {"name": holder.name},
                        value,
                        kind=f"{field}-taken",
                    )
                )
    return problems
