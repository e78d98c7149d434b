"""MetaStudio's HTTP calls: signed or with a token, checked against the contract, within the documented rates.

One bounded client per account; what comes back is one of four outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec

from dashboard.lib.clock import Clock
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.model import Endpoint
from dashboard.vendors.contract.validation import check_body
from dashboard.vendors.http import Answer, Reply, exchange, make_client
from dashboard.vendors.metastudio import errors, signing, wire
from dashboard.vendors.metastudio.token import IamToken
from dashboard.vendors.port import (
    Accepted,
    Credential,
    Guard,
    Limiter,
    NotSent,
    Outcome,
    Purpose,
    Rejected,
    Unknown,
    always,
)

T = TypeVar("T")

# A successful answer that is longer holds a listing; it is not read twice.
LARGEST_REFUSAL = 4096
# A documented "no resources" or "unavailable" does not pass within a second.
BUSY_S = 5.0
# The vendor refuses signatures that are further off.
MOST_SKEW_MS = 15 * 60 * 1000


class MetaStudioClient:
    def __init__(
        self,
        credential: Credential,
        *,
        limiter: Limiter,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._held = credential
        self._base = credential.base_url.rstrip("/")
        self._limiter = limiter
        self._clock = clock
        self._http = make_client((self._base, credential.iam_url), transport)
        self._contract = contract("metastudio")
        self._iam = IamToken(credential, self._http, clock=clock)

    async def close(self) -> None:
        await self._http.aclose()

    async def call(
        self,
        endpoint: str,
        shape: type[T],
        purpose: Purpose,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        guard: Guard = always,
    ) -> Outcome[Reply[T]]:
        """One documented call. `path` holds the values of its address, the project ID excepted."""
        documented = self._contract.endpoint(endpoint)
        if refused := self._faults(documented, body):
            return refused
        if (wait := await self._wait(documented, purpose)) is not None:
            return NotSent("rate_limit", wait)
        values = {"project_id": self._held.project_id, **(path or {})}
        address = documented.path.format_map({name: quote(value, safe="") for name, value in values.items()})
        tail = f"?{urlencode(query, quote_via=quote)}" if query else ""
        outcome = await self._authorised(documented.method, self._base + address + tail, shape, body, guard)
        return await self._told(endpoint, outcome)

    async def post_report(
        self, url: str, shape: type[T], body: Mapping[str, object], *, purpose: Purpose
    ) -> Outcome[Reply[T]]:
        """Post to a report URL, which is opaque and used as it came (A38)."""
        documented = self._contract.endpoint("report_live_event")
        if not self._may_report_to(url):
            return Rejected(errors.ours("no_report_url"))
        if refused := self._faults(documented, body):
            return refused
        if (wait := await self._wait(documented, purpose)) is not None:
            return NotSent("rate_limit", wait)
        outcome: Outcome[Reply[T]]
        if "auth_key=" in urlsplit(url).query or urlsplit(url).netloc != urlsplit(self._base).netloc:
            # It carries its own key; ours go to the vendor's own address only.
            answer = await exchange(self._http, self._request("POST", url, body), clock=self._clock)
            outcome = classify(answer, shape) if isinstance(answer, Answer) else answer
            if isinstance(outcome, Rejected) and outcome.error.code in errors.REPORT_URL_IS_OVER:
                outcome = replace(outcome, is_out_of_date=True)
        else:
            outcome = await self._authorised("POST", url, shape, body, always)
        return await self._told(documented.id, outcome)

    async def _wait(self, documented: Endpoint, purpose: Purpose) -> float | None:
        if documented.rate_limit:
            return await self._limiter.admit(documented.id, purpose)
        return await self._limiter.closed(documented.id)

    async def _told(self, endpoint: str, outcome: Outcome[Reply[T]]) -> Outcome[Reply[T]]:
        """The vendor's own "too many requests" holds for all who ask this of the account, not for this call alone."""
        if isinstance(outcome, NotSent) and outcome.why == "rate_limit":
            await self._limiter.refused(endpoint, outcome.retry_after_s)
        return outcome

    def _may_report_to(self, url: str) -> bool:
        """An address of the vendor's: as secure as the account's own, and nothing but HTTP."""
        try:
            scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
        except ValueError:
            return False
        return bool(host) and scheme == urlsplit(self._base).scheme

    def _faults(self, documented: Endpoint, body: Mapping[str, object] | None) -> Rejected | None:
        violations = check_body(self._contract, documented, body)
        if not violations:
            return None
        return Rejected(errors.ours("contract", "; ".join(str(one) for one in violations)))

    # -------------------------------------------------------------------------------------------------- authentication

    async def _authorised(
        self, method: str, url: str, shape: type[T], body: Mapping[str, object] | None, guard: Guard
    ) -> Outcome[Reply[T]]:
        held = self._held
        if not all(text.isascii() and text.isprintable() for text in (held.access_key, held.token, held.project_id)):
            return Rejected(errors.ours("credential"))
        if held.access_key and held.secret_key:
            answer = await self._send_signed(method, url, body, guard)
        elif held.token:
            answer = await self._send_with_token(held.token, method, url, body, guard)
        elif held.iam_user:
            return await self._with_iam(method, url, shape, body, guard)
        else:
            return Rejected(errors.ours("credential"))
        return classify(answer, shape) if isinstance(answer, Answer) else answer

    async def _with_iam(
        self, method: str, url: str, shape: type[T], body: Mapping[str, object] | None, guard: Guard
    ) -> Outcome[Reply[T]]:
        """A refused token may have been revoked: ask for a new one and try once more; a 401 had no effect."""
        answer: Answer | NotSent | Unknown
        for _ in range(2):
            token = await self._iam.get()
            if not isinstance(token, str):
                return token
            answer = await self._send_with_token(token, method, url, body, guard)
            if not isinstance(answer, Answer) or answer.status != 401:
                break
            self._iam.forget(token)
        return classify(answer, shape) if isinstance(answer, Answer) else answer

    async def _send_with_token(
        self, token: str, method: str, url: str, body: Mapping[str, object] | None, guard: Guard
    ) -> Answer | NotSent | Unknown:
        request = self._request(method, url, body)
        request.headers["X-Auth-Token"] = token
        request.headers["X-Project-Id"] = self._held.project_id
        return await exchange(self._http, request, clock=self._clock, guard=guard)

    async def _send_signed(
        self, method: str, url: str, body: Mapping[str, object] | None, guard: Guard
    ) -> Answer | NotSent | Unknown:
        request = self._request(method, url, body)
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        signed = {
            "content-type": request.headers["content-type"],
            "host": request.headers["host"],
            "x-project-id": self._held.project_id,
            "x-sdk-date": signing.stamp(self._clock.now()),
        }
        request.headers.update(signed)
        request.headers["Authorization"] = signing.authorization(
            method=method,
            path=path,
            query=query,
            headers=signed,
            body=request.content,
            access_key=self._held.access_key,
            secret_key=self._held.secret_key,
        )
        return await exchange(self._http, request, clock=self._clock, guard=guard)

    def _request(self, method: str, url: str, body: Mapping[str, object] | None) -> httpx.Request:
        content = None if body is None else msgspec.json.encode(body)
        return self._http.build_request(method, url, content=content, headers={"Content-Type": "application/json"})


