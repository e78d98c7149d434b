"""What quality.yaml calls done leaves the gateway when its method is called; the wire is the witness."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dashboard.vendors.metastudio.link import CommandChannel
from dashboard.vendors.port import AudienceEvent, JobReport, PlayAt, PlayClip, RoomPlan, Say, StartPlan, always
from dashboard.vendors.port_live import Output, Timing
from dashboard.vendors.softsugar.link import SoftSugarLink
from tests.contract.conftest import CONFIG, ITEMS, SILENT_CLIP, Desk, value
from tests.contract.recorder import recorded_metastudio, recorded_softsugar, switch_on_newer_calls
from tests.unit.vendors.quality import done

TEXT = "请大家把喜欢打在公屏上，谢谢大家。"
ROOM = RoomPlan("A1", "Lipstick", "zh-CN", ITEMS, CONFIG)


async def test_each_call_of_metastudio_that_is_done_is_made(metastudio: Desk) -> None:
    await switch_on_newer_calls(metastudio)
    door, recorder = recorded_metastudio(metastudio)
    room = replace(ROOM, vendor_ref=value(await door.create_room(ROOM)).vendor_ref)
    value(await door.update_room(room))
    value(await door.list_rooms())
    value(await door.show_room(room.vendor_ref))
    group = value(await door.rule_groups.create("Prices", []))
    [listed] = value(await door.rule_groups.every())
    value(await door.rule_groups.update(replace(listed, name="Prices 2")))
    value(await door.rule_groups.delete(group))
    session = value(await door.start_job(StartPlan("job-1", room))).session
    metastudio.advance(4.0)
    value(await door.show_job(session))
    value(await door.list_running())
    value(await door.find_jobs(room.vendor_ref))
    value(await door.report_events(session, [AudienceEvent(6, 1, "{}")]))
    value(await door.say(session, Say("t1", TEXT, PlayAt.NOW), None, always))
    value(await door.play_clip(session, PlayClip("t2", SILENT_CLIP, PlayAt.END), always))
    value(await door.steering.rewrite_script(session, room, always))
    value(await door.steering.rewrite_rules(session, [], always))
    value(await door.steering.show_layer(session, {"asset_id": "a1"}, always))
    value(await door.steering.refresh_output(session, [Output("rtmp://b.example.com/live")], always))
    value(await door.steering.script_round(session))
    value(await door.steering.room_of(session))
    assert door.inserted is not None
    value(await door.inserted.waiting(session))
    value(await door.inserted.drop_all(session, always))
    link = await metastudio.listen(session, door)
    assert isinstance(link, CommandChannel)
    await metastudio.until(JobReport)  # a voice is not begun where the state is not known
    for act in (link.start_script(always), link.begin_voice("v", always), link.end_voice("v", always)):
        value(await act)
    value(await link.ask_state(always))
    for script in (link.pause_script, link.resume_script):
        value(await script(always, Timing.NOW))
    value(await door.stop_job(session))
    metastudio.advance(10.0)
    value(await door.delete_room(room.vendor_ref))
    newer = {"insert-commands", "CLEAN_UP_INSERT_COMMAND"}
    assert set(recorder.calls) - newer == done("metastudio")
    assert set(recorder.commands) - newer == done("metastudio", "live_commands")
    assert newer <= {*recorder.calls, *recorder.commands}
    assert {frame["command"] for frame in recorder.frames} == done("metastudio", "rtsa_commands")
    await door.close()


async def test_each_call_of_softsugar_that_is_done_is_made(softsugar: Desk) -> None:
    door, recorder = recorded_softsugar(softsugar)
    session = value(await door.start_job(StartPlan("job-1", ROOM))).session
    softsugar.advance(4.0)
    value(await door.go_live(session))
    value(await door.heartbeat(session))
    value(await door.show_job(session))
    value(await door.list_running())
    value(await door.scenes.change(session, {"change_bit_rate": 2.5}, always))
    value(await door.scenes.preload(session, ["f1"]))
    value(await door.tokens.for_viewer(session, session.vendor_ref))
    # Refused on a session without an RTC application of its own, and sent all the same.
    await door.tokens.renew(session, "token")
    link = await softsugar.listen(session, door)
    assert isinstance(link, SoftSugarLink)
    value(await link.begin_voice("v1", always))
    value(await link.end_voice("v1", always))
    value(await link.ask_remaining(always))
    value(await door.say(session, Say("t1", TEXT, PlayAt.END), link, always))
    value(await door.queue(session))
    value(await door.reorder(session, "t1", 1, always))
    value(await door.cancel(session, None, always))
    value(await door.stop_job(session))
    value(await door.history.page())
    assert set(recorder.calls) == done("softsugar")
    up: set[Any] = {str(frame["code"]) for frame in recorder.frames}
    assert {f"up.{code}" for code in up} == {name for name in done("softsugar", "frames") if name.startswith("up.")}
    await door.close()
