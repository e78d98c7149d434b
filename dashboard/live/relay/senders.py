"""Who sends a claimed command of a job, by its kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from dashboard.live.relay import (
    send_control,
    send_drops,
    send_pauses,
    send_scenes,
    send_sound,
    send_steering,
    send_words,
)
from dashboard.live.relay.ready import Ready
from dashboard.vendors.models import CommandKind
from dashboard.vendors.port import Gateway, Guard, Link

Sender = Callable[[Ready, Gateway, Link | None, Guard], Awaitable[None]]
SENDERS: dict[CommandKind, Sender] = {
    CommandKind.SAY: send_words.say,
    CommandKind.CLIP: send_words.clip,
    CommandKind.SOUND: send_sound.sound,
    CommandKind.CANCEL: send_control.cancel,
    CommandKind.GO_LIVE: send_control.go_live,
    CommandKind.STOP: send_control.stop,
    CommandKind.PAUSE: send_pauses.pause,
    CommandKind.RESUME: send_pauses.resume,
    CommandKind.DROP_INSERTED: send_drops.drop,
    CommandKind.CHECK: send_control.check,
    CommandKind.SCENE: send_scenes.scene,
    CommandKind.REWRITE_SCRIPT: send_steering.change,
    CommandKind.REWRITE_RULES: send_steering.change,
    CommandKind.OUTPUT: send_steering.change,
    CommandKind.LAYER: send_steering.change,
    CommandKind.PRELOAD: send_steering.change,
    CommandKind.REORDER: send_control.put_in_order,
    CommandKind.COMPARE: send_control.put_in_order,
    CommandKind.RECORD: send_control.compare,
}
