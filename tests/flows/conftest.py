"""Fast timers for the flows: the same promises, kept ten times as often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.live.relay import link_keeper
from dashboard.live.relay.outcomes import drift
from dashboard.vendors import http as vendor_http
from dashboard.vendors import outbox
from tests.flows.stage import Stage, open_stage


@pytest.fixture(autouse=True)
def fast_timers(settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    settings.POLL_EVERY_S = 0.4
    settings.SWEEP_EVERY_S = 0.3
    settings.RELAY_BEAT_EVERY_S = 0.3
    settings.RELAY_DEAD_AFTER_S = 2.0
    settings.LINK_PING_EVERY_S = 0.5
    settings.HEARTBEAT_EVERY_S = 1.0
    monkeypatch.setattr(outbox, "DEADLINE_S", 1.5)
    monkeypatch.setattr(drift, "LATE_S", 1.5 + 3.0)  # reckoned from the deadline, as the product does
    monkeypatch.setattr(vendor_http, "PING_S", 0.25)
    monkeypatch.setattr(link_keeper, "RECONNECT_S", (0.05, 0.1, 0.2, 0.4, 0.5))
    monkeypatch.setattr(vendor_http, "TIMEOUT", httpx.Timeout(connect=1.0, read=1.0, write=1.0, pool=1.0))


def speed_of(request: pytest.FixtureRequest) -> float:
    """How fast the sandbox's world goes: a module that only waits for ends says more."""
    return float(getattr(request.module, "SPEED", 8.0))


@pytest.fixture
async def stage(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, speed=speed_of(request)) as opened:
        yield opened


@pytest.fixture
async def stage_without_channel(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, speed=speed_of(request), command_channel=False) as opened:
        yield opened
