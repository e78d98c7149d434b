"""A synthetic audience: people who join, comment, like and give, reported to the console as a capture tool would do.

Same seed and same order of requests: same events. The bodies are those of MetaStudio's live-event-report (002:10020).
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx

from dashboard.sandbox.audience_words import COMMENTS, GIFTS, NAMES, QUESTIONS
from dashboard.sandbox.clock import WorldClock
from dashboard.sandbox.faults import Faults, Target

COMMENT, JOIN, LIKE, GIFT, VIEWERS = 1, 2, 3, 4, 6
SHARES = ((COMMENT, 46), (JOIN, 24), (LIKE, 20), (GIFT, 4), (VIEWERS, 6))
QUESTION_SHARE = 0.35
BATCH_EVERY_S = 1.0
BATCH_LIMIT = 200
KEEP = 5_000
"""Events that wait while the intake does not answer; beyond it the oldest are lost, and counted."""
TIMEOUT_S = 5.0
BUSIEST_PER_S = 1_000.0
BIGGEST_STEP_S = 600.0
"""After a long jump of the world only this much of the audience's doing is made up."""


@dataclass(slots=True)
class Crowd:
    job: str
    url: str
    rate_per_s: float
    seed: int
    dice: random.Random
    next_at: float
    viewers: int = 0
    waiting: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEEP))
    made: int = 0
    delivered: int = 0
    lost: int = 0
    last_status: int | None = None

    def make(self, timestamp_ms: int) -> dict[str, Any]:
        """The next event; the dice alone decide it."""
        dice = self.dice
        kind = dice.choices([share[0] for share in SHARES], [share[1] for share in SHARES])[0]
        content: dict[str, Any]
        if kind == VIEWERS:
            self.viewers = max(1, self.viewers + dice.randint(-6, 9))
            content = {"numberOfViewers": self.viewers}
        else:
            content = {"user": self._person()}
        if kind == COMMENT:
            content["content"] = dice.choice(QUESTIONS if dice.random() < QUESTION_SHARE else COMMENTS)
        elif kind == GIFT:
            name, value = dice.choice(GIFTS)
            number = dice.choice((1, 1, 1, 2, 5, 10))
            content["gift"] = {"giftName": name, "giftNum": number, "totalValue": number * value, "giftValue": value}
        elif kind == JOIN:
            self.viewers += 1
        self.made += 1
        return {"timestamp": timestamp_ms, "type": kind, "content": json.dumps(content, ensure_ascii=False)}

    def _person(self) -> dict[str, Any]:
        number = self.dice.randrange(400)
        return {
            "userId": f"sim-{self.seed}-{number:03d}",
            "name": NAMES[number % len(NAMES)] + (str(number) if number >= len(NAMES) else ""),
            "level": 1 + number % 40,
            "badge": "",
            "badgeLevel": 0,
        }

    def keep(self, event: dict[str, Any]) -> None:
        if len(self.waiting) == KEEP:
            self.lost += 1
        self.waiting.append(event)


