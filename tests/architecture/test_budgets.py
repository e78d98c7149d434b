"""The budgets of the house style hold, and the ruler itself measures what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import budgets

LINES = budgets.budgets(budgets.read())


@pytest.mark.parametrize("line", LINES, ids=[line.what for line in LINES])
def test_budget_is_kept(line: budgets.Budget) -> None:
    assert line.is_kept, budgets.table([line])


def measured(folder: Path, **sources: str) -> dict[str, budgets.Module]:
    package = folder / "dashboard"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name, source in sources.items():
        (package / f"{name}.py").write_text(source)
    return budgets.read(folder)


def test_a_name_and_a_module_of_one_file_count_once(tmp_path: Path) -> None:
    source = "from dashboard import b\nfrom dashboard.b import x, y\nimport dashboard.b\nimport json\n"
    modules = measured(tmp_path, a=source, b="x = y = 1\n")
    assert modules["dashboard.a"].imports == {"dashboard.b"}


def test_a_circle_of_three_is_found_and_a_chain_is_not(tmp_path: Path) -> None:
    modules = measured(
        tmp_path,
        a="from dashboard import b\n",
        b="from dashboard import c\n",
        c="from dashboard.a import x\n",
        d="from dashboard import a\n",
    )
    assert budgets.cycles(modules) == [["dashboard.a", "dashboard.b", "dashboard.c"]]


def test_an_import_inside_a_function_is_hidden_and_one_for_types_is_none(tmp_path: Path) -> None:
    source = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from dashboard import b\n"
        "def f() -> None:\n    from dashboard.b import x\n    import json, csv\n"
    )
    module = measured(tmp_path, a=source, b="x = 1\n")["dashboard.a"]
    assert module.imports == set()
    assert module.hidden == ["dashboard.b", "json", "csv"]


def test_lengths_and_missing_return_types_are_read_off_the_source(tmp_path: Path) -> None:
    source = (
        "def short() -> int:\n    return 1\nclass A:\n    async def longer(self):\n        a = 1\n        return a\n"
    )
    functions = measured(tmp_path, a=source)["dashboard.a"].functions
    assert [(one.name, one.lines, one.is_typed) for one in functions] == [("short", 2, True), ("longer", 3, False)]


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.9, 9), (1.0, 10)])
def test_percentile_is_the_nearest_rank(share: float, value: int) -> None:
    assert budgets.percentile(range(1, 11), share) == value


def test_a_breach_names_what_broke_it() -> None:
    told = budgets.table([budgets.Budget("function longest, lines", 90, 80, ("dashboard.a.f 90",))])
    assert told.endswith("BREACH\n    dashboard.a.f 90")
