"""What a vendor plays and nobody here sent: a row of our ledger with source *not ours*.

A reference that matches nothing waits in the log. After `UNCLAIMED_S` nobody claims it any more: our own answer comes
within 10 s. On MetaStudio only while the vendor's own rules run, and never where it may be an item of ours whose
outcome is in doubt (doubt.py reads those).
"""

from __future__ import annotations

from datetime import timedelta

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.takeover import doubt, release
from dashboard.takeover.models import Takeover, new_trace_id
from dashboard.takeover.places import next_number, place_at_end
from dashboard.takeover.projection import apply_waiting
from dashboard.takeover.states import Mode, Source
from dashboard.vendors.models import Command, Rank

UNCLAIMED_S = 10.0
#: Nobody tells its words, so its length is a guess.
GUESSED_MS = 8_000


def adopt(event: Event, job: Job) -> Takeover | None:
    """The row of what `event` tells of, with all that was told about it; None where it may be ours after all."""
    if not event.ref or Takeover.objects.filter(trace_id=event.ref).exists() or not _is_foreign(event, job):
        return None
    is_reply = release.holds_back(job)
    number = next_number(job)
    item = Takeover.objects.create(
        team_id=job.team_id,
        room_id=job.room_id,
        job=job,
        number=number,
        source=Source.FOREIGN,
        rank=Rank.RULE if is_reply else Rank.PERSON,
        mode=Mode.APPEND,
        text="",
        content_hash="",
        trace_id=new_trace_id() if is_reply else event.ref,
        vendor_ref=event.ref if is_reply else "",
        place=place_at_end(number),
        estimate_ms=GUESSED_MS,
        requested_at=event.at,
        claimed_at=event.at,  # the vendor has it: nothing of it waits here
    )
    apply_waiting(item, event.ref)
    item.refresh_from_db()
    return item


def _is_foreign(event: Event, job: Job) -> bool:
    if Command.objects.filter(account_id=job.account_id, trace_id=event.ref).exists():
        return False  # a command of ours that speaks of no item
    if not release.holds_back(job):
        return True  # our own ids are written down before they leave
    return job.runs_vendor_rules and not doubt.is_a_clip(event) and not doubt.nameless(event)


def patience() -> timedelta:
    return timedelta(seconds=UNCLAIMED_S)
