from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.sandbox.metastudio_callbacks import FINISH, RTMP, SWITCH
from dashboard.sandbox.metastudio_job import Job
from tests.sandbox.metastudio.conftest import Console, Vendor

ALL = [SWITCH, RTMP, FINISH]
TEXTS = ["First sentence here. Second sentence here.", "Next paragraph here."]


async def live(vendor: Vendor, console: Console, **config: Any) -> Job:
    callback = {"live_event_type_callback_url": console.url, "callback_event_type": ALL, **config}
    return await vendor.on_air(
        TEXTS, live_event_callback_config=callback, output_urls=["rtmp://push/live"], stream_keys=["k1"]
    )


async def settle(vendor: Vendor, seconds: float = 0.0) -> None:
    vendor.play(seconds)
    await vendor.world.callbacks.idle()


async def test_the_life_of_a_job_is_told_as_documented(vendor: Vendor, console: Console) -> None:
    job = await live(vendor, console)
    said = await vendor.say(job, "Inserted words.", "APPEND")
    await settle(vendor, 30)
    ids = {"room_id": job.room_id, "job_id": job.job_id}
    assert console.events(SWITCH) == [
        {
            **ids,
            "scene_script_name": "Product 1",
            "shoot_script_sequence_no": str(number),
            "shoot_script_title": f"Paragraph {number}",
        }
        for number in (1, 2)
    ]
    assert console.events(FINISH) == [{**ids, "reply_id": said}]
    assert console.events(RTMP) == [
        {**ids, "output_url": "rtmp://push/live", "stream_key": "k1", "state": state}
        for state in ("CONNECTING", "CONNECTED", "END")
    ]
    target, headers, body = console.got[0]
    assert target == "/callbacks/abc?x=1"
    assert headers["content-type"] == "application/json"
    assert set(body) == {"event_type", "message"}
    assert isinstance(body["message"], str)


async def test_a_cut_request_sends_no_finish(vendor: Vendor, console: Console) -> None:
    job = await live(vendor, console)
    await vendor.say(job, "This one will be cut off soon.", "PLAY_NOW")
    last = await vendor.say(job, "This one stays.", "PLAY_NOW")
    await settle(vendor, 30)
    assert [event["reply_id"] for event in console.events(FINISH)] == [last]


async def test_only_what_was_subscribed_is_told(vendor: Vendor, console: Console) -> None:
    await live(vendor, console, callback_event_type=[FINISH])
    await settle(vendor, 30)
    assert console.got == []
    config = {"live_event_type_callback_url": console.url}
    await vendor.on_air(TEXTS, live_event_callback_config=config)
    await settle(vendor, 30)
    assert console.got == []


@pytest.mark.parametrize("auth", ["None", "NONE", "MEITUAN_DEFAULT"])
async def test_unsigned_kinds(vendor: Vendor, console: Console, auth: str) -> None:
    await live(vendor, console, auth_type=auth, key="secret")
    await settle(vendor)
    target, headers, _ = console.got[0]
    assert target == "/callbacks/abc?x=1"
    assert "x-hw-mss-secret" not in headers


async def test_mss_a_signs_in_the_query(vendor: Vendor, console: Console) -> None:
    await live(vendor, console, auth_type="MSS_A", key="secret")
    await settle(vendor)
    query = parse_qs(urlsplit(console.got[0][0]).query)
    stamp = query["hwTime"][0]
    assert int(stamp, 16) == int(vendor.clock.now().timestamp())
    wanted = hmac.new(b"secret", (console.url + stamp).encode(), hashlib.sha256).hexdigest()
    assert (query["x"], query["hwSecret"]) == (["1"], [wanted])


async def test_mss_a_head_signs_in_the_headers(vendor: Vendor, console: Console) -> None:
    await live(vendor, console, auth_type="MSS_A_HEAD", key="secret")
    await settle(vendor)
    target, headers, _ = console.got[0]
    stamp = headers["x-hw-mss-time"]
    wanted = hmac.new(b"secret", (console.url + stamp).encode(), hashlib.sha256).hexdigest()
    assert (target, headers["x-hw-mss-secret"]) == ("/callbacks/abc?x=1", wanted)


