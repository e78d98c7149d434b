"""The files of clips that were taken from the library, once nothing may play them any more."""

from __future__ import annotations

from datetime import timedelta

from dashboard.jobs.states import OPEN_STATES
from dashboard.lib import clock
from dashboard.library import files
from dashboard.library.models import Clip
from dashboard.takeover.models import IS_OPEN, Kind, Takeover

#: Whoever chose a clip in the moment it was removed has a takeover of it by then.
GRACE_S = 60.0
#: In one sweep.
_MOST = 50


def forget_unused() -> int:
    """Delete the files of removed clips that no takeover of a running job needs; how many clips. Their rows stay.

    The files go first: whoever dies in between deletes them once more.
    """
    now = clock.now()
    removed = Clip.objects.filter(removed_at__lte=now - timedelta(seconds=GRACE_S), files_gone_at=None)
    if not removed.exists():
        return 0
    pending = Takeover.objects.filter(IS_OPEN, kind=Kind.AUDIO, job__state__in=OPEN_STATES)
    needed = {params.get("clip") for params in pending.values_list("params", flat=True)}
    gone = [clip for clip in removed.order_by("removed_at") if clip.pk not in needed][:_MOST]
    for clip in gone:
        files.forget(clip.stored_as)
    Clip.objects.filter(pk__in=[clip.pk for clip in gone]).update(files_gone_at=now)
    return len(gone)
