"""What can happen in a course, one small class per kind: how it is drawn, what it does, what it is called.

A new kind: a frozen dataclass with `draw(rng, course)` and `act(run)`, and a line in `WEIGHTS`. Everything a step does
must follow from its fields, so that a course can be printed, shrunk and played again.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Self

from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.order import To
from dashboard.takeover.services import approve, ask, cancel_many, move, quiet, settle, undo
from dashboard.takeover.states import Mode, Source, TakeoverState
from dashboard.takeover.wish import Wish
from tests.props.loop import Fuse

if TYPE_CHECKING:
    from tests.props.course import Run

#: On whose side a step acts, by the course's letter for a room.
VENDOR = {"S": "softsugar", "M": "metastudio", "N": "metastudio"}
#: A word that takes a second person in every room here.
NEEDS_TWO = "秘密"
FILL = "现在为大家说明一下，这个问题问得好，拍下之后今天就能发出，请放心"


@dataclass(frozen=True)
class Step:
    kinds: ClassVar[dict[str, type[Step]]] = {}
    room: int
    """Which of the course's rooms."""

    def __init_subclass__(cls) -> None:
        Step.kinds[cls.__name__] = cls

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        return cls(rng.randrange(len(cast)))

    async def act(self, run: Run) -> None:
        raise NotImplementedError

    def words(self) -> str:
        fields = ", ".join(f"{name}={value}" for name, value in asdict(self).items())
        return f"{type(self).__name__}({fields})"


# ------------------------------------------------------------------------------------------------------------- people


@dataclass(frozen=True)
class Add(Step):
    """Somebody, a quick reply or a rule wants a sentence heard; `twice` is a double click or a second tab."""

    who: int = 0
    mode: str = "append"
    source: str = "person"
    length: int = 20
    twice: bool = False
    needs_two: bool = False

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        return cls(
            room=rng.randrange(len(cast)),
            who=rng.randrange(3),
            mode=rng.choices(("append", "insert", "now"), (5, 3, 3))[0],
            source=rng.choices(("person", "quick_reply", "rule"), (6, 1, 2))[0],
            length=rng.choice((11, 14, 18, 30)),
            twice=rng.random() < 0.1,
            needs_two=rng.random() < 0.12,
        )

    async def act(self, run: Run) -> None:
        tag = run.new_tag(self)
        text = (f"{tag}，{NEEDS_TWO if self.needs_two else ''}" + FILL * 3)[: self.length] + "。"
        mode = Mode(self.mode) if self.source == "person" else Mode.APPEND
        wish = Wish(text, mode, source=Source(self.source))
        what = {"job": await run.job(self.room), "wish": wish, "ends_silence": True}
        presses = [
            run.stage.press(self.who, f"add {tag}", ask.request_takeover, key=f"key-{tag}", **what)
            for _ in range(2 if self.twice else 1)
        ]
        for made in await asyncio.gather(*presses):
            run.asked(tag, made)


@dataclass(frozen=True)
class OfItem(Step):
    """Somebody decides about the n-th newest open item of a room, as a page showed it a moment ago."""

    who: int = 0
    nth: int = 0
    stale_s: float = 0.0

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        stale_s = rng.choice((0.0, 0.0, 0.3, 2.0))
        return cls(rng.randrange(len(cast)), who=rng.randrange(3), nth=rng.choice((0, 0, 1, 2)), stale_s=stale_s)

    def pick(self, items: list[Takeover]) -> list[Takeover]:
        return items

    async def act(self, run: Run) -> None:
        item = await run.item(self.room, self.nth, self.pick)
        if item is None:
            return
        if self.stale_s:
            await asyncio.sleep(self.stale_s)
        run.stage.note(f"  about {item.number}: {item.text[:4]} {item.state}")
        await self.decide(run, item)

    async def decide(self, run: Run, item: Takeover) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Cancel(OfItem):
    async def decide(self, run: Run, item: Takeover) -> None:
        told = await run.stage.press(
            self.who, f"cancel {item.number}", settle.cancel_takeover, item=item, version=item.version
        )
        if told is not None:
            run.cancelled(told)


