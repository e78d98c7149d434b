"""Each documented endpoint is accounted for, and what is called done is called by the code."""

from __future__ import annotations

import pathlib
import re

import pytest

from dashboard.vendors.contract.catalogue import contract

VENDORS = pathlib.Path(__file__).parents[4] / "dashboard" / "vendors"
LINE = re.compile(r'(?P<id>\w+): (?P<status>done|todo|"exempt: .+")(?:  #.*)?')


def listed(vendor: str) -> dict[str, str]:
    lines = (VENDORS / vendor / "quality.yaml").read_text(encoding="utf-8").splitlines()
    found = [LINE.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert None not in found
    return {match["id"]: match["status"] for match in found if match}


@pytest.mark.parametrize("vendor", ["softsugar", "metastudio"])
def test_the_list_has_each_documented_endpoint_once(vendor: str) -> None:
    assert sorted(listed(vendor)) == sorted(endpoint.id for endpoint in contract(vendor).endpoints)


@pytest.mark.parametrize("vendor", ["softsugar", "metastudio"])
def test_what_is_done_is_called_and_nothing_else_is(vendor: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (VENDORS / vendor).glob("*.py"))
    called = {endpoint.id for endpoint in contract(vendor).endpoints if f'"{endpoint.id}"' in code}
    assert called == {name for name, status in listed(vendor).items() if status == "done"}
