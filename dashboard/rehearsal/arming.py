"""Incidents into the sandbox and out of it again."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.jobs.selectors import open_job
from dashboard.lib.errors import Conflict, Refusal
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.models import Run
from dashboard.rehearsal.scenarios import Scenario, Step, steps_for
from dashboard.rooms.models import Room


def job_to_disturb(room: Room) -> Job:
    """What is on air in the room; raises `Conflict` where nothing is."""
    job = open_job(room)
    if job is None or not job.can_speak or not job.vendor_ref:
        raise Conflict(
            _("%(code)s is not on air, so there is nothing to disturb. Start it, then rehearse.") % {"code": room.code},
            field="room",
        )
    return job


def arm(scenario: Scenario, job: Job, lead_s: float) -> list[str]:
    """Hand all steps of an incident to the sandbox, the first of them due in `lead_s`; their ids there."""
    sandbox = Sandbox(job.account)
    armed: list[str] = []
    try:
        for step in steps_for(scenario, job.account.vendor):
            armed += [sandbox.add_fault(_fault(step, job, lead_s))]
    except Refusal:
        sandbox.take_back(armed)
        raise
    return armed


def _fault(step: Step, job: Job, lead_s: float) -> dict[str, object]:
    fault: dict[str, object] = {"kind": step.kind, "after_s": lead_s + step.at_s, "params": dict(step.params)}
    if step.kind != "flood":  # an audience belongs to no vendor
        fault["vendor"] = job.account.vendor
    if not step.is_wide:
        fault["session"] = job.vendor_ref
    more = {"endpoint": step.endpoint or None, "count": step.count, "for_s": step.for_s}
    return fault | {name: value for name, value in more.items() if value is not None}


def disarm(run: Run) -> None:
    """Take back what the sandbox still holds for it."""
    Sandbox(run.room.account).take_back(run.fault_ids)
