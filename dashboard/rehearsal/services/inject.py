"""The sandbox's knobs by hand: faults, the speed of its world, and how busy an audience is."""

from __future__ import annotations

from dashboard.audience.addresses import intake_url
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.rehearsal.arming import job_to_disturb
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.faults import FaultDraft
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount


def add_fault(*, account: VendorAccount, draft: FaultDraft, actor: Actor) -> str:
    """Arm one fault at the sandbox; its id there."""
    fault: dict[str, object] = {"kind": draft.kind, "params": draft.params}
    if draft.kind not in ("flood", "skew"):
        fault["vendor"] = account.vendor
    if draft.room is not None:
        fault["session"] = job_to_disturb(draft.room).vendor_ref
    fault |= {name: value for name, value in (("for_s", draft.for_s), ("count", draft.count)) if value is not None}
    armed = Sandbox(account).add_fault(fault)
    after = {"kind": draft.kind, "room": draft.room.code if draft.room else ""}
    trail.record(team_id=account.team_id, actor=actor, action="inject_fault", target=account, after=after)
    return armed


def take_back(*, account: VendorAccount, fault_id: str, actor: Actor) -> None:
    """Take back one fault, or all of them where `fault_id` is empty."""
    sandbox = Sandbox(account)
    if fault_id:
        sandbox.take_back([fault_id])
    else:
        sandbox.take_all_back()
    trail.record(team_id=account.team_id, actor=actor, action="take_back_fault", target=account)


def set_speed(*, account: VendorAccount, speed: float, actor: Actor) -> None:
    Sandbox(account).set_speed(speed)
    after = {"speed": speed}
    trail.record(team_id=account.team_id, actor=actor, action="set_sandbox_speed", target=account, after=after)


def set_audience(*, room: Room, rate_per_s: float, actor: Actor) -> None:
    """How many things per second the synthetic audience of a running room does; 0 sends it home."""
    job = job_to_disturb(room)
    Sandbox(room.account).set_audience(job.vendor_ref, url=intake_url(job), rate_per_s=rate_per_s, seed=job.pk)
    after = {"rate_per_s": rate_per_s}
    trail.record(team_id=room.team_id, actor=actor, action="set_audience", target=room, room_id=room.pk, after=after)
