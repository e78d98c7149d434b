"""The vendor's own clocks of a running job: what it bills for, and how long it lets the job go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.jobs.models import Job
from dashboard.vendors.models import VendorKind

#: The time left is asked for once a minute (`live/relay/link_keeper.py`): older than this, an answer is missing.
LEFT_LIMITS = "90,150,300"


@dataclass(frozen=True, slots=True)
class Meter:
    """`billed_from` is the create, kept good by `fresh`. At `left_at` its time is over, as told `told_at`."""

    billed_from: datetime | None
    billed_at: datetime | None
    fresh: str
    source: str
    left_at: datetime | None
    told_at: datetime | None
    limits: str = LEFT_LIMITS


def has_meter(job: Job) -> bool:
    """SoftSugar says that its time counts from create (004:22); MetaStudio's documents tell nothing of the kind."""
    return job.account.vendor == VendorKind.SOFTSUGAR


def meter_of(job: Job) -> Meter | None:
    """None where the vendor tells neither, or the job is over."""
    if not job.is_open or not has_meter(job) or job.billed_from is None:
        return None
    is_listed = job.missing_since is None
    return Meter(
        billed_from=job.billed_from,
        billed_at=job.missing_since or job.account.poll_ok_at,
        fresh=f"account:{job.account_id}" if is_listed else "",
        source=job.account.name,
        left_at=left_at(job),
        told_at=job.remaining_at,
    )


def left_at(job: Job) -> datetime | None:
    """When the vendor's time for this job is over, as it told last."""
    if not job.is_open or job.missing_since is not None or job.remaining_s is None or job.remaining_at is None:
        return None
    return job.remaining_at + timedelta(seconds=job.remaining_s)
