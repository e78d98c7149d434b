"""The scripts of the incidents speak of things that the sandbox can do."""

from __future__ import annotations

import pytest

from dashboard.rehearsal.faults import GROUPS, KINDS
from dashboard.rehearsal.scenarios import BY_SLUG, SCENARIOS, Scenario, fitting, steps_for
from dashboard.sandbox import faults as sandbox
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.models import VendorKind


def test_there_are_ten_and_each_has_its_own_name() -> None:
    assert len(SCENARIOS) == len(BY_SLUG) == len({str(one.title) for one in SCENARIOS}) == 10


def test_a_person_may_pick_every_fault_that_the_sandbox_knows() -> None:
    assert set(KINDS) == set(sandbox.KINDS)
    assert {kind.group for kind in KINDS.values()} == set(GROUPS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=list(BY_SLUG))
def test_a_script_can_be_played_to_its_vendors(scenario: Scenario) -> None:
    for vendor in [scenario.vendor] if scenario.vendor else VendorKind.values:
        assert scenario in fitting(vendor)
        steps = steps_for(scenario, vendor)
        assert steps or scenario.words
        for step in steps:
            assert step.kind in sandbox.KINDS
            assert 0 <= step.at_s < scenario.lasts_s
            assert step.at_s + (step.for_s or 0) <= scenario.lasts_s
            if step.endpoint:
                contract(vendor).endpoint(step.endpoint)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=list(BY_SLUG))
def test_nothing_is_right_and_wrong_at_once(scenario: Scenario) -> None:
    assert not scenario.right & set(scenario.wrong)
    assert scenario.notice_within_s <= scenario.lasts_s
