"""A roster file on its way into the roster: kept, read and compared, then written as a whole or not at all."""

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from .audit import record
from .enrollment import BATCH, PERSON_FIELDS, as_text, close_accounts, connect_accounts
from .imports import RosterRow, RowProblem, Table, assign, guess_columns, read_table
from .models import Agency, AuditEntry, Person, RosterUpload, Team, User
from .placements import Facts, facts_now, follow
from .refusals import Changed, Refused
from .roster import KnownPerson, PersonUpdate, Preview, preview_table
from .roster_values import team_key

IMPORTED = "imported a roster"
"""Verb of the audit entry that stands for a whole file."""
ROW_FIELDS = tuple(name for name in PERSON_FIELDS if name not in {"team", "left_on"})


@dataclass(frozen=True)
class Reading:
    """A roster file compared with the roster as it is now."""

    agency: Agency
    table: Table
    columns: dict[int, str | None]
    preview: Preview
    people: Mapping[int, Person]
    """Everybody ever on the roster, by key."""
    teams: Mapping[int, Team]

    @property
    def touched(self) -> tuple[PersonUpdate, ...]:
        """Known people about whom something is written."""
        found = self.preview
        return (*found.changed, *found.moved, *found.leaving, *found.returning)

    def person(self, key: Hashable) -> Person:
        """Whom the engine means by ``KnownPerson.key``."""
        return self.people[cast(int, key)]

    @property
    def leaving(self) -> list[Person]:
        return [self.person(update.person.key) for update in self.preview.leaving]

    @property
    def orphaned(self) -> list[Team]:
        """Teams whose supervisor leaves without the file naming another."""
        gone = {person.pk for person in self.leaving}
        named = {team_key(change.team) for change in self.preview.supervisor_changes}
        return [
            team
            for team in self.teams.values()
            if team.supervisor_id in gone and team_key(team.name) not in named
        ]

    @property
    def to_confirm(self) -> list[RowProblem]:
        return [question for question in self.preview.questions if question.confirm]

    def refusals(self, *, confirmed: bool) -> list[RowProblem]:
        """Why nothing may be written: every error, and what nobody has confirmed."""
        return [*self.preview.errors, *([] if confirmed else self.to_confirm)]

    @property
    def digest(self) -> str:
        """Fingerprint of all that would be written or was asked: the same text as long as it still holds."""
        found = self.preview
        rows = [tuple(getattr(row, name) for name in (*ROW_FIELDS, "team")) for row in found.new]
        updates = [(update.person.key, sorted(update.changes.items())) for update in self.touched]
        asked = [(problem.row, problem.column, problem.kind) for problem in (*found.errors, *found.questions)]
        supervisors = [(change.team, change.before, change.after) for change in found.supervisor_changes]
        said = (rows, updates, supervisors, found.new_teams, [team.pk for team in self.orphaned], asked)
        return hashlib.sha256(repr(said).encode()).hexdigest()


def counts_line(counts: Mapping[str, int]) -> str:
    """ "5 new · 4 leaving · 3 moved · 2 changed · 111 unchanged", without what is none."""
    words = {
        "new": _("%(n)s new"),
        "returning": _("%(n)s returning"),
        "leaving": _("%(n)s leaving"),
        "moved": _("%(n)s moved"),
        "changed": _("%(n)s changed"),
        "unchanged": _("%(n)s unchanged"),
    }
    parts = [text % {"n": f"{counts[name]:,}"} for name, text in words.items() if counts.get(name)]
    return " · ".join(parts) or _("nobody")


# Before anything is written


def receive_roster(agency: Agency, *, filename: str, content: bytes, by: User, at: datetime) -> RosterUpload:
    """Keep a file for its preview; nothing about people is written. It must be one that ``read_table`` reads."""
    return RosterUpload.objects.create(
        agency=agency, filename=filename[-200:], content=content, uploaded_by=by, uploaded_at=at
    )


def assign_columns(upload: RosterUpload, choices: Mapping[int, str | None]) -> None:
    """What a person says about the columns, in place of the guess."""
    upload.columns = {str(index): name for index, name in choices.items()}
    upload.save(update_fields=["columns"])


def read_upload(upload: RosterUpload, *, at: datetime, lock: bool = False) -> Reading:
    """The file as it would change the roster now. Three queries, whatever its size.

    Refused when the file has been dropped: it is kept for a day.
    """
    if not upload.content:
        raise Refused(_("This file is kept for a day only and has been dropped. Upload it again."))
    table = read_table(bytes(upload.content), upload.filename)
    choices = {int(index): name for index, name in (upload.columns or {}).items()}
    return open_roster(upload.agency, table, choices, at=at, lock=lock)


