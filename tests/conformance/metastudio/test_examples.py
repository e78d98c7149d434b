"""Every printed example of the live calls (002 chapters 3.2, 6.1, 6.2, pages 000, 001, 003), replayed.

A printed request is sent as it stands, with this sandbox's ids in its path; a printed answer must fit the response
tables, and the sandbox's own answer must have its keys with its types. `UNFIT` says of each example that cannot be
taken as it is printed why, and what is taken instead.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.vendors.contract.validation import check_response
from tests.conformance.metastudio.answers import BOOK
from tests.conformance.metastudio.conftest import Desk

EXAMPLES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
REQUESTS = [one for one in EXAMPLES if one["status"] == 0]
ANSWERS = [one for one in EXAMPLES if 0 < one["status"] < 400]
REFUSALS = [one for one in EXAMPLES if one["status"] >= 400]
TEXT = {"sequence_no": 1, "text_config": {"text": "Hello, everyone. I'm Sara."}}
SCENE = {
    "script_name": "The Legend of Nature —",
    "model_asset_id": "a5d295cdb345c11bd9f36bc22ced3a7a",
    "voice_config": {"voice_asset_id": "a5d295cdb345c11bd9f36bc22ced3a7a"},
    "background_config": [{"background_type": "IMAGE", "background_config": "978f893e1de4553c183b7a805e6290f5"}],
    "shoot_scripts": [TEXT],
}
CALLBACKS = {
    "live_event_type_callback_url": "https://xxx/xxx/xxx?xxx=xxx",
    "auth_type": "NONE",
    "callback_event_type": ["SHOOT_SCRIPT_SWITCH"],
}
ROOM = {"room_name": "The Legend of Nature", "room_description": "Courseware", "scene_scripts": [SCENE]}
USER = {"name": "username", "password": "SADMIN_PASS", "domain": {"name": "domainname"}}
# Where the printed text is no JSON: the same with the print's faults put right.
UNFIT: dict[str, tuple[str, Any]] = {
    "002:6209": (
        "a brace closes the scene too early, two brackets are missing, one brace is too many",
        {**ROOM, "live_event_callback_config": CALLBACKS},
    ),
    "002:6888": (
        "a brace closes the scene too early, a bracket is missing",
        {"room_id": "24bad716-87b1-45e5-8912-6102f7693265", **ROOM},
    ),
    "002:10109": ("the address is broken over three lines", {"live_event_report_url": "https://{endpoint}/v1/…"}),
    "002:554": (
        "comments, and a password without quotes",
        {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": USER}},
                "scope": {"project": {"name": "xxxxxxxx"}},
            }
        },
    ),
}
# Printed calls that address another one than their chapter: copied from there.
MISPLACED = {"002:8252": "list_smart_live_rooms", "002:9920": "list_smart_live_jobs"}


def by_source(example: dict[str, Any]) -> str:
    return f"{example['endpoint']} {example['source']}"


def body_of(example: dict[str, Any]) -> Any:
    if example["source"] in UNFIT:
        with pytest.raises(ValueError):
            json.loads(example["text"])
        return UNFIT[example["source"]][1]
    return json.loads(example["text"]) if example["text"] else None


def type_of(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def shape(value: Any, at: str = "") -> set[tuple[str, str]]:
    """Each key with the type of its value; items of lists are looked at together."""
    found = {(at, type_of(value))}
    if isinstance(value, dict):
        found |= {pair for key, inner in value.items() for pair in shape(inner, f"{at}/{key}")}
    if isinstance(value, list):
        found |= {pair for inner in value for pair in shape(inner, f"{at}/*")}
    return found


async def replay(desk: Desk, example: dict[str, Any]) -> httpx.Response:
    """The printed request; a path of placeholders becomes one of this sandbox."""
    endpoint = BOOK.endpoint(example["endpoint"])
    if endpoint.id == "create_token":
        return await desk.http.post(desk.server.url + endpoint.path, json=own_login(desk, body_of(example)))
    printed = re.sub(r"^https://(\{endpoint\}|[^/]+)", "", example["url"])
    found = BOOK.match(example["method"], printed)
    assert found is not None
    assert found[0].id == MISPLACED.get(example["source"], endpoint.id)
    content = b"" if not example["text"] else text_of(example).encode()
    return await desk.send(endpoint.id, content)


def text_of(example: dict[str, Any]) -> str:
    return json.dumps(body_of(example)) if example["source"] in UNFIT else str(example["text"])


def own_login(desk: Desk, body: Any) -> Any:
    """The printed names are placeholders."""
    own = desk.world.credentials
    user = body["auth"]["identity"]["password"]["user"]
    user |= {"name": own.iam_user, "password": own.iam_password, "domain": {"name": own.iam_domain}}
    body["auth"]["scope"]["project"]["name"] = "cn-north-4"
    return body


@pytest.mark.parametrize("example", REQUESTS, ids=by_source)
async def test_a_printed_request_is_accepted(fresh_desk: Desk, example: dict[str, Any]) -> None:
    answer = await replay(fresh_desk, example)
    assert answer.status_code == BOOK.endpoint(example["endpoint"]).success, answer.text


@pytest.mark.parametrize("example", ANSWERS, ids=by_source)
async def test_a_printed_answer_fits_the_tables_and_ours_looks_like_it(
    fresh_desk: Desk, example: dict[str, Any]
) -> None:
    desk = fresh_desk
    endpoint, printed = BOOK.endpoint(example["endpoint"]), body_of(example)
    assert check_response(BOOK, endpoint, example["status"], printed) == ()
    ours = await our_answer(desk, endpoint.id, printed)
    assert ours.status_code == example["status"]
    assert shape(printed) - shape(ours.json()) == set()


async def our_answer(desk: Desk, endpoint_id: str, printed: Any) -> httpx.Response:
    """What the sandbox says in the state of which the example tells."""
    if endpoint_id == "show_smart_live_room":
        await replay(desk, next(one for one in REQUESTS if one["source"] == "000:3403"))
    if endpoint_id == "report_live_event":
        return await desk.ask(endpoint_id, {"total": 0}, {"refresh_url": "true"})
    if endpoint_id == "execute_smart_live_command":
        return await desk.ask(endpoint_id, {"command": printed["command"]})
    if endpoint_id in ("list_smart_live_jobs", "list_tenant_smart_live_jobs", "show_smart_live_job"):
        # Start, end and duration are printed: the task is over.
        await desk.ask("stop_smart_live_job")
        desk.play(2)
        return await desk.go("GET", desk.url_of(endpoint_id, room_id=desk.live_id))
    return await replay(desk, next(one for one in REQUESTS if one["endpoint"] == endpoint_id))


@pytest.mark.parametrize("example", REFUSALS, ids=lambda one: f"{by_source(one)} {one['status']}")
async def test_a_printed_refusal_is_answered_word_for_word(fresh_desk: Desk, example: dict[str, Any]) -> None:
    desk, printed, endpoint = fresh_desk, json.loads(example["text"]), BOOK.endpoint(example["endpoint"])
    assert check_response(BOOK, endpoint, example["status"], printed) == ()
    path = desk.url_of(endpoint.id)
    if example["status"] == 500:
        desk.world.faults.add("error", vendor="metastudio", count=1)
        ours = await desk.call_now(endpoint.method, path)
    elif example["status"] == 401:
        ours = await desk.http.request(endpoint.method, desk.server.url + path)
    elif example["status"] == 404:
        ours = await desk.call_now(endpoint.method, path + "x")
    else:
        ours = await desk.call_now(endpoint.method, path, **{"x-app-userid": "王五"})
    assert ours.status_code == example["status"]
    got = ours.json()
    # What is wrong is said behind the printed words.
    assert (got["error_code"], got["error_msg"].partition(":")[0]) == (printed["error_code"], printed["error_msg"])


# The content of each event type as Table 6-327 prints it (002:10037-10041), its line breaks taken out; A14: the third
# repeats type 2 with the words of type 3. "xxxxx" is the request of 6.2.7.
USER_OF = '{"userId":"2978899271","name":"***","level":1,"badge":"","badgeLevel":0}'
EVENTS = [
    {"timestamp": 1694481224245, "type": 1, "content": f'{{"user":{USER_OF},"content":"***"}}'},
    {"timestamp": 1694481227655, "type": 2, "content": f'{{"user":{USER_OF}}}'},
    {"timestamp": 1694481227655, "type": 3, "content": f'{{"user":{USER_OF}}}'},
    {
        "timestamp": 1690531652862,
        "type": 4,
        "content": '{"gift":{"giftName":"Star","giftNum":10,"totalValue":10,"giftValue":3},"user":'
        '{"userId":"douyin_95882940927","name":"Romantic lover","level":2,"badge":"","badgeLevel":0}}',
    },
    {"timestamp": 1694481236886, "type": 5},
    {"timestamp": 1694481236886, "type": 6, "content": '{"numberOfViewers":5466}'},
    {"timestamp": 1690819199000, "type": 1, "content": "xxxxx"},
]


async def test_the_printed_events_are_taken_and_understood(fresh_desk: Desk) -> None:
    desk = fresh_desk
    tag = {"tag": "giftName", "operation": "NONE", "match": "EQUAL", "value": "Star"}
    replies = [
        {"rule_index": f"rule-{kind}", "event_type": kind, "trigger": {"reply_texts": [f"Reply {kind}."]}}
        for kind in (1, 2, 3)
    ]
    gift = {"hit_condition": {"relation": "And", "tags": [tag]}, "trigger": {"reply_texts": ["Reply 4."]}}
    replies.append({"rule_index": "rule-4", "event_type": 4, **gift})
    rewritten = {"command": "REWRITE_INTERACTION_RULES", "params": {"interaction_rules": replies}}
    assert (await desk.ask("execute_smart_live_command", rewritten)).status_code == 200
    answer = await desk.ask("report_live_event", {"total": len(EVENTS), "events": EVENTS})
    assert (answer.status_code, answer.content) == (200, b"")
    job = desk.face.model.jobs[desk.job_id]
    assert [row["reply"] for row in job.records] == ["Reply 1.", "Reply 2.", "Reply 3.", "Reply 4.", "Reply 1."]
    assert job.viewers == 5466


async def test_no_example_drops_out() -> None:
    assert len(EXAMPLES) == 92
    assert Counter(one["status"] for one in EXAMPLES) == {0: 20, 200: 12, 202: 2, 400: 19, 401: 19, 404: 1, 500: 19}
    live = {one.id for one in BOOK.endpoints if one.section.startswith(("6.1", "6.2"))}
    assert {one["endpoint"] for one in EXAMPLES} == live | {"create_token"}
    assert {one["source"].partition(":")[0] for one in EXAMPLES} == {"000", "001", "002", "003"}
    # The contract has the same ones of its own chapters.
    printed = {one.id: Counter(example.status for example in one.examples) for one in BOOK.endpoints if one.id in live}
    kept = Counter((one["endpoint"], one["status"]) for one in EXAMPLES if one["status"] < 400 and one["text"])
    assert all(
        kept[(name, status)] >= count for name, statuses in printed.items() for status, count in statuses.items()
    )
