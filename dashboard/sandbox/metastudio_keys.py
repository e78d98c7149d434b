"""What a start hands out for later: RTC users with their signatures, and the URL for reporting events.

How the vendor makes the two is printed nowhere (002:8929, 10004); callers must treat them as opaque (A29, A38). They
stay the same for an hour, so that a client that polls does not see a change at each poll.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from typing import Any

from dashboard.sandbox.metastudio_job import Job
from dashboard.sandbox.metastudio_wire import (
    REPORT_KEY_EXPIRED,
    REPORT_KEY_TOO_OLD,
    REPORT_KEY_WRONG,
    Refused,
)
from dashboard.sandbox.world import World

HOUR_S = 3600
LIFETIME_S = 24 * HOUR_S
# An expired URL can be renewed for this long (MSS.20010077 prints no number).
RENEWABLE_S = 24 * HOUR_S
LOG_PATH = "/sandbox/metastudio/live-job-logs/"
APP_ID = "sandbox-rtc"
# The roles of 002:8925 that a console may take: it pushes sound, or watches.
USERS = ("CAPTURE", "PLAYER", "END_USER")


class Keys:
    def __init__(self, world: World) -> None:
        self._world = world
        # Raised by the expire_tokens fault: everything handed out before is worth nothing.
        self.generation = 0

    def now(self) -> float:
        return self._world.clock.wall().timestamp()

    def _expiry(self) -> int:
        return (int(self.now()) // HOUR_S + 1) * HOUR_S + LIFETIME_S

    def _sign(self, *parts: object) -> str:
        # The account's own SK as the key: nobody else has it, and it lives as long as what is signed.
        text = ":".join(str(part) for part in (self.generation, *parts))
        return signed(self._world.credentials.sk, text)

    # --- RTC -------------------------------------------------------------------------------------------------------

    def rtc_room_info(self, job: Job) -> dict[str, Any]:
        expires = self._expiry()
        users = [
            {
                "user_type": kind,
                "user_id": user_id,
                "signature": self._sign("rtc", job.rtc_room, user_id, expires),
                "ctime": expires,
            }
            for kind in USERS
            for user_id in [f"{kind.lower()}-{job.rtc_room[:12]}"]
        ]
        return {"app_id": APP_ID, "room_id": job.rtc_room, "users": users}

    def may_join(self, rtc_room: str, user_id: str, signature: str, ctime: str) -> bool:
        if not ctime.isascii() or not ctime.isdigit() or int(ctime) <= self.now():
            return False
        return same(signature, self._sign("rtc", rtc_room, user_id, ctime))

    # --- reporting -------------------------------------------------------------------------------------------------

    def report_url(self, job: Job) -> str:
        expires = self._expiry() * 1000
        project = self._world.credentials.project_id
        path = f"/v1/{project}/smart-live-rooms/{job.room_id}/smart-live-jobs/{job.job_id}/live-event-report"
        key = self._sign("report", job.job_id, expires)
        return f"{self._world.base_url}{path}?auth_key={key}&expires_time={expires}"

    def check_report(self, job_id: str, auth_key: str, expires: str, *, refresh: bool) -> None:
        """Raises Refused; an expired key may still fetch a new URL for a while."""
        if not same(auth_key, self._sign("report", job_id, expires)):
            raise Refused(REPORT_KEY_WRONG)
        late = self.now() - int(expires) / 1000
        if late >= 0 and not refresh:
            raise Refused(REPORT_KEY_EXPIRED)
        if late >= RENEWABLE_S:
            raise Refused(REPORT_KEY_TOO_OLD)

    # --- the log of a job ------------------------------------------------------------------------------------------

    def log_url(self, job: Job) -> str:
        """Where the interaction records lie (002:9175), for whoever has the address."""
        expires = self._expiry()
        key = self._sign("log", job.job_id, expires)
        return f"{self._world.base_url}{LOG_PATH}{job.job_id}?expires={expires}&key={key}"

    def may_read_log(self, job_id: str, expires: str, key: str) -> bool:
        if not expires.isascii() or not expires.isdigit() or int(expires) <= self.now():
            return False
        return same(key, self._sign("log", job_id, expires))


@functools.lru_cache(maxsize=20_000)
def signed(secret: str, text: str) -> str:
    """Remembered, since a list of a thousand jobs shows four of them per job, the same ones for an hour."""
    return hmac.digest(secret.encode(), text.encode(), hashlib.sha256).hex()


def same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
