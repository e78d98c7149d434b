"""Pauses and voices at awkward moments, judged by what was audible."""

from __future__ import annotations

from dashboard.sandbox.metastudio_job import Job, Notice, Request

FIRST, SECOND = "One here. Two here.", "Three here."


def job_on_air() -> Job:
    shots = [{"sequence_no": number, "text_config": {"text": text}} for number, text in enumerate((FIRST, SECOND), 1)]
    room = {"scene_scripts": [{"script_name": "S", "shoot_scripts": shots}], "play_policy": {"repeat_count": -1}}
    job = Job(job_id="j", room_id="r", room=room, rtc_room="0" * 32, at=0.0, created="", number=1)
    job.advance(3.0)
    return job


def began(notices: list[Notice]) -> list[str]:
    events = [notice.event for notice in notices if notice.event is not None]
    return [event.item.ref for event in events if event.item is not None and event.kind == "started"]


def test_a_pause_that_falls_between_two_paragraphs_ends_with_the_next_one() -> None:
    job = job_on_air()
    over = 3.0 + Job.speech_at(FIRST, 1.0).duration_s
    job.advance(over - 0.1)
    job.control("play_pause", over - 0.1, at_sentence_end=True)
    assert began(job.advance(over + 10)) == []
    assert job.phase == "PLAY_PAUSE"
    notices = job.control("play_resume", over + 10)
    assert began(notices) == ["script-2"]
    assert [notice.data["state"] for notice in notices if notice.kind == "state"] == ["PROCESSING"]


def test_what_is_to_be_played_now_while_a_human_speaks_comes_before_what_is_inserted() -> None:
    job = job_on_air()
    job.control("voice_start", 3.5)
    for ref, play_type in (
        ("i1", "INSERT"),
        ("n1", "PLAY_NOW"),
        ("i2", "INSERT"),
        ("a1", "APPEND"),
        ("n2", "PLAY_NOW"),
    ):
        job.say(Request(ref, text=SECOND, play_type=play_type), 4.0)
    assert [item.ref for item in job.player.queue] == ["n2", "n1", "i1", "i2", "a1"]
