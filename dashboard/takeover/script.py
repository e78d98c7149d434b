"""The script player for vendors that play none (SoftSugar): paragraphs go one ahead as text takeovers of rank script.

*Started* of play k makes play k + 1 with its command in the same transaction; the relay's sweep makes one when nothing
played or waited for 3 s. An item of unknown or failed outcome is passed over after its estimated time.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db.models import F, Max, Q, QuerySet

from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.takeover import commands
from dashboard.takeover.measured import estimate_of
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.places import next_number, place_at_end
from dashboard.takeover.rules import Paragraph, Play, next_play
from dashboard.takeover.states import Mode, Source, TakeoverState
from dashboard.vendors.models import Rank, VendorKind

#: How long the air may be empty before the sweep sends the next paragraph.
QUIET_S = 3.0
#: Of a paragraph that was cut sooner nobody understood a word.
HEARD_AT_ALL = timedelta(seconds=1)


def plays_for(job: Job) -> bool:
    """Whether our player speaks this job's script at all."""
    return job.account.vendor == VendorKind.SOFTSUGAR


def play_next(job: Job, *, now: datetime | None = None) -> Takeover | None:
    """Send the next paragraph unless one waits already or the script is held. The room's sequence is locked."""
    now = now or clock.now()
    if not plays_for(job) or job.script_held or JobState(job.state) not in (JobState.LIVE, JobState.TAKEN_OVER):
        return None
    if _waits(job, now) or commands.has_streamed_clip(job) or commands.open_voices(job).exists():
        return None
    last = _plays(job).first()
    play = coming(job)
    if play is None:
        return None
    number = next_number(job)
    item = Takeover.objects.create(
        team_id=job.team_id,
        room_id=job.room_id,
        job=job,
        number=number,
        source=Source.SCRIPT,
        rank=Rank.SCRIPT,
        mode=Mode.APPEND,
        text=play.text,
        content_hash=hashlib.sha256(play.text.encode()).hexdigest(),
        play_no=(last.play_no or 0) + 1 if last else 1,
        first_no=play.first,
        last_no=play.last,
        place=place_at_end(number),
        estimate_ms=estimate_of(job.room, play.text),
        requested_at=now,
    )
    Job.objects.filter(pk=job.pk).update(play_no=item.play_no)
    commands.say(job, item)
    return item


def _plays(job: Job) -> QuerySet[Takeover]:
    return Takeover.objects.filter(job=job, source=Source.SCRIPT).order_by("-play_no")


def last_sent(job: Job) -> Takeover | None:
    """What was taken back before it was heard, or cut as it began (by a silence, a pause, a microphone), is said after
    all, so it does not count."""
    unheard = Q(started_at=None) | Q(cancel_ok_at__lt=F("started_at") + HEARD_AT_ALL)
    return _plays(job).exclude(unheard, state=TakeoverState.CANCELLED).first()


def coming(job: Job) -> Play | None:
    """What our player sends next; None where the script is over."""
    sent = last_sent(job)
    script = [Paragraph(item.no, item.text) for item in job.script.all()]
    return next_play(script, sent.last_no or 0 if sent else 0, repeat=job.room.repeat_script)


def _waits(job: Job, now: datetime) -> bool:
    """A script item that has not started yet, unless its outcome stayed unknown past its estimated time."""
    for item in Takeover.objects.filter(IS_OPEN, job=job, source=Source.SCRIPT, started_at=None):
        doubtful = item.state == TakeoverState.UNKNOWN
        since = item.timeout_at or item.requested_at
        if not doubtful or now < since + timedelta(milliseconds=item.estimate_ms):
            return True
    return False


def is_quiet(job: Job, now: datetime) -> bool:
    """Nothing plays or waits at the vendor, and nothing has for `QUIET_S`."""
    items = Takeover.objects.filter(job=job)
    busy = items.filter(
        IS_OPEN, state__in=[TakeoverState.PLAYING, TakeoverState.QUEUED, TakeoverState.SENDING, TakeoverState.ACCEPTED]
    )
    if busy.exists():
        return False
    last_end = items.aggregate(last=Max("finished_at"))["last"]
    quiet_since = max(filter(None, [last_end, job.live_at, job.state_at]))
    return bool(now - quiet_since >= timedelta(seconds=QUIET_S))
