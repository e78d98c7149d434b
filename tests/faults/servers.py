"""What hits everybody: servers that stop, a vendor that is out, clocks that differ, storms of callbacks, restarts."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

import httpx
from django.urls import reverse

from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.vendors.models import VendorAccount, VendorKind
from tests.faults.place import RELAYS, WEBS
from tests.scaled.stack import STOP_WITHIN_S

if TYPE_CHECKING:
    from tests.faults.run import Run

VENDORS = ("softsugar", "metastudio")
_END = {"softsugar": {"status": 50}, "metastudio": {"status": "FAILED"}}


async def redis_goes(run: Run, for_s: float) -> None:
    run.books.note(f"Redis is stopped for {for_s:.0f} s")
    run.place.redis.stop()
    await asyncio.sleep(for_s)
    await asyncio.to_thread(run.place.redis.start)
    run.books.count("Redis stopped and started")


async def postgres_goes(run: Run, for_s: float, *, at_once: bool) -> None:
    run.books.note(f"PostgreSQL {'crashes' if at_once else 'is stopped'} for {for_s:.0f} s")
    await asyncio.to_thread(lambda: run.place.postgres.stop(at_once=at_once))
    await asyncio.sleep(for_s)
    await asyncio.to_thread(run.place.postgres.start)
    run.books.count("PostgreSQL stopped and started")


async def outage(run: Run, vendor: str, for_s: float, *, hang_up: bool) -> None:
    """Two of its rooms end meanwhile, and nobody can tell us."""
    run.books.note(f"{vendor} is out for {for_s:.0f} s")
    body = {"kind": "outage", "vendor": vendor, "for_s": for_s, "params": {"hang_up": True} if hang_up else {}}
    (await run.control.post("/sandbox/faults", json=body)).raise_for_status()
    for room in [room for room in run.rooms if room.vendor == vendor and room.code not in run.quiet][:2]:
        job = await run.job(room)
        if job is None or not job.vendor_ref:
            continue
        who = {"vendor": vendor, "session": job.vendor_ref}
        for kind, params in (("half_open", {"seconds": 120}), ("drop_callback", {}), ("session_end", _END[vendor])):
            body = {"kind": kind, **who, "params": params, "for_s": for_s}
            (await run.control.post("/sandbox/faults", json=body)).raise_for_status()
    # Without a heartbeat SoftSugar ends every session after 75 s; people start what is off air.
    await asyncio.sleep(for_s)
    run.books.count("vendor outages")


async def clocks_differ(run: Run, seconds: int, for_s: float) -> None:
    run.books.note(f"the vendors' clock is {seconds} s off for {for_s:.0f} s")
    body = {"kind": "skew", "for_s": for_s, "params": {"seconds": seconds}}
    (await run.control.post("/sandbox/faults", json=body)).raise_for_status()
    await asyncio.sleep(for_s)
    run.books.count("clocks off by five minutes")


async def storm(run: Run, dice: Random, for_s: float) -> None:
    """All callbacks come several times, late and in another order, with forgeries between them and from outside."""
    run.books.note(f"a storm of callbacks for {for_s:.0f} s")
    for kind, params in (
        ("duplicate_callback", {"times": 6}),
        ("reorder_callback", {}),
        ("forge_callback", {}),
        ("delay_callback", {"seconds": 3}),
    ):
        body = {"kind": kind, "for_s": for_s, "params": params}
        (await run.control.post("/sandbox/faults", json=body)).raise_for_status()
    paths = await in_thread(_addresses)
    limit, until = asyncio.Semaphore(8), time.monotonic() + for_s
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:

        async def forge() -> None:
            body = json.dumps({"code": dice.choice((5, 9, 20, 35)), "sessionId": "".join(dice.choices("abcdef", k=8))})
            async with limit:
                try:
                    answer = await http.post(run.place.url(dice.choice(WEBS)) + dice.choice(paths), content=body)
                except httpx.HTTPError:
                    run.books.count("forgeries without an answer")
                    return
            run.books.count("forgeries")
            if answer.status_code < 400:
                run.books.fault(f"a forged callback was taken: {answer.status_code} {body}")

        while time.monotonic() < until:
            await asyncio.gather(*(forge() for _ in range(20)))
            await asyncio.sleep(0.1)


def _addresses() -> list[str]:
    sugar = VendorAccount.objects.get(vendor=VendorKind.SOFTSUGAR)
    jobs = Job.objects.filter(account__vendor=VendorKind.METASTUDIO).values_list("callback_slug", flat=True)
    return [
        reverse("intake:account_callback", args=[sugar.callback_slug]),
        *(reverse("intake:job_callback", args=[slug]) for slug in jobs),
    ]


async def rolling_restart(run: Run, names: Sequence[str]) -> None:
    """Each process is asked to end and starts anew, one after the other, while all the others work."""
    for name in names:
        took = await asyncio.to_thread(run.place.stop, name)
        run.place.start(name)
        run.books.note(f"{name} restarts, ended in {took:.1f} s")
        if took >= STOP_WITHIN_S:
            run.books.fault(f"{name} did not end by itself within {STOP_WITHIN_S:.0f} s")
        if name in WEBS:
            await asyncio.to_thread(run.place.answers, name)
        if name in RELAYS:
            await run.until(run.kept_by_two, "both relays keep something", 40, fatal=False)
    run.books.count("rolling restarts")
