from __future__ import annotations

from tests.sandbox.metastudio.conftest import SCRIPT, Console, Vendor


async def test_newer_calls_are_there_only_when_switched_on(vendor: Vendor) -> None:
    job = await vendor.on_air([SCRIPT])
    listing = vendor.job_path(job, "command", "insert-commands")
    assert (await vendor.call("GET", listing)).status_code == 404
    refused = await vendor.command(job, "CLEAN_UP_INSERT_COMMAND")
    assert (refused.status_code, refused.json()["error_code"]) == (500, "MSS.20010053")


async def test_what_waits_can_be_listed_and_dropped(vendor: Vendor) -> None:
    vendor.face.switches.configure({"insert_commands": True})
    job = await vendor.on_air([SCRIPT])
    said = [await vendor.say(job, f"Words {number}.", "APPEND") for number in range(3)]
    listing = vendor.job_path(job, "command", "insert-commands")
    rows = (await vendor.call("GET", listing, query={"offset": "1", "limit": "1"})).json()
    assert (rows["count"], [row["command_id"] for row in rows["insert_commands"]]) == (3, [said[1]])
    assert (await vendor.call("GET", listing, query={"limit": "x"})).status_code == 400
    assert (await vendor.http.get(vendor.server.url + listing)).status_code == 401
    assert (await vendor.command(job, "CLEAN_UP_INSERT_COMMAND")).status_code == 200
    vendor.play(30)
    assert [row["text"] for row in vendor.heard(job)] == [SCRIPT]


async def test_a_lost_stream_comes_back_by_itself(vendor: Vendor, console: Console) -> None:
    config = {"live_event_type_callback_url": console.url, "callback_event_type": ["RTMP_STREAM_STATE_CHANGE"]}
    job = await vendor.on_air([SCRIPT * 3], live_event_callback_config=config, output_urls=["rtmp://push/live"])
    vendor.play(1)
    answer = await vendor.http.put(vendor.server.url + "/sandbox/metastudio", json={"lose_output": job.job_id})
    assert answer.status_code == 200
    vendor.play(2)
    await vendor.world.callbacks.idle()
    states = [event["state"] for event in console.events("RTMP_STREAM_STATE_CHANGE")]
    assert states == ["CONNECTING", "CONNECTED", "DISCONNECTED", "RECONNECTING", "CONNECTED"]
    assert (
        await vendor.http.put(vendor.server.url + "/sandbox/metastudio", json={"lose_output": "x"})
    ).status_code == 400
