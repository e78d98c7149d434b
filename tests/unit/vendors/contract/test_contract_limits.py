import pytest

from dashboard.vendors.contract import limits


def test_forms_read_their_limits():
    assert limits.text_limit("softsugar", "takeover_socket", "/tts_query/content") == (10, None)
    assert limits.text_limit(
        "metastudio", "create_smart_live_room", "/scene_scripts/0/shoot_scripts/0/text_config/text"
    ) == (
        1,
        131072,
    )
    assert limits.text_limit(
        "metastudio", "execute_smart_live_command", "/params/audio_url", variant="INSERT_PLAY_AUDIO"
    ) == (1, 2048)
    assert limits.number_limit("metastudio", "create_smart_live_room", "/video_config/bitrate") == (40, 30000)
    assert limits.number_limit("softsugar", "channel_create", "/param/bit_rate") == (0, 7)
    assert limits.choices("metastudio", "create_smart_live_room", "/view_mode") == ("LANDSCAPE", "VERTICAL")
    assert limits.default("metastudio", "create_smart_live_room", "/room_type") == "NORMAL"
    assert limits.help_text("softsugar", "channel_create", "/param/bit_rate").startswith("Bit rate of the stream")
    assert limits.object_field_at("metastudio", "VoiceConfig", "/speed").default == 100


def test_indexes_may_be_left_out():
    with_index = limits.field_at("metastudio", "create_smart_live_room", "/scene_scripts/0/script_name")
    assert with_index is limits.field_at("metastudio", "create_smart_live_room", "/scene_scripts/script_name")


@pytest.mark.parametrize(
    ("pointer", "variant", "message"),
    [
        ("/nothing", "", "no 'nothing' among command, params, review_config"),
        ("/params/text_config", "", "params of metastudio has no table for ''"),
        ("/params/text_config", "SHOW_LAYER", "has no table for 'SHOW_LAYER'"),
        ("/command/x", "", "command of metastudio has no table"),
        ("/0", "", "names no field"),
    ],
)
def test_a_wrong_pointer_says_so(pointer: str, variant: str, message: str):
    with pytest.raises(KeyError, match=message):
        limits.field_at("metastudio", "execute_smart_live_command", pointer, variant)
