"""Every text a person may see is in the catalogs, translated, and says what the original says."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils import dates

from tests.po import Entry, entries

ROOT = Path(settings.BASE_DIR)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
SOURCES = ("cecert_site", "rollout", "consultation", "assessments", "templates", "script")
NEEDED = ("xgettext", "msguniq", "msgmerge", "msgattrib", "msgfmt")
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]?[\d.]*[a-z]|%[a-z]|\{\w*\}|</?[a-z][^>]*>")


def catalog(language: str) -> Path:
    return ROOT / "cecert_site" / "locale" / language / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def gathered(tmp_path_factory):
    """The catalogs as script/translate would write them now, in a copy of the sources."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing and os.environ.get("REQUIRE_SERVICES") != "1":
        pytest.skip(f"gettext is not installed ({', '.join(missing)}): apt-get install gettext")
    assert not missing, "install gettext: apt-get install gettext"
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    environment = {
        **os.environ,
        "VAR_DIR": str(copy / "var"),
        "DJANGO_SETTINGS_MODULE": "cecert_site.settings",
    }
    command = [sys.executable, "manage.py", "translate", "--gather"]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return copy, done.stdout + done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_holds_every_text_of_the_product_and_no_other(gathered, language):
    copy, _said = gathered
    fresh = {one.key: one for one in entries(copy / catalog(language).relative_to(ROOT))}
    kept = {one.key: one for one in entries(catalog(language))}
    missing = [fresh[key].name for key in fresh.keys() - kept.keys()]
    gone = [kept[key].name for key in kept.keys() - fresh.keys()]
    assert (sorted(missing), sorted(gone)) == ([], []), "run script/translate, then translate what is new"


def test_gathering_the_texts_gives_no_warning(gathered):
    _copy, said = gathered
    assert [line for line in said.splitlines() if not line.startswith("processing locale")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    all_of_it = entries(catalog(language))
    assert len(all_of_it) > 1500
    open_ones = [one.name for one in all_of_it if not all(one.texts) or "fuzzy" in one.flags]
    assert not open_ones, f"{len(open_ones)} texts are not translated: " + "; ".join(open_ones[:20])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_holds_the_placeholders_and_tags_of_its_original(language):
    wrong = [f"{one.name} → {text!r}" for one in entries(catalog(language)) for text in unlike(one)]
    assert not wrong, "\n".join(wrong)


def unlike(entry: Entry) -> list[str]:
    """Translations that would say less, say more, or break; a form for one may leave the number out."""
    one, many = pieces(entry.msgid), pieces(entry.plural or entry.msgid)
    found = []
    for form, text in enumerate(entry.texts):
        has = pieces(text)
        allowed = (many,) if form or not entry.plural else (one, many)
        if text and has not in allowed:
            found.append(text)
        if text and (text.startswith("\n"), text.endswith("\n")) != (
            entry.msgid.startswith("\n"), entry.msgid.endswith("\n")
        ):  # fmt: skip
            found.append(text)
    return found


def pieces(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text.replace("%%", "")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_ours_takes_the_place_of_a_month_or_weekday_of_django(language):
    # "may", a point that may be aired, once stood where the month should: it needs a context of its own.
    words = [dates.WEEKDAYS, dates.WEEKDAYS_ABBR, dates.MONTHS, dates.MONTHS_3, dates.MONTHS_ALT]
    of_django = {word._args[0] for table in words for word in table.values()}  # type: ignore[attr-defined]
    assert "may" in of_django
    assert not of_django & {one.msgid for one in entries(catalog(language)) if not one.context}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_was_translated(language):
    with catalog(language).with_suffix(".mo").open("rb") as file:
        held = {key: text for key, text in GNUTranslations(file)._catalog.items() if key}
    wanted = {}
    for entry in entries(catalog(language)):
        key = f"{entry.context}\x04{entry.msgid}" if entry.context else entry.msgid
        if "fuzzy" in entry.flags or not any(entry.texts):
            continue
        forms = (
            {(key, n): text for n, text in enumerate(entry.texts)} if entry.plural else {key: entry.texts[0]}
        )
        wanted |= forms
    different = sorted(str(key) for key in wanted.keys() | held.keys() if wanted.get(key) != held.get(key))
    assert not different, f"run script/translate --compile: {different[:10]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_names_nobody(language):
    text = catalog(language).read_text(encoding="utf-8")
    header = text.split("\n\n")[0]
    assert re.findall(r"[\w.+-]+@[\w.-]+|Translator|Creation-Date|Revision-Date|Report-", header) == []
    assert not re.search(r"(?m)^#: .*:\d", text), "line numbers change with every edit"


# --- Text that never reaches a catalog ------------------------------------------------------------------------

TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.*")) if "elements" not in path.parts]
"""All but allauth's elements, which piece tags together and hold no words."""
SAID = ("alt", "title", "aria-label", "aria-description", "placeholder", "data-label")
ALIKE = {"CE-CERT Rollout", "CE-CERT", "UTC", "h", "min", "kB", "CSV", "JSON", "PDF"}
"""The same in every language."""


class Literal(HTMLParser):
    """What stands in a template's own words, outside its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("script", "style", "code")
        self.texts += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style", "code")

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data)


def literals(source: str) -> list[str]:
    """Words of a template that no translate tag holds."""
    kept, inside = [], False
    for token in Lexer(source).tokenize():
        name = token.contents.split(" ", 1)[0] if token.token_type == TokenType.BLOCK else ""
        if name in ("blocktranslate", "blocktrans", "comment"):
            inside = True
        elif token.contents.startswith("block ") and token.contents.endswith("_class"):
            inside = True  # names of styles
        elif name in ("endblocktranslate", "endblocktrans", "endcomment", "endblock"):
            inside = False
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
        elif "".join(kept).rpartition("<")[2].count(">"):
            kept.append("\x00")  # where a tag or a value stands among words, a word ends
    reader = Literal()
    reader.feed("".join(kept))
    reader.close()
    texts = [" ".join(part.split()) for text in reader.texts for part in text.split("\x00")]
    return [text for text in texts if re.search(r"[^\W\d_]{2}", text) and text.strip(" ·,:()") not in ALIKE]


def test_no_template_speaks_outside_a_translate_tag():
    found = {str(path.relative_to(ROOT)): literals(path.read_text(encoding="utf-8")) for path in TEMPLATES}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{% translate "Hello" %}</p>', []),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", []),
        ('<img alt="A picture"><b aria-label="{{ x }}">CE-CERT Rollout</b>', ["A picture"]),
        ("<script>const words = 1</script><p>{{ n }} of {{ m }}</p>", ["of"]),
    ],
)
def test_the_check_of_templates_sees_bare_words(source, found):
    assert literals(source) == found
