"""Reading a translator's catalog (PO): just what our own files use."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Entry:
    """One text. ``texts`` are its translations: one, or one for each plural form; "" where there is none yet."""

    context: str = ""
    msgid: str = ""
    plural: str = ""
    texts: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.context, self.msgid, self.plural

    @property
    def name(self) -> str:
        """For a message of a test."""
        return f"{self.context + ': ' if self.context else ''}{self.msgid!r} ({', '.join(self.files)})"


def entries(path: Path) -> list[Entry]:
    """All texts of a catalog; its header and what is obsolete left out."""
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    found = (entry(block.splitlines()) for block in blocks if "#~ " not in block)
    return [one for one in found if one.msgid]


def entry(lines: list[str]) -> Entry:
    found = Entry()
    for kind, text in parts(lines):
        if kind == "#,":
            found.flags |= {flag.strip() for flag in text.split(",")}
        elif kind == "#:":
            found.files += text.split()
        elif kind.startswith("msgstr"):
            found.texts.append(text)
        elif kind in ("msgctxt", "msgid", "msgid_plural"):
            setattr(found, {"msgctxt": "context", "msgid_plural": "plural"}.get(kind, kind), text)
    return found


def parts(lines: list[str]) -> Iterator[tuple[str, str]]:
    """(keyword, text) pairs, with the quoted lines of each joined."""
    keyword, texts = "", list[str]()
    for line in [*lines, "#"]:
        if line.startswith('"'):
            texts.append(ast.literal_eval(line))
            continue
        if keyword:
            yield keyword, "".join(texts)
        keyword, _blank, rest = line.partition(" ")
        if keyword.startswith("#"):
            if rest:
                yield keyword, rest
            keyword = ""
        else:
            texts = [ast.literal_eval(rest)] if rest else []
