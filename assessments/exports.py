"""Files out: released figures of a wave, and one's own answers. Text cells never begin a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from assessments.figures import ReleasedWave, table

FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""In front of the file, so that Excel reads it as UTF-8."""


def cell(text: str) -> str:
    """A cell that a spreadsheet shows as text: what would begin a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def figures_csv(wave: ReleasedWave) -> str:
    """The released rows, one for each group and scale; withheld cells say so."""
    return _csv(table(wave))


@sensitive_variables()
def own_csv(entries: Iterable[Mapping[str, Any]]) -> str:
    """One's own answers and scores (``survey.export``), one line each."""
    head = [_("agency"), _("wave"), _("instrument"), _("opened"), _("what"), _("number or scale"), _("value")]
    rows: list[Sequence[str]] = [head]
    for entry in entries:
        where = [str(entry[key]) for key in ("agency", "wave", "instrument", "opened")]
        rows += [[*where, _("answer"), number, _value(one)] for number, one in entry["answers"].items()]
        rows += [[*where, _("score"), scale, _value(one)] for scale, one in entry["scores"].items()]
    return _csv(rows)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell(text) for text in row] for row in rows)
    return BOM + out.getvalue()


def _value(value: int | None) -> str:
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