def classify(answer: Answer, shape: type[T]) -> Outcome[Reply[T]]:
    """What an answer says about whether it happened (docs/vendors.md, "Outcomes")."""
    status, request_id = answer.status, answer.request_id
    code, message = _refusal(answer)
    documented = bool(code) and errors.is_documented(code, status)
    if 200 <= status < 300 and not code:
        return _accepted(answer, shape)
    if 200 <= status < 300 and not documented:
        return Unknown("unreadable_answer", f"HTTP {status} with {errors.clip(code)}", request_id)
    if status == 429 and code not in errors.USED_UP:
        return NotSent("busy", BUSY_S, code) if documented else NotSent("rate_limit", answer.retry_after_s, code[:32])
    if status == 503 and documented:
        return NotSent("busy", max(answer.retry_after_s, BUSY_S), code)
    if status == 408:
        return NotSent("busy", answer.retry_after_s)
    if status >= 500 and not documented:
        return Unknown("server_error", f"HTTP {status} {errors.clip(code)}".strip(), request_id)
    skew_ms = answer.skew_ms
    if status == 401 and skew_ms is not None and abs(skew_ms) > MOST_SKEW_MS:
        # The vendor does not say that it was this.
        return Rejected(errors.skewed(code[:32], skew_ms, message), request_id)
    return Rejected(errors.of_answer(code[:32], status, message), request_id)


def _accepted(answer: Answer, shape: type[T]) -> Outcome[Reply[T]]:
    try:
        # A success may come without a body (A47); then only a shape without mandatory keys fits.
        value = wire.decode(answer.body.strip() or b"{}", shape)
    except wire.Unreadable as problem:
        return Unknown("unreadable_answer", str(problem), answer.request_id)
    return Accepted(Reply(value, answer.left_at, answer.skew_ms), answer.request_id)


def _refusal(answer: Answer) -> tuple[str, str]:
    """error_code and error_msg, when the answer has both (readings, vendor's SDK)."""
    if 200 <= answer.status < 300 and len(answer.body) > LARGEST_REFUSAL:
        return "", ""
    try:
        told = wire.decode(answer.body, wire.ErrorBody)
    except wire.Unreadable:
        return "", ""
    if not told.error_code or told.error_msg is None or told.error_code in errors.NO_ERROR:
        return "", ""
    return told.error_code, told.error_msg
