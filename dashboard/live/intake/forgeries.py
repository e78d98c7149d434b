"""Callbacks that did not come from the vendor, or not as it was agreed: counted, in log and trail, nothing else."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F

from dashboard.audit import trail
from dashboard.audit.models import AuditEntry
from dashboard.audit.trail import Actor
from dashboard.lib import clock, metrics
from dashboard.vendors.models import VendorAccount
from dashboard.vendors.port import CallbackRefused

logger = logging.getLogger(__name__)


def note_refused(account: VendorAccount, verdict: CallbackRefused, room_id: int | None) -> None:
    """Count it; one audit row per account and minute: a storm of forgeries must not fill the trail."""
    logger.warning("callback for account %s refused: %s", account.pk, verdict.why)
    metrics.refused_callback(account.vendor)
    refused = VendorAccount.objects.filter(pk=account.pk)
    refused.update(callbacks_refused=F("callbacks_refused") + 1, callback_refused_at=clock.now())
    recent = AuditEntry.objects.filter(
        team_id=account.team_id, action="callback", target_id=account.pk, at__gte=clock.now() - timedelta(minutes=1)
    )
    if not recent.exists():
        trail.record(
            team_id=account.team_id,
            actor=Actor(id=None, label="callback"),
            action="callback",
            target=account,
            room_id=room_id,
            result=f"refused: {verdict.why}",
        )
