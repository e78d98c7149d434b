"""A producer rewrites the script of a running job: what is still ahead, in this loop or the next, and the
room's own if so wanted."""

from __future__ import annotations

from dataclasses import asdict

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs import steering
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind
from dashboard.rooms.services.script import save_script
from dashboard.takeover.rewriting import Edit, confirmed, lines_of
from dashboard.takeover.script import plays_for


def rewrite_script(*, job: Job, edit: Edit, seen: str, user: User, actor: Actor) -> JobChange:
    """Put `edit` on air. `seen` is the digest of the difference that was shown: another one is shown first.

    MetaStudio: the vendor is asked, and what we know of the script changes when it says yes. SoftSugar: our player
    reads the new script from its next paragraph on.
    """
    with deeds.locked(job.topic) as now:
        job.refresh_from_db()
        proposal, held = confirmed(job, edit, seen)
        before = [line.text for line in lines_of(job)]
        ahead = 0 if held.loops else held.through
        wanted = steering.Wanted(
            ChangeKind.SCRIPT,
            {"lines": [asdict(line) for line in proposal.lines], "before": before, "through": held.through},
            before={"script": before[ahead:]},
            after={"script": [line.text for line in proposal.lines[ahead:]]},
        )
        by_vendor = not plays_for(job)
        change = steering.ask(job, wanted, user=user, actor=actor, now=now, by_vendor=by_vendor)
        if edit.saves_room:
            save_script(
                room=job.room,
                lines=[(line.scene_no, line.title, line.text) for line in proposal.lines],
                user=user,
                actor=actor,
            )
    return change
