"""A change of a running job, as it is asked for: its row, its command, and both ways of telling it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Change, Compared, Kind
from dashboard.jobs import commands
from dashboard.jobs.decisions import PROJECTIONS, decided
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind


@dataclass(frozen=True, slots=True)
class Wanted:
    """`payload` and the trail's `before` and `after` never hold a secret; `secret` does, and is kept encrypted."""

    kind: ChangeKind
    payload: Mapping[str, object]
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    reason: str = ""


#: The action of each kind in the trail.
ACTIONS = {
    ChangeKind.SCRIPT: "rewrite_script",
    ChangeKind.RULES: "rewrite_rules",
    ChangeKind.OUTPUT: "change_output",
    ChangeKind.LAYER: "show_layer",
    ChangeKind.PRELOAD: "preload",
}


def ask(job: Job, wanted: Wanted, *, user: User, actor: Actor, now: datetime, by_vendor: bool) -> JobChange:
    """Write `wanted` down and let the vendor carry it out; where we do it ourselves it counts at once.

    The topic is locked by the caller.
    """
    change = JobChange.objects.create(
        job=job,
        kind=wanted.kind,
        payload=dict(wanted.payload),
        secret=wanted.secret,
        author=user,
        author_label=str(user),
        asked_at=now,
    )
    told = Change(change=change.pk, what=str(wanted.kind), why=wanted.reason[:200])
    facts = [decided(job, Kind.JOB_CHANGE_ASKED, told, user=user, key=str(change.pk))]
    if not by_vendor:
        facts.append(decided(job, Kind.JOB_CHANGED, told, user=user, key=str(change.pk)))
    deeds.record(
        facts,
        PROJECTIONS,
        actor=actor,
        action=ACTIONS[wanted.kind],
        target=job,
        reason=wanted.reason,
        before=wanted.before or None,
        after=wanted.after or None,
    )
    if by_vendor:
        commands.change(job, change)
    change.refresh_from_db()
    return change


def tell_adopted(job: Job, name: str, ours: str, theirs: str, *, user: User, actor: Actor) -> None:
    """A person took what the vendor runs as what is meant."""
    fact = decided(job, Kind.JOB_COMPARED, Compared(), user=user)
    before, after = {name: ours}, {name: theirs}
    deeds.record([fact], PROJECTIONS, actor=actor, action="adopt", target=job, before=before, after=after)


def note_asked(job: Job, actor: Actor) -> None:
    trail.record(team_id=job.team_id, actor=actor, action="ask_record", target=job, room_id=job.room_id)
