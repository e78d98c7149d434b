"""A quick reply: one press says a prepared phrase at the end, with what is on air filled in."""

from __future__ import annotations

from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.lib.errors import Invalid
from dashboard.library.models import QuickReply
from dashboard.takeover.models import Takeover
from dashboard.takeover.quick_words import filled, no_value
from dashboard.takeover.services.ask import request_takeover
from dashboard.takeover.states import Source
from dashboard.takeover.wish import Wish


def say_quick_reply(
    *, job: Job, reply: QuickReply, user: User, actor: Actor, key: str, ends_silence: bool = False
) -> Takeover:
    """Say it at the end. A variable without a value refuses: half a sentence is worse than none."""
    text, missing = filled(reply, job.room)
    if missing:
        raise Invalid(no_value(missing), field="text")
    wish = Wish(text, source=Source.QUICK_REPLY, params={"quick_reply": reply.pk})
    return request_takeover(job=job, wish=wish, user=user, actor=actor, key=key, ends_silence=ends_silence)
