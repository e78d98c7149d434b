"""Incidents into the sandbox and out of it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.jobs.selectors import open_job
from dashboard.lib import clock
from dashboard.lib.errors import Conflict, Refusal
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.scenarios import Scenario, Step, steps_for
from dashboard.rooms.models import Room


@dataclass(frozen=True, slots=True)
class Armed:
    """What the sandbox holds for one rehearsal, whom it is meant for, and when the incident begins."""

    job: Job
    incident_at: datetime
    fault_ids: list[str]

    def take_back(self) -> None:
        Sandbox(self.job.account).take_back(self.fault_ids)


def job_to_disturb(room: Room) -> Job:
    """What is on air in the room; raises `Conflict` where nothing is."""
    job = open_job(room)
    if job is None or not job.can_speak or not job.vendor_ref:
        raise Conflict(
            _("%(code)s is not on air, so there is nothing to disturb. Start it, then rehearse.") % {"code": room.code},
            field="room",
        )
    return job


def arm(scenario: Scenario, room: Room, lead_s: float) -> Armed:
    """Hand all steps of an incident to the sandbox, the first of them due in `lead_s`."""
    job = job_to_disturb(room)
    sandbox = Sandbox(job.account)
    sandbox.knobs()  # an incident without steps needs it too: to tell what was heard
    armed = Armed(job, clock.now() + timedelta(seconds=lead_s), [])
    try:
        for step in steps_for(scenario, job.account.vendor):
            armed.fault_ids.append(sandbox.add_fault(_fault(step, job, lead_s)))
    except Refusal:
        armed.take_back()
        raise
    return armed


def _fault(step: Step, job: Job, lead_s: float) -> dict[str, object]:
    fault = fault_for(
        step.kind,
        vendor=job.account.vendor,
        session=None if step.is_wide else job.vendor_ref,
        params=step.params,
        for_s=step.for_s,
        count=step.count,
        endpoint=step.endpoint or None,
    )
    return fault | {"after_s": lead_s + step.at_s}


def fault_for(
    kind: str, *, vendor: str, session: str | None, params: Mapping[str, object], **more: float | str | None
) -> dict[str, object]:
    """A fault as the sandbox's control API takes it; what is None is left out."""
    # An audience belongs to no vendor, and both share one clock.
    whose = None if kind in ("flood", "skew") else vendor
    named = {"vendor": whose, "session": session, **more}
    return {"kind": kind, "params": dict(params)} | {name: value for name, value in named.items() if value is not None}
