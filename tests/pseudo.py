"""A language to see with what is not translated: in it "es" answers ⟦every text of the catalogs⟧ in marks.

A page in this language shows marks around whatever came through gettext and stands in a catalog. Text outside them
is either **data** (what people typed, names, addresses) or was forgotten. Data is told apart without marks of its
own in the templates: it equals, or is made of, values of the database's text columns. Columns that hold texts of the
product itself (starter content, codes, choices) do not count as data, so a starter text shown untranslated is found
as well. An element with ``translate="no"``, or with a ``lang`` of its own, is left alone.

With Django's client::

    def test_home(pseudo, as_, cast):
        page = as_(cast.staff).get("/", headers={"accept-language": "es"})
        assert unmarked_texts(page.content.decode()) == []

In a browser, with a context of ``locale="es"``: the fixture ``pseudo``, then ``unmarked_texts(page)`` for each page.
Somebody who has chosen a language (``User.language``) sees that one whatever the browser says.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import trans_real

from assessments.instruments import INSTRUMENTS
from rollout import kept
from tests.po import entries

OPEN, CLOSE = "⟦", "⟧"
INLINE = {"a", "abbr", "b", "br", "em", "i", "small", "span", "strong", "text", "time", "tspan"}
SPOKEN = ("alt", "title", "aria-label", "aria-description", "placeholder", "data-label", "data-note")
SILENT = {"script", "style", "code", "textarea", "template"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NAMES = ["CE-CERT Rollout", "CE-CERT", "ProQOL", "PDF", "CSV", "JSON", "XLSX", "ICS", "TXT", "MAPS", "CS", "BO",
         "STS", "SD", "kB", "min", "ProQOL.org", "de"]  # fmt: skip
"""Names and units that are the same in every language; and what stands in a Spanish date."""
ADDRESS = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://\S+|(?<!\w)/[\w/?=&.-]+"
    r"|\b[A-Z][\w-]+/[A-Z][\w/+ -]+|\b(?:[ACEHMP][SD]T|UTC|GMT)\b"  # time zones
)
NUMBER = re.compile(r"\bv?\d[\w.]*")
"""Numbers, versions, hours with their unit."""
OURS = {
    ("rollout", "curriculum"): {"name", "summary"},
    ("rollout", "module"): {"title"},
    ("consultation", "call"): {"title", "aim", "opening_question", "practice", "domain"},
    ("consultation", "checklist"): {"title"},
    ("consultation", "checklistpoint"): {"text", "guidance", "domain"},
}
"""Columns with texts that came with the product: they must be shown translated."""
NO_DATA = {"rollout.AuditEntry", "rollout.Notice", "contenttypes.ContentType", "sessions.Session"}


def install_pseudo_catalog(language: str = "es") -> Any:
    """Make ``language`` answer in marks, for the whole process; returns what to call to undo it."""
    marked = trans_real.DjangoTranslation(language)
    catalog: dict[Any, str] = {}
    for merged in reversed(marked._catalog._catalogs):  # Django's and allauth's own texts
        catalog |= {key: mark(text) for key, text in merged.items() if text and key not in ("", ("", 0))}
    for entry in entries(settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"):
        key = f"{entry.context}\x04{entry.msgid}" if entry.context else entry.msgid
        if entry.plural:
            catalog |= {(key, 0): mark(entry.msgid), (key, 1): mark(entry.plural)}
        else:
            catalog[key] = mark(entry.msgid)
    plural = marked._catalog._plurals[0]
    marked._catalog._catalogs, marked._catalog._plurals = [catalog], [plural]
    before = trans_real._translations.get(language)
    trans_real._translations[language] = marked
    kept.forget()

    def undo() -> None:
        kept.forget()
        trans_real._translations.pop(language, None)
        if before is not None:
            trans_real._translations[language] = before

    return undo


def mark(text: str) -> str:
    """The text in marks; marks of an earlier round stay single."""
    return text if text.startswith(OPEN) else f"{OPEN}{text}{CLOSE}"


@pytest.fixture
def pseudo() -> Iterator[None]:
    """The marking language is "es" for this test."""
    undo = install_pseudo_catalog()
    try:
        yield
    finally:
        undo()
        translation.activate(settings.LANGUAGE_CODE)


def unmarked_texts(page: Any) -> list[str]:
    """What a page shows that is neither marked nor data. ``page``: a Playwright page, or HTML as text."""
    html = page if isinstance(page, str) else page.content()
    reader = Reader()
    reader.feed(html)
    known = data()
    return list(dict.fromkeys(text for text in reader.texts if is_left(text, known)))


def is_left(text: str, known: re.Pattern[str]) -> bool:
    """Whether a text without marks holds a word that is no data."""
    for pattern in (ADDRESS, known, NUMBER):
        text = pattern.sub(" ", text)
    return bool(re.search(r"[^\W\d_]{2}", text))


def outside(text: str, depth: int = 0) -> tuple[str, int]:
    """What stands outside marks, and how many are still open at the end; ``depth`` were at its beginning."""
    found = ""
    for character in text:
        depth += {OPEN: 1, CLOSE: -1}.get(character, 0)
        found += character if not depth and character != CLOSE else " " * (character == CLOSE)
    return " ".join(found.split()), depth


def data() -> re.Pattern[str]:
    """Matches what people typed into the database, and names that are alike in every language, longest first."""
    words = {*NAMES, *(one.credit for one in INSTRUMENTS.values())}
    for content in apps.get_model("rollout", "RosterUpload").objects.values_list("content", flat=True):
        words |= {cell.strip() for cell in re.split(r'[,;\t\r\n"]', bytes(content).decode(errors="ignore"))}
    for model in apps.get_models():
        if model._meta.label in NO_DATA:
            continue
        ours = OURS.get((model._meta.app_label, str(model._meta.model_name)), set())
        columns = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField))
            and not (field.choices or field.name in ours or isinstance(field, models.SlugField))
            and field.name not in ("kind", "rule", "code", "problem", "password", "language")
        ]
        for column in columns:
            words |= {str(value).strip() for value in model._base_manager.values_list(column, flat=True)}
    whole = sorted((word for word in words if len(word) > 1), key=len, reverse=True)
    lines = [r"\s+".join(map(re.escape, word.split())) for word in whole]
    return re.compile("|".join(rf"(?<!\w){line}(?!\w)" for line in lines), re.IGNORECASE)


class Reader(HTMLParser):
    """Collects what is seen or read out outside marks; a marked text may go through links and bold words."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.depth = 0
        self.open: list[tuple[str, bool]] = []
        """Open elements, and whether what they hold counts."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        lang = own.get("lang") or "es"
        counts = self.counts and own.get("translate") != "no" and lang.startswith("es") and tag not in SILENT
        self.depth *= tag in INLINE
        if counts:
            self.texts += [outside(value)[0] for name in SPOKEN if (value := own.get(name))]
        if tag not in VOID:
            self.open.append((tag, counts))

    def handle_endtag(self, tag: str) -> None:
        self.depth *= tag in INLINE
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text, self.depth = outside(data, self.depth)
        if self.counts and text:
            self.texts.append(text)

    @property
    def counts(self) -> bool:
        return not self.open or self.open[-1][1]
