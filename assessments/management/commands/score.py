"""Score a file of answers from the shell. Reads no database and keeps nothing."""

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.instruments import INSTRUMENTS, Instrument
from assessments.scoring import Scores, score

SHOWN_PROBLEMS = 50


class Refused(Exception):
    """A file that cannot be scored, with every reason found."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


class Command(BaseCommand):
    help = (
        "Score answers: one respondent a line under a header of item numbers, missing answers left blank. "
        "Prints CSV; a faulty file prints nothing, names every fault and ends with exit 1."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("instrument", help="code of the instrument, such as proqol-5")
        parser.add_argument("file", nargs="?", default="-", help="CSV file; standard input when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["instrument"]
        if code not in INSTRUMENTS:
            raise CommandError(f"There is no instrument {code}. Known: {', '.join(INSTRUMENTS)}.")
        instrument = INSTRUMENTS[code]
        try:
            answers = read_answers(instrument, read_text(options["file"]))
        except Refused as refused:
            raise CommandError(_listing(refused.problems)) from None
        self.stdout.write(as_csv(instrument, [score(instrument, row) for row in answers]), ending="")


def _listing(problems: Sequence[str]) -> str:
    more = len(problems) - SHOWN_PROBLEMS
    lines = ["Nothing was scored.", *problems[:SHOWN_PROBLEMS]]
    return "\n".join([*lines, f"… and {more} more."] if more > 0 else lines)


def read_text(file: str) -> str:
    """The file's text ("-" for standard input), without a byte-order mark; Refused when it cannot be read."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("The file is not UTF-8 text. Save it as CSV UTF-8 and try again.") from error


def read_answers(instrument: Instrument, text: str) -> list[list[int | None]]:
    """Answers in item order, one list a respondent, None where left blank.

    Columns may stand in any order, separated by comma, semicolon or tab; blanks around values and empty
    lines at the end do not count. Row 1 is the first respondent. Refused lists every fault by row and column.
    """
    lines = list(_lines(text))
    while lines and not any(lines[-1]):
        if len(lines[-1]) > 1:
            break  # separators without a value: a respondent who answered nothing
        lines.pop()
    if not lines:
        raise Refused("The file is empty. Its first line must name the items, 1 to the last.")
    header, *rows = lines
    columns = _columns(instrument, header)
    answer_of = {str(option.value): option.value for option in instrument.options} | {"": None}
    problems: list[str] = []
    answers: list[list[int | None]] = []
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            problems.append(f"Row {number}: {_count(row)}, but the header names {len(header)} columns.")
            continue
        for name, value in zip(header, row, strict=True):
            if value not in answer_of:
                allowed = f"{instrument.minimum} to {instrument.maximum}"
                problems.append(
                    f"Row {number}, column {name}: {value!r} is no answer. "
                    f"Write a whole number from {allowed}, or leave it blank if missing."
                )
        if not problems:
            answers.append([answer_of[row[column]] for column in columns])
    if problems:
        raise Refused(*problems)
    return answers


def _count(row: list[str]) -> str:
    if not any(row) and len(row) < 2:
        return "the line is empty"
    return "1 value" if len(row) == 1 else f"{len(row)} values"


def _lines(text: str) -> Iterator[list[str]]:
    """Lines split into trimmed values; an empty line is an empty list."""
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            yield [value.strip() for value in line]
    except csv.Error as error:
        raise Refused(f"The file is not CSV: {error}.") from error


def _columns(instrument: Instrument, header: list[str]) -> list[int]:
    """Place of each item's column, in item order; Refused when the header is not exactly the items."""
    wanted = [str(item.number) for item in instrument.items]
    problems = []
    for place, name in enumerate(header, start=1):
        if not name:
            problems.append(f"Header, column {place} has no name. Name it by its item number or remove it.")
        elif name not in wanted:
            problems.append(f"Header, column {place}: {name!r} is no item of {instrument.code}. Remove it.")
        elif name in header[: place - 1]:
            problems.append(f"Header, column {place}: item {name} comes twice. Keep one.")
    missing = [name for name in wanted if name not in header]
    if missing:
        problems.append(
            f"Header: no column for item {', '.join(missing)}. Every item needs one, even if blank."
        )
    if problems:
        raise Refused(*problems)
    return [header.index(name) for name in wanted]


def as_csv(instrument: Instrument, everyone: Sequence[Scores]) -> str:
    """One line a respondent: number, raw sums, levels; a scale not scored is empty, its level says so."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    codes = [scale.code for scale in instrument.scales]
    writer.writerow(["row", *codes, *(f"{code}_level" for code in codes)])
    for number, scores in enumerate(everyone, start=1):
        values = ["" if scale.value is None else scale.value for scale in scores.scales]
        levels = ["not scored" if scale.level is None else scale.level.value for scale in scores.scales]
        writer.writerow([number, *values, *levels])
    return out.getvalue()