def open_roster(
    agency: Agency,
    table: Table,
    choices: Mapping[int, str | None] | None = None,
    *,
    at: datetime,
    lock: bool = False,
) -> Reading:
    """Compare a table with the roster. ``lock``: nobody else changes these people until the transaction ends."""
    columns = assign(guess_columns(table), choices or {})
    teams = {team.pk: team for team in agency.teams.all()}
    people = agency.people.select_for_update() if lock else agency.people.all()
    roster = {person.pk: person for person in people}
    former = former_identities(agency, roster)
    known = [
        known_person(person, teams, former.get(person.pk, []))
        for person in roster.values()
        if not person.merged_into_id
    ]
    supervisors = {team.name: team.supervisor_id for team in teams.values()}
    today = at.astimezone(agency.zone).date()
    preview = preview_table(table, columns, known, today=today, teams=supervisors)
    return Reading(agency, table, columns, preview, roster, teams)


def known_person(
    person: Person, teams: Mapping[int, Team], former: Iterable[Mapping[str, str]] = ()
) -> KnownPerson:
    values = {name: getattr(person, name) for name in (*ROW_FIELDS, "left_on")}
    for name, field in (("former_emails", "email"), ("former_numbers", "employee_number")):
        values[name] = tuple(each[field] for each in former if each.get(field))
    return KnownPerson(person.pk, team=teams[person.team_id].name if person.team_id else "", **values)


def former_identities(agency: Agency, roster: Mapping[int, Person]) -> dict[int, list[Mapping[str, str]]]:
    """E-mails and numbers of both of two joined entries, by the key of the one that stays. No query without any."""
    into = {person.pk: person.merged_into_id for person in roster.values() if person.merged_into_id}
    found: dict[int, list[Mapping[str, str]]] = defaultdict(list)
    for absorbed, moved in joined(agency) if into else ():
        kept = absorbed
        while kept in into:
            kept = into[kept]
        found[kept] += moved.get("before", {}).values()
    return found


def joined(agency: Agency) -> Iterable[tuple[int, dict[str, Any]]]:
    return agency.merges.filter(undone_at=None).order_by("pk").values_list("absorbed_id", "moved")


# Writing


def apply_roster(
    upload: RosterUpload, *, by: User, at: datetime, seen: str, confirmed: bool = False
) -> Reading:
    """Write what the preview showed: all of it, once.

    ``seen`` is the digest of that preview. Changed when the roster has changed in between so that something else
    would be written; Refused when the file is written already, has errors, or asks what nobody has confirmed.
    """
    try:
        with transaction.atomic():
            Agency.objects.select_for_update().get(pk=upload.agency_id)
            waiting = RosterUpload.objects.filter(pk=upload.pk, applied_at=None)
            if not waiting.update(applied_at=at, applied_by=by):
                raise Refused(_("This file has been imported already."))
            reading = read_upload(RosterUpload.objects.get(pk=upload.pk), at=at, lock=True)
            if reading.digest != seen:
                raise Changed
            if reading.refusals(confirmed=confirmed):
                raise Refused(_("Nothing was imported: there is something to correct or to confirm."))
            write_roster(reading, about=upload, by=by, at=at)
            counts = reading.preview.counts()
            RosterUpload.objects.filter(pk=upload.pk).update(content=b"", counts=counts)
            return reading
    except IntegrityError as error:
        # Somebody added a person or an account at the same moment.
        raise Changed from error


@transaction.atomic
def import_table(
    agency: Agency, table: Table, *, at: datetime, confirmed: bool = False, dry_run: bool = False
) -> tuple[Reading, bool]:
    """From the shell: read and write in one go. The reading, and whether the roster is now as the file says."""
    Agency.objects.select_for_update().get(pk=agency.pk)
    reading = open_roster(agency, table, at=at, lock=True)
    if dry_run or reading.refusals(confirmed=confirmed):
        return reading, False
    if reading.preview.has_changes:
        write_roster(reading, about=agency, by=None, at=at)
    return reading, True


type Trail = tuple[str, Person | Team, dict[str, str], dict[str, str]]
"""Verb, row, and what of it was and is now."""


