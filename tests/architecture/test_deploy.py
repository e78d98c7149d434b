"""The files of docs/deploy start what the tests start: each command parses, each variable is documented."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from tests.architecture.budgets import ROOT

DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
#: Started by tests/scaled and tests/faults.
TESTED = {"web", "relay", "worker", "migrate"}


def composed() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"])


def ours() -> dict[str, Any]:
    return {name: service for name, service in composed().items() if "build" in service}


def unit(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(path, encoding="utf-8")
    return read


def commands() -> Iterator[tuple[str, list[str]]]:
    for name, service in ours().items():
        yield f"compose {name}", service["command"]
    for path in UNITS:
        words = shlex.split(unit(path)["Service"]["ExecStart"].replace("%i", "8001"))
        assert words[:2] == ["/srv/talkback/.venv/bin/python", "manage.py"]
        yield path.name, words[2:]


@pytest.mark.parametrize(
    ("where", "words"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_command_is_one_that_the_tests_start_and_takes_its_options(where: str, words: list[str]) -> None:
    name, *options = words
    assert name in TESTED, where
    load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(options)


def test_there_are_two_consoles_two_relays_and_a_worker() -> None:
    kinds = sorted(service["command"][0] for service in ours().values())
    assert kinds == ["migrate", "relay", "relay", "web", "web", "worker"]


def test_everybody_waits_for_the_migration_and_checks_itself() -> None:
    for name, service in ours().items():
        if name != "migrate":
            assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
            assert "/healthz" in service["healthcheck"]["test"][-1]
            # A healthcheck asks at 8000: consoles listen there, the others where they are told to.
            told = service["environment"].get("TALKBACK_METRICS_LISTEN", "") + " ".join(service["command"])
            assert "8000" in told, name


def test_relays_are_reached_by_their_own_name() -> None:
    for name, service in ours().items():
        if service["command"][0] == "relay":
            assert service["environment"]["TALKBACK_RELAY_ADDRESS"] == f"ws://{name}:8700"


def test_variables_are_documented() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = "\n".join(path.read_text(encoding="utf-8") for path in DEPLOY.iterdir())
    named = set(re.findall(r"\b(?:TALKBACK_[A-Z_]+|DATABASE_URL|REDIS_URL)\b", told))
    assert named
    assert {name for name in named if f"| `{name}` |" not in documented} == set()


def test_the_image_takes_along_what_runs() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"requirements.txt", "manage.py", "dashboard", "static", "templates"} == set(copied)
    assert all((ROOT / name).exists() for name in copied)
