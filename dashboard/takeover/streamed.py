"""Clips on a vendor that plays no files (SoftSugar, B32): streamed as a voice, which takes an empty queue (004:330)."""

from __future__ import annotations

from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.vendors.models import VendorKind

#: At the vendor, as far as anybody knows. What is of unknown outcome may be there or not: the vendor itself says so.
THERE = (
    TakeoverState.SENDING,
    TakeoverState.ACCEPTED,
    TakeoverState.QUEUED,
    TakeoverState.PLAYING,
    TakeoverState.CANCELLING,
)


def is_streamed(item: Takeover) -> bool:
    return item.kind == Kind.AUDIO and item.job.account.vendor == VendorKind.SOFTSUGAR
