"""What only MetaStudio has: rooms, the COMMAND channel, event reports, signed callbacks, limits, a login by IAM."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from dashboard.vendors.metastudio.callbacks import MetaStudioCallbackReader
from dashboard.vendors.metastudio.gateway import MetaStudioGateway
from dashboard.vendors.port import (
    AudienceEvent,
    CallbackRefused,
    CallbackRequest,
    CallbackTold,
    ItemReport,
    JobReport,
    JobSays,
    LinkRefused,
    NotSent,
    PlayAt,
    PlayClip,
    Rejected,
    Report,
    RoomPlan,
    Say,
    ScriptReport,
    Session,
    Step,
    StreamLink,
    StreamReport,
    always,
)
from tests.contract.conftest import CONFIG, ITEMS, SILENT_CLIP, Desk, Posted, Sink, value

TEXT = "感谢这位朋友的提问，我们马上解答。"


# ---------------------------------------------------------------------------------------------------------------- rooms


async def test_a_room_is_pushed_shown_changed_and_listed(metastudio: Desk) -> None:
    door = metastudio.gateway
    plan = RoomPlan("A1", "Lipstick", "zh-CN", ITEMS, CONFIG, "rtmp://push.example.com/live", "key")
    made = value(await door.create_room(plan))
    shown = value(await door.show_room(made.vendor_ref))
    assert (shown.name, shown.items, shown.output_url) == ("Lipstick", ITEMS, "rtmp://push.example.com/live")
    assert shown.config["model_asset_id"] == "model-1"
    assert shown.updated_at is not None
    changed = replace(plan, name="Lipstick 2", items=ITEMS[:1], vendor_ref=made.vendor_ref)
    assert value(await door.update_room(changed)).vendor_ref == made.vendor_ref
    listed = value(await door.list_rooms())
    assert [(room.vendor_ref, room.name) for room in listed] == [(made.vendor_ref, "Lipstick 2")]
    assert value(await door.show_room(made.vendor_ref)).items == ITEMS[:1]
    assert isinstance(door, MetaStudioGateway)
    value(await door.delete_room(made.vendor_ref))
    assert value(await door.list_rooms()) == ()


RULE = {
    "rule_index": "rule-1",
    "event_type": 1,
    "hit_condition": {"relation": "AND", "tags": [{"tag": "content", "match": "REGEX", "value": "price"}]},
    "trigger": {"reply_texts": ["199."], "time_window": 30},
}


async def test_rules_are_brought_left_alone_and_taken_away(metastudio: Desk) -> None:
    door = metastudio.gateway
    plan = RoomPlan("A1", "Lipstick", "zh-CN", ITEMS, CONFIG, rules=(RULE,))
    made = value(await door.create_room(plan))
    assert value(await door.show_room(made.vendor_ref)).has_rules
    silent = replace(plan, vendor_ref=made.vendor_ref, rules=None)
    value(await door.update_room(silent))
    assert value(await door.show_room(made.vendor_ref)).has_rules
    value(await door.update_room(replace(silent, rules=())))
    assert not value(await door.show_room(made.vendor_ref)).has_rules


async def test_a_rule_beyond_the_contract_never_leaves(metastudio: Desk) -> None:
    wrong = {**RULE, "hit_condition": {"priority": 1_000}}
    refused = await metastudio.gateway.create_room(RoomPlan("A1", "Lip", "zh-CN", ITEMS, CONFIG, rules=(wrong,)))
    assert isinstance(refused, Rejected)
    assert value(await metastudio.gateway.list_rooms()) == ()


async def test_refusals_of_rooms_have_sentences_of_their_own(metastudio: Desk) -> None:
    door = metastudio.gateway
    plan = RoomPlan("A1", "Lipstick", "zh-CN", ITEMS, CONFIG)
    value(await door.create_room(plan))
    twice = await door.create_room(plan)
    assert isinstance(twice, Rejected)
    assert twice.error.happened[0] == "Another room at MetaStudio has this name."
    gone = await door.show_room("0" * 32)
    assert isinstance(gone, Rejected)
    assert gone.request_id


async def test_a_second_job_of_a_room_is_refused(metastudio: Desk) -> None:
    plan = await metastudio.plan()
    value(await metastudio.gateway.start_job(plan))
    second = await metastudio.gateway.start_job(plan)
    assert isinstance(second, Rejected)
    assert "already running" in second.error.happened[0]
    assert second.is_room_taken


async def test_many_open_jobs_are_listed_whole(metastudio: Desk) -> None:
    started = [(await metastudio.start()).vendor_ref for _ in range(105)]
    listing = value(await metastudio.gateway.list_running())
    assert sorted(job.vendor_ref for job in listing.jobs) == sorted(started)


# ------------------------------------------------------------------------------------------------------------- speaking


@pytest.mark.parametrize("at", list(PlayAt))
async def test_each_place_is_heard_after_what_plays(metastudio: Desk, at: PlayAt) -> None:
    session = await metastudio.on_air()
    ref = value(await metastudio.gateway.say(session, Say("t1", TEXT, at), None, always)).vendor_ref
    metastudio.advance(60.0)
    heard = metastudio.heard(session)
    assert heard[1]["ref"] == ref
    assert heard[0]["cut"] is (at is not PlayAt.END)


async def test_the_silent_clip_cuts_what_plays(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    ref = value(await metastudio.gateway.play_clip(session, PlayClip("t1", SILENT_CLIP, PlayAt.NOW), always)).vendor_ref
    assert metastudio.heard(session)[0]["cut_by"] == ref


async def test_a_forbidden_word_is_refused_and_not_heard(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    refused = await metastudio.gateway.say(session, Say("t1", "这里有违禁词吗", PlayAt.NOW), None, always)
    assert isinstance(refused, Rejected)
    assert refused.error.happened[0] == "MetaStudio's content review refused the text."
    assert [row["source"] for row in metastudio.heard(session)] == ["script"]


async def test_a_job_that_still_prepares_cannot_speak(metastudio: Desk) -> None:
    session = await metastudio.start()
    refused = await metastudio.gateway.say(session, Say("t1", TEXT, PlayAt.NOW), None, always)
    assert isinstance(refused, Rejected)


# ---------------------------------------------------------------------------------------------------------- the channel


async def test_the_channel_tells_states_and_the_script_and_pauses_it(metastudio: Desk) -> None:
    session = await metastudio.start()
    link = await metastudio.listen(session)
    await metastudio.until(JobReport, says=JobSays.PREPARING)
    metastudio.advance(4.0)
    await metastudio.until(JobReport, says=JobSays.LIVE)
    first = await metastudio.until(ScriptReport, no=1)
    assert first.title == "Greeting"
    value(await metastudio.gateway.pause_script(session, link, always))
    await metastudio.until(JobReport, says=JobSays.PAUSED)
    metastudio.reports.clear()
    value(await metastudio.gateway.resume_script(session, link, always))
    await metastudio.until(JobReport, says=JobSays.LIVE)
    value(await metastudio.gateway.stop_job(session))
    metastudio.advance(10.0)
    await metastudio.until(JobReport, says=JobSays.ENDED)
    await metastudio.listeners[0]
    assert not [report for report in metastudio.reports if isinstance(report, LinkRefused)]


async def test_a_reply_of_many_sentences_starts_once(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    await metastudio.listen(session)
    said = await metastudio.gateway.say(
        session, Say("t1", "第一句。第二句。第三句。第四句。", PlayAt.NOW), None, always
    )
    ref = value(said).vendor_ref
    metastudio.advance(60.0)
    await metastudio.until(ItemReport, trace_id=ref, step=Step.FINISHED)
    steps = [one.step for one in metastudio.reports if isinstance(one, ItemReport) and one.trace_id == ref]
    assert steps == [Step.STARTED, Step.FINISHED]


async def test_without_the_channel_there_is_no_link_and_no_pause(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    plain = metastudio.another(command_channel=False)
    assert plain.link(session) is None
    assert not plain.capabilities().pause_script
    assert isinstance(await plain.pause_script(session, None, always), Rejected)
    await plain.close()


# ------------------------------------------------------------------------------------------------------ audience events


async def test_events_are_reported_and_a_new_address_replaces_an_expired_one(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    opened = value(await metastudio.gateway.show_job(session))
    assert opened.report_url_until is not None
    assert opened.report_url_until > metastudio.clock.now()
    event = AudienceEvent(6, int(metastudio.clock.now().timestamp() * 1000), '{"numberOfViewers":812}')
    value(await metastudio.gateway.report_events(session, [event]))
    url, until = value(await metastudio.gateway.refresh_report_url(session))
    assert urlsplit(url).path == urlsplit(session.report_url).path
    assert until is not None
    value(await metastudio.gateway.report_events(replace(session, report_url=url), [event]))
    metastudio.fault("expire_tokens", count=1)
    stale = await metastudio.gateway.report_events(session, [event])
    assert isinstance(stale, Rejected)
    assert stale.error.happened[0] == "The address for audience events is no longer valid."
    fresh = value(await metastudio.gateway.show_job(session)).session
    value(await metastudio.gateway.report_events(fresh, [event]))


# ------------------------------------------------------------------------------------------------------------ callbacks


async def test_signed_callbacks_tell_script_stream_and_replies(metastudio: Desk, sink: Sink) -> None:
    plan = await metastudio.plan(callback_url=sink.url, callback_key="callback-key")
    plan = replace(plan, room=replace(plan.room, output_url="rtmp://push.example.com/live", stream_key="key"))
    session = value(await metastudio.gateway.start_job(plan)).session
    metastudio.advance(6.0)
    ref = value(await metastudio.gateway.say(session, Say("t1", TEXT, PlayAt.NOW), None, always)).vendor_ref
    metastudio.advance(60.0)
    await sink.until(4)
    reader = MetaStudioCallbackReader()
    told: list[Report] = []

    def read(post: Posted, key: str) -> CallbackTold | CallbackRefused:
        return reader.read(
            CallbackRequest(sink.url, (), post.headers, post.body, metastudio.clock.now()), key, check=True
        )

    for post in sink.posts:
        answer = read(post, "callback-key")
        assert isinstance(answer, CallbackTold)
        told += answer.reports
        assert read(post, "another key") == CallbackRefused("signature")
    assert {one.vendor_ref for one in told} == {session.vendor_ref}
    assert any(isinstance(one, ScriptReport) and one.no == 1 for one in told)
    assert any(isinstance(one, StreamReport) and one.link is StreamLink.UP for one in told)
    assert [one.trace_id for one in told if isinstance(one, ItemReport)] == [ref]


# ------------------------------------------------------------------------------------------------- limits, other logins


async def test_the_vendors_own_limit_is_a_wait(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    metastudio.limits.is_careful = False
    outcomes = [
        await metastudio.gateway.say(session, Say(f"t{number}", TEXT, PlayAt.END), None, always) for number in range(6)
    ]
    assert [type(one).__name__ for one in outcomes[:4]] == ["Accepted"] * 4
    assert isinstance(outcomes[5], NotSent)
    assert (outcomes[5].why, outcomes[5].retry_after_s) == ("rate_limit", 1.0)
    silence = await metastudio.gateway.play_clip(session, PlayClip("s", SILENT_CLIP, PlayAt.NOW), always)
    assert isinstance(silence, NotSent)
    assert (silence.why, silence.retry_after_s) == ("rate_limit", 0.25)  # it does not wait a whole second


async def test_a_login_instead_of_keys(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    own = metastudio.server.world.credentials
    login = {
        "access_key": "",
        "secret_key": "",
        "token": "",
        "iam_url": metastudio.server.url,
        "iam_user": own.iam_user,
        "iam_domain": own.iam_domain,
    }
    door = metastudio.another(**login, iam_password=own.iam_password)
    assert [one.vendor_ref for one in value(await door.list_running()).jobs] == [session.vendor_ref]
    metastudio.fault("expire_tokens", count=1)
    value(await door.list_running())
    wrong = metastudio.another(**login, iam_password="wrong")
    refused = await wrong.list_running()
    assert isinstance(refused, Rejected)
    assert refused.error.code == "iam"
    await door.close()
    await wrong.close()


async def test_a_clock_that_is_too_far_off_is_named(metastudio: Desk) -> None:
    metastudio.fault("skew", params={"seconds": 1200})
    refused = await metastudio.gateway.check_account()
    assert isinstance(refused, Rejected)
    assert "its clock is 20 minutes ahead of this server's" in refused.error.happened[0]


async def test_a_stranger_to_the_channel_is_refused(metastudio: Desk) -> None:
    session = await metastudio.on_air()
    users = [{"user_type": "CAPTURE", "user_id": "x", "signature": "wrong", "ctime": 9_999_999_999}]
    forged = Session(session.vendor_ref, session.room_ref, rtc={**session.rtc, "users": users})
    await metastudio.listen(forged)
    assert (await metastudio.until(LinkRefused)).error.code == "channel_expired"
