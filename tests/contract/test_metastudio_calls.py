"""MetaStudio's calls one by one: rooms, rule libraries, jobs, the eight commands, six of the channel, the newer two.

Each method does its work at the sandbox once, and is refused once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from dashboard.vendors.metastudio.gateway import MetaStudioGateway
from dashboard.vendors.metastudio.link import CommandChannel
from dashboard.vendors.port import (
    Accepted,
    AudienceEvent,
    JobReport,
    JobSays,
    NotSent,
    Outcome,
    PlannedItem,
    PlayAt,
    PlayClip,
    Rejected,
    RoomPlan,
    Say,
    Session,
    StartPlan,
    VoiceReport,
    always,
)
from dashboard.vendors.port_live import Output, Rule, RuleGroup, Timing
from tests.contract.conftest import CONFIG, ITEMS, SILENT_CLIP, Desk, value
from tests.contract.recorder import switch_on_newer_calls

TEXT = "感谢这位朋友的提问，我们马上解答。"
RULE: Rule = {
    "rule_index": "1",
    "rule_name": "Price",
    "enabled": True,
    "event_type": 1,
    "hit_condition": {
        "relation": "AND",
        "priority": 500,
        "tags": [{"tag": "content", "operation": "NONE", "match": "REGEX", "value": "多少钱"}],
    },
    "trigger": {"time_window": 0, "reply_mode": "SYSTEM_REPLY", "reply_texts": [TEXT], "reply_order": "ORDER"},
    "enabled_scenes": ["Scene 1"],
}
REWRITTEN = (
    PlannedItem(1, 1, "Greeting", ITEMS[0].text),
    PlannedItem(2, 1, "New offer", "今天最后一百支，卖完就没有了。"),
    PlannedItem(3, 2, "Close", "谢谢大家的陪伴，我们明天见。"),
)
PLAN = RoomPlan("A1", "Lipstick", "zh-CN", ITEMS, CONFIG)


@pytest.fixture
def door(metastudio: Desk) -> MetaStudioGateway:
    assert isinstance(metastudio.gateway, MetaStudioGateway)
    return metastudio.gateway


async def channel_of(desk: Desk, session: Session) -> CommandChannel:
    link = await desk.listen(session)
    assert isinstance(link, CommandChannel)
    return link


# ------------------------------------------------------------------------------------------------------ rule libraries


async def test_a_library_of_rules_is_made_listed_changed_and_deleted(door: MetaStudioGateway) -> None:
    groups = door.rule_groups
    ref = value(await groups.create("Prices", [RULE]))
    [listed] = value(await groups.every())
    assert (listed.vendor_ref, listed.name, listed.updated_at is not None) == (ref, "Prices", True)
    assert listed.rules[0]["hit_condition"] == RULE["hit_condition"]
    # Scenes are a matter of rooms; a library's rule has none.
    assert "enabled_scenes" not in listed.rules[0]
    quiet: Rule = {**RULE, "enabled": False}
    changed = value(await groups.update(replace(listed, name="Prices, quiet", rules=(quiet,))))
    assert (changed.vendor_ref, changed.name, changed.rules[0]["enabled"]) == (ref, "Prices, quiet", False)
    value(await groups.delete(ref))
    assert value(await groups.every()) == ()


async def test_a_library_is_refused_with_a_sentence(metastudio: Desk, door: MetaStudioGateway) -> None:
    value(await door.rule_groups.create("Prices", []))
    gone = RuleGroup("0" * 32, "Prices 2", ())
    stranger = metastudio.another(secret_key="wrong")
    assert stranger.rule_groups is not None
    for refused in (
        await door.rule_groups.create("Prices", []),
        await door.rule_groups.update(gone),
        await door.rule_groups.delete(gone.vendor_ref),
        await stranger.rule_groups.every(),
    ):
        assert isinstance(refused, Rejected)
        assert refused.request_id
        assert all(refused.error.happened + refused.error.todo)
    assert [group.name for group in value(await door.rule_groups.every())] == ["Prices"]
    await stranger.close()


async def test_a_rule_with_a_wrong_word_does_not_leave(door: MetaStudioGateway) -> None:
    wrong: Any = {**RULE, "event_type": 7}
    refused = await door.rule_groups.create("Prices", [wrong])
    assert isinstance(refused, Rejected)
    assert refused.error.code == "contract"
    assert "/interaction_rules/0/event_type" in refused.error.detail
    assert value(await door.rule_groups.every()) == ()


# ------------------------------------------------------------------------------------------------------- rooms and jobs


async def test_a_room_takes_its_rules_along(metastudio: Desk, door: MetaStudioGateway) -> None:
    made = value(await door.create_room(replace(PLAN, rules=(RULE,))))
    session = value(await door.start_job(StartPlan("job-1", replace(PLAN, vendor_ref=made.vendor_ref)))).session
    metastudio.advance(4.0)
    asked = AudienceEvent(1, int(metastudio.clock.now().timestamp() * 1000), '{"content":"多少钱"}')
    value(await door.report_events(session, [asked]))
    metastudio.advance(30.0)
    assert TEXT in [row["text"] for row in metastudio.heard(session)]


async def test_rooms_that_are_not_there_or_not_ours_are_refused(metastudio: Desk, door: MetaStudioGateway) -> None:
    gone = "0" * 32
    stranger = metastudio.another(secret_key="wrong")
    for refused in (
        await door.update_room(replace(PLAN, vendor_ref=gone)),
        await door.delete_room(gone),
        await door.show_room(gone),
        await stranger.list_rooms(),
        await stranger.create_room(PLAN),
    ):
        assert isinstance(refused, Rejected)
        assert refused.request_id
    assert value(await door.list_rooms()) == ()
    await stranger.close()


async def test_jobs_that_are_not_there_or_not_ours_are_refused(metastudio: Desk, door: MetaStudioGateway) -> None:
    running = await metastudio.on_air()
    stranger = metastudio.another(secret_key="wrong")
    gone = Session("0" * 32, running.room_ref)
    for refused in (
        await door.start_job(StartPlan("job-1", replace(PLAN, vendor_ref="0" * 32))),
        await door.show_job(gone),
        await door.stop_job(gone),
        await door.find_jobs("0" * 32),
        await stranger.list_running(),
        await stranger.find_jobs(running.room_ref),
    ):
        assert isinstance(refused, Rejected), refused
        assert refused.request_id
    assert [job.vendor_ref for job in value(await door.list_running()).jobs] == [running.vendor_ref]
    await stranger.close()


async def test_an_address_for_events_that_is_over_is_refused(metastudio: Desk, door: MetaStudioGateway) -> None:
    session = await metastudio.on_air()
    forged = replace(session, report_url=session.report_url.replace("auth_key=", "auth_key=x"))
    elsewhere = replace(session, report_url="ftp://example.com/report?auth_key=x")
    event = AudienceEvent(6, int(metastudio.clock.now().timestamp() * 1000), '{"numberOfViewers":812}')
    for wrong in (forged, elsewhere):
        assert isinstance(await door.refresh_report_url(wrong), Rejected)
        assert isinstance(await door.report_events(wrong, [event]), Rejected)
    value(await door.report_events(session, [event]))


async def test_a_login_is_made_and_refused(metastudio: Desk) -> None:
    own = metastudio.server.world.credentials
    login = {"access_key": "", "secret_key": "", "token": "", "iam_url": metastudio.server.url}
    login |= {"iam_user": own.iam_user, "iam_domain": own.iam_domain}
    good = metastudio.another(**login, iam_password=own.iam_password)
    wrong = metastudio.another(**login, iam_password="wrong")
    without = metastudio.another()
    for door in (good, wrong, without):
        assert isinstance(door, MetaStudioGateway)
        outcome = await door.log_in()
        assert isinstance(outcome, Accepted) is (door is good)
        await door.close()


# ------------------------------------------------------------------------------------------------------ eight commands


async def test_the_script_of_a_job_is_rewritten_and_asked_for(metastudio: Desk, door: MetaStudioGateway) -> None:
    session = await metastudio.on_air()
    assert [one.title for one in value(await door.steering.script_round(session))] == ["Greeting", "Offer"]
    plan = replace(PLAN, items=REWRITTEN)
    value(await door.steering.rewrite_script(session, plan, always))
    listed = value(await door.steering.script_round(session))
    assert [(one.no, one.title, one.scene) for one in listed][-2:] == [
        (2, "New offer", "Scene 1"),
        (3, "Close", "Scene 2"),
    ]
    assert value(await door.steering.room_of(session)).items[-1].text == REWRITTEN[-1].text
    metastudio.advance(60.0)
    heard = "".join(row["text"] for row in metastudio.heard(session))
    assert "今天最后一百支" in heard
    assert ITEMS[1].text not in heard
    # The room itself keeps what it had.
    assert value(await door.show_room(session.room_ref)).items == ITEMS


async def test_the_rules_of_a_job_are_rewritten(metastudio: Desk, door: MetaStudioGateway) -> None:
    session = await metastudio.on_air()
    asked = AudienceEvent(1, int(metastudio.clock.now().timestamp() * 1000), '{"content":"多少钱"}')
    value(await door.report_events(session, [asked]))
    metastudio.advance(5.0)
    assert TEXT not in [row["text"] for row in metastudio.heard(session)]
    value(await door.steering.rewrite_rules(session, [RULE], always))
    value(await door.report_events(session, [asked]))
    metastudio.advance(30.0)
    assert TEXT in [row["text"] for row in metastudio.heard(session)]


async def test_the_output_of_a_job_is_moved(metastudio: Desk, door: MetaStudioGateway) -> None:
    session = await metastudio.on_air()
    value(await door.steering.refresh_output(session, [Output("rtmp://b.example.com/live", "k2")], always))
    assert value(await door.steering.room_of(session)).output_url == "rtmp://b.example.com/live"


async def test_a_layer_is_shown_as_it_is_given(metastudio: Desk, door: MetaStudioGateway) -> None:
    session = await metastudio.on_air()
    before = metastudio.heard(session)
    value(await door.steering.show_layer(session, {"layer_type": "IMAGE", "asset_id": "a1"}, always))
    assert [row["ref"] for row in metastudio.heard(session)] == [row["ref"] for row in before]


Command = Callable[[MetaStudioGateway, Session], Awaitable[Outcome[Any]]]
COMMANDS: dict[str, Command] = {
    "INSERT_PLAY_SCRIPT": lambda door, one: door.say(one, Say("t1", TEXT, PlayAt.NOW), None, always),
    "INSERT_PLAY_AUDIO": lambda door, one: door.play_clip(one, PlayClip("t1", SILENT_CLIP, PlayAt.NOW), always),
    "REWRITE_PLAY_SCRIPT": lambda door, one: door.steering.rewrite_script(one, PLAN, always),
    "REWRITE_INTERACTION_RULES": lambda door, one: door.steering.rewrite_rules(one, [RULE], always),
    "SHOW_LAYER": lambda door, one: door.steering.show_layer(one, {"asset_id": "a1"}, always),
    "REFRESH_OUTPUT_URL": lambda door, one: door.steering.refresh_output(one, [Output("rtmp://b/live")], always),
    "GET_CURRENT_PLAYING_SCRIPTS": lambda door, one: door.steering.script_round(one),
    "GET_LIVE_JOB_CONFIG_INFO": lambda door, one: door.steering.room_of(one),
}


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_job_that_is_over_takes_no_command(metastudio: Desk, door: MetaStudioGateway, command: str) -> None:
    session = await metastudio.on_air()
    value(await door.stop_job(session))
    metastudio.advance(10.0)
    before = metastudio.heard(session)
    refused = await COMMANDS[command](door, session)
    assert isinstance(refused, Rejected)
    assert refused.request_id
    assert metastudio.heard(session) == before


@pytest.mark.parametrize("command", [one for one in COMMANDS if not one.startswith("GET_")])
async def test_an_overtaken_command_does_not_leave(metastudio: Desk, door: MetaStudioGateway, command: str) -> None:
    session = await metastudio.on_air()
    overtaken: dict[str, Command] = {
        "INSERT_PLAY_SCRIPT": lambda door, one: door.say(one, Say("t", TEXT, PlayAt.NOW), None, lambda: False),
        "INSERT_PLAY_AUDIO": lambda door, one: door.play_clip(
            one, PlayClip("t", SILENT_CLIP, PlayAt.NOW), lambda: False
        ),
        "REWRITE_PLAY_SCRIPT": lambda door, one: door.steering.rewrite_script(one, PLAN, lambda: False),
        "REWRITE_INTERACTION_RULES": lambda door, one: door.steering.rewrite_rules(one, [RULE], lambda: False),
        "SHOW_LAYER": lambda door, one: door.steering.show_layer(one, {"asset_id": "a1"}, lambda: False),
        "REFRESH_OUTPUT_URL": lambda door, one: door.steering.refresh_output(
            one, [Output("rtmp://b/x")], lambda: False
        ),
    }
    assert await overtaken[command](door, session) == NotSent("overtaken")


async def test_a_script_without_a_word_is_not_sent(metastudio: Desk, door: MetaStudioGateway) -> None:
    session = await metastudio.on_air()
    refused = await door.steering.rewrite_script(session, replace(PLAN, items=()), always)
    assert isinstance(refused, Rejected)
    assert refused.error.code == "no_script"


# -------------------------------------------------------------------------------------------- six of the channel (10.6)


async def test_the_channel_pauses_at_once_or_at_the_end_of_the_sentence(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    channel = await channel_of(metastudio, session)
    await metastudio.until(JobReport, says=JobSays.LIVE)
    value(await metastudio.gateway.pause_script(session, channel, always, Timing.SENTENCE_END))
    assert await channel.ping()
    assert not [one for one in metastudio.reports if isinstance(one, JobReport) and one.says is JobSays.PAUSED]
    metastudio.advance(15.0)
    await metastudio.until(JobReport, says=JobSays.PAUSED)
    metastudio.reports.clear()
    value(await metastudio.gateway.resume_script(session, channel, always))
    await metastudio.until(JobReport, says=JobSays.LIVE)
    value(await metastudio.gateway.pause_script(session, channel, always, Timing.NOW))
    await metastudio.until(JobReport, says=JobSays.PAUSED)


async def test_the_channel_tells_the_state_when_asked(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    channel = await channel_of(metastudio, session)
    await metastudio.until(JobReport, says=JobSays.LIVE)
    metastudio.reports.clear()
    value(await channel.ask_state(always))
    await metastudio.until(JobReport, says=JobSays.LIVE)


async def test_a_human_voice_takes_over_and_gives_back(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    channel = await channel_of(metastudio, session)
    await metastudio.until(JobReport, says=JobSays.LIVE)
    value(await channel.begin_voice("t1", always))
    await metastudio.until(JobReport, says=JobSays.TAKEN_OVER)
    value(await channel.send_sound(bytes(3200), always))
    metastudio.reports.clear()
    value(await channel.end_voice("t1", always))
    await metastudio.until(JobReport, says=JobSays.LIVE)


async def test_a_voice_that_was_left_open_does_not_pass_for_the_next(metastudio: Desk) -> None:
    """Its relay died; whoever follows it finds the microphone taken."""
    session = await metastudio.on_air()
    dead = await channel_of(metastudio, session)
    await metastudio.until(JobReport, says=JobSays.LIVE)
    value(await dead.begin_voice("t1", always))
    await metastudio.until(JobReport, says=JobSays.TAKEN_OVER)
    metastudio.reports.clear()
    channel = await channel_of(metastudio, session)
    refused = []
    while isinstance(tried := await channel.begin_voice("t2", always), NotSent):
        refused.append(tried.why)
        await asyncio.sleep(0.01)
    assert set(refused) == {"busy"}
    value(tried)
    await metastudio.until(JobReport, says=JobSays.LIVE)
    await metastudio.until(VoiceReport, is_open=True)
    value(await channel.send_sound(bytes(3200), always))


async def test_a_script_that_waits_is_started(metastudio: Desk, door: MetaStudioGateway) -> None:
    room = replace(PLAN, config={**CONFIG, "auto_play": False})
    room = replace(room, vendor_ref=value(await door.create_room(room)).vendor_ref)
    session = value(await door.start_job(StartPlan("job-1", room))).session
    channel = await channel_of(metastudio, session)
    metastudio.advance(6.0)
    await metastudio.until(JobReport, says=JobSays.READY)
    assert metastudio.heard(session) == []
    value(await channel.start_script(always))
    await metastudio.until(JobReport, says=JobSays.LIVE)
    metastudio.advance(10.0)
    assert metastudio.heard(session)


async def test_a_closed_channel_carries_no_command(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    channel = await channel_of(metastudio, session)
    await channel.close()
    for outcome in (
        await channel.start_script(always),
        await channel.pause_script(always, Timing.NOW),
        await channel.resume_script(always, Timing.NOW),
        await channel.begin_voice("t1", always),
        await channel.send_sound(bytes(32), always),
        await channel.end_voice("t1", always),
        await channel.ask_state(always),
    ):
        assert outcome == NotSent("link_down")


# --------------------------------------------------------------------------------------------------------- newer calls


async def test_what_is_inserted_is_listed_and_dropped(metastudio: Desk) -> None:
    await switch_on_newer_calls(metastudio)
    session = await metastudio.on_air()
    door = metastudio.another(newer_calls=True)
    assert door.inserted is not None
    said = [value(await door.say(session, Say(f"t{no}", TEXT, PlayAt.END), None, always)) for no in range(3)]
    waiting = value(await door.inserted.waiting(session)).trace_ids
    assert waiting
    assert set(waiting) <= {one.vendor_ref for one in said}
    value(await door.inserted.drop_all(session, always))
    metastudio.advance(1.0)
    assert value(await door.inserted.waiting(session)).trace_ids == ()
    await door.close()


async def test_an_account_without_the_newer_calls_has_none_and_is_refused(metastudio: Desk) -> None:
    assert metastudio.gateway.inserted is None
    session = await metastudio.on_air()
    door = metastudio.another(newer_calls=True)
    assert door.inserted is not None
    assert isinstance(await door.inserted.waiting(session), Rejected)
    assert isinstance(await door.inserted.drop_all(session, always), Rejected)
    await door.close()
