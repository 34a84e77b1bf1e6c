"""Statements read from text, TXT and CSV: exactly the instrument's, or nothing. All statements here are invented."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessments import wording
from assessments.models import WordingPack
from rollout.models import AuditEntry

from .conftest import Cast
from .surveying import PROQOL

KITCHEN = [
    f"I keep spoon number {n} in the [drawer] of {'red' if n % 2 else 'blue'} wood." for n in range(1, 31)
]


def lines(form: str = "{n}. {text}") -> str:
    return "\n".join(form.format(n=n, text=text) for n, text in enumerate(KITCHEN, 1))


def parsed(text: str) -> wording.Parsed:
    return wording.parse(text, PROQOL)


def told(text: str) -> str:
    found = parsed(text)
    assert not found.fits
    return " | ".join(f"{one.line}: {one.text}" for one in found.problems)


@pytest.mark.parametrize(
    "form",
    ["{n}. {text}", "{n}) {text}", "{n} {text}", "{n}\t{text}", "  {n} - {text}", "{n}: {text}", "({n}) {text}",
     "{n}.{text}", '{n},"{text}"', '"{n}";"{text}"', "{n}\u2013{text}", "\u2022 {n}. {text}\r"],
)  # fmt: skip
def test_the_usual_ways_of_numbering_are_read(form: str):
    found = parsed(lines(form))
    assert found.fits, found.problems
    assert found.texts() == dict(enumerate(KITCHEN, 1))
    assert found.warnings == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_with_a_header_keeps_separators_inside_quotes(separator: str):
    text = separator.join(("number", "statement")) + "\n"
    text += "\n".join(f'{n}{separator}"Soup{separator} then number {n}"' for n in range(1, 31))
    found = parsed(text)
    assert found.fits, found.problems
    assert found.texts()[7] == " ".join(f"Soup{separator} then number 7".split())


def test_brackets_stay_as_they_are():
    assert "[drawer]" in parsed(lines()).texts()[1]


def test_a_wrapped_line_is_added_to_its_statement_and_named():
    found = parsed(lines().replace("2. I keep spoon number 2 in", "2. I keep spoon number 2\nin"))
    assert found.fits
    assert found.texts()[2] == KITCHEN[1]
    assert [(one.line, one.text) for one in found.warnings] == [(3, "Has no number: added to statement 2.")]


def test_a_title_above_the_statements_is_left_out_and_named():
    found = parsed("Kitchen questionnaire\n\n" + lines())
    assert found.fits
    assert [one.line for one in found.warnings] == [1]


def test_our_answer_options_are_not_taken_for_statements():
    options = "1=Never 2=Rarely 3=Sometimes 4=Often 5=Very Often"
    assert parsed(f"{options}\n{lines()}").fits
    for form in ("{} {}", "{}={}", "{}. {}"):
        one_a_line = "\n".join(form.format(one.value, one.label) for one in PROQOL.options)
        found = parsed(f"{one_a_line}\n{lines()}")
        assert found.fits
        assert found.texts()[1] == KITCHEN[0]


@pytest.mark.parametrize(
    "anchors",
    [
        "0=Never 1=Rarely 2=A Few Times 3=Somewhat Often 4=Often 5=Very Often",
        "0 Never",
        "0. Never",
        "0 = Never",
        "0=Never",
    ],
)
def test_answers_that_begin_at_nought_are_refused_as_another_version(anchors: str):
    assert "belong to another version" in told(f"{anchors}\n{lines()}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0: No numbered statement was found"),
        ("some text without numbers", "0: No numbered statement was found"),
        (lines().replace("30. ", "31. "), "30: There is no statement 31"),
        ("\n".join(lines().splitlines()[:28]), "0: Statements 29, 30 are missing."),
        ("\n".join(lines().splitlines()[:29]), "0: Statement 30 is missing."),
        (lines().replace("\n7. ", "\n6. "), "7: Statement 6 comes twice; the first stands on line 6."),
        (lines().replace("\n7. " + KITCHEN[6], "\n7."), "7: Statement 7 is empty."),
        (lines().replace(KITCHEN[6], KITCHEN[2]), "7: Statement 7 repeats the text of statement 3."),
        (lines() + "\n31. One too many, in a pot", "31: There is no statement 31"),
        (lines().replace(KITCHEN[4], "pan " * 90), "5: Statement 5 has more than 300 characters"),
    ],
)
def test_whatever_is_missing_doubled_or_empty_refuses_the_whole_with_its_line(text: str, reason: str):
    assert reason in told(text)


def test_files_come_in_several_encodings_and_not_every_file_is_text():
    text = "1. Crème brûlée"
    assert wording.decode(text.encode("utf-8-sig")) == text
    assert wording.decode(text.encode("cp1252")) == text
    assert wording.decode(text.encode("utf-16")).lstrip("\ufeff") == text
    for data, reason in ((b"PK\x03\x04\0\0", "not a text file"), (b"x" * 100_001, "larger than 100 kB")):
        with pytest.raises(ValueError, match=reason):
            wording.decode(data)


# --- the command ------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kitchen.txt"
    path.write_text(lines())
    return path


@pytest.mark.django_db
def test_the_command_installs_versions_and_says_so(file: Path, cast: Cast, capsys: Any):
    call_command("install_wording", "proqol-5", str(file))
    call_command("install_wording", "proqol-5", str(file))
    call_command("install_wording", "proqol-5", str(file), language="es", agency="clearwater")
    assert list(WordingPack.objects.values_list("language", "version", "agency").order_by("pk")) == [
        ("en", 1, None), ("en", 2, None), ("es", 1, cast.agency.pk),
    ]  # fmt: skip
    assert WordingPack.objects.first().statements["2"] == KITCHEN[1]
    assert "v2 for every agency: 30 statements" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_writes_nothing_when_anything_is_wrong(file: Path, capsys: Any):
    file.write_text(lines().replace("\n7. ", "\n6. "))
    with pytest.raises(CommandError, match="line 7: Statement 6 comes twice"):
        call_command("install_wording", "proqol-5", str(file))
    for arguments, reason in (
        (["proqol-4", str(file)], "There is no instrument proqol-4"),
        (["proqol-5", str(file.with_name("gone.txt"))], "cannot be read"),
        (["proqol-5", str(file), "--agency", "nowhere"], "There is no agency nowhere"),
    ):
        with pytest.raises(CommandError, match=reason):
            call_command("install_wording", *arguments)
    assert not WordingPack.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_checks_and_writes_nothing(file: Path, capsys: Any):
    call_command("install_wording", "proqol-5", str(file), dry_run=True)
    assert "30 statements, ready to install" in capsys.readouterr().out
    assert not WordingPack.objects.exists()


@pytest.mark.django_db
def test_the_audit_names_the_version_and_not_the_statements(file: Path):
    call_command("install_wording", "proqol-5", str(file))
    assert "spoon" not in str(AuditEntry.objects.values().get())
