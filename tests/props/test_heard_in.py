"""Acceptance: of items 21 to 60 nine in ten promises of "heard in" are right, whatever voice the room drew.

Virtual time at the speed of life; `make heard-in` plays more seeds, `make bench` once the real processes.
"""

from __future__ import annotations

from dashboard.vendors.models import VendorKind
from tests import heard_in
from tests.props.command import props

SEEDS = 2


def test_nine_in_ten_are_heard_when_they_were_promised() -> None:
    told = props("--heard-in", str(SEEDS))
    assert told.returncode == 0, told.stdout + told.stderr[-2_000:]
    for vendor in VendorKind.values:
        assert told.stdout.count(f", {vendor}: {heard_in.JUDGED} judged, ") == SEEDS


def test_who_measures_no_voice_breaks_the_promise() -> None:
    told = props("--heard-in", "1", "--plant", "voices")
    assert told.returncode == 1
    assert f": {heard_in.JUDGED} judged, " in told.stdout, told.stderr[-2_000:]
