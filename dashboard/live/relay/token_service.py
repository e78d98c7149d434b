"""The team's own service that makes tokens for its RTC application. Talkback never holds its certificate."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import msgspec

from dashboard.lib import clock, shapes
from dashboard.vendors.models import VendorAccount
from dashboard.vendors.port import Session
from dashboard.vendors.registry import AddressRefused, check_address

logger = logging.getLogger(__name__)

PATIENCE_S = 5.0
LARGEST_ANSWER = 16 * 1024


class _Answer(msgspec.Struct, frozen=True):
    token: str
    expires_in: float


@dataclass(frozen=True, slots=True)
class Made:
    token: str = field(repr=False)
    ends_at: datetime


async def ask(account: VendorAccount, session: Session) -> Made | None:
    """A new token for the host of this session's channel; None where nobody makes one. Logs no address: it is a key."""
    secrets = account.secrets_kept
    url = secrets.get("rtc_service", "")
    if not url:
        return None
    wanted = {"channel": str(session.rtc.get("channel_id") or ""), "uid": str(session.rtc.get("uid") or "")}
    try:
        check_address(url)
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
            answer = await client.get(url, params=wanted)
        answer.raise_for_status()
        made = shapes.decode(answer.content[:LARGEST_ANSWER], _Answer)
    except (AddressRefused, httpx.HTTPError, msgspec.MsgspecError, UnicodeError) as problem:
        logger.warning("the RTC token service of account %s: %s", account.pk, type(problem).__name__)
        return None
    if not made.token or made.expires_in <= 0:
        return None
    return Made(made.token, clock.now() + timedelta(seconds=min(made.expires_in, 366 * 86_400)))
