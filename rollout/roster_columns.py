"""Which column of a roster file holds what: the words people put into a header, and guessing by them.

Pure text in, field names out. Fields are the keys of ``FIELD_LABELS``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .roster_values import folded

FIELD_LABELS = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "full_name": gettext_lazy("Full name"),
    "email": gettext_lazy("E-mail"),
    "job_title": gettext_lazy("Job title"),
    "team": gettext_lazy("Team"),
    "supervisor": gettext_lazy("Supervisor (name, e-mail or employee number)"),
    "employee_number": gettext_lazy("Employee number"),
    "hired_on": gettext_lazy("Hire date"),
    "left_on": gettext_lazy("Leaving date"),
    "status": gettext_lazy("Status (active or left)"),
}
FIELDS = tuple(FIELD_LABELS)

# Within a field the better header stands first: with both "Title" and "Job title", "Job title" wins.
_SYNONYMS = {
    "first_name": "first name, legal first name, employee first name, firstname, given name, given names, "
    "forename, fname, name first, first, preferred first name, primer nombre, nombre, nombres",
    "last_name": "last name, legal last name, employee last name, lastname, surname, family name, lname, "
    "name last, last, primer apellido, apellido, apellidos",
    "full_name": "full name, employee full name, employee name, staff name, worker name, staff member, team "
    "member, name, name last first, last first, last name first name, legal name, display name, preferred "
    "name, employee, worker, staff, person, nombre completo, nombre y apellido, nombre y apellidos, empleado",
    "email": "work email, work email address, email work, business email, company email, office email, "
    "primary email, primary work email, email, email address, email id, employee email, mail, correo "
    "electronico, correo, email laboral",
    "job_title": "job title, position title, business title, title, position, job, job name, job role, "
    "role, classification, job classification, occupation, puesto, cargo, titulo",
    "team": "team, team name, program team, team program, unit team, work group, workgroup, program, "
    "program name, unit, unit name, department, department name, dept, dept name, group, division, section, "
    "equipo, programa, unidad, departamento",
    "supervisor": "supervisor employee id, supervisor employee number, supervisor id, supervisor number, "
    "supervisor no, manager employee id, manager id, manager number, reports to id, reports to number, "
    "supervisor email, supervisor email address, manager email, reports to email, supervisor, supervisor "
    "name, direct supervisor, immediate supervisor, supervisor full name, supervised by, reports to, "
    "reports to name, reporting to, reporting manager, manager, manager name, direct manager, line manager, "
    "team lead, team leader, boss, supervisora, supervisor a, jefe directo, jefe, jefa, reporta a",
    "employee_number": "employee id, employee number, employee no, employee num, employee nr, employee "
    "code, emp id, emp number, emp no, emp num, empl id, emplid, eid, staff id, staff number, staff no, "
    "personnel number, personnel no, personnel id, payroll number, payroll no, payroll id, worker id, "
    "worker number, associate id, person number, person id, badge number, badge id, badge, file number, hr "
    "id, id number, id, numero de empleado, no de empleado, num de empleado, id de empleado",
    "hired_on": "hire date, hire dt, date of hire, hired on, hired, date hired, start date, start dt, "
    "start, started, started on, employment date, employment start date, employment start, date started, "
    "date of employment, doh, most recent hire date, original hire date, fecha de ingreso, fecha de "
    "contratacion, fecha de inicio",
    "left_on": "term date, term dt, termination date, termination dt, date of termination, separation date, "
    "leaving date, left on, date left, exit date, last day worked, last day, last working day, "
    "end date, end dt, employment end date, resignation date, fecha de baja, fecha de salida, fecha de "
    "termino, fecha de terminacion",
    "status": "employment status, employee status, emp status, status, active, active inactive, active "
    "status, currently employed, estado, estatus",
}
_RANKED = {
    header: (field, rank)
    for field, headers in _SYNONYMS.items()
    for rank, header in enumerate(re.split(r",\s*", headers))
}
_NUMBER_WORDS = re.compile(r" (?:id|number|no)$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def field_of(header: str) -> tuple[str, int] | None:
    """The field a header names and how well (0 is best); None for a header that says nothing to us."""
    for text in (header, re.sub(r"\([^)]*\)", " ", header)):
        words = _plain(text)
        found = _RANKED.get(words) or _RANKED.get(re.sub(r" (?:required|optional)$", "", words))
        if found:
            return found
    return None


def _plain(header: str) -> str:
    words = re.sub(r"[\W_]+", " ", folded(header.replace("#", " number "))).strip()
    return re.sub(r"\be mail\b", "email", words)


def looks_like_header(cells: Sequence[str]) -> int:
    """How many fields a row of texts names, if it can be a header at all; else 0.

    One recognized name is enough when the rest of the row reads like headings too, so that a file in unknown
    words can still be assigned by hand.
    """
    found = {field[0] for cell in cells if (field := field_of(cell))}
    if len(found) > 1 and found & {"first_name", "last_name", "full_name", "email", "employee_number"}:
        return len(found)
    filled = [cell for cell in cells if cell]
    heading_like = all(len(cell) <= 40 and not re.search(r"[@\d]", cell) for cell in filled)
    return 1 if found & {"email", "last_name", "full_name"} and len(filled) > 2 and heading_like else 0


def guess_fields(headers: Sequence[str], samples: Sequence[Iterable[str]]) -> dict[int, str | None]:
    """Column index → field, or None: for each field the best header, the leftmost of equals.

    ``samples`` holds some values of each column: a column full of e-mail addresses is the e-mail column,
    whatever it is called.
    """
    guess: dict[int, str | None] = dict.fromkeys(range(len(headers)))
    ranks = {index: found for index, header in enumerate(headers) if (found := field_of(header))}
    fields = {field for field, _rank in ranks.values()}
    if "employee_number" not in fields:
        _prefer_names_to_numbers(headers, ranks)
    for field in FIELDS:
        if best := min(
            ((rank, index) for index, (name, rank) in ranks.items() if name == field), default=None
        ):
            guess[best[1]] = field
    _settle_single_name(headers, guess)
    if "email" not in guess.values():
        found_by_value = [
            index for index, field in guess.items() if not field and _all_emails(samples[index])
        ]
        if len(found_by_value) == 1:
            guess[found_by_value[0]] = "email"
    return guess


def rivals(headers: Sequence[str], columns: Mapping[int, str | None]) -> dict[int, str]:
    """Columns whose header names a field that another column holds already: column index → that field."""
    taken = {field for field in columns.values() if field}
    return {
        index: found[0]
        for index, header in enumerate(headers)
        if not columns.get(index) and (found := field_of(header)) and found[0] in taken
    }


def assign(guess: Mapping[int, str | None], choices: Mapping[int, str | None]) -> dict[int, str | None]:
    """The guess with a person's choices laid over it; a chosen field is taken from where it was guessed."""
    chosen = {field for field in choices.values() if field}
    kept = {index: None if field in chosen else field for index, field in guess.items()}
    return kept | dict(choices)


