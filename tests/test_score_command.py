"""`manage.py score`: CSV in, CSV out, and refusals that name row and column and print nothing else."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.independent_scorer import csv_line
from tests.test_scoring import MIXED, random_answers

ROOT = Path(__file__).parent.parent
NUMBERS = [str(number) for number in range(1, 31)]
HEADER = ",".join(NUMBERS)
HEAD = "row,CS,BO,STS,CS_level,BO_level,STS_level\n"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    """Give text or bytes to the command's standard input; return what it prints."""

    def give(data: str | bytes, code: str = "proqol-5") -> str:
        raw = data.encode() if isinstance(data, str) else data
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        out = io.StringIO()
        try:
            call_command("score", code, stdout=out)
        except CommandError:
            assert out.getvalue() == "", "a refused file must print nothing"
            raise
        return out.getvalue()

    return give


def line(answers: list[int | None], separator: str = ",") -> str:
    return separator.join("" if answer is None else str(answer) for answer in answers)


def refusal(run, data: str | bytes) -> str:
    with pytest.raises(CommandError) as caught:
        run(data)
    assert caught.value.returncode == 1
    return str(caught.value)


def test_worked_examples_are_printed_exactly(run):
    printed = run("\n".join([HEADER, line([3] * 30), line([1] * 30), line(MIXED)]) + "\n")
    assert printed == (
        HEAD + "1,30,30,30,average,average,average\n2,10,30,10,low,average,low\n3,42,23,22,high,average,low\n"
    )


def test_ten_thousand_lines_agree_with_an_independent_scorer(run):
    everyone = random_answers(10_000)
    printed = run("\n".join([HEADER, *(line(answers) for answers in everyone)]))
    expected = [csv_line(number, answers) for number, answers in enumerate(everyone, start=1)]
    assert printed.splitlines() == [HEAD.strip(), *expected]


def test_a_scale_with_a_blank_is_empty_and_not_scored(run):
    answers: list[int | None] = [3] * 30
    answers[0] = None
    assert run(f"{HEADER}\n{line(answers)}\n") == HEAD + "1,30,,30,average,not scored,average\n"


def test_a_respondent_who_answered_nothing_keeps_the_row(run):
    printed = run(f"{HEADER}\n{',' * 29}\n{line([3] * 30)}\n{',' * 29}\n")
    assert printed.splitlines()[1] == "1,,,,not scored,not scored,not scored"
    assert printed.splitlines()[2].startswith("2,30")
    assert printed.splitlines()[3].startswith("3,,,,")


def test_columns_may_stand_in_any_order(run):
    order = list(reversed(range(30)))
    shuffled = f"{','.join(NUMBERS[i] for i in order)}\n{','.join(str(MIXED[i]) for i in order)}\n"
    assert run(shuffled) == run(f"{HEADER}\n{line(MIXED)}\n")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_line_ends_separators_and_blanks_do_not_matter(run, separator, ending, mark):
    header = separator.join(f" {name} " for name in NUMBERS)
    answers = separator.join(f" {answer}\u00a0" for answer in MIXED)
    data = mark + ending.join([header, answers, "", "  ", ""]).encode()
    assert run(data) == HEAD + "1,42,23,22,high,average,low\n"


def test_quoted_values_are_read(run):
    quoted = ",".join(f'"{name}"' for name in NUMBERS)
    assert run(f"{quoted}\n{line(MIXED)}\n").endswith("1,42,23,22,high,average,low\n")


def test_a_header_alone_gives_a_header_alone(run):
    assert run(HEADER + "\n") == HEAD


@pytest.mark.parametrize("bad", ["0", "6", "-1", "2.5", "3.0", "x", "٣", "1_0", "+3", "NA", "often", "33"])
def test_an_impossible_value_is_named_by_row_and_column(run, bad: str):
    answers = [str(answer) for answer in MIXED]
    answers[7] = bad
    told = refusal(run, f"{HEADER}\n{line(MIXED)}\n{','.join(answers)}\n{line(MIXED)}\n")
    assert f"Row 2, column 8: {bad!r} is no answer. Write a whole number from 1 to 5" in told
    assert told.count("Row ") == 1


