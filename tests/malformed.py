"""Malformed roster files of every kind, made from a seed: a good roster with something put wrong in it."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from openpyxl import Workbook

HEADER = ["First name", "Last name", "E-mail", "Job title", "Team", "Employee number", "Hire date"]
FIRST = "Ana Ben Chloé Dmitri Esi Farid Grace Héctor Imani Jun Keisha Lena".split()
LAST = "Abara Brandt Castellanos Doyle Eze Fontaine Garza Huang Iverson Jaramillo".split()
EMAIL, NUMBER, HIRED, NAME = 2, 5, 6, 1


@dataclass(frozen=True)
class Bad:
    """One file. ``row``: the row that must be named; None where the file as a whole cannot be read."""

    kind: str
    seed: int
    name: str
    data: bytes
    row: int | None = None


type Rows = list[list[object]]


def people(luck: Random, count: int = 0) -> Rows:
    """Good rows, header first."""
    found: Rows = [list(HEADER)]
    for number in range(count or luck.randint(3, 30)):
        first, last = luck.choice(FIRST), f"{luck.choice(LAST)}-{number}"
        hired = date(2015, 1, 5) + timedelta(days=luck.randrange(4000))
        email = f"p{number}.{luck.randrange(10**6)}@agency.example"
        found.append([first, last, email, "Caseworker", f"Team {number % 4}", f"E{1000 + number}", hired])
    return found


def as_csv(rows: Rows, *, separator: str = ",", encoding: str = "utf-8", ending: str = "\n") -> bytes:
    lines = [separator.join(str(cell) for cell in row) for row in rows]
    return (ending.join(lines) + ending).encode(encoding)


def as_xlsx(rows: Rows, change: Callable[[object], None] | None = None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def a_workbook() -> bytes:
    return as_xlsx(people(Random(0), 5))


def with_cell(luck: Random, column: int, value: object) -> tuple[Rows, int]:
    """Good rows with one cell put wrong, and its row as a spreadsheet counts."""
    rows = people(luck)
    at = luck.randrange(1, len(rows))
    rows[at][column] = value
    return rows, at + 1


def either(luck: Random, rows: Rows) -> tuple[str, bytes]:
    """As CSV of some kind, or now and then as a workbook."""
    if luck.random() < 0.15:
        return "roster.xlsx", as_xlsx(rows)
    separator = luck.choice(",;\t|")
    encoding = luck.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    return "roster.csv", as_csv(
        rows, separator=separator, encoding=encoding, ending=luck.choice(["\n", "\r\n"])
    )


CELLS: dict[str, tuple[int, list[object]]] = {
    "not an e-mail": (
        EMAIL,
        ["clear.staff", "a@b@c.example", "two words@x.example", "@x.example", "x@", 12345],
    ),
    "no e-mail": (EMAIL, ["", "n/a", "-"]),
    "no name": (NAME, ["", "   ", "12345", "–", "???"]),
    "markup in a name": (NAME, ["<script>alert(1)</script>", "<b>Lee</b>"]),
    "not a date": (HIRED, ["soon", "someday in May", "2024", "yes", "4.5.6.7"]),
    "a day that is none": (HIRED, ["2024-02-30", "2023-13-01", "31/31/2024", "2023-02-29"]),
    "a date out of range": (HIRED, ["1899-01-01", "2031-01-01", "1066-10-14"]),
    "a formula": (3, ["=SUM(A1:A9)", '=HYPERLINK("http://x.example")', "=1+1", "@SUM(1)", "+cmd(1)"]),
    "a spreadsheet's error": (4, ["#REF!", "#N/A", "#VALUE!", "#NAME?"]),
    "hidden characters": (
        3,
        ["Case\x07worker", "Case\u202eworker", "Case\x1bworker", "\x0b\x00"[:1] + "x\x08y"],
    ),
    "too long": (3, ["x" * 121, "Caseworker " * 30]),
    "a number that is too long": (NUMBER, ["9" * 41, "E" * 60]),
}


def bad_cell(kind: str, luck: Random, seed: int) -> Bad:
    column, values = CELLS[kind]
    value = values[seed % len(values)]
    rows, row = with_cell(luck, column, value)
    odd = isinstance(value, str) and any(ord(sign) < 32 or ord(sign) > 0x2000 for sign in value)
    if odd:
        return Bad(kind, seed, "roster.csv", as_csv(rows), row)
    return Bad(kind, seed, *either(luck, rows), row)


def twice(luck: Random, seed: int) -> Bad:
    """One address or number in two rows."""
    rows = people(luck)
    column = (EMAIL, NUMBER)[seed % 2]
    one, other = sorted(luck.sample(range(1, len(rows)), 2))
    rows[other][column] = str(rows[one][column]).upper() if seed % 3 else rows[one][column]
    return Bad("twice", seed, *either(luck, rows), one + 1)


def bad_last_row(luck: Random, seed: int) -> Bad:
    """Everything is right up to the last row, which is cut off or lacks what it needs."""
    rows = people(luck)
    if seed % 2:
        rows[-1] = rows[-1][:3]
        return Bad("bad last row", seed, "roster.csv", as_csv(rows), len(rows))
    rows[-1][EMAIL] = "nobody"
    return Bad("bad last row", seed, *either(luck, rows), len(rows))


def shifted(luck: Random, seed: int) -> Bad:
    """A cell that holds the separator, without quotation marks."""
    rows, row = with_cell(luck, 3, "Caseworker, senior")
    return Bad("shifted", seed, "roster.csv", as_csv(rows), row)


def open_quote(luck: Random, seed: int) -> Bad:
    rows, row = with_cell(luck, 0, '"Ana')
    return Bad("open quote", seed, "roster.csv", as_csv(rows), row)


def one_too_many(luck: Random, seed: int) -> Bad:
    line = "Ana,Lee,a{0}@x.example,Aide,Night,N{0},2024-01-08"
    lines = [",".join(HEADER), *(line.format(number) for number in range(5001))]
    return Bad("5,001 people", seed, "roster.csv", "\n".join(lines).encode(), 5002)


def bomb(luck: Random, seed: int) -> Bad:
    """A small workbook that unpacks to a flood."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as files:
        files.writestr("xl/workbook.xml", "<x/>")
        if seed % 2:
            for part in range(2100):
                files.writestr(f"xl/{part}.xml", "")
        else:
            files.writestr("xl/worksheets/sheet1.xml", b" " * 51 * 1024 * 1024)
    return Bad("bomb", seed, "roster.xlsx", out.getvalue())


