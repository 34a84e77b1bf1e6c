"""README and docs name nothing that is not there: links, pictures, commands with their options, scripts, variables."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from assessments.instruments import load

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PICTURES = ROOT / "docs" / "pictures"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"manage\.py\s+([a-z_]\w*)([^\n&;]*)")
SCRIPT = re.compile(r"(?<![\w/.])script/([\w.-]*\w)")
OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]*)")
PLACE = re.compile(
    r"(?:rollout|consultation|assessments|cecert_site|templates|static|tests|docs)/[\w./-]*\.[a-z]+"
)
HOST = re.compile(r"\b[a-z][a-z+]*://(?:[^/\s@`]*@)?([^/\s:)`\"|<>]+)")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
REGISTRY = re.compile(r"py[p]i\b|python[h]osted|np[m]js|ruby[g]ems|crates[.]io|docker[.]io", re.IGNORECASE)
NOT_THE_PRODUCT = re.compile(
    r"\b(TO[D]O|FIX[M]E|TB[D]|A[I]|L[L]Ms?|a[s]sistants?|(?:sub)?a[g]ents?|this s[e]ssion)\b"
)
KNOWN_HOSTS = {"127.0.0.1", "host", "proqol.org"}


def code_in(text: str) -> str:
    """Everything marked as code, a line for each piece."""
    return "\n".join(block or inline for block, inline in CODE.findall(text))


def options_of(command: str) -> set[str]:
    parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
    return {name for action in parser._actions for name in action.option_strings}


def missing(text: str, folder: Path) -> Iterator[str]:
    """What a text in ``folder`` names that is not there."""
    for target in LINK.findall(text):
        path = target.partition("#")[0]
        if "://" not in target and path and not (folder / path).exists():
            yield f"link {target}"
    code = code_in(text)
    for command, rest in COMMAND.findall(code):
        if command not in get_commands():
            yield f"manage.py {command}"
        else:
            yield from (f"{command} {one}" for one in OPTION.findall(rest) if one not in options_of(command))
    for name in SCRIPT.findall(text):
        path = ROOT / "script" / name
        if not path.is_file() or not ("." in name or os.access(path, os.X_OK)):
            yield f"script/{name}"
    for line in code.splitlines():
        if found := re.match(r"(?:\S+=\S+ )*script/([a-z-]+)((?: --?\S+.*)?)$", line.strip()):
            script = ROOT / "script" / found[1]
            said = script.read_text(encoding="utf-8") if script.is_file() else ""
            yield from (f"script/{found[1]} {one}" for one in OPTION.findall(found[2]) if one not in said)
    yield from (place for place in PLACE.findall(code) if not (ROOT / place).exists())


def foreign(text: str) -> Iterator[str]:
    """Hosts and addresses that might be somebody's, names of registries, words that are not about the product."""
    for host in HOST.findall(text):
        if host.lower() not in KNOWN_HOSTS and not host.endswith((".example", "…")) and host != "…":
            yield f"host {host}"
    for address in ADDRESS.findall(text):
        if not address.endswith(".example"):
            yield f"address {address}"
    yield from (found[0] for found in REGISTRY.finditer(text))
    yield from (found[0] for found in NOT_THE_PRODUCT.finditer(text))


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_names_is_there(name: str):
    page = ROOT / name
    assert list(missing(page.read_text(encoding="utf-8"), page.parent)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_speaks_of_the_product_and_of_nobody_real(name: str):
    assert list(foreign((ROOT / name).read_text(encoding="utf-8"))) == []


def test_whatever_is_not_there_is_found():
    text = """[a](docs/nowhere.md) ![b](docs/pictures/nothing.png#x) [c](README.md#top) `manage.py fly --high`
`manage.py notices --loudly` `manage.py report rollout x --out y.pdf` script/fly `rollout/nowhere.py` script/test

```sh
script/demo --sideways
```
"""
    assert list(missing(text, ROOT)) == [
        "link docs/nowhere.md",
        "link docs/pictures/nothing.png#x",
        "manage.py fly",
        "notices --loudly",
        "script/fly",
        "script/demo --sideways",
        "rollout/nowhere.py",
    ]


def test_whatever_is_foreign_is_found():
    text = (
        "https://files.python"
        + "hosted.org/x, ana@clearwater.example, bo@mail.test, TO"
        + "DO, https://a.example/b"
    )
    assert list(foreign(text)) == [
        "host files.python" + "hosted.org",
        "address bo@mail.test",
        "python" + "hosted",
        "TO" + "DO",
    ]


def test_the_readme_lists_every_variable_of_the_settings_and_no_other():
    settings = (ROOT / "cecert_site" / "settings.py").read_text(encoding="utf-8")
    known = set(re.findall(r'(?:\benv(?:\.\w+)?|\bsecret)\(\s*"([A-Z_]+)"', settings))
    table = README.read_text(encoding="utf-8").partition("| variable |")[2].partition("\n\n")[0]
    first_cells = "\n".join(row.split("|")[1] for row in table.splitlines() if row.startswith("|"))
    listed = set(re.findall(r"`([A-Z_]+)`", first_cells))
    assert listed == known


def test_every_picture_is_taken_by_the_script_and_shown_and_all_are_small():
    pictures = {picture.name: picture.stat().st_size for picture in PICTURES.glob("*")}
    readme = set(re.findall(r"docs/pictures/([\w-]+\.png)", README.read_text(encoding="utf-8")))
    guide = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    script = (ROOT / "script" / "screenshots").read_text(encoding="utf-8")
    taken = re.findall(r'take(?:_sections)?\(page, (?:take, )?"([\w-]+)"', script)
    shown = readme | set(re.findall(r"\(pictures/([\w-]+\.png)\)", guide))
    assert pictures.keys() == shown == {f"{name}.png" for name in taken}
    assert len(readme) <= 10
    assert [name for name, size in pictures.items() if size > 150_000] == []
    assert sum(pictures.values()) < 1_500_000


def test_every_picture_says_in_words_what_it_shows():
    alternatives = re.findall(r"!\[([^\]]*)\]", README.read_text(encoding="utf-8"))
    assert len(alternatives) >= 5
    assert [text for text in alternatives if len(text) < 20] == []


def test_the_readme_is_short_enough_to_read():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


def test_the_decisions_are_numbered_and_all_listed():
    folder = ROOT / "docs" / "decisions"
    files = sorted(path.name for path in folder.glob("0*.md"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    listed = LINK.findall((folder / "README.md").read_text(encoding="utf-8"))
    assert listed == files
    for name in files:
        first = (folder / name).read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(f"# {int(name[:4])}. ")


def test_the_changes_name_the_version_of_the_product():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_example_of_a_definition_is_one(tmp_path: Path):
    text = (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    code = tomllib.loads(example[1])["code"]
    file = tmp_path / f"{code}.toml"
    file.write_text(example[1], encoding="utf-8")
    assert [item.scale for item in load(file).items] == ["EN", "EN"]
