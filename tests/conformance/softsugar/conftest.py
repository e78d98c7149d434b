"""The sandbox of tests/sandbox, and what tells whether a refused call left a trace."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.sandbox.conftest import Sandbox, Takeover, folder, open_sandbox, sandbox, sink

__all__ = ["folder", "open_sandbox", "sandbox", "sink"]

EXTERNAL = {
    "urtcUseExternalApp": True,
    "urtcToken": "t",
    "urtcUid": "4294967295",
    "urtcAppId": "app",
    "urtcChannelId": "my-channel",
}
TEXT = "欢迎来到我们的直播间。今天有很多好东西。"


def trace_of(sandbox: Sandbox) -> str:
    """Everything that a call may have changed."""
    world = sandbox.world
    return json.dumps([world.face("softsugar").snapshot(), world.record.snapshot()["entries"]], sort_keys=True)


def refusal_of(answer: httpx.Response) -> str:
    """What is wrong with a refusal; empty when it is the documented envelope (004:52, B35)."""
    if answer.status_code >= 500:
        return f"HTTP {answer.status_code}"
    envelope = answer.json()
    if set(envelope) != {"code", "message"}:
        return f"keys {sorted(envelope)}"
    if type(envelope["code"]) is not int or envelope["code"] == 0:
        return f"code {envelope['code']!r}"
    return "" if isinstance(envelope["message"], str) and envelope["message"] else "no message"


async def say_and_start(sandbox: Sandbox, link: Takeover, ref: str) -> None:
    await link.say(ref, TEXT)
    assert await link.codes(1) == [(20, ref)]
    sandbox.advance(0.3)
    assert await link.codes(1) == [(19, ref)]


def who(session: dict[str, Any]) -> dict[str, Any]:
    return {"sessionId": session["sessionId"]}
