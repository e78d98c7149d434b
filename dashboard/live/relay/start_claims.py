"""Taking a start of the account's lane, in the transaction that records that it leaves."""

from __future__ import annotations

from django.db import transaction

from dashboard.events.kinds import Kind, Nothing
from dashboard.events.record import lock_topic
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState
from dashboard.live.intake.accept import accept
from dashboard.live.relay import account_claims
from dashboard.live.relay.keeper import Keeper
from dashboard.vendors.models import Command


def claim_start(command: Command, keeper: Keeper) -> Job | None:
    job = Job.objects.whole(command.job_id or 0)
    if JobState(job.state) != JobState.STARTING:
        return None
    with transaction.atomic():
        lock_topic(job.topic)
        if not account_claims.claim(command, keeper):
            return None
        command.refresh_from_db()
        # What the room has at its vendor now is what this job runs; later changes of the room do not reach it.
        job.runs_vendor_rules = job.room.has_rules_at_vendor
        job.save(update_fields=["runs_vendor_rules"])
        accept(job_fact(job, Kind.JOB_SENDING, Nothing(), key=f"{command.pk}:{command.attempts}"))
    return job
