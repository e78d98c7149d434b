"""/healthz, /readyz and /metrics, in front of everything else: no session, no host names, no thread of a page.

As an ASGI app of its own it is also the whole of what relays and workers serve (`TALKBACK_METRICS_LISTEN`).
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST

from dashboard.live.seeing import health
from dashboard.live.seeing.exposition import exposition

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Whoever sends one of these came through a proxy, however near the proxy is.
_FORWARDED = {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class Door:
    """`inner` gets all that is not ours; without one it is 404."""

    def __init__(self, inner: App | None = None) -> None:
        self._inner = inner
        self._readiness = health.Readiness()
        self._answers = {"/healthz": self._alive, "/readyz": self._ready, "/metrics": self._metrics}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answers.get(scope["path"]) if scope["type"] == "http" else None
        if answer is not None:
            is_read = scope["method"] in ("GET", "HEAD")
            told = await answer(scope) if is_read else Answer(405, b"Read only.\n", headers={"allow": "GET, HEAD"})
            await _send(send, told, with_body=scope["method"] != "HEAD")
        elif self._inner is not None:
            await self._inner(scope, receive, send)
        elif scope["type"] == "http":
            await _send(send, Answer(404, b"Nothing here.\n"), with_body=True)

    async def _alive(self, scope: Scope) -> Answer:
        return _json(200, health.alive())

    async def _ready(self, scope: Scope) -> Answer:
        """`?only=database,layer` asks for these alone."""
        wanted = ",".join(parse_qs(scope["query_string"].decode("latin-1")).get("only", [])).split(",")
        only = [name for name in health.CHECKS if name in wanted] if any(wanted) else health.CHECKS
        if not only:
            return _json(400, {"status": "unknown check", "checks": {}})
        told = health.told(await self._readiness.checks(only))
        return _json(200 if told["status"] == "ready" else 503, told)

    async def _metrics(self, scope: Scope) -> Answer:
        if (refused := _refused(scope)) is not None:
            return refused
        return Answer(200, await exposition(), CONTENT_TYPE_LATEST)


def _json(status: int, told: dict[str, object]) -> Answer:
    return Answer(status, json.dumps(told).encode() + b"\n", "application/json")


def _refused(scope: Scope) -> Answer | None:
    headers = [(name.lower(), value) for name, value in scope["headers"]]
    if settings.METRICS_TOKEN:
        given = next((value for name, value in headers if name == b"authorization"), b"")
        if hmac.compare_digest(given, b"Bearer " + settings.METRICS_TOKEN.encode()):
            return None
        return Answer(401, b"It takes the token.\n", headers={"www-authenticate": 'Bearer realm="metrics"'})
    if settings.BEHIND_PROXY or not _is_here(scope) or any(name in _FORWARDED for name, _ in headers):
        return Answer(403, b"Only from this machine itself, or with a token: see TALKBACK_METRICS_TOKEN.\n")
    return None


def _is_here(scope: Scope) -> bool:
    try:
        return ipaddress.ip_address((scope.get("client") or ("", 0))[0]).is_loopback
    except ValueError:
        return False


async def _send(send: Send, answer: Answer, *, with_body: bool) -> None:
    headers = {
        "content-type": answer.type,
        "content-length": str(len(answer.body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **answer.headers,
    }
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": lines})
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})
