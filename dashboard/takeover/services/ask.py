"""Somebody or something lets the digital human say something, or say it once more."""

from __future__ import annotations

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.takeover import checks, content, departure, promised
from dashboard.takeover.models import Takeover
from dashboard.takeover.wish import Wish, wish_of


def request_takeover(
    *, job: Job, wish: Wish, user: User | None, actor: Actor, key: str, ends_silence: bool = False
) -> Takeover:
    """Let viewers hear `wish`. Same key and content: the same row; same key, other content: Conflict.

    `user` is the person behind it, None where a rule asks. In a silent room a person's words raise Unconfirmed unless
    they are meant to end the silence.
    """
    wish = content.checked(wish, job)
    with deeds.locked(job.topic) as now:
        if existing := checks.sent_before(job, key, wish.digest):
            return existing
        job.refresh_from_db()
        checks.check_can_speak(job)
        checks.check_ends_silence(job, is_meant=ends_silence or not wish.is_by_hand)
        item, fact = promised.new_item(job, wish, key=key, author=user, now=now)
        after = {"text": wish.text, "mode": str(wish.mode)}
        deeds.record([fact], actor=actor, action="take_over", target=item, reason=wish.reason, after=after)
        departure.set_out(item)
    return item


def send_again(
    *, item: Takeover, user: User, actor: Actor, key: str, version: int | None = None, ends_silence: bool = False
) -> Takeover:
    """A person decided: the words of an unknown item go out once more, as a new item. Viewers may hear them twice."""
    wish = wish_of(item)
    with deeds.locked(item.job.topic):
        item.refresh_from_db()
        if existing := checks.sent_before(item.job, key, wish.digest):  # the same press once more
            return existing
        checks.check_version(item, version)
        checks.check_can_send_again(item)
        return request_takeover(job=item.job, wish=wish, user=user, actor=actor, key=key, ends_silence=ends_silence)
