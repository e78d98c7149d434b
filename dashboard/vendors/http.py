"""The wire to a vendor: one bounded HTTP client, one WebSocket, and which outcome each way to fail is.

Both vendors' clients use it, so that "it may have happened" is decided in one place.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.protocol import State

from dashboard.lib import metrics, trace
from dashboard.lib.clock import Clock
from dashboard.lib.metrics import Stage
from dashboard.vendors.port import Accepted, Guard, NotSent, Outcome, Rejected, Unknown, always

T_co = TypeVar("T_co", covariant=True)

logger = logging.getLogger(__name__)

# A listing of 1,000 jobs is about 1.2 MB; a larger answer is a fault and must not fill the memory.
LARGEST_ANSWER = 8 * 1024 * 1024
# Each read may take 10 s; this bounds an answer that trickles in.
WHOLE_CALL_S = 25.0
TIMEOUT = httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=3.0)
# 8: httpx slows down with more in flight. 4 s: servers drop idle connections after 5 s and more, and a call written
# into a connection that is just being dropped would have an unknown outcome.
LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=8, keepalive_expiry=4.0)
# Two pings in a row, after 5 s without one: a dead peer is known 10 s after its last sign of life.
PING_S = 2.5
WRITE_S = 5.0

# httpx logs every URL at INFO and httpcore every header at DEBUG; report URLs carry their key in the query.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

# websockets logs the request line, with SoftSugar's token in it, at DEBUG of whatever logger it is given.
_socket_log = logging.getLogger("dashboard.vendors.socket")
_socket_log.setLevel(logging.WARNING)

Connect = Callable[..., Awaitable[ClientConnection]]


class _Overtaken(Exception):
    """The guard said no at the last moment."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. `left_at` is when the first byte of the question left."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    left_at: datetime
    back_at: datetime

    @property
    def request_id(self) -> str:
        return str(self.headers.get("x-request-id", ""))[:128]

    @property
    def skew_ms(self) -> int | None:
        """The vendor's clock minus ours, from its Date header (whole seconds, so half a second is added)."""
        try:
            theirs = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError:
            return None
        if theirs.tzinfo is None:
            theirs = theirs.replace(tzinfo=UTC)
        middle = self.left_at + (self.back_at - self.left_at) / 2
        return round((theirs - middle).total_seconds() * 1000) + 500

    @property
    def names_its_time(self) -> bool:
        return "retry-after" in self.headers

    @property
    def retry_after_s(self) -> float:
        """What Retry-After asks for, within reason; a second when it says nothing."""
        try:
            return min(max(float(self.headers.get("retry-after", "")), 0.2), 60.0)
        except ValueError:
            return 1.0


@dataclass(frozen=True, slots=True)
class Reply(Generic[T_co]):
    """A parsed answer with the times that its facts need."""

    value: T_co
    asked_at: datetime
    skew_ms: int | None = None


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The certificates of the public authorities; reading them costs 22 ms, so once per process."""
    return httpx.create_ssl_context()


def make_client(addresses: tuple[str, ...], transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """One client for one account; `addresses` are those it will call, so that local http pays for no certificates."""
    needs_tls = any(address.startswith("https:") for address in addresses)
    # Without https addresses the context knows no authority, so a stray https call fails instead of going unchecked.
    context = tls_context() if needs_tls and transport is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(
        transport=transport,
        verify=context,
        timeout=TIMEOUT,
        limits=LIMITS,
        http2=False,
        follow_redirects=False,
        trust_env=False,
        # Plain bodies, so that the size limit counts what is kept.
        headers={"accept": "application/json", "accept-encoding": "identity", "user-agent": "Talkback"},
    )


async def exchange(
    client: httpx.AsyncClient, request: httpx.Request, *, clock: Clock, guard: Guard = always
) -> Answer | NotSent | Unknown:
    """Send once. The guard is asked again when a connection is there, right before the first byte is written."""
    if not guard():
        return NotSent("overtaken")
    left_at = clock.now()

    async def at_the_door(event: str, _info: Mapping[str, object]) -> None:
        nonlocal left_at
        if event.endswith("send_request_headers.started"):
            if not guard():
                raise _Overtaken
            left_at = clock.now()
            _leaves("call")

    request.extensions = {**request.extensions, "trace": at_the_door}
    try:
        async with asyncio.timeout(WHOLE_CALL_S):
            response = await client.send(request, stream=True)
            try:
                body = await _read(response)
            finally:
                await response.aclose()
    except _Overtaken:
        return NotSent("overtaken")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as problem:
        return _outcome(problem)
    if body is None:
        return Unknown("unreadable_answer", f"more than {LARGEST_ANSWER} bytes")
    return Answer(response.status_code, response.headers, body, left_at, clock.now())


def _leaves(how: str) -> None:
    if (seconds := trace.leaves()) is not None:
        metrics.took(Stage.CLAIMED_SENT, seconds)
        logger.info("sent by %s", how)


async def counted(vendor: str, operation: str, call: Awaitable[Outcome[T_co]]) -> Outcome[T_co]:
    """`call`, counted with its outcome and its time; `operation` is the contract's name of the endpoint."""
    began = time.monotonic()
    outcome = await call
    result = _result(outcome)
    metrics.called(vendor, operation, result, time.monotonic() - began)
    logger.debug("%s %s: %s", vendor, operation, result)
    return outcome


