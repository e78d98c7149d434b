"""The sandbox's knobs by hand: faults, the speed of its world, and how busy an audience is."""

from __future__ import annotations

from dashboard.audience.addresses import intake_url
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.rehearsal.arming import fault_for, job_to_disturb
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.faults import FaultDraft
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount


def add_fault(*, account: VendorAccount, draft: FaultDraft, actor: Actor) -> str:
    """Arm one fault at the sandbox; its id there."""
    session = job_to_disturb(draft.room).vendor_ref if draft.room is not None else None
    fault = fault_for(
        draft.kind,
        vendor=account.vendor,
        session=session,
        params=draft.params,
        for_s=draft.for_s,
        count=draft.count,
    )
    armed = Sandbox(account).add_fault(fault)
    trail.record(
        team_id=account.team_id,
        actor=actor,
        action="inject_fault",
        target=account,
        room_id=draft.room.pk if draft.room else None,
        after=fault,
    )
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
