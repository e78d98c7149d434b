"""A silence as it is shown: how long it took to take hold, what it could not do, and the vendor's refusal of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.lib.languages import together
from dashboard.takeover.silences import Gap, Way, way_of
from dashboard.vendors.said import NOTHING_SAID, Said, said

_GAPS = {
    Gap.SCRIPT_GOES_ON: lambda: _(
        "The script goes on after the silent clip: this account has no command channel to hold it. Stop the job to end "
        "the sound."
    ),
    Gap.NO_CLIP: lambda: _(
        "Nothing can silence this account: it has no command channel and no silent clip. Stop the job to end the sound."
    ),
    Gap.HANDED_OVER: lambda: _("One sentence is at the vendor already and can't be taken back: it may still be heard."),
    Gap.UNKNOWN: lambda: _("A sentence of unknown outcome may still be heard."),
}


@dataclass(frozen=True, slots=True)
class Silence:
    """`state`: asked, silent or failed. `took_s`: seconds from the press to silence, None while nobody told of it."""

    state: str
    since: datetime
    by: str
    took_s: float | None
    took: str
    gaps: str
    error: Said


@dataclass(frozen=True, slots=True)
class RoomSilence:
    code: str
    name: str
    url: str
    silence: Silence | None
    silence_url: str
    restore_url: str


def silence_of(job: Job | None, vendor: str, slug: str) -> Silence | None:
    """The silence that somebody wants in a running job, or None."""
    if job is None or job.silenced_at is None or not job.is_open:
        return None
    error = said(job.silence_error, vendor, slug) if job.silence_error else NOTHING_SAID
    took_s = (job.silent_at - job.silenced_at).total_seconds() if job.silent_at is not None else None
    return Silence(
        state="silent" if took_s is not None else "failed" if error else "asked",
        since=job.silenced_at,
        by=str(job.silenced_by or ""),
        took_s=took_s,
        took=_took(job, took_s),
        gaps=together(*(_GAPS[Gap(code)]() for code in job.silence_gaps)),
        error=error,
    )


def _took(job: Job, took_s: float | None) -> str:
    if took_s is None:
        return ""
    if way_of(job) == Way.CLIP:
        return _("the vendor took the silent clip after %(seconds).2f s") % {"seconds": took_s}
    if took_s <= 0:
        return _("nobody was speaking")
    return _("silent after %(seconds).2f s") % {"seconds": took_s}


def rooms(jobs: Iterable[Job], slug: str) -> list[RoomSilence]:
    """All that runs, as the dialog of silence lists it: each keeps its place, so that a press meets its aim."""
    shown = []
    for job in jobs:
        code = job.room.code
        shown.append(
            RoomSilence(
                code=code,
                name=job.room.name,
                url=reverse("console:desk", args=[slug, code]),
                silence=silence_of(job, job.account.vendor, slug),
                silence_url=reverse("takeover:silence", args=[slug, code]) if job.can_speak else "",
                restore_url=reverse("takeover:resume", args=[slug, code]) if job.silenced_at is not None else "",
            )
        )
    return sorted(shown, key=lambda room: room.code)
