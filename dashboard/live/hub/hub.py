"""One per process: hears of changed topics once, renders once per variant, and hands the same text to every socket.

State goes out at once, then at most every 50 ms per topic; counters and feeds at most four times a second. A slow
browser keeps a bounded queue; when that is full it gets the current state instead of a backlog.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from django.conf import settings

from dashboard.events import notices, selectors
from dashboard.events.notices import Notice
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.hub import access, frames, freshness
from dashboard.live.hub.frames import Variant

logger = logging.getLogger(__name__)

STATE_GAP_S = 0.05
COUNTER_GAP_S = 0.25
LONGEST_QUEUE = 64
CLOSE_SIGNED_OUT = 4401
CLOSE_ACCESS_CHANGED = 4403


@dataclass(eq=False, slots=True)
class Client:
    """One open socket. `close(code)` ends it; `wake` tells its writer that `outbox` has something."""

    user_id: int
    session_key: str
    access_epoch: int
    teams: frozenset[int]
    close: Callable[[int], object]
    variant: Variant
    topics: dict[str, int] = field(default_factory=dict)
    outbox: deque[str] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    overflowed: bool = False

    def push(self, text: str) -> None:
        if len(self.outbox) >= LONGEST_QUEUE:
            self.outbox.clear()
            self.overflowed = True
        self.outbox.append(text)
        self.wake.set()


class Hub:
    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._by_topic: dict[str, set[Client]] = {}
        self._team_of: dict[str, int] = {}
        self._cursor: dict[str, int] = {}
        self._flushed_at: dict[str, float] = {}
        self._scheduled: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        self._sent: dict[str, frames.Sent] = {}
        self._summaries: dict[tuple[str, str], str] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stop_listening: Callable[[], None] | None = None

    # ---------------------------------------------------------------------------------------------------------- clients

    def add(self, client: Client) -> None:
        self._clients.add(client)
        if not self._tasks:
            self._stop_listening = notices.listen(self._on_notice)
            self._tasks = [
                asyncio.create_task(self._every(1.0, self._heal), name="hub:heal"),
                asyncio.create_task(self._every(settings.HUB_TICK_EVERY_S / 2, self._tick), name="hub:tick"),
            ]

    def remove(self, client: Client) -> None:
        self._clients.discard(client)
        self.unsubscribe(client, list(client.topics))
        if not self._clients:
            self._rest()

    def _rest(self) -> None:
        """Nobody looks: no queries, no tasks."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        if self._stop_listening:
            self._stop_listening()
            self._stop_listening = None
        self._cursor.clear()
        self._flushed_at.clear()
        self._locks.clear()
        self._summaries.clear()

    async def subscribe(self, client: Client, topics: dict[str, int]) -> None:
        """Join before reading what happened since, so that nothing falls between."""
        seen = await in_thread(access.visible, list(topics), client.teams)
        for topic, since in topics.items():
            if topic not in seen:
                client.push(frames.encode({"t": "denied", "topic": topic}))
                continue
            self._team_of[topic] = seen[topic]
            async with self._lock(topic):
                self._by_topic.setdefault(topic, set()).add(client)
                # The newcomer's page may show something between two flushes: the next one leaves nothing out.
                self._sent.pop(topic, None)
                client.topics[topic] = since
                seq, texts = await in_thread(frames.current, topic, since, client.variant)
                self._cursor.setdefault(topic, seq)
                client.topics[topic] = max(since, seq)
                if topic.startswith("team:"):
                    # Summaries go out only when they change: who comes, or comes back, gets the present one.
                    texts = [*texts, await in_thread(frames.summary, topic, seq, client.variant.language)]
                for text in texts:
                    client.push(text)

    def unsubscribe(self, client: Client, topics: list[str]) -> None:
        for topic in topics:
            client.topics.pop(topic, None)
            subscribers = self._by_topic.get(topic)
            if subscribers is not None:
                subscribers.discard(client)
                if not subscribers:
                    del self._by_topic[topic]
                    self._cursor.pop(topic, None)
                    self._sent.pop(topic, None)

    async def resync(self, client: Client, send: Callable[[str], Awaitable[None]]) -> None:
        """The browser was too slow for the backlog: everything it shows, as it is now, no faster than it takes it.

        Past the queue: a page of many topics would overflow it once more, for ever.
        """
        client.overflowed = False
        for topic in list(client.topics):
            _, texts = await in_thread(frames.current, topic, 0, client.variant)
            for text in texts:
                await send(text)

    # --------------------------------------------------------------------------------------------------------- flushing

    def _on_notice(self, notice: Notice) -> None:
        if notice.topic in self._by_topic:
            self._schedule(notice.topic)

    def _schedule(self, topic: str) -> None:
        if topic in self._scheduled:
            self._again.add(topic)
            return
        wait = max(0.0, self._flushed_at.get(topic, 0.0) + STATE_GAP_S - clock.monotonic())
        self._scheduled[topic] = asyncio.create_task(self._flush_after(topic, wait), name=f"flush:{topic}")

    async def _flush_after(self, topic: str, wait: float) -> None:
        try:
            if wait:
                await asyncio.sleep(wait)
            self._again.discard(topic)
            await self._flush(topic)
        except Exception:
            logger.exception("topic %s was not flushed; the next second tries again", topic)
        finally:
            self._scheduled.pop(topic, None)
            if topic in self._again and topic in self._by_topic:
                self._again.discard(topic)
                self._schedule(topic)

    async def _flush(self, topic: str) -> None:
        async with self._lock(topic):
            clients = list(self._by_topic.get(topic, ()))
            if not clients:
                return
            self._flushed_at[topic] = clock.monotonic()
            since = self._cursor.get(topic, 0)
            flushed = await in_thread(
                frames.flush,
                topic,
                since,
                {client.variant for client in clients},
                self._sent.setdefault(topic, {}),
            )
            for client in clients:
                for text in flushed.frames.get(client.variant, ()):
                    client.push(text)
                if topic in client.topics:
                    client.topics[topic] = max(client.topics[topic], flushed.seq)
            if topic in self._by_topic:
                self._cursor[topic] = max(since, flushed.seq)
        if flushed.frames and not flushed.state_moved:
            # Only the audience moved: leave it a quarter of a second, a state change meanwhile waits at most that long.
            self._flushed_at[topic] = clock.monotonic() + COUNTER_GAP_S - STATE_GAP_S

    def _lock(self, topic: str) -> asyncio.Lock:
        return self._locks.setdefault(topic, asyncio.Lock())

    # ----------------------------------------------------------------------------------------------------- every second

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception:
                logger.exception("the hub's round failed; the next one tries again")

    async def _heal(self) -> None:
        """Lost notices and ended logins, both within a second."""
        now = await in_thread(selectors.sequences, list(self._by_topic))
        for topic, seq in now.items():
            if seq > self._cursor.get(topic, seq):
                self._schedule(topic)
        await self._summarise()
        clients = list(self._clients)
        epochs = await in_thread(access.current_epochs, {client.user_id for client in clients})
        sessions = await in_thread(access.living_sessions, {client.session_key for client in clients})
        for client in clients:
            if client.session_key not in sessions or client.user_id not in epochs:
                client.close(CLOSE_SIGNED_OUT)
            elif epochs[client.user_id] != client.access_epoch:
                client.close(CLOSE_ACCESS_CHANGED)

    async def _summarise(self) -> None:
        """The strip's counts, at most once a second, and only where they changed."""
        for topic in [topic for topic in self._by_topic if topic.startswith("team:")]:
            clients = list(self._by_topic.get(topic, ()))
            for language in {client.variant.language for client in clients}:
                text = await in_thread(frames.summary, topic, self._cursor.get(topic, 0), language)
                if self._summaries.get((topic, language)) == text:
                    continue
                self._summaries[topic, language] = text
                for client in clients:
                    if client.variant.language == language:
                        client.push(text)

    async def _tick(self) -> None:
        by_team: dict[frozenset[int], list[Client]] = {}
        for client in self._clients:
            by_team.setdefault(client.teams, []).append(client)
        for teams, clients in by_team.items():
            text = frames.tick(await in_thread(freshness.of_teams, teams))
            for client in clients:
                client.push(text)


hub = Hub()


async def run_writer(client: Client, send: Callable[[str], Awaitable[None]]) -> None:
    """Send what the client's queue holds, one text after the other, until cancelled."""
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            await client.wake.wait()
            client.wake.clear()
            while client.outbox:
                await send(client.outbox.popleft())
            if client.overflowed:
                await hub.resync(client, send)
