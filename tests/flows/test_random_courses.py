"""A hundred random courses over real sockets: ten rooms at once in one sandbox, ten courses in each, one judge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

import pytest

from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.errors import Refusal
from dashboard.lib.threads import in_thread
from dashboard.takeover import release
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.services import quiet
from dashboard.takeover.states import Source, TakeoverState
from dashboard.vendors.models import VendorKind
from tests.flows.stage import PARAGRAPHS, Stage
from tests.props import steps
from tests.props.judge import Books, judge

SPEED = 24.0
ROOMS = (VendorKind.SOFTSUGAR,) * 6 + (VendorKind.METASTUDIO,) * 4
COURSES_EACH = 10
#: What weighs a length against an estimate can't be judged: this world speaks 24 times as fast as anybody reckons.
BY_LENGTH = ("cancelled, and heard to its end", "done, and cut", "settled ")
#: Paragraphs of some seconds even at this speed: the scripts are not what is tried here.
LONG = tuple(paragraph * 30 for paragraph in PARAGRAPHS)
KINDS = {
    steps.Add: 30,
    steps.Cancel: 10,
    steps.CancelSeveral: 1,
    steps.Move: 10,
    steps.Check: 2,
    steps.Silence: 4,
    steps.Resume: 4,
    steps.Fault: 14,
}
#: Those that act within a second, and on one session alone.
FAULTS = [
    number
    for number, (kind, params, _, for_s) in enumerate(steps.FAULTS)
    if for_s is None and kind not in ("latency", "half_open", "expire_tokens", "delay_callback")
]


class SocketRun:
    """What `steps` ask of a run, on a stage with sockets."""

    def __init__(self, stage: Stage, books: Books, job: Job, kind: str) -> None:
        self.stage = self
        self.cast = kind
        self.books = books
        self.world = stage.sandbox.world
        self.notes: list[str] = []
        self._stage, self._job = stage, job

    def note(self, text: str) -> None:
        self.notes.append(text)

    def press(self, who: int, what: str, work: Callable[..., Any], **arguments: Any) -> asyncio.Task[Any]:
        return asyncio.create_task(self._pressed(work, arguments))

    async def _pressed(self, work: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        try:
            return await in_thread(work, user=self._stage.user, actor=self._stage.actor, **arguments)
        except Refusal as refusal:
            self.note(f"refused: {refusal.message}")
            return None

    async def job(self, room: int) -> Job:
        fresh: Job = await self._stage.fresh(self._job)
        return fresh

    async def items(self, room: int) -> list[Takeover]:
        return await in_thread(steps.newest_open, self._job.pk)

    async def item(self, room: int, nth: int, pick: Callable[[list[Takeover]], list[Takeover]]) -> Takeover | None:
        picked = pick(await self.items(room))
        return picked[min(nth, len(picked) - 1)] if picked else None

    def new_tag(self, step: steps.Add) -> str:
        tag = f"第{len(self.books.asked) + 1:03d}号"
        self.books.asked[tag] = []
        return tag

    def asked(self, tag: str, item: Takeover | None) -> None:
        if item is not None:
            self.books.asked[tag].append(item.pk)

    def cancelled(self, item: Takeover) -> None:
        if item.state == TakeoverState.CANCELLED and item.claimed_at is None:
            self.books.taken_back.add(item.pk)

    async def silence(self, room: int, pressed: asyncio.Task[Any]) -> None:
        if await pressed is not None:
            await in_thread(_note, self.books.silences, self._job, Kind.JOB_SILENCED)

    async def resume(self, room: int, pressed: asyncio.Task[Any]) -> None:
        if await pressed is not None:
            await in_thread(_note, self.books.resumes, self._job, Kind.JOB_RESUMED)


def _note(into: list[tuple[int, datetime]], job: Job, kind: Kind) -> None:
    """When the ledger took the newest of its kind: the answer of one press may overtake the beginning of the next.

    None is there where a press changed nothing: the host spoke already.
    """
    told = Event.objects.filter(job_id=job.pk, kind=kind).order_by("id").last()
    if told is not None:
        into.append((job.pk, told.received_at))


async def _courses(run: SocketRun, rng: Random) -> None:
    """Ten courses, one after the other; each ends with a room that may speak."""
    for _ in range(COURSES_EACH):
        acting = []
        for _ in range(rng.randrange(2, 5)):
            kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
            step = kind.draw(rng, run.cast)
            if isinstance(step, steps.Fault):
                step = steps.Fault(0, rng.choice(FAULTS), step.on_words)
            run.note(step.words())
            acting.append(asyncio.create_task(step.act(run)))  # type: ignore[arg-type]
            await asyncio.sleep(rng.expovariate(12.0))
        await asyncio.gather(*acting)
        await quiet_ends(run)


async def quiet_ends(run: SocketRun) -> None:
    job = await run.job(0)
    if job.script_held or job.silenced_at is not None:
        await run.resume(0, run.press(0, "resume", quiet.resume, job=job))


@pytest.mark.parametrize("seed", [1])
async def test_a_hundred_courses_over_sockets(stage: Stage, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "GRACE_S", 2.0)
    await in_thread(_without_undo_window, stage)
    books = Books(start_s=0.0)
    rooms = await asyncio.gather(*(stage.room(vendor, paragraphs=LONG) for vendor in ROOMS))
    jobs = await asyncio.gather(*(stage.on_air(room.account.vendor, room) for room in rooms))
    runs = [
        SocketRun(stage, books, job, "S" if vendor == VendorKind.SOFTSUGAR else "M")
        for job, vendor in zip(jobs, ROOMS, strict=True)
    ]
    await asyncio.gather(*(_courses(run, Random(f"{seed}:{number}")) for number, run in enumerate(runs)))
    await stage.clear_faults()
    books.healed_at = clock.now()
    ids = tuple(job.pk for job in jobs)
    await stage.until(lambda: not _unsettled(ids), "every item is terminal or unknown", within=60.0)
    books.ended_at = clock.now()
    record = stage.sandbox.world.record.entries()
    said = await in_thread(judge, books, record, ids)
    sentences = [sentence for sentence in said if not sentence.startswith(BY_LENGTH)]
    told = [*(note for run in runs for note in run.notes), *await in_thread(_ways, ids)] if sentences else []
    assert sentences == [], "\n".join(told)
    assert len(books.asked) > 80


def _without_undo_window(stage: Stage) -> None:
    stage.team.undo_s = {stage.actor.role: 0}
    stage.team.save(update_fields=["undo_s"])


def _ways(job_ids: tuple[int, ...]) -> list[str]:
    """What became of each sentence, and when it left, was queued and was heard."""
    items = Takeover.objects.filter(job_id__in=job_ids).exclude(source=Source.SCRIPT).order_by("job_id", "number")
    told = ("job_id", "number", "source", "rank", "mode", "state", "place", "version")
    at = ("requested_at", "released_at", "claimed_at", "accepted_at", "queued_at", "started_at", "finished_at")
    rows = [(row[: len(told)], row[len(told) :]) for row in items.values_list(*told, *at)]
    return [" ".join([*map(str, what), *(f"{one:%M:%S.%f}" if one else "-" for one in when)]) for what, when in rows]


def _unsettled(job_ids: tuple[int, ...]) -> list[str]:
    items = Takeover.objects.filter(IS_OPEN, job_id__in=job_ids).exclude(source=Source.SCRIPT)
    return [str(item) for item in items.exclude(state=TakeoverState.UNKNOWN)]
