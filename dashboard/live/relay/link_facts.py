"""What a link tells, on its way into the log: in its order, and what is told meanwhile goes together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from dashboard.events.kinds import Fact
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.intake.writer import BIGGEST_BATCH, Full, writer
from dashboard.vendors.port import Report

if TYPE_CHECKING:
    from dashboard.jobs.models import Job

Insist = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]


class LinkFacts:
    """Facts of one link. The vendor says each once: it is kept here until `insist` has recorded it.

    Reading goes on meanwhile. Vendors tell the end of a sentence and the start of the next in two frames: one by one,
    the second would wait for the first's commit before its own.
    """

    def __init__(self, job: Job, insist: Insist) -> None:
        self._job = job
        self._insist = insist
        #: On their way into the log.
        self._batch: list[Fact] = []
        #: A link that tells more than this is not read any further until the database took some.
        self._waiting: asyncio.Queue[Fact] = asyncio.Queue(BIGGEST_BATCH)

    async def put(self, report: Report, unique: str) -> None:
        """`unique` tells a report from one that says the same, where the vendor stamps nothing."""
        await self._waiting.put(fact_of(self._job, report, Heard("socket", unique)))

    async def recorded(self) -> None:
        """Until nothing waits any more."""
        await self._waiting.join()

    async def record(self) -> None:
        """Until it is cancelled: what waits then is recorded all the same, and nobody waits for that."""
        try:
            while True:
                taken = self._batch = [await self._waiting.get(), *self._all()]
                await self._insist(self._commit)
                self._hand_over()  # where the keeper may not insist any more
                for _ in taken:
                    self._waiting.task_done()
        finally:
            self._batch += self._all()
            self._hand_over()

    async def _commit(self) -> None:
        """Their keys make a second try harmless."""
        await writer.record(self._batch)
        self._batch = []

    def _hand_over(self) -> None:
        """To the writer, without waiting for it."""
        facts, self._batch = self._batch, []
        if facts:
            with suppress(Full):
                writer.submit(facts)

    def _all(self) -> list[Fact]:
        return [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
