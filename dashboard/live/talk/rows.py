"""What a microphone's socket asks of the database. Synchronous; refusals are in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation

from dashboard.accounts.access import Action, actor_of, may
from dashboard.accounts.models import Member, User
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.live.hub import access
from dashboard.takeover import floor as floors
from dashboard.takeover.services import arming, voice
from dashboard.takeover.services import line_lost as lost


@dataclass(frozen=True, slots=True)
class Login:
    """Who opened the socket, as of then."""

    user_id: int
    session_key: str
    access_epoch: int


@dataclass(frozen=True, slots=True)
class Joined:
    """A page with an armed microphone: it holds this floor as long as `epoch` and `talker` are the floor's own."""

    job: Job
    user: User
    member: Member
    epoch: int
    talker: str
    language: str


def join(login: Login, token: str, job_id: int, language: str) -> Joined:
    """Raises a Refusal for a ticket that is no good, or a floor that went to somebody else."""
    with translation.override(language):
        floor = arming.redeem(token=token, job_id=job_id, user_id=login.user_id)
        job = Job.objects.whole(job_id)
        member = Member.objects.select_related("user").get(team_id=job.team_id, user_id=login.user_id)
        return Joined(job, member.user, member, floor.epoch, floor.talker, language)


def still_may(login: Login, joined: Joined) -> bool:
    """Whether the login lives and its role may still speak here."""
    if access.access_epoch(login.user_id) != login.access_epoch or not access.living_sessions({login.session_key}):
        return False
    member = Member.objects.filter(team_id=joined.job.team_id, user_id=login.user_id).first()
    return may(member, Action.TAKE_FLOOR)


def renew(joined: Joined) -> bool:
    """False where the floor is no longer this page's."""
    return floors.renew(joined.job.pk, joined.epoch, joined.talker, clock.now())


def press(joined: Joined, key: str, *, confirmed: bool) -> str:
    """The trace of a new voice; raises a Refusal where there can be none."""
    with translation.override(joined.language):
        item = voice.open_voice(
            job=joined.job,
            user=joined.user,
            actor=actor_of(joined.member),
            epoch=joined.epoch,
            talker=joined.talker,
            key=key,
            confirmed=confirmed,
        )
        return item.trace_id


def line_lost(trace_id: str) -> None:
    lost.line_lost(trace_id=trace_id)


def leave(joined: Joined, why: str) -> None:
    """The floor is free again, if it still is this page's. `why` is empty where the person disarmed."""
    arming.leave(
        job=joined.job,
        epoch=joined.epoch,
        talker=joined.talker,
        actor=actor_of(joined.member),
        user=joined.user,
        why=why,
    )
