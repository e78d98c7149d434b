"""What the browser loads: vendored files are byte for byte what the lock says, and every module imports what exists."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from tests.architecture.budgets import ROOT

STATIC = ROOT / "static"
LOCK = json.loads((STATIC / "vendor" / "vendor.lock.json").read_text(encoding="utf-8"))
FILES = {file["path"]: file["integrity"] for package in LOCK["packages"] for file in package["files"]}
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")


@pytest.mark.parametrize("path", FILES)
def test_vendored_file_is_what_the_lock_says(path: str) -> None:
    algorithm, _, expected = FILES[path].partition("-")
    assert algorithm == "sha512"
    digest = hashlib.sha512((STATIC / "vendor" / path).read_bytes()).digest()
    assert base64.b64encode(digest).decode() == expected


def test_nothing_unlisted_lies_among_the_vendored_files() -> None:
    folder = STATIC / "vendor"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there - {"vendor.lock.json"} == set(FILES)


def test_every_package_has_version_and_licence() -> None:
    assert [package["name"] for package in LOCK["packages"] if not (package["version"] and package["licence"])] == []


def test_scripts_import_only_files_of_ours() -> None:
    missing = [
        f"{script.name}: {target}"
        for script in SCRIPTS
        for target in _IMPORT.findall(script.read_text(encoding="utf-8"))
        if not target.startswith(".") or not (script.parent / target).resolve().is_file()
    ]
    assert missing == []


@pytest.mark.parametrize("sheet", sorted(path.name for path in (STATIC / "css").glob("*.css")))
def test_style_sheet_loads_nothing_from_elsewhere(sheet: str) -> None:
    text = (STATIC / "css" / sheet).read_text(encoding="utf-8")
    assert re.findall(r"""url\(\s*["']?(?:https?:)?//""", text) == []


@pytest.mark.parametrize("sheet", sorted(path.name for path in (STATIC / "css").glob("*.css")))
def test_style_sheet_asks_for_nothing_that_just_follows(sheet: str) -> None:
    """`+ *` anywhere makes the browser style every element of a page at each swap: docs/decisions/0040."""
    text = re.sub(r"/\*.*?\*/", "", (STATIC / "css" / sheet).read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"[+~]\s*\*[^{;]*\{", text) == []
