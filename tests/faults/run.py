"""One run: the rooms go on air, people work in them, things fail, everything is mended, and the judge looks."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import psycopg
from django.db import OperationalError
from django.db.models import Sum

from dashboard.events.models import Event
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import IS_OPEN as ITEM_IS_OPEN
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Source, TakeoverState
from dashboard.vendors.models import Command, CommandState
from tests.faults.books import Ledger
from tests.faults.browsers import slow_browser
from tests.faults.capture import report_comments
from tests.faults.house import House, furnish
from tests.faults.people import Person
from tests.faults.place import RELAYS, WEBS, WORKER, Place

EMAILS = ("ada@demo.talkback.test", "pia@demo.talkback.test", "oki@demo.talkback.test")
#: A start of unknown outcome takes two listings, and is asked anew by people; kills go on meanwhile.
ON_AIR_WITHIN_S = 120.0
#: A vendor that is out starts nothing: others have their turn meanwhile.
REVIVED_WITHIN_S = 15.0
#: After everything works again and all is said: each promise of the product about a time is shorter.
SETTLED_WITHIN_S = 120.0


class Run:
    def __init__(self, place: Place, seed: int, rooms: int, *, reports_per_s: float = 0.0, tools: int = 1) -> None:
        """`reports_per_s`: of all rooms and capture tools together; each has three comments on average."""
        self.place, self.dice, self.count = place, Random(seed), rooms
        self.reports_per_s, self.tools = reports_per_s or rooms / 2, tools
        self.books = Ledger()
        self.rooms: list[House] = []
        self.people: list[Person] = []
        self.control = httpx.AsyncClient(base_url=place.url("sandbox"), trust_env=False, timeout=20)
        self.quiet: set[str] = set()
        """Codes of rooms where nobody speaks by himself now."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._fetched_at = 0.0
        self.dead: dict[str, float] = {}
        """Code of a room whose session is over at the vendor → since when (monotonic seconds)."""

    # -- beginning and end -------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """On air, with people in every room; at the end everybody has stopped."""
        self.rooms = await in_thread(furnish, self.place.url("sandbox"), self.count)
        self.people = [await asyncio.to_thread(Person, self.place, self.books, email) for email in EMAILS]
        await asyncio.gather(*(self.put_on_air(room) for room in self.rooms))
        self.books.note(f"{len(self.rooms)} rooms are on air")
        self._spawn(self._collect())
        self._spawn(self._revive())
        for nth in range(self.tools):
            dice, per_s = Random(self.dice.getrandbits(64)), self.reports_per_s / self.tools
            self._spawn(report_comments(self, dice, per_s, nth=nth, of=self.tools))
        for name in WEBS:
            self._spawn(slow_browser(self, name))
        for room in self.rooms:
            self._spawn(self._speak_in(room, Random(self.dice.getrandbits(64))))
        try:
            yield
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for person in self.people:
                await person.close()
            await self.control.aclose()

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)

        def over(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            if not done.cancelled() and (problem := done.exception()) is not None:
                self.books.fault(f"the run itself broke: {problem!r}")

        task.add_done_callback(over)

    async def put_on_air(self, room: House, within: float = ON_AIR_WITHIN_S, *, is_fault: bool = True) -> None:
        """A refusal (the vendor does not hold the room yet) or a start that fails makes it another press."""
        deadline, told = time.monotonic() + within, ""
        while not await self.quietly(_is_speakable, room.pk):
            if time.monotonic() > deadline:
                if is_fault:
                    self.books.fault(f"not within {within:.0f} s: {room.code} is on air {told}")
                    self.books.note(str(await self.quietly(_described, room.pk)))
                return
            if await self.quietly(_has_open_job, room.pk) is False:
                told = await self._press_start(room)
            await asyncio.sleep(0.5)

    async def _press_start(self, room: House) -> str:
        """Why it was refused, if it was."""
        key = uuid.UUID(int=self.dice.getrandbits(128), version=4).hex
        answer = await self.people[0].start(room.code, key, self.dice.choice(WEBS))
        self.books.starts[key] = answer.status_code == 204
        return "" if answer.status_code == 204 else f"({answer.status_code} {answer.text[:300]})"

    async def settle(self) -> None:
        """Nobody speaks any more, everything works again: whatever was asked for comes to its end."""
        self.quiet |= {room.code for room in self.rooms}
        await self.control.delete("/sandbox/faults")
        for name in (*WEBS, *RELAYS, WORKER):
            if name in self.place.is_held:
                self.place.go_on(name)
            elif self.place.is_gone(name):
                self.place.start(name)
        within = SETTLED_WITHIN_S + await in_thread(_longest_queue_s)
        if not await self.until(lambda: not _unsettled(), "all that was asked has its end", within, fatal=False):
            self.books.note("\n".join(await in_thread(_unsettled)))
        await asyncio.sleep(2)
        await self._fetch()

    # -- what goes on ------------------------------------------------------------------------------------------------

    async def _speak_in(self, room: House, dice: Random) -> None:
        while True:
            await asyncio.sleep(dice.uniform(4, 14))
            if room.code in self.quiet:
                continue
            person = dice.choice(self.people)
            if dice.random() < 0.15 and (found := await self.quietly(_newest_open, room.pk)):
                await person.cancel(*found)
                self.books.count("cancels asked")
            else:
                await person.say(room.code, dice, dice.choice(WEBS))

    async def _collect(self) -> None:
        """The audible record is bounded: it is fetched before it forgets, and with it the age of each heartbeat."""
        ages: dict[str, float] = {}
        while True:
            await asyncio.sleep(0.5)
            state = (await self.control.get("/sandbox/state")).json()
            for one in state["accounts"]["softsugar"]["sessions"]:
                age, last = one["heartbeat_age_s"], ages.get(one["session"], 0.0)
                if age < last:
                    self.books.heartbeat_gaps.append(last)
                ages[one["session"]] = age
            await self._note_dead(state)
            if time.monotonic() - self._fetched_at > 20:
                await self._fetch()

    async def _note_dead(self, state: dict[str, Any]) -> None:
        """Which of the jobs that the console holds open are no more at their vendor."""
        there = {one["session"] for vendor in state["accounts"].values() for one in vendor["sessions"]}
        wanted = {room.pk: room.code for room in self.rooms}
        rows = await self.quietly(lambda: list(Job.objects.filter(IS_OPEN).values_list("room_id", "vendor_ref")))
        if rows is None:
            return
        refs = {wanted[room]: ref for room, ref in rows if room in wanted and ref}
        for code in [*self.dead]:
            if refs.get(code) in there or code not in refs:
                del self.dead[code]
        for code, ref in refs.items():
            if ref not in there:
                self.dead.setdefault(code, time.monotonic())

    async def _revive(self) -> None:
        """Rooms that their vendor ended, or that did not start, go on air again, as people would do it."""
        while True:
            await asyncio.sleep(1)
            for room in self.rooms:
                if room.code not in self.quiet and await self.quietly(_has_open_job, room.pk) is False:
                    await self.put_on_air(room, REVIVED_WITHIN_S, is_fault=False)

    async def take_off_air(self, room: House) -> bool:
        """False where it has no job to stop, or does not end in time (its vendor may be out)."""
        answer = await self.people[0].stop(room.code)
        if answer.status_code != 204:
            return await self.quietly(_has_open_job, room.pk) is False
        ended = await self.until(
            lambda: not _has_open_job(room.pk), f"{room.code} ends", 20, fatal=False, is_fault=False
        )
        return bool(ended)

    async def _fetch(self) -> None:
        """Rows change until they end: the last 2,500 come each time, and replace what is known of them."""
        rows = (await self.control.get("/sandbox/audible")).json()["heard"]
        known = {row["seq"]: row for row in self.books.record}
        known.update({row["seq"]: row for row in rows})
        self.books.record = [known[seq] for seq in sorted(known)]
        for row in (await self.control.get("/sandbox/sound")).json()["sound"]:
            self.books.sounds[row["seq"]] = row["session"]
        self._fetched_at = time.monotonic()

    # -- looking -----------------------------------------------------------------------------------------------------

    async def job(self, room: House) -> Job | None:
        return await self.quietly(lambda: Job.objects.filter(IS_OPEN, room_id=room.pk).first())

    async def open_item(self, key: str) -> tuple[int, int] | None:
        rows = Takeover.objects.filter(ITEM_IS_OPEN, key=key).values_list("pk", "version")
        found: tuple[int, int] | None = await self.quietly(rows.first)
        return found

    async def quietly(self, look: Callable[..., Any], *arguments: Any) -> Any:
        """None where the database is away: that may be just what is tried."""
        try:
            return await in_thread(look, *arguments)
        except (OperationalError, psycopg.Error):
            return None

    def all_on_air(self) -> bool:
        return all(_is_speakable(room.pk) for room in self.rooms)

    def off_air(self) -> list[dict[str, Any]]:
        """What the console knows of the last job of each room that can't be spoken in."""
        told = (
            "room__code",
            "state",
            "state_at",
            "rung",
            "error",
            "owner",
            "link",
            "link_at",
            "end_reason",
            "missing_since",
        )
        rooms = [room.pk for room in self.rooms if not _is_speakable(room.pk)]
        jobs = [Job.objects.filter(room_id=room).order_by("-pk").values("pk", *told)[0] for room in rooms]
        return [job | {"asked": self._asked_last(job["pk"])} for job in jobs]

    def _asked_last(self, job: int) -> list[dict[str, Any]]:
        told = ("kind", "state", "relay", "attempts", "not_before", "wait_reason", "created_at", "claimed_at", "error")
        return list(Command.objects.filter(job_id=job).order_by("-pk").values(*told)[:3])

    def has_left(self, key: str) -> bool:
        return Takeover.objects.filter(key=key, claimed_at__isnull=False).exists()

    def all_kept(self) -> bool:
        """Every open job has a living relay that keeps it."""
        return all(self.place.owners().values())

    def kept_by_two(self) -> bool:
        owners = set(self.place.owners().values())
        return owners == set(RELAYS)

    async def until(
        self, seen: Callable[[], Any], what: str, within: float, *, fatal: bool = True, is_fault: bool = True
    ) -> Any:
        deadline = time.monotonic() + within
        while not (value := await self.quietly(seen)):
            if time.monotonic() > deadline:
                if is_fault:
                    self.books.fault(f"not within {within:.0f} s: {what}")
                if fatal:
                    raise AssertionError(what)
                return None
            await asyncio.sleep(0.1)
        return value


def now() -> datetime:
    return datetime.now(UTC)


def _is_speakable(room: int) -> bool:
    return Job.objects.filter(IS_OPEN, room_id=room, state="live", link="up").exists()


def _has_open_job(room: int) -> bool:
    return Job.objects.filter(IS_OPEN, room_id=room).exists()


def _described(room: int) -> str:
    """The newest two jobs of a room, and what was told of them last."""
    return "\n".join(row for job in Job.objects.filter(room_id=room).order_by("-pk")[:2] for row in _told_of(job))


def _told_of(job: Job) -> list[str]:
    told = Event.objects.filter(job_id=job.pk).exclude(kind__startswith="audience.").order_by("-id")
    rows = [f"{one.received_at:%H:%M:%S} {one.kind} {one.data}"[:160] for one in told[:14]]
    fields = f"job {job.pk} {job.state} link {job.link} owner {job.owner} epoch {job.epoch} ref {job.vendor_ref}"
    commands = Command.objects.filter(job_id=job.pk).order_by("-id")[:6]
    return [fields, *rows, *(f"{one.kind} {one.state} {one.wait_reason} {one.error}" for one in commands)]


def _newest_open(room: int) -> tuple[int, int] | None:
    rows = Takeover.objects.filter(ITEM_IS_OPEN, room_id=room).exclude(source=Source.SCRIPT).order_by("-id")
    return rows.values_list("pk", "version").first()


def _longest_queue_s() -> float:
    """What one room still has to say, and half as much for paragraphs that MetaStudio ends between two sentences."""
    asked = Takeover.objects.filter(ITEM_IS_OPEN, job__ended_at=None).exclude(source=Source.SCRIPT)
    waiting = asked.exclude(state=TakeoverState.UNKNOWN).values("job").order_by()
    longest = max(waiting.annotate(ms=Sum("estimate_ms")).values_list("ms", flat=True), default=0)
    return 1.5 * longest / 1000


def _unsettled() -> list[str]:
    open_ones = Takeover.objects.filter(ITEM_IS_OPEN).exclude(source=Source.SCRIPT)
    stops = Command.objects.filter(lane__endswith=":stop", state__in=(CommandState.READY, CommandState.SENDING))
    return [
        *(
            f"{one.text[:6]} {one.kind} of job {one.job_id} ({one.job.state}) is {one.state}, claimed {one.claimed_at}"
            for one in open_ones.exclude(state=TakeoverState.UNKNOWN).select_related("job")
        ),
        *(f"{one.kind} of job {one.job_id} is {one.state}, {one.wait_reason}, {one.error}" for one in stops),
    ]
