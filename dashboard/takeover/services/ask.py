"""An operator lets the digital human say something, or say it once more."""

from __future__ import annotations

import hashlib

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.takeover import checks, items
from dashboard.takeover.decisions import decided
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode


def request_takeover(
    *,
    job: Job,
    user: User,
    actor: Actor,
    text: str,
    mode: Mode,
    key: str,
    reason: str = "",
    cause_event_id: int | None = None,
    again_of: Takeover | None = None,
    label: str = "",
) -> Takeover:
    """Make the digital human say `text`. Same key and content: the same row; same key, other content: Conflict."""
    text = checks.check_text(text, job.account.vendor)
    digest = _digest(text, mode)
    with deeds.locked(job.topic) as now:
        if existing := checks.sent_before(job, key, digest):
            return existing
        job.refresh_from_db()
        checks.check_can_speak(job)
        item = items.persons_item(
            job,
            text=text,
            mode=mode,
            key=key,
            digest=digest,
            author=user,
            now=now,
            reason=reason,
            cause_event_id=cause_event_id,
            again_of=again_of,
            label=label,
        )
        fact, after = decided(item, Kind.ITEM_REQUESTED, user=user), {"text": text, "mode": str(mode)}
        deeds.record([fact], actor=actor, action="take_over", target=item, reason=reason, after=after)
        items.hand_on(item)
    return item


def send_again(*, item: Takeover, user: User, actor: Actor, key: str, version: int | None = None) -> Takeover:
    """A person decided: the words of an unknown item go out once more, as a new item. Viewers may hear them twice."""
    mode = Mode(item.mode)
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if existing := checks.sent_before(item.job, key, _digest(item.text, mode)):  # the same press once more
            return existing
        checks.check_version(item, version)
        checks.check_can_send_again(item)
        return request_takeover(job=item.job, user=user, actor=actor, text=item.text, mode=mode, key=key, again_of=item)


def _digest(text: str, mode: Mode) -> str:
    """What a key stands for: the same key with another digest is no repeat."""
    return hashlib.sha256(f"{mode}\n{text}".encode()).hexdigest()
