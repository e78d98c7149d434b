"""Each process writes a row about itself every 5 s: that it lives, and what only it knows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
from django.conf import settings
from django.db.models import F

from dashboard.lib import clock, metrics
from dashboard.lib.threads import in_thread
from dashboard.live import exchange
from dashboard.live.hub.hub import hub
from dashboard.live.models import Process, ProcessKind

logger = logging.getLogger(__name__)

BEAT_EVERY_S = 5.0
#: Longer than any round of a busy process takes; a second beat may be lost.
DEAD_AFTER_S = 15.0
#: A process that was killed leaves its row; it is shown as silent for so long.
KEPT_S = 3600.0


class Calls(msgspec.Struct, frozen=True):
    """Calls to one vendor in the last five minutes, by result."""

    vendor: str
    results: dict[str, int] = {}


class Figures(msgspec.Struct, frozen=True):
    """What a process tells of itself beside its beat."""

    calls: list[Calls] = []
    browsers: int = 0
    #: Seconds since it heard anything by the channel layer; None where it does not listen.
    layer_age_s: float | None = None


@contextlib.asynccontextmanager
async def reporting(kind: ProcessKind) -> AsyncIterator[str]:
    """Tell of this process for as long as the block lasts; yields the name of its row."""
    name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
    silent = asyncio.Event()
    task = asyncio.create_task(_keep_telling(name, kind, silent), name="reporting")
    try:
        yield name
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if not silent.is_set():  # else the end would wait for a database that does not answer
            with contextlib.suppress(Exception):
                await in_thread(lambda: Process.objects.filter(name=name).delete())


async def _keep_telling(name: str, kind: ProcessKind, silent: asyncio.Event) -> None:
    """`silent` is set while the database takes nothing."""
    while True:
        try:
            await in_thread(tell, name, kind, figures())
            silent.clear()
        except Exception:
            if not silent.is_set():
                logger.warning("what this process does was not noted; it is tried again", exc_info=True)
            silent.set()
        await asyncio.sleep(BEAT_EVERY_S)


def figures() -> Figures:
    by_vendor: dict[str, dict[str, int]] = {}
    for (vendor, result), number in sorted(metrics.recent_calls.totals().items()):
        by_vendor.setdefault(vendor, {})[result] = number
    heard_at = exchange.heard_at()
    return Figures(
        calls=[Calls(vendor, results) for vendor, results in by_vendor.items()],
        browsers=hub.counts()[0],
        layer_age_s=round(clock.monotonic() - heard_at, 1) if heard_at is not None else None,
    )


def tell(name: str, kind: ProcessKind, told: Figures) -> None:
    """One beat."""
    now = clock.now()
    fresh = {"beat_at": now, "figures": msgspec.to_builtins(told)}
    if Process.objects.filter(name=name).update(beat=F("beat") + 1, **fresh):
        return
    Process.objects.filter(beat_at__lt=now - timedelta(seconds=KEPT_S)).delete()
    Process.objects.create(
        name=name,
        kind=kind,
        host=socket.gethostname()[:80],
        process=os.getpid(),
        version=settings.VERSION,
        started_at=now,
        **fresh,
    )