@dataclass(frozen=True)
class CancelSeveral(OfItem):
    """All that is open in a room, picked one by one."""

    async def act(self, run: Run) -> None:
        items = await run.items(self.room)
        if not items:
            return
        told = await run.stage.press(self.who, "cancel several", cancel_many.cancel_items, items=items)
        for item in told.asked if told is not None else ():
            run.cancelled(item)


@dataclass(frozen=True)
class Move(OfItem):
    to: str = "head"

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        to = rng.choice(("head", "tail", "before", "after"))
        return cls(rng.randrange(len(cast)), rng.randrange(3), rng.randrange(4), rng.choice((0.0, 0.0, 0.5)), to)

    def pick(self, items: list[Takeover]) -> list[Takeover]:
        return [item for item in items if item.started_at is None]

    async def decide(self, run: Run, item: Takeover) -> None:
        others = [one for one in self.pick(await run.items(self.room)) if one.pk != item.pk]
        anchor = others[self.nth % len(others)] if self.to in ("before", "after") and others else None
        to = To(self.to) if anchor is not None or self.to in ("head", "tail") else To.HEAD
        await run.stage.press(
            self.who, f"move {item.number}", move.move_takeover, item=item, to=to, anchor=anchor, version=item.version
        )


@dataclass(frozen=True)
class OfHeld(OfItem):
    who: int = 1

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        return cls(rng.randrange(len(cast)))

    def pick(self, items: list[Takeover]) -> list[Takeover]:
        return [item for item in items if item.state == TakeoverState.HELD]


@dataclass(frozen=True)
class Undo(OfHeld):
    async def decide(self, run: Run, item: Takeover) -> None:
        told = await run.stage.press(self.who, f"undo {item.number}", undo.undo, item=item, version=item.version)
        if told is not None:
            run.cancelled(told)


@dataclass(frozen=True)
class SendNow(OfHeld):
    async def decide(self, run: Run, item: Takeover) -> None:
        await run.stage.press(self.who, f"send now {item.number}", undo.send_now, item=item, version=item.version)


@dataclass(frozen=True)
class Approve(OfItem):
    """A second person lets it through, or returns it."""

    is_kind: bool = True

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        stale_s = rng.choice((0.0, 0.0, 1.0))
        return cls(rng.randrange(len(cast)), rng.randrange(3), rng.randrange(2), stale_s, rng.random() < 0.8)

    def pick(self, items: list[Takeover]) -> list[Takeover]:
        return [item for item in items if item.state == TakeoverState.AWAITING_APPROVAL]

    async def decide(self, run: Run, item: Takeover) -> None:
        work = approve.approve if self.is_kind else approve.return_to_author
        await run.stage.press(self.who, f"approve {item.number}", work, item=item, version=item.version)


@dataclass(frozen=True)
class OfUnknown(OfItem):
    def pick(self, items: list[Takeover]) -> list[Takeover]:
        return [item for item in items if item.state == TakeoverState.UNKNOWN]


@dataclass(frozen=True)
class Check(OfUnknown):
    async def decide(self, run: Run, item: Takeover) -> None:
        await run.stage.press(self.who, f"check {item.number}", settle.check_again, item=item, version=item.version)


@dataclass(frozen=True)
class Mark(OfUnknown):
    async def decide(self, run: Run, item: Takeover) -> None:
        await run.stage.press(self.who, f"mark {item.number}", settle.mark_spoken, item=item, version=item.version)


@dataclass(frozen=True)
class SendAgain(OfUnknown):
    async def decide(self, run: Run, item: Takeover) -> None:
        again = await run.stage.press(
            self.who, f"again {item.number}", ask.send_again, item=item, key=f"again-{item.pk}", version=item.version
        )
        if again is not None:
            run.said_again(item, again)


