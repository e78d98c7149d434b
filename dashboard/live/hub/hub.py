"""One per process: hears of changed topics once, renders once per variant, and hands the same text to every socket.

State goes out after 5 ms, then at most every 20 ms per topic; feeds at most four times a second, counters once.
Where no page shows a topic's feed, what its audience does waits for the counters.
A slow browser holds up nobody: what it does not take waits as the newest of each region (`backlog.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from django.conf import settings

from dashboard.events import notices, selectors
from dashboard.events.notices import Notice
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.hub import access, frames, freshness
from dashboard.live.hub.client import Client, Told, push_all
from dashboard.live.hub.frames import Variant
from dashboard.live.hub.renderer import renderer
from dashboard.live.hub.topic import STATE_GAP_S, WIDEST_GAP_S, Greeting, Topic

logger = logging.getLogger(__name__)

CLOSE_SIGNED_OUT = 4401
CLOSE_ACCESS_CHANGED = 4403


class Hub:
    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._topics: dict[str, Topic] = {}
        #: Topics whose time has come, in that order, and the one task that flushes them.
        self._due: dict[str, Topic] = {}
        self._called = asyncio.Event()
        self._flushing: asyncio.Task[None] | None = None
        self._gap = STATE_GAP_S
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
                asyncio.create_task(self._every(1.0, self._close_ended), name="hub:logins"),
                asyncio.create_task(self._every(1.0, self._summarise), name="hub:strip"),
                asyncio.create_task(self._every(settings.HUB_TICK_EVERY_S / 2, self._tick), name="hub:tick"),
            ]
        if self._flushing is None or self._flushing.done():
            self._called = asyncio.Event()  # of this loop: the one before may have ended with another
            self._flushing = asyncio.create_task(self._flush_due(), name="hub:flush")

    def counts(self) -> tuple[int, int]:
        """Browsers that are connected to this process, and topics that they follow."""
        return len(self._clients), len(self._topics)

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
        self._topics.clear()
        self._summaries.clear()
        self._called.set()  # the flushing task looks, finds nobody, and ends

    async def subscribe(self, client: Client, topics: dict[str, int]) -> None:
        """Join before reading what happened since, so that nothing falls between."""
        seen = await in_thread(access.visible, list(topics), client.teams)
        for name, since in topics.items():
            if name not in seen:
                client.push(Told(frames.encode({"t": "denied", "topic": name})))
                continue
            topic = self._topics.setdefault(name, Topic(name))
            async with topic.lock:
                topic.join(client, clock.monotonic())
                client.topics.add(name)
                # The newcomer's page may show something between two flushes: in the next one nothing is "as before".
                topic.sent.clear()
                greeting = await self._greeting(topic, since, client.variant)
                if topic.cursor is None:
                    topic.cursor = greeting.seq
                for told in greeting.told if greeting.seq > since else ():
                    client.push(told)
                if name.startswith("team:"):
                    # Summaries go out only when they change: who comes, or comes back, gets the present one.
                    client.push(await self._summary(topic, greeting.seq, client.variant.language))
            self._plan(topic)  # what was told while the first of its pages was greeted
            self._called.set()

    async def _greeting(self, topic: Topic, since: int, variant: Variant) -> Greeting:
        """What makes a page true that knows the topic up to `since`; the topic's lock is held."""
        if (kept := topic.greeting(variant)) is not None:
            return kept
        at = clock.monotonic()
        seq, texts = await in_thread(frames.current, topic.name, since, variant)
        made = Greeting(seq, tuple(map(Told, texts)), at)
        if texts and not frames.has_feed(topic.name, variant):  # rows of a feed depend on what the page has already
            topic.greetings[variant] = made
        return made

    async def _summary(self, topic: Topic, seq: int, language: str) -> Told:
        # What the others show; the round of each second corrects it for all.
        if sum(map(len, topic.clients.values())) > 1 and (text := self._summaries.get((topic.name, language))):
            return Told(text)
        return Told(await in_thread(frames.summary, topic.name, seq, language))

    def unsubscribe(self, client: Client, names: list[str]) -> None:
        for name in names:
            client.topics.discard(name)
            if (topic := self._topics.get(name)) is not None:
                topic.leave(client)

    # --------------------------------------------------------------------------------------------------------- flushing

    def _on_notice(self, notice: Notice) -> None:
        if (topic := self._topics.get(notice.topic)) is not None:
            topic.tell(notice.seq, is_urgent=notice.is_urgent)
            self._plan(topic)

    def _plan(self, topic: Topic) -> None:
        """Set the topic's timer to when its next flush is due; never later than it was set to."""
        now = clock.monotonic()
        at = topic.due_at(now, self._gap)
        if at is None or topic.name in self._due or (topic.timer is not None and topic.timer_at <= at):
            return
        topic.forget_timer()
        topic.timer_at = at
        topic.timer = asyncio.get_running_loop().call_later(max(0.0, at - now), self._call, topic)

    def _call(self, topic: Topic) -> None:
        topic.timer = None
        self._due[topic.name] = topic
        self._called.set()

    async def _flush_due(self) -> None:
        """One topic after the other: rendering is Python from end to end, a second thread would only take turns."""
        while self._clients:
            # Whoever greets a page of a topic holds its lock, and calls when that is done.
            free = [topic for topic in self._due.values() if not topic.lock.locked()]
            if not free:
                self._called.clear()
                await self._called.wait()
                continue
            topic = next((topic for topic in free if topic.is_urgent), free[0])
            del self._due[topic.name]
            try:
                await self._flush(topic)
                self._plan(topic)
            except Exception:
                logger.exception("topic %s was not flushed; the next second tries again", topic.name)
        self._due.clear()

    async def _flush(self, topic: Topic) -> None:
        """Bring the topic's browsers to its present number."""
        async with topic.lock:
            variants = list(topic.clients)
            if not variants or topic.cursor is None:
                return
            now = clock.monotonic()
            flushed = await renderer.run(frames.flush, topic.name, topic.cursor, variants, topic.sent, topic.begin(now))
            # A busy process makes fewer, fuller fragments instead of late ones.
            self._gap = min(WIDEST_GAP_S, max(STATE_GAP_S, 2 * (clock.monotonic() - now)))
            for variant, texts in flushed.frames.items():
                # Nobody joins while the lock is held; who left meanwhile is not there any more.
                push_all(topic.clients.get(variant, ()), texts)
            topic.is_pushed()
            if topic.clients:
                topic.end(flushed, now)

    # ----------------------------------------------------------------------------------------------------- every second

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception:
                logger.exception("the hub's round failed; the next one tries again")

    async def _heal(self) -> None:
        """Lost notices, within a second."""
        followed = {name: topic for name, topic in self._topics.items() if topic.clients}
        for name, seq in (await in_thread(selectors.sequences, list(followed))).items():
            topic = followed[name]
            if topic.cursor is not None and seq > topic.cursor:
                topic.tell(seq, is_urgent=seq > topic.told)  # a notice that came said how urgent it is
            self._plan(topic)

    async def _close_ended(self) -> None:
        """Ended logins and changed roles, within a second."""
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
        for topic in [topic for name, topic in self._topics.items() if name.startswith("team:")]:
            for language in {variant.language for variant in topic.clients}:
                text = await renderer.run(frames.summary, topic.name, topic.cursor or 0, language)
                if self._summaries.get((topic.name, language)) == text:
                    continue
                self._summaries[topic.name, language] = text
                for variant, clients in topic.clients.items():
                    if variant.language == language:
                        push_all(clients, [text])

    async def _tick(self) -> None:
        by_team: dict[frozenset[int], list[Client]] = {}
        for client in self._clients:
            by_team.setdefault(client.teams, []).append(client)
        for teams, clients in by_team.items():
            push_all(clients, [frames.tick(await in_thread(freshness.of_teams, teams))])


hub = Hub()


async def run_writer(client: Client, send: Callable[[str], Awaitable[None]]) -> None:
    """For a server that takes no frames: send what waits, one text after the other, until cancelled."""
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            await client.wake.wait()
            client.wake.clear()
            while (text := client.backlog.take()) is not None:
                await send(text)
