"""When what a request asked for is committed: one log line each, and one measure per request."""

from __future__ import annotations

import logging
from functools import partial

from django.db import transaction

from dashboard.lib import metrics, trace
from dashboard.lib.metrics import Stage

logger = logging.getLogger(__name__)


def is_asked(what: str, trace_id: str) -> None:
    """Called in the transaction that writes it; nothing where no request is being served."""
    if trace.asked_in():
        transaction.on_commit(partial(_is_committed, what, trace_id), robust=True)


def _is_committed(what: str, trace_id: str) -> None:
    metrics.took(Stage.CLICK_COMMITTED, trace.committed())
    with trace.following(trace_id, trace.asked_in()):
        logger.info("%s is asked", what)
