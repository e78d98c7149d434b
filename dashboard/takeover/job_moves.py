"""What a job's own facts mean for its takeovers: they begin, a silence took hold, all of them end."""

from __future__ import annotations

from dashboard.events.models import Event, EventOutcome
from dashboard.jobs.selectors import job_of
from dashboard.jobs.states import END_STATES, JobState
from dashboard.takeover import follow_up, job_end, silences


def job_moved(event: Event) -> EventOutcome:
    """A job's new state may start the script, release what is held back, or end what still waits."""
    job = job_of(event)
    if job is None:
        return EventOutcome.MISFIT
    if JobState(job.state) in END_STATES:
        job_end.end_items(job)
    elif JobState(job.state) in (JobState.LIVE, JobState.READY):
        follow_up.on_air(job)
    silences.note(job)
    return EventOutcome.APPLIED


def silence_sent(event: Event) -> EventOutcome:
    """The vendor took a silence: where nobody will report its end, that is the end there is."""
    job = job_of(event)
    if job is None:
        return EventOutcome.MISFIT
    silences.clip_taken(job, event.at)
    return EventOutcome.APPLIED
