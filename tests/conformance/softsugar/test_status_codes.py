"""Each of the 22 status codes, told at every place where the document prints it (004:57 … 1139).

`WAYS` says how each is provoked; the contract says where it must then be seen.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dashboard.vendors.contract.validation import check_fields
from tests.conformance.softsugar.conftest import EXTERNAL, TEXT, who
from tests.conformance.softsugar.samples import DOCUMENTS
from tests.sandbox.conftest import SCRIPT, Open, Sandbox, Sink

ENDED = (5, 50, 9, 99)


class Watch:
    """Looks at every place that can tell a status."""

    def __init__(self, sandbox: Sandbox, sink: Sink) -> None:
        self.sandbox, self.sink = sandbox, sink
        self.seen: set[tuple[str, int]] = set()

    async def create(self, script: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        session = await self.sandbox.create(script, **more)
        self.seen.add(("channel_create", session["status"]))
        await self.look(session)
        return session

    async def look(self, session: dict[str, Any]) -> None:
        answer = await self.sandbox.call("channel/stat", method="GET", **who(session))
        if answer["code"] == 0:
            self.seen.add(("channel_stat", answer["data"]["status"]))
        running = await self.sandbox.call("channel/running/list", method="GET")
        self.seen |= {("running_list", row["status"]) for row in running["data"]}
        history = await self.sandbox.call("channel/history/list", {})
        self.seen |= {("history_list", row["status"]) for row in history["data"]["result"]}
        for status in (*ENDED, 97, 98):
            filtered = await self.sandbox.call("channel/history/list", {"status": status})
            rows = [row["status"] for row in filtered["data"]["result"]]
            assert set(rows) <= {status}
            self.seen |= {("history_list.filter", one) for one in rows}

    async def live(self, **more: Any) -> dict[str, Any]:
        session = await self.create(**more)
        self.sandbox.advance(3)
        await self.look(session)
        await self.sandbox.call("channel/start", who(session))
        await self.look(session)
        return session

    async def control(self, param: str) -> None:
        path = "/api/2dvh/v1/material/live/super/pro/channel/control"
        answer = await self.sandbox.call(path, {**who(await self.live()), "param": param})
        self.seen.add(("super_control", answer["data"]["commandStatus"]))

    async def warm(self, files: Any) -> None:
        body = {**who(await self.live()), "filePreloadList": files}
        answer = await self.sandbox.call("channel/command/warmed/file/add", body)
        self.seen.add(("warmed_file_add", answer["data"]["commandStatus"]))

    async def told(self, status: int) -> None:
        """Wait until the callback with this status has come; it must be as documented."""
        documented = DOCUMENTS.callback("status_callback").fields
        count = 0
        while ("status_callback", status) not in self.seen:
            count += 1
            callbacks = await self.sink.until(count)
            assert check_fields(DOCUMENTS, documented, callbacks[count - 1]) == ()
            has_rtc = {"rtcAppId", "rtcChannelId", "rtcUid", "rtcToken"} <= set(callbacks[count - 1])
            assert has_rtc is (callbacks[count - 1]["status"] == 35)
            self.seen.add(("status_callback", callbacks[count - 1]["status"]))


Way = Callable[[Watch], Awaitable[None]]


async def create_and_start(watch: Watch) -> None:
    await watch.live()


async def close(watch: Watch) -> None:
    session = await watch.live()
    await watch.sandbox.call("channel/close", who(session))
    await watch.look(session)


async def fail(watch: Watch) -> None:
    """At create by a reserved digital human, later by the session_end fault."""
    await watch.create(with_role("sandbox-create-fails"))
    session = await watch.live()
    await watch.sandbox.fault("session_end", vendor="softsugar", params={"status": 9})
    await watch.look(session)


async def prepare_at_once(watch: Watch) -> None:
    await watch.sandbox.control("PUT", "softsugar", {"prepare_s": 0})
    await watch.create()


async def play(watch: Watch) -> None:
    link = await watch.sandbox.connect(await watch.live())
    await link.say("t", TEXT)
    await link.codes(1)
    watch.sandbox.advance(20)


async def break_takeover(watch: Watch) -> None:
    link = await watch.sandbox.connect(await watch.live())
    await link.say("t", TEXT)
    await link.codes(1)
    watch.sandbox.advance(1)
    await watch.sandbox.fault("takeover_fails", vendor="softsugar")


async def stop_beating(watch: Watch) -> None:
    session = await watch.live()
    watch.sandbox.advance(76)
    await watch.look(session)


async def let_the_token_run_out(watch: Watch) -> None:
    """Of the user's own RTC application; the live itself goes on."""
    session = await watch.live(**EXTERNAL)
    await watch.sandbox.control("PUT", "softsugar", {"rtc_token_s": 100, "heartbeat_s": 1000})
    renew = {**who(session), "urtcToken": "fresh"}
    await watch.sandbox.call("/api/2dvh/v1/material/rtc/token/host/renew", renew)
    watch.sandbox.advance(99)
    assert await watch.sandbox.stat(session) == 2
    watch.sandbox.advance(1)
    assert await watch.sandbox.stat(session) == 2


