"""``manage.py translate``: gather every text a person may see into the catalogs, then compile them."""

import re
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

STARTERS = ("rollout/starter_data/curricula.toml", "consultation/starter_data/calls.toml",
            "consultation/starter_data/checklists.toml")  # fmt: skip
"""Files whose texts become rows. The instruments' texts stand in assessments/reading_words.py already."""
SHOWN = ("title", "summary", "topics", "aim", "opening_question", "practice", "text", "guidance")
IGNORED = (".*", "var", "tests", "docs", "script", "static", "node_modules", "cecert_site/bench", "htmlcov")
HEADER = """\
# CE-CERT Rollout. How to translate: docs/translating.md.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


class Command(BaseCommand):
    help = "Gather the texts of code, templates and starter data into the catalogs, and compile them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "languages", nargs="*", metavar="LANGUAGE", help="such as es; all of LANGUAGES but English"
        )
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--compile", action="store_true", help="only compile what the catalogs hold")
        one.add_argument("--gather", action="store_true", help="only gather, compile nothing")

    def handle(self, *args: Any, languages: list[str], **options: Any) -> None:
        wanted = languages or [code for code, _name in settings.LANGUAGES if code != "en"]
        if not options["compile"]:
            with messages_of_starters(Path.cwd()):
                call_command(
                    "makemessages",
                    locale=wanted,
                    ignore_patterns=list(IGNORED),
                    add_location="file",
                    no_obsolete=True,
                    no_wrap=True,
                    verbosity=options["verbosity"],
                )
            for language in wanted:
                tidy(catalog(language), language)
        if not options["gather"]:
            call_command("compilemessages", locale=wanted, ignore_patterns=list(IGNORED), verbosity=0)


def catalog(language: str) -> Path:
    """The file that translators fill in."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


@contextmanager
def messages_of_starters(root: Path) -> Iterator[None]:
    """xgettext reads no TOML: for its run, each file of starter texts has a sister in Python beside it."""
    sisters = {root / f"{name}.py": starter_texts(root / name) for name in STARTERS}
    try:
        for sister, texts in sisters.items():
            lines = [f'pgettext("starter", {literal(text)})\n' for text in dict.fromkeys(texts)]
            sister.write_text("".join(lines), encoding="utf-8")
        yield
    finally:
        for sister in sisters:
            sister.unlink(missing_ok=True)


def starter_texts(path: Path) -> Iterator[str]:
    """Every text of a starter file that is shown, in its order."""
    yield from _shown(tomllib.loads(path.read_text(encoding="utf-8")))


def _shown(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _shown(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _shown(inner, key)
    elif isinstance(value, str) and key in SHOWN:
        yield value


def literal(text: str) -> str:
    """The text as a Python literal in double quotes, which xgettext understands."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def tidy(path: Path, language: str) -> None:
    """The catalog without dates, names and addresses; each text of a starter file says which file."""
    _old_header, entries = path.read_text(encoding="utf-8").split("\n\n", 1)
    entries = re.sub(r"(?m)^(#: .*)$", lambda found: found[1].replace(".toml.py", ".toml"), entries)
    path.write_text(HEADER.format(language=language) + "\n" + entries, encoding="utf-8")
