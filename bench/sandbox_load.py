"""How much of a core the sandbox needs for 1,000 rooms and 200 live jobs, used as the console uses it.

A first sandbox in this process, on a clock of its own, makes the rooms and jobs in seconds where the vendors' limits
would take minutes, and leaves its state. The measured one is a process that starts from it, with nothing but sockets
between it and us. Prints one line for `run.py`; ends with 1 when the goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import websockets
from stack import free_port
from table import ROOT, Line, load, note, report

sys.path.insert(0, str(ROOT))

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import SandboxConfig
from dashboard.vendors.metastudio import signing

ROOMS, LIVE_EACH = 1_000, 100
GOAL_CORES = 1.0
WARM_UP_S = 10.0
BEAT_S, POLL_S = 15.0, 5.0
EVENTS_PER_S = 0.2
"""Of each job's synthetic audience."""
SUGAR = "/api/2dvh/v1/material/live/channel"
SOCKET = "/api/live-takeover-cc/v1/material/live/channel/command/microphone"
PARAGRAPH = "各位观众朋友们，大家好！欢迎来到我们的直播间。今天给大家带来的是武夷山的岩茶，它的香气很高，回甘很快。" * 2
RULES = [
    {
        "rule_name": word,
        "event_type": 1,
        "hit_condition": {
            "relation": "And",
            "priority": number,
            "tags": [{"tag": "content", "match": "REGEX", "value": word, "operation": "NONE"}],
        },
        "trigger": {"reply_texts": ["马上为您解答，请稍等一下。"], "time_window": 20},
    }
    for number, word in enumerate(("价格", "尺码", "发货"))
]


