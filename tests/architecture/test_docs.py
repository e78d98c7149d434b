"""What the documents name exists: links and their anchors, make targets, commands, variables, faults."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands

from dashboard.sandbox.faults import KINDS
from tests.architecture.budgets import ROOT

SKIPPED = {".venv", "var", "node_modules", "static"}
PAGES = sorted(
    path.relative_to(ROOT)
    for path in ROOT.rglob("*.md")
    if not SKIPPED & set(path.relative_to(ROOT).parts) and not path.relative_to(ROOT).parts[0].startswith(".")
)
OPERATIONS = Path("docs/operations.md")

_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_VARIABLE = re.compile(r"\bTALKBACK_[A-Z_]+\b")


def text(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose(page: Path) -> str:
    return _SPAN.sub("", _FENCE.sub("", text(page)))


def code(page: Path) -> str:
    """Blocks and spans of code, one per line."""
    source = text(page)
    return "\n".join([*_FENCE.findall(source), *(span[1:-1] for span in _SPAN.findall(_FENCE.sub("", source)))])


def anchors(page: Path) -> set[str]:
    """The ids that a heading gets: lower case, no punctuation, blanks become hyphens."""
    headings = _HEADING.findall(_FENCE.sub("", text(page)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(pattern: str) -> dict[str, list[str]]:
    """What the first group of `pattern` finds in code, with the pages that name it."""
    found: dict[str, list[str]] = {}
    for page in PAGES:
        for name in re.findall(pattern, code(page), re.MULTILINE):
            found.setdefault(name, []).append(str(page))
    return found


def missing(names: dict[str, list[str]], known: set[str]) -> dict[str, list[str]]:
    return {name: pages for name, pages in names.items() if name not in known}


def read_by_settings() -> set[str]:
    tree = ast.parse((ROOT / "dashboard/settings.py").read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _VARIABLE.fullmatch(node.value)
    }


def broken_links(page: Path) -> list[str]:
    broken = []
    for link in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target.resolve().relative_to(ROOT))):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    names = named(r"(?:^|[;&|] *)make +([a-z][a-z-]*)")
    assert {"run", "test"} <= set(names)
    assert missing(names, targets) == {}


def test_every_command_exists() -> None:
    names = named(r"(?:manage\.py|dev\.py manage) +([a-z_]+)")
    assert {"talkback", "relay"} <= set(names)
    assert missing(names, set(get_commands())) == {}


def test_every_verb_of_dev_py_exists() -> None:
    verbs = set(re.findall(r'verb == "([a-z]+)"', (ROOT / "dev.py").read_text(encoding="utf-8")))
    assert missing(named(r"dev\.py +([a-z]+)"), verbs) == {}


def test_every_variable_is_in_the_table_of_operations() -> None:
    listed = re.findall(r"^\| `(TALKBACK_[A-Z_]+)` \|", text(OPERATIONS), re.MULTILINE)
    assert sorted(listed) == sorted(read_by_settings())


def test_no_page_names_a_variable_that_nothing_reads() -> None:
    known = read_by_settings()
    assert {str(page): extra for page in PAGES if (extra := set(_VARIABLE.findall(text(page))) - known)} == {}


def test_every_fault_is_in_the_table_of_the_sandbox() -> None:
    table = text(Path("docs/sandbox.md")).split("## Faults")[1]
    assert re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE) == list(KINDS)


def test_the_readme_and_the_records_stay_short() -> None:
    records = [page for page in PAGES if page.parts[:2] == ("docs", "decisions")]
    assert len(text(Path("README.md")).splitlines()) <= 120
    assert {str(page): lines for page in records if (lines := len(text(page).splitlines())) > 40} == {}
    numbers = [page.name[:4] for page in records]
    assert numbers == [f"{number:04d}" for number in range(1, len(records) + 1)]


@pytest.mark.parametrize(
    ("link", "is_broken"),
    [
        ("[a](LIVE.md)", True),
        ("[a](live.md#no-such-heading)", True),
        ("[a](live.md#unknown-and-how-it-settles)", False),
        ("`[a](LIVE.md)`", False),
        ("[a](https://example.com/x)", False),
    ],
)
def test_the_ruler_sees_a_broken_link(link: str, is_broken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    original = text
    page = Path("docs/planted.md")
    monkeypatch.setitem(globals(), "text", lambda asked: link if asked == page else original(asked))
    assert bool(broken_links(page)) is is_broken
