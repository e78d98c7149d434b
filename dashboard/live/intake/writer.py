"""Group commit: one writer per process takes all facts that wait (at most 200) into one transaction, with no timer.

While one transaction commits the next batch gathers, so a burst costs a few commits, not one per fact, and a lone fact
costs no waiting at all.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial

from django.db import connections

from dashboard.events.kinds import Fact
from dashboard.events.record import Recorded, record_many
from dashboard.lib import clock, metrics, trace
from dashboard.lib.metrics import Stage
from dashboard.lib.threads import keep_connection
from dashboard.live.intake.accept import PROJECTIONS

logger = logging.getLogger(__name__)

BIGGEST_BATCH = 200
#: Facts that may wait; beyond it a caller gets `Full` and tells its peer to come back (429), nothing is lost silently.
LONGEST_QUEUE = 20_000
#: How long a request waits for its commit before it answers "not recorded, send again".
COMMIT_S = 10.0


class Full(Exception):
    """More facts wait than the database takes; nothing of this call was recorded."""


class GroupWriter:
    def __init__(self) -> None:
        self._waiting: deque[tuple[Sequence[Fact], Future[list[Recorded]]]] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def submit(self, facts: Sequence[Fact]) -> Future[list[Recorded]]:
        """Record `facts`; the future ends after the commit, or with the database's error."""
        future: Future[list[Recorded]] = Future()
        # From here on it can't be cancelled: whoever stops waiting does not stop the recording.
        future.set_running_or_notify_cancel()
        future.add_done_callback(partial(_is_committed, trace.began_at() or clock.monotonic()))
        with self._changed:
            if self._size + len(facts) > LONGEST_QUEUE:
                metrics.intake_full.inc(len(facts))
                raise Full
            self._waiting.append((facts, future))
            self._size += len(facts)
            if self._thread is None:
                self._stopping = False
                self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)
                self._thread.start()
            self._changed.notify()
        return future

    async def record(self, facts: Sequence[Fact]) -> list[Recorded]:
        if not facts:
            return []
        return await asyncio.wrap_future(self.submit(facts))

    def stop(self) -> None:
        """Commit what waits, then end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5)

    def _run(self) -> None:
        try:
            while batch := self._take():
                self._commit(batch)
        finally:
            connections.close_all()

    def _take(self) -> list[tuple[Sequence[Fact], Future[list[Recorded]]]]:
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            batch: list[tuple[Sequence[Fact], Future[list[Recorded]]]] = []
            size = 0
            while self._waiting and (not batch or size + len(self._waiting[0][0]) <= BIGGEST_BATCH):
                one = self._waiting.popleft()
                batch.append(one)
                size += len(one[0])
            self._size -= size
            if not batch:
                # Said under the lock: whoever submits from now on starts a new thread.
                self._thread = None
            return batch

    def _commit(self, batch: list[tuple[Sequence[Fact], Future[list[Recorded]]]]) -> None:
        try:
            keep_connection()
            recorded = record_many([fact for facts, _ in batch for fact in facts], PROJECTIONS)
        except Exception as error:
            logger.exception("a batch of facts was not recorded")
            for _, future in batch:
                future.set_exception(error)
            return
        metrics.commit_facts.observe(len(recorded))
        at = 0
        for facts, future in batch:
            future.set_result(recorded[at : at + len(facts)])
            at += len(facts)


def _is_committed(received_at: float, done: Future[list[Recorded]]) -> None:
    if done.exception() is None:
        metrics.took(Stage.INTAKE_COMMITTED, clock.monotonic() - received_at)


writer = GroupWriter()
