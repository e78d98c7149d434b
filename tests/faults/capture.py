"""A capture tool: reports comments of every room to whichever console takes them, each until it is acknowledged."""

from __future__ import annotations

import asyncio
import json
import time
from random import Random
from typing import TYPE_CHECKING

import httpx

from dashboard.audience.addresses import intake_path
from tests.faults.place import WEBS

if TYPE_CHECKING:
    from tests.faults.run import Run

OVER = (404, 410)


async def report_comments(run: Run, dice: Random, per_s: float, *, nth: int = 0, of: int = 1) -> None:
    """Until cancelled, `per_s` reports of three comments on average; the `nth` of several tools that do so."""
    number, due = nth, time.monotonic()
    async with httpx.AsyncClient(trust_env=False, timeout=15) as http:
        while True:
            due = max(due + 1 / per_s, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            room = dice.choice(run.rooms)
            if (job := await run.job(room)) is None:
                continue
            number += of
            words = [f"评论 {number}-{part}" for part in range(dice.randint(1, 5))]
            at = int(time.time() * 1000)
            events = [
                {"timestamp": at, "type": 1, "content": json.dumps({"content": one, "user": {"name": "观众"}})}
                for one in words
            ]
            body = json.dumps({"total": len(events), "events": events})
            for tries in range(40):
                status = await _post(http, run.place.url(WEBS[(number + tries) % len(WEBS)]) + intake_path(job), body)
                if status == 200:
                    run.books.events |= set(words)
                    run.books.count("comments acknowledged", len(words))
                if status == 200 or status in OVER:
                    break
                await asyncio.sleep(0.5)


async def _post(http: httpx.AsyncClient, url: str, body: str) -> int:
    try:
        return (await http.post(url, content=body)).status_code
    except httpx.HTTPError:
        return 0
