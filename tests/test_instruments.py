"""Definition files: what the installed one says, and how a contradicting one is refused."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assessments import reading_words
from assessments.instruments import DEFINITIONS, INSTRUMENTS, InstrumentError, load, load_all

PROQOL = INSTRUMENTS["proqol-5"]
SOURCE = (DEFINITIONS / "proqol-5.toml").read_text(encoding="utf-8")
Refuse = Callable[..., InstrumentError]


@pytest.fixture
def refuse(tmp_path: Path) -> Refuse:
    """Change the ProQOL file at one place and return the refusal."""

    def change(old: str, new: str) -> InstrumentError:
        assert SOURCE.count(old) == 1, f"{old!r} must stand once in the file"
        path = tmp_path / "proqol-5.toml"
        path.write_text(SOURCE.replace(old, new), encoding="utf-8")
        with pytest.raises(InstrumentError) as caught:
            load(path)
        assert str(caught.value).startswith("proqol-5.toml: ")
        return caught.value

    return change


def test_the_proqol_has_thirty_items_in_three_scales_of_ten():
    assert [item.number for item in PROQOL.items] == list(range(1, 31))
    assert [(s.code, len(s.items), s.minimum, s.maximum, s.better) for s in PROQOL.scales] == [
        ("CS", 10, 10, 50, "up"),
        ("BO", 10, 10, 50, "down"),
        ("STS", 10, 10, 50, "down"),
    ]
    assert [item.number for item in PROQOL.items if item.reversed] == [1, 4, 15, 17, 29]
    assert [option.value for option in PROQOL.options] == [1, 2, 3, 4, 5]
    assert (PROQOL.minimum, PROQOL.maximum, PROQOL.recall_days) == (1, 5, 30)


def test_each_item_knows_its_scale():
    for scale in PROQOL.scales:
        assert tuple(item.number for item in PROQOL.items if item.scale == scale.code) == scale.items


def test_nineteen_items_hold_a_placeholder():
    expected = [2, 3, *range(6, 15), 16, 19, 20, 21, 23, 24, 25, 27]
    assert [item.number for item in PROQOL.items if item.placeholder] == expected
    assert len(expected) == 19


def test_gists_are_topics_and_no_statements():
    for item in PROQOL.items:
        words = re.findall(r"[\w’']+", item.gist.lower())
        assert 1 <= len(words) <= 5
        assert not {"i", "my", "me", "am", "i'm"} & set(words), f"{item.gist} speaks in the first person"


def test_the_norm_in_use_is_named_provisional_and_has_its_size():
    assert (PROQOL.norm.name, PROQOL.norm.provisional, PROQOL.norm.n) == (
        "De La Rosa et al. 2018",
        True,
        5612,
    )
    values = [(norm.scale, norm.mean, norm.sd) for norm in PROQOL.norm.norms]
    assert values == [("CS", 37.7, 6.5), ("BO", 22.8, 5.4), ("STS", 16.7, 5.7)]


def test_credit_and_link_stand_in_the_definition():
    assert "Stamm" in PROQOL.credit
    assert PROQOL.link == "https://proqol.org"
    assert PROQOL.levels.label == "manual's raw cuts"


def test_definitions_cannot_be_changed_while_running():
    with pytest.raises(AttributeError):
        PROQOL.scales[0].alpha = 0.5  # type: ignore[misc]
    with pytest.raises(TypeError):
        INSTRUMENTS["other"] = PROQOL  # type: ignore[index]


def test_an_unknown_scale_is_a_key_error():
    with pytest.raises(KeyError):
        PROQOL.scale("CF")
    with pytest.raises(KeyError):
        PROQOL.norm.of("CF")


def test_every_text_a_definition_shows_can_be_translated():
    for instrument in INSTRUMENTS.values():
        shown = {instrument.name, instrument.licence, instrument.recall, instrument.levels.label}
        shown |= {option.label for option in instrument.options} | {item.gist for item in instrument.items}
        shown |= {scale.name for scale in instrument.scales} | {norm.source for norm in instrument.norms}
        assert shown <= set(reading_words.DEFINITION_TEXTS)


FAULTS = {
    "an item in two scales": (
        "items = [1, 4, 8, 10,",
        "items = [1, 3, 4, 8, 10,",
        "scale BO.items",
        "item 3 already counts in CS",
    ),
    "an item in no scale": ("24, 27, 30]", "24, 27]", "scales", "item 30 is in no scale"),
    "an item twice in one scale": (
        "22, 24, 27, 30]",
        "22, 22, 24, 27, 30]",
        "scale CS.items",
        "item 22 comes twice",
    ),
    "an item that does not exist": (
        "24, 27, 30]",
        "24, 27, 30, 31]",
        "scale CS.items",
        "there is no item 31",
    ),
    "a gap in the numbers": ("{ number = 9,", "{ number = 10,", "items[9].number", "is 10"),
    "a number twice": ("{ number = 10,", "{ number = 9,", "items[10].number", "is 9"),
    "a reversed item of another scale": (
        "reversed = [1, 4, 15, 17, 29]",
        "reversed = [1, 3, 4, 15, 17, 29]",
        "scale BO.reversed",
        "there is no item 3",
    ),
    "a placeholder that is no item": ("25, 27]", "25, 27, 33]", "placeholders", "there is no item 33"),
    "a statement for a gist": (
        'gist = "on edge"',
        'gist = "this goes on for six words"',
        "items[11].gist",
        "more than 5 words",
    ),
    "the same gist twice": (
        'gist = "on edge"',
        'gist = "contentment"',
        "items",
        "gist contentment comes twice",
    ),
    "an empty gist": ('gist = "on edge"', 'gist = " "', "items[11].gist", "is empty"),
    "a cut out of range": (
        "low_up_to = 22",
        "low_up_to = 9",
        "levels.low_up_to",
        "outside 10 to 50 of scale CS",
    ),
    "a high cut out of range": ("high_from = 42", "high_from = 51", "levels.high_from", "is 51"),
    "cuts in the wrong order": ("high_from = 42", "high_from = 20", "levels.high_from", "leaves no average"),
    "cuts without an average": ("high_from = 42", "high_from = 23", "levels.high_from", "leaves no average"),
    "a norm for another scale": (
        "STS = { mean",
        "CF = { mean",
        "norm set de-la-rosa-2018.values",
        "CS, BO, CF",
    ),
    "a norm that lacks a scale": (
        ", STS = { mean = 16.7, sd = 5.7 }",
        "",
        "norm set de-la-rosa-2018.values",
        "the scales are CS, BO, STS",
    ),
    "a mean out of range": (
        "mean = 16.7",
        "mean = 6.7",
        "norm set de-la-rosa-2018.STS.mean",
        "outside 10 to 50",
    ),
    "a mean that is no number": ("mean = 16.7", "mean = nan", "norm set de-la-rosa-2018.STS.mean", "finite"),
    "an SD of nothing": ("sd = 5.7", "sd = 0", "norm set de-la-rosa-2018.STS.sd", "above 0"),
    "a sample of one": ("n = 5612", "n = 1", "norm set de-la-rosa-2018.n", "2 or more"),
    "an alpha above one": ("alpha = 0.81", "alpha = 8.1", "scale STS.alpha", "between 0 and 1"),
    "a direction misspelled": ('better = "up"', 'better = "higher"', "scale CS.better", '"up" or "down"'),
    "two scales of one code": ('code = "STS"', 'code = "BO"', "scales", "code BO comes twice"),
    "two scales of one name": (
        '"Secondary traumatic stress"',
        '"Burnout"',
        "scales",
        "name Burnout comes twice",
    ),
    "options with a gap": (
        '{ value = 5, label = "Very',
        '{ value = 6, label = "Very',
        "options",
        "rise by one",
    ),
    "two options of one label": (
        'label = "Very often"',
        'label = "Often"',
        "options",
        "label Often comes twice",
    ),
    "a yes for a number": ("recall_days = 30", "recall_days = true", "recall_days", "a whole number"),
    "a missing field": ('link = "https://proqol.org"', "", "link", "is missing"),
    "a misspelled field": ("recall_days = 30", "recal_days = 30", "recal_days", "is not one of"),
    "a misspelled field of a scale": ("alpha = 0.81", "alfa = 0.81", "scales[3].alfa", "is not one of"),
    "a list for a table": ("[levels]", "[[levels]]", "levels", "must be a table"),
    "a number for the scales' list": (
        'code = "proqol-5"',
        'code = "proqol-5"\nscales = 3',
        "",
        "not valid TOML",
    ),
    "the code of another file": (
        'code = "proqol-5"',
        'code = "proqol-4"',
        "code",
        "the file is named proqol-5",
    ),
}


@pytest.mark.parametrize(("old", "new", "field", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_definition_is_refused_for(refuse: Refuse, old: str, new: str, field: str, reason: str):
    error = refuse(old, new)
    assert error.field == field
    assert reason in error.reason


def test_broken_toml_is_refused_with_its_line(refuse: Refuse):
    error = refuse("recall_days = 30", "recall_days = ")
    line = SOURCE[: SOURCE.index("recall_days = 30")].count("\n") + 1
    assert f"line {line}," in error.reason


def test_a_file_that_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / "proqol-5.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InstrumentError, match=r"proqol-5\.toml: cannot be read"):
        load(tmp_path / "proqol-5.toml")


def test_a_folder_is_loaded_by_code_and_one_bad_file_refuses_all(tmp_path: Path):
    (tmp_path / "proqol-5.toml").write_text(SOURCE, encoding="utf-8")
    other = SOURCE.replace('code = "proqol-5"', 'code = "another"')
    (tmp_path / "another.toml").write_text(other, encoding="utf-8")
    assert list(load_all(tmp_path)) == ["another", "proqol-5"]
    (tmp_path / "third.toml").write_text(other, encoding="utf-8")
    with pytest.raises(InstrumentError, match=r"third\.toml: code"):
        load_all(tmp_path)


def test_a_folder_without_definitions_is_refused(tmp_path: Path):
    with pytest.raises(InstrumentError, match="holds no instrument definition"):
        load_all(tmp_path)
