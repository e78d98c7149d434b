"""Commands for a running job (002:9588-9749, 10.5): what is said next, and what of the job is changed or asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dashboard.sandbox.faults import Target
from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_job import Job, Request
from dashboard.sandbox.metastudio_jobs import Jobs
from dashboard.sandbox.metastudio_rooms import check_scenes, check_text, details, numbered
from dashboard.sandbox.metastudio_script import paragraphs_of
from dashboard.sandbox.metastudio_wire import (
    INVALID,
    JOB_IS_OVER,
    JOB_NOT_RUNNING,
    QUEUE_FULL,
    SENSITIVE_REPLY,
    Call,
    Refused,
)
from dashboard.sandbox.metastudio_world import LONGEST_QUEUE, VENDOR, MetaStudioWorld, Room

# A20: as printed, and not the same for both (002:14020, 14040).
DEFAULT_PLAY_TYPE = {"INSERT_PLAY_SCRIPT": "PLAY_NOW", "INSERT_PLAY_AUDIO": "APPEND"}

Act = Callable[[Job, dict[str, Any], str, float], Any]


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
        command = call.body["command"]
        command_id = self._model.world.ids.uuid("metastudio.command")
        result = self._acts[command](job, call.body.get("params") or {}, command_id, call.at)
        # A18: the result is a text, also when it holds an object.
        text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
        return json_response({"command_id": command_id, "command": command, "result": text})

    # --- speaking --------------------------------------------------------------------------------------------------

    def _insert_text(self, job: Job, params: dict[str, Any], command_id: str, at: float) -> str:
        text = (params.get("text_config") or {}).get("text")
        if not text:
            raise Refused(INVALID, detail="/params/text_config/text is missing")  # A32
        check_text(text, SENSITIVE_REPLY)
        request = self._request(job, params, command_id, "INSERT_PLAY_SCRIPT", text=text)
        self._model.say(job, request, at)
        return ""

    def _insert_audio(self, job: Job, params: dict[str, Any], command_id: str, at: float) -> str:
        url = params.get("audio_url")
        if not url:
            raise Refused(INVALID, detail="/params/audio_url is missing")
        seconds = self._model.audio.seconds(url)
        request = self._request(job, params, command_id, "INSERT_PLAY_AUDIO", source="audio", audio_s=seconds)
        self._model.say(job, request, at)
        return ""

    def _request(self, job: Job, params: dict[str, Any], command_id: str, command: str, **more: Any) -> Request:
        if len(job.player.queue) >= LONGEST_QUEUE:
            raise Refused(QUEUE_FULL)
        silent = self._model.world.faults.take("swallow_notices", Target(VENDOR, None, job.job_id)) is not None
        return Request(
            ref=command_id,
            play_type=params.get("play_type") or DEFAULT_PLAY_TYPE[command],
            role=params.get("play_role") or "STREAMER",
            rule_index=params.get("rule_index") or "",
            silent=silent,
            **more,
        )

    # --- asking and changing ---------------------------------------------------------------------------------------

    def _current_scripts(self, job: Job, params: dict[str, Any], command_id: str, at: float) -> dict[str, Any]:
        """LivePlayingScriptList (002:14048): the paragraphs of the present round, in its order."""
        scenes: dict[str, dict[str, Any]] = {}
        for paragraph in job.script.order:
            scene = scenes.setdefault(
                paragraph.scene,
                {"script_name": paragraph.scene, "model_asset_id": paragraph.model_asset_id, "shoot_scripts": []},
            )
            scene["shoot_scripts"].append({"sequence_no": paragraph.sequence_no, "title": paragraph.title})
        return {"scene_scripts": list(scenes.values())}

    def _config_info(self, job: Job, params: dict[str, Any], command_id: str, at: float) -> dict[str, Any]:
        """SmartLiveRoomInfo is defined nowhere; read as the body of 6.1.3 (A19), as this job has it."""
        room = self._model.rooms.get(job.room_id)
        created = room.created if room else job.created
        return details(Room(job.room_id, job.room, created, job.updated))

    def _rewrite_script(self, job: Job, params: dict[str, Any], command_id: str, at: float) -> str:
        scenes = params.get("scene_scripts")
        if not isinstance(scenes, list):
            raise Refused(INVALID, detail="/params/scene_scripts is missing")
        check_scenes(scenes)
        job.room = {**job.room, "scene_scripts": scenes}
        self._model.settle(job, job.rewrite_script(paragraphs_of(scenes), at))
        return self._changed(job, at)

    def _rewrite_rules(self, job: Job, params: dict[str, Any], command_id: str, at: float) -> str:
        rules = params.get("interaction_rules")
        if not isinstance(rules, list):
            raise Refused(INVALID, detail="/params/interaction_rules is missing")
        job.room = numbered({**job.room, "interaction_rules": rules})
        job.rules.rules = list(job.room["interaction_rules"])
        return self._changed(job, at)

    def _show_layer(self, job: Job, params: dict[str, Any], command_id: str, at: float) -> str:
        """LiveGuideRuleInfo is defined nowhere (A19); a layer makes no sound."""
        return ""

    def _refresh_output(self, job: Job, params: dict[str, Any], command_id: str, at: float) -> str:
        urls, keys = params.get("output_urls") or [], params.get("stream_keys") or []
        if not all(isinstance(one, str) for one in [*urls, *keys]):
            raise Refused(INVALID, detail="/params/output_urls holds texts")
        job.replace_outputs(list(urls), list(keys), at)
        self._model.settle(job, job.advance(at))
        return self._changed(job, at)

    def _changed(self, job: Job, at: float) -> str:
        job.updated = self._model.wall(at)
        return ""
