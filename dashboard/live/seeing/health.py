"""Whether this process lives, and whether the installation around it is whole; said to anybody, so it says little."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.conf import settings

from dashboard.lib import clock
from dashboard.live import exchange
from dashboard.live.models import Process, ProcessKind
from dashboard.live.seeing import reports
from dashboard.live.seeing.beats import Beat, Beats
from dashboard.live.seeing.look import Look, NoAnswer
from dashboard.vendors.models import Relay

#: Every process hears itself by the layer every 2 s: three in a row are missing.
LAYER_SILENT_S = 6.0
CHECKS = ("database", "layer", "relays", "worker")

_began_at = clock.monotonic()


@dataclass(frozen=True, slots=True)
class Check:
    """`age_s`: how old what it says is; None where there never was anything."""

    ok: bool
    age_s: float | None
    says: str


@dataclass(frozen=True, slots=True)
class Rows:
    relays: list[Beat]
    workers: list[Beat]


def _read() -> Rows:
    """Two queries; that they are answered is the check of the database."""
    relays = Relay.objects.filter(leaving=False).values_list("name", "beat", "alive_until")
    workers = Process.objects.filter(kind=ProcessKind.WORKER).values_list("name", "beat", "beat_at")
    lived = timedelta(seconds=settings.RELAY_DEAD_AFTER_S)
    return Rows(
        relays=[Beat(name, beat, until - lived) for name, beat, until in relays],
        workers=[Beat(name, beat, at) for name, beat, at in workers],
    )


class Readiness:
    def __init__(self) -> None:
        self._look = Look(_read)
        self._beats = Beats()

    async def checks(self, only: Collection[str] = CHECKS) -> dict[str, Check]:
        """Those of `only` that this installation has; within about a second, whatever hangs."""
        found: dict[str, Check] = {}
        if "layer" in only and settings.REDIS_URL:
            found["layer"] = _layer()
        if not {"database", "relays", "worker"} & set(only):
            return found
        try:
            rows, age_s = await self._look.now()
        except NoAnswer as silence:
            found["database"] = Check(False, round(silence.silent_s, 1), "The database does not answer.")
            return found
        ages = self._beats.ages([*rows.relays, *rows.workers])
        found["database"] = Check(True, round(age_s, 1), "The database answers.")
        found["relays"] = _relays([ages[beat.name] for beat in rows.relays])
        if rows.workers:
            found["worker"] = _workers([ages[beat.name] for beat in rows.workers])
        return {name: check for name, check in found.items() if name in only or (not check.ok and name == "database")}


def _layer() -> Check:
    heard_at = exchange.heard_at()
    if heard_at is None:
        return Check(False, None, "This process has not heard itself by the channel layer yet.")
    age_s = clock.monotonic() - heard_at
    if age_s > LAYER_SILENT_S:
        return Check(False, round(age_s, 1), "The channel layer is silent; changes come a second late.")
    return Check(True, round(age_s, 1), "The channel layer carries wake-ups.")


def _relays(ages: list[float]) -> Check:
    living = [age for age in ages if age <= settings.RELAY_DEAD_AFTER_S]
    age_s = round(min(ages), 1) if ages else None
    if not living:
        return Check(False, age_s, "No relay beats: nothing is sent to vendors, and nothing heard from them.")
    return Check(True, age_s, "A relay beats." if len(living) == 1 else f"{len(living)} relays beat.")


def _workers(ages: list[float]) -> Check:
    age_s = min(ages)
    if age_s > reports.DEAD_AFTER_S:
        return Check(False, round(age_s, 1), "No worker beats: archiving, seals and clean-up wait.")
    return Check(True, round(age_s, 1), "A worker beats.")


def alive() -> dict[str, object]:
    """What `/healthz` says: that it can say it."""
    check = Check(True, round(clock.monotonic() - _began_at, 1), "The process answers since its start.")
    return {"status": "ok", "checks": {"process": asdict(check)}}


def told(checks: dict[str, Check]) -> dict[str, object]:
    """What `/readyz` says."""
    status = "ready" if all(check.ok for check in checks.values()) else "not ready"
    return {"status": status, "checks": {name: asdict(check) for name, check in checks.items()}}
