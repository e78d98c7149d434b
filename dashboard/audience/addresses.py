"""The signed address where capture tools report a job's audience; whoever has it may report, nobody can guess it."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.core.signing import Signer
from django.urls import reverse

from dashboard.jobs.models import Job

_SALT = "talkback.intake"


def _sign(slug: str) -> str:
    return Signer(salt=_SALT).signature(slug)


def is_signed(slug: str, signature: str) -> bool:
    return hmac.compare_digest(_sign(slug).encode(), signature.encode())


def intake_path(job: Job) -> str:
    return reverse("intake:audience", args=[job.intake_slug, _sign(job.intake_slug)])


def intake_url(job: Job) -> str:
    """The whole address; empty where this console has no public one."""
    return str(settings.PUBLIC_URL) + intake_path(job) if settings.PUBLIC_URL else ""
