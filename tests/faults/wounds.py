"""What vendors and sockets do wrong: one room at a time, in rooms that no kill hits just then."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

from tests.props.steps import FAULTS

if TYPE_CHECKING:
    from dashboard.jobs.models import Job
    from tests.faults.house import House
    from tests.faults.run import Run

Wound = tuple[str, dict[str, Any], int | None, float | None]
"""Kind of the sandbox's fault, its parameters, for how many hits, for how many seconds."""

SOCKETS: tuple[Wound, ...] = tuple(
    one for one in FAULTS if one[0] in ("drop_socket", "half_open", "swallow_frame", "swallow_notices", "freeze")
)
VENDORS: tuple[Wound, ...] = (
    *(one for one in FAULTS if one not in SOCKETS and one[0] not in ("outage", "expire_tokens")),
    ("forge_callback", {}, 3, None),
    ("session_end", {}, None, None),
)
#: A fault that was never met is over after this.
LONGEST_S = 30.0
#: Statuses that a vendor gives to a session that it ends by itself.
_ENDS = {"softsugar": 50, "metastudio": "FAILED"}
#: The calls that carry sentences.
_WORDS = {"softsugar": "command_cancel", "metastudio": "execute_smart_live_command"}


class Wounds:
    def __init__(self, run: Run, dice: Random, hit: set[str]) -> None:
        self._run, self._dice, self._hit = run, dice, hit
        self._queues: dict[str, list[Wound]] = {"vendor": [], "socket": []}

    async def go_on(self, every_s: float, most: int) -> None:
        """One of each family in every span, until both were `most`; cancelled earlier where the run ends first."""
        done = {"vendor": 0, "socket": 0}
        while min(done.values()) < most:
            await asyncio.sleep(every_s * self._dice.uniform(0.6, 1.4))
            for family in done:
                done[family] += await self.inflict(family)

    async def inflict(self, family: str) -> bool:
        found = await self._somewhere()
        if found is None:
            return False
        room, job = found
        kind, params, count, for_s = self._next(family)
        body: dict[str, Any] = {"kind": kind, "vendor": room.vendor, "session": job.vendor_ref, "params": dict(params)}
        if kind == "session_end":
            body["params"] = {"status": _ENDS[room.vendor]}
        if kind in ("latency", "error", "timeout_before", "timeout_after", "refuse") and self._dice.random() < 0.7:
            body["endpoint"] = _WORDS[room.vendor]
        body |= {name: value for name, value in (("count", count), ("for_s", for_s or LONGEST_S)) if value is not None}
        answer = await self._run.control.post("/sandbox/faults", json=body)
        self._run.books.count(f"{family} faults")
        self._run.books.count(f"  {family}: {kind}")
        if answer.status_code != 201:
            self._run.books.fault(f"the sandbox does not take {body}: {answer.text}")
        return True

    def _next(self, family: str) -> Wound:
        """All kinds before any comes again."""
        queue = self._queues[family]
        if not queue:
            queue += VENDORS if family == "vendor" else SOCKETS
            self._dice.shuffle(queue)
        return queue.pop()

    async def _somewhere(self) -> tuple[House, Job] | None:
        """A room on air whose relay is not being killed or held."""
        run = self._run
        owners = await asyncio.to_thread(_quietly, run.place.owners)
        rooms = [room for room in run.rooms if room.code not in run.quiet]
        self._dice.shuffle(rooms)
        for room in rooms:
            job = await run.job(room)
            if job is None or not job.vendor_ref or job.state != "live":
                continue
            if owners.get(job.pk, "") not in self._hit:
                return room, job
        return None


def _quietly(look: Any) -> dict[int, str]:
    try:
        return dict(look())
    except Exception:  # noqa: BLE001  the database is away: nobody knows who keeps what
        return {}
