"""Who may import whom: the contracts of pyproject.toml, every one kept."""

from __future__ import annotations

import tomllib

from importlinter import api
from importlinter.application.use_cases import create_report

from tests.architecture.budgets import ROOT

PYPROJECT = ROOT / "pyproject.toml"


def test_every_contract_is_kept() -> None:
    report = create_report(api.read_configuration(str(PYPROJECT)))
    print(report)
