"""Invented workforce figures, closing days and a signed page, so that their pages have something to show."""

from datetime import date
from decimal import Decimal

from rollout import closing_actions, commitment_actions, workforce_actions
from rollout.dates import same_day_of_month
from rollout.models import Agency, ClosedDay
from rollout.workforce import Month

from .house import House

FIGURES: tuple[tuple[int | None, int | None, str | None, str | None], ...] = (
    (121, 3, "148.5", "2541"),
    (None, None, None, None),
    (118, 2, "190.5", "2478"),
    (118, 1, "203", "2360"),
    (119, 4, "171", "2380"),
    (117, 3, "166.5", "2457"),
    (118, 2, None, None),
    (118, 0, "131", "2478"),
    (117, 1, "127.5", "2574"),
    (118, 2, "119", "2360"),
    (117, 2, "142.5", "2457"),
    (119, 1, "137", "2618"),
    (118, 2, "128.5", "2478"),
    (120, 1, "133", "2520"),
)
"""Headcount, separations, days lost, days scheduled by month, the last being the month that ended last."""


def figures(home: House) -> None:
    """Fourteen months, one unknown altogether and one in part."""
    this_month = home.days.day(0).replace(day=1)
    months = [
        _month(same_day_of_month(this_month, place - len(FIGURES)), *line)
        for place, line in enumerate(FIGURES)
    ]
    known = [month for month in months if not month.is_empty]
    workforce_actions.import_months(
        home.agency, known, filename="hr-figures.csv", seen=None, by=home.by, at=home.days.at(-3, 10)
    )


def _month(
    month: date, headcount: int | None, separations: int | None, lost: str | None, scheduled: str | None
) -> Month:
    return Month(
        month,
        headcount,
        separations,
        Decimal(lost) if lost else None,
        Decimal(scheduled) if scheduled else None,
    )


def closings(home: House) -> None:
    """A staff retreat to come, and the days between the years."""
    year = home.days.day(0).year
    for name, first, last in (
        ("Staff retreat", home.days.day(33), home.days.day(33)),
        ("Between the years", date(year, 12, 26), date(year + 1, 1, 2)),
    ):
        closed = ClosedDay(agency=home.agency, name=name, from_on=first, until_on=last)
        closing_actions.add(closed, by=home.by, at=home.days.at(-170, 9))


def signed_page(agency: Agency, home: House) -> None:
    """The page that leadership signed, invented like everything here."""
    made = agency.commitments.get()
    lines = (
        "Invented for the demo: nobody on this page is real.",
        f"Leadership commitment of {agency.name}",
        f"{made.name}, {made.title}, {made.made_on:%B %d, %Y}",
    )
    commitment_actions.keep_paper(
        made, "commitment-signed.pdf", small_pdf(lines), by=home.by, at=home.days.at(-177, 9)
    )


def small_pdf(lines: tuple[str, ...]) -> bytes:
    """A page of a few lines of plain text, written by hand: no program is needed to make it."""
    shown = " ".join(f"({line}) Tj 0 -24 Td" for line in lines)
    text = f"BT /F1 12 Tf 72 700 Td {shown} ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    found, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(found))
        found += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(found)
    found += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    found += b"".join(b"%010d 00000 n \n" % place for place in places)
    return found + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
