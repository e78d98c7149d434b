"""Commands for a running job (002:9588-9749, 10.5): what is said next, and what of the job is changed or asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard.sandbox.faults import Target
from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_job import Job, Request
from dashboard.sandbox.metastudio_jobs import Jobs
from dashboard.sandbox.metastudio_review import LIVE_REPLY, is_exempt, review_rules, review_scenes, review_text
from dashboard.sandbox.metastudio_rooms import details, numbered
from dashboard.sandbox.metastudio_script import paragraphs_of, playing_list
from dashboard.sandbox.metastudio_shelves import Room
from dashboard.sandbox.metastudio_wire import (
    JOB_IS_OVER,
    JOB_NOT_RUNNING,
    QUEUE_FULL,
    Call,
    Refused,
)
from dashboard.sandbox.metastudio_world import LONGEST_QUEUE, VENDOR, MetaStudioWorld

# A20: as printed, and not the same for both (002:14020, 14040).
DEFAULT_PLAY_TYPE = {"INSERT_PLAY_SCRIPT": "PLAY_NOW", "INSERT_PLAY_AUDIO": "APPEND"}


@dataclass(frozen=True, slots=True)
class Order:
    """One command that fits the job's state, with params as the contract has them; `exempt`: not reviewed."""

    command: str
    command_id: str
    params: dict[str, Any]
    at: float
    exempt: bool


Act = Callable[[Job, Order], Any]


class Commands:
    def __init__(self, model: MetaStudioWorld, jobs: Jobs) -> None:
        self._model, self._jobs = model, jobs
        self._acts: dict[str, Act] = {
            "INSERT_PLAY_SCRIPT": self._insert_text,
            "INSERT_PLAY_AUDIO": self._insert_audio,
            "GET_CURRENT_PLAYING_SCRIPTS": self._current_scripts,
            "GET_LIVE_JOB_CONFIG_INFO": self._config_info,
            "REWRITE_PLAY_SCRIPT": self._rewrite_script,
            "REWRITE_INTERACTION_RULES": self._rewrite_rules,
            "SHOW_LAYER": self._show_layer,
            "REFRESH_OUTPUT_URL": self._refresh_output,
        }

    def execute(self, call: Call) -> Response:
        job = self._jobs.find(call)
        if not job.is_open:
            raise Refused(JOB_IS_OVER)
        if not job.is_running:
            raise Refused(JOB_NOT_RUNNING, job.job_id, job.state)
        whitelisted = bool(self._model.config["review_whitelist"])
        order = Order(
            command=call.body["command"],
            command_id=self._model.world.ids.uuid("metastudio.command"),
            params=call.body.get("params") or {},
            at=call.at,
            exempt=is_exempt(call.body, whitelisted) or is_exempt(job.room, whitelisted),
        )
        result = self._acts[order.command](job, order)
        # A18: the result is a text, also when it holds an object.
        text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
        return json_response({"command_id": order.command_id, "command": order.command, "result": text})

    # --- speaking --------------------------------------------------------------------------------------------------

    def _insert_text(self, job: Job, order: Order) -> str:
        text = order.params["text_config"]["text"]
        review_text(text, LIVE_REPLY, order.exempt)
        self._model.say(job, self._request(job, order, text=text), order.at)
        return ""

    def _insert_audio(self, job: Job, order: Order) -> str:
        url = order.params["audio_url"]
        seconds = self._model.audio.seconds(url)
        self._model.say(job, self._request(job, order, source="audio", audio_s=seconds, audio_url=url), order.at)
        return ""

    def _request(self, job: Job, order: Order, **more: Any) -> Request:
        if len(job.player.queue) >= LONGEST_QUEUE:
            raise Refused(QUEUE_FULL)
        silent = self._model.world.faults.take("swallow_notices", Target(VENDOR, None, job.job_id)) is not None
        return Request(
            ref=order.command_id,
            play_type=order.params.get("play_type") or DEFAULT_PLAY_TYPE[order.command],
            role=order.params.get("play_role") or "STREAMER",
            rule_index=order.params.get("rule_index") or "",
            silent=silent,
            **more,
        )

    # --- asking and changing ---------------------------------------------------------------------------------------

    def _current_scripts(self, job: Job, order: Order) -> dict[str, Any]:
        return playing_list(job.script.order)

    def _config_info(self, job: Job, order: Order) -> dict[str, Any]:
        """SmartLiveRoomInfo is defined nowhere; read as the body of 6.1.3 (A19), as this job has it."""
        room = self._model.rooms.get(job.room_id)
        created = room.created if room else job.created
        shown = details(Room(job.room_id, job.room, created, job.updated))
        # Of the start call, and in no room (002:8818).
        shown.pop("interaction_callback_url", None)
        return shown

    def _rewrite_script(self, job: Job, order: Order) -> str:
        scenes = order.params["scene_scripts"]
        review_scenes(scenes, exempt=order.exempt)
        job.room = {**job.room, "scene_scripts": scenes}
        self._model.settle(job, job.rewrite_script(paragraphs_of(scenes), order.at))
        return self._changed(job, order)

    def _rewrite_rules(self, job: Job, order: Order) -> str:
        rules = order.params["interaction_rules"]
        review_rules(rules, whitelisted=bool(self._model.config["review_whitelist"]), exempt=order.exempt)
        job.room = numbered({**job.room, "interaction_rules": rules})
        job.rules.rules = list(job.room["interaction_rules"])
        return self._changed(job, order)

    def _show_layer(self, job: Job, order: Order) -> str:
        """LiveGuideRuleInfo is defined nowhere (A19); a layer makes no sound."""
        return ""

    def _refresh_output(self, job: Job, order: Order) -> str:
        """The old streams end, the new ones connect (002:9627)."""
        job.replace_outputs(list(order.params["output_urls"]), list(order.params.get("stream_keys") or []), order.at)
        self._model.settle(job, job.advance(order.at))
        return self._changed(job, order)

    def _changed(self, job: Job, order: Order) -> str:
        job.updated = self._model.wall(order.at)
        return ""