def missing_fields(columns: Mapping[int, str | None]) -> str | None:
    """What the assigned columns lack, as a sentence to act on; None when a roster can be read."""
    fields = set(columns.values())
    if "full_name" not in fields and not {"first_name", "last_name"} <= fields:
        return _(
            "No column is assigned to people's names. Assign one column to the full name, "
            "or two to first name and last name."
        )
    if not fields & {"email", "employee_number"}:
        return _(
            "No column is assigned to e-mail or employee number, so people could not be recognized "
            "next month. Assign one, or add it to the file."
        )
    return None


def _prefer_names_to_numbers(headers: Sequence[str], ranks: dict[int, tuple[str, int]]) -> None:
    # A supervisor's number leads nowhere in a file whose people have none.
    supervisors = [index for index, (field, _rank) in ranks.items() if field == "supervisor"]
    numbers = [index for index in supervisors if _NUMBER_WORDS.search(_plain(headers[index]))]
    if len(numbers) < len(supervisors):
        for index in numbers:
            ranks[index] = ("supervisor", 1_000)


def _settle_single_name(headers: Sequence[str], guess: dict[int, str | None]) -> None:
    # "Name" beside "First name" is the last name; "Nombre" without "Apellidos" is the whole name.
    by_field = {field: index for index, field in guess.items() if field}
    first, last, full = (by_field.get(field) for field in ("first_name", "last_name", "full_name"))
    if first is not None and last is None and full is not None:
        if folded(headers[full]) == "name":
            guess[full] = "last_name"
    elif first is not None and last is None and folded(headers[first]) in ("nombre", "nombres"):
        guess[first] = "full_name"


def _all_emails(values: Iterable[str]) -> bool:
    filled = [value for value in values if value]
    return bool(filled) and sum(bool(_EMAIL.match(value)) for value in filled) >= 0.8 * len(filled)
