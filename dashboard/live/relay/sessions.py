"""How a job's rows become what a gateway needs. Synchronous; secrets stay in memory."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from dashboard.jobs.models import Job
from dashboard.lib import shapes
from dashboard.vendors.abilities import can_be_reached
from dashboard.vendors.models import VendorAccount
from dashboard.vendors.port import Session


def session_of(job: Job) -> Session:
    return Session(
        vendor_ref=job.vendor_ref,
        room_ref=job.room.vendor_ref,
        token=job.session_token,
        report_url=job.report_url,
        rtc=shapes.decode(job.rtc, dict[str, object]) if job.rtc else {},
    )


def job_and_session(job_id: int) -> tuple[Job, Session]:
    """The job as it is now, with its room and account, and how its vendor knows it."""
    job = Job.objects.whole(job_id)
    return job, session_of(job)


def job_callback_url(job: Job) -> str:
    """Where MetaStudio reports about this job; empty where this console has no public address."""
    if not can_be_reached(job.account):
        return ""  # the default address of this machine means nothing to a vendor outside
    return str(settings.PUBLIC_URL) + reverse("intake:job_callback", args=[job.callback_slug])


def account_callback_url(account: VendorAccount) -> str:
    """Where SoftSugar's staff are told to report for the whole account (004:1123)."""
    if not settings.PUBLIC_URL:
        return ""
    return settings.PUBLIC_URL + reverse("intake:account_callback", args=[account.callback_slug])
