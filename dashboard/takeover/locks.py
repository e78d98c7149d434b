"""What of a running script can't be changed any more."""

from __future__ import annotations

from dashboard.jobs.models import Job
from dashboard.jobs.rewriting import Locked
from dashboard.takeover.script import last_sent, plays_for


def locked(job: Job) -> Locked:
    """Which paragraphs are said as they are. A vendor that plays the script itself tells only where it is."""
    if not plays_for(job):
        return Locked(through=job.script_no or 0)
    sent = last_sent(job)
    if sent is None:
        return Locked()
    waits = sent.is_open and sent.started_at is None
    waiting = tuple(range(sent.first_no or 0, (sent.last_no or 0) + 1)) if waits else ()
    through = sent.last_no or 0
    playing = job.script_no if waits and (job.script_no or 0) > through else None
    return Locked(through=through, playing=playing, waiting=waiting)
