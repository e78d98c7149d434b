"""Taking a microphone's takeover: durable before the first sound leaves. It goes by no command (`claims.py`)."""

from __future__ import annotations

from django.db import transaction

from dashboard.events.kinds import Kind
from dashboard.events.record import lock_topic
from dashboard.live.intake.accept import accept
from dashboard.live.relay import leases
from dashboard.live.relay.keeper import Keeper
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.models import Takeover


def claim(trace_id: str, keeper: Keeper) -> bool:
    """From here on it may be heard, only by the relay that keeps the job. False: taken back, or kept elsewhere."""
    item = Takeover.objects.whole(trace_id)
    with transaction.atomic():
        lock_topic(item.job.topic)
        item.refresh_from_db()
        unsent = item.kind == ItemKind.VOICE and item.claimed_at is None and item.is_open
        if not unsent or not leases.still_keeps_job(item.job_id, keeper.relay, keeper.epoch):
            return False
        accept(item_fact(item, Kind.ITEM_SENDING))
    return True
