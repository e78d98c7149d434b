"""The editor of a running script: each paragraph, and why it can't be changed where it can't."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.takeover.locks import locked
from dashboard.takeover.script import plays_for


@dataclass(frozen=True, slots=True)
class EditLine:
    """`why`: why it can't be changed, "" where it can."""

    id: int
    number: int
    scene_no: int
    title: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Editor:
    """`ours`: our player speaks the script, so that a change counts at once."""

    version: int
    lines: tuple[EditLine, ...]
    ours: bool


def editor(job: Job) -> Editor:
    held, position = locked(job), job.script_no or 0
    lines = []
    for item in job.script.all():
        why = ""
        if item.no in held.waiting:
            why = _("waits at the vendor already, so it is said as it is")
        elif held.holds(item.no):
            why = _("is being spoken") if item.no == position else _("was spoken")
        lines.append(EditLine(item.pk, item.no, item.scene_no, item.title, item.text, why))
    return Editor(job.script_version, tuple(lines), plays_for(job))