class Caller:
    """Signed calls to both vendors, counted by their answer."""

    def __init__(self, url: str, credentials: dict[str, str], now: Callable[[], datetime]) -> None:
        self.url, self.credentials, self.now = url, credentials, now
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        self.http = httpx.AsyncClient(base_url=url, timeout=20, trust_env=False, limits=limits)
        self.answers: Counter[int] = Counter()

    async def sugar(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": self.credentials["SANDBOX_SOFTSUGAR_TOKEN"]}
        answer = await self.http.request(method, path, json=body, headers=headers)
        self.answers[answer.status_code] += 1
        return answer.json().get("data")

    async def meta(self, method: str, *parts: str, body: Any = None, query: str = "") -> Any:
        path = "/".join(["/v1", self.credentials["SANDBOX_PROJECT_ID"], *parts])
        content = b"" if body is None else json.dumps(body).encode()
        headers = {
            "content-type": "application/json",
            "host": urlsplit(self.url).netloc,
            "x-sdk-date": signing.stamp(self.now()),
        }
        headers["authorization"] = signing.authorization(
            method=method,
            path=path,
            query=query,
            headers=headers,
            body=content,
            access_key=self.credentials["SANDBOX_AK"],
            secret_key=self.credentials["SANDBOX_SK"],
        )
        address = path + (f"?{query}" if query else "")
        answer = await self.http.request(method, address, content=content, headers=headers)
        self.answers[answer.status_code] += 1
        return answer.json() if answer.content else None


# -- the rooms ---------------------------------------------------------------------------------------------------------


async def prepare(
    folder: Path, port: int, sink: str, *, sessions_live: int = LIVE_EACH, jobs_live: int = LIVE_EACH
) -> tuple[dict[str, str], list[Any], list[Any]]:
    """Credentials, SoftSugar's sessions and MetaStudio's jobs, as their starts answered."""
    clock = ManualClock(datetime.now(UTC))
    server = SandboxServer(SandboxConfig(port=port, folder=folder, seed=5, ticks=False), clock)
    sessions, jobs = [], []
    async with server:
        caller = Caller(server.url, server.world.credentials.lines(), clock.now)
        for number in range(ROOMS):
            clock.advance(0.25)
            made = await caller.meta("POST", "smart-live-rooms", body=room(number, sink))
            if "room_id" not in made:
                raise RuntimeError(made)
            if number < jobs_live:
                started = await caller.meta("POST", "smart-live-rooms", made["room_id"], "smart-live-jobs", body={})
                jobs.append({**started, "room_id": made["room_id"]})
        script = {"live_type": "SuperLiveRoomPro", "sceneList": [{"digital_role": {"file_id": "role-1"}}]}
        for number in range(sessions_live):
            body = {"param": json.dumps(script), "userData": f"job-{number}"}
            sessions.append(await caller.sugar("POST", SUGAR.replace("v1", "v2") + "/create", body))
        clock.advance(4.0)
        server.world.advance()
        for session in sessions:
            await caller.sugar("POST", f"{SUGAR}/start", {"sessionId": session["sessionId"]})
        refused = {status: count for status, count in caller.answers.items() if status >= 300}
        if refused:
            raise RuntimeError(f"not prepared: {refused}")
        await caller.http.aclose()
        return server.world.credentials.lines(), sessions, jobs


def room(number: int, sink: str) -> dict[str, Any]:
    shots = [{"sequence_no": place, "text_config": {"text": PARAGRAPH}} for place in range(1, 11)]
    events = ["SHOOT_SCRIPT_SWITCH", "RTMP_STREAM_STATE_CHANGE", "REPLY_COMMAND_FINISH"]
    return {
        "room_name": f"Room {number}",
        "scene_scripts": [{"script_name": "Tea", "model_asset_id": "m1", "shoot_scripts": shots}],
        "play_policy": {"repeat_count": -1},
        "interaction_rules": RULES,
        "live_event_callback_config": {
            "live_event_type_callback_url": sink,
            "auth_type": "MSS_A",
            "key": "k" * 32,
            "callback_event_type": events,
        },
    }


# -- what the console does -----------------------------------------------------------------------------------------


class Console:
    def __init__(self, caller: Caller, sessions: list[Any], jobs: list[Any], sink: str) -> None:
        self.caller, self.sessions, self.jobs, self.sink = caller, sessions, jobs, sink
        self.dice = random.Random(1)
        self.frames = 0
        self.said = 0
        self.links: dict[str, websockets.ClientConnection] = {}

    async def begin(self, group: asyncio.TaskGroup) -> None:
        await self.caller.http.put(
            "/sandbox/callbacks", json={"vendor": "softsugar", "url": self.sink, "auth_key": "k"}
        )
        for session in self.sessions:
            query = {"clientType": "BROWSER", "sessionId": session["sessionId"]}
            query["Authorization"] = session["sessionToken"]
            link = await self._connect(f"{SOCKET}?{urlencode(query)}")
            self.links[session["sessionId"]] = link
            group.create_task(self._play(session["sessionId"], link))
        for job in self.jobs:
            info = job["rtc_room_info"]
            user = {name: str(info["users"][0][name]) for name in ("user_id", "signature", "ctime")}
            link = await self._connect(f"/sandbox/rtc/{info['room_id']}/command?{urlencode(user)}")
            group.create_task(self._listen(link))
        refs = [one["sessionId"] for one in self.sessions] + [one["job_id"] for one in self.jobs]
        for seed, ref in enumerate(refs):
            crowd = {"job": ref, "url": self.sink, "rate_per_s": EVENTS_PER_S, "seed": seed}
            (await self.caller.http.put("/sandbox/audience", json=crowd)).raise_for_status()
        self._keep_going(group)

    def _keep_going(self, group: asyncio.TaskGroup) -> None:
        for number, session in enumerate(self.sessions):
            beat = self._beat(session["sessionId"])
            group.create_task(each(BEAT_S, beat, first=BEAT_S * number / len(self.sessions)))
        group.create_task(each(POLL_S, self._poll_softsugar))
        group.create_task(each(POLL_S, self._poll_metastudio))
        group.create_task(each(0.5, self._take_over_softsugar))
        group.create_task(each(0.5, self._take_over_metastudio))
        group.create_task(each(0.35, self._report))

    async def _connect(self, path: str) -> websockets.ClientConnection:
        return await websockets.connect(self.caller.url.replace("http", "ws") + path, ping_interval=5, ping_timeout=10)

    async def _listen(self, link: websockets.ClientConnection) -> None:
        async for _ in link:
            self.frames += 1

    async def _play(self, session: str, link: websockets.ClientConnection) -> None:
        """The room's script, one sentence ahead; the queue is read after each that joins it."""
        await asyncio.sleep(self.dice.uniform(0, 8))
        for _ in range(2):
            await self._say(session, link)
        async for text in link:
            self.frames += 1
            code = json.loads(text)["code"]
            if code == 18:
                await self._say(session, link)
            elif code == 20:
                await self.caller.sugar("POST", f"{SUGAR}/command/queue/list", {"sessionId": session})

    async def _say(self, session: str, link: websockets.ClientConnection, priority: int = -1) -> None:
        self.said += 1
        text = PARAGRAPH[: self.dice.randint(20, 60)]
        frame = {"code": 10, "message": "text", "commandTraceId": f"trace-{self.said}", "priority": priority}
        await link.send(json.dumps({**frame, "tts_query": {"content": text, "ssml": False}}))

    def _beat(self, session: str) -> Callable[[], Awaitable[None]]:
        async def beat() -> None:
            await self.caller.sugar("POST", f"{SUGAR}/heartbeat", {"sessionId": session})

        return beat

    async def _poll_softsugar(self) -> None:
        await self.caller.sugar("GET", f"{SUGAR}/running/list")

    async def _poll_metastudio(self) -> None:
        await self.caller.meta("GET", "smart-live-jobs", query="limit=100&offset=0&state=WAITING%2CPROCESSING")

    async def _take_over_softsugar(self) -> None:
        session = self.dice.choice(self.sessions)["sessionId"]
        await self._say(session, self.links[session], priority=1)

    async def _take_over_metastudio(self) -> None:
        job = self.dice.choice(self.jobs)
        params = {
            "text_config": {"text": PARAGRAPH[:50]},
            "play_type": self.dice.choice(("APPEND", "INSERT", "PLAY_NOW")),
        }
        await self.caller.meta(
            *("POST", "smart-live-rooms", job["room_id"], "smart-live-jobs", job["job_id"], "command"),
            body={"command": "INSERT_PLAY_SCRIPT", "params": params},
        )

    async def _report(self) -> None:
        job = self.dice.choice(self.jobs)
        content = json.dumps({"user": {"userId": "u", "name": "n"}, "content": "价格是多少"})
        events = [{"type": 1, "timestamp": round(time.time() * 1000), "content": content}] * 5
        answer = await self.caller.http.post(job["live_event_report_url"], json={"total": 5, "events": events})
        self.caller.answers[answer.status_code] += 1


async def each(seconds: float, act: Callable[[], Awaitable[None]], first: float = 0.0) -> None:
    await asyncio.sleep(first)
    while True:
        began = time.monotonic()
        await act()
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))


