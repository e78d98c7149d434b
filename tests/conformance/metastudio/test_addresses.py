"""Paths, queries and headers of the live calls, broken as the contract says what they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.vendors.contract.model import Field
from tests.conformance.metastudio.answers import BOOK
from tests.conformance.metastudio.conftest import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIVE = [one for one in BOOK.endpoints if one.section.startswith(("6.1", "6.2"))]
BODIES = {
    "create_smart_live_room": {"room_name": "New"},
    "update_smart_live_room": {"room_name": "Other"},
    "create_smart_live_interaction_rule_group": {"group_name": "New"},
    "update_smart_live_interaction_rule_group": {"group_name": "Other"},
    "execute_smart_live_command": {"command": "GET_CURRENT_PLAYING_SCRIPTS"},
    "report_live_event": {"total": 0},
}
INVALID = (400, "MSS.00000003")
# Times are text to the contract; what RFC 3339 asks of them (002:6325, 9087) is ours to check.
TIMES = ("start_time", "end_time", "create_since", "create_until")


def wrong(field: Field) -> Iterator[str]:
    if field.type in ("integer", "long"):
        yield from ("x", "1.5", "")
    if field.type == "boolean":
        yield from ("maybe", "1")
    if field.minimum is not None:
        yield str(int(field.minimum) - 1)
    if field.enum:
        yield "NOT-A-WORD"
    if field.separator:
        yield f"{field.enum[0]}{field.separator}NOT-A-WORD"
    if field.name in TIMES:
        yield from ("yesterday", "2021-13-01T00:00:00Z")
    if field.name == "sort_key":
        yield "update_time"


QUERIES = [(one.id, field.name, value) for one in LIVE for field in one.query for value in wrong(field)]


async def test_each_broken_query_is_refused(desk: Desk) -> None:
    wrongly = []
    for endpoint, name, value in QUERIES:
        answer = await desk.ask(endpoint, BODIES.get(endpoint), {name: value})
        if (answer.status_code, answer.json().get("error_code")) != INVALID:
            wrongly.append(f"{endpoint} {name}={value!r}: {answer.status_code} {answer.text[:80]}")
    assert wrongly == []
    fields = {(endpoint, name) for endpoint, name, _ in QUERIES}
    free = {(one.id, field.name) for one in LIVE for field in one.query} - fields
    # Any text is allowed in these.
    assert {name for _, name in free} == {"room_name", "dh_id", "model_name", "group_name", "auth_key"}
    assert (len(QUERIES), len(fields)) == (65, 27)


async def test_each_word_of_a_query_is_accepted(desk: Desk) -> None:
    refused = []
    for endpoint in LIVE:
        for field in endpoint.query:
            for word in (*field.enum, *field.enum_aliases):
                answer = await desk.ask(endpoint.id, BODIES.get(endpoint.id), {field.name: word})
                if answer.status_code != 200:
                    refused.append(f"{endpoint.id} {field.name}={word}: {answer.status_code}")
            if field.separator:
                several = field.separator.join(str(word) for word in field.enum)
                assert (await desk.ask(endpoint.id, None, {field.name: several})).status_code == 200
    assert refused == []


UNKNOWN = {
    "room_id": {"show_smart_live_room": (404, "MSS.00000002")},
    "group_id": {},
    "job_id": {},
}
CODES = {"room_id": (400, "MSS.20010045"), "group_id": (400, "MSS.20010083"), "job_id": (400, "MSS.20010074")}


async def test_paths_that_lead_to_nothing(desk: Desk) -> None:
    """An unknown id has the code of its kind; an empty one makes the path another one, which is not there.

    Two empty ones fall together with a call that is there, since a slash at the end is not counted (signers add one):
    the list of rooms, and the list of the room's jobs.
    """
    for endpoint in LIVE:
        for param in endpoint.path_params:
            if param.name == "project_id":
                continue
            address = desk.url_of(endpoint.id, **{param.name: "24bad716-87b1-45e5-8912-6102f7693265"})
            answer = await desk.go(endpoint.method, address, BODIES.get(endpoint.id))
            wanted = UNKNOWN[param.name].get(endpoint.id, CODES[param.name])
            if param.name == "room_id" and "job_id" in endpoint.path:
                wanted = CODES["job_id"]
            assert (answer.status_code, answer.json()["error_code"]) == wanted, (endpoint.id, param.name)
            empty = await desk.go(
                endpoint.method, desk.url_of(endpoint.id, **{param.name: ""}), BODIES.get(endpoint.id)
            )
            if (endpoint.id, param.name) in (("show_smart_live_room", "room_id"), ("show_smart_live_job", "job_id")):
                assert empty.status_code == 200
            else:
                assert (empty.status_code, empty.json()["error_code"]) in (
                    (404, "MSS.00000002"),
                    (405, "MSS.00000002"),
                ), (endpoint.id, param.name)
        foreign = await desk.go(endpoint.method, desk.url_of(endpoint.id, project_id="0" * 32), BODIES.get(endpoint.id))
        assert (foreign.status_code, foreign.json()["error_code"]) == (403, "MSS.00020006")
        nobody = await desk.go(endpoint.method, desk.url_of(endpoint.id, project_id=""), BODIES.get(endpoint.id))
        assert (nobody.status_code, nobody.json()["error_code"]) == (404, "MSS.00000002")


async def test_headers(desk: Desk) -> None:
    """002:5872: the user of a third party is named without Chinese characters; the project must be the path's."""
    for endpoint in LIVE:
        body = BODIES.get(endpoint.id)
        answer = await desk.ask(endpoint.id, body, **{"x-app-userid": "王五"})
        assert (answer.status_code, answer.json()["error_code"]) == INVALID, endpoint.id
        answer = await desk.ask(endpoint.id, body, **{"x-project-id": "1" * 32})
        assert (answer.status_code, answer.json()["error_code"]) == (403, "MSS.00020006"), endpoint.id
    for name in ("wang-wu", "Jürgen"):
        answer = await desk.ask("list_smart_live_rooms", **{"x-app-userid": name, "x-project-id": desk.project})
        assert answer.status_code == 200
