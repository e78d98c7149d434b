"""What became of a takeover, as a log line with its ids, and how long it took from the vendor's word to its sound."""

from __future__ import annotations

import logging
from functools import partial

from django.db import transaction

from dashboard.events.kinds import Kind
from dashboard.events.models import Event, EventOutcome
from dashboard.lib import metrics, trace
from dashboard.lib.metrics import Stage
from dashboard.takeover.models import Takeover

logger = logging.getLogger(__name__)


def item_moved(event: Event) -> EventOutcome:
    """Behind the takeover's own projection; changes nothing."""
    if event.outcome == EventOutcome.APPLIED and (event.kind == Kind.ITEM_STARTED or logger.isEnabledFor(logging.INFO)):
        transaction.on_commit(partial(_tell, event), robust=True)
    return EventOutcome.APPLIED


def _tell(event: Event) -> None:
    trace_id = str(event.data.get("trace_id") or "")
    of_job = Takeover.objects.filter(job_id=event.job_id or 0)
    items = of_job.filter(trace_id=trace_id)
    item = items.only("origin", "accepted_at", "queued_at", "started_at").first()
    if item is None:  # told by the vendor's own reference, which is no id of ours
        items = of_job.filter(vendor_ref=trace_id).exclude(vendor_ref="")
        item = items.only("trace_id", "origin", "accepted_at", "queued_at", "started_at").first()
    if item is None:
        return
    if event.kind == Kind.ITEM_STARTED and item.started_at and (taken_at := item.accepted_at or item.queued_at):
        metrics.took(Stage.ACCEPTED_HEARD, (item.started_at - taken_at).total_seconds())
    with trace.following(item.trace_id, item.origin):
        logger.info("%s, told by %s", event.kind, event.data.get("by") or event.source)
