"""Which click and which command the work at hand belongs to: named in every log line, and the times of its flow.

A request has an id; what it asks for keeps that id as its `origin`, also where a relay sends it much later. A command
and its takeover share a trace id, which the vendor gets and tells back.
"""

from __future__ import annotations

import contextlib
import re
from collections import OrderedDict
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

from dashboard.lib import clock

#: What another program may call a request: it comes into logs and rows.
_ACCEPTED = re.compile(r"[A-Za-z0-9._:-]{1,64}")
#: Commands whose departure is remembered until the vendor's first word; more than a relay has on their way.
MOST_DEPARTURES = 2_000


@dataclass(slots=True)
class Request:
    id: str
    #: Monotonic seconds.
    began_at: float
    #: Something that it asked for is committed.
    is_committed: bool = False


@dataclass(slots=True)
class Following:
    """The command that is at work, the request it came from ("" where none), and when its first byte left."""

    trace_id: str
    origin: str
    began_at: float
    left_at: float | None = None


_request: ContextVar[Request | None] = ContextVar("request", default=None)
_following: ContextVar[Following | None] = ContextVar("following", default=None)
_departures: OrderedDict[str, float] = OrderedDict()


def new_id(given: str = "") -> str:
    """The id that a trusted proxy gave, where it is fit to be kept, else one of our own."""
    return given if _ACCEPTED.fullmatch(given) else uuid4().hex


@contextlib.contextmanager
def serving(request_id: str) -> Iterator[Request]:
    """While the block runs, this is the request that everything is asked in."""
    request = Request(request_id, clock.monotonic())
    token = _request.set(request)
    try:
        yield request
    finally:
        _request.reset(token)


@contextlib.contextmanager
def following(trace_id: str, origin: str = "") -> Iterator[Following]:
    """While the block runs, all work and every log line is about this command or takeover."""
    followed = Following(trace_id, origin, clock.monotonic())
    token = _following.set(followed)
    try:
        yield followed
    finally:
        _following.reset(token)


def asked_in() -> str:
    """The id of the request being served; empty for what Talkback does by itself. The default of `origin` columns."""
    request = _request.get()
    return request.id if request is not None else ""


def began_at() -> float | None:
    """When the request being served came in, monotonic."""
    request = _request.get()
    return request.began_at if request is not None else None


def committed() -> float | None:
    """Something that the request asked for is committed: seconds since it came in, the first time only."""
    request = _request.get()
    if request is None or request.is_committed:
        return None
    request.is_committed = True
    return clock.monotonic() - request.began_at


def ids() -> tuple[str, str]:
    """Request id and trace id of the work at hand, each empty where there is none."""
    followed = _following.get()
    origin = followed.origin if followed is not None else ""
    return asked_in() or origin, followed.trace_id if followed is not None else ""


def leaves() -> float | None:
    """The first byte of the followed command leaves; seconds since its claim, the first time only."""
    followed = _following.get()
    if followed is None or followed.left_at is not None:
        return None
    followed.left_at = _departures[followed.trace_id] = clock.monotonic()
    while len(_departures) > MOST_DEPARTURES:
        _departures.popitem(last=False)
    return followed.left_at - followed.began_at


def answered(trace_id: str) -> float | None:
    """The vendor's first word about it: seconds since it left this process; None where that is not known here."""
    left_at = _departures.pop(trace_id, None)
    return clock.monotonic() - left_at if left_at is not None else None
