"""SoftSugar's 14 HTTP calls (004:15-1118), typed: one bounded client per account, and one of four outcomes per call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import httpx
import msgspec

from dashboard.lib.clock import Clock
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.generated import softsugar as api
from dashboard.vendors.contract.validation import check_body, check_query
from dashboard.vendors.http import Answer, Reply, counted, exchange, make_client
from dashboard.vendors.port import (
    Accepted,
    Credential,
    Guard,
    NotSent,
    Outcome,
    Rejected,
    RoomPlan,
    Unknown,
    always,
)
from dashboard.vendors.port_live import Limiter
from dashboard.vendors.softsugar import errors, plans, wire

T = TypeVar("T")


class SoftSugarClient:
    def __init__(
        self,
        credential: Credential,
        *,
        limiter: Limiter,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._base = credential.base_url.rstrip("/")
        self._token = credential.token
        # The vendor documents no rate limits: there is no window to wait in, only what it refused.
        self._limiter = limiter
        self._clock = clock
        self._http = make_client((self._base,), transport)
        self._contract = contract("softsugar")

    async def close(self) -> None:
        await self._http.aclose()

    # ------------------------------------------------------------------------------------------------------- sessions

    async def create(self, plan: RoomPlan, job_key: str) -> Outcome[Reply[wire.Created]]:
        """004:15: opens a session and starts the billing; "timing begins as soon as the live room is created"."""
        return await self._call(api.ChannelCreate(body=plans.create_body(plan, job_key)), wire.Created)

    async def start(self, session_id: str) -> Outcome[Reply[bool | None]]:
        """004:118"""
        return await self._done(api.ChannelStart(body={"sessionId": session_id}))

    async def heartbeat(self, session_id: str) -> Outcome[Reply[object]]:
        """004:79"""
        return await self._call(api.ChannelHeartbeat(body={"sessionId": session_id}), object)

    async def end(self, session_id: str) -> Outcome[Reply[bool | None]]:
        """004:548"""
        return await self._done(api.ChannelClose(body={"sessionId": session_id}))

    async def stat(self, session_id: str) -> Outcome[Reply[wire.Stat]]:
        """004:865"""
        return await self._call(api.ChannelStat(query={"sessionId": session_id}), wire.Stat)

    async def running(self) -> Outcome[Reply[list[wire.Running]]]:
        """004:916"""
        answer = await self._call(api.RunningList(), msgspec.Raw)
        if not isinstance(answer, Accepted):
            return answer
        try:
            sessions = wire.decode_running(answer.value.value)
        except wire.Unreadable as problem:
            return Unknown("unreadable_answer", str(problem), answer.request_id)
        return Accepted(Reply(sessions, answer.value.asked_at, answer.value.skew_ms), answer.request_id)

    async def history(self, wanted: api.HistoryListBody) -> Outcome[Reply[wire.History]]:
        """004:958: sessions that are over, by page; `wanted` also filters and sorts."""
        return await self._call(api.HistoryList(body=wanted), wire.History)

    # ------------------------------------------------------------------------------------------------------ takeovers

    async def queue(self, session_id: str) -> Outcome[Reply[wire.Queue | None]]:
        """004:820: takeovers in the order of playing, the playing or next one first; no control commands."""
        return await self._call(api.QueueList(body={"sessionId": session_id}), wire.MAYBE_QUEUE)

    async def cancel(
        self, session_id: str, trace_ids: Sequence[str] | None, guard: Guard
    ) -> Outcome[Reply[wire.Success]]:
        """004:458: several are joined by ";", "-1" is everything, the playing one included (B24)."""
        refs = "-1" if trace_ids is None else ";".join(trace_ids)
        call = api.CommandCancel(body={"sessionId": session_id, "commandTraceId": refs})
        return await self._call(call, wire.Success, guard=guard)

    async def reorder(self, session_id: str, trace_id: str, place: int, guard: Guard) -> Outcome[Reply[wire.Success]]:
        """004:411"""
        call = api.QueueReorder(body={"sessionId": session_id, "commandTraceId": trace_id, "priority": place})
        return await self._call(call, wire.Success, guard=guard)

    async def control(
        self, session_id: str, script: api.ControlScript, guard: Guard = always
    ) -> Outcome[Reply[wire.Command]]:
        """004:158: change avatar, foregrounds or background; `param` is the control script as JSON text (004:741)."""
        call = api.SuperControl(body={"sessionId": session_id, "param": plans.json_text(script)})
        return await self._call(call, wire.Command, guard=guard)

    async def preload(self, session_id: str, files: Sequence[str]) -> Outcome[Reply[wire.Command]]:
        """004:364"""
        call = api.WarmedFileAdd(body={"sessionId": session_id, "filePreloadList": list(files)})
        return await self._call(call, wire.Command)

    # ------------------------------------------------------------------------------------------------------------ RTC

    async def audience_token(self, session_id: str, channel_id: str) -> Outcome[Reply[str | None]]:
        """004:1036"""
        call = api.RtcTokenAudience(body={"sessionId": session_id, "rtcChannelId": channel_id})
        return await self._call(call, wire.MAYBE_TEXT)

    async def renew_host_token(self, session_id: str, token: str) -> Outcome[Reply[object]]:
        """004:1078"""
        call = api.RtcTokenHostRenew(body={"sessionId": session_id, "urtcToken": token})
        return await self._call(call, object)

    # -------------------------------------------------------------------------------------------------------- the call

    async def _done(self, call: api.ChannelStart | api.ChannelClose) -> Outcome[Reply[bool | None]]:
        """A call whose `data` says whether it succeeded (004:148, 578)."""
        answer = await self._call(call, wire.MAYBE_BOOL)
        if isinstance(answer, Accepted) and answer.value.value is False:
            return Rejected(errors.ours("not_done"), answer.request_id)
        return answer

    async def _call(self, call: api.Call, shape: type[T], *, guard: Guard = always) -> Outcome[Reply[T]]:
        operation = call.documented(self._contract).id
        return await counted("softsugar", operation, self._try(call, shape, guard))

    async def _try(self, call: api.Call, shape: type[T], guard: Guard) -> Outcome[Reply[T]]:
        documented = call.documented(self._contract)
        body, query = call.body_values(), call.query_values()
        violations = check_body(self._contract, documented, body) + check_query(self._contract, documented, query)
        if violations:
            return Rejected(errors.ours("contract", "; ".join(str(one) for one in violations)))
        if not self._token.isascii() or not self._token.isprintable():
            return Rejected(errors.ours("credential"))
        if (wait := await self._limiter.closed(documented.id)) is not None:
            return NotSent("rate_limit", wait)
        request = self._http.build_request(
            documented.method,
            self._base + documented.path,
            params=query or None,
            content=None if body is None else msgspec.json.encode(body),
            headers={"Content-Type": "application/json", "Authorization": self._token},
        )
        answer = await exchange(self._http, request, clock=self._clock, guard=guard)
        outcome = classify(answer, shape) if isinstance(answer, Answer) else answer
        if isinstance(outcome, NotSent) and outcome.why == "rate_limit":
            await self._limiter.refused(documented.id, outcome.retry_after_s)
        return outcome


def classify(answer: Answer, shape: type[T]) -> Outcome[Reply[T]]:
    """What an answer says about whether it happened (design: outcomes; B35: refusals are envelopes below 500)."""
    request_id = answer.request_id
    if answer.status == 429:
        return NotSent("rate_limit", answer.retry_after_s)
    if answer.status >= 500:
        return Unknown("server_error", f"HTTP {answer.status}", request_id)
    try:
        envelope = wire.decode(answer.body, wire.Envelope)
    except wire.Unreadable:
        return _without_envelope(answer)
    if envelope.code != 0:
        return Rejected(errors.of_envelope(envelope.code, str(envelope.message)), request_id)
    if not 200 <= answer.status < 300:
        return Unknown("unreadable_answer", f"HTTP {answer.status} with code 0", request_id)
    try:
        value = wire.decode_data(envelope.data, shape)
    except wire.Unreadable as problem:
        return Unknown("unreadable_answer", str(problem), request_id)
    return Accepted(Reply(value, answer.left_at, answer.skew_ms), request_id)


def _without_envelope(answer: Answer) -> Rejected | NotSent | Unknown:
    if 200 <= answer.status < 300:
        return Unknown("unreadable_answer", f"HTTP {answer.status} without an envelope", answer.request_id)
    if answer.status == 408:
        return NotSent("busy", answer.retry_after_s)
    return Rejected(errors.of_http(answer.status), answer.request_id)
