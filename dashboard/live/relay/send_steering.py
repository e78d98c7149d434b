"""Sends what changes a running job: its script, its rules, where its stream goes, layers, material.

A change is never sent again by itself: what the vendor runs settles it (outcomes/drift.py)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from dashboard.jobs.changes import outputs_of
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.selectors import running_plan
from dashboard.jobs.states import ChangeKind
from dashboard.lib.threads import in_thread
from dashboard.live.relay.outcomes import steering
from dashboard.live.relay.ready import Ready
from dashboard.vendors import words
from dashboard.vendors.port import Gateway, Guard, Link, Outcome, PlannedItem, Rejected, Session, Vendor

Carry = Callable[[Job, JobChange, Session, Gateway, Guard], Awaitable[Outcome[None]]]


async def change(ready: Ready, gateway: Gateway, link: Link | None, guard: Guard) -> None:
    wanted = await in_thread(JobChange.objects.get, pk=int(ready.command.subject.partition(":")[2]))
    outcome = await _CARRY[ChangeKind(wanted.kind)](ready.job, wanted, ready.session, gateway, guard)
    await in_thread(steering.changed, ready.job, ready.command, wanted, outcome)


async def _script(job: Job, wanted: JobChange, session: Session, gateway: Gateway, guard: Guard) -> Outcome[None]:
    lines = wanted.payload["lines"]
    items = tuple(
        PlannedItem(no, line["scene_no"], line["title"], line["text"]) for no, line in enumerate(lines, start=1)
    )
    if gateway.steering is None:
        return _not_offered(gateway)
    plan = await in_thread(running_plan, job, items)
    return await gateway.steering.rewrite_script(session, plan, guard)


async def _rules(job: Job, wanted: JobChange, session: Session, gateway: Gateway, guard: Guard) -> Outcome[None]:
    if gateway.steering is None:
        return _not_offered(gateway)
    return await gateway.steering.rewrite_rules(session, wanted.payload["rules"], guard)


async def _layer(job: Job, wanted: JobChange, session: Session, gateway: Gateway, guard: Guard) -> Outcome[None]:
    if gateway.steering is None:
        return _not_offered(gateway)
    return await gateway.steering.show_layer(session, wanted.payload["layer"], guard)


async def _output(job: Job, wanted: JobChange, session: Session, gateway: Gateway, guard: Guard) -> Outcome[None]:
    if gateway.steering is None:
        return _not_offered(gateway)
    return await gateway.steering.refresh_output(session, outputs_of(wanted), guard)


async def _preload(job: Job, wanted: JobChange, session: Session, gateway: Gateway, guard: Guard) -> Outcome[None]:
    if gateway.scenes is None:
        return _not_offered(gateway)
    return await gateway.scenes.preload(session, wanted.payload["files"])


def _not_offered(gateway: Gateway) -> Rejected:
    return Rejected(words.error(Vendor(gateway.vendor), "capability"))


_CARRY: dict[ChangeKind, Carry] = {
    ChangeKind.SCRIPT: _script,
    ChangeKind.RULES: _rules,
    ChangeKind.LAYER: _layer,
    ChangeKind.OUTPUT: _output,
    ChangeKind.PRELOAD: _preload,
}
