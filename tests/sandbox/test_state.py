"""What is kept over a stop, a cut and a broken file."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from tests.sandbox.conftest import Open

TEXT = "欢迎来到我们的直播间。今天有很多好东西。"


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "state.json").write_text(text, encoding="utf-8")


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def modes(folder: Path) -> dict[str, int]:
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}


async def test_a_world_goes_on_where_it_stood(open_sandbox: Open, folder: Path) -> None:
    first = await open_sandbox(folder=folder)
    session = await first.go_live(userData="job-1")
    link = await first.connect(session)
    for ref in ("a", "b", "c"):
        await link.say(ref, TEXT)
    await link.codes(3)
    first.advance(1.3)
    await first.control("PUT", "clock", {"speed": 2})
    await first.control("PUT", "softsugar", {"streams": 7})
    await first.server.stop()
    credentials = first.world.credentials
    first.clock.advance(86_400)
    second = await open_sandbox(clock=first.clock, folder=folder)
    assert second.world.credentials == credentials
    assert second.world.clock.speed == 2
    assert (await second.control("GET", "softsugar"))["streams"] == 7
    assert await second.stat(session) == 2
    assert await second.queue(session) == ["a", "b", "c"]
    again = await second.connect(session)
    second.advance(2)
    assert await again.codes(2) == [(18, "a"), (19, "b")]
    await again.say("a", TEXT)
    assert (await again.frame())["code"] == 5
    second.advance(76)
    assert await second.stat(session) == 50
    heard = [(row["ref"], row["cut"]) for row in await second.heard(session)]
    assert heard[0] == ("a", False)
    assert [ref for ref, _ in heard] == ["a", "b", "c"]
    fresh = await second.create()
    assert fresh["sessionId"] != session["sessionId"]


async def test_the_history_and_the_callback_address_are_kept(open_sandbox: Open, folder: Path) -> None:
    first = await open_sandbox(folder=folder)
    body = {"vendor": "softsugar", "url": "http://127.0.0.1:9/x", "auth_key": "k"}
    await first.control("PUT", "callbacks", body)
    session = await first.create()
    await first.call("channel/close", {"sessionId": session["sessionId"]})
    await first.server.stop()
    second = await open_sandbox(folder=folder)
    rows = (await second.call("channel/history/list", {}))["data"]["result"]
    assert [row["sessionId"] for row in rows] == [session["sessionId"]]
    state = await second.control("GET", "state")
    assert state["accounts"]["softsugar"]["callbacks"] == {"url": "http://127.0.0.1:9/x", "signed": True}


async def test_the_file_is_for_its_owner_only(open_sandbox: Open, folder: Path) -> None:
    sandbox = await open_sandbox(folder=folder)
    sandbox.server.save()
    assert modes(folder) == {"state.json": 0o600}
    assert json.loads(read(folder, "state.json"))["version"] == 1


async def test_a_broken_file_is_moved_aside_and_the_world_is_fresh(open_sandbox: Open, folder: Path) -> None:
    for number, text in enumerate(('{"version": 1, "cl', '{"version": 99}', '{"version": 1}', "[]"), start=1):
        write(folder, text)
        sandbox = await open_sandbox(folder=folder)
        assert (await sandbox.create())["status"] == 32
        assert read(folder, f"state.broken-{number}.json") == text
        await sandbox.server.stop()


async def test_a_late_thread_does_not_overwrite_a_newer_world(open_sandbox: Open, folder: Path) -> None:
    sandbox = await open_sandbox(folder=folder)
    state = sandbox.server.state
    assert state is not None
    state.save({"what": "new"}, 50)
    state.save({"what": "old"}, 49)
    assert json.loads(read(folder, "state.json"))["what"] == "new"


async def test_reset_forgets_sessions_but_not_credentials_nor_ids(open_sandbox: Open) -> None:
    sandbox = await open_sandbox()
    session = await sandbox.go_live()
    link = await sandbox.connect(session)
    await link.say("t", TEXT)
    await link.codes(1)
    await sandbox.fault("error")
    await sandbox.control("POST", "reset")
    assert (await link.frame())["code"] == 4
    assert await link.closed() == 1000
    assert (await sandbox.call("channel/running/list", method="GET"))["data"] == []
    assert (await sandbox.control("GET", "audible"))["heard"] == []
    assert (await sandbox.create())["sessionId"] != session["sessionId"]
