"""Reported events, and the vendor's own rules that answer them."""

from __future__ import annotations

import json
from typing import Any

from dashboard.sandbox.metastudio_job import Job
from dashboard.sandbox.metastudio_rules import BOT_SAYS
from tests.sandbox.metastudio.conftest import Vendor

PRICE = {
    "rule_name": "price",
    "event_type": 1,
    "enabled": True,
    "hit_condition": {"relation": "Or", "tags": [{"tag": "content", "match": "REGEX", "value": "how much|price"}]},
    "trigger": {"time_window": 30, "reply_mode": "SYSTEM_REPLY", "reply_texts": ["It costs ten.", "Still ten."]},
}


def comment(text: str) -> dict[str, Any]:
    content = json.dumps({"user": {"userId": "1", "name": "A"}, "content": text})
    return {"timestamp": 1694481224245, "type": 1, "content": content}


async def live(vendor: Vendor, *rules: dict[str, Any]) -> tuple[Job, str]:
    room_id = await vendor.make_room(interaction_rules=list(rules), play_policy={"repeat_count": -1})
    started = await vendor.start(room_id)
    vendor.play(3)
    return vendor.face.model.jobs[started["job_id"]], started["live_event_report_url"]


async def test_a_keyword_makes_the_vendor_answer_with_a_reply_of_its_own(vendor: Vendor) -> None:
    job, url = await live(vendor, PRICE)
    answer = await vendor.http.post(url, json={"total": 2, "events": [comment("nice"), comment("what is the price?")]})
    assert (answer.status_code, answer.content) == (200, b"")
    vendor.play(20)
    replies = [row for row in vendor.heard(job) if row["source"] == "rule"]
    assert [row["text"] for row in replies] == ["It costs ten."]
    assert replies[0]["ref"] not in (job.job_id, "")


async def test_a_rule_is_silent_for_its_window_and_goes_on_in_order(vendor: Vendor) -> None:
    job, url = await live(vendor, PRICE)
    for wait in (1, 10, 25):
        await vendor.http.post(url, json={"total": 1, "events": [comment("price")]})
        vendor.play(wait)
        vendor.clock.advance(1)
    vendor.play(20)
    assert [row["text"] for row in vendor.heard(job) if row["source"] == "rule"] == ["It costs ten."]
    await vendor.http.post(url, json={"total": 1, "events": [comment("price")]})
    vendor.play(20)
    texts = [row["text"] for row in vendor.heard(job) if row["source"] == "rule"]
    assert texts == ["It costs ten.", "Still ten."]


async def test_viewers_follows_and_untyped_events_are_taken(vendor: Vendor) -> None:
    job, url = await live(vendor, PRICE)
    events = [
        {"timestamp": 1, "type": 6, "content": '{"numberOfViewers":5466}'},
        {"timestamp": 1, "type": 5, "content": "{}"},
        {"timestamp": 1},
        {"timestamp": 1, "type": 1, "content": "xxxxx"},
    ]
    assert (await vendor.http.post(url, json={"total": 4, "events": events})).status_code == 200
    assert job.viewers == 5466


async def test_a_wrong_total_is_refused_and_nothing_fires(vendor: Vendor) -> None:
    job, url = await live(vendor, PRICE)
    answer = await vendor.http.post(url, json={"total": 2, "events": [comment("price")]})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.00000003")
    bad = await vendor.http.post(url, json={"total": 1, "events": [{"type": 1}]})
    assert bad.status_code == 400
    vendor.play(20)
    assert [row for row in vendor.heard(job) if row["source"] == "rule"] == []