async def test_the_start_call_overrides_the_rooms_callback(vendor: Vendor, console: Console) -> None:
    room_id = await vendor.make_room(TEXTS, live_event_callback_config={"callback_event_type": []})
    config = {"live_event_type_callback_url": console.url, "callback_event_type": [SWITCH], "auth_type": "NONE"}
    started = await vendor.start(room_id, live_event_callback_config=config)
    assert started["live_event_callback_config"] == config
    await settle(vendor, 3)
    assert len(console.events(SWITCH)) == 1


async def test_duplicates_and_forgeries_on_request(vendor: Vendor, console: Console) -> None:
    for kind in ("duplicate_callback", "forge_callback"):
        vendor.world.faults.add(kind, vendor="metastudio", endpoint=FINISH, count=1)
    job = await live(vendor, console, auth_type="MSS_A_HEAD", key="secret", callback_event_type=[FINISH])
    await vendor.say(job, "Now.", "PLAY_NOW")
    await settle(vendor, 5)
    secrets = [headers["x-hw-mss-secret"] for _, headers, _ in console.got]
    assert len(secrets) == 3
    assert secrets[0] != secrets[1]
    assert secrets[1] == secrets[2]


async def test_swallowed_notices_are_played_but_not_told(vendor: Vendor, console: Console) -> None:
    job = await live(vendor, console, callback_event_type=[FINISH])
    vendor.world.faults.add("swallow_notices", session=job.job_id, count=1)
    await vendor.say(job, "Nobody hears of this.", "PLAY_NOW")
    told = await vendor.say(job, "Of this they do.", "APPEND")
    await settle(vendor, 30)
    assert "Nobody hears of this." in [row["text"] for row in vendor.heard(job)]
    assert [event["reply_id"] for event in console.events(FINISH)] == [told]


async def test_new_output_addresses_end_the_old_streams(vendor: Vendor, console: Console) -> None:
    job = await live(vendor, console, callback_event_type=[RTMP])
    params = {"output_urls": ["rtmp://other/live"], "stream_keys": ["k2"]}
    assert (await vendor.command(job, "REFRESH_OUTPUT_URL", params)).status_code == 200
    await settle(vendor, 1)
    told = [(event["output_url"], event["state"]) for event in console.events(RTMP)]
    assert told == [
        ("rtmp://push/live", "CONNECTING"),
        ("rtmp://push/live", "END"),
        ("rtmp://other/live", "CONNECTING"),
        ("rtmp://other/live", "CONNECTED"),
    ]


async def test_what_is_not_taken_is_sent_again_with_a_fresh_signature(vendor: Vendor, console: Console) -> None:
    """A7: retries are ours, in the order of the job; A11: the signature carries the time of its own try."""
    console.status = 503
    await live(vendor, console, auth_type="MSS_A_HEAD", key="secret", callback_event_type=[SWITCH])
    for wait in (1.0, 2.0, 5.0):
        await until_asleep(vendor)
        vendor.clock.advance(wait)
    await until_asleep(vendor)
    console.status = 200
    vendor.clock.advance(15.0)
    await settle(vendor)
    stamps = [int(headers["x-hw-mss-time"], 16) for _, headers, _ in console.got]
    assert [stamp - stamps[0] for stamp in stamps[:5]] == [0, 1, 3, 8, 23]
    for _, headers, _ in console.got:
        signed = console.url + headers["x-hw-mss-time"]
        assert headers["x-hw-mss-secret"] == hmac.new(b"secret", signed.encode(), hashlib.sha256).hexdigest()
    assert len({body["message"] for _, _, body in console.got[:5]}) == 1


async def until_asleep(vendor: Vendor) -> None:
    """Until the sender waits for the clock."""
    async with asyncio.timeout(3):
        while not vendor.clock._sleepers:  # noqa: ASYNC110  a manual clock has no event to wait for
            await asyncio.sleep(0.001)