@contextlib.asynccontextmanager
async def a_sink() -> AsyncIterator[tuple[str, Counter[str]]]:
    """Takes callbacks and audience reports, and counts them."""
    taken: Counter[str] = Counter()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                await reader.readexactly(int(length.split(b":")[1]))
                taken["requests"] += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/sink", taken
    server.close()


# -- the measurement ---------------------------------------------------------------------------------------------------


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure(seconds: float) -> Line:
    port = free_port()
    line = Line("sandbox-load", f"sandbox: {ROOMS:,} rooms, {2 * LIVE_EACH} live jobs", "", load_before=load())
    with tempfile.TemporaryDirectory() as name:
        async with a_sink() as (sink, taken):
            credentials, sessions, jobs = await prepare(Path(name), port, sink)
            note(f"prepared; state of {(Path(name) / 'state.json').stat().st_size / 1e6:.1f} MB")
            command = [sys.executable, "-m", "dashboard.sandbox", "--port", str(port), "--folder", name, "--quiet"]
            process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
            try:
                caller = Caller(f"http://127.0.0.1:{port}", credentials, lambda: datetime.now(UTC))
                await until_up(caller)
                console = Console(caller, sessions, jobs, sink)
                figures = await run_console(console, taken, process.pid, seconds)
            finally:
                process.terminate()
                await process.wait()
    line.figure, line.goal = f"{figures['cores']:.2f} cores", f"≤ {GOAL_CORES:.0f} core"
    line.verdict = "met" if figures["cores"] <= GOAL_CORES else "MISSED"
    line.detail, line.load_after = figures, load()
    return line


async def until_up(caller: Caller) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(httpx.HTTPError):
                (await caller.http.get("/sandbox/state")).raise_for_status()
                return
            await asyncio.sleep(0.1)


class Done(Exception):
    """The measurement is over."""


async def run_console(console: Console, taken: Counter[str], pid: int, seconds: float) -> dict[str, Any]:
    figures: dict[str, Any] = {}

    async def watch() -> None:
        await asyncio.sleep(WARM_UP_S)
        before = cpu_s(pid), time.monotonic(), console.frames, taken["requests"], sum(console.caller.answers.values())
        await asyncio.sleep(seconds)
        spent = cpu_s(pid) - before[0]
        wall = time.monotonic() - before[1]
        state = (await console.caller.http.get("/sandbox/state")).json()["accounts"]
        live = [sum(bool(one["playing"]) for one in state[name]["sessions"]) for name in ("softsugar", "metastudio")]
        figures.update(
            cores=round(spent / wall, 3),
            seconds=round(wall, 1),
            speaking=live,
            frames_per_s=round((console.frames - before[2]) / wall, 1),
            posts_per_s=round((taken["requests"] - before[3]) / wall, 1),
            calls_per_s=round((sum(console.caller.answers.values()) - before[4]) / wall, 1),
            answers={str(status): count for status, count in sorted(console.caller.answers.items())},
            memory_mb=round(memory_mb(pid), 1),
        )
        raise Done

    try:
        async with asyncio.TaskGroup() as group:
            await console.begin(group)
            group.create_task(watch())
    except* Done:
        pass
    await console.caller.http.aclose()
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    line = asyncio.run(measure(parser.parse_args().seconds))
    note(json.dumps(line.detail))
    report([line])
    return int(line.verdict != "met")


if __name__ == "__main__":
    sys.exit(main())
