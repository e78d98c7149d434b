"""The capability table, the gateways and the commands say the same of each account."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.lib.clock import SystemClock
from dashboard.takeover.checks import LONGEST, SHORTEST
from dashboard.vendors.abilities import LABELS, Ability, offer, offers
from dashboard.vendors.metastudio.gateway import MetaStudioGateway
from dashboard.vendors.models import VendorAccount, VendorKind
from dashboard.vendors.port import Credential, Gateway, Vendor
from dashboard.vendors.softsugar.gateway import SoftSugarGateway

ACCOUNTS = [
    (VendorKind.SOFTSUGAR, {}),
    (VendorKind.METASTUDIO, {}),
    (VendorKind.METASTUDIO, {"command_channel": True}),
    (VendorKind.METASTUDIO, {"newer_calls": True, "silent_clip_url": "https://x.test/silent.mp3"}),
    (VendorKind.METASTUDIO, {"command_channel": True, "newer_calls": True}),
]


def account(vendor: VendorKind, capabilities: dict[str, Any]) -> VendorAccount:
    return VendorAccount(vendor=vendor, name="A", base_url="https://v.test", capabilities=capabilities, is_sandbox=True)


def gateway(vendor: VendorKind, capabilities: dict[str, Any]) -> Gateway:
    credential = Credential(
        Vendor(vendor),
        "https://v.test",
        region="cn-north-4",
        project_id="p",
        access_key="a",
        secret_key="s",
        token="t",
        command_channel=bool(capabilities.get("command_channel")),
        newer_calls=bool(capabilities.get("newer_calls")),
        silent_clip_url=str(capabilities.get("silent_clip_url", "")),
    )
    made = SoftSugarGateway if vendor == VendorKind.SOFTSUGAR else MetaStudioGateway
    return made(credential, limiter=None, clock=SystemClock())  # type: ignore[arg-type]


@pytest.mark.parametrize(("vendor", "switches"), ACCOUNTS)
async def test_table_and_gateway_agree(vendor: VendorKind, switches: dict[str, Any]) -> None:
    one, door = account(vendor, switches), gateway(vendor, switches)
    told = door.capabilities()

    def native(ability: Ability) -> bool:
        found = offer(one, ability)
        return found.is_offered and not found.cost

    offered = {ability: found.is_offered for ability, found in offers(one).items()}
    assert native(Ability.MOVE) == told.reorder_queued
    assert native(Ability.CANCEL) == told.cancel_queued
    assert offered[Ability.REPORTS_PLAYING] == told.reports_playing
    assert native(Ability.PLAYS_SCRIPT) == told.plays_script
    assert offered[Ability.PAUSE_SCRIPT] == told.pause_script
    assert offered[Ability.MICROPHONE] == told.microphone
    assert native(Ability.SEE_QUEUE) == (told.queue_query or door.inserted is not None)
    assert offered[Ability.SCENE] == (door.scenes is not None)
    assert offered[Ability.PRELOAD] == (door.scenes is not None)
    assert offered[Ability.OUTPUT] == (door.steering is not None)
    assert native(Ability.REWRITE_RULES) == (door.steering is not None)
    assert native(Ability.RULES) == told.event_report
    assert (SHORTEST[vendor], LONGEST[vendor]) == (told.minimum_text, told.maximum_text)
    await door.close()


@pytest.mark.parametrize(("vendor", "switches"), ACCOUNTS)
def test_every_ability_has_a_label_and_either_a_cost_or_a_reason(vendor: VendorKind, switches: dict[str, Any]) -> None:
    assert set(LABELS) == set(Ability)
    for ability, found in offers(account(vendor, switches)).items():
        assert not (found.cost and found.reason), ability


def test_a_clip_needs_an_address_that_metastudio_can_reach(settings: Any) -> None:
    one = account(VendorKind.METASTUDIO, {})
    one.is_sandbox = False
    for address, is_offered in (("", False), ("http://127.0.0.1:8000", False), ("https://talkback.example", True)):
        settings.PUBLIC_URL = address
        assert offer(one, Ability.AUDIO).is_offered == is_offered
    settings.PUBLIC_URL = ""
    assert offer(account(VendorKind.SOFTSUGAR, {}), Ability.AUDIO).is_offered
