"""Checks the import contracts of pyproject.toml as they are, and again with violations planted. Prints JSON.

A program of its own: where a process has loaded zope.interface (by way of daphne), every class has an attribute that
import-linter stumbles over.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import grimp
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

ROOT = Path(__file__).resolve().parents[2]
CLASSES = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "protected": ProtectedContract,
}


def main(planted: list[tuple[str, str, str]]) -> dict[str, Any]:
    """`kept`: contract id → whether it holds. `caught`: for each planted import, whether its contract refuses it."""
    sys.path.insert(0, str(ROOT))
    configuration = read_configuration(str(ROOT / "pyproject.toml"))
    contracts = {contract["id"]: contract for contract in configuration["contracts_options"]}
    graph = grimp.build_graph(
        "dashboard", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )

    def holds(options: dict[str, Any], extra: tuple[str, str] | None = None) -> bool:
        tried = copy.deepcopy(graph)  # a check takes modules out of it
        if extra is not None:
            tried.add_import(importer=extra[0], imported=extra[1])
        contract = CLASSES[options["type"]](options["name"], configuration["session_options"], options)
        return bool(contract.check(tried, verbose=False).kept)

    unknown = sorted({name for pair in planted for name in pair[:2]} - graph.modules)
    if unknown:
        sys.exit(f"No such modules: {', '.join(unknown)}")
    return {
        "kept": {name: holds(options) for name, options in contracts.items()},
        "caught": [not holds(contracts[name], (importer, imported)) for importer, imported, name in planted],
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.stdin.read()))))
