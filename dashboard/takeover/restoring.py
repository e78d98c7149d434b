"""The end of a silence: a person lets the room speak again, or says something into it. See docs/live.md, Silence."""

from __future__ import annotations

from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.jobs.services.hold import let_go
from dashboard.takeover import commands, follow_up, silences
from dashboard.takeover.models import Takeover
from dashboard.takeover.silences import Way
from dashboard.takeover.states import Source


def speak_again(job: Job, *, user: User, actor: Actor, by_words: bool = False) -> None:
    """The silence is over, and the script goes on. The topic is locked by the caller.

    `by_words`: what the silence was to cancel still is. On SoftSugar words wait until its cancel is answered.
    """
    if not (by_words and silences.way_of(job) == Way.PLAYER):
        commands.clear_silences(job)
    let_go(job, user=user, actor=actor)
    if silences.way_of(job) == Way.CHANNEL:
        commands.resume(job)
    job.refresh_from_db()
    follow_up.on_air(job)


def words_end_silence(item: Takeover) -> None:
    """`item` is on its way: what a person said by hand is to be heard, and the pages may not say "silent" meanwhile.

    What was asked for before the silence was taken back by it, so this was said into it.
    """
    job = next(
        iter(Job.objects.select_related("account", "room").filter(pk=item.job_id, silenced_at__isnull=False)), None
    )
    user = item.author
    if job is None or user is None or item.source not in (Source.PERSON, Source.QUICK_REPLY):
        return
    if item.author_label == str(user):  # else somebody only stands for who says it: a rehearsal's instructor
        speak_again(job, user=user, actor=Actor(id=user.pk, label=str(user)), by_words=True)
