"""What inserted requests do to the script: the reading of 002:14020, judged by what was audible."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.metastudio.conftest import Vendor

LONG = ["First sentence here. Second sentence here. Third sentence here.", "Next paragraph here."]
FOREVER = {"repeat_count": -1}


async def test_append_waits_for_the_paragraph_and_the_script_goes_on_after_it(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    await vendor.say(job, "Appended words.", "APPEND")
    vendor.play(30)
    assert [(row["text"], row["cut"]) for row in vendor.heard(job)] == [
        (LONG[0], False),
        ("Appended words.", False),
        (LONG[1], False),
    ]


async def test_insert_starts_at_the_next_sentence_end_and_the_script_resumes_at_the_next_paragraph(
    vendor: Vendor,
) -> None:
    job = await vendor.on_air(LONG)
    inserted = await vendor.say(job, "Inserted words.", "INSERT")
    vendor.play(30)
    heard = vendor.heard(job)
    assert [row["text"] for row in heard] == [LONG[0], "Inserted words.", LONG[1]]
    assert heard[0]["cut_by"] == inserted
    assert LONG[0][: heard[0]["chars_spoken"]].rstrip() == "First sentence here."


async def test_insert_comes_before_older_appends_and_after_older_inserts(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    await vendor.say(job, "Append one.", "APPEND")
    await vendor.say(job, "Insert one.", "INSERT")
    await vendor.say(job, "Insert two.", "INSERT")
    await vendor.say(job, "Append two.", "APPEND")
    vendor.play(60)
    assert [row["text"] for row in vendor.heard(job)][1:] == [
        "Insert one.",
        "Insert two.",
        "Append one.",
        "Append two.",
        LONG[1],
    ]


async def test_insert_lets_a_request_be_heard_to_its_end(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    first = "One sentence. Another sentence. A third one."
    await vendor.say(job, first, "PLAY_NOW")
    await vendor.say(job, "Inserted words.", "INSERT")
    vendor.play(30)
    heard = vendor.heard(job)
    assert [(row["text"], row["cut"]) for row in heard[1:3]] == [(first, False), ("Inserted words.", False)]


async def test_play_now_cuts_at_once_even_a_request(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    first = await vendor.say(job, "Something rather long to be said here.", "PLAY_NOW")
    second = await vendor.say(job, "Now this.", "PLAY_NOW")
    vendor.play(30)
    heard = vendor.heard(job)
    assert [(row["ref"], row["cut_by"]) for row in heard[:3]] == [("script-1", first), (first, second), (second, "")]


async def test_defaults_of_play_type_differ(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    await vendor.command(job, "INSERT_PLAY_AUDIO", {"audio_url": "https://a/x.mp3"})
    assert [row["source"] for row in vendor.heard(job)] == ["script"]
    text = await vendor.command(job, "INSERT_PLAY_SCRIPT", {"text_config": {"text": "Now."}})
    assert vendor.heard(job)[-1]["ref"] == text.json()["command_id"]


async def test_audio_takes_as_long_as_its_file(vendor: Vendor) -> None:
    vendor.face.switches.configure({"audio": {"https://a/silent.mp3": 12.5}})
    job = await vendor.on_air(LONG)
    await vendor.command(job, "INSERT_PLAY_AUDIO", {"audio_url": "https://a/silent.mp3", "play_type": "PLAY_NOW"})
    vendor.play(30)
    audio = next(row for row in vendor.heard(job) if row["source"] == "audio")
    assert audio["ended_at"] - audio["started_at"] == pytest.approx(12.5)


async def test_speed_of_the_voice_counts(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    slow = job.speech("One two three four five.", 50).duration_s
    assert slow == pytest.approx(2 * job.speech("One two three four five.", 100).duration_s)


async def test_nothing_is_said_before_the_preparation_is_over(vendor: Vendor) -> None:
    started = await vendor.start(await vendor.make_room())
    job = vendor.face.model.jobs[started["job_id"]]
    early = await vendor.command(job, "INSERT_PLAY_SCRIPT", {"text_config": {"text": "Too early."}})
    assert (early.status_code, early.json()["error_code"]) == (500, "MSS.20010099")
    assert job.job_id in early.json()["error_msg"]


@pytest.mark.parametrize(
    ("command", "params", "status", "code"),
    [
        ("DANCE", {}, 500, "MSS.20010053"),
        ("INSERT_PLAY_SCRIPT", {}, 400, "MSS.00000003"),
        ("INSERT_PLAY_SCRIPT", None, 400, "MSS.00000003"),
        ("INSERT_PLAY_SCRIPT", {"text_config": {"text": ""}}, 400, "MSS.00000003"),
        ("INSERT_PLAY_SCRIPT", {"text_config": {"text": "x"}, "play_type": "LATER"}, 400, "MSS.00000003"),
        ("INSERT_PLAY_SCRIPT", {"text_config": {"text": "x" * 131073}}, 400, "MSS.00000003"),
        ("INSERT_PLAY_SCRIPT", {"text_config": {"text": "<speak>a<break time='1ms'/></speak>"}}, 500, "MSS.20010015"),
        ("INSERT_PLAY_SCRIPT", {"text_config": {"text": "a 违禁词 b"}}, 500, "MSS.20010055"),
        ("INSERT_PLAY_AUDIO", {}, 400, "MSS.00000003"),
        ("REWRITE_PLAY_SCRIPT", {}, 400, "MSS.00000003"),
    ],
)
async def test_bad_commands_are_refused_and_nothing_is_heard(
    vendor: Vendor, command: str, params: object, status: int, code: str
) -> None:
    job = await vendor.on_air(LONG)
    answer = await vendor.command(job, command, params)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert job.player.queue == []


async def test_current_scripts_and_configuration_come_as_text(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    scripts = (await vendor.command(job, "GET_CURRENT_PLAYING_SCRIPTS")).json()
    assert set(scripts) == {"command_id", "command", "result"}
    assert json.loads(scripts["result"])["scene_scripts"] == [
        {
            "script_name": "Product 1",
            "model_asset_id": "m1",
            "shoot_scripts": [
                {"sequence_no": 1, "title": "Paragraph 1"},
                {"sequence_no": 2, "title": "Paragraph 2"},
            ],
        }
    ]
    config = json.loads((await vendor.command(job, "GET_LIVE_JOB_CONFIG_INFO")).json()["result"])
    assert (config["room_id"], config["room_name"]) == (job.room_id, "Room 1")


async def test_rewriting_the_script_changes_what_was_not_played(vendor: Vendor) -> None:
    job = await vendor.on_air(LONG)
    shots = [
        {"sequence_no": 1, "text_config": {"text": "Changed, but too late."}},
        {"sequence_no": 2, "text_config": {"text": "Rewritten."}},
        {"sequence_no": 3, "text_config": {"text": "Brand new."}},
    ]
    scenes = [{"script_name": "Product 1", "shoot_scripts": shots}]
    answer = await vendor.command(job, "REWRITE_PLAY_SCRIPT", {"scene_scripts": scenes})
    assert answer.status_code == 200
    vendor.play(30)
    assert [row["text"] for row in vendor.heard(job)] == [LONG[0], "Rewritten.", "Brand new."]


async def test_a_full_queue_refuses(vendor: Vendor) -> None:
    job = await vendor.on_air(["Word " * 3000])
    for _ in range(200):
        await vendor.say(job, "More.", "APPEND")
    params = {"text_config": {"text": "Too much."}, "play_type": "APPEND"}
    answer = await vendor.command(job, "INSERT_PLAY_SCRIPT", params)
    assert (answer.status_code, answer.json()["error_code"]) == (429, "MSS.20010011")


async def test_the_list_of_what_plays_keeps_to_its_limits(vendor: Vendor) -> None:
    """002:14049-14063: 100 scripts of 100 paragraphs, names of 256 characters, ids of 64, no empty name."""
    shots = [{"sequence_no": 10**12, "title": "t" * 300, "text_config": {"text": "Hello."}}] * 120
    long = {"script_name": "n" * 300, "model_asset_id": "m" * 70, "shoot_scripts": shots}
    unnamed = {"script_name": "", "shoot_scripts": shots[:1]}
    job = await vendor.on_air(scene_scripts=[long, unnamed])
    scenes = json.loads((await vendor.command(job, "GET_CURRENT_PLAYING_SCRIPTS")).json()["result"])["scene_scripts"]
    first = scenes[0]
    assert [len(first[name]) for name in ("script_name", "model_asset_id", "shoot_scripts")] == [256, 64, 100]
    assert first["shoot_scripts"][0] == {"sequence_no": 2**31 - 1, "title": "t" * 256}
    assert "script_name" not in scenes[1]
    silent = await vendor.on_air(scene_scripts=[])
    assert (await vendor.command(silent, "GET_CURRENT_PLAYING_SCRIPTS")).json()["result"] == "{}"
