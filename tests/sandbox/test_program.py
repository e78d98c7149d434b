"""The sandbox as its own process, as an operator runs it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import websockets

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, *more: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    """The process and what it printed; the last line tells that it listens."""
    command = [sys.executable, "-m", "dashboard.sandbox", "--port", "0", "--folder", str(folder), *more]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ})
    printed: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        name, _, value = line.strip().partition("=")
        printed[name] = value
        if line.startswith("Sandbox at "):
            printed["url"] = line.split()[2]
            break
    return process, printed


def create(printed: dict[str, str]) -> dict[str, str]:
    param = json.dumps({"live_type": "SuperLiveRoomPro", "sceneList": [{"digital_role": {"file_id": "r"}}]})
    headers = {"Authorization": printed["SANDBOX_SOFTSUGAR_TOKEN"]}
    url = printed["url"] + "/api/2dvh/v2/material/live/channel/create"
    data: dict[str, str] = httpx.post(url, json={"param": param}, headers=headers).json()["data"]
    return data


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_credentials_and_stops_within_a_second_with_its_state(folder: Path, number: int) -> None:
    process, printed = start(folder)
    try:
        assert set(printed) >= {"SANDBOX_AK", "SANDBOX_SK", "SANDBOX_PROJECT_ID", "SANDBOX_SOFTSUGAR_TOKEN"}
        created = create(printed)
    finally:
        process.send_signal(number)
        began = time.monotonic()
        assert process.wait(5) == 0
        took = time.monotonic() - began
    assert took < 1.0
    again, reprinted = start(folder)
    try:
        assert reprinted["SANDBOX_SK"] == printed["SANDBOX_SK"]
        path = "/api/2dvh/v1/material/live/channel/running/list"
        headers = {"Authorization": printed["SANDBOX_SOFTSUGAR_TOKEN"]}
        rows = httpx.get(reprinted["url"] + path, headers=headers).json()["data"]
        assert [row["sessionId"] for row in rows] == [created["sessionId"]]
    finally:
        again.terminate()
        assert again.wait(5) == 0


def test_a_port_that_is_taken_is_said_plainly(folder: Path) -> None:
    process, printed = start(folder)
    try:
        port = printed["url"].rsplit(":", 1)[1]
        command = [sys.executable, "-m", "dashboard.sandbox", "--port", port, "--folder", str(folder / "other")]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
        assert second.returncode == 1
        assert second.stderr.startswith(f"The sandbox cannot listen on 127.0.0.1:{port}")
    finally:
        process.terminate()
        assert process.wait(5) == 0


async def test_freezing_and_cutting_work_on_the_loop_of_the_program(folder: Path) -> None:
    """The tests beside run on asyncio's own loop; transports of uvloop are not the same thing."""
    process, printed = await asyncio.to_thread(start, folder)
    try:
        session = await asyncio.to_thread(create, printed)
        path = "/api/live-takeover-cc/v1/material/live/channel/command/microphone"
        query = f"clientType=BROWSER&sessionId={session['sessionId']}&Authorization={session['sessionToken']}"
        link = await websockets.connect(printed["url"].replace("http", "ws") + f"{path}?{query}", ping_interval=None)
        await (await link.ping())
        async with httpx.AsyncClient(base_url=printed["url"] + "/sandbox/", timeout=5) as control:
            await control.post("faults", json={"kind": "freeze"})
            pong = await link.ping()
            await link.send('{"code": 101}')
            await control.get("state")
            assert not pong.done()
            await control.delete("faults")
            async with asyncio.timeout(3):
                await pong
                assert json.loads(await link.recv())["code"] == 102
            await control.post("faults", json={"kind": "drop_socket", "params": {"abrupt": True}})
            async with asyncio.timeout(3):
                await link.wait_closed()
            assert link.protocol.close_rcvd is None
            await control.post("faults", json={"kind": "refuse", "for_s": 0.2, "params": {"listen": True}})
            async with asyncio.timeout(3):
                while True:
                    try:
                        async with httpx.AsyncClient() as fresh:
                            await fresh.get(printed["url"] + "/sandbox/state")
                    except httpx.ConnectError:
                        break
                while True:
                    try:
                        async with httpx.AsyncClient() as fresh:
                            await fresh.get(printed["url"] + "/sandbox/state")
                        break
                    except httpx.ConnectError:
                        continue
    finally:
        process.terminate()
        assert process.wait(5) == 0
