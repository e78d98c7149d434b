"""Vendors' callbacks to the console: in order per session, retried, in tasks of their own, never in the world's way."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx

from dashboard.sandbox.clock import WorldClock
from dashboard.sandbox.faults import Fault, Faults, Target

logger = logging.getLogger(__name__)

WAITS_S = (1.0, 2.0, 5.0, 15.0)
"""Before the 2nd, 3rd … try; retries are documented nowhere (A7), these are ours."""
TIMEOUT_S = 5.0
KEEP_PER_SESSION = 500
KEEP_DONE = 2_000
AT_ONCE = 32
HELD_AT_MOST_S = 3.0


@dataclass(slots=True)
class Callback:
    vendor: str
    session: str
    url: str
    body: str
    event: str = ""
    """What it tells, for faults (`endpoint`) and for the list of what was sent."""
    forged: bool = False
    was_held: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    """For the signer; must be JSON."""


Signer = Callable[[Callback, datetime], tuple[str, dict[str, str]]]
"""Gives the final URL and the headers; asked at each try, since signatures carry the time."""

Post = Callable[[str, bytes, dict[str, str]], Awaitable[int]]


class CallbackSender:
    def __init__(self, clock: WorldClock, faults: Faults, post: Post | None = None) -> None:
        self._clock = clock
        self._faults = faults
        self._post = post or self._post_by_http
        self._client: httpx.AsyncClient | None = None
        self._waiting: dict[tuple[str, str], deque[Callback]] = {}
        self._workers: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._held: dict[tuple[str, str], Callback] = {}
        self._holders: set[asyncio.Task[None]] = set()
        self.signers: dict[str, Signer] = {}
        self.done: deque[dict[str, Any]] = deque(maxlen=KEEP_DONE)
        self.counts = {"sent": 0, "failed": 0, "dropped": 0}

    def send(self, callback: Callback) -> None:
        """Take it over; it leaves by itself. Without an address there is nothing to do."""
        if not callback.url:
            return
        key = (callback.vendor, callback.session)
        queue = self._waiting.setdefault(key, deque())
        if len(queue) >= KEEP_PER_SESSION:
            queue.popleft()
            self.counts["dropped"] += 1
        queue.append(callback)
        self._wake(key)

    def _wake(self, key: tuple[str, str]) -> None:
        worker = self._workers.get(key)
        if worker is not None and not worker.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # No server yet (a restored state, a pure test): start() wakes all.
        self._workers[key] = loop.create_task(self._drain_one(key), name=f"callbacks:{key[0]}:{key[1]}")

    def start(self) -> None:
        for key in list(self._waiting):
            self._wake(key)

    async def _drain_one(self, key: tuple[str, str]) -> None:
        queue = self._waiting[key]
        while queue:
            callback = queue[0]
            await self._deliver(key, callback)
            # A reset, or a queue that overflowed, may have taken it out meanwhile.
            if queue and queue[0] is callback:
                queue.popleft()
        self._waiting.pop(key, None)
        self._workers.pop(key, None)

    async def _deliver(self, key: tuple[str, str], callback: Callback) -> None:
        target = Target(callback.vendor, callback.event or None, callback.session)
        if self._faults.take("drop_callback", target):
            self.counts["dropped"] += 1
            return
        if delay := self._faults.take("delay_callback", target):
            await self._clock.source.sleep(float(delay.params.get("seconds", 5.0)))
        if forge := self._faults.take("forge_callback", target):
            await self._try(_forged(callback, forge))
        if not callback.was_held and key not in self._held and self._faults.take("reorder_callback", target):
            self._hold(key, callback)
            return
        times = 1
        if duplicate := self._faults.take("duplicate_callback", target):
            times = int(duplicate.params.get("times", 2))
        await self._send_until_taken(callback, times)
        if (late := self._held.pop(key, None)) is not None:
            await self._send_until_taken(late, 1)

    def _hold(self, key: tuple[str, str], callback: Callback) -> None:
        """Until the next one has left; when none comes, a while later anyway."""
        callback.was_held = True
        self._held[key] = callback
        task = asyncio.get_running_loop().create_task(self._let_go(key), name=f"callbacks:held:{key[1]}")
        self._holders.add(task)
        task.add_done_callback(self._holders.discard)

    async def _let_go(self, key: tuple[str, str]) -> None:
        await self._clock.source.sleep(HELD_AT_MOST_S)
        if (late := self._held.pop(key, None)) is not None:
            self.send(late)

    async def _send_until_taken(self, callback: Callback, times: int) -> None:
        for wait in (*WAITS_S, None):
            sealed = self._seal(callback)
            if await self._try(callback, sealed):
                for _ in range(times - 1):
                    await self._try(callback, sealed)
                return
            if wait is None:
                break
            await self._clock.source.sleep(wait)
        logger.warning("callback given up vendor=%s session=%s", callback.vendor, callback.session)

    def _seal(self, callback: Callback) -> tuple[str, dict[str, str]]:
        signer = self.signers.get(callback.vendor)
        url, headers = (callback.url, {}) if signer is None else signer(callback, self._clock.wall())
        if callback.forged:
            headers = {name: _spoilt(value) for name, value in headers.items()}
            url = _spoilt_url(callback.url, url)
        return url, {"Content-Type": "application/json", **headers}

    async def _try(self, callback: Callback, sealed: tuple[str, dict[str, str]] | None = None) -> bool:
        url, headers = sealed or self._seal(callback)
        async with self._turn:
            status = await self._post(url, callback.body.encode(), headers)
        taken = 200 <= status < 300
        self.counts["sent" if taken else "failed"] += 1
        self.done.append(
            {**asdict(callback), "url": url, "status": status, "real": self._clock.source.now().isoformat()}
        )
        return taken

    async def _post_by_http(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The status, or 0 when there was no answer."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
        try:
            answer = await self._client.post(url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0
        return answer.status_code

    @property
    def is_idle(self) -> bool:
        """Whether everything that was told has left, or was given up."""
        return not self._waiting and not self._held

    async def idle(self) -> None:
        """Wait until nothing is left to send; for tests and a clean stop."""
        while self._workers:
            await asyncio.wait(list(self._workers.values()))
            await asyncio.sleep(0)

    def forget_waiting(self) -> None:
        for queue in self._waiting.values():
            queue.clear()
        self._held.clear()

    async def close(self) -> None:
        tasks = [*self._workers.values(), *self._holders]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._workers.clear()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def snapshot(self) -> dict[str, Any]:
        waiting = [callback for queue in self._waiting.values() for callback in queue]
        rows = [asdict(callback) for callback in [*self._held.values(), *waiting]]
        return {"waiting": rows, "counts": dict(self.counts)}

    def restore(self, saved: dict[str, Any]) -> None:
        self.counts.update(saved["counts"])
        for row in saved["waiting"]:
            callback = Callback(**row)
            self._waiting.setdefault((callback.vendor, callback.session), deque()).append(callback)


def _forged(callback: Callback, fault: Fault) -> Callback:
    body = fault.params.get("body", callback.body)
    text = body if isinstance(body, str) else httpx.Request("POST", "http://x", json=body).content.decode()
    return replace(callback, body=text, forged=True)


def _spoilt(value: str) -> str:
    return ("0" if value[:1] != "0" else "1") + value[1:]


def _spoilt_url(plain: str, signed: str) -> str:
    """A signature in the query is made wrong too."""
    return plain + signed[len(plain) :].swapcase().replace("=", "=0", 1) if signed.startswith(plain) else signed
