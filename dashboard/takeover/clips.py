"""A clip of the library as a takeover."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.lib.errors import Invalid
from dashboard.library.selectors import clips_of
from dashboard.takeover.wish import Wish


def checked(wish: Wish, job: Job) -> Wish:
    """What the queue shows of a clip, and how long it is, stay with the item: the library may change."""
    wanted = wish.params.get("clip")
    clip = clips_of(job.team).filter(pk=wanted).first() if isinstance(wanted, int) else None
    if clip is None:
        raise Invalid(_("This clip is no longer in the library. Choose another; nothing was sent."), field="clip")
    params = {**wish.params, "clip": clip.pk, "duration_ms": clip.duration_ms}
    return replace(wish, text=f"{clip.name}: {clip.transcript}" if clip.transcript else clip.name, params=params)
