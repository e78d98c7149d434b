"""The unclear spots, decided once (the notes' numbers in brackets); what the wire gets is the right-hand name."""

import pytest

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.model import Field

META = contract("metastudio")
SOFT = contract("softsugar")


def row(place: str, name: str) -> Field:
    """A row of an object table, or of "<endpoint>.body", "<endpoint>.query" and "<endpoint>.answer"."""
    owner, _, part = place.partition(".")
    if part == "answer":
        rows = META.endpoint(owner).responses[META.endpoint(owner).success]
    else:
        rows = getattr(META.endpoint(owner), part) if part else META.object(owner).fields
    return next(one for one in rows if one.name == name)


@pytest.mark.parametrize(
    ("place", "name", "printed"),
    [
        ("VideoConfig", "is_subtitle_enable", {"is_subtitle_enabled", "is_subtitle_able"}),
        ("VideoProductionConfig", "is_subtitle_enable", {"is_subtitle_enabled", "is_subtitle_able"}),
        ("create_smart_live_room.body", "backup_model_asset_ids", {"backup_mode_l_asset_ids"}),
        ("SmartLiveRoomBaseInfo", "last_job_status", {"last_job_statuses"}),
        ("create_digital_asset.body", "asset_extra_meta", {"asset_extra_metadata"}),
        ("update_training_job.body", "video_multipart_count", {"video_multiple_part_count"}),
        ("AnimationAssetMeta", "animation_insert_restriction", {"animation_important_restriction"}),
        ("create_training_job.answer", "id_card_image1_upload_url", {"id_card_image_1_upload_url"}),
        ("create_training_job.answer", "id_card_image2_upload_url", {"id_card_image_2_upload_url"}),
        ("show_training_job.answer", "id_card_image1_download_url", {"id_card_image_1_download_url"}),
        ("confirm_training_segment.answer", "unmatched_index_hit", {"unmatched_in_dex_hit"}),
    ],
)
def test_misprinted_keys_are_aliases(place: str, name: str, printed: set[str]):
    assert set(row(place, name).aliases) == printed


@pytest.mark.parametrize(
    ("place", "name", "values", "also"),
    [
        ("SmartLiveJob", "state", "WAITING PROCESSING SUCCEED FAILED CANCELED BLOCKED", "SUCCESS"),
        ("HitCondition", "relation", "AND OR RESERVED", "And Or"),
        ("LiveEventCallBackConfig", "auth_type", "NONE MSS_A MSS_A_HEAD MEITUAN_DEFAULT", "None"),
        ("BackgroundConfigInfo", "background_type", "IMAGE IMAGE_2D VIDEO AUDIO COLOR", ""),
        ("VideoConfig", "clip_mode", "RESIZE CROP", "crop"),
        ("PlayPolicy", "random_play_mode", "NONE SCENE SCRIPT_ITEM SCENE_AND_SCRIPT_ITEM", ""),
    ],
)
def test_values_and_their_other_spellings(place: str, name: str, values: str, also: str):
    assert row(place, name).enum == tuple(values.split())
    assert row(place, name).enum_aliases == tuple(also.split())


def test_a_word_that_a_page_cut_is_whole():
    for table in ("DigitalAssetInfo", "DigitalAssetSummary"):
        assert "BUSINESS_CARD_TEMPLATE" in row(table, "asset_type").enum
        assert row(table, "asset_type").enum_aliases == ("BUSINESS_CARD_TEMPLAT",)


@pytest.mark.parametrize(
    ("place", "name", "default"),
    [
        ("create_smart_live_room.body", "room_type", "NORMAL"),
        ("create_smart_live_room.body", "view_mode", "VERTICAL"),
        ("create_video_script.body", "view_mode", "LANDSCAPE"),
        ("PlayPolicy", "auto_play_script", True),
        ("PlayPolicy", "repeat_count", 0),
        ("PlayPolicy", "play_mode", "TEXT"),
        ("PlayTextInfo", "play_type", "PLAY_NOW"),
        ("PlayAudioInfo", "play_type", "APPEND"),
        ("VoiceConfig", "speed", 100),
        ("VoiceConfig", "volume", 140),
        ("BackgroundMusicConfig", "volume", 100),
        ("HitCondition", "priority", 500),
        ("VideoConfig", "is_subtitle_enable", False),
    ],
)
def test_defaults(place: str, name: str, default: object):
    assert row(place, name).default == default


@pytest.mark.parametrize(
    ("place", "name", "limits"),
    [
        ("VideoConfig", "bitrate", (40, 30000)),
        ("VideoProductionConfig", "bitrate", (1000, 8000)),
        ("VoiceConfig", "speed", (50, 200)),
        ("VoiceConfig", "volume", (90, 240)),
        ("HitCondition", "priority", (0, 999)),
        ("SubtitleConfig", "font_size", (4, 120)),
        ("create_file.body", "file_size", (1, 5368709120)),
    ],
)
def test_ranges(place: str, name: str, limits: tuple[float, float]):
    assert (row(place, name).minimum, row(place, name).maximum) == limits


def test_text_limits():
    text = row("TextConfig", "text")
    assert (text.mandatory, text.min_length, text.max_length) == (True, 1, 131072)
    tags = row("create_product.body", "tags")
    assert (tags.max_length, tags.max_bytes) == (50, 16)


def test_live_rooms_and_video_production_use_their_own_video_config():
    assert row("start_smart_live_job.body", "video_config").ref == "VideoConfig"
    assert row("create_2d_digital_human_video.body", "video_config").ref == "VideoProductionConfig"


def test_softsugar_limits():
    script = {one.name: one for one in SOFT.object("LiveScript").fields}
    assert (script["bit_rate"].minimum, script["bit_rate"].minimum_excluded, script["bit_rate"].maximum) == (0, True, 7)
    assert (script["resolution"].minimum, script["resolution"].min_length, script["resolution"].max_length) == (
        10,
        2,
        2,
    )
    assert SOFT.object("TakeoverFrameTtsQuery").field("content").min_length == 10
    assert {one.name for one in SOFT.object("LiveScriptScene").fields} == {
        "digital_role",
        "digital_role_sublist",
        "effects",
    }


def test_softsugar_status_filter_accepts_the_union():
    assert SOFT.endpoint("history_list").body_field("status").enum == (5, 9, 50, 97, 98, 99)
