from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox

TEXT = "欢迎来到我们的直播间。今天有很多好东西。"


async def test_the_front_page_lists_routes_and_faults(sandbox: Sandbox) -> None:
    for path in ("/sandbox/", "/sandbox"):
        page = (await sandbox.client.get(path)).text
        assert "POST   /sandbox/faults" in page
        assert "swallow_notices" in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "talkback.example"},
        {"Host": "127.0.0.1.evil.example:8900"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_strangers_and_web_pages_are_refused(sandbox: Sandbox, headers: dict[str, str]) -> None:
    for method, path in (("GET", "credentials"), ("POST", "reset"), ("GET", "")):
        answer = await sandbox.client.request(method, f"/sandbox/{path}", headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{"Host": "localhost:8900"}, {"Origin": "http://localhost:8000"}])
async def test_this_machine_is_answered(sandbox: Sandbox, headers: dict[str, str]) -> None:
    assert (await sandbox.client.get("/sandbox/state", headers=headers)).status_code == 200


async def test_credentials_are_those_that_the_program_prints(sandbox: Sandbox) -> None:
    shown = await sandbox.control("GET", "credentials")
    assert shown == sandbox.world.credentials.lines()
    assert shown["SANDBOX_SOFTSUGAR_TOKEN"] == sandbox.token


async def test_the_clock_is_set_and_stepped(sandbox: Sandbox) -> None:
    session = await sandbox.create()
    await sandbox.control("POST", "step", {"seconds": 3})
    assert await sandbox.stat(session) == 35
    await sandbox.control("PUT", "clock", {"speed": 0.5})
    assert (await sandbox.control("GET", "state"))["clock"]["speed"] == 0.5
    for method, path, body in (
        ("PUT", "clock", {"speed": 100}),
        ("PUT", "clock", {}),
        ("PUT", "clock", {"speed": "fast"}),
        ("POST", "step", {"seconds": -1}),
        ("PUT", "callbacks", {"vendor": "nobody", "url": "x"}),
        ("POST", "step", []),
    ):
        assert (await sandbox.client.request(method, f"/sandbox/{path}", json=body)).status_code == 400
    assert (await sandbox.client.put("/sandbox/clock", content=b"{")).status_code == 400


async def test_the_state_shows_sessions_queue_and_what_plays(sandbox: Sandbox) -> None:
    session = await sandbox.go_live(userData="job-1")
    link = await sandbox.connect(session)
    await link.say("a", TEXT)
    await link.say("b", TEXT)
    await link.codes(2)
    sandbox.advance(1.3)
    state = await sandbox.control("GET", "state")
    (row,) = state["accounts"]["softsugar"]["sessions"]
    assert row["session"] == session["sessionId"]
    assert (row["status"], row["user_data"], row["sockets"], row["queue"]) == (2, "job-1", 1, ["b"])
    assert row["playing"] == {"ref": "a", "source": "takeover", "text": TEXT, "elapsed_s": pytest.approx(1.0)}
    assert state["accounts"]["softsugar"]["streams"]["used"] == 1
    assert [row["ref"] for row in state["playing"]] == ["a"]


async def test_the_audible_record_tells_how_much_of_a_cut_text_was_heard(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("a", TEXT)
    await link.codes(1)
    sandbox.advance(0.3)
    started = sandbox.clock.now()
    sandbox.advance(2)
    await sandbox.call("channel/command/cancel", {"sessionId": session["sessionId"], "commandTraceId": "a"})
    (row,) = await sandbox.heard(session)
    assert (row["cut"], row["cut_by"], row["chars_spoken"]) == (True, "cancel", 8)
    assert row["started_real"] == started.isoformat()
    assert row["ended_at"] - row["started_at"] == pytest.approx(2)
    assert (await sandbox.control("GET", f"audible?since={row['seq']}"))["heard"] == []


async def test_frames_that_left_are_listed_to_the_nanosecond(sandbox: Sandbox) -> None:
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("a", TEXT)
    frame = await link.frame()
    (row,) = (await sandbox.control("GET", f"frames?session={session['sessionId']}"))["frames"]
    assert row["frame"] == frame
    assert row["monotonic_ns"] == round(sandbox.clock.monotonic() * 1e9)
    assert row["wall"] == sandbox.clock.now().isoformat()
    assert (await sandbox.control("GET", f"frames?since={row['seq']}"))["frames"] == []


async def test_two_sandboxes_of_one_seed_behave_alike(open_sandbox: Any) -> None:
    """Same seed and same order of requests: same ids, durations, notices."""

    async def live() -> tuple[str, str]:
        sandbox = await open_sandbox(seed=42)
        session = await sandbox.go_live()
        link = await sandbox.connect(session)
        await link.say("a", TEXT)
        await link.codes(1)
        sandbox.advance(30)
        frames = await link.codes(2)
        return json.dumps([session, frames]), json.dumps(await sandbox.heard(session))

    assert await live() == await live()
