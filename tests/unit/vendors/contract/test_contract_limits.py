from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator

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


# ---------------------------------------------------------------------------------------------------- pointers in forms

DASHBOARD = pathlib.Path(__file__).parents[4] / "dashboard"
FUNCTIONS = ("field_at", "object_field_at", "text_limit", "number_limit", "choices", "default", "help_text")


def look_ups(source: str) -> Iterator[tuple[str, list[str]]]:
    """Each call of a function of `limits` with its arguments, which must be written out where it stands."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).removeprefix("limits.")
        if called in FUNCTIONS:
            given = [*node.args, *(word.value for word in node.keywords)]
            yield called, [ast.literal_eval(one) for one in given]


def resolve(source: str) -> int:
    found = list(look_ups(source))
    for name, given in found:
        getattr(limits, name)(*given)
    return len(found)


def test_every_pointer_in_the_code_leads_to_a_field():
    for path in DASHBOARD.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "contract import limits" in source or "contract.limits import" in source:
            assert resolve(source) > 0, f"{path} imports limits and looks nothing up"


def test_a_misspelt_pointer_would_be_found():
    assert resolve('limits.choices("metastudio", "create_smart_live_room", "/view_mode")') == 1
    assert resolve('object_field_at("metastudio", "HitCondition", pointer="priority")') == 1
    with pytest.raises(KeyError, match="no 'view_mod' among"):
        resolve('x = limits.choices("metastudio", "create_smart_live_room", "/view_mod")')
    with pytest.raises(ValueError, match="malformed node"):
        resolve('limits.choices("metastudio", "create_smart_live_room", pointer)')
