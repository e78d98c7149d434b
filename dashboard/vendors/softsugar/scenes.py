"""What SoftSugar shows besides the avatar's words: scene changes, files fetched beforehand, and the RTC's tokens."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.vendors.port import Accepted, Guard, Outcome, Rejected, Session, Unknown, always
from dashboard.vendors.port_live import PastJob, SceneChange
from dashboard.vendors.softsugar import errors, wire
from dashboard.vendors.softsugar.client import SoftSugarClient

RECEIVED, PRELOADED = 51, 75


class SoftSugarScenes:
    def __init__(self, client: SoftSugarClient) -> None:
        self._client = client

    async def change(self, session: Session, change: SceneChange, guard: Guard = always) -> Outcome[str]:
        """004:158. Status 51 says that it was received; 52 to 55 that it was not done (004:193)."""
        answer = await self._client.control(session.vendor_ref, change, guard)
        if not isinstance(answer, Accepted):
            return answer
        told = answer.value.value
        if told.command_status != RECEIVED:
            return Rejected(errors.of_status(told.command_status), answer.request_id)
        return Accepted(told.command_trace_id or "", answer.request_id)

    async def preload(self, session: Session, files: Sequence[str]) -> Outcome[None]:
        """004:364. Status 75 says done; 73 and 74 that it failed (004:397)."""
        answer = await self._client.preload(session.vendor_ref, files)
        if not isinstance(answer, Accepted):
            return answer
        status = answer.value.value.command_status
        if status != PRELOADED:
            return Rejected(errors.of_status(status), answer.request_id)
        return Accepted(None, answer.request_id)


class SoftSugarTokens:
    def __init__(self, client: SoftSugarClient) -> None:
        self._client = client

    async def for_viewer(self, session: Session, channel: str) -> Outcome[str]:
        """004:1036"""
        answer = await self._client.audience_token(session.vendor_ref, channel)
        if not isinstance(answer, Accepted):
            return answer
        if not answer.value.value:
            return Unknown("unreadable_answer", "no token", answer.request_id)
        return Accepted(answer.value.value, answer.request_id)

    async def renew(self, session: Session, token: str) -> Outcome[None]:
        """004:1078; for sessions in an RTC application of our own."""
        answer = await self._client.renew_host_token(session.vendor_ref, token)
        return Accepted(None, answer.request_id) if isinstance(answer, Accepted) else answer


class SoftSugarHistory:
    def __init__(self, client: SoftSugarClient) -> None:
        self._client = client

    async def page(self, number: int = 1, size: int = 100) -> Outcome[tuple[PastJob, ...]]:
        """004:958"""
        answer = await self._client.history(
            {"pageNo": number, "pageSize": size, "sortName": "startTime", "sortValue": "desc"}
        )
        if not isinstance(answer, Accepted):
            return answer
        past = (
            PastJob(row.session_id, str(row.status), wire.parse_time(row.start_time), wire.parse_time(row.end_time))
            for row in answer.value.value.result
        )
        return Accepted(tuple(past), answer.request_id)
