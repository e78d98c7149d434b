"""The editor of a running script: each paragraph, and why it can't be changed where it can't."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.jobs.rewriting import Locked
from dashboard.takeover.locks import locked
from dashboard.takeover.script import plays_for


@dataclass(frozen=True, slots=True)
class EditLine:
    """`is_locked`: its words can't be changed. `is_placed`: it can't be moved or taken out, and nothing put before it.
    `why`: the reason, "" where there is neither."""

    id: int
    number: int
    scene_no: int
    title: str
    text: str
    is_locked: bool = False
    is_placed: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Editor:
    """`ours`: our player speaks the script, so that a change counts at once. `loops`: what was spoken comes again."""

    version: int
    lines: tuple[EditLine, ...]
    ours: bool
    loops: bool = False


def editor(job: Job) -> Editor:
    held = locked(job)
    lines = (
        EditLine(
            id=item.pk,
            number=item.no,
            scene_no=item.scene_no,
            title=item.title,
            text=item.text,
            is_locked=held.holds(item.no),
            is_placed=held.holds(item.no) or item.no <= held.through,
            why=_why(held, item.no),
        )
        for item in job.script.all()
    )
    return Editor(job.script_version, tuple(lines), plays_for(job), held.loops)


def _why(held: Locked, no: int) -> str:
    if no in held.playing:
        return _("is being spoken")
    if no in held.waiting:
        if held.loops:
            return _("waits at the vendor already: said once more as it is, with your words from the next time on")
        return _("waits at the vendor already, so it is said as it is")
    if no > held.through:
        return ""
    return _("was spoken, and comes again: your words count in the next loop") if held.loops else _("was spoken")
