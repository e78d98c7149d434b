"""Rows that nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog

from dashboard.takeover.models import TalkTicket

TICKETS_KEPT = timedelta(hours=1)
#: Long enough to look into who tried to get in.
ATTEMPTS_KEPT = timedelta(days=90)


def drop_talk_tickets(now: datetime) -> int:
    """A ticket is good for seconds; for an hour it still tells whoever asks why a microphone was refused."""
    return TalkTicket.objects.filter(expires_at__lt=now - TICKETS_KEPT).delete()[0]


def drop_sign_in_attempts(now: datetime) -> int:
    before = now - ATTEMPTS_KEPT
    models = (AccessAttempt, AccessFailureLog, AccessLog)
    return sum(model.objects.filter(attempt_time__lt=before).delete()[0] for model in models)
