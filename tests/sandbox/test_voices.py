"""Voices differ by room, the same seed gives the same, and only listening tells them."""

from __future__ import annotations

import json
from statistics import mean
from typing import Any

import pytest

from dashboard.lib.clock import ManualClock
from dashboard.sandbox.metastudio_job import PLAIN_VOICE, Job, Request
from dashboard.sandbox.speech import measure
from dashboard.sandbox.voices import FASTEST, LATEST_S, SLOWEST, SOONEST_S, Voice, voice_of
from dashboard.sandbox.world import SandboxConfig, World

WORDS = "欢迎来到直播间,今天给大家介绍一款新茶。喜欢的朋友可以先收藏,我们马上开始。"


def job(voice: Voice) -> Job:
    room: dict[str, Any] = {
        "scene_scripts": [{"shoot_scripts": [{"sequence_no": 1, "text_config": {"text": WORDS}}]}],
        "play_policy": {"repeat_count": -1},
    }
    made = Job(job_id="j", room_id="r", room=room, rtc_room="0", at=0.0, created="", number=1, voice=voice)
    made.advance(3.5)
    return made


def test_a_hundred_rooms_cover_the_whole_range_and_repeat_with_their_seed() -> None:
    voices = [voice_of(7, "metastudio", f"room-{number}") for number in range(100)]
    assert voices == [voice_of(7, "metastudio", f"room-{number}") for number in range(100)]
    assert voices != [voice_of(8, "metastudio", f"room-{number}") for number in range(100)]
    assert all(SLOWEST <= one.pace <= FASTEST and SOONEST_S <= one.latency_s <= LATEST_S for one in voices)
    assert min(one.pace for one in voices) < 0.75
    assert max(one.pace for one in voices) > 1.35
    assert mean(one.pace for one in voices) == pytest.approx((SLOWEST + FASTEST) / 2, abs=0.07)


def test_voices_are_alike_where_a_test_counts_seconds() -> None:
    assert World(SandboxConfig(seed=1), ManualClock()).voice("metastudio", "r", PLAIN_VOICE) == PLAIN_VOICE
    world = World(SandboxConfig(seed=1, voices_differ=True), ManualClock())
    assert world.voice("metastudio", "r", PLAIN_VOICE) == voice_of(1, "metastudio", "r")


def test_a_slow_voice_takes_longer_for_script_and_request() -> None:
    slow = job(Voice(0.7, 0.5))
    assert slow.player.current is not None
    assert slow.player.current.duration_s == pytest.approx(measure(WORDS).duration_s / 0.7)
    slow.say(Request("a", text=WORDS), 4.0)
    assert slow.player.queue[0].duration_s == pytest.approx(measure(WORDS).duration_s / 0.7)


def test_now_cuts_when_its_sound_is_there_and_not_before() -> None:
    one = job(Voice(1.0, 0.5))
    one.say(Request("a", text=WORDS, play_type="PLAY_NOW"), 4.0)
    one.advance(4.49)
    assert one.player.current is not None
    assert one.player.current.source == "script"
    one.advance(4.51)
    assert one.player.current.ref == "a"
    assert one.player.started_at == pytest.approx(4.5)


def test_an_insert_waits_for_the_first_end_of_a_sentence_after_its_sound_is_there() -> None:
    one = job(Voice(1.0, 0.5))
    first_end = 3.0 + measure(WORDS).sentence_ends[0]
    one.say(Request("a", text="这是插入的一句话。", play_type="INSERT"), first_end - 0.2)
    one.advance(first_end + 0.1)
    assert one.player.current is not None
    assert one.player.current.source == "script"
    one.advance(3.0 + measure(WORDS).duration_s + 0.1)
    assert one.player.current.ref == "a"


def test_a_saved_job_keeps_its_voice_and_what_waits_to_cut() -> None:
    one = job(Voice(1.3, 0.5))
    one.say(Request("a", text=WORDS, play_type="PLAY_NOW"), 4.0)
    saved = json.loads(json.dumps(one.snapshot()))
    again = Job.restored(saved, lambda url: 3.0)
    assert again.voice == one.voice
    again.advance(4.6)
    assert again.player.current is not None
    assert again.player.current.ref == "a"
