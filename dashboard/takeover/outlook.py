"""What a job's next words have before them, from its rows: where the script can be left, what plays, what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dashboard.jobs.models import Job, JobScriptItem
from dashboard.jobs.states import JobState
from dashboard.lib.speech import sentence_ends_ms
from dashboard.takeover import release
from dashboard.takeover.eta import Doors, Outlook, doors_of, expected_starts, outlook
from dashboard.takeover.measured import Measured, measured
from dashboard.takeover.models import Takeover
from dashboard.takeover.speaking import PARAGRAPHS, Speaking, last_end, speaking, speaking_in
from dashboard.takeover.states import Mode


def outlook_of(job: Job, said: Speaking, script: Sequence[JobScriptItem], known: Measured, now: datetime) -> Outlook:
    """`said` and `script` of this job; `known` of its room."""
    fixed = [item.pk for item in said.waiting if item.claimed_at is not None] if release.holds_back(job) else []
    return outlook(
        said.playing,
        said.waiting,
        now,
        doors=_doors(job, said, script, known, now),
        steps=known.steps,
        before_insert=fixed,
    )


def stands_still(job: Job) -> bool:
    """Nobody knows when the next words are heard: the room is silent, or its vendor holds all that waits there."""
    return job.silenced_at is not None or JobState(job.state) == JobState.PAUSED


def starts_of(
    job: Job, said: Speaking, script: Sequence[JobScriptItem], known: Measured, now: datetime
) -> dict[int, datetime]:
    """By item, when each that waits will be heard; nothing while the room stands still."""
    if stands_still(job):
        return {}
    doors = _doors(job, said, script, known, now)
    return expected_starts(said.playing, said.waiting, now, doors=doors, steps=known.steps)


def read_outlook(job: Job, now: datetime) -> Outlook:
    """The same from the database, for a press."""
    said = speaking_in(job.pk)
    script: list[JobScriptItem] = []
    if release.holds_back(job) and said.playing is None and job.script_no:
        script = list(job.script.filter(no__gte=job.script_no).order_by("no")[:PARAGRAPHS])
        said = replace(said, ended_at=last_end(job.pk))
    return outlook_of(job, said, script, measured(job.room), now)


def starts_of_jobs(jobs: Collection[Job], now: datetime) -> dict[int, datetime]:
    """The same for many jobs at once, with their rooms and accounts, by item; one query, however many they are."""
    if not jobs:
        return {}
    said = speaking([job.pk for job in jobs], with_script=True)
    starts: dict[int, datetime] = {}
    for job in jobs:
        says = said.get(job.pk, Speaking())
        starts |= starts_of(job, says, _script_of(job, says), measured(job.room), now)
    return starts


def _script_of(job: Job, said: Speaking) -> list[JobScriptItem]:
    """The paragraphs looked ahead, as they came with what waits."""
    if job.script_no is None or not said.waiting:
        return []
    texts = (getattr(said.waiting[0], f"script_{at}", None) for at in range(PARAGRAPHS))
    return [JobScriptItem(no=job.script_no + at, text=text) for at, text in enumerate(texts) if text is not None]


def _doors(job: Job, said: Speaking, script: Sequence[JobScriptItem], known: Measured, now: datetime) -> Doors:
    """What a person put in is heard to its end; MetaStudio's own script is left at the end of a sentence."""
    if not release.holds_back(job):
        doors = doors_of(said.playing, now)
        if doors.at and said.ahead is not None:  # who comes too late for the first waits for the next paragraph's end
            return Doors((*doors.at, doors.at[0] + timedelta(milliseconds=said.ahead.estimate_ms)))
        return doors
    if said.playing is not None:
        return doors_of(said.playing, now)
    position, began, ended = job.script_no, job.script_at, said.ended_at
    if ended is not None and (began is None or ended > began):
        if any(_was_there(item, ended) for item in said.waiting):
            return Doors((ended,))  # it begins where the last one ended, and the notice of that is on its way
        if position is not None:  # the paragraph was left, so the next one began, which is not told yet
            position, began = position + 1, ended
    if position is None or began is None or job.script_held:
        return Doors(must_be_ready=True)
    ahead = [item for item in script if item.no >= position][:PARAGRAPHS]
    ends_at: list[datetime] = []
    for item in ahead:
        ends = [began + timedelta(milliseconds=end) for end in sentence_ends_ms(item.text, known.pace)]
        ends_at += ends
        began = ends[-1]
    return Doors(tuple(end for end in ends_at if end >= now), must_be_ready=True)


def _was_there(item: Takeover, by: datetime) -> bool:
    return item.mode != Mode.NOW and item.accepted_at is not None and item.accepted_at <= by
