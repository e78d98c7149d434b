"""Whose end an unmatched finish tells: nobody's, while something else may have been heard that is told like it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.events.kinds import Item, Kind
from dashboard.events.record import record_many
from dashboard.lib.clock import ManualClock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.takeover import commands
from dashboard.takeover.facts import item_fact
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState
from tests import cast as make
from tests.cast import METASTUDIO, Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("then", [CommandState.READY, CommandState.ACCEPTED, CommandState.WITHDRAWN])
@pytest.mark.parametrize(("may_have_left", "ends"), [(True, "unknown"), (False, "done")])
def test_the_first_try_of_a_silent_clip_may_have_been_heard(
    cast: Cast, manual_clock: ManualClock, *, may_have_left: bool, ends: str, then: CommandState
) -> None:
    """Its answer is what is missing, whatever became of the second."""
    job = make.on_air(make.room(make.account(cast.alpha, METASTUDIO)), cast.oki)
    commands.play_silence(job)
    assert outbox.put_back(make.claimed("clip"), after_s=0.0, reason="relay_lost", may_have_left=may_have_left)
    Command.objects.filter(kind=CommandKind.CLIP).update(state=then, vendor_ref="ref-of-the-second")
    manual_clock.advance(5)
    item = make.unknown(job, cast.oki)
    over = replace(item_fact(item, Kind.ITEM_FINISHED), payload=Item(trace_id="ref-of-something"))
    record_many([over], PROJECTIONS)
    assert make.happened(item).state == ends
