"""Who is asked before something is said in answer to a recorded event, and told after: apps above takeovers join here.

They join when Django starts (`apps.py`), so a takeover knows nothing of what its cause means to them.
"""

from __future__ import annotations

from typing import Protocol

from dashboard.accounts.models import User
from dashboard.jobs.models import Job
from dashboard.takeover.models import Takeover


class Follower(Protocol):
    def check(self, job: Job, event_id: int, user: User | None) -> None:
        """Raise a `Refusal` where the event must not be answered (again) by this person, or rule (None)."""

    def said(self, item: Takeover) -> None:
        """`item` was asked for, in this transaction; `item.cause_event_id` is what it answers."""


_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    if follower not in _followers:
        _followers.append(follower)


def check(job: Job, event_id: int | None, user: User | None) -> None:
    for follower in _followers if event_id is not None else ():
        follower.check(job, event_id or 0, user)


def tell(item: Takeover) -> None:
    for follower in _followers if item.cause_event_id is not None else ():
        follower.said(item)