@dataclass(frozen=True)
class Silence(Step):
    """Panic."""

    async def act(self, run: Run) -> None:
        job = await run.job(self.room)
        await run.silence(self.room, run.stage.press(0, "silence", quiet.silence, job=job))


@dataclass(frozen=True)
class Resume(Step):
    async def act(self, run: Run) -> None:
        job = await run.job(self.room)
        await run.resume(self.room, run.stage.press(0, "resume", quiet.resume, job=job))


# ------------------------------------------------------------------------------------------------------------ vendors

#: kind, parameters, for how many hits, for how many seconds; None: for one or the other.
FAULTS: tuple[tuple[str, dict[str, Any], int | None, float | None], ...] = (
    ("latency", {"seconds": 2.0}, 3, None),
    ("latency", {"seconds": 11.0}, 1, None),
    ("error", {"status": 500}, 2, None),
    ("error", {"status": 500, "after": True}, 1, None),
    ("error", {"status": 429}, 2, None),
    ("error", {"status": 503}, 2, None),
    ("timeout_before", {}, 1, None),
    ("timeout_after", {}, 1, None),
    ("refuse", {}, 2, None),
    ("refuse", {"after": True}, 1, None),
    ("drop_socket", {}, None, None),
    ("drop_socket", {"abrupt": True}, None, None),
    ("drop_socket", {"after_frame": True, "abrupt": True}, 1, None),
    ("half_open", {"seconds": 30}, None, None),
    ("freeze", {}, None, 4.0),
    ("freeze", {}, None, 14.0),
    ("swallow_frame", {}, 1, None),
    ("swallow_notices", {}, 1, None),
    ("duplicate_callback", {"times": 3}, 4, None),
    ("delay_callback", {"seconds": 5}, 2, None),
    ("delay_callback", {"seconds": 20}, 2, None),
    ("reorder_callback", {}, 2, None),
    ("drop_callback", {}, 2, None),
    ("outage", {}, None, 5.0),
    ("outage", {"hang_up": True}, None, 5.0),
    ("expire_tokens", {}, 1, None),
    ("takeover_fails", {}, None, None),
)


@dataclass(frozen=True)
class Fault(Step):
    """The vendor misbehaves, to one room; `on_words` narrows it to the call or socket that carries sentences."""

    number: int = 0
    on_words: bool = False

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        return cls(rng.randrange(len(cast)), rng.randrange(len(FAULTS)), rng.random() < 0.7)

    async def act(self, run: Run) -> None:
        kind, params, count, for_s = FAULTS[self.number]
        job = await run.job(self.room)
        vendor = VENDOR[run.cast[self.room]]
        endpoint = None
        if self.on_words and kind in ("latency", "error", "timeout_before", "timeout_after", "refuse"):
            endpoint = "command_cancel" if vendor == "softsugar" else "execute_smart_live_command"
        session = job.vendor_ref
        run.stage.world.faults.add(
            kind, vendor=vendor, endpoint=endpoint, session=session, count=count, for_s=for_s, params=dict(params)
        )

    def words(self) -> str:
        kind, params, count, for_s = FAULTS[self.number]
        return f"Fault(room={self.room}, {kind} {params or ''} count={count} for_s={for_s} on_words={self.on_words})"


@dataclass(frozen=True)
class Unreachable(Step):
    """Nothing connects for a while; what is connected stays."""

    seconds: float = 4.0

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        return cls(0, rng.choice((2.0, 8.0)))

    async def act(self, run: Run) -> None:
        run.stage.net.is_cut = True
        await asyncio.sleep(self.seconds)
        run.stage.net.is_cut = False


@dataclass(frozen=True)
class SlowDatabase(Step):
    seconds: float = 3.0

    async def act(self, run: Run) -> None:
        run.stage.loop.busy_until = run.stage.loop.time() + self.seconds


