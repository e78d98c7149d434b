"""Who may import whom: every contract of pyproject.toml is kept, and each of them catches what it is there for."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from tests.architecture.budgets import ROOT

CONTRACTS = [
    contract["id"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
]

#: Importer, imported, and the contract that must refuse it.
PLANTED = [
    ("dashboard.lib.clock", "dashboard.events.models", "apps"),
    ("dashboard.events.record", "dashboard.audit.trail", "apps"),
    ("dashboard.vendors.services", "dashboard.jobs.models", "apps"),
    ("dashboard.jobs.projection", "dashboard.takeover.models", "apps"),
    ("dashboard.console.fragments", "dashboard.live.hub.hub", "apps"),
    ("dashboard.jobs.models", "dashboard.jobs.services", "files"),
    ("dashboard.takeover.states", "dashboard.takeover.models", "files"),
    ("dashboard.rooms.forms", "dashboard.rooms.services", "files"),
    ("dashboard.live.hub.hub", "dashboard.live.relay.leases", "live"),
    ("dashboard.live.intake.writer", "dashboard.live.demo.setup", "live"),
    ("dashboard.live.hub.frames", "dashboard.live.intake.accept", "hub"),
    ("dashboard.live.relay.outcomes.items", "dashboard.console.parts", "render"),
    ("dashboard.vendors.softsugar.wire", "dashboard.vendors.metastudio.errors", "boxes"),
    ("dashboard.console.views.wall", "dashboard.vendors.registry", "door"),
    ("dashboard.live.relay.dispatch", "dashboard.vendors.softsugar.gateway", "gateways"),
    ("dashboard.sandbox.world", "dashboard.vendors.port", "sandbox"),
    ("dashboard.sandbox.world", "dashboard.takeover.states", "sandbox"),
    ("dashboard.live.relay.sweep", "dashboard.sandbox.world", "start"),
    ("dashboard.takeover.services", "httpx", "no-io"),
]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    script = ROOT / "tests" / "architecture" / "layers.py"
    done = subprocess.run(
        [sys.executable, str(script)], input=json.dumps(PLANTED), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("contract", CONTRACTS)
def test_contract_is_kept(report: dict[str, Any], contract: str) -> None:
    assert report["kept"][contract], "`make layers` says where"


@pytest.mark.parametrize("number", range(len(PLANTED)), ids=[" to ".join(planted[:2]) for planted in PLANTED])
def test_a_planted_violation_is_caught(report: dict[str, Any], number: int) -> None:
    assert report["caught"][number], PLANTED[number]


def test_every_contract_is_tried_with_a_violation() -> None:
    assert {contract for *_, contract in PLANTED} == set(CONTRACTS)
