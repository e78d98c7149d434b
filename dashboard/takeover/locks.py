"""What of a running script can't be changed any more."""

from __future__ import annotations

from dashboard.jobs.models import Job
from dashboard.jobs.rewriting import Locked
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.script import last_sent, plays_for
from dashboard.takeover.states import Source


def locked(job: Job) -> Locked:
    """Which paragraphs are said as they are. A vendor that plays the script itself tells only where it is.

    MetaStudio edits "a script that has not been played" (002:9624): what this round played already is read as not
    played in the next one.
    """
    loops = job.room.repeat_script
    if not plays_for(job):
        return Locked(through=job.script_no or 0, playing=(job.script_no,) if job.script_no else (), loops=loops)
    sent = last_sent(job)
    if sent is None:
        return Locked(loops=loops)
    waits = sent.is_open and sent.started_at is None
    playing = _playing(job)
    if loops and len(playing) == job.script.count():
        playing = ()  # else it could never be mended: our player reads the words anew for each time
    return Locked(
        through=sent.last_no or 0,
        playing=playing,
        waiting=_numbers(sent) if waits else (),
        loops=loops,
    )


def _playing(job: Job) -> tuple[int, ...]:
    items = Takeover.objects.filter(IS_OPEN, job=job, source=Source.SCRIPT, started_at__isnull=False)
    spoken = items.order_by("-started_at").first()
    return _numbers(spoken) if spoken is not None else ()


def _numbers(play: Takeover) -> tuple[int, ...]:
    return tuple(range(play.first_no or 1, (play.last_no or 0) + 1))