async def test_the_url_is_the_key_until_it_expires(vendor: Vendor) -> None:
    _, url = await live(vendor, PRICE)
    empty = {"total": 0, "events": []}
    wrong = url.replace("auth_key=", "auth_key=0")
    answer = await vendor.http.post(wrong, json=empty)
    assert (answer.status_code, answer.json()["error_code"]) == (401, "MSS.20010039")
    vendor.clock.advance(26 * 3600)
    answer = await vendor.http.post(url, json=empty)
    assert (answer.status_code, answer.json()["error_code"]) == (401, "MSS.20010054")
    renewed = await vendor.http.post(url + "&refresh_url=true", json=empty)
    assert renewed.status_code == 200
    new_url = renewed.json()["live_event_report_url"]
    assert new_url != url
    vendor.clock.advance(1)
    assert (await vendor.http.post(new_url, json=empty)).status_code == 200
    vendor.clock.advance(48 * 3600)
    answer = await vendor.http.post(url + "&refresh_url=true", json=empty)
    assert (answer.status_code, answer.json()["error_code"]) == (401, "MSS.20010077")


async def test_a_signed_call_reports_too(vendor: Vendor) -> None:
    job, _ = await live(vendor, PRICE)
    path = vendor.job_path(job, "live-event-report")
    answer = await vendor.call("POST", path, {"total": 1, "events": [comment("price")]})
    assert answer.status_code == 200
    assert (await vendor.http.post(vendor.server.url + path, json={"total": 0})).status_code == 401


async def test_rules_can_be_rewritten_while_live(vendor: Vendor) -> None:
    job, url = await live(vendor, PRICE)
    rule = {**PRICE, "trigger": {"reply_texts": ["Ask again later."]}}
    answer = await vendor.command(job, "REWRITE_INTERACTION_RULES", {"interaction_rules": [rule]})
    assert answer.status_code == 200
    await vendor.http.post(url, json={"total": 1, "events": [comment("price")]})
    vendor.play(20)
    assert [row["text"] for row in vendor.heard(job) if row["source"] == "rule"] == ["Ask again later."]


async def test_a_job_that_is_over_takes_no_reports(vendor: Vendor) -> None:
    job, url = await live(vendor, PRICE)
    await vendor.call("POST", vendor.job_path(job, "stop"))
    answer = await vendor.http.post(url, json={"total": 0, "events": []})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010074")


async def test_a_reply_goes_where_its_rule_says(vendor: Vendor) -> None:
    """A93: APPEND waits for the end of the paragraph, PLAY_NOW cuts it."""
    texts = {"APPEND": "Later.", "PLAY_NOW": "At once."}
    rules = [
        {
            "event_type": 1,
            "hit_condition": {"tags": [{"tag": "content", "match": "EQUAL", "value": how}]},
            "trigger": {"reply_texts": [text], "play_type": how},
        }
        for how, text in texts.items()
    ]
    job, url = await live(vendor, *rules)
    events = [comment(how) for how in texts]
    assert (await vendor.http.post(url, json={"total": 2, "events": events})).status_code == 200
    vendor.play(20)
    assert [row["text"] for row in vendor.heard(job) if row["source"] == "rule"] == ["At once.", "Later."]
    assert vendor.heard(job)[0]["cut"]


async def test_roles_and_modes_of_replies(vendor: Vendor) -> None:
    """A co-streamer's reply has the co-streamer's speed; a bot without preset texts has words of its own."""
    helper = {"event_type": 2, "trigger": {"reply_texts": ["Welcome to all of you."], "reply_role": "CO_STREAMER"}}
    main = {"event_type": 3, "trigger": {"reply_texts": ["Welcome to all of you."], "reply_role": "STREAMER"}}
    bot = {"event_type": 4, "trigger": {"reply_mode": "INTELLIGENT_REPLY", "robot_id": "r"}}
    job, url = await live(vendor, helper, main, bot)
    job.room["co_streamer_config"] = {"voice_config": {"voice_asset_id": "v", "speed": 200}}
    events = [{"timestamp": 1, "type": kind} for kind in (2, 3, 4)]
    assert (await vendor.http.post(url, json={"total": 3, "events": events})).status_code == 200
    vendor.play(30)
    said = [row for row in vendor.heard(job) if row["source"] == "rule"]
    lengths = [row["ended_at"] - row["started_at"] for row in said]
    assert said[2]["text"] == BOT_SAYS
    assert lengths[0] < lengths[1] * 0.6
    assert [record["reply_role"] for record in job.records] == ["CO_STREAMER", "STREAMER", "STREAMER"]
