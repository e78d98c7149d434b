"""A course: which rooms, and what happens when. Drawn from a seed, run on a stage, let out, then judged."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import Source, TakeoverState
from dashboard.vendors.models import Command, CommandState
from tests.props import house
from tests.props.cast import people
from tests.props.judge import Books, judge
from tests.props.loop import EPOCH
from tests.props.stage import Stage, staged
from tests.props.steps import WEIGHTS, Step, newest_open

#: What a course's rooms are, and how often.
CASTS = {"S": 22, "M": 16, "N": 14, "SM": 14, "SS": 8, "SN": 8, "MM": 6, "SSM": 6, "SMM": 6}
#: The promise: this long after the vendor has done with an item, and after what was wrong has passed, its end is known.
PROMISE_S = 30.0
#: After everything is over the world goes on for so long, to see that nothing comes after.
AFTERMATH_S = 3.0
LONGEST_S = 420.0


@dataclass(frozen=True)
class Course:
    seed: int
    cast: str
    steps: tuple[tuple[float, Step], ...]

    @classmethod
    def draw(cls, seed: int) -> Course:
        rng = Random(seed)
        cast = rng.choices(list(CASTS), list(CASTS.values()))[0]
        at, steps = rng.uniform(0.0, 3.0), []
        kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
        pace = rng.choice((0.3, 0.8, 1.6))
        for _ in range(min(40, 10 + int(rng.expovariate(0.25)))):
            steps.append((round(at, 3), rng.choices(kinds, weights)[0].draw(rng, cast)))
            at += rng.expovariate(1 / pace) if rng.random() < 0.9 else rng.uniform(4, 12)
        return cls(seed, cast, tuple(steps))

    def dump(self) -> str:
        steps = [[at, type(step).__name__, asdict(step)] for at, step in self.steps]
        return json.dumps({"seed": self.seed, "cast": self.cast, "steps": steps}, ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> Course:
        told = json.loads(text)
        steps = tuple((at, Step.kinds[kind](**fields)) for at, kind, fields in told["steps"])
        return cls(told["seed"], told["cast"], steps)

    def without(self, start: int, end: int) -> Course:
        return replace(self, steps=self.steps[:start] + self.steps[end:])


@dataclass
class Outcome:
    course: Course
    sentences: list[str]
    """What the judge says; empty: nothing to object to."""
    notes: list[tuple[float, str]] = field(default_factory=list)
    simulated_s: float = 0.0

    def told(self) -> str:
        lines = [f"seed {self.course.seed}, rooms {self.course.cast}"]
        lines += [f"{at:9.3f}  {text}" for at, text in self.notes]
        return "\n".join([*lines, "", "The judge says:", *(f"  {sentence}" for sentence in self.sentences)])


class Run:
    """One course being played: what the steps ask of it, and what it keeps for the judge."""

    def __init__(self, stage: Stage, course: Course, template: house.Template) -> None:
        self.stage, self.course, self.cast = stage, course, course.cast
        self.books = Books(start_s=template.began_s)
        self._template = template
        self._refs: dict[int, str] = {}

    # -- for the steps ------------------------------------------------------------------------------------------------

    async def job(self, room: int) -> Job:
        job_id = self._template.jobs[room]
        return await self.stage.spawn(
            in_thread(Job.objects.select_related("room", "account").get, pk=job_id), self.stage.console
        )

    async def items(self, room: int) -> list[Takeover]:
        return await self.stage.spawn(in_thread(newest_open, self._template.jobs[room]), self.stage.console)

    async def item(self, room: int, nth: int, pick: Any) -> Takeover | None:
        picked = pick(await self.items(room))
        return picked[min(nth, len(picked) - 1)] if picked else None

    def new_tag(self, step: Any) -> str:
        tag = f"第{len(self.books.asked) + 1:03d}号"
        self.books.asked[tag] = []
        self.stage.note(f"  {tag} is asked for: {step.source} {step.mode} in room {step.room}")
        return tag

    def asked(self, tag: str, item: Takeover | None) -> None:
        if item is not None:
            self.books.asked[tag].append(item.pk)

    def cancelled(self, item: Takeover) -> None:
        self.stage.note(f"  cancel of {item.number} done: {item.state}")
        if item.state == TakeoverState.CANCELLED and item.claimed_at is None:
            self.books.taken_back.add(item.pk)

    def said_again(self, item: Takeover, again: Takeover) -> None:
        self.stage.note(f"  {item.number} is said again as {again.number}")

    async def silence(self, room: int, pressed: asyncio.Task[Any]) -> None:
        if await pressed is not None:
            self.books.silences.append((self._template.jobs[room], self.stage.clock.now()))
            self.stage.note(f"  room {room} is silenced")

    async def resume(self, room: int, pressed: asyncio.Task[Any]) -> None:
        if await pressed is not None:
            self.books.resumes.append((self._template.jobs[room], self.stage.clock.now()))

    # -- the whole ----------------------------------------------------------------------------------------------------

    async def play(self) -> list[str]:
        stage, template = self.stage, self._template
        stage.people = await in_thread(people)
        self._refs = await in_thread(lambda: dict(Job.objects.values_list("pk", "vendor_ref")))
        stage.spawn(stage.play(), stage.sandbox_process)
        stage.world.callbacks.start()
        stage.start_relay()
        last = 0.0
        running = []
        for at, step in self.course.steps:
            await asyncio.sleep(max(0.0, at - last))
            last = max(at, last)
            stage.note(step.words())
            running.append(stage.loop.create_task(step.act(self)))
        await asyncio.gather(*running)
        self._heal()
        await self._let_out()
        self.books.taken_over = stage.taken_over
        sentences = await in_thread(judge, self.books, stage.world.record.entries(), template.jobs)
        return sentences + [f"the product calls this an error: {text}" for text in stage.troubles]

    def _heal(self) -> None:
        stage = self.stage
        stage.world.faults.clear()
        for socket in list(stage.sandbox.sockets):
            if socket.is_half_open:
                socket.abort()
        stage.net.is_cut, stage.loop.busy_until = False, 0.0
        for _, process, _ in stage.relays:
            if process.is_held:
                process.go_on()
        if not stage.living():
            stage.start_relay()
        self.books.healed_at = stage.clock.now()
        stage.note("everything works again")

    async def _let_out(self) -> None:
        """Until the vendors hold nothing of ours and the ledger says so too; then a while longer."""
        stage, quiet_since = self.stage, None
        while stage.loop.time() < LONGEST_S:
            await asyncio.sleep(1.0)
            if self._vendors_hold():
                quiet_since = None
                continue
            quiet_since = stage.loop.time() if quiet_since is None else quiet_since
            since = stage.loop.time() - quiet_since
            self.books.standing = self._paused()
            if await in_thread(_unsettled, self.books.standing) == 0:
                await asyncio.sleep(AFTERMATH_S)
                if not self._vendors_hold():
                    break
            elif since > PROMISE_S + 20:
                break
        self.books.ended_at = stage.clock.now()

    def _vendors_hold(self) -> bool:
        """Whether something of people or rules plays or waits at a vendor, or a callback is on its way."""
        if not self.stage.world.callbacks.is_idle:
            return True
        players = [
            *(one.player for one in self.stage.world.face("softsugar").model.running()),  # type: ignore[attr-defined]
            *(one.player for one in self.stage.world.face("metastudio").model.jobs.open()),  # type: ignore[attr-defined]
        ]
        for player in players:
            items = [*player.queue, *([player.current] if player.current is not None else [])]
            if player.paused_at is None and any("号，" in item.text for item in items):
                return True
        return False

    def _paused(self) -> set[int]:
        """Jobs that their vendor holds still."""
        refs = {
            job.job_id
            for job in self.stage.world.face("metastudio").model.jobs.open()  # type: ignore[attr-defined]
            if job.phase == "PLAY_PAUSE"
        }
        return {job_id for job_id, ref in self._refs.items() if ref in refs}


def _unsettled(standing: set[int]) -> int:
    open_ones = Takeover.objects.filter(IS_OPEN).exclude(source=Source.SCRIPT).exclude(job_id__in=standing)
    stops = Command.objects.filter(lane__endswith=":stop", state__in=(CommandState.READY, CommandState.SENDING))
    return open_ones.exclude(state=TakeoverState.UNKNOWN).count() + stops.count()


def play(folder: Path, course: Course) -> Outcome:
    template = house.template(folder, course.cast)
    house.put(template.database)
    with staged(Random(course.seed * 7919 + 1), template.began_s) as stage:
        stage.world.restore(json.loads(template.world))
        run = Run(stage, course, template)

        async def whole() -> list[str]:
            try:
                return await run.play()
            finally:
                await stage.close()

        sentences = stage.loop.run_until_complete(whole())
        return Outcome(course, sentences, _with_record(stage, template), stage.loop.time())


def _with_record(stage: Stage, template: house.Template) -> list[tuple[float, str]]:
    """The course's notes, and between them what was heard, by the sandbox's record."""
    start = EPOCH + timedelta(seconds=template.began_s)
    lines = [*stage.notes, *_ledger(start)]
    for row in stage.world.record.entries():
        begin = (datetime.fromisoformat(row["started_real"]) - start).total_seconds()
        if begin < 0:
            continue
        who = f"{row['vendor']} {row['session'][:6]}"
        lines.append((begin, f"    HEARD {who} {row['source']} {row['text'][:8]} ref {row['ref'][:8]}"))
        if row["ended_real"]:
            end = (datetime.fromisoformat(row["ended_real"]) - start).total_seconds()
            how = f"cut by {row['cut_by'][:8]}" if row["cut"] else "to its end"
            lines.append((end, f"    OVER  {who} {row['source']} {row['text'][:8]} {how}"))
    return sorted(lines, key=lambda line: line[0])


def _ledger(start: datetime) -> list[tuple[float, str]]:
    """What the ledger was told of people's items, and which commands left, when."""
    lines = []
    names = {item.trace_id: f"{item.text[:4]}({item.number})" for item in Takeover.objects.all()}
    names |= {item.vendor_ref: names[item.trace_id] for item in Takeover.objects.exclude(vendor_ref="")}
    for event in Event.objects.filter(received_at__gte=start).exclude(kind="job.link").order_by("id"):
        name = names.get(event.data.get("trace_id", ""), "")
        told = {key: event.data[key] for key in ("why", "by", "says", "code") if event.data.get(key)}
        at = (event.received_at - start).total_seconds()
        lines.append((at, f"      ledger: {event.kind} {name} of {event.job_id} {told or ''} {event.outcome}"))
    for command in Command.objects.filter(created_at__gte=start):
        what = f"{command.kind} {names.get(command.trace_id, command.body)} {command.state} by {command.relay}"
        if command.claimed_at:
            at = (command.claimed_at - start).total_seconds()
            lines.append((at, f"      command {command.pk} claimed (try {command.attempts}): {what}"))
        if command.settled_at:
            at = (command.settled_at - start).total_seconds()
            lines.append((at, f"      command {command.pk} settled: {what} {command.error or command.wait_reason}"))
    return lines
