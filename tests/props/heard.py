"""Sixty takeovers in a room of each vendor, whose voices the console can't know: were they heard when it promised?

At the speed of life, with the relay's rounds and listings as they are set, over a wire that takes its time.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings

from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.services import ask
from dashboard.takeover.states import Source
from dashboard.takeover.wish import Wish
from tests import heard_in
from tests.heard_in import Heard, Press
from tests.props import cast, house
from tests.props.stage import SANDBOX, Stage, staged

ROOMS = "SM"
#: How often an operator looks whether the queue is short enough, and the longest they wait for that.
LOOKS_EVERY_S = 0.25
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Judged:
    """By vendor, what was heard of the items that count; and what the product called an error meanwhile."""

    seed: int
    heard: dict[str, list[Heard]]
    troubles: list[str]
    simulated_s: float

    @property
    def is_kept(self) -> bool:
        rates = [heard_in.rate(heard) for heard in self.heard.values()]
        return len(rates) == len(ROOMS) and min(rates) >= heard_in.GOAL and not self.troubles

    def told(self) -> str:
        lines = [f"seed {self.seed}, {heard_in.told(vendor, heard)}" for vendor, heard in self.heard.items()]
        return "\n".join(
            [*lines, *(f"seed {self.seed}, the product calls this an error: {one}" for one in self.troubles)]
        )


def play(folder: Path, seed: int) -> Judged:
    house.put(folder / "schema.sqlite3")
    settings.SWEEP_EVERY_S, settings.POLL_EVERY_S = house.AS_SET
    with staged(Random(seed * 7919 + 2), 0.0, replace(SANDBOX, seed=seed, voices_differ=True)) as stage:

        async def whole() -> dict[str, list[Heard]]:
            try:
                return await _play(stage, seed)
            finally:
                await stage.close()

        heard = stage.loop.run_until_complete(whole())
        return Judged(seed, heard, stage.troubles, stage.loop.time())


async def _play(stage: Stage, seed: int) -> dict[str, list[Heard]]:
    stage.spawn(stage.play(), stage.sandbox_process)
    stage.world.callbacks.start()
    stage.start_relay()
    jobs = await cast.on_air(stage, ROOMS, heard_in.PARAGRAPHS)
    courses = [stage.spawn(_course(stage, job_id, seed), stage.console) for job_id in jobs]
    return dict(await asyncio.gather(*courses))


async def _course(stage: Stage, job_id: int, seed: int) -> tuple[str, list[Heard]]:
    job = await in_thread(Job.objects.select_related("room", "account").get, pk=job_id)
    vendor, said = str(job.account.vendor), []
    for press in heard_in.presses(vendor, seed):
        await _until_open(stage, job, press.most)
        await asyncio.sleep(press.pause_s)
        said.append(await _say(stage, job_id, press))
    await _until_open(stage, job, 0)
    return vendor, heard_in.judged(await in_thread(_held_against, said, _heard_of(stage, vendor)))


async def _say(stage: Stage, job_id: int, press: Press) -> Takeover:
    user, actor = stage.people[0]
    job = await in_thread(Job.objects.select_related("room", "account").get, pk=job_id)
    wish, key = Wish(press.text, press.mode), uuid.uuid4().hex
    return await in_thread(ask.request_takeover, job=job, user=user, actor=actor, wish=wish, key=key)


async def _until_open(stage: Stage, job: Job, most: int) -> None:
    deadline = stage.loop.time() + PATIENCE_S
    mine = Takeover.objects.filter(IS_OPEN, job=job).exclude(source=Source.SCRIPT)
    while await in_thread(mine.count) > most:
        if stage.loop.time() > deadline:
            open_ones = await in_thread(lambda: list(mine.values_list("number", "state", "unknown_reason")))
            raise AssertionError(f"{job.account.vendor}: not within {PATIENCE_S} s at most {most}: {open_ones}")
        await asyncio.sleep(LOOKS_EVERY_S)


def _heard_of(stage: Stage, vendor: str) -> list[dict[str, Any]]:
    """The sandbox's record, which alone knows what was audible. Both rooms may be given the same words."""
    return [row for row in stage.world.record.entries() if row["vendor"] == vendor]


def _held_against(said: list[Takeover], record: list[dict[str, Any]]) -> list[Heard]:
    begins = {row["text"]: datetime.fromisoformat(row["started_real"]) for row in reversed(record)}
    heard = []
    for number, item in enumerate(said, start=1):
        row = Takeover.objects.get(pk=item.pk)
        if row.text in begins and row.promised_ms is not None:
            heard_ms = (begins[row.text] - row.requested_at).total_seconds() * 1000
            heard.append(Heard(number, row.mode, float(row.promised_ms), heard_ms))
    return heard
