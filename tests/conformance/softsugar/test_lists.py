"""The lists of running and past sessions: what they hold, by which key, on which page (004:914-1040)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.softsugar.conftest import who
from tests.conformance.softsugar.test_status_codes import with_role
from tests.sandbox.conftest import Sandbox

LIST = "channel/history/list"
KEYS = ("sessionId", "status", "startTime", "endTime")


async def a_past(sandbox: Sandbox) -> list[str]:
    """Seven sessions that ended in four ways at different times, and two that still run."""
    ended = []
    for number in range(7):
        session = await (sandbox.create(with_role("sandbox-init-fails")) if number == 5 else sandbox.go_live())
        ended.append(session["sessionId"])
        sandbox.advance(10 + number)
        if number < 3:
            await sandbox.call("channel/close", who(session))
        elif number == 3:
            await sandbox.fault("session_end", session=session["sessionId"], params={"status": 9})
    sandbox.advance(80)
    for _ in range(2):
        await sandbox.go_live()
    return ended


async def history(sandbox: Sandbox, **body: Any) -> dict[str, Any]:
    data: dict[str, Any] = (await sandbox.call(LIST, body))["data"]
    return data


@pytest.mark.parametrize("key", KEYS)
async def test_the_history_sorts_by_each_of_its_keys_both_ways(sandbox: Sandbox, key: str) -> None:
    ended = await a_past(sandbox)
    for value, is_falling in (("asc", False), ("desc", True)):
        rows = (await history(sandbox, sortName=key, sortValue=value))["result"]
        assert sorted(row["sessionId"] for row in rows) == sorted(ended)
        told = [row[key] for row in rows]
        assert told == sorted(told, reverse=is_falling)
        assert len(set(told)) > 1


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10])
async def test_the_pages_together_hold_each_session_once(sandbox: Sandbox, size: int) -> None:
    ended = await a_past(sandbox)
    found, pages = [], -(-len(ended) // size)
    for number in range(1, pages + 2):
        page = await history(sandbox, pageNo=number, pageSize=size)
        place = {"pageNo": number, "pageSize": size, "numberRecords": 7, "numberPages": pages}
        assert page["pagination"] == {**place, "startIndex": (number - 1) * size}
        assert len(page["result"]) == min(size, max(0, 7 - (number - 1) * size))
        found += [row["sessionId"] for row in page["result"]]
    assert sorted(found) == sorted(ended)


async def test_the_lists_share_all_sessions_between_them(sandbox: Sandbox) -> None:
    """What runs is in the one, what ended in the other (004:916, 962), and only there."""
    ended = await a_past(sandbox)
    running = (await sandbox.call("channel/running/list", method="GET"))["data"]
    assert [row["status"] for row in running] == [2, 2]
    assert not {row["sessionId"] for row in running} & set(ended)
    statuses = {row["sessionId"]: row["status"] for row in (await history(sandbox))["result"]}
    assert [statuses[one] for one in ended] == [5, 5, 5, 9, 50, 99, 50]
    filtered = await history(sandbox, status=50, sessionId=ended[4])
    assert [row["sessionId"] for row in filtered["result"]] == [ended[4]]
    assert (await history(sandbox, status=5, sessionId=ended[4]))["result"] == []