def broken_zip(luck: Random, seed: int) -> Bad:
    """A workbook that was cut off, or in which bytes have turned."""
    data = bytearray(a_workbook())
    if seed % 2:
        del data[luck.randrange(20, len(data) - 30) :]
    else:
        at = data.find(b"PK\x01\x02")
        data[at : at + 40] = luck.randbytes(40)
    return Bad("broken zip", seed, "roster.xlsx", bytes(data))


def other_archive(luck: Random, seed: int) -> Bad:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as files:
        files.writestr(("word/document.xml", "content.xml", "photo.jpg")[seed % 3], luck.randbytes(50))
    return Bad("another archive", seed, ("roster.docx", "roster.ods", "roster.zip")[seed % 3], out.getvalue())


def other_format(luck: Random, seed: int) -> Bad:
    """The ending says a table; the content is something else."""
    start = (
        b"%PDF-1.7\n",
        b"\xd0\xcf\x11\xe0",
        b"<html><table>",
        b"{\\rtf1",
        b"\x89PNG\r\n\x1a\n\x00",
        b"GIF89a\x00",
    )
    data = start[seed % len(start)] + luck.randbytes(200)
    return Bad("another format", seed, ("roster.csv", "roster.xlsx")[seed % 2], data)


def nul(luck: Random, seed: int) -> Bad:
    data = bytearray(as_csv(people(luck)))
    data[luck.randrange(len(data))] = 0
    return Bad("NUL", seed, "roster.csv", bytes(data))


def no_header(luck: Random, seed: int) -> Bad:
    return Bad("no header", seed, *either(luck, people(luck)[1:]))


def header_only(luck: Random, seed: int) -> Bad:
    rows = people(luck)[:1] + [[""] * len(HEADER)] * (seed % 3)
    return Bad("header only", seed, *either(luck, rows))


def nothing(luck: Random, seed: int) -> Bad:
    return Bad("nothing", seed, "roster.csv", (b"", b" \n\n", b"\xef\xbb\xbf", b"\r\n" * 50)[seed % 4])


def wrong_columns(luck: Random, seed: int) -> Bad:
    """A table of something else: a header, but nobody's address or number, or no names."""
    header = [["Last name", "First name", "Street", "Town"], ["E-mail", "Job title", "Team", "Hire date"]][
        seed % 2
    ]
    rows: Rows = [list(header), *([f"a{n}", "b", "c", "2024-01-08"] for n in range(luck.randint(2, 9)))]
    return Bad("wrong columns", seed, *either(luck, rows), 1)


def merged_cells(luck: Random, seed: int) -> Bad:
    """One address for several people, as one cell over many rows: all but the first are empty."""
    rows = people(luck, luck.randint(6, 20))
    first = luck.randint(2, len(rows) - 3)

    def change(sheet: object) -> None:
        sheet.merge_cells(f"C{first}:C{first + 2}")  # type: ignore[attr-defined]

    return Bad("merged cells", seed, "roster.xlsx", as_xlsx(rows, change), first + 1)


def workbook_formula(luck: Random, seed: int) -> Bad:
    """A cell that is a formula in the workbook, whatever it shows."""
    rows, row = with_cell(luck, (0, 1, 2, 3, 4)[seed % 5], "=A1&B1")
    return Bad("formula in a workbook", seed, "roster.xlsx", as_xlsx(rows), row)


def wrong_type(luck: Random, seed: int) -> Bad:
    """Numbers, truth values and times where words belong."""
    column, value = ((NAME, 3.5), (NAME, 42), (EMAIL, True), (HIRED, True), (EMAIL, 7), (HIRED, -3))[seed % 6]
    rows, row = with_cell(luck, column, value)
    return Bad("wrong type", seed, "roster.xlsx", as_xlsx(rows), row)


def wide(luck: Random, seed: int) -> Bad:
    rows, row = with_cell(luck, 0, "Ana")
    rows[row - 1] += ["x"] * 220
    return Bad("too wide", seed, "roster.csv", as_csv(rows), row)


OTHERS = (
    twice, bad_last_row, shifted, open_quote, broken_zip, other_archive, other_format, nul, no_header, header_only,
    nothing, wrong_columns, merged_cells, workbook_formula, wrong_type, wide,
)  # fmt: skip
FILES = 300


def bad_files() -> Iterator[Bad]:
    """Three hundred files, the same in every run."""
    makers: list[Callable[[Random, int], Bad]] = [*OTHERS]
    for kind in CELLS:
        makers.append(lambda luck, seed, kind=kind: bad_cell(kind, luck, seed))
    made = [one_too_many(Random(0), 0), bomb(Random(0), 0), bomb(Random(0), 1)]
    yield from made
    for seed in range(FILES - len(made)):
        luck = Random(seed)
        yield makers[seed % len(makers)](luck, seed // len(makers))
