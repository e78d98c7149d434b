"""One difference that was found, and the changes of the job that would end it either way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.jobs.models import Job
from dashboard.jobs.outputs import shown_address
from dashboard.jobs.states import ChangeKind
from dashboard.jobs.steering import Wanted


@dataclass(frozen=True, slots=True)
class Drifted:
    """`kind`: which change of the job it is, None for a setting that no command changes. `whole`: all of theirs."""

    name: str
    kind: ChangeKind | None
    ours: str
    theirs: str
    whole: Any

    @classmethod
    def of(cls, field: Mapping[str, Any]) -> Drifted:
        name = str(field["name"])
        kind = ChangeKind(name) if name in ChangeKind.values else None
        return cls(name, kind, str(field["ours"]), str(field["theirs"]), field.get("theirs_whole"))


def wanted_to_push(job: Job, kind: ChangeKind) -> Wanted:
    """What we know, sent as a change of its own."""
    why = "push"
    if kind == ChangeKind.RULES:
        return Wanted(kind, {"rules": job.rules or [], "before": _theirs(job, kind) or []}, reason=why)
    if kind == ChangeKind.OUTPUT:
        url = job.output_url or job.room.output_url
        secret = json.dumps([{"url": url, "key": job.room.stream_key if url == job.room.output_url else ""}])
        return Wanted(kind, {"outputs": [shown_address(url)]}, secret=secret, reason=why)
    rows = list(job.script.all())
    lines = [{"id": row.pk, "scene_no": row.scene_no, "title": row.title, "text": row.text} for row in rows]
    before = [line["text"] for line in _theirs(job, kind) or []]
    return Wanted(ChangeKind.SCRIPT, {"lines": lines, "before": before, "through": 0}, reason=why)


def wanted_to_adopt(job: Job, drifted: Drifted) -> Wanted:
    """What the vendor runs, taken as ours."""
    old, new = {str(drifted.name): drifted.ours}, {str(drifted.name): drifted.theirs}
    if drifted.kind == ChangeKind.RULES:
        return Wanted(
            ChangeKind.RULES, {"rules": drifted.whole, "before": job.rules or []}, before=old, after=new, reason="adopt"
        )
    lines = [{**line, "id": None} for line in drifted.whole]
    before = [row.text for row in job.script.all()]
    payload = {"lines": lines, "before": before, "through": 0}
    return Wanted(ChangeKind.SCRIPT, payload, before=old, after=new, reason="adopt")


def _theirs(job: Job, kind: ChangeKind) -> Any:
    return next((field["theirs_whole"] for field in job.drift if field["name"] == kind), None)