class Audience:
    def __init__(self, clock: WorldClock, faults: Faults) -> None:
        self._clock = clock
        self._faults = faults
        self._crowds: dict[str, Crowd] = {}
        self._client: httpx.AsyncClient | None = None
        self._senders: dict[str, asyncio.Task[None]] = {}
        self._sent_at: dict[str, float] = {}

    def put(self, job: str, *, url: str, rate_per_s: float, seed: int) -> None:
        """A crowd for this job. Its address or rate may change; the same seed keeps its course."""
        if not url.startswith(("http://", "https://")):
            raise ValueError("url must be http or https")
        crowd = self._crowds.get(job)
        if crowd is not None and crowd.seed == seed:
            crowd.url, crowd.rate_per_s = url, rate_per_s
            return
        dice = random.Random(seed)
        first = self._clock.now() + dice.expovariate(rate_per_s)
        self._crowds[job] = Crowd(job, url, rate_per_s, seed, dice, first, viewers=dice.randint(40, 400))

    def remove(self, job: str) -> None:
        self._crowds.pop(job, None)

    def clear(self) -> None:
        self._crowds.clear()

    def advance(self, now: float) -> bool:
        """Let people act up to world time `now`, then report about each (real) second. True: somebody did something."""
        before = sum(crowd.made for crowd in self._crowds.values())
        for crowd in self._crowds.values():
            crowd.next_at = max(crowd.next_at, now - BIGGEST_STEP_S)
            rate = self._rate(crowd)
            while crowd.next_at <= now:
                crowd.keep(crowd.make(self._clock.wall_ms_at(crowd.next_at)))
                crowd.next_at += crowd.dice.expovariate(rate)
            self._send_if_due(crowd)
        return before != sum(crowd.made for crowd in self._crowds.values())

    def _rate(self, crowd: Crowd) -> float:
        flood = self._faults.peek("flood", Target("", None, crowd.job))
        return min(BUSIEST_PER_S, crowd.rate_per_s * (float(flood.params.get("times", 20)) if flood else 1.0))

    def _send_if_due(self, crowd: Crowd) -> None:
        real = self._clock.real()
        if not crowd.waiting or real - self._sent_at.get(crowd.job, -BATCH_EVERY_S) < BATCH_EVERY_S:
            return
        sender = self._senders.get(crowd.job)
        if sender is not None and not sender.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # A pure test of the world.
        self._sent_at[crowd.job] = real
        self._senders[crowd.job] = loop.create_task(self._report(crowd), name=f"audience:{crowd.job}")

    async def _report(self, crowd: Crowd) -> None:
        """One batch, oldest first; it leaves the buffer only when it was taken."""
        batch = [crowd.waiting[number] for number in range(min(BATCH_LIMIT, len(crowd.waiting)))]
        body = json.dumps({"total": len(batch), "events": batch}, ensure_ascii=False).encode()
        crowd.last_status = await self._post(crowd.url, body)
        if 200 <= crowd.last_status < 300:
            crowd.delivered += len(batch)
            taken = {id(event) for event in batch}
            # Some of them may have been pushed out by newer ones meanwhile.
            while crowd.waiting and id(crowd.waiting[0]) in taken:
                crowd.waiting.popleft()

    async def _post(self, url: str, body: bytes) -> int:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
        try:
            answer = await self._client.post(url, content=body, headers={"Content-Type": "application/json"})
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0
        return answer.status_code

    async def settle(self) -> None:
        """Wait for the reports that are under way; for tests."""
        if self._senders:
            await asyncio.wait(list(self._senders.values()))

    async def close(self) -> None:
        for sender in self._senders.values():
            sender.cancel()
        await asyncio.gather(*self._senders.values(), return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def overview(self) -> list[dict[str, Any]]:
        return [
            {
                "job": one.job,
                "url": one.url,
                "rate_per_s": one.rate_per_s,
                "seed": one.seed,
                "viewers": one.viewers,
                "made": one.made,
                "delivered": one.delivered,
                "waiting": len(one.waiting),
                "lost": one.lost,
                "last_status": one.last_status,
            }
            for one in self._crowds.values()
        ]

    def snapshot(self) -> dict[str, Any]:
        return {"crowds": [_saved(crowd) for crowd in self._crowds.values()]}

    def restore(self, saved: dict[str, Any]) -> None:
        for row in saved["crowds"]:
            dice = random.Random()
            version, numbers, gauss = row["dice"]
            dice.setstate((version, tuple(numbers), gauss))
            waiting: deque[dict[str, Any]] = deque(row["waiting"], maxlen=KEEP)
            self._crowds[row["job"]] = Crowd(**{**row, "dice": dice, "waiting": waiting})


def _saved(crowd: Crowd) -> dict[str, Any]:
    plain = {name: getattr(crowd, name) for name in Crowd.__slots__}
    return {**plain, "dice": crowd.dice.getstate(), "waiting": list(crowd.waiting)}
