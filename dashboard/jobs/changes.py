"""What follows from facts about a change of a running job: its row, and what of the job it changes once it is true."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.db.models import F

from dashboard.events.kinds import Change, kept, payload_of
from dashboard.events.models import Event, EventOutcome
from dashboard.jobs.models import Job, JobChange, JobScriptItem
from dashboard.jobs.states import ChangeKind, ChangeState
from dashboard.vendors.port_live import Output

#: How long the picture may take to reach the platform at its new address before a sentence says that it did not.
OUTPUT_WATCHED_S = 20

APPLIED, NOTHING_NEW, MISFIT = EventOutcome.APPLIED, EventOutcome.NOTHING_NEW, EventOutcome.MISFIT


def accepted(job: Job, event: Event) -> EventOutcome:
    """It counts from now on: what we know of the job is what was asked for."""
    change, _data = _find(job, event)
    if change is None or change.state == ChangeState.ACCEPTED:
        return NOTHING_NEW
    _settle(change, ChangeState.ACCEPTED, event)
    if change.kind == ChangeKind.SCRIPT:
        _replace_script(job, change.payload["lines"])
    elif change.kind == ChangeKind.RULES:
        rules = list(change.payload["rules"])
        # Once the vendor had rules of its own, a reply of theirs may still be on its way.
        Job.objects.filter(pk=job.pk).update(rules=rules, runs_vendor_rules=job.runs_vendor_rules or bool(rules))
    elif change.kind == ChangeKind.OUTPUT:
        Job.objects.filter(pk=job.pk).update(output_url=outputs_of(change)[0].url)
        change.due_at = event.at + timedelta(seconds=OUTPUT_WATCHED_S)
        change.save(update_fields=["due_at"])
    return APPLIED


def refused(job: Job, event: Event) -> EventOutcome:
    return _ended(job, event, ChangeState.REFUSED)


def unsure(job: Job, event: Event) -> EventOutcome:
    return _ended(job, event, ChangeState.UNKNOWN)


def lost(job: Job, event: Event) -> EventOutcome:
    return _ended(job, event, ChangeState.LOST)


def seen(job: Job, event: Event) -> EventOutcome:
    change, data = _find(job, event)
    if change is None or change.seen:
        return NOTHING_NEW
    JobChange.objects.filter(pk=change.pk).update(seen=data.seen, due_at=None)
    return APPLIED


def end_all(job: Job) -> None:
    """The job is over: what was not carried out never will be."""
    JobChange.objects.filter(job=job, state=ChangeState.ASKED).update(state=ChangeState.LOST, settled_at=job.ended_at)
    JobChange.objects.filter(job=job, due_at__isnull=False).update(due_at=None)


def outputs_of(change: JobChange) -> tuple[Output, ...]:
    """Where a change lets the stream go; addresses often carry their key, so they are kept like one."""
    return tuple(Output(one["url"], one["key"]) for one in json.loads(change.secret or "[]"))


def _find(job: Job, event: Event) -> tuple[JobChange | None, Change]:
    data = payload_of(Change, event.data)
    return JobChange.objects.filter(pk=data.change, job=job).first(), data


def _ended(job: Job, event: Event, state: ChangeState) -> EventOutcome:
    """Nothing that was accepted is taken back by a later doubt."""
    change, data = _find(job, event)
    if change is None or change.state not in (ChangeState.ASKED, ChangeState.UNKNOWN) or change.state == state:
        return NOTHING_NEW
    change.error = kept(data, why=data.why, request_id=data.request_id) if data.happened[0] else None
    _settle(change, state, event)
    return APPLIED


def _settle(change: JobChange, state: ChangeState, event: Event) -> None:
    change.state, change.settled_at = state, event.at
    if state == ChangeState.ACCEPTED:
        change.error = None
    change.save(update_fields=["state", "settled_at", "error"])


def _replace_script(job: Job, lines: list[dict[str, Any]]) -> None:
    """The rows as they are from now on; a paragraph that stays keeps its row, also under another number."""
    known = {item.pk: item for item in job.script.all()}
    playing = next((pk for pk, item in known.items() if item.no == job.script_no), None)
    rows = []
    for no, line in enumerate(lines, start=1):
        old = known.get(line["id"] or 0)
        rows.append(
            JobScriptItem(
                pk=old.pk if old is not None else None,
                job=job,
                no=no,
                scene_no=line["scene_no"],
                title=line["title"],
                text=line["text"],
                source_item_id=old.source_item_id if old is not None else None,
            )
        )
    position = next((row.no for row in rows if row.pk is not None and row.pk == playing), job.script_no)
    job.script.all().delete()
    JobScriptItem.objects.bulk_create([row for row in rows if row.pk is not None])
    JobScriptItem.objects.bulk_create([row for row in rows if row.pk is None])
    Job.objects.filter(pk=job.pk).update(script_no=position, script_version=F("script_version") + 1)
