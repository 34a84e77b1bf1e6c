"""A gentle look at what somebody is about to share: does it hold what could be a client's name, birth date or
number?

Pure: text in, findings out. It only asks; the person decides. So it would rather miss a name than cry at
every capital letter: weekdays, months, abbreviations and words that the same text also writes small are left
alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "date", "number", "contact"]

MOST_FINDINGS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One spot: what it looks like, and the words as they stand there."""

    kind: Kind
    text: str


_WORD = r"(?:[A-Z]['’])?[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+(?:['’-][A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+)*(?!\w)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_YEAR = r"(?:19|20)\d\d"

_DATES = re.compile(
    rf"\b(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:{_YEAR}|\d\d)|{_YEAR}-\d\d-\d\d"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}|\d{{1,2}}\.? {_MONTH} {_YEAR}"
    rf"|(?i:born(?: in| on)?|dob:?|d\.o\.b\.:?) [^\s,.;]+)"
)
_CONTACTS = re.compile(r"\b[\w.+-]+@[\w-]+\.\w[\w.]*|(?<!\d)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b")
_NUMBERS = re.compile(
    r"(?<!\w)(?:#\s?\d{3,}|(?i:case|file|client|docket|referral)(?: (?i:no|number|id))?\.?:? ?#?\d[\w-]*"
    r"|\d{3}-\d{2}-\d{4}|[A-Z]{1,4}-?\d{4,}[\w-]*|\d{5,})(?!\w)"
)
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.? {_WORD}(?: {_WORD})?")
_CAPITALS = re.compile(rf"(?<![\w'’-]){_WORD}(?: {_WORD})*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;…]['\"”’)]*\s+|[\n•*–—]\s*-?\s*|[“\"‘(]\s*)$")

_HARMLESS = frozenset(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June
    July August September October November December Christmas Thanksgiving Easter Halloween Hanukkah
    Ramadan English Spanish French American Zoom Teams Google Foundations Supervision Intake Kinship
    Foster Care Family Preservation Residential Night North South East West Court Medicaid Internet
    God Mom Dad Black White Latino Latina Native Team Unit Office Department County State City
    School Hospital Police Child Children Adult Protective Services Welfare Family Families Center
    Board Human Resources Health Social Work Worker Supervisor Clinic Program
    """.split()
)
_FIRST_NAMES = frozenset(
    """
    Aaron Adam Aiden Alex Alexander Alexis Alicia Alyssa Amanda Amber Amelia Amy Ana Andrea Andrew
    Angela Anna Anthony Antonio Ashley Ava Barbara Benjamin Beth Brandon Brenda Brian Brianna
    Brittany Caleb Cameron Carla Carlos Carmen Carol Caroline Catherine Charles Charlotte Chloe
    Chris Christian Christina Christopher Cindy Crystal Cynthia Daniel David Deborah Denise Diana
    Diego Donna Dylan Eduardo Edward Elena Eli Elijah Elizabeth Ella Emily Emma Eric Erica Ethan
    Evan Evelyn Fernando Francisco Frank Gabriel Gabriela George Hannah Heather Henry Isaac Isabella
    Jack Jacob Jaden Jake James Jamie Jason Javier Jayden Jeff Jeffrey Jennifer Jeremy Jessica Jesus
    Joel John Jonathan Jordan Jorge Jose Joseph Joshua Juan Juana Julia Julian Julie Justin Karen
    Katherine Kathleen Katie Kayla Keisha Kelly Kenneth Kevin Kimberly Kyle Larry Laura Lauren Leah
    Leo Liam Linda Lisa Logan Lucas Lucia Luis Luke Madison Malik Marcus Maria Marie Mario Martha
    Mary Mason Matthew Megan Melissa Mia Michael Michelle Miguel Monica Nancy Natalie Nathan
    Nicholas Nicole Noah Nora Oliver Olivia Oscar Owen Pablo Pamela Patricia Patrick Paul Pedro
    Peter Rachel Rafael Raymond Rebecca Ricardo Richard Robert Roberto Ronald Rosa Ruth Ryan
    Samantha Samuel Sandra Sara Sarah Scott Sean Sergio Sharon Sofia Sophia Stephanie Stephen Steven
    Susan Tamika Tara Taylor Teresa Thomas Tiffany Timothy Tyler Tyrone Valeria Vanessa Victor
    Victoria Vincent Virginia Walter Wendy William Xavier Yolanda Zachary Zoe
    """.split()
)


def look(*texts: str) -> list[Finding]:
    """What looks like a name, date of birth, number or contact, each once, at most five; the order of the
    text.
    """
    found: dict[Finding, None] = {}
    for text in texts:
        for _place, finding in sorted(_spots(text), key=lambda spot: spot[0]):
            found.setdefault(finding)
    return list(found)[:MOST_FINDINGS]


def _spots(text: str) -> Iterator[tuple[int, Finding]]:
    taken: list[tuple[int, int]] = []
    patterns: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("contact", _CONTACTS),
        ("date", _DATES),
        ("number", _NUMBERS),
        ("name", _TITLED),
    )
    for kind, pattern in patterns:
        for match in pattern.finditer(text):
            if not _overlaps(match.span(), taken):
                taken.append(match.span())
                yield match.start(), Finding(kind, match[0].strip(" .,;"))
    for start, words in _names(text):
        if not _overlaps((start, start + len(words)), taken):
            yield start, Finding("name", words)


def _names(text: str) -> Iterator[tuple[int, str]]:
    """Runs of capitalized words. The first word of a sentence counts only if it is a common first name."""
    small = set(re.findall(r"\b[a-zß-öø-ÿ'’]+\b", text))
    for match in _CAPITALS.finditer(text):
        words, start = match[0].split(" "), match.start()
        if _SENTENCE_START.search(text[:start]) and _bare(words[0]) not in _FIRST_NAMES:
            start += len(words[0]) + 1
            words = words[1:]
        while words and _is_harmless(words[0], small):
            start += len(words[0]) + 1
            words = words[1:]
        kept = []
        for word in words:
            if _is_harmless(word, small):
                break
            kept.append(word)
        if kept:
            yield start, " ".join(kept)


def _is_harmless(word: str, small: set[str]) -> bool:
    base = _bare(word)
    return base in _HARMLESS or (base.lower() in small and base not in _FIRST_NAMES)


def _bare(word: str) -> str:
    return re.sub(r"['’]s$", "", word)


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)
