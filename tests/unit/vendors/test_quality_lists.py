"""Everything documented is accounted for, and the live side of both vendors is done or says why not."""

from __future__ import annotations

import pytest

from dashboard.vendors.contract.catalogue import contract
from tests.unit.vendors.quality import documented, done, listed

VENDORS = ["softsugar", "metastudio"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_list_has_everything_documented_once(vendor: str) -> None:
    assert sorted(name for name, _ in listed(vendor)) == sorted(documented(vendor))


def test_the_live_side_is_done() -> None:
    live = {one.id for one in contract("metastudio").endpoints if "smart-live" in one.path} | {"create_token"}
    assert len(live) == 17
    assert done("metastudio") == live
    assert len(done("metastudio", "live_commands")) == 8
    assert len(done("metastudio", "rtsa_commands")) == len(done("metastudio", "rtsa_states")) == 6
    assert len(done("softsugar")) == 14


def test_an_exemption_says_why() -> None:
    exempt = [(name, status) for vendor in VENDORS for name, status in listed(vendor) if status.startswith('"exempt')]
    assert [name for name, _ in exempt] == ["frames.up.11"]
    assert all(len(status) > 30 for _, status in exempt)
