"""Acceptance: of items 21 to 60 nine in ten promises of "heard in" are right, whatever voice the room drew."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dashboard.vendors.models import VendorKind
from tests.flows import heard_in
from tests.flows.stage import open_stage

#: The world goes this fast, and what counts as right shrinks with it, so that the promise is hardly easier to keep: the
#: machine's own delays do not shrink.
SPEED = 6.0
SLACK_MS = 120.0


@pytest.mark.parametrize("seed", [3])
async def test_nine_in_ten_are_heard_when_they_were_promised(tmp_path: Path, seed: int) -> None:
    async with open_stage(tmp_path, speed=SPEED, seed=seed, voices_differ=True) as stage:
        both = await asyncio.gather(*(heard_in.course(stage, one, speed=SPEED, seed=seed) for one in VendorKind))
    for vendor, heard in zip(VendorKind, both, strict=True):
        late = heard_in.judged(heard)
        print(heard_in.told(vendor, late, SLACK_MS))
        assert len(late) == heard_in.ITEMS - heard_in.FIRST_JUDGED + 1
        assert heard_in.rate(late, SLACK_MS) >= 0.9
