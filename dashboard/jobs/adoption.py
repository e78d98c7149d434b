"""The row of a job that its vendor ran before anybody here knew of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dashboard.jobs import commands, launch
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.services.session import bind_session, settle_create
from dashboard.jobs.states import CAN_SPEAK, END_STATES, ON_AIR, JobState, Rung, told
from dashboard.lib.errors import Conflict
from dashboard.rooms.models import Room
from dashboard.rooms.services.adopted import check_fits_session
from dashboard.vendors.models import CommandState, Decision, UnclaimedSession, VendorKind
from dashboard.vendors.port import Session, SessionOpened

if TYPE_CHECKING:
    from dashboard.accounts.models import User


def adopted_before(row: UnclaimedSession) -> Job | None:
    running = Job.objects.filter(IS_OPEN, account_id=row.account_id, vendor_ref=row.vendor_ref)
    return running.select_related("room").first()


def check_is_free(row: UnclaimedSession) -> None:
    if row.decision == Decision.CLOSE:
        raise Conflict(_("Somebody asked the vendor to end this job. Nothing was adopted."))
    if told(row.state) in END_STATES:
        raise Conflict(_("The vendor does not run this job any more, or somebody adopted it. Nothing was done."))


def job_of(room: Room, row: UnclaimedSession, user: User, now: datetime) -> Job:
    """The room's job without an answer, if it has one: then this is it. Else a new one."""
    room = Room.objects.select_related("account", "rule_set").get(pk=room.pk)
    check_fits_session(room, row)
    job = Job.objects.filter(IS_OPEN, room=room).first()
    _let_go_of_the_reference(row)
    if job is None:
        return _new_job(room, row, user, now)
    if job.vendor_ref or JobState(job.state) not in (JobState.STARTING, JobState.UNKNOWN):
        raise Conflict(_("%(code)s already has a running job. Nothing was adopted.") % {"code": room.code})
    _bind(job, row)
    settle_create(job, CommandState.ACCEPTED)
    _goes_on(job, row, now)
    return job


def _let_go_of_the_reference(row: UnclaimedSession) -> None:
    """A job that ended here while it went on there keeps its story; what is told from now on is the new one's."""
    Job.objects.filter(account_id=row.account_id, vendor_ref=row.vendor_ref).exclude(IS_OPEN).update(vendor_ref="")


def _new_job(room: Room, row: UnclaimedSession, user: User, now: datetime) -> Job:
    job = launch.new_job(room, user=user, key=f"adopt-{uuid.uuid4().hex}", now=now)
    job.billed_from = row.started_at or row.first_seen_at
    # Whoever started it chose where its picture goes, and nobody here knows what its audience is answered by.
    job.output_url, job.runs_vendor_rules = "", row.account.vendor == VendorKind.METASTUDIO
    if row.account.vendor == VendorKind.SOFTSUGAR and (job.script.exists() or room.rule_set is not None):
        job.script_held, job.script_paused_at = True, now
    job.save(
        update_fields=["billed_from", "output_url", "runs_vendor_rules", "script_held", "script_paused_at"],
    )
    _bind(job, row)
    _goes_on(job, row, now)
    return job


def _bind(job: Job, row: UnclaimedSession) -> None:
    bind_session(job=job, opened=SessionOpened(Session(row.vendor_ref, room_ref=row.room_ref)))


def _goes_on(job: Job, row: UnclaimedSession, now: datetime) -> None:
    """What the last listing said of it, until the vendor is asked."""
    state, since = told(row.state), row.started_at or row.first_seen_at
    job.state, job.state_at, job.state_source, job.rung = state, row.seen_at, "vendor", Rung.REPORTED
    job.adopted_at, job.error = now, None
    job.ready_at = since if state in CAN_SPEAK else None
    job.live_at = since if state in ON_AIR else None
    job.save(
        update_fields=["state", "state_at", "state_source", "rung", "adopted_at", "error", "ready_at", "live_at"],
    )


def take_up(job: Job) -> None:
    """What its keeper does first. One that is ready goes on air, as after a start of ours."""
    commands.ask(job)
    if JobState(job.state) == JobState.READY:
        commands.go_live(job)
