"""Types are learnt in one place, under its lock: elsewhere msgspec could end the process (dashboard/lib/shapes.py)."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.budgets import ROOT

HOME = ROOT / "dashboard" / "lib" / "shapes.py"


def learnt(path: Path) -> list[str]:
    """Calls in this file by which msgspec learns a type."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [f"{path.name}:{call.lineno}" for call in calls if is_learning(call)]


def is_learning(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    with_type = len(call.args) > 1 or any(keyword.arg == "type" for keyword in call.keywords)
    return name.endswith(("json.Decoder", "msgspec.convert")) or (name.endswith("json.decode") and with_type)


def test_only_shapes_has_msgspec_learn_types() -> None:
    modules = [path for path in (ROOT / "dashboard").rglob("*.py") if path != HOME]
    assert [line for path in modules for line in learnt(path)] == []


def test_msgspec_is_called_by_its_name() -> None:
    """Else the calls above would not be seen."""
    modules = [ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in (ROOT / "dashboard").rglob("*.py")]
    origins = {node.module or "" for module in modules for node in module if isinstance(node, ast.ImportFrom)}
    assert not [origin for origin in origins if origin.startswith("msgspec")]


def test_such_a_call_is_seen() -> None:
    assert len(learnt(HOME)) == 2