async def fill_the_account(watch: Watch) -> None:
    await watch.sandbox.control("PUT", "softsugar", {"streams": 1})
    await watch.create()
    await watch.create()


async def fill_the_system(watch: Watch) -> None:
    await watch.sandbox.control("PUT", "softsugar", {"system_streams": 1})
    await watch.create()
    await watch.create()


async def fail_to_start(watch: Watch) -> None:
    session = await watch.create(with_role("sandbox-init-fails"))
    watch.sandbox.advance(3)
    await watch.look(session)


def with_role(file_id: str) -> dict[str, Any]:
    return {**SCRIPT, "sceneList": [{"digital_role": {"file_id": file_id}}]}


def control(param: str) -> Way:
    return lambda watch: watch.control(param)


def warm(files: Any) -> Way:
    return lambda watch: watch.warm(files)


WAYS: dict[int, Way] = {
    2: create_and_start,
    5: close,
    9: fail,
    32: create_and_start,
    34: play,
    35: prepare_at_once,
    36: play,
    37: play,
    39: break_takeover,
    50: stop_beating,
    51: control('{"digital_role": "role-2"}'),
    52: control("{"),
    53: control('{"digital_role": "stranger"}'),
    54: control(json.dumps({"foregrounds": [{"file_id": "sandbox-undecodable", "type": 1}]})),
    55: control(json.dumps({"backgrounds": {"file_id": "sandbox-undecodable", "type": 0}})),
    73: warm(["sandbox-undecodable"]),
    74: warm("not a list"),
    75: warm(["new"]),
    96: let_the_token_run_out,
    97: fill_the_system,
    98: fill_the_account,
    99: fail_to_start,
}


def test_every_code_has_a_way() -> None:
    assert set(WAYS) == {one.code for one in DOCUMENTS.status_codes}
    assert len(WAYS) == 22


@pytest.mark.parametrize("code", sorted(WAYS))
async def test_a_code_is_told_wherever_it_is_printed(open_sandbox: Open, sink: Sink, code: int) -> None:
    documented = DOCUMENTS.status_code(code)
    assert documented is not None
    sandbox = await open_sandbox()
    watch = Watch(sandbox, sink)
    await sandbox.control("PUT", "callbacks", {"vendor": "softsugar", "url": sink.url})
    await WAYS[code](watch)
    if "status_callback" in documented.where:
        await watch.told(code)
    assert {(place, code) for place in documented.where} <= watch.seen


async def test_no_status_is_told_where_it_is_not_printed(open_sandbox: Open, sink: Sink) -> None:
    """What was seen on all the ways together."""
    seen: set[tuple[str, int]] = set()
    for way in dict.fromkeys(WAYS.values()):
        watch = Watch(await open_sandbox(), sink)
        await way(watch)
        seen |= watch.seen
    printed = {(place, one.code) for one in DOCUMENTS.status_codes for place in one.where}
    assert seen <= printed


async def test_an_expired_token_is_told_once_and_a_new_one_begins_anew(sandbox: Sandbox, sink: Sink) -> None:
    await sandbox.control("PUT", "callbacks", {"vendor": "softsugar", "url": sink.url})
    await sandbox.control("PUT", "softsugar", {"rtc_token_s": 100, "heartbeat_s": 1000})
    session = await sandbox.go_live(**EXTERNAL)
    renew = {**who(session), "urtcToken": "fresh"}
    sandbox.advance(98)
    sandbox.advance(200)
    await sandbox.call("/api/2dvh/v1/material/rtc/token/host/renew", renew)
    sandbox.advance(101)
    await sandbox.call("channel/close", who(session))
    told = await sink.until(4)
    assert [one["status"] for one in told] == [35, 96, 96, 5]
    await sandbox.world.callbacks.idle()
    assert len(sink.bodies) == 4


async def test_the_platforms_own_token_does_not_run_out(sandbox: Sandbox, sink: Sink) -> None:
    await sandbox.control("PUT", "callbacks", {"vendor": "softsugar", "url": sink.url})
    await sandbox.control("PUT", "softsugar", {"rtc_token_s": 10, "heartbeat_s": 1000})
    session = await sandbox.go_live()
    sandbox.advance(500)
    await sandbox.call("channel/close", who(session))
    assert [one["status"] for one in await sink.until(2)] == [35, 5]