def _result(outcome: Outcome[T_co]) -> str:
    if isinstance(outcome, Accepted):
        return "accepted"
    if isinstance(outcome, Rejected):
        return "rejected"
    if isinstance(outcome, NotSent):
        return "rate_limited" if outcome.why == "rate_limit" else "not_sent"
    return "unknown"


def _outcome(problem: Exception) -> NotSent | Unknown:
    """Only the kind of a problem is kept: its text may quote the address or a header."""
    kind = type(problem).__name__
    if isinstance(problem, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
        return NotSent("no_connection", detail=kind)
    if isinstance(problem, (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)):
        return NotSent("no_connection", retry_after_s=30.0, detail=kind)
    if isinstance(problem, (httpx.TimeoutException, TimeoutError)):
        return Unknown("timeout", kind)
    return Unknown("broken_connection", kind)


async def _read(response: httpx.Response) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > LARGEST_ANSWER:
            return None
        parts.append(part)
    return b"".join(parts)


def socket_origin(base_url: str) -> str:
    """ws(s)://host[:port] of a vendor's http(s) address."""
    parts = urlsplit(base_url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"


class Socket:
    """One WebSocket to a vendor. Its address holds a token, so it is in no repr, log or exception of ours."""

    def __init__(self, url: str, *, connect: Connect) -> None:
        self._url = url
        self._connect = connect
        self._peer: ClientConnection | None = None
        self._is_silent = False

    @property
    def is_open(self) -> bool:
        return self._peer is not None and self._peer.state is State.OPEN

    @property
    def close_code(self) -> int | None:
        return None if self._peer is None else self._peer.close_code

    async def open(self) -> int | NotSent | None:
        """None when open; the HTTP status when the handshake was refused for good."""
        if self.is_open:
            return None
        options = {"ssl": tls_context()} if self._url.startswith("wss:") else {}
        try:
            self._peer = await self._connect(
                self._url,
                open_timeout=10,
                close_timeout=2,
                # We ping ourselves: the answer is a fact that the screens show.
                ping_interval=None,
                max_size=2**20,
                max_queue=64,
                compression=None,
                proxy=None,
                user_agent_header="Talkback",
                logger=_socket_log,
                **options,
            )
        except InvalidStatus as refused:
            status = refused.response.status_code
            if 400 <= status < 500 and status not in (408, 429):
                return status
            return NotSent("no_connection", detail=f"HTTP {status}")
        except (OSError, TimeoutError, WebSocketException, ValueError) as problem:
            return NotSent("no_connection", detail=type(problem).__name__)
        return None

    async def send(self, data: str | bytes, guard: Guard = always) -> Accepted[None] | NotSent | Unknown:
        """Write one frame. Accepted means written to an open connection, nothing more."""
        peer = self._peer
        if peer is None or peer.state is not State.OPEN:
            return NotSent("link_down")
        if not guard():
            return NotSent("overtaken")
        _leaves("link")
        try:
            async with asyncio.timeout(WRITE_S):
                await peer.send(data)
        except TimeoutError:
            return Unknown("link_lost", "the write did not end")
        except (ConnectionClosed, OSError):
            return Unknown("link_lost")
        return Accepted(None)

    async def frames(self) -> AsyncIterator[str | bytes]:
        """What comes in, until the connection ends, however it ends."""
        if self._peer is None:
            return
        with contextlib.suppress(ConnectionClosed, OSError):
            async for frame in self._peer:
                yield frame

    async def ping(self) -> bool:
        if self._peer is None:
            return False
        try:
            async with asyncio.timeout(PING_S):
                await (await self._peer.ping())
        except (ConnectionClosed, OSError, TimeoutError):
            self._is_silent = True
            return False
        self._is_silent = False
        return True

    async def close(self) -> None:
        if self._peer is None:
            return
        if self._is_silent:
            # Nobody is there to take leave of: a closing handshake would only wait.
            self._peer.transport.abort()
        else:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                await self._peer.close()
