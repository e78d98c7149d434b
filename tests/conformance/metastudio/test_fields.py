"""Each documented field of each request body of the live calls, broken in every documented way: refused, no effect.

The bodies are made from the contract, so a field that is added to it is tested too. The counts at the end are asserted,
so that none drops out in silence.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conformance.metastudio.answers import BOOK, command_names
from tests.conformance.metastudio.breaks import Case
from tests.conformance.metastudio.conftest import BODIES, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVALID, INVALID_COMMAND = (400, "MSS.00000003"), (500, "MSS.20010053")


@dataclass(frozen=True)
class Request:
    endpoint: str
    given: dict[str, Any]
    """What the generator cannot know."""

    def body(self) -> dict[str, Any]:
        return BODIES.sample(BOOK.endpoint(self.endpoint).body, **self.given)

    def __str__(self) -> str:
        return f"{self.endpoint}{':' + self.given['command'] if 'command' in self.given else ''}"


REQUESTS = [
    Request("create_smart_live_room", {"room_name": "Made"}),
    Request("update_smart_live_room", {"room_name": "Renamed"}),
    Request("create_smart_live_interaction_rule_group", {"group_name": "Made"}),
    Request("update_smart_live_interaction_rule_group", {"group_name": "Library"}),
    Request("start_smart_live_job", {}),
    Request("report_live_event", {}),
    *(Request("execute_smart_live_command", {"command": command}) for command in command_names()),
]
BY_ENDPOINT = pytest.mark.parametrize("request_", REQUESTS, ids=str)


def broken(request: Request) -> Iterator[Case]:
    return BODIES.broken(BOOK.endpoint(request.endpoint).body, request.body())


def state(desk: Desk) -> str:
    return json.dumps(desk.face.model.snapshot(), sort_keys=True)


@BY_ENDPOINT
async def test_a_broken_field_is_refused_and_changes_nothing(desk: Desk, request_: Request) -> None:
    before, wrong = state(desk), []
    for case in broken(request_):
        answer = await desk.ask(request_.endpoint, case.body)
        wanted = INVALID_COMMAND if case.pointer == "/command" else INVALID
        got = answer.status_code, answer.json()["error_code"]
        if got != wanted or state(desk) != before:
            wrong.append(f"{case}: {got}{'' if state(desk) == before else ' and the state changed'}")
            before = state(desk)
    assert wrong == []


@BY_ENDPOINT
async def test_allowed_values_are_accepted(desk: Desk, request_: Request) -> None:
    """The whole body, each allowed word, both ends of each range, and the body without each optional field."""
    if request_.endpoint.startswith(("create_", "start_")):
        # The same tables are walked by update; what is made here is made again and again.
        await accept_once(desk, request_)
        return
    fields, body, wrong = BOOK.endpoint(request_.endpoint).body, request_.body(), []
    for case in BODIES.allowed(fields, body):
        if case.pointer == "/events" or str(case) == "range /total":
            continue  # A total that is not the number of events is refused (A35).
        answer = await desk.ask(request_.endpoint, case.body)
        if answer.status_code != 200:
            wrong.append(f"{case}: {answer.status_code} {answer.text}")
        desk.clear_queue()
    assert wrong == []


async def accept_once(desk: Desk, request: Request) -> None:
    answer = await desk.ask(request.endpoint, request.body())
    assert answer.status_code == BOOK.endpoint(request.endpoint).success, answer.text
    made = answer.json()
    if "job_id" in made:
        job = desk.face.model.jobs[made["job_id"]]
        assert (await desk.call("POST", desk.job_path(job, "stop"))).status_code == 200
        desk.play(2)
    elif "room_id" in made:
        assert (await desk.call("DELETE", desk.path("smart-live-rooms", made["room_id"]))).status_code == 200
    else:
        path = desk.path("smart-live-interaction-rule-groups", made["group_id"])
        assert (await desk.call("DELETE", path)).status_code == 200


async def test_every_field_that_was_sent_is_shown_again(desk: Desk) -> None:
    request = REQUESTS[1]
    body = request.body()
    assert (await desk.ask(request.endpoint, body)).status_code == 200
    shown = (await desk.ask("show_smart_live_room")).json()
    assert {name: shown[name] for name in body} == body
    listed = (await desk.ask("list_smart_live_rooms")).json()["smart_live_rooms"]
    row = next(row for row in listed if row["room_id"] == desk.room_id)
    for name in ("room_name", "room_description", "room_type", "view_mode", "priv_data"):
        assert row[name] == body[name]
    group = REQUESTS[3]
    rules = group.body()["interaction_rules"]
    assert (await desk.ask(group.endpoint, group.body())).status_code == 200
    kept = (await desk.ask("list_smart_live_interaction_rule_groups")).json()["interaction_rule_groups"][0]
    assert {name: kept["interaction_rules"][0][name] for name in rules[0]} == rules[0]


async def test_bodies_that_are_no_object_are_refused(desk: Desk) -> None:
    for endpoint in {request.endpoint for request in REQUESTS}:
        for content in (b"[]", b'"x"', b"7", b"{", b"\xff\xfe", b'{"room_name": "\\ud800"}', b"[" * 100_000):
            answer = await desk.send(endpoint, content)
            assert (answer.status_code, answer.json()["error_code"]) == INVALID, (endpoint, content[:20])
        if BOOK.endpoint(endpoint).body_mandatory:
            assert (await desk.send(endpoint, b"")).status_code == 400


COUNTS = {
    "create_smart_live_room": {"mandatory": 27, "type": 670, "enum": 30, "range": 26, "length": 2},
    "update_smart_live_room": {"mandatory": 27, "type": 670, "enum": 30, "range": 26, "length": 2},
    "create_smart_live_interaction_rule_group": {"mandatory": 13, "type": 281, "enum": 14, "range": 6},
    "update_smart_live_interaction_rule_group": {"mandatory": 13, "type": 281, "enum": 14, "range": 6},
    "start_smart_live_job": {"mandatory": 5, "type": 161, "enum": 10, "range": 11},
    "report_live_event": {"mandatory": 2, "type": 25, "enum": 1, "range": 1},
    "execute_smart_live_command:INSERT_PLAY_SCRIPT": {"mandatory": 4, "type": 32, "enum": 3, "length": 5},
    "execute_smart_live_command:REWRITE_PLAY_SCRIPT": {
        "mandatory": 12,
        "type": 189,
        "enum": 4,
        "range": 9,
        "length": 2,
    },
    "execute_smart_live_command:INSERT_PLAY_AUDIO": {"mandatory": 3, "type": 29, "enum": 3, "length": 5},
    "execute_smart_live_command:REWRITE_INTERACTION_RULES": {"mandatory": 15, "type": 303, "enum": 15, "range": 6},
    "execute_smart_live_command:GET_CURRENT_PLAYING_SCRIPTS": {"mandatory": 1, "type": 13, "enum": 1},
    "execute_smart_live_command:SHOW_LAYER": {"mandatory": 1, "type": 13, "enum": 1},
    "execute_smart_live_command:REFRESH_OUTPUT_URL": {"mandatory": 3, "type": 23, "enum": 1},
    "execute_smart_live_command:GET_LIVE_JOB_CONFIG_INFO": {"mandatory": 1, "type": 13, "enum": 1},
}


async def test_no_field_and_no_rule_drops_out() -> None:
    assert {str(one): Counter(case.rule for case in broken(one)) for one in REQUESTS} == COUNTS
    with_body = {one.id for one in BOOK.endpoints if one.body and one.section.startswith(("6.1", "6.2"))}
    assert {one.endpoint for one in REQUESTS} == with_body
