"""A roster file as typed rows, with everything that is wrong in it named by row and column.

Three steps: ``read_table`` (bytes → table), ``guess_columns`` (which column is what; a person may reassign)
and ``read_rows`` (table → rows and problems). What they would change is worked out by ``rollout.roster``.
Pure: no database, no clock; ``today`` is passed in.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .roster_columns import FIELD_LABELS, FIELDS, assign, guess_fields, missing_fields, rivals
from .roster_files import MAX_BYTES, MAX_ROWS, RosterFileError
from .roster_rows import RosterRow, RowProblem, RowReader, question
from .roster_table import Table, read_table
from .roster_values import number_key

__all__ = [
    "FIELDS",
    "FIELD_LABELS",
    "MAX_BYTES",
    "MAX_ROWS",
    "RosterFileError",
    "RosterRow",
    "RowProblem",
    "Table",
    "assign",
    "column_problems",
    "guess_columns",
    "read_rows",
    "read_table",
    "unknown_columns",
]


def guess_columns(table: Table) -> dict[int, str | None]:
    """Column index → field of ``FIELDS``, or None. Lay a person's choices over it with ``assign``."""
    return guess_fields(table.headers, [list(table.texts(index)) for index in range(len(table.headers))])


def unknown_columns(table: Table, columns: Mapping[int, str | None]) -> list[str]:
    """Labels of the columns that are not read, empty ones aside."""
    return [
        table.label(index)
        for index, header in enumerate(table.headers)
        if not columns.get(index) and (header or any(table.texts(index)))
    ]


def column_problems(table: Table, columns: Mapping[int, str | None]) -> list[RowProblem]:
    """What is wrong or doubtful about assigned columns. ValueError for an index or field that is none."""
    if any(
        index not in range(len(table.headers)) or (name and name not in FIELDS)
        for index, name in columns.items()
    ):
        raise ValueError(f"columns must map 0 to {len(table.headers) - 1} to one of {', '.join(FIELDS)}")
    problems = []
    taken: dict[str, int] = {}
    for index, name in sorted(columns.items()):
        if name and taken.setdefault(name, index) != index:
            reason = _("%(field)s: “%(other)s” and “%(column)s” are both assigned. Keep one of them.") % {
                "other": table.label(taken[name]),
                "column": table.label(index),
                "field": FIELD_LABELS[name],
            }
            problems.append(RowProblem(table.header_row, table.label(index), reason, kind="column-twice"))
    if lack := missing_fields(columns):
        problems.append(RowProblem(table.header_row, None, lack, kind="column-missing"))
    for index, name in rivals(table.headers, columns).items():
        reason = _("%(field)s: “%(other)s” is used; “%(column)s” could be meant too.") % {
            "column": table.label(index),
            "field": FIELD_LABELS[name],
            "other": table.label(taken[name]),
        }
        problems.append(question(table.header_row, table.label(index), reason, "column-rival"))
    if "team" not in taken:
        reason = _("No column is assigned to the team, so nobody's team is set or changed.")
        problems.append(question(table.header_row, None, reason, "no-team-column"))
    if table.other_sheets:
        reason = _("Only the sheet “%(sheet)s” is read. These look like rosters too: %(others)s.") % {
            "sheet": table.sheet,
            "others": ", ".join(table.other_sheets),
        }
        problems.append(question(None, None, reason, "other-sheets"))
    return problems


def read_rows(
    table: Table, columns: Mapping[int, str | None], today: date
) -> tuple[list[RosterRow], list[RowProblem]]:
    """Every person's row, and everything wrong in the file, in the order of its cells.

    A row with a problem is among the rows as far as it could be read, so that later checks can name all
    problems in one go. Nothing may be applied while one problem is an error. Columns that cannot make a
    roster give no rows and say why.
    """
    problems = column_problems(table, columns)
    if any(problem.severity == "error" for problem in problems):
        return [], problems
    reader = RowReader(table, {name: index for index, name in columns.items() if name}, today)
    rows = [reader.read(row) for row in table.rows]
    problems += reader.problems + reader.remarks()
    rows, twice = _same_twice(rows)
    order = {table.label(index): index for index in range(len(table.headers))}
    return rows, sorted(
        problems + twice, key=lambda problem: (problem.row or 0, order.get(problem.column or "", -1))
    )


def _same_twice(rows: list[RosterRow]) -> tuple[list[RosterRow], list[RowProblem]]:
    """Rows of one e-mail or employee number: an error in each, unless only one of them still works here.

    Payroll exports list an earlier employment beside the current one; the earlier is then left out.
    """
    problems: list[RowProblem] = []
    dropped: set[int] = set()
    keys: dict[str, Callable[[RosterRow], str]] = {
        "email": lambda row: row.email,
        "employee_number": lambda row: number_key(row.employee_number) if row.employee_number else "",
    }
    for name, key in keys.items():
        groups: dict[str, list[RosterRow]] = defaultdict(list)
        for row in rows:
            if key(row):
                groups[key(row)].append(row)
        for group in groups.values():
            working = [row for row in group if row.active]
            if len(working) > 1:
                problems += [_twice(row, working, name) for row in working]
            elif len(group) > 1:
                kept = working[0] if working else max(group, key=lambda row: row.left_on or date.min)
                earlier = [row for row in group if row is not kept and row.row not in dropped]
                dropped.update(row.row for row in earlier)
                problems += [_earlier(row, kept) for row in earlier]
    return [row for row in rows if row.row not in dropped], problems


def _twice(row: RosterRow, group: list[RosterRow], name: str) -> RowProblem:
    others = [other.row for other in group if other is not row]
    text = ngettext(
        "The same %(field)s stands in row %(rows)s too; it can belong to one person only. Keep one of them.",
        "The same %(field)s stands in rows %(rows)s too; it can belong to one person only. Keep one of them.",
        len(others),
    )
    reason = text % {"field": str(FIELD_LABELS[name]).lower(), "rows": ", ".join(map(str, others))}
    rows = tuple(other.row for other in group)
    return RowProblem(row.row, row.headers[name], reason, getattr(row, name), kind=f"{name}-twice", rows=rows)


def _earlier(row: RosterRow, kept: RosterRow) -> RowProblem:
    reason = _("An earlier employment of the person in row %(row)s; only row %(row)s is read.") % {
        "row": kept.row
    }
    return question(row.row, None, reason, "earlier-employment", (row.row, kept.row))
