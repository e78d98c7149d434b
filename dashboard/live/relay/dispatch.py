"""Drains a job's lanes: claim, send through the gateway, settle. One lane at a time is serial, lanes are parallel."""

from __future__ import annotations

import logging
from collections.abc import Callable

from dashboard.lib import clock, trace
from dashboard.lib.threads import in_thread, in_thread_at_once
from dashboard.live.relay.claims import claim_next
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.senders import SENDERS
from dashboard.vendors import outbox
from dashboard.vendors.models import CommandKind
from dashboard.vendors.port import Gateway, Link

logger = logging.getLogger(__name__)


async def drain_lane(job_id: int, lane: str, keeper: Keeper, gateway: Gateway, link: Callable[[], Link | None]) -> int:
    """Send what is due in one lane of a job, one after another; how many commands left.

    `link` is asked before each: the one that is up now, if any.
    """
    sent = 0
    claims = in_thread_at_once if lane == outbox.stop_lane(job_id) else in_thread
    while keeper.alive():
        over = link()
        can_say = over is not None or not gateway.capabilities().says_by_link
        ready = await claims(claim_next, job_id, lane, keeper, can_say=can_say)
        if ready is None:
            return sent
        deadline = clock.monotonic() + outbox.DEADLINE_S * 0.8

        def guard(deadline: float = deadline) -> bool:
            return keeper.alive() and clock.monotonic() < deadline

        command = ready.command
        with trace.following(command.trace_id, command.origin):
            logger.info("%s of %s is claimed by %s, try %d", command.kind, lane, keeper.relay, command.attempts)
            await SENDERS[CommandKind(command.kind)](ready, gateway, over, guard)
        sent += 1
    return sent