# ------------------------------------------------------------------------------------------------------------- relays

#: Where a relay may end or stop: its points as `Process.passes` names them.
POINTS = (
    "",
    "db claim_next done",
    "frame leaves",
    "frame left",
    "http",
    "http /v1",
    "db said asked",
    "db said done",
    "db record_many asked",
    "db cancelled asked",
)
FUSE_S = 6.0


@dataclass(frozen=True)
class Crash(Step):
    """The relay dies at one point of its work, at the latest after some seconds; another begins."""

    point: str = ""
    back_s: float = 1.0

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        return cls(0, rng.choice(POINTS), rng.choice((0.2, 2.0, 6.0)))

    async def act(self, run: Run) -> None:
        living = run.stage.living()
        if not living:
            return
        process = living[0][1]
        if process.fuse is not None:
            return
        process.fuse = Fuse(self.point, lambda: run.stage.kill(process, f" at {self.point!r}"))
        await asyncio.sleep(FUSE_S if self.point else 0)
        run.stage.kill(process)
        await asyncio.sleep(self.back_s)
        if not run.stage.living():
            run.stage.start_relay()


@dataclass(frozen=True)
class Suspend(Step):
    """The relay's machine stands still; another takes over; then the old one wakes and goes on where it was.

    `clock_stands`: as on a suspended machine, its monotonic clock knows nothing of that.
    """

    point: str = ""
    seconds: float = 12.0
    clock_stands: bool = True

    @classmethod
    def draw(cls, rng: Random, cast: str) -> Self:
        return cls(0, rng.choice(POINTS), rng.choice((3.0, 12.0, 16.0)), rng.random() < 0.6)

    async def act(self, run: Run) -> None:
        living = run.stage.living()
        if not living:
            return
        process = living[0][1]
        if process.is_held or process.fuse is not None:
            return
        held = asyncio.Event()

        def hold() -> None:
            run.stage.note(f"relay {process.name} is suspended at {self.point!r}")
            process.hold()
            held.set()

        process.fuse = Fuse(self.point, hold)
        try:
            async with asyncio.timeout(FUSE_S if self.point else 0.001):
                await held.wait()
        except TimeoutError:
            process.fuse = None
            if not held.is_set():
                hold()
        if len(living) < 2:
            run.stage.start_relay()
        await asyncio.sleep(self.seconds)
        if not process.is_dead:
            if self.clock_stands:
                process.stood_s += self.seconds
            run.stage.note(f"relay {process.name} wakes")
            process.go_on()


@dataclass(frozen=True)
class SecondRelay(Step):
    async def act(self, run: Run) -> None:
        if len(run.stage.living()) < 2:
            run.stage.start_relay()


@dataclass(frozen=True)
class Restart(Step):
    """The relay is stopped politely: it hands everything over. Another begins."""

    async def act(self, run: Run) -> None:
        living = run.stage.living()
        if living and not living[0][1].is_held:
            run.stage.note(f"relay {living[0][1].name} is stopped")
            living[0][0].stop()
        run.stage.start_relay()


WEIGHTS: dict[type[Step], int] = {
    Add: 46,
    Cancel: 10,
    CancelSeveral: 1,
    Move: 10,
    Undo: 3,
    Approve: 7,
    SendNow: 2,
    Check: 2,
    Mark: 2,
    SendAgain: 3,
    Silence: 5,
    Resume: 4,
    Fault: 20,
    Unreachable: 2,
    SlowDatabase: 2,
    Crash: 3,
    Suspend: 2,
    SecondRelay: 1,
    Restart: 1,
}


def newest_open(job_id: int) -> list[Takeover]:
    rows = Takeover.objects.filter(IS_OPEN, job_id=job_id).exclude(source=Source.SCRIPT).order_by("-id")
    return list(rows.select_related("job__account", "job__room", "room"))
