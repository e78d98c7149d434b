"""Sizes, fan-out, cycles, hidden imports and typed returns of `dashboard/`, against the budgets of the house style.

`make budgets` prints the table and exits 1 on a breach; test_budgets.py holds the same. Everything is read by `ast`:
nothing of Talkback is imported, so a broken module is measured too.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "dashboard"
#: Written by machines (`generated` are the types of the contract data) or holding nothing but data.
NOT_MEASURED = ("migrations", "data", "generated", "locale")

FUNCTION_P50, FUNCTION_P90, FUNCTION_MOST = 10, 35, 80
LONG_FUNCTION, LONG_SHARE = 50, 0.02
MODULE_P90, MODULE_MOST = 350, 600
FAN_OUT_P90, FAN_OUT_MOST = 7, 10

#: Imports inside functions, by module and what is imported.
HIDDEN_IMPORTS: dict[tuple[str, str], str] = {
    ("dashboard.live.management.serving", "uvloop"): "not every platform has it; without it asyncio's loop",
    ("dashboard.sandbox.server", "uvloop"): "not every platform has it; without it asyncio's loop",
}


@dataclass(frozen=True, slots=True)
class Function:
    module: str
    name: str
    lines: int
    is_typed: bool


@dataclass(slots=True)
class Module:
    name: str
    lines: int
    functions: list[Function] = field(default_factory=list)
    #: Internal modules it imports while it is imported itself.
    imports: set[str] = field(default_factory=set)
    hidden: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Budget:
    """One line of the table. `at_most` None: told, not held."""

    what: str
    value: float
    at_most: float | None
    breaches: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        return self.at_most is None or self.value <= self.at_most


def read(root: Path = ROOT) -> dict[str, Module]:
    """Every measured module of the package, by dotted name."""
    paths = {
        _dotted(path.relative_to(root)): path
        for path in sorted((root / PACKAGE).rglob("*.py"))
        if not set(path.relative_to(root).parts) & set(NOT_MEASURED)
    }
    return {name: _module(name, path, set(paths)) for name, path in paths.items()}


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _module(name: str, path: Path, known: set[str]) -> Module:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    module = Module(name, len(text.splitlines()))
    type_checking = {id(node) for block in ast.walk(tree) if _is_type_checking(block) for node in ast.walk(block)}
    in_functions = {id(node) for outer in _functions(tree) for node in ast.walk(outer) if node is not outer}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            module.functions.append(Function(name, node.name, lines, node.returns is not None))
        if not isinstance(node, ast.Import | ast.ImportFrom) or id(node) in type_checking:
            continue
        if id(node) in in_functions:
            module.hidden += _named(node)
        else:
            module.imports |= {found for target in _targets(node) if (found := _inside(target, known))} - {name}
    return module


def _functions(tree: ast.AST) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _named(node: ast.Import | ast.ImportFrom) -> list[str]:
    """What an import says it takes: the module of `from x import y`, each module of `import x, y`."""
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


def _targets(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Candidates for modules: `from a.b import c` may mean the module a.b.c or the name c of a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module}.{alias.name}" for alias in node.names]


def _inside(target: str, known: set[str]) -> str:
    """The module of ours that `target` is or lies in; "" where it is not ours."""
    while target:
        if target in known:
            return target
        target = target.rpartition(".")[0]
    return ""


def cycles(modules: dict[str, Module]) -> list[list[str]]:
    """Sets of modules that import each other (Tarjan's strongly connected components of more than one)."""
    found: list[list[str]] = []
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(modules[name].imports):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            component = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(component) > 1:
                found.append(sorted(component))

    for name in modules:
        if name not in index:
            visit(name)
    return found


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)] if ordered else 0


def budgets(modules: dict[str, Module]) -> list[Budget]:
    functions = [function for module in modules.values() for function in module.functions]
    return [*_sizes(modules, functions), *_imports(modules), _typed(functions)]


def _sizes(modules: dict[str, Module], functions: list[Function]) -> list[Budget]:
    lengths = [function.lines for function in functions]
    long = [function for function in functions if function.lines > LONG_FUNCTION]
    too_long = tuple(_told(one) for one in functions if one.lines > FUNCTION_MOST)
    sizes = [module.lines for module in modules.values()]
    too_big = tuple(f"{module.name} {module.lines}" for module in modules.values() if module.lines > MODULE_MOST)
    return [
        Budget("function p50, lines", percentile(lengths, 0.5), FUNCTION_P50),
        Budget("function p90, lines", percentile(lengths, 0.9), FUNCTION_P90),
        Budget("functions over 50 lines, %", _percent(len(long), len(lengths)), LONG_SHARE * 100, _worst(long)),
        Budget("function longest, lines", max(lengths, default=0), FUNCTION_MOST, too_long),
        Budget("module p90, lines", percentile(sizes, 0.9), MODULE_P90),
        Budget("module longest, lines", max(sizes, default=0), MODULE_MOST, too_big),
    ]


def _imports(modules: dict[str, Module]) -> list[Budget]:
    fan_out = {module.name: len(module.imports) for module in modules.values()}
    wide = tuple(f"{name} {count}" for name, count in fan_out.items() if count > FAN_OUT_MOST)
    circles = cycles(modules)
    hidden = [
        f"{module.name} imports {target} inside a function"
        for module in modules.values()
        for target in module.hidden
        if (module.name, target) not in HIDDEN_IMPORTS
    ]
    return [
        Budget("fan-out p90, modules", percentile(fan_out.values(), 0.9), None),
        Budget("fan-out widest, modules", max(fan_out.values(), default=0), FAN_OUT_MOST, wide),
        Budget("import cycles", len(circles), 0, tuple(" ⇄ ".join(circle) for circle in circles)),
        Budget("imports inside functions", len(hidden), 0, tuple(hidden)),
    ]


def _typed(functions: list[Function]) -> Budget:
    untyped = tuple(f"{one.module}.{one.name}" for one in functions if not one.is_typed)
    return Budget("functions without a return type", len(untyped), 0, untyped)


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def _told(function: Function) -> str:
    return f"{function.module}.{function.name} {function.lines}"


def _worst(functions: list[Function]) -> tuple[str, ...]:
    return tuple(_told(one) for one in sorted(functions, key=lambda one: -one.lines))


def table(lines: list[Budget]) -> str:
    """The budgets as text: what, measured, allowed, and for a breach the names behind it."""
    shown = []
    for line in lines:
        allowed = "reported" if line.at_most is None else f"≤ {line.at_most:g}"
        mark = "ok" if line.is_kept else "BREACH"
        shown.append(f"{line.what:<36}{line.value:>8g}  {allowed:>9}  {mark}")
        if not line.is_kept:
            shown += [f"    {breach}" for breach in line.breaches]
    return "\n".join(shown)


def main() -> int:
    modules = read()
    lines = budgets(modules)
    print(f"{len(modules)} modules of {PACKAGE}/ (without {', '.join(NOT_MEASURED)})\n{table(lines)}")
    return 0 if all(line.is_kept for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