def write_roster(reading: Reading, *, about: Agency | RosterUpload, by: User | None, at: datetime) -> None:
    """Everything a reading says, inside a transaction of the caller's. Queries grow by one for each BATCH rows."""
    agency, found = reading.agency, reading.preview
    was = facts_now(reading.people.values(), (team.supervisor_id for team in reading.teams.values()))
    made = Team.objects.bulk_create([Team(agency=agency, name=name) for name in found.new_teams])
    teams = {team_key(team.name): team for team in (*reading.teams.values(), *made)}
    known = [
        with_values(reading.person(update.person.key), update.values, teams) for update in reading.touched
    ]
    new = {row.row: new_person(agency, row, teams) for row in found.new}
    free_unique_values(reading)
    connect_accounts([*known, *new.values()])
    fields = {name for update in reading.touched for name in update.values} | {"user"}
    Person.objects.bulk_update(known, sorted(fields), batch_size=BATCH)
    Person.objects.bulk_create(new.values(), batch_size=BATCH)
    trail = [*leave(reading), *set_supervisors(reading, teams, new), *people_trail(reading, new.values())]
    place(reading, was, [*reading.people.values(), *new.values()], teams.values(), at=at)
    leave_traces(reading, trail, by=by, at=at)
    after = {"file": reading.table.filename, **found.counts()}
    record(IMPORTED, about, by=by, at=at, agency=agency, after=after)


def place(
    reading: Reading, was: dict[int, Facts], people: Iterable[Person], teams: Iterable[Team], *, at: datetime
) -> None:
    """Who has been in which team since when: moves and returns count from today, in the agency."""
    gone = {team.pk for team in reading.orphaned}
    leading = [team.supervisor_id for team in teams if team.pk not in gone]
    follow(was, facts_now(people, leading), since=at.astimezone(reading.agency.zone).date())


def with_values(person: Person, values: Mapping[str, Any], teams: Mapping[str, Team]) -> Person:
    for name, value in values.items():
        setattr(person, name, teams[team_key(value)] if name == "team" else value)
    return person


def new_person(agency: Agency, row: RosterRow, teams: Mapping[str, Team]) -> Person:
    values = {name: getattr(row, name) for name in ROW_FIELDS}
    return Person(agency=agency, team=teams[team_key(row.team)] if row.team else None, **values)


def free_unique_values(reading: Reading) -> None:
    """Two people may swap an address or number, and somebody new may take over one that is given up."""
    for field in ("email", "employee_number"):
        changing = [cast(int, update.person.key) for update in reading.touched if field in update.changes]
        reading.agency.people.filter(pk__in=changing).update(**{field: ""})


def leave(reading: Reading) -> list[Trail]:
    """End sign-in and supervision of those who leave."""
    close_accounts(reading.leaving)
    Team.objects.filter(supervisor__in=[person.pk for person in reading.leaving]).update(supervisor=None)
    return [
        ("changed", team, {"supervisor": str(reading.person(team.supervisor_id))}, {"supervisor": ""})
        for team in reading.orphaned
    ]


def set_supervisors(reading: Reading, teams: Mapping[str, Team], new: Mapping[int, Person]) -> list[Trail]:
    changed, trail = [], list[Trail]()
    for change in reading.preview.supervisor_changes:
        team, ref = teams[team_key(change.team)], change.after
        team.supervisor = reading.person(ref.key) if ref.key is not None else new[cast(int, ref.row)]
        changed.append(team)
        trail.append(("changed", team, {"supervisor": change.before}, {"supervisor": ref.name}))
    Team.objects.bulk_update(changed, ["supervisor"], batch_size=BATCH)
    return trail


def people_trail(reading: Reading, new: Iterable[Person]) -> list[Trail]:
    trail: list[Trail] = []
    for person in new:
        facts = {name: as_text(value) for name in PERSON_FIELDS if (value := getattr(person, name))}
        trail.append(("added", person, {}, facts))
    for update in reading.touched:
        before = {name: as_text(was) for name, (was, _now) in update.changes.items()}
        after = {name: as_text(now) for name, (_was, now) in update.changes.items()}
        trail.append(("changed", reading.person(update.person.key), before, after))
    return trail


def leave_traces(reading: Reading, trail: Iterable[Trail], *, by: User | None, at: datetime) -> None:
    """The audit entries of single rows, each with the file as its reason."""
    same = {"at": at, "by": by, "agency": reading.agency, "reason": reading.table.filename[:300]}
    entries = [
        AuditEntry(
            verb=verb,
            subject=row._meta.label,
            subject_id=str(row.uuid),
            before=before,
            after=after,
            **same,
        )
        for verb, row, before, after in trail
    ]
    AuditEntry.objects.bulk_create(entries, batch_size=BATCH)