def test_the_column_is_the_items_name_not_its_place(run):
    order = list(reversed(range(30)))
    values = ["9", *(str(MIXED[i]) for i in order[1:])]
    told = refusal(run, f"{','.join(NUMBERS[i] for i in order)}\n{','.join(values)}\n")
    assert "Row 1, column 30: '9'" in told


def test_every_fault_is_listed_at_once_up_to_fifty(run):
    rows = [line([3] * 30), ",".join(["7", *["3"] * 28, "8"])]
    told = refusal(run, "\n".join([HEADER, *rows]))
    assert "Row 2, column 1: '7'" in told
    assert "Row 2, column 30: '8'" in told
    many = refusal(run, "\n".join([HEADER, *[",".join(["9"] * 30)] * 2]))
    assert many.count("Row ") == 50
    assert "and 10 more" in many


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER.replace(",17,", ","), "no column for item 17"),
        (HEADER + ",31", "column 31: '31' is no item of proqol-5"),
        (HEADER + ",name", "column 31: 'name' is no item of proqol-5"),
        (HEADER + ",17", "column 31: item 17 comes twice"),
        (HEADER + ",", "column 31 has no name"),
        ("3" + ",3" * 29, "column 2: item 3 comes twice"),
    ],
)
def test_a_header_that_is_not_the_items_is_refused(run, header: str, reason: str):
    assert reason in refusal(run, f"{header}\n{line(MIXED)}\n")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (line(MIXED[:29]), "Row 2: 29 values, but the header names 30 columns"),
        (line(MIXED) + ",3", "Row 2: 31 values"),
        ("3", "Row 2: 1 value, but"),
        ("", "Row 2: the line is empty"),
    ],
)
def test_a_line_of_another_length_is_refused(run, row: str, reason: str):
    assert reason in refusal(run, f"{HEADER}\n{line(MIXED)}\n{row}\n{line(MIXED)}\n")


@pytest.mark.parametrize("data", ["", "\n\n", "\ufeff", "  \n"])
def test_an_empty_file_is_refused(run, data: str):
    assert "The file is empty" in refusal(run, data)


def test_a_file_that_is_no_text_or_no_csv_is_refused(run):
    assert "not UTF-8" in refusal(run, b"\xff\xfe1\x00")
    assert "not CSV" in refusal(run, f'{HEADER}\n"3"x,{line([3] * 29)}\n')


def test_an_unknown_instrument_lists_the_known_ones(run):
    with pytest.raises(CommandError, match=r"no instrument proqol-4\. Known: proqol-5") as caught:
        run(HEADER, code="proqol-4")
    assert caught.value.returncode == 1


def test_a_file_may_be_named(tmp_path: Path):
    (tmp_path / "answers.csv").write_text(f"{HEADER}\n{line(MIXED)}\n", encoding="utf-8")
    out = io.StringIO()
    call_command("score", "proqol-5", str(tmp_path / "answers.csv"), stdout=out)
    assert out.getvalue() == HEAD + "1,42,23,22,high,average,low\n"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(CommandError, match=r"nothing\.csv cannot be read: No such file"):
        call_command("score", "proqol-5", str(tmp_path / "nothing.csv"), stdout=io.StringIO())


def shell(tmp_path: Path, data: str) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it, with a database that nobody could reach."""
    environment = os.environ | {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none",
    }
    command = [sys.executable, "manage.py", "score", "proqol-5"]
    return subprocess.run(command, cwd=ROOT, env=environment, input=data, capture_output=True, text=True)


def test_the_shell_command_works_without_a_database(tmp_path: Path):
    done = shell(tmp_path, f"{HEADER}\n{line(MIXED)}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == HEAD + "1,42,23,22,high,average,low\n"


def test_the_shell_command_refuses_on_standard_error_with_exit_one(tmp_path: Path):
    bad = line(MIXED).replace("5", "7", 1)
    done = shell(tmp_path, f"{HEADER}\n{line(MIXED)}\n{bad}\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Row 2, column 1: '7' is no answer." in done.stderr
    assert "Traceback" not in done.stderr
