"""Renews the RTC tokens of running jobs before they end (SoftSugar; 004:1036, 004:1078).

A viewer's is made by the vendor; the host's of our own RTC application by the team's token service, and one that ended
is an alarm (96). MetaStudio's IAM token is renewed by its gateway half an hour before its end: every call looks.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from dashboard.events.kinds import Kind, Nothing, Told
from dashboard.jobs.models import IS_OPEN, RTC_ALARM_BEFORE, Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay import token_service
from dashboard.live.relay.keeper import Alive
from dashboard.live.relay.outcomes.shared import in_room, note, told_payload
from dashboard.live.relay.sessions import session_of
from dashboard.vendors.port import Accepted, Gateway, NotSent, Rejected

logger = logging.getLogger(__name__)

#: How long a viewer's token lasts is printed nowhere; the vendor's own player is warned 30 s before.
VIEWER_TOKEN_LASTS = timedelta(hours=1)
#: So long before its end each is renewed.
MARGIN = timedelta(minutes=2)
#: One that could not be renewed is tried again after this; and no more than this many in one round.
AGAIN_S = 10.0
AT_ONCE = 20


class Renewals:
    """What one relay tried lately: job → when, monotonic."""

    def __init__(self, relay: str, alive: Alive) -> None:
        self.relay = relay
        self.alive = alive
        self._tried: dict[int, float] = {}

    async def renew(self, account_id: int, gateway: Gateway) -> None:
        """One round for one account."""
        if gateway.tokens is None:
            return
        now = clock.monotonic()
        self._tried = {pk: at for pk, at in self._tried.items() if now - at < AGAIN_S}
        for job in await in_thread(_due, account_id, self.relay, frozenset(self._tried)):
            if not self.alive():
                return
            self._tried[job.pk] = now
            await _renew_viewers(job, gateway)
            await _renew_hosts(job, gateway)


def _due(account_id: int, relay: str, tried: frozenset[int]) -> list[Job]:
    soon = clock.now() + MARGIN
    viewers = Q(viewer_token_ends_at=None) | Q(viewer_token_ends_at__lte=soon)
    hosts = Q(rtc_expired_at__isnull=False) | Q(rtc_ends_at__lte=soon)
    mine = Job.objects.filter(IS_OPEN, account_id=account_id, owner=relay, missing_since=None).exclude(rtc="")
    due = mine.filter(viewers | hosts).exclude(pk__in=tried)
    return list(due.select_related("room", "account").order_by("pk")[:AT_ONCE])


async def _renew_viewers(job: Job, gateway: Gateway) -> None:
    ends_at, now = job.viewer_token_ends_at, clock.now()
    session = session_of(job)
    channel = str(session.rtc.get("channel_id") or "")
    if gateway.tokens is None or not channel or (ends_at is not None and ends_at > now + MARGIN):
        return
    outcome = await gateway.tokens.for_viewer(session, channel)
    if isinstance(outcome, Accepted):
        await in_thread(_keep_viewers, job, outcome.value, now)
    elif isinstance(outcome, Rejected):
        logger.warning("job %s: no viewer's token: %s", job.pk, outcome.error.code)


def _keep_viewers(job: Job, token: str, asked_at: datetime) -> None:
    job.viewer_token, job.viewer_token_ends_at = token, asked_at + VIEWER_TOKEN_LASTS
    job.save(update_fields=["viewer_token", "viewer_token_ends_at"])


async def _renew_hosts(job: Job, gateway: Gateway) -> None:
    """Only where the picture goes through an RTC application of our own: then the job knows when its token ends."""
    is_over = job.rtc_expired_at is not None
    if gateway.tokens is None or not (is_over or (job.rtc_ends_at and job.rtc_ends_at <= clock.now() + MARGIN)):
        return
    session = session_of(job)
    made = await token_service.ask(job.account, session)
    if made is None:
        await in_thread(_not_made, job)
        return
    outcome = await gateway.tokens.renew(session, made.token)
    if isinstance(outcome, Accepted):
        await in_thread(_renewed, job, made.ends_at)
    elif isinstance(outcome, Rejected):
        await in_thread(_say, job, told_payload(outcome.error, request_id=outcome.request_id))
    elif not isinstance(outcome, NotSent):
        logger.warning("job %s: the new RTC token has no answer, it is sent again", job.pk)


def _renewed(job: Job, ends_at: datetime) -> None:
    def keep() -> None:
        Job.objects.filter(pk=job.pk).update(rtc_ends_at=ends_at)
        note(job, Kind.JOB_RTC_RENEWED, Nothing(), f"{clock.now().timestamp():.0f}")

    in_room(job, keep)


def _not_made(job: Job) -> None:
    told = Told(
        happened=("There is no new RTC token for the picture.", "没有可用于画面的新 RTC 令牌。"),
        todo=(
            "Set the token service in the vendor account, or see why it does not answer.",
            "请在厂商账号中填写令牌服务地址，或检查它为何没有回应。",
        ),
        why="token service",
    )
    _say(job, told)


def _say(job: Job, told: Told) -> None:
    """Once for each token that was to be renewed, however often that is tried; and once more shortly before its end."""
    about = job.rtc_expired_at or job.rtc_ends_at
    is_nearly_over = job.rtc_expired_at is None and about is not None and about - clock.now() <= RTC_ALARM_BEFORE
    key = f"{about.timestamp() if about else 0:.0f}{':soon' if is_nearly_over else ''}"
    in_room(job, lambda: note(job, Kind.JOB_RTC_REFUSED, told, key))
