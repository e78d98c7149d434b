"""MetaStudio's HTTP calls: signed or with a token, checked against the contract, within the documented rates.

One bounded client per account; what comes back is one of four outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx

from dashboard.lib.clock import Clock
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.contract.model import Endpoint
from dashboard.vendors.contract.validation import check_body, check_query
from dashboard.vendors.http import Answer, Reply, counted, make_client
from dashboard.vendors.metastudio import errors, wire
from dashboard.vendors.metastudio.access import Access, Body, Sent
from dashboard.vendors.port import (
    Accepted,
    Credential,
    Guard,
    NotSent,
    Outcome,
    Purpose,
    Rejected,
    Unknown,
    always,
)

if TYPE_CHECKING:
    from dashboard.vendors.port_live import Limiter

T = TypeVar("T")

# A successful answer that is longer holds a listing; it is not read twice.
LARGEST_REFUSAL = 4096
# A documented "no resources" or "unavailable" does not pass within a second.
BUSY_S = 5.0
# The vendor refuses signatures that are further off.
MOST_SKEW_MS = 15 * 60 * 1000
# A silence that left a trifle too early is not asked for a whole second later, unless the vendor names its time.
PANIC_AGAIN_S = 0.25


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
        self._http = make_client((self._base, credential.iam_url), transport)
        self._contract = contract("metastudio")
        self._access = Access(credential, self._http, clock=clock)

    async def close(self) -> None:
        await self._http.aclose()

    async def call(
        self, call: api.Call, shape: type[T], purpose: Purpose, *, guard: Guard = always
    ) -> Outcome[Reply[T]]:
        """One documented call, typed by its class in `contract/generated`."""
        operation = call.documented(self._contract).id
        return await counted("metastudio", operation, self._call(call, shape, purpose, guard))

    async def _call(self, call: api.Call, shape: type[T], purpose: Purpose, guard: Guard) -> Outcome[Reply[T]]:
        documented = call.documented(self._contract)
        body, query = call.body_values(), call.query_values()
        if refused := self._faults(documented, body, query):
            return refused
        if (wait := await self._wait(documented, purpose)) is not None:
            return NotSent("rate_limit", wait)
        values = {"project_id": self._held.project_id, **call.path_values(self._contract)}
        address = documented.path.format_map({name: quote(value, safe="") for name, value in values.items()})
        tail = f"?{urlencode(query, quote_via=quote)}" if query else ""
        sent = await self._access.send(documented.method, self._base + address + tail, body, guard)
        return await self._told(documented.id, sent, shape, purpose)

    async def post_to(self, url: str, call: api.Call, shape: type[T], purpose: Purpose) -> Outcome[Reply[T]]:
        """The same to an address that the vendor gave us, which is opaque and used as it came (A38)."""
        operation = call.documented(self._contract).id
        return await counted("metastudio", operation, self._post_to(url, call, shape, purpose))

    async def _post_to(self, url: str, call: api.Call, shape: type[T], purpose: Purpose) -> Outcome[Reply[T]]:
        if not self._may_report_to(url):
            return Rejected(errors.ours("no_report_url"))
        documented = call.documented(self._contract)
        body, query = call.body_values(), call.query_values()
        if refused := self._faults(documented, body, query):
            return refused
        if (wait := await self._wait(documented, purpose)) is not None:
            return NotSent("rate_limit", wait)
        has_its_own_key = "auth_key=" in urlsplit(url).query or urlsplit(url).netloc != urlsplit(self._base).netloc
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query, quote_via=quote)
        if has_its_own_key:
            sent = await self._access.send_bare(documented.method, url, body)
        else:
            sent = await self._access.send(documented.method, url, body, always)
        outcome = await self._told(documented.id, sent, shape, purpose)
        if isinstance(outcome, Rejected) and outcome.error.code in errors.REPORT_URL_IS_OVER:
            return replace(outcome, is_out_of_date=True)
        return outcome

    async def log_in(self) -> Outcome[None]:
        """create_token (002:549), for accounts that log in by IAM. Each call does it by itself when it needs to."""
        return await self._access.token()

    async def _wait(self, documented: Endpoint, purpose: Purpose) -> float | None:
        if documented.rate_limit:
            return await self._limiter.admit(documented.id, purpose)
        return await self._limiter.closed(documented.id)

    async def _told(self, api: str, sent: Sent, shape: type[T], purpose: Purpose) -> Outcome[Reply[T]]:
        """The vendor's own "too many requests" holds for all who ask this of the account, not for this call alone."""
        outcome = classify(sent, shape) if isinstance(sent, Answer) else sent
        if isinstance(outcome, NotSent) and outcome.why == "rate_limit":
            if purpose == Purpose.PANIC and isinstance(sent, Answer) and not sent.names_its_time:
                outcome = replace(outcome, retry_after_s=PANIC_AGAIN_S)
            await self._limiter.refused(api, outcome.retry_after_s, to_panic=purpose == Purpose.PANIC)
        return outcome

    def _may_report_to(self, url: str) -> bool:
        """An address of the vendor's: as secure as the account's own, and nothing but HTTP."""
        try:
            scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
        except ValueError:
            return False
        return bool(host) and scheme == urlsplit(self._base).scheme

    def _faults(self, documented: Endpoint, body: Body, query: Mapping[str, str]) -> Rejected | None:
        violations = check_body(self._contract, documented, body) + check_query(self._contract, documented, query)
        if not violations:
            return None
        return Rejected(errors.ours("contract", "; ".join(str(one) for one in violations)))


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
